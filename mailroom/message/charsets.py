"""Octets to text under any charset label, true or false.

Promises: never raises, never calls a codec that is not on the list (threat T-11: `charset=base64_codec`), and says by
a defect code when the label could not be followed. Order of belief: what decodes strictly as UTF-8 with multi-octet
letters is UTF-8; then the label; then Windows-1252, which is what unlabelled Western mail is.
May import: nothing but the standard library's codecs, by bytes.decode.
"""

from __future__ import annotations

UNKNOWN = "unknown-charset"
WRONG = "wrong-charset"

_SAME = (
    "utf-8 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 "
    "iso-8859-14 iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 "
    "windows-1255 windows-1256 windows-1257 windows-1258 koi8-r koi8-u big5 big5-hkscs gb18030 euc-jp iso-2022-jp "
    "iso-2022-jp-2 iso-2022-kr utf-16 utf-16le utf-16be utf-32 cp437 cp850 cp858 cp860 cp863 cp866 cp874 hz"
)
_CODEC = {name: name for name in _SAME.split()} | {
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "cp65001": "utf-8",
    "iso-8859-1": "windows-1252",  # its C1 range is used by nobody; WHATWG reads it so
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso_8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "ansi": "windows-1252",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "latin9": "iso-8859-15",
    "latin-9": "iso-8859-15",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "chinesebig5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "korean": "cp949",
    "unicode": "utf-16",
}
_PLAIN = frozenset({"", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "7bit", "8bit", "utf-8"})
_STATEFUL = ("iso-2022", "iso2022", "hz", "utf-16", "utf-32")
_PAIRS = ("gb", "big5", "cp932", "cp949", "euc", "hz")


def decode(octets: bytes, label: str | None) -> tuple[str, str | None]:
    """The text, and a defect code where the label was unknown or false."""
    name = (label or "").strip().strip("\"'").lower()
    codec = _CODEC.get(name, "")
    stateful = codec.startswith(_STATEFUL)
    if octets.isascii() and not stateful:
        return octets.decode("ascii"), None if codec or name in _PLAIN else UNKNOWN
    if not stateful:
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:  # legacy text is hardly ever valid UTF-8
            if codec == "utf-8" or name in _PLAIN:
                return text.removeprefix("\ufeff"), None
            if not codec.startswith(_PAIRS):
                return text.removeprefix("\ufeff"), WRONG if codec else UNKNOWN
    if codec and codec != "utf-8":
        try:
            return octets.decode(codec), None
        except (UnicodeError, ValueError):
            if codec != "windows-1252":
                return octets.decode(codec, "replace"), WRONG
    known = codec in ("windows-1252", "")
    return _western(octets), None if known and name in _PLAIN | set(_CODEC) else (WRONG if codec else UNKNOWN)


def _western(octets: bytes) -> str:
    """Windows-1252, its five unassigned octets dropped; mostly-UTF-8 text stays UTF-8."""
    text = octets.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 20 < sum(octet >= 0xC2 for octet in octets[:100_000]):  # a cut or a stray octet in UTF-8 text
        return text
    return octets.decode("windows-1252", "replace")
