"""Rows of the tables to values and back, and the pieces of SQL that several verbs share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from mailroom.ledger.values import (
    ClaimedSubmission,
)
from mailroom.lifecycle import IllegalMove
from mailroom.model import (
    Envelope,
    Submission,
    SubmissionKind,
)

OPEN = "('queued', 'sending', 'deferred')"
COLUMNS = (
    "id, message, kind, unit, state, priority, due_at, ready, sender, recipient, message_id, token, head, original,"
    " tail, sha256, size, sender_key, domain_key, created_at, changed_at"
)
CLAIMED = (
    f"{COLUMNS}, attempts, (SELECT sha256 FROM message m WHERE m.id = message),"
    " (SELECT reference FROM message m WHERE m.id = message), (SELECT inbox FROM message m WHERE m.id = message)"
)
# `ready` is 0 for an acknowledgement until a forward of its message was accepted (D-12).
WAITING = "ready = 1 AND state IN ('queued', 'deferred')"
INSERT = f"INSERT OR IGNORE INTO submission ({COLUMNS}) VALUES ({', '.join('?' * 21)})"


def history(c: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    c.executemany(
        "INSERT INTO history (at, message, submission, was, became, cause, code) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
    )


def one_row(cursor: sqlite3.Cursor, verb: str) -> None:
    if cursor.rowcount != 1:
        raise IllegalMove(f"{verb}: the state was not the expected one")


def row_of(one: Submission, message: int | None, at: float) -> tuple[object, ...]:
    return (
        one.id,
        message,
        one.kind,
        one.unit,
        "queued",
        one.priority,
        at,
        int(one.kind is not SubmissionKind.ACKNOWLEDGEMENT),
        one.envelope.sender,
        one.envelope.recipient,
        one.message_id,
        one.token,
        one.head,
        int(one.with_original),
        one.tail,
        one.sha256,
        one.size,
        one.sender_key,
        one.domain_key,
        at,
        at,
    )


def claimed_of(row: Sequence[Any], started: int = 0) -> ClaimedSubmission:
    """Of a row of CLAIMED."""
    submission = Submission(
        id=row[0],
        kind=SubmissionKind(row[2]),
        unit=row[3],
        envelope=Envelope(row[8], row[9]),
        message_id=row[10],
        token=row[11],
        head=row[12],
        with_original=bool(row[13]),
        tail=row[14],
        sha256=row[15],
        size=row[16],
        priority=row[5],
        sender_key=row[17],
        domain_key=row[18],
    )
    return ClaimedSubmission(
        submission=submission,
        original=row[22] if row[13] else None,
        attempts=row[21] + started,
        created=moment(row[19]),
        reference=row[23] or "",
        inbox=row[24] or "",
    )


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def moment_or_none(at: float | None) -> datetime | None:
    return None if at is None else moment(at)
