"""Header blocks of outgoing messages, written by hand and proved before they leave (T-01).

Promises: `block` gives 7-bit CRLF lines of at most 78 characters where a value can be folded, 998 always, and holds
exactly the fields it was given, one each, or raises ValueError; the caller then falls back to the raw forward.
May import: binascii, email.utils, re, mailroom.compose.clean.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime

from mailroom.compose.clean import clean_header

_PLAIN = 66  # ASCII values up to this length stand as they are
# Fields of printable ASCII, each continued only by lines that begin with a blank and are not blank (RFC 5322 2.2.3)
_BLOCK = re.compile(rb"(?:[!-9;-~]+: [ -~]*[!-~]\r\n(?: [ -~]*[!-~]\r\n)*)+\r\n")
_STARTS = re.compile(rb"(?m)^([!-9;-~]+): ")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\"()\[\]:;,@\\-]{1,248}>")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
_DOMAIN = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(f"({_ATOM})@({_DOMAIN})")


def unstructured(name: str, value: str, limit: int = 500) -> str:
    """The body of a text field: as it is where short and plain, else in encoded words (RFC 2047)."""
    value = clean_header(value, limit)
    if len(value) <= _PLAIN and value.isascii() and "=?" not in value:
        return value
    return _encoded(value, 76 - len(name) - 2)


def _encoded(value: str, first: int) -> str:
    """Base64 encoded words, one a line; a line that holds one has at most 76 characters (RFC 2047 section 2)."""
    data = value.encode("utf-8", "replace")
    words = []
    start, room = 0, first
    while start < len(data):
        end = min(start + max((room - 12) // 4 * 3, 6), len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # never cut a character
            end -= 1
        words.append(f"=?utf-8?b?{binascii.b2a_base64(data[start:end], newline=False).decode('ascii')}?=")
        start, room = end, 75
    return "\r\n ".join(words)


def phrase(name: str, address: str) -> str:
    """A From field of ours: a name that we wrote, and our address. `address` must be valid."""
    name = clean_header(name, 100)
    if not name:
        return address
    if len(name) <= _PLAIN and name.isascii() and "=?" not in name:
        plain = name.replace("\\", "").replace('"', "'")
        return f'"{plain}"\r\n <{address}>' if len(name) + len(address) > _PLAIN else f'"{plain}" <{address}>'
    return f"{_encoded(name, 70)}\r\n <{address}>"


def mailbox(address: str) -> str | None:
    """The address as it may stand in a header or an envelope: ASCII, the domain in A-labels; None where it cannot.

    A local part outside ASCII would need SMTPUTF8 (RFC 6531), a quoted one is not worth its risk.
    """
    if not address.isascii():
        local, at, domain = address.rpartition("@")
        try:
            address = f"{local}{at}{domain.encode('idna').decode('ascii')}"
        except UnicodeError:
            return None
    return address if len(address) <= 254 and _MAILBOX.fullmatch(address) else None


def message_ids(ids: Iterable[str]) -> str:
    """A field of Message-IDs, one a line: each once, the first one and the last 20 (RFC 5322 section 3.6.4)."""
    good = [one for one in dict.fromkeys(ids) if valid_message_id(one)]
    if len(good) > 21:
        good = [good[0], *good[-20:]]
    return "\r\n ".join(good)


def valid_message_id(value: str | None) -> bool:
    """At most 250 octets of what a Message-ID may hold, in one pair of brackets."""
    return value is not None and _MESSAGE_ID.fullmatch(value) is not None


def date(moment: datetime) -> str:
    return format_datetime(moment)


def tokens(values: Iterable[str]) -> str:
    """Words in one field, separated by commas."""
    return ", ".join(filter(None, (clean_header(value, 60).replace(",", " ") for value in values)))


def block(fields: Sequence[tuple[str, str]]) -> bytes:
    """The header block, ended by the empty line. Fields with an empty body are left out. Raises ValueError."""
    kept = [(name, body) for name, body in fields if body]
    text = "".join([f"{name}: {body}\r\n" for name, body in kept]) + "\r\n"
    try:
        data = text.encode("ascii")
    except UnicodeEncodeError:
        raise ValueError("a header is not 7-bit") from None
    check(data, [name for name, _ in kept])
    return data


def check(data: bytes, names: Sequence[str]) -> None:
    """That a header block, ended by an empty line, reads as exactly these fields. Raises ValueError."""
    if not _BLOCK.fullmatch(data):
        raise ValueError("a header block holds what no field may hold, or has no end")
    if max(map(len, data.split(b"\r\n"))) > 998:  # RFC 5322 section 2.1.1
        raise ValueError("a header line is too long")
    found = [name.decode("ascii") for name in _STARTS.findall(data)]
    if found != list(names):
        raise ValueError("a header block holds other fields than were set")
    if len({name.lower() for name in found}) != len(found):
        raise ValueError("a header field stands twice")
