"""rules.yaml and templates/ as one immutable Policy: the one in force, and the last good one on disk.

Reading and checking the text of rules is rules/; this room knows files. Promises: a broken file never replaces a
good Policy; each accepted one is kept under state/policy/<hash>/, so that a restart over a broken file goes on with
what was in force before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from mailroom import compose, rules
from mailroom.model import Problem, Rejected
from mailroom.pipeline import Policy, link

KEPT = 20  # accepted policies that stay on disk


def load(rules_file: Path, templates: Path, allowed_domains: Sequence[str] | None) -> Policy:
    """Read and check both together, since a rule may name only templates that exist. Raises Rejected."""
    sources = _sources(templates)
    compiled = compose.load_templates(sources, str(templates))
    ruleset = rules.load(_text(rules_file), str(rules_file), allowed_domains=allowed_domains, templates=compiled.kinds)
    return link(ruleset, compiled)


def keep(policy: Policy, state: Path) -> None:
    """Make an accepted Policy durable: files, fsync, rename, directory fsync; then the pointer to it."""
    home = state / "policy"
    home.mkdir(mode=0o700, exist_ok=True)
    target = home / policy.hash
    if not target.exists():
        temporary = home / f"{policy.hash}.{os.getpid()}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        _write(temporary / "rules.yaml", policy.rules.text)
        for name, text in policy.templates.sources.items():
            _write(temporary / "templates" / name, text)
        _sync(temporary)
        temporary.rename(target)
    os.utime(target)
    _write(home / "current.tmp", policy.hash)
    (home / "current.tmp").rename(home / "current")
    _sync(home)
    kept = sorted((one for one in home.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def last_good(state: Path, allowed_domains: Sequence[str] | None) -> Policy | None:
    """The Policy that was in force last, or None."""
    pointer = state / "policy" / "current"
    try:
        home = state / "policy" / pointer.read_text(encoding="ascii").strip()
        return load(home / "rules.yaml", home / "templates", allowed_domains)
    except (OSError, ValueError, Rejected):
        return None


def stamp(rules_file: Path, templates: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file does: name, time and size of each. Works on network drives, where no watcher does."""
    found = []
    for file in (rules_file, *sorted(templates.rglob("*"))):
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)


def _sources(templates: Path) -> Mapping[str, str]:
    files = [file for file in sorted(templates.rglob("*")) if file.is_file() and not _hidden(file, templates)]
    if not files:
        mend = "mailroom init DIR writes a first set of templates"
        raise Rejected((Problem(str(templates), 0, 0, "there are no templates in this folder", mend),))
    return {file.relative_to(templates).as_posix(): _text(file) for file in files}


def _hidden(file: Path, home: Path) -> bool:
    """Editors' left-overs are no templates."""
    return any(part.startswith(".") for part in file.relative_to(home).parts) or file.name.endswith(("~", ".swp"))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = "this file is not in UTF-8"
        raise Rejected((Problem(str(file), line, 1, what, 'Save it with the encoding "UTF-8"'),)) from None
    except OSError as error:
        mend = "Check the path in config.toml, and that mailroom may read it"
        raise Rejected((Problem(str(file), 0, 0, f"cannot read it: {error.strerror}", mend),)) from None


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
