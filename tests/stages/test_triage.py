"""Triage with a real ledger, spool and worker pool: what a poison message costs, and whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailroom import policy, workers
from mailroom.ledger import Ledger
from mailroom.lifecycle import Limits
from mailroom.model import Arrival, Channel, Ours, Unwritable
from mailroom.spool import Spool
from mailroom.stages import triage as stage
from mailroom.stages.triage import BATCH, POISON_PAUSE, Triage
from mailroom.workers import Workers
from tests.scenarios.mail import letter
from tests.test_workers import misbehaving

ROOT = Path(__file__).parent.parent.parent
OURS = Ours("support@example.org", authserv_id="mail.example.org", envelope_from="bounces@example.org", key=b"k" * 32)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def triage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Triage]:
    monkeypatch.setattr(workers, "_plan", misbehaving)
    in_force = policy.load(ROOT / "rules.yaml", ROOT / "templates", ["example.org"])
    pool = Workers(2, in_force, OURS)
    ledger = Ledger(tmp_path / "ledger.db")
    yield Triage(ledger, Spool(tmp_path / "spool"), pool, OURS, lambda: in_force, Clock(), lambda: None, lambda: None)
    pool.stop()
    ledger.close()


def arrive(triage: Triage, *raws: bytes) -> None:
    originals = triage.spool.put(raws)
    found = [
        (Arrival(Channel.INBOX, "INBOX", 1, number, len(raw), triage.now()), original)
        for number, (raw, original) in enumerate(zip(raws, originals, strict=True), 1)
    ]
    triage.ledger.record(found, triage.now())


def test_a_message_that_kills_its_reader_three_times_goes_out_unread_and_holds_up_nobody(triage: Triage) -> None:
    arrive(triage, letter(1), b"die", letter(2))
    clock = triage.now
    assert isinstance(clock, Clock)
    while triage.turn():
        pass
    assert [row.state for row in triage.ledger.overview()] == ["decided", "recorded", "decided"]
    for _ in range(2):
        clock.now += POISON_PAUSE + timedelta(seconds=1)
        while triage.turn():
            pass
    _, poison, _ = triage.ledger.overview()
    assert (poison.state, poison.unit, poison.folder, poison.silence) == (
        "decided", "user-support", "Quarantine", "unreadable"
    )  # fmt: skip
    sent = triage.ledger.claim_submissions(clock.now, Limits(), forwards=50, acknowledgements=50)
    (forward,) = [one for one in sent if one.reference == poison.reference]
    assert forward.submission.envelope.recipient == "user-support@example.org"
    assert b"user-support" in forward.submission.head


def test_what_the_workers_have_under_way_is_decided_before_a_clean_end(triage: Triage) -> None:
    arrive(triage, *[letter(number) for number in range(2 * BATCH)])
    assert triage.turn()
    triage.finish()
    assert {row.state for row in triage.ledger.overview()} == {"decided"}
    assert triage.turn() is False


def test_what_cannot_be_recorded_is_recorded_later_and_no_try_is_counted_twice(
    triage: Triage, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(triage, *[letter(number) for number in range(100)])
    real = triage.ledger.decided

    def full(*arguments: Any) -> None:
        raise Unwritable("scripted")

    monkeypatch.setattr(triage.ledger, "decided", full)
    for _ in range(3):
        with pytest.raises(Unwritable):
            triage.turn()
    monkeypatch.setattr(triage.ledger, "decided", real)
    while triage.turn():
        pass
    assert {row.state for row in triage.ledger.overview()} == {"decided"}
    assert len(triage.ledger.overview()) == 100


def test_after_a_mistake_of_ours_what_was_claimed_is_decided_without_a_restart(
    triage: Triage, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(triage, letter(1), letter(2))

    def mistake(_: object) -> None:
        raise ValueError("of ours")

    monkeypatch.setattr(Triage, "_bounces", lambda self, plans: mistake(plans))
    with pytest.raises(ValueError, match="of ours"):
        triage.turn()
    monkeypatch.undo()
    while triage.turn():
        pass
    assert [row.state for row in triage.ledger.overview()] == ["decided", "decided"]


def test_what_was_tried_before_is_read_by_itself_though_the_last_new_ones_are_under_way(triage: Triage) -> None:
    """D-16: a crash while others are read must not count against it."""
    beside: list[list[int]] = []
    real = triage.workers.begin

    def begin(jobs: Any) -> Any:
        waiting = triage.ledger._rows("SELECT tries FROM message WHERE claimed = 1 ORDER BY tries")
        beside.append([tries for (tries,) in waiting])
        return real(jobs)

    triage.workers.begin = begin  # type: ignore[method-assign]
    arrive(triage, letter(1), letter(2))
    assert len(triage.ledger.claim_messages(triage.now(), 10)) == 2
    triage.ledger.recover(triage.now())  # the machine went down
    raw = letter(3)
    (original,) = triage.spool.put([raw])
    triage.ledger.record([(Arrival(Channel.INBOX, "INBOX", 1, 3, len(raw), triage.now()), original)], triage.now())
    while triage.turn():
        pass
    assert beside == [[1], [2], [2]]


def test_what_was_tried_before_waits_for_a_few_turns_only_however_much_is_new(
    triage: Triage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "BATCH", 1)
    arrive(triage, letter(0))
    assert len(triage.ledger.claim_messages(triage.now(), 10)) == 1
    triage.ledger.recover(triage.now())  # the machine went down
    originals = triage.spool.put([letter(number) for number in range(1, 40)])
    found = [
        (Arrival(Channel.INBOX, "INBOX", 1, number, original.size, triage.now()), original)
        for number, original in enumerate(originals, 2)
    ]
    triage.ledger.record(found, triage.now())
    for _ in range(stage.TURNS + 2):
        assert triage.turn()
    assert triage.ledger.overview()[0].state == "decided"
