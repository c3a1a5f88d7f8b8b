"""A letter or a visit as a message, so that it takes the same way as e-mail.

`mailroom intake` puts it into the inbox; intake, seeing the signed mark, records through which channel it came.
Nobody outside can make the mark, or take it from one message to another: it is signed with the ledger's key over the
body. Without an address of the person there is no
From field, and so no answer by e-mail.
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailroom.identity import sign_id
from mailroom.model import Channel

_MARK = "X-Mailroom-Intake"
_MARKED = re.compile(rb"^X-Mailroom-Intake: (post|in-person) ([a-z2-7]{16})\r?$", re.MULTILINE)
_HEAD = 8_000  # octets in which the mark stands


@dataclass(frozen=True, slots=True)
class Scan:
    name: str
    data: bytes


def write(
    *,
    channel: Channel,
    to: str,
    text: str,
    subject: str,
    address: str | None,
    name: str,
    scans: Sequence[Scan],
    when: datetime,
    key: bytes,
) -> bytes:
    """The message, CRLF lines. `when`: aware. Raises ValueError where the address is none."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    if address:
        local, _, domain = address.rpartition("@")
        sender = Address(name, local, domain)
        message["Return-Path"] = f"<{address}>"
        message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(when)
    message["Subject"] = " ".join(subject.split())
    body = text if address or not name else f"{name}\n\n{text}"
    message.set_content(body.rstrip("\n") + "\n", cte="base64")
    for scan in scans:
        kind = mimetypes.guess_type(scan.name)[0] or "application/octet-stream"
        major, _, minor = kind.partition("/")
        message.add_attachment(scan.data, maintype=major, subtype=minor, filename=scan.name)
    raw = message.as_bytes()
    return f"{_MARK}: {channel} {_sign(key, channel, raw)}\r\n".encode() + raw


def channel_of(raw: bytes, key: bytes) -> Channel | None:
    """Through which channel a message of `write` came; None for every other message."""
    if not marked(raw):
        return None
    found = _MARKED.search(raw[:_HEAD].partition(b"\r\n\r\n")[0])
    if found is None:
        return None
    channel, signature = Channel(str(found[1], "ascii")), str(found[2], "ascii")
    return channel if hmac.compare_digest(signature, _sign(key, channel, raw)) else None


def marked(head: bytes) -> bool:
    """Whether the beginning of a message bears a mark, whoever made it."""
    return b"X-Mailroom-Intake:" in head[:_HEAD]


def _sign(key: bytes, channel: Channel, raw: bytes) -> str:
    body = raw.partition(b"\r\n\r\n")[2]
    return sign_id(key, "intake", f"{channel} {hashlib.sha256(body).hexdigest()}")
