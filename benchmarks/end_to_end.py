"""mailroom beside bare clients doing the same transfers: a real Dovecot, an SMTP server that counts, the same messages.

    python -m benchmarks.end_to_end [--messages 2000] [--rounds 3] [--require 0.4] [--disk DIR]

Each round runs the floor (floor.py) and `mailroom once` over two inboxes with the same generated messages, in turns,
and checks what came out: every message moved, two outgoing messages each. A machine's speed changes from minute to
minute, so the ratio of one round is the figure to read, not the rates. mailroom's time is taken without its start
(rules, templates, worker processes, language model), which is measured over an inbox of one message and printed
apart. Exit code 1: a count was wrong, or a ratio was required and the median fell short of it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

from benchmarks.generate import generate
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot, find
from tests.servers.sink import Sink

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 900.0  # seconds for one run


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    cpu: float  # seconds, with all child processes
    memory: int  # octets: the largest process


@dataclass(frozen=True, slots=True)
class Round:
    messages: int
    floor: Run
    start: Run  # mailroom over an inbox of one message
    mailroom: Run

    @property
    def floor_rate(self) -> float:
        return self.messages / self.floor.seconds

    @property
    def rate(self) -> float:
        return (self.messages - 1) / (self.mailroom.seconds - self.start.seconds)

    @property
    def ratio(self) -> float:
        return self.rate / self.floor_rate

    @property
    def ratio_with_start(self) -> float:
        return self.floor.seconds / self.mailroom.seconds


class Wrong(Exception):
    """What came out is not what should have."""


class Bench:
    """The servers, and a folder for the programs' records."""

    def __init__(self, dovecot: Dovecot, sink: Sink, folder: Path, messages: Sequence[bytes]) -> None:
        self._dovecot, self._sink, self._folder, self._messages = dovecot, sink, folder, messages

    def round(self, number: int) -> Round:
        """One of each, the order changing from round to round."""
        start = self.mailroom(f"start{number}", self._messages[:1])
        if number % 2:
            floor = self.floor(f"floor{number}")
            mailroom = self.mailroom(f"mailroom{number}", self._messages)
        else:
            mailroom = self.mailroom(f"mailroom{number}", self._messages)
            floor = self.floor(f"floor{number}")
        return Round(len(self._messages), floor, start, mailroom)

    def floor(self, user: str) -> Run:
        self._dovecot.deliver_all(user, self._messages)
        before = self._sink.counts()
        ports = ["--imap", str(self._dovecot.port), "--smtp", str(self._sink.port)]
        record = ["--user", user, "--password", PASSWORD, "--record", str(self._folder / f"{user}.db")]
        run, output = _timed([sys.executable, "-m", "benchmarks.floor", *ports, *record])
        said = json.loads(output)
        self._check(user, before, "Done", len(self._messages))
        return Run(said["seconds"], said["cpu"], run.memory)  # without the interpreter's start

    def mailroom(self, user: str, messages: Sequence[bytes]) -> Run:
        self._dovecot.deliver_all(user, messages)
        before = self._sink.counts()
        state = self._folder / user
        state.mkdir(mode=0o700)
        config = self._folder / f"{user}.toml"
        config.touch(0o600)
        config.write_text(self._configuration(user, state))
        run, _ = _timed([sys.executable, "-m", "mailroom", "--config", str(config), "once"])
        self._check(user, before, "Mailroom", len(messages))
        shutil.rmtree(state)
        return run

    def _check(self, user: str, before: dict[str, int], folder: str, count: int) -> None:
        after = self._sink.counts()
        sent = after["messages"] - before["messages"]
        answers = after["null_senders"] - before["null_senders"]
        left = self._dovecot.count(user)
        filed = sum(self._dovecot.count(user, one) for one in self._dovecot.folders(user) if one.startswith(folder))
        if (sent - answers, answers, left, filed) != (count, count, 0, count):
            raise Wrong(
                f"{user}: of {count} messages {filed} are filed and {left} still in the inbox; "
                f"{sent - answers} forwards and {answers} acknowledgements came out"
            )

    def _configuration(self, user: str, state: Path) -> str:
        return f"""
[mailroom]
address = "support@example.org"
authserv_id = "mail.example.org"
rules = "{ROOT / "rules.yaml"}"
templates = "{ROOT / "templates"}"
state = "{state}"

[imap]
host = "127.0.0.1"
port = {self._dovecot.port}
security = "none"
username = "{user}"
password = "{PASSWORD}"
idle = false

[smtp]
host = "127.0.0.1"
port = {self._sink.port}
security = "none"
envelope_from = "bounces@example.org"

[forwarding]
allowed_domains = ["example.org"]

[acknowledgements]
per_domain_per_hour = 1000000
per_hour = 1000000
"""


