"""Which rules and templates are in force: the files when they are right, what was in force before when they are not.

Promises: a wrong file stops and silences nothing; the people who can mend it are told once, by name of file and line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from mailroom import config as configuration
from mailroom import policy as policies
from mailroom.alerts import Alerts
from mailroom.config import Config
from mailroom.ledger import Ledger
from mailroom.model import Rejected
from mailroom.observe import event
from mailroom.pipeline import Policy


class Keeper:
    def __init__(self, config: Config, ledger: Ledger, clock: Callable[[], datetime], alerts: Alerts) -> None:
        self.config, self.ledger, self._clock, self._alerts = config, ledger, clock, alerts
        self._policy: Policy | None = None
        self._stamp = self._files()

    @property
    def in_force(self) -> Policy:
        """first() comes first."""
        assert self._policy is not None
        return self._policy

    def first(self) -> Policy:
        """What the files say, or, where they are wrong, what was in force before."""
        try:
            policy = self._load()
        except Rejected as rejected:
            previous = policies.last_good(self.config.state, self.config.forwarding.allowed_domains)
            if previous is None:
                raise
            self._policy = previous
            self._refused(rejected)
            return previous
        self.accepted(policy)
        return policy

    def changed(self) -> bool:
        """Whether a file is another than at the last look."""
        return self._files() != self._stamp

    def written(self) -> Config | None:
        """The configuration as its file says now. None where it is wrong: then the administrators are told."""
        try:
            written = configuration.load(self.config.file)
        except Rejected as rejected:
            first = rejected.problems[0]
            event("configuration-refused", level=logging.ERROR, problems=len(rejected.problems), line=first.line)
            self._alerts.tell("configuration-refused", str(rejected))
            return None
        self._alerts.over("configuration-refused")
        return written

    def look(self) -> Policy | None:
        """Read the files again. None where they are wrong: then staff are told, and nothing changes."""
        self._stamp = self._files()
        try:
            policy = self._load()
        except Rejected as rejected:
            self._refused(rejected)
            return None
        self._mended()
        return policy

    def accepted(self, policy: Policy) -> None:
        """This Policy is in force: keep it for the next start, and say so in status."""
        self._policy = policy
        policies.keep(policy, self.config.state)
        noted = self.ledger.noted()
        since = noted.get("policy_since", "") if noted.get("policy") == policy.hash else self._clock().isoformat()
        self.ledger.note(policy=policy.hash, policy_since=since)
        self._mended()

    def _load(self) -> Policy:
        config = self.config
        return policies.load(config.rules, config.templates, config.forwarding.allowed_domains)

    def _files(self) -> object:
        return policies.stamp(self.config.rules, self.config.templates), _stamp(self.config.file)

    def _mended(self) -> None:
        self.ledger.note(policy_problem="")
        self._alerts.over("rules-refused")

    def _refused(self, rejected: Rejected) -> None:
        """Say so in the log, in status, and by e-mail to the people who can mend it."""
        first = rejected.problems[0]
        event("policy-refused", level=logging.ERROR, problems=len(rejected.problems), line=first.line)
        self.ledger.note(policy_problem=str(rejected))
        staff = self.in_force.rules.staff
        self._alerts.tell("rules-refused", str(rejected), also=(staff,) if staff else ())


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
