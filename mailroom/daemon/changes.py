"""A changed config.toml while the daemon runs: which settings it takes over, and which wait for a restart.

Taken over is what a decision, a limit or an alert reads anew each time. Servers, places and numbers of processes are
built once. Password files are read at each log-in, so a new password in them needs neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mailroom.config import Config

SECTIONS = frozenset({"acknowledgements", "alerts", "canary", "forwarding", "hours", "retention"})
GENERAL = frozenset({"aliases", "authserv_id", "timezone"})  # of [mailroom]


@dataclass(frozen=True, slots=True)
class Change:
    config: Config  # what runs from now on
    taken: tuple[str, ...]  # names of settings that changed, "alerts.to"
    waiting: tuple[str, ...]  # likewise, until a restart


def compare(running: Config, written: Config) -> Change:
    """What of the file becomes true now."""
    taken, waiting, update = [], [], {}
    for section in type(running).model_fields:
        was, becomes = getattr(running, section), getattr(written, section)
        if section == "file" or was == becomes:
            continue
        names = _different(section, was, becomes)
        if section in SECTIONS:
            update[section] = becomes
            taken += names
        elif section == "mailroom":
            now = {name for name in GENERAL if f"mailroom.{name}" in names}
            update[section] = was.model_copy(update={name: getattr(becomes, name) for name in now})
            taken += [name for name in names if name.partition(".")[2] in now]
            waiting += [name for name in names if name.partition(".")[2] not in now]
        else:
            waiting += names
    return Change(running.model_copy(update=update), tuple(taken), tuple(waiting))


def _different(section: str, was: Any, becomes: Any) -> list[str]:
    if was is None or becomes is None:
        return [section]
    if isinstance(was, list):  # [[imap]]
        if [one.name for one in was] != [one.name for one in becomes]:
            return [section]
        pairs = zip(was, becomes, strict=True)
        return [name for a, b in pairs for name in _different(".".join(filter(None, (section, a.name))), a, b)]
    names = type(was).model_fields
    return [f"{section}.{name}" for name in names if getattr(was, name) != getattr(becomes, name)]
