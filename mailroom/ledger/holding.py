"""Destinations that are left alone for a while: one message probes, the others for it wait (RFC 5321 section 4.5.4.1).

A destination is a mailbox ("press@example.org") or a domain ("@example.org"). These are steps inside the outbox's
transactions. What waits is put off by its `due_at`, so that nothing looks for it before the time. An urgent message
still gets its first try, and every message one more when four days are over, since only a try can send it to the
fallback. A power cut leaves the row or does not: then one more message is a probe.
"""

from __future__ import annotations

import sqlite3

from mailroom.ledger.rows import WAITING
from mailroom.lifecycle import FORWARD_GIVES_UP, retry_delay

PROBE = 60.0  # seconds that the others wait while one is under way; what comes of it changes that at once
_DAYS = FORWARD_GIVES_UP.total_seconds()
_FOR = "kind <> 'acknowledgement' AND ?1 IN (lower(recipient), lower(substr(recipient, instr(recipient, '@'))))"
_PATIENT = (
    f"NOT (priority = 0 AND attempts = 0) AND NOT (created_at + {_DAYS} <= ?2 AND changed_at < created_at + {_DAYS})"
)


def wait(c: sqlite3.Connection, at: float) -> None:
    """Before claiming: what waits for a held destination is put off, but for one, the most urgent, when it is time."""
    for destination, until in c.execute("SELECT destination, until FROM hold").fetchall():
        busy = c.execute(f"SELECT 1 FROM submission WHERE state = 'sending' AND {_FOR} LIMIT 1", (destination,))
        probe, later = None, until
        if until <= at:
            later = at + PROBE
            if busy.fetchone() is None:
                probe = c.execute(
                    f"SELECT id FROM submission WHERE {WAITING} AND due_at <= ?2 AND {_FOR}"
                    " ORDER BY priority, due_at, rowid LIMIT 1",
                    (destination, at),
                ).fetchone()
        c.execute(
            f"UPDATE submission SET due_at = ?3 WHERE {WAITING} AND due_at <= ?2 AND {_FOR}"
            f" AND {_PATIENT} AND id <> ?4",
            (destination, at, later, probe[0] if probe else ""),
        )


def hold(c: sqlite3.Connection, destination: str, at: float) -> None:
    """It put a message off. Several tries that were under way together count as one."""
    row = c.execute("SELECT failures, until FROM hold WHERE destination = ?", (destination,)).fetchone()
    if row is not None and row[1] > at:
        return
    failures = (row[0] if row else 0) + 1
    until = at + retry_delay(failures).total_seconds()
    c.execute("INSERT OR REPLACE INTO hold VALUES (?, ?, ?)", (destination, failures, until))


def release(c: sqlite3.Connection, recipient: str, at: float) -> None:
    """It gave a definite answer, or a person says so: what waits for it goes now."""
    recipient = recipient.lower()
    domain = f"@{recipient.rpartition('@')[2]}"
    for (destination,) in c.execute(
        "DELETE FROM hold WHERE destination IN (?, ?) RETURNING destination", (recipient, domain)
    ).fetchall():
        c.execute(f"UPDATE submission SET due_at = ?2 WHERE {WAITING} AND due_at > ?2 AND {_FOR}", (destination, at))
