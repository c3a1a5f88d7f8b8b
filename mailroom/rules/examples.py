"""The examples that rules carry: short messages, and what must come of each. `mailroom check` runs them.

May import: mailroom.model, its own room. How a text becomes a Message is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time

from mailroom.model import Address, Attachment, Context, Language, Message, Problem
from mailroom.rules.decide import decide
from mailroom.rules.ruleset import Example, Rule, RuleSet

Understand = Callable[[str, str, tuple[str, ...]], Message]
"""Subject, text, names of attachments -> the message that would be read of them."""

_NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


def run_examples(rules: RuleSet, understand: Understand, now: datetime | None = None) -> tuple[Problem, ...]:
    """What the examples of all rules show to be wrong; empty where all come out as their authors say.

    A rule that is switched off is not asked; one limited in time is asked on its first day.
    """
    problems: list[Problem] = []
    for rule in rules.rules:
        if not rule.enabled:
            continue
        day = rule.start or rule.end
        at = datetime.combine(day, time(12), tzinfo=UTC) if day else now or _NOW
        for example in rule.examples:
            for what in _failures(rule, example, rules, understand, at):
                problems.append(
                    Problem(rules.file, example.line, example.column, what, "mend the rule's words, or the example")
                )
    return tuple(problems)


def _failures(rule: Rule, example: Example, rules: RuleSet, understand: Understand, now: datetime) -> list[str]:
    message = understand(example.subject, example.text, example.attachments)
    if example.sender is not None:
        message = replace(message, from_=(Address("", example.sender),), acknowledge_to=example.sender)
    if example.language is not None:
        message = replace(message, language=Language(example.language, 1.0))
    decision = decide(message, Context(now=now, reference="SU-2026-000000-0"), rules)
    matched = {m.name for m in decision.rules}
    name = f"example of “{rule.name}”: “{_short(example)}”"
    found = []
    if example.matches is not None and example.matches is not (rule.name in matched):
        found.append(
            f"{name} should {'' if example.matches else 'not '}match, and does{' not' if example.matches else ''}"
        )
    for what in ("unit", "confident", "urgent", "sensitive"):
        wanted, got = getattr(example, what), getattr(decision, what)
        if wanted is not None and wanted != got:
            by = ", ".join(f"“{m.name}”" for m in decision.rules if not m.is_note) or "none"
            found.append(f"{name} should have {what} {_word(wanted)}, and has {_word(got)} (rules that match: {by})")
    if example.tag is not None and example.tag not in decision.tags:
        found.append(f"{name} should have the tag {example.tag}, and has {', '.join(decision.tags) or 'none'}")
    return found


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else f"“{value}”"


def _short(example: Example) -> str:
    words = f"{example.subject} {example.text}".split()
    text = " ".join(words)
    return text if len(text) <= 60 else text[:59].rstrip() + "…"


def plain_message(subject: str, text: str, attachments: tuple[str, ...]) -> Message:
    """A Message without a reader: for tests of rules alone."""
    return Message(
        subject=subject,
        said=text,
        attachments=tuple(Attachment(name, "application/octet-stream", 0) for name in attachments),
        acknowledge_to="person@example.org",
    )
