"""The real Dovecot hands out what was put in, and its variants lack what they are said to lack."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.servers.certificates import Certificate
from tests.servers.dovecot import PASSWORD, Account, Dovecot

ODD = b"Subject: odd\r\n\r\nbare\rcr, \xff\xe9 eight bits, " + b"x" * 5000 + b"\r\n\r\n\r\nno final newline"


def test_every_octet_comes_out_as_it_was_put_in_and_in_order(mailbox: Account) -> None:
    messages = [ODD + str(n).encode() for n in range(40)]
    mailbox.server.deliver_all(mailbox.user, messages)
    found = mailbox.messages()
    assert [hashlib.sha256(one).hexdigest() for one in found] == [hashlib.sha256(one).hexdigest() for one in messages]
    mailbox.deliver(b"later\r\n")
    assert mailbox.messages()[-1] == b"later\r\n" and mailbox.count() == 41


def test_what_dovecot_would_change_is_refused(mailbox: Account) -> None:
    for raw in (b"bare\nlf\r\n", b"a nul\0\r\n", b"\n"):
        with pytest.raises(ValueError, match="would change"):
            mailbox.deliver(raw)


def test_each_user_name_has_an_empty_mailbox_of_its_own(dovecot: Dovecot, mailbox: Account) -> None:
    assert mailbox.messages() == [] and mailbox.folders() == ["INBOX"]
    dovecot.deliver("somebody-else", b"not yours\r\n")
    assert mailbox.messages() == []


def test_a_message_can_be_put_into_a_folder_below_others_with_a_date(mailbox: Account) -> None:
    date = datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)
    mailbox.deliver(ODD, "Mailroom/Reroute/press", date)
    assert mailbox.messages("Mailroom/Reroute/press") == [ODD]
    assert mailbox.folders() == ["INBOX", "Mailroom/Reroute/press"]
    assert mailbox.contents() == {"INBOX": [], "Mailroom/Reroute/press": [ODD]}
    assert mailbox.messages("Missing") == [] and mailbox.count("Missing") == 0
    client = mailbox.client()
    client.normalise_times = False
    client.select_folder("Mailroom.Reroute.press")
    assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"] == date
    client.logout()


def test_a_reset_of_uidvalidity_renumbers_and_keeps_the_messages(mailbox: Account) -> None:
    for n in range(5):
        mailbox.deliver(f"number {n}\r\n".encode())
    client = mailbox.client()
    before = client.select_folder("INBOX")
    client.delete_messages([1, 2])
    client.expunge()
    assert client.search() == [3, 4, 5]
    mailbox.reset_uidvalidity()
    with pytest.raises((IMAPClientError, OSError)):  # that session was thrown out
        client.noop()
    client = mailbox.client()
    after = client.select_folder("INBOX")
    assert after[b"UIDVALIDITY"] != before[b"UIDVALIDITY"]
    assert client.search() == [1, 2, 3]
    client.logout()
    assert mailbox.messages() == [b"number 2\r\n", b"number 3\r\n", b"number 4\r\n"]
    mailbox.deliver(b"new\r\n")
    assert mailbox.messages()[-1] == b"new\r\n"


def test_kick_ends_the_sessions_of_one_user_alone(dovecot: Dovecot, mailbox: Account) -> None:
    mine, other = mailbox.client(), dovecot.client("bystander")
    mailbox.kick()
    with pytest.raises((IMAPClientError, OSError)):
        mine.noop()
    other.noop()
    other.logout()


def _capabilities(account: Account) -> set[bytes]:
    client = account.client()
    try:
        return set(client.capabilities())
    finally:
        client.logout()


def test_the_variants_announce_what_they_should(
    mailbox: Account, mailbox_without_move: Account, mailbox_without_move_and_uidplus: Account
) -> None:
    assert {b"MOVE", b"UIDPLUS", b"IDLE", b"CONDSTORE"} <= _capabilities(mailbox)
    assert {b"UIDPLUS", b"IDLE"} <= _capabilities(mailbox_without_move)
    assert b"MOVE" not in _capabilities(mailbox_without_move)
    assert not {b"MOVE", b"UIDPLUS"} & _capabilities(mailbox_without_move_and_uidplus)
    assert b"IDLE" in _capabilities(mailbox_without_move_and_uidplus)


def test_tls_and_starttls_prove_who_they_are(dovecot_with_tls: Dovecot, authority: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(dovecot_with_tls.ca_file))
    client = IMAPClient("127.0.0.1", dovecot_with_tls.tls_port, ssl=True, ssl_context=context, timeout=10)
    client.login("tls", PASSWORD)
    client.logout()
    client = IMAPClient("127.0.0.1", dovecot_with_tls.port, ssl=False, timeout=10)
    client.starttls(context)
    client.login("starttls", PASSWORD)
    client.logout()
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("127.0.0.1", dovecot_with_tls.tls_port, ssl=True, timeout=10)


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    client = IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=10)
    with pytest.raises(IMAPClientError):
        client.login("someone", "wrong")
    client.shutdown()


def test_a_server_can_stop_and_come_back_on_its_port(private_dovecot: Dovecot) -> None:
    private_dovecot.deliver("u", ODD)
    port = private_dovecot.port
    private_dovecot.stop()
    with pytest.raises(OSError):
        private_dovecot.client("u")
    private_dovecot.start()
    assert private_dovecot.port == port and private_dovecot.messages("u") == [ODD]
    private_dovecot.restart()
    assert private_dovecot.messages("u") == [ODD]
    assert "starting up" in private_dovecot.log()


def test_nothing_is_left_behind() -> None:
    server = Dovecot()
    root = server.root
    with server:
        server.deliver("u", ODD)
        assert root.is_dir()
    assert not root.exists()
