"""What a person is needed for: one row a code, from its first occurrence until it was told, or is over.

Telling is one step: the rows say that they were told, and the messages are queued, in the same transaction. A power cut
before it repeats nothing and loses nothing; one after it leaves the messages in the outbox.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from mailroom.ledger.rows import INSERT, moment, moment_or_none, row_of
from mailroom.ledger.store import Store
from mailroom.ledger.values import Alarm
from mailroom.model import Submission

MOST_DETAILS = 10  # lines that are kept of one code's occurrences; the others are counted


class Alarms(Store):
    def alarm(
        self, code: str, detail: str, since: datetime, also: Sequence[str], now: datetime, *, lasting: bool
    ) -> None:
        """Something happened, or still lasts, that a person should know. `detail`: "" for none.

        Of events the details are collected until they are told; of a lasting state the last one is the truth.
        """
        at = now.timestamp()
        with self._transaction("alarm") as c:
            row = c.execute("SELECT waiting, details, also FROM alarm WHERE code = ?", (code,)).fetchone()
            anew = not lasting and (row is None or row[0] == 0)
            details = [] if row is None or anew or lasting else json.loads(row[1])
            if detail and detail not in details and len(details) < MOST_DETAILS:
                details.append(detail)
            to = sorted({*also, *(json.loads(row[2]) if row else ())})
            c.execute(
                "INSERT INTO alarm (code, since, last, waiting, details, also) VALUES (?, ?, ?, 1, ?, ?)"
                " ON CONFLICT (code) DO UPDATE SET waiting = waiting + 1, last = excluded.last, over_at = NULL,"
                " since = CASE WHEN ? THEN excluded.since ELSE since END,"
                " details = excluded.details, also = excluded.also",
                (code, since.timestamp(), at, json.dumps(details), json.dumps(to), anew),
            )

    def calm(self, code: str, now: datetime) -> None:
        """It is over: forgotten if nobody was told of it, else kept until they are told this too."""
        with self._transaction("calm") as c:
            c.execute("DELETE FROM alarm WHERE code = ? AND told = 0", (code,))
            c.execute("UPDATE alarm SET over_at = ? WHERE code = ?", (now.timestamp(), code))

    def alarms(self) -> list[Alarm]:
        rows = self._rows(
            "SELECT code, since, last, waiting, details, also, told, told_at, over_at FROM alarm ORDER BY since, code"
        )
        return [
            Alarm(
                code=row[0],
                since=moment(row[1]),
                last=moment(row[2]),
                waiting=row[3],
                details=tuple(json.loads(row[4])),
                also=tuple(json.loads(row[5])),
                told=row[6],
                told_at=moment_or_none(row[7]),
                over_at=moment_or_none(row[8]),
            )
            for row in rows
        ]

    def told_at(self) -> list[datetime]:
        """When the last messages to people went out, oldest first."""
        rows = self._rows("SELECT value FROM meta WHERE key = 'alerts_told'")
        return [moment(at) for at in json.loads(rows[0][0])] if rows else []

    def told(self, codes: Sequence[str], submissions: Sequence[Submission], before: datetime, now: datetime) -> None:
        """These were told by these messages; what is over is forgotten, and so are messages before `before`."""
        at = now.timestamp()
        times = [one.timestamp() for one in self.told_at() if one > before]
        with self._transaction("told") as c:
            for code in codes:
                c.execute("DELETE FROM alarm WHERE code = ? AND over_at IS NOT NULL", (code,))
                c.execute("UPDATE alarm SET waiting = 0, told = told + 1, told_at = ? WHERE code = ?", (at, code))
            c.executemany(INSERT, [row_of(one, None, at) for one in submissions])
            if submissions:
                c.execute("INSERT OR REPLACE INTO meta VALUES ('alerts_told', ?)", (json.dumps([*times, at]),))
