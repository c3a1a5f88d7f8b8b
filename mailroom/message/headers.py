"""Header fields as text: raw 8-bit octets, RFC 2047 encoded words and RFC 2231 parameters, decoded once.

Promises: every value is one clean line (clean.line), whatever stood in the field; a lookup is by lower-case name and
gives all occurrences in order, never a surprise type. Linear in the header's length.
May import: message/clean.py, message/charsets.py.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from email.message import Message

from mailroom.message import charsets, clean

MAX_FIELDS = 2_000  # looked at
KEPT_FIELDS = 256  # handed to the rules
_VALUE = 8_000  # characters of one field that are read

# RFC 2047 section 2, lenient: blanks inside the text of a Q word occur
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\r\n]{0,3000}?)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_Q = re.compile(rb"=([0-9A-Fa-f]{2})")


def octets(value: str) -> bytes:
    """The octets of a compat32 string (surrogateescape)."""
    return value.encode("utf-8", "surrogateescape")


def raw_text(value: str) -> str:
    """A compat32 header string with its raw 8-bit octets read as UTF-8, else Windows-1252 (parsing class B)."""
    if value.isascii():
        return value
    try:
        return charsets.decode(octets(value), None)[0]
    except UnicodeEncodeError:  # surrogates that no octet gave
        return value.encode("utf-8", "replace").decode()


def _word_octets(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        data = data[: len(data) - (len(data) % 4 == 1)]
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    return _Q.sub(lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))


def decode_words(value: str) -> str:
    """Text with its encoded words decoded; neighbours of one charset are joined as octets first."""
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub(r"\1", value)
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(value):
        if word.start() != end or word[1].lower() != charset:
            out.append(charsets.decode(pending, charset)[0] if pending else "")
            pending = b""
        out.append(value[end : word.start()])
        charset, end = word[1].lower(), word.end()
        pending += _word_octets(word[2], word[3])
    out.append(charsets.decode(pending, charset)[0] if pending else "")
    out.append(value[end:])
    return "".join(out)


class Headers:
    """The fields of one header block: all raw, decoded on demand."""

    __slots__ = ("_raw", "fields")

    def __init__(self, message: Message) -> None:
        self.fields: list[tuple[str, str]] = []  # lower-case name, raw text with octets read
        self._raw: dict[str, list[str]] = {}
        for name, value in list(message.raw_items())[:MAX_FIELDS]:
            key, text = raw_text(str(name)).strip().lower(), raw_text(str(value)[:_VALUE])
            self.fields.append((key, text))
            self._raw.setdefault(key, []).append(text)

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def raw(self, name: str) -> list[str]:
        """All values as they stand, folding included."""
        return self._raw.get(name, [])

    def all(self, name: str) -> list[str]:
        """All values, decoded and clean."""
        return [clean.line(decode_words(value), 4_000) for value in self._raw.get(name, ())]

    def first(self, name: str, default: str = "") -> str:
        """The topmost value, decoded and clean."""
        values = self._raw.get(name)
        return clean.line(decode_words(values[0]), 4_000) if values else default

    def any(self, names: Iterable[str]) -> str | None:
        """The first of the names that is there."""
        return next((name for name in names if name in self._raw), None)

    def kept(self) -> tuple[tuple[str, str], ...]:
        """For the rules: at most 256 fields of at most 1000 characters."""
        return tuple((clean.line(n, 80), clean.line(decode_words(v))) for n, v in self.fields[:KEPT_FIELDS])


_PARAMETER = re.compile(
    r""";\s*([A-Za-z0-9_.\-]{1,40})(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.){0,2000})"?|([^;"\s]{0,2000}))""",
    re.DOTALL,
)


def content_field(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` as ("text/plain", {"charset": "x"}): names lower case, values decoded (RFC 2231)."""
    value = value[:4_000]
    head = value.partition(";")[0].strip().lower()
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    if ";" in value:
        for match in _PARAMETER.finditer(value):
            name = match[1].lower()
            text = re.sub(r"\\(.)", r"\1", match[4]) if match[4] is not None else match[5]
            if match[2] or match[3]:
                pieces.setdefault(name, []).append((int((match[2] or "*0")[1:]), bool(match[3]), text))
            else:
                found.setdefault(name, text)
    for name, parts in pieces.items():
        found[name] = _continued(sorted(parts))
    return head, {name: clean.line(decode_words(raw_text(text)), 500) for name, text in found.items()}


def _continued(parts: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 sections 3 and 4: numbered pieces, percent-encoded under the charset of the first."""
    charset, data = "", b""
    for number, encoded, text in parts:
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octet = text.encode("utf-8", "surrogateescape")
        data += re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), octet) if encoded else octet
    return charsets.decode(data, charset)[0]
