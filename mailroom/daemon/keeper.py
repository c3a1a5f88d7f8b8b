"""Which rules and templates are in force: the files when they are right, what was in force before when they are not.

Promises: a wrong file stops and silences nothing; the people who can mend it are told once, by name of file and line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from mailroom import compose
from mailroom import policy as policies
from mailroom.config import Config
from mailroom.connections import ours
from mailroom.identity import sign_id
from mailroom.ledger import Ledger
from mailroom.model import Context, Rejected
from mailroom.observe import event
from mailroom.pipeline import Policy


class Keeper:
    def __init__(
        self, config: Config, ledger: Ledger, clock: Callable[[], datetime], queued: Callable[[], None]
    ) -> None:
        self.config, self.ledger, self._clock = config, ledger, clock
        self._queued = queued  # tells dispatch that there is something to send
        self._policy: Policy | None = None
        self._stamp = self._files()

    def first(self) -> Policy:
        """What the files say, or, where they are wrong, what was in force before."""
        try:
            policy = self._load()
        except Rejected as rejected:
            previous = policies.last_good(self.config.state, self.config.forwarding.allowed_domains)
            if previous is None:
                raise
            self._policy = previous
            self._refused(rejected, previous)
            return previous
        self.accepted(policy)
        return policy

    def changed(self) -> bool:
        """Whether a file is another than at the last look."""
        return self._files() != self._stamp

    def look(self) -> Policy | None:
        """Read the files again. None where they are wrong: then staff are told, and nothing changes."""
        assert self._policy is not None, "first() comes first"
        self._stamp = self._files()
        try:
            return self._load()
        except Rejected as rejected:
            self._refused(rejected, self._policy)
            return None

    def accepted(self, policy: Policy) -> None:
        """This Policy is in force: keep it for the next start, and say so in status."""
        self._policy = policy
        policies.keep(policy, self.config.state)
        noted = self.ledger.health(self._clock()).meta
        since = noted.get("policy_since", "") if noted.get("policy") == policy.hash else self._clock().isoformat()
        self.ledger.note(policy=policy.hash, policy_since=since, policy_problem="")

    def _load(self) -> Policy:
        config = self.config
        return policies.load(config.rules, config.templates, config.forwarding.allowed_domains)

    def _files(self) -> object:
        return policies.stamp(self.config.rules, self.config.templates)

    def _refused(self, rejected: Rejected, in_force: Policy) -> None:
        """Say so in the log, in status, and by one e-mail to the people who can mend it."""
        first = rejected.problems[0]
        event("policy-refused", level=logging.ERROR, problems=len(rejected.problems), line=first.line)
        self.ledger.note(policy_problem=str(rejected))
        us = ours(self.config, in_force, self.ledger.key())
        alerts = self.config.alerts.to if self.config.alerts else []
        mistake = sign_id(us.key, "alert", str(rejected))  # the same mistake is told once
        context = Context(now=self._clock(), reference=f"rules-{mistake}")
        text = (
            "The files of rules or templates are wrong. What was in force before stays in force, and no mail is held"
            f" up.\n\n{rejected}\n\nMend the lines named here; they take effect within seconds, without a restart.\n"
            f"To try them first: mailroom check --config {self.config.file}\n"
        )
        self.ledger.submit(
            [
                compose.alert(
                    us, to, "mailroom: the rules were not taken over", text, context, f"alert/{mistake}/{to}/0"
                )
                for to in dict.fromkeys(filter(None, (in_force.rules.staff, *alerts)))
            ],
            self._clock(),
        )
        self._queued()
