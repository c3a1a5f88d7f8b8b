"""The practice enquiries: language, matter numbers, and whether each may be answered."""

from __future__ import annotations

import statistics
import time

import pytest

from mailroom.message import read, warm
from mailroom.model import Message, Ours
from tests.servers.enquiries import Enquiry, load

OURS = Ours(
    "support@example.org", ("info@example.org",), "mail.example.org", envelope_from="bounces@example.org", key=b"k"
)


@pytest.fixture(scope="module")
def enquiries() -> list[tuple[Enquiry, Message]]:
    return [(enquiry, read(enquiry.raw, OURS)) for enquiry in load()]


def test_language(enquiries: list[tuple[Enquiry, Message]]) -> None:
    wrong = [
        (e.id, e.expected["language"], m.language) for e, m in enquiries if m.language.code != e.expected["language"]
    ]
    assert len(wrong) <= 0.01 * len(enquiries), wrong


def test_matter_numbers_are_exact(enquiries: list[tuple[Enquiry, Message]]) -> None:
    assert [(e.id, m.matters) for e, m in enquiries if list(m.matters) != e.expected["references"]] == []


def test_nobody_is_answered_who_must_not_be(enquiries: list[tuple[Enquiry, Message]]) -> None:
    assert [e.id for e, m in enquiries if not e.expected["acknowledge"] and m.silence is None] == []


def test_everybody_else_can_be_answered(enquiries: list[tuple[Enquiry, Message]]) -> None:
    silent = [
        (e.id, m.silence) for e, m in enquiries if e.expected["acknowledge"] and (m.silence or not m.acknowledge_to)
    ]
    assert silent == []


def test_the_median_enquiry_costs_less_than_three_milliseconds() -> None:
    warm()
    times = []
    for enquiry in load():
        start = time.process_time_ns()
        read(enquiry.raw, OURS)
        times.append(time.process_time_ns() - start)
    assert statistics.median(times) < 3_000_000
