"""A mailbox, a sink, and an installation of mailroom between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenarios.installation import ROOT, Installation
from tests.servers.audit import Injected, audit
from tests.servers.dovecot import Account
from tests.servers.sink import Sink


@dataclass
class Post:
    """The whole way: what is put into the mailbox, the daemon, and what comes out at the sink."""

    account: Account
    sink: Sink
    mailroom: Installation
    injected: list[Injected]

    def deliver(self, *letters: bytes, answer: bool = True) -> None:
        self.account.server.deliver_all(self.account.user, letters)
        for raw in letters:
            number = len(self.injected) + 1
            self.injected.append(Injected(raw, f"letter {number}", may_be_acknowledged=answer))

    def audit(self, *, repeats: int | None = 0) -> list[str]:
        """Everything that the promises forbid and that happened, in words."""
        ledger = self.mailroom.folder / "state" / "ledger.db"
        return audit(self.injected, self.sink.received(), self.account.contents(), ledger, repeats=repeats)

    def forwards(self) -> int:
        return sum(b"X-Mailroom-Unit:" in one.data for one in self.sink.received())

    def answers(self) -> int:
        return sum(one.sender == "" for one in self.sink.received())


@pytest.fixture
def post(mailbox: Account, sink: Sink, tmp_path: Path) -> Iterator[Post]:
    yield between(mailbox, sink, tmp_path)


def between(account: Account, sink: Sink, folder: Path, *, rules: Path = ROOT / "rules.yaml", **settings: str) -> Post:
    installed = Installation(
        folder / "mailroom", imap=account.port, user=account.user, smtp=sink.port, rules=rules, **settings
    )
    return Post(account, sink, installed, [])
