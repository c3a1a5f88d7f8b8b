"""The conditions of a rule, compiled: each looks at one message and says what made it true.

Promises: a condition returns its evidence, or None; it changes nothing, raises nothing, and reads no clock (T-08: time
linear in the text). A new kind of condition is a class here and a row in `forms.py`.
May import: mailroom.model, view.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import time
from fnmatch import fnmatchcase
from typing import Any, Protocol

from mailroom.model import Evidence
from mailroom.rules.view import MOST_EVIDENCE, REFERENCES, SCOPES, Found, Phrases, Span, Trigger, View, distinct

_LONGEST_PHRASE = 12
"""Words of a phrase, near enough, for the window in which `near` looks."""


Needs = tuple[frozenset[Trigger], ...]


def _anywhere(wheres: tuple[str, ...], phrases: Phrases) -> frozenset[Trigger]:
    return frozenset((where, number) for where in wheres for number in phrases.every)


class Condition(Protocol):
    """What every kind of condition can do."""

    def test(self, view: View) -> Found | None:
        """What made it true; None where it is not true."""

    def needs(self) -> Needs:
        """Groups of triggers. Where this is true, at least one of each group is there; no group: nothing is known."""


@dataclass(frozen=True, slots=True)
class Words:
    """One of these phrases stands in one of these texts."""

    wheres: tuple[str, ...]
    phrases: Phrases
    at_least: int = 1
    not_denied: bool = False

    def test(self, view: View) -> Found | None:
        spans: list[Span] = []
        wanted = self.phrases.of(view.language)
        for where in self.wheres:
            text = view.text(where)
            for number in wanted & text.found:
                for start, end in text.places[number]:
                    span = Span(text, start, end)
                    if not (self.not_denied and view.denied(span)):
                        spans.append(span)
                        break
        if not spans or (self.at_least > 1 and distinct(spans) < self.at_least):
            return None
        if len(spans) > 1:
            spans.sort(key=lambda s: (self.wheres.index(s.text.where), s.start, -s.end))
        return tuple(spans)

    def needs(self) -> Needs:
        return (_anywhere(self.wheres, self.phrases),)


@dataclass(frozen=True, slots=True)
class Near:
    """A phrase of the first kind stands at most `within` words from one of the second, in either order."""

    wheres: tuple[str, ...]
    first: Phrases
    second: Phrases
    within: int
    not_denied: bool = False

    def test(self, view: View) -> Found | None:
        first, second = self.first.of(view.language), self.second.of(view.language)
        for where in self.wheres:
            text = view.text(where)
            one = first & text.found
            other = second & text.found if one else one
            if not other:
                continue
            some = sorted(p for n in one for p in text.places[n])
            others = sorted(p for n in other for p in text.places[n])
            starts = [c for c, _ in others]
            reach = 2 * self.within + _LONGEST_PHRASE  # commas stand between words too
            for a, b in some:
                for c, d in others[bisect_left(starts, a - reach) : bisect_right(starts, b + reach)]:
                    low, high = (b, c) if b <= c else (d, a)
                    between = text.tokens[low:high]
                    if low > high or sum(t[:1].isalnum() for t in between) > self.within:
                        continue
                    if any(t != "," and not t[:1].isalnum() for t in between):
                        continue
                    span = Span(text, min(a, c), max(b, d))
                    if not (self.not_denied and (view.denied(Span(text, a, b)) or view.denied(Span(text, c, d)))):
                        return (span,)
        return None

    def needs(self) -> Needs:
        return (_anywhere(self.wheres, self.first), _anywhere(self.wheres, self.second))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (RE2: linear time) finds something in the text."""

    wheres: tuple[str, ...]
    pattern: Any  # re2 gives no type for what it compiles

    def test(self, view: View) -> Found | None:
        for where in self.wheres:
            hit = self.pattern.search(view.text(where).clean)
            if hit:
                return (Evidence(where, " ".join(hit.group(0).split())[:MOST_EVIDENCE]),)
        return None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class Address:
    """An address of From, or of To and Cc, is one of these or lies in one of these domains."""

    which: str  # "sender" or "recipient"
    patterns: tuple[str, ...]

    def test(self, view: View) -> Found | None:
        message = view.message
        addresses = (
            view.senders if self.which == "sender" else tuple(a.address.lower() for a in (*message.to, *message.cc))
        )
        for address in addresses[:200]:
            if any(fnmatchcase(address, p) for p in self.patterns):
                return (Evidence("from" if self.which == "sender" else "to", address[:MOST_EVIDENCE]),)
        return None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class Language:
    """The message is written in one of these; "other" stands for any outside the four, "unknown" for not recognised."""

    codes: frozenset[str]

    def test(self, view: View) -> Found | None:
        code = view.message.language.code
        if code in self.codes or code.split(":")[0] in self.codes or code.split(":")[-1] in self.codes:
            return (Evidence("language", code),)
        return None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class References:
    """The message names a matter: of a kind (petition, measure, case, any), none at all, or exactly this one."""

    wanted: frozenset[str]

    def test(self, view: View) -> Found | None:
        matters = view.message.matters
        if not matters:
            return (Evidence("references", "none"),) if "none" in self.wanted else None
        found = [m for m in matters if "any" in self.wanted or m in self.wanted or _matter_kind(m) in self.wanted]
        return tuple(Evidence("references", m) for m in found[:5]) or None

    def needs(self) -> Needs:
        return () if "none" in self.wanted else (frozenset({(REFERENCES, "any")}),)


