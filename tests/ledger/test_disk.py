"""What the ledger says of a disk that takes nothing, and that it goes on when it takes something again."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from mailroom.ledger import Ledger
from mailroom.model import LedgerBroken, Unwritable
from mailroom.space import Space, of_disk, of_sqlite
from mailroom.spool import Spool
from tests.ledger.conftest import NOON, arrival, original


def test_a_full_ledger_changes_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    connection = ledger._c
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    found = [(arrival(n), original(str(n))) for n in range(500)]
    with pytest.raises(Unwritable, match="full"):
        ledger.record(found, NOON)
    assert ledger.overview() == []
    connection.execute("PRAGMA max_page_count = 100000")
    assert len(ledger.record(found, NOON)) == 500
    ledger.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_spool_without_room_keeps_no_half_file_and_says_that_it_passes(tmp_path: Path, number: int) -> None:
    def door(name: str) -> None:
        if name == "spool.fsync":
            raise OSError(number, "scripted")

    spool = Spool(tmp_path / "spool", door)
    with pytest.raises(Unwritable):
        spool.put([b"a message"])
    assert list(spool.directory.iterdir()) == []


def test_a_failed_fsync_and_corruption_do_not_pass() -> None:
    assert type(of_disk(OSError(errno.EIO, "x"), "doing")) is LedgerBroken
    for code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode = code
        assert type(of_sqlite(error, "doing")) is LedgerBroken
    for code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_READONLY_DBMOVED):
        error.sqlite_errorcode = code
        assert type(of_sqlite(error, "doing")) is Unwritable


def test_twice_the_message_and_the_floor_must_be_free(tmp_path: Path) -> None:
    Space(tmp_path, 0).check(1000)
    with pytest.raises(Unwritable, match="MB are free"):
        Space(tmp_path, 10**18).check()
    with pytest.raises(Unwritable):
        Space(tmp_path, 0).check(10**18)
