"""Stage 4: a message whose forwards were all accepted leaves the inbox for its folder.

MOVE, then a look whether it is gone; an OK is no proof. What is gone from the inbox is filed, whether this move or
an earlier one, or a person, took it away (D-10, D-11). Only then the ledger says so.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailroom.alerts import Alerts
from mailroom.imap import Mailbox
from mailroom.ledger import Filing, Ledger
from mailroom.model import Refused
from mailroom.observe import event

BATCH = 500  # messages a turn
PATIENCE = timedelta(minutes=5)  # before a folder that the server refused is tried again


@dataclass(slots=True)
class Shelving:
    ledger: Ledger
    root: str  # the folder under which the others live
    now: Callable[[], datetime]
    alerts: Alerts
    inbox: str = ""  # whose arrivals it files: its name
    _refused: dict[str, datetime] = field(default_factory=dict)  # target -> when it is tried again

    def due(self, limit: int) -> list[Filing]:
        """What may leave its folder, but for those whose folder the server refused a moment ago (I-14)."""
        now = self.now()
        self._refused = {target: until for target, until in self._refused.items() if until > now}
        return self.ledger.due_for_filing(limit, self._refused, inbox=self.inbox)

    def turn(self, mailbox: Mailbox) -> int:
        """File what is due; how many were filed. Blocks on the network."""
        due = self.due(BATCH)
        filed = 0
        for folder, filings in _group(due, lambda one: one.folder).items():
            try:
                selected = mailbox.select(folder)
            except Refused:
                if mailbox.exists(folder):
                    raise
                # One that is not looked into any more, of a unit or of junk: it keeps no other mail from being filed.
                event("folder-gone", pointers=self.ledger.without_folder(self.inbox, folder, self.now()))
                continue
            if lost := self.ledger.lost_pointers(self.inbox, folder, selected.uidvalidity, self.now()):
                event("uidvalidity-changed", pointers=lost)  # of such a folder intake does not see it
            here = [one for one in filings if one.uidvalidity == selected.uidvalidity]
            present = mailbox.remaining([one.uid for one in here])
            gone = [one for one in here if one.uid not in present]
            moved = self._move(mailbox, [one for one in here if one.uid in present], selected.keywords)
            if gone or moved:
                self.ledger.filed([*gone, *moved], self.now())
                event("filed", messages=len(gone) + len(moved))
            filed += len(gone) + len(moved)
        return filed

    def _move(self, mailbox: Mailbox, filings: Sequence[Filing], keywords: bool) -> list[Filing]:
        if not filings:
            return []
        if keywords:
            for keyword, some in _group_by_keyword(filings).items():
                mailbox.tag([one.uid for one in some], keyword)
        for target, some in _group(filings, lambda one: one.target).items():
            folder = f"{self.root}/{target}"
            try:
                try:
                    self._shelve(mailbox, some, folder)
                except Refused:  # perhaps somebody removed the folder meanwhile
                    mailbox.forget(folder)
                    self._shelve(mailbox, some, folder)
            except Refused:
                # They stay where they are, forwarded and acknowledged; the other folders get theirs (I-14).
                self._refused[target] = self.now() + PATIENCE
                event("folder-refused", level=logging.ERROR, messages=len(some), target=target)
                self.alerts.tell("folder-refused", folder, inbox=self.inbox)
        if not mailbox.can_move and not mailbox.can_expunge_uid:
            return list(filings)  # they stay, marked \Deleted; the ledger knows them (I-12)
        left = mailbox.remaining([one.uid for one in filings])
        return [one for one in filings if one.uid not in left]

    def _shelve(self, mailbox: Mailbox, filings: Sequence[Filing], folder: str) -> None:
        mailbox.ensure(folder)
        if mailbox.can_move:
            mailbox.move([one.uid for one in filings], folder)
        else:
            self._copy(mailbox, filings, folder)

    def _copy(self, mailbox: Mailbox, filings: Sequence[Filing], folder: str) -> None:
        """COPY, note it, remove: a crash in between makes no further copies than the one it interrupted (I-13)."""
        fresh = [one for one in filings if not one.copied]
        if fresh:
            mailbox.copy([one.uid for one in fresh], folder)
            self.ledger.copied(fresh)
        mailbox.remove([one.uid for one in filings])


def _group(filings: Sequence[Filing], key: Callable[[Filing], str]) -> dict[str, list[Filing]]:
    groups: dict[str, list[Filing]] = defaultdict(list)
    for one in filings:
        groups[key(one)].append(one)
    return groups


def _group_by_keyword(filings: Sequence[Filing]) -> dict[str, list[Filing]]:
    groups: dict[str, list[Filing]] = defaultdict(list)
    for one in filings:
        for keyword in one.keywords:
            groups[keyword].append(one)
    return groups
