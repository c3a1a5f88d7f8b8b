"""status, show: what the ledger knows."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import click

from mailroom.cli.common import Settings, open_ledger, with_settings
from mailroom.config import Config
from mailroom.ledger import Alarm, Health
from mailroom.lifecycle import OPEN
from mailroom.model import Unwritable
from mailroom.runbook import entry, is_known, parted, title
from mailroom.space import Space

_FOUND = frozenset({"rules-refused", "no-poll", "waiting-long", "disk-full", "ledger-restored"})


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def status(settings: Settings, as_json: bool) -> None:
    """Last poll, backlog, outbox, failures, rules in force; exit 1 where something needs a person."""
    config = settings.load()
    ledger = open_ledger(config)
    now = datetime.now(UTC)
    health = ledger.health(now)
    polls = {one.name: ledger.last_poll(one.name) for one in config.imap}
    told = [_alert(one, now) for one in ledger.alarms() if one.over_at is None and _unsaid(one.code)]
    ledger.close()
    needs = [*_silent(polls, config, now), *_needs(health, config, now), *told]
    if as_json:
        click.echo(json.dumps(_as_json(health, polls, needs), ensure_ascii=False))
    else:
        _print(health, polls, needs, now)
    sys.exit(1 if needs else 0)


def _unsaid(code: str) -> bool:
    """Of what lasts, that which _needs does not find by itself."""
    return is_known(code) and entry(code).lasting and parted(code)[0] not in _FOUND


def _alert(alarm: Alarm, now: datetime) -> str:
    """What people were told of by e-mail, and lasts."""
    details = "".join(f"\n{one}" for one in alarm.details)
    code, _ = parted(alarm.code)
    return f"{title(alarm.code)}, for {_ago(now - alarm.since)}; docs/alerts.md, under {code}{details}"


def _silent(polls: Mapping[str, datetime | None], config: Config, now: datetime) -> Iterator[str]:
    """Inboxes that are not looked into as often as they should."""
    for imap in config.imap:
        last, of = polls[imap.name], f" of {imap.name}" if imap.name else ""
        if last is None:
            yield f"No poll{of} has finished yet: look at the log, and try mailroom check --connect"
        elif now - last > max(imap.poll * 5, timedelta(minutes=10)):
            yield f"No poll{of} has finished for {_ago(now - last)}: is mailroom running? Look at the log"


def _needs(health: Health, config: Config, now: datetime) -> list[str]:
    """What a person should look at, each with what to do."""
    needs = []
    if problem := health.meta.get("policy_problem"):
        needs.append(f"The files of rules or templates are wrong; the last good ones stay in force:\n{problem}")
    try:
        Space(config.state, config.mailroom.free_space).check()
    except Unwritable as full:
        needs.append(f"The disk is full, and no mail is taken in: {full}; [mailroom] free_space is the limit")
    if "restored" in health.meta:
        needs.append("The ledger is a restored backup, and nobody is acknowledged: mailroom restore --finished")
    if health.oldest_open is not None and now - health.oldest_open > timedelta(hours=1):
        age = _ago(now - health.oldest_open)
        needs.append(f"A message has waited {age} to be sent: mailroom queue list shows why")
    return needs


def _as_json(health: Health, polls: Mapping[str, datetime | None], needs: list[str]) -> dict[str, object]:
    """last_poll: of several inboxes that of the one that waits longest."""
    last = None if None in polls.values() else min(one for one in polls.values() if one is not None)
    return {
        "last_poll": last.isoformat() if last else None,
        "inboxes": [{"name": name, "last_poll": at.isoformat() if at else None} for name, at in polls.items()],
        "messages": dict(health.messages),
        "submissions": [
            {"kind": kind, "state": state, "count": count} for (kind, state), count in health.submissions.items()
        ],
        "to_decide": health.to_triage,
        "to_send": health.to_send,
        "to_file": health.to_file,
        "oldest_waiting": health.oldest_open.isoformat() if health.oldest_open else None,
        "rules": health.meta.get("policy"),
        "rules_since": health.meta.get("policy_since"),
        "needs": needs,
    }


def _print(health: Health, polls: Mapping[str, datetime | None], needs: list[str], now: datetime) -> None:
    for name, last in polls.items():
        of = f"{name}: " if name else ""
        click.echo(f"Last poll         {of}{_ago(now - last) + ' ago' if last else 'none yet'}")
    since = _moment(health.meta.get("policy_since"))
    rules = health.meta.get("policy", "")[:12]
    in_force = f"{rules} in force since {since:%Y-%m-%d %H:%M} UTC" if since else "none yet"
    click.echo(f"Rules             {in_force}")
    filed = health.messages.get("filed", 0)
    click.echo(f"Messages          {sum(health.messages.values())} in all, {filed} filed")
    waits = sum(count for (_, state), count in health.submissions.items() if state in OPEN)
    later = f" ({waits - health.to_send} not yet due)" if waits > health.to_send else ""
    click.echo(f"Backlog           {health.to_triage} to decide, {waits} to send{later}, {health.to_file} to file")
    for kind in ("forward", "acknowledgement", "notice"):
        states = {state: count for (of, state), count in health.submissions.items() if of == kind}
        if states:
            listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            click.echo(f"{kind.capitalize() + 's':<18}{listed}")
    for need in needs:
        click.secho(f"\n! {need}", fg="red")
    if not needs:
        click.secho("\nAll is well.", fg="green")


@click.command()
@click.argument("reference")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_settings
def show(settings: Settings, reference: str, as_json: bool) -> None:
    """One message's whole history, by its reference SU-2026-000123-K."""
    ledger = open_ledger(settings.load())
    story = ledger.story(reference.strip().upper())
    ledger.close()
    if story is None:
        raise click.ClickException(f"no message has the reference {reference}")
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(story), default=str))
        return
    click.echo(f"{story.reference}  {story.state}, {story.folder or 'undecided'}, {story.size} octets")
    click.echo(f"SHA-256 {story.sha256}")
    for step in story.steps:
        moved = f"{step.was} → {step.became}" if step.was else step.became
        click.echo(
            f"{step.at:%Y-%m-%d %H:%M:%S}  {step.subject:<48} {moved:<24} {step.cause} {step.code or ''}".rstrip()
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _ago(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{seconds // size} {name}{'s' if seconds >= 2 * size else ''}"
    return f"{max(seconds, 0)} second{'' if seconds == 1 else 's'}"
