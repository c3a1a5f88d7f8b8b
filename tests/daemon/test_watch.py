"""The watch asks for a person when one is needed, and not before; each alert of the runbook is provoked here or near.

The ledger is real; the clock is set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom import config as configuration
from mailroom.alerts import Alerts
from mailroom.config import Config
from mailroom.daemon.vitals import Vitals
from mailroom.daemon.watch import OWN_PER_HOUR, Watch, silence_limits
from mailroom.identity import CANARY
from mailroom.imap import Listed, Selected
from mailroom.ledger import Ledger, Settlement
from mailroom.lifecycle import Limits, SubmissionState
from mailroom.model import (
    Channel,
    Context,
    Decision,
    Facts,
    Ours,
    Outcome,
    Plan,
    Result,
    Scope,
    Silence,
    SilenceCode,
    SubmissionKind,
)
from mailroom.spool import Spool
from mailroom.stages.intake import PATIENCE, Intake, Source
from tests.ledger.conftest import arrival, original, submission

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Room:
    """A watch over a ledger, with the clock in hand."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.config: Config = configuration.load(EXAMPLE)
        self.ledger = Ledger(folder / "ledger.db")
        ours = Ours("support@example.org", envelope_from="bounces@example.org", key=b"k")
        to = ("it@example.org",)
        self.alerts = Alerts(self.ledger, lambda: ours, to, EXAMPLE, self.clock, lambda: None)
        self.vitals = Vitals(self.clock)
        self.watch = Watch(lambda: self.config, self.ledger, self.alerts, self.vitals, self.clock)
        self._numbers = iter(range(1, 10_000))

    def clock(self) -> datetime:
        return self.now

    def look(self, *, polled: bool = True, **later: float) -> set[str]:
        """The codes that people were or will be told of."""
        self.now += timedelta(**later)
        if polled:
            self.vitals.polled[""] = self.now
        self.watch.look()
        self.alerts.flush()
        return {one.code for one in self.ledger.alarms() if one.over_at is None}

    def decide(self, *silences: SilenceCode | None, unit: str = "press") -> list[str]:
        """Messages that were decided so; their references."""
        found = [(arrival(n, at=self.now), original(str(n))) for _, n in zip(silences, self._numbers, strict=False)]
        references = self.ledger.record(found, self.now)
        claimed = self.ledger.claim_messages(self.now, 100)
        plans = [
            Plan(
                Decision(unit, silence=Silence(code, "a test") if code else None),
                Context(now=self.now, reference=one.reference),
                Facts(),
                (submission(one.reference, SubmissionKind.FORWARD, unit=unit),)
                + (() if code else (submission(one.reference, SubmissionKind.ACKNOWLEDGEMENT),)),
            )
            for one, code in zip(claimed, silences, strict=True)
        ]
        self.ledger.decided(list(zip(claimed, plans, strict=True)), self.now)
        return references


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.ledger.close()


def test_where_all_is_well_nobody_hears_of_it(room: Room) -> None:
    room.decide(SilenceCode.LIST, None, SilenceCode.AUTO_REPLY)
    assert room.look(minutes=10) == set()
    assert room.ledger.alarms() == []


@pytest.mark.provokes("mailbox-unreachable")
def test_a_mailbox_that_is_away_is_told_after_a_while_and_so_is_its_return(room: Room) -> None:
    room.vitals.mailboxes[""].failed("the IMAP connection broke")
    assert room.look(polled=False, minutes=14) == set()
    room.vitals.mailboxes[""].failed("the IMAP server cannot be reached: TimeoutError")
    assert room.look(polled=False, minutes=2) == {"mailbox-unreachable"}
    (alarm,) = room.ledger.alarms()
    assert alarm.since == START
    assert alarm.details == ("the IMAP server cannot be reached: TimeoutError",)
    room.vitals.mailboxes[""].well()
    assert room.look() == set()
    assert room.look(hours=2) == set()
    assert room.ledger.alarms() == []


def test_of_several_inboxes_the_one_that_is_away_is_named_and_the_others_hide_nothing(room: Room) -> None:
    room.config = room.config.model_copy(
        update={"imap": [room.config.imap[0].model_copy(update={"name": name}) for name in ("legal", "press")]}
    )
    room.vitals = Vitals(room.clock, ("legal", "press"))
    room.watch = Watch(lambda: room.config, room.ledger, room.alerts, room.vitals, room.clock)
    room.vitals.mailboxes["legal"].failed("no password", refused=True)
    room.vitals.polled = dict.fromkeys(("legal", "press"), room.now)
    assert room.look(polled=False) == {"mailbox-refused/legal"}
    room.vitals.mailboxes["press"].failed("away")
    room.vitals.mailboxes["legal"].well()
    room.now += timedelta(minutes=16)
    room.vitals.polled["press"] = room.now
    assert room.look(polled=False) == {"mailbox-unreachable/press", "no-poll/legal"}
    room.vitals.mailboxes["press"].well()
    room.vitals.polled["legal"] = room.now
    assert room.look(polled=False) == set()
    assert room.vitals.why_not_ready(silence_limits(room.config)) == []
    room.vitals.polled["legal"] = None
    assert room.vitals.why_not_ready(silence_limits(room.config)) == ["no poll of legal has finished yet"]
    assert room.vitals.longest_ago is None


