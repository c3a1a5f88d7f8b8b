"""What is gathered while a rules file is read, and the small values in it: words, numbers, yes and no, phrases.

Promises: every mistake becomes a Problem with line, column and a way to mend it; nothing raises.
May import: its own room, mailroom.model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from mailroom.model import LANGUAGES
from mailroom.rules.document import Items, Problems, Scalar, Table, Value, nearest
from mailroom.rules.view import Phrases, phrases
from mailroom.rules.words import BadPhrase, Phrase, phrase

PHRASE_KEYS = (*LANGUAGES, "other", "all")
_GAP = re.compile(r"\S\s{2,}\S")
_BOOL = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(slots=True)
class Written:
    """A phrase and where it stands, for warnings."""

    number: int
    language: str
    line: int
    column: int


@dataclass(slots=True)
class WordList:
    """A named list."""

    at: Scalar
    phrases: tuple[Written, ...]
    languages: frozenset[str]
    used: bool = False


@dataclass(slots=True)
class Book:
    """What is gathered while a file is read: problems, phrases with their numbers, lists, tags."""

    problems: Problems
    phrases: list[Phrase] = field(default_factory=list)
    numbers: dict[tuple[tuple[str, ...], ...], int] = field(default_factory=dict)
    lists: dict[str, WordList] = field(default_factory=dict)
    conditions: list[tuple[str, tuple[Written, ...], frozenset[str], Value]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)  # set by rules read so far
    sums: set[str] = field(default_factory=set)  # to which rules read so far add
    history: bool = False

    def number(self, p: Phrase) -> int:
        """The number of a phrase; the same words have the same number, however often they are written."""
        if p.runs not in self.numbers:
            self.numbers[p.runs] = len(self.phrases)
            self.phrases.append(p)
        return self.numbers[p.runs]

    def wrong(self, at: Value, what: str, mend: str) -> None:
        self.problems.add(at, what, mend)


def text_of(value: Value, book: Book, what: str) -> str | None:
    """A plain value."""
    if isinstance(value, Scalar) and value.value.strip():
        return value.value.strip()
    book.wrong(value, f"{what} must be one value, not {kind_of(value)}", f"write  {what.split()[-1]}: value")
    return None


def kind_of(value: Value) -> str:
    """What this is, for a sentence."""
    if isinstance(value, Scalar):
        return f"“{value.value}”" if value.value.strip() else "empty"
    return "a list" if isinstance(value, Items) else "a table of keys"


def bool_of(value: Value, book: Book, what: str) -> bool:
    """true, false, yes or no."""
    if isinstance(value, Scalar) and value.value.lower() in _BOOL:
        return _BOOL[value.value.lower()]
    book.wrong(value, f"{what} must be yes or no, not {kind_of(value)}", "write yes or no")
    return False


def number_of(value: Value, book: Book, what: str, most: int = 1_000_000) -> int:
    """A whole number, 0 and above."""
    if isinstance(value, Scalar) and value.value.isascii() and value.value.isdigit() and int(value.value[:12]) <= most:
        return int(value.value)
    book.wrong(value, f"{what} must be a whole number from 0 to {most}, not {kind_of(value)}", "write digits only")
    return 0


def words_of(value: Value, book: Book, what: str) -> list[Scalar]:
    """One value, several divided by commas, or a list of values."""
    if isinstance(value, Scalar):
        return split(value)
    if isinstance(value, Items):
        found = []
        for item in value.items:
            if isinstance(item, Scalar) and item.value.strip():
                found.append(item)
            else:
                book.wrong(
                    item, f"{what} holds {kind_of(item)} where a plain value must stand", "write one value a line"
                )
        return found
    book.wrong(
        value, f"{what} must be a value or a list, not {kind_of(value)}", "write  - value  on lines of their own"
    )
    return []


def split(value: Scalar) -> list[Scalar]:
    """The parts of a value divided by commas or line ends, each with its own place; a quoted one stays whole."""
    if value.quoted:
        return [value] if value.value.strip() else []
    parts: list[Scalar] = []
    line, column = value.line, value.column
    source = value.source or value.value
    if source[:1] in ("|", ">"):  # a block of text: its first line is the sign
        _, _, source = source.partition("\n")
        line, column = line + 1, 1
    for part in re.split(r"([,\n])", source):
        if part.strip() and part not in (",", "\n"):
            lead = len(part) - len(part.lstrip())
            parts.append(Scalar(part.strip(), line, column + lead, part.strip()))
        line, column = (line + 1, 1) if part == "\n" else (line, column + len(part))
    return parts


def choices_of(value: Value, book: Book, what: str, known: Collection[str]) -> frozenset[str]:
    """Values of a closed list."""
    chosen = set()
    for word in words_of(value, book, what):
        if word.value.lower() in known:
            chosen.add(word.value.lower())
        else:
            book.wrong(word, f"{what} does not know “{word.value}”", nearest(word.value, known))
    return frozenset(chosen)


def entries_of(value: Value, book: Book, what: str, known: Collection[str]) -> dict[str, Value]:
    """The keys of a table; unknown ones are problems."""
    if not isinstance(value, Table):
        book.wrong(
            value, f"{what} must have keys under it, not {kind_of(value)}", "known here: " + ", ".join(sorted(known))
        )
        return {}
    found = {}
    for key, entry in value:
        if key.value in known:
            found[key.value] = entry
        else:
            book.wrong(key, f"{what} has no key “{key.value}”", nearest(key.value, known))
    return found


def phrases_of(value: Value, book: Book, what: str) -> tuple[tuple[Written, ...], frozenset[str]]:
    """Phrases: a value, several with commas, a list, or one of these a language. `<name>` stands for a list."""
    if isinstance(value, Table):
        found: list[Written] = []
        for key, part in value:
            if key.value in PHRASE_KEYS:
                found += _phrases(part, book, f"{what}, {key.value}", key.value)
        return tuple(found), frozenset(k.value for k, _ in value if k.value in LANGUAGES)
    return tuple(_phrases(value, book, what, "all")), frozenset()


def _phrases(value: Value, book: Book, what: str, language: str) -> list[Written]:
    found: list[Written] = []
    for word in words_of(value, book, what):
        if word.value.startswith("<") and word.value.endswith(">"):
            name = word.value[1:-1].strip()
            if name in book.lists:
                book.lists[name].used = True
                found += book.lists[name].phrases
            else:
                book.wrong(word, f"there is no list “{name}”", nearest(name, book.lists) or "write it under lists:")
            continue
        if _GAP.search(word.value):  # two phrases that lost the comma between them are one that nobody writes
            book.problems.add(
                word,
                f"“{word.value}” has a gap between its words",
                "put the comma that is missing, or leave one space",
                warning=True,
            )
        try:
            found.append(Written(book.number(phrase(word.value)), language, word.line, word.column))
        except BadPhrase as error:
            book.wrong(word, str(error), error.mend)
    if isinstance(value, Scalar) and not value.value.strip():
        book.wrong(value, f"{what} has no words", "write at least one, or delete the key")
    return found


def numbers(written: tuple[Written, ...]) -> frozenset[int]:
    return frozenset(w.number for w in written)


def by_language(written: Iterable[Written]) -> Phrases:
    return phrases((w.number, w.language) for w in written)
