"""erase: one person's data, on request."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click

from mailroom.cli.common import Settings, open_ledger, with_settings
from mailroom.connections import open_mailbox
from mailroom.model import Misconfigured, Unavailable
from mailroom.spool import Spool
from mailroom.staff.erase import Shelf, find
from mailroom.staff.erase import erase as erase_found

BEYOND = (
    "Beyond mailroom's reach: the units' mailboxes, the server's copies of sent mail, and backups.\n"
    "Look there too, and make a fresh backup of the ledger afterwards."
)


@click.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.option("--ledger-only", is_flag=True, help="Leave the folders on the IMAP server out.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def erase(settings: Settings, address: str, yes: bool, ledger_only: bool, as_json: bool) -> None:
    """Remove one person's data and keep the counts. Shows what there is, and asks before it erases.

    Without --yes and without a terminal to ask in, nothing is changed. Exit 1 where something has to wait: what is
    still on its way to a unit goes there first.
    """
    if "@" not in address:
        raise click.BadParameter(f"{address} is no e-mail address", param_hint="ADDRESS")
    config = settings.load()
    ledger = open_ledger(config)
    try:
        shelves = [] if ledger_only else [Shelf(one.name, one.folder, open_mailbox(config, one)) for one in config.imap]
    except (Unavailable, Misconfigured) as error:
        raise click.ClickException(f"{error}. To erase from the ledger and the spool alone: --ledger-only") from None
    found = find(ledger, shelves, address)
    said = {
        "messages": [one.reference for one in found.settled],
        "under_way": [one.reference for one in found.under_way],
        "folders": {shelf.called(folder): count for shelf, folder, count in found.folders},
    }
    if not as_json:
        click.echo(f"{len(found.settled):>6}  in ledger and spool")
        for shelf, folder, count in found.folders:
            click.echo(f"{count:>6}  in {shelf.called(folder)}")
        for one in found.under_way:
            click.echo(f"Still on its way: {one.reference} goes to its unit first; erase again afterwards")
    nothing = not found.settled and not found.filed
    wanted = yes or (not nothing and not as_json and sys.stdin.isatty() and click.confirm("Erase all of it?"))
    if wanted and not nothing:
        marked = erase_found(ledger, Spool(config.state / "spool"), found, address, datetime.now(UTC))
        if not as_json:
            click.echo(f"Erased. {BEYOND}")
            for folder in marked:
                click.echo(f"The server cannot expunge single messages: those in {folder} are marked as deleted only")
    elif not as_json:
        click.echo("Nothing of this person is here." if nothing else "Nothing was changed. To erase: --yes")
    if as_json:
        click.echo(json.dumps({**said, "erased": wanted and not nothing}, ensure_ascii=False))
    for shelf in shelves:
        shelf.mailbox.logout()
    ledger.close()
    sys.exit(1 if found.under_way else 0)
