"""Stage 4's verbs: which messages may leave the inbox, and which have."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from mailroom.ledger.rows import (
    OPEN,
    history,
)
from mailroom.ledger.store import Store
from mailroom.ledger.values import (
    Filing,
)


class Shelves(Store):
    def due_for_filing(self, limit: int, without: Collection[str] = (), *, inbox: str | None = None) -> list[Filing]:
        """Arrivals whose message needs nothing more from its inbox; none for the folders of `without`.

        `inbox`: only what was found in this one; None: in any.
        All forwards are accepted (a refused one counts through what replaced it), and the acknowledgement had its
        first attempt: one that is deferred for a day must not hold the inbox.
        """
        rows = self._rows(
            "SELECT a.id, m.id, m.reference, a.folder, a.uidvalidity, a.uid, m.folder, m.tags, a.state"
            " FROM arrival a JOIN message m ON m.id = a.message WHERE a.state <> 'filed' AND m.state <> 'recorded'"
            " AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.message = m.id AND ("
            f" (s.kind IN ('forward', 'notice') AND s.state IN {OPEN})"
            " OR (s.kind = 'acknowledgement' AND (s.state = 'sending' OR (s.state = 'queued' AND s.attempts = 0)))))"
            f" AND m.folder NOT IN ({', '.join('?' * len(without))}) AND a.inbox = coalesce(?, a.inbox)"
            " ORDER BY a.id LIMIT ?",
            *without,
            inbox,
            limit,
        )
        return [
            Filing(
                arrival=row[0],
                message=row[1],
                reference=row[2],
                folder=row[3],
                uidvalidity=row[4],
                uid=row[5],
                target=row[6],
                keywords=tuple(row[7].split()),
                copied=row[8] == "copied",
            )
            for row in rows
        ]

    def copied(self, filings: Iterable[Filing]) -> None:
        """Where MOVE is missing: the copy stands in the folder, the inbox still holds the message (I-13)."""
        with self._transaction("copied") as c:
            c.executemany("UPDATE arrival SET state = 'copied' WHERE id = ?", [(one.arrival,) for one in filings])

    def filed(self, filings: Sequence[Filing], now: datetime) -> None:
        """T8: these arrivals are out of their folder, and the message in its own."""
        at = now.timestamp()
        with self._transaction("filed") as c:
            for one in filings:
                c.execute("UPDATE arrival SET state = 'filed' WHERE id = ?", (one.arrival,))
                changed = c.execute(
                    "UPDATE message SET state = 'filed', filed_at = ? WHERE id = ? AND state = 'decided' AND NOT EXISTS"
                    " (SELECT 1 FROM arrival WHERE message = ? AND state <> 'filed')",
                    (at, one.message, one.message),
                )
                if changed.rowcount:
                    history(c, [(at, one.message, None, "decided", "filed", one.target, None)])

    def lost_pointers(self, inbox: str, folder: str, uidvalidity: int, now: datetime) -> int:
        """UIDVALIDITY of a folder changed: arrivals of another value point nowhere (RFC 9051 section 2.3.1.1).

        They are closed; the messages are found anew under their new UIDs and known by their hash (I-01). Returns how
        many were closed. A message not yet decided stays as it is: its bytes are in the spool.
        """
        sql = "SELECT id, message FROM arrival WHERE inbox = ? AND folder = ? AND uidvalidity <> ? AND state <> 'filed'"
        if not self._rows(sql, inbox, folder, uidvalidity):
            return 0
        with self._transaction("lost_pointers") as c:
            stale = c.execute(sql, (inbox, folder, uidvalidity)).fetchall()
            c.executemany("UPDATE arrival SET state = 'filed' WHERE id = ?", [(row[0],) for row in stale])
            at = now.timestamp()
            history(c, [(at, row[1], None, None, "pointer lost", "UIDVALIDITY changed", None) for row in stale])
        return len(stale)

    def without_folder(self, inbox: str, folder: str, now: datetime) -> int:
        """A folder is gone: pointers into it are forgotten, and found anew should it come back; how many."""
        with self._transaction("without_folder") as c:
            stale = c.execute(
                "DELETE FROM arrival WHERE inbox = ? AND folder = ? AND state <> 'filed' RETURNING message",
                (inbox, folder),
            ).fetchall()
            at = now.timestamp()
            history(c, [(at, row[0], None, None, "pointer lost", "its folder is gone", None) for row in stale])
        return len(stale)

    def left_behind(self, inboxes: Collection[str], now: datetime) -> int:
        """Pointers into inboxes that are not among these any more, renamed or given up: they are forgotten; how many.

        Forgotten and not closed: what still lies there is found anew under the new name, or when the old one comes
        back, and known by its hash.
        """
        marks = ", ".join("?" * len(inboxes))
        sql = f"SELECT id, message FROM arrival WHERE state <> 'filed' AND inbox NOT IN ({marks})"
        if not self._rows(sql, *inboxes):
            return 0
        with self._transaction("left_behind") as c:
            stale = c.execute(sql, tuple(inboxes)).fetchall()
            c.executemany("DELETE FROM arrival WHERE id = ?", [(row[0],) for row in stale])
            at = now.timestamp()
            history(c, [(at, row[1], None, None, "pointer lost", "its inbox is read no more", None) for row in stale])
        return len(stale)

    def of_accounts(self, accounts: Mapping[str, tuple[object, ...]], now: datetime) -> int:
        """Pointers of inboxes that lead to another account than before are forgotten, the filed ones too; how many.

        UIDVALIDITY tells folders of one account apart and no accounts: with many servers it is the same in all, or the
        second in which the account was made. So a UID that was known in one would hide a message in the other.
        """
        marks = {name: hashlib.sha256(repr(account).encode()).hexdigest() for name, account in accounts.items()}
        known = {
            name: rows[0][0]
            for name in accounts
            if (rows := self._rows("SELECT value FROM meta WHERE key = ?", f"account/{name}"))
        }
        if known == marks:
            return 0
        at, lost = now.timestamp(), 0
        with self._transaction("of_accounts") as c:
            for name in [name for name in known if known[name] != marks[name]]:
                stale = c.execute(
                    "SELECT message FROM arrival WHERE inbox = ? AND state <> 'filed'", (name,)
                ).fetchall()
                history(c, [(at, row[0], None, None, "pointer lost", "its inbox is another", None) for row in stale])
                lost += c.execute("DELETE FROM arrival WHERE inbox = ?", (name,)).rowcount
            c.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(f"account/{name}", mark) for name, mark in marks.items()]
            )
        return lost
