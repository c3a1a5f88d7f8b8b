"""rules.yaml to RuleSet, in four steps: read, check, link, compile. Reloading is `policy.py`'s.

Promises: all problems at once, each with its place and a way to mend it; a RuleSet only where there is none.
May import: hashlib, mailroom.model, its own room.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import TypeVar

from mailroom.model import LANGUAGES, Rejected
from mailroom.rules import forms
from mailroom.rules.book import (
    PHRASE_KEYS,
    Book,
    WordList,
    bool_of,
    entries_of,
    kind_of,
    number_of,
    numbers,
    phrases_of,
    text_of,
    words_of,
)
from mailroom.rules.document import Items, Problems, Scalar, Table, Value, parse
from mailroom.rules.lint import lint
from mailroom.rules.ruleset import Example, Rule, RuleSet, Then, Triggered
from mailroom.rules.units import Units
from mailroom.rules.view import Negation
from mailroom.rules.words import Finder

TOP_KEYS = ("staff", "default_unit", "enough", "lead", "negation", "lists", "units", "rules")
RULE_KEYS = ("name", "when", "then", "examples", "enabled", "from", "until", "note")
THEN_KEYS = (
    "unit",
    "points",
    "decides",
    "copies",
    "tags",
    "adds",
    "urgent",
    "sensitive",
    "template",
    "silence",
    "stop",
)
EXAMPLE_CHECKS = ("matches", "confident", "urgent", "sensitive")
EXAMPLE_KEYS = ("text", "subject", "sender", "attachments", "language", "unit", "tag", *EXAMPLE_CHECKS)
USUAL_POINTS = 3
MOST_POINTS = 20
_TAG = re.compile(r"_?[a-z][a-z0-9-]{0,39}")
_BROKEN = Then()
T = TypeVar("T")


def load(
    text: str,
    file: str = "rules.yaml",
    *,
    allowed_domains: Sequence[str] | None = None,
    templates: Collection[str] | None = None,
) -> RuleSet:
    """Check and compile a rules file.

    Args:
        text: the file, decoded.
        file: its name, for messages.
        allowed_domains: domains to which units' mailboxes must belong (T-20); None: any.
        templates: kinds of acknowledgement that exist; None: any.

    Raises:
        Rejected: with every problem found, by line.
    """
    problems = Problems(file)
    document = parse(text, problems)
    if document is None:
        raise Rejected(problems.errors())
    return _Loader(problems, allowed_domains, templates).load(document, text, file)


class _Loader:
    def __init__(
        self, problems: Problems, allowed_domains: Sequence[str] | None, templates: Collection[str] | None
    ) -> None:
        self.problems = problems
        self.book = Book(problems)
        self.units = Units(self.book, allowed_domains, templates)

    def load(self, document: Table, text: str, file: str) -> RuleSet:
        top = entries_of(document, self.book, "the file", TOP_KEYS)
        for key in ("units", "default_unit", "rules"):
            if key not in top:
                self.problems.add((1, 1), f"the file has no {key}:", f"write  {key}:  at the beginning of a line")
        if "units" in top:
            self.units.read(top["units"])
        if "lists" in top:
            self._read_lists(top["lists"])
        default = text_of(top["default_unit"], self.book, "default_unit") if "default_unit" in top else None
        if default is not None and "units" in top:
            self.units.known(default, top["default_unit"])
        staff = text_of(top["staff"], self.book, "staff") if "staff" in top else None
        if staff is not None:
            self.units.mailbox(staff, top["staff"], "staff")
        enough = number_of(top["enough"], self.book, "enough", 100) if "enough" in top else USUAL_POINTS
        lead = number_of(top["lead"], self.book, "lead", 100) if "lead" in top else 1
        negation = self._negation(top["negation"]) if "negation" in top else Negation()
        rules = self._rules(top["rules"]) if "rules" in top else ()
        if self.problems.errors():
            raise Rejected(self.problems.errors())
        triggered, complete, always = _index(rules)
        scopes = tuple(sorted(where for where, of in triggered.items() if any(isinstance(one, int) for one in of)))
        lint(rules, self.book, self.units.units, self.units.places, str(default))
        return RuleSet(
            units=self.units.units,
            default_unit=str(default),
            staff=staff,
            rules=rules,
            warnings=self.problems.warnings(),
            hash=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            text=text,
            file=file,
            uses_history=self.book.history,
            enough=max(enough, 1),
            lead=lead,
            phrases=tuple(p.written for p in self.book.phrases),
            finder=Finder(self.book.phrases),
            negation=negation,
            triggered=triggered,
            complete=complete,
            always=always,
            scopes=scopes,
        )

    # --------------------------------------------------------------------------------- lists, negation

    def _read_lists(self, value: Value) -> None:
        if not isinstance(value, Table):
            self.problems.add(
                value,
                f"lists must have named lists under it, not {kind_of(value)}",
                "write  name:  and its words below",
            )
            return
        for key, part in value:
            if not re.fullmatch(r"[\w][\w -]{0,59}", key.value):
                self.problems.add(key, f"“{key.value}” cannot name a list", "use letters, digits, hyphens and spaces")
            if isinstance(part, Table):
                entries_of(part, self.book, f"list “{key.value}”", PHRASE_KEYS)
            found, languages = phrases_of(part, self.book, f"list “{key.value}”")
            self.book.lists[key.value] = WordList(key, found, languages)

    def _negation(self, value: Value) -> Negation:
        parts = entries_of(value, self.book, "negation", ("words", "within", "except"))
        words: dict[str, set[str]] = {x: set() for x in ("", *LANGUAGES)}
        if "words" in parts:
            found, _ = phrases_of(parts["words"], self.book, "words")
            for w in found:
                p = self.book.phrases[w.number]
                if len(p.runs) > 1 or len(p.runs[0]) > 1 or "*" in p.runs[0][0] or "?" in p.runs[0][0]:
                    self.problems.add(
                        (w.line, w.column),
                        f"“{p.written}”: negation takes single whole words",
                        "write no, sin, never …",
                    )
                else:
                    for language in words:
                        if not language or w.language in (language, "all"):
                            words[language].add(p.runs[0][0])
        exceptions = phrases_of(parts["except"], self.book, "except")[0] if "except" in parts else ()
        within = number_of(parts["within"], self.book, "within", 10) if "within" in parts else 3
        return Negation({k: frozenset(v) for k, v in words.items()}, within, tuple(sorted(numbers(exceptions))))

    # ------------------------------------------------------------------------------------------- rules

    def _rules(self, value: Value) -> tuple[Rule, ...]:
        if not isinstance(value, Items):
            self.problems.add(value, f"rules must be a list, not {kind_of(value)}", "each rule begins with  - name:")
            return ()
        names: dict[str, int] = {}
        rules = []
        for item in value.items:
            parts = entries_of(item, self.book, "a rule", RULE_KEYS)
            name = text_of(parts["name"], self.book, "name") if "name" in parts else None
            if "name" not in parts and isinstance(item, Table):
                self.problems.add(item, "a rule has no name", "write  - name: what it is for")
            if name is not None:
                if name in names:
                    self.problems.add(
                        parts["name"],
                        f"two rules are called “{name}”, the first in line {names[name]}",
                        "give each its own name",
                    )
                names.setdefault(name, item.line)
            rules.append(self._rule(name or f"rule in line {item.line}", item, parts))
        return tuple(r for r in rules if r is not None)

    def _rule(self, name: str, at: Value, parts: Mapping[str, Value]) -> Rule | None:
        for key in ("when", "then"):
            if key not in parts and isinstance(at, Table) and len(parts) == len(at.entries):  # no misspelt key
                self.problems.add(
                    at, f"rule “{name}” has no {key}:", "a rule says when: it matches and what happens then:"
                )
        when = forms.condition(parts["when"], self.book) if "when" in parts else None
        then = self._then(name, parts["then"]) if "then" in parts else _BROKEN
        self.book.tags.update(then.tags)
        self.book.sums.update(name for name, _ in then.adds)
        enabled = bool_of(parts["enabled"], self.book, "enabled") if "enabled" in parts else True
        start = self._date(parts["from"], "from") if "from" in parts else None
        end = self._date(parts["until"], "until") if "until" in parts else None
        if start and end and end < start:
            self.problems.add(parts["until"], f"rule “{name}” ends before it begins", "exchange from: and until:")
        examples = self._examples(parts["examples"]) if "examples" in parts else ()
        return Rule(name, at.line, when, then, enabled, start, end, examples) if when is not None else None

    def _then(self, name: str, value: Value) -> Then:
        parts = entries_of(value, self.book, "then", THEN_KEYS)
        if isinstance(value, Table) and not value.entries:
            self.problems.add(value, f"rule “{name}” does nothing", "known here: " + ", ".join(THEN_KEYS))
        unit = text_of(parts["unit"], self.book, "unit") if "unit" in parts else None
        if unit is not None:
            self.units.known(unit, parts["unit"])
        decides = bool_of(parts["decides"], self.book, "decides") if "decides" in parts else False
        least, most = self._points(parts["points"]) if "points" in parts else (0 if unit is None else USUAL_POINTS,) * 2
        if unit is None and ("points" in parts or decides):
            self.problems.add(
                value, f"rule “{name}” gives points but names no unit", "add  unit:, or take the points out"
            )
        copies = []
        for word in words_of(parts["copies"], self.book, "copies") if "copies" in parts else ():
            self.units.known(word.value, word)
            copies.append(word.value)
        tags = []
        for word in words_of(parts["tags"], self.book, "tags") if "tags" in parts else ():
            if not _TAG.fullmatch(word.value):
                self.problems.add(
                    word, f"“{word.value}” cannot be a tag", "use small letters, digits and hyphens, at most 40"
                )
            tags.append(word.value)
        template = text_of(parts["template"], self.book, "template") if "template" in parts else None
        if template is not None:
            self.units.template(template, parts["template"])
        return Then(
            unit=unit,
            points=least,
            points_most=most,
            decides=decides,
            copies=tuple(copies),
            tags=tuple(tags),
            adds=self._adds(parts["adds"]) if "adds" in parts else (),
            urgent=bool_of(parts["urgent"], self.book, "urgent") if "urgent" in parts else False,
            sensitive=bool_of(parts["sensitive"], self.book, "sensitive") if "sensitive" in parts else False,
            template=template,
            silence=text_of(parts["silence"], self.book, "silence") if "silence" in parts else None,
            stop=bool_of(parts["stop"], self.book, "stop") if "stop" in parts else False,
        )

    def _adds(self, value: Value) -> tuple[tuple[str, int], ...]:
        if not isinstance(value, Table) or not value.entries:
            self.problems.add(value, f"adds must name sums, not {kind_of(value)}", "write  adds: {danger: 3}")
            return ()
        found = []
        for key, written in value:
            number = written.value.strip() if isinstance(written, Scalar) else ""
            if not _TAG.fullmatch(key.value):
                self.problems.add(key, f"“{key.value}” cannot be a sum", "use small letters, digits and hyphens")
            elif not re.fullmatch(r"[+-]?\d{1,2}", number) or not 1 <= abs(int(number)) <= MOST_POINTS:
                self.problems.add(
                    written,
                    f"{key.value} must be a number, not {kind_of(written)}",
                    f"write 1 to {MOST_POINTS}, or -1 to -{MOST_POINTS} for what speaks against it",
                )
            else:
                found.append((key.value, int(number)))
        return tuple(found)

    def _points(self, value: Value) -> tuple[int, int]:
        hit = (
            re.fullmatch(r"(\d{1,3})(?:\s*to\s*(\d{1,3}))?", value.value.strip()) if isinstance(value, Scalar) else None
        )
        if hit is None:
            self.problems.add(
                value,
                f"points must be a number, not {kind_of(value)}",
                "write  points: 3,  or  points: 2 to 5  for one more with each further phrase found",
            )
            return 0, 0
        least = int(hit[1])
        most = int(hit[2] or least)
        if most < least or not 1 <= least <= MOST_POINTS or most > MOST_POINTS:
            self.problems.add(
                value,
                f"points “{value.value}” are out of bounds" if isinstance(value, Scalar) else "",
                f"write 1 to {MOST_POINTS}, the smaller number first",
            )
        return least, most

    def _date(self, value: Value, what: str) -> date | None:
        written = text_of(value, self.book, what)
        if written is None:
            return None
        try:
            return date.fromisoformat(written)
        except ValueError:
            self.problems.add(value, f"{what} must be a date, not {kind_of(value)}", "write  2026-03-31")
            return None

    def _examples(self, value: Value) -> tuple[Example, ...]:
        if not isinstance(value, Items):
            self.problems.add(
                value, f"examples must be a list, not {kind_of(value)}", "write each example after a dash"
            )
            return ()
        found = []
        for item in value.items:
            if isinstance(item, Scalar):
                found.append(Example(item.line, item.column, text=item.value, matches=True))
                continue
            parts = entries_of(item, self.book, "an example", EXAMPLE_KEYS)
            plain = {
                k: text_of(parts[k], self.book, k)
                for k in ("subject", "sender", "language", "unit", "tag")
                if k in parts
            }
            asked = {
                k: bool_of(parts[k], self.book, k)
                for k in ("matches", "confident", "urgent", "sensitive")
                if k in parts
            }
            if plain.get("unit"):
                self.units.known(str(plain["unit"]), parts["unit"])
            text = parts.get("text")
            names = (
                tuple(w.value for w in words_of(parts["attachments"], self.book, "attachments"))
                if "attachments" in parts
                else ()
            )
            if not asked and not plain.get("unit") and not plain.get("tag"):
                asked["matches"] = True
            found.append(
                Example(
                    item.line,
                    item.column,
                    text=text.value if isinstance(text, Scalar) else "",
                    subject=plain.get("subject") or "",
                    sender=plain.get("sender"),
                    attachments=names,
                    language=plain.get("language"),
                    matches=asked.get("matches"),
                    unit=plain.get("unit"),
                    confident=asked.get("confident"),
                    urgent=asked.get("urgent"),
                    sensitive=asked.get("sensitive"),
                    tag=plain.get("tag"),
                )
            )
        return tuple(found)


def _index(rules: Sequence[Rule]) -> tuple[Triggered, tuple[int, ...], tuple[int, ...]]:
    """RuleSet.triggered, complete and always. Rules that are switched off are in none of them."""
    triggered: dict[str, dict[int | str, list[tuple[int, int]]]] = {}
    complete, always = [], []
    for number, rule in enumerate(rules):
        groups = rule.when.needs() if rule.enabled else ()
        if rule.enabled and not groups:
            always.append(number)
        for place, group in enumerate(groups):
            entry = (number, 1 << place)
            for where, what in group:
                triggered.setdefault(where, {}).setdefault(what, []).append(entry)
        complete.append((1 << len(groups)) - 1)
    frozen = {where: {what: tuple(entries) for what, entries in of.items()} for where, of in triggered.items()}
    return frozen, tuple(complete), tuple(always)
