"""What was under way when a process ended, or when a stage made a mistake and begins anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from mailroom.ledger.rows import (
    OPEN,
    history,
)
from mailroom.ledger.store import Store


class Recovery(Store):
    def recover(self, now: datetime) -> Mapping[str, int]:
        """After a start: what was under way when the last process ended. Nothing else may run meanwhile."""
        at = now.timestamp()
        with self._transaction("recover") as c:
            c.execute(_GIVE_BACK)
            repeated, unknown = _under_way(c, at)
            c.execute(_POINTERLESS, (at,))
        return {"repeated": repeated, "unknown": unknown}

    def close_pointerless(self, now: datetime) -> int:
        """File what was decided, and sent, after all its pointers into the mailbox were lost (I-01); how many."""
        with self._transaction("close_pointerless") as c:
            return int(c.execute(_POINTERLESS, (now.timestamp(),)).rowcount)

    def give_back_messages(self) -> None:
        """After a mistake in triage, the only one that claims messages: they can be claimed again."""
        with self._transaction("give_back_messages") as c:
            c.execute(_GIVE_BACK)

    def give_back_submissions(self, now: datetime) -> Mapping[str, int]:
        """Before dispatch begins (anew): nobody is sending, so what counts as being sent was cut short."""
        if not self._rows("SELECT 1 FROM submission WHERE state = 'sending' LIMIT 1"):
            return {}
        with self._transaction("give_back_submissions") as c:
            repeated, unknown = _under_way(c, now.timestamp())
        return {"repeated": repeated, "unknown": unknown}


_POINTERLESS = (
    "UPDATE message SET state = 'filed', filed_at = ? WHERE state = 'decided' AND NOT EXISTS"
    " (SELECT 1 FROM arrival WHERE message = message.id AND state <> 'filed') AND NOT EXISTS"
    f" (SELECT 1 FROM submission s WHERE s.message = message.id AND s.state IN {OPEN})"
)
_GIVE_BACK = "UPDATE message SET claimed = 0 WHERE claimed = 1"


def _under_way(c: sqlite3.Connection, at: float) -> tuple[int, int]:
    """What was being sent: forwards go again, acknowledgements never. How many of each."""
    repeated = c.execute(  # D-06, D-08: perhaps sent, so send again, the same bytes
        "UPDATE submission SET state = 'queued', due_at = ?, changed_at = ? WHERE state = 'sending'"
        " AND kind <> 'acknowledgement' RETURNING id, message",
        (at, at),
    ).fetchall()
    unknown = c.execute(  # D-07: perhaps sent, so never again
        "UPDATE submission SET state = 'unknown', changed_at = ? WHERE state = 'sending' RETURNING id, message",
        (at,),
    ).fetchall()
    history(c, [(at, row[1], row[0], "sending", "queued", "restart", None) for row in repeated])
    history(c, [(at, row[1], row[0], "sending", "unknown", "restart", None) for row in unknown])
    return len(repeated), len(unknown)
