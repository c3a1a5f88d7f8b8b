"""Starts the SMTP sink, scripts its faults and reads its journal. The server itself is smtp_sink.py.

Promises: `received` reads what is on disk, so it works whatever died meanwhile; a script is in force for every command
that the sink reads after `script` returned.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import smtplib
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from tests.servers import processes
from tests.servers.certificates import Certificate

ROOT = Path(__file__).resolve().parents[2]

Stage = Literal["banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "dot", "noop"]
Action = Literal["reply", "close", "close-after", "silence", "delay", "drip"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at a stage.

    reply: `code` and `text` in place of the good answer (421 also closes). close: no answer; after the dot the message
    is kept, so its fate is unknown to the sender. close-after: the good answer, then the end. silence: no answer, the
    line stays open; after the dot the message is kept. delay: the good answer `seconds` late. drip: the good answer,
    one octet every `seconds`.
    """

    stage: Stage
    action: Action = "reply"
    code: int = 451
    text: str = "4.3.0 scripted"
    recipient: str | None = None  # a pattern with * and ?; any where None. Known at rcpt, data and dot
    sender: str | None = None  # likewise; known from mail on. "" is <>
    count: int | None = None  # so many times; None: always
    every: int = 1  # each Nth time
    after: int = 0  # not the first so many times
    seconds: float = 0.0
    keep: bool | None = None  # at the dot: whether the message is kept; None: yes but for "reply"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that the sink kept."""

    sender: str  # "" is <>
    recipients: tuple[str, ...]
    data: bytes
    mail_options: tuple[str, ...]
    rcpt_options: tuple[str, ...]
    tls: bool
    answered: bool  # whether 250 was said
    number: int  # in order of acceptance, from 1
    began: int  # MAIL was read; nanoseconds of the machine's monotonic clock
    accepted: int  # all of it was here, and 250 not yet said

    @property
    def recipient(self) -> str:
        return self.recipients[0]


class Sink:
    """One sink. `with Sink(folder) as sink:` starts and stops it."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        port: int = 0,
        certificate: Certificate | None = None,
        implicit_tls: bool = False,
        trace: bool = False,
        fsync: bool = True,
        discard: bool = False,
    ) -> None:
        """`folder` holds the journal and the script; without it, one of its own that goes with `close`."""
        self._own = folder is None
        self.folder = folder if folder is not None else processes.scratch("sink-")
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._script = self.folder / "script.json"
        self._journal = self.folder / "journal"
        self._options = ["--discard"] if discard else ["--journal", str(self._journal), "--script", str(self._script)]
        if certificate is not None:
            self._options += ["--cert", str(certificate.cert_file), "--key", str(certificate.key_file)]
        for wanted, option in ((implicit_tls, "--tls"), (trace, "--trace"), (not fsync, "--no-fsync")):
            self._options += [option] if wanted else []

    # ---------------------------------------------------------------------------------------- running

    def start(self) -> None:
        """Start on `port`, any free one the first time, the same ever after."""
        self._journal.mkdir(parents=True, exist_ok=True)
        if not self._script.exists():
            self.script()
        command = [sys.executable, "-m", "tests.servers.smtp_sink", "--until-eof", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, *self._options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the sink did not start")
        self.port = int(line)

    def stop(self) -> None:
        """End the process; what it kept stays."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        self.stop()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Sink:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ----------------------------------------------------------------------------------------- script

    def script(self, *faults: Fault, **features: object) -> None:
        """Replace the script; without arguments all goes well.

        Features: size=n or None, starttls, 8bitmime (by **{...}), smtputf8, dsn, pipelining, auth, auth_required,
        password, mechanisms, introspection.
        """
        rows = [{key: value for key, value in asdict(one).items() if value is not None} for one in faults]
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._script.with_suffix(".new")
        temporary.write_text(json.dumps({"faults": rows, "features": features}))
        temporary.replace(self._script)

    # ---------------------------------------------------------------------------------------- reading

    def received(self) -> list[Received]:
        """What was kept, in order of acceptance."""
        return [_read(one) for one in sorted(self._journal.glob("*.msg"))]

    def fired(self) -> list[dict[str, Any]]:
        """The faults that happened, in order, each with the sender and recipient it met."""
        return _rows(self._journal / "fired.jsonl")

    def commands(self) -> list[str]:
        """Every command line read, in order; only with trace=True."""
        return [str(row["line"]) for row in _rows(self._journal / "commands.jsonl")]

    def counts(self) -> dict[str, int]:
        """messages, octets, null_senders since the start, as the running server counts them."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            _, answer = client.docmd("XCOUNT")
        return dict(json.loads(answer))

    def clear(self) -> None:
        """Forget what was kept."""
        with contextlib.suppress(FileNotFoundError):
            for one in self._journal.iterdir():
                one.unlink()


def _read(file: Path) -> Received:
    head, _, data = file.read_bytes().partition(b"\n")
    entry = json.loads(head)
    return Received(
        sender=entry["sender"],
        recipients=tuple(entry["recipients"]),
        data=data,
        mail_options=tuple(entry["mail_options"]),
        rcpt_options=tuple(entry["rcpt_options"]),
        tls=entry["tls"],
        answered=entry["answered"],
        number=entry["number"],
        began=entry["began"],
        accepted=entry["accepted"],
    )


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
