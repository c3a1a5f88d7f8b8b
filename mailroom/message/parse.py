"""Octets to a tree of MIME parts and to mailboxes, within limits.

The standard library's compat32 parser is called once, behind caps that keep hostile structures (threat T-09) from
costing more than a fraction of a second; it raised on none of 8,107 real messages. Addresses are read by mail-parser,
which is handed the address fields alone: its recovery of malformed mailboxes is good, and what it does badly
(parsing.md, classes A, F and G) lies in bodies that it never sees.
May import: message/headers.py, message/clean.py, mailroom.model; email, mailparser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email import message_from_bytes
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.policy import Compat32
from functools import lru_cache

from mailparser import MailParser

from mailroom.message import clean
from mailroom.message.headers import decode_words
from mailroom.model import Address

MAX_HEADER_BLOCK = 256_000  # octets of the top header block that are read
MAX_WORK = 12_000_000  # multiparts declared times lines: what the stdlib parser's cost grows with
MAX_BOUNDARIES = 25_000  # lines that may begin a part: each costs the library an object
MAX_DEPTH = 100
MAX_PARTS = 10_000
MAX_ADDRESSES = 200  # of one field

# An attachment's base64, which is never read: most of a large mail. Its middle is left out before parsing, so that
# reading 35 MB costs little more memory and time than reading 35 kB; the marker keeps its length.
MIN_ELIDED = 8_000
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/\r\n])[A-Za-z0-9+/\r\n]{%d,}+" % MIN_ELIDED)
_DIGITS = bytes.maketrans(b"0123456789", b"!#$%&()*,;")
_ELIDED = re.compile(r"~([!#$%&()*,;]{1,12})~")

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
_MULTIPART = re.compile(rb"(?i)multipart/|message/rfc822|message/global")


class _Capped(Compat32):
    """Compat32 that cuts fields short: some of the library's readers of parameters are quadratic."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        if len(sourcelines) > 500:
            sourcelines = sourcelines[:500]
        name, value = super().header_source_parse(sourcelines)
        limit = 4_000 if name[:8].lower() == "content-" else 32_000
        return (name, value) if len(value) <= limit else (name, value[:limit])


_POLICY = _Capped()


def payload(part: Part) -> str | list[Part]:
    """What the parser stored, octets as surrogates. get_payload() would run 8-bit text through the codec that the
    sender names (`charset=idna` raises)."""
    stored: str | list[Part] | None = vars(part).get("_payload")
    return stored if stored is not None else ""


def field(part: Part, name: str) -> str | None:
    """The first raw value of a field of a part, its octets as surrogates; `name` in lower case."""
    for key, value in part.raw_items():
        if len(key) == len(name) and key.lower() == name:
            return str(value)
    return None


def parse(raw: bytes) -> tuple[Part, set[str]]:
    """The tree, and the defects met on the way: "header-block-cut", "body-cut", "too-deep". Never raises."""
    defects: set[str] = set()
    raw = raw[1:] if raw[:1] == b"\n" else raw  # a blank first line hides every header
    if raw.startswith((b"From ", b">From ")):  # an mbox envelope line that somebody left
        raw = raw.partition(b"\n")[2]
    if len(raw) > MIN_ELIDED:
        raw = _BASE64.sub(_elide, raw)
    if len(raw) > MAX_HEADER_BLOCK:
        raw = _within_limits(raw, defects)
    try:
        return message_from_bytes(raw, policy=_POLICY), defects
    except RecursionError:
        defects.add("too-deep")
    except Exception:  # none is known; a message must not be lost to the first one
        defects.add("unparsable")
    try:
        return BytesHeaderParser(policy=_POLICY).parsebytes(raw[:MAX_HEADER_BLOCK]), defects
    except Exception:
        return Part(_POLICY), defects