def _timed(command: list[str]) -> tuple[Run, bytes]:
    """Run a program to its end; its time, and what it printed. Raises Wrong where it fails or takes too long."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=log)
        watch = threading.Timer(LIMIT, process.kill)
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            watch.cancel()
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        printed, logged = _all(output), _all(log)
    if process.returncode != 0:
        tail = (logged + printed)[-3000:].decode(errors="replace")
        raise Wrong(f"{' '.join(command[1:4])} … ended with {process.returncode} after {seconds:.0f} s\n{tail}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024), printed


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


_HEADS = ("round", "floor/s", "CPU ms", "mailroom/s", "CPU ms", "MB", "start s", "ratio", "with start")


def _row(number: int, one: Round) -> str:
    cells = (
        f"{number}",
        f"{one.floor_rate:.0f}",
        f"{1000 * one.floor.cpu / one.messages:.2f}",
        f"{one.rate:.0f}",
        f"{1000 * (one.mailroom.cpu - one.start.cpu) / one.messages:.2f}",
        f"{one.mailroom.memory / 1e6:.0f}",
        f"{one.start.seconds:.2f}",
        f"{one.ratio:.2f}",
        f"{one.ratio_with_start:.2f}",
    )
    return _line(cells)


def _line(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, _HEADS, strict=True))


def _spread(values: Sequence[float], form: str = ".2f") -> str:
    return f"{median(values):{form}} [{min(values):{form}}-{max(values):{form}}]"


def main() -> None:
    parser = argparse.ArgumentParser(description="mailroom beside bare clients doing the same transfers.")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--require", type=float, help="fail where the median ratio is below this")
    parser.add_argument("--disk", type=Path, help="where ledgers and spools go; else memory, if there is room")
    options = parser.parse_args()
    if find() is None:
        sys.exit("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    messages = [one.raw for one in generate(options.messages)]
    octets = sum(map(len, messages))
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=options.disk)) if options.disk else processes.scratch("bench-")
    print(f"{len(messages)} messages, {octets / 1e6:.1f} MB, {options.rounds} rounds; records in {folder}")
    print(_line(_HEADS), flush=True)
    rounds: list[Round] = []
    try:
        with Dovecot() as dovecot, Sink(discard=True) as sink:
            bench = Bench(dovecot, sink, folder, messages)
            for number in range(1, options.rounds + 1):
                rounds.append(bench.round(number))
                print(_row(number, rounds[-1]), flush=True)
    except Wrong as wrong:
        sys.exit(f"wrong: {wrong}")
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
    print(f"floor        {_spread([one.floor_rate for one in rounds], '.0f')} msgs/s")
    print(f"mailroom     {_spread([one.rate for one in rounds], '.0f')} msgs/s")
    print(f"start        {_spread([one.start.seconds for one in rounds])} s, over an inbox of one message")
    print(f"ratio        {_spread([one.ratio for one in rounds])}")
    print(f"with start   {_spread([one.ratio_with_start for one in rounds])}")
    if options.require is not None and median(one.ratio for one in rounds) < options.require:
        sys.exit(f"the median ratio is below {options.require}")


if __name__ == "__main__":
    main()
