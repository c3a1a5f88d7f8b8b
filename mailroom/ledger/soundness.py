"""Is the ledger whole? Asked once at the start of the daemon, before anything is taken from it or written to it.

A ledger that is damaged is not worked with: a person puts back a copy (`mailroom restore`), which answers nobody until
told. And the write-ahead log is kept small, since a start after a crash reads all of it (standards 4.3).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mailroom.ledger.store import Store
from mailroom.model import LedgerBroken

WHOLLY = 64_000_000  # octets up to which indexes are compared with their tables as well; takes about a second
LOG_MOST = 16_000_000  # octets of the write-ahead log


class Soundness(Store):
    def examine(self) -> None:
        """Raises LedgerBroken, in words for a person, where the file is damaged."""
        file = Path(self._file)
        check = "integrity_check" if file.stat().st_size <= WHOLLY else "quick_check"
        try:
            with self._lock:
                found = [str(row[0]) for row in self._c.execute(f"PRAGMA {check}(3)")]
                orphans = self._c.execute("PRAGMA foreign_key_check").fetchmany(3)
        except sqlite3.DatabaseError as error:
            found, orphans = [str(error)], []
        problems = [one for one in found if one != "ok"] + [f"a row of {row[0]} belongs to nothing" for row in orphans]
        if problems:
            raise LedgerBroken(
                f"the ledger {file} is damaged ({'; '.join(problems)}). Nothing was changed, and mail is safe in the "
                "inbox. Keep a copy of the state folder, then put back the last backup: mailroom restore FILE"
            )

    def trim(self) -> None:
        """Empty the write-ahead log where it has grown large."""
        log = Path(f"{self._file}-wal")
        if log.exists() and log.stat().st_size > LOG_MOST:
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
