"""run, once, demo: the daemon's work in the foreground."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from mailroom import observe
from mailroom.cli.common import Settings, with_settings
from mailroom.preload import prepare


@click.command()
@with_settings
def run(settings: Settings) -> None:
    """Work until SIGTERM; SIGHUP reloads rules and templates."""
    sys.exit(_work(settings, once=False))


@click.command()
@with_settings
def once(settings: Settings) -> None:
    """One pass: fetch what is new, decide, deliver, file; then exit."""
    code = _work(settings, once=True)
    if code:
        click.echo("mailroom: something had to stay for the next pass; the log above says what", err=True)
    sys.exit(code)


def _work(settings: Settings, *, once: bool) -> int:
    gc.disable()  # until all is loaded; the daemon turns it on again
    prepare()  # first of all: it takes a second, and the rest of the start goes on meanwhile
    from mailroom.daemon import Daemon, only_one

    config = settings.load()
    observe.set_up()
    with only_one(config.state):
        daemon = Daemon(config)
        try:
            return daemon.once() if once else daemon.run()
        finally:
            daemon.close()


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the outgoing mail is kept.")
def demo(folder: Path | None) -> None:
    """The whole job on embedded servers, with nothing installed or configured."""
    from mailroom.demo import play  # its servers are an extra

    sys.exit(play(folder))
