"""The relay against a real SMTP server process that follows a script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from mailroom.model import Outcome, Result, Scope, SubmissionKind
from mailroom.smtp import Pieces, Relay
from tests.servers.certificates import Certificate
from tests.servers.sink import Fault, Sink

MESSAGE = b"Subject: a test\r\n\r\n.a line that begins with a dot\r\n"
FORWARD, ANSWER = SubmissionKind.FORWARD, SubmissionKind.ACKNOWLEDGEMENT
T = TypeVar("T")


def relay(sink: Sink, **changed: object) -> Relay:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": sink.port,
        "security": "none",
        "username": "",
        "password": None,
        "domain": "example.org",
    }
    return Relay(**{**settings, **changed})  # type: ignore[arg-type]


def with_relay(one: Relay, work: Callable[[Relay], Awaitable[T]]) -> T:
    async def run() -> T:
        try:
            return await work(one)
        finally:
            one.close()

    return asyncio.run(run())


def submit(one: Relay, kind: SubmissionKind = FORWARD, times: int = 1) -> list[Outcome]:
    async def work(relay: Relay) -> list[Outcome]:
        return [await relay.submit(kind, "", "press@example.org", MESSAGE) for _ in range(times)]

    return with_relay(one, work)


@pytest.mark.parametrize("pipelining", [True, False])
def test_the_bytes_arrive_as_they_are_and_the_connection_is_kept(sink: Sink, pipelining: bool) -> None:
    sink.script(pipelining=pipelining)
    outcomes = submit(relay(sink), times=3)
    assert [one.result for one in outcomes] == [Result.ACCEPTED] * 3
    assert [one.data for one in sink.received()] == [MESSAGE] * 3
    assert {one.sender for one in sink.received()} == {""}
    assert {one.recipients for one in sink.received()} == {("press@example.org",)}


def test_an_acknowledgement_asks_for_no_delivery_report_where_that_can_be_asked(sink: Sink) -> None:
    sink.script(dsn=True)
    submit(relay(sink), ANSWER)
    submit(relay(sink), FORWARD)
    assert ["NOTIFY=NEVER" in one.rcpt_options for one in sink.received()] == [True, False]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("rcpt", code=550, text="5.1.1 no such mailbox"), (Result.FAILED, Scope.RECIPIENT, 550, "5.1.1", "rcpt")),
        (Fault("rcpt", code=451, text="later"), (Result.DEFERRED, Scope.RECIPIENT, 451, None, "rcpt")),
        (Fault("mail", code=550, text="5.7.60 no"), (Result.FAILED, Scope.MESSAGE, 550, "5.7.60", "mail")),
        (Fault("data", code=451), (Result.DEFERRED, Scope.MESSAGE, 451, "4.3.0", "data")),
        (Fault("data", "close"), (Result.DEFERRED, Scope.RELAY, None, None, "data")),
        (Fault("dot", code=552, text="5.3.4 too big"), (Result.FAILED, Scope.MESSAGE, 552, "5.3.4", "dot")),
        (Fault("dot", code=451), (Result.DEFERRED, Scope.MESSAGE, 451, "4.3.0", "dot")),
        (Fault("mail", code=421, text="4.7.0 slow down"), (Result.DEFERRED, Scope.RELAY, 421, "4.7.0", "mail")),
        (Fault("mail", code=432, text="4.3.2 too many"), (Result.DEFERRED, Scope.RELAY, 432, "4.3.2", "mail")),
        (Fault("dot", code=432, text="4.3.2 too many"), (Result.DEFERRED, Scope.RELAY, 432, "4.3.2", "dot")),
        (Fault("rcpt", code=454, text="4.7.1 denied"), (Result.DEFERRED, Scope.RECIPIENT, 454, "4.7.1", "rcpt")),
        (Fault("banner", code=554), (Result.DEFERRED, Scope.RELAY, 554, None, "connect")),
        (Fault("mail", "close"), (Result.DEFERRED, Scope.RELAY, None, None, "mail")),
        (Fault("rcpt", "close"), (Result.DEFERRED, Scope.RELAY, None, None, "rcpt")),
        (Fault("dot", "close"), (Result.UNKNOWN, Scope.MESSAGE, None, None, "dot")),
    ],
)
@pytest.mark.parametrize("pipelining", [True, False])
def test_each_failure_has_its_scope(sink: Sink, fault: Fault, expected: tuple[object, ...], pipelining: bool) -> None:
    sink.script(fault, pipelining=pipelining)
    (one,) = submit(relay(sink))
    assert (one.result, one.scope, one.code, one.enhanced, one.phase) == expected


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_after_a_failure_the_next_submission_goes_through(sink: Sink, stage: str) -> None:
    sink.script(Fault(stage, code=451, count=1))  # type: ignore[arg-type]
    outcomes = submit(relay(sink), times=2)
    assert [one.result for one in outcomes] == [Result.DEFERRED, Result.ACCEPTED]


def test_an_answer_that_is_lost_after_the_dot_is_unknown_though_the_server_has_the_message(sink: Sink) -> None:
    sink.script(Fault("dot", "close", count=1))
    (one,) = submit(relay(sink))
    assert one.result is Result.UNKNOWN
    assert len(sink.received()) == 1


def test_a_message_above_the_announced_size_is_not_even_offered(sink: Sink) -> None:
    sink.script(size=10)
    (one,) = submit(relay(sink))
    assert (one.result, one.code, one.enhanced) == (Result.FAILED, 552, "5.3.4")
    assert sink.received() == []


def test_a_server_that_is_away_is_the_relays_trouble(sink: Sink) -> None:
    sink.stop()
    (one,) = submit(relay(sink))
    assert (one.result, one.scope, one.phase) == (Result.DEFERRED, Scope.RELAY, "connect")


def test_a_server_without_starttls_gets_nothing_in_clear(sink: Sink) -> None:
    sink.script(starttls=False)
    (one,) = submit(relay(sink, security="starttls", username="user", password="secret"))
    assert (one.result, one.scope) == (Result.DEFERRED, Scope.RELAY)
    assert sink.received() == []


def test_tls_fails_closed(authority: Certificate, tmp_path: Path) -> None:
    with Sink(tmp_path, certificate=authority) as sink:
        one = relay(sink, host="localhost", security="starttls", ca_file=authority.ca_file)
        assert [outcome.result for outcome in submit(one)] == [Result.ACCEPTED]
        assert sink.received()[0].tls
        stranger = relay(sink, host="localhost", security="starttls")
        assert [outcome.scope for outcome in submit(stranger)] == [Scope.RELAY]
        assert len(sink.received()) == 1


def test_a_wrong_password_is_the_relays_trouble(sink: Sink) -> None:
    sink.script(auth=True, password="right")
    (one,) = submit(relay(sink, username="user", password="wrong"))
    assert (one.result, one.scope, one.phase) == (Result.DEFERRED, Scope.RELAY, "auth")


def test_i18_a_server_that_asks_to_be_left_alone_is_heard(sink: Sink) -> None:
    for fault in (
        Fault("mail", code=421, text="4.3.2 Suggested Backoff Time: 92000 milliseconds"),
        Fault("auth", code=454, text="4.7.0 throttled. Suggested Backoff Time: 92000 milliseconds"),
    ):
        sink.script(fault)
        (one,) = submit(relay(sink, username="user", password="secret"))
        assert (one.result, one.scope, one.wait, one.note) == (Result.DEFERRED, Scope.RELAY, 92, "")


def test_a_wrong_password_is_tried_once_by_one_mechanism(tmp_path: Path) -> None:
    with Sink(tmp_path, trace=True) as sink:
        sink.script(mechanisms="LOGIN PLAIN CRAM-MD5", password="right")
        (one,) = submit(relay(sink, username="user", password="wrong"))
        assert (one.code, one.phase) == (535, "auth")
        assert len([line for line in sink.commands() if line.startswith("AUTH")]) == 1


@pytest.mark.parametrize(
    "address",
    ["a@example.org>\r\nRCPT TO:<v@example.net", "a b@example.org", "<a@example.org>", "ñ@example.org", "a" * 255],
)
def test_an_address_that_would_break_out_of_its_command_is_refused_unsent(sink: Sink, address: str) -> None:
    async def work(one: Relay) -> Outcome:
        return await one.submit(FORWARD, "", address, MESSAGE)

    outcome = with_relay(relay(sink), work)
    assert (outcome.result, outcome.scope, outcome.code) == (Result.FAILED, Scope.RECIPIENT, 553)
    assert sink.received() == []


@pytest.mark.parametrize("raw", [b".\r\n..\r\n.x\r\n", b"no end of line", b"Subject: x\r\n\r\n.\r\n.\r\n"])
def test_dots_that_begin_a_line_arrive_as_they_were(sink: Sink, raw: bytes) -> None:
    async def work(one: Relay) -> Outcome:
        return await one.submit(FORWARD, "", "press@example.org", raw)

    assert with_relay(relay(sink), work).result is Result.ACCEPTED
    assert sink.received()[0].data.rstrip(b"\r\n") == raw.rstrip(b"\r\n")


def _in_pieces(sink: Sink) -> Outcome:
    lines = b"one\r\n.two\r\n" * 100_000
    pieces = (b"Subject: x\r\n\r\n", b".first\r\n" + lines, b".again\r\n", lines, b"\r\n--end--\r\n")

    async def run() -> Outcome:
        one = relay(sink)
        try:
            whole = Pieces(sum(map(len, pieces)), lambda: iter(pieces))
            return await one.submit(FORWARD, "", "press@example.org", whole)
        finally:
            await one.quit()

    return asyncio.run(run())


def test_a_message_in_pieces_arrives_as_it_is(sink: Sink) -> None:
    assert _in_pieces(sink).result is Result.ACCEPTED
    lines = b"one\r\n.two\r\n" * 100_000
    whole = b"Subject: x\r\n\r\n.first\r\n" + lines + b".again\r\n" + lines + b"\r\n--end--\r\n"
    assert sink.received()[0].data == whole


def test_a_message_in_pieces_that_is_refused_or_lost(sink: Sink) -> None:
    sink.script(Fault("dot", code=552, text="5.3.4 too large"))
    outcome = _in_pieces(sink)
    assert (outcome.result, outcome.code) == (Result.FAILED, 552)
    sink.script(Fault("dot", "close"))
    assert _in_pieces(sink).result is Result.UNKNOWN
