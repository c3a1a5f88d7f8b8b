"""Message-IDs, tokens and reference numbers: made here, recognised here, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.identity import (
    check_character,
    find_references,
    make_message_id,
    make_reference,
    make_token,
    own_form,
    own_message_id,
    sign_id,
    valid_reference,
)
from mailroom.message.facts import is_ours
from mailroom.model import Ours

OURS = Ours(address="support@Example.org", key=b"k" * 32)


def test_a_message_id_of_ours_is_recognised_and_stable() -> None:
    made = make_message_id(OURS, "f", "SU-2026-000123-K/forward/press/0")
    assert made == make_message_id(OURS, "f", "SU-2026-000123-K/forward/press/0")
    assert made.endswith("@example.org>") and len(made) < 100
    assert own_message_id(made, OURS) and own_form(made, OURS)
    assert own_message_id(made.replace("@example.org", "@EXAMPLE.ORG"), OURS)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.replace("<m1.f.", "<m1.a."),
        lambda v: v.replace("@example.org", "@example.com"),
        lambda v: v[1:-1],
        lambda v: v + v,
        lambda v: v.upper(),
        lambda v: "",
    ],
)
def test_a_changed_message_id_is_not_ours(change) -> None:  # type: ignore[no-untyped-def]
    assert not own_message_id(change(make_message_id(OURS, "f", "x")), OURS)


def test_another_key_or_none_proves_nothing() -> None:
    made = make_message_id(OURS, "a", "x")
    assert not own_message_id(made, Ours(address="support@example.org", key=b"other"))
    bare = Ours(address="support@example.org")
    assert not own_message_id(make_message_id(bare, "a", "x"), bare)
    assert own_form(made, bare)


def test_of_several_inboxes_every_address_is_ours_and_each_speaks_for_itself() -> None:
    inboxes = (("", "support@example.org"), ("support", "support@example.org"), ("legal", "legal@Example.net"))
    ours = replace(
        OURS, address="support@example.org", aliases=("legal@Example.net", "info@example.org"), inboxes=inboxes
    )
    legal = ours.at("legal")
    assert (legal.address, legal.domain) == ("legal@Example.net", "example.net")
    assert ours.at("support") is ours.at("given-up") is ours
    assert legal.at("support").address == "support@example.org"
    assert legal.at("").address == "support@example.org"
    made = make_message_id(legal, "a", "x")
    assert made.endswith("@example.net>")
    for one in (ours, legal):
        assert own_message_id(made, one) and own_form(made, one)
        assert own_message_id(make_message_id(ours, "a", "x"), one)
        assert all(
            is_ours(address, one) for address in ("support@example.org", "LEGAL@example.net", "info@example.org")
        )
        assert not is_ours("other@example.net", one)
    assert OURS.at("legal") is OURS


def test_tokens_are_long_plain_and_differ_by_submission() -> None:
    one, two = make_token(OURS, "a"), make_token(OURS, "b")
    assert one != two and len(one) >= 20 and one.isalnum() and one == one.lower()
    assert sign_id(OURS.key, "token", "a") != sign_id(OURS.key, "submission", "a")


def test_reference_carries_a_check_character() -> None:
    reference = make_reference(2026, 123)
    assert reference.startswith("SU-2026-000123-") and valid_reference(reference)
    assert make_reference(2026, 1_234_567).startswith("SU-2026-1234567-")


def test_check_character_follows_the_published_example() -> None:
    # ISO 7064 MOD 37,36 protects, among others, the Global Release Identifier: A12425GABC1234002 has M
    assert check_character("A12425GABC1234002") == "M"


@settings(deadline=None)
@given(st.integers(0, 999_999), st.integers(0, 11), st.characters(codec="ascii", categories=["Nd"]))
def test_one_wrong_digit_is_always_noticed(number: int, place: int, digit: str) -> None:
    reference = make_reference(2026, number)
    at = 3 + place
    if reference[at] in "-" + digit:
        return
    assert not valid_reference(reference[:at] + digit + reference[at + 1 :])


def test_references_are_found_as_people_copy_them() -> None:
    one, two = make_reference(2026, 1), make_reference(2026, 22)
    text = f"Re: {one.lower()} y {two.replace('-', ' ')}, otra vez {one}. No: SU-2026-000001-?, X{one}"
    assert find_references(text) == (one, two)
    wrong = one[:-1] + ("A" if one[-1] != "A" else "B")
    assert find_references(wrong) == ()


@settings(deadline=None)
@given(st.text())
def test_reading_never_raises(text: str) -> None:
    find_references(text)
    valid_reference(text)
    own_message_id(text, OURS)
