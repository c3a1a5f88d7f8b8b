"""What happened since the last look, and counts of it that survive restarts, retention and erasure.

`follow` reads the history from where the last `tallied` ended; `counted` is a pure function of its rows; `tallied` adds
the counts and moves the place, in one transaction, so that each row counts once whatever dies when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from mailroom.identity import CANARY
from mailroom.ledger.rows import WAITING, moment, moment_or_none
from mailroom.ledger.store import Store
from mailroom.ledger.values import Backlog, Happened, Queue
from mailroom.lifecycle import FORWARD_GIVES_UP

DELAYS = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)  # seconds; the histograms' bounds
_RESULTS = ("accepted", "deferred", "failed", "unknown", "cancelled", "bounced")

Tally = tuple[str, tuple[str, ...]]
"""A count's name and the values of its labels."""


class Tallies(Store):
    def follow(self, limit: int) -> list[Happened]:
        """The next rows of the history, oldest first."""
        rows = self._rows(
            "SELECT h.id, h.at, h.submission, h.was, h.became, h.cause, m.reference, m.unit, m.language, m.channel,"
            " coalesce(m.received_at, m.recorded_at), m.generation FROM history h LEFT JOIN message m"
            " ON m.id = h.message WHERE h.id > coalesce((SELECT CAST(value AS INTEGER) FROM meta"
            " WHERE key = 'tallied'), 0) ORDER BY h.id LIMIT ?",
            limit,
        )
        return [
            Happened(
                row=row[0],
                at=moment(row[1]),
                submission=row[2],
                was=row[3],
                became=row[4],
                cause=row[5],
                reference=row[6],
                unit=row[7],
                language=row[8],
                channel=row[9],
                arrived=moment_or_none(row[10]),
                generation=row[11] or 0,
            )
            for row in rows
        ]

    def tallied(self, upto: int, counts: Mapping[Tally, float]) -> None:
        """These were counted, up to and with this row."""
        with self._transaction("tallied") as c:
            c.executemany(
                "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                [(name, "\t".join(labels), value) for (name, labels), value in counts.items()],
            )
            c.execute("INSERT OR REPLACE INTO meta VALUES ('tallied', ?)", (str(upto),))

    def tallies(self) -> dict[Tally, float]:
        rows = self._rows("SELECT name, labels, value FROM tally ORDER BY name, labels")
        return {(name, tuple(labels.split("\t")) if labels else ()): value for name, labels, value in rows}

    def backlog(self) -> Backlog:
        """What waits, by stage; every question is answered by an index over what is open."""
        queues = self._rows(
            f"SELECT kind, state, count(*), min(created_at) FROM submission WHERE {WAITING} GROUP BY kind, state"
            " UNION ALL SELECT kind, state, count(*), min(created_at) FROM submission WHERE state = 'sending'"
            " GROUP BY kind, state"
        )
        ((to_decide, oldest),) = self._rows("SELECT count(*), min(recorded_at) FROM message WHERE state = 'recorded'")
        ((to_finish,),) = self._rows("SELECT count(*) FROM message WHERE state = 'decided'")
        return Backlog(
            to_decide=to_decide,
            oldest_undecided=moment_or_none(oldest),
            to_finish=to_finish,
            outbox=tuple(Queue(row[0], row[1], row[2], moment(row[3])) for row in queues),
        )

    def undeliverable(self, now: datetime) -> tuple[list[str], datetime | None]:
        """References of what nobody takes, and since when it waits (D-15).

        The last one to have it refuses it, or has put it off for four days; or it bounced there, in the last four days.
        """
        late = now.timestamp() - FORWARD_GIVES_UP.total_seconds()
        ours = "s.kind IN ('forward', 'notice')"
        stuck = f"{ours} AND (s.reason LIKE 'failed %' OR s.created_at <= ?1)"
        of = "FROM submission s JOIN message m ON m.id = s.message WHERE"
        rows = self._rows(
            f"SELECT m.reference, s.created_at {of} s.ready = 1 AND s.state IN ('queued', 'deferred') AND {stuck}"
            f" UNION SELECT m.reference, s.created_at {of} s.state = 'sending' AND {stuck}"
            f" UNION SELECT m.reference, s.changed_at {of} s.state = 'bounced' AND {ours} AND s.changed_at > ?1 AND NOT"
            " EXISTS (SELECT 1 FROM submission o WHERE o.message = s.message AND o.kind IN ('forward', 'notice')"
            " AND o.state IN ('queued', 'sending', 'deferred', 'accepted'))",
            late,
        )
        return sorted({row[0] for row in rows}), moment(min(row[1] for row in rows)) if rows else None


def counted(rows: Iterable[Happened]) -> Counter[Tally]:
    """The counts of these rows. mailroom's own canary messages are left out."""
    counts: Counter[Tally] = Counter()
    for one in rows:
        if one.unit == CANARY or (one.submission or "").startswith(f"{CANARY}/"):
            continue
        if one.submission is None:
            _message(one, counts)
        elif one.became in _RESULTS:
            _submission(one, one.submission, counts)
    return counts


def _message(one: Happened, counts: Counter[Tally]) -> None:
    if one.cause == "arrived":
        counts["messages_recorded", (one.channel or "",)] += 1
    elif one.became == "decided" and one.was == "recorded":
        silence = one.cause.removeprefix("silence: ") if one.cause.startswith("silence: ") else "none"
        language = (one.language or "unknown").partition(":")[0]
        counts["messages_decided", (one.unit or "", language, silence)] += 1
    elif one.became == "filed":
        counts["messages_filed", ()] += 1


def _submission(one: Happened, name: str, counts: Counter[Tally]) -> None:
    kind = "alert" if name.startswith("alert/") else name.rsplit("/", 3)[1]
    counts["submissions", (kind, one.became)] += 1
    if one.became == "cancelled" and one.cause.startswith("silence: "):
        counts["acknowledgements_withheld", (one.cause.removeprefix("silence: "),)] += 1
    first_time = one.generation == 0 and one.arrived is not None
    if one.became == "accepted" and first_time and kind in ("forward", "notice", "acknowledgement"):
        assert one.arrived is not None
        delay = "acknowledgement_delay" if kind == "acknowledgement" else "forward_delay"
        seconds = max((one.at - one.arrived).total_seconds(), 0.0)
        bound = next((f"{bound:g}" for bound in DELAYS if seconds <= bound), "+Inf")
        counts[delay, (bound,)] += 1
        counts[f"{delay}_sum", ()] += seconds  # type: ignore[assignment]


def latest(rows: Iterable[Happened], causes: frozenset[str], after: datetime) -> list[Happened]:
    """Those of these causes that are not older than `after`."""
    return [one for one in rows if one.cause in causes and one.at >= after]
