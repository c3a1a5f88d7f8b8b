"""How the daemon stands, told to all who want to know: people by alerts, systemd by sd_notify, programs by HTTP.

The one thing of its kind that the daemon itself calls. The watchdog is fed when a look into every inbox has come to its
end, well or not, or has brought mail in: a mailbox that is away is an alert, a thread that hangs a restart.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from mailroom.alerts import Alerts
from mailroom.config import Config
from mailroom.daemon.systemd import Notifier
from mailroom.daemon.vitals import Vitals
from mailroom.daemon.watch import Watch, silence_limits
from mailroom.ledger import Ledger
from mailroom.model import Unwritable
from mailroom.observe import event
from mailroom.space import Space

PULSE = 120.0  # seconds without a look after which the scheduler counts as dead


class Standing:
    def __init__(
        self,
        config: Callable[[], Config],
        ledger: Ledger,
        alerts: Alerts,
        clock: Callable[[], datetime],
        dead: Callable[[], list[str]],
        space: Space,
    ) -> None:
        """`config`: as it is in force when it is asked for; `dead`: the stages that do not run any more."""
        self._config, self._ledger, self._alerts, self._clock, self._dead = config, ledger, alerts, clock, dead
        self.space = space
        self._names = [one.name for one in config().imap]
        self.vitals = Vitals(clock, self._names)
        self._silent = set(self._names)  # inboxes that gave no sign of life since the watchdog was fed
        self.notifier = Notifier()
        self._watch = Watch(config, ledger, alerts, self.vitals, clock)
        self._looked = time.monotonic()
        self._stop: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Everything runs."""
        if (settings := self._config().metrics) is not None:
            from mailroom.daemon import metrics  # its library is loaded where it is wanted
            from mailroom.daemon.monitor import Monitor

            registry = metrics.registry(self._ledger, self.vitals, lambda: not self.why_not_ready())
            monitor = Monitor(settings.place, registry, self.why_not_live, self.why_not_ready)
            monitor.start()
            self._stop = monitor.stop
        self.notifier.ready()

    def look(self) -> None:
        """Every WATCH seconds. Raises LedgerBroken."""
        self._looked = time.monotonic()
        self._disk()
        self._watch.look()
        self._alerts.flush()
        backlog = self._ledger.backlog()
        waiting = sum(one.count for one in backlog.outbox)
        reasons = self.why_not_ready()
        state = reasons[0] if reasons else "All is well"
        self.notifier.status(f"{state}; {backlog.to_decide} to decide, {waiting} to send")

    def _disk(self) -> None:
        """Is there room again, and still? The alert goes out while the floor is still free, or when it is again."""
        link = self.vitals.disk
        try:
            self.space.check()
            room = True
        except Unwritable as error:
            link.failed(str(error))
            room = False
        if link.trouble is None:
            return
        self._ledger.note(disk_tried=self._clock().isoformat())  # raises where the disk takes nothing at all
        if "disk-full" not in self._alerts.open:
            self._alerts.tell("disk-full", link.trouble.what, since=link.trouble.since)
        elif room:
            link.well()
            self._alerts.over("disk-full")
            event("disk-writable")

    def unwritable(self, error: Unwritable) -> None:
        """The disk took nothing."""
        if self.vitals.disk.trouble is None:
            event("disk-full", level=logging.CRITICAL, why=str(error))
        self.vitals.disk.failed(str(error))

    def progress(self, inbox: str) -> None:
        """The working thread of this inbox got ahead."""
        self._silent.discard(inbox)
        if not self._silent:
            self._silent = set(self._names)
            self.notifier.alive()

    def polled(self, inbox: str) -> None:
        """A look into this inbox came to its end."""
        self.vitals.mailboxes[inbox].well()
        self.vitals.polled[inbox] = self._clock()
        self.progress(inbox)

    def end(self) -> None:
        self.notifier.stopping()
        self._stop()

    def why_not_live(self) -> list[str]:
        reasons = [f"the thread {name} has ended" for name in self._dead()]
        if time.monotonic() - self._looked > PULSE:
            reasons.append("the scheduler stands still")
        return reasons

    def why_not_ready(self) -> list[str]:
        return self.vitals.why_not_ready(silence_limits(self._config()))
