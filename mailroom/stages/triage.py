"""Stage 2: a recorded message becomes a decision and its submissions, in one transaction.

The core runs in workers, which know the message alone. What it answers, and who wrote before, is in the ledger: where
the ledger knows something about a message, that one is planned again with the Context it belongs to. A message that
kills its worker three times is forwarded unread, so that it stops nobody (D-16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailroom import pipeline
from mailroom.ledger import Claimed, Ledger
from mailroom.lifecycle import POISON_TRIES
from mailroom.model import LANGUAGES, Context, Facts, Kind, LedgerBroken, Ours, Plan, Submission, Unwritable
from mailroom.observe import event
from mailroom.pipeline import Policy
from mailroom.spool import Spool
from mailroom.stages.fallback import heir, inherit
from mailroom.workers import BEGINNING, Job, Poisoned, Under, Workers

BATCH = 32  # messages a turn: a chunk for each of two workers, and the last ones do not wait for many
POISON_PAUSE = timedelta(seconds=2)  # before the next try
TURNS = 8  # however much is new: after so many turns one that was tried before has its own


@dataclass(frozen=True, slots=True)
class _Batch:
    claimed: Sequence[Claimed]
    contexts: Sequence[Context]
    under_way: Under

    @property
    def again(self) -> bool:
        """It is one message that was tried before: nothing is read beside it, so a crash counts against it alone."""
        return any(one.tries > 1 for one in self.claimed)


def _hopeless(claimed: Claimed) -> bool:
    """It was being read whenever this program died: it goes out unread."""
    return claimed.tries > POISON_TRIES


@dataclass(slots=True)
class Triage:
    ledger: Ledger
    spool: Spool
    workers: Workers
    ours: Ours
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    decided: Callable[[], None]  # tells dispatch and filing that there is work
    complained: Callable[[], None]  # tells the administrators that our mail was called unwanted
    restored: datetime | None = None  # when a restored ledger was taken up
    ending: bool = False
    _ahead: _Batch | None = None  # claimed, and under way in the workers
    _turns: int = 0
    _astray: bool = False  # a mistake was made, and messages are claimed by nobody
    _unrecorded: _Batch | None = None  # the disk took nothing when it was to be recorded

    def turn(self) -> bool:
        """Decide what is due. True where there was something. Raises Unwritable, and goes on there the next time."""
        self._give_back()
        batch, self._unrecorded = self._unrecorded, None
        try:
            if batch is None:
                batch, self._ahead = self._ahead, None
            if batch is None and (batch := self._take()) is None:
                return False
            self._turns += 1
            if not batch.again and self._turns % TURNS:
                self._ahead = self._ahead or self._take(beside=True)  # the workers go on while this batch is recorded
            self._decide(batch)
        except Unwritable:
            self._unrecorded = batch
            raise
        except LedgerBroken:
            raise
        except Exception:  # a mistake of ours: what was claimed is claimed anew, and the try counts
            self._ahead, self._astray = None, True
            self._give_back()
            raise
        return True

    def _give_back(self) -> None:
        if self._astray:
            self.ledger.give_back_messages()
            self._astray = False

    def _decide(self, batch: _Batch) -> None:
        claimed = batch.claimed
        plans = self._plan_known(claimed, self._answers(batch))
        self._bounces(plans)
        self._complaints(plans)
        done = [(one, plan) for one, plan in zip(claimed, plans, strict=True) if isinstance(plan, Plan)]
        if done:
            self.ledger.decided(done, self.now())
            self.decided()
        for one, plan in done:
            decision = plan.decision
            event(
                "decided",
                reference=one.reference,
                unit=decision.unit,
                confident=decision.confident,
                urgent=decision.urgent,
                language=plan.facts.language.code,
                silence=decision.silence.code if decision.silence else None,
            )

    def finish(self) -> None:
        """Before a clean end: decide what the workers have under way, so that the try it was counted is not lost."""
        self.ending = True
        while self.turn():
            pass

    def _take(self, *, beside: bool = False) -> _Batch | None:
        if self.ending:
            return None
        now = self.now()
        tried_first = self._turns % TURNS == 0 and self._turns > 0
        claimed = self.ledger.claim_messages(now, BATCH, beside=beside, tried_first=tried_first)
        return self._begin(claimed, [self._context(one, now) for one in claimed]) if claimed else None

    def _context(self, claimed: Claimed, now: datetime) -> Context:
        # What came before the copy was taken up may have been handled by the ledger that was lost.
        before = self.restored is not None and (claimed.received is None or claimed.received < self.restored)
        return Context(
            now=now,
            reference=claimed.reference,
            job=claimed.reference,
            channel=claimed.channel,
            received=claimed.received,
            correction=claimed.correction,
            generation=claimed.generation,
            restored=before,
            inbox=claimed.inbox,
        )

    def _begin(self, claimed: Sequence[Claimed], contexts: Sequence[Context]) -> _Batch:
        jobs = [
            Job(self.spool.path(one.original.sha256), one.original, context)
            for one, context in zip(claimed, contexts, strict=True)
            if not _hopeless(one)
        ]
        return _Batch(claimed, contexts, self.workers.begin(jobs))

    def _answers(self, batch: _Batch) -> list[Plan | None]:
        """One plan each, or None for a message that gets another try."""
        answers = iter(batch.under_way.wait())
        plans: list[Plan | None] = []
        for one, context in zip(batch.claimed, batch.contexts, strict=True):
            answer = Poisoned("crash") if _hopeless(one) else next(answers)
            if isinstance(answer, Plan):
                plans.append(answer)
            elif one.tries >= POISON_TRIES:
                event("unreadable", reference=one.reference, reason=answer.reason, tries=one.tries)
                plans.append(self._raw(one, context, answer.reason))
            else:
                event("try-again", reference=one.reference, reason=answer.reason, tries=one.tries)
                self.ledger.released([one.id], self.now() + POISON_PAUSE)
                plans.append(None)
        return plans

    def _raw(self, claimed: Claimed, context: Context, reason: str) -> Plan:
        if claimed.original.size > max(self.ours.max_size, BEGINNING):
            return pipeline.raw_plan(claimed.original, context, self.ours, self.policy(), reason)
        try:
            raw = self.spool.read(claimed.original.sha256)
        except OSError as error:
            raise LedgerBroken("an original is missing from the spool") from error
        return pipeline.raw_plan(raw, context, self.ours, self.policy(), reason)

    def _plan_known(self, claimed: Sequence[Claimed], plans: list[Plan | None]) -> list[Plan | None]:
        """Plan again those of which the ledger knows more than the message says."""
        facts = [plan.facts for plan in plans if plan is not None]
        conversations = self.ledger.conversations(
            [name for one in facts for name in (*one.ours, *_bounced_id(one))],
            [name for one in facts for name in one.our_references],
        )
        tokens = self.ledger.tokens_of_ours([one.token for one in facts if one.token])
        always = self.policy().rules.uses_history
        keys = [one.sender_key for one in facts if one.sender_key and (always or one.language.in_doubt)]
        earlier = self.ledger.earlier(keys, self.now()) if keys else {}
        again: list[int] = []
        contexts: list[Context] = []
        for n, plan in enumerate(plans):
            if plan is None:
                continue
            named = (*plan.facts.ours, *_bounced_id(plan.facts), *plan.facts.our_references)
            found = next((conversations[name] for name in named if name in conversations), None)
            ours = found is not None or plan.facts.token in tokens
            count, language = earlier.get(plan.facts.sender_key or "", (0, None))
            context = replace(
                plan.context,
                reference=found.reference if found else plan.context.reference,
                conversation=found,
                earlier=count if always else 0,
                earlier_language=language if plan.facts.language.in_doubt and language in LANGUAGES else None,
                concerns_ours=ours and plan.facts.kind is not Kind.PERSONAL,
            )
            if context != plan.context:
                again.append(n)
                contexts.append(context)
        if again:
            batch = self._begin([claimed[n] for n in again], contexts)
            for n, plan in zip(again, self._answers(batch), strict=True):
                plans[n] = plan
        return plans

    def _bounces(self, plans: Sequence[Plan | None]) -> None:
        """A forward of ours that came back goes to the fallback, once (D-09); a token proves that it was ours."""
        reports = [
            plan.facts.dsn
            for plan in plans
            if plan is not None and plan.facts.dsn and plan.facts.dsn.token and plan.facts.dsn.action == "failed"
        ]
        forwards = self.ledger.by_token([one.token for one in reports if one.token])
        bounced: list[tuple[str, Submission | None]] = []
        for forward in forwards.values():
            unit = heir(forward, self.ledger, self.policy().rules)
            replacement = inherit(forward, unit, self.spool, self.ours) if unit else None
            bounced.append((forward.submission.id, replacement))
            event("bounced", reference=forward.reference, fallback=replacement.unit if replacement else None)
        if bounced:
            self.ledger.bounced(bounced, self.now())

    def _complaints(self, plans: Sequence[Plan | None]) -> None:
        """Somebody's provider reports our acknowledgement as unwanted: that person gets no further one (A-25)."""
        reported = [plan.facts.complaint for plan in plans if plan is not None and plan.facts.complaint]
        if reported and self.ledger.never_answer_recipients(reported, "reported as unwanted", self.now()):
            event("complained", reports=len(reported))
            self.complained()


def _bounced_id(facts: Facts) -> tuple[str, ...]:
    return (facts.dsn.message_id,) if facts.dsn and facts.dsn.message_id else ()
