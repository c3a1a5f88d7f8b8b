"""Rules and templates in force: a broken file never replaces a good one, not even over a restart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mailroom import policy
from mailroom.model import Rejected
from mailroom.pipeline import Policy

ROOT = Path(__file__).parent.parent


@pytest.fixture
def files(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "rules.yaml", tmp_path)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


def load(files: Path) -> Policy:
    return policy.load(files / "rules.yaml", files / "templates", ["example.org"])


def test_the_hash_changes_with_rules_and_with_templates(files: Path) -> None:
    first = load(files)
    assert load(files).hash == first.hash
    template = files / "templates" / "es" / "general.txt"
    template.write_text(template.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    second = load(files)
    rules = files / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert len({first.hash, second.hash, load(files).hash}) == 3


def test_what_was_accepted_survives_a_broken_file(files: Path) -> None:
    state = files / "state"
    state.mkdir()
    good = load(files)
    policy.keep(good, state)
    (files / "rules.yaml").write_text("units: [", encoding="utf-8")
    with pytest.raises(Rejected):
        load(files)
    kept = policy.last_good(state, ["example.org"])
    assert kept is not None
    assert kept.hash == good.hash


def test_without_an_accepted_policy_there_is_none(tmp_path: Path) -> None:
    assert policy.last_good(tmp_path, ["example.org"]) is None


def test_a_unit_outside_the_allowed_domains_is_refused(files: Path) -> None:
    rules = files / "rules.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("press@example.org", "press@example.com"), encoding="utf-8"
    )
    with pytest.raises(Rejected, match=r"press@example\.com"):
        load(files)


def test_an_editors_left_overs_are_no_templates(files: Path) -> None:
    before = load(files).hash
    (files / "templates" / "es" / "general.txt~").write_text("old", encoding="utf-8")
    (files / "templates" / ".general.txt.swp").write_text("half", encoding="utf-8")
    assert load(files).hash == before


def test_a_file_in_another_encoding_names_its_line(files: Path) -> None:
    (files / "rules.yaml").write_bytes(b"# first\n# Petici\xf3n\n")
    with pytest.raises(Rejected, match=r"rules\.yaml:2:1: this file is not in UTF-8"):
        load(files)


def test_the_stamp_sees_a_change(files: Path) -> None:
    before = policy.stamp(files / "rules.yaml", files / "templates")
    assert policy.stamp(files / "rules.yaml", files / "templates") == before
    (files / "templates" / "es" / "general.txt").write_text("x", encoding="utf-8")
    assert policy.stamp(files / "rules.yaml", files / "templates") != before
