"""From the inbox to the folder, over real servers and with the real daemon as a process."""

from __future__ import annotations

import re
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter, newsletter
from tests.servers.dovecot import Account, Dovecot
from tests.servers.sink import Fault, Sink


def test_one_pass_forwards_answers_and_files(post: Post) -> None:
    post.deliver(letter(1), letter(2))
    post.deliver(newsletter(3), answer=False)
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert (post.forwards(), post.answers()) == (3, 2)
    assert post.account.count() == 0
    assert post.mailroom.once() == 0  # a second pass has nothing to do
    assert len(post.sink.received()) == 5


def test_the_daemon_notices_new_mail_and_ends_on_sigterm(post: Post) -> None:
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        for number in range(3):
            post.deliver(letter(number))
            until(lambda: post.account.count() == 0)
        assert running.stop(signal.SIGTERM) == 0
    assert post.audit() == []
    assert (post.forwards(), post.answers()) == (3, 3)


def test_a_second_daemon_on_the_same_state_ends_at_once(post: Post) -> None:
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        second = running.command("once", timeout=30)
        assert second.returncode == 2
        assert "another mailroom works with this state directory" in second.stderr
        post.deliver(letter(1))
        until(lambda: post.account.count() == 0)
    assert post.audit() == []


def test_a_new_uidvalidity_repeats_nothing(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=451))  # the forward is deferred: the message stays in the inbox
    assert post.mailroom.once() == 1
    assert post.account.count() == 1
    post.sink.script()
    post.account.reset_uidvalidity()
    post.deliver(letter(2))
    due_now(post)
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert (post.forwards(), post.answers()) == (2, 2)


def test_without_move_messages_are_copied_and_expunged(
    mailbox_without_move: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox_without_move, sink, tmp_path)
    post.deliver(letter(1), letter(2))
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert post.account.count() == 0


def test_without_move_and_uidplus_nothing_is_expunged_and_nothing_repeated(
    mailbox_without_move_and_uidplus: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox_without_move_and_uidplus, sink, tmp_path)
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    assert post.mailroom.once() == 0
    assert post.account.count() == 1  # marked \Deleted
    assert (post.forwards(), post.answers()) == (1, 1)


def test_a_relay_that_is_away_costs_nothing_but_time(post: Post) -> None:
    post.sink.stop()
    post.deliver(letter(1))
    assert post.mailroom.once() == 1
    assert post.account.count() == 1
    post.sink.start()
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert (post.forwards(), post.answers()) == (1, 1)


def test_a_mailbox_that_is_away_is_tried_again(private_dovecot: Dovecot, sink: Sink, tmp_path: Path) -> None:
    account = Account(private_dovecot, "somebody")
    post = between(account, sink, tmp_path)
    post.deliver(letter(1))
    private_dovecot.stop()
    with post.mailroom.running() as running:
        until(lambda: "mailbox-unavailable" in running.logged())
        private_dovecot.start()
        until(lambda: post.forwards() == 1 and post.account.count() == 0)
        private_dovecot.restart()  # and once more, while the daemon is connected
        post.deliver(letter(2))
        until(lambda: post.forwards() == 2 and post.account.count() == 0)
    assert post.audit() == []


def test_a_message_that_vanishes_between_search_and_fetch_stops_nobody(post: Post) -> None:
    """Another client deletes while the daemon works; what it did not take is forwarded."""
    for number in range(40):
        post.account.deliver(letter(number))
    stop = threading.Event()

    def take_away() -> None:
        client = post.account.client()
        while not stop.is_set():
            client.select_folder("INBOX")
            if some := client.search(["ALL"])[-1:]:
                client.add_flags(some, [b"\\Deleted"])
                client.expunge()
        client.logout()

    thief = threading.Thread(target=take_away)
    thief.start()
    try:
        assert post.mailroom.once() == 0
    finally:
        stop.set()
        thief.join()
    assert post.account.count() == 0
    filed = sum(len(letters) for folder, letters in post.account.contents().items() if folder != "INBOX")
    assert filed <= post.forwards() <= 40
    assert len({one.data for one in post.sink.received()}) == len(post.sink.received())


def test_a_unit_that_refuses_loses_its_mail_to_the_default_unit(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=550, text="5.1.1 no such mailbox", recipient="petitions-registry@*"))
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert post.sink.received()[0].recipient == "petitions-processing@example.org"  # its fallback in rules.yaml
    assert post.answers() == 1


