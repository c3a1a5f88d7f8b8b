"""After the time of [retention], originals, texts and addresses go from ledger and spool; counts and hashes stay.

First the row, in one transaction, then the file: a power cut between the two leaves a file that no row wants, and
the sweep removes it. What has still to be sent or filed is never touched.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mailroom.ledger import Ledger
from mailroom.observe import event
from mailroom.spool import Spool

BATCH = 200  # messages a transaction


def forget(ledger: Ledger, spool: Spool, content: timedelta, now: datetime) -> int:
    """Forget the content of what was filed longer ago than `content`. Returns how many messages."""
    forgotten = 0
    while old := ledger.forgettable(now - content, BATCH):
        ledger.forget(old, "retention", now)
        for one in old:
            spool.drop(one.sha256)
        forgotten += len(old)
    if forgotten:
        ledger.checkpoint()
        event("forgotten", messages=forgotten)
    return forgotten
