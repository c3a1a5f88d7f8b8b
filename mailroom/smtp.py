"""The relay: one method, a submission in, an Outcome out. Knows replies and their scope, no policy.

Promises: TLS fails closed (start_tls or use_tls is always stated; aiosmtplib's default is opportunistic); one
recipient a transaction; the connection is kept while all goes well and closed after a failure; whatever happens
becomes an Outcome, never an exception. The only file that knows aiosmtplib.

aiosmtplib connects, starts TLS and signs in. Then `_Session` goes on with the transport it made: aiosmtplib waits for
each reply by itself and rewrites each message by regular expressions, and a message costs half the time where MAIL,
RCPT and DATA go out together (RFC 2920) and our bytes as they are.

Who must wait, by phase (the reply's scope):
    connect, TLS, EHLO, AUTH, 421 anywhere   relay      no message loses an attempt; nothing was sent
    MAIL, DATA, the final dot                message
    RCPT                                     recipient
After the final dot a definite 4yz or 5yz is an answer; silence is `unknown` (RFC 1047, D-06, D-07).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib

from mailroom.effects import Door, passing
from mailroom.model import Misconfigured, Outcome, Result, Scope, SubmissionKind, Unavailable
from mailroom.oauth import Bearer

CONNECT_TIMEOUT = 30.0  # seconds
COMMAND_TIMEOUT = 300.0  # RFC 5321 section 4.5.3.2: five minutes for MAIL and RCPT
DOT_TIMEOUT = 600.0  # section 4.5.3.2.6: ten minutes; a shorter one manufactures duplicates (RFC 1047)
MAX_REPLY = 64_000  # characters of one reply
IDLE_LIMIT = 45.0  # seconds; an older connection is asked with NOOP before it is trusted


@dataclass(frozen=True, slots=True)
class Offer:
    """What a submission server says that it takes."""

    null_sender: int  # its reply to MAIL FROM:<>
    size_limit: int  # octets; 0: none stated
    eight_bit: bool
    dsn: bool
    banner: str


@dataclass(frozen=True, slots=True)
class Pieces:
    """A large message that is never whole in memory. CRLF lines; each piece but the last ends with a line."""

    size: int  # octets of the whole
    read: Callable[[], Iterator[bytes]]  # from the beginning

    def __len__(self) -> int:
        return self.size


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
        bearer: Bearer | None = None,
        domain: str,
        ca_file: Path | None = None,
        instead_of_null: str | None = None,
        effect: Door = passing,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._bearer = bearer
        self._domain = domain
        self._ca_file = ca_file
        self._effect = effect
        self.offered = False  # between the final dot and its answer: whatever ends it now, nobody knows
        self._session: _Session | None = None
        self._instead_of_null = instead_of_null
        self._refuses_null = False  # seen on this server
        self._used = 0.0

    async def submit(self, kind: SubmissionKind, sender: str, recipient: str, data: bytes | Pieces) -> Outcome:
        """Offer one message for one recipient. Blocks on the network; never raises for what the server does.

        `data`: CRLF lines, of which the last is ended. Where the server refuses the null sender of an acknowledgement
        (a definite no at MAIL, so nothing was sent), the configured address that never answers takes its place.
        """
        if sender or self._instead_of_null is None:
            return await self._offer(kind, sender, recipient, data)
        if not self._refuses_null:
            outcome = await self._offer(kind, sender, recipient, data)
            if outcome.result is not Result.FAILED or outcome.phase != "mail" or outcome.code == 552:
                return outcome
            self._refuses_null = True
        return await self._offer(kind, self._instead_of_null, recipient, data)

    async def _offer(self, kind: SubmissionKind, sender: str, recipient: str, data: bytes | Pieces) -> Outcome:
        self.offered = False
        try:
            session = await self._connected()
        except _TROUBLES as error:
            return _away(error)
        outcome = None
        try:
            outcome = await self._transaction(session, kind, sender, recipient, data)
        finally:
            # After a no, a loss, or a mistake of ours, what the server makes of the rest of a group is its own affair.
            if outcome is None or outcome.result is not Result.ACCEPTED:
                self.close()
        self._used = asyncio.get_running_loop().time()
        return outcome

    def close(self) -> None:
        """Drop the connection without a word."""
        if self._session is not None:
            self._session.close()
            self._session = None

    async def quit(self) -> None:
        """End the connection politely, at a quiet moment."""
        if self._session is not None:
            with suppress(ConnectionError, TimeoutError):
                self._session.write(b"QUIT\r\n")
                await self._session.reply(5)
            self.close()

    async def probe(self) -> Offer:
        """Connect, sign in, begin a message from <> and take it back: for `check --connect`. Sends nothing.

        Raises Unavailable, Misconfigured.
        """
        try:
            session = await self._connected()
            session.write(b"MAIL FROM:<>\r\n")
            code, _ = await session.reply(CONNECT_TIMEOUT)
            session.write(b"RSET\r\n")
            await session.reply(CONNECT_TIMEOUT)
        except _TROUBLES as error:
            self.close()
            if (mendable := _mendable(error)) is not None:
                raise mendable from None
            away = _away(error)
            reply = f" ({away.code})" if away.code else ""
            raise Unavailable(f"the SMTP server fails at: {away.phase}{reply}", away.wait) from None
        await self.quit()
        return Offer(code, session.size_limit, session.eight_bit, session.has_dsn, session.banner)

    async def _connected(self) -> _Session:
        if self._session is not None and not self._session.lost:
            if asyncio.get_running_loop().time() - self._used < IDLE_LIMIT:
                return self._session
            with suppress(ConnectionError, TimeoutError):
                self._session.write(b"NOOP\r\n")
                if (await self._session.reply(COMMAND_TIMEOUT))[0] == 250:
                    return self._session
        self.close()
        self._effect("smtp.connect")
        client = _Client(
            hostname=self._host,
            port=self._port,
            local_hostname=self._domain,  # getfqdn() may stall on bad DNS
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._context(),
            timeout=CONNECT_TIMEOUT,
        )
        try:
            async with asyncio.timeout(4 * CONNECT_TIMEOUT):
                greeting = await client.connect()
                await client.ehlo()
                if self._bearer is not None:
                    await _sign_in_by_token(client, self._bearer)
                elif self._password is not None:
                    await client.login(self._username, self._password)
            self._session = _Session(client, greeting.message)
        except BaseException:
            client.close()
            raise
        return self._session

    def _context(self) -> ssl.SSLContext | None:
        if self._security == "none":
            return None
        context = ssl.create_default_context(cafile=str(self._ca_file) if self._ca_file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def _transaction(
        self, session: _Session, kind: SubmissionKind, sender: str, recipient: str, data: bytes | Pieces
    ) -> Outcome:
        if 0 < session.size_limit < len(data):  # RFC 1870 section 6.1
            return Outcome(Result.FAILED, Scope.MESSAGE, 552, "5.3.4", "mail")
        try:
            mail = b"MAIL FROM:%b%b\r\n" % (_path(sender), b" SIZE=%d" % len(data) if session.has_size else b"")
            # RFC 3834 section 3.3, RFC 3461 section 4.1
            quiet = kind is SubmissionKind.ACKNOWLEDGEMENT and session.has_dsn
            rcpt = b"RCPT TO:%b%b\r\n" % (_path(recipient), b" NOTIFY=NEVER" if quiet else b"")
        except ValueError:  # an address that the protocol cannot carry
            return Outcome(Result.FAILED, Scope.RECIPIENT, 553, "5.1.3", "rcpt")
        phase = "mail"
        group = ((phase, mail, 250), ("rcpt", rcpt, 250), ("data", b"DATA\r\n", 354))
        try:
            self._effect("smtp.envelope")
            if session.pipelining:
                session.write(mail + rcpt + b"DATA\r\n")
            for phase, command, expected in group:
                if not session.pipelining:
                    session.write(command)
                code, text = await session.reply(COMMAND_TIMEOUT)
                if code != expected and not (phase == "rcpt" and code == 251):
                    return _refused(code, text, phase)
        except (ConnectionError, TimeoutError):
            return Outcome(Result.DEFERRED, Scope.RELAY, phase=phase)  # without the dot nothing was sent
        phase = "dot"
        try:
            self._effect("smtp.dot")
            # A deadline for the whole, for a server that drips (T-28): the answer's ten minutes and 10 kB/s.
            self.offered = True
            whole = True
            patience = DOT_TIMEOUT + 60 + len(data) / 10_000
            if isinstance(data, Pieces):
                async with asyncio.timeout(patience):
                    whole = await _send(session, data)
            else:
                session.write(_stuffed(data))
            code, text = await session.reply(patience)
        except (ConnectionError, TimeoutError):
            self.offered = False
            return Outcome(Result.UNKNOWN, Scope.MESSAGE, phase=phase)
        self.offered = False
        self._effect("smtp.accepted")
        if code != 250:
            return _refused(code, text, phase)
        if not whole:  # a yes to half a message is none
            return Outcome(Result.DEFERRED, Scope.MESSAGE, code, phase=phase)
        return Outcome(Result.ACCEPTED, Scope.MESSAGE, code, _enhanced(text), phase)


class _Session(asyncio.Protocol):
    """A signed-in SMTP session: commands out, replies in, as many of each as there are."""

    def __init__(self, client: aiosmtplib.SMTP, banner: str) -> None:
        """Take over the transport of a client that connected, said EHLO and signed in."""
        transport = client.transport
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        limit = client.esmtp_extensions.get("size", "")
        self.has_size = client.supports_extension("size")
        self.size_limit = int(limit) if limit.isdigit() else 0  # octets; 0: none stated
        self.banner = banner
        self.eight_bit = client.supports_extension("8bitmime")
        self.has_dsn = client.supports_extension("dsn")
        self.pipelining = client.supports_extension("pipelining")
        self.lost = False
        self._client = client  # it would close the transport when it is forgotten
        self._transport = transport
        self._room = asyncio.Event()  # the transport takes more
        self._room.set()
        self._buffer = bytearray()
        self._lines: list[str] = []  # of a reply that is not complete
        self._replies: deque[tuple[int, str]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    def write(self, data: bytes) -> None:
        """Raises ConnectionError where the connection is lost."""
        if self.lost or self._transport.is_closing():
            raise ConnectionResetError
        self._transport.write(data)

    async def room(self) -> bool:
        """Wait until the transport takes more. False where the server has answered already, and will read no more."""
        await self._room.wait()
        if self.lost:
            raise ConnectionResetError
        return not self._replies

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    async def reply(self, seconds: float) -> tuple[int, str]:
        """The next reply: code and text. Raises ConnectionError or TimeoutError."""
        if not self._replies:
            if self.lost:
                raise ConnectionResetError
            self._waiter = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(seconds):
                await self._waiter
            if not self._replies:
                raise ConnectionResetError
        return self._replies.popleft()

    def close(self) -> None:
        self.lost = True
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """RFC 5321 section 4.2.1: lines "250-text" until one "250 text"."""
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = self._buffer[:end].decode("utf-8", "replace").rstrip()
            del self._buffer[: end + 1]
            if not line[:3].isdigit():
                self.close()  # it speaks no SMTP any more
                break
            self._lines.append(line[4:])
            if line[3:4] != "-":
                self._replies.append((int(line[:3]), "\n".join(self._lines)))
                self._lines = []
        if len(self._buffer) + sum(map(len, self._lines)) > MAX_REPLY:
            self.close()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._wake()

    def _wake(self) -> None:
        if self._replies or self.lost:
            self._room.set()
        if self._waiter is not None and not self._waiter.done() and (self._replies or self.lost):
            self._waiter.set_result(None)


_TROUBLES = (
    aiosmtplib.SMTPException,
    Misconfigured,
    Unavailable,
    OSError,  # and with it ssl.SSLError and TimeoutError
    ValueError,
)


class _Client(aiosmtplib.SMTP):
    """One mechanism, one try: the default tries each that is offered, and three refusals may lock an account."""

    AUTH_METHODS = ("plain", "login", "cram-md5")  # under TLS; what stores no password in clear can't do the last

    @property
    def supported_auth_methods(self) -> list[str]:
        return super().supported_auth_methods[:1]


async def _sign_in_by_token(client: aiosmtplib.SMTP, bearer: Bearer) -> None:
    """XOAUTH2; a token that is refused is tried once more by a new one (I-19). Asking for one may take its time."""
    if "xoauth2" not in client.server_auth_methods:
        raise Misconfigured(
            "the SMTP server offers no XOAUTH2",
            'set auth = "password" in [smtp]; at Microsoft 365: is SMTP AUTH switched on for the mailbox?',
        )
    token = await asyncio.to_thread(bearer.token)
    try:
        await client.auth_xoauth2(bearer.user, token)
        return
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < 500:
            raise
    another = await asyncio.to_thread(bearer.another, token)
    try:
        if another is not None:
            await client.auth_xoauth2(bearer.user, another)
            return
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < 500:
            raise
    raise Misconfigured("the SMTP server refused the access token", bearer.mend(another or token, "SMTP"))


def _mendable(error: Exception) -> Misconfigured | None:
    """What waiting will not mend, in words; None for all the rest."""
    if isinstance(error, Misconfigured):
        return error
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) and error.code >= 500:
        return Misconfigured(
            "the SMTP server refused the user name or the password", "check username and password in [smtp]"
        )
    cause = error if isinstance(error, ssl.SSLCertVerificationError) else error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Misconfigured(
            f"the SMTP server's certificate is not valid: {cause.verify_message}",
            "check host in [smtp]; a private authority is named with ca_file",
        )
    if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS extension not supported" in str(error):
        return Misconfigured(
            "the SMTP server offers no STARTTLS, and nothing is sent in clear", 'is port right, or security = "tls"?'
        )
    return None


def _away(error: Exception) -> Outcome:
    """Why there is no session: always the relay's affair, no message loses an attempt by it."""
    code, wait, phase = None, None, "connect"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        code, wait = error.code, _seconds(error.message)
    if isinstance(error, (aiosmtplib.SMTPAuthenticationError, Misconfigured, Unavailable)):
        phase = "auth"
    if isinstance(error, Unavailable):
        wait = error.retry_after
    mendable = _mendable(error)
    note = f"{mendable}: {mendable.mend}" if mendable is not None else ""
    return Outcome(Result.DEFERRED, Scope.RELAY, code, phase=phase, note=note, wait=wait)


