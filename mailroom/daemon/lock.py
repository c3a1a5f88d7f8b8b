"""One daemon a state directory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailroom.model import Problem, Rejected


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the state directory: the kernel frees it when the process ends, however it ends (I-25)."""
    os.umask(0o077)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(state / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            what = "another mailroom works with this state directory"
            mend = "Stop it first, or give this one a state directory of its own in [mailroom] state"
            raise Rejected((Problem(str(state), 0, 0, what, mend),)) from None
        yield
    finally:
        os.close(fd)
