"""Warnings about a rules file that is right but may not do what its author meant.

Promises: a warning names the place and what to do; it never stops a file. Looks at what was read, not at any mail.
May import: mailroom.model, its own room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from mailroom.model import LANGUAGES, Unit
from mailroom.rules.book import Book, Written
from mailroom.rules.conditions import All, Condition, NoneOf, Words
from mailroom.rules.document import Scalar, Table
from mailroom.rules.ruleset import Rule
from mailroom.rules.words import Phrase


def lint(
    rules: Sequence[Rule], book: Book, units: Mapping[str, Unit], places: Mapping[str, Scalar], default: str
) -> None:
    """Add warnings to `book.problems`."""
    active = [r for r in rules if r.enabled]
    _units(active, book, units, places, default)
    _lists(book)
    for what, written, languages, at in book.conditions:
        _contained(book, written)
        missing = [x for x in LANGUAGES if x not in languages]
        by_all = isinstance(at, Table) and at.get("all") is not None
        if languages and missing and not by_all:
            _warn(
                book,
                at.line,
                at.column,
                f"“{what}” has no words in {', '.join(missing)}",
                "add them, or write all: for words of no language",
            )
    _never(active, book)
    _hidden(active, book)


def _warn(book: Book, line: int, column: int, what: str, mend: str) -> None:
    book.problems.add((line, column), what, mend, warning=True)


def _units(rules: Iterable[Rule], book: Book, units: Iterable[str], places: Mapping[str, Scalar], default: str) -> None:
    named = {default}
    for rule in rules:
        named.update((rule.then.unit or default, *rule.then.copies))
    for slug in units:
        if slug not in named:
            at = places[slug]
            _warn(
                book, at.line, at.column, f"no rule names the unit “{slug}”", "write a rule for it, or delete the unit"
            )


def _lists(book: Book) -> None:
    for name, words in book.lists.items():
        if not words.used:
            what = f"no rule uses the list “{name}”"
            _warn(book, words.at.line, words.at.column, what, f"write <{name}> in a condition, or delete the list")
        missing = [x for x in LANGUAGES if x not in words.languages]
        if words.languages and missing and not any(w.language == "all" for w in words.phrases):
            what = f"the list “{name}” has no words in {', '.join(missing)}"
            _warn(book, words.at.line, words.at.column, what, "add them, or the rules miss messages in that language")


def _contained(book: Book, written: Sequence[Written]) -> None:
    """Phrases that another of the same list finds anyway: they add nothing, and mislead whoever reads the list."""
    by_first: dict[str, list[Written]] = {}
    for w in written:
        runs = book.phrases[w.number].runs
        if len(runs) == 1:
            by_first.setdefault(runs[0][0], []).append(w)
    seen: set[tuple[str, int]] = set()
    for w in written:
        p = book.phrases[w.number]
        if (w.language, w.number) in seen:
            _warn(book, w.line, w.column, f"“{p.written}” stands in this list twice", "delete one")
            continue
        seen.add((w.language, w.number))
        wider = next(
            (o for o in _wider(p, by_first, book.phrases) if o.number != w.number and o.language == w.language), None
        )
        if wider is not None:
            other = book.phrases[wider.number].written
            what = f"“{p.written}” adds nothing: “{other}” (line {wider.line}) finds it already"
            _warn(book, w.line, w.column, what, "delete one of them")


def _wider(p: Phrase, by_first: Mapping[str, list[Written]], phrases: Sequence[Phrase]) -> Iterator[Written]:
    for run in p.runs:
        for start, word in enumerate(run):
            for atom in _covering(word):
                for candidate in by_first.get(atom, ()):
                    other = phrases[candidate.number].runs[0]
                    if len(other) <= len(run) - start and all(
                        a in _covering(b) for a, b in zip(other, run[start:], strict=False)
                    ):
                        yield candidate


@lru_cache(maxsize=1 << 16)
def _covering(word: str) -> tuple[str, ...]:
    """What finds every word that this finds: itself, and each of its beginnings with a star."""
    stem = word.rstrip("*")
    return (word, *(stem[:n] + "*" for n in range(3, len(stem) + 1) if stem[:n] + "*" != word))


def _words(condition: Condition) -> list[Words]:
    """Words conditions that must be true for this one to be true."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return [p for p in parts if isinstance(p, Words)]


def _never(rules: Iterable[Rule], book: Book) -> None:
    for rule in rules:
        if not isinstance(rule.when, All):
            continue
        refused = [w for p in rule.when.parts if isinstance(p, NoneOf) for w in p.parts if isinstance(w, Words)]
        for wanted in _words(rule.when):
            if any(_covers(no, wanted) for no in refused):
                what = f"rule “{rule.name}” can never match: every word that it asks for stands under none: too"
                _warn(book, rule.line, 0, what, "take the words out of one of the two")
                break


def _hidden(rules: Sequence[Rule], book: Book) -> None:
    """Rules that an earlier one with wider words always forestalls."""
    wide = [
        r for r in rules if isinstance(r.when, Words) and (r.then.stop or r.then.decides) and not (r.start or r.end)
    ]
    place = {id(r): n for n, r in enumerate(rules)}
    for rule in rules:
        for earlier in wide:
            if place[id(earlier)] >= place[id(rule)]:
                break
            assert isinstance(earlier.when, Words)
            if not any(_covers(earlier.when, w) for w in _words(rule.when)):
                continue
            if earlier.then.stop:
                what = f"rule “{rule.name}” is never reached: “{earlier.name}” (line {earlier.line}) stops before it"
            elif rule.then.decides:
                what = f"rule “{rule.name}” never decides: “{earlier.name}” (line {earlier.line}) decides before it"
            else:
                continue
            _warn(book, rule.line, 0, what, "put the narrower rule first, or delete it")
            break


def _covers(wide: Words, narrow: Words) -> bool:
    return (
        wide.at_least == 1
        and not wide.not_denied
        and wide.phrases.every >= narrow.phrases.every
        and set(wide.wheres) >= set(narrow.wheres)
    )