def test_what_lasted_in_an_inbox_that_is_read_no_more_is_over(room: Room) -> None:
    room.alerts.tell("mailbox-refused", "no password")
    room.alerts.tell("junk-missing", "Spam", inbox="legal")
    room.alerts.tell("junk-missing", "Spam", inbox="press")
    room.alerts.tell("relay-refused", "no password")
    room.alerts.read_only(["press"])
    assert room.alerts.open == {"junk-missing/press", "relay-refused"}


@pytest.mark.provokes("relay-unreachable")
def test_a_relay_that_is_away_is_told_after_a_while(room: Room) -> None:
    room.vitals.relay_answered(Outcome(Result.DEFERRED, Scope.RELAY, phase="connect"))
    assert room.look(minutes=14) == set()
    room.vitals.relay_answered(Outcome(Result.DEFERRED, Scope.RELAY, phase="held"))
    assert room.look(minutes=2) == {"relay-unreachable"}
    room.vitals.relay_answered(Outcome(Result.FAILED, Scope.RECIPIENT, 550, phase="rcpt"))  # it is there
    assert room.look() == set()


@pytest.mark.provokes("relay-refused")
def test_a_relay_that_refuses_the_login_is_told_at_once(room: Room) -> None:
    room.vitals.relay_answered(Outcome(Result.DEFERRED, Scope.RELAY, 454, phase="auth"))
    assert room.look() == set()
    room.vitals.relay_answered(Outcome(Result.DEFERRED, Scope.RELAY, 535, phase="auth", note="no log-in"))
    assert room.look() == {"relay-refused"}
    assert room.ledger.alarms()[0].details == ("no log-in (535)",)


@pytest.mark.provokes("no-poll")
def test_polls_that_do_not_finish_are_noticed_whatever_the_reason(room: Room) -> None:
    assert room.look(polled=False, minutes=14) == set()
    assert room.look(polled=False, minutes=2) == {"no-poll"}  # none since the start
    assert room.look() == set()
    assert room.look(polled=False, minutes=16) == {"no-poll"}


@pytest.mark.provokes("backlog-old")
def test_a_message_that_waits_long_to_be_decided_is_noticed(room: Room) -> None:
    room.ledger.record([(arrival(1), original("a")), (arrival(2), original("b"))], room.now)
    assert room.look(minutes=14) == set()
    assert room.look(minutes=2) == {"backlog-old"}
    assert room.ledger.alarms()[0].details == ("2 in all",)


@pytest.mark.provokes("waiting-long")
def test_a_message_that_waits_long_to_be_sent_is_noticed(room: Room) -> None:
    room.decide(SilenceCode.LIST)
    assert room.look(minutes=59) == set()
    assert room.look(minutes=2) == {"waiting-long"}


def _settle(room: Room, state: SubmissionState, cause: str) -> None:
    claimed = room.ledger.claim_submissions(room.now, Limits(), forwards=50, acknowledgements=0)
    due = room.now + timedelta(hours=1)
    room.ledger.settle([Settlement(one.submission.id, state, due, cause) for one in claimed], room.now)


@pytest.mark.provokes("undeliverable")
def test_d15_what_nobody_takes_is_told_every_hour_until_somebody_does(room: Room) -> None:
    (reference,) = room.decide(SilenceCode.LIST)
    _settle(room, SubmissionState.DEFERRED, "failed rcpt 550 5.1.1")
    assert "undeliverable" in room.look()
    told = []
    for _ in range(24):
        room.look(minutes=15)
        told.append(next(one.told for one in room.ledger.alarms() if one.code == "undeliverable"))
    assert told[-1] in (6, 7)
    (alarm,) = [one for one in room.ledger.alarms() if one.code == "undeliverable"]
    assert alarm.details == (f"1 in all: {reference}",)
    _settle(room, SubmissionState.ACCEPTED, "accepted dot 250")
    assert "undeliverable" not in room.look(minutes=1)


