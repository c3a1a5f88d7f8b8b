"""Two inboxes, two accounts with an address each, and one installation of mailroom for both."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.scenarios.installation import ROOT, Installation
from tests.scenarios.mail import letter
from tests.servers.audit import Injected, audit
from tests.servers.dovecot import Account
from tests.servers.sink import Received, Sink

SUPPORT, LEGAL = "support@example.org", "legal@legal.example.org"


def to_legal(number: int, **more: str) -> bytes:
    return letter(number, **more).replace(b"To: support@example.org", f"To: {LEGAL}".encode())


def read(one: Received) -> EmailMessage:
    return email.message_from_bytes(one.data, policy=email.policy.default)


@dataclass
class Two:
    """support and legal, each with its account, and one daemon for both."""

    support: Account
    legal: Account
    sink: Sink
    mailroom: Installation
    injected: list[Injected]

    def deliver(self, account: Account, *letters: bytes, answer: bool = True) -> None:
        for raw in letters:
            account.deliver(raw)
            self.injected.append(Injected(raw, f"letter {len(self.injected) + 1}", may_be_acknowledged=answer))

    def audit(self, *, repeats: int | None = 0) -> list[str]:
        folders = {name: list(messages) for name, messages in self.support.contents().items()}
        for name, messages in self.legal.contents().items():
            folders.setdefault(name, []).extend(messages)
        ledger = self.mailroom.folder / "state" / "ledger.db"
        return audit(self.injected, self.sink.received(), folders, ledger, repeats=repeats)

    def forwards(self) -> list[EmailMessage]:
        return [read(one) for one in self.sink.received() if b"X-Mailroom-Unit:" in one.data]

    def answers(self) -> list[EmailMessage]:
        return [read(one) for one in self.sink.received() if one.sender == ""]

    def empty(self) -> bool:
        return self.support.count() == self.legal.count() == 0


def between(support: Account, legal: Account, sink: Sink, folder: Path, **settings: str) -> Two:
    """`settings` as Installation takes them; legal__junk='"Spam"' is `junk = "Spam"` in the [[imap]] of legal."""
    tables = {"support": support, "legal": legal}
    inboxes = {
        name: {"name": f'"{name}"', "username": f'"{one.user}"', "port": str(one.port)} for name, one in tables.items()
    }
    inboxes["legal"] |= {"address": f'"{LEGAL}"', "aliases": '["law@example.org"]'}
    for name in [one for one in settings if one.partition("__")[0] in inboxes]:
        inbox, _, key = name.partition("__")
        inboxes[inbox][key] = settings.pop(name)
    installed = Installation(
        folder / "mailroom",
        imap=support.port,
        user=support.user,
        smtp=sink.port,
        inboxes=list(inboxes.values()),
        rules=ROOT / "rules.yaml",
        mailroom__aliases='["info@example.org"]',
        **settings,
    )
    return Two(support, legal, sink, installed, [])
