"""The MIME tree read for people: the text they would see, the parts attached, and what kinds of part there are.

Promises: stops at attached messages (parsing.md class G), so that their words are never taken for the writer's; at
most 10,000 parts, depth 100, 200,000 characters; content of attachments is never decoded or opened.
May import: message/clean.py, charsets.py, headers.py, html.py, parse.py (limits), mailroom.model.
"""

from __future__ import annotations

import binascii
import dataclasses
import re
from dataclasses import dataclass
from email.message import Message as Part

from mailroom.message import charsets, clean, html
from mailroom.message.headers import Headers, content_field, decode_words, raw_text
from mailroom.message.parse import MAX_DEPTH, MAX_PARTS, elided, field, payload
from mailroom.model import Attachment

MAX_TEXT = 200_000  # characters of the text to read
MAX_PAYLOAD = 2_000_000  # octets of one text part, encoded
KEPT_ATTACHMENTS = 500
MAX_REPORT = 100_000  # characters of machine-readable parts

_REPORTS = frozenset(
    [
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/rfc822-headers",
        "message/global-headers",
    ]
)
_ENCRYPTED = frozenset(
    ["application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/pgp-encrypted"]
)


@dataclass(slots=True)
class Body:
    """What the walk found."""

    text: str = ""
    attachments: list[Attachment] = dataclasses.field(default_factory=list)
    types: list[tuple[str, dict[str, str]]] = dataclasses.field(
        default_factory=list
    )  # of each part, with its parameters
    reports: dict[str, str] = dataclasses.field(default_factory=dict)  # machine-readable parts by type, as text
    embedded: list[Part] = dataclasses.field(default_factory=list)  # attached messages
    defects: set[str] = dataclasses.field(default_factory=set)


def octets(part: Part, limit: int = MAX_PAYLOAD) -> bytes:
    """The content of a leaf, its transfer encoding undone as far as it can be; at most `limit` encoded octets."""
    stored = payload(part)
    if not isinstance(stored, str):
        return b""
    data = stored[:limit].encode("utf-8", "surrogateescape")
    encoding = _encoding(part)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding == "base64":
        data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        data = data[: len(data) - (len(data) % 4 == 1)]
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uudecoded(data)
    return data


def _encoding(part: Part) -> str:
    return (field(part, "content-transfer-encoding") or "").strip().lower()


def _uudecoded(data: bytes) -> bytes:
    """The lines between "begin" and "end"; as they are where they are not uuencoded."""
    lines = data.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), -1)
    out = b""
    for line in lines[start + 1 :] if start >= 0 else []:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            return data
    return out or data


def _size(part: Part) -> int:
    """Octets after decoding, without decoding (base64) where that is exact enough."""
    stored = payload(part)
    if isinstance(stored, list):
        return sum(_size(child) for child in stored[:50] if isinstance(child, Part))
    if _encoding(part) == "base64":
        padding = stored[-8:].count("=")
        letters = len(stored) - stored.count("\n") - stored.count("\r") - stored.count(" ")
        return max(0, (letters + elided(stored)) * 3 // 4 - padding)
    return len(octets(part)) if len(stored) < MAX_PAYLOAD else len(stored)


def _children(part: Part) -> list[Part]:
    stored = payload(part)
    return [child for child in stored if isinstance(child, Part)] if isinstance(stored, list) else []


_MARKUP = re.compile(r"\s*(?:<!doctype html|<html[\s>]|<(?:div|p|body|table|meta)(?:\s[^<>]{0,500})?>)", re.IGNORECASE)


def _text(part: Part, kind: str, parameters: dict[str, str], body: Body) -> str:
    data = octets(part)
    charset = parameters.get("charset")
    if kind == "text/html" and not charset:
        declared = re.search(rb"(?i)<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_\-]{2,30})", data[:4_000])
        charset = declared[1].decode("ascii") if declared else None
    value, defect = charsets.decode(data, charset)
    if defect:
        body.defects.add(defect)
    if kind == "text/html":
        return html.to_text(clean.text(value, html.MAX_HTML))
    if kind in ("text/richtext", "text/enriched"):
        value = re.sub(r"<[A-Za-z/][^<>]{0,60}>", "", value)
    if _MARKUP.match(value):  # HTML under a false label
        return html.to_text(clean.text(value, html.MAX_HTML))
    value = clean.text(value, MAX_TEXT)
    if "-----BEGIN PGP " in value:
        value = _without_armour(value, body)
    if parameters.get("format", "").lower() == "flowed":
        value = _unflow(value, parameters.get("delsp", "").lower() == "yes")
    return value


_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]{1,20}: [^\n]{0,100}\n){0,5}\n?")
_ARMOUR = re.compile(r"-----BEGIN PGP (SIGNATURE|MESSAGE)-----[^-]{0,150000}(?:-----END PGP \1-----|\Z)")


def _without_armour(text: str, body: Body) -> str:
    """RFC 9580 sections 6 and 7: the words of a signed text; an encrypted one has none for us."""
    if "-----BEGIN PGP MESSAGE-----" in text:
        body.defects.add("encrypted")
    return _ARMOUR.sub("", _SIGNED.sub("", text))


