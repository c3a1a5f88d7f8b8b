"""A disk that is full: nothing is lost, nothing is sent without a record, and it goes on by itself (standards 4.3)."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.conftest import between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Fault, Sink


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB of this test alone."""
    folder = tmp_path / "mailroom" / "state"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leave: int = 0) -> Path:
    """Take all room but so many octets."""
    file = folder / "filler"
    out = os.open(file, os.O_CREAT | os.O_WRONLY)
    for size in (65536, 512):
        with contextlib.suppress(OSError):
            while True:
                os.write(out, b"\0" * size)
    os.close(out)
    if leave:
        os.truncate(file, file.stat().st_size - leave)
    return file


def large(number: int) -> bytes:
    return letter(number, text="How do I file a petition?\r\n\r\n" + "It is a long story. " * 10 + "\r\n" * 30_000)


@pytest.mark.provokes("disk-full")
def test_below_the_floor_mail_stays_in_the_inbox_and_people_are_told(
    mailbox: Account, sink: Sink, small_disk: Path, tmp_path: Path
) -> None:
    alerts = '["it@example.org"]'
    post = between(mailbox, sink, tmp_path, mailroom__free_space='"8MB"', alerts__to=alerts)
    with post.mailroom.running():
        post.deliver(letter(1))
        until(lambda: post.forwards() == 1)
        filler = fill(small_disk, leave=4_000_000)
        post.deliver(*[letter(n) for n in range(2, 12)])
        until(lambda: any(one.recipient == "it@example.org" for one in sink.received()))
        assert post.forwards() == 1
        until(lambda: mailbox.count() == 10)  # what was in is acknowledged and filed; nothing new comes in
        assert post.answers() == 1
        filler.unlink()
        until(lambda: mailbox.count() == 0)
    (alert, *_) = [one.data for one in sink.received() if one.recipient == "it@example.org"]
    assert b"The disk has no room" in alert
    assert post.audit() == []


def test_a_disk_that_fills_up_while_mail_is_sent_costs_nothing_but_time(
    mailbox: Account, sink: Sink, small_disk: Path, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, mailroom__free_space='"0MB"')
    sink.script(Fault("dot", "delay", seconds=0.3))
    post.deliver(*[letter(n) for n in range(20)])
    with post.mailroom.running():
        until(lambda: post.forwards() >= 2)
        filler = fill(small_disk)
        until(lambda: "disk-full" in post.mailroom.logged())
        sent = len(sink.received())
        post.deliver(*[large(n) for n in range(20, 40)])
        until(lambda: post.mailroom.logged().count("recorded") >= 1)
        assert len(sink.received()) <= sent + 8  # what was recorded as under way, and no more
        filler.unlink()
        until(lambda: mailbox.count() == 0, 60)
    assert post.audit(repeats=0) == []
    assert "stopped-by-ledger" not in post.mailroom.logged()
    assert "mistake" not in post.mailroom.logged()


def test_once_on_a_full_disk_ends_says_so_and_the_next_one_goes_on(
    mailbox: Account, sink: Sink, small_disk: Path, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, mailroom__free_space='"8MB"')
    assert post.mailroom.once() == 0
    filler = fill(small_disk, leave=2_000_000)
    post.deliver(letter(1))
    assert post.mailroom.once() == 1
    assert mailbox.count() == 1
    assert "The disk is full" in post.mailroom.command("status").stdout
    filler.unlink()
    assert post.mailroom.once() == 0
    assert post.audit() == []
    assert "The disk is full" not in post.mailroom.command("status").stdout