def _elide(run: re.Match[bytes]) -> bytes:
    raw, start, end = run.string, run.start(), run.end()  # by places: a copy of the run would cost its size each time
    before = raw[max(0, start - 600) : start + 100].lower()
    before = before[max(before.rfind(b"content-type:"), 0) :]  # of this part, not of the one before it
    if b"text/" in before or (b"application/" not in before and b"image/" not in before and b"base64" not in before):
        return run[0]
    left, right = start + 4_000, end - 400
    letters = right - left - raw.count(b"\n", left, right) - raw.count(b"\r", left, right)
    return raw[start:left] + b"\r\n~" + str(letters).encode().translate(_DIGITS) + b"~\r\n" + raw[right:end]


def elided(stored: str) -> int:
    """Letters of base64 that were left out of a payload, less those of the marker itself."""
    found = _ELIDED.search(stored, 3_000, 6_000)
    if found is None:
        return 0
    digits = found[1].encode().translate(bytes.maketrans(b"!#$%&()*,;", b"0123456789"))
    return int(digits) - len(found[0])


def _within_limits(raw: bytes, defects: set[str]) -> bytes:
    end = _END_OF_HEADERS.search(raw, 0, MAX_HEADER_BLOCK)
    if end is None:
        rest = _END_OF_HEADERS.search(raw, MAX_HEADER_BLOCK)
        cut = raw.rfind(b"\n", 0, MAX_HEADER_BLOCK) + 1 or MAX_HEADER_BLOCK
        raw = raw[:cut] + b"\r\n" + (raw[rest.end() :] if rest else b"")
        defects.add("header-block-cut")
    while True:
        work = (len(_MULTIPART.findall(raw)) - 4) * raw.count(b"\n")
        if work <= MAX_WORK and raw.count(b"\n--") <= MAX_BOUNDARIES:
            return raw
        raw = raw[: len(raw) // 2]
        defects.add("body-cut")


def _mailboxes(pairs: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for name, address in pairs:
        local, at, domain = clean.line(address, 320).rpartition("@")
        if at and local and domain and " " not in domain and len(found) < MAX_ADDRESSES:
            mailbox = f"{local}@{domain.lower()}"
            found.setdefault(mailbox, Address(clean.line(decode_words(name), 200), mailbox))
    return tuple(found.values())


# What most fields are: one plain address, or one behind a plain name or an encoded word (RFC 2047). It reads as
# mail-parser reads it, without it.
_PLAIN = re.compile(
    r"(?:([A-Za-z0-9]+(?:[ .'-]{1,2}[A-Za-z0-9]+)*"
    r"|=\?[A-Za-z0-9-]+\?[BbQq]\?[A-Za-z0-9+/=_-]*\?=) ?<|\"([A-Za-z0-9]+(?:[ .'-]{1,2}[A-Za-z0-9]+)*)\" ?<|<)"
    r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>"
    r"|([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_NAMES = {"from": "from_", "reply-to": "reply_to", "to": "to", "cc": "cc"}


def addresses(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[Address, ...], ...]:
    """The mailboxes of fields named from, reply-to, to or cc; () where none is legible.

    Values are raw (folded, encoded words undecoded), repeated fields joined by ", ".
    """
    found: dict[str, tuple[Address, ...]] = {}
    for name, value in fields:
        if not value:
            found[name] = ()
        elif (plain := _PLAIN.fullmatch(value)) is not None:
            found[name] = _mailboxes([(plain[1] or plain[2] or "", plain[3] or plain[4])])
    rest = tuple((name, value) for name, value in fields if name not in found)
    if rest:
        found.update(zip((name for name, _ in rest), _by_library(rest), strict=True))
    return tuple(found[name] for name, _ in fields)


@lru_cache(maxsize=256)
def _by_library(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[Address, ...], ...]:
    head = Part()
    for name, value in fields:
        head[name] = _within(value)
    try:
        parsed = MailParser(head)
        return tuple(_mailboxes(getattr(parsed, _NAMES[name]) or ()) for name, _ in fields)
    except Exception:  # advisory: no address means no acknowledgement, the forward goes on
        return tuple(() for _ in fields)


def _within(value: str) -> str:
    """A field cut after its first couple of hundred addresses."""
    if len(value) < 4_000:
        return value
    cut = value[:16_000]
    return cut.rpartition(",")[0] or cut
