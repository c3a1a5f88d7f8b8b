"""A TCP line to a server that can be cut, refused, frozen, slowed, and cut at the Nth octet: threads of the tests.

Promises: while nothing is asked of it, octets pass unchanged, both ways, and an end on one side reaches the other.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Literal

Direction = Literal["to_client", "to_server"]
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


class Proxy:
    """Listens on `port` and passes everything on to `target`. `with Proxy(port) as line:` starts and stops it."""

    def __init__(self, target: int) -> None:
        """`target`: the server's port on the loopback; may be changed at any time for the connections to come."""
        self.target = target
        self.port = 0
        self.connections = 0  # accepted so far
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._delay = 0.0
        self._throttle: tuple[int, float] | None = None
        self._rewrite: Callable[[bytes], bytes] | None = None
        self._cut_after: tuple[Direction, int, int] | None = None
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None

    # --------------------------------------------------------------------------------------- what fails

    def cut(self) -> None:
        """Reset every open connection, now. New ones are welcome."""
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _reset(end)

    def refuse(self) -> None:
        """Refuse new connections (nobody listens). The open ones go on."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            listener.close()

    def accept(self) -> None:
        """Take new connections, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=50)
            self.port = int(self._listener.getsockname()[1])
            threading.Thread(target=self._welcome, args=(self._listener,), daemon=True).start()

    def freeze(self) -> None:
        """Half-open: nothing passes and nothing ends, on open lines and new ones, until `thaw`."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let pass again; what was held back arrives now."""
        self._flowing.set()

    def delay(self, seconds: float) -> None:
        """Hold every piece back for so long, each way. 0: not at all."""
        self._delay = seconds

    def throttle(self, octets: int, seconds: float) -> None:
        """What the server says arrives by so many octets at a time, with a pause after each: a slow line, or a drip."""
        self._throttle = (octets, seconds)

    def rewrite(self, change: Callable[[bytes], bytes] | None) -> None:
        """What the server says reaches the client as `change` makes it: a server of another make. None: unchanged."""
        self._rewrite = change

    def cut_after(self, octets: int, direction: Direction = "to_client", times: int = 1) -> None:
        """Reset the next `times` connections when so many octets passed in one direction; not one more passes."""
        with self._lock:
            self._cut_after = direction, octets, times

    # ----------------------------------------------------------------------------------------- running

    def start(self) -> None:
        self.accept()

    def stop(self) -> None:
        self.refuse()
        self.thaw()
        self.cut()

    def __enter__(self) -> Proxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ----------------------------------------------------------------------------------------- private

    def _welcome(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(client)
            limits: dict[Direction, int] = {}
            if self._cut_after is not None:
                direction, octets, times = self._cut_after
                limits[direction] = octets
                self._cut_after = (direction, octets, times - 1) if times > 1 else None
        self._flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 10)
        except OSError:
            self._drop(client)
            return
        server.settimeout(None)
        with self._lock:
            still_wanted = client in self._open
            if still_wanted:
                self._open.add(server)
        if not still_wanted:
            _reset(server)
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = (server, client, limits.get("to_client"))
        backwards = threading.Thread(target=self._pass, args=back, kwargs={"answers": True}, daemon=True)
        backwards.start()
        self._pass(client, server, limits.get("to_server"))
        backwards.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _pass(self, source: socket.socket, target: socket.socket, limit: int | None, *, answers: bool = False) -> None:
        try:
            while piece := source.recv(65536):
                if self._delay:
                    time.sleep(self._delay)
                self._flowing.wait()
                if answers and self._rewrite is not None:
                    piece = self._rewrite(piece)
                if limit is not None:
                    piece, limit = piece[:limit], limit - len(piece)
                while answers and self._throttle is not None and piece:
                    octets, seconds = self._throttle
                    target.sendall(piece[:octets])
                    piece = piece[octets:]
                    time.sleep(seconds)
                target.sendall(piece)
                if limit is not None and limit <= 0:
                    time.sleep(0.05)  # a reset overtakes what is on its way: let it arrive
                    self._drop(source, target)
                    return
            self._flowing.wait()
            with self._lock:
                ended = source in self._open  # and was not cut
            if ended:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(source, target)

    def _drop(self, *ends: socket.socket) -> None:
        with self._lock:
            self._open.difference_update(ends)
        for end in ends:
            _reset(end)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RD)  # wakes the thread that reads it, and tells the other side nothing yet
    end.close()
