"""Mailboxes that are odd but legal: shared Message-IDs, octets of no charset, names, dates (I-02, I-03, I-23 …).

Each goes the whole way through a real Dovecot and a real relay, and the audit says whether anything was lost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.imap import Mailbox
from mailroom.model import Misconfigured
from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import PASSWORD
from tests.scenarios.mail import letter
from tests.servers.audit import Injected
from tests.servers.dovecot import Account
from tests.servers.sink import Sink


def test_i02_a_server_without_uidvalidity_is_refused(mailbox: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Mailbox(host="127.0.0.1", port=mailbox.port, security="none", username=mailbox.user, password=PASSWORD)
    try:
        monkeypatch.setattr(opened._client, "select_folder", lambda *_, **__: {b"UIDNEXT": 1, b"FLAGS": ()})
        with pytest.raises(Misconfigured, match="UIDVALIDITY"):
            opened.select("INBOX")
    finally:
        opened.logout()


def test_i03_i23_i29_one_message_id_for_two_8_bit_octets_and_wrong_dates_lose_nothing(post: Post) -> None:
    """One Message-ID for two texts, octets of no charset, and dates of arrival long ago and to come."""
    same = letter(1)
    post.deliver(same, same.replace(b"Good morning", b"Good evening"))
    post.deliver(letter(2).replace(b"Subject: How", b"Subject: \xbfC\xf3mo"))
    post.deliver(letter(3).replace(b"Good morning", b"Good evening \x80\xff"))
    client = post.account.client()
    for number, year in ((4, 1971), (5, 2037)):
        client.append("INBOX", letter(number), msg_time=datetime(year, 1, 1, tzinfo=UTC))
        post.injected.append(Injected(letter(number), f"arrived in {year}"))
    client.logout()
    assert post.mailroom.once() == 0
    assert post.account.count() == 0
    assert post.forwards() == 6
    assert post.audit() == []


def test_i24_folders_whose_names_are_not_ascii(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, imap__folder='"Buzón & cía"')
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    filed = [name for name, messages in mailbox.contents().items() if letter(1) in messages]
    assert len(filed) == 1
    assert filed[0].startswith("Buzón & cía/")
    assert post.forwards() == 1
