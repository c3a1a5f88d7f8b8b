"""What is kept, for how long, and how it goes: erasure on request, retention; letters; the report. Real servers."""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.ledger import Ledger
from mailroom.spool import Spool
from mailroom.stages.retention import forget
from tests.scenarios.conftest import Post
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.sink import Fault

CANARY = "zanahoria"  # a word of the message, found nowhere else
ADDRESS = "Milagros.Q@example.com"


def on_disk(folder: Path, *words: str) -> list[str]:
    """Every file under a folder, whatever it is, in which one of these words stands (in base64 too)."""
    found = []
    for file in folder.rglob("*"):
        data = file.read_bytes().lower() if file.is_file() else b""
        found += [f"{file.name}: {word}" for word in words if word.lower().encode() in data]
    return found


def test_t26_erase_leaves_nothing_of_the_person_in_any_file(post: Post) -> None:
    post.deliver(letter(1, sender=ADDRESS, text=f"Good morning, {CANARY}, how do I file a petition?"), letter(2))
    assert post.mailroom.once() == 0
    state = post.mailroom.folder / "state"
    assert on_disk(state, ADDRESS, CANARY)
    looked = post.mailroom.command("erase", ADDRESS.lower())
    assert looked.returncode == 0, looked.stderr
    assert "     1  in ledger and spool" in looked.stdout
    assert "Nothing was changed. To erase: --yes" in looked.stdout
    assert on_disk(state, CANARY)
    done = post.mailroom.command("erase", "milagros.q+x@EXAMPLE.com", "--yes")  # another spelling of the same person
    assert done.returncode == 0, done.stderr
    assert "Erased." in done.stdout
    assert on_disk(post.mailroom.folder, ADDRESS, CANARY) == []
    left = [raw for folder in post.account.contents().values() for raw in folder]
    assert len(left) == 1  # the other person's
    assert ADDRESS.encode() not in left[0]
    report = json.loads(post.mailroom.command("report", "--json").stdout)
    assert report["messages"] == 2  # counts stay
    again = post.mailroom.command("erase", ADDRESS, "--yes", "--json")
    assert json.loads(again.stdout) == {"messages": [], "under_way": [], "folders": {}, "erased": False}


def test_erase_waits_for_what_is_on_its_way(post: Post) -> None:
    post.deliver(letter(1, sender=ADDRESS))
    post.sink.script(Fault("rcpt", code=451))
    assert post.mailroom.once() == 1
    done = post.mailroom.command("erase", ADDRESS, "--yes")
    assert done.returncode == 1
    assert "goes to its unit first" in done.stdout
    assert post.account.count() == 1


def test_what_was_erased_is_known_again_and_not_answered_twice(post: Post) -> None:
    mail = letter(1, sender=ADDRESS)
    post.deliver(mail)
    assert post.mailroom.once() == 0
    assert post.mailroom.command("erase", ADDRESS, "--yes").returncode == 0
    post.account.deliver(mail)
    assert post.mailroom.once() == 0
    assert (post.forwards(), post.answers()) == (1, 1)


def test_retention_takes_the_content_and_leaves_the_counts(post: Post) -> None:
    post.deliver(letter(1, sender=ADDRESS, text=f"Good morning, {CANARY}, how do I file a petition?"))
    assert post.mailroom.once() == 0
    state = post.mailroom.folder / "state"
    with post.mailroom.ledger() as ledger:
        spool = Spool(state / "spool")
        now = datetime.now(UTC)
        assert forget(ledger, spool, timedelta(days=90), now + timedelta(days=89)) == 0
        assert forget(ledger, spool, timedelta(days=90), now + timedelta(days=91)) == 1
        assert forget(ledger, spool, timedelta(days=90), now + timedelta(days=91)) == 0
        assert ledger.spooled() == frozenset()
    assert on_disk(state, ADDRESS, CANARY) == []
    assert list((state / "spool").iterdir()) == []
    (reference,) = re.findall(r"SU-\d{4}-\d{6}-\w", post.mailroom.command("report", "--json").stdout) or [None]
    assert reference is None  # a report names no message
    with sqlite3.connect(state / "ledger.db") as db:
        ((reference, unit),) = db.execute("SELECT reference, unit FROM message").fetchall()
    assert unit == "petitions-registry"
    story = post.mailroom.command("show", reference)
    assert "forgotten" in story.stdout
    assert post.mailroom.command("replay").returncode == 0  # nothing is left to decide again


def test_a_kill_between_the_row_and_the_file_leaves_an_orphan_for_the_sweep(tmp_path: Path) -> None:
    ledger, spool = Ledger(tmp_path / "ledger.db"), Spool(tmp_path / "spool")
    (original,) = spool.put([letter(1)])
    assert original.sha256 not in ledger.spooled()
    os.utime(spool.path(original.sha256), (0, 0))
    assert spool.sweep(ledger.spooled()) == 1
    ledger.close()


