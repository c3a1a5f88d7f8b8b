"""The folder of suspected spam: people's mail gets misfiled there. A person looks at it, and it is never answered."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.provokes("junk-missing")
def test_a_folder_of_junk_that_is_missing_costs_no_mail_and_somebody_is_told(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, imap__junk='"Nowhere"')
    mailbox.deliver(letter(1))
    assert post.mailroom.once() == 0
    assert (post.forwards(), mailbox.count()) == (1, 0)
    assert '"code": "junk-missing"' in post.mailroom.logged()
    mailbox.deliver(letter(2), "Nowhere")
    post.mailroom.once()
    assert (post.forwards(), mailbox.count("Nowhere")) == (2, 0)
    assert '"event": "alert-over"' in post.mailroom.logged()
