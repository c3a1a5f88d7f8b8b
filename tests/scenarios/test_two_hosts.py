"""I-26: two hosts on one mailbox, each with a state of its own: the one that moves a message has it."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.alerts import Alerts
from mailroom.imap import Mailbox
from mailroom.ledger import Ledger
from mailroom.model import Channel, Ours
from mailroom.spool import Spool
from mailroom.stages.intake import CLAIM, Intake, Source
from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import PASSWORD, Account
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


def claimed(mailbox: Account) -> list[str]:
    """The folders in which a host still has something."""
    return [name for name, messages in mailbox.contents().items() if "Claimed" in name and messages]


def test_i26_two_hosts_take_each_message_once(hosts: tuple[Post, Post], mailbox: Account, sink: Sink) -> None:
    one, other = hosts
    with one.mailroom.running(), other.mailroom.running():
        for start in range(0, MESSAGES, 20):
            mailbox.server.deliver_all(mailbox.user, [letter(n) for n in range(start, start + 20)])
        mailbox.deliver(letter(MESSAGES), "Spam")
        until(lambda: one.forwards() > MESSAGES, 60)
        until(lambda: mailbox.count() == mailbox.count("Spam") == 0, 60)
        until(lambda: one.answers() == MESSAGES, 60)
        until(lambda: claimed(mailbox) == [], 60)
    assert forwarded(sink) == Counter(str(n) for n in range(MESSAGES + 1))
    assert one.forwards() == MESSAGES + 1
    assert taken(one) + taken(other) == MESSAGES + 1


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


@dataclass
class Host:
    """Its intake, by hand."""

    intake: Intake
    mailbox: Mailbox
    ledger: Ledger
    name: str
    clock: list[datetime]

    def turn(self) -> None:
        own = f"Mailroom/Claimed/{self.name}/Inbox"
        self.intake.turn(self.mailbox, [Source("INBOX", Channel.INBOX, own=own, host=self.name)])

    def has(self) -> set[str]:
        return {one.reference for one in self.ledger.overview()}


@pytest.fixture
def by_hand(mailbox: Account, tmp_path: Path) -> Iterator[Callable[[str], Host]]:
    made: list[Host] = []

    def make(name: str) -> Host:
        ledger = Ledger(tmp_path / f"{name}.db")
        clock = [datetime(2026, 11, 2, 12, tzinfo=UTC)]
        ours = Ours(address="support@example.org")
        alerts = Alerts(ledger, lambda: ours, [], tmp_path / "config.toml", lambda: clock[0], lambda: None)
        spool = Spool(tmp_path / name)
        intake = Intake(ledger, spool, lambda: clock[0], lambda: None, alerts, lambda octets: None)
        opened = Mailbox(host="127.0.0.1", port=mailbox.port, security="none", username=mailbox.user, password=PASSWORD)
        made.append(Host(intake, opened, ledger, name, clock))
        return made[-1]

    yield make
    for host in made:
        host.mailbox.logout()
        host.ledger.close()


def test_i26_two_hosts_that_take_at_the_same_moment_do_not_both_have_it(
    mailbox: Account, by_hand: Callable[[str], Host]
) -> None:
    """With MOVE alone this Dovecot gives nearly every message to both."""
    hosts, together, count = [by_hand("host-a"), by_hand("host-b")], threading.Barrier(2), 60

    def work(host: Host) -> None:
        for _ in range(count):
            together.wait(30)
            host.turn()

    threads = [threading.Thread(target=work, args=[host]) for host in hosts]
    for thread in threads:
        thread.start()
    for n in range(count):
        mailbox.deliver(letter(n))
        time.sleep(0.02)
    for thread in threads:
        thread.join(120)
    for host in hosts:
        host.turn()
    assert sum(len(host.has()) for host in hosts) == count
    assert mailbox.count() == 0


def test_i26_the_mark_is_gone_when_the_message_has_moved(mailbox: Account, by_hand: Callable[[str], Host]) -> None:
    mailbox.deliver(letter(1))
    host = by_hand("host-a")
    host.turn()
    assert len(host.has()) == 1
    selected = host.mailbox.select("Mailroom/Claimed/host-a/Inbox")
    uids = host.mailbox.uids(selected.uidnext)
    assert len(uids) == 1
    assert host.mailbox.marks(uids, CLAIM) == {}


def test_i26_a_host_that_died_with_its_mark_set_loses_it_after_an_hour(
    mailbox: Account, by_hand: Callable[[str], Host]
) -> None:
    mailbox.deliver(letter(1))
    mailbox.deliver(letter(2))
    client = mailbox.client()
    client.select_folder("INBOX")
    client.add_flags(client.search(["ALL"])[:1], [b"$Mailroom-Claim-host-z"])
    client.logout()
    host = by_hand("host-a")
    host.turn()
    host.clock[0] += timedelta(minutes=59)
    host.turn()
    assert len(host.has()) == 1
    assert mailbox.count() == 1
    host.clock[0] += timedelta(minutes=2)
    host.turn()
    host.turn()
    assert len(host.has()) == 2
    assert mailbox.count() == 0


def test_i26_without_move_it_is_refused(mailbox_without_move: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox_without_move, sink, tmp_path, imap__claim='"host-a"')
    mailbox_without_move.deliver(letter(1))
    assert post.mailroom.once() != 0
    assert "leave out claim" in post.mailroom.logged()
    assert mailbox_without_move.count() == 1
    assert sink.received() == []
