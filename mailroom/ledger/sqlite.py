"""The ledger in SQLite, opened through sqlite-utils. All SQL is here and in migrations.py.

Promises: WAL with synchronous=FULL, so that what a verb returned survives a power cut; every write is one
BEGIN IMMEDIATE transaction, with its history rows; a move of state names the state it expects and fails where it is
another. One connection behind one lock, so any thread may call any verb.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from mailroom.effects import Door, passing
from mailroom.identity import make_reference
from mailroom.ledger.migrations import SCHEMA, steps
from mailroom.ledger.values import (
    Claimed,
    ClaimedSubmission,
    Filing,
    Health,
    Overview,
    Settlement,
    Step,
    Story,
    Waiting,
)
from mailroom.lifecycle import (
    Answered,
    IllegalMove,
    Limits,
    SubmissionState,
    allow,
    check_move,
)
from mailroom.model import (
    Arrival,
    Channel,
    Conversation,
    Envelope,
    LedgerBroken,
    Original,
    Plan,
    Submission,
    SubmissionKind,
)

_OPEN = "('queued', 'sending', 'deferred')"
_COLUMNS = (
    "id, message, kind, unit, state, priority, due_at, ready, sender, recipient, message_id, token, head, original,"
    " tail, sha256, size, sender_key, domain_key, created_at, changed_at"
)
# `ready` is 0 for an acknowledgement until a forward of its message was accepted (D-12).
_WAITING = "ready = 1 AND state IN ('queued', 'deferred')"
_INSERT = f"INSERT OR IGNORE INTO submission ({_COLUMNS}) VALUES ({', '.join('?' * 21)})"


class Ledger:
    def __init__(self, file: Path, effect: Door = passing) -> None:
        self._effect = effect
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
            steps.apply(self._db)
            self._c.execute(f"PRAGMA user_version = {SCHEMA}")

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
                raise LedgerBroken(f"{name}: {error}") from error
        self._effect(f"ledger.{name}.done")

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            try:
                return self._c.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise LedgerBroken(str(error)) from error

    # ------------------------------------------------------------------------------------------ meta

    def key(self) -> bytes:
        """The secret that signs our Message-IDs and tokens; made once, backed up with the ledger."""
        with self._transaction("key") as c:
            c.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (secrets.token_hex(32),))
            (value,) = c.execute("SELECT value FROM meta WHERE key = 'key'").fetchone()
        return bytes.fromhex(value)

    def note(self, **values: str) -> None:
        """Remember facts about the daemon for status: last_poll, policy, trouble …"""
        with self._transaction("note") as c:
            c.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))

    # ---------------------------------------------------------------------------------------- intake

    def known(self, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Which of these UIDs were recorded before: they need no second download."""
        if not uids:
            return set()
        rows = self._rows(
            "SELECT uid FROM arrival WHERE folder = ? AND uidvalidity = ? AND uid BETWEEN ? AND ?",
            folder,
            uidvalidity,
            min(uids),
            max(uids),
        )
        return {row[0] for row in rows} & set(uids)

    def record(self, found: Sequence[tuple[Arrival, Original]], now: datetime) -> list[str]:
        """T1: each message exists and has its reference; bytes known before are linked, not repeated.

        Returns the references, in order. Call it only for bytes that the spool holds durably.
        """
        at = now.timestamp()
        references = []
        with self._transaction("record") as c:
            numbers = _Numbers(c, now.year)
            for arrival, original in found:
                row = c.execute("SELECT id, reference FROM message WHERE sha256 = ?", (original.sha256,)).fetchone()
                if row is None:
                    reference = make_reference(now.year, numbers.next())
                    received = arrival.internal_date.timestamp() if arrival.internal_date else None
                    cursor = c.execute(
                        "INSERT INTO message (reference, sha256, size, state, due_at, channel, received_at,"
                        " recorded_at, correction) VALUES (?, ?, ?, 'recorded', ?, ?, ?, ?, ?)",
                        (reference, original.sha256, original.size, at, arrival.channel, received, at, arrival.unit),
                    )
                    message = cursor.lastrowid
                    _history(c, [(at, message, None, None, "recorded", "arrived", None)])
                else:
                    message, reference = row
                    self._again(c, message, arrival, at)
                c.execute(
                    "INSERT INTO arrival (message, channel, folder, uidvalidity, uid, state, seen_at)"
                    " VALUES (?, ?, ?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING",
                    (message, arrival.channel, arrival.folder, arrival.uidvalidity, arrival.uid, at),
                )
                references.append(reference)
            numbers.keep()
        return references

    @staticmethod
    def _again(c: sqlite3.Connection, message: int, arrival: Arrival, at: float) -> None:
        """Bytes that were here before: only staff's Reroute makes anything happen anew."""
        if arrival.channel is Channel.REROUTE:
            c.execute(
                "UPDATE message SET state = 'recorded', claimed = 0, tries = 0, due_at = ?, correction = ?,"
                " channel = ?, generation = generation + 1 WHERE id = ?",
                (at, arrival.unit, arrival.channel, message),
            )
            _history(c, [(at, message, None, None, "recorded", f"rerouted to {arrival.unit}", None)])
        else:
            _history(c, [(at, message, None, None, "seen", "the same bytes arrived again", None)])

    # ---------------------------------------------------------------------------------------- triage

    def claim_messages(self, now: datetime, limit: int) -> list[Claimed]:
        """T2: take recorded messages; the try is counted before it is made, so that a crash counts too."""
        with self._transaction("claim_messages") as c:
            rows = c.execute(
                "UPDATE message SET claimed = 1, tries = tries + 1 WHERE id IN (SELECT id FROM message"
                " WHERE state = 'recorded' AND claimed = 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?)"
                " RETURNING id, reference, sha256, size, tries, channel, received_at, correction, generation",
                (now.timestamp(), limit),
            ).fetchall()
        return [
            Claimed(
                id=row[0],
                reference=row[1],
                original=Original(row[2], row[3]),
                tries=row[4],
                channel=Channel(row[5]),
                received=_time(row[6]),
                correction=row[7],
                generation=row[8],
            )
            for row in sorted(rows)
        ]

    def released(self, ids: Sequence[int], due: datetime) -> None:
        """Give claimed messages back, to be tried again at `due`."""
        with self._transaction("released") as c:
            c.executemany(
                "UPDATE message SET claimed = 0, due_at = ? WHERE id = ? AND state = 'recorded'",
                [(due.timestamp(), number) for number in ids],
            )

    def decided(self, plans: Sequence[tuple[Claimed, Plan]], now: datetime) -> None:
        """T3: the decision and everything that is to be sent for it, in one step."""
        at = now.timestamp()
        with self._transaction("decided") as c:
            for claimed, plan in plans:
                decision = plan.decision
                changed = c.execute(
                    "UPDATE message SET state = 'decided', claimed = 0, decided_at = ?, conversation = ?,"
                    " sender_key = ?, unit = ?, folder = ?, tags = ?, language = ?, silence = ?, urgent = ?,"
                    " policy = ?, record = ? WHERE id = ? AND state = 'recorded'",
                    (
                        at,
                        plan.context.conversation.reference if plan.context.conversation else None,
                        plan.facts.sender_key,
                        decision.unit,
                        plan.folder,
                        " ".join(decision.tags),
                        plan.facts.language.code,
                        decision.silence.code if decision.silence else None,
                        int(decision.urgent),
                        decision.policy,
                        plan.record,
                        claimed.id,
                    ),
                )
                _one(changed, "decided")
                c.executemany(_INSERT, [_row(one, claimed.id, at) for one in plan.submissions])
                cause = f"silence: {decision.silence.code}" if decision.silence else "to be acknowledged"
                _history(c, [(at, claimed.id, None, "recorded", "decided", cause, None)])

    def conversations(self, message_ids: Collection[str], references: Collection[str]) -> dict[str, Conversation]:
        """Which of these Message-IDs and references are ours, and of which exchange."""
        found: dict[str, Conversation] = {}
        sql = "SELECT {}, coalesce(conversation, reference), message.unit FROM message {} WHERE {} IN ({})"
        for wanted, key, join in (
            (message_ids, "submission.message_id", "JOIN submission ON submission.message = message.id"),
            (references, "reference", ""),
        ):
            values = list(dict.fromkeys(wanted))[:500]
            marks = ", ".join("?" * len(values))
            for name, reference, unit in self._rows(sql.format(key, join, key, marks), *values):
                if unit is not None:
                    found[name] = Conversation(reference, unit)
        return found

    def earlier(self, sender_keys: Collection[str], now: datetime) -> dict[str, tuple[int, str | None]]:
        """How many messages each sender wrote before, and the language of the last."""
        values = list(dict.fromkeys(sender_keys))[:500]
        rows = self._rows(
            # Of the other columns SQLite takes the row that holds the maximum.
            f"SELECT sender_key, count(*), language, max(id) FROM message WHERE sender_key IN"
            f" ({', '.join('?' * len(values))}) AND recorded_at < ? GROUP BY sender_key",
            *values,
            now.timestamp(),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def by_token(self, tokens: Collection[str]) -> dict[str, ClaimedSubmission]:
        """The accepted forwards that these envelope tokens name, for a bounce."""
        found = {}
        for token in dict.fromkeys(tokens):
            rows = self._rows(
                f"SELECT {_COLUMNS}, attempts, (SELECT sha256 FROM message WHERE id = message),"
                " (SELECT reference FROM message WHERE id = message)"
                " FROM submission WHERE token = ? AND state = 'accepted'",
                token,
            )
            if rows:
                found[token] = _claimed(rows[0])
        return found

    def bounced(self, bounces: Sequence[tuple[str, Submission | None]], now: datetime) -> None:
        """Accepted forwards that came back: each once, with what takes its place (D-09)."""
        at = now.timestamp()
        with self._transaction("bounced") as c:
            for identity, replacement in bounces:
                row = c.execute("SELECT message, state FROM submission WHERE id = ?", (identity,)).fetchone()
                if row is None or row[1] != SubmissionState.ACCEPTED:
                    continue  # a second report of the same bounce
                c.execute("UPDATE submission SET state = 'bounced', changed_at = ? WHERE id = ?", (at, identity))
                _history(c, [(at, row[0], identity, "accepted", "bounced", "a delivery report said so", None)])
                if replacement is not None:
                    c.execute(_INSERT, _row(replacement, row[0], at))

    # -------------------------------------------------------------------------------------- dispatch

    def claim_submissions(
        self, now: datetime, limits: Limits, *, forwards: int, acknowledgements: int
    ) -> list[ClaimedSubmission]:
        """T4 and T6: take what is due, urgent first; each is `sending` and its attempt counted before the network.

        An acknowledgement is taken only after a forward of its message was accepted (D-12), and only if the limits
        allow it as counted here, in this transaction; else it is cancelled with the reason.
        """
        at = now.timestamp()
        with self._transaction("claim_submissions") as c:
            columns = f"{_COLUMNS}, attempts, (SELECT sha256 FROM message m WHERE m.id = message)"
            due = f"{_WAITING} AND due_at <= ?"
            rows = c.execute(
                f"SELECT {columns}, (SELECT reference FROM message m WHERE m.id = message)"
                f" FROM submission WHERE {due} AND (kind = 'acknowledgement') = 0"
                " ORDER BY priority, due_at, rowid LIMIT ?",
                (at, forwards),
            ).fetchall()
            candidates = c.execute(
                f"SELECT {columns}, (SELECT reference FROM message m WHERE m.id = message),"
                " (SELECT min(?, coalesce(received_at, recorded_at)) FROM message m WHERE m.id = message)"
                f" FROM submission WHERE {due} AND (kind = 'acknowledgement') = 1"
                " ORDER BY priority, due_at, rowid LIMIT ?",
                (at, at, acknowledgements),
            ).fetchall()
            history: list[tuple[object, ...]] = []

            def take(row: Sequence[Any]) -> None:
                changed = c.execute(
                    "UPDATE submission SET state = 'sending', attempts = attempts + 1, changed_at = ?"
                    " WHERE id = ? AND state = ?",
                    (at, row[0], row[4]),
                )
                _one(changed, "claim_submissions")
                history.append((at, row[1], row[0], row[4], "sending", "attempt", None))

            for row in rows:
                take(row)
            for row in candidates:
                age = timedelta(seconds=at - row[24])
                # Taken one by one, so that each counts for the limits of the next.
                if (refused := allow(limits, _answered(c, row[17], row[18], at), age)) is None:
                    take(row)
                    rows.append(row[:24])
                    continue
                c.execute(
                    "UPDATE submission SET state = 'cancelled', changed_at = ?, reason = ? WHERE id = ?",
                    (at, refused, row[0]),
                )
                c.execute("UPDATE message SET silence = ? WHERE id = ?", (refused, row[1]))
                history.append((at, row[1], row[0], row[4], "cancelled", f"silence: {refused}", None))
            _history(c, history)
        return [_claimed(row, started=1) for row in rows]

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """T5 and T7: what came of the attempts, and in the same step what takes the place of a refused forward."""
        at = now.timestamp()
        with self._transaction("settle") as c:
            history: list[tuple[object, ...]] = []
            for one in settlements:
                check_move(SubmissionState.SENDING, one.state)
                changed = c.execute(
                    "UPDATE submission SET state = ?, due_at = ?, changed_at = ?, reason = ?, attempts = attempts - ?"
                    " WHERE id = ? AND state = 'sending' RETURNING message",
                    (one.state, one.due.timestamp(), at, one.cause, 0 if one.attempt_counts else 1, one.id),
                ).fetchone()
                if changed is None:
                    raise IllegalMove(f"{one.id} is not being sent")
                history.append((at, changed[0], one.id, "sending", one.state, one.cause, one.code))
                if one.state is SubmissionState.ACCEPTED:
                    c.execute("UPDATE submission SET ready = 1 WHERE message = ? AND ready = 0", (changed[0],))
                if one.replacement is not None:
                    c.execute(_INSERT, _row(one.replacement, changed[0], at))
                    history.append((at, changed[0], one.replacement.id, None, "queued", "fallback", None))
            _history(c, history)

    def submit(self, submissions: Sequence[Submission], now: datetime) -> None:
        """Queue messages that belong to no arrival: alerts."""
        with self._transaction("submit") as c:
            c.executemany(_INSERT, [_row(one, None, now.timestamp()) for one in submissions])

    def units_tried(self, submission: str) -> set[str]:
        """The units that got, or will get, a forward of this submission's message."""
        rows = self._rows(
            "SELECT unit FROM submission WHERE message = (SELECT message FROM submission WHERE id = ?)"
            " AND kind IN ('forward', 'notice')",
            submission,
        )
        return {row[0] for row in rows}

    # ---------------------------------------------------------------------------------------- filing

    def due_for_filing(self, limit: int) -> list[Filing]:
        """Arrivals whose message needs nothing more from the inbox.

        All forwards are accepted (a refused one counts through what replaced it), and the acknowledgement had its
        first attempt: one that is deferred for a day must not hold the inbox.
        """
        rows = self._rows(
            "SELECT a.id, m.id, m.reference, a.folder, a.uidvalidity, a.uid, m.folder, m.tags, a.state"
            " FROM arrival a JOIN message m ON m.id = a.message WHERE a.state <> 'filed' AND m.state <> 'recorded'"
            " AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.message = m.id AND ("
            f" (s.kind IN ('forward', 'notice') AND s.state IN {_OPEN})"
            " OR (s.kind = 'acknowledgement' AND (s.state = 'sending' OR (s.state = 'queued' AND s.attempts = 0)))))"
            " ORDER BY a.id LIMIT ?",
            limit,
        )
        return [
            Filing(
                arrival=row[0],
                message=row[1],
                reference=row[2],
                folder=row[3],
                uidvalidity=row[4],
                uid=row[5],
                target=row[6],
                keywords=tuple(row[7].split()),
                copied=row[8] == "copied",
            )
            for row in rows
        ]

    def copied(self, filings: Iterable[Filing]) -> None:
        """Where MOVE is missing: the copy stands in the folder, the inbox still holds the message (I-13)."""
        with self._transaction("copied") as c:
            c.executemany("UPDATE arrival SET state = 'copied' WHERE id = ?", [(one.arrival,) for one in filings])

    def filed(self, filings: Sequence[Filing], now: datetime) -> None:
        """T8: these arrivals are out of their folder, and the message in its own."""
        at = now.timestamp()
        with self._transaction("filed") as c:
            for one in filings:
                c.execute("UPDATE arrival SET state = 'filed' WHERE id = ?", (one.arrival,))
                changed = c.execute(
                    "UPDATE message SET state = 'filed', filed_at = ? WHERE id = ? AND state = 'decided' AND NOT EXISTS"
                    " (SELECT 1 FROM arrival WHERE message = ? AND state <> 'filed')",
                    (at, one.message, one.message),
                )
                if changed.rowcount:
                    _history(c, [(at, one.message, None, "decided", "filed", one.target, None)])

    def lost_pointers(self, folder: str, uidvalidity: int, now: datetime) -> int:
        """UIDVALIDITY changed: arrivals of another value point nowhere (RFC 9051 section 2.3.1.1).

        They are closed; the messages are found anew under their new UIDs and known by their hash (I-01). Returns how
        many were closed. A message not yet decided stays as it is: its bytes are in the spool.
        """
        sql = "SELECT id, message FROM arrival WHERE folder = ? AND uidvalidity <> ? AND state <> 'filed'"
        if not self._rows(sql, folder, uidvalidity):
            return 0
        with self._transaction("lost_pointers") as c:
            stale = c.execute(sql, (folder, uidvalidity)).fetchall()
            c.executemany("UPDATE arrival SET state = 'filed' WHERE id = ?", [(row[0],) for row in stale])
            at = now.timestamp()
            _history(c, [(at, row[1], None, None, "pointer lost", "UIDVALIDITY changed", None) for row in stale])
        return len(stale)

    # -------------------------------------------------------------------------------------- recovery

    def recover(self, now: datetime) -> Mapping[str, int]:
        """After a start: what was under way when the last process ended. Nothing else may run meanwhile."""
        at = now.timestamp()
        with self._transaction("recover") as c:
            c.execute("UPDATE message SET claimed = 0 WHERE claimed = 1")
            repeated = c.execute(  # D-06, D-08: perhaps sent, so send again, the same bytes
                "UPDATE submission SET state = 'queued', due_at = ?, changed_at = ? WHERE state = 'sending'"
                " AND kind <> 'acknowledgement' RETURNING id, message",
                (at, at),
            ).fetchall()
            unknown = c.execute(  # D-07: perhaps sent, so never again
                "UPDATE submission SET state = 'unknown', changed_at = ? WHERE state = 'sending' RETURNING id, message",
                (at,),
            ).fetchall()
            _history(c, [(at, row[1], row[0], "sending", "queued", "restart", None) for row in repeated])
            _history(c, [(at, row[1], row[0], "sending", "unknown", "restart", None) for row in unknown])
            # A message whose pointers are all closed, and that was decided meanwhile, is done.
            c.execute(
                "UPDATE message SET state = 'filed', filed_at = ? WHERE state = 'decided' AND NOT EXISTS"
                " (SELECT 1 FROM arrival WHERE message = message.id AND state <> 'filed') AND NOT EXISTS"
                f" (SELECT 1 FROM submission s WHERE s.message = message.id AND s.state IN {_OPEN})",
                (at,),
            )
        return {"repeated": len(repeated), "unknown": len(unknown)}

    # ------------------------------------------------------------------------------------- questions

    def next_submission(self) -> datetime | None:
        """When the next submission that may be sent is due; an acknowledgement may only after a forward."""
        ((at,),) = self._rows(f"SELECT min(due_at) FROM submission WHERE {_WAITING}")
        return _time(at)

    def next_message(self) -> datetime | None:
        """When the next message for triage is due."""
        ((at,),) = self._rows("SELECT min(due_at) FROM message WHERE state = 'recorded' AND claimed = 0")
        return _time(at)

    def under_way(self, now: datetime) -> tuple[bool, bool]:
        """Whether a message waits to be decided, and whether a submission is due or being sent; cheap to ask often."""
        at = now.timestamp()
        ((to_decide, to_send),) = self._rows(
            "SELECT EXISTS (SELECT 1 FROM message WHERE state = 'recorded' AND (claimed = 1 OR due_at <= ?)),"
            " EXISTS (SELECT 1 FROM submission WHERE state = 'sending') OR EXISTS (SELECT 1 FROM submission"
            f" WHERE {_WAITING} AND due_at <= ?)",
            at,
            at,
        )
        return bool(to_decide), bool(to_send)

    def health(self, now: datetime) -> Health:
        at = now.timestamp()
        with self._lock:
            messages = dict(self._rows("SELECT state, count(*) FROM message GROUP BY state"))
            submissions = {
                (kind, state): count
                for kind, state, count in self._rows(
                    "SELECT kind, state, count(*) FROM submission GROUP BY kind, state"
                )
            }
            ((to_triage,),) = self._rows(
                "SELECT count(*) FROM message WHERE state = 'recorded' AND (claimed = 1 OR due_at <= ?)", at
            )
            ((to_send,),) = self._rows(
                f"SELECT count(*) FROM submission WHERE state = 'sending' OR ({_WAITING} AND due_at <= ?)",
                at,
            )
            ((oldest,),) = self._rows("SELECT min(created_at) FROM submission WHERE state IN ('queued', 'deferred')")
            ((failed,),) = self._rows(
                "SELECT count(*) FROM submission WHERE state IN ('failed', 'bounced') AND kind = 'forward'"
            )
            meta = dict(self._rows("SELECT key, value FROM meta WHERE key <> 'key'"))
        return Health(
            messages=messages,
            submissions=submissions,
            to_triage=to_triage,
            to_send=to_send,
            to_file=len(self.due_for_filing(1000)),
            oldest_open=_time(oldest),
            failed_forwards=failed,
            meta=meta,
        )

    def outbox(self) -> list[Waiting]:
        """What waits to be sent, or is being sent."""
        rows = self._rows(
            f"SELECT id, state, attempts, due_at, reason FROM submission WHERE state IN {_OPEN}"
            " ORDER BY priority, due_at, rowid"
        )
        return [Waiting(row[0], row[1], row[2], _must(row[3]), row[4]) for row in rows]

    def overview(self) -> list[Overview]:
        """Every message in a line, oldest first."""
        rows = self._rows(
            "SELECT reference, sha256, state, language, unit, coalesce(urgent, 0), folder, silence, EXISTS (SELECT 1"
            " FROM submission f WHERE f.message = message.id AND f.kind <> 'acknowledgement' AND f.state = 'accepted'),"
            " (SELECT max(a.state) FROM submission a WHERE a.message = message.id AND a.kind = 'acknowledgement'),"
            " recorded_at FROM message ORDER BY id"
        )
        return [
            Overview(
                recorded=_must(row[10]),
                reference=row[0],
                sha256=row[1],
                state=row[2],
                language=row[3],
                unit=row[4],
                urgent=bool(row[5]),
                folder=row[6],
                silence=row[7],
                forwarded=bool(row[8]),
                answer=row[9],
            )
            for row in rows
        ]

    def backup(self, file: Path) -> None:
        """A consistent copy while others write (SQLite's backup API)."""
        with self._lock:
            target = sqlite3.connect(file)
            try:
                file.chmod(0o600)
                self._c.backup(target)
            except sqlite3.Error as error:
                raise LedgerBroken(f"backup: {error}") from error
            finally:
                target.close()

    def spooled(self) -> frozenset[str]:
        """The hashes whose bytes are still wanted."""
        return frozenset(row[0] for row in self._rows("SELECT sha256 FROM message"))

    def story(self, reference: str) -> Story | None:
        """One message's whole history, or None."""
        rows = self._rows(
            "SELECT id, reference, sha256, size, state, unit, folder, silence FROM message WHERE reference = ?",
            reference,
        )
        if not rows:
            return None
        number = rows[0][0]
        steps_ = self._rows(
            "SELECT at, submission, was, became, cause, code FROM history WHERE message = ? ORDER BY id", number
        )
        submissions = self._rows(
            "SELECT id, state, attempts, message_id FROM submission WHERE message = ? ORDER BY rowid", number
        )
        _, name, sha256, size, state, unit, folder, silence = rows[0]
        return Story(
            reference=name,
            sha256=sha256,
            size=size,
            state=state,
            unit=unit,
            folder=folder,
            silence=silence,
            steps=tuple(Step(_must(r[0]), r[1] or "message", r[2], r[3], r[4], r[5]) for r in steps_),
            submissions=tuple(submissions),
        )


class _Numbers:
    """The running number of references, one series a year."""

    def __init__(self, c: sqlite3.Connection, year: int) -> None:
        self._c, self._name = c, f"number:{year}"
        row = c.execute("SELECT value FROM meta WHERE key = ?", (self._name,)).fetchone()
        self._last = int(row[0]) if row else 0

    def next(self) -> int:
        self._last += 1
        return self._last

    def keep(self) -> None:
        self._c.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (self._name, str(self._last)))


