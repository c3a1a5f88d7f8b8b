"""The real daemon with a door that fails on demand: `python -m tests.scenarios.driven --config FILE kill 17`.

MODE is kill (SIGKILL), raise (an exception of ours), full (ENOSPC), hang (the effect never comes back; `hangs` is
written beside the configuration) or count; N is the effect at which it happens, from 1, or the name of one, as
imap.delete, for the first of that name. On the way out, unless killed, it writes how many effects there were to
`effects` beside the configuration.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from pathlib import Path

from mailroom import config as configuration
from mailroom import observe
from mailroom.daemon import Daemon, only_one


class Door:
    """Counts the effects of all threads; fails the Nth."""

    def __init__(self, mode: str, number: str, beside: Path) -> None:
        self.mode, self.at, self.passed, self.beside = mode, number, 0, beside
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.passed += 1
            if self.at not in (str(self.passed), name):
                return
            self.at = ""
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mode == "raise":
            raise RuntimeError("scripted")
        if self.mode == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.mode == "hang":
            (self.beside / "hangs").write_text(name, encoding="utf-8")
            time.sleep(3600)


def main() -> int:
    _, _, file, mode, number = sys.argv
    config = configuration.load(Path(file))
    observe.set_up()
    door = Door(mode, number, Path(file).parent)
    with only_one(config.state):
        daemon = Daemon(config, effect=door)
        try:
            return daemon.once()
        finally:
            daemon.close()
            (Path(file).parent / "effects").write_text(str(door.passed), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
