"""How the daemon is doing, as its threads see it: when a poll last finished, and which server is in trouble since when.

Written by the threads that know, read by the watch, /healthz, /metrics and the watchdog. Single assignments only, so
that no lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import InitVar, dataclass, field
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
    inboxes: InitVar[Iterable[str]] = ("",)  # their names
    started: datetime = field(init=False)
    polled: dict[str, datetime | None] = field(init=False)  # when a look into each inbox last came to its end
    mailboxes: dict[str, Link] = field(init=False)  # the server of each inbox
    relay: Link = field(init=False)
    disk: Link = field(init=False)

    def why_not_ready(self, silent: Mapping[str, timedelta]) -> list[str]:
        """What keeps mail from going its way, for people; empty: nothing.

        `silent`: how long a poll of each inbox may take.
        """
        links = {f"mailbox {name}".rstrip(): link for name, link in self.mailboxes.items()}
        reasons = [
            f"{name}: {link.trouble.what}, since {link.trouble.since:%Y-%m-%d %H:%M} UTC"
            for name, link in (links | {"relay": self.relay, "disk": self.disk}).items()
            if link.trouble is not None
        ]
        for name, polled in self.polled.items():
            of = f" of {name}" if name else ""
            if polled is None:
                reasons.append(f"no poll{of} has finished yet")
            elif self.clock() - polled > silent[name]:
                reasons.append(f"no poll{of} has finished since {polled:%Y-%m-%d %H:%M} UTC")
        return reasons

    @property
    def longest_ago(self) -> datetime | None:
        """When the inbox that waits longest was looked into; None where one never was."""
        return None if None in self.polled.values() else min(one for one in self.polled.values() if one is not None)

    def __post_init__(self, inboxes: Iterable[str]) -> None:
        self.started = self.clock()
        self.mailboxes = {name: Link(self.clock) for name in inboxes}
        self.polled = dict.fromkeys(self.mailboxes)
        self.relay, self.disk = Link(self.clock), Link(self.clock)

    def relay_answered(self, outcome: Outcome) -> None:
        """What came of an attempt to submit; a no about one message says that the relay is well."""
        if outcome.scope is not Scope.RELAY:
            self.relay.well()
        elif outcome.phase != "held":
            code = f" ({outcome.code})" if outcome.code else ""
            what = outcome.note or f"the submission server fails at: {outcome.phase}"
            self.relay.failed(f"{what}{code}", refused=bool(outcome.note))
