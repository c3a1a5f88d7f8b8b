"""What a daemon and its processes cost in memory: the highest point since `reset`, above what they had then."""

from __future__ import annotations

import contextlib
from pathlib import Path


class Memory:
    """Of a process and all below it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._idle: dict[int, int] = {}

    def reset(self) -> None:
        """From here on the highest point counts (proc(5), clear_refs 5)."""
        for pid in family(self._pid):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._idle = {pid: status(pid, "VmRSS") for pid in family(self._pid)}

    def above_idle(self) -> int:
        """Octets, the sum over all processes; one that is new counts wholly."""
        return sum(max(status(pid, "VmHWM") - self._idle.get(pid, 0), 0) for pid in family(self._pid))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split() if int(child) not in found]
    return found


def status(pid: int, name: str) -> int:
    """Octets of one line of proc(5)'s status; 0 where the process has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
