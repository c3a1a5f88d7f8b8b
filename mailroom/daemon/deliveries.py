"""What of deliveries a person must know: a unit's mailbox that refused a message for good, or sent it back later.

Read from the history, so that a kill loses none of it. No word of a message and no address: references, slugs, codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from mailroom.identity import CANARY
from mailroom.ledger import Happened


def news(rows: Iterable[Happened], after: datetime) -> Iterator[tuple[str, str, datetime]]:
    """(code, detail, since when) of each alert that these rows ask for."""
    for one in rows:
        if one.submission is None or one.reference is None or one.unit == CANARY or one.at < after:
            continue
        _, kind, unit, _ = one.submission.rsplit("/", 3)
        if kind not in ("forward", "notice"):
            continue
        if one.became == "bounced":
            yield "bounced", f"{one.reference}, sent to {unit}: {one.cause}", one.at
        elif one.became == "failed":
            yield "unit-refused", f"{one.reference}, sent to {unit}: {one.cause}", one.at
