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
class Shelf:
    """The folders of one inbox."""

    inbox: str  # its name
    root: str
    mailbox: Mailbox

    def called(self, folder: str) -> str:
        """A folder, for people."""
        return f"{self.inbox}: {folder}" if self.inbox else folder


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of one person."""

    settled: tuple[Kept, ...]  # can be erased now
    under_way: tuple[Kept, ...]  # cannot, yet
    folders: tuple[tuple[Shelf, str, int], ...]  # (where, folder, messages in it)

    @property
    def filed(self) -> int:
        return sum(count for _, _, count in self.folders)


def find(ledger: Ledger, shelves: Sequence[Shelf], address: str) -> Found:
    """Look everywhere, change nothing. `shelves`: none to leave the folders out."""
    kept = ledger.of_person(sign_id(ledger.key(), "sender", compose.limit_key(address)), [address.lower()])
    folders = []
    for shelf in shelves:
        for folder in shelf.mailbox.tree(shelf.root):
            if uids := _of_person(shelf.mailbox, folder, address):
                folders.append((shelf, folder, len(uids)))
    return Found(
        settled=tuple(one for one in kept if not one.under_way),
        under_way=tuple(one for one in kept if one.under_way),
        folders=tuple(folders),
    )


def erase(ledger: Ledger, spool: Spool, found: Found, address: str, now: datetime) -> Sequence[str]:
    """Erase what `find` found. Returns the folders in which messages only could be marked as deleted.

    The folders first, the ledger last: whatever stops this half-way, the next call finds the rest.
    """
    marked = []
    for shelf, folder, _ in found.folders:
        if uids := _of_person(shelf.mailbox, folder, address):
            shelf.mailbox.remove(uids)
            if not shelf.mailbox.can_expunge_uid:
                marked.append(shelf.called(folder))
    for one in found.settled:
        spool.drop(one.sha256)
    ledger.forget(found.settled, "erased on request", now)
    ledger.checkpoint()
    event("erased", messages=len(found.settled), filed=found.filed)
    return marked


def _of_person(mailbox: Mailbox, folder: str, address: str) -> list[int]:
    mailbox.select(folder)
    return mailbox.written_by(compose.limit_key(address), compose.limit_key)
