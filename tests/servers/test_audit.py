"""The audit is silent where every promise was kept, and speaks of each one that was broken."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers import enquiries
from tests.servers.audit import Injected, audit
from tests.servers.outgoing import understand
from tests.servers.sink import Received


def _message(n: int, message_id: bool = True) -> bytes:
    identity = f"Message-ID: <m{n}@example.com>\r\n" if message_id else ""
    return (
        f"Return-Path: <p{n}@example.com>\r\nFrom: P <p{n}@example.com>\r\n{identity}Subject: {n}\r\n\r\n"
        f"Text {n}\rbare cr\r\n"
    ).encode()


def _forward(n: int, original: bytes, number: int, unit: str = "press", answered: bool = True) -> Received:
    body = base64.encodebytes(original).replace(b"\n", b"\r\n")
    data = (
        f"From: <support@example.org>\r\nTo: <{unit}@example.org>\r\nDate: Mon, 2 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <f{n}.{unit}@example.org>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
        f"X-Auto-Response-Suppress: OOF, AutoReply, RN, NRN\r\nX-Mailroom-Loop: support@example.org\r\n"
        f"X-Mailroom-Reference: SU-2026-{n:06d}-X\r\nX-Mailroom-Unit: {unit}\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNote\r\n--b\r\n'
        'Content-Type: application/octet-stream; name="original.eml"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="original.eml"\r\n\r\n'
    ).encode() + body
    data += b"--b--\r\n"
    return _received(f"bounces+t{n}{unit}@example.org", f"{unit}@example.org", data, number, answered)


def _acknowledgement(n: int, number: int, answers: str | None = None, to: str | None = None) -> Received:
    to = to or f"p{n}@example.com"
    data = (
        f"From: <support@example.org>\r\nTo: <{to}>\r\nDate: Mon, 2 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <a{n}@example.org>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        f"X-Auto-Response-Suppress: All\r\nX-Mailroom-Loop: support@example.org\r\n"
        f"X-Mailroom-Reference: SU-2026-{n:06d}-X\r\nIn-Reply-To: {answers or f'<m{n}@example.com>'}\r\n"
        "Content-Type: text/plain\r\n\r\nThank you.\r\n"
    ).encode()
    return _received("", to, data, number)


def _received(sender: str, recipient: str, data: bytes, number: int, answered: bool = True) -> Received:
    at = number * 1000
    return Received(sender, (recipient,), data, (), (), False, answered, number, began=at, accepted=at + 500)


class Run:
    """A run that kept every promise; a test breaks one."""

    def __init__(self) -> None:
        self.injected = [Injected(_message(n), f"message {n}") for n in range(3)]
        self.injected[2] = replace(self.injected[2], may_be_acknowledged=False)
        raws = [one.raw for one in self.injected]
        self.received = [
            _forward(0, raws[0], 1),
            _acknowledgement(0, 2),
            _forward(1, raws[1], 3),
            _forward(1, raws[1], 4, "hearings"),
            _acknowledgement(1, 5),
            _forward(2, raws[2], 6),
        ]
        self.folders = {"INBOX": [], "Mailroom/Done/press": raws[:2], "Mailroom/Review": raws[2:], "Sent": []}

    def findings(self, **more: object) -> list[str]:
        return audit(self.injected, self.received, self.folders, **more)  # type: ignore[arg-type]


def test_a_run_that_kept_its_promises_has_no_findings() -> None:
    assert Run().findings() == []


def _lose(run: Run) -> None:
    run.received = [one for one in run.received if one.number != 6]


def _alter(run: Run) -> None:
    run.received[0] = _forward(0, run.injected[0].raw.replace(b"\rbare", b"\r\nbare"), 1)


def _other_bytes_under_one_id(run: Run) -> None:
    first = run.received[0]
    run.received.append(replace(first, data=first.data.replace(b"Note", b"note"), number=7))


def _new_id_on_a_repeat(run: Run) -> None:
    first = run.received[0]
    run.received.append(replace(first, data=first.data.replace(b"<f0.", b"<f9."), number=7, sender="bounces+u@a.org"))


def _repeat(run: Run) -> None:
    run.received.append(replace(run.received[0], number=7))


def _shared_envelope(run: Run) -> None:
    run.received[2] = replace(run.received[2], sender=run.received[0].sender)


def _two_answers(run: Run) -> None:
    run.received.append(replace(run.received[1], number=7, began=9000, accepted=9001))


def _forbidden_answer(run: Run) -> None:
    run.received.append(_acknowledgement(2, 7))


def _early_answer(run: Run) -> None:
    run.received[1] = replace(run.received[1], began=1100)


def _answer_after_a_lost_250(run: Run) -> None:
    run.received[0] = replace(run.received[0], answered=False)


def _answer_to_nobody(run: Run) -> None:
    run.received.append(_acknowledgement(8, 7))


def _answer_to_another(run: Run) -> None:
    run.received[1] = _acknowledgement(0, 2, to="reply-to@example.net")


def _never_answered(run: Run) -> None:
    run.injected[0] = replace(run.injected[0], must_be_acknowledged=True)
    del run.received[1]


def _left_in_the_inbox(run: Run) -> None:
    run.folders = {"INBOX": [run.injected[0].raw], "Mailroom/Done/press": [one.raw for one in run.injected[1:]]}


def _filed_twice(run: Run) -> None:
    run.folders["Mailroom/Quarantine"] = [run.injected[0].raw]


def _vanished(run: Run) -> None:
    run.folders["Mailroom/Review"] = []


def _waiting_in_reroute(run: Run) -> None:
    run.folders["Mailroom/Reroute/press"] = run.folders.pop("Mailroom/Review")


def _a_stranger(run: Run) -> None:
    run.folders["Mailroom/Review"] = [*run.folders["Mailroom/Review"], b"who put me here\r\n"]


BREACHES: list[tuple[Callable[[Run], None], list[str]]] = [
    (_lose, ["message 2: no forward carries its octets"]),
    (
        _alter,
        ["message 0: no forward carries", "not one that was put in", "message 0: acknowledged before"],
    ),
    (
        _other_bytes_under_one_id,
        ["<f0.press@example.org>: 2 forwards under this Message-ID are not", "1 forwards"],
    ),
    (_new_id_on_a_repeat, ["message 0: forwards to press under 2 Message-IDs"]),
    (_repeat, ["1 forwards came again, 0 were to be expected"]),
    (_shared_envelope, ["<bounces+t0press@example.org>: the envelope sender of 2 different forwards"]),
    (_two_answers, ["message 0: acknowledged 2 times, allowed 1"]),
    (_forbidden_answer, ["message 2: acknowledged 1 times, allowed 0"]),
    (_early_answer, ["message 0: acknowledged before a forward was accepted"]),
    (_answer_after_a_lost_250, ["message 0: acknowledged before a forward was accepted"]),
    (_answer_to_nobody, ["answers no message that was put in"]),
    (_answer_to_another, ["message 0: acknowledged to somebody who did not write it"]),
    (_never_answered, ["message 0: never acknowledged"]),
    (_left_in_the_inbox, ["message 0: still in INBOX (1)", "message 0: filed 0 times, put in 1 times"]),
    (_filed_twice, ["message 0: filed 2 times, put in 1 times: Mailroom/Done/press, Mailroom/Quarantine"]),
    (_vanished, ["message 2: filed 0 times"]),
    (_waiting_in_reroute, ["message 2: filed 0 times"]),
    (_a_stranger, ["Mailroom/Review: holds a message that nobody put in"]),
]


@pytest.mark.parametrize(("breach", "expected"), BREACHES, ids=[breach.__name__[1:] for breach, _ in BREACHES])
def test_each_breach_is_found_and_nothing_else(breach: Callable[[Run], None], expected: list[str]) -> None:
    run = Run()
    breach(run)
    findings = run.findings()
    assert len(findings) == len(expected), findings
    for finding, words in zip(findings, expected, strict=True):
        assert words in finding


def test_repeats_are_allowed_where_answers_were_lost() -> None:
    run = Run()
    _repeat(run)
    assert run.findings(repeats=1) == [] and run.findings(repeats=None) == []


def test_automatic_mail_may_be_filed_without_a_forward() -> None:
    run = Run()
    _lose(run)
    run.injected[2] = replace(run.injected[2], must_be_forwarded=False)
    assert run.findings() == []


def test_two_identical_messages_are_filed_twice_and_answered_once() -> None:
    run = Run()
    run.injected.append(replace(run.injected[0], name="the same again"))
    run.folders["Mailroom/Done/press"] = [*run.folders["Mailroom/Done/press"], run.injected[0].raw]
    assert run.findings() == []
    _two_answers(run)
    assert run.findings() == ["message 0: acknowledged 2 times, allowed 1"]


def test_different_messages_with_one_message_id_may_each_be_answered() -> None:
    run = Run()
    twin = run.injected[0].raw.replace(b"Text 0", b"Text 0 again")
    run.injected.append(Injected(twin, "twin"))
    run.received.append(_forward(7, twin, 7))
    run.received.append(replace(_acknowledgement(7, 8, "<m0@example.com>", "p0@example.com")))
    run.folders["Mailroom/Done/press"] = [*run.folders["Mailroom/Done/press"], twin]
    assert run.findings() == []


def test_a_message_without_an_id_is_found_by_our_reference() -> None:
    run = Run()
    raw = _message(5, message_id=False)
    run.injected.append(Injected(raw, "without", may_be_acknowledged=False))
    run.received += [_forward(5, raw, 7), _acknowledgement(5, 8)]
    run.folders["Mailroom/Review"] = [*run.folders["Mailroom/Review"], raw]
    assert run.findings() == ["without: acknowledged 1 times, allowed 0"]


FORMS = [
    (0, b"Auto-Submitted: auto-generated", b"Auto-Submitted: no", "says Auto-Submitted: 'no'"),
    (0, b"OOF, AutoReply, RN, NRN", b"All", "suppresses other than"),
    (0, b"X-Mailroom-Loop: support@example.org\r\n", b"", "has 0 fields x-mailroom-loop"),
    (0, b"To: <press@example.org>", b"To: <hearings@example.org>", "goes to somebody whom To does not name"),
    (0, b"Note\r\n", b"Note\r\nbare\nlf\r\n", "has a bare CR or LF"),
    (0, b"Note\r\n", b"Note " + b"x" * 1000 + b"\r\n", "more than 998 octets"),
    (0, b"Note\r\n", b"Not\xc3\xa9\r\n", "is 8-bit and was not declared so"),
    (0, b"Date: ", b"Date: x\r\nDate: ", "has 2 fields date"),
    (1, b"Suppress: All", b"Suppress: OOF", "without X-Auto-Response-Suppress: All"),
]


@pytest.mark.parametrize(("which", "old", "new", "words"), FORMS)
def test_a_fault_of_form_is_found(which: int, old: bytes, new: bytes, words: str) -> None:
    run = Run()
    one = run.received[which]
    assert old in one.data
    run.received[which] = replace(one, data=one.data.replace(old, new))
    findings = run.findings()
    assert len(findings) == 1 and words in findings[0], findings
    assert run.findings(form=False) == []


def test_faults_of_the_envelope_are_found() -> None:
    run = Run()
    run.received[0] = replace(run.received[0], sender="", recipients=("press@example.org", "x@example.org"))
    run.received[1] = replace(run.received[1], sender="support@example.org")
    said = " ".join(run.findings())
    assert "2 recipients in one transaction" in said
    assert "is a forward with the envelope sender <>" in said
    assert "is an acknowledgement with the envelope sender <support@example.org>" in said


def test_what_still_waits_in_the_ledger_is_found(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(
            "CREATE TABLE message (state TEXT); CREATE TABLE submission (state TEXT);"
            "INSERT INTO message VALUES ('filed'), ('filed');"
            "INSERT INTO submission VALUES ('accepted'), ('unknown'), ('failed');"
        )
    connection.close()
    assert Run().findings(ledger=file) == []
    with sqlite3.connect(file) as connection:
        connection.executescript("INSERT INTO message VALUES ('decided'); INSERT INTO submission VALUES ('sending');")
    connection.close()
    assert Run().findings(ledger=file) == [
        "the ledger has 1 of message in state decided",
        "the ledger has 1 of submission in state sending",
    ]


def test_a_forward_is_known_by_its_unit_and_its_attachment() -> None:
    forward = understand(_forward(1, b"the\rvery octets \xff", 1))
    assert (forward.kind, forward.original, forward.unit) == ("forward", b"the\rvery octets \xff", "press")
    assert understand(_acknowledgement(1, 2)).kind == "acknowledgement"
    notice = _forward(1, b"x", 1)
    assert understand(replace(notice, data=notice.data.replace(b"original.eml", b"other.eml"))).kind == "other"


def test_the_practice_enquiries_are_built_the_same_each_time_and_can_be_served_unchanged() -> None:
    first, second = enquiries.load(), enquiries.load()
    assert len(first) == 120 and first == second
    assert len({one.raw for one in first}) == 120
    for one in first:
        assert b"\n" not in one.raw.replace(b"\r\n", b"") and b"\r" not in one.raw.replace(b"\r\n", b"")
        assert b"\0" not in one.raw
        assert Injected(one.raw, one.id).message_id.startswith(f"<{one.id}.")
