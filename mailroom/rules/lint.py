"""Warnings about a rules file that is right but may not do what its author meant.

May import: mailroom.model, its own room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailroom.model import LANGUAGES, Unit
from mailroom.rules.document import Scalar
from mailroom.rules.forms import Book
from mailroom.rules.ruleset import Rule


def lint(
    rules: Sequence[Rule],
    book: Book,
    units: Mapping[str, Unit],
    places: Mapping[str, Scalar],
    default: str,
    enough: int,
) -> None:
    """Add warnings to `book.problems`."""
    named = {r.then.unit for r in rules if r.enabled} | {c for r in rules for c in r.then.copies} | {default}
    for slug in units:
        if slug not in named:
            book.problems.add(
                places[slug],
                f"no rule names the unit “{slug}”",
                "write a rule for it, or delete the unit",
                warning=True,
            )
    for name, words in book.lists.items():
        if not words.used:
            book.problems.add(
                words.at,
                f"no rule uses the list “{name}”",
                f"write <{name}> in a condition, or delete it",
                warning=True,
            )
        missing = [x for x in LANGUAGES if words.languages and x not in words.languages]
        if missing:
            book.problems.add(
                words.at,
                f"the list “{name}” has no words in {', '.join(missing)}",
                "add them, or the rules miss messages in that language",
                warning=True,
            )
