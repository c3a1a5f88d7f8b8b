"""Stage 2's verbs: a decision, and everything that is to be sent for it, in one step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from mailroom.ledger.rows import (
    CLAIMED,
    INSERT,
    claimed_of,
    history,
    moment_or_none,
    one_row,
    row_of,
)
from mailroom.ledger.store import Store
from mailroom.ledger.values import (
    Claimed,
    ClaimedSubmission,
)
from mailroom.lifecycle import SubmissionState
from mailroom.model import (
    Channel,
    Conversation,
    Original,
    Plan,
    Submission,
)

_CLAIM = (
    "UPDATE message SET claimed = 1, tries = tries + 1 WHERE id IN (SELECT id FROM message"
    " WHERE state = 'recorded' AND claimed = 0 AND tries {} AND due_at <= ? ORDER BY due_at, id LIMIT ?)"
    " RETURNING id, reference, sha256, size, tries, channel, received_at, correction, generation, inbox"
)


class Deciding(Store):
    def claim_messages(
        self, now: datetime, limit: int, *, beside: bool = False, tried_first: bool = False
    ) -> list[Claimed]:
        """T2: take recorded messages; the try is counted before it is made, so that a crash counts too.

        One that was tried before comes by itself, when no other is due: a crash then counts against that message
        alone, and not a second time against all that happened to be taken beside it (D-16). `beside`: others are
        under way, so none that was tried is taken. `tried_first`: it comes before those that are new.
        """
        with self._transaction("claim_messages") as c:
            new, tried = ("= 0", limit), ("> 0", min(limit, 1))
            order = (new,) if beside else (tried, new) if tried_first else (new, tried)
            rows: list[Any] = []
            for tries, most in order:
                rows = rows or c.execute(_CLAIM.format(tries), (now.timestamp(), most)).fetchall()
        return [
            Claimed(
                id=row[0],
                reference=row[1],
                original=Original(row[2], row[3]),
                tries=row[4],
                channel=Channel(row[5]),
                received=moment_or_none(row[6]),
                correction=row[7],
                generation=row[8],
                inbox=row[9],
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
                one_row(changed, "decided")
                c.executemany(INSERT, [row_of(one, claimed.id, at) for one in plan.submissions])
                cause = f"silence: {decision.silence.code}" if decision.silence else "to be acknowledged"
                history(c, [(at, claimed.id, None, "recorded", "decided", cause, None)])

    def conversations(self, message_ids: Collection[str], references: Collection[str]) -> dict[str, Conversation]:
        """Which of these Message-IDs and references are ours, and of which exchange."""
        found: dict[str, Conversation] = {}
        sql = (
            "SELECT {0}, coalesce(message.conversation, message.reference), message.unit,"
            " coalesce(root.inbox, message.inbox) FROM message {1} LEFT JOIN message root"
            " ON root.reference = message.conversation WHERE {0} IN ({2})"
        )
        for wanted, key, join in (
            (message_ids, "submission.message_id", "JOIN submission ON submission.message = message.id"),
            (references, "message.reference", ""),
        ):
            values = list(dict.fromkeys(wanted))[:500]
            marks = ", ".join("?" * len(values))
            for name, reference, unit, inbox in self._rows(sql.format(key, join, marks), *values):
                if unit is not None:
                    found[name] = Conversation(reference, unit, inbox)
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

    def tokens_of_ours(self, tokens: Collection[str]) -> set[str]:
        """Which of these envelope tokens are of messages that we sent, whatever became of them."""
        return {one for one in set(tokens) if self._rows("SELECT 1 FROM submission WHERE token = ?", one)}

    def by_token(self, tokens: Collection[str]) -> dict[str, ClaimedSubmission]:
        """The accepted forwards that these envelope tokens name, for a bounce."""
        found = {}
        for token in dict.fromkeys(tokens):
            rows = self._rows(
                f"SELECT {CLAIMED} FROM submission WHERE token = ? AND state = 'accepted'",
                token,
            )
            if rows:
                found[token] = claimed_of(rows[0])
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
                heir = replacement.unit if replacement is not None else "nobody else"
                cause = f"a delivery report said so; now to {heir}"
                history(c, [(at, row[0], identity, "accepted", "bounced", cause, None)])
                if replacement is not None:
                    c.execute(INSERT, row_of(replacement, row[0], at))
