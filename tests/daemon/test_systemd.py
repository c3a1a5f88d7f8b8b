"""What systemd is told by the real daemon (sd_notify(3))."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios import two as several
from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.proxy import Proxy
from tests.servers.sink import Sink


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What arrived at $NOTIFY_SOCKET, line by line."""
    lines: list[str] = []
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(place))
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))

        def listen() -> None:
            while (data := end.recv(4096)) != b"end":
                lines.extend(data.decode().splitlines())

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield lines
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(b"end", str(place))
        thread.join(5)


def test_systemd_learns_of_start_state_reload_and_end_and_the_watchdog_is_fed_by_polls(
    mailbox: Account, sink: Sink, tmp_path: Path, told: list[str]
) -> None:
    with Proxy(mailbox.port) as way:
        post = between(mailbox, sink, tmp_path, imap__port=str(way.port))
        process = post.mailroom.start()
        until(lambda: told.count("WATCHDOG=1") >= 3)
        assert [one for one in told if "=" in one and not one.startswith(("WATCHDOG", "STATUS"))] == ["READY=1"]
        until(lambda: "STATUS=All is well; 0 to decide, 0 to send" in told)
        process.send_signal(signal.SIGHUP)
        until(lambda: told.count("READY=1") == 2)
        assert told.index("RELOADING=1") < len(told) - told[::-1].index("READY=1")
        way.freeze()  # a poll that hangs
        until(lambda: not _fed(told, 3.0), 20)
        way.thaw()
        until(lambda: _fed(told, 3.0), 20)
        assert post.mailroom.stop() == 0
    assert "STOPPING=1" in told
    assert not any("@" in one for one in told)


def test_an_inbox_that_hangs_does_not_hide_behind_another(
    mailbox: Account, sink: Sink, tmp_path: Path, told: list[str]
) -> None:
    with Proxy(mailbox.port) as way:
        other = Account(mailbox.server, f"{mailbox.user}-legal")
        two = several.between(mailbox, other, sink, tmp_path, legal__port=str(way.port))
        two.mailroom.start()
        until(lambda: told.count("WATCHDOG=1") >= 3)
        way.freeze()
        until(lambda: not _fed(told, 3.0), 20)
        two.deliver(mailbox, letter(1))
        until(lambda: mailbox.count() == 0)  # the other goes on
        way.thaw()
        until(lambda: _fed(told, 3.0), 20)
        assert two.mailroom.stop() == 0


def _fed(told: list[str], seconds: float) -> bool:
    """Whether the watchdog is fed within so many seconds."""
    before = told.count("WATCHDOG=1")
    try:
        until(lambda: told.count("WATCHDOG=1") > before, seconds)
    except AssertionError:
        return False
    return True


def test_without_systemd_and_with_a_socket_that_is_gone_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from mailroom.daemon.systemd import Notifier

    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Notifier().ready()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notifier = Notifier()
    assert "NOTIFY_SOCKET" not in os.environ  # workers do not inherit it
    notifier.alive()
