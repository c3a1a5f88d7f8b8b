"""Strict YAML: text into a small tree that knows the line and column of everything.

Promises: every scalar stays the text that was written (`no` is "no", `12:30` is "12:30"); duplicate keys, anchors,
aliases, tags and files above LARGEST are problems, all reported at once; nothing is ever constructed from a tag (T-07).
The events are PyYAML's, by libyaml where its wheel brings that: a tenth of the time of a scanner in Python.
May import: yaml, mailroom.model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import yaml
from yaml.events import (
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from mailroom.model import Problem

LARGEST = 1024 * 1024
"""Characters of a rules file."""
_DEEPEST = 40
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # base: no value is taken for a number or a truth


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value, as text."""

    value: str
    line: int  # from 1
    column: int  # from 1
    source: str  # as it stands in the file, quotes and line breaks included; "" where a key was left empty
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Value, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values."""

    entries: tuple[tuple[Scalar, Value], ...]
    line: int
    column: int

    def __iter__(self) -> Iterator[tuple[Scalar, Value]]:
        return iter(self.entries)

    def get(self, key: str) -> Value | None:
        return next((v for k, v in self.entries if k.value == key), None)


Value = Scalar | Items | Table


class Problems:
    """Collects what is wrong, so that staff are told everything at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, at: Value | tuple[int, int], what: str, mend: str = "", *, warning: bool = False) -> None:
        line, column = at if isinstance(at, tuple) else (at.line, at.column)
        self.found.append(Problem(self.file, line, column, what, mend, warning))

    def errors(self) -> tuple[Problem, ...]:
        return self._sorted(False)

    def warnings(self) -> tuple[Problem, ...]:
        return self._sorted(True)

    def _sorted(self, warning: bool) -> tuple[Problem, ...]:
        chosen = {p: None for p in self.found if p.warning is warning}
        return tuple(sorted(chosen, key=lambda p: (p.line, p.column)))


_MOST_NAMES = 60  # in a hint: all units and lists, not all tags that rules leave for each other


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint such as `did you mean "subject"?`, or the list of what is known."""
    names = sorted(known)
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"known here: {', '.join(names[:_MOST_NAMES])}{more}" if names else ""


def parse(text: str, problems: Problems) -> Table | None:
    """The document's tree; None where it cannot be read as YAML at all."""
    if len(text) > LARGEST:
        problems.add((0, 0), f"the file has {len(text)} characters, more than {LARGEST}", "take out what is not needed")
        return None
    tab = next(
        (n for n, line in enumerate(text.splitlines(), 1) if line[: len(line) - len(line.lstrip())].count("\t")), 0
    )
    if tab:
        problems.add((tab, 1), "this line is indented with a tab", "use spaces: YAML does not allow tabs for indenting")
        return None
    try:
        value = _Reader(text, problems).document()
        if value is None:
            problems.add((1, 1), "the file is empty", "it needs at least units:, default_unit: and rules:")
            return None
    except yaml.MarkedYAMLError as error:
        place = _where(error, text)
        problems.add(place, f"not readable: {_plain(error)}", _advice(text, place[0], _plain(error)))
        return None
    except (yaml.YAMLError, ValueError) as error:
        problems.add((0, 0), f"not readable: {str(error).splitlines()[0]}", "save the file as plain text in UTF-8")
        return None
    except RecursionError:
        problems.add(
            (0, 0), "brackets or lists are nested far too deep", "a rules file needs no more than a few levels"
        )
        return None
    if not isinstance(value, Table):
        problems.add(value, "the file must consist of keys such as units: and rules:", "see docs/writing-rules.md")
        return None
    return value


def _place(event: Event) -> tuple[int, int]:
    """(line, column) from 1."""
    assert event.start_mark is not None, "an event of a text has its place"
    return event.start_mark.line + 1, event.start_mark.column + 1


def _where(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int]:
    """What was never closed is noticed at the end of the file: look where it began, or at the last line."""
    lines = text.rstrip().splitlines()
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    within = [mark for mark in marks if mark.line < len(lines)]
    if within:
        return within[0].line + 1, within[0].column + 1
    return (len(lines), len(lines[-1]) + 1) if marks and lines else (0, 0)


def _plain(error: yaml.MarkedYAMLError) -> str:
    words = [str(part).replace("in this context", "here") for part in (error.context, error.problem) if part]
    return ", ".join(words) or "the structure is broken"


def _advice(text: str, line: int, problem: str) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "mapping values are not allowed" in problem:
        return "a value that holds “: ” must stand in quotes; or the line before is indented wrongly"
    if "cannot start any token" in problem:
        return "a value that begins with @ ` % or & must stand in quotes"
    if "scanning an alias" in problem or "scanning an anchor" in problem:
        return "a value that begins with * or & must stand in quotes"
    if here.count('"') % 2 or "scanning a quoted scalar" in problem:
        return "a quotation mark is not closed"
    return "check the indenting, and put values with special signs in quotes"


class _Reader:
    """Events into values. Keeps no anchors: an alias is a problem, and stands for nothing."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._text = text
        self._problems = problems
        self._anchors: set[str] = set()
        self._events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))

    def document(self) -> Value | None:
        """The first document's value; None where the text holds none. A second one is a problem."""
        value: Value | None = None
        for event in self._events:
            if isinstance(event, NodeEvent):
                value = self._value(event, 0)
            elif isinstance(event, DocumentStartEvent) and value is not None:
                self._problems.add(_place(event), "a second document begins here", "take out the line  ---")
                break
        return value

    def _value(self, event: Event, depth: int) -> Value:
        line, column = _place(event)
        if depth > _DEEPEST:
            raise RecursionError
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None and anchor not in self._anchors:  # said once, however often it is used
            self._anchors.add(anchor)
            self._problems.add(
                (line, column),
                f"“&{anchor}” and “*{anchor}” (anchors and aliases) are not allowed",
                "write the words out, or use a named list under lists:",
            )
        if tag is not None:
            self._problems.add((line, column), f"the tag “{tag}” is not allowed", "leave out the ! and what follows")
        if isinstance(event, ScalarEvent):
            assert event.start_mark is not None and event.end_mark is not None
            source = self._text[event.start_mark.index : event.end_mark.index]
            return Scalar(event.value, line, column, source, event.style in ("'", '"'))
        if isinstance(event, SequenceStartEvent):
            return Items(tuple(self._value(inner, depth + 1) for inner in self._inside()), line, column)
        if isinstance(event, MappingStartEvent):
            return self._table(line, column, depth)
        return Scalar("", line, column, "")

    def _inside(self) -> Iterator[Event]:
        """The events of a collection's members, one each: whoever takes one reads that member to its end."""
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def _table(self, line: int, column: int, depth: int) -> Table:
        entries: list[tuple[Scalar, Value]] = []
        seen: dict[str, int] = {}
        members = self._inside()
        for event in members:
            key = self._value(event, depth + 1)
            value = self._value(next(members), depth + 1)
            if not isinstance(key, Scalar):
                self._problems.add(key, "a key must be a plain word", "write  word: value")
                continue
            if key.value in seen:
                self._problems.add(
                    key,
                    f"“{key.value}” stands here twice, first in line {seen[key.value]}",
                    "put both together, or delete one",
                )
                continue
            seen[key.value] = key.line
            entries.append((key, value))
        return Table(tuple(entries), line, column)
