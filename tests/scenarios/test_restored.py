"""A restored backup, and the list of those who get no answer. Real servers, the real daemon."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Fault, Sink


def numbers(post: Post) -> list[int]:
    """The running numbers of all references that went out."""
    found = [re.search(rb"X-Mailroom-Reference: SU-\d{4}-(\d+)-", one.data) for one in post.sink.received()]
    return sorted({int(one[1]) for one in found if one})


@pytest.mark.provokes("ledger-restored")
@pytest.mark.parametrize("by", ["command", "hand"])
def test_after_a_restore_nobody_is_answered_twice_and_all_is_forwarded(
    mailbox: Account, sink: Sink, tmp_path: Path, by: str
) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to='["it@example.org"]')
    folder, copy = post.mailroom.folder, tmp_path / "copy.db"
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    assert post.mailroom.command("backup", str(copy)).returncode == 0
    post.deliver(letter(2), letter(3))  # answered after the backup
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (3, 3)
    for raw in post.account.messages("Mailroom/Done/petitions-registry"):  # a server's restore brings them back
        post.account.deliver(raw)
    if by == "command":
        done = post.mailroom.command("restore", str(copy))
        assert done.returncode == 0, done.stderr
        assert "Nobody is acknowledged until: mailroom restore --finished" in done.stdout
        assert len(list((folder / "state").glob("ledger-before-*.db"))) == 1
    else:
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            (folder / "state" / name).unlink(missing_ok=True)
        shutil.copy(copy, folder / "state" / "ledger.db")
    post.deliver(letter(4))
    assert post.mailroom.once() == 0
    assert post.answers() == 3  # as many as before
    assert post.forwards() == 6  # the first is known; two repeat, one is new
    assert numbers(post) == [1, 2, 3, 100_002, 100_003, 100_004]  # no number twice
    assert sum(b"restaur" in one.data.replace(b"=\r\n", b"") for one in post.sink.received()) == 3
    status = post.mailroom.command("status")
    assert status.returncode == 1
    assert "mailroom restore --finished" in status.stdout
    assert any(b"restored backup" in one.data for one in post.sink.received() if one.recipient == "it@example.org")
    assert post.mailroom.command("restore", "--finished").returncode == 0
    post.deliver(letter(5))
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (7, 4)


def test_what_waited_to_be_answered_in_the_backup_counts_as_answered(post: Post, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=451))
    assert post.mailroom.once() == 1
    assert post.mailroom.command("backup", str(copy)).returncode == 0
    assert post.mailroom.command("restore", str(copy)).returncode == 0
    post.sink.script()
    rows = map(json.loads, post.mailroom.command("queue", "list", "--json").stdout.splitlines())
    (forward,) = [one["id"] for one in rows if "/forward/" in one["id"]]
    assert post.mailroom.command("queue", "retry", forward).returncode == 0
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (1, 0)


def test_a_file_that_is_no_backup_changes_nothing(post: Post, tmp_path: Path) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    wrong = tmp_path / "wrong.db"
    wrong.write_text("this is no ledger", encoding="utf-8")
    done = post.mailroom.command("restore", str(wrong))
    assert done.returncode == 2
    assert "this backup cannot be used" in done.stderr
    assert post.mailroom.command("status").returncode == 0
    assert [one.name for one in (post.mailroom.folder / "state").iterdir() if "restoring" in one.name] == []


def test_restore_waits_for_the_daemon_to_stop(post: Post, tmp_path: Path) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    copy = tmp_path / "copy.db"
    assert post.mailroom.command("backup", str(copy)).returncode == 0
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        done = running.command("restore", str(copy))
        assert done.returncode == 2
        assert "another mailroom works with this state directory" in done.stderr


def test_a56_a_person_on_the_list_gets_no_answer_in_any_spelling(post: Post) -> None:
    post.deliver(letter(1, sender="Milagros@example.com"))
    assert post.mailroom.once() == 0
    assert post.mailroom.command("no-answer", "add", "milagros+news@EXAMPLE.com").returncode == 0
    post.deliver(letter(2, sender="milagros@example.com"), letter(3))
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (3, 2)
    listed = post.mailroom.command("no-answer", "list").stdout
    assert "by hand" in listed
    assert "milagros" not in listed.lower()
    assert post.mailroom.command("no-answer", "remove", "milagros@example.com").returncode == 0
    late = post.mailroom.command("no-answer", "remove", "milagros@example.com")
    assert late.returncode == 2
    assert "not on the list" in late.stderr
    post.deliver(letter(4, sender="milagros@example.com"))
    assert post.mailroom.once() == 0
    assert post.answers() == 3


def test_t16_an_alias_that_never_answers(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, acknowledgements__never_from='["confidential@example.org"]')
    quiet = letter(1).replace(b"To: support@", b"To: Confidential@")
    post.deliver(quiet, answer=False)
    post.deliver(letter(2, extra="Cc: confidential@example.org\r\n"), answer=False)
    post.deliver(letter(3))
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (3, 1)


@pytest.mark.provokes("called-spam")
def test_a25_whoever_calls_our_answer_spam_gets_no_further_one(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    post = between(mailbox, sink, tmp_path, alerts__to='["it@example.org"]')
    post.deliver(letter(1, sender="milagros@example.com"))
    assert post.mailroom.once() == 0
    answer = next(one.data for one in post.sink.received() if one.sender == "")
    post.deliver(complaint(answer), answer=False)
    assert post.mailroom.once() == 0
    assert any(b"unwanted" in one.data for one in post.sink.received() if one.recipient == "it@example.org")
    post.deliver(letter(2, sender="milagros@example.com"))
    assert post.mailroom.once() == 0
    assert post.answers() == 1


def complaint(about: bytes) -> bytes:
    """A feedback report as RFC 5965 writes it; the person's address is left out, as providers do."""
    head = about.partition(b"\r\n\r\n")[0]
    return (
        b"Return-Path: <fbl@example.net>\r\n"
        b"Authentication-Results: mail.example.org; spf=pass smtp.mailfrom=example.net; dmarc=pass\r\n"
        b"From: fbl@example.net\r\nTo: support@example.org\r\nSubject: complaint about a message\r\n"
        b"Message-ID: <fbl.1@example.net>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=feedback-report; boundary="edge"\r\n\r\n'
        b"--edge\r\nContent-Type: text/plain\r\n\r\nA user says that this message is unwanted.\r\n"
        b"--edge\r\nContent-Type: message/feedback-report\r\n\r\n"
        b"Feedback-Type: abuse\r\nUser-Agent: Example/1.0\r\nVersion: 1\r\n"
        b"--edge\r\nContent-Type: text/rfc822-headers\r\n\r\n" + head + b"\r\n--edge--\r\n"
    )
