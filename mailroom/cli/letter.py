"""intake: a letter or a visit, entered by staff, goes the way of an e-mail."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mailroom.cli.common import DAY, Settings, with_settings
from mailroom.config import Config, Imap
from mailroom.connections import open_mailbox
from mailroom.ledger import Ledger
from mailroom.letters import Scan, write
from mailroom.model import Channel, Misconfigured, Unavailable


@click.command()
@click.option(
    "--channel", type=click.Choice([Channel.POST.value, Channel.IN_PERSON.value]), required=True, help="How it came."
)
@click.option("--text", type=click.Path(path_type=Path), help="A file with what it says; - for standard input.")
@click.option("--scan", "scans", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True)
@click.option("--subject", default="", help="A few words; the person never gets them back.")
@click.option("--name", default="", help="Of the person.")
@click.option("--address", help="The person's e-mail address, if an answer by e-mail is wished.")
@click.option("--received", type=DAY, metavar="YYYY-MM-DD", help="The day it came; default: today.")
@click.option("--inbox", "inbox", help="Where there are several: the name of the one; default: the first.")
@with_settings
def intake(
    settings: Settings,
    channel: str,
    text: Path | None,
    scans: tuple[Path, ...],
    subject: str,
    name: str,
    address: str | None,
    received: datetime | None,
    inbox: str | None,
) -> None:
    """Enter a letter or a visit. It is put into the inbox and taken from there like every e-mail.

    It is decided on, forwarded and filed by the same rules (`channel: post` and `channel: in-person` in rules.yaml),
    and acknowledged only if --address is given.
    """
    config = settings.load()
    imap = _named(config, inbox)
    if text is None and not scans:
        raise click.UsageError("there is nothing to enter: give --text FILE, --scan FILE, or both")
    if text is not None and str(text) != "-" and not text.exists():
        raise click.UsageError(f"no such file: {text}")
    said = sys.stdin.read() if text and str(text) == "-" else text.read_text(encoding="utf-8") if text else ""
    config.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger = Ledger(config.state / "ledger.db")
    try:
        message = write(
            channel=Channel(channel),
            to=config.address(imap),
            text=said,
            subject=subject or ("Letter" if channel == Channel.POST else "Visit"),
            address=address,
            name=name,
            scans=[Scan(one.name, one.read_bytes()) for one in scans],
            when=received.replace(hour=12, tzinfo=UTC) if received else datetime.now(UTC),
            key=ledger.key(),
        )
    except ValueError:
        raise click.BadParameter(f"{address} is no e-mail address", param_hint="--address") from None
    finally:
        ledger.close()
    try:
        mailbox = open_mailbox(config, imap)
        mailbox.append(imap.inbox, message)
        mailbox.logout()
    except (Unavailable, Misconfigured) as error:
        raise click.ClickException(f"nothing was entered: {error}. Try again") from None
    click.echo(f"Entered: {len(message)} octets now lie in {imap.inbox}, with {len(scans)} scans")


def _named(config: Config, name: str | None) -> Imap:
    """The inbox of that name, or the first."""
    found = next((one for one in config.imap if name in (None, one.name)), None)
    if found is None:
        names = ", ".join(one.name for one in config.imap if one.name)
        mend = f"there are: {names}" if names else "there is one, without a name: leave --inbox out"
        raise click.BadParameter(f"no inbox has the name {name}; {mend}", param_hint="--inbox")
    return found
