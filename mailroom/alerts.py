"""The one way by which mailroom asks for a person: e-mail to `[alerts] to`, seldom, and never about itself.

Promises: durable (a row a code in the ledger); each code at most once an hour, a state that lasts ever more rarely;
the first message goes at once, what follows within GATHER is collected into one; at most PER_DAY messages in 24 hours,
the rest waits and is collected too. Nothing of a message's content: callers give references, slugs, codes and counts.
No loop (T-31): Auto-Submitted, no alert about an alert, and `[alerts] to` can't be an address that mailroom reads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailroom import compose
from mailroom.identity import sign_id
from mailroom.ledger import Alarm, Ledger
from mailroom.model import Context, Ours, Submission
from mailroom.observe import event
from mailroom.runbook import OF_AN_INBOX, entry, is_known, known_as, parted, title

GATHER = timedelta(minutes=5)  # between two messages
PER_DAY = 20  # messages in 24 hours
DAY = timedelta(hours=24)
REPEATS = (timedelta(hours=1), timedelta(hours=4), DAY)  # after how long people are told again of what still lasts
LONGEST = 4000  # characters of one detail


class Alerts:
    """May be called from any thread."""

    def __init__(
        self,
        ledger: Ledger,
        ours: Callable[[], Ours],
        to: Sequence[str],
        config: Path,
        clock: Callable[[], datetime],
        queued: Callable[[], None],
    ) -> None:
        """`to`: the administrators, possibly none; may be changed later.

        `queued` is called when there is something to send.
        """
        self._ledger, self._ours, self.to, self._config = ledger, ours, tuple(to), config
        self._clock, self._queued = clock, queued
        self._lock = threading.Lock()
        self._open = {one.code: one.details for one in ledger.alarms() if one.over_at is None}

    @property
    def open(self) -> frozenset[str]:
        """What lasts: codes, of an inbox with its name."""
        with self._lock:
            return frozenset(self._open)

    def tell(
        self,
        code: str,
        detail: str = "",
        *,
        since: datetime | None = None,
        also: Iterable[str] = (),
        inbox: str = "",
    ) -> None:
        """Something needs a person. `code`: of the runbook; `detail`: ours, without a word of any message.

        `since`: when it began, if that is not now; `also`: addresses told beside the administrators; `inbox`: the name
        of the one that it is about, where there are several. A lasting state
        may be told as often as it is noticed: that costs nothing. Never call it about a submission that is an alert.
        """
        lasting = entry(code).lasting
        name, now = known_as(code, inbox), self._clock()
        with self._lock:
            details = self._open.get(name)
            if not lasting or details is None or (detail and detail not in details):
                event("alert", level=logging.ERROR, code=code, **_inbox(inbox))
                self._ledger.alarm(name, detail[:LONGEST], since or now, list(also), now, lasting=lasting)
                if lasting:
                    self._open[name] = (*(details or ()), detail)
        self.flush()

    def over(self, code: str, *, inbox: str = "") -> None:
        """A lasting state has ended; costs nothing where it never began."""
        name = known_as(code, inbox)
        with self._lock:
            if self._open.pop(name, None) is None:
                return
            event("alert-over", code=code, **_inbox(inbox))
            self._ledger.calm(name, self._clock())
        self.flush()

    def read_only(self, inboxes: Collection[str]) -> None:
        """These are read from now on: what lasted in others, renamed or given up, is over."""
        for code, inbox in map(parted, self.open):
            if code in OF_AN_INBOX and inbox not in inboxes:
                self.over(code, inbox=inbox)

    def flush(self) -> None:
        """Send what may be sent now. Call it every now and then, for what was collected."""
        with self._lock:
            now = self._clock()
            due = [one for one in self._ledger.alarms() if is_known(one.code) and _due(one, now)]
            if not due:
                return
            recent = [one for one in self._ledger.told_at() if one > now - DAY]
            if len(recent) >= PER_DAY or (recent and now - recent[-1] < GATHER):
                return
            last = len(recent) + 1 == PER_DAY
            submissions = self._messages(due, now, recent[0] + DAY if last and recent else None)
            self._ledger.told([one.code for one in due], submissions, now - DAY, now)
        if submissions:
            self._queued()

    def _messages(self, due: Sequence[Alarm], now: datetime, silent_until: datetime | None) -> list[Submission]:
        ours = self._ours()
        name = sign_id(ours.key, "alert", now.isoformat())
        made = []
        for to in dict.fromkeys((*self.to, *(address for one in due for address in one.also))):
            theirs = [one for one in due if to in self.to or to in one.also]
            subject = _title(theirs[0]) if len(theirs) == 1 else f"{len(theirs)} things need a person"
            parts = [self._section(one, ZoneInfo(ours.timezone)) for one in theirs]
            if silent_until is not None:
                until = _time(silent_until, ZoneInfo(ours.timezone))
                parts.append(f"This is message {PER_DAY} within 24 hours. The next one is not sent before {until}.")
            text = f"\n\n{'-' * 70}\n\n".join(parts)
            context = Context(now=now, reference=f"alert-{name}")
            try:
                made.append(compose.alert(ours, to, f"mailroom: {subject}", text, context, f"alert/{name}/{to}/0"))
            except ValueError:  # no address for an envelope: the others still get theirs
                event("alert-not-sent", level=logging.ERROR)
        return made

    def _section(self, alarm: Alarm, zone: ZoneInfo) -> str:
        told = entry(alarm.code)
        lines = [_title(alarm), "", f"Since {_time(alarm.since, zone)}"]
        if alarm.over_at is not None:
            lines[-1] += f", until {_time(alarm.over_at, zone)}. Nothing is left to do."
            return "\n".join(lines)
        if alarm.waiting > 1 and not told.lasting:
            lines[-1] += f", {alarm.waiting} times; the last time {_time(alarm.last, zone)}"
        lines += ["", *alarm.details] if alarm.details else []
        lines += ["", told.do, "", f"    {told.command.format(config=self._config)}"]
        return "\n".join([*lines, "", f"More in docs/alerts.md, under {parted(alarm.code)[0]}."])


def _due(alarm: Alarm, now: datetime) -> bool:
    """Whether people should be told of it now."""
    if alarm.told_at is None:
        return True
    told = entry(alarm.code)
    news = alarm.over_at is not None or alarm.waiting > 0
    if not news and not told.lasting:
        return False
    return now - alarm.told_at >= REPEATS[0 if news or told.hourly else min(alarm.told, len(REPEATS)) - 1]


def _title(alarm: Alarm) -> str:
    said = title(alarm.code)
    return said if alarm.over_at is None else f"Over: {said[0].lower()}{said[1:]}"


def _inbox(name: str) -> dict[str, Any]:
    """For a line of the log."""
    return {"inbox": name} if name else {}


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
