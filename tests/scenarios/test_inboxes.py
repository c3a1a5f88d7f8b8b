"""Two inboxes, two accounts with an address each, in one daemon."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.scenarios.installation import Installation, until
from tests.scenarios.mail import letter
from tests.scenarios.two import LEGAL, SUPPORT, Two, between, read, to_legal
from tests.servers import processes
from tests.servers.audit import Injected
from tests.servers.dovecot import Account, Dovecot
from tests.servers.sink import Fault, Sink

REGISTRY = "Mailroom/Done/petitions-registry"


@pytest.fixture
def other(mailbox: Account) -> Account:
    return Account(mailbox.server, f"{mailbox.user}-legal")


@pytest.fixture
def two(mailbox: Account, other: Account, sink: Sink, tmp_path: Path) -> Two:
    return between(mailbox, other, sink, tmp_path)


def test_each_inbox_answers_from_its_own_address_and_files_in_its_own_account(two: Two) -> None:
    two.deliver(two.support, letter(1), letter(2))
    two.deliver(two.legal, to_legal(3))
    assert two.mailroom.once() == 0
    assert two.audit() == []
    assert (two.support.messages(REGISTRY), two.legal.messages(REGISTRY)) == ([letter(1), letter(2)], [to_legal(3)])
    assert (len(two.forwards()), len(two.answers())) == (3, 3)
    for one in (*two.forwards(), *two.answers()):
        of_legal = "person3@example.com" in (one["To"], one["Reply-To"])
        address = LEGAL if of_legal else SUPPORT
        assert address in one["From"]
        assert one["X-Mailroom-Loop"] == address
        assert one["Message-ID"].endswith(f"@{address.partition('@')[2]}>")
    assert two.mailroom.once() == 0
    assert len(two.sink.received()) == 6


def test_the_same_message_in_both_is_forwarded_and_answered_once_and_filed_in_both(two: Two) -> None:
    two.deliver(two.support, letter(1))
    assert two.mailroom.once() == 0
    two.deliver(two.legal, letter(1))
    assert two.mailroom.once() == 0
    two.support.deliver(letter(2))
    two.legal.deliver(letter(2))
    two.injected += [Injected(letter(2), "letter in both")] * 2
    assert two.mailroom.once() == 0
    assert (len(two.forwards()), len(two.answers())) == (2, 2)
    assert two.support.messages(REGISTRY) == two.legal.messages(REGISTRY) == [letter(1), letter(2)]
    assert two.empty()
    assert two.audit() == []


def test_mail_from_one_of_our_addresses_to_another_is_not_answered(two: Two) -> None:
    two.deliver(two.legal, to_legal(1, sender=SUPPORT), answer=False)
    two.deliver(two.support, letter(2, sender=LEGAL), letter(3, sender="law@example.org"), answer=False)
    assert two.mailroom.once() == 0
    assert (len(two.forwards()), two.answers()) == (3, [])
    # What we sent from one address and what comes to the other is ours too: filed, and sent nowhere.
    two.deliver(two.legal, to_legal(4))
    assert two.mailroom.once() == 0
    (answer,) = [one.data for one in two.sink.received() if one.sender == ""]
    two.support.deliver(b"Return-Path: <>\r\n" + answer)
    assert two.mailroom.once() == 0
    assert two.support.count("Mailroom/Automatic") == 1
    assert len(two.sink.received()) == 5


def test_an_answer_to_one_inbox_may_come_to_the_other(two: Two) -> None:
    """It belongs to the conversation: the same reference, the same thread for the unit, no second answer."""
    two.deliver(two.legal, to_legal(1))
    assert two.mailroom.once() == 0
    (first,), (answer,) = two.forwards(), two.answers()
    reply = letter(2, sender="person1@example.com", extra=f"In-Reply-To: {answer['Message-ID']}\r\n")
    two.deliver(two.support, reply, answer=False)
    assert two.mailroom.once() == 0
    _, second = two.forwards()
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["X-Mailroom-Reference"] == first["X-Mailroom-Reference"]
    assert SUPPORT in second["From"]
    assert len(two.answers()) == 1
    assert two.audit() == []


def test_what_a_unit_refuses_goes_to_its_fallback_from_the_same_address(two: Two) -> None:
    two.sink.script(Fault("rcpt", code=550, text="5.1.1 no such mailbox", recipient="petitions-registry@example.org"))
    two.deliver(two.legal, to_legal(1))
    two.mailroom.once()
    (forward,) = two.forwards()
    assert LEGAL in forward["From"]
    assert forward["Message-ID"].endswith("@legal.example.org>")
    assert "support@example.org" not in forward.as_string().replace("user-support@example.org", "")


def test_i01_a_new_uidvalidity_in_one_inbox_leaves_the_other_alone(two: Two) -> None:
    two.sink.script(Fault("rcpt", code=450, text="4.2.0 later"))
    two.deliver(two.support, letter(1))
    two.deliver(two.legal, to_legal(2))
    assert two.mailroom.once() == 1
    two.legal.server.reset_uidvalidity(two.legal.user)
    two.sink.script()
    assert two.mailroom.command("queue", "list").returncode == 0
    with closing(sqlite3.connect(two.mailroom.folder / "state" / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
        ledger.execute("DELETE FROM hold")
    assert two.mailroom.once() == 0
    assert two.empty()
    assert two.audit() == []
    lost = [json.loads(line) for line in two.mailroom.logged().splitlines() if "uidvalidity-changed" in line]
    assert [one["pointers"] for one in lost] == [1]
    assert len(two.forwards()) == len(two.answers()) == 2


def same_uidvalidity(*accounts: Account) -> None:
    """As Gmail has it, where it is 1 in every inbox; Dovecot too, where they were made in the same second."""
    for one in accounts:
        one.server.set_uidvalidity(one.user, 7)


@pytest.mark.parametrize("stays", [False, True])
def test_names_that_change_places_hide_and_misplace_nothing(
    two: Two, mailbox: Account, other: Account, sink: Sink, tmp_path: Path, stays: bool
) -> None:
    two.deliver(two.support, letter(1))
    two.deliver(two.legal, to_legal(2))
    assert two.mailroom.once() == 0
    same_uidvalidity(two.support, two.legal)
    two.deliver(two.legal, to_legal(4))
    if stays:  # under way, and its pointer would lead to another's message
        sink.script(Fault("rcpt", code=450, text="4.2.0 later"))
    two.deliver(two.legal, to_legal(5))
    assert two.mailroom.once() == int(stays)
    sink.script()
    with closing(sqlite3.connect(two.mailroom.folder / "state" / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
        ledger.execute("DELETE FROM hold")
    swapped = between(other, mailbox, sink, tmp_path)
    swapped.injected = two.injected
    swapped.deliver(mailbox, *[letter(number) for number in (6, 7, 8)])  # with UIDs that were known under this name
    assert swapped.mailroom.once() == 0
    assert swapped.empty()
    assert swapped.audit() == []


@pytest.fixture
def apart(mailbox: Account, private_dovecot: Dovecot, sink: Sink, tmp_path: Path) -> Iterator[Two]:
    """legal on a server of its own, which can be stopped."""
    port = processes.free_port()
    more = {"alerts__to": '["it@example.org"]', "alerts__after": '"1s"', "metrics__listen": f'"127.0.0.1:{port}"'}
    yield between(mailbox, Account(private_dovecot, "legal"), sink, tmp_path, **more)


def test_where_one_server_is_down_the_other_inbox_goes_on_and_people_hear_which(apart: Two) -> None:
    with apart.mailroom.running() as running:
        apart.deliver(apart.legal, to_legal(1))
        until(lambda: apart.legal.count() == 0)
        apart.legal.server.stop()
        apart.deliver(apart.support, letter(2), letter(3))
        until(lambda: apart.support.count() == 0)
        until(lambda: len(apart.answers()) == 3)
        told: list[EmailMessage] = []

        def heard() -> bool:
            told[:] = [read(one) for one in apart.sink.received() if one.recipient == "it@example.org"]
            return bool(told)

        until(heard, 60)
        assert told[0]["Subject"] == "mailroom: The mailbox cannot be reached (legal)"
        status = running.command("status")
        assert status.returncode == 1
        assert "The mailbox cannot be reached (legal), for " in status.stdout
        assert re.search(r"Last poll +support: \d seconds ago", status.stdout)
        assert re.search(r"Last poll +legal: ", status.stdout)
        inboxes = {
            one["name"]: one["last_poll"] for one in json.loads(running.command("status", "--json").stdout)["inboxes"]
        }
        assert inboxes["legal"] < inboxes["support"]
        apart.legal.server.start()
        apart.deliver(apart.legal, to_legal(4))
        until(lambda: apart.legal.count() == 0, 90)
        until(lambda: running.command("status").returncode == 0)
    assert apart.audit() == []


def test_once_does_what_it_can_and_says_that_something_stayed(apart: Two) -> None:
    apart.deliver(apart.support, letter(1))
    apart.deliver(apart.legal, to_legal(2))
    apart.legal.server.stop()
    assert apart.mailroom.once() == 1
    assert (apart.support.count(), len(apart.answers())) == (0, 1)
    apart.legal.server.start()
    assert apart.mailroom.once() == 0
    assert apart.empty()
    assert apart.audit() == []


def test_a_kill_loses_and_repeats_nothing_in_either(two: Two) -> None:
    for n in range(12):
        two.deliver(two.support, letter(n))
        two.deliver(two.legal, to_legal(100 + n))
    two.sink.script(Fault("dot", "delay", seconds=0.05))
    for step in ("ledger.record.done", "imap.move", "imap.moved"):
        two.mailroom.start(module="tests.scenarios.driven", words=("kill", step)).wait(60)
    two.mailroom.start()
    until(lambda: len(two.answers()) > 2)
    two.mailroom.kill()
    two.sink.script()
    until(lambda: two.mailroom.once() == 0, 120)
    assert two.empty()
    # As many forwards may repeat as were under way at a kill, and no answer does.
    assert two.audit(repeats=None) == []


def test_reroute_and_junk_of_each_account_are_looked_into(
    mailbox: Account, other: Account, sink: Sink, tmp_path: Path
) -> None:
    two = between(mailbox, other, sink, tmp_path, legal__junk='"Spam"')
    other.deliver(to_legal(1), "Spam")
    other.deliver(to_legal(2), "Mailroom/Reroute/press")
    mailbox.deliver(letter(3), "Mailroom/Reroute/press")
    mailbox.deliver(letter(4), "Spam")  # support does not look there
    assert two.mailroom.once() == 0
    assert two.answers() == []
    assert sorted(one["X-Mailroom-Unit"] for one in two.forwards())[:2] == ["press", "press"]
    assert len(two.forwards()) == 3
    assert (other.count("Spam"), mailbox.count("Spam")) == (0, 1)
    assert other.messages("Mailroom/Review") == [to_legal(1)]
    assert (other.messages("Mailroom/Done/press"), mailbox.messages("Mailroom/Done/press")) == (
        [to_legal(2)],
        [letter(3)],
    )


def test_a_daemon_that_had_one_inbox_gets_a_second_one_with_mail_under_way(
    mailbox: Account, other: Account, sink: Sink, tmp_path: Path
) -> None:
    """From [imap] to [[imap]]: what was recorded, and not yet filed, is found anew under the name, by its hash."""
    one = Installation(tmp_path / "mailroom", imap=mailbox.port, user=mailbox.user, smtp=sink.port)
    at = datetime.now(UTC) - timedelta(hours=2)
    sink.script(Fault("rcpt", code=450, text="4.2.0 later"))
    mailbox.deliver(letter(1))
    assert one.once() == 1
    with one.ledger() as opened:  # people were told of the one that had no name
        opened.alarm("mailbox-unreachable", "away", at, [], at, lasting=True)
        opened.told(["mailbox-unreachable"], [], at, at)
    with closing(sqlite3.connect(one.folder / "state" / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
        ledger.execute("DELETE FROM hold")
        _as_schema_6(ledger)
    sink.script()
    two = between(mailbox, other, sink, tmp_path, alerts__to='["it@example.org"]')
    two.injected.append(Injected(letter(1), "under way"))
    two.deliver(other, to_legal(2))
    assert two.mailroom.once() == 0
    assert two.empty()
    assert [one for one in two.audit() if "alert" not in one] == []
    assert len(two.answers()) == 2
    told = [read(one)["Subject"] for one in sink.received() if one.recipient == "it@example.org"]
    assert told == ["mailroom: Over: the mailbox cannot be reached"]


def _as_schema_6(ledger: sqlite3.Connection) -> None:
    """What the release before several inboxes would have written."""
    ledger.executescript(
        """
        CREATE TABLE old (
            id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message (id), channel TEXT NOT NULL,
            folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL, state TEXT NOT NULL,
            seen_at REAL NOT NULL, UNIQUE (folder, uidvalidity, uid)
        ) STRICT;
        INSERT INTO old SELECT id, message, channel, folder, uidvalidity, uid, state, seen_at FROM arrival;
        DROP TABLE arrival;
        ALTER TABLE old RENAME TO arrival;
        CREATE INDEX arrival_open ON arrival (message) WHERE state <> 'filed';
        ALTER TABLE message DROP COLUMN inbox;
        DELETE FROM _sqlite_migrations WHERE name = 'inboxes';
        PRAGMA user_version = 6;
        """
    )


def test_a_line_of_the_log_about_one_inbox_names_it(
    mailbox: Account, other: Account, sink: Sink, tmp_path: Path
) -> None:
    two = between(mailbox, other, sink, tmp_path, legal__password='"wrong"')
    two.deliver(mailbox, letter(1))
    assert two.mailroom.once() == 1
    assert (mailbox.count(), len(two.answers())) == (0, 1)
    refused = [json.loads(one) for one in two.mailroom.logged().splitlines() if '"mailbox-refused"' in one]
    assert {one.get("inbox") for one in refused if one["event"] == "mailbox-refused"} == {"legal"}


@pytest.mark.parametrize("words", [("intake", "--channel", "post", "--inbox", "legal")])
def test_a_letter_is_entered_into_the_inbox_that_is_named(two: Two, words: tuple[str, ...], tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("How do I file a petition?", encoding="utf-8")
    done = two.mailroom.command(*words, "--text", str(text))
    assert done.returncode == 0, done.stderr
    assert (two.legal.count(), two.support.count()) == (1, 0)
    wrong = two.mailroom.command(*words[:-1], "press", "--text", str(text))
    assert wrong.returncode == 2
    assert "there are: support, legal" in wrong.stderr


def test_erase_finds_a_person_in_every_account(two: Two) -> None:
    two.deliver(two.support, letter(1))
    two.deliver(two.legal, to_legal(2, sender="person1@example.com"))
    assert two.mailroom.once() == 0
    done = two.mailroom.command("erase", "person1@example.com", "--yes")
    assert done.returncode == 0
    assert f"in support: {REGISTRY}" in done.stdout
    assert f"in legal: {REGISTRY}" in done.stdout
    assert two.support.count(REGISTRY) == two.legal.count(REGISTRY) == 0
