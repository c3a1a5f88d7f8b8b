"""I-18: whatever a server does, it is never asked in a tight loop."""

from __future__ import annotations

import time
from pathlib import Path

from tests.scenarios.installation import Installation, until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.proxy import Proxy
from tests.servers.sink import Fault, Sink


def test_i18_a_server_that_hangs_up_on_every_connection_is_asked_seldom(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    with Proxy(mailbox.port) as line:
        one = Installation(tmp_path / "mailroom", imap=line.port, user=mailbox.user, smtp=sink.port)
        line.cut_after(30, times=10_000)
        with one.running():
            until(lambda: line.connections >= 2)  # the working connection and the one that waits
            time.sleep(4)
            assert line.connections <= 2
            line.cut_after(10**9, times=1)
            mailbox.deliver(letter(1))
            until(lambda: mailbox.count() == 0)


def test_i18_a_relay_that_throttles_is_left_alone_and_no_message_loses_an_attempt(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    one = Installation(tmp_path / "mailroom", imap=mailbox.port, user=mailbox.user, smtp=sink.port)
    sink.script(Fault("mail", code=421, text="4.3.2 Suggested Backoff Time: 7000 milliseconds", count=1))
    mailbox.deliver(letter(1))
    with one.running():
        until(lambda: sink.fired())
        began = time.monotonic()
        until(lambda: mailbox.count() == 0)
        assert time.monotonic() - began > 6
    log = one.logged()
    assert log.count('"relay-held"') == 1
    assert '"attempt": 2' not in log
