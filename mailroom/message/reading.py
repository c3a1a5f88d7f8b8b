"""The order of reading: parse, headers, body, text, then what follows from them.

Promises: read() never raises and never reads a file, a clock or the network; headers that it hands on are free of
controls. Its cost is bounded by the limits of parse.py, body.py and clean.py.
May import: message/*, mailroom.identity, mailroom.model.
"""

from __future__ import annotations

import re
from email.message import Message as Part

from mailroom.identity import find_references, own_message_id
from mailroom.message import authentication, automatic, clean, destination, dsn, language, matters, replies
from mailroom.message import body as bodies
from mailroom.message.facts import Facts
from mailroom.message.headers import Headers
from mailroom.message.language import fold
from mailroom.message.parse import addresses, parse
from mailroom.model import Address, Kind, Message, Ours, Silence, SilenceCode

DEFECTS = {
    "attachments-only": "no text; the attachments say it all",
    "bad-content-type": "a Content-Type that is none; read as plain text",
    "bad-message-id": "Message-ID is there and is none (RFC 5322 section 3.6.4)",
    "body-cut": "declares so many parts that only its beginning was read",
    "empty": "neither subject, text nor attachments",
    "encrypted": "S/MIME or PGP; the text cannot be read here",
    "header-block-cut": "a header block over 256 kB; only its beginning was read",
    "multipart-without-parts": "declared multipart, and no part could be found; its text was read whole",
    "no-date": "no Date field",
    "no-from": "From is missing or gives no address",
    "no-headers": "no header block at all",
    "no-message-id": "no Message-ID field",
    "only-forwarded": "nothing said beside what was passed on",
    "only-quoted": "nothing said beside what was quoted",
    "only-subject": "a subject and nothing else",
    "repeated-from": "more than one From field",
    "repeated-subject": "more than one Subject field; the first counts",
    "too-deep": "parts nested deeper than 100; the rest was not read",
    "too-many-parts": "more than 10,000 parts; the rest was not read",
    "unknown-charset": "a charset that nobody knows; read as UTF-8, else Windows-1252",
    "unparsable": "no parser could read it; only the header fields were looked at",
    "wrong-charset": "the text is not in the charset that it claims",
}
"""Every defect code, and what it means to staff."""

_MESSAGE_ID = re.compile(r"<[!#-;=?A-Z\[-~\"]{1,240}@[!-;=?A-Z\[-~]{1,200}>")
_RETURN_PATH = re.compile(r"\s*<?\s*([^<>\s]{0,320})\s*>?\s*$")
_RECIPIENT_TOKENS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


def _ids(values: list[str]) -> tuple[str, ...]:
    """The message-ids of a field, at most 250 octets each, first and last twenty (RFC 5322 section 3.6.4)."""
    text = " ".join(values)[:16_000]
    found = list(dict.fromkeys(value for value in _MESSAGE_ID.findall(text) if len(value) <= 250))
    return tuple(found if len(found) <= 40 else found[:20] + found[-20:])


def _return_path(headers: Headers) -> str | None:
    """The topmost field only: it is our server's (RFC 5321 section 4.4). "" for <>."""
    values = headers.raw("return-path")
    if not values:
        return None
    found = _RETURN_PATH.match(clean.line(values[0], 400))
    address = found[1] if found else ""
    local, at, domain = address.rpartition("@")
    if not found:
        return None
    return f"{local}@{domain.lower()}" if at else address


def read(raw: bytes, ours: Ours) -> Message:
    """Read a message as fetched. Never raises; what could not be read is named in `defects`."""
    try:
        return _read(raw, ours)
    except Exception:  # advisory: the forward goes on without what we failed to understand, and nobody is answered
        return Message(
            size=len(raw), defects=("unparsable",), silence=Silence(SilenceCode.UNREADABLE, "no parser could read it")
        )


