"""Making text harmless: no control, no bidirectional override, no line break where one line is promised.

Promises: what `line` returns fits into a header, a log or a terminal (threat T-01); what `text` returns has only
line feeds and tabs beside printable characters. Total and linear.
May import: re, unicodedata.
"""

from __future__ import annotations

import re
import unicodedata

# C0, DEL, C1, the line and paragraph separators, bidi marks and overrides, zero-width and soft hyphens, tags,
# lone surrogates, non-characters, and the private code point by which html.py marks quotations
_NEVER = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000\U000e0000-\U000e007f"
)
_IN_LINE = re.compile(f"[{_NEVER}\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BREAK = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_IN_TEXT = re.compile(f"[{_NEVER}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_SPACES = re.compile(r"\s{2,}")


def line(value: str, limit: int = 1000) -> str:
    """One line of at most `limit` characters, NFC, trimmed; breaks and runs of blanks become one space."""
    value = value[: 4 * limit]
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if not value.isprintable():
        value = _BREAK.sub(" ", value)
    if not value.isprintable() or not value.isascii():
        value = _IN_LINE.sub("", value)
    if "  " in value or not value.isascii():
        value = _SPACES.sub(" ", value)
    return value.strip()[:limit]


def text(value: str, limit: int = 200_000) -> str:
    """Several lines, LF between them, NFC, at most `limit` characters."""
    value = value[:limit]
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if not value.isascii():
        value = unicodedata.normalize("NFC", value).replace("\u2028", "\n").replace("\u2029", "\n")
    return _IN_TEXT.sub("", value)
