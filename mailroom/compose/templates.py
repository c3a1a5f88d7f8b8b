"""Acknowledgements from the files under templates/: compiled, checked, rendered as text and as HTML.

Promises: a template gets plain strings only, and none of them is of the message (T-04); it can name values and say
"if there is one", nothing more, so it ends and stays small; every kind is rendered in every language before the set
is accepted (T-06). Nothing is opened: files come as a mapping. Raises Rejected with all problems at once.
May import: jinja2, hashlib, mailroom.model and its own room.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape as escape_text
from types import MappingProxyType

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from mailroom.compose import lint, source
from mailroom.compose.names import long_date
from mailroom.compose.source import KindSource, Passage, Sources
from mailroom.model import LANGUAGES, Problem, Rejected

GENERAL, DISCREET = "general", "discreet"
SAMPLE_REFERENCE = "SU-2026-000123-V"
SAMPLE_DAY = date(2026, 11, 23)

_TEXT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
_HTML = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, keep_trailing_newline=True)
_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_NAME = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_CONTENT = re.compile(r"\s*\{\{\s*content\s*\}\}\s*")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_BLANKS = re.compile(r"[ \t\n]+")
_GAPS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """An acknowledgement, ready for its headers."""

    kind: str
    languages: tuple[str, ...]  # one, or all four
    discreet: bool
    sender: str  # the name under which it is sent
    subject: str
    text: str  # LF line ends
    html: str


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: Template
    html: Template


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """All acknowledgements, checked. It pickles as its sources, since compiled templates do not."""

    sources: Mapping[str, str]
    kinds: frozenset[str]
    hash: str
    warnings: tuple[Problem, ...] = ()
    _discreet: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    _compiled: Mapping[tuple[str, str], _Compiled] = field(default_factory=dict, repr=False, compare=False)
    _sentences: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)
    _settings: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    _links: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)
    _anchors: Mapping[str, Mapping[str, Markup]] = field(default_factory=dict, repr=False, compare=False)
    _page: Template | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, tuple[dict[str, str]]]:
        return load_templates, (dict(self.sources),)

    def resolve(self, kind: str | None, *, sensitive: bool) -> str:
        """The kind that is used where `kind` is asked for: a sensitive message gets a discreet one, always."""
        known = kind if kind in self.kinds else None
        if sensitive:
            return known if known is not None and known in self._discreet else DISCREET
        return known or GENERAL

    def render(self, kind: str, language: str, reference: str, day: date, reopens: date | None = None) -> Rendered:
        """One acknowledgement. `language`: one of the four; anything else gives all four in one message.

        `day`: on which the message came; `reopens`: when the Section opens again, where it is closed now.
        """
        languages = (language,) if language in LANGUAGES else LANGUAGES
        discreet = kind in self._discreet
        texts, sections = [], []
        for one in languages:
            compiled = self._compiled[kind, one]
            opening = long_date(reopens, one) if reopens else ""
            values = {"reference": reference, "date": long_date(day, one), "reopens": opening}
            text = _GAPS.sub("\n\n", compiled.text.render(values, **self._links[one])).strip()
            html = compiled.html.render(values, **self._anchors[one]).replace("<p></p>\n", "")
            if len(languages) > 1:
                name = self._sentences[one]["language_name"]
                text = f"— {name} —\n\n{text}"
                html = f"<h2>{escape(name)}</h2>\n{html}"
            texts.append(text)
            sections.append((one, Markup(html)))  # noqa: S704  made of escaped pieces by _html
        code = language.removeprefix("other:")
        if len(languages) > 1 and (line := self._settings.get(f"opening_{code}")):
            texts.insert(0, line)
            sections.insert(0, (code, Markup("<p>{}</p>\n").format(line)))
        subject = " / ".join(self._sentences[one]["subject"] for one in languages)
        if not discreet:
            subject += f" ({reference})"
        assert self._page is not None
        page = self._page.render(subject=subject, language=languages[0], sections=sections)
        return Rendered(
            kind=kind,
            languages=languages,
            discreet=discreet,
            sender=self._sender(languages, discreet),
            subject=subject,
            text="\n\n\n".join(texts) + "\n",
            html=page,
        )

    def _sender(self, languages: tuple[str, ...], discreet: bool) -> str:
        name = "sender_discreet" if discreet else "sender"
        return self._sentences[languages[0]][name] if len(languages) == 1 else self._settings[name]


def load_templates(sources: Mapping[str, str], file_prefix: str = "templates") -> TemplateSet:
    """Compile and check a whole set. `sources`: path below templates/, with "/", -> text. Raises Rejected."""
    read = source.read(sources, file_prefix)
    problems = read.problems
    problems.extend(lint.before(read, file_prefix))
    if any(not one.warning for one in problems):
        raise Rejected(tuple(problems))
    kinds = frozenset(read.kinds)
    discreet = frozenset(kind for kind, forms in read.kinds.items() if any(one.discreet for one in forms.values()))
    settings = {name: one.text for name, one in read.settings.items()}
    links = {language: _links(settings, language) for language in LANGUAGES}
    made = TemplateSet(
        sources=MappingProxyType(dict(sources)),
        kinds=kinds,
        hash=_hash(sources),
        warnings=tuple(problems),
        _discreet=discreet,
        _compiled=_compile_all(read, discreet),
        _sentences={language: {k: v.text for k, v in entries.items()} for language, entries in read.sentences.items()},
        _settings=settings,
        _links=links,
        _anchors={language: {name: _anchor(url) for name, url in some.items()} for language, some in links.items()},
        _page=_HTML.from_string(read.page.text),
    )
    for kind in sorted(kinds):
        for language in (*LANGUAGES, "unknown"):
            try:
                rendered = made.render(kind, language, SAMPLE_REFERENCE, SAMPLE_DAY)
                if language not in LANGUAGES:  # all four at once: whatever the closed doors add can be rendered too
                    made.render(kind, language, SAMPLE_REFERENCE, SAMPLE_DAY, SAMPLE_DAY)
            except Exception as error:  # a template's own fault, whatever it is
                name = _source(read, kind, language).file if language in LANGUAGES else source.PAGE
                what = f"“{kind}” cannot be rendered: {type(error).__name__}: {error}"
                problems.append(Problem(f"{file_prefix}/{name}", 0, 0, what, "Compare it with another kind's file"))
                continue
            problems.extend(lint.after(read, rendered, kind, language, file_prefix))
    if any(not one.warning for one in problems):
        raise Rejected(tuple(dict.fromkeys(problems)))
    return made


def _hash(sources: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(sources.items()):
        for piece in (name, text):
            data = piece.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def _compile_all(read: Sources, discreet: frozenset[str]) -> dict[tuple[str, str], _Compiled]:
    compiled: dict[tuple[str, str], _Compiled] = {}
    for kind, forms in read.kinds.items():
        for language in LANGUAGES:
            if language in forms or kind in (GENERAL, DISCREET):
                compiled[kind, language] = _compile(read, forms[language], language, kind in discreet)
    for kind in read.kinds:
        for language in LANGUAGES:  # never another language; a discreet one falls back to a discreet one
            fallback = DISCREET if kind in discreet else GENERAL
            compiled.setdefault((kind, language), compiled[fallback, language])
    return compiled


def _source(read: Sources, kind: str, language: str) -> KindSource:
    forms = read.kinds[kind]
    if language in forms:
        return forms[language]
    return read.kinds[DISCREET if any(one.discreet for one in forms.values()) else GENERAL][language]


def _compile(read: Sources, form: KindSource, language: str, discreet: bool) -> _Compiled:
    paragraphs: list[str] = []
    for passage in read.frames[discreet]:
        inner = form.paragraphs if _CONTENT.fullmatch(passage.text) else (passage,)
        paragraphs.extend(expand(one, read.sentences[language]) for one in inner)
    text = "\n\n".join(_BOLD.sub(r"\1", one) for one in paragraphs)
    html = "".join(f"<p>{_html(one)}</p>\n" for one in paragraphs)
    return _Compiled(_TEXT.from_string(text), _HTML.from_string(html))


def expand(passage: Passage, sentences: Mapping[str, Passage]) -> str:
    """A paragraph in one line, with shared sentences in the place of their names."""

    def put(found: re.Match[str]) -> str:
        sentence = sentences.get(found[1])
        return found[0] if sentence is None else sentence.text

    return _BLANKS.sub(" ", _NAME.sub(put, passage.text)).strip()


def _html(paragraph: str) -> str:
    """The words of a paragraph as HTML, its {{ names }} left to Jinja, which escapes what it puts there."""
    pieces = _TAG.split(paragraph)
    return _BOLD.sub(
        r"<strong>\1</strong>", "".join(p if n % 2 else escape_text(p, quote=False) for n, p in enumerate(pieces))
    )


def _links(settings: Mapping[str, str], language: str) -> dict[str, str]:
    """Every link_NAME of the settings, in its form for the language (link_NAME_es) where there is one."""
    links = {}
    for name, url in settings.items():
        if name.startswith("link_") and name[-3:] not in lint.SUFFIXES:
            links[name] = settings.get(f"{name}_{language}") or url
    return links


def _anchor(url: str) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(url) if url else Markup("")
