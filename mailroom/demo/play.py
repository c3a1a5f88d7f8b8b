"""Plays the demo: fills the inbox, runs the daemon twice (the second time over an answer and a bounce), shows all."""

from __future__ import annotations

import email
import hashlib
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email import policy as email_policy
from importlib import resources
from pathlib import Path

import click

from mailroom import config as configuration
from mailroom import observe
from mailroom.daemon import Daemon, only_one
from mailroom.demo import samples
from mailroom.demo.servers import HOST, PASSWORD, USER, ImapServer, SmtpServer
from mailroom.ledger import Overview

_CONFIG = """\
[mailroom]
address = "{address}"
authserv_id = "mail.example.org"

[imap]
host = "{host}"
port = {imap}
security = "none"
username = "{user}"
password = "{password}"

[smtp]
host = "{host}"
port = {smtp}
security = "none"
envelope_from = "bounces@example.org"

[forwarding]
allowed_domains = ["example.org"]
"""


def play(folder: Path | None) -> int:
    """Run the whole demo; the exit code says whether everything came through."""
    home = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="mailroom-demo-"))
    home.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    imap, smtp = ImapServer(), SmtpServer(home / "outgoing")
    file = _install(home, imap.port, smtp.port)
    at = datetime.now(UTC)
    mail = samples.first_mail(at)
    click.echo(f"Embedded servers: IMAP on {HOST}:{imap.port}, SMTP on {HOST}:{smtp.port}")
    click.echo(f"{len(mail)} messages lie in the inbox; the daemon looks at them …")
    labels = _append(imap, mail)
    _pass(file, home)
    later = _second_mail(smtp, at + timedelta(minutes=1))
    click.echo(f"{len(later)} more arrive: {' and '.join(label for label, _ in later)} …")
    labels |= _append(imap, later)
    rows = _pass(file, home)
    left = _inbox(imap)
    _table(labels, rows)
    _show(smtp.kept())
    sent = len(smtp.kept())
    click.echo(f"\n{len(mail) + len(later)} messages, {sent} sent, {left} left in the inbox,", nl=False)
    click.echo(f" {time.monotonic() - began:.1f} seconds in all.")
    click.echo(f"Everything that went out is in {smtp.folder}")
    click.echo(f"To go on from here: mailroom explain --config {file} FILE.eml")
    smtp.stop()
    imap.stop()
    return 0 if left == 0 else 1


def _install(home: Path, imap: int, smtp: int) -> Path:
    with resources.as_file(resources.files("mailroom.starter")) as starter:
        shutil.copy(starter / "rules.yaml", home / "rules.yaml")
        shutil.copytree(starter / "templates", home / "templates", dirs_exist_ok=True)
    file = home / "config.toml"
    file.touch(mode=0o600)
    file.write_text(
        _CONFIG.format(address=samples.OURS, host=HOST, imap=imap, user=USER, password=PASSWORD, smtp=smtp),
        encoding="utf-8",
    )
    return file


def _append(server: ImapServer, messages: list[tuple[str, bytes]]) -> dict[str, str]:
    """Put messages into the inbox; the SHA-256 of the bytes that the server now holds, and what each is."""
    client = server.client()
    client.select_folder("INBOX")
    labels = {}
    for label, raw in messages:
        before = set(client.search(["ALL"]))
        client.append("INBOX", raw)
        client.noop()
        (uid,) = set(client.search(["ALL"])) - before
        held = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
        labels[hashlib.sha256(held).hexdigest()] = label
    client.logout()
    return labels


def _inbox(server: ImapServer) -> int:
    client = server.client()
    client.select_folder("INBOX", readonly=True)
    left = len(client.search(["ALL"]))
    client.logout()
    return left


def _pass(file: Path, home: Path) -> dict[str, Overview]:
    """The daemon's own code, once. Returns what became of each message, by the SHA-256 of its bytes."""
    config = configuration.load(file)
    with (home / "daemon.log").open("a", encoding="utf-8") as log, only_one(config.state):
        observe.set_up(log)
        daemon = Daemon(config)
        try:
            daemon.once()
            return {row.sha256: row for row in daemon.ledger.overview()}
        finally:
            daemon.close()


def _second_mail(smtp: SmtpServer, at: datetime) -> list[tuple[str, bytes]]:
    """What only exists after the first pass: an answer to an acknowledgement, and a bounce of a forward."""
    later = []
    for file in smtp.kept():
        head = email.message_from_bytes(file.read_bytes())
        if head["To"] == "cabinet@example.net" and head["Message-ID"]:
            later.append(("an answer to our acknowledgement", samples.answer(head["Message-ID"], at)))
        if head["X-Mailroom-Unit"] == "press":
            later.append(("a bounce of our forward to press", samples.bounce(smtp.senders[file.name], at)))
    return later


def _table(labels: dict[str, str], rows: dict[str, Overview]) -> None:
    head = ("message", "language", "goes to", "marks", "answer", "filed in")
    lines = [head]
    for sha256, label in labels.items():
        row = rows.get(sha256)
        if row is None:
            lines.append((label, "", "", "", "", "lost"))
            continue
        marks = ("urgent " if row.urgent else "") + ("forwarded" if row.forwarded else "not forwarded")
        answer = f"none: {row.silence}" if row.silence else f"sent: {row.answer or 'no'}"
        lines.append((label, row.language or "", row.unit or "", marks, answer, row.folder or ""))
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    click.echo()
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.secho(text, bold=number == 0, fg="red" if "urgent " in line[3] else None)


def _show(kept: list[Path]) -> None:
    """One acknowledgement and one forward, as they were sent."""
    acknowledgements = [file for file in kept if b"Content-Language: en\r\n" in file.read_bytes()]
    forwards = [file for file in kept if "forward" in file.name]
    if acknowledgements:
        click.secho(
            f"\nAn acknowledgement as it was sent ({acknowledgements[0].name}), its headers and text:", bold=True
        )
        _print(acknowledgements[0])
    if forwards:
        click.secho(f"\nA forward as it was sent ({forwards[0].name}), its headers and cover note:", bold=True)
        _print(forwards[0])


def _print(file: Path) -> None:
    parsed = email.message_from_bytes(file.read_bytes(), policy=email_policy.default)
    for name, value in parsed.items():
        click.echo(f"    {click.style(name, fg='cyan')}: {value}")
    click.echo()
    text = parsed.get_body(("plain",))
    for line in (text.get_content() if text else "").splitlines():
        click.echo(f"    {line}".rstrip())
    for part in parsed.iter_attachments():
        size = len(part.get_payload(decode=True) or b"")
        click.secho(f"    [{part.get_content_type()} {part.get_filename()}, {size} octets]", dim=True)
