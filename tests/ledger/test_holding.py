"""A mailbox that puts a message off is left alone: one probes, the others wait, and nobody else does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailroom.ledger import ClaimedSubmission, Ledger, Settlement
from mailroom.lifecycle import FORWARD_GIVES_UP, Limits, SubmissionState, destination, retry_delay
from mailroom.model import Outcome, Result, Scope, SubmissionKind
from tests.ledger.conftest import NOON, submission

S = SubmissionState


class Outbox:
    """Forwards for several units, and what came of each attempt."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def queue(self, unit: str, count: int = 1, *, at: datetime = NOON, first: int = 1, urgent: bool = False) -> None:
        rows = [submission(f"job{n}", SubmissionKind.FORWARD, unit=unit) for n in range(first, first + count)]
        self.ledger.submit([replace(one, priority=0 if urgent else 1) for one in rows], at)

    def claim(self, at: datetime) -> list[ClaimedSubmission]:
        return self.ledger.claim_submissions(at, Limits(), forwards=50, acknowledgements=0)

    def settle(self, one: ClaimedSubmission, at: datetime, *, holds: str | None = None) -> None:
        state = S.DEFERRED if holds else S.ACCEPTED
        due = at + (retry_delay(one.attempts) if holds else timedelta(0))
        answered = None if holds else one.submission.envelope.recipient
        self.ledger.settle([Settlement(one.submission.id, state, due, "test", holds=holds, answered=answered)], at)

    def hold(self, unit: str, at: datetime, *, name: str | None = None) -> None:
        """One message to this unit, put off."""
        self.queue(unit, first=900, at=at)
        (one,) = [one for one in self.claim(at) if one.submission.unit == unit]
        self.settle(one, at, holds=name or f"{unit}@example.org")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    ledger = Ledger(tmp_path / "ledger.db")
    yield Outbox(ledger)
    ledger.close()


def units(claimed: list[ClaimedSubmission]) -> list[str]:
    return sorted(one.submission.unit or "" for one in claimed)


def test_others_for_the_same_mailbox_wait_and_those_for_other_mailboxes_go(outbox: Outbox) -> None:
    outbox.hold("press", NOON)
    outbox.queue("press", 20)
    outbox.queue("registry", 3)
    assert units(outbox.claim(NOON)) == ["registry"] * 3
    assert outbox.ledger.next_submission() == NOON + retry_delay(1)  # nobody looks in vain


def test_one_probes_and_when_it_is_taken_the_others_follow_at_once(outbox: Outbox) -> None:
    outbox.hold("press", NOON)
    outbox.queue("press", 20)
    later = NOON + retry_delay(1)
    assert outbox.claim(later - timedelta(seconds=1)) == []
    (probe,) = outbox.claim(later)
    assert outbox.claim(later + timedelta(seconds=5)) == []  # it is under way
    outbox.settle(probe, later + timedelta(seconds=6))
    assert len(outbox.claim(later + timedelta(seconds=6))) == 20


def test_a_mailbox_that_is_away_for_a_day_gets_a_few_tries_however_many_wait(outbox: Outbox) -> None:
    outbox.queue("press", 200)
    tries, now = 0, NOON
    first = outbox.claim(now)[0]
    outbox.settle(first, now, holds="press@example.org")
    outbox.ledger.recover(now)  # the other 49 of that claim
    while now < NOON + timedelta(days=1):
        for one in outbox.claim(now):
            tries += 1
            outbox.settle(one, now, holds="press@example.org")
        now += timedelta(minutes=1)
    assert 8 <= tries <= 12  # 60 s, 5 and 15 minutes, half an hour, 1, 2, then every 4 hours


def test_an_urgent_message_gets_its_first_try_all_the_same_and_probes_first(outbox: Outbox) -> None:
    outbox.hold("press", NOON)
    outbox.queue("press", 5)
    outbox.queue("press", first=50, urgent=True)
    (urgent,) = outbox.claim(NOON)
    assert urgent.submission.priority == 0
    outbox.settle(urgent, NOON, holds="press@example.org")
    assert outbox.claim(NOON + timedelta(seconds=30)) == []
    (probe,) = outbox.claim(NOON + retry_delay(1))
    assert probe.submission.priority == 0


def test_a_whole_domain_is_held_where_the_status_speaks_of_it(outbox: Outbox) -> None:
    outbox.hold("press", NOON, name="@example.org")
    outbox.queue("registry", 3)
    assert outbox.claim(NOON) == []
    (probe,) = outbox.claim(NOON + retry_delay(1))
    outbox.settle(probe, NOON + retry_delay(1))
    assert len(outbox.claim(NOON + retry_delay(1))) == 3


def test_d15_after_four_days_each_is_tried_once_more_so_that_it_can_go_to_the_fallback(
    outbox: Outbox, tmp_path: Path
) -> None:
    outbox.queue("press", 10)
    first = outbox.claim(NOON)
    for n, one in enumerate(first):
        outbox.settle(one, NOON + timedelta(seconds=n), holds="press@example.org")
    now = NOON + FORWARD_GIVES_UP - timedelta(seconds=1)
    (probe,) = outbox.claim(now)
    outbox.settle(probe, now, holds="press@example.org")
    now += timedelta(seconds=1)
    with sqlite3.connect(tmp_path / "ledger.db") as ledger:
        ledger.execute("UPDATE submission SET due_at = ? WHERE id <> ?", (now.timestamp(), probe.submission.id))
    claimed = outbox.claim(now)
    assert len(claimed) == 9
    for one in claimed:  # the last resort: put off again, and now it waits with the others
        outbox.settle(one, now, holds="press@example.org")
    assert outbox.claim(now + timedelta(seconds=30)) == []
    # The first probe's own last try was a second before its four days were over, so it gets one as well.
    assert 1 <= len(outbox.claim(now + timedelta(minutes=6))) <= 2


def test_a_hold_survives_a_restart_and_ends_by_hand(tmp_path: Path) -> None:
    outbox = Outbox(Ledger(tmp_path / "ledger.db"))
    outbox.hold("press", NOON)
    outbox.ledger.close()
    again = Outbox(Ledger(tmp_path / "ledger.db"))
    again.ledger.recover(NOON)
    again.queue("press", 2)
    assert again.claim(NOON) == []
    again.ledger.retry("job1/forward/press/0", NOON)
    assert len(again.claim(NOON)) == 3
    again.ledger.close()


@pytest.mark.parametrize(
    ("scope", "enhanced", "held"),
    [
        (Scope.RECIPIENT, None, "press@example.org"),
        (Scope.RECIPIENT, "4.2.2", "press@example.org"),
        (Scope.RECIPIENT, "4.7.1", "press@example.org"),
        (Scope.RECIPIENT, "4.4.1", "@example.org"),
        (Scope.RECIPIENT, "4.1.2", "@example.org"),
        (Scope.MESSAGE, "4.2.2", "press@example.org"),  # a relay that asks the mailbox only after the dot
        (Scope.MESSAGE, "4.3.0", None),
        (Scope.MESSAGE, None, None),
    ],
)
def test_whom_a_deferral_is_about(scope: Scope, enhanced: str | None, held: str | None) -> None:
    outcome = Outcome(Result.DEFERRED, scope, 450, enhanced, "rcpt")
    assert destination(SubmissionKind.FORWARD, outcome, "Press@Example.org") == held
    assert destination(SubmissionKind.ACKNOWLEDGEMENT, outcome, "Press@Example.org") is None
