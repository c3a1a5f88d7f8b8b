"""What the report counts, read in one go: a row a message, without a word of it."""

from __future__ import annotations

from datetime import datetime

from mailroom.identity import CANARY
from mailroom.ledger.rows import moment, moment_or_none
from mailroom.ledger.store import Store
from mailroom.ledger.values import Correction, Reported


class Reporting(Store):
    def reported(self, since: datetime) -> list[Reported]:
        """Every message recorded since then but our own canaries, oldest first.

        Times of sending are those of the first accepted one.
        """
        first = "(SELECT min(changed_at) FROM submission s WHERE s.message = m.id AND s.state = 'accepted' AND s.kind"
        rows = self._rows(
            "SELECT recorded_at, state, channel, unit, language, coalesce(urgent, 0), silence, folder,"
            f" {first} IN ('forward', 'notice')), {first} = 'acknowledgement'), coalesce(received_at, recorded_at)"
            " FROM message m WHERE recorded_at >= ? AND unit IS NOT ? ORDER BY id",
            since.timestamp(),
            CANARY,
        )
        return [
            Reported(
                recorded=moment(row[0]),
                arrived=moment(row[10]),
                state=row[1],
                channel=row[2],
                unit=row[3],
                language=row[4],
                urgent=bool(row[5]),
                silence=row[6],
                folder=row[7],
                forwarded=moment_or_none(row[8]),
                acknowledged=moment_or_none(row[9]),
            )
            for row in rows
        ]

    def corrections(self, since: datetime) -> list[Correction]:
        """What staff sent elsewhere by Reroute, each move, oldest first."""
        rows = self._rows(
            "SELECT at, was, cause FROM history WHERE became = 'recorded' AND cause LIKE 'rerouted to %' AND at >= ?"
            " ORDER BY id",
            since.timestamp(),
        )
        return [Correction(moment(row[0]), row[1], row[2].removeprefix("rerouted to ")) for row in rows]
