"""The proxy passes everything unchanged, and fails exactly when it is told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.servers.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets, and ends when the other side does."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(line: socket.socket) -> None:
        try:
            while piece := line.recv(65536):
                line.sendall(piece)
        except OSError:
            pass
        finally:
            line.close()

    def welcome() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    threading.Thread(target=welcome, daemon=True).start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def line(echo: int) -> Iterator[Proxy]:
    with Proxy(echo) as proxy:
        yield proxy


def _connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), 5)


def _read(end: socket.socket, octets: int) -> bytes:
    got = b""
    while len(got) < octets:
        piece = end.recv(65536)
        if not piece:
            break
        got += piece
    return got


def test_octets_pass_unchanged_and_an_end_passes_too(line: Proxy) -> None:
    sent = bytes(range(256)) * 4000

    def send(end: socket.socket) -> None:
        end.sendall(sent)
        end.shutdown(socket.SHUT_WR)

    with _connect(line) as end:
        threading.Thread(target=send, args=(end,), daemon=True).start()
        assert _read(end, len(sent) + 1) == sent
    assert line.connections == 1


def test_a_cut_ends_what_is_open_and_welcomes_what_comes(line: Proxy) -> None:
    with _connect(line) as end:
        end.sendall(b"x")
        assert end.recv(1) == b"x"
        line.cut()
        with pytest.raises(ConnectionResetError):
            end.recv(1)
    with _connect(line) as end:
        end.sendall(b"y")
        assert end.recv(1) == b"y"


def test_refused_connections_leave_the_open_ones_alone_and_the_port_stays(line: Proxy) -> None:
    port = line.port
    with _connect(line) as end:
        end.sendall(b"x")
        assert end.recv(1) == b"x"
        line.refuse()
        with pytest.raises(ConnectionRefusedError):
            _connect(line)
        end.sendall(b"y")
        assert end.recv(1) == b"y"
    line.accept()
    assert line.port == port
    with _connect(line) as end:
        end.sendall(b"z")
        assert end.recv(1) == b"z"


def test_a_frozen_line_is_silent_and_open_and_gives_everything_when_it_thaws(line: Proxy) -> None:
    with _connect(line) as end:
        end.sendall(b"x")
        assert end.recv(1) == b"x"
        line.freeze()
        end.sendall(b"held back")
        end.settimeout(0.3)
        with pytest.raises(TimeoutError):
            end.recv(1)
        with _connect(line) as other:  # a new one is taken, and silent too
            other.sendall(b"z")
            other.settimeout(0.3)
            with pytest.raises(TimeoutError):
                other.recv(1)
            line.thaw()
            end.settimeout(5)
            other.settimeout(5)
            assert _read(end, 9) == b"held back" and other.recv(1) == b"z"


def test_a_delay_is_felt_both_ways(line: Proxy) -> None:
    line.delay(0.1)
    with _connect(line) as end:
        began = time.monotonic()
        end.sendall(b"x")
        assert end.recv(1) == b"x"
        assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("octets", [1, 5, 70000])
def test_cut_after_lets_exactly_so_many_octets_pass_once(line: Proxy, octets: int) -> None:
    line.cut_after(octets, "to_client")
    got = b""
    with _connect(line) as end:
        end.sendall(b"a" * 100_000)
        with pytest.raises(ConnectionResetError):
            while True:
                got += end.recv(65536)
    assert got == b"a" * octets
    with _connect(line) as end:
        end.sendall(b"b" * 100_000)
        assert _read(end, 100_000) == b"b" * 100_000


def test_cut_after_counts_what_the_client_sends(line: Proxy) -> None:
    line.cut_after(3, "to_server", times=2)
    for _ in range(2):
        with _connect(line) as end:
            end.sendall(b"abcdef")
            assert _read(end, 3) == b"abc"
            with pytest.raises(ConnectionResetError):
                end.recv(1)
    with _connect(line) as end:
        end.sendall(b"abcdef")
        assert _read(end, 6) == b"abcdef"


def test_a_server_that_is_away_ends_the_line(line: Proxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line.target = taken.getsockname()[1]
    with _connect(line) as end, pytest.raises(ConnectionResetError):
        end.recv(1)
