"""What the doctor says of one thing: well, worth knowing, or wrong, with the mend. No word of any message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, and somebody should know
    PROBLEM = "problem"  # mail suffers


@dataclass(frozen=True, slots=True)
class Finding:
    area: str  # "imap" "smtp" "dns" "machine"
    level: Level
    what: str
    mend: str = ""


def ok(area: str, what: str) -> Finding:
    return Finding(area, Level.OK, what)


def note(area: str, what: str, mend: str = "") -> Finding:
    return Finding(area, Level.NOTE, what, mend)


def problem(area: str, what: str, mend: str) -> Finding:
    return Finding(area, Level.PROBLEM, what, mend)
