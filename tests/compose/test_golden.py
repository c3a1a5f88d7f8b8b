"""What goes out is what was looked at: whole messages and the catalogue, byte for byte."""

from __future__ import annotations

import pytest

from tests.compose import golden
from tests.compose.samples import GOLDEN

SAMPLES = golden.samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_is_as_it_was_looked_at(name: str) -> None:
    kept = (GOLDEN / f"{name}.eml").read_bytes()
    assert SAMPLES[name].replace(b"\r\n", b"\n") == kept, "look at it, then: python -m tests.compose.golden"


def test_no_kept_message_is_without_its_sample() -> None:
    assert {file.stem for file in GOLDEN.glob("*.eml")} == set(SAMPLES)


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert golden.samples() == SAMPLES


def test_the_guide_shows_every_acknowledgement_as_it_is() -> None:
    kept = golden.GUIDE.read_text(encoding="utf-8")
    assert golden.MARK in kept
    assert kept == golden.guide(), "look at it, then: python -m tests.compose.golden"