_BACK_OFF = re.compile(r"Backoff Time: (\d+)", re.IGNORECASE)


def _seconds(text: str) -> float | None:
    found = _BACK_OFF.search(text)
    return int(found[1]) / 1000 if found else None


_UNSAFE = re.compile(rb"[\x00-\x20\x7f<>]")


def _path(address: str) -> bytes:
    """`<address>`. Raises ValueError for what could end the command or the path (T-02)."""
    path = address.encode("ascii")
    if _UNSAFE.search(path) or len(path) > 254:
        raise ValueError
    return b"<%b>" % path


async def _send(session: _Session, data: Pieces) -> bool:
    """A message with its leading dots doubled, and the final dot, as fast as the server reads it.

    False where the server answered before the end, and the rest was kept back.
    """
    for piece in data.read():
        if not await session.room():
            return False
        stuffed = piece.replace(b"\r\n.", b"\r\n..")
        session.write(b"." + stuffed if stuffed.startswith(b".") else stuffed)
    if not await session.room():
        return False
    session.write(b".\r\n")
    return True


def _stuffed(data: bytes) -> bytes:
    """The message with its leading dots doubled, and the final dot (RFC 5321 section 4.5.2)."""
    content = data.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _refused(code: int, text: str, phase: str) -> Outcome:
    """A definite no, by its reply code; prose is never read but for the enhanced code that leads it (RFC 2034)."""
    enhanced = _enhanced(text)
    if code in (421, 432):
        # 421: the server closes, whatever the command was (RFC 5321 section 3.8). 432: too many connections of ours, or
        # too much mail (Exchange). Not 454, which some say to one recipient.
        return Outcome(Result.DEFERRED, Scope.RELAY, code, enhanced, phase, wait=_seconds(text))
    result = Result.FAILED if 500 <= code < 600 else Result.DEFERRED
    return Outcome(result, Scope.RECIPIENT if phase == "rcpt" else Scope.MESSAGE, code, enhanced, phase)


def _enhanced(text: str) -> str | None:
    first = text.split(" ", 1)[0] if text else ""
    parts = first.split(".")
    return first if len(parts) == 3 and all(part.isdigit() for part in parts) else None
