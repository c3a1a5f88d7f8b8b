"""The SMTP sink keeps exactly what it was sent, durably and in order, and fails exactly as its script says."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import processes
from tests.servers.certificates import Certificate
from tests.servers.sink import Fault, Sink

PLAIN = b"Subject: hello\r\n\r\nA line.\r\n"


class Line:
    """SMTP by hand: octets out, one reply in. What smtplib would tidy up goes out as it is."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.socket.makefile("rb")
        self.banner = self.reply()

    def reply(self) -> str:
        rows: list[str] = []
        while True:
            row = self.file.readline()
            if not row:
                return "".join(rows)
            rows.append(row.decode())
            if row[3:4] == b" ":
                return "".join(rows)

    def say(self, text: str) -> str:
        self.socket.sendall(text.encode() + b"\r\n")
        return self.reply()

    def send(self, data: bytes, sender: str = "a@example.org", recipient: str = "b@example.org") -> str:
        """One whole transaction; the reply to the dot, or the first that is not the good one."""
        for text, wanted in ((f"MAIL FROM:<{sender}>", "250"), (f"RCPT TO:<{recipient}>", "250"), ("DATA", "354")):
            if not (answer := self.say(text)).startswith(wanted):
                return answer
        self.socket.sendall(data + b".\r\n")
        return self.reply()

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextlib.contextmanager
def connected(sink: Sink, greet: bool = True) -> Iterator[Line]:
    line = Line(sink.port)
    try:
        if greet:
            assert line.say("EHLO client.example.org").startswith("250")
        yield line
    finally:
        line.close()


def test_every_octet_is_kept_but_for_the_dots_that_smtp_adds(sink: Sink) -> None:
    odd = bytes(range(1, 256)).replace(b"\n", b"").replace(b"\r", b"") * 30 + b"\r\nbare\rcr, bare\nlf\r\n \r\n\r\n"
    with connected(sink) as line:
        assert line.send(odd).startswith("250")
        assert line.send(b"..\r\n..two dots\r\nmiddle . dot\r\n.. \r\n\n.\nnot the end\r\n").startswith("250")
        assert line.send(b"").startswith("250")
    assert [one.data for one in sink.received()] == [
        odd,
        b".\r\n.two dots\r\nmiddle . dot\r\n. \r\n\n.\nnot the end\r\n",
        b"",
    ]


def test_smtplib_and_the_sink_undo_each_others_dots(sink: Sink) -> None:
    text = b"Subject: dots\r\n\r\n.\r\n..\r\n.one\r\nend\r\n"
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.sendmail("a@example.org", ["b@example.org"], text)
    assert [one.data for one in sink.received()] == [text]


def test_a_message_that_arrives_octet_by_octet_or_many_at_once_is_the_same(sink: Sink) -> None:
    with connected(sink) as line:
        for text in ("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA"):
            line.say(text)
        for octet in PLAIN + b".\r\n":
            line.socket.sendall(bytes([octet]))
        assert line.reply().startswith("250")
        line.socket.sendall(  # pipelined: RFC 2920
            b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" + PLAIN + b".\r\nNOOP\r\n"
        )
        assert [line.reply()[:3] for _ in range(5)] == ["250", "250", "354", "250", "250"]
    assert [one.data for one in sink.received()] == [PLAIN, PLAIN]


def test_the_envelope_with_its_options_is_kept(sink: Sink) -> None:
    with connected(sink) as line:
        line.say("MAIL FROM:<> SIZE=27 BODY=8BITMIME")
        line.say("RCPT TO:<b@example.org> NOTIFY=NEVER")
        line.say("DATA")
        line.socket.sendall(PLAIN + b".\r\n")
        line.reply()
    (one,) = sink.received()
    assert (one.sender, one.recipients) == ("", ("b@example.org",))
    assert (one.mail_options, one.rcpt_options) == (("SIZE=27", "BODY=8BITMIME"), ("NOTIFY=NEVER",))
    assert one.answered and not one.tls and one.number == 1 and one.began < one.accepted


