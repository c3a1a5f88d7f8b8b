"""Another mail program works in the same inbox meanwhile: it reads, flags, moves and deletes as it likes."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections import Counter
from contextlib import suppress

from imapclient.exceptions import IMAPClientError

from tests.scenarios.conftest import Post
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.outgoing import understand

MESSAGES = 400 if os.environ.get("MAILROOM_TORTURE") == "1" else 60


class Colleague(threading.Thread):
    """A person with a second client. Remembers what they took out of the inbox for good; `gives_back`: nothing.

    A message that mailroom moves at the same moment may be gone when they reach for it (EXPUNGEISSUED), and is let go.
    """

    def __init__(self, post: Post, *, pause: float = 0.02, gives_back: bool = False) -> None:
        """`pause`: seconds between two deeds."""
        super().__init__(daemon=True)
        self.post, self.pause, self.gives_back = post, pause, gives_back
        self.taken, self.given_back, self.done, self.deeds = set[str](), set[str](), threading.Event(), 0

    def run(self) -> None:
        chance = random.Random(20261124)
        client = self.post.account.client()
        client.create_folder("Elsewhere")
        while not self.done.wait(self.pause):
            client.select_folder("INBOX")
            uids = client.search(["ALL"])
            if not uids:
                continue
            uid = chance.choice(uids)
            body = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
            if body is None:
                continue  # mailroom was quicker
            self.deeds += 1
            match chance.randrange(6):
                case 0 | 1:
                    client.add_flags([uid], [b"\\Seen"])
                case 2:
                    client.add_flags([uid], [b"\\Flagged", b"\\Answered"])
                case 3:
                    client.fetch([uid], ["BODY[]"])  # opening it marks it as read
                case 4 | 5 if self.gives_back:
                    self.given_back.add(hashlib.sha256(body).hexdigest())
                    with suppress(IMAPClientError):
                        client.move([uid], "Elsewhere")
                    client.select_folder("Elsewhere")
                    if mine := client.search(["ALL"]):
                        client.move(mine, "INBOX")
                case 4:
                    self.taken.add(hashlib.sha256(body).hexdigest())
                    with suppress(IMAPClientError):
                        client.move([uid], "Elsewhere")
                case 5:
                    self.taken.add(hashlib.sha256(body).hexdigest())
                    client.add_flags([uid], [b"\\Deleted"])
                    client.uid_expunge([uid])
        client.logout()


def test_whatever_a_colleague_does_in_the_inbox_nothing_else_is_lost_and_nothing_sent_twice(post: Post) -> None:
    letters = [letter(n) for n in range(MESSAGES)]
    colleague = Colleague(post)
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        colleague.start()
        for first in range(0, MESSAGES, 6):
            post.account.server.deliver_all(post.account.user, letters[first : first + 6])
            colleague.done.wait(0.15)
        until(lambda: post.account.count() == 0, 60)
        colleague.done.set()
        colleague.join(20)
        assert not colleague.is_alive()
        until(lambda: not any(_open(post)), 60)
    forwards = [understand(one) for one in post.sink.received()]
    sent = Counter(one.sha256 for one in forwards if one.kind == "forward")
    given = {hashlib.sha256(one).hexdigest() for one in letters}
    assert set(sent) <= given
    assert [count for count in sent.values() if count > 1] == []
    lost = given - set(sent)
    assert lost <= colleague.taken  # what a person took away before it was fetched
    answered = Counter(one.received.recipient for one in forwards if one.kind == "acknowledgement")
    assert max(answered.values()) == 1
    filed = [raw for name, some in post.account.contents().items() if name.startswith("Mailroom/") for raw in some]
    left = Counter(hashlib.sha256(raw).hexdigest() for raw in filed)
    assert max(left.values()) == 1
    assert given - set(left) <= colleague.taken


def _open(post: Post) -> tuple[int, int]:
    with post.mailroom.ledger() as ledger:
        states = ledger.overview()
        return sum(one.state == "recorded" for one in states), len(ledger.outbox())
