"""One person's data, found and removed on request: ledger, spool, outbox, and the folders under Mailroom/.

What is under way is left alone and named: it reaches its unit first (no message is lost), and goes with the next
call. Counts stay, with a record that something was erased and not what. Copies that left mailroom (the unit's
mailbox, backups, the sent folder of the server) are beyond its reach; the command says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailroom import compose
from mailroom.identity import sign_id
from mailroom.imap import Mailbox
from mailroom.ledger import Kept, Ledger
from mailroom.observe import event
from mailroom.spool import Spool


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of one person."""

    settled: tuple[Kept, ...]  # can be erased now
    under_way: tuple[Kept, ...]  # cannot, yet
    folders: tuple[tuple[str, int], ...]  # (folder, messages in it)

    @property
    def filed(self) -> int:
        return sum(count for _, count in self.folders)


def find(ledger: Ledger, mailbox: Mailbox | None, root: str, address: str) -> Found:
    """Look everywhere, change nothing. `mailbox`: None to leave the folders out."""
    kept = ledger.of_person(sign_id(ledger.key(), "sender", compose.limit_key(address)), [address.lower()])
    folders = []
    if mailbox is not None:
        for folder in mailbox.tree(root):
            if uids := _of_person(mailbox, folder, address):
                folders.append((folder, len(uids)))
    return Found(
        settled=tuple(one for one in kept if not one.under_way),
        under_way=tuple(one for one in kept if one.under_way),
        folders=tuple(folders),
    )


def erase(
    ledger: Ledger, spool: Spool, mailbox: Mailbox | None, found: Found, address: str, now: datetime
) -> Sequence[str]:
    """Erase what `find` found. Returns the folders in which messages only could be marked as deleted.

    The folders first, the ledger last: whatever stops this half-way, the next call finds the rest.
    """
    marked = []
    if mailbox is not None:
        for folder, _ in found.folders:
            if uids := _of_person(mailbox, folder, address):
                mailbox.remove(uids)
                if not mailbox.can_expunge_uid:
                    marked.append(folder)
    for one in found.settled:
        spool.drop(one.sha256)
    ledger.forget(found.settled, "erased on request", now)
    ledger.checkpoint()
    event("erased", messages=len(found.settled), filed=found.filed)
    return marked


def _of_person(mailbox: Mailbox, folder: str, address: str) -> list[int]:
    mailbox.select(folder)
    return mailbox.written_by(compose.limit_key(address), compose.limit_key)
