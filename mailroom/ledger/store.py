"""The file, its one connection behind one lock, and the one kind of transaction.

Promises: WAL with synchronous=FULL, so that what a verb returned survives a power cut; every write is one
BEGIN IMMEDIATE transaction; an error of SQLite comes out as LedgerBroken, or as Unwritable where it may pass.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from mailroom.effects import Door, passing
from mailroom.ledger.migrations import SCHEMA, steps
from mailroom.model import (
    LedgerBroken,
)
from mailroom.space import of_disk, of_sqlite


class Store:
    def __init__(self, file: Path, effect: Door = passing) -> None:
        self._effect = effect
        self._file = file
        self._lock = threading.RLock()
        try:
            connection = sqlite3.connect(file, check_same_thread=False, timeout=10, isolation_level=None)
            self._db = Database(connection)
            self._c = connection
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            self._migrate()
        except sqlite3.Error as error:
            raise LedgerBroken(f"cannot open the ledger {file}: {error}") from error
        file.chmod(0o600)

    def _migrate(self) -> None:
        (version,) = self._c.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise LedgerBroken(
                f"this ledger was written by a newer mailroom (schema {version}, this program knows {SCHEMA}): "
                "install that version again, or restore the backup made before the upgrade"
            )
        (sync,) = self._c.execute("PRAGMA synchronous").fetchone()
        assert sync == 2, "the ledger needs synchronous=FULL"
        if version < SCHEMA:
            if version > 0:
                self._keep_copy(version)
            steps.apply(self._db)
            self._c.execute(f"PRAGMA user_version = {SCHEMA}")

    def _keep_copy(self, version: int) -> None:
        """What the older program can work with, should somebody want it back; it bears the mark of a copy."""
        target = self._file.with_name(f"{self._file.stem}-schema-{version}.db")
        if target.exists() and len(steps.applied(self._db)) > version:
            return  # an upgrade was cut short after some of its steps: the copy was made before them
        with closing(sqlite3.connect(target)) as copy:
            target.chmod(0o600)
            self._c.backup(copy)
            copy.execute("INSERT OR REPLACE INTO meta VALUES ('restored', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'))")
            copy.commit()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self, name: str) -> Iterator[sqlite3.Connection]:
        """One durable step. BEGIN IMMEDIATE, since a deferred one fails at once when another writer was quicker."""
        with self._lock:
            try:
                self._c.execute("BEGIN IMMEDIATE")
                try:
                    yield self._c
                    self._effect(f"ledger.{name}")
                    self._c.execute("COMMIT")
                except BaseException:
                    if self._c.in_transaction:
                        self._c.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise of_sqlite(error, name) from error
            except OSError as error:
                raise of_disk(error, name) from error
        self._effect(f"ledger.{name}.done")

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                return self._c.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise of_sqlite(error, "reading") from error

    def key(self) -> bytes:
        """The secret that signs our Message-IDs and tokens; made once, backed up with the ledger."""
        with self._transaction("key") as c:
            c.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (secrets.token_hex(32),))
            (value,) = c.execute("SELECT value FROM meta WHERE key = 'key'").fetchone()
        return bytes.fromhex(value)

    def noted(self) -> dict[str, str]:
        """What was noted, without the secret key."""
        return dict(self._rows("SELECT key, value FROM meta WHERE key <> 'key'"))

    def note(self, **values: str) -> None:
        """Remember facts about the daemon for status: policy, trouble …"""
        with self._transaction("note") as c:
            c.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))

    def polled(self, inbox: str, now: datetime) -> None:
        """A look into this inbox came to its end."""
        self.note(**{_poll(inbox): now.isoformat()})

    def last_poll(self, inbox: str) -> datetime | None:
        """When a look into this inbox last came to its end."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", _poll(inbox))
        return datetime.fromisoformat(rows[0][0]) if rows else None


def _poll(inbox: str) -> str:
    return f"last_poll/{inbox}" if inbox else "last_poll"
