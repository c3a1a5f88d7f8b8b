"""Stage 1's verbs: what lies in the inbox becomes a row with a reference."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

from mailroom.identity import make_reference
from mailroom.ledger.rows import (
    history,
)
from mailroom.ledger.store import Store
from mailroom.model import (
    Arrival,
    Channel,
    Original,
)


class Recording(Store):
    def known(self, inbox: str, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Which of these UIDs of a folder were recorded before: they need no second download."""
        if not uids:
            return set()
        rows = self._rows(
            "SELECT uid FROM arrival WHERE inbox = ? AND folder = ? AND uidvalidity = ? AND uid BETWEEN ? AND ?",
            inbox,
            folder,
            uidvalidity,
            min(uids),
            max(uids),
        )
        return {row[0] for row in rows} & set(uids)

    def record(self, found: Sequence[tuple[Arrival, Original]], now: datetime) -> list[str]:
        """T1: each message exists and has its reference; bytes known before are linked, not repeated.

        Returns the references, in order. Call it only for bytes that the spool holds durably.
        """
        at = now.timestamp()
        references = []
        with self._transaction("record") as c:
            numbers = _Numbers(c, now.year)
            for arrival, original in found:
                row = c.execute("SELECT id, reference FROM message WHERE sha256 = ?", (original.sha256,)).fetchone()
                if row is None:
                    reference = make_reference(now.year, numbers.next())
                    received = arrival.internal_date.timestamp() if arrival.internal_date else None
                    cursor = c.execute(
                        "INSERT INTO message (reference, sha256, size, state, due_at, channel, received_at,"
                        " recorded_at, correction, inbox) VALUES (?, ?, ?, 'recorded', ?, ?, ?, ?, ?, ?)",
                        (
                            reference,
                            original.sha256,
                            original.size,
                            at,
                            arrival.channel,
                            received,
                            at,
                            arrival.unit,
                            arrival.inbox,
                        ),
                    )
                    message = cursor.lastrowid
                    history(c, [(at, message, None, None, "recorded", "arrived", None)])
                else:
                    message, reference = row
                    self._again(c, message, arrival, at)
                c.execute(
                    "INSERT INTO arrival (message, channel, inbox, folder, uidvalidity, uid, state, seen_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING",
                    (message, arrival.channel, arrival.inbox, arrival.folder, arrival.uidvalidity, arrival.uid, at),
                )
                references.append(reference)
            numbers.keep()
        return references

    @staticmethod
    def _again(c: sqlite3.Connection, message: int, arrival: Arrival, at: float) -> None:
        """Bytes that were here before: only staff's Reroute makes anything happen anew, unless it is under way."""
        unit, state, correction = c.execute(
            "SELECT unit, state, correction FROM message WHERE id = ?", (message,)
        ).fetchone()
        if arrival.channel is Channel.REROUTE and (state == "filed" or correction != arrival.unit):
            c.execute(
                "UPDATE message SET state = 'recorded', claimed = 0, tries = 0, due_at = ?, correction = ?,"
                " channel = ?, generation = generation + 1, forgotten_at = NULL WHERE id = ?",
                (at, arrival.unit, arrival.channel, message),
            )
            history(c, [(at, message, None, unit, "recorded", f"rerouted to {arrival.unit}", None)])
        else:
            history(c, [(at, message, None, None, "seen", "the same bytes arrived again", None)])


class _Numbers:
    """The running number of references, one series a year."""

    def __init__(self, c: sqlite3.Connection, year: int) -> None:
        self._c, self._name = c, f"number:{year}"
        row = c.execute("SELECT value FROM meta WHERE key = ?", (self._name,)).fetchone()
        self._last = int(row[0]) if row else 0

    def next(self) -> int:
        self._last += 1
        return self._last

    def keep(self) -> None:
        self._c.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (self._name, str(self._last)))
