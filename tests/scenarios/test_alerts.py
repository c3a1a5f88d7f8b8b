"""Alerts of the real daemon, as they arrive at the administrator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Sink

TO = '["it@example.org"]'


def alerts(sink: Sink) -> list[str]:
    """The subjects of what the administrator got."""
    subjects = []
    for one in sink.received():
        if one.recipient == "it@example.org":
            head = one.data.partition(b"\r\n\r\n")[0].decode()
            subjects += [line.removeprefix("Subject: ") for line in head.split("\r\n") if line.startswith("Subject: ")]
    return subjects


@pytest.mark.provokes("mailbox-refused")
def test_a_mailbox_that_refuses_the_password_is_told_at_once(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to=TO, imap__password='"wrong"')
    with post.mailroom.running() as running:
        until(lambda: alerts(sink))
        status = running.command("status")
        assert status.returncode == 1
        assert "The mailbox refuses mailroom, for " in status.stdout
    assert alerts(sink) == ["mailroom: The mailbox refuses mailroom"]
    text = sink.received()[0].data.replace(b"=\r\n", b"")
    assert b"check username and password in [imap]" in text
    assert b"wrong" not in text


@pytest.mark.provokes("folder-refused")
def test_i14_a_folder_that_cannot_be_made_holds_up_its_own_mail_only(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to=TO)
    post.deliver(letter(1))
    mailbox.deliver(letter(2, extra="Auto-Submitted: auto-replied\r\n"))
    place = mailbox.server._maildir(mailbox.user, "Mailroom/Done/petitions-registry")
    place.mkdir(mode=0)  # it is there, and nobody may go in
    assert post.mailroom.once() == 1
    assert alerts(sink) == ["mailroom: A message cannot be filed in its folder"]
    assert (mailbox.count(), mailbox.count("Mailroom/Automatic")) == (1, 1)
    assert (post.forwards(), post.answers()) == (2, 1)
    place.rmdir()
    assert post.mailroom.once() == 0
    assert mailbox.count() == 0
    assert (post.forwards(), post.answers()) == (2, 1)


def test_a_folder_that_staff_removed_while_the_daemon_runs_is_made_again(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to=TO)
    with post.mailroom.running():
        post.deliver(letter(1))
        until(lambda: mailbox.count("Mailroom/Done/petitions-registry") == 1)
        client = mailbox.client()
        client.delete_folder("Mailroom.Done.petitions-registry")
        client.logout()
        post.deliver(letter(2))
        until(lambda: mailbox.count() == 0)
    assert mailbox.count("Mailroom/Done/petitions-registry") == 1
    assert alerts(sink) == []


@pytest.mark.provokes("mistake")
def test_a_mistake_of_ours_is_told_by_its_place_in_the_code(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to=TO)
    assert post.mailroom.once() == 0  # its folders and files are there
    post.deliver(letter(1))
    post.mailroom.start(module="tests.scenarios.driven", words=("raise", "14")).wait(60)
    assert "mailroom: mailroom made a mistake" in alerts(sink)
    (mail,) = [one.data for one in sink.received() if one.recipient == "it@example.org"]
    assert b"RuntimeError at mailroom." in mail.replace(b"=\r\n", b"")
    assert post.mailroom.once() == 0
    assert [one for one in post.audit() if "alert" not in one] == []
