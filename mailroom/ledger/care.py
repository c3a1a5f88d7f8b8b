"""A person's hand on the outbox: look at one submission, send it again, or keep it from being sent.

The moves are lifecycle's; here are the promises that a hand may not break: an acknowledgement whose outcome is unknown
counts as sent for ever, and a message that nobody else gets is not cancelled in passing.
"""

from __future__ import annotations

from datetime import datetime

from mailroom.ledger.holding import release
from mailroom.ledger.rows import history, moment
from mailroom.ledger.store import Store
from mailroom.ledger.values import Queued
from mailroom.lifecycle import SubmissionState, check_cancelled_by_hand, check_retried_by_hand
from mailroom.model import SubmissionKind


class Care(Store):
    def queued(self, submission: str) -> Queued | None:
        """One submission, whatever its state, or None."""
        rows = self._rows(
            "SELECT s.id, s.kind, s.state, s.unit, s.attempts, s.due_at, s.created_at, s.size, s.message_id, s.reason,"
            " (SELECT forgotten_at IS NOT NULL FROM message m WHERE m.id = s.message),"
            " (SELECT count(*) FROM submission o WHERE o.message = s.message AND o.id <> s.id AND o.kind IN"
            " ('forward', 'notice') AND o.state IN ('queued', 'sending', 'deferred', 'accepted'))"
            " FROM submission s WHERE s.id = ?",
            submission,
        )
        if not rows:
            return None
        row = rows[0]
        return Queued(
            id=row[0],
            kind=SubmissionKind(row[1]),
            state=SubmissionState(row[2]),
            unit=row[3],
            attempts=row[4],
            due=moment(row[5]),
            created=moment(row[6]),
            size=row[7],
            message_id=row[8],
            reason=row[9],
            forgotten=bool(row[10]),
            others=row[11],
        )

    def retry(self, submission: str, now: datetime) -> None:
        """Send it at the next occasion, the same bytes. Raises IllegalMove where that may not be."""
        self._by_hand(submission, "queued", now)

    def cancel(self, submission: str, now: datetime, *, last: bool = False) -> None:
        """Never send it. `last`: even if nobody else gets the message. Raises IllegalMove where that may not be."""
        self._by_hand(submission, "cancelled", now, last=last)

    def _by_hand(self, submission: str, becomes: str, now: datetime, *, last: bool = False) -> None:
        at = now.timestamp()
        with self._transaction(f"{becomes}_by_hand") as c:
            one = self.queued(submission)
            assert one is not None, "the caller has seen it"
            if becomes == "queued":
                check_retried_by_hand(one.kind, one.state, forgotten=one.forgotten)
            else:
                check_cancelled_by_hand(one.kind, one.state, others=one.others > 0 or last)
            changed = c.execute(
                "UPDATE submission SET state = ?, due_at = ?, changed_at = ?, reason = 'by hand' WHERE id = ?"
                " RETURNING message, recipient",
                (becomes, at, at, submission),
            ).fetchone()
            if becomes == "queued":
                release(c, changed[1], at)  # whoever says so knows that the mailbox is mended
            history(c, [(at, changed[0], submission, one.state, becomes, "by hand", None)])