def test_where_the_fallback_refuses_too_the_default_unit_gets_it(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=550, text="5.1.1 no such mailbox", recipient="petitions-*"))
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert post.sink.received()[0].recipient == "user-support@example.org"


def test_where_everybody_refuses_it_stays_in_the_inbox_and_is_tried_on(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=550, text="5.1.1 no such mailbox"))
    assert post.mailroom.once() == 1
    assert post.account.count() == 1
    assert post.answers() == 0
    post.sink.script()
    due_now(post)
    assert post.mailroom.once() == 0
    assert post.audit() == []


def test_an_answer_whose_fate_is_unknown_is_never_sent_again(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("dot", "close", sender="", count=1))  # kept, but never answered
    assert post.mailroom.once() == 0
    assert post.mailroom.once() == 0
    assert post.answers() == 1
    assert post.audit() == []
    with post.mailroom.ledger() as ledger:
        assert [row.answer for row in ledger.overview()] == ["unknown"]


def test_a_forward_whose_fate_is_unknown_is_sent_again_the_same(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("dot", "close", recipient="*@example.org", count=1))
    assert post.mailroom.once() == 1
    due_now(post)
    assert post.mailroom.once() == 0
    assert post.audit(repeats=1) == []
    first, second = [one for one in post.sink.received() if one.sender]
    assert first.data == second.data
    assert post.answers() == 1


