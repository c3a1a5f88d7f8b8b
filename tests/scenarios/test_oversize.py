"""I-22, F-13: originals above max_size cost little memory and are announced; those below it go whole.

F-13, F-14, F-21: so is one that the unit's own server does not take.
"""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import os
import sqlite3

import pytest

from tests.scenarios.conftest import Post
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.scenarios.memory import Memory
from tests.servers.sink import Fault, Received

MB = 10**6


def with_attachment(number: int, octets: int) -> bytes:
    """A message of about so many octets, most of them an attachment behind an ordinary question."""
    plain = letter(number).decode()
    head, _, text = plain.partition("\r\n\r\n")
    head = head.replace("Content-Type: text/plain; charset=utf-8", 'Content-Type: multipart/mixed; boundary="b"')
    line = base64.b64encode(os.urandom(57)) + b"\r\n"
    start = (
        f"{head}\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b\r\n"
        'Content-Type: application/pdf; name="scan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return start.encode() + line * (octets // len(line)) + b"--b--\r\n"


@pytest.mark.parametrize(("octets", "most"), [(50 * MB, 64 * MB), (200 * MB, 64 * MB), (34 * MB, 200 * MB)])
def test_i22_a_large_original_costs_little_above_idle(post: Post, octets: int, most: int) -> None:
    raw = with_attachment(2, octets)
    with post.mailroom.running():
        post.account.deliver(letter(1))
        until(lambda: post.account.count() == 0)
        process = post.mailroom._process
        assert process is not None
        memory = Memory(process.pid)
        memory.reset()
        post.account.deliver(raw)
        until(lambda: post.forwards() == 2 and post.account.count() == 0, 120)
        cost = memory.above_idle()
    print(f"{octets // MB} MB: {cost / MB:.0f} MB above idle")
    assert cost <= most
    forward = [one.data for one in post.sink.received() if b"X-Mailroom-Unit:" in one.data][-1]
    if octets > 35 * MB:
        assert len(forward) < MB
        text = forward.replace(b"=\r\n", b"")
        assert b"WITHOUT ORIGINAL" in text or b"SIN ORIGINAL" in text
        assert hashlib.sha256(raw).hexdigest().encode() in text
        assert b"how do I file a petition" in text
    else:
        assert len(forward) > octets


# -------------------------------------------------------------------- what the unit's own server does not take


def notices(post: Post) -> list[Received]:
    return [one for one in post.sink.received() if one.sender]


@pytest.mark.parametrize(
    "fault",
    [
        None,  # F-13: the announced SIZE is smaller, so it is not even offered
        Fault("mail", code=552, text="5.3.4 message size exceeds fixed limit", count=1),
        Fault("dot", code=552, text="5.3.4 too big", count=1),  # F-14: no SIZE announced
        Fault("dot", code=552, text="too much", count=1),
        Fault("dot", code=554, text="5.6.0 we do not take this kind of attachment", count=1),  # F-21
        Fault("dot", code=552, text="5.7.0 blocked for the content of an attachment", count=1),
    ],
    ids=["size", "mail", "dot", "bare", "media", "content"],
)
def test_f13_a_unit_whose_server_does_not_take_the_original_gets_a_notice(post: Post, fault: Fault | None) -> None:
    raw = with_attachment(1, 100_000)
    if fault is None:
        post.sink.script(size=50_000)
    else:
        post.sink.script(fault)
    post.account.deliver(raw)
    assert post.mailroom.once() == 0
    (one,) = notices(post)
    assert one.recipient == "petitions-registry@example.org"
    parsed = email.message_from_bytes(one.data, policy=email.policy.default)
    assert parsed["Subject"].startswith("[SIN ORIGINAL] ")
    assert parsed.get_content_type() == "text/plain"
    text = parsed.get_content()
    assert hashlib.sha256(raw).hexdigest() in text
    assert "how do I file a petition" in text
    assert "carpeta Done/petitions-registry." in text
    assert "> From: " in text and "> MIME-Version: 1.0" in text
    assert "original.eml" not in text
    assert post.answers() == 1  # the unit knows of it: the person may be told that it arrived
    assert post.account.count() == 0
    assert post.account.count("Mailroom/Done/petitions-registry") == 1


def test_a_full_mailbox_is_no_matter_of_the_original(post: Post) -> None:
    post.sink.script(Fault("dot", code=552, text="5.2.2 mailbox full", count=1))
    post.account.deliver(letter(1))
    assert post.mailroom.once() == 0
    (one,) = notices(post)
    assert one.recipient == "petitions-processing@example.org"  # the fallback, with the original
    assert b"original.eml" in one.data


def test_a_notice_that_is_refused_as_well_goes_to_the_fallback(post: Post) -> None:
    post.sink.script(Fault("dot", code=552, text="5.3.4 no", recipient="petitions-registry@example.org"))
    post.account.deliver(letter(1))
    assert post.mailroom.once() == 0
    (one,) = notices(post)
    assert one.recipient == "petitions-processing@example.org"
    assert b"[SIN ORIGINAL]" in one.data
    assert post.answers() == 1


def test_a_notice_whose_answer_is_lost_goes_again_as_the_same_octets(post: Post) -> None:
    post.sink.script(
        Fault("dot", code=552, text="5.3.4 no", count=1),
        Fault("dot", "close", recipient="*registry*", count=1),
    )
    post.account.deliver(letter(1))
    assert post.mailroom.once() == 1
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as ledger:
        ledger.execute("UPDATE submission SET due_at = 0")
    assert post.mailroom.once() == 0
    first, second = notices(post)
    assert first.data == second.data
    assert b"[SIN ORIGINAL]" in first.data
