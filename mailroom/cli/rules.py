"""explain, replay, rules schema: what the rules would do, before they touch any mail."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from mailroom import policy as policies
from mailroom.cli.common import DAY, Settings, Verbs, open_ledger, with_settings
from mailroom.cli.marked import print_explained
from mailroom.config import Config
from mailroom.connections import ours
from mailroom.pipeline import Policy
from mailroom.rules import schema as rules_schema
from mailroom.spool import Spool
from mailroom.staff.explain import as_json as decision_json
from mailroom.staff.explain import explain as explain_message
from mailroom.staff.explain import points, sources
from mailroom.staff.replay import readdressed, recorded
from mailroom.staff.replay import replay as compare


def _policy(config: Config) -> Policy:
    return policies.load(config.rules, config.templates, config.forwarding.allowed_domains)


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--notes", is_flag=True, help="Also the rules that only leave notes (tags with _) for other rules.")
@click.option("--json", "json_lines", is_flag=True, help="One JSON object a message, one a line.")
@with_settings
def explain(settings: Settings, paths: tuple[str, ...], notes: bool, json_lines: bool) -> None:
    """What would happen to these messages, and why. Sends and stores nothing.

    PATHS are .eml files, folders of them, mbox files, Maildirs, or - for standard input.
    """
    config = settings.load()
    policy = _policy(config)
    us = ours(config, policy, b"explain")
    missing = [path for path in paths if path != "-" and not Path(path).exists()]
    if missing:
        raise click.UsageError(f"no such file or folder: {missing[0]}")
    shown = 0
    for source, raw in sources(paths):
        now = datetime.now(UTC)
        message, decision = explain_message(raw, us, policy, now)
        if json_lines:
            click.echo(json.dumps(decision_json(source, message, decision, policy), ensure_ascii=False))
        else:
            if shown:
                click.echo()
            print_explained(source, message, decision, policy, points(message, policy, now), notes)
        shown += 1
    if not shown:
        raise click.ClickException("no message is there: a folder holds .eml files, or is a Maildir")


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--rules", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="The new rules.yaml.")
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="Only what arrived on that day (UTC) or later.")
@click.option("--json", "json_lines", is_flag=True, help="One JSON object a change, one a line.")
@with_settings
def replay(
    settings: Settings, paths: tuple[str, ...], rules: Path | None, since: datetime | None, json_lines: bool
) -> None:
    """What another rules.yaml would change: over the recorded messages, or over PATHS as explain takes them.

    Without --rules the files are compared with the rules in force. Exit 1 where an urgent message would no longer be.
    """
    config = settings.load()
    domains = config.forwarding.allowed_domains
    old = policies.last_good(config.state, domains) or _policy(config)
    new = policies.load(rules or config.rules, config.templates, domains)
    if paths:
        changes = list(compare(sources(paths), old, new, ours(config, old, b"replay"), datetime.now(UTC)))
    else:
        ledger = open_ledger(config)
        start = since.replace(tzinfo=UTC) if since else None
        messages = recorded(ledger, Spool(config.state / "spool"), start)
        changes = list(compare(messages, old, new, ours(config, old, b"replay"), datetime.now(UTC)))
        ledger.close()

    def tell(name: str, words: Sequence[str], colour: str | None = None) -> None:
        if json_lines:
            click.echo(json.dumps({"name": name, "changes": words}, ensure_ascii=False))
        else:
            click.secho(f"{name}: {', '.join(words)}", fg=colour)

    found = [one for one in changes if one is not None]
    for one in found:
        tell(one.name, one.in_words(), "red" if one.loses_urgency else None)
    for slug, was, becomes in readdressed(old.rules.units, new.rules.units):
        tell(f"unit {slug}", [f"its mail goes to {becomes} in place of {was}"])
    calmed = sum(one.loses_urgency for one in found)
    if not json_lines:
        moved = sum(one.moved for one in found)
        urgent = sum(one.becomes.urgent and not one.was.urgent for one in found)
        silent = sum(one.was.acknowledge and not one.becomes.acknowledge for one in found)
        click.echo(
            f"{len(changes)} messages: {len(found)} would change ({moved} move, {urgent} become urgent,"
            f" {calmed} stop being urgent, {silent} fall silent)"
        )
    sys.exit(1 if calmed else 0)


@click.group(cls=Verbs)
def rules() -> None:
    """About the rules file itself."""


@rules.command()
def schema() -> None:
    """The JSON Schema of rules.yaml, by which editors complete and check it as staff type."""
    click.echo(schema_text(), nl=False)


def schema_text() -> str:
    """The schema as `rules.schema.json` holds it."""
    return json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n"
