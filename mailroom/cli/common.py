"""What every verb shares: where the configuration is, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mailroom import config as configuration
from mailroom.config import Config
from mailroom.ledger import Ledger


class _Day(click.DateTime):
    """A day, as people are told to write it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value} is no day: write 2026-03-31", param, ctx)


DAY = _Day(["%Y-%m-%d"])


class Verbs(click.Group):
    """A group whose help says of each verb its whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        verbs = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(1000)) for name, one in verbs if one is not None])


@dataclass(slots=True)
class Settings:
    """The file named on the command line, or the default; read when a verb needs it."""

    file: Path | None

    def load(self) -> Config:
        return configuration.load(self.file or Path("config.toml"))


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb its Settings; --config may stand after the verb too."""

    @click.option("--config", "config_after", type=click.Path(path_type=Path), help="The configuration file.")
    @click.pass_obj
    @wraps(function)
    def wrapped(settings: Settings, /, config_after: Path | None, **values: Any) -> Any:
        return function(Settings(config_after) if config_after else settings, **values)

    return wrapped


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """A file that cannot be written is said in a line."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None


def open_ledger(config: Config) -> Ledger:
    """The ledger of an installation that has run before."""
    file = config.state / "ledger.db"
    if not file.exists():
        raise click.ClickException(f"there is no ledger at {file} yet: mailroom run or mailroom once makes it")
    return Ledger(file)
