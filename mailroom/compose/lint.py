"""What a template must say and must never say, checked before a set of templates is accepted.

Promises: each fault is a Problem at its place in the file, with a way to mend it. The rules are few: only values that
exist; no words of the message; no promises of time; the core sentences; staff's own list of forbidden words; at most
120 words; links only from settings.txt; and a discreet one gives no number, date or link. Pure.
May import: difflib, re, jinja2's parser, mailroom.model and its own room.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Protocol

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailroom.compose.phrasing import TAG, at, foreign, words
from mailroom.compose.source import FRAMES, PAGE, SENTENCES, SETTINGS, Passage, Sources
from mailroom.model import LANGUAGES, Problem

WORDS = 120  # of one language, greeting and signature included
OCTETS = 4096  # of the text in four languages (RFC 3834 section 2: large responses are abuse)
SUFFIXES = tuple(f"_{language}" for language in LANGUAGES)
NEEDED = ("subject", "sender", "sender_discreet", "language_name")
CORE = ("receipt", "no_decision", "no_resend", "emergency", "reference_note")
CORE_DISCREET = ("receipt_discreet", "no_resend", "emergency_discreet")
VALUES = ("reference", "date", "reopens")
_OF_THE_MESSAGE = re.compile(  # what a person wrote or is; no such value exists, and the mending text says why
    "message|said|text|body|quoted|names?|sender_name|from|to|subject_line|person|address|unit|tags|matters?|number"
    "|attachments?|filename|headers?|title"
)
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And, nodes.Or)
_PARSER = ImmutableSandboxedEnvironment()
_NAME = re.compile(r"\w+")
_WORD = re.compile(r"\S*\w\S*")
_SECURE = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?")


class Result(Protocol):
    """What lint needs of a rendered acknowledgement."""

    @property
    def discreet(self) -> bool: ...
    @property
    def text(self) -> str: ...
    @property
    def subject(self) -> str: ...


def before(read: Sources, prefix: str) -> list[Problem]:
    """What can be seen without rendering. `prefix` stands before the file in each Problem."""
    return [_under(prefix, one) for one in _before(read)]


def after(read: Sources, rendered: Result, kind: str, language: str, prefix: str) -> list[Problem]:
    """What can be seen on one rendered sample. `language` "unknown": all four in one."""
    form = read.kinds[kind].get(language)
    file = form.file if form else f"es/{kind}.txt"
    found = []
    count = sum("://" not in word for word in _WORD.findall(rendered.text))
    if language in LANGUAGES and count > WORDS:
        found.append(
            Problem(file, 0, 0, f"it has {count} words with its frame", f"At most {WORDS}: people read it in distress")
        )
    size = len(rendered.text.encode("utf-8", "replace"))
    if size > OCTETS:
        what = f"in four languages it has {size} octets"
        found.append(Problem(file, 0, 0, what, f"At most {OCTETS}: make “{kind}” shorter"))
    if rendered.discreet and any(character.isdigit() for character in rendered.text + rendered.subject):
        found.append(Problem(file, 0, 0, "a discreet acknowledgement holds a number", "Take it out"))
    return [_under(prefix, one) for one in found]


def _under(prefix: str, one: Problem) -> Problem:
    return Problem(f"{prefix}/{one.file}", one.line, one.column, one.what, one.mend, one.warning)


def _before(read: Sources) -> Iterator[Problem]:
    yield from _settings(read)
    yield from _needed(read)
    sentences = {name for entries in read.sentences.values() for name in entries}
    links = {name for name in read.settings if name.startswith("link_") and name[-3:] not in SUFFIXES}
    for language, entries in read.sentences.items():
        discreet_too = _names_in_discreet(read, language)
        for name, passage in entries.items():
            known = {*links, *VALUES}
            yield from _names(passage, known, sentences)
            yield from words(passage, language, read, name in discreet_too)
    for discreet, frame in read.frames.items():
        for passage in frame:
            yield from _names(passage, {*links, *VALUES, "content", *sentences}, set())
            yield from foreign(passage)
        if not any(re.fullmatch(r"\s*\{\{\s*content\s*\}\}\s*", one.text) for one in frame):
            mend = "Put {{ content }} in a paragraph of its own where the acknowledgement shall stand"
            yield Problem(FRAMES[discreet], 0, 0, "the frame has no place for the acknowledgement", mend)
    for kind, forms in read.kinds.items():
        yield from _kind(read, kind, links)
        for language, form in forms.items():
            for passage in form.paragraphs:
                yield from _names(passage, {*links, *VALUES, *read.sentences.get(language, ())}, set())
                yield from words(passage, language, read, form.discreet)
    yield from _page(read)


def _settings(read: Sources) -> Iterator[Problem]:
    for name in ("sender", "sender_discreet"):
        if name not in read.settings:
            mend = f"Write “{name}: …”: the name under which the reply in four languages is sent"
            yield Problem(SETTINGS, 0, 0, f"“{name}” is missing", mend)
    for name, passage in read.settings.items():
        if name.startswith("link_"):
            if passage.text and not _SECURE.fullmatch(passage.text):
                what = f"“{passage.text}” is no address of a page that can be linked"
                yield Problem(
                    passage.file, passage.line, passage.column, what, "It begins with https://, without blanks"
                )
        elif name.startswith("opening_"):
            if TAG.search(passage.text):
                what, mend = f"“{name}” holds a value", "An opening is one plain sentence"
                yield Problem(passage.file, passage.line, passage.column, what, mend)
        elif name not in ("sender", "sender_discreet"):
            mend = "Known are sender, sender_discreet, opening_CODE and link_NAME"
            yield Problem(passage.file, passage.line, 1, f"“{name}” is used by nothing", mend, warning=True)


def _needed(read: Sources) -> Iterator[Problem]:
    for language in LANGUAGES:
        entries = read.sentences.get(language)
        if entries is None:
            continue
        for name in NEEDED:
            if name not in entries or not entries[name].text:
                file = f"{language}/{SENTENCES}"
                yield Problem(file, 0, 0, f"the sentence “{name}” is missing", f"Write “{name}: …”")
            elif TAG.search(entries[name].text):
                one = entries[name]
                yield Problem(one.file, one.line, one.column, f"“{name}” can hold no values", "Write plain words")
    for kind in ("general", "discreet"):
        for language in LANGUAGES:
            if language not in read.kinds.get(kind, {}):
                mend = "This one must exist in all four languages, since others fall back to it"
                yield Problem(f"{language}/{kind}.txt", 0, 0, "this file is missing", mend)
    for language, form in read.kinds.get("discreet", {}).items():
        if not form.discreet:
            yield Problem(
                f"{language}/discreet.txt", 1, 1, "it does not say that it is discreet", "Begin it with “Discreet: yes”"
            )


def _kind(read: Sources, kind: str, links: set[str]) -> Iterator[Problem]:
    forms = read.kinds[kind]
    lacking = [language for language in LANGUAGES if language not in forms]
    if lacking and kind not in ("general", "discreet"):
        what = f"“{kind}” is not written in {', '.join(lacking)}"
        instead = "discreet" if any(one.discreet for one in forms.values()) else "general"
        yield Problem(f"{lacking[0]}/{kind}.txt", 0, 0, what, f"Until it is, “{instead}” serves there", warning=True)
    if len({one.discreet for one in forms.values()}) > 1:
        file = next(one.file for one in forms.values() if not one.discreet)
        yield Problem(
            file,
            1,
            1,
            f"“{kind}” is discreet in another language, not here",
            "Begin each with “Discreet: yes”, or none",
        )
    for language, form in forms.items():
        passages = (*read.frames.get(form.discreet, ()), *form.paragraphs)
        sure = {name for one in passages if "{%" not in one.text for name in _used(one)}
        for core in CORE_DISCREET if form.discreet else CORE:
            if not any(name == core or name.startswith(f"{core}_") for name in sure):
                mend = f"Put {{{{ {core} }}}} where it belongs; the sentence stands in {language}/{SENTENCES}"
                yield Problem(form.file, 0, 0, f"the core sentence “{core}” is missing", mend)
        if form.discreet:
            entries = read.sentences.get(language, {})
            for passage in passages:
                for name in _used(passage):
                    inner = _used(entries[name]) if name in entries else set()
                    for value in sorted(({name} | inner) & ({*VALUES} | links)):
                        line, column = _place(passage, name)
                        what = f"a discreet acknowledgement gives “{value}”"
                        yield Problem(passage.file, line, column, what, "It says no number, date or link: take it out")


def _names_in_discreet(read: Sources, language: str) -> set[str]:
    form_passages = [
        p for forms in read.kinds.values() for f in [forms.get(language)] if f and f.discreet for p in f.paragraphs
    ]
    return {name for one in (*read.frames.get(True, ()), *form_passages) for name in _used(one)} | {
        "subject",
        "sender_discreet",
    }


def _used(passage: Passage) -> set[str]:
    return {name for tag in TAG.findall(passage.text) for name in _NAME.findall(tag)}


def _names(passage: Passage, known: set[str], sentences: set[str]) -> Iterator[Problem]:
    """Only values that exist, and only {{ name }} and {% if name %}."""
    try:
        tree = _PARSER.parse(passage.text)
    except TemplateSyntaxError as error:
        mend = "Values are written {{ name }}; conditions {% if name %} … {% endif %}"
        yield Problem(passage.file, passage.line + error.lineno - 1, 0, f"this cannot be read: {error.message}", mend)
        return
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            mend = "Only {{ name }} and {% if name %} … {% endif %} are possible"
            what = f"this does more than name a value ({type(node).__name__})"
            yield Problem(passage.file, passage.line + node.lineno - 1, 0, what, mend)
            return
    for node in tree.find_all(nodes.Name):
        if node.name in known:
            continue
        line, column = _place(passage, node.name)
        if _OF_THE_MESSAGE.fullmatch(node.name):
            mend = "An acknowledgement never quotes the message or the person: somebody else may read it"
        elif node.name in sentences:
            mend = "A sentence cannot hold another one: put both names into the acknowledgement"
        else:
            close = difflib.get_close_matches(node.name, sorted(known), 1)
            mend = f"Did you mean {{{{ {close[0]} }}}}?" if close else f"Known are: {', '.join(sorted(known))}"
        yield Problem(passage.file, line, column, f"there is no value “{node.name}”", mend)


def _walk(tree: nodes.Template) -> Iterator[nodes.Node]:
    pending: list[nodes.Node] = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(node.iter_child_nodes())


def _page(read: Sources) -> Iterator[Problem]:
    """The HTML frame is staff's, but it fetches nothing and names the language."""
    page = read.page
    try:
        _PARSER.parse(page.text)
    except TemplateSyntaxError as error:
        yield Problem(PAGE, error.lineno, 0, f"this cannot be read: {error.message}", "Compare it with the first set")
        return
    for pattern, what in (
        (r"(?i)<(?:img|script|iframe|link|object|embed|form|input|video|audio|base)\b", "fetches or runs something"),
        (r"(?i)(?:url\s*\(|@import|https?:|\bsrc\s*=|\bon[a-z]+\s*=)", "names something outside"),
    ):
        for found in re.finditer(pattern, page.text):
            line = page.text.count("\n", 0, found.start()) + 1
            yield Problem(PAGE, line, 0, f"“{found[0]}” {what}", "Take it out: no images, trackers or scripts")
    for needed in ("sections", "language", "subject"):
        if needed not in page.text:
            yield Problem(PAGE, 0, 0, f"it never uses “{needed}”", "Compare it with the first set")


def _place(passage: Passage, name: str) -> tuple[int, int]:
    for tag in TAG.finditer(passage.text):
        if found := re.search(rf"\b{re.escape(name)}\b", tag[0]):
            return at(passage, tag.start() + found.start())
    return passage.line, passage.column
