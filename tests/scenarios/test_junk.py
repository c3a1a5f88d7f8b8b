"""The folder of suspected spam: people's mail gets misfiled there, so it is looked at by a person, and never answered."""

from __future__ import annotations

from pathlib import Path

from mailroom import config as configuration
from mailroom.connections import open_mailbox
from tests.scenarios.conftest import between
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Sink


def test_what_lies_in_junk_is_forwarded_for_review_and_not_acknowledged(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, imap__junk='"Spam"')
    mailbox.deliver(letter(1), "Spam")
    mailbox.deliver(letter(2))
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (2, 1)
    assert mailbox.count("Spam") == mailbox.count() == 0
    assert mailbox.messages("Mailroom/Review") == [letter(1)]
    assert "spam" in next(one.data for one in sink.received() if b"X-Mailroom-Unit" in one.data).decode().lower()


def test_a_folder_of_junk_that_is_missing_costs_no_mail(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, imap__junk='"Nowhere"')
    mailbox.deliver(letter(1))
    post.mailroom.once()
    assert post.forwards() == 1
    assert mailbox.count() == 0
    mailbox_now = open_mailbox(configuration.load(post.mailroom.config))
    assert not mailbox_now.exists("Nowhere")
    mailbox_now.logout()
