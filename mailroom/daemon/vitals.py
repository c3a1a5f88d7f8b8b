"""How the daemon is doing, as its threads see it: when a poll last finished, and which server is in trouble since when.

Written by the threads that know, read by the watch, /healthz, /metrics and the watchdog. Single assignments only, so
that no lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailroom.model import Outcome, Scope


@dataclass(frozen=True, slots=True)
class Trouble:
    what: str  # ours, without a word of any message
    since: datetime
    refused: bool  # waiting will not mend it


@dataclass(slots=True)
class Link:
    """One server as we reach it."""

    clock: Callable[[], datetime]
    trouble: Trouble | None = None

    def failed(self, what: str, *, refused: bool = False) -> None:
        since = self.trouble.since if self.trouble is not None else self.clock()
        self.trouble = Trouble(what, since, refused)

    def well(self) -> None:
        self.trouble = None


@dataclass(slots=True)
class Vitals:
    clock: Callable[[], datetime]
    started: datetime = field(init=False)
    polled: datetime | None = None  # when a look into the mailbox last came to its end
    mailbox: Link = field(init=False)
    relay: Link = field(init=False)
    disk: Link = field(init=False)

    def why_not_ready(self, silent: timedelta) -> list[str]:
        """What keeps mail from going its way, for people; empty: nothing. `silent`: how long a poll may take."""
        reasons = [
            f"{name}: {link.trouble.what}, since {link.trouble.since:%Y-%m-%d %H:%M} UTC"
            for name, link in (("mailbox", self.mailbox), ("relay", self.relay), ("disk", self.disk))
            if link.trouble is not None
        ]
        if self.polled is None:
            reasons.append("no poll has finished yet")
        elif self.clock() - self.polled > silent:
            reasons.append(f"no poll has finished since {self.polled:%Y-%m-%d %H:%M} UTC")
        return reasons

    def __post_init__(self) -> None:
        self.started = self.clock()
        self.mailbox, self.relay, self.disk = Link(self.clock), Link(self.clock), Link(self.clock)

    def relay_answered(self, outcome: Outcome) -> None:
        """What came of an attempt to submit; a no about one message says that the relay is well."""
        if outcome.scope is not Scope.RELAY:
            self.relay.well()
        elif outcome.phase != "held":
            code = f" ({outcome.code})" if outcome.code else ""
            what = outcome.note or f"the submission server fails at: {outcome.phase}"
            self.relay.failed(f"{what}{code}", refused=bool(outcome.note))
