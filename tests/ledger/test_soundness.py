"""A damaged ledger is not worked with; an upgrade keeps a copy; the write-ahead log stays small."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from mailroom.ledger import Ledger, soundness
from mailroom.ledger.migrations import SCHEMA
from mailroom.model import LedgerBroken
from tests.ledger.conftest import NOON, arrival, original


def filled(file: Path) -> None:
    ledger = Ledger(file)
    ledger.record([(arrival(n), original(str(n))) for n in range(2000)], NOON)
    ledger.examine()
    ledger.close()


def test_a_sound_ledger_passes_and_a_damaged_one_names_the_way_back(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    filled(file)
    data = bytearray(file.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096 * 3] = b"\xa5" * (4096 * 3)
    file.write_bytes(data)
    with pytest.raises(LedgerBroken, match=r"is damaged .*mailroom restore FILE"):
        Ledger(file).examine()


def test_a_row_that_belongs_to_nothing_is_damage(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    filled(file)
    with closing(sqlite3.connect(file)) as peer:
        peer.execute("DELETE FROM message WHERE id = 7")
        peer.commit()
    ledger = Ledger(file)
    with pytest.raises(LedgerBroken, match="a row of arrival belongs to nothing"):
        ledger.examine()
    ledger.close()


def test_before_a_migration_a_copy_is_kept_that_can_be_restored(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    filled(file)
    with closing(sqlite3.connect(file)) as peer:  # as if the last step were still to come
        peer.execute(f"PRAGMA user_version = {SCHEMA - 1}")
        peer.commit()
    ledger = Ledger(file)
    assert len(ledger.overview()) == 2000
    ledger.close()
    kept = tmp_path / f"ledger-schema-{SCHEMA - 1}.db"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with closing(sqlite3.connect(kept)) as peer:
        assert peer.execute("PRAGMA user_version").fetchone() == (SCHEMA - 1,)
    copy = Ledger(kept)
    copy.examine()
    assert len(copy.overview()) == 2000
    assert copy.restored is not None
    copy.close()


def test_a_new_ledger_leaves_no_copy(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger.db").close()
    assert list(tmp_path.glob("*schema*")) == []


def test_the_write_ahead_log_is_emptied_when_it_has_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.record([(arrival(n), original(str(n))) for n in range(2000)], NOON)
    log = tmp_path / "ledger.db-wal"
    assert log.stat().st_size > 100_000
    ledger.trim()
    assert log.stat().st_size > 100_000  # small enough to leave alone
    monkeypatch.setattr(soundness, "LOG_MOST", 100_000)
    ledger.trim()
    assert log.stat().st_size == 0
    ledger.close()
