"""The mailbox against a real Dovecot."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mailroom.imap import SLICE, Mailbox
from mailroom.model import Misconfigured, Unavailable
from tests.scenarios.mail import letter
from tests.servers.certificates import Certificate
from tests.servers.dovecot import Account, Dovecot
from tests.servers.proxy import Proxy


def connect(account: Account, **changed: object) -> Mailbox:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": account.port,
        "security": "none",
        "username": account.user,
        "password": "secret",
    }
    return Mailbox(**{**settings, **changed})  # type: ignore[arg-type]


@pytest.fixture
def opened(mailbox: Account) -> Iterator[Mailbox]:
    connection = connect(mailbox)
    yield connection
    connection.logout()


def listed(connection: Mailbox) -> list[int]:
    return connection.uids(connection.select("INBOX").uidnext)


def test_fetching_gives_the_bytes_and_changes_no_flag(mailbox: Account, opened: Mailbox) -> None:
    mailbox.deliver(letter(1))
    (uid,) = listed(opened)
    assert opened.bodies([uid]) == {uid: letter(1)}
    client = mailbox.client()
    client.select_folder("INBOX", readonly=True)
    assert b"\\Seen" not in client.fetch([uid], ["FLAGS"])[uid][b"FLAGS"]
    client.logout()


def test_everything_is_work_whatever_its_flags(mailbox: Account, opened: Mailbox) -> None:
    mailbox.deliver(letter(1))
    mailbox.deliver(letter(2))
    client = mailbox.client()
    client.select_folder("INBOX")
    client.add_flags(client.search(["ALL"]), [b"\\Seen", b"\\Deleted"])
    client.logout()
    assert len(listed(opened)) == 2


def test_a_large_message_comes_in_slices(mailbox: Account, opened: Mailbox) -> None:
    raw = letter(1, text="\r\n".join(["x" * 70] * (SLICE // 30)))
    mailbox.deliver(raw)
    (uid,) = listed(opened)
    (one,) = opened.listed([uid])
    assert one.size == len(raw)
    pieces = list(opened.slices(uid, one.size))
    assert len(pieces) == -(-len(raw) // SLICE)
    assert b"".join(pieces) == raw


def test_a_uid_that_is_gone_is_left_out(mailbox: Account, opened: Mailbox) -> None:
    mailbox.deliver(letter(1))
    (uid,) = listed(opened)
    assert opened.bodies([uid + 1]) == {}
    assert opened.listed([uid + 1]) == []
    assert list(opened.slices(uid + 1, 100)) == []
    assert opened.remaining([uid, uid + 1]) == {uid}


def test_a_move_is_seen_in_both_folders(mailbox: Account, opened: Mailbox) -> None:
    mailbox.deliver(letter(1))
    mailbox.deliver(letter(2))
    uids = listed(opened)
    opened.ensure("Mailroom/Done/press")
    opened.tag(uids, "urgent")
    opened.move([*uids, 4711], "Mailroom/Done/press")
    assert opened.remaining(uids) == set()
    assert mailbox.messages("Mailroom/Done/press") == [letter(1), letter(2)]
    client = mailbox.client()
    client.select_folder("Mailroom.Done.press", readonly=True)
    flags = client.fetch(client.search(["ALL"]), ["FLAGS"]).values()
    assert all(b"urgent" in one[b"FLAGS"] for one in flags)
    client.logout()


def test_without_move_only_our_message_is_expunged(mailbox_without_move: Account) -> None:
    account = mailbox_without_move
    for number in (1, 2):
        account.deliver(letter(number))
    connection = connect(account)
    first, second = listed(connection)
    client = account.client()
    client.select_folder("INBOX")
    client.add_flags([second], [b"\\Deleted"])  # somebody else marked another message
    client.logout()
    assert not connection.can_move
    connection.ensure("Mailroom/Review")
    connection.copy([first], "Mailroom/Review")
    connection.remove([first])
    assert connection.remaining([first, second]) == {second}
    assert account.messages("Mailroom/Review") == [letter(1)]
    connection.logout()


def test_without_uidplus_nothing_is_expunged(mailbox_without_move_and_uidplus: Account) -> None:
    account = mailbox_without_move_and_uidplus
    account.deliver(letter(1))
    connection = connect(account)
    (uid,) = listed(connection)
    connection.remove([uid])
    assert not connection.can_expunge_uid
    assert connection.remaining([uid]) == {uid}
    connection.logout()


def test_subfolders_are_listed_by_their_last_name(opened: Mailbox) -> None:
    for name in ("Mailroom/Reroute/press", "Mailroom/Reroute/rele", "Mailroom/Done/press"):
        opened.ensure(name)
    assert opened.subfolders("Mailroom/Reroute") == ["press", "rele"]
    assert opened.subfolders("Nowhere") == []


def test_waiting_ends_when_something_arrives(mailbox: Account, opened: Mailbox) -> None:
    opened.select("INBOX")
    assert opened.wait(0.2, lambda: False, lambda: None) is False
    began = time.monotonic()
    assert opened.wait(20, lambda: False, lambda: mailbox.deliver(letter(1))) is True
    assert time.monotonic() - began < 15


def test_a_wrong_port_is_unavailable(mailbox: Account) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        connect(mailbox, port=1)


def test_a_wrong_password_is_for_a_person_to_mend(mailbox: Account) -> None:
    with pytest.raises(Misconfigured, match="refused the user name or the password") as caught:
        connect(mailbox, password="wrong")
    assert "[imap]" in caught.value.mend


def test_a_session_that_the_server_ends_is_unavailable(dovecot: Dovecot, mailbox: Account, opened: Mailbox) -> None:
    listed(opened)
    dovecot.kick(mailbox.user)
    with pytest.raises(Unavailable):
        listed(opened)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_fails_closed(dovecot_with_tls: Dovecot, authority: Certificate, security: str, tmp_path: Path) -> None:
    port = dovecot_with_tls.tls_port if security == "tls" else dovecot_with_tls.port
    settings = {"host": "localhost", "port": port, "security": security, "username": "tls", "password": "secret"}
    connection = Mailbox(**settings, ca_file=authority.ca_file)  # type: ignore[arg-type]
    connection.select("INBOX")
    connection.logout()
    with pytest.raises(Misconfigured, match="certificate is not valid"):
        Mailbox(**settings)  # type: ignore[arg-type]  # the authority is not one that the system trusts


def test_starttls_that_is_not_offered_is_no_reason_to_go_on_in_clear(mailbox: Account) -> None:
    with pytest.raises((Misconfigured, Unavailable)):
        connect(mailbox, security="starttls")


def test_i15_a_folder_that_can_only_be_read_is_for_a_person_to_mend(mailbox_with_rights: Account) -> None:
    account = mailbox_with_rights
    account.deliver(letter(1))
    (account.server.root / "home" / account.user / "Maildir" / "dovecot-acl").write_text("owner lr\n")
    with pytest.raises(Misconfigured, match="the folder INBOX can only be read"):
        connect(account).select("INBOX")


def test_i17_a_line_that_is_half_open_in_idle_is_noticed_when_the_period_ends(
    mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.imap.READ_TIMEOUT", 1.0)
    with Proxy(mailbox.port) as line:
        connection = connect(mailbox, port=line.port)
        connection.select("INBOX")
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            connection.wait(2.0, lambda: False, line.freeze)
        assert time.monotonic() - begun < 10
        connection.drop()


def test_i28_what_we_append_arrives_as_it_was_made(mailbox: Account, opened: Mailbox) -> None:
    opened.append("INBOX", letter(1))
    (uid,) = listed(opened)
    assert opened.bodies([uid]) == {uid: letter(1)}


def test_t28_a_server_that_drips_is_left_when_the_command_has_taken_too_long(
    mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each read gets its octet in time; the command as a whole does not."""
    monkeypatch.setattr("mailroom.imap.COMMAND", 1.0)
    mailbox.deliver(letter(1))
    with Proxy(mailbox.port) as line:
        connection = connect(mailbox, port=line.port)
        (uid,) = listed(connection)
        line.throttle(1, 0.1)
        began = time.monotonic()
        with pytest.raises(Unavailable, match="over one command"):
            connection.bodies([uid])
        assert 0.9 < time.monotonic() - began < 5
        connection.drop()


@pytest.mark.parametrize("greeting", [b"", b"* OK ready\r\n"])
@pytest.mark.parametrize("security", ["none", "starttls"])
def test_t28_a_server_that_drips_before_we_are_signed_in_is_left_too(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes, security: str
) -> None:
    monkeypatch.setattr("mailroom.imap.COMMAND", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))
    late = threading.Event()

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(greeting)
            while not late.wait(0.05):
                connection.sendall(b"*")

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    giving_up = threading.Timer(5, late.set)
    giving_up.start()
    began = time.monotonic()
    with listening, pytest.raises(Unavailable, match="over one command"):
        Mailbox(
            host="127.0.0.1", port=listening.getsockname()[1], security=security, username="support", password="secret"
        )
    assert time.monotonic() - began < 4
    giving_up.cancel()
    late.set()
    dripping.join()
