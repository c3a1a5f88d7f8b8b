"""What status, show, the queue and the waiting stages ask. Nothing here writes."""

from __future__ import annotations

from datetime import datetime

from mailroom.ledger.filing import Shelves
from mailroom.ledger.rows import (
    OPEN,
    WAITING,
    moment,
    moment_or_none,
)
from mailroom.ledger.values import (
    Health,
    Overview,
    Step,
    Story,
    Waiting,
)


class Questions(Shelves):
    def next_submission(self) -> datetime | None:
        """When the next submission that may be sent is due; an acknowledgement may only after a forward."""
        ((at,),) = self._rows(f"SELECT min(due_at) FROM submission WHERE {WAITING}")
        return moment_or_none(at)

    def next_message(self) -> datetime | None:
        """When the next message for triage is due."""
        ((at,),) = self._rows("SELECT min(due_at) FROM message WHERE state = 'recorded' AND claimed = 0")
        return moment_or_none(at)

    def state_of(self, submission: str) -> str | None:
        """The state of the submission of that id, or None where there is none."""
        rows = self._rows("SELECT state FROM submission WHERE id = ?", submission)
        return rows[0][0] if rows else None

    def under_way(self, now: datetime) -> tuple[bool, bool]:
        """Whether a message waits to be decided, and whether a submission is due or being sent; cheap to ask often."""
        at = now.timestamp()
        ((to_decide, to_send),) = self._rows(
            "SELECT EXISTS (SELECT 1 FROM message WHERE state = 'recorded' AND (claimed = 1 OR due_at <= ?)),"
            " EXISTS (SELECT 1 FROM submission WHERE state = 'sending') OR EXISTS (SELECT 1 FROM submission"
            f" WHERE {WAITING} AND due_at <= ?)",
            at,
            at,
        )
        return bool(to_decide), bool(to_send)

    def health(self, now: datetime) -> Health:
        at = now.timestamp()
        with self._lock:
            messages = dict(self._rows("SELECT state, count(*) FROM message GROUP BY state"))
            submissions = {
                (kind, state): count
                for kind, state, count in self._rows(
                    "SELECT kind, state, count(*) FROM submission GROUP BY kind, state"
                )
            }
            ((to_triage,),) = self._rows(
                "SELECT count(*) FROM message WHERE state = 'recorded' AND (claimed = 1 OR due_at <= ?)", at
            )
            ((to_send,),) = self._rows(
                f"SELECT count(*) FROM submission WHERE state = 'sending' OR ({WAITING} AND due_at <= ?)",
                at,
            )
            ((oldest,),) = self._rows("SELECT min(created_at) FROM submission WHERE state IN ('queued', 'deferred')")
            ((failed,),) = self._rows(
                "SELECT count(*) FROM submission WHERE state IN ('failed', 'bounced') AND kind = 'forward'"
            )
            meta = self.noted()
        return Health(
            messages=messages,
            submissions=submissions,
            to_triage=to_triage,
            to_send=to_send,
            to_file=len(self.due_for_filing(1000)),
            oldest_open=moment_or_none(oldest),
            failed_forwards=failed,
            meta=meta,
        )

    def outbox(self) -> list[Waiting]:
        """What waits to be sent, or is being sent."""
        rows = self._rows(
            f"SELECT id, state, attempts, due_at, reason, created_at, ready FROM submission WHERE state IN {OPEN}"
            " ORDER BY priority, due_at, rowid"
        )
        return [Waiting(row[0], row[1], row[2], moment(row[3]), row[4], moment(row[5]), bool(row[6])) for row in rows]

    def overview(self) -> list[Overview]:
        """Every message in a line, oldest first."""
        rows = self._rows(
            "SELECT reference, sha256, state, language, unit, coalesce(urgent, 0), folder, silence, EXISTS (SELECT 1"
            " FROM submission f WHERE f.message = message.id AND f.kind <> 'acknowledgement' AND f.state = 'accepted'),"
            " (SELECT max(a.state) FROM submission a WHERE a.message = message.id AND a.kind = 'acknowledgement'),"
            " recorded_at FROM message ORDER BY id"
        )
        return [
            Overview(
                recorded=moment(row[10]),
                reference=row[0],
                sha256=row[1],
                state=row[2],
                language=row[3],
                unit=row[4],
                urgent=bool(row[5]),
                folder=row[6],
                silence=row[7],
                forwarded=bool(row[8]),
                answer=row[9],
            )
            for row in rows
        ]

    def spooled(self) -> frozenset[str]:
        """The hashes whose bytes are still wanted."""
        return frozenset(row[0] for row in self._rows("SELECT sha256 FROM message WHERE forgotten_at IS NULL"))

    def story(self, reference: str) -> Story | None:
        """One message's whole history, or None."""
        rows = self._rows(
            "SELECT id, reference, sha256, size, state, unit, folder, silence FROM message WHERE reference = ?",
            reference,
        )
        if not rows:
            return None
        number = rows[0][0]
        steps_ = self._rows(
            "SELECT at, submission, was, became, cause, code FROM history WHERE message = ? ORDER BY id", number
        )
        submissions = self._rows(
            "SELECT id, state, attempts, message_id FROM submission WHERE message = ? ORDER BY rowid", number
        )
        _, name, sha256, size, state, unit, folder, silence = rows[0]
        return Story(
            reference=name,
            sha256=sha256,
            size=size,
            state=state,
            unit=unit,
            folder=folder,
            silence=silence,
            steps=tuple(Step(moment(r[0]), r[1] or "message", r[2], r[3], r[4], r[5]) for r in steps_),
            submissions=tuple(submissions),
        )
