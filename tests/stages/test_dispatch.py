"""What dispatch takes from the ledger at once bounds what a kill leaves in doubt."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from mailroom.ledger import ClaimedSubmission, Ledger
from mailroom.lifecycle import Limits, SubmissionState
from mailroom.model import Ours, Outcome, Result, Scope, SubmissionKind
from mailroom.pipeline import Policy
from mailroom.smtp import Relay
from mailroom.spool import Spool
from mailroom.stages.dispatch import Dispatch
from tests.ledger.conftest import NOON, Bench

LANES = 4
ACCEPTED = Outcome(Result.ACCEPTED, Scope.MESSAGE, 250, phase="dot")


def relay() -> Relay:
    return Relay(host="127.0.0.1", port=1, security="none", username="", password=None, domain="example.org")


def test_d07_answers_that_the_ledger_does_not_know_of_yet_count_among_those_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(Ledger(tmp_path / "ledger.db"))
    for number in range(20):
        bench.decide(f"message {number}", sender_key=f"sender {number}")
    for one in bench.claim():
        bench.settle(one, SubmissionState.ACCEPTED)
    dispatch = Dispatch(
        ledger=bench.ledger,
        spool=Spool(tmp_path / "spool"),
        relays=[relay() for _ in range(LANES)],
        limits=Limits(),
        ours=Ours(address="support@example.org"),
        policy=lambda: cast(Policy, None),  # nothing is refused here
        now=lambda: NOON + timedelta(minutes=1),
        settled=lambda: None,
        stopping=lambda: False,
        answered=lambda _: None,
        unwritable=lambda _: None,
    )

    async def story() -> None:
        queue: asyncio.Queue[ClaimedSubmission] = asyncio.Queue()
        assert await dispatch._turn(queue) == LANES
        taken = [queue.get_nowait() for _ in range(LANES)]
        assert {one.submission.kind for one in taken} == {SubmissionKind.ACKNOWLEDGEMENT}
        assert await dispatch._turn(queue) == 0  # all are in doubt

        def came_back(one: ClaimedSubmission) -> None:
            dispatch._results.append((one, ACCEPTED))
            dispatch._under_way -= 1
            dispatch._answers -= 1

        # The relay takes three of them, and the fourth just while the ledger is told of the three.
        for one in taken[:3]:
            came_back(one)
        claim = bench.ledger.claim_submissions

        def meanwhile(*values: Any, **named: Any) -> list[ClaimedSubmission]:
            came_back(taken[3])
            return claim(*values, **named)

        with monkeypatch.context() as patch:
            patch.setattr(bench.ledger, "claim_submissions", meanwhile)
            assert await dispatch._turn(queue) == 3
        assert bench.states()["acknowledgement", "sending"] == LANES
        assert await dispatch._turn(queue) == 1
        assert bench.states()["acknowledgement", "sending"] == LANES

    asyncio.run(story())
    bench.ledger.close()
