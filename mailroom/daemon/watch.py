"""Looks every half minute at how things are, and asks for a person where one is needed. Decides nothing else.

Two sources: the state of the moment (vitals, what waits), and what the history says since the last look, which is
also counted here for /metrics. Alerts come before the note that a row was seen: a kill in between repeats one, and
loses none. Whatever this room gets wrong costs an alert, never a message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mailroom.alerts import Alerts
from mailroom.config import Config
from mailroom.daemon.deliveries import news
from mailroom.daemon.vitals import Link, Vitals
from mailroom.identity import CANARY
from mailroom.ledger import Happened, Ledger, counted, latest
from mailroom.model import SilenceCode

ROWS = 2000  # of the history, at once
DAY = timedelta(days=1)  # what is older is counted, and nobody's news: after an upgrade all history is new
OWN_PER_HOUR = 20  # messages of ours that come back before it looks like a loop
_BREAKERS = (SilenceCode.DOMAIN_LIMIT, SilenceCode.GLOBAL_LIMIT)
_TOLD = frozenset(
    f"silence: {code}" for code in (SilenceCode.UNREADABLE, SilenceCode.TOO_MANY_HOPS, SilenceCode.OWN_MAIL, *_BREAKERS)
)


def silence_limits(config: Config) -> dict[str, timedelta]:
    """How long no poll of each inbox may finish before something is wrong."""
    return {one.name: max(config.alerts.after, 5 * one.poll) for one in config.imap}


class Watch:
    def __init__(
        self,
        config: Callable[[], Config],
        ledger: Ledger,
        alerts: Alerts,
        vitals: Vitals,
        clock: Callable[[], datetime],
    ) -> None:
        """`config`: as it is in force at each look."""
        self._config, self._ledger, self._alerts, self._vitals, self._clock = config, ledger, alerts, vitals, clock
        self._own: deque[datetime] = deque(maxlen=OWN_PER_HOUR)

    def look(self) -> None:
        """Raises LedgerBroken."""
        self._after, self._waiting = self._config().alerts.after, self._config().alerts.waiting
        while len(rows := self._ledger.follow(ROWS)) > 0:
            self._history(rows)
            self._ledger.tallied(rows[-1].row, counted(rows))
        for name, link in self._vitals.mailboxes.items():
            self._link("mailbox", link, name)
        self._link("relay", self._vitals.relay)
        for name, silent in silence_limits(self._config()).items():
            self._polls(name, silent)
        self._backlog()
        self._undeliverable()

    def _history(self, rows: Sequence[Happened]) -> None:
        for one in latest(rows, _TOLD, self._clock() - DAY):
            if one.unit == CANARY:
                continue
            code = SilenceCode(one.cause.removeprefix("silence: "))
            if code in _BREAKERS:
                self._alerts.tell("breaker-open", str(code), since=one.at)
            elif code is SilenceCode.OWN_MAIL:
                self._own_mail(one.at)
            elif code is SilenceCode.TOO_MANY_HOPS:
                self._alerts.tell("too-many-hops", one.reference or "", since=one.at)
            else:
                self._alerts.tell("unreadable", one.reference or "", since=one.at)

        for code_, detail, since in news(rows, self._clock() - DAY):
            self._alerts.tell(code_, detail, since=since)

    def _own_mail(self, at: datetime) -> None:
        if len(self._own) == OWN_PER_HOUR and at - self._own[0] < timedelta(hours=1):
            self._alerts.tell("own-mail-loop", since=self._own[0])
        self._own.append(at)

    def _link(self, name: str, link: Link, inbox: str = "") -> None:
        trouble = link.trouble
        if trouble is None:
            self._alerts.over(f"{name}-refused", inbox=inbox)
            self._alerts.over(f"{name}-unreachable", inbox=inbox)
        elif trouble.refused:
            self._alerts.tell(f"{name}-refused", trouble.what, since=trouble.since, inbox=inbox)
        elif self._clock() - trouble.since >= self._after:
            self._alerts.tell(f"{name}-unreachable", trouble.what, since=trouble.since, inbox=inbox)

    def _polls(self, inbox: str, silent: timedelta) -> None:
        """A heartbeat: whatever may keep polls from finishing, known or not (standards, fact 14)."""
        last = self._vitals.polled[inbox] or self._vitals.started
        if self._clock() - last < silent:
            self._alerts.over("no-poll", inbox=inbox)
        elif self._vitals.mailboxes[inbox].trouble is None:  # else people are told why already
            self._alerts.tell("no-poll", since=last, inbox=inbox)

    def _backlog(self) -> None:
        now = self._clock()
        backlog = self._ledger.backlog()
        self._lasts("backlog-old", backlog.oldest_undecided, now - self._after, backlog.to_decide)
        outbox = [one for one in backlog.outbox if one.kind != "alert"]
        oldest = min((one.oldest for one in outbox), default=None)
        self._lasts("waiting-long", oldest, now - self._waiting, sum(one.count for one in outbox))

    def _undeliverable(self) -> None:
        references, oldest = self._ledger.undeliverable(self._clock())
        if not references:
            self._alerts.over("undeliverable")
        elif "undeliverable" not in self._alerts.open:
            some = ", ".join(references[:10])
            self._alerts.tell("undeliverable", f"{len(references)} in all: {some}", since=oldest)

    def _lasts(self, code: str, oldest: datetime | None, limit: datetime, count: int) -> None:
        if oldest is None or oldest > limit:
            self._alerts.over(code)
        elif code not in self._alerts.open:
            self._alerts.tell(code, f"{count} in all", since=oldest)
