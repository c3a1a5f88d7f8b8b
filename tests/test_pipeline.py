"""The core as a whole: pure, total, the same every time; and the practice enquiries through all of it."""

from __future__ import annotations

import builtins
import email
import hashlib
import json
import random
import socket
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailroom import compose, pipeline, policy
from mailroom.model import Context, Disposition, Ours, Plan, SubmissionKind
from mailroom.pipeline import Policy
from tests.scenarios.mail import letter
from tests.servers.enquiries import Enquiry, load

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CONTEXT = Context(now=AT, reference="SU-2026-000001-G", job="SU-2026-000001-G", received=AT)
OURS = Ours("support@example.org", authserv_id="mail.example.org", envelope_from="bounces@example.org", key=b"k" * 32)


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return policy.load(ROOT / "rules.yaml", ROOT / "templates", ["example.org"])


def original_of(plan: Plan, raw: bytes) -> bytes:
    """The decoded original.eml of the forward, as a unit's mail program would save it."""
    forward = plan.submissions[0]
    data = forward.head + compose.encode_original(raw) + forward.tail
    assert hashlib.sha256(data).hexdigest() == forward.sha256
    assert len(data) == forward.size
    parts = email.message_from_bytes(data).walk()
    part = next(one for one in parts if one.get_filename() == "original.eml")
    decoded = part.get_payload(decode=True)
    assert isinstance(decoded, bytes)
    return decoded


@pytest.mark.parametrize("enquiry", load(), ids=lambda one: one.id)
def test_each_practice_enquiry_is_forwarded_once_and_answered_only_where_it_may(
    shipped: Policy, enquiry: Enquiry
) -> None:
    plan = pipeline.plan(enquiry.raw, CONTEXT, OURS, shipped)
    kinds = Counter(one.kind for one in plan.submissions)
    copies = len(plan.decision.copies)
    assert kinds[SubmissionKind.FORWARD] == 1 + copies
    assert kinds[SubmissionKind.ACKNOWLEDGEMENT] == (1 if enquiry.expected["acknowledge"] else 0)
    assert original_of(plan, enquiry.raw) == enquiry.raw
    assert json.loads(plan.record)["decision"]["unit"] == plan.decision.unit


def test_the_core_reads_no_clock_file_socket_or_die(shipped: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.plan(letter(1), CONTEXT, OURS, shipped)  # models and caches are warm

    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the core reached outside")

    raws = [one.raw for one in load()]
    with monkeypatch.context() as patched:
        for place, name in ((builtins, "open"), (socket, "socket"), (time, "time"), (random, "random")):
            patched.setattr(place, name, forbidden)
        plans = [pipeline.plan(raw, CONTEXT, OURS, shipped) for raw in raws]
    assert len(plans) == len(raws)


def test_the_same_message_gives_the_same_bytes(shipped: Policy) -> None:
    for enquiry in load()[:30]:
        assert pipeline.plan(enquiry.raw, CONTEXT, OURS, shipped) == pipeline.plan(enquiry.raw, CONTEXT, OURS, shipped)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=600))
def test_whatever_the_bytes_they_are_forwarded_whole(shipped: Policy, raw: bytes) -> None:
    plan = pipeline.plan(raw, CONTEXT, OURS, shipped)
    assert original_of(plan, raw) == raw


def test_an_unreadable_message_goes_untouched_to_the_default_unit_unanswered(shipped: Policy) -> None:
    raw = b"\x00\xff anything"
    plan = pipeline.raw_plan(raw, CONTEXT, OURS, shipped, "died")
    assert plan.decision.unit == shipped.rules.default_unit
    assert not plan.decision.acknowledge
    assert plan.decision.disposition is Disposition.QUARANTINE
    assert plan.folder == "Quarantine"
    assert original_of(plan, raw) == raw
    assert len(plan.submissions) == 1


def test_a_template_that_fails_costs_the_answer_and_never_the_forward(
    shipped: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ValueError("a template failed")

    monkeypatch.setattr(compose, "acknowledgement", broken)
    plan = pipeline.plan(letter(1), CONTEXT, OURS, shipped)
    assert [one.kind for one in plan.submissions] == [SubmissionKind.FORWARD]
    assert plan.decision.silence is not None
    assert plan.decision.silence.code == "render"


def test_a_cover_note_that_fails_costs_the_note_and_never_the_original(
    shipped: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ValueError("a header would not do")

    monkeypatch.setattr(compose, "forward", broken)
    plan = pipeline.plan(letter(1), CONTEXT, OURS, shipped)
    assert original_of(plan, letter(1)) == letter(1)


def test_above_the_size_limit_a_notice_goes_instead(shipped: Policy) -> None:
    small = Ours("support@example.org", envelope_from="bounces@example.org", key=b"k" * 32, max_size=100)
    plan = pipeline.plan(letter(1), CONTEXT, small, shipped)
    assert plan.submissions[0].kind is SubmissionKind.NOTICE
    assert not plan.submissions[0].with_original


@pytest.mark.skipif(not CORPUS.is_dir(), reason="mail from public test suites is not part of the project")
def test_mail_that_broke_other_programs_is_forwarded_whole(shipped: Policy) -> None:
    for file in sorted(CORPUS.rglob("*.eml")):
        raw = file.read_bytes()
        began = time.perf_counter()
        plan = pipeline.plan(raw, CONTEXT, OURS, shipped)
        assert time.perf_counter() - began < 2, file.name  # a second, and the machine's moods
        if plan.decision.forward:
            assert original_of(plan, raw) == raw, file.name
