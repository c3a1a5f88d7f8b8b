"""What the SMTP sink's connections share: the script of faults, the journal, the counts. Standard library alone.

The journal is a folder: NUMBER.msg is one message, a line of JSON (envelope, options, times) and then its octets;
fired.jsonl the faults that happened; commands.jsonl, on wish, every command read.
"""

from __future__ import annotations

import fnmatch
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

_FEATURES: dict[str, Any] = {
    "starttls": True,  # offered where there is a certificate
    "size": 50_000_000,  # None: not announced and not enforced
    "8bitmime": True,
    "smtputf8": True,
    "dsn": True,
    "pipelining": True,
    "auth": True,
    "mechanisms": "PLAIN",  # of AUTH; "XOAUTH2" asks `introspection`
    "introspection": "",  # a URL to which a token is appended
    "auth_required": False,
    "password": None,  # of AUTH PLAIN; None: any
}


class Book:
    """What all connections share: the script with its counters, the journal, the counts."""

    def __init__(self, journal: Path | None, script: Path | None, sync: bool) -> None:
        self.journal, self._script, self._sync = journal, script, sync
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._faults: list[dict[str, Any]] = []
        self._features = dict(_FEATURES)
        self._met: list[int] = []
        self._fired: list[int] = []
        self._number = 0
        self.counts = {"messages": 0, "octets": 0, "null_senders": 0}
        if journal is not None:
            journal.mkdir(parents=True, exist_ok=True)
            self._number = max((int(one.stem) for one in journal.glob("*.msg")), default=0)

    def feature(self, name: str) -> Any:
        with self._lock:
            self._read()
            return self._features[name]

    def fault(self, stage: str, sender: str | None, recipient: str | None) -> dict[str, Any] | None:
        """The first fault of the script that is due here, counted and noted; None where all goes well."""
        if self._script is None:
            return None
        with self._lock:
            self._read()
            for n, one in enumerate(self._faults):
                wanted = one.get("recipient"), one.get("sender")
                if one["stage"] != stage or not _like(recipient, wanted[0]) or not _like(sender, wanted[1]):
                    continue
                self._met[n] += 1
                late = self._met[n] - one.get("after", 0)
                limit = one.get("count")
                if late < 1 or late % one.get("every", 1) or (limit is not None and self._fired[n] >= limit):
                    continue
                self._fired[n] += 1
                self._note("fired.jsonl", {**one, "sender": sender, "recipient": recipient})
                return one
        return None

    def trace(self, connection: int, line: bytes) -> None:
        if self.journal is not None:
            with self._lock:
                self._note("commands.jsonl", {"connection": connection, "line": line.decode("latin-1")})

    def keep(self, entry: dict[str, Any], data: bytes) -> None:
        """Put a message into the journal, durably; or only count it."""
        with self._lock:
            self._number += 1
            number = self._number
            self.counts["messages"] += 1
            self.counts["octets"] += len(data)
            self.counts["null_senders"] += entry["sender"] == ""
        if self.journal is None:
            return
        entry |= {"number": number, "accepted": time.monotonic_ns()}
        temporary = self.journal / f"{number:08d}.tmp"
        with temporary.open("wb") as file:
            file.write(json.dumps(entry).encode() + b"\n" + data)
            if self._sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.rename(temporary.with_suffix(".msg"))
        if self._sync:
            folder = os.open(self.journal, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _read(self) -> None:
        if self._script is None:
            return
        found = self._script.stat()
        stamp = found.st_mtime_ns, found.st_ino
        if stamp != self._stamp:
            script = json.loads(self._script.read_text())
            self._stamp = stamp
            self._faults = script.get("faults", [])
            self._features = {**_FEATURES, **script.get("features", {})}
            self._met = [0] * len(self._faults)
            self._fired = [0] * len(self._faults)

    def _note(self, name: str, entry: dict[str, Any]) -> None:
        if self.journal is not None:
            with (self.journal / name).open("a") as file:
                file.write(json.dumps(entry) + "\n")


def _like(value: str | None, pattern: str | None) -> bool:
    return pattern is None or (value is not None and fnmatch.fnmatchcase(value.lower(), pattern.lower()))
