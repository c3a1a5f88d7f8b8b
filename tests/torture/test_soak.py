"""Hours of work with kills, cuts and a colleague in the same inbox: nothing is lost, and what it costs stays flat.

MAILROOM_SOAK is for how many minutes (`make soak MINUTES=60`); in `make test` it is a third of a minute, which shows
that the audit is clean and says nothing about what is flat.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailroom.stages.dispatch import AHEAD
from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter, newsletter
from tests.scenarios.memory import family, status
from tests.scenarios.test_churn import Colleague
from tests.scenarios.test_whole_way import due_now
from tests.servers.dovecot import Account
from tests.servers.proxy import Proxy
from tests.servers.sink import Sink

MINUTES = float(os.environ.get("MAILROOM_SOAK", "0.33"))
LANES = 4
MB = 10**6


@dataclass(frozen=True)
class Sample:
    """What the daemon and its state cost at one moment."""

    minute: float
    memory: int  # octets, all its processes
    descriptors: int
    wal: int  # octets
    disk: int  # octets of the whole state


def sample(post: Post, minute: float) -> Sample | None:
    """None where no daemon is up, or one that has only begun."""
    process = post.mailroom._process
    if process is None or process.poll() is not None:
        return None
    pids = family(process.pid)
    state = post.mailroom.folder / "state"
    sizes = {}
    for file in state.rglob("*"):
        try:
            sizes[file] = file.stat().st_size
        except FileNotFoundError:  # it was a scrap of the spool
            continue
    return Sample(
        minute=minute,
        memory=sum(status(pid, "VmRSS") for pid in pids),
        descriptors=sum(_descriptors(pid) for pid in pids),
        wal=sum(size for file, size in sizes.items() if file.name.endswith("-wal")),
        disk=sum(sizes.values()),
    )


def _descriptors(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


@pytest.mark.timeout(MINUTES * 60 + 300)
def test_a_soak_with_kills_and_cuts_loses_nothing_and_stays_flat(mailbox: Account, sink: Sink, tmp_path: Path) -> None:
    chance = random.Random(20261124)
    samples: list[Sample] = []
    kills = cuts = number = 0
    with Proxy(mailbox.port) as imap, Proxy(sink.port) as smtp:
        post = between(mailbox, sink, tmp_path, imap__port=str(imap.port), smtp__port=str(smtp.port))
        begun = time.monotonic()
        trouble, measured = begun + 10, begun
        post.mailroom.start()
        up = begun
        colleague = Colleague(post, pause=0.3, gives_back=True)
        colleague.start()
        while (now := time.monotonic()) < begun + MINUTES * 60:
            list_mail = number % 7 == 0
            post.deliver(newsletter(number) if list_mail else letter(number), answer=not list_mail)
            number += 1
            if now >= trouble:
                trouble = now + chance.uniform(10, 40)
                match chance.randrange(5):
                    case 0:
                        post.mailroom.kill()
                        post.mailroom.start()
                        kills, up = kills + 1, now
                    case 1:
                        imap.cut()
                    case 2:
                        smtp.cut()
                        cuts += 1
                    case 3:
                        smtp.cut_after(chance.randrange(200, 3000))
                        cuts += 1
                    case 4:
                        smtp.freeze()
                        time.sleep(1)
                        smtp.thaw()
            if now - measured >= min(10, MINUTES * 6) and now - up > 8:
                measured = now
                if (one := sample(post, (now - begun) / 60)) is not None:
                    samples.append(one)
            time.sleep(max(0.0, now + 1 - time.monotonic()))
        there = colleague.is_alive()
        colleague.done.set()
        colleague.join(20)
        due_now(post)
        until(lambda: mailbox.count() == 0, 120)
        post.mailroom.stop()
        due_now(post)
        assert post.mailroom.once() == 0
    told = f"{number} messages in {MINUTES:g} minutes, {kills} kills, {cuts} cuts of the relay"
    told += f", {colleague.deeds} deeds of a colleague"
    if MINUTES >= 3:
        third = max(len(samples) // 3, 1)
        first, last = samples[:third], samples[-third:]
        print(told)
        for name in ("memory", "descriptors", "wal", "disk"):
            before, after = (statistics.median(getattr(one, name) for one in some) for some in (first, last))
            print(f"  {name:12} {_shown(name, before)} at first, {_shown(name, after)} at last")
        grown = statistics.median(one.memory for one in last) / statistics.median(one.memory for one in first)
        assert grown < 1.2
        assert max(one.descriptors for one in last) <= max(one.descriptors for one in first) + 10
        assert max(one.wal for one in samples) < 30 * MB
    findings = post.audit(repeats=kills * LANES * AHEAD + cuts * LANES)
    # Two sessions that move one message at one moment make two of it in Dovecot (tried: 392 of 400), and both are
    # filed. One that is filed nowhere, or three times, is no such thing.
    moved = {one.name for one in post.injected if one.sha256 in colleague.given_back}
    twice = re.compile(r"(.*): filed 2 times, put in 1 times: .*")
    left = [one for one in findings if not ((found := twice.fullmatch(one)) and found[1] in moved)]
    print(*findings, sep="\n")
    assert left == []
    assert there, "the colleague went away before the end"


def _shown(name: str, value: float) -> str:
    return f"{value:6.0f}" if name == "descriptors" else f"{value / MB:6.1f} MB"
