"""init, backup: making an installation and keeping it."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import click

from mailroom.cli.common import Settings, open_ledger, with_settings, writing
from mailroom.cli.rules import schema_text
from mailroom.daemon.lock import only_one
from mailroom.model import LedgerBroken
from mailroom.staff.restore import put_in_place


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Write a starter config.toml, rules.yaml, templates/, a systemd unit and deploy/; overwrites nothing."""
    with writing(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with resources.as_file(resources.files("mailroom.starter")) as starter:
        for name, target in (
            ("config.example.toml", "config.toml"),
            ("rules.yaml", "rules.yaml"),
            ("mailroom.service", "mailroom.service"),
        ):
            _write(directory / target, _made_out((starter / name).read_text(encoding="utf-8"), directory))
        for folder in ("templates", "deploy"):
            for file in sorted((starter / folder).rglob("*")):
                if file.is_file():
                    target_file = directory / folder / file.relative_to(starter / folder)
                    target_file.parent.mkdir(parents=True, exist_ok=True)
                    text = file.read_text(encoding="utf-8")
                    _write(target_file, _made_out(text, directory) if folder == "deploy" else text)
    _write(directory / "rules.schema.json", schema_text())  # rules.yaml's first line names it: editors complete by it
    click.echo(f"Next: edit config.toml, then run: mailroom check --connect --config {directory / 'config.toml'}")


def _made_out(text: str, directory: Path) -> str:
    """A file for the machine's administrator, with this program and this folder filled in."""
    program = Path(sys.argv[0]).resolve()
    if program.name != "mailroom":
        found = shutil.which("mailroom")
        program = Path(found).resolve() if found else Path(sys.executable).parent / "mailroom"
    return text.replace("{directory}", str(directory.resolve())).replace("{program}", str(program))


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        click.echo(f"kept     {file}")
    else:
        file.chmod(0o600)
        click.echo(f"written  {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_settings
def backup(settings: Settings, file: Path) -> None:
    """A consistent copy of the ledger, taken while the daemon runs. It holds personal data: keep it like mail."""
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    ledger = open_ledger(settings.load())
    with writing(file):
        file.touch(mode=0o600)
    try:
        ledger.backup(file, datetime.now(UTC))
    except LedgerBroken:
        file.unlink()
        raise
    finally:
        ledger.close()
    click.echo(f"written  {file}")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--finished", is_flag=True, help="All is well again: acknowledgements may go out.")
@with_settings
def restore(settings: Settings, file: Path | None, finished: bool) -> None:
    """Put a backup in the ledger's place; the daemon must be stopped. Acknowledgements stay off until --finished.

    The ledger that was there is kept beside it.
    """
    if finished == (file is not None):
        raise click.UsageError("give the backup's FILE, or --finished")
    config = settings.load()
    if file is None:
        ledger = open_ledger(config)
        released = ledger.release()
        ledger.close()
        click.echo("Acknowledgements go out again." if released else "Nothing to finish: they were not held back.")
        return
    with only_one(config.state):
        before = put_in_place(file, config.state, datetime.now(UTC))
    click.echo(f"The ledger is now the copy of {file}; the one before is {before or 'none'}")
    click.echo("Start mailroom. Nobody is acknowledged until: mailroom restore --finished")