def _read(raw: bytes, ours: Ours) -> Message:
    root, defects = parse(raw)
    headers = Headers(root)
    body = bodies.read(root)
    defects |= body.defects
    subject = headers.first("subject")[:1_000]
    in_reply_to, thread = _ids(headers.raw("in-reply-to")), _ids(headers.raw("references"))
    answering = bool(in_reply_to or thread)
    parts = replies.split(body.text, replies.is_forward(subject), answering)
    said, forwarded = parts.said, _forwarded(parts.forwarded, body.embedded)
    from_, reply_to = _addresses(headers, ("from", "from"), ("reply-to", "reply-to"))
    to, cc = _addresses(headers, ("to", "to"), ("cc", "cc"))
    resent = _resent(headers)
    names = tuple(attachment.name for attachment in body.attachments if attachment.name)
    ids = _ids(headers.raw("message-id")[:1])
    results = authentication.read(headers, ours.authserv_id)
    return_path = _return_path(headers)
    vouched = destination.acknowledge_to(from_, return_path, results, ours)
    folded_said = fold(said[:20_000])
    facts = Facts(
        ours=ours,
        headers=headers,
        body=body,
        message_id=ids[0] if ids else None,
        return_path=return_path,
        from_=from_,
        recipients=to + cc + resent,
        authentication=results,
        acknowledge_to=vouched,
        subject=fold(subject),
        said=folded_said,
        signature=fold(parts.signature[:3_000]),
        text=folded_said if len(said) == len(body.text) else fold(body.text[:20_000].replace("\ue000", "")),
        answering=answering or replies.is_forward(subject) is False,
        token=_token(headers, ours),
    )
    verdict = automatic.judge(facts)
    everything = (subject, said, parts.quoted, forwarded, parts.signature)
    defects |= _absences(headers, from_, ids, subject, parts, forwarded, body)
    return Message(
        size=len(raw),
        message_id=ids[0] if ids else None,
        in_reply_to=in_reply_to,
        thread=thread,
        return_path=return_path,
        from_=from_,
        reply_to=reply_to,
        to=to,
        cc=cc,
        date=headers.first("date")[:100],
        subject=subject,
        headers=headers.kept(),
        said=said,
        quoted=parts.quoted,
        forwarded=forwarded,
        signature=parts.signature,
        language=language.detect(said, subject, names, "" if body.reports else forwarded),
        matters=matters.find(*everything, *names),
        attachments=tuple(body.attachments),
        authentication=results,
        kind=verdict.kind,
        silence=verdict.silence,
        acknowledge_to=vouched,
        asks_silence=verdict.asks_silence,
        dsn=dsn.read(headers, body, ours) if verdict.kind is Kind.BOUNCE else None,
        complaint=dsn.returned_id(body) if _complains(verdict) else None,
        ours=tuple(value for value in dict.fromkeys(in_reply_to + thread) if own_message_id(value, ours)),
        our_references=find_references("\n".join(everything)[:200_000]),
        defects=tuple(sorted(defects)),
    )


def _complains(verdict: automatic.Verdict) -> bool:
    return verdict.silence is not None and verdict.silence.code is SilenceCode.FEEDBACK_REPORT


def _token(headers: Headers, ours: Ours) -> str | None:
    pattern = dsn.token_pattern(ours)
    if pattern is None:
        return None
    found = (pattern.search(value) for name in _RECIPIENT_TOKENS for value in headers.raw(name))
    return next((match[1].lower() for match in found if match), None)


def _addresses(headers: Headers, *fields: tuple[str, str]) -> tuple[tuple[Address, ...], ...]:
    """(name in the mail, name whose grammar it has) ... -> mailboxes."""
    return addresses(tuple((like, ", ".join(headers.raw(name))) for name, like in fields))


def _resent(headers: Headers) -> tuple[Address, ...]:
    if not headers.any(("resent-to", "resent-cc")):
        return ()
    to, cc = _addresses(headers, ("resent-to", "to"), ("resent-cc", "cc"))
    return to + cc


def _forwarded(text: str, embedded: list[Part]) -> str:
    """What was passed on: in the text, and as attached messages (their subject and text)."""
    for part in embedded[:10]:
        subject, inner = bodies.embedded_text(part)
        piece = "\n\n".join(piece for piece in (subject, inner.replace("\ue000", "")) if piece)
        text = f"{text}\n\n{piece}".strip()
        if len(text) > bodies.MAX_TEXT:
            break
    return text[: bodies.MAX_TEXT]


def _absences(
    headers: Headers,
    from_: tuple[Address, ...],
    ids: tuple[str, ...],
    subject: str,
    parts: replies.Parts,
    forwarded: str,
    body: bodies.Body,
) -> set[str]:
    """The defect codes for what is missing or doubled."""
    found: set[str] = set()
    if not headers.fields:
        found.add("no-headers")
    if not from_:
        found.add("no-from")
    for name in ("from", "subject"):
        if len(headers.raw(name)) > 1:
            found.add(f"repeated-{name}")
    if not ids:
        found.add("bad-message-id" if "message-id" in headers else "no-message-id")
    if "date" not in headers:
        found.add("no-date")
    if not parts.said:
        if forwarded:
            found.add("only-forwarded")
        elif parts.quoted:
            found.add("only-quoted")
        elif body.attachments:
            found.add("attachments-only")
        else:
            found.add("only-subject" if subject else "empty")
    return found