def test_what_was_answered_is_on_disk_when_the_sink_is_killed(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    sink.start()
    with connected(sink) as line:
        assert line.send(PLAIN).startswith("250")
        assert sink._process is not None
        sink._process.kill()
        sink._process.wait()
    assert [one.data for one in sink.received()] == [PLAIN]
    port = sink.port
    sink.restart()
    try:
        assert sink.port == port
        with connected(sink) as line:
            line.send(b"second\r\n")
        assert [(one.number, one.data) for one in sink.received()] == [(1, PLAIN), (2, b"second\r\n")]
    finally:
        sink.close()


def test_messages_of_many_connections_are_all_kept_and_numbered_once(sink: Sink) -> None:
    def sender(name: int) -> None:
        with connected(sink) as line:
            for n in range(20):
                assert line.send(f"{name} {n}\r\n".encode()).startswith("250")

    threads = [threading.Thread(target=sender, args=(n,)) for n in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    received = sink.received()
    assert sorted(one.data for one in received) == sorted(f"{a} {b}\r\n".encode() for a in range(5) for b in range(20))
    assert [one.number for one in received] == list(range(1, 101))
    assert sink.counts()["messages"] == 100


def test_a_transaction_keeps_the_order_of_the_protocol(sink: Sink) -> None:
    with connected(sink, greet=False) as line:
        assert line.say("MAIL FROM:<a@example.org>").startswith("503")
        line.say("EHLO x")
        assert line.say("RCPT TO:<b@example.org>").startswith("503")
        assert line.say("DATA").startswith("503")
        assert line.say("MAIL FROM:a@example.org").startswith("501")
        assert line.say("MAIL FROM:<a@example.org>").startswith("250")
        assert line.say("DATA").startswith("503")
        assert line.say("MAIL FROM:<a@example.org>").startswith("503")
        assert line.say("RSET").startswith("250")
        assert line.say("MAIL FROM:<a@example.org>").startswith("250")
        assert line.say("NONSENSE").startswith("502")
        assert line.say("QUIT").startswith("221")
    assert sink.received() == []


# -------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("code", [450, 552])
def test_a_refusal_comes_at_its_stage_and_keeps_nothing(sink: Sink, stage: str, code: int) -> None:
    sink.script(Fault(stage, code=code, text="4.2.1 no", count=1))  # type: ignore[arg-type]
    with connected(sink) as line:
        assert line.send(PLAIN) == f"{code} 4.2.1 no\r\n"
        line.say("RSET")
        assert line.send(PLAIN).startswith("250")
    assert len(sink.received()) == 1
    assert [(one["stage"], one["code"]) for one in sink.fired()] == [(stage, code)]


def test_a_refused_data_leaves_the_transaction_open_as_on_real_servers(sink: Sink) -> None:
    sink.script(Fault("data", count=1))
    with connected(sink) as line:
        assert line.send(PLAIN).startswith("451")
        assert line.say("MAIL FROM:<a@example.org>").startswith("503")


@pytest.mark.parametrize("stage", ["banner", "ehlo", "mail", "rcpt", "data", "dot"])
def test_421_is_said_and_the_line_closed(sink: Sink, stage: str) -> None:
    sink.script(Fault(stage, code=421, text="4.3.2 closing"))  # type: ignore[arg-type]
    with connected(sink, greet=False) as line:
        answer = line.banner
        if stage != "banner":
            answer = line.say("EHLO x")
        if stage not in ("banner", "ehlo"):
            answer = line.send(PLAIN)
        assert answer == "421 4.3.2 closing\r\n"
        assert line.file.read() == b""


def test_closed_before_354_keeps_nothing(sink: Sink) -> None:
    sink.script(Fault("data", "close"))
    with connected(sink) as line:
        line.say("MAIL FROM:<a@example.org>")
        line.say("RCPT TO:<b@example.org>")
        assert line.say("DATA") == ""
    assert sink.received() == []


def test_closed_after_the_dot_the_message_is_kept_and_was_not_answered(sink: Sink) -> None:
    sink.script(Fault("dot", "close", count=1))
    with connected(sink) as line:
        assert line.send(PLAIN) == ""
    with connected(sink) as line:
        assert line.send(PLAIN).startswith("250")
    assert [(one.data, one.answered) for one in sink.received()] == [(PLAIN, False), (PLAIN, True)]


def test_closed_after_250_the_message_is_kept_and_answered(sink: Sink) -> None:
    sink.script(Fault("dot", "close-after"))
    with connected(sink) as line:
        assert line.send(PLAIN).startswith("250")
        assert line.file.read() == b""
    assert [one.answered for one in sink.received()] == [True]


def test_a_message_may_be_thrown_away_after_the_dot_if_the_script_says_so(sink: Sink) -> None:
    sink.script(Fault("dot", "close", keep=False))
    with connected(sink) as line:
        assert line.send(PLAIN) == ""
    assert sink.received() == []


def test_silence_says_nothing_and_keeps_the_line_open(sink: Sink) -> None:
    sink.script(Fault("dot", "silence"))
    with connected(sink) as line:
        line.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.send(PLAIN)
    assert [one.answered for one in sink.received()] == [False]


def test_a_drip_and_a_delay_say_the_good_answer_late(sink: Sink) -> None:
    sink.script(Fault("mail", "drip", seconds=0.02, count=1), Fault("rcpt", "delay", seconds=0.2, count=1))
    with connected(sink) as line:
        began = time.monotonic()
        assert line.say("MAIL FROM:<a@example.org>") == "250 2.1.0 ok\r\n"
        dripped = time.monotonic()
        assert line.say("RCPT TO:<b@example.org>").startswith("250")
        delayed = time.monotonic()
    assert dripped - began >= 13 * 0.02 and delayed - dripped >= 0.2


def test_count_every_and_after_choose_which_times(sink: Sink) -> None:
    sink.script(Fault("mail", every=3, after=1, count=2))
    answers = []
    with connected(sink) as line:
        for _ in range(13):
            answers.append(line.say("MAIL FROM:<a@example.org>")[:3])
            line.say("RSET")
    assert [n for n, one in enumerate(answers, 1) if one == "451"] == [4, 7]


def test_a_fault_may_be_for_one_recipient_or_one_sender(sink: Sink) -> None:
    sink.script(Fault("rcpt", code=550, recipient="press@*"), Fault("dot", code=554, sender=""))
    with connected(sink) as line:
        assert line.send(PLAIN, recipient="Press@example.org").startswith("550")
        line.say("RSET")
        assert line.send(PLAIN, recipient="hearings@example.org").startswith("250")
        assert line.send(PLAIN, sender="").startswith("554")
    assert [one.recipient for one in sink.received()] == ["hearings@example.org"]
    assert [one["recipient"] for one in sink.fired()] == ["Press@example.org", "b@example.org"]


def test_a_new_script_is_in_force_at_once_on_open_lines(sink: Sink) -> None:
    with connected(sink) as line:
        assert line.send(PLAIN).startswith("250")
        for _ in range(20):
            sink.script(Fault("mail", code=450))
            assert line.say("MAIL FROM:<a@example.org>").startswith("450")
            sink.script()
            assert line.send(PLAIN).startswith("250")


# ------------------------------------------------------------------------------------------ features


def test_size_is_announced_and_enforced_before_and_after_the_data(sink: Sink) -> None:
    sink.script(size=10)
    with connected(sink, greet=False) as line:
        assert "SIZE 10\r\n" in line.say("EHLO x")
        assert line.say("MAIL FROM:<a@example.org> SIZE=11").startswith("552")
        assert line.send(PLAIN).startswith("552")
        assert line.send(b"short\r\n").startswith("250")
    assert [one.data for one in sink.received()] == [b"short\r\n"]


def test_extensions_can_be_left_out(sink: Sink) -> None:
    sink.script(**{"8bitmime": False, "dsn": False, "size": None, "smtputf8": False, "auth": False})
    with connected(sink, greet=False) as line:
        answer = line.say("EHLO x")
        assert not any(word in answer for word in ("8BITMIME", "DSN", "SIZE", "SMTPUTF8", "AUTH", "STARTTLS"))
        assert "PIPELINING" in answer


def test_auth_plain_can_be_wanted_and_checked(sink: Sink) -> None:
    sink.script(auth_required=True, password="right")
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("a@example.org", ["b@example.org"], PLAIN)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("someone", "wrong")
        client.login("someone", "right")
        client.sendmail("a@example.org", ["b@example.org"], PLAIN)
    assert len(sink.received()) == 1


def test_starttls_and_implicit_tls_prove_who_they_are(tmp_path: Path, authority: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    with Sink(tmp_path / "a", certificate=authority, trace=True) as sink:
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
            client.starttls(context=context)
            client.sendmail("a@example.org", ["b@example.org"], PLAIN)
        assert [one.tls for one in sink.received()] == [True]
        assert "STARTTLS" in sink.commands()
        sink.script(starttls=False)
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client, pytest.raises(smtplib.SMTPException):
            client.starttls(context=context)
        sink.script(Fault("dot", "close"))
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
            client.starttls(context=context)
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.sendmail("a@example.org", ["b@example.org"], PLAIN)
    with (
        Sink(tmp_path / "b", certificate=authority, implicit_tls=True) as sink,
        smtplib.SMTP_SSL("127.0.0.1", sink.port, timeout=10, context=context) as client,
    ):
        client.sendmail("a@example.org", ["b@example.org"], PLAIN)
        assert [one.tls for one in sink.received()] == [True]


def test_a_certificate_of_an_unknown_authority_or_for_another_name_is_not_believed(
    tmp_path: Path, authority: Certificate
) -> None:
    from tests.servers import certificates

    other = certificates.make(tmp_path / "other", "DNS:other.example.org")
    with Sink(tmp_path / "s", certificate=other) as sink:
        for ca_file in (authority.ca_file, other.ca_file):
            context = ssl.create_default_context(cafile=str(ca_file))
            with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client, pytest.raises(ssl.SSLError):
                client.starttls(context=context)


def test_discarding_counts_and_keeps_nothing(tmp_path: Path) -> None:
    with Sink(tmp_path, discard=True) as sink:
        with connected(sink) as line:
            for sender in ("", "a@example.org", ""):
                assert line.send(PLAIN, sender=sender).startswith("250")
        assert sink.counts() == {"messages": 3, "octets": 3 * len(PLAIN), "null_senders": 2}
        assert sink.received() == []


def test_the_sink_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    sink.start()
    process = sink._process
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0
    processes.end(process)
