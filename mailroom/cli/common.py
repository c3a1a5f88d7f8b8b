"""What every verb shares: where the configuration is, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mailroom import config as configuration
from mailroom.config import Config
from mailroom.ledger import Ledger


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


def open_ledger(config: Config) -> Ledger:
    """The ledger of an installation that has run before."""
    file = config.state / "ledger.db"
    if not file.exists():
        raise click.ClickException(f"there is no ledger at {file} yet: mailroom run or mailroom once makes it")
    return Ledger(file)