def test_the_daemon_forgets_by_itself(post: Post) -> None:
    post.deliver(letter(1, sender=ADDRESS, text=CANARY))
    assert post.mailroom.once() == 0
    state = post.mailroom.folder / "state"
    with sqlite3.connect(state / "ledger.db") as db:
        db.execute("UPDATE message SET filed_at = filed_at - 91 * 86400")
    with post.mailroom.running() as running:
        until(lambda: "forgotten" in running.logged())
    assert on_disk(state, ADDRESS, CANARY) == []


@pytest.mark.parametrize("address", [None, "lucia@example.net"])
def test_a_letter_goes_the_way_of_an_e_mail(post: Post, tmp_path: Path, address: str | None) -> None:
    text, scan = tmp_path / "letter.txt", tmp_path / "página 1.pdf"
    text.write_text("Buenos días: quiero presentar una petición. ¿Dónde está el formulario?", encoding="utf-8")
    scan.write_bytes(b"%PDF-1.4 " + bytes(range(256)))
    words = ["intake", "--channel", "post", "--text", str(text), "--scan", str(scan), "--name", "Lucía Peña"]
    done = post.mailroom.command(*words, *(["--address", address] if address else []))
    assert done.returncode == 0, done.stderr
    assert "Entered: " in done.stdout
    assert post.account.count() == 1
    assert post.mailroom.once() == 0
    assert post.account.count() == 0
    assert post.forwards() == 1
    assert post.answers() == (1 if address else 0)
    forward = next(one for one in post.sink.received() if one.sender)
    note = forward.data.replace(b"=\r\n", b"")
    assert b"correo postal" in note
    report = json.loads(post.mailroom.command("report", "--json").stdout)
    assert report["tables"]["Channel"] == [["post", 1]]


def test_nobody_outside_can_say_that_mail_is_a_letter(post: Post) -> None:
    post.deliver(letter(1, extra="X-Mailroom-Intake: post aaaaaaaaaaaaaaaa\r\n"))
    assert post.mailroom.once() == 0
    report = json.loads(post.mailroom.command("report", "--json").stdout)
    assert report["tables"]["Channel"] == [["inbox", 1]]


def test_intake_says_what_is_missing(post: Post, tmp_path: Path) -> None:
    empty = post.mailroom.command("intake", "--channel", "post")
    assert empty.returncode == 2
    assert "there is nothing to enter" in empty.stderr
    text = tmp_path / "letter.txt"
    text.write_text("x", encoding="utf-8")
    wrong = post.mailroom.command("intake", "--channel", "post", "--text", str(text), "--address", "no\r\nBcc: a@b")
    assert wrong.returncode == 2
    assert "no e-mail address" in wrong.stderr
    assert post.account.count() == 0


def test_the_report_counts_without_a_word_of_a_message(post: Post, tmp_path: Path) -> None:
    post.deliver(
        letter(1, sender=ADDRESS, text=CANARY), letter(2), letter(3, extra="Auto-Submitted: auto-generated\r\n")
    )
    assert post.mailroom.once() == 0
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    done = post.mailroom.command("report", "--html", str(page), "--csv", str(table))
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(table.open(encoding="utf-8")))
    assert rows[:2] == [["table", "what", "count"], ["All", "messages", "3"]]
    assert ["Acknowledgement", "sent", "2"] in rows
    assert ["Acknowledgement", "none: auto-submitted", "1"] in rows
    said = page.read_text(encoding="utf-8") + post.mailroom.command("report").stdout
    assert "half within" in said
    for word in (CANARY, "example.com", "petition?"):
        assert word not in said


def test_the_queue_is_mended_by_hand(post: Post) -> None:
    post.deliver(letter(1))
    post.sink.script(Fault("rcpt", code=451))
    assert post.mailroom.once() == 1
    lines = post.mailroom.command("queue", "list", "--json").stdout.splitlines()
    (identity,) = [one["id"] for one in map(json.loads, lines) if "/forward/" in one["id"]]
    listed = post.mailroom.command("queue", "list").stdout
    assert "1 attempt, next " in listed
    assert "goes out after its forward" in listed
    assert "0 to decide, 2 to send (2 not yet due)" in post.mailroom.command("status").stdout
    shown = post.mailroom.command("queue", "show", identity)
    assert "deferred" in shown.stdout
    assert "person1" not in shown.stdout
    refused = post.mailroom.command("queue", "cancel", identity)
    assert refused.returncode == 2
    assert "nobody else gets this message" in refused.stderr
    post.sink.script()
    assert post.mailroom.command("queue", "retry", identity).returncode == 0
    assert post.mailroom.once() == 0
    assert post.audit() == []
    for verb in ("retry", "cancel"):
        late = post.mailroom.command("queue", verb, identity)
        assert late.returncode == 2
        assert "accepted" in late.stderr
    unknown = post.mailroom.command("queue", "show", "SU-2026-000001-X/forward/press/0")
    assert unknown.returncode == 2
    assert "there is no SU-2026-000001-X" in unknown.stderr


def test_a_backup_that_cannot_be_written_is_said_in_a_line(post: Post) -> None:
    assert post.mailroom.once() == 0
    done = post.mailroom.command("backup", "/proc/nowhere/ledger.db")
    assert done.returncode == 2
    assert "cannot write /proc/nowhere/ledger.db: " in done.stderr
