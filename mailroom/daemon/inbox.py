"""One inbox and its two threads: a working connection, which takes in and files in turns, and one that only waits.

Trouble with its server is its own: whoever else works goes on. The two threads share nothing but the wish to look.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from random import random

from mailroom.config import Imap
from mailroom.daemon.standing import Standing
from mailroom.imap import Mailbox
from mailroom.ledger import Ledger
from mailroom.lifecycle import link_pause
from mailroom.model import Channel, LedgerBroken, Misconfigured, Refused, Unavailable, Unwritable
from mailroom.observe import event, trouble
from mailroom.stages.filing import Shelving
from mailroom.stages.intake import Intake, Source

IDLE = "idle"  # the thread that needs no time to end
IDLE_LASTED = 60.0  # seconds after which a waiting connection has worked
IDLE_RENEWAL = 540.0  # seconds; RFC 2177 allows 29 minutes, address translation often only ten
MISTAKE_PAUSE = 5.0  # seconds after a mistake of our own, before the stage goes on
CONFIGURATION_PAUSE = 300.0  # seconds between tries where a person must mend something
GATHER = 0.1  # seconds between looks whether all is settled …
GATHER_MOST = 1.0  # … and how long filing waits for that

Stage = Callable[[Callable[[], None]], bool]
"""Runs one turn; False where it was a mistake of ours. Trouble with a server goes through."""


class Inbox:
    def __init__(
        self,
        settings: Imap,
        *,
        connect: Callable[[], Mailbox],
        ledger: Ledger,
        intake: Intake,
        shelving: Shelving,
        units: Callable[[], Collection[str]],
        stage: Stage,
        standing: Standing,
        stop: threading.Event,
        clock: Callable[[], datetime],
    ) -> None:
        """`units`: the slugs of the rules in force, of which Reroute has folders."""
        self.name = settings.name
        self.settings, self._connect, self._ledger, self._clock = settings, connect, ledger, clock
        self._intake, self._shelving, self._units = intake, shelving, units
        self._stage, self._standing, self._stop = stage, standing, stop
        self._wake = threading.Event()
        self._to_look = threading.Event()  # woken for what may have arrived, and not only for what may be filed
        self.passes = 0  # whole passes over the mailbox with nothing left
        self.trouble: str | None = None  # with the server
        self._mailbox: Mailbox | None = None
        self._failures = 0
        self._proven = False  # this connection has done a whole turn

    def threads(self) -> dict[str, Callable[[], None]]:
        """What to run, each in a thread of that name."""
        of = f"-{self.name}" if self.name else ""
        return {f"mailbox{of}": self._work} | ({f"{IDLE}{of}": self._wait} if self.settings.idle else {})

    def look(self) -> None:
        """Something may have arrived. From any thread."""
        self._to_look.set()
        self._wake.set()

    def settled(self) -> None:
        """Something may be filed. From any thread."""
        self._wake.set()

    def to_file(self) -> bool:
        return bool(self._shelving.due(1))

    # ------------------------------------------------------------------------------------- working

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            if self._stop.is_set():
                break
            if self.passes:
                self._gather()
            self._wake.clear()
            if not self._to_look.is_set() and not self._may_file():  # it was for another inbox
                continue
            self._to_look.clear()
            try:
                if self._worked():
                    self._failures, self.trouble, self._proven = 0, None, True
                    self._standing.polled(self.name)
            except (Unavailable, Misconfigured) as error:
                self._drop()
                self._standing.progress(self.name)
                self._failed(error)
        if self._mailbox is not None:
            self._mailbox.logout()

    def _gather(self) -> None:
        """Let dispatch settle some more: a MOVE of many messages costs little more than one of a single message."""
        end = time.monotonic() + GATHER_MOST
        while not self._stop.wait(GATHER) and time.monotonic() < end:
            if not any(self._ledger.under_way(self._clock())):
                return

    def _may_file(self) -> bool:
        with suppress(LedgerBroken):
            return self.to_file()
        return True  # the turn meets it too, and says so

    def _worked(self) -> bool:
        """One turn, on a new connection where there is none. False where it was a mistake of ours."""
        if self._mailbox is None and not self._stage(self._open):
            return False
        if (mailbox := self._mailbox) is None:
            return False
        if not self._stage(lambda: self._turn(mailbox)):
            # It may have come in the middle of a command: what the session says next belongs to nothing.
            self._drop()
            return False
        return True

    def _open(self) -> None:
        self._mailbox = self._connect()

    def _drop(self) -> None:
        if self._mailbox is not None:
            self._mailbox.drop()
        self._mailbox = None

    def _failed(self, error: Unavailable | Misconfigured) -> None:
        """Say so, and pause."""
        was_proven, self._proven = self._proven, False
        passing = isinstance(error, Unavailable) and not isinstance(error, Refused) and not error.retry_after
        if was_proven and passing:
            # A session that worked may end at any time, as when its token expires (I-19): no failure, once.
            self._say("mailbox-session-ended", logging.INFO, error)
            self.look()
            return
        self._failures += 1
        self.trouble = str(error)
        link = self._standing.vitals.mailboxes[self.name]
        if isinstance(error, Misconfigured):
            link.failed(f"{error}: {error.mend}", refused=True)
            self._say("mailbox-refused", logging.ERROR, error, mend=error.mend)
            pause = CONFIGURATION_PAUSE
        else:
            link.failed(str(error))
            self._say("mailbox-unavailable", logging.WARNING, error, failures=self._failures)
            pause = link_pause(self._failures, error.retry_after, random()).total_seconds()  # noqa: S311
        self._stop.wait(pause)
        self.look()

    def _say(self, name: str, level: int, error: Exception, **more: str | int) -> None:
        of = {"inbox": self.name} if self.name else {}
        event(name, level=level, what=str(error), **of, **more)

    def _turn(self, mailbox: Mailbox) -> None:
        try:
            more = self._intake.turn(mailbox, self._sources(mailbox))
        except Unwritable:  # below the floor nothing comes in; what is here is still filed, if it can be recorded
            self._shelving.turn(mailbox)
            raise
        self._shelving.turn(mailbox)
        if more:
            self.look()
            return
        self.passes += 1
        self._ledger.polled(self.name, self._clock())

    def _sources(self, mailbox: Mailbox) -> list[Source]:
        imap = self.settings

        def own(name: str) -> str | None:
            return f"{imap.folder}/Claimed/{imap.claim}/{name}" if imap.claim else None

        host = imap.claim
        sources = [Source(imap.inbox, Channel.INBOX, own=own("Inbox"), host=host)]
        if imap.junk:
            sources.append(Source(imap.junk, Channel.JUNK, own=own("Junk"), host=host))
        reroute = f"{imap.folder}/Reroute"
        for slug in mailbox.subfolders(reroute):
            if slug in self._units():
                sources.append(Source(f"{reroute}/{slug}", Channel.REROUTE, slug, own(f"Reroute-{slug}"), host))
        return sources

    # ------------------------------------------------------------------------------------- waiting

    def _wait(self) -> None:
        """Tell the working thread at once when something arrives; the poll is the safety net."""
        failures = 0
        while not self._stop.is_set():
            mailbox: Mailbox | None = None
            began = math.inf  # it waits for nothing yet
            try:
                mailbox = self._connect()
                mailbox.select(self.settings.inbox)
                began = time.monotonic()
                while not self._stop.is_set():
                    if mailbox.wait(IDLE_RENEWAL, self._stop.is_set, self.look):
                        self.look()
            except Misconfigured as error:
                self._say("idle-refused", logging.WARNING, error)
                self._stop.wait(CONFIGURATION_PAUSE)
            except Unavailable as error:
                # One that lasted is no failure; one that ends at once is, or a server that lets us in and hangs up
                # would be asked every five seconds for ever (I-18).
                failures = 1 if time.monotonic() - began > IDLE_LASTED else failures + 1
                pause = link_pause(failures, error.retry_after, random())  # noqa: S311
                self._stop.wait(pause.total_seconds())
            except Exception as error:
                trouble("mistake", error)
                self._stop.wait(MISTAKE_PAUSE)
            finally:
                if mailbox is not None:
                    mailbox.drop()
