"""What rules.yaml becomes: frozen, compiled, fit to travel to worker processes by pickle.

May import: mailroom.model, conditions, words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mailroom.model import Problem, Unit
from mailroom.rules.conditions import Condition
from mailroom.rules.view import Negation
from mailroom.rules.words import Finder

Triggered = Mapping[str, Mapping[int | str, tuple[tuple[int, int], ...]]]
"""Each trigger, its two parts one after the other -> (number of a rule, bit of the group of its needs)."""


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule does where it matches."""

    unit: str | None = None
    points: int = 0
    points_most: int = 0  # above `points`: one more for each further phrase found, up to this
    decides: bool = False
    copies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # those that begin with _ are notes to later rules, not shown
    adds: tuple[tuple[str, int], ...] = ()  # to sums that later rules ask for; below zero: takes away
    urgent: bool = False
    sensitive: bool = False
    template: str | None = None
    silence: str | None = None  # why no acknowledgement goes out
    stop: bool = False

    @property
    def is_note(self) -> bool:
        """Whether it only leaves something for other rules: tags that begin with _, or a sum."""
        if self.unit or self.copies or self.urgent or self.sensitive or self.template or self.silence or self.stop:
            return False
        return bool(self.adds or self.tags) and all(one.startswith("_") for one in self.tags)


@dataclass(frozen=True, slots=True)
class Example:
    """A short message that a rule's author gave, and what must come of it."""

    line: int
    column: int
    text: str = ""
    subject: str = ""
    sender: str | None = None
    attachments: tuple[str, ...] = ()
    language: str | None = None
    matches: bool | None = None
    unit: str | None = None
    confident: bool | None = None
    urgent: bool | None = None
    sensitive: bool | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, compiled."""

    name: str
    line: int
    when: Condition
    then: Then
    enabled: bool = True
    start: date | None = None  # first day on which it holds
    end: date | None = None  # last day
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rules file that was found right."""

    units: Mapping[str, Unit]
    default_unit: str
    staff: str | None
    rules: tuple[Rule, ...]
    warnings: tuple[Problem, ...]
    hash: str  # SHA-256 of the text, lower-case hexadecimal
    text: str
    file: str
    uses_history: bool  # some rule asks whether the sender wrote before
    enough: int  # points that a unit needs
    lead: int  # points by which it must lead
    phrases: tuple[str, ...] = field(repr=False)  # as written; a phrase's number is its place
    finder: Finder = field(repr=False)
    negation: Negation = field(repr=False)
    triggered: Triggered = field(repr=False)
    complete: tuple[int, ...] = field(repr=False)  # of each rule, the bits of all its groups: only then it is asked
    always: tuple[int, ...] = field(repr=False)  # rules without groups, asked every time
    scopes: tuple[str, ...] = field(repr=False)  # texts of the message that some rule looks into
