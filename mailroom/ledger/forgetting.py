"""Content goes, counts stay: after the time of [retention], and when a person asks for it (S8 of lifecycle.py).

What goes: addresses, the sender's key, the cover notes and acknowledgements as sent, the recorded decision. What
stays: reference, states and times, unit, tags, language, silence, the hash by which the same bytes are known again, and
our Message-IDs, by which a late answer still finds its unit. With secure_delete on, SQLite
overwrites what it frees; checkpoint() does away with the copy in the write-ahead log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailroom.ledger.rows import OPEN, history
from mailroom.ledger.store import Store
from mailroom.ledger.values import Kept

_WAITS = f"EXISTS (SELECT 1 FROM submission s WHERE s.message = m.id AND s.state IN {OPEN})"
_KEPT = f"SELECT id, reference, sha256, state, {_WAITS} FROM message m WHERE forgotten_at IS NULL"


class Forgetting(Store):
    def forgettable(self, before: datetime, limit: int) -> list[Kept]:
        """Messages filed before then, with nothing left to send, oldest first."""
        rows = self._rows(
            f"{_KEPT} AND state = 'filed' AND filed_at < ? AND NOT {_WAITS} ORDER BY id LIMIT ?",
            before.timestamp(),
            limit,
        )
        return [Kept(row[0], row[1], row[2], row[3], under_way=False) for row in rows]

    def of_person(self, sender_key: str, addresses: Sequence[str]) -> list[Kept]:
        """The messages that this person sent, or that were acknowledged to one of these addresses (lower case)."""
        marks = ", ".join("?" * len(addresses))
        rows = self._rows(
            f"{_KEPT} AND (sender_key = ? OR EXISTS (SELECT 1 FROM submission s WHERE s.message = m.id"
            f" AND s.kind = 'acknowledgement' AND lower(s.recipient) IN ({marks}))) ORDER BY id",
            sender_key,
            *addresses,
        )
        return [Kept(row[0], row[1], row[2], row[3], under_way=row[3] != "filed" or bool(row[4])) for row in rows]

    def forget(self, messages: Sequence[Kept], cause: str, now: datetime) -> None:
        """One step for all of them. Call spool.drop after it: a kill between the two leaves orphans for the sweep."""
        at = now.timestamp()
        numbers = [(one.id,) for one in messages]
        with self._transaction("forget") as c:
            c.executemany(
                "UPDATE submission SET sender = '', recipient = '', head = x'', tail = x'', token = NULL,"
                " sender_key = NULL, domain_key = NULL WHERE message = ?",
                numbers,
            )
            c.executemany(
                "UPDATE message SET forgotten_at = ?, record = NULL, sender_key = NULL WHERE id = ?",
                [(at, one.id) for one in messages],
            )
            history(c, [(at, one.id, None, one.state, "forgotten", cause, None) for one in messages])

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it; False where a reader was in the way."""
        ((busy, _, _),) = self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy
