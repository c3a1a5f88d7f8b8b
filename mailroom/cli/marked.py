"""explain for people: the decision, the rules with their lines, and the message's text with what matched marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import click

from mailroom.model import Decision, Match, Message
from mailroom.pipeline import Policy

WIDTH = 100  # columns of text
LONGEST = 4000  # characters of a message that are shown
_WORDS = {"tags": 3, "sum": 8}  # the most that are shown behind a note


def print_explained(
    source: str,
    message: Message,
    decision: Decision,
    policy: Policy,
    points: Sequence[tuple[str, int]],
    notes: bool,
) -> None:
    """`points`: what the rules gave to each unit. `notes`: also the rules that only leave notes for others."""
    unit = policy.rules.units.get(decision.unit)
    name = unit.names.get("en", decision.unit) if unit else decision.unit
    click.secho(source, bold=True)
    sure = "" if decision.confident else click.style("  no rule decided: a person should look", fg="yellow")
    click.echo(f"  goes to      {click.style(decision.unit, bold=True)} ({name}){sure}")
    if decision.copies:
        click.echo(f"  copies to    {', '.join(decision.copies)}")
    marks = [click.style("URGENT", fg="red", bold=True)] if decision.urgent else []
    marks += [click.style("sensitive", fg="magenta")] if decision.sensitive else []
    click.echo(f"  marks        {' '.join((*marks, *decision.tags)) or 'none'}")
    click.echo(f"  language     {message.language.code} ({message.language.confidence:.2f})")
    if message.matters:
        click.echo(f"  references   {', '.join(message.matters)}")
    if decision.acknowledge:
        click.echo(f"  answer       {decision.template}")
    elif decision.silence:
        click.echo(f"  answer       none: {decision.silence.code} ({decision.silence.why})")
    if message.defects:
        click.echo(f"  defects      {', '.join(message.defects)}")
    if points:
        need = "" if decision.confident else f"; {policy.rules.enough} are needed, and a lead of {policy.rules.lead}"
        click.echo(f"  points       {', '.join(f'{unit} {count}' for unit, count in points)}{need}")
    words = _words_of_notes(decision.rules)
    for match in decision.rules:
        if match.is_note and not notes:
            continue
        effect = click.style(f"  → {match.effect}", bold=True) if match.effect else ""
        click.echo(f"  rule         {match.name} (rules.yaml:{match.line}){effect}")
        for one in match.evidence:
            note = one.where in ("tag", "sum")
            behind = words.get(one.text.split()[0]) if note else None
            said = f" ({click.style(', '.join(behind), fg='green')})" if behind else ""
            text = one.text if note else click.style(one.text, fg="green")
            click.echo(f"                 {one.where.replace('words:', 'words in ')}: {text}{said}")
    left = sum(match.is_note for match in decision.rules)
    if left and not notes:
        click.echo(f"  notes        {left} more {'rules' if left > 1 else 'rule'} left notes for these: --notes")
    for label, where, text in (
        ("subject", "subject", message.subject),
        ("said", "said", message.said),
        ("forwarded", "forwarded", message.forwarded),
    ):
        if text.strip():
            found = [one.text for match in decision.rules for one in match.evidence if one.where == where]
            click.echo(f"  {label}:")
            shown = click.wrap_text(text[:LONGEST], WIDTH, "    | ", "    | ", preserve_paragraphs=True)
            click.echo(_mark(shown.replace("\n\n", "\n    |\n"), found))


def _words_of_notes(matches: Iterable[Match]) -> Mapping[str, Sequence[str]]:
    """tag or sum -> the writer's words behind it, a few; what rests on tags passes theirs on."""
    words: dict[str, list[str]] = {}
    for match in (one for one in matches if one.is_note):
        found = [
            text
            for one in match.evidence
            for text in (words.get(one.text.split()[0], []) if one.where in ("tag", "sum") else [one.text])
        ]
        for part in match.effect.split(", "):
            kind, *names = part.split()
            for name in names[:1] if kind == "sum" else names:
                if not (kind == "sum" and names[1].startswith("-")):
                    words[name] = list(dict.fromkeys((*words.get(name, []), *found)))[: _WORDS[kind]]
    return words


def _mark(text: str, words: list[str]) -> str:
    """Underline what matched; a phrase may be broken over lines."""
    for word in sorted(set(filter(None, words)), key=len, reverse=True):
        pattern = r"(?:\s+\|\s+|\s+)".join(re.escape(part) for part in word.split())
        text = re.sub(pattern, lambda found: click.style(found[0], fg="green", underline=True), text, count=3)
    return text
