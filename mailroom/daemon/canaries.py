"""Sends a message to our own address now and then, and asks for a person where it does not come back in time.

The way is the real one: outbox, relay, the mail servers between, inbox, spool, workers, outbox, relay. What is left out
is what only people's mail has: rules, an acknowledgement, a unit. State: three notes in the ledger, so that a restart
forgets no canary. A new one goes out only when the last one has left, so that none pile up behind a dead relay.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailroom import compose
from mailroom.alerts import Alerts
from mailroom.config import Canary
from mailroom.identity import CANARY, canary_seal
from mailroom.ledger import Ledger
from mailroom.model import Context, Ours
from mailroom.observe import event

_OPEN = ("queued", "sending", "deferred")


class Canaries:
    def __init__(
        self,
        settings: Callable[[], Canary | None],
        ledger: Ledger,
        alerts: Alerts,
        ours: Callable[[], Ours],
        clock: Callable[[], datetime],
        queued: Callable[[], None],
    ) -> None:
        """`settings`: as they are in force at each look, None where none shall be sent.

        `queued` is called when there is something to send.
        """
        self._settings, self._ledger, self._alerts, self._ours = settings, ledger, alerts, ours
        self._clock, self._queued = clock, queued

    def look(self) -> None:
        """Every WATCH seconds. Raises LedgerBroken."""
        settings = self._settings()
        if settings is None:
            self._alerts.over("canary-missing")
            return
        now, noted = self._clock(), self._ledger.noted()
        sent = datetime.fromisoformat(noted["canary_sent"]) if "canary_sent" in noted else None
        name = noted.get("canary", "")
        out = self._ledger.state_of(f"{CANARY}/{name}/out")
        if name and sent is not None:
            self._await(name, sent, out, settings.within)
        if (sent is None or now - sent >= settings.interval) and out not in _OPEN:
            self._send(now)

    def _await(self, name: str, sent: datetime, out: str | None, within: timedelta) -> None:
        now = self._clock()
        back = self._ledger.state_of(compose.returned(canary_seal(self._ours(), f"{CANARY}/{name}/out")))
        if back == "accepted":
            self._ledger.note(canary="", canary_returned=now.isoformat(), canary_took=f"{(now - sent).total_seconds()}")
            self._alerts.over("canary-missing")
            event("canary-returned", seconds=int((now - sent).total_seconds()))
        elif now - sent >= within:
            self._alerts.tell("canary-missing", _how_far(out, back), since=sent)

    def _send(self, now: datetime) -> None:
        name = f"{now:%Y%m%dT%H%M%S}"
        self._ledger.note(canary=name, canary_sent=now.isoformat())
        # A power cut here: this canary is missed and told as missing, and the next one follows in its time.
        context = Context(now=now, reference=f"canary-{name}")
        self._ledger.submit([compose.canary(self._ours(), name, context)], now)
        self._queued()
        event("canary-sent")


def _how_far(out: str | None, back: str | None) -> str:
    if back is not None:
        return f"It came back and was decided; its forward is {back}."
    if out == "accepted":
        return "The submission server took it, and it did not come back to the inbox."
    return f"It did not leave: it is {out or 'not in the outbox'}."
