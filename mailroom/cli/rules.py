"""check, explain, replay, rules schema: what the rules would do, before they touch any mail."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailroom import policy as policies
from mailroom.cli.common import Settings, open_ledger, with_settings
from mailroom.cli.marked import print_explained
from mailroom.config import Config
from mailroom.connections import make_relay, open_mailbox, ours
from mailroom.model import Misconfigured, Unavailable
from mailroom.pipeline import Policy
from mailroom.rules import schema as rules_schema
from mailroom.spool import Spool
from mailroom.staff.check import examples
from mailroom.staff.explain import as_json as decision_json
from mailroom.staff.explain import explain as explain_message
from mailroom.staff.explain import sources
from mailroom.staff.replay import recorded
from mailroom.staff.replay import replay as compare


def _policy(config: Config) -> Policy:
    return policies.load(config.rules, config.templates, config.forwarding.allowed_domains)


@click.command()
@click.option("--connect", is_flag=True, help="Also sign in to the IMAP and SMTP servers.")
@with_settings
def check(settings: Settings, connect: bool) -> None:
    """Validate configuration, rules with their examples, and templates in every language."""
    config = settings.load()
    policy = _policy(config)
    wrong = examples(policy, ours(config, policy, b"check"))
    for problem in (*policy.rules.warnings, *wrong):
        click.echo(str(problem), err=True)
    click.echo(f"Configuration {config.file}: right")
    click.echo(f"Rules {config.rules}: {len(policy.rules.units)} units, {len(policy.rules.rules)} rules")
    click.echo(f"Templates {config.templates}: {len(policy.templates.kinds)} kinds, each rendered in every language")
    if wrong:
        sys.exit(2)
    if connect and not _connect(config):
        sys.exit(1)


def _connect(config: Config) -> bool:
    well = True
    imap, smtp = config.imap, config.smtp
    try:
        mailbox = open_mailbox(config)
        selected = mailbox.select(imap.inbox)
        waiting = len(mailbox.uids(selected.uidnext))
        moves = "MOVE" if mailbox.can_move else "COPY and EXPUNGE"
        mailbox.logout()
        click.echo(f"IMAP {imap.host}:{imap.port}: signed in, {waiting} messages in {imap.inbox}, files by {moves}")
    except (Unavailable, Misconfigured) as error:
        well = False
        mend = error.mend if isinstance(error, Misconfigured) else f"is {imap.host}:{imap.port} right, and running?"
        click.secho(f"IMAP {imap.host}:{imap.port}: {error}\n    {mend}", fg="red", err=True)
    try:
        asyncio.run(make_relay(config).probe())
        click.echo(f"SMTP {smtp.host}:{smtp.port}: signed in")
    except Exception as error:
        well = False
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        click.secho(f"SMTP {smtp.host}:{smtp.port}: {reason}", fg="red", err=True)
        click.echo("    Check host, port, security, username and password in [smtp]", err=True)
    return well


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "json_lines", is_flag=True, help="One JSON object a message, one a line.")
@with_settings
def explain(settings: Settings, paths: tuple[str, ...], json_lines: bool) -> None:
    """What would happen to these messages, and why. Sends and stores nothing.

    PATHS are .eml files, folders of them, mbox files, Maildirs, or - for standard input.
    """
    config = settings.load()
    policy = _policy(config)
    us = ours(config, policy, b"explain")
    missing = [path for path in paths if path != "-" and not Path(path).exists()]
    if missing:
        raise click.UsageError(f"no such file or folder: {missing[0]}")
    for number, (source, raw) in enumerate(sources(paths)):
        message, decision = explain_message(raw, us, policy, datetime.now(UTC))
        if json_lines:
            click.echo(json.dumps(decision_json(source, message, decision, policy), ensure_ascii=False))
        else:
            if number:
                click.echo()
            print_explained(source, message, decision, policy)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--rules", type=click.Path(path_type=Path, dir_okay=False), help="The new rules.yaml.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what arrived on that day (UTC) or later.")
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
    found = [one for one in changes if one is not None]
    for one in found:
        words = one.in_words()
        if json_lines:
            click.echo(json.dumps({"name": one.name, "changes": words}, ensure_ascii=False))
        else:
            click.secho(f"{one.name}: {', '.join(words)}", fg="red" if one.loses_urgency else None)
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


@click.group()
def rules() -> None:
    """About the rules file itself."""


@rules.command()
def schema() -> None:
    """The JSON Schema of rules.yaml, by which editors complete and check it as staff type."""
    click.echo(schema_text(), nl=False)


def schema_text() -> str:
    """The schema as `rules.schema.json` holds it."""
    return json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n"
