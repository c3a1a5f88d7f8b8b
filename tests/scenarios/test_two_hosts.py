"""I-26: two hosts on one mailbox, each with a state of its own: the one that moves a message has it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Fault, Sink

MESSAGES = 120


@pytest.fixture
def hosts(mailbox: Account, sink: Sink, tmp_path: Path) -> tuple[Post, Post]:
    one = between(mailbox, sink, tmp_path / "a", imap__claim='"host-a"', imap__junk='"Spam"')
    return one, between(mailbox, sink, tmp_path / "b", imap__claim='"host-b"', imap__junk='"Spam"')


def forwarded(sink: Sink) -> Counter[str]:
    """How often each message was forwarded, by the number in its subject; the same octets again count once."""
    several = {one.data for one in sink.received() if b"X-Mailroom-Unit:" in one.data}
    return Counter(re.findall(r"\((\d+)\)", b"".join(_subject(one) for one in several).decode()))


def _subject(data: bytes) -> bytes:
    found = re.search(rb"(?im)^subject: (.*(?:\r\n[ \t].*)*)", data)
    return found[1] if found else b""


def taken(post: Post) -> int:
    with post.mailroom.ledger() as ledger:
        return len(ledger.overview())


def test_i26_two_hosts_take_each_message_once(hosts: tuple[Post, Post], mailbox: Account, sink: Sink) -> None:
    one, other = hosts
    with one.mailroom.running(), other.mailroom.running():
        for start in range(0, MESSAGES, 20):
            mailbox.server.deliver_all(mailbox.user, [letter(n) for n in range(start, start + 20)])
        mailbox.deliver(letter(MESSAGES), "Spam")
        until(lambda: one.forwards() > MESSAGES, 60)
        until(lambda: mailbox.count() == mailbox.count("Spam") == 0, 60)
        until(lambda: one.answers() == MESSAGES, 60)
    assert forwarded(sink) == Counter(str(n) for n in range(MESSAGES + 1))
    assert one.forwards() == MESSAGES + 1
    assert taken(one) + taken(other) == MESSAGES + 1
    left = [name for name, messages in mailbox.contents().items() if "Claimed" in name and messages]
    assert left == []


def test_i26_what_a_killed_host_had_claimed_it_goes_on_with(
    hosts: tuple[Post, Post], mailbox: Account, sink: Sink
) -> None:
    one, other = hosts
    sink.script(Fault("dot", "delay", seconds=0.3))
    mailbox.server.deliver_all(mailbox.user, [letter(n) for n in range(20)])
    one.mailroom.start()
    until(lambda: mailbox.contents().get("Mailroom/Claimed/host-a/Inbox"))
    one.mailroom.kill()
    sink.script()
    assert other.mailroom.once() == 0  # it leaves alone what is not its own
    here = taken(other)
    assert here < 20
    assert one.mailroom.once() in (0, 1)
    until(lambda: one.mailroom.once() == 0, 60)
    assert forwarded(sink) == Counter(str(n) for n in range(20))
    assert one.answers() <= 20
    assert mailbox.count() == 0


def test_i26_without_move_it_is_refused(mailbox_without_move: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox_without_move, sink, tmp_path, imap__claim='"host-a"')
    mailbox_without_move.deliver(letter(1))
    assert post.mailroom.once() != 0
    assert "leave out claim" in post.mailroom.logged()
    assert mailbox_without_move.count() == 1
    assert sink.received() == []
