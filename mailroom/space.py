"""Room on the disk: what is left before mail is fetched, and which errors mean that there is none.

A floor is kept free, so that what is here already can be recorded, sent and filed while nothing new comes in
(standards 4.3). Whoever finds the disk full or read-only raises Unwritable, which passes; other trouble of a disk,
above all a failed fsync, does not.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mailroom.model import LedgerBroken, Unwritable

_PASSES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_SQLITE_PASSES = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}
)
_FSYNC = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})


@dataclass(frozen=True, slots=True)
class Space:
    directory: Path
    floor: int  # octets

    def check(self, octets: int = 0) -> None:
        """Raises Unwritable where fewer than the floor and twice `octets` are free."""
        found = os.statvfs(self.directory)
        free = found.f_bavail * found.f_frsize
        if free < self.floor + 2 * octets:
            raise Unwritable(f"only {free // 10**6} MB are free where the state lies")


def of_disk(error: OSError, doing: str) -> LedgerBroken:
    """What an error of a file means."""
    kind = Unwritable if error.errno in _PASSES else LedgerBroken
    return kind(f"{doing}: {error.strerror}")


def of_sqlite(error: sqlite3.Error, doing: str) -> LedgerBroken:
    """What an error of SQLite means. A fsync that failed is never tried again and believed: that ends the daemon."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    kind = Unwritable if code & 0xFF in _SQLITE_PASSES and code not in _FSYNC else LedgerBroken
    return kind(f"{doing}: {error}")
