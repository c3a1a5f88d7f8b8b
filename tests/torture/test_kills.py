"""Kills at every step and at random moments, over real servers; the audit is the only oracle.

In `make test` a part of the steps, another one each day; all of them with MAILROOM_TORTURE=1 (`make torture`);
MAILROOM_KILLS is how many kills at random moments.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from datetime import date
from pathlib import Path

import pytest

from mailroom.stages.dispatch import AHEAD
from tests.scenarios.conftest import between
from tests.scenarios.installation import FEW_RULES, until
from tests.scenarios.mail import letter, newsletter
from tests.scenarios.test_whole_way import due_now
from tests.servers.audit import Injected
from tests.servers.dovecot import Account, Dovecot
from tests.servers.enquiries import load
from tests.servers.sink import Fault, Sink

WHOLE = os.environ.get("MAILROOM_TORTURE") == "1"
STEP = 1 if WHOLE else 7
SELDOM = 1 if WHOLE else 4  # in `make test` the other failures than kills are tried at a fourth as many effects
MESSAGES = 20 if WHOLE else 5
KILLS = int(os.environ.get("MAILROOM_KILLS", "50" if WHOLE else "5"))
CANARY = "zanahoria"
LANES = 4  # a kill leaves at most so many acknowledgements whose fate is unknown
REPEATS = LANES * AHEAD  # forwards that the relay has taken while the ledger does not say so yet (D-06, D-08)


def mixed(count: int) -> list[tuple[bytes, bool]]:
    """So many messages of all kinds, with whether each may be answered; CANARY stands in each."""
    found = []
    for n in range(count):
        kinds = [
            (letter(n, text=f"How do I file a petition, {CANARY}?"), True),
            (newsletter(n).replace(b"The news", f"{CANARY}: the news".encode()), False),
            (letter(n, text=f"They are coming back tonight to kill my brother, {CANARY}."), True),
            (letter(n, text=CANARY, extra="Auto-Submitted: auto-generated\r\n"), False),
            (b"\x01\xff no header at all, %d %s\r\n" % (n, CANARY.encode()), False),
        ]
        found.append(kinds[n % len(kinds)])
    return found


@pytest.mark.parametrize("mode", ["kill", "raise", "full", "hang"])
def test_whatever_fails_at_the_nth_effect_loses_nothing_and_repeats_no_answer(
    dovecot: Dovecot, sink: Sink, tmp_path: Path, mode: str
) -> None:
    """The Nth effect fails, for N = 1, 2, 3 … until a run ends untouched; then a pass without faults, and the audit."""
    step = STEP if mode == "kill" else STEP * SELDOM
    number = 1 if WHOLE else 1 + date.today().toordinal() % step
    failed = 0
    while True:
        sink.clear()
        account = Account(dovecot, f"{mode}-{secrets.token_hex(4)}")
        post = between(
            account, sink, tmp_path / str(number), rules=FEW_RULES, mailroom__workers="1", imap__idle="false"
        )
        for raw, answer in mixed(MESSAGES):
            post.deliver(raw, answer=answer)
        process = post.mailroom.start(module="tests.scenarios.driven", words=(mode, str(number)))
        hangs = post.mailroom.folder / "hangs"
        if mode == "hang":
            until(lambda p=process, h=hangs: p.poll() is not None or h.exists(), 60)  # type: ignore[misc]
            if hangs.exists():
                process.kill()  # what systemd's watchdog does
        code = process.wait(120)
        untouched = code == 0 and int((post.mailroom.folder / "effects").read_text()) < number
        due_now(post)
        assert post.mailroom.once() == 0, f"{mode} at effect {number}"
        assert post.audit(repeats=REPEATS) == [], f"{mode} at effect {number}"
        assert CANARY not in post.mailroom.logged(), f"{mode} at effect {number}"
        if untouched:
            break
        failed += 1
        number += step
    print(f"{mode}: {failed} runs that failed at their effect, up to effect {number - step}", flush=True)
    assert failed >= (60 // step or 1)


def test_random_kills_over_the_practice_enquiries_leave_a_clean_audit(
    dovecot: Dovecot, sink: Sink, tmp_path: Path
) -> None:
    """Every enquiry exactly once forwarded, but for repeats under the same Message-ID; no answer twice.

    A relay that takes its time makes a pass of about six seconds; each kill comes somewhere in it. What a mailbox
    leaves to kill is used up after a few, so there are several mailboxes, each with all enquiries.
    """
    kills, chance, enquiries = KILLS, random.Random(20261102), load()
    sink.script(Fault("dot", "delay", seconds=0.06))
    killed = mailboxes = 0
    while killed < kills:
        mailboxes += 1
        sink.clear()
        account = Account(dovecot, f"kills-{secrets.token_hex(4)}")
        post = between(account, sink, tmp_path / str(mailboxes), imap__idle="false")
        dovecot.deliver_all(account.user, [one.raw for one in enquiries])
        post.injected += [
            Injected(one.raw, one.id, may_be_acknowledged=one.expected["acknowledge"]) for one in enquiries
        ]
        here = 0
        while killed < kills and account.count():
            process = post.mailroom.start(words=("once",))
            time.sleep(chance.uniform(0.5, 5.0))
            if process.poll() is None:
                post.mailroom.kill()
                killed += 1
                here += 1
        assert post.mailroom.once() == 0
        assert post.audit(repeats=REPEATS * here) == []
        assert account.count() == 0
        with post.mailroom.ledger() as ledger:
            lost = sum(row.answer == "unknown" for row in ledger.overview())
        assert lost <= LANES * here
        assert post.answers() >= sum(one.expected["acknowledge"] for one in enquiries) - lost
        print(f"{killed} kills over {mailboxes} mailboxes of {len(enquiries)}: clean", flush=True)
