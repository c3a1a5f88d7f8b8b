"""A backup in the ledger's place: checked first, whole or not at all, and nothing thrown away."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from mailroom.ledger import Ledger
from mailroom.model import Problem, Rejected


def put_in_place(backup: Path, state: Path, now: datetime) -> Path | None:
    """Replace state/ledger.db. Call it inside only_one(). Returns where the old one lies now, or None without one.

    Copied under another name, synced, checked, and only then renamed: a power cut leaves the old ledger or the new
    one. Raises Rejected where the file is no whole ledger.
    """
    file, fresh = state / "ledger.db", state / "ledger.restoring"
    shutil.copyfile(backup, fresh)
    fresh.chmod(0o600)
    _check(backup, fresh)
    ledger = Ledger(fresh)
    if ledger.restored is None:  # made by another way than `mailroom backup`
        ledger.mark_restored(now)
    ledger.checkpoint()
    ledger.close()
    old: Path | None = None
    if file.exists():
        last = Ledger(file)
        last.checkpoint()
        last.close()
        old = state / f"ledger-before-{now:%Y%m%d-%H%M%S}.db"
        file.rename(old)
        for suffix in ("-wal", "-shm"):
            (state / f"ledger.db{suffix}").unlink(missing_ok=True)
    _sync(fresh)
    fresh.rename(file)
    _sync(state)
    return old


def _check(backup: Path, copy: Path) -> None:
    try:
        connection = sqlite3.connect(copy)
        try:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            connection.execute("SELECT count(*) FROM message, meta").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        verdict = "it is no ledger of mailroom"
    if verdict != "ok":
        copy.unlink(missing_ok=True)
        mend = "Try an older backup; without one, start with an empty state: what lies in the inbox is handled anew"
        raise Rejected((Problem(str(backup), 0, 0, f"this backup cannot be used: {verdict}", mend),))


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
