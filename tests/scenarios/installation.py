"""One installation of mailroom in a folder of its own: its files, and the real daemon as a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mailroom.ledger import Ledger

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "secret"  # any user may sign in to the test server with it


FEW_RULES = Path(__file__).with_name("few-rules.yaml")
MADE: list[Installation] = []
"""What was made since the list was last emptied; tests/conftest.py looks through the logs of each."""


class Installation:
    """config.toml, rules.yaml and templates in `folder`, for one mailbox and one relay on loopback."""

    def __init__(
        self,
        folder: Path,
        *,
        imap: int,
        user: str,
        smtp: int,
        inboxes: Any = (),
        rules: Path = ROOT / "rules.yaml",
        **settings: str,
    ) -> None:
        """`settings` replace or add lines of config.toml: imap__poll='"1s"' is `poll = "1s"` in [imap].

        `inboxes`: a [[imap]] for each of these mappings, with the lines of [imap] and its own.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(rules, folder / "rules.yaml")
        shutil.copytree(ROOT / "templates", folder / "templates", dirs_exist_ok=True)
        sections: dict[str, dict[str, str]] = {
            "mailroom": {"address": '"support@example.org"', "authserv_id": '"mail.example.org"'},
            "imap": {
                "host": '"127.0.0.1"',
                "port": str(imap),
                "security": '"none"',
                "username": f'"{user}"',
                "password": f'"{PASSWORD}"',
                "poll": '"1s"',
            },
            "smtp": {
                "host": '"127.0.0.1"',
                "port": str(smtp),
                "security": '"none"',
                "envelope_from": '"bounces@example.org"',
            },
            "forwarding": {"allowed_domains": '["example.org"]'},
        }
        for name, value in settings.items():
            section, _, key = name.partition("__")
            sections.setdefault(section, {})[key] = value
        tables = [(f"[{section}]", values) for section, values in sections.items()]
        if inboxes:
            tables = [one for one in tables if one[0] != "[imap]"]
            tables += [("[[imap]]", {**sections["imap"], **one}) for one in inboxes]
        text = "\n".join(
            f"{title}\n" + "".join(f"{key} = {value}\n" for key, value in values.items()) for title, values in tables
        )
        self.config = folder / "config.toml"
        self.config.touch(mode=0o600)
        self.config.write_text(text, encoding="utf-8")
        self.log = folder / "daemon.log"
        self._process: subprocess.Popen[bytes] | None = None
        MADE.append(self)

    # ---------------------------------------------------------------------------------------- running

    def command(self, *words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """Run one verb to its end."""
        return subprocess.run(
            [sys.executable, "-m", "mailroom", "--config", str(self.config), *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def once(self) -> int:
        """`mailroom once`; its log goes to the file of all logs."""
        done = self.command("once")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(done.stderr)
        return done.returncode

    def start(self, *, module: str = "mailroom", words: tuple[str, ...] = ("run",)) -> subprocess.Popen[bytes]:
        """`mailroom run` as a process of its own."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--config", str(self.config), *words],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        return self._process

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(60)
        self._process = None
        return code

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    @contextmanager
    def running(self) -> Iterator[Installation]:
        self.start()
        try:
            yield self
        finally:
            if self._process is not None and self._process.poll() is None:
                self.stop()

    # ---------------------------------------------------------------------------------------- looking

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        opened = Ledger(self.folder / "state" / "ledger.db")
        try:
            yield opened
        finally:
            opened.close()

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something is true; fail with what was last seen otherwise."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not become true in time")
