"""SIGTERM ends the daemon within thirty seconds, whatever is under way, with nothing half-done (D-18)."""

from __future__ import annotations

import signal
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.proxy import Proxy
from tests.servers.sink import Fault, Sink


def _stopped_after(post: Post) -> float:
    began = time.monotonic()
    assert post.mailroom.stop(signal.SIGTERM) == 0
    return time.monotonic() - began


def test_d18_neither_a_relay_that_is_slow_to_answer_the_dot_nor_a_mailbox_that_says_nothing_holds_it_up(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    with Proxy(mailbox.port) as way:
        post = between(mailbox, sink, tmp_path, imap__port=str(way.port))
        sink.script(Fault("dot", "delay", seconds=100))
        post.deliver(*[letter(number) for number in range(30)])
        post.mailroom.start()
        until(lambda: len(sink.received()) == 4)
        way.freeze()
        post.deliver(letter(30))
        assert 10 < _stopped_after(post) < 30
        way.thaw()
        with post.mailroom.ledger() as ledger:
            states = ledger.health(datetime.now(UTC)).submissions
        # Four lanes were waiting for an answer that nobody knows; what was claimed and not begun lost no attempt.
        assert (states["forward", "deferred"], states["forward", "queued"]) == (4, 26)
        assert ("forward", "sending") not in states
        sink.restart()
        sink.script()
        _due_at_once(post)
        assert post.mailroom.once() == 0
        assert mailbox.count() == 0
        assert post.audit(repeats=4) == []


def test_a_daemon_with_nothing_to_do_ends_at_once(post: Post) -> None:
    post.mailroom.start()
    until(lambda: "started" in post.mailroom.logged())
    assert _stopped_after(post) < 5


def _due_at_once(post: Post) -> None:
    """Do not wait a minute for the second try."""
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as peer:
        peer.execute("UPDATE submission SET due_at = 0 WHERE state = 'deferred'")
