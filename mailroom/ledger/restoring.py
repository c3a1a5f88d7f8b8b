"""Backup and restore: a copy knows that it is one, and what it does not know.

After the copy was made others may have been answered, and numbers given to other messages. So a ledger that bears the
mark of a copy answers nobody until a person says that all is well again (promise 3), holds what it was about to
answer for answered, and gives numbers from far above its last. Forwards repeat, with a word about it (promise 2).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from mailroom.ledger.rows import history
from mailroom.ledger.store import Store
from mailroom.model import LedgerBroken

AHEAD = 100_000  # references that the lost ledger may have given; the restored one skips them


class Restoring(Store):
    def backup(self, file: Path, now: datetime) -> None:
        """A consistent copy while others write (SQLite's backup API), marked as one. Raises LedgerBroken."""
        with self._lock:
            target = sqlite3.connect(file)
            try:
                file.chmod(0o600)
                self._c.backup(target)
                target.execute("INSERT OR REPLACE INTO meta VALUES ('restored', ?)", (now.isoformat(),))
                target.commit()
            except sqlite3.Error as error:
                raise LedgerBroken(f"backup: {error}") from error
            finally:
                target.close()

    def mark_restored(self, of: datetime) -> None:
        """Say of this ledger that it is a copy, made then."""
        self.note(restored=of.isoformat())

    @property
    def restored(self) -> datetime | None:
        """When the copy was made that this ledger is, or None where it is no copy, or was released."""
        rows = self._rows("SELECT value FROM meta WHERE key = 'restored'")
        return datetime.fromisoformat(rows[0][0]) if rows else None

    @property
    def taken_up(self) -> datetime | None:
        """When this copy began to be worked with, while it counts as one."""
        rows = self._rows("SELECT value FROM meta WHERE key = 'taken_up_at'") if self.restored else []
        return datetime.fromisoformat(rows[0][0]) if rows else None

    def take_up(self, now: datetime) -> bool:
        """At the start, once for each copy: what it cannot know is taken for done. True where it was such a start."""
        at = now.timestamp()
        with self._transaction("take_up") as c:
            meta = dict(c.execute("SELECT key, value FROM meta WHERE key IN ('restored', 'taken_up')"))
            if "restored" not in meta or meta.get("taken_up") == meta["restored"]:
                return False
            rows = c.execute(
                "UPDATE submission SET state = 'unknown', changed_at = ?, reason = 'restored' WHERE kind ="
                " 'acknowledgement' AND state IN ('queued', 'sending', 'deferred') RETURNING message, id",
                (at,),
            ).fetchall()
            history(c, [(at, row[0], row[1], None, "unknown", "the ledger was restored", None) for row in rows])
            c.execute(
                "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + ? AS TEXT) WHERE key LIKE 'number:%'", (AHEAD,)
            )
            c.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (f"number:{now.year}", str(AHEAD)))
            c.execute("INSERT OR REPLACE INTO meta VALUES ('taken_up', ?)", (meta["restored"],))
            c.execute("INSERT OR REPLACE INTO meta VALUES ('taken_up_at', ?)", (now.isoformat(),))
        return True

    def release(self) -> bool:
        """A person says that answers may go out again; False where they did all the time."""
        with self._transaction("release") as c:
            return c.execute("DELETE FROM meta WHERE key = 'restored'").rowcount > 0
