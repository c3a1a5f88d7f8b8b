"""Child processes of the tests: started so that they end with us, ended without leaving any behind.

Promises: a child dies when the test process dies, however it dies (Linux); `end` returns only when it is gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
_PR_SET_PDEATHSIG = 1
_ROOMY = 512 * 2**20  # octets free in memory before it is used as a disk; containers often give 64 MB


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel terminates this child when its parent ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process: subprocess.Popen[bytes], patience: float = 10.0) -> None:
    """SIGTERM, then SIGKILL after `patience` seconds; waits until the process is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scratch(prefix: str) -> Path:
    """A new empty folder with a short name (Unix sockets: 107 octets), in memory where there is room."""
    memory = Path("/dev/shm")
    roomy = False
    if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK):
        space = os.statvfs(memory)
        roomy = space.f_bavail * space.f_frsize > _ROOMY
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else "/tmp"))
