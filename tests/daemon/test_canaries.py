"""The message that mailroom sends to itself: it goes the whole way, and is missed where it does not come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailroom import compose
from mailroom.alerts import Alerts
from mailroom.config import Canary
from mailroom.daemon.canaries import Canaries
from mailroom.identity import canary_of, make_message_id
from mailroom.ledger import Ledger, Settlement, counted
from mailroom.lifecycle import Limits, SubmissionState
from mailroom.model import Context, Ours
from tests.daemon.test_watch import EXAMPLE, START
from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Sink

OURS = Ours("support@example.org", envelope_from="bounces@example.org", key=b"k", canary="canary@example.org")


class Aviary:
    def __init__(self, folder: Path) -> None:
        self.now = START
        self.ledger = Ledger(folder / "ledger.db")
        self.alerts = Alerts(self.ledger, lambda: OURS, ["it@example.org"], EXAMPLE, self.clock, lambda: None)
        self.canaries = Canaries(
            lambda: Canary(mailbox="canary@example.org"),
            self.ledger,
            self.alerts,
            lambda: OURS,
            self.clock,
            lambda: None,
        )

    def clock(self) -> datetime:
        return self.now

    def look(self, **later: float) -> list[tuple[str, tuple[str, ...]]]:
        self.now += timedelta(**later)
        self.canaries.look()
        return [(one.code, one.details) for one in self.ledger.alarms() if one.over_at is None]

    def send(self) -> list[str]:
        """The relay takes everything; the ids."""
        claimed = self.ledger.claim_submissions(self.now, Limits(), forwards=50, acknowledgements=0)
        accepted = SubmissionState.ACCEPTED
        self.ledger.settle([Settlement(one.submission.id, accepted, self.now, "ok") for one in claimed], self.now)
        return [one.submission.id for one in claimed if not one.submission.id.startswith("alert/")]

    def come_back(self, out: str) -> None:
        seal = canary_of(make_message_id(OURS, "c", out), OURS)
        assert seal is not None
        context = Context(now=self.now, reference="SU-2026-000001-K")
        back = replace(compose.canary_forward(OURS, seal, b"raw\r\n", context), with_original=False)
        self.ledger.submit([back], self.now)


@pytest.fixture
def aviary(tmp_path: Path) -> Iterator[Aviary]:
    made = Aviary(tmp_path)
    yield made
    made.ledger.close()


@pytest.mark.provokes("canary-missing")
def test_a_canary_that_does_not_come_back_in_time_is_missed_and_the_next_one_ends_it(aviary: Aviary) -> None:
    assert aviary.look() == []
    (first,) = aviary.send()
    assert aviary.look(minutes=9) == []
    gone = "The submission server took it, and it did not come back to the inbox."
    assert aviary.look(minutes=2) == [("canary-missing", (gone,))]
    assert aviary.send() == []
    aviary.look(minutes=50)
    (second,) = aviary.send()
    assert second != first
    aviary.come_back(second)
    assert aviary.send() != []
    assert aviary.look(minutes=1) == []
    assert aviary.ledger.noted()["canary_took"] == "60.0"


def test_canaries_do_not_pile_up_behind_a_dead_relay(aviary: Aviary) -> None:
    for _ in range(10):
        alarms = aviary.look(minutes=40)
    assert alarms == [("canary-missing", ("It did not leave: it is queued.",))]
    assert len(aviary.send()) == 1


def test_a_canary_is_known_by_what_only_we_can_make(aviary: Aviary) -> None:
    name = make_message_id(OURS, "c", "canary/1/out")
    assert canary_of(name, OURS) is not None
    assert canary_of(make_message_id(OURS, "a", "canary/1/out"), OURS) is None
    assert canary_of(make_message_id(replace(OURS, key=b"other"), "c", "canary/1/out"), OURS) is None
    assert canary_of(name.replace("@example.org", "@example.net"), OURS) is None


def test_t31_a_canary_goes_the_whole_way_is_answered_by_nobody_and_stands_in_no_count(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, canary__mailbox='"canary@example.org"')
    with post.mailroom.running() as running:
        until(lambda: sink.received())
        (out,) = sink.received()
        assert out.recipient == "support@example.org"
        home = b"Return-Path: <" + out.sender.encode() + b">\r\nReceived: from mail.example.org\r\n" + out.data
        mailbox.deliver(home)
        mailbox.deliver(home.replace(b"Received: from mail", b"Received: from other"))  # a copy, by another way
        post.deliver(letter(1))
        until(lambda: "canary-returned" in running.logged())
        until(lambda: mailbox.count() == 0)
    recipients = sorted(one.recipient for one in sink.received())
    assert recipients == sorted(
        ["support@example.org", "canary@example.org", "petitions-registry@example.org", "person1@example.com"]
    )
    (back,) = [one for one in sink.received() if one.recipient == "canary@example.org"]
    assert b"Auto-Submitted: auto-generated" in back.data
    assert mailbox.count("Mailroom/Canary") == 2
    with post.mailroom.ledger() as ledger:
        counts = ledger.tallies()
        counts.update(counted(ledger.follow(1000)))
        assert sum(value for (name, _), value in counts.items() if name == "messages_decided") == 1
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as peer:
        assert peer.execute("SELECT count(*) FROM message WHERE unit = 'canary'").fetchone() == (2,)
