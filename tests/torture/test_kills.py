"""Kills at every step and at random moments, over real servers; the audit is the only oracle.

In `make test` a part of the steps, another one each day; all of them with MAILROOM_TORTURE=1 (`make torture`).
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from datetime import date
from pathlib import Path

from tests.scenarios.conftest import between
from tests.scenarios.mail import letter, newsletter
from tests.servers.audit import Injected
from tests.servers.dovecot import Account, Dovecot
from tests.servers.enquiries import load
from tests.servers.sink import Fault, Sink

WHOLE = os.environ.get("MAILROOM_TORTURE") == "1"
STEP = 1 if WHOLE else 7
LANES = 4  # a kill leaves at most so many forwards whose fate is unknown


def test_a_kill_between_every_two_steps_loses_nothing_and_repeats_no_answer(
    dovecot: Dovecot, sink: Sink, tmp_path: Path
) -> None:
    """The Nth effect is the last that the first process makes, for N = 1, 2, 3 … until a run ends untouched."""
    number = 1 if WHOLE else 1 + date.today().toordinal() % STEP
    killed = 0
    while True:
        sink.clear()
        account = Account(dovecot, f"kill-{secrets.token_hex(4)}")
        post = between(account, sink, tmp_path / str(number), mailroom__workers="1", imap__idle="false")
        post.deliver(letter(1), letter(2))
        post.deliver(newsletter(3), answer=False)
        process = post.mailroom.start(module="tests.scenarios.driven", words=("kill", str(number)))
        code = process.wait(60)
        assert post.mailroom.once() == 0, f"effect {number}"
        assert post.audit(repeats=LANES) == [], f"effect {number}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
        killed += 1
        number += STEP
    assert killed >= 60 // STEP


def test_random_kills_over_the_practice_enquiries_leave_a_clean_audit(
    dovecot: Dovecot, sink: Sink, tmp_path: Path
) -> None:
    """Every enquiry exactly once forwarded, but for repeats under the same Message-ID; no answer twice.

    A relay that takes its time makes a pass of about six seconds; each kill comes somewhere in it. What a mailbox
    leaves to kill is used up after a few, so there are several mailboxes, each with all enquiries.
    """
    kills, chance, enquiries = (50 if WHOLE else 5), random.Random(20261102), load()
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
        assert post.audit(repeats=LANES * here) == []
        assert account.count() == 0
        with post.mailroom.ledger() as ledger:
            lost = sum(row.answer == "unknown" for row in ledger.overview())
        assert lost <= LANES * here
        assert post.answers() >= sum(one.expected["acknowledge"] for one in enquiries) - lost