@pytest.mark.provokes("unit-refused")
def test_d15_a_unit_that_refuses_is_told_with_its_answer(room: Room) -> None:
    (reference,) = room.decide(SilenceCode.LIST)
    _settle(room, SubmissionState.FAILED, "failed rcpt 550 5.1.1")
    assert room.look() == {"unit-refused"}
    assert room.ledger.alarms()[0].details == (f"{reference}, sent to press: failed rcpt 550 5.1.1",)


def test_alerts_that_wait_to_be_sent_make_no_alert(room: Room) -> None:
    room.alerts.tell("mistake", "here")
    assert room.ledger.backlog().outbox[0].kind == "alert"
    assert room.look(hours=3) == {"mistake"}


@pytest.mark.provokes("unreadable")
def test_d16_an_unreadable_message_is_told_by_its_reference(room: Room) -> None:
    references = room.decide(SilenceCode.UNREADABLE, SilenceCode.LIST, SilenceCode.UNREADABLE)
    assert room.look() == {"unreadable"}
    assert set(room.ledger.alarms()[0].details) | {references[0]} == {references[0], references[2]}


@pytest.mark.provokes("too-many-hops")
def test_a39_a_message_that_goes_in_circles_is_told(room: Room) -> None:
    room.decide(SilenceCode.TOO_MANY_HOPS)
    assert room.look() == {"too-many-hops"}


@pytest.mark.provokes("own-mail-loop")
def test_a35_own_mail_coming_back_is_told_when_it_is_much(room: Room) -> None:
    room.decide(*[SilenceCode.OWN_MAIL] * OWN_PER_HOUR)
    assert room.look() == set()
    room.decide(*[SilenceCode.OWN_MAIL] * OWN_PER_HOUR, unit=CANARY)
    assert room.look(minutes=5) == set()  # the canary is meant to come back
    room.decide(SilenceCode.OWN_MAIL)
    assert room.look(minutes=5) == {"own-mail-loop"}


def test_a35_own_mail_now_and_then_is_nobodys_news(room: Room) -> None:
    for _ in range(2 * OWN_PER_HOUR):
        room.decide(SilenceCode.OWN_MAIL)
        assert room.look(minutes=4) - {"waiting-long"} == set()


@pytest.mark.provokes("breaker-open")
def test_a42_a_breaker_that_opens_is_told_once(room: Room) -> None:
    room.decide(None, None)
    forwards = room.ledger.claim_submissions(room.now, Limits(), forwards=50, acknowledgements=0)
    room.ledger.settle(
        [Settlement(one.submission.id, SubmissionState.ACCEPTED, room.now, "accepted") for one in forwards], room.now
    )
    assert room.look() == set()
    assert room.ledger.claim_submissions(room.now, Limits(per_hour=0), forwards=0, acknowledgements=50) == []
    assert room.look() == {"breaker-open"}
    assert room.ledger.alarms()[0].details == ("global-limit",)


def test_old_history_is_counted_and_is_nobodys_news(room: Room) -> None:
    room.decide(SilenceCode.UNREADABLE, None)
    room.now += timedelta(days=2)
    assert "unreadable" not in room.look()
    assert room.ledger.tallies()["messages_decided", ("press", "unknown", "unreadable")] == 1


def test_each_row_of_the_history_counts_once(room: Room) -> None:
    room.decide(SilenceCode.LIST, None)
    room.look()
    room.look()
    room.decide(None)
    Watch(lambda: room.config, room.ledger, room.alerts, room.vitals, room.clock).look()  # after a restart
    decided = {labels: n for (name, labels), n in room.ledger.tallies().items() if name == "messages_decided"}
    assert decided == {("press", "unknown", "list"): 1, ("press", "unknown", "none"): 2}


# ------------------------------------------------------------------------------ told by the stages


class Withholding:
    """A server that lists a message and gives nothing for it (I-05: Exchange, for broken calendar items)."""

    def select(self, folder: str) -> Selected:
        return Selected(1, 18, True)

    def uids(self, uidnext: int) -> list[int]:
        return [17]

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        return [Listed(uid, 100, START) for uid in uids]

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {}


@pytest.mark.provokes("listed-but-not-given")
def test_i05_a_message_that_is_listed_and_not_given_is_told_after_some_polls(room: Room, tmp_path: Path) -> None:
    intake = Intake(room.ledger, Spool(tmp_path / "spool"), room.clock, lambda: None, room.alerts, lambda octets: None)
    for number in range(1, PATIENCE + 3):
        intake.turn(Withholding(), [Source("INBOX", Channel.INBOX)])  # type: ignore[arg-type]
        assert len(room.ledger.alarms()) == (number >= PATIENCE)
    assert room.ledger.alarms()[0].details == ("INBOX, UID 17",)
