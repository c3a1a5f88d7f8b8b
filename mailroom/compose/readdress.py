"""A forward that a unit's mailbox refused, made ready for another unit: the same cover note and original.

Promises: only the names in the header block change (To, Message-ID, X-Mailroom-Unit) and the envelope with them; the
note still says which unit was meant. May import: hashlib, mailroom.model and its own room.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from mailroom.compose.assembly import identify
from mailroom.compose.encoding import encode_original
from mailroom.model import Ours, Submission, Unit

_END = b"\r\n\r\n"


def readdress(refused: Submission, unit: Unit, ours: Ours, original: bytes | None) -> Submission:
    """`refused` for `unit`; `original` where it has one. Raises ValueError where the unit's mailbox is no address."""
    job, kind, _, generation = refused.id.rsplit("/", 3)
    identity = identify(ours, f"{job}/{kind}/{unit.slug}/{generation}", refused.kind, unit.slug, unit.mailbox)
    fields, end, rest = refused.head.partition(_END)
    names = {
        b"to": identity.recipient.encode("ascii"),
        b"message-id": identity.message_id.encode("ascii"),
        b"x-mailroom-unit": unit.slug.encode("ascii"),
    }
    lines = []
    replacing = False
    for line in fields.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):  # a folded field's next line belongs to the field above it
            if not replacing:
                lines.append(line)
            continue
        name = line.split(b":", 1)[0].lower()
        replacing = name in names
        lines.append(line.split(b":", 1)[0] + b": " + names[name] if replacing else line)
    head = b"\r\n".join(lines) + end + rest
    encoded = encode_original(original) if refused.with_original and original is not None else b""
    digest = hashlib.sha256(head)
    digest.update(encoded)
    digest.update(refused.tail)
    return replace(
        refused,
        id=identity.id,
        unit=unit.slug,
        envelope=identity.envelope,
        message_id=identity.message_id,
        token=identity.token,
        head=head,
        sha256=digest.hexdigest(),
        size=len(head) + len(encoded) + len(refused.tail),
    )
