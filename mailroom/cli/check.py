"""check: is what people wrote right, and, with --connect, is everything well that mailroom depends on?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from mailroom import policy as policies
from mailroom.cli.common import Settings, with_settings
from mailroom.connections import ours
from mailroom.doctor import Finding, Level, examine
from mailroom.staff.check import examples

_COLOURS = {Level.OK: "green", Level.NOTE: "yellow", Level.PROBLEM: "red"}


@click.command()
@click.option("--connect", is_flag=True, help="Also look at the servers, the DNS of our domain, and this machine.")
@click.option("--json", "json_lines", is_flag=True, help="One JSON object a finding, one a line.")
@with_settings
def check(settings: Settings, connect: bool, json_lines: bool) -> None:
    """Validate configuration, rules with their examples, and templates in every language.

    With --connect each finding is ok, a note or a problem with its mend; exit 1 where there is a problem. Nothing is
    changed and nothing sent.
    """
    config = settings.load()
    policy = policies.load(config.rules, config.templates, config.forwarding.allowed_domains)
    wrong = examples(policy, ours(config, policy, b"check"))
    for problem in (*policy.rules.warnings, *wrong):
        click.echo(str(problem), err=True)
    found = [
        Finding("configuration", Level.OK, f"Configuration {config.file}: right"),
        Finding(
            "rules", Level.OK, f"Rules {config.rules}: {len(policy.rules.units)} units, {len(policy.rules.rules)} rules"
        ),
        Finding(
            "templates",
            Level.OK,
            f"Templates {config.templates}: {len(policy.templates.kinds)} kinds, each rendered in every language",
        ),
    ]
    for one in found:
        click.echo(json.dumps(asdict(one)) if json_lines else one.what)
    if wrong:
        sys.exit(2)
    if connect:
        found = examine(config)
        for one in found:
            click.echo(json.dumps(asdict(one), ensure_ascii=False) if json_lines else _line(one))
        if any(one.level is Level.PROBLEM for one in found):
            sys.exit(1)


def _line(one: Finding) -> str:
    line = f"{click.style(f'{one.level:<8}', fg=_COLOURS[one.level])} {one.area:<8} {one.what}"
    return f"{line}\n{' ' * 18}{one.mend}" if one.mend else line
