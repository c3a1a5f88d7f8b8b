"""preview: the acknowledgements, before staff switch a change on."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path

import click

from mailroom import compose
from mailroom import policy as policies
from mailroom.cli.common import Settings, with_settings, writing


@click.command()
@click.option("--template", "kind", help="Only this kind.")
@click.option("--language", type=click.Choice(compose.FORMS), help="Only this language; all: the one in all four.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the page.")
@with_settings
def preview(settings: Settings, kind: str | None, language: str | None, show: bool, output: Path | None) -> None:
    """All acknowledgements in every language as one local HTML page, with sample data."""
    config = settings.load()
    templates = policies.load(config.rules, config.templates, config.forwarding.allowed_domains).templates
    if kind is not None and kind not in templates.kinds:
        raise click.BadParameter(f"there is no {kind}; there are {', '.join(sorted(templates.kinds))}")
    page = compose.preview(templates, [kind] if kind else None, [language] if language else None)
    file = output or Path(tempfile.mkdtemp(prefix="mailroom-")) / "preview.html"
    with writing(file):
        file.write_text(page, encoding="utf-8")
    click.echo(str(file))
    if show:
        webbrowser.open(file.resolve().as_uri())
