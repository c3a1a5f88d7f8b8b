"""A ledger of each released schema opens in this program, with everything in it, and goes on where it was."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.ledger import Ledger, counted, migrations
from mailroom.lifecycle import Limits
from mailroom.model import LedgerBroken
from tests.ledger.conftest import NOON

DUMPS = {int(one.stem.removeprefix("schema-")): one for one in Path(__file__).parent.glob("schema-*.sql")}


@pytest.fixture(params=sorted(DUMPS))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A ledger of this schema: written by that release, dumped as SQL."""
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as peer:
        peer.executescript(DUMPS[request.param].read_text(encoding="utf-8"))
    peer.close()
    return file


def schema(file: Path) -> tuple[int, list[str]]:
    with sqlite3.connect(file) as peer:
        (version,) = peer.execute("PRAGMA user_version").fetchone()
        objects = peer.execute(
            "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall()
    peer.close()
    return version, sorted(row[0] for row in objects)


def test_it_is_brought_to_this_schema_and_is_like_a_fresh_one(old: Path, tmp_path: Path) -> None:
    assert schema(old)[0] in DUMPS
    Ledger(old).close()
    Ledger(tmp_path / "fresh.db").close()
    assert schema(old) == schema(tmp_path / "fresh.db")
    assert schema(old)[0] == migrations.SCHEMA
    Ledger(old).close()  # a second time there is nothing to do


def test_everything_in_it_goes_on_where_it_was(old: Path) -> None:
    ledger = Ledger(old)
    assert ledger.recover(NOON) == {"repeated": 0, "unknown": 1}
    health = ledger.health(NOON)
    assert health.messages == {"decided": 2, "filed": 1, "recorded": 1}
    assert health.submissions["forward", "accepted"] == 2
    assert health.submissions["acknowledgement", "unknown"] == 1
    assert len(ledger.key()) == 32
    story = ledger.story(ledger.overview()[0].reference)
    assert story is not None
    assert [step.became for step in story.steps][:2] == ["recorded", "decided"]
    later = NOON + timedelta(hours=2)
    (forward,) = ledger.claim_submissions(later, Limits(), forwards=50, acknowledgements=0)
    assert forward.attempts == 2
    (message,) = ledger.claim_messages(later, 10)
    assert ledger.record([], datetime.now(UTC)) == []
    counts = counted(ledger.follow(1000))
    assert counts["messages_recorded", ("inbox",)] == 4
    assert counts["submissions", ("forward", "accepted")] == 2
    assert ledger.alarms() == []
    assert message.tries == 1
    ledger.close()


def test_arrivals_in_flight_belong_to_the_one_inbox_that_there_was(old: Path) -> None:
    ledger = Ledger(old)
    ledger.recover(NOON)
    assert ledger.known("", "INBOX", 7, [1, 8380, 9]) == {1, 8380}
    assert ledger.known("legal", "INBOX", 7, [1, 8380, 9]) == set()
    (filing,) = ledger.due_for_filing(10, inbox="")
    assert (filing.folder, filing.uid) == ("INBOX", 8380)
    assert ledger.due_for_filing(10, inbox="legal") == []
    assert {one.inbox for one in ledger.claim_messages(NOON, 10)} == {""}
    assert {one.inbox for one in ledger.claim_submissions(NOON, Limits(), forwards=9, acknowledgements=9)} <= {""}
    ledger.filed([filing], NOON)
    assert ledger.known("", "INBOX", 7, [8380]) == {8380}
    assert ledger.left_behind(["legal", "press"], NOON) == 2  # now it has a name: they are found anew, by their hash
    assert ledger.known("", "INBOX", 7, [1, 8380]) == {8380}
    ledger.close()


def test_an_upgrade_that_dies_half_way_is_done_anew(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power goes before the last note: the steps that ran are known, and none runs twice."""
    Ledger(old).close()
    with sqlite3.connect(old) as peer:
        peer.execute("PRAGMA user_version = 6")
    peer.close()
    Ledger(old).close()
    assert schema(old)[0] == migrations.SCHEMA


def test_a_backup_made_before_the_upgrade_opens_in_the_old_program(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the old program does is stood for by this one with its schema number: it looks at nothing else."""
    copy = old.with_name("before.db")
    copy.write_bytes(old.read_bytes())
    Ledger(old).close()
    monkeypatch.setattr("mailroom.ledger.store.SCHEMA", 6)
    with pytest.raises(LedgerBroken, match="restore the backup made before the upgrade"):
        Ledger(old)
    Ledger(copy).close()


def test_an_upgrade_that_is_done_anew_leaves_the_copy_of_before(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power goes after a step, and before the schema's number says so."""
    (version, _), before = schema(old), schema(old)
    if version == migrations.SCHEMA:
        pytest.skip("nothing to upgrade")
    Ledger(old).close()
    with sqlite3.connect(old) as peer:
        peer.execute(f"PRAGMA user_version = {version}")
    peer.close()
    Ledger(old).close()
    assert schema(old)[0] == migrations.SCHEMA
    assert schema(old.with_name(f"ledger-schema-{version}.db")) == before
