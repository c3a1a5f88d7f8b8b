"""The machine: space for the state, and who can read what only mailroom should (T-21, T-25)."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator

from mailroom.config import Config, private
from mailroom.doctor.finding import Finding, note, ok, problem

LITTLE = 2 * 10**9  # octets: some days of mail with attachments
TOO_LITTLE = 200 * 10**6
AREA = "machine"


def examine(config: Config) -> Iterator[Finding]:
    yield from _disk(config)
    yield from _state(config)
    yield from _files(config)


def _disk(config: Config) -> Iterator[Finding]:
    place = next(one for one in (config.state, *config.state.parents) if one.exists())
    free = shutil.disk_usage(place).free
    words = f"{free / 10**9:.1f} GB are free for {config.state}"
    if free < TOO_LITTLE:
        yield problem(AREA, words, "make room: intake stops where the disk is full, and mail stays in the inbox")
    elif free < LITTLE:
        yield note(AREA, words, "make room before a large message comes")
    else:
        yield ok(AREA, words)


def _state(config: Config) -> Iterator[Finding]:
    state = config.state
    if not state.exists():
        yield note(AREA, f"{state} does not exist yet", "the daemon makes it when it first starts")
    elif stat.S_IMODE(state.stat().st_mode) & 0o077:
        yield problem(AREA, f"others can look into {state}, where people's letters lie", f"chmod 700 {state}")
    elif not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        yield problem(AREA, f"{state} cannot be written by this user", "run the check as mailroom's own user")
    else:
        yield ok(AREA, f"{state} is mailroom's alone")


def _files(config: Config) -> Iterator[Finding]:
    secrets = [(path[0], one.password_file) for path, one in config.servers]
    if config.oauth2 is not None:
        section = config.oauth2
        files = (section.client_secret_file, section.certificate_file, section.service_account_file)
        secrets += [("oauth2", one) for one in files]
    for section_name, name in secrets:
        if name is None:
            continue
        file = config.path(name)
        if not file.exists():
            yield problem(AREA, f"[{section_name}] names {file}, which does not exist", "write the secret into it")
        elif not private(file):
            yield problem(AREA, f"others can read {file}, which holds a secret", f"chmod 600 {file}")
        else:
            yield ok(AREA, f"{file} is mailroom's alone")
    for file in (config.file, config.rules):
        if stat.S_IMODE(file.stat().st_mode) & 0o002:
            yield problem(AREA, f"anybody on this machine can change {file}", f"chmod o-w {file}")