def _matter_kind(matter: str) -> str:
    return {"P": "petition", "M": "measure"}.get(matter[:1], "case")


@dataclass(frozen=True, slots=True)
class AttachmentTypes:
    """An attachment is of one of these types (`image/*`) or has one of these endings (`.pdf`)."""

    patterns: tuple[str, ...]

    def test(self, view: View) -> Found | None:
        for attachment in view.message.attachments[:200]:
            for pattern in self.patterns:
                of_name = pattern.startswith(".")
                if (
                    attachment.name.lower().endswith(pattern)
                    if of_name
                    else fnmatchcase(attachment.content_type, pattern)
                ):
                    return (Evidence("attachments", (attachment.name or attachment.content_type)[:MOST_EVIDENCE]),)
        return None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class Header:
    """A header field is there, and holds one of these phrases where any are given."""

    name: str
    phrases: frozenset[int]  # of all languages; none: it is enough that the field is there

    def test(self, view: View) -> Found | None:
        where = f"header:{self.name}"
        for name, value in view.message.headers:
            if name != self.name:
                continue
            if not self.phrases:
                return (Evidence(where, value[:MOST_EVIDENCE]),)
            text = view.other(where, value)
            for number in self.phrases & text.found:
                return (Span(text, *text.places[number][0]),)
        return None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of the message lies between two bounds: its size, its words, its attachments, earlier mails."""

    of: str  # "size" (octets), "earlier", "attachment_count", or "words:" and the name of a scope
    at_least: int
    at_most: int | None

    def test(self, view: View) -> Found | None:
        if self.of == "size":
            number = view.message.size
        elif self.of == "earlier":
            number = view.context.earlier
        elif self.of == "attachment_count":
            number = len(view.message.attachments)
        else:
            number = sum(view.text(w).words() for w in SCOPES[self.of.removeprefix("words:")])
        if number < self.at_least or (self.at_most is not None and number > self.at_most):
            return None
        return (Evidence(self.of, str(number)),)

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """A plain property has one of these values: channel, kind, why it may not be answered."""

    what: str  # "channel" "kind" "silent"
    values: frozenset[str]

    def test(self, view: View) -> Found | None:
        if self.what == "channel":
            value = str(view.context.channel)
        elif self.what == "kind":
            value = str(view.message.kind)
        else:
            silence = view.message.silence
            value = str(silence.code) if silence else "no"
        return (Evidence(self.what, value),) if value in self.values else None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A tag of an earlier rule, or a defect found in reading, is one of these."""

    what: str  # "tag" "defect"
    values: frozenset[str]
    at_least: int = 1

    def test(self, view: View) -> Found | None:
        have = view.tags if self.what == "tag" else view.message.defects
        found = sorted(self.values.intersection(have))
        return tuple(Evidence(self.what, f) for f in found) if len(found) >= self.at_least else None

    def needs(self) -> Needs:
        return (frozenset((self.what, value) for value in self.values),) if self.what == "tag" else ()


@dataclass(frozen=True, slots=True)
class Sum:
    """What the rules above added up is at least so much."""

    of: str
    at_least: int

    def test(self, view: View) -> Found | None:
        reached = view.sums[self.of]
        return (Evidence("sum", f"{self.of} {reached}"),) if reached >= self.at_least else None

    def needs(self) -> Needs:
        return (frozenset({("sum", self.of)}),) if self.at_least > 0 else ()


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """It is between these times, in the time zone of the configuration; past midnight where `until` is earlier."""

    start: time
    end: time

    def test(self, view: View) -> Found | None:
        now = view.context.now.time().replace(tzinfo=None)
        inside = self.start <= now < self.end if self.start <= self.end else now >= self.start or now < self.end
        return (Evidence("time", f"{now:%H:%M}"),) if inside else None

    def needs(self) -> Needs:
        return ()


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Weekday:
    """It is one of these days."""

    days: frozenset[str]

    def test(self, view: View) -> Found | None:
        day = DAYS[view.context.now.weekday()]
        return (Evidence("day", day),) if day in self.days else None

    def needs(self) -> Needs:
        return ()


@dataclass(frozen=True, slots=True)
class All:
    """All of these are true."""

    parts: tuple[Condition, ...]

    def test(self, view: View) -> Found | None:
        found: list[Span | Evidence] = []
        for part in self.parts:
            hit = part.test(view)
            if hit is None:
                return None
            found.extend(hit)
        return tuple(found)

    def needs(self) -> Needs:
        return tuple(dict.fromkeys(group for part in self.parts for group in part.needs()))


@dataclass(frozen=True, slots=True)
class Any_:
    """At least one of these is true. All are looked at, so that all evidence is shown."""

    parts: tuple[Condition, ...]

    def test(self, view: View) -> Found | None:
        found: list[Span | Evidence] = []
        true = False
        for part in self.parts:
            hit = part.test(view)
            if hit is not None:
                true = True
                found.extend(hit)
        return tuple(found) if true else None

    def needs(self) -> Needs:
        chosen: set[Trigger] = set()
        for part in self.parts:
            groups = part.needs()
            if not groups:
                return ()
            chosen |= min(groups, key=len)
        return (frozenset(chosen),)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """None of these is true. What is not there leaves no evidence."""

    parts: tuple[Condition, ...]

    def test(self, view: View) -> Found | None:
        return None if any(part.test(view) is not None for part in self.parts) else ()

    def needs(self) -> Needs:
        return ()
