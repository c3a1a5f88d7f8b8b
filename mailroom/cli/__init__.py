"""The verbs: read arguments, call one function, print.

Exit codes (contract section 2): 0 done; 1 done, and something fell short that the output names; 2 the command, the
configuration or the rules are wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mailroom import __version__
from mailroom.cli import care, daemon, look, rules
from mailroom.cli.common import Settings
from mailroom.model import LedgerBroken, Rejected


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailroom")
@click.option("--config", type=click.Path(path_type=Path), envvar="MAILROOM_CONFIG", help="Default: config.toml here.")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Routes, forwards and acknowledges the mail of a public mailbox."""
    context.obj = Settings(config)


for command in (
    daemon.demo,
    care.init,
    rules.check,
    daemon.run,
    daemon.once,
    rules.explain,
    rules.replay,
    rules.preview,
    look.status,
    look.queue,
    look.show,
    care.backup,
):
    cli.add_command(command)


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
