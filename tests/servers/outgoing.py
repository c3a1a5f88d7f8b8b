"""Reads mailroom's outgoing mail as a stranger would: what it is, which original it carries, whether its form is right.

Imports the standard library's parser alone, so that it shares no mistake with what it judges.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from typing import Literal

from tests.servers.sink import Received

Kind = Literal["forward", "acknowledgement", "other"]
_ID = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that the sink kept, understood."""

    received: Received
    kind: Kind
    message_id: str
    unit: str  # X-Mailroom-Unit
    reference: str  # X-Mailroom-Reference
    to: tuple[str, ...]  # addresses, lower case
    answers: tuple[str, ...]  # In-Reply-To and References, each once
    original: bytes | None  # of a forward: the decoded original.eml
    headers: tuple[tuple[str, str], ...]  # lower-case names, unfolded values

    @property
    def sha256(self) -> str:
        """Of the original."""
        return hashlib.sha256(self.original or b"").hexdigest()

    def header(self, name: str) -> str:
        """The first value, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def __str__(self) -> str:
        return f"{self.kind} no. {self.received.number} {self.message_id} to {self.received.recipient}"


def understand(received: Received) -> Outgoing:
    """What a kept message is. A forward names its unit and carries original.eml; an acknowledgement is auto-replied."""
    message = message_from_bytes(received.data, policy=compat32)
    headers = tuple((name.lower(), re.sub(r"\r?\n(?=[ \t])", "", str(value))) for name, value in message.items())
    first = dict(reversed(headers))  # of a field that comes twice, the upper one
    original = _original(message)
    kind: Kind = "other"
    if first.get("auto-submitted", "").lower().startswith("auto-replied"):
        kind = "acknowledgement"
    elif "x-mailroom-unit" in first and original is not None:
        kind = "forward"
    return Outgoing(
        received=received,
        kind=kind,
        message_id=first.get("message-id", "").strip(),
        unit=first.get("x-mailroom-unit", "").strip(),
        reference=first.get("x-mailroom-reference", "").strip(),
        to=tuple(address.lower() for _, address in getaddresses([first.get("to", "")]) if address),
        answers=tuple(dict.fromkeys(_ID.findall(first.get("in-reply-to", "") + " " + first.get("references", "")))),
        original=original if kind == "forward" else None,
        headers=headers,
    )


def _original(message: Message) -> bytes | None:
    for part in message.walk():
        if part.get_content_type() == "application/octet-stream" and part.get_filename() == "original.eml":
            decoded = part.get_payload(decode=True)
            return decoded if isinstance(decoded, bytes) else None
    return None


def faults_of_form(one: Outgoing) -> list[str]:
    """What is wrong with a message by contract section 6 and the RFCs, in words; empty where all is well."""
    found = []
    received, data = one.received, one.received.data
    expected = {"forward": "auto-generated", "acknowledgement": "auto-replied", "other": "auto-"}[one.kind]
    if len(received.recipients) != 1:
        found.append(f"has {len(received.recipients)} recipients in one transaction")
    if not data.endswith(b"\r\n") or b"\n" in (bare := data.replace(b"\r\n", b"")) or b"\r" in bare:
        found.append("has a bare CR or LF, or no end of line at its end")
    if max(map(len, data.split(b"\r\n"))) > 998:
        found.append("has a line of more than 998 octets")
    if b"\0" in data:
        found.append("has a NUL")
    if not data.isascii() and not any(option.upper() == "BODY=8BITMIME" for option in received.mail_options):
        found.append("is 8-bit and was not declared so")
    names = [name for name, _ in one.headers]
    for name in ("from", "to", "date", "message-id", "mime-version", "auto-submitted", "x-mailroom-loop"):
        if names.count(name) != 1:
            found.append(f"has {names.count(name)} fields {name}")
    if not _ID.fullmatch(one.message_id):
        found.append(f"has no proper Message-ID: {one.message_id!r}")
    if not one.header("auto-submitted").strip().lower().startswith(expected):
        found.append(f"says Auto-Submitted: {one.header('auto-submitted')!r}")
    if received.recipient.lower() not in one.to:
        found.append("goes to somebody whom To does not name")
    suppress = {word.strip().lower() for word in one.header("x-auto-response-suppress").split(",")}
    if one.kind == "acknowledgement":
        if received.sender != "":
            found.append(f"is an acknowledgement with the envelope sender <{received.sender}>")
        if suppress != {"all"}:
            found.append("is an acknowledgement without X-Auto-Response-Suppress: All")
    if one.kind == "forward":
        if received.sender == "":
            found.append("is a forward with the envelope sender <>: its bounce would be lost")
        if suppress != {"oof", "autoreply", "rn", "nrn"}:
            found.append("is a forward that suppresses other than OOF, AutoReply, RN, NRN")
        if not one.reference:
            found.append("is a forward without X-Mailroom-Reference")
    return found
