"""The only oracle: what went into the inbox against what came out, after a run however disturbed (contract section 1).

    findings = audit(injected, sink.received(), mailbox.contents(), ledger=state / "ledger.db")
    assert findings == []

Promises: every finding is a sentence that names the message; an empty list means that every promise was kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path

from tests.servers.outgoing import Outgoing, faults_of_form, understand
from tests.servers.sink import Received

ROOT = "Mailroom"
_WAITING = f"{ROOT}/Reroute/"  # what lies there is work, not filed


@dataclass(frozen=True, slots=True)
class Injected:
    """One message that was put into the inbox."""

    raw: bytes
    name: str  # for the findings
    may_be_acknowledged: bool = True
    must_be_acknowledged: bool = False
    must_be_forwarded: bool = True  # False: automatic mail may be filed without

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.raw).get("Message-ID", "")).strip()

    @property
    def writers(self) -> set[str]:
        """The addresses that an answer may go to: From and Return-Path, lower case. Never Reply-To."""
        message = message_from_bytes(self.raw)
        fields = [str(value) for name in ("From", "Return-Path") for value in message.get_all(name, [])]
        return {address.lower() for _, address in getaddresses(fields) if address}


def audit(
    injected: Sequence[Injected],
    received: Sequence[Received],
    folders: Mapping[str, Sequence[bytes]],
    ledger: Path | None = None,
    *,
    inbox: str = "INBOX",
    repeats: int | None = 0,
    form: bool = True,
) -> list[str]:
    """Everything that is wrong, in words.

    `received`: the sink's journal, in order. `folders`: every folder's messages. `repeats`: how many forwards may have
    come more than once (as many as answers were lost); None: any number. `form`: whether the outgoing mail's form
    counts too.
    """
    sent = [understand(one) for one in received]
    forwards = [one for one in sent if one.kind == "forward"]
    answers = [one for one in sent if one.kind == "acknowledgement"]
    return [
        *_forwarded(injected, forwards),
        *_repeated(injected, forwards, repeats),
        *_acknowledged(injected, forwards, answers),
        *_filed(injected, folders, inbox),
        *(_settled(ledger) if ledger is not None else []),
        *(f"{one}: {fault}" for one in sent for fault in faults_of_form(one) if form),
    ]


def _forwarded(injected: Sequence[Injected], forwards: Sequence[Outgoing]) -> list[str]:
    """Every message went to somebody, whole; and nothing else went as one."""
    carried = {one.sha256 for one in forwards}
    known = {one.sha256 for one in injected}
    lost = [one.name for one in injected if one.must_be_forwarded and one.sha256 not in carried]
    strange = [one for one in forwards if one.sha256 not in known]
    return [
        *(f"{name}: no forward carries its octets" for name in lost),
        *(f"{one}: its original is not one that was put in" for one in strange),
    ]


def _repeated(injected: Sequence[Injected], forwards: Sequence[Outgoing], repeats: int | None) -> list[str]:
    """A repeat is the same octets under the same Message-ID and envelope, and there are few."""
    found = []
    copies = Counter(one.sha256 for one in injected)
    names = {one.sha256: one.name for one in injected}
    by_id: dict[str, list[Outgoing]] = defaultdict(list)
    ids: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in forwards:
        by_id[one.message_id].append(one)
        ids[one.sha256, one.unit, one.received.recipient.lower()].add(one.message_id)
    for message_id, some in by_id.items():
        if len({(one.received.data, one.received.sender, one.received.recipients) for one in some}) > 1:
            found.append(f"{message_id}: {len(some)} forwards under this Message-ID are not the same octets")
    for (sha256, unit, _), some_ids in ids.items():
        if len(some_ids) > copies[sha256] > 0:
            found.append(f"{names[sha256]}: forwards to {unit} under {len(some_ids)} Message-IDs")
    senders: dict[str, set[str]] = defaultdict(set)
    for one in forwards:
        senders[one.received.sender].add(one.message_id)
    for sender, several in senders.items():
        if len(several) > 1:
            found.append(f"<{sender}>: the envelope sender of {len(several)} different forwards")
    again = sum(len(some) - 1 for some in by_id.values())
    if repeats is not None and again > repeats:
        found.append(f"{again} forwards came again, {repeats} were to be expected")
    return found


def _acknowledged(injected: Sequence[Injected], forwards: Sequence[Outgoing], answers: Sequence[Outgoing]) -> list[str]:
    """At most one answer a message, to its writer, none that must not be, none before a forward was accepted."""
    found = []
    groups: dict[str, list[Injected]] = defaultdict(list)  # by Message-ID, which two messages may share
    for message in injected:
        groups[message.message_id or message.sha256].append(message)
    group_of = {message.sha256: key for key, group in groups.items() for message in group}
    first: dict[str, int] = {}  # SHA-256 -> when the first forward was accepted, and 250 said
    by_reference: dict[str, str] = {}
    for one in forwards:
        by_reference.setdefault(one.reference, group_of.get(one.sha256, ""))
        if one.received.answered:
            first[one.sha256] = min(first.get(one.sha256, one.received.accepted), one.received.accepted)
    given: Counter[str] = Counter()
    for one in answers:
        key = next((answered for answered in one.answers if answered in groups), by_reference.get(one.reference, ""))
        if key not in groups:
            found.append(f"{one}: answers no message that was put in")
            continue
        given[key] += 1
        name = groups[key][0].name
        accepted = [first[message.sha256] for message in groups[key] if message.sha256 in first]
        if not accepted or min(accepted) > one.received.began:
            found.append(f"{name}: acknowledged before a forward was accepted ({one})")
        if not any(one.received.recipient.lower() in message.writers for message in groups[key]):
            found.append(f"{name}: acknowledged to somebody who did not write it ({one})")
    for key, group in groups.items():
        allowed = sum(message.may_be_acknowledged for message in {m.sha256: m for m in group}.values())
        wanted = any(message.must_be_acknowledged for message in group)
        count = given[key]
        if count > allowed:
            found.append(f"{group[0].name}: acknowledged {count} times, allowed {allowed}")
        if wanted and not count:
            found.append(f"{group[0].name}: never acknowledged")
    return found


def _filed(injected: Sequence[Injected], folders: Mapping[str, Sequence[bytes]], inbox: str) -> list[str]:
    """The inbox is empty, and every message lies once below Mailroom/."""
    names = {one.sha256: one.name for one in injected}
    put_in = Counter(one.sha256 for one in injected)
    where: dict[str, list[str]] = defaultdict(list)
    for folder, messages in folders.items():
        for raw in messages:
            where[hashlib.sha256(raw).hexdigest()].append(folder)
    found = []
    for sha256, places in where.items():
        if sha256 not in names:
            found.append(f"{places[0]}: holds a message that nobody put in")
    for sha256, copies in put_in.items():
        places = where.get(sha256, [])
        if left := places.count(inbox):
            found.append(f"{names[sha256]}: still in {inbox} ({left})")
        filed = [place for place in places if place.startswith(f"{ROOT}/") and not place.startswith(_WAITING)]
        if len(filed) != copies:
            found.append(f"{names[sha256]}: filed {len(filed)} times, put in {copies} times: {', '.join(filed)}")
    return found


_UNSETTLED = {
    "message": "SELECT state, count(*) FROM message WHERE state <> 'filed' GROUP BY state",
    "submission": "SELECT state, count(*) FROM submission WHERE state IN ('queued', 'sending', 'deferred')"
    " GROUP BY state",
}


def _settled(ledger: Path) -> list[str]:
    """Nothing in the ledger still waits for something."""
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        found = [
            f"the ledger has {count} of {table} in state {state}"
            for table, question in _UNSETTLED.items()
            for state, count in connection.execute(question)
        ]
    connection.close()
    return found
