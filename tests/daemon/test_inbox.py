"""An inbox's threads, with a mailbox that is scripted."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from mailroom.config import Imap
from mailroom.daemon import inbox as room
from mailroom.daemon.inbox import Inbox
from mailroom.imap import Mailbox
from mailroom.model import Refused


class Closed:
    """A mailbox that signs in and does not open the inbox: [SERVERBUG], or a folder that is gone."""

    def select(self, folder: str) -> None:
        raise Refused("the IMAP server answered NO or BAD")

    def drop(self) -> None:
        pass


def test_the_waiting_thread_outlives_a_folder_that_was_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = threading.Event(), 0
    monkeypatch.setattr(room, "link_pause", lambda *_: datetime.resolution)

    def connect() -> Mailbox:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        return cast(Mailbox, Closed())

    none: Any = None
    inbox = Inbox(
        Imap(host="127.0.0.1"),
        connect=connect,
        ledger=none,
        intake=none,
        shelving=none,
        units=list,
        stage=none,
        standing=none,
        stop=stop,
        clock=lambda: datetime.now(UTC),
    )
    inbox.threads()["idle"]()
    assert tries == 3
