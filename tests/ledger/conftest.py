"""A ledger in a temporary folder, and the small values that its verbs take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.ledger import Claimed, ClaimedSubmission, Ledger, Settlement
from mailroom.lifecycle import Limits, SubmissionState
from mailroom.model import (
    Arrival,
    Channel,
    Context,
    Decision,
    Disposition,
    Envelope,
    Facts,
    Original,
    Plan,
    Silence,
    SilenceCode,
    Submission,
    SubmissionKind,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def arrival(uid: int, *, uidvalidity: int = 7, folder: str = "INBOX", at: datetime = NOON, inbox: str = "") -> Arrival:
    return Arrival(Channel.INBOX, folder, uidvalidity, uid, 100, at, inbox=inbox)


def original(text: str) -> Original:
    return Original(hashlib.sha256(text.encode()).hexdigest(), len(text))


def submission(reference: str, kind: SubmissionKind, *, unit: str = "press", sender_key: str = "sender") -> Submission:
    forward = kind is SubmissionKind.FORWARD
    name = f"{reference}/{kind}/{unit if forward else '-'}/0"
    return Submission(
        id=name,
        kind=kind,
        unit=unit if forward else None,
        envelope=Envelope("bounces+t@example.org" if forward else "", f"{unit}@example.org"),
        message_id=f"<{name}@example.org>",
        token=f"token-{name}" if forward else None,
        head=b"Subject: x\r\n\r\n",
        with_original=forward,
        tail=b"",
        sha256="0" * 64,
        size=14,
        sender_key=None if forward else sender_key,
        domain_key=None if forward else "domain",
    )


def plan(claimed: Claimed, *, acknowledge: bool = True, sender_key: str = "sender", forward: bool = True) -> Plan:
    silence = None if acknowledge else Silence(SilenceCode.RULE, "a test")
    decision = Decision(unit="press", confident=True, silence=silence, disposition=Disposition.DONE, tags=("press",))
    kinds = ([SubmissionKind.FORWARD] if forward else []) + ([SubmissionKind.ACKNOWLEDGEMENT] if acknowledge else [])
    return Plan(
        decision,
        Context(now=NOON, reference=claimed.reference),
        Facts(sender_key=sender_key),
        tuple(submission(claimed.reference, kind, sender_key=sender_key) for kind in kinds),
    )


@dataclass
class Bench:
    """A ledger and the shortest ways to bring a message to a state."""

    ledger: Ledger
    limits: Limits = field(default_factory=Limits)

    def decide(self, *texts: str, at: datetime = NOON, acknowledge: bool = True, sender_key: str = "sender") -> None:
        found = [(arrival(1000 + abs(hash(text)) % 10**6, at=at), original(text)) for text in texts]
        self.ledger.record(found, at)
        claimed = self.ledger.claim_messages(at, 100)
        self.ledger.decided([(one, plan(one, acknowledge=acknowledge, sender_key=sender_key)) for one in claimed], at)

    def claim(self, at: datetime = NOON) -> list[ClaimedSubmission]:
        return self.ledger.claim_submissions(at, self.limits, forwards=50, acknowledgements=50)

    def settle(self, one: ClaimedSubmission, state: SubmissionState, at: datetime = NOON) -> None:
        self.ledger.settle([Settlement(one.submission.id, state, at + timedelta(hours=1), "test")], at)

    def states(self) -> dict[tuple[str, str], int]:
        return dict(self.ledger.health(NOON).submissions)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    ledger = Ledger(tmp_path / "ledger.db")
    yield Bench(ledger)
    ledger.close()
