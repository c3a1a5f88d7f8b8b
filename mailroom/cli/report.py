"""report: volumes, languages, units, times, silences and their reasons, corrections."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from mailroom.cli.common import DAY, Settings, open_ledger, with_settings, writing
from mailroom.staff import report as reports


@click.command()
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="The first day (UTC); default: the last 30 days.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page.")
@click.option("--csv", "table", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a table.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def report(settings: Settings, since: datetime | None, html: Path | None, table: Path | None, as_json: bool) -> None:
    """What came, where it went, how fast, who got no answer and why, and what staff corrected. Counts only."""
    ledger = open_ledger(settings.load())
    now = datetime.now(UTC)
    start = since.replace(tzinfo=UTC) if since else now - timedelta(days=30)
    made = reports.report(ledger.reported(start), ledger.corrections(start), start.date(), now)
    ledger.close()
    for file, text in ((html, reports.as_html(made)), (table, reports.as_csv(made))):
        if file is not None:
            with writing(file):
                file.write_text(text, encoding="utf-8")
            click.echo(f"written  {file}")
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(made), default=str))
    elif html is None and table is None:
        click.echo(reports.as_text(made), nl=False)
