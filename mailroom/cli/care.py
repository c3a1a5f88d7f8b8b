"""init, backup: making an installation and keeping it."""

from __future__ import annotations

import shutil
import sys
from importlib import resources
from pathlib import Path

import click

from mailroom.cli.common import Settings, open_ledger, with_settings
from mailroom.cli.rules import schema_text


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Write a starter config.toml, rules.yaml, templates/ and a systemd unit; overwrites nothing."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with resources.as_file(resources.files("mailroom.starter")) as starter:
        for name, target in (
            ("config.example.toml", "config.toml"),
            ("rules.yaml", "rules.yaml"),
            ("mailroom.service", "mailroom.service"),
        ):
            text = (starter / name).read_text(encoding="utf-8")
            if name == "mailroom.service":
                program = shutil.which("mailroom") or f"{sys.executable} -m mailroom"
                text = text.replace("{directory}", str(directory.resolve())).replace("{program}", program)
            _write(directory / target, text)
        for file in sorted((starter / "templates").rglob("*")):
            if file.is_file():
                target_file = directory / "templates" / file.relative_to(starter / "templates")
                target_file.parent.mkdir(parents=True, exist_ok=True)
                _write(target_file, file.read_text(encoding="utf-8"))
    _write(directory / "rules.schema.json", schema_text())  # rules.yaml's first line names it: editors complete by it
    click.echo("Next: edit config.toml, then run: mailroom check --connect")


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
    """A consistent copy of the ledger, taken while the daemon runs."""
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    ledger = open_ledger(settings.load())
    ledger.backup(file)
    ledger.close()
    click.echo(f"written  {file}")
