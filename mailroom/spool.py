"""Durable bytes: the originals, each under its own SHA-256.

A name stands only for whole, synced bytes: written to a temporary file, fsynced, renamed, the directory fsynced.
A crash before the rename leaves a `.tmp` that the sweep removes; after it, an orphan that the same message finds
again (D-02, D-03). No file is ever named by anything a message says (T-24). Knows nothing of the ledger.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailroom.effects import Door, passing
from mailroom.model import Original
from mailroom.space import of_disk

ORPHAN_AGE = 7 * 86400.0  # seconds; far above the time between a rename and its row (D-03)


class Slices:
    """A message being written in slices, hashed on the way."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    @property
    def original(self) -> Original:
        return Original(self._hash.hexdigest(), self.size)


class Spool:
    def __init__(self, directory: Path, effect: Door = passing) -> None:
        self.directory = directory
        self._effect = effect
        self._serial = itertools.count(1)  # more than one thread writes
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        return self.directory / f"{sha256}.eml"

    def read(self, sha256: str) -> bytes:
        return self.path(sha256).read_bytes()

    def pieces(self, sha256: str, octets: int) -> Iterator[bytes]:
        """The bytes of an original, so many at a time."""
        with self.path(sha256).open("rb") as file:
            while piece := file.read(octets):
                yield piece

    def put(self, originals: Iterable[bytes]) -> list[Original]:
        """Write each durably; when this returns, a power cut loses none of them."""
        kept = []
        for data in originals:
            with self._file() as file:
                file.write(data)
            kept.append(file.original)
        self.sync()
        return kept

    @contextmanager
    def slices(self) -> Iterator[Slices]:
        """Write one message in slices. Call sync() before relying on it."""
        with self._file() as file:
            yield file

    @contextmanager
    def _file(self) -> Iterator[Slices]:
        temporary = self.directory / f"{os.getpid()}-{next(self._serial)}.tmp"
        try:
            self._effect("spool.write")
            fd = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                file = Slices(fd)
                yield file
                self._effect("spool.fsync")
                os.fsync(fd)
            finally:
                os.close(fd)
            self._effect("spool.rename")
            temporary.rename(self.path(file.original.sha256))
        except OSError as error:
            raise of_disk(error, "cannot write to the spool") from error
        finally:
            temporary.unlink(missing_ok=True)  # nothing there once it was renamed

    def sync(self) -> None:
        """Make the names durable."""
        try:
            self._effect("spool.fsync-directory")
            fd = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise of_disk(error, "cannot write to the spool") from error

    def drop(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, wanted: frozenset[str]) -> int:
        """Remove what is old and belongs to no message: half-written files, and orphans. Returns how many."""
        removed = 0
        horizon = time.time() - ORPHAN_AGE
        for file in self.directory.iterdir():
            orphan = file.suffix == ".eml" and file.stem not in wanted and file.stat().st_mtime < horizon
            stale = file.suffix == ".tmp" and not file.name.startswith(f"{os.getpid()}-")
            if orphan or stale:
                file.unlink(missing_ok=True)
                removed += 1
        return removed
