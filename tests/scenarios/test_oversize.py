"""I-22, F-13: originals above max_size cost little memory and are announced; those below it go whole."""

from __future__ import annotations

import base64
import hashlib
import os

import pytest

from tests.scenarios.conftest import Post
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.scenarios.memory import Memory

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
