"""A forward that a unit's server refused, made ready for another unit, or as a notice for the same one.

Promises: only names in the header block change (To, Message-ID, X-Mailroom-Unit), and the envelope with them; a notice
has the forward's own facts and text, and says where the original lies. The same arguments give the same bytes.
May import: binascii, hashlib, re, mailroom.model and its own room.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mailroom.compose.assembly import identify
from mailroom.compose.clean import shown
from mailroom.compose.encoding import encode_original, quoted_printable
from mailroom.compose.names import octets
from mailroom.compose.wording import PHRASES, language_of
from mailroom.model import Ours, Submission, SubmissionKind, Unit

_END = b"\r\n\r\n"
_HEADERS = 60  # fields of the original that a notice shows
_BOUNDARY = re.compile(rb'boundary="([^"]+)"')
_LANGUAGE = re.compile(rb"^Content-Language: (\w\w)\r?$", re.MULTILINE)


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
    head = _with(fields, names) + end + rest
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


def without_original(refused: Submission, original: bytes, folder: str, ours: Ours) -> Submission:
    """A notice in place of a forward whose original is too large, or of the wrong kind, for its server (F-13, F-21).

    `original`: of which the notice quotes the header block; `folder`: where it lies, as filing names it.
    """
    job, _, unit, generation = refused.id.rsplit("/", 3)
    recipient = refused.envelope.recipient
    identity = identify(ours, f"{job}/notice/{unit}/{generation}", SubmissionKind.NOTICE, refused.unit, recipient)
    fields, _, rest = refused.head.partition(_END)
    boundary = _BOUNDARY.search(fields)
    part = rest.split(b"--" + boundary[1])[1] if boundary else rest  # the note; F-03: no note holds the boundary
    described, _, body = part.partition(_END)
    found = _LANGUAGE.search(described)
    language = language_of(found[1].decode("ascii") if found else "en")
    say = PHRASES[language]
    note = binascii.a2b_qp(body.removesuffix(b"\r\n")).decode("utf-8", "replace").replace("\r\n", "\n")
    here = "\n".join(
        (
            say["opening_refused"].format(address=ours.address, size=octets(len(original), language)),
            say["where"].format(address=ours.address, folder=folder),
        )
    )
    attached = say["opening"].format(address=ours.address)
    note = note.replace(attached, here, 1) if attached in note else f"{here}\n\n{note}"
    note += "\n".join(("", f"{say['headers']}:", *_quoted_headers(original), ""))
    old = _value(fields, b"subject")
    mark = f"[{say['too_large_mark']}]".encode("ascii")
    head = _with(
        fields,
        {
            b"message-id": identity.message_id.encode("ascii"),
            b"subject": mark + b"\r\n " + old if old else mark,  # RFC 5322 section 2.2.3: folded behind the mark
            b"content-type": b"text/plain; charset=utf-8\r\nContent-Language: %b\r\n"
            b"Content-Transfer-Encoding: quoted-printable" % language.encode("ascii"),
        },
    )
    head += _END + quoted_printable(note)
    return replace(
        refused,
        id=identity.id,
        kind=SubmissionKind.NOTICE,
        envelope=identity.envelope,
        message_id=identity.message_id,
        token=identity.token,
        head=head,
        with_original=False,
        tail=b"",
        sha256=hashlib.sha256(head).hexdigest(),
        size=len(head),
    )


def _with(fields: bytes, values: Mapping[bytes, bytes]) -> bytes:
    """A header block with other values for the fields of these (small) names."""
    lines = []
    replacing = False
    for line in fields.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):  # a folded field's next line belongs to the field above it
            if not replacing:
                lines.append(line)
            continue
        name = line.split(b":", 1)[0].lower()
        replacing = name in values
        lines.append(line.split(b":", 1)[0] + b": " + values[name] if replacing else line)
    return b"\r\n".join(lines)


def _value(fields: bytes, name: bytes) -> bytes:
    """The value of a field as it stands, with its folds."""
    found = re.search(rb"^%b:[ \t]*(.*(?:\r\n[ \t].*)*)" % re.escape(name), fields, re.IGNORECASE | re.MULTILINE)
    return found[1].strip() if found else b""


def _quoted_headers(original: bytes) -> Iterator[str]:
    """The original's own header block, made harmless and behind "> " (T-13)."""
    block = re.split(rb"\r?\n\r?\n", original, maxsplit=1)[0]
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block.decode("utf-8", "replace"))
    for line in unfolded.splitlines()[:_HEADERS]:
        yield f"> {shown(line, 480)}"
