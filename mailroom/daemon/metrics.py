"""What /metrics says, by the conventions of Prometheus: base units, one name a thing, counters that survive restarts.

Counts come from the ledger, the state of the moment from the vitals and the ledger's open rows. Labels are slugs and
codes, never anything of a message. Dashboard and alert rules (mailroom/starter/deploy) are tested against what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from mailroom import __version__
from mailroom.daemon.vitals import Vitals
from mailroom.ledger import DELAYS, Ledger, Tally

_COUNTERS = {
    "messages_recorded": ("Messages taken in.", ("channel",)),
    "messages_decided": (
        "Messages decided on; silence is none where an answer is due.",
        ("unit", "language", "silence"),
    ),
    "messages_filed": ("Messages that left the inbox for their folder.", ()),
    "submissions": ("What came of attempts to send, and of delivery reports.", ("kind", "result")),
    "acknowledgements_withheld": ("Answers that limits or age withheld after the decision.", ("reason",)),
}
_HISTOGRAMS = {
    "forward_delay": "Seconds from a message's arrival until a forward of it was accepted.",
    "acknowledgement_delay": "Seconds from a message's arrival until its acknowledgement was accepted.",
}


def registry(ledger: Ledger, vitals: Vitals, ready: Callable[[], bool]) -> CollectorRegistry:
    made = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=made)
    made.register(Mailroom(ledger, vitals, ready))
    return made


class Mailroom(Collector):
    def __init__(self, ledger: Ledger, vitals: Vitals, ready: Callable[[], bool]) -> None:
        self._ledger, self._vitals, self._ready = ledger, vitals, ready

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        tallies = self._ledger.tallies()
        yield from _counters(tallies)
        yield from _histograms(tallies)
        yield from self._backlog()
        yield from self._moment()
        yield from self._noted(self._ledger.noted())

    def _backlog(self) -> Iterator[Metric]:
        backlog = self._ledger.backlog()
        waiting = GaugeMetricFamily("mailroom_backlog_messages", "Messages in a stage.", labels=["stage"])
        waiting.add_metric(["decide"], backlog.to_decide)
        waiting.add_metric(["finish"], backlog.to_finish)
        yield waiting
        oldest = GaugeMetricFamily(
            "mailroom_undecided_oldest_timestamp_seconds",
            "When the oldest undecided message was taken in; absent: none.",
        )
        if backlog.oldest_undecided is not None:
            oldest.add_metric([], backlog.oldest_undecided.timestamp())
        yield oldest
        labels = ["kind", "state"]
        count = GaugeMetricFamily(
            "mailroom_outbox_submissions", "What waits to be sent, or is being sent.", labels=labels
        )
        since = GaugeMetricFamily(
            "mailroom_outbox_oldest_timestamp_seconds", "When the oldest of them was decided.", labels=labels
        )
        for one in backlog.outbox:
            count.add_metric([one.kind, one.state], one.count)
            since.add_metric([one.kind, one.state], one.oldest.timestamp())
        yield from (count, since)

    def _moment(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("mailroom_server_up", "1 unless the server is in trouble.", labels=["server"])
        up.add_metric(["mailbox"], all(one.trouble is None for one in self._vitals.mailboxes.values()))
        up.add_metric(["relay"], self._vitals.relay.trouble is None)
        yield up
        yield GaugeMetricFamily("mailroom_ready", "1 where /healthz says ready.", value=self._ready())
        polled = GaugeMetricFamily(
            "mailroom_last_poll_timestamp_seconds",
            "When a look into the mailbox, of several the one that waits longest, last came to its end; absent: never.",
        )
        if (last := self._vitals.longest_ago) is not None:
            polled.add_metric([], last.timestamp())
        yield polled
        yield from self._inboxes()
        alerts = GaugeMetricFamily(
            "mailroom_alert_open", "1 while a person is needed; see docs/alerts.md.", labels=["code"]
        )
        for one in self._ledger.alarms():
            if one.over_at is None:
                alerts.add_metric([one.code], 1)
        yield alerts
        build = GaugeMetricFamily("mailroom_build_info", "The program's version.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build

    def _inboxes(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "mailroom_inbox_up", "1 unless the server of this inbox is in trouble.", labels=["inbox"]
        )
        polled = GaugeMetricFamily(
            "mailroom_inbox_last_poll_timestamp_seconds",
            "When a look into this inbox last came to its end; absent: never.",
            labels=["inbox"],
        )
        for name, link in self._vitals.mailboxes.items():
            up.add_metric([name], link.trouble is None)
            if (last := self._vitals.polled[name]) is not None:
                polled.add_metric([name], last.timestamp())
        yield from (up, polled)

    def _noted(self, noted: dict[str, str]) -> Iterator[Metric]:
        rules = GaugeMetricFamily(
            "mailroom_rules_info", "Rules and templates in force, by their hash.", labels=["hash"]
        )
        rules.add_metric([noted.get("policy", "")[:12]], 1)
        yield rules
        returned = GaugeMetricFamily(
            "mailroom_canary_returned_timestamp_seconds", "When a canary last came back; absent: never."
        )
        took = GaugeMetricFamily("mailroom_canary_round_trip_seconds", "How long the last one that came back took.")
        if "canary_returned" in noted:
            returned.add_metric([], datetime.fromisoformat(noted["canary_returned"]).timestamp())
            took.add_metric([], float(noted["canary_took"]))
        yield from (returned, took)
        wrong = bool(noted.get("policy_problem"))
        yield GaugeMetricFamily(
            "mailroom_rules_refused", "1 while the files are wrong, and older ones in force.", value=wrong
        )


def _counters(tallies: dict[Tally, float]) -> Iterator[Metric]:
    for name, (text, labels) in _COUNTERS.items():
        family = CounterMetricFamily(f"mailroom_{name}", text, labels=labels)
        for (of, values), value in tallies.items():
            if of == name:
                family.add_metric(values, value)
        yield family


def _histograms(tallies: dict[Tally, float]) -> Iterator[Metric]:
    for name, text in _HISTOGRAMS.items():
        buckets, total = [], 0.0
        for bound in (*(f"{bound:g}" for bound in DELAYS), "+Inf"):
            total += tallies.get((name, (bound,)), 0.0)
            buckets.append((bound, total))
        family = HistogramMetricFamily(f"mailroom_{name}_seconds", text)
        family.add_metric([], buckets, tallies.get((f"{name}_sum", ()), 0.0))
        yield family
