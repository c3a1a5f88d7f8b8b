"""The documentation says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailroom.cli import COMMANDS
from tests import reference

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_reference_is_what_the_program_says() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.page(), "run: python -m tests.reference"


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`mailroom ([a-z]+)", text))
    named |= set(re.findall(r"^    mailroom (?:--config \S+ )?([a-z]+)", text, re.MULTILINE))
    assert named <= set(COMMANDS)


def test_every_rooms_name_stands_in_how_it_works() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    rooms = {
        one.name for one in (ROOT / "mailroom").iterdir()
        if not one.name.startswith("__") and (one.is_dir() or one.suffix == ".py")
    }  # fmt: skip
    assert [room for room in sorted(rooms) if f"`{room}" not in text and f"{room}/`" not in text] == []
