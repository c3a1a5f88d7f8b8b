"""The reference floor: bare imapclient and aiosmtplib doing mailroom's transfers, and nothing else.

    python -m benchmarks.floor --imap PORT --smtp PORT --user NAME --record FILE

One process: whole messages fetched in batches of 50; two sends a message on 4 kept connections, an answer of 3 kB and a
forward joined from the raw octets; one durable SQLite commit (synchronous=FULL) a message; UID MOVE by 50. Fetching,
sending, committing and moving overlap. No parsing, no rules, no templates, no recovery. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiosmtplib
from imapclient import IMAPClient

BATCH = 50
CONNECTIONS = 4
FOLDER = "Done"

_HEAD = (
    b"From: Section <support@example.org>\r\nTo: <unit@example.org>\r\nSubject: A message\r\nMIME-Version: 1.0\r\n"
    b'Auto-Submitted: auto-generated\r\nContent-Type: multipart/mixed; boundary="=_floor"\r\n\r\n'
    b"--=_floor\r\nContent-Type: text/plain\r\n\r\nA message has come.\r\n--=_floor\r\n"
    b"Content-Type: message/rfc822\r\n\r\n"
)
_TAIL = b"\r\n--=_floor--\r\n"
_ANSWER = (
    b"From: Section <support@example.org>\r\nTo: <person@example.net>\r\nSubject: Received\r\nMIME-Version: 1.0\r\n"
    b"Auto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\n"
)
_ANSWER += b"Your message has reached us, and it will be read.\r\n" * ((3000 - len(_ANSWER)) // 51)


@dataclass(frozen=True, slots=True)
class Measured:
    messages: int
    octets: int
    seconds: float  # from the first connection to the last move
    cpu: float  # seconds of this process in that time, user and system


class Floor:
    """One run over one inbox."""

    def __init__(self, imap: int, smtp: int, user: str, password: str, record: Path) -> None:
        self._imap, self._smtp, self._user, self._password = imap, smtp, user, password
        self._record = record
        self._octets = 0
        self._done: list[int] = []

    async def run(self) -> Measured:
        began, cpu = time.perf_counter(), _cpu()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as mailbox, ThreadPoolExecutor(1) as ledger:
            client = await loop.run_in_executor(mailbox, self._open)
            database = await loop.run_in_executor(ledger, _database, self._record)
            uids: list[int] = await loop.run_in_executor(mailbox, client.search)
            messages: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue(2 * BATCH)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(CONNECTIONS):
                    tasks.create_task(self._send(messages, database, ledger, client, mailbox))
                for start in range(0, len(uids), BATCH):
                    some = uids[start : start + BATCH]
                    fetched: dict[int, Any] = await loop.run_in_executor(mailbox, client.fetch, some, ["BODY.PEEK[]"])
                    for uid in some:
                        await messages.put((uid, fetched[uid][b"BODY[]"]))
                for _ in range(CONNECTIONS):
                    await messages.put(None)
            await loop.run_in_executor(mailbox, _move, client, self._done)
            await loop.run_in_executor(mailbox, client.logout)
            await loop.run_in_executor(ledger, database.close)
        return Measured(len(uids), self._octets, time.perf_counter() - began, _cpu() - cpu)

    def _open(self) -> Any:
        client: Any = IMAPClient("127.0.0.1", self._imap, ssl=False, timeout=60)
        client._imap.debug = 0
        client.login(self._user, self._password)
        client.create_folder(FOLDER)
        client.select_folder("INBOX")
        return client

    async def _send(
        self,
        messages: asyncio.Queue[tuple[int, bytes] | None],
        database: sqlite3.Connection,
        ledger: ThreadPoolExecutor,
        client: Any,
        mailbox: ThreadPoolExecutor,
    ) -> None:
        loop = asyncio.get_running_loop()
        smtp = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=self._smtp, use_tls=False, start_tls=False, local_hostname="example.org"
        )
        async with smtp:
            while (message := await messages.get()) is not None:
                uid, raw = message
                self._octets += len(raw)
                await smtp.sendmail("bounces@example.org", ["unit@example.org"], _HEAD + raw + _TAIL)
                await smtp.sendmail("", ["person@example.net"], _ANSWER)
                await loop.run_in_executor(ledger, _commit, database, uid)
                self._done.append(uid)
                if len(self._done) >= BATCH:
                    some, self._done = self._done, []
                    await loop.run_in_executor(mailbox, _move, client, some)


def _database(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE done (uid INTEGER PRIMARY KEY, at REAL) STRICT")
    return database


def _commit(database: sqlite3.Connection, uid: int) -> None:
    database.execute("INSERT INTO done VALUES (?, ?)", (uid, time.time()))


def _move(client: Any, uids: Sequence[int]) -> None:
    if uids:
        client.move(uids, FOLDER)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description="The same transfers by bare clients.")
    parser.add_argument("--imap", type=int, required=True)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", default="secret")
    parser.add_argument("--record", type=Path, required=True, help="the SQLite file; it must not exist yet")
    options = parser.parse_args()
    run = Floor(options.imap, options.smtp, options.user, options.password, options.record).run()
    print(json.dumps(asdict(asyncio.run(run))))


if __name__ == "__main__":
    main()
