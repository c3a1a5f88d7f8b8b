"""no-answer: the addresses that get no acknowledgement any more."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from mailroom import compose
from mailroom.cli.common import Settings, Verbs, open_ledger, with_settings
from mailroom.identity import sign_id
from mailroom.ledger import Ledger


@click.group("no-answer", cls=Verbs)
def no_answer() -> None:
    """The addresses that get no acknowledgement any more; their mail is forwarded as ever."""


@no_answer.command()
@click.argument("address")
@with_settings
def add(settings: Settings, address: str) -> None:
    """Never acknowledge this person's mail, in whichever spelling of the address."""
    ledger = open_ledger(settings.load())
    ledger.never_answer(_key(ledger, address), "by hand", datetime.now(UTC))
    ledger.close()
    click.echo("This address gets no acknowledgement from now on.")


@no_answer.command()
@click.argument("address")
@with_settings
def remove(settings: Settings, address: str) -> None:
    """Acknowledge this person's mail again."""
    ledger = open_ledger(settings.load())
    known = ledger.answer_again(_key(ledger, address))
    ledger.close()
    if not known:
        raise click.ClickException("this address is not on the list")
    click.echo("This address is acknowledged again.")


@no_answer.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def list_(settings: Settings, as_json: bool) -> None:
    """How many there are, since when and why. The list holds no addresses, so it cannot show any."""
    ledger = open_ledger(settings.load())
    rows = ledger.unanswered()
    ledger.close()
    for key, at, cause in rows:
        if as_json:
            click.echo(json.dumps({"key": key, "since": at.isoformat(), "cause": cause}))
        else:
            click.echo(f"{key}  since {at:%Y-%m-%d}  {cause}")
    if not rows and not as_json:
        click.echo("Everybody may be acknowledged.")


def _key(ledger: Ledger, address: str) -> str:
    if "@" not in address:
        raise click.BadParameter(f"{address} is no e-mail address", param_hint="ADDRESS")
    return sign_id(ledger.key(), "sender", compose.limit_key(address))
