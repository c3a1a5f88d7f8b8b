"""Every (state, next state): the legal ones move, all others raise and change nothing."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TypeAlias

import pytest

from mailroom.lifecycle import (
    FORWARD_GIVES_UP,
    OPEN,
    SUBMISSION_MOVES,
    Answered,
    IllegalMove,
    Limits,
    SubmissionState,
    after,
    allow,
    check_move,
    link_delay,
    link_pause,
    refuses_original,
    retry_delay,
)
from mailroom.model import Outcome, Result, Scope, SilenceCode, SubmissionKind

S: TypeAlias = SubmissionState
K: TypeAlias = SubmissionKind
DAY = timedelta(hours=24)


@pytest.mark.parametrize(("was", "becomes"), list(itertools.product(S, S)))
def test_only_moves_of_the_table_are_legal(was: SubmissionState, becomes: SubmissionState) -> None:
    if becomes in SUBMISSION_MOVES[was]:
        check_move(was, becomes)
    else:
        with pytest.raises(IllegalMove, match=f"a submission that is {was} cannot become {becomes}"):
            check_move(was, becomes)


def test_every_state_that_is_not_open_is_final_but_for_a_bounce() -> None:
    for state in S:
        if state not in OPEN:
            assert SUBMISSION_MOVES[state] <= {S.BOUNCED}


def _after(kind: K, outcome: Outcome, *, age: timedelta = timedelta(0), last: bool = False) -> SubmissionState:
    return after(kind, outcome, 1, age, give_up=DAY, last_resort=last).state


@pytest.mark.parametrize(
    ("result", "scope", "forward", "acknowledgement"),
    [
        (Result.ACCEPTED, Scope.MESSAGE, S.ACCEPTED, S.ACCEPTED),
        (Result.UNKNOWN, Scope.MESSAGE, S.DEFERRED, S.UNKNOWN),  # D-06, D-07
        (Result.DEFERRED, Scope.MESSAGE, S.DEFERRED, S.DEFERRED),  # D-14
        (Result.DEFERRED, Scope.RECIPIENT, S.DEFERRED, S.DEFERRED),
        (Result.DEFERRED, Scope.RELAY, S.QUEUED, S.QUEUED),
        (Result.FAILED, Scope.RECIPIENT, S.FAILED, S.FAILED),
        (Result.FAILED, Scope.MESSAGE, S.FAILED, S.FAILED),
    ],
)
def test_what_follows_an_outcome(result: Result, scope: Scope, forward: S, acknowledgement: S) -> None:
    outcome = Outcome(result, scope)
    assert _after(K.FORWARD, outcome) is forward
    assert _after(K.ACKNOWLEDGEMENT, outcome) is acknowledgement


def test_a_relay_that_fails_costs_no_attempt() -> None:
    following = after(K.FORWARD, Outcome(Result.DEFERRED, Scope.RELAY), 9, DAY * 9, give_up=DAY, last_resort=False)
    assert not following.attempt_counts


def test_a_forward_gives_up_after_four_days_where_somebody_else_can_have_it() -> None:
    busy = Outcome(Result.DEFERRED, Scope.RECIPIENT, 450)
    assert _after(K.FORWARD, busy, age=FORWARD_GIVES_UP) is S.FAILED
    assert _after(K.FORWARD, busy, age=FORWARD_GIVES_UP, last=True) is S.DEFERRED


def test_a_forward_that_nobody_else_can_have_is_never_dropped() -> None:
    assert _after(K.FORWARD, Outcome(Result.FAILED, Scope.RECIPIENT, 550), last=True) is S.DEFERRED  # D-15


def test_an_acknowledgement_is_given_up_after_its_time() -> None:
    assert _after(K.ACKNOWLEDGEMENT, Outcome(Result.DEFERRED, Scope.MESSAGE, 451), age=DAY) is S.FAILED


def test_delays_grow_and_end() -> None:
    delays = [retry_delay(n) for n in range(1, 20)]
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(hours=4)
    assert link_delay(1) == timedelta(seconds=5)
    assert link_delay(50) == timedelta(seconds=300)


@pytest.mark.parametrize(
    ("limits", "answered", "age", "expected"),
    [
        (Limits(), Answered(0, 0, 0, 0), timedelta(0), None),
        (Limits(), Answered(2, 9, 499, 1999), DAY, None),
        (Limits(), Answered(3, 3, 3, 3), timedelta(0), SilenceCode.SENDER_LIMIT),
        (Limits(), Answered(0, 10, 10, 10), timedelta(0), SilenceCode.SENDER_LIMIT),
        (Limits(), Answered(0, 0, 500, 500), timedelta(0), SilenceCode.DOMAIN_LIMIT),
        (Limits(), Answered(0, 0, 0, 2000), timedelta(0), SilenceCode.GLOBAL_LIMIT),
        (Limits(), Answered(0, 0, 0, 0), DAY + timedelta(seconds=1), SilenceCode.STALE),
        (Limits(enabled=False), Answered(0, 0, 0, 0), timedelta(0), SilenceCode.DISABLED),
    ],
)
def test_who_may_be_answered_now(
    limits: Limits, answered: Answered, age: timedelta, expected: SilenceCode | None
) -> None:
    assert allow(limits, answered, age) is expected


def test_i18_a_server_is_left_alone_for_as_long_as_it_asks_but_never_longer_than_a_quarter_of_an_hour() -> None:
    assert link_pause(1, None, 0) == timedelta(seconds=5)
    assert link_pause(1, None, 1) == timedelta(seconds=6.25)  # chance: not all of us at once
    assert link_pause(1, 92.0, 0) == timedelta(seconds=92)
    assert link_pause(50, 92.0, 0) == timedelta(seconds=300)
    assert link_pause(1, 86400.0, 1) == link_pause(1, 900.0, 1) == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "expected"),
    [
        ("mail", 552, "5.3.4", True),
        ("dot", 552, None, True),
        ("dot", 550, "5.2.3", True),
        ("dot", 554, "5.6.1", True),
        ("dot", 552, "5.7.0", True),
        ("mail", 523, None, True),
        ("dot", 552, "5.2.2", False),  # the mailbox is full
        ("rcpt", 552, None, False),  # so it is
        ("dot", 550, "5.7.1", False),  # perhaps it is about us
        ("dot", 554, None, False),
        ("mail", 550, "5.1.8", False),
    ],
)
def test_f13_what_is_refused_for_the_original_and_what_is_not(
    phase: str, code: int, enhanced: str | None, expected: bool
) -> None:
    outcome = Outcome(Result.FAILED, Scope.MESSAGE, code, enhanced, phase)
    assert refuses_original(K.FORWARD, outcome) is expected
    assert not refuses_original(K.NOTICE, outcome)  # a notice has none
    assert not refuses_original(K.ACKNOWLEDGEMENT, outcome)
