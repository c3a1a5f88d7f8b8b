"""A changed config.toml: what can become true does, the rest is named, and a wrong one changes nothing."""

from __future__ import annotations

import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom import config as configuration
from mailroom.config import Config
from mailroom.daemon.changes import GENERAL, SECTIONS, compare
from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Sink

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"


def changed(folder: Path, old: str, new: str) -> Config:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "config.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return configuration.load(file)


def test_what_is_built_once_waits_and_the_rest_is_taken(tmp_path: Path) -> None:
    running = configuration.load(EXAMPLE)
    for old, new, taken, waiting in (
        ("per_sender_per_day = 3", "per_sender_per_day = 1", ("acknowledgements.per_sender_per_day",), ()),
        ('# [alerts]\n# to = ["it@example.org"]', '[alerts]\nto = ["it@example.org"]', ("alerts.to",), ()),
        ('host = "imap.example.org"', 'host = "other.example.org"', (), ("imap.host",)),
        ('"America/New_York"', '"America/Lima"\nworkers = 3', ("mailroom.timezone",), ("mailroom.workers",)),
    ):
        change = compare(running, changed(tmp_path, old, new))
        assert (change.taken, change.waiting) == (taken, waiting)
    assert change.config.mailroom.timezone == "America/Lima"
    assert change.config.mailroom.workers == running.mailroom.workers


def test_a_change_of_one_of_several_inboxes_names_it(tmp_path: Path) -> None:
    running = configuration.load(EXAMPLE)
    one = running.imap[0].model_copy(update={"name": "legal"})
    several = running.model_copy(update={"imap": [one, one.model_copy(update={"name": "press"})]})
    other = [one.model_copy(update={"poll": timedelta(seconds=5)}), several.imap[1]]
    change = compare(several, several.model_copy(update={"imap": other}))
    assert (change.taken, change.waiting) == ((), ("imap.legal.poll",))
    assert change.config.imap == several.imap
    assert compare(running, several).waiting == ("imap",)


def test_every_section_is_known_to_be_one_or_the_other() -> None:
    built_once = {"mailroom", "imap", "smtp", "oauth2", "metrics", "file"}
    assert set(Config.model_fields) == SECTIONS | built_once
    assert set(configuration.General.model_fields) >= GENERAL


@pytest.mark.provokes("configuration-refused")
def test_the_running_daemon_takes_over_what_it_can(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to='["it@example.org"]', acknowledgements__enabled="true")
    file = post.mailroom.config
    text = file.read_text(encoding="utf-8")

    def said(event: str) -> list[dict[str, str]]:
        lines = [json.loads(line) for line in post.mailroom.logged().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    with post.mailroom.running():
        until(lambda: said("started"))
        file.write_text(text.replace("enabled = true", "enabled = maybe"), encoding="utf-8")
        until(lambda: any(one.recipient == "it@example.org" for one in sink.received()))
        assert said("configuration-refused")
        file.write_text(
            text.replace("enabled = true", "enabled = false")
            .replace("[forwarding]", '[retention]\ncontent = "30d"\n[forwarding]')
            .replace('security = "none"', 'security = "none"\nconnections = 2', 2)
            .replace('security = "none"\nconnections = 2', 'security = "none"', 1),
            encoding="utf-8",
        )
        assert post.mailroom._process is not None
        post.mailroom._process.send_signal(signal.SIGHUP)
        until(lambda: said("settings-in-force"))
        assert said("settings-in-force")[0]["settings"] == "acknowledgements.enabled retention.content"
        assert said("settings-need-a-restart")[0]["settings"] == "smtp.connections"
        until(lambda: said("policy-in-force"))
        post.deliver(letter(1))
        until(lambda: mailbox.count() == 0)
    assert (post.forwards(), post.answers()) == (1, 0)
