"""The checklist of when not to answer: one mail and one expected decision a case, in tests/mail (A-01 ... A-58)."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from mailroom.message import read
from mailroom.model import Ours

MAIL = Path(__file__).parent.parent / "mail"
PAIRS = sorted(MAIL.glob("A-*.eml"))
OURS = Ours(
    address="support@example.org",
    aliases=("info@example.org",),
    authserv_id="mail.example.org",
    mailboxes=frozenset({"press@example.org"}),
    envelope_from="bounces@example.org",
    key=b"practice",
)


def test_the_checklist_is_there() -> None:
    assert len(PAIRS) > 120 and len({path.name[:4] for path in PAIRS}) >= 45


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_the_decision_is_the_expected_one(path: Path) -> None:
    message = read(path.read_bytes(), OURS)
    found = {
        "silence": message.silence.code.value if message.silence else None,
        "kind": message.kind.value,
        "acknowledge_to": message.acknowledge_to,
        "asks_silence": message.asks_silence,
        "message_id": message.message_id,
        "ours": list(message.ours),
        "dsn": dataclasses.asdict(message.dsn) if message.dsn else None,
    }
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_line_endings_and_folding_change_nothing(path: Path) -> None:
    raw = path.read_bytes()
    head, _, body = raw.partition(b"\r\n\r\n")
    folded = head.replace(b"; ", b";\r\n\t") + b"\r\n\r\n" + body
    one = read(raw, OURS)
    for other in (raw.replace(b"\r\n", b"\n"), folded):
        two = read(other, OURS)
        assert (two.silence, two.kind, two.acknowledge_to, two.said) == (
            one.silence,
            one.kind,
            one.acknowledge_to,
            one.said,
        )


def test_only_addressed_mail_is_a_setting() -> None:
    raw = (MAIL / "A-28-bcc.eml").read_bytes()
    assert read(raw, dataclasses.replace(OURS, only_if_addressed=False)).silence is None


def test_without_an_authserv_id_the_envelope_decides() -> None:
    bare = dataclasses.replace(OURS, authserv_id=None)
    assert read((MAIL / "A-01-plain.eml").read_bytes(), bare).acknowledge_to == "ana@example.com"
    assert read((MAIL / "A-30-dmarc-fail.eml").read_bytes(), bare).acknowledge_to == "ana@example.com"
    assert read((MAIL / "A-30-nothing-vouches.eml").read_bytes(), bare).acknowledge_to is None
    assert read((MAIL / "A-07-no-return-path-authenticated.eml").read_bytes(), bare).acknowledge_to is None
