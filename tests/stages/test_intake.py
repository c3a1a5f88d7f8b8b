"""What intake asks of a server at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.alerts import Alerts
from mailroom.imap import Mailbox
from mailroom.ledger import Ledger
from mailroom.model import Channel, Ours, Unavailable
from mailroom.spool import Spool
from mailroom.stages.intake import Intake, Source
from tests.scenarios.mail import letter
from tests.servers.dovecot import PASSWORD, Account
from tests.servers.proxy import Proxy

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MESSAGES = 8
LINE = 64_000  # octets in a tenth of a second


def test_t28_a_line_too_slow_for_a_batch_gets_smaller_ones_until_all_is_here(
    mailbox: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once take longer than a command may; each time something comes in, or less is asked for."""
    mailbox.server.deliver_all(mailbox.user, [letter(n, text="x" * 70 + "\r\n") + b"y\r\n" * 70_000 for n in range(8)])
    ledger, ours = Ledger(tmp_path / "ledger.db"), Ours(address="support@example.org")
    alerts = Alerts(ledger, lambda: ours, [], tmp_path / "config.toml", lambda: NOW, lambda: None)
    intake = Intake(ledger, Spool(tmp_path / "spool"), lambda: NOW, lambda: None, alerts, lambda octets: None)
    monkeypatch.setattr("mailroom.imap.COMMAND", 1.5)
    failed = 0
    with Proxy(mailbox.port) as line:
        line.throttle(LINE, 0.1)
        while len(ledger.overview()) < MESSAGES:
            connection = Mailbox(
                host="127.0.0.1", port=line.port, security="none", username=mailbox.user, password=PASSWORD
            )
            try:
                intake.turn(connection, [Source("INBOX", Channel.INBOX)])
            except Unavailable:
                failed += 1
                assert failed < 8
            finally:
                connection.drop()
    assert failed > 0
    ledger.close()
