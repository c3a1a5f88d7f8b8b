"""Making values harmless before they enter an outgoing message: one line for headers, bounded lines for the note.

Promises: what `clean_header` returns holds no control character, line break or bidirectional mark (T-01, T-12), so
that it cannot end a header or change how the rest is read. Total and linear; Python's own header writer is never
relied on, since that of 3.11.7 lets an encoded line break through (CVE-2024-6923).
May import: re, unicodedata.
"""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, DEL; soft hyphen; line and paragraph separators; bidi marks, embeddings, overrides, isolates;
# zero-width space and joiners' kin that hide text; byte order mark; interlinear marks; tags; surrogates; non-characters
_OTHERS = (
    "\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROLS = re.compile(f"[\x00-\x1f{_OTHERS}]+")
_CONTROLS_IN_TEXT = re.compile(f"[\x00-\x09\x0b-\x1f{_OTHERS}]+")
_BLANKS = re.compile(r"\s+")
_WEB = re.compile(r"(?i)http(?=s?:)")


def clean_header(value: str, limit: int = 500) -> str:
    """One harmless line of at most `limit` code points: NFC, breaks and runs of blanks become one space, trimmed."""
    value = value[: 4 * limit]
    if not (value.isascii() and value.isprintable()):
        value = _CONTROLS.sub("", _BREAKS.sub(" ", unicodedata.normalize("NFC", value)))
        value = _BLANKS.sub(" ", value)
    elif "  " in value:
        value = _BLANKS.sub(" ", value)
    return value.strip()[:limit].rstrip()


def shown(value: str, limit: int = 200) -> str:
    """A value of the message inside our own lines of the cover note: harmless, and no link that a program would
    make clickable as if it were ours (T-13)."""
    value = clean_header(value, limit)
    return _WEB.sub("hxxp", value) if ":" in value else value


def quoted(text: str, limit: int) -> tuple[str, bool]:
    """The text with "> " before every line, and whether it was cut after `limit` characters."""
    cut = len(text) > limit
    # splitlines knows every kind of line break, so that no line escapes its mark
    lines = text[:limit].strip().expandtabs(4).splitlines()
    body = "\n> ".join(lines)
    if not "".join(lines).isprintable():
        body = _CONTROLS_IN_TEXT.sub("", body)
    return f"> {body}", cut


def mixed_scripts(name: str) -> bool:
    """Whether one word of a name has letters of two of Latin, Cyrillic, Greek, Armenian: a trick of look-alikes."""
    if name.isascii():
        return False
    for word in name.split():
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"}) > 1:
            return True
    return False
