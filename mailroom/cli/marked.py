"""explain for people: the decision, the rules with their lines, and the message's text with what matched marked."""

from __future__ import annotations

import re

import click

from mailroom.model import Decision, Message
from mailroom.pipeline import Policy

WIDTH = 100  # columns of text
LONGEST = 4000  # characters of a message that are shown


def print_explained(source: str, message: Message, decision: Decision, policy: Policy) -> None:
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
    for match in decision.rules:
        effect = click.style(f"  → {match.effect}", bold=True) if match.effect else ""
        click.echo(f"  rule         {match.name} (rules.yaml:{match.line}){effect}")
        for one in match.evidence:
            click.echo(f"                 {one.where}: {click.style(one.text, fg='green')}")
    for label, where, text in (
        ("subject", "subject", message.subject),
        ("said", "said", message.said),
        ("forwarded", "forwarded", message.forwarded),
    ):
        if text.strip():
            words = [one.text for match in decision.rules for one in match.evidence if one.where == where]
            click.echo(f"  {label}:")
            shown = click.wrap_text(text[:LONGEST], WIDTH, "    | ", "    | ", preserve_paragraphs=True)
            click.echo(_mark(shown, words))


def _mark(text: str, words: list[str]) -> str:
    """Underline what matched; a phrase may be broken over lines."""
    for word in sorted(set(filter(None, words)), key=len, reverse=True):
        pattern = r"(?:\s+\|\s+|\s+)".join(re.escape(part) for part in word.split())
        text = re.sub(pattern, lambda found: click.style(found[0], fg="green", underline=True), text, count=3)
    return text
