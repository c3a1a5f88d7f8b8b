"""An SMTP server that keeps what it accepts and fails by script, in a process of its own (RFC 5321).

    python -m tests.servers.smtp_sink --port 0 --journal DIR --script FILE [--cert FILE --key FILE [--tls]]
    python -m tests.servers.smtp_sink --port 0 --discard

Promises: the octets kept are the octets sent (dot-stuffing undone, nothing else touched); a message is on disk, synced
and renamed, before 250 is said, and in the order of acceptance; only CRLF.CRLF ends the data. With --discard it counts
and keeps nothing: for benchmarks. Threads, not asyncio: a connection reads like the dialogue it is, and syncs overlap.
`Sink`, in sink.py, starts it and reads its journal. Imports the standard library alone.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.sink_book import Book

_END = b"\r\n.\r\n"
_CHUNK = 1 << 18


class Ended(Exception):
    """This connection is over."""


@dataclass(slots=True)
class Transaction:
    """From MAIL to the end of the data."""

    sender: str
    mail_options: list[str]
    began: int
    recipients: list[str] = field(default_factory=list)
    rcpt_options: list[str] = field(default_factory=list)


class Dialogue:
    """One connection, from banner to close."""

    def __init__(
        self, line: socket.socket, number: int, book: Book, tls: ssl.SSLContext | None, under_tls: bool, trace: bool
    ) -> None:
        self._line, self._number, self._book, self._tls, self._trace = line, number, book, tls, trace
        self._under_tls = under_tls
        self._got = bytearray()
        self._greeted = self._known = False
        self._open: Transaction | None = None

    def run(self) -> None:
        try:
            self._say("banner", 220, "sink.example.org ESMTP")
            while True:
                self._obey(self._command())
        except (Ended, OSError):
            pass
        finally:
            self._line.close()  # STARTTLS puts another in its place

    # ---------------------------------------------------------------------------------------- dialogue

    def _obey(self, line: bytes) -> None:
        if self._trace:
            self._book.trace(self._number, line)
        verb, _, rest = line.partition(b" ")
        match verb.upper():
            case b"EHLO" | b"HELO":
                self._ehlo(verb.upper() == b"EHLO")
            case b"STARTTLS":
                self._starttls()
            case b"AUTH":
                self._auth(rest)
            case b"MAIL":
                self._mail(rest)
            case b"RCPT":
                self._rcpt(rest)
            case b"DATA":
                self._data()
            case b"RSET":
                self._open = None
                self._reply(250, "2.0.0 ok")
            case b"NOOP":
                self._say("noop", 250, "2.0.0 ok")
            case b"QUIT":
                self._reply(221, "2.0.0 bye")
                raise Ended
            case b"XCOUNT":  # ours: how much was accepted
                self._reply(250, json.dumps(self._book.counts))
            case _:
                self._reply(502, "5.5.1 unknown command")

    def _ehlo(self, extended: bool) -> None:
        feature = self._book.feature
        words = ["sink.example.org"]
        if extended:
            words += [name.upper() for name in ("8bitmime", "smtputf8", "dsn", "pipelining") if feature(name)]
            if feature("size") is not None:
                words.append(f"SIZE {feature('size')}")
            if feature("auth"):
                words.append(f"AUTH {feature('mechanisms')}")
            if self._tls is not None and not self._under_tls and feature("starttls"):
                words.append("STARTTLS")
            words.append("ENHANCEDSTATUSCODES")
        self._open = None
        self._greeted = self._say("ehlo", 250, "\n".join(words))

    def _starttls(self) -> None:
        if self._tls is None or self._under_tls or not self._book.feature("starttls"):
            self._reply(502, "5.5.1 no TLS here")
        elif self._say("starttls", 220, "2.0.0 go ahead"):
            self._got.clear()  # what came before TLS is not trusted (RFC 3207 section 4.2)
            self._line = self._tls.wrap_socket(self._line, server_side=True)
            self._under_tls = True
            self._greeted = self._known = False

    def _auth(self, rest: bytes) -> None:
        if not self._book.feature("auth"):
            self._reply(502, "5.5.1 no AUTH here")
            return
        mechanism, _, initial = rest.partition(b" ")
        if mechanism.upper() == b"XOAUTH2" and b"XOAUTH2" in self._book.feature("mechanisms").encode():
            self._xoauth2(initial)
            return
        if mechanism.upper() != b"PLAIN":
            self._reply(504, "5.5.4 only PLAIN")
            return
        if not initial:
            self._reply(334, "")
            initial = self._command()
        try:
            _, _, password = base64.b64decode(initial, validate=True).split(b"\0")
        except (binascii.Error, ValueError):
            self._reply(501, "5.5.2 not PLAIN")
            return
        wanted = self._book.feature("password")
        if wanted is not None and password != str(wanted).encode():
            self._reply(535, "5.7.8 wrong")
        else:
            self._known = self._say("auth", 235, "2.7.0 welcome")

    def _xoauth2(self, initial: bytes) -> None:
        """user=…^Aauth=Bearer TOKEN^A^A; a refusal comes as a challenge first, which an empty line ends."""
        try:
            fields = base64.b64decode(initial, validate=True).split(b"\1")
            token = next(one[12:].decode() for one in fields if one.startswith(b"auth=Bearer "))
        except (binascii.Error, StopIteration):
            self._reply(501, "5.5.2 not XOAUTH2")
            return
        url = self._book.feature("introspection") + urllib.parse.quote(token)
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.loads(answer.read())
        if found["active"] and f"user={found['username']}".encode() in fields:
            self._known = self._say("auth", 235, "2.7.0 welcome")
            return
        self._reply(334, base64.b64encode(b'{"status":"401","schemes":"bearer"}').decode())
        if self._command() == b"":
            self._reply(535, "5.7.8 the token does not hold")
        else:
            self._reply(500, "5.5.2 an empty line was due")

    def _mail(self, rest: bytes) -> None:
        address, options = _path(rest, b"FROM:")
        limit = self._book.feature("size")
        stated = next((one[5:] for one in options if one.upper().startswith("SIZE=")), "0")
        if not self._greeted or self._open is not None:
            self._reply(503, "5.5.1 EHLO first" if not self._greeted else "5.5.1 nested MAIL")
        elif self._book.feature("auth_required") and not self._known:
            self._reply(530, "5.7.0 AUTH first")
        elif address is None:
            self._reply(501, "5.5.4 MAIL FROM:<address>")
        elif limit is not None and int(stated) > limit:
            self._reply(552, "5.3.4 too large")
        else:
            began = time.monotonic_ns()
            if self._say("mail", 250, "2.1.0 ok", address):
                self._open = Transaction(address, options, began)

    def _rcpt(self, rest: bytes) -> None:
        address, options = _path(rest, b"TO:")
        if self._open is None:
            self._reply(503, "5.5.1 MAIL first")
        elif not address:
            self._reply(501, "5.5.4 RCPT TO:<address>")
        elif self._say("rcpt", 250, "2.1.5 ok", self._open.sender, address):
            self._open.recipients.append(address)
            self._open.rcpt_options.extend(options)

    def _data(self) -> None:
        transaction = self._open
        if transaction is None or not transaction.recipients:
            self._reply(503, "5.5.1 RCPT first")
            return
        if not self._say("data", 354, "end with a dot", transaction.sender, transaction.recipients[0]):
            return  # the transaction stays open, as on real servers
        data = self._body()
        self._open = None
        limit = self._book.feature("size")
        if limit is not None and len(data) > limit:
            self._reply(552, "5.3.4 too large")
            return
        self._dot(transaction, data)

    def _dot(self, transaction: Transaction, data: bytes) -> None:
        fault = self._book.fault("dot", transaction.sender, transaction.recipients[0])
        action = fault["action"] if fault else ""
        answered = action not in ("close", "silence", "reply")
        if fault is None or fault.get("keep", action != "reply"):
            more = {"tls": self._under_tls, "answered": answered, "connection": self._number}
            self._book.keep(asdict(transaction) | more, data)
        self._answer(fault, 250, "2.0.0 kept")

    # ----------------------------------------------------------------------------------------- answers

    def _say(self, stage: str, code: int, text: str, sender: str | None = None, recipient: str | None = None) -> bool:
        """Answer a stage as the script wants it; whether the answer was the good one."""
        return self._answer(self._book.fault(stage, sender, recipient), code, text)

    def _answer(self, fault: dict[str, Any] | None, code: int, text: str) -> bool:
        match fault["action"] if fault else "":
            case "":
                self._reply(code, text)
            case "reply":
                assert fault is not None
                self._reply(fault["code"], fault.get("text", "scripted"))
                if fault["code"] == 421:
                    raise Ended
                return False
            case "close":
                raise Ended
            case "close-after":
                self._reply(code, text)
                raise Ended
            case "silence":
                while self._line.recv(_CHUNK):  # until the other side gives up
                    pass
                raise Ended
            case "delay":
                assert fault is not None
                time.sleep(fault["seconds"])
                self._reply(code, text)
            case "drip":
                assert fault is not None
                for octet in _lines(code, text):
                    self._line.sendall(bytes([octet]))
                    time.sleep(fault["seconds"])
            case other:
                self._reply(451, f"4.3.0 the script names an unknown action {other}")
                return False
        return True

    def _reply(self, code: int, text: str) -> None:
        self._line.sendall(_lines(code, text))

    # ----------------------------------------------------------------------------------------- reading

    def _command(self) -> bytes:
        while (end := self._got.find(b"\r\n")) < 0:
            if len(self._got) > 1_000_000:
                self._reply(500, "5.5.2 line too long")
                raise Ended
            self._more()
        line = bytes(self._got[:end])
        del self._got[: end + 2]
        return line

    def _body(self) -> bytes:
        """The message up to CRLF.CRLF, dot-stuffing undone (RFC 5321 section 4.5.2)."""
        self._got[:0] = b"\r\n"  # the end of the DATA line: a lone dot may come first
        searched = 0
        while (end := self._got.find(_END, searched)) < 0:
            searched = max(0, len(self._got) - len(_END) + 1)
            self._more()
        stuffed = bytes(self._got[: end + 2])
        del self._got[: end + len(_END)]
        return stuffed.replace(b"\r\n.", b"\r\n")[2:]

    def _more(self) -> None:
        got = self._line.recv(_CHUNK)
        if not got:
            raise Ended
        self._got += got


def _lines(code: int, text: str) -> bytes:
    rows = text.split("\n")
    return b"".join(f"{code}{'-' if n < len(rows) else ' '}{row}\r\n".encode() for n, row in enumerate(rows, 1))


def _path(rest: bytes, keyword: bytes) -> tuple[str | None, list[str]]:
    """`FROM:<address> OPTION OPTION`: the address without brackets ("" is <>), and the options."""
    if rest[: len(keyword)].upper() != keyword:
        return None, []
    text = rest[len(keyword) :].strip().decode("utf-8", "surrogateescape")
    if not text.startswith("<") or ">" not in text:
        return None, []
    address, _, options = text[1:].rpartition(">")
    return address, options.split()


def main() -> None:
    parser = argparse.ArgumentParser(description="An SMTP server that keeps what it accepts and fails by script.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; it is said on the standard output")
    parser.add_argument("--journal", type=Path, help="the folder to keep messages in")
    parser.add_argument("--script", type=Path, help="a JSON file of faults and features; read again when it changes")
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--tls", action="store_true", help="TLS from the first octet")
    parser.add_argument("--trace", action="store_true", help="note every command in commands.jsonl")
    parser.add_argument("--no-fsync", action="store_true")
    parser.add_argument("--discard", action="store_true", help="count messages and keep nothing")
    parser.add_argument("--until-eof", action="store_true", help="end when the standard input does")
    options = parser.parse_args()
    if options.journal is None and not options.discard:
        parser.error("--journal DIR or --discard")
    book = Book(None if options.discard else options.journal, options.script, not options.no_fsync)
    context = None
    if options.cert is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
    if options.until_eof:
        threading.Thread(target=_end_with_input, daemon=True).start()
    listener = socket.create_server(("127.0.0.1", options.port), backlog=100)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    number = 0
    while True:
        line, _ = listener.accept()
        number += 1
        arguments = (line, number, book, context, options.tls, options.trace)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()


def _serve(
    line: socket.socket, number: int, book: Book, context: ssl.SSLContext | None, tls: bool, trace: bool
) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        if tls and context is not None:
            line = context.wrap_socket(line, server_side=True)
    except OSError:
        line.close()
        return
    Dialogue(line, number, book, context, tls, trace).run()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
