"""From header fields and parts to a Submission: what all outgoing messages have in common.

Promises: deterministic: the same arguments give the same bytes; Message-ID, boundary and envelope token are keyed
hashes of the submission's id. 7-bit, CRLF. Raises ValueError where a header would not be what was set (T-01).
May import: hashlib, mailroom.identity, mailroom.model and its own room.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mailroom.compose.encoding import encoded_pieces, quoted_printable
from mailroom.compose.headers import block, date, mailbox, phrase, unstructured
from mailroom.identity import make_message_id, make_token
from mailroom.model import Context, Envelope, Ours, Submission, SubmissionKind

_LETTERS = {
    SubmissionKind.FORWARD: "f",
    SubmissionKind.ACKNOWLEDGEMENT: "a",
    SubmissionKind.NOTICE: "n",
    SubmissionKind.ALERT: "x",
}

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a submission is, before a byte of it is written."""

    id: str
    kind: SubmissionKind
    unit: str | None
    message_id: str
    token: str | None
    boundary: str
    recipient: str
    sender: str  # of the envelope

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.sender, self.recipient)


def submission_id(context: Context, kind: SubmissionKind, unit: str | None) -> str:
    return f"{context.job or context.reference}/{kind}/{unit or '-'}/{context.generation}"


def identify(ours: Ours, id_: str, kind: SubmissionKind, unit: str | None, recipient: str) -> Identity:
    """All names of a submission. Raises ValueError where the recipient cannot stand in an envelope."""
    to = mailbox(recipient)
    if to is None:
        raise ValueError("the recipient is no address that a message can be sent to")
    token = None if kind is SubmissionKind.ACKNOWLEDGEMENT else make_token(ours, id_)
    message_id = make_message_id(ours, _LETTERS[kind], id_)
    return Identity(
        id=id_,
        kind=kind,
        unit=unit,
        message_id=message_id,
        token=token,
        # "=_" occurs neither in base64 nor in quoted-printable (RFC 2045 section 6.7), so never in a part (F-03).
        boundary=f"=_{message_id[4:23].replace('.', '')}",
        recipient=to,
        sender="" if token is None else _with_token(ours.envelope_from or ours.address, token),
    )


def _with_token(address: str, token: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def common(identity: Identity, ours: Ours, context: Context, name: str, subject: str) -> Fields:
    """The fields that every message of ours has, in order (contract section 6). `subject`: at most 500 characters."""
    return [
        ("From", phrase(name, ours.address)),
        ("To", identity.recipient),
        ("Subject", unstructured("Subject", subject)),
        ("Date", date(context.now)),
        ("Message-ID", identity.message_id),
        ("X-Mailroom-Loop", ours.address),
        ("X-Mailroom-Reference", unstructured("X-Mailroom-Reference", context.reference or "-")),
    ]


def text_part(text: str, language: str) -> bytes:
    """A text/plain part with its header block; no boundary."""
    return _TEXT_HEAD[language] + quoted_printable(text)


_TEXT_HEAD = {
    language: (
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Language: {language}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii")
    for language in ("es", "en", "pt", "fr")
}


def with_original(
    identity: Identity, fields: Fields, note: str, language: str, original: bytes, priority: int
) -> Submission:
    """multipart/mixed: the note, then the original, of which head and tail are what stands around its base64."""
    mark = identity.boundary
    kind = ("Content-Type", f'multipart/mixed; boundary="{mark}"')
    edge = mark.encode("ascii")
    head = b"".join(
        (
            block([*fields, ("MIME-Version", "1.0"), kind]),
            b"--%b\r\n" % edge,
            text_part(note, language),
            b"\r\n--%b\r\n" % edge,
            b'Content-Type: application/octet-stream; name="original.eml"\r\n',
            b"Content-Transfer-Encoding: base64\r\n",
            b'Content-Disposition: attachment; filename="original.eml"\r\n\r\n',
        )
    )
    return finish(identity, head, b"\r\n--%b--\r\n" % edge, original, priority)


def text_only(identity: Identity, fields: Fields, note: str, language: str, priority: int) -> Submission:
    """One text/plain message."""
    own = [
        *fields,
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Language", language),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return finish(identity, block(own) + quoted_printable(note), b"", None, priority)


def finish(
    identity: Identity,
    head: bytes,
    tail: bytes,
    original: bytes | None,
    priority: int,
    sender_key: str | None = None,
    domain_key: str | None = None,
) -> Submission:
    digest = hashlib.sha256(head)
    size = len(head) + len(tail)
    if original is not None:
        for encoded in encoded_pieces(original):
            digest.update(encoded)
            size += len(encoded)
    digest.update(tail)
    return Submission(
        id=identity.id,
        kind=identity.kind,
        unit=identity.unit,
        envelope=identity.envelope,
        message_id=identity.message_id,
        token=identity.token,
        head=head,
        with_original=original is not None,
        tail=tail,
        sha256=digest.hexdigest(),
        size=size,
        priority=priority,
        sender_key=sender_key,
        domain_key=domain_key,
    )
