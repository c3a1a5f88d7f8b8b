"""Mailboxes that are odd but legal: shared Message-IDs, octets of no charset, names, dates, sizes (I-02, I-03 …).

Each goes the whole way through a real Dovecot and a real relay, and the audit says whether anything was lost.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
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
from tests.servers.proxy import Proxy
from tests.servers.sink import Fault, Sink


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


SUBSTITUTE = (
    'The server couldn\'t retrieve the following message:\r\n\r\nSubject: "Help"\r\nFrom: ("person9@example.com")\r\n'
    "Sent date: 11/2/2026 9:00:00 AM\r\n\r\nThe message hasn't been deleted. You might be able to view it using either "
    "Outlook or Outlook Web App."
)


def test_i06_what_exchange_gives_for_a_message_that_it_cannot_give_is_forwarded_and_not_answered(post: Post) -> None:
    raw = letter(1, sender="exchange@example.com", text=SUBSTITUTE)
    raw = re.sub(
        rb"Subject: [^\r]*", b"Subject: Retrieval using the IMAP4 protocol failed for the following message: 4243", raw
    )
    post.deliver(raw, answer=False)
    assert post.mailroom.once() == 0
    assert post.audit() == []
    (forward,) = post.sink.received()
    assert forward.recipient == "user-support@example.org"  # a person who can look it up elsewhere


def other_sizes(answer: bytes) -> bytes:
    return re.sub(rb"RFC822\.SIZE (\d+)", lambda found: b"RFC822.SIZE %d" % (int(found[1]) + 9000), answer)


def smaller_sizes(answer: bytes) -> bytes:
    return re.sub(rb"RFC822\.SIZE \d+", b"RFC822.SIZE 1", answer)


def disorder(answer: bytes) -> bytes:
    """Flags that nobody asked for before each answer, and the UID last."""
    answer = re.sub(rb"\((UID \d+) (RFC822[^)]*)\)", rb"(\2 \1)", answer)
    return re.sub(rb"(?m)^\* (\d+) FETCH", rb"* \1 FETCH (FLAGS (\\Seen))\r\n* \1 FETCH", answer)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(other_sizes, id="i07-larger"),
        pytest.param(smaller_sizes, id="i07-smaller"),
        pytest.param(disorder, id="i09"),
    ],
)
def test_i07_i09_wrong_sizes_and_answers_that_nobody_asked_for_lose_nothing(
    mailbox: Account, sink: Sink, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    changed = []

    def counted(answer: bytes) -> bytes:
        after = change(answer)
        changed.append(after != answer)
        return after

    with Proxy(mailbox.port) as line:
        line.rewrite(counted)
        post = between(mailbox, sink, tmp_path, imap__port=str(line.port))
        post.deliver(*[letter(n) for n in range(5)])
        assert post.mailroom.once() == 0
    assert any(changed)
    assert post.audit() == []
    assert (post.forwards(), post.answers()) == (5, 5)


def test_i13_a_kill_between_copy_and_delete_makes_at_most_a_second_copy(
    mailbox_without_move: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox_without_move, sink, tmp_path)
    post.deliver(letter(1), letter(2))
    for _ in range(3):  # it may happen again and again
        process = post.mailroom.start(module="tests.scenarios.driven", words=("kill", "imap.delete"))
        assert process.wait(60) == -9
    assert post.account.count() == 2
    assert post.mailroom.once() == 0
    assert post.account.count() == 0
    assert (post.forwards(), post.answers()) == (2, 2)
    filed = post.account.contents()["Mailroom/Done/petitions-registry"]
    assert sorted(set(filed)) == [letter(1), letter(2)]
    assert len(filed) <= 4  # the ledger knows of a copy once it is made: three kills make no third


def test_d13_what_staff_answer_the_person_comes_by_copy_and_is_not_answered(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (answer,) = [one for one in post.sink.received() if not one.sender]
    name = re.search(rb"(?im)^message-id: (<[^>]+>)", answer.data)
    assert name is not None
    reply = letter(2, sender="petitions-registry@example.org", extra=f"In-Reply-To: {name[1].decode()}\r\n")
    reply = reply.replace(b"To: support@example.org", b"To: person1@example.com\r\nCc: support@example.org")
    post.deliver(reply, answer=False)
    for _ in range(2):
        assert post.mailroom.once() == 0
    assert post.answers() == 1
    assert post.account.count() == 0
    assert post.forwards() <= 2
    assert post.audit() == []
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as ledger:
        (silence,) = ledger.execute("SELECT silence FROM message ORDER BY id DESC LIMIT 1").fetchone()
    assert silence == "staff"


@pytest.mark.parametrize("gone", [False, True])
def test_i01_a_folder_that_is_looked_into_no_more_and_is_made_anew_or_removed_holds_up_nothing(
    mailbox: Account, sink: Sink, tmp_path: Path, gone: bool
) -> None:
    """A message of suspected spam is under way when `junk` is taken out of the settings."""
    mailroom = between(mailbox, sink, tmp_path, imap__junk='"Spam"').mailroom
    mailbox.deliver(letter(1), "Spam")
    sink.script(Fault("rcpt", code=450, text="4.2.0 later"))
    assert mailroom.once() == 1
    sink.script()
    with closing(sqlite3.connect(mailroom.folder / "state" / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
        ledger.execute("DELETE FROM hold")
    if gone:
        client = mailbox.client()
        client.delete_folder("Spam")
        client.logout()
    else:
        mailbox.reset_uidvalidity("Spam")
    post = between(mailbox, sink, tmp_path)
    post.deliver(letter(2))
    assert post.mailroom.command("once", timeout=60).returncode == 0
    assert mailbox.count() == 0
    assert (post.forwards(), post.answers()) == (2, 1)
