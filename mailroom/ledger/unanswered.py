"""Who gets no answer any more, whatever they write: a list of keyed hashes, which nobody can read names from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from mailroom.ledger.rows import moment
from mailroom.ledger.store import Store


class Unanswered(Store):
    def never_answer(self, sender_key: str, cause: str, now: datetime) -> None:
        """From now on no acknowledgement goes to this person."""
        with self._transaction("never_answer") as c:
            c.execute("INSERT OR IGNORE INTO unanswered VALUES (?, ?, ?)", (sender_key, now.timestamp(), cause))

    def answer_again(self, sender_key: str) -> bool:
        """Take a person off the list; False where they were not on it."""
        with self._transaction("answer_again") as c:
            return c.execute("DELETE FROM unanswered WHERE sender_key = ?", (sender_key,)).rowcount > 0

    def unanswered(self) -> list[tuple[str, datetime, str]]:
        """(key, since when, why), oldest first."""
        return [(row[0], moment(row[1]), row[2]) for row in self._rows("SELECT * FROM unanswered ORDER BY at")]

    def never_answer_recipients(self, message_ids: Collection[str], cause: str, now: datetime) -> int:
        """Put those on the list who got these acknowledgements of ours; how many are new on it."""
        values = list(dict.fromkeys(message_ids))[:500]
        if not values:
            return 0
        with self._transaction("never_answer_recipients") as c:
            return c.execute(
                "INSERT OR IGNORE INTO unanswered SELECT DISTINCT sender_key, ?, ? FROM submission"
                f" WHERE kind = 'acknowledgement' AND sender_key IS NOT NULL AND message_id IN"
                f" ({', '.join('?' * len(values))})",
                (now.timestamp(), cause, *values),
            ).rowcount
