"""One message as the rules see it: its texts, cut and searched once, and what was found in them.

Promises: a text is searched when it is first asked for, and only then; nothing here changes the message.
May import: mailroom.model, words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mailroom.model import LANGUAGES, Context, Evidence, Message
from mailroom.rules.words import Finder, Text

Trigger = tuple[str, int | str]
"""What can make a rule true: a phrase (a text of the message, the phrase's number), or a fact: ("tag", its name) and
("sum", its name) as rules above left them, (REFERENCES, "any")."""

REFERENCES = "references"

SCOPES: Mapping[str, tuple[str, ...]] = {
    "text": ("subject", "said"),
    "subject": ("subject",),
    "said": ("said",),
    "quoted": ("quoted",),
    "forwarded": ("forwarded",),
    "signature": ("signature",),
    "attachments": ("attachments",),
    "sender_name": ("sender_name",),
    "anywhere": ("subject", "said", "quoted", "forwarded", "attachments"),
}
"""The word in rules.yaml -> the texts it means."""

MOST_EVIDENCE = 120
SURE = 0.7
"""Confidence from which the words of the other languages are left out."""


@dataclass(frozen=True, slots=True)
class Negation:
    """Which words deny what follows them."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by language, and "" for all together
    within: int = 3
    exceptions: tuple[int, ...] = ()  # phrases such as "not only", which deny nothing


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase found in a text; becomes evidence only where the rule matched."""

    text: Text
    start: int
    end: int

    def evidence(self) -> Evidence:
        return Evidence(self.text.where, self.text.piece(self.start, self.end)[:MOST_EVIDENCE])

    def words(self) -> tuple[str, ...]:
        return tuple(self.text.tokens[self.start : self.end])


Found = tuple[Span | Evidence, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Numbers of phrases, by the language in which they are written: es en pt fr, "other", or "all"."""

    every: frozenset[int]
    by_language: Mapping[str, frozenset[int]]  # each of the four -> its own and those of "all"

    def of(self, language: str | None) -> frozenset[int]:
        """Those that count in this language; all of them where it is None."""
        return self.by_language.get(language, self.every) if language else self.every


def phrases(written: Iterable[tuple[int, str]]) -> Phrases:
    """Of (number, language)."""
    pairs = tuple(written)
    return Phrases(
        frozenset(n for n, _ in pairs),
        {code: frozenset(n for n, language in pairs if language in (code, "all")) for code in LANGUAGES},
    )


class View:
    """One message as the rules see it: its texts are cut and searched once, when first asked for."""

    def __init__(self, message: Message, context: Context, finder: Finder, negation: Negation) -> None:
        self.message = message
        self.context = context
        self.negation = negation
        self.tags: set[str] = set()
        self.sums: Counter[str] = Counter()
        language = message.language
        self.language = language.code if language.code in LANGUAGES and language.confidence >= SURE else None
        self._finder = finder
        self._texts: dict[str, Text] = {}

    def text(self, where: str) -> Text:
        """The text of that name, searched."""
        known = self._texts.get(where)
        if known is None:
            known = self._texts[where] = Text(where, self._raw(where), self._finder)
        return known

    def other(self, where: str, raw: str) -> Text:
        """A text that is asked for seldom, such as a header's."""
        return Text(where, raw, self._finder)

    def denied(self, span: Span) -> bool:
        """Whether a "no" stands before the words found."""
        n = self.negation
        places = [p for number in n.exceptions for p in span.text.places.get(number, ())]
        words = n.words.get(self.language or "", frozenset())
        return span.text.denied(span.start, n.within, words, places)

    def _raw(self, where: str) -> str:
        message = self.message
        if where == "attachments":
            return " \n\n".join(a.name for a in message.attachments[:200])
        if where == "sender_name":
            return " \n\n".join(a.name for a in message.from_[:5])
        return str(getattr(message, where))

    @cached_property
    def senders(self) -> tuple[str, ...]:
        return tuple(a.address.lower() for a in self.message.from_)


def distinct(spans: Iterable[Span]) -> int:
    """How many different words or phrases these are; one inside another, or the same twice, counts once."""
    kept: list[Span] = []
    seen: set[tuple[str, ...]] = set()
    for span in sorted(spans, key=lambda s: (s.text.where, s.start, -s.end)):
        if kept and kept[-1].text.where == span.text.where and span.start < kept[-1].end:
            continue
        kept.append(span)
        seen.add(span.words())
    return len(seen)
