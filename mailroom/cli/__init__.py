"""The verbs: read arguments, call one function, print.

Exit codes (contract section 2): 0 done; 1 done, and something fell short that the output names; 2 the command, the
configuration or the rules are wrong.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from mailroom import __version__
from mailroom.cli.common import Settings, Verbs
from mailroom.model import LedgerBroken, Rejected

COMMANDS = {
    "demo": "daemon",
    "init": "care",
    "check": "check",
    "run": "daemon",
    "once": "daemon",
    "explain": "rules",
    "replay": "rules",
    "rules": "rules",
    "preview": "templates",
    "status": "look",
    "queue": "queue",
    "show": "look",
    "intake": "letter",
    "report": "report",
    "erase": "privacy",
    "no-answer": "unanswered",
    "backup": "care",
    "restore": "care",
}
"""Each verb, and the module of this room that holds it. It is loaded when it is asked for: `status` needs no rules."""


class _Verbs(Verbs):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"mailroom.cli.{COMMANDS[cmd_name]}"), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailroom")
@click.option("--config", type=click.Path(path_type=Path), envvar="MAILROOM_CONFIG", help="Default: config.toml here.")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Routes, forwards and acknowledges the mail of a public mailbox."""
    context.obj = Settings(config)


def main() -> None:
    """The console script."""
    try:
        cli.main(prog_name="mailroom", standalone_mode=False)
    except click.exceptions.Exit as ending:
        sys.exit(ending.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Rejected as rejected:
        click.echo(str(rejected), err=True)
        sys.exit(2)
    except LedgerBroken as broken:
        click.echo(f"mailroom: {broken}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
