"""The relay: one method, a submission in, an Outcome out. Knows replies and their scope, no policy.

Promises: TLS fails closed (start_tls or use_tls is always stated; aiosmtplib's default is opportunistic); one
recipient a transaction; the connection is kept and reset or closed after every failure; whatever happens becomes an
Outcome, never an exception. The only file that knows aiosmtplib.

Who must wait, by phase (the reply's scope):
    connect, TLS, EHLO, AUTH, 421 anywhere   relay      no message loses an attempt; nothing was sent
    MAIL, DATA, the final dot                message
    RCPT                                     recipient
After the final dot a definite 4yz or 5yz is an answer; silence is `unknown` (RFC 1047, D-06, D-07).
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiosmtplib

from mailroom.effects import Door, passing
from mailroom.model import Outcome, Result, Scope, SubmissionKind

CONNECT_TIMEOUT = 30.0  # seconds
COMMAND_TIMEOUT = 300.0  # RFC 5321 section 4.5.3.2: five minutes for MAIL and RCPT
DOT_TIMEOUT = 600.0  # section 4.5.3.2.6: ten minutes; a shorter one manufactures duplicates (RFC 1047)
IDLE_LIMIT = 45.0  # seconds; an older connection is asked with NOOP before it is trusted


class Relay:
    """One kept connection to the submission server. Belongs to one task of one event loop."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str,
        username: str,
        password: str | None,
        domain: str,
        ca_file: Path | None = None,
        effect: Door = passing,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._domain = domain
        self._ca_file = ca_file
        self._effect = effect
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0.0

    async def submit(self, kind: SubmissionKind, sender: str, recipient: str, data: bytes) -> Outcome:
        """Offer one message for one recipient. Blocks on the network; never raises for what the server does."""
        try:
            client = await self._connected()
        except aiosmtplib.SMTPAuthenticationError as error:
            self.close()
            return Outcome(Result.DEFERRED, Scope.RELAY, error.code, phase="auth")
        except aiosmtplib.SMTPResponseException as error:
            self.close()
            return Outcome(Result.DEFERRED, Scope.RELAY, error.code, phase="connect")
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError, ValueError):
            self.close()
            return Outcome(Result.DEFERRED, Scope.RELAY, phase="connect")
        except BaseException:
            self.close()
            raise
        outcome = Outcome(Result.UNKNOWN, Scope.MESSAGE, phase="dot")
        try:
            outcome = await self._transaction(client, kind, sender, recipient, data)
        except BaseException:
            # Cancelled, or our own mistake: what the server did meanwhile is unknown, and so is this connection.
            self.close()
            raise
        if outcome.scope is Scope.RELAY or (outcome.phase in ("data", "dot") and outcome.result is not Result.ACCEPTED):
            # A refused DATA may leave the transaction open: the next MAIL would be answered 503.
            self.close()
        elif outcome.result is not Result.ACCEPTED:
            await self._reset(client)
        self._used = asyncio.get_running_loop().time()
        return outcome

    def close(self) -> None:
        """Drop the connection without a word."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def quit(self) -> None:
        """End the connection politely, at a quiet moment."""
        if self._client is not None:
            try:
                async with asyncio.timeout(5):
                    await self._client.quit()
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                pass
            self.close()

    async def probe(self) -> None:
        """Connect and sign in, for `check --connect`. Raises aiosmtplib's or the socket's exception."""
        await self._connected()
        await self.quit()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            if asyncio.get_running_loop().time() - self._used < IDLE_LIMIT:
                return self._client
            try:
                await self._client.noop(timeout=COMMAND_TIMEOUT)
                return self._client
            except aiosmtplib.SMTPException:
                pass
        self.close()
        self._effect("smtp.connect")
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=self._domain,  # getfqdn() may stall on bad DNS
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._context(),
            timeout=CONNECT_TIMEOUT,
        )
        self._client = client
        async with asyncio.timeout(4 * CONNECT_TIMEOUT):
            await client.connect()
            await client.ehlo()
            if self._password is not None:
                await client.login(self._username, self._password)
        return client

    def _context(self) -> ssl.SSLContext | None:
        if self._security == "none":
            return None
        context = ssl.create_default_context(cafile=str(self._ca_file) if self._ca_file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def _transaction(
        self, client: aiosmtplib.SMTP, kind: SubmissionKind, sender: str, recipient: str, data: bytes
    ) -> Outcome:
        mail: list[bytes] = []
        rcpt: list[bytes] = []
        if client.supports_extension("size"):
            limit = client.esmtp_extensions.get("size", "")
            if limit.isdigit() and 0 < int(limit) < len(data):  # RFC 1870 section 6.1
                return Outcome(Result.FAILED, Scope.MESSAGE, 552, "5.3.4", "mail")
            mail.append(b"SIZE=%d" % len(data))
        if kind is SubmissionKind.ACKNOWLEDGEMENT and client.supports_extension("dsn"):
            rcpt.append(b"NOTIFY=NEVER")  # RFC 3834 section 3.3, RFC 3461 section 4.1
        phase = "mail"
        try:
            self._effect("smtp.mail")
            await _command(client, b"MAIL", b"FROM:<%b>" % sender.encode("ascii"), *mail)
            phase = "rcpt"
            self._effect("smtp.rcpt")
            await _command(client, b"RCPT", b"TO:<%b>" % recipient.encode("ascii"), *rcpt)
            phase = "data"
            self._effect("smtp.data")
            await _command(client, b"DATA", expected=354)
            phase = "dot"
            self._effect("smtp.dot")
            # A deadline for the whole, for a server that drips (T-28): the answer's ten minutes and 10 kB/s.
            async with asyncio.timeout(DOT_TIMEOUT + 60 + len(data) / 10_000):
                code, text = await _content(client, data)
            self._effect("smtp.accepted")
            if code != 250:
                return _refused(code, text, phase)
            return Outcome(Result.ACCEPTED, Scope.MESSAGE, code, _enhanced(text), phase)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code, error.message, phase)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            if phase == "dot":
                return Outcome(Result.UNKNOWN, Scope.MESSAGE, phase=phase)
            if isinstance(error, ValueError):  # an address that the protocol cannot carry
                return Outcome(Result.FAILED, Scope.RECIPIENT, 553, "5.1.3", phase)
            return Outcome(Result.DEFERRED, Scope.RELAY, phase=phase)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset(timeout=COMMAND_TIMEOUT)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            self.close()


async def _command(client: aiosmtplib.SMTP, *words: bytes, expected: int = 250) -> None:
    """One command; raises SMTPResponseException for another answer. aiosmtplib refuses control characters (T-02)."""
    reply = await client.execute_command(*words, timeout=COMMAND_TIMEOUT)
    if reply.code != expected and not (expected == 250 and reply.code == 251):
        raise aiosmtplib.SMTPResponseException(reply.code, reply.message)


async def _content(client: aiosmtplib.SMTP, data: bytes) -> tuple[int, str]:
    """The message and the final dot, after 354; the server's last word.

    aiosmtplib's own data() first rewrites line ends by two regular expressions, a quarter of the daemon's time. Ours
    are right already (compose), so what is left is to double a dot that begins a line (RFC 5321 section 4.5.2).
    """
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    content = data.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    protocol._response_pending = True  # as its own commands do: what comes next is an answer, not unsolicited
    protocol.write(content if content.endswith(b"\r\n") else content + b"\r\n")
    protocol.write(b".\r\n")
    reply = await protocol.read_response(timeout=DOT_TIMEOUT)
    return reply.code, reply.message


def _refused(code: int, text: str, phase: str) -> Outcome:
    """A definite no, by its reply code; prose is never read but for the enhanced code that leads it (RFC 2034)."""
    enhanced = _enhanced(text)
    if code == 421:  # RFC 5321 section 3.8: the server closes, whatever the command was
        return Outcome(Result.DEFERRED, Scope.RELAY, code, enhanced, phase)
    result = Result.FAILED if 500 <= code < 600 else Result.DEFERRED
    return Outcome(result, Scope.RECIPIENT if phase == "rcpt" else Scope.MESSAGE, code, enhanced, phase)


def _enhanced(text: str) -> str | None:
    first = text.split(" ", 1)[0] if text else ""
    parts = first.split(".")
    return first if len(parts) == 3 and all(part.isdigit() for part in parts) else None
