"""sd_notify(3): how systemd learns that the daemon is ready, reloads, stops, and is alive. One datagram each.

Outside systemd ($NOTIFY_SOCKET is not set) every call does nothing, and a socket that is gone is no trouble.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress


class Notifier:
    def __init__(self) -> None:
        self._place = os.environ.pop("NOTIFY_SOCKET", None)  # and not for our workers

    def ready(self) -> None:
        self._say("READY=1")

    def reloading(self) -> None:
        """Call ready() when it is done."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def alive(self) -> None:
        """For WatchdogSec=."""
        self._say("WATCHDOG=1")

    def status(self, text: str) -> None:
        """A line for `systemctl status`."""
        self._say(f"STATUS={text}")

    def _say(self, text: str) -> None:
        if self._place is None:
            return
        address = "\0" + self._place[1:] if self._place.startswith("@") else self._place
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.settimeout(1)
            out.sendto(text.encode(), address)
