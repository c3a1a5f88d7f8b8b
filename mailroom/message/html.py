"""HTML to text that reads like a plain-text mail: paragraphs as lines, quotations with ">" before them.

Promises: bounded time and memory on any input (the parser is quadratic in depth, so deep documents get their tags
cut out instead); what the reader cannot see (style, script, display:none) is left out, because hidden words must not
steer rules.
May import: message/clean.py; selectolax (lexbor).
"""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailroom.message import clean

MARK = "\ue000"  # a line of its own: here a mail program says that its quotation begins; clean.py removes it from mail

MAX_HTML = 1_000_000  # characters
MAX_OPEN = 600  # elements open at once
MAX_NODES = 60_000
MAX_TEXT = 200_000

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,20})")
_VOID = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "td", "th", "tr", "o:p",
))  # fmt: skip
_DROPPED = frozenset((
    "script", "style", "head", "title", "template", "noscript", "meta", "link", "object", "iframe", "select",
    "textarea", "svg",
))  # fmt: skip
_BLOCK = frozenset((
    "address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul", "blockquote", "hr",
))  # fmt: skip
_SPACED = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table",
))  # fmt: skip
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|(?:max-)?height\s*:\s*0(?:px)?\s*;[^\"']*overflow\s*:\s*hidden|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_QUOTATION = re.compile(
    r"gmail_attr|moz-cite-prefix|yahoo_quoted|yahoo-quoted|divRplyFwdMsg|OLK_SRC_BODY_SECTION|reply-intro|"
    r"protonmail_quote|zmail_extra_hr|OutlookMessageHeader|tutanota_quote|gmx_quote|ms-outlook-mobile-reference-message|"
    r"ms-outlook-mobile-body-separator-line|hmmessage-quote|mail-editor-reference-message"
)
_BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")


def to_text(source: str) -> str:
    """The visible text. At most 200,000 characters."""
    source = source[:MAX_HTML].replace("\x00", "")
    if _too_deep(source):
        return _crude(source)
    try:
        root = LexborHTMLParser(source).root
    except Exception:
        return _crude(source)
    return _walk(root) if root is not None else ""


def _too_deep(source: str) -> bool:
    if source.count("<") < MAX_OPEN:
        return False
    depth = deepest = 0
    for closing, name in _TAG.findall(source):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest > MAX_OPEN


_ELEMENTS = re.compile(r"(?is)<(script|style|head|title|template)\b.{0,200000}?(?:</\1|\Z)")
_BREAKS = re.compile(r"(?i)<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?blockquote)\b[^<>]{0,1000}>")
_ANY = re.compile(r"<[^<>]{0,5000}>?")


def _crude(source: str) -> str:
    text = source[:MAX_TEXT]
    for name in ("script", "style", "head"):
        if f"<{name}" in text.lower():
            text = _ELEMENTS.sub(" ", text, count=200)
            break
    return clean.text(html.unescape(_ANY.sub("", _BREAKS.sub("\n", text))))


class _Page:
    """The text so far: lines, each with the depth of quotation that it stands in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now: list[str] = []
        self.depth = 0
        self.blank = True  # the last line is empty, or nothing is there yet

    def end_line(self, force: bool = False) -> None:
        text = _BLANKS.sub(" ", "".join(self.now)).strip(" ") if self.now else ""
        self.now.clear()
        if text or (force and not self.blank):
            self.lines.append("> " * self.depth + text if text else ">" * self.depth)
            self.blank = not text

    def word(self, text: str) -> None:
        self.now.append(text)

    def verbatim(self, text: str) -> None:
        first, *rest = text.split("\n")
        self.now.append(first)
        for more in rest:
            self.end_line(force=True)
            self.now.append(more)


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and ":" in style and _HIDDEN.search(style[:2_000]))


def _enter(page: _Page, node: LexborNode, tag: str) -> bool:
    """Whether to go into the children."""
    if tag in _DROPPED or tag.startswith("-") or tag == "!doctype":
        return False
    if tag == "br":
        page.end_line(force=True)
        return False
    if tag == "hr":
        page.end_line()
        page.word("________________________________")
        page.end_line()
        return False
    attributes = node.attributes
    if attributes and _hidden(node):
        return False
    if tag in _BLOCK:
        page.end_line()
        if tag in _SPACED:
            page.end_line(force=True)
        if tag == "li":
            page.word("- ")
    elif tag == "img":
        return False
    if attributes:
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if len(name) > 4 and _QUOTATION.search(name):
            page.end_line()
            page.lines.append("> " * page.depth + MARK)
    if tag == "blockquote":
        page.depth = min(page.depth + 1, 20)
    return True


def _leave(page: _Page, tag: str) -> None:
    if tag in _BLOCK:
        page.end_line()
    if tag == "blockquote":
        page.depth = max(0, page.depth - 1)
    if tag in _SPACED:
        page.end_line(force=True)
    elif tag in ("td", "th"):
        page.word(" ")


def _walk(root: LexborNode) -> str:
    page = _Page()
    node: LexborNode | None = root
    seen = verbatim = 0
    open_tags: list[str] = []
    while node is not None and seen < MAX_NODES:
        seen += 1
        tag = node.tag or ""
        down: LexborNode | None = None
        if tag == "-text":
            text = clean.text(node.text_content or "")  # entities bring back what clean.py had removed
            page.verbatim(text) if verbatim else page.word(text)
        elif _enter(page, node, tag):
            verbatim += tag == "pre"
            down = node.child
            if down is not None:
                open_tags.append(tag)
                node = down
                continue
            verbatim -= tag == "pre"
            _leave(page, tag)
        while node is not None and node.next is None and open_tags:
            node = node.parent
            left = open_tags.pop()
            verbatim -= left == "pre"
            _leave(page, left)
        node = node.next if node is not None and open_tags else None
    page.end_line()
    return "\n".join(page.lines)[:MAX_TEXT]
