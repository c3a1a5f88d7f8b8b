"""Message and context in, decision out.

Promises: total and pure; starts as the implicit keep (the default unit, no one confident), and rules only improve it
(contract section 1: in doubt forward, do not acknowledge). Rules are read in file order; phrases were searched once.
Silences are of three rooms: what the mail is (message/automatic), what staff said (here), what this person may still
get (lifecycle). May import: mailroom.model, its own room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from mailroom.model import (
    Channel,
    Context,
    Decision,
    Disposition,
    Kind,
    Match,
    Message,
    Silence,
    SilenceCode,
)
from mailroom.rules.ruleset import Rule, RuleSet
from mailroom.rules.view import REFERENCES, Found, Span, Trigger, View, distinct

PRECAUTIONARY = "precautionary-measures"
DISCREET = "discreet"
URGENT = "urgent"  # as neutral, and it asks for a safer way to answer
GENERAL = "general"
_MOST_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, with what made it match and the points it gave."""

    rule: Rule
    found: Found
    points: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which unit the rules chose. `unit` is None where they leave it to a person."""

    unit: str | None
    points: tuple[tuple[str, int], ...]  # most first
    decided_by: str | None  # the rule that decided over the points


def decide(message: Message, context: Context, rules: RuleSet, why: bool = True) -> Decision:
    """What shall happen to this message. Never raises, costs time in proportion to the message.

    `why`: whether the decision quotes what made its rules match, and names those that only left notes for others.
    That is for explain: it takes as long as half of the matching, and the ledger keeps no words of a message.
    """
    hits = matching(message, context, rules)
    verdict = judge(hits, rules)
    urgent = any(h.rule.then.urgent for h in hits)
    sensitive = urgent or any(h.rule.then.sensitive for h in hits)
    unit, confident = verdict.unit or rules.default_unit, verdict.unit is not None
    copies = [c for h in hits for c in h.rule.then.copies]
    silence = message.silence
    disposition: Disposition | None = None

    if context.correction is not None:
        unit, confident, copies, disposition = context.correction, True, [], Disposition.DONE
        silence = silence or Silence(SilenceCode.CHANNEL, "staff moved it to this unit")
    elif context.channel is Channel.JUNK:
        unit, confident, disposition = rules.default_unit, False, Disposition.REVIEW
        silence = silence or Silence(SilenceCode.CHANNEL, "found in the junk folder")
    elif context.conversation is not None:
        earlier = context.conversation.unit
        if urgent and unit == PRECAUTIONARY != earlier:
            copies.insert(0, earlier)
        elif earlier in rules.units:
            unit = earlier
        else:
            unit = rules.default_unit
        confident = True
        silence = silence or Silence(SilenceCode.CONVERSATION, "this conversation has its acknowledgement")
    forward = True
    if message.kind is not Kind.PERSONAL and context.correction is None:
        named = confident and context.conversation is None
        forward = named and not context.concerns_ours and message.kind is not Kind.OWN
        if context.channel is not Channel.JUNK:
            disposition = Disposition.AUTOMATIC
    silence = silence or _silence(hits, message)
    return Decision(
        unit=unit,
        copies=tuple(dict.fromkeys(c for c in copies if c != unit and c in rules.units)) if forward else (),
        confident=confident,
        forward=forward,
        tags=tuple(dict.fromkeys(t for h in hits for t in h.rule.then.tags if not t.startswith("_"))),
        urgent=urgent,
        sensitive=sensitive,
        silence=silence,
        acknowledge_to=message.acknowledge_to,
        template=None if silence else _template(hits, unit, urgent, sensitive, rules),
        disposition=disposition or (Disposition.DONE if confident else Disposition.REVIEW),
        rules=tuple(_match(h, why) for h in hits if why or not h.rule.then.is_note),
        policy=rules.hash,
    )


def matching(message: Message, context: Context, rules: RuleSet) -> tuple[Hit, ...]:
    """The rules that match, in file order, up to the first that says `stop`."""
    view = View(message, context, rules.finder, rules.negation)
    triggered, complete = rules.triggered, rules.complete
    met: dict[int, int] = {}  # rule -> its groups of triggers of which one is there
    there: list[tuple[str, Iterable[int | str]]] = [(where, view.text(where).places) for where in rules.scopes]
    if message.matters:
        there.append((REFERENCES, ("any",)))
    for where, those in there:
        entries = triggered.get(where, {})
        for what in those:
            for index, bit in entries.get(what, ()):
                met[index] = met.get(index, 0) | bit
    waiting = sorted((*rules.always, *(index for index, bits in met.items() if bits == complete[index])))
    today = context.now.date()
    hits: list[Hit] = []
    while waiting:  # a heap: what a rule leaves for those below it can add to them
        index = heappop(waiting)
        rule = rules.rules[index]
        if (rule.start and today < rule.start) or (rule.end and today > rule.end):
            continue
        found = rule.when.test(view)
        if found is None:
            continue
        then = rule.then
        points = then.points
        if then.points_most > then.points:
            more = distinct(f for f in found if isinstance(f, Span)) - 1
            points = min(then.points + max(more, 0), then.points_most)
        hits.append(Hit(rule, found, points))
        if then.stop:
            break
        left: list[Trigger] = [("tag", tag) for tag in then.tags if tag not in view.tags]
        view.tags.update(then.tags)
        for name, number in then.adds:
            left.append(("sum", name))
            view.sums[name] += number
        for where, what in left:
            for below, bit in triggered.get(where, {}).get(what, ()):
                before = met.get(below, 0)
                met[below] = before | bit
                if below > index and before != met[below] == complete[below]:
                    heappush(waiting, below)
    return tuple(hits)


def judge(hits: Iterable[Hit], rules: RuleSet) -> Verdict:
    """Which unit gets it: the first rule that decides, else the unit with the most points, if enough and ahead."""
    points: Counter[str] = Counter()
    decided: Rule | None = None
    for hit in hits:
        unit = hit.rule.then.unit
        if unit is None:
            continue
        points[unit] += hit.points
        if hit.rule.then.decides and decided is None:
            decided = hit.rule
    table = tuple(points.most_common())
    if decided is not None:
        return Verdict(decided.then.unit, table, decided.name)
    if not table or table[0][1] < rules.enough:
        return Verdict(None, table, None)
    if len(table) > 1 and table[0][1] - table[1][1] < rules.lead:
        return Verdict(None, table, None)
    return Verdict(table[0][0], table, None)


def _silence(hits: Iterable[Hit], message: Message) -> Silence | None:
    for hit in hits:
        if hit.rule.then.silence is not None:
            return Silence(SilenceCode.RULE, f"rule “{hit.rule.name}”: {hit.rule.then.silence}")
    if message.acknowledge_to is None:
        return Silence(SilenceCode.NO_RETURN_PATH, "no address that could safely be answered")
    return None


def _template(hits: Iterable[Hit], unit: str, urgent: bool, sensitive: bool, rules: RuleSet) -> str:
    """Neutral for urgent and sensitive mail; else the rule's, if it names this unit or none; else the unit's."""
    if urgent:
        return URGENT
    if sensitive:
        return DISCREET
    for hit in hits:
        if hit.rule.then.template and hit.rule.then.unit in (None, unit):
            return hit.rule.then.template
    return rules.units[unit].template or GENERAL if unit in rules.units else GENERAL


def _match(hit: Hit, why: bool) -> Match:
    """The rule, and where that is asked its evidence: each piece once, at most eight."""
    evidence = dict.fromkeys(f.evidence() if isinstance(f, Span) else f for f in hit.found) if why else ()
    return Match(hit.rule.name, hit.rule.line, tuple(evidence)[:_MOST_EVIDENCE], _effect(hit), hit.rule.then.is_note)


def _effect(hit: Hit) -> str:
    then = hit.rule.then
    parts = []
    if then.unit is not None:
        parts.append(f"{then.unit} decides" if then.decides else f"{then.unit} +{hit.points}")
    parts += [word for word, said in (("urgent", then.urgent), ("sensitive", then.sensitive)) if said]
    parts += [f"sum {name} {number:+}" for name, number in then.adds]
    for word, values in (("copy to", then.copies), ("tags", then.tags)):
        if values:
            parts.append(f"{word} {' '.join(values)}")
    if then.template is not None:
        parts.append(f"template {then.template}")
    if then.silence is not None:
        parts.append("silent")
    if then.stop:
        parts.append("stop")
    return ", ".join(parts)