def test_the_same_message_twice_is_forwarded_once(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    post.account.deliver(letter(1))  # staff drag it back into the inbox
    assert post.mailroom.once() == 0
    assert post.account.count() == 0
    assert (post.forwards(), post.answers()) == (1, 1)


def test_reroute_sends_it_to_the_unit_that_staff_chose_and_answers_nobody(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    client = post.account.client()
    client.create_folder("Mailroom.Reroute.press")
    client.select_folder("Mailroom.Done.petitions-registry")
    client.move(client.search(["ALL"]), "Mailroom.Reroute.press")
    client.logout()
    assert post.mailroom.once() == 0
    assert [one.recipient for one in post.sink.received() if one.sender][-1] == "press@example.org"
    assert post.account.messages("Mailroom.Done.press") == [letter(1)]
    assert post.account.count("Mailroom.Reroute.press") == 0
    assert post.answers() == 1


def test_an_answer_to_our_acknowledgement_joins_its_conversation(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (answer,) = [one for one in post.sink.received() if not one.sender]
    identity = next(line for line in answer.data.split(b"\r\n") if line.lower().startswith(b"message-id:"))
    name = identity.split(b":", 1)[1].strip().decode()
    post.deliver(letter(2, sender="person1@example.com", extra=f"In-Reply-To: {name}\r\n"), answer=False)
    assert post.mailroom.once() == 0
    assert post.audit() == []
    forwards = [one for one in post.sink.received() if one.sender]
    assert len({one.recipient for one in forwards}) == 1
    assert post.answers() == 1
    with post.mailroom.ledger() as ledger:
        assert [row.silence for row in ledger.overview()] == [None, "conversation"]


def test_a_bounce_of_a_forward_goes_to_the_default_unit_once(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (forward,) = [one for one in post.sink.received() if one.sender]
    for number in (1, 2):  # servers repeat themselves
        post.account.deliver(bounce(forward.sender, number))
    assert post.mailroom.once() == 0
    forwards = [one.recipient for one in post.sink.received() if one.sender]
    assert forwards == ["petitions-registry@example.org", "petitions-processing@example.org"]
    assert post.answers() == 1
    assert post.account.count("Mailroom.Automatic") == 2


def due_now(post: Post) -> None:
    """The time until the next try has passed."""
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
        ledger.execute("DELETE FROM hold")


def bounce(token_address: str, number: int) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: mailer-daemon@mail.example.org\r\n"
        f"To: {token_address}\r\nSubject: Undelivered ({number})\r\nMessage-ID: <bounce.{number}@mail.example.org>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such mailbox.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.org\r\n\r\n"
        "Final-Recipient: rfc822; somebody@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()


def test_where_a_language_is_in_doubt_the_senders_earlier_one_decides(post: Post) -> None:
    post.deliver(letter(1, text="Bonjour, je souhaite savoir où trouver le formulaire de pétition. Merci beaucoup."))
    assert post.mailroom.once() == 0
    short = letter(2, sender="person1@example.com", text="P-123-20").replace(b"How do I file a petition?", b"")
    post.deliver(short)
    assert post.mailroom.once() == 0
    answers = [one.data for one in post.sink.received() if not one.sender]
    assert [b"Content-Language: fr\r\n" in one for one in answers] == [True, True]
    assert post.audit() == []


def test_a_units_out_of_office_is_filed_and_goes_to_nobody(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (forward,) = [one for one in post.sink.received() if one.sender]
    away = letter(2, sender="petitions-registry@example.org", text="I am away until Monday.")
    away = away.replace(b"To: support@example.org", b"To: " + forward.sender.encode())
    post.account.deliver(away.replace(b"MIME-Version", b"Auto-Submitted: auto-replied\r\nMIME-Version"))
    assert post.mailroom.once() == 0
    assert len(post.sink.received()) == 2
    assert post.account.count("Mailroom/Automatic") == 1


@pytest.mark.provokes("rules-refused")
def test_a_broken_rules_file_changes_nothing_and_a_right_one_takes_effect(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to='["it@example.org"]')
    rules = post.mailroom.folder / "rules.yaml"
    good = rules.read_text(encoding="utf-8")
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        rules.write_text("units: [", encoding="utf-8")
        until(lambda: "policy-refused" in running.logged())
        assert running.command("status").returncode == 1
        until(lambda: len(post.sink.received()) == 2)  # staff and the administrator are told, once
        assert {one.recipient for one in post.sink.received()} == {"support-team@example.org", "it@example.org"}
        assert all(b"rules.yaml:1:" in one.data.replace(b"=\r\n", b"") for one in post.sink.received())
        rules.touch()
        post.deliver(letter(1))
        until(lambda: post.account.count() == 0)
        rules.write_text(good.replace("petitions-registry@example.org", "registry@example.org"), encoding="utf-8")
        until(lambda: "policy-in-force" in running.logged())
        post.deliver(letter(2))
        until(lambda: post.account.count() == 0)
    assert post.audit() == []
    forwards = [one.recipient for one in post.sink.received() if b"X-Mailroom-Unit" in one.data]
    assert forwards == ["petitions-registry@example.org", "registry@example.org"]
    assert len(post.sink.received()) == 6


def test_a_restart_over_a_broken_rules_file_goes_on_with_the_last_good_one(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (post.mailroom.folder / "rules.yaml").write_text("units: [", encoding="utf-8")
    post.deliver(letter(2))
    assert post.mailroom.once() == 0
    assert [one for one in post.audit() if "alert" not in one] == []
    assert post.forwards() == 2


def test_old_mail_is_forwarded_and_not_acknowledged(post: Post) -> None:
    from datetime import UTC, datetime, timedelta

    post.account.deliver(letter(1), internal_date=datetime.now(UTC) - timedelta(days=2))
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (1, 0)


@pytest.mark.parametrize("polite", [True, False], ids=["with In-Reply-To", "without any header"])
def test_a_machine_that_answers_everything_is_answered_a_few_times_at_most(post: Post, polite: bool) -> None:
    """Somebody's ticket system answers each acknowledgement with a fresh message: the exchange must end (T-14)."""
    post.deliver(letter(0, sender="tickets@example.net"))
    with post.mailroom.running():
        for number in range(1, 7):
            until(lambda: post.account.count() == 0)
            answers = [one for one in post.sink.received() if not one.sender]
            if len(answers) < number:
                break
            identity = re.search(rb"(?m)^Message-ID: (\S+)", answers[-1].data)
            assert identity is not None
            extra = f"In-Reply-To: {identity[1].decode()}\r\n" if polite else ""
            text = f"Thank you, your ticket number is {number}. How do I file a petition?"
            post.deliver(letter(number, sender="tickets@example.net", text=text, extra=extra))
        until(lambda: post.account.count() == 0)
    assert post.audit() == []
    assert post.answers() == (1 if polite else 3)
    assert post.forwards() == len(post.injected)


def test_nothing_of_a_message_stands_in_the_log(post: Post) -> None:
    post.deliver(
        letter(1, sender="canary-address@example.com", text="canary-text", extra="X-Canary: canary-header\r\n")
    )
    post.sink.script(Fault("rcpt", code=550, text="5.1.1 <canary-reply@example.com>: no", count=1))
    assert post.mailroom.once() == 0
    log = post.mailroom.logged()
    assert "decided" in log
    assert "canary" not in log
    assert "petition? (1)" not in log


def test_the_state_is_private(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    state = post.mailroom.folder / "state"
    assert [str(file) for file in [state, *state.rglob("*")] if file.stat().st_mode & 0o077] == []
