"""The shipped rules on the practice enquiries: they must not do worse than they did."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailroom.model import Disposition, Kind, Message
from mailroom.rules import decide, load, matching
from mailroom.rules.view import View
from tests.enquiries.figures import CONTEXT, RULES, measure, read
from tests.servers import enquiries

Practice = list[tuple[enquiries.Enquiry, Message]]


@pytest.fixture(scope="module")
def practice() -> Practice:
    return read(enquiries.load())


def test_routing_of_the_practice_enquiries(practice: Practice) -> None:
    figures = measure(practice, load(RULES.read_text(encoding="utf-8")))
    assert figures.unit / figures.messages >= 0.97, figures.errors
    assert figures.confident / figures.messages >= 0.75
    assert figures.confident_right / figures.confident >= 0.97
    assert figures.recall("urgent") == 1.0, figures.errors
    assert figures.precision("urgent") >= 0.9
    assert figures.recall("sensitive") >= 0.97, figures.errors
    assert figures.precision("sensitive") >= 0.9


def test_every_practice_enquiry_comes_out_as_one_forward(practice: Practice) -> None:
    rules = load(RULES.read_text(encoding="utf-8"))
    for row, mail in practice:
        decision = decide(mail, CONTEXT, rules)
        assert decision.forward, row.id
        assert decision.copies == (), row.id
        assert decision.urgent <= decision.sensitive, row.id
        if decision.urgent:
            assert decision.unit == "precautionary-measures", row.id


def test_automatic_mail_that_concerns_ours_is_filed_without_a_forward(practice: Practice) -> None:
    rules = load(RULES.read_text(encoding="utf-8"))
    automatic = [mail for _, mail in practice if mail.kind is not Kind.PERSONAL]
    assert automatic
    for mail in automatic:
        decision = decide(mail, replace(CONTEXT, concerns_ours=True), rules)
        assert (decision.forward, decision.disposition) == (False, Disposition.AUTOMATIC)


def test_each_half_of_the_practice_enquiries_is_met_alike(practice: Practice) -> None:
    rules = load(RULES.read_text(encoding="utf-8"))
    for half in (practice[::2], practice[1::2]):
        assert measure(half, rules).unit / len(half) >= 0.95


def test_asking_only_the_rules_whose_words_are_there_misses_none(practice: Practice) -> None:
    """The index of triggers against the plain way, on mail of all kinds: every rule in order."""
    rules = load(RULES.read_text(encoding="utf-8"))
    for row, mail in practice:
        view, plain = View(mail, CONTEXT, rules.finder, rules.negation), []
        for rule in rules.rules:
            if rule.enabled and rule.when.test(view) is not None:
                plain.append(rule.name)
                view.tags.update(rule.then.tags)
                view.sums.update(dict(rule.then.adds))
                if rule.then.stop:
                    break
        assert [hit.rule.name for hit in matching(mail, CONTEXT, rules)] == plain, row.id


def test_routing_of_mail_that_the_rules_were_not_tuned_on() -> None:
    """Regression floors, somewhat below what was measured."""
    rules = load(RULES.read_text(encoding="utf-8"))
    folder = RULES.parent / "tests" / "enquiries"
    tuned = measure(read(enquiries.load(folder / "tuning.jsonl")), rules)
    assert tuned.unit / tuned.messages >= 0.93
    assert tuned.recall("urgent") >= 0.97
    unseen = measure(read(enquiries.load(folder / "validation.jsonl")), rules)
    assert unseen.unit / unseen.messages >= 0.91
    assert unseen.confident_right / unseen.confident >= 0.94
    assert unseen.recall("urgent") >= 0.95
    assert unseen.precision("urgent") >= 0.85
    assert unseen.recall("sensitive") >= 0.96