def _unflow(text: str, delsp: bool) -> str:
    """RFC 3676: soft breaks joined, "-- " and quotations left alone."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        stripped = line.lstrip(">")
        depth = len(line) - len(stripped)
        stripped = stripped.removeprefix(" ")
        if open_depth == depth and out and stripped != "-- ":
            out[-1] = (out[-1][:-1] if delsp else out[-1]) + stripped
        else:
            out.append(">" * depth + (" " if depth else "") + stripped)
        open_depth = depth if stripped.endswith(" ") and stripped != "-- " else -1
    return "\n".join(out)


class _Walk:
    """One pass over the tree, without recursion into attached messages."""

    def __init__(self) -> None:
        self.body = Body()
        self.spare: list[tuple[Part, str, dict[str, str]]] = []  # text parts that look attached
        self.seen = 0

    def visit(self, part: Part, depth: int) -> list[str]:
        """The inline texts of a part, in order."""
        body = self.body
        self.seen += 1
        if self.seen > MAX_PARTS or depth > MAX_DEPTH:
            body.defects.add("too-many-parts" if self.seen > MAX_PARTS else "too-deep")
            return []
        raw = field(part, "content-type")
        kind, parameters = content_field(raw_text(raw)) if raw is not None else (part.get_default_type(), {})
        if kind.count("/") != 1 or not kind.isascii():
            if raw is not None:
                body.defects.add("bad-content-type")
            kind = "multipart/mixed" if part.is_multipart() else "text/plain"
        body.types.append((kind, parameters))
        if kind in _ENCRYPTED:
            body.defects.add("encrypted")
        if kind in ("message/rfc822", "message/global") or (kind.startswith("message/") and kind not in _REPORTS):
            self._attach_message(part, kind, parameters)
            return []
        if part.is_multipart() and kind not in _REPORTS:
            return self._several(part, kind, depth)
        return self._leaf(part, kind, parameters, depth)

    def _several(self, part: Part, kind: str, depth: int) -> list[str]:
        children = _children(part)
        if kind == "multipart/alternative":
            return self._alternative(children, depth)
        texts: list[str] = []
        for child in children:
            texts += self.visit(child, depth + 1)
            if self.seen > MAX_PARTS:
                break
        return texts

    def _alternative(self, children: list[Part], depth: int) -> list[str]:
        """Plain text, unless it says next to nothing and another alternative says more (RFC 2046 section 5.1.4)."""
        plain: list[str] = []
        rich: list[Part] = []
        for child in children:
            if not child.is_multipart() and child.get_content_type() == "text/plain":
                plain += self.visit(child, depth + 1)
            else:
                rich.append(child)
        said = sum(len(text.strip()) for text in plain)
        best = plain
        for child in rich:
            is_html = not child.is_multipart() and child.get_content_type() == "text/html"
            if is_html and said >= 60:
                self.body.types.append(("text/html", {}))
                continue
            other = self.visit(child, depth + 1)
            length = sum(len(text.strip()) for text in other)
            if other and (not said or (length > 2 * said + 40 and said < 60)):
                best, said = other, max(length, 1)
        return best

    def _leaf(self, part: Part, kind: str, parameters: dict[str, str], depth: int) -> list[str]:
        body = self.body
        disposition, disposed = content_field(raw_text(field(part, "content-disposition") or ""))
        name = clean.line(disposed.get("filename") or parameters.get("name") or "", 255)
        if kind in _REPORTS:
            report = octets(part) if not part.is_multipart() else _flatten(part)
            body.reports.setdefault(kind, clean.text(charsets.decode(report, "utf-8")[0], MAX_REPORT))
            return []
        if kind.startswith("multipart/"):  # declared, but no part was found in it (parsing.md class H)
            body.defects.add("multipart-without-parts")
            kind = "text/plain"
        if kind.startswith("text/") and kind != "text/calendar":
            attached = disposition == "attachment" or (name != "" and disposition != "inline" and depth > 0)
            if not attached and kind in ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"):
                if name and depth > 0:
                    self._attach(part, kind, name)
                return [_text(part, kind, parameters, body)]
            self.spare.append((part, kind, parameters))
            if depth == 0 and not name:
                return []
        self._attach(part, kind, name)
        return []

    def _attach(self, part: Part, kind: str, name: str) -> None:
        if len(self.body.attachments) < KEPT_ATTACHMENTS:
            self.body.attachments.append(Attachment(name, clean.line(kind, 100), _size(part)))

    def _attach_message(self, part: Part, kind: str, parameters: dict[str, str]) -> None:
        children = _children(part)
        _, disposed = content_field(raw_text(field(part, "content-disposition") or ""))
        name = disposed.get("filename") or parameters.get("name") or ""
        if children:
            self.body.embedded.append(children[0])
            if not name:
                name = decode_words(raw_text((field(children[0], "subject") or "")[:1_000]))
        self._attach(part, kind, clean.line(name, 255))


def _flatten(part: Part) -> bytes:
    """The fields of a delivery report, which the stdlib splits into one message a block."""
    blocks = ["".join(f"{name}: {value}\n" for name, value in child.raw_items()) for child in _children(part)[:1_000]]
    return "\n".join(blocks).encode("utf-8", "surrogateescape")


def read(root: Part) -> Body:
    """The body of a message: text, attachments, reports, attached messages, defects."""
    walk = _Walk()
    texts = [text for text in walk.visit(root, 0) if text.strip()] or _from_spare(walk)
    walk.body.text = "\n\n".join(text.rstrip() for text in texts)[:MAX_TEXT]
    return walk.body


def _from_spare(walk: _Walk) -> list[str]:
    """Where nothing is inline: text in a part that only has a file name (parsing.md class F)."""
    for part, kind, parameters in walk.spare[:5]:
        disposition = (field(part, "content-disposition") or "").strip().lower()
        if kind in ("text/plain", "text/html") and (len(walk.body.types) == 1 or not disposition.startswith("attach")):
            text = _text(part, kind, parameters, walk.body)
            if text.strip():
                return [text]
    return []


def embedded_text(part: Part) -> tuple[str, str]:
    """Subject and text of an attached message: what somebody passes on."""
    inner = read(part)
    return Headers(part).first("subject"), inner.text