def _answered(c: sqlite3.Connection, sender: str, domain: str, at: float) -> Answered:
    # A row of the future, left by a clock that jumped, counts as one of now.
    count: Callable[..., int] = lambda where, *values: c.execute(  # noqa: E731
        "SELECT count(*) FROM submission WHERE kind = 'acknowledgement'"
        f" AND state IN ('sending', 'accepted', 'unknown', 'bounced') AND {where}",
        values,
    ).fetchone()[0]
    return Answered(
        sender_day=count("sender_key = ? AND changed_at > ?", sender, at - 86400),
        sender_week=count("sender_key = ? AND changed_at > ?", sender, at - 7 * 86400),
        domain_hour=count("domain_key = ? AND changed_at > ?", domain, at - 3600),
        hour=count("changed_at > ?", at - 3600),
    )


def _history(c: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    c.executemany(
        "INSERT INTO history (at, message, submission, was, became, cause, code) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
    )


def _one(cursor: sqlite3.Cursor, verb: str) -> None:
    if cursor.rowcount != 1:
        raise IllegalMove(f"{verb}: the state was not the expected one")


def _row(one: Submission, message: int | None, at: float) -> tuple[object, ...]:
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


def _claimed(row: Sequence[Any], started: int = 0) -> ClaimedSubmission:
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
        created=_must(row[19]),
        reference=row[23] or "",
    )


def _must(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _time(at: float | None) -> datetime | None:
    return None if at is None else _must(at)
