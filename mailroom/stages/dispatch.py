"""Stage 3: what is queued goes to the relay, and what came of it is recorded.

Before the network, a transaction says that the attempt is being made (D-06, D-07); after it, another says what came
of it, and takes up the next ones at once. Urgent ones first; an acknowledgement only after a forward of its message
was accepted. Lanes share the work, one connection each; what is larger than BULKY goes one at a time, since preparing
it costs memory several times its size. A relay that fails is left alone for a while, and no message loses an attempt
by it; so is a mailbox that puts a message off (ledger/holding.py).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import random

from mailroom.compose import PIECE, encode_original
from mailroom.ledger import ClaimedSubmission, Ledger, Settlement
from mailroom.lifecycle import Limits, SubmissionState, after, destination, link_pause, refuses_original
from mailroom.model import Ours, Outcome, Result, Scope, Submission, SubmissionKind, Unwritable
from mailroom.observe import event, trouble
from mailroom.pipeline import Policy
from mailroom.smtp import Pieces, Relay
from mailroom.spool import Spool
from mailroom.stages.fallback import heir, inherit, lighter

BULKY = 1_000_000  # octets of a whole message
GRACE = 15.0  # seconds that what is under way has to end when the daemon stops (D-18)
DISK_PAUSE = 2.0  # seconds, where the disk takes nothing
LINGER = 0.005  # seconds: what comes back within them, while the lanes have work, shares a commit
AHEAD = 4  # submissions claimed for each lane; acknowledgements one, since a kill makes what is claimed `unknown`
_LEFT = Outcome(Result.DEFERRED, Scope.RELAY, phase="held")  # it was not tried


@dataclass(slots=True)
class Dispatch:
    ledger: Ledger
    spool: Spool
    relays: Sequence[Relay]
    limits: Limits
    ours: Ours
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    settled: Callable[[], None]  # tells filing that there may be work
    stopping: Callable[[], bool]
    answered: Callable[[Outcome], None]  # tells how the relay is doing
    unwritable: Callable[[Unwritable], None]  # tells that the disk takes nothing
    held_until: datetime | None = None  # the relay is left alone until then
    _failures: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _bulky: asyncio.Lock = field(default_factory=asyncio.Lock)
    _under_way: int = 0
    _answers: int = 0  # acknowledgements among them
    _results: list[tuple[ClaimedSubmission, Outcome]] = field(default_factory=list)
    _resting: set[str] = field(default_factory=set)  # destinations that put one off since the last claim

    async def run(self) -> None:
        """Work until stopping() is true, then finish what is under way, for at most GRACE seconds.

        Call wake() when there is something new.
        """
        queue: asyncio.Queue[ClaimedSubmission] = asyncio.Queue()
        if cut := await asyncio.to_thread(self.ledger.give_back_submissions, self.now()):
            event("dispatch-begins-anew", **cut)
        lanes = [asyncio.create_task(self._lane(relay, queue)) for relay in self.relays]
        clock = asyncio.get_running_loop().time
        end: float | None = None
        try:
            while True:
                if self.stopping():
                    end = end or clock() + GRACE
                    if clock() >= end:
                        return await self._abandon(lanes, queue)
                self._wake.clear()
                try:
                    claimed = await self._turn(queue)
                    if self.stopping() and self._under_way == 0 and not self._results:
                        return None
                    if claimed == 0 and not self._results:
                        await self._pause(60.0 if end is None else max(end - clock(), 0.0))
                except Unwritable as error:
                    # Nothing goes out without a record. What went out before is recorded when that is possible again;
                    # if we end before, a start finds it as under way (D-06, D-07).
                    self.unwritable(error)
                    if self.stopping() and self._under_way == 0:
                        return None
                    await asyncio.sleep(DISK_PAUSE)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            await asyncio.gather(*(relay.quit() for relay in self.relays))

    def wake(self) -> None:
        """From within the loop: look again."""
        self._wake.set()

    async def _abandon(self, lanes: Sequence[asyncio.Task[None]], queue: asyncio.Queue[ClaimedSubmission]) -> None:
        """The relay is slower than a stop may be: record of each submission what is known of it."""
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        while not queue.empty():
            self._results.append((queue.get_nowait(), _LEFT))
        await self._turn(queue)

    async def _pause(self, seconds: float) -> None:
        """Wait for a result, for new work, or until the next one is due, but no longer than that."""
        if self._under_way == 0:
            due = await asyncio.to_thread(self.ledger.next_submission)
            moments = [one for one in (due, self.held_until) if one is not None]
            if self.held_until is not None:
                moments = [self.held_until]
            if moments:
                seconds = min(max((min(moments) - self.now()).total_seconds(), 0.05), seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _turn(self, queue: asyncio.Queue[ClaimedSubmission]) -> int:
        """Record what came back and take up what there is room for, in one step. How many were taken up."""
        if self._results and not queue.empty():
            await asyncio.sleep(LINGER)
        # What the relay has and the ledger does not say yet is in doubt after a kill just as what is being sent. These
        # results leave that state in the step that takes up others, so the ledger never holds more than there is room.
        results, self._results = self._results, []
        room = self._room()
        if not results and (room == 0 or (room < len(self.relays) and self._under_way > len(self.relays))):
            return 0
        resting = set(self._resting)
        answers = max(len(self.relays) - self._answers, 0)
        try:
            claimed = await asyncio.to_thread(self._record, results, room, answers)
        except Unwritable:
            self._results = [*results, *self._results]
            raise
        self._resting -= resting  # the ledger has them by now
        if results:
            self.settled()
        for one in claimed:
            self._under_way += 1
            self._answers += one.submission.kind is SubmissionKind.ACKNOWLEDGEMENT
            queue.put_nowait(one)
        return len(claimed)

    def _room(self) -> int:
        """For how many there is room; none while the relay is left alone, or at the end."""
        if self.stopping() or (self.held_until is not None and self.now() < self.held_until):
            return 0
        self.held_until = None
        # After a failure one submission probes the relay; the others follow when it is well.
        return max((1 if self._failures else AHEAD * len(self.relays)) - self._under_way, 0)

    async def _lane(self, relay: Relay, queue: asyncio.Queue[ClaimedSubmission]) -> None:
        while True:
            claimed = await queue.get()
            outcome = Outcome(Result.UNKNOWN, Scope.MESSAGE, phase="dot")  # whatever we do not foresee
            try:
                if self.held_until is not None or self._rests(claimed):
                    outcome = Outcome(Result.DEFERRED, Scope.RELAY, phase="held")
                elif claimed.submission.size > BULKY:
                    async with self._bulky:
                        outcome = await self._submit(relay, claimed)
                else:
                    outcome = await self._submit(relay, claimed)
            except asyncio.CancelledError:  # D-06, D-07 after the dot; before it nothing was sent
                outcome = outcome if relay.offered else _LEFT
                raise
            except Exception as error:  # our own mistake: it costs this submission an attempt, never the lane
                trouble("dispatch", error)
            finally:
                if outcome.phase != "held":
                    self._hold(claimed, outcome)
                    self.answered(outcome)
                self._results.append((claimed, outcome))
                self._under_way -= 1
                self._answers -= claimed.submission.kind is SubmissionKind.ACKNOWLEDGEMENT
                self._wake.set()

    async def _submit(self, relay: Relay, claimed: ClaimedSubmission) -> Outcome:
        submission = claimed.submission
        data: bytes | Pieces
        if claimed.original is None:
            data = submission.head + submission.tail
        elif submission.size > BULKY:
            data = Pieces(submission.size, partial(self._pieces, submission, claimed.original))
        else:
            data = b"".join((submission.head, encode_original(self.spool.read(claimed.original)), submission.tail))
        if await _digest(data) != submission.sha256:
            # A retry must be the same bytes (contract, promise 2). The spool was damaged, or the encoding changed.
            event("bytes-changed", reference=claimed.reference)
            return Outcome(Result.DEFERRED, Scope.MESSAGE, phase="spool")
        return await relay.submit(submission.kind, submission.envelope.sender, submission.envelope.recipient, data)

    def _pieces(self, submission: Submission, original: str) -> Iterator[bytes]:
        yield submission.head
        for piece in self.spool.pieces(original, PIECE):
            yield encode_original(piece)
        yield submission.tail

    def _rests(self, claimed: ClaimedSubmission) -> bool:
        """Another one just learned that this mailbox takes nothing now."""
        recipient = claimed.submission.envelope.recipient.lower()
        answer = claimed.submission.kind is SubmissionKind.ACKNOWLEDGEMENT
        return not answer and bool(self._resting & {recipient, f"@{recipient.rpartition('@')[2]}"})

    def _hold(self, claimed: ClaimedSubmission, outcome: Outcome) -> None:
        if outcome.scope is not Scope.RELAY:
            self._failures = 0
            if outcome.result is Result.DEFERRED:
                one = claimed.submission
                if (name := destination(one.kind, outcome, one.envelope.recipient)) is not None:
                    self._resting.add(name)
        else:
            self._failures += 1
            pause = link_pause(self._failures, outcome.wait, random())  # noqa: S311 - no secret
            self.held_until = max(self.held_until or self.now(), self.now() + pause)
            event("relay-held", phase=outcome.phase, code=outcome.code, failures=self._failures)

    def _record(
        self, results: Sequence[tuple[ClaimedSubmission, Outcome]], forwards: int, answers: int
    ) -> list[ClaimedSubmission]:
        now = self.now()
        settled = [self._settlement(claimed, outcome, now) for claimed, outcome in results]
        taken: list[ClaimedSubmission] = []
        if forwards:
            taken = self.ledger.claim_submissions(
                now, self.limits, forwards=forwards, acknowledgements=answers, settled=settled
            )
        else:
            self.ledger.settle(settled, now)
        for claimed, outcome in results:
            if outcome.phase != "held":
                event(
                    "submitted",
                    reference=claimed.reference,
                    kind=claimed.submission.kind,
                    unit=claimed.submission.unit,
                    result=outcome.result,
                    code=outcome.code,
                    attempt=claimed.attempts,
                )
        return taken

    def _settlement(self, claimed: ClaimedSubmission, outcome: Outcome, now: datetime) -> Settlement:
        submission = claimed.submission
        unit = notice = None
        if refuses_original(submission.kind, outcome):
            notice = lighter(claimed, self.ledger, self.spool, self.ours)
        if (
            notice is None
            and submission.kind is not SubmissionKind.ACKNOWLEDGEMENT
            and outcome.result is not Result.ACCEPTED
        ):
            unit = heir(claimed, self.ledger, self.policy().rules)
        following = after(
            submission.kind,
            outcome,
            claimed.attempts,
            now - claimed.created,
            give_up=self.limits.within,
            last_resort=unit is None and notice is None,
        )
        failed = following.state is SubmissionState.FAILED
        holds = answered = None
        if following.state is SubmissionState.DEFERRED:
            holds = destination(submission.kind, outcome, submission.envelope.recipient)
        if holds is None and outcome.scope is not Scope.RELAY and outcome.phase not in ("mail", "spool"):
            answered = submission.envelope.recipient  # RCPT was taken, or refused for good
        cause = " ".join(filter(None, (outcome.result, outcome.phase, str(outcome.code or ""), outcome.enhanced)))
        return Settlement(
            id=submission.id,
            state=following.state,
            due=now + max(following.wait, timedelta(0)),
            cause=cause,
            code=outcome.code,
            attempt_counts=following.attempt_counts,
            replacement=inherit(claimed, unit, self.spool, self.ours) if failed and unit else notice,
            holds=holds,
            answered=answered,
        )


async def _digest(data: bytes | Pieces) -> str:
    """The SHA-256 of a message, in hexadecimal; of a large one beside the loop, which has others to serve."""
    if not isinstance(data, Pieces):
        return hashlib.sha256(data).hexdigest()

    def read() -> str:
        digest = hashlib.sha256()
        for piece in data.read():
            digest.update(piece)
        return digest.hexdigest()

    return await asyncio.to_thread(read)
