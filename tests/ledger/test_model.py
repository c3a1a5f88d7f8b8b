"""The ledger against a small model of the world: mailbox, relay, staff, kills, a clock that jumps, rules that change.

Hypothesis makes the stories. The mailbox and the relay of the model know what really happened; the ledger knows only
what it was told before each kill. Whatever the story: nothing is lost, no acknowledgement goes out twice or before a
forward, a forward repeats only where its fate was in doubt, and at the end every message is filed (contract section 1).
With MAILROOM_TORTURE=1 there are more and longer stories.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailroom.ledger import ClaimedSubmission, Ledger, Settlement
from mailroom.lifecycle import Limits, after
from mailroom.model import Outcome, Result, Scope, SubmissionKind
from tests.ledger.conftest import NOON, arrival, original, plan

TORTURE = os.environ.get("MAILROOM_TORTURE") == "1"
LIMITS = Limits()
ANSWERS = {
    "accepted": Outcome(Result.ACCEPTED, Scope.MESSAGE, 250, phase="dot"),
    "lost": Outcome(Result.UNKNOWN, Scope.MESSAGE, phase="dot"),  # the relay has it, and nobody heard
    "refused for now": Outcome(Result.DEFERRED, Scope.RECIPIENT, 450, "4.2.1", "rcpt"),
    "away": Outcome(Result.DEFERRED, Scope.RELAY, phase="connect"),
}


class Killed(Exception):
    """The power went."""


class World(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mailroom-model-"))
        self.boots = 0
        self.now = NOON
        self.inbox: dict[int, int] = {}  # UID -> which message
        self.filed: Counter[int] = Counter()
        self.elsewhere: set[int] = set()  # staff took it before it was recorded
        self.uidvalidity, self.next_uid, self.delivered = 7, 1, 0
        self.forwards: Counter[int] = Counter()  # what reached the unit
        self.doubts: Counter[int] = Counter()  # how often a forward's fate was not known
        self.answers: Counter[int] = Counter()  # what reached the person, or may have
        self.acknowledges = True  # what the rules say today
        self.fuse: int | None = None  # so many steps until the power goes
        self.which: dict[str, int] = {}  # SHA-256 -> which message

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger(self._place())

    def _place(self) -> Path:
        self.boots += 1
        place = self.folder / str(self.boots)
        place.mkdir()
        return place / "ledger.db"

    def _kill(self) -> None:
        """What lies on the disk this moment is all that is left: the connection is not closed first."""
        place = self._place()
        before = self.folder / str(self.boots - 1)
        for file in before.glob("ledger.db*"):
            if not file.name.endswith("-shm"):  # it is memory
                shutil.copy(file, place.parent / file.name)
        self.ledger.close()
        self.ledger = Ledger(place)
        self.ledger.recover(self.now)
        self.fuse = None

    def _step(self) -> None:
        """Between any two things that last, the power may go."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise Killed

    # ------------------------------------------------------------------------------------ the world

    @rule(again=st.booleans(), number=st.integers(0, 10))
    def somebody_writes(self, again: bool, number: int) -> None:
        if not (again and self.delivered):
            number = self.delivered
            self.delivered += 1
        self.inbox[self.next_uid] = number % max(self.delivered, 1)
        self.next_uid += 1

    @precondition(lambda self: self.inbox)
    @rule(number=st.integers(0, 50))
    def staff_take_one_out(self, number: int) -> None:
        uid = sorted(self.inbox)[number % len(self.inbox)]
        self.elsewhere.add(self.inbox.pop(uid))

    @precondition(lambda self: self.filed)
    @rule(number=st.integers(0, 50))
    def staff_drag_one_back(self, number: int) -> None:
        one = sorted(self.filed)[number % len(self.filed)]
        self.inbox[self.next_uid] = one
        self.next_uid += 1

    @rule()
    def the_mailbox_is_restored_from_a_backup(self) -> None:
        self.uidvalidity += 1
        self.inbox = dict(enumerate(self.inbox.values(), 1))
        self.next_uid = len(self.inbox) + 1

    @rule(hours=st.sampled_from([-30, -1, 1, 30, 120]))
    def the_clock_jumps(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def staff_change_the_rules(self) -> None:
        self.acknowledges = not self.acknowledges

    @rule(steps=st.integers(0, 12))
    def the_power_will_go(self, steps: int) -> None:
        self.fuse = steps

    # ------------------------------------------------------------------------------------ mailroom

    @rule()
    def poll(self) -> None:
        self._turn(self._poll)

    @rule(limit=st.integers(1, 5))
    def triage(self, limit: int) -> None:
        self._turn(lambda: self._triage(limit))

    @rule(answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=6))
    def dispatch(self, answers: list[str]) -> None:
        self._turn(lambda: self._dispatch(answers))

    @rule()
    def file(self) -> None:
        self._turn(self._file)

    @rule(answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=4), hours=st.integers(0, 3))
    def time_passes(self, answers: list[str], hours: int) -> None:
        """All stages, one after the other: the way that most messages go."""

        def all_stages() -> None:
            self._poll()
            self._triage(50)
            self._dispatch(answers)
            self._dispatch(answers[::-1])
            self._file()

        self._turn(all_stages)
        self.now += timedelta(hours=hours)

    @rule(
        numbers=st.integers(1, 3),
        steps=st.integers(2, 12),
        answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1),
    )
    def the_power_goes_on_the_way(self, numbers: int, steps: int, answers: list[str]) -> None:
        for number in range(numbers):
            self.somebody_writes(again=False, number=number)
        self.fuse = steps
        self.time_passes(answers, hours=0)

    def _turn(self, turn: object) -> None:
        try:
            turn()  # type: ignore[operator]
        except Killed:
            self._kill()

    def _poll(self) -> None:
        self.ledger.lost_pointers("", "INBOX", self.uidvalidity, self.now)
        known = self.ledger.known("", "INBOX", self.uidvalidity, list(self.inbox))
        found = []
        for uid, number in self.inbox.items():
            if uid not in known:
                bytes_ = original(f"message {number}")
                self.which[bytes_.sha256] = number
                found.append((arrival(uid, uidvalidity=self.uidvalidity, at=self.now), bytes_))
        self._step()
        if found:
            self.ledger.record(found, self.now)
        self._step()

    def _triage(self, limit: int) -> None:
        claimed = self.ledger.claim_messages(self.now, limit)
        self._step()
        plans = [
            (one, plan(one, acknowledge=self.acknowledges, sender_key=one.original.sha256[:12])) for one in claimed
        ]
        self.ledger.decided(plans, self.now)
        self._step()

    def _dispatch(self, answers: list[str]) -> None:
        claimed = self.ledger.claim_submissions(self.now, LIMITS, forwards=8, acknowledgements=2)
        self._step()
        numbers = {row.reference: self.which[row.sha256] for row in self.ledger.overview()}
        settled: list[Settlement] = []
        for place, one in enumerate(claimed):
            answer = answers[place % len(answers)]
            self._send(one, numbers[one.reference], answer)
            self._step()
            settled.append(self._settlement(one, ANSWERS[answer]))
        self.ledger.settle(settled, self.now)
        for one, settlement in zip(claimed, settled, strict=True):
            if one.submission.kind is SubmissionKind.FORWARD and settlement.state == "accepted":
                self.doubts[numbers[one.reference]] -= 1  # now it is known
        self._step()

    def _send(self, one: ClaimedSubmission, number: int, answer: str) -> None:
        """What the relay does, whatever mailroom hears or remembers of it."""
        if answer not in ("accepted", "lost"):
            return
        if one.submission.kind is SubmissionKind.FORWARD:
            self.forwards[number] += 1
            self.doubts[number] += 1
        else:
            assert self.forwards[number] > 0, "an acknowledgement before any forward"
            self.answers[number] += 1

    def _settlement(self, one: ClaimedSubmission, outcome: Outcome) -> Settlement:
        following = after(
            one.submission.kind,
            outcome,
            one.attempts,
            self.now - one.created,
            give_up=LIMITS.within,
            last_resort=True,
        )
        due = self.now + following.wait
        return Settlement(one.submission.id, following.state, due, "model", attempt_counts=following.attempt_counts)

    def _file(self) -> None:
        due = self.ledger.due_for_filing(50)
        self._step()
        for one in due:
            if one.uidvalidity == self.uidvalidity and one.uid in self.inbox:
                self.filed[self.inbox.pop(one.uid)] += 1
                self._step()
        self.ledger.filed([one for one in due if one.uidvalidity == self.uidvalidity], self.now)
        self._step()

    # ------------------------------------------------------------------------------------ promises

    @invariant()
    def nobody_is_answered_twice(self) -> None:
        assert all(count <= 1 for count in self.answers.values())

    @invariant()
    def forwards_repeat_only_in_doubt(self) -> None:
        assert all(count <= 1 + max(self.doubts[number], 0) for number, count in self.forwards.items())

    def teardown(self) -> None:
        """No more trouble, and time enough: everything must come to its end."""
        if not hasattr(self, "ledger"):
            return
        try:
            self._kill()
            for _ in range(60):
                self._poll()
                self._triage(50)
                self._dispatch(["accepted"])
                self._file()
                self.ledger.close_pointerless(self.now)  # as the hourly sweep does
                self.now += timedelta(hours=3)
            recorded = {self.which[row.sha256] for row in self.ledger.overview()}
            assert not self.inbox, "something stays in the inbox"
            assert recorded | self.elsewhere >= set(range(self.delivered)), "a message was never recorded"
            assert all(self.forwards[number] for number in recorded), "a message was never forwarded"
            assert {row.state for row in self.ledger.overview()} <= {"filed"}
            assert self.ledger.outbox() == []
            self.nobody_is_answered_twice()
            self.forwards_repeat_only_in_doubt()
        finally:
            self.ledger.close()
            shutil.rmtree(self.folder)


World.TestCase.settings = settings(
    max_examples=400 if TORTURE else 40,
    stateful_step_count=100 if TORTURE else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestTheLedgerKeepsItsPromises = World.TestCase
