"""Stage 3's verbs: an attempt is recorded before the network, and what came of it after."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mailroom.ledger.holding import hold, release, wait
from mailroom.ledger.rows import (
    CLAIMED,
    INSERT,
    WAITING,
    claimed_of,
    history,
    one_row,
    row_of,
)
from mailroom.ledger.store import Store
from mailroom.ledger.values import (
    ClaimedSubmission,
    Settlement,
)
from mailroom.lifecycle import Answered, IllegalMove, Limits, SubmissionState, allow, check_move
from mailroom.model import (
    Submission,
)


class Outbox(Store):
    def claim_submissions(
        self,
        now: datetime,
        limits: Limits,
        *,
        forwards: int,
        acknowledgements: int,
        settled: Sequence[Settlement] = (),
    ) -> list[ClaimedSubmission]:
        """T4 and T6: take what is due, urgent first; each is `sending` and its attempt counted before the network.

        `settled`: what came of earlier attempts, recorded first in the same step: one commit where there were two.
        An acknowledgement is taken only after a forward of its message was accepted (D-12), and only if the limits
        allow it as counted here, in this transaction; else it is cancelled with the reason.
        """
        at = now.timestamp()
        with self._transaction("claim_submissions") as c:
            _settle(c, settled, at)
            wait(c, at)
            due = f"{WAITING} AND due_at <= ?"
            rows = c.execute(
                f"SELECT {CLAIMED} FROM submission WHERE {due} AND (kind = 'acknowledgement') = 0"
                " ORDER BY priority, due_at, rowid LIMIT ?",
                (at, forwards),
            ).fetchall()
            candidates = c.execute(
                f"SELECT {CLAIMED}, (SELECT min(?, coalesce(received_at, recorded_at)) FROM message m"
                " WHERE m.id = message)"
                f" FROM submission WHERE {due} AND (kind = 'acknowledgement') = 1"
                " ORDER BY priority, due_at, rowid LIMIT ?",
                (at, at, acknowledgements),
            ).fetchall()
            taken: list[tuple[object, ...]] = []

            def take(row: Sequence[Any]) -> None:
                changed = c.execute(
                    "UPDATE submission SET state = 'sending', attempts = attempts + 1, changed_at = ?"
                    " WHERE id = ? AND state = ?",
                    (at, row[0], row[4]),
                )
                one_row(changed, "claim_submissions")
                taken.append((at, row[1], row[0], row[4], "sending", "attempt", None))

            for row in rows:
                take(row)
            hour, restored = _answered_by_all(c, at) if candidates else (0, False)
            for row in candidates:
                age = timedelta(seconds=at - row[25])
                # Taken one by one, so that each counts for the limits of the next.
                answered = _answered(c, row[17], row[18], at, hour, restored)
                if (refused := allow(limits, answered, age)) is None:
                    take(row)
                    rows.append(row[:25])
                    hour += 1
                    continue
                c.execute(
                    "UPDATE submission SET state = 'cancelled', changed_at = ?, reason = ? WHERE id = ?",
                    (at, refused, row[0]),
                )
                c.execute("UPDATE message SET silence = ? WHERE id = ?", (refused, row[1]))
                taken.append((at, row[1], row[0], row[4], "cancelled", f"silence: {refused}", None))
            history(c, taken)
        return [claimed_of(row, started=1) for row in rows]

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """T5 and T7: what came of the attempts, and in the same step what takes the place of a refused forward."""
        with self._transaction("settle") as c:
            _settle(c, settlements, now.timestamp())

    def submit(self, submissions: Sequence[Submission], now: datetime) -> None:
        """Queue messages that belong to no arrival: alerts."""
        with self._transaction("submit") as c:
            c.executemany(INSERT, [row_of(one, None, now.timestamp()) for one in submissions])

    def units_tried(self, submission: str) -> set[str]:
        """The units that got, or will get, a forward of this submission's message."""
        rows = self._rows(
            "SELECT unit FROM submission WHERE message = (SELECT message FROM submission WHERE id = ?)"
            " AND kind IN ('forward', 'notice')",
            submission,
        )
        return {row[0] for row in rows}

    def folder_of(self, submission: str) -> str | None:
        """Where this submission's message is, or will be, filed; None for one of no message."""
        rows = self._rows(
            "SELECT folder FROM message WHERE id = (SELECT message FROM submission WHERE id = ?)", submission
        )
        return rows[0][0] if rows else None


def _settle(c: sqlite3.Connection, settlements: Sequence[Settlement], at: float) -> None:
    for one in settlements:
        if one.holds is not None:
            hold(c, one.holds, at)
        elif one.answered is not None:
            release(c, one.answered, at)
    moves: list[tuple[object, ...]] = []
    for one in settlements:
        check_move(SubmissionState.SENDING, one.state)
        changed = c.execute(
            "UPDATE submission SET state = ?, due_at = ?, changed_at = ?, reason = ?, attempts = attempts - ?"
            " WHERE id = ? AND state = 'sending' RETURNING message",
            (one.state, one.due.timestamp(), at, one.cause, 0 if one.attempt_counts else 1, one.id),
        ).fetchone()
        if changed is None:
            raise IllegalMove(f"{one.id} is not being sent")
        moves.append((at, changed[0], one.id, "sending", one.state, one.cause, one.code))
        if one.state is SubmissionState.ACCEPTED:
            c.execute("UPDATE submission SET ready = 1 WHERE message = ? AND ready = 0", (changed[0],))
        if one.replacement is not None:
            c.execute(INSERT, row_of(one.replacement, changed[0], at))
            moves.append((at, changed[0], one.replacement.id, None, "queued", "in its place", None))
    history(c, moves)


_SENT = (
    "SELECT count(*) FROM submission WHERE kind = 'acknowledgement'"
    " AND state IN ('sending', 'accepted', 'unknown', 'bounced')"
)
# A row of the future, left by a clock that jumped, counts as one of now.
_TO_ONE = (
    f"SELECT ({_SENT} AND sender_key = ?1 AND changed_at > ?3 - 86400),"
    f" ({_SENT} AND sender_key = ?1 AND changed_at > ?3 - 7 * 86400),"
    f" ({_SENT} AND domain_key = ?2 AND changed_at > ?3 - 3600),"
    " EXISTS (SELECT 1 FROM unanswered WHERE sender_key = ?1)"
)
_TO_ALL = f"SELECT ({_SENT} AND changed_at > ? - 3600), EXISTS (SELECT 1 FROM meta WHERE key = 'restored')"


def _answered_by_all(c: sqlite3.Connection, at: float) -> tuple[int, bool]:
    """How many went out within an hour, and whether the ledger is a restored copy."""
    hour, restored = c.execute(_TO_ALL, (at,)).fetchone()
    return hour, bool(restored)


def _answered(c: sqlite3.Connection, sender: str, domain: str, at: float, hour: int, restored: bool) -> Answered:
    day, week, of_domain, never = c.execute(_TO_ONE, (sender, domain, at)).fetchone()
    return Answered(
        sender_day=day, sender_week=week, domain_hour=of_domain, hour=hour, never=bool(never), restored=restored
    )
