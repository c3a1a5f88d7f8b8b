"""Builds the parts, gives each stage its thread, starts and stops them. No "if" about mail.

Threads, and who owns what:
    main       asyncio: signals, schedules (APScheduler), the watch over the rules
    mailbox, idle   an inbox's own (daemon/inbox.py)
    triage     the worker pool
    dispatch   its own event loop: relay connections
The ledger is one connection behind a lock. Threads tell each other only that there is work, never what.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from mailroom.alerts import Alerts
from mailroom.config import Config, Imap
from mailroom.connections import access_tokens, make_relay, open_mailbox, ours
from mailroom.daemon.canaries import Canaries
from mailroom.daemon.changes import compare
from mailroom.daemon.inbox import IDLE, MISTAKE_PAUSE, Inbox
from mailroom.daemon.keeper import Keeper
from mailroom.daemon.standing import Standing
from mailroom.effects import Door, passing
from mailroom.ledger import Ledger
from mailroom.model import LedgerBroken, Misconfigured, Unavailable, Unwritable
from mailroom.observe import event, trouble
from mailroom.pipeline import Policy
from mailroom.space import Space
from mailroom.spool import Spool
from mailroom.stages.dispatch import DISK_PAUSE, Dispatch
from mailroom.stages.filing import Shelving
from mailroom.stages.intake import Intake
from mailroom.stages.retention import forget
from mailroom.stages.triage import Triage
from mailroom.workers import Workers

STOP = 20.0  # seconds that the stages have to end
RULES_WATCH = 5.0  # seconds between looks at the files of rules and templates
WATCH = 5.0  # seconds between looks whether a person is needed
SWEEP = timedelta(hours=6)
SWITCH = 0.0005  # seconds a thread may keep the others waiting; the default of 5 ms slows every hand-over to a crawl
MISTAKES = 3  # after so many of our own `once` ends


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Signals:
    """How the threads tell each other that there is work."""

    recorded: threading.Event = field(default_factory=threading.Event)  # for triage
    stop: threading.Event = field(default_factory=threading.Event)


class Daemon:
    """One daemon on one state directory. Build it inside only_one()."""

    def __init__(self, config: Config, *, effect: Door = passing, clock: Callable[[], datetime] = now) -> None:
        self.config = config
        self._tokens = access_tokens(config)
        self._effect = effect
        self._clock = clock
        self._signals = Signals()
        self._dispatch: Dispatch | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        for _, section in config.servers:
            config.secret(section)  # one that is missing is said before anything begins
        self.ledger = Ledger(config.state / "ledger.db", effect)
        self.ledger.examine()
        self.spool = Spool(config.state / "spool", effect)
        taken_up = clock() if self.ledger.take_up(clock()) else self.ledger.taken_up
        names = [one.name for one in config.imap]
        left = self.ledger.left_behind(names, clock())
        if left := left + self.ledger.of_accounts({one.name: one.account for one in config.imap}, clock()):
            event("inboxes-changed", pointers=left)
        recovered = self.ledger.recover(clock())
        event("recovered", **recovered)
        key = self.ledger.key()
        self.alerts = Alerts(
            self.ledger,
            lambda: ours(self.config, self._keeper.in_force, key),
            config.alerts.to,
            config.file,
            clock,
            self._wake_dispatch,
        )
        space = Space(config.state, config.mailroom.free_space)
        self._standing = Standing(lambda: self.config, self.ledger, self.alerts, clock, self._dead, space)
        self._canaries = Canaries(
            lambda: self.config.canary, self.ledger, self.alerts, lambda: self.ours, clock, self._wake_dispatch
        )
        self._keeper = Keeper(config, self.ledger, clock, self.alerts)
        self.policy = self._keeper.first()
        self.ours = ours(config, self.policy, key)
        self.alerts.read_only(names)
        if self.ledger.restored is not None:
            self.alerts.tell("ledger-restored", since=taken_up)
        else:
            self.alerts.over("ledger-restored")
        self._workers = Workers(config.mailroom.workers, self.policy, self.ours)
        self._replacement: Policy | None = None
        self._triage = Triage(
            ledger=self.ledger,
            spool=self.spool,
            workers=self._workers,
            ours=self.ours,
            policy=lambda: self.policy,
            now=clock,
            decided=self._decided,
            complained=lambda: self.alerts.tell("called-spam"),
            restored=taken_up,
        )
        self._inboxes = [self._inbox(one, space) for one in config.imap]
        self._threads: list[threading.Thread] = []
        self._mistakes = 0  # of our own, in any stage
        self._broken: LedgerBroken | None = None

    def _inbox(self, imap: Imap, space: Space) -> Inbox:
        def arrived() -> None:
            self._signals.recorded.set()
            self._standing.progress(imap.name)

        return Inbox(
            imap,
            connect=lambda: open_mailbox(self.config, imap, self._effect, self._tokens),
            ledger=self.ledger,
            intake=Intake(self.ledger, self.spool, self._clock, arrived, self.alerts, space.check, imap.name),
            shelving=Shelving(self.ledger, imap.folder, self._clock, self.alerts, imap.name),
            units=lambda: self.policy.rules.units,
            stage=self._stage,
            standing=self._standing,
            stop=self._signals.stop,
            clock=self._clock,
        )

    # --------------------------------------------------------------------------------------- verbs

    def run(self) -> int:
        """The daemon, until SIGTERM or SIGINT; SIGHUP reloads. Returns the exit code."""
        return asyncio.run(self._main(self._until_stopped))

    def once(self) -> int:
        """One pass: what is there now is brought as far as it goes. 1 where something had to stay."""
        code = asyncio.run(self._main(self._until_quiet))
        return code or (0 if self._is_well() else 1)

    async def _main(self, work: Callable[[], object]) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signals.stop.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        sys.setswitchinterval(SWITCH)
        gc.freeze()  # what was loaded stays for good and need not be collected over and over
        gc.enable()
        self._start()
        try:
            await work()  # type: ignore[misc]
        finally:
            await self._finish()
        if self._broken is not None:
            event("stopped-by-ledger", level=logging.CRITICAL)
            return 1
        return 0

    async def _until_stopped(self) -> None:
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

        async def poll(inbox: Inbox) -> None:  # `async`, so that it runs here and not in a pool of threads
            inbox.look()

        async def watch() -> None:
            if self._keeper.changed():
                self.reload()

        async def watch_over() -> None:
            await asyncio.to_thread(self._stage, self._look)

        async def sweep() -> None:
            await asyncio.to_thread(self._sweep)

        start = datetime.now(UTC)
        for one in self._inboxes:
            seconds = one.settings.poll.total_seconds()
            scheduler.add_job(poll, "interval", args=(one,), seconds=seconds, next_run_time=start)
        scheduler.add_job(watch, "interval", seconds=RULES_WATCH)
        scheduler.add_job(watch_over, "interval", seconds=WATCH, next_run_time=start)
        scheduler.add_job(sweep, "interval", seconds=SWEEP.total_seconds(), next_run_time=start)
        scheduler.start()
        event("started", pid=os.getpid(), policy=self.policy.hash[:12])
        self._standing.begin()
        while not self._signals.stop.is_set() and self._broken is None:
            await asyncio.sleep(0.1)
        scheduler.shutdown(wait=False)
        self._standing.end()

    async def _until_quiet(self) -> None:
        """Until nothing is left that can go on: mail in an inbox whose server is away stays for the next pass."""
        self._look_for_mail()
        while not self._signals.stop.is_set() and self._broken is None:
            await asyncio.sleep(0.1)
            if self._disk_trouble() or self._gives_up():
                return
            if self._work_under_way():
                continue
            reached = self._reached()
            if not reached:
                return
            if any(one.passes == 0 for one in reached):
                continue
            # Everything recorded has gone as far as it goes: look once more, for what came or was left meanwhile.
            await self._look_twice(reached)
            if not self._work_under_way() and not any(one.to_file() for one in self._reached()):
                return

    async def _look_twice(self, inboxes: list[Inbox]) -> None:
        """Two more whole passes over each, so that one of them began after this; less where its server goes away."""
        wanted = [(one, one.passes + 2) for one in inboxes]
        while not self._ended() and any(one.passes < passes and one.trouble is None for one, passes in wanted):
            for one in inboxes:
                one.look()
            await asyncio.sleep(0.01)

    def _ended(self) -> bool:
        return self._disk_trouble() or self._gives_up() or self._signals.stop.is_set()

    def _gives_up(self) -> bool:
        """`once` has no next poll to make a mistake good: it tries again a few times, and then says so."""
        return self._mistakes >= MISTAKES

    def _disk_trouble(self) -> bool:
        return self._standing.vitals.disk.trouble is not None

    def _reached(self) -> list[Inbox]:
        """The inboxes whose servers are in no trouble."""
        return [one for one in self._inboxes if one.trouble is None]

    def _work_under_way(self) -> bool:
        to_decide, to_send = self.ledger.under_way(self._clock())
        held = self._dispatch is not None and self._dispatch.held_until is not None
        return to_decide or (to_send and not held)

    def _is_well(self) -> bool:
        all_reached = len(self._reached()) == len(self._inboxes)
        return all_reached and not self._disk_trouble() and not self._gives_up() and not self.unfinished()

    def unfinished(self) -> bool:
        """Something waits that should have gone."""
        health = self.ledger.health(self._clock())
        waiting = sum(
            count
            for (kind, state), count in health.submissions.items()
            if kind != "alert" and state in ("queued", "deferred", "sending")
        )
        return bool(waiting or health.messages.get("recorded") or health.to_file)

    # ------------------------------------------------------------------------------------- starting

    def _start(self) -> None:
        stages = {"triage": self._triaging, "dispatch": self._dispatching}
        for threads in (*(one.threads() for one in self._inboxes), stages):
            for name, target in threads.items():
                self._thread(name, target)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"mailroom-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    async def _finish(self) -> None:
        """Let each stage end its turn, for at most STOP seconds (D-18). What takes longer, a server that says nothing
        or a reader that hangs, is left as a kill would leave it: every step is durable, so the next start goes on."""
        end = time.monotonic() + STOP
        self._signals.stop.set()
        self._look_for_mail()
        self._signals.recorded.set()
        self._wake_dispatch()
        for thread in self._threads:
            while thread.is_alive() and not _is_idle(thread) and time.monotonic() < end:
                await asyncio.sleep(0.01)
        if slow := [one.name for one in self._threads if one.is_alive() and not _is_idle(one)]:
            event("stopped-while-busy", level=logging.WARNING, threads=" ".join(slow))
            os._exit(0)
        self._workers.stop()

    def _look(self) -> None:
        self._canaries.look()
        self._standing.look()
        self.ledger.trim()

    def _dead(self) -> list[str]:
        return [thread.name for thread in self._threads if not thread.is_alive()]

    def close(self) -> None:
        self.ledger.close()

    # -------------------------------------------------------------------------------------- stages

    def _stage(self, turn: Callable[[], None]) -> bool:
        """Run one turn. The only place that catches everything: a mistake costs a pause, never the other stages.

        False where it was a mistake of ours. Trouble with a server goes through: the stage that talks to it knows
        what to do.
        """
        try:
            turn()
        except (Unavailable, Misconfigured):
            raise
        except Unwritable as error:  # it passes: the same turn is tried again until it does
            self._standing.unwritable(error)
            self._signals.stop.wait(DISK_PAUSE)
        except LedgerBroken as error:
            event("ledger-broken", level=logging.CRITICAL)
            self._broken = error
            self._signals.stop.set()
        except Exception as error:
            place = trouble("mistake", error)
            with suppress(Exception):  # what is wrong may be wrong with alerts
                self.alerts.tell("mistake", place)
            self._mistakes += 1
            self._signals.stop.wait(MISTAKE_PAUSE)
            self._look_for_mail()  # what the turn left undone is looked for again
            self._signals.recorded.set()
            return False
        return True

    def _triaging(self) -> None:
        self._stage(self._workers.ready)
        while not self._signals.stop.is_set():
            self._signals.recorded.clear()
            self._stage(self._triage_turn)
            if self._signals.recorded.is_set() or self._signals.stop.is_set():
                continue
            due = None
            with suppress(LedgerBroken):  # the next turn meets it too, and says so
                due = self.ledger.next_message()
            seconds = (due - self._clock()).total_seconds() if due else 60.0
            self._signals.recorded.wait(min(max(seconds, 0.05), 60.0))
        self._stage(self._triage.finish)

    def _triage_turn(self) -> None:
        if (replacement := self._replacement) is not None:
            self._replacement = None
            self._put_in_force(replacement)
        while self._triage.turn() and not self._signals.stop.is_set():
            pass

    def _dispatching(self) -> None:
        while not self._signals.stop.is_set():
            self._stage(lambda: asyncio.run(self._dispatch_run()))

    async def _dispatch_run(self) -> None:
        relays = [make_relay(self.config, self._effect, self._tokens) for _ in range(self.config.smtp.connections)]
        self._dispatch = Dispatch(
            ledger=self.ledger,
            spool=self.spool,
            relays=relays,
            limits=self.config.acknowledgements.limits,
            ours=self.ours,
            policy=lambda: self.policy,
            now=self._clock,
            settled=self._settled,
            stopping=self._signals.stop.is_set,
            answered=self._standing.vitals.relay_answered,
            unwritable=self._standing.unwritable,
        )
        self._loop = asyncio.get_running_loop()
        await self._dispatch.run()

    def _decided(self) -> None:
        """Triage has decided: dispatch may have work, and so may filing, for mail that nobody gets."""
        self._wake_dispatch()
        self._settled()

    def _settled(self) -> None:
        for one in self._inboxes:
            one.settled()

    def _look_for_mail(self) -> None:
        for one in self._inboxes:
            one.look()

    def _wake_dispatch(self) -> None:
        if self._loop is not None and self._dispatch is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._dispatch.wake)

    # -------------------------------------------------------------------------------------- policy

    def reload(self) -> None:
        """Look at the files again: a right change takes effect with the next message, a wrong one never."""
        self._standing.notifier.reloading()
        written = self._keeper.written()
        changed = written is not None and self._take_over(written)
        if (policy := self._keeper.look()) is not None and (changed or policy.hash != self.policy.hash):
            self._replacement = policy
            self._signals.recorded.set()
        self._standing.notifier.ready()

    def _take_over(self, written: Config) -> bool:
        """What of a changed config.toml can become true now does; the rest is named. True where anything did."""
        change = compare(self.config, written)
        if change.taken:
            event("settings-in-force", settings=" ".join(change.taken))
        if change.waiting:
            event("settings-need-a-restart", level=logging.WARNING, settings=" ".join(change.waiting))
        self.config = self._keeper.config = change.config
        self.alerts.to = tuple(change.config.alerts.to)
        if self._dispatch is not None:
            self._dispatch.limits = change.config.acknowledgements.limits
        return bool(change.taken)

    def _put_in_force(self, policy: Policy) -> None:
        fresh = ours(self.config, policy, self.ours.key)
        self._workers.replace(policy, fresh)
        self.policy, self.ours, self._triage.ours = policy, fresh, fresh
        self._keeper.accepted(policy)
        event("policy-in-force", policy=policy.hash[:12])

    def _sweep(self) -> None:
        self.ledger.close_pointerless(self._clock())
        forget(self.ledger, self.spool, self.config.retention.content, self._clock())
        removed = self.spool.sweep(self.ledger.spooled())
        if removed:
            event("swept", files=removed)


def _is_idle(thread: threading.Thread) -> bool:
    return thread.name.startswith(f"mailroom-{IDLE}")
