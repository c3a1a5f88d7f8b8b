"""docs/reference.md, written from the program itself: `python -m tests.reference` writes it, a test compares it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
from click.testing import CliRunner
from pydantic import BaseModel

from mailroom import model
from mailroom.cli import cli
from mailroom.config import Config
from mailroom.message import DEFECTS

FILE = Path(__file__).parent.parent / "docs" / "reference.md"


def page() -> str:
    return "\n".join([*_commands(), *_settings(), *_silences(), *_defects(), ""])


def _commands() -> Iterator[str]:
    yield "# Reference\n"
    yield "Written by the program (`python -m tests.reference`); a test compares it.\n"
    yield "## Commands\n"
    yield "Exit codes: 0 done; 1 done, and something fell short that the output names; 2 the command, the configuration"
    yield "or the rules are wrong.\n"
    for words, command in sorted(_leaves(cli, ())):
        text = CliRunner().invoke(cli, [*words, "--help"], prog_name="mailroom", terminal_width=100).output
        yield f"### mailroom {' '.join(words)}\n\n```\n{text.rstrip()}\n```\n"
        assert command.help, words


def _leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _leaves(child, (*words, name))
    else:
        yield words, command


def _settings() -> Iterator[str]:
    yield "## Settings of config.toml\n"
    yield '`[imap]` may stand more than once, written `[[imap]]`: [running.md](running.md), "Several inboxes".'
    yield "Left out, `address` and `aliases` are `[mailroom]`'s there.\n"
    yield "| setting | if left out |\n|---|---|"
    for section, field in Config.model_fields.items():
        options = [field.annotation, *get_args(field.annotation)]
        nested = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
        for name, setting in nested[0].model_fields.items() if nested else ():
            default = "must be given" if setting.is_required() else f"`{setting.default}`"
            yield f"| `[{section}] {name}` | {default} |"
    yield ""


def _silences() -> Iterator[str]:
    yield "## Why a message is not acknowledged\n"
    yield "| code | meaning |\n|---|---|"
    source = Path(model.__file__).read_text(encoding="utf-8")
    codes = source[source.index("class SilenceCode") :].partition("@dataclass")[0]
    meanings = dict(re.findall(r'^    [A-Z_0-9]+ = "([a-z0-9-]+)"  # (.*)$', codes, re.MULTILINE))
    for code in model.SilenceCode:
        yield f"| `{code}` | {meanings[code].replace('<>', '`<>`')} |"
    yield ""


def _defects() -> Iterator[str]:
    yield "## What may be wrong with a message\n"
    yield "| code | meaning |\n|---|---|"
    for code, meaning in sorted(DEFECTS.items()):
        yield f"| `{code}` | {meaning} |"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
