"""An IMAP server (pymap, in memory) and an SMTP server (aiosmtpd) that keeps what it is given, both on loopback."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import threading
from argparse import Namespace
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pymap.backend.dict.mailbox
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pymap.parsing.specials.flag import Recent, Wildcard, get_system_flags

HOST = "127.0.0.1"
USER = "demouser"
PASSWORD = "demopass"  # noqa: S105 - of a server in memory that ends with the demo


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class ImapServer:
    """pymap with one empty mailbox, in a thread of its own."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._end = asyncio.Event()
        self._failure: BaseException | None = None
        # pymap's mailboxes offer no keywords of their own; those that we file mail with do.
        pymap.backend.dict.mailbox.MailboxData.permanent_flags = property(  # type: ignore[method-assign,assignment,unused-ignore]
            lambda _: (get_system_flags() - {Recent}) | {Wildcard}
        )
        logging.getLogger("pymap").setLevel(logging.CRITICAL)
        threading.Thread(target=self._run, name="demo-imap", daemon=True).start()
        self._ready.wait(20)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        arguments = Namespace(
            host=HOST, port=str(self.port), debug=False, insecure_login=True, cert=None, key=None, tls=False,
            proxy_protocol=None, reject_insecure_auth=False, demo_data=None, demo_user=USER, demo_password=PASSWORD,
            passlib_cfg=None, preauth_credentials=None, cpu_subsystem=None, disable_idle=None,
            max_append_len=1_000_000_000, bad_command_limit=5, no_secure_login=True, invalid_user_sleep=0.0,
            inherited_sockets=None, service=None, admin_key=None, users_file=None, disable_search_keys=None,
        )  # fmt: skip
        async with AsyncExitStack() as stack:
            backend, config = await DictBackend.init(arguments)
            config.apply_context()
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self._ready.set()
            await self._end.wait()

    def client(self) -> IMAPClient:
        client = IMAPClient(HOST, self.port, ssl=False, timeout=20)
        client._imap.debug = 0
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(USER, PASSWORD)
        return client

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)


class SmtpServer:
    """Keeps each message it is given as a file: 001-acknowledgement.eml, 002-forward.eml …"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.senders: dict[str, str] = {}  # file name -> envelope sender
        self._numbers = itertools.count(1)
        self._controller = Controller(self, hostname=HOST, port=_free_port(), data_size_limit=100_000_000)
        self.port: int = self._controller.port
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._controller.start()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: one message was offered."""
        content: Any = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")
        kind = "forward" if sender else "acknowledgement"
        file = self.folder / f"{next(self._numbers):03}-{kind}.eml"
        file.write_bytes(content)
        self.senders[file.name] = sender
        return "250 2.0.0 kept"

    def kept(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))

    def stop(self) -> None:
        self._controller.stop()
