"""queue: the outbox, to look at and to mend by hand."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime

import click

from mailroom.cli.common import Settings, Verbs, open_ledger, with_settings
from mailroom.ledger import Ledger, Queued, Waiting
from mailroom.lifecycle import OPEN, IllegalMove


@click.group(cls=Verbs)
def queue() -> None:
    """The outbox."""


@queue.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def queue_list(settings: Settings, as_json: bool) -> None:
    """What waits to be sent."""
    ledger = open_ledger(settings.load())
    rows = ledger.outbox()
    ledger.close()
    for row in rows:
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(row), default=str))
        else:
            click.echo(f"{row.id:<60} {row.state:<9} since {row.since:%m-%d %H:%M}, {_what_next(row)}")
    if not as_json:
        click.echo("Times are UTC." if rows else "Nothing waits.")


def _what_next(row: Waiting) -> str:
    if not row.ready:
        return "goes out after its forward"
    return f"{_attempts(row.attempts)}, next {row.due:%m-%d %H:%M}{f'; {row.reason}' if row.reason else ''}"


def _attempts(number: int) -> str:
    return f"{number} attempt{'' if number == 1 else 's'}"


@queue.command("show")
@click.argument("identity", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def queue_show(settings: Settings, identity: str, as_json: bool) -> None:
    """One submission: its state, its attempts, and why it waits. Addresses and texts are not shown."""
    ledger = open_ledger(settings.load())
    one = _known(ledger, identity)
    ledger.close()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(one), default=str))
        return
    click.echo(f"{one.id}  {one.state}{f', {one.reason}' if one.reason else ''}")
    click.echo(f"To          {one.unit or ('the person' if one.kind == 'acknowledgement' else 'the administrator')}")
    click.echo(f"Message-ID  {one.message_id}, {one.size} octets")
    click.echo(f"Made        {one.created:%Y-%m-%d %H:%M:%S} UTC, {_attempts(one.attempts)}")
    if one.state in OPEN:
        click.echo(f"Next        {one.due:%Y-%m-%d %H:%M:%S} UTC")


@queue.command("retry")
@click.argument("identity", metavar="ID")
@with_settings
def queue_retry(settings: Settings, identity: str) -> None:
    """Send it at the next occasion, within a minute: what waits, and a forward that failed or came back.

    The same bytes go out under the same Message-ID. An acknowledgement that may have gone out is never sent again.
    """
    _by_hand(settings, identity, lambda ledger, now: ledger.retry(identity, now))
    click.echo("It goes out within a minute, if mailroom runs.")


@queue.command("cancel")
@click.argument("identity", metavar="ID")
@click.option("--last", is_flag=True, help="Even if nobody else gets this message.")
@with_settings
def queue_cancel(settings: Settings, identity: str, last: bool) -> None:
    """Keep what waits from being sent, for good."""
    _by_hand(settings, identity, lambda ledger, now: ledger.cancel(identity, now, last=last))
    click.echo("Cancelled.")


def _by_hand(settings: Settings, identity: str, move: Callable[[Ledger, datetime], None]) -> None:
    ledger = open_ledger(settings.load())
    _known(ledger, identity)
    try:
        move(ledger, datetime.now(UTC))
    except IllegalMove as error:
        hint = " (--last cancels it all the same)" if "nobody else" in str(error) else ""
        raise click.ClickException(f"{identity}: {error}{hint}") from None
    finally:
        ledger.close()


def _known(ledger: Ledger, identity: str) -> Queued:
    one = ledger.queued(identity)
    if one is None:
        raise click.ClickException(
            f"there is no {identity} in the outbox; mailroom queue list and mailroom show name all"
        )
    return one
