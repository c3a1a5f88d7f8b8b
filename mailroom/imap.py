"""The mailbox: connect, list, fetch, move and verify, wait. Knows IMAP, no policy. The only file that knows imapclient.

Promises: a timeout on everything, and a deadline on each command; no message text in any log (imaplib's debug output
is off); nothing is marked as read (BODY.PEEK); an OK is no proof, so a move is verified by looking; trouble is one of
two exceptions, `Unavailable` (try again later) or `Misconfigured` (a person must mend it). One connection belongs to
one thread.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from imaplib import IMAP4
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError, ProtocolError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from mailroom.effects import Door, passing
from mailroom.model import Misconfigured, Refused, Unavailable
from mailroom.oauth import Bearer

CONNECT_TIMEOUT = 20.0  # seconds
READ_TIMEOUT = 120.0  # seconds without a byte
COMMAND = 900.0  # seconds for one command as a whole, for a server that drips (T-28); less than systemd's watchdog
LIST_WINDOW = 50_000  # UIDs a SEARCH: an answer line stays below imaplib's limit of 1,000,000 octets
FETCH_WINDOW = 500  # UIDs a command: 20,000 in one line is BAD on Dovecot
SLICE = 1 << 20  # octets of a large message in one answer

logging.getLogger("imapclient").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder that was opened."""

    uidvalidity: int
    uidnext: int
    keywords: bool  # PERMANENTFLAGS holds \\*


@dataclass(frozen=True, slots=True)
class Listed:
    uid: int
    size: int  # RFC822.SIZE; Exchange only estimates it (I-07)
    internal_date: datetime | None


class Mailbox:
    """One connection to the IMAP server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str,
        username: str,
        password: str | None,
        bearer: Bearer | None = None,
        ca_file: Path | None = None,
        effect: Door = passing,
    ) -> None:
        """Connect and sign in: by `bearer`'s token, where there is one. Blocks on the network."""
        self._effect = effect
        self._folders: set[str] = set()
        self._client: Any = None
        with self._command("imap.connect"):
            context = None
            if security != "none":
                context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
                context.minimum_version = ssl.TLSVersion.TLSv1_2
            timeout = SocketTimeout(CONNECT_TIMEOUT, READ_TIMEOUT)
            self._client = _Client.__new__(_Client)  # known to the deadline while the greeting is read
            self._client.__init__(
                host, port, ssl=security == "tls", ssl_context=context if security == "tls" else None, timeout=timeout
            )
            try:
                if security == "starttls":
                    self._client.starttls(context)
                    self._client._imap.untagged_responses = {}  # what came in clear is not believed (RFC 9051, 11.1)
                self._client._imap.debug = 0  # else every body is formatted for the log, even with the log off
                self._client.normalise_times = False
                _tune(self._client.socket())
                if bearer is not None:
                    self._sign_in_by_token(bearer)
                else:
                    self._client.login(username, password or "")
                self._capabilities = {str(one, "ascii", "replace").upper() for one in self._client.capabilities()}
            except BaseException:
                self.drop()
                raise
        try:
            self._delimiter = self._find_delimiter()
        except BaseException:
            self.drop()
            raise

    # ------------------------------------------------------------------------------------------- look

    def select(self, folder: str) -> Selected:
        """Open a folder for writing; a new SELECT each turn also empties imaplib's pile of old answers."""
        with self._command("imap.select"):
            try:
                answer: Mapping[bytes, Any] = self._client.select_folder(self._name(folder))
            except IMAP4.readonly:  # I-15; to imaplib a connection that broke, and so it would be tried for ever
                raise Misconfigured(
                    f"the folder {folder} can only be read", "give mailroom's account the right to change it"
                ) from None
        if b"UIDVALIDITY" not in answer:
            raise Misconfigured("the server gives no UIDVALIDITY", "mailroom needs an IMAP server that keeps UIDs")
        flags = answer.get(b"PERMANENTFLAGS", ())
        return Selected(int(answer[b"UIDVALIDITY"]), int(answer.get(b"UIDNEXT", 0)), b"\\*" in flags)

    def uids(self, uidnext: int) -> list[int]:
        """Every UID in the open folder, oldest first. Not by flags: a person who reads mail hides nothing (I-03)."""
        with self._command("imap.search"):
            if uidnext <= LIST_WINDOW:
                return sorted(self._client.search(["ALL"]))
            found: set[int] = set()
            for first in range(1, uidnext + LIST_WINDOW, LIST_WINDOW):
                # "n:*" always names the last message too, so windows are closed and the last one is generous.
                found.update(self._client.search(["UID", f"{first}:{first + LIST_WINDOW - 1}"]))
            return sorted(found)

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Sizes and arrival dates. A UID that is gone is left out."""
        found = []
        for some in _windows(uids):
            with self._command("imap.fetch-sizes"):
                answer = self._client.fetch(some, ["RFC822.SIZE", "INTERNALDATE"])
            for uid in some:
                items = answer.get(uid, {})
                if b"RFC822.SIZE" in items:
                    found.append(Listed(uid, int(items[b"RFC822.SIZE"]), _aware(items.get(b"INTERNALDATE"))))
        return found

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of each message, flags untouched (RFC 9051 section 6.4.5). A UID that is gone is left out."""
        with self._command("imap.fetch"):
            answer = self._client.fetch(list(uids), ["BODY.PEEK[]"])
        return {uid: items[b"BODY[]"] for uid, items in answer.items() if items.get(b"BODY[]") is not None}

    def slices(self, uid: int, size: int) -> Iterator[bytes]:
        """The bytes of one large message, in slices of at most SLICE octets, until the server has no more."""
        start = 0
        while True:
            with self._command("imap.fetch-slice"):
                answer = self._client.fetch([uid], [f"BODY.PEEK[]<{start}.{SLICE}>"])
            piece: bytes | None = answer.get(uid, {}).get(f"BODY[]<{start}>".encode())
            if not piece:
                return
            yield piece
            start += len(piece)
            if len(piece) < SLICE and start >= size:
                return

    def headers(self, uid: int) -> bytes:
        """The header block alone."""
        with self._command("imap.fetch-headers"):
            answer = self._client.fetch([uid], ["BODY.PEEK[HEADER]"])
        return bytes(answer.get(uid, {}).get(b"BODY[HEADER]", b""))

    def subfolders(self, folder: str) -> list[str]:
        """The names of the folders directly below one."""
        prefix = self._name(folder) + self._delimiter
        with self._command("imap.list"):
            rows = self._client.list_folders(prefix, "%")
        return sorted(str(name).removeprefix(prefix) for flags, _, name in rows if b"\\Noselect" not in flags)

    def tree(self, folder: str) -> list[str]:
        """The names of all folders below one, at any depth, that can hold messages."""
        prefix = self._name(folder) + self._delimiter
        with self._command("imap.list"):
            rows = self._client.list_folders(prefix, "*")
        return sorted(str(name).replace(self._delimiter, "/") for flags, _, name in rows if b"\\Noselect" not in flags)

    def written_by(self, person: str, key: Callable[[str], str]) -> list[int]:
        """UIDs in the open folder whose From, Reply-To, Sender or Return-Path is of this person.

        SEARCH finds parts of words (RFC 9051 section 6.4.4), so each answer is looked at; `key` makes one name of all
        spellings of an address.
        """
        local = person.partition("@")[0]
        with self._command("imap.search-person"):
            found: set[int] = set()
            for name in _WRITERS:
                found.update(self._client.search(["HEADER", name, local], "UTF-8" if not local.isascii() else None))
        wanted = f"BODY.PEEK[HEADER.FIELDS ({' '.join(_WRITERS)})]"
        kept = []
        for some in _windows(sorted(found)):
            with self._command():
                answer = self._client.fetch(some, [wanted])
            for uid, items in answer.items():
                text = next((str(v, "utf-8", "replace") for k, v in items.items() if k.startswith(b"BODY[")), "")
                if any(key(one) == person for one in _ADDRESS.findall(text)):
                    kept.append(int(uid))
        return sorted(kept)

    # ------------------------------------------------------------------------------------------- file

    def append(self, folder: str, message: bytes) -> None:
        """Put a message of ours into a folder. Bytes with lone CR or LF would be changed by imaplib (I-28)."""
        with self._command("imap.append"):
            self._client.append(self._name(folder), message)

    def has(self, capability: str) -> bool:
        """Whether the server says that it can do this, after signing in."""
        return capability in self._capabilities

    def exists(self, folder: str) -> bool:
        with self._command():
            return bool(self._client.folder_exists(self._name(folder)))

    def special(self, use: str) -> str | None:
        """The folder of a special use (RFC 6154), "\\\\Junk", with "/" between its parts; None where none is said."""
        if not self.has("SPECIAL-USE"):
            return None
        with self._command():
            rows = self._client.list_folders("", "*")
        return next((str(name).replace(self._delimiter, "/") for flags, _, name in rows if use.encode() in flags), None)

    def rights(self, folder: str) -> str:
        """What our account may do in a folder: MYRIGHTS of RFC 4314; only where the server has ACL."""
        with self._command():
            name = self._client._normalise_folder(self._name(folder))
            _, answer = self._client._imap.myrights(name)
        return str(answer[-1] or b"", "ascii", "replace").rpartition(" ")[2]

    @property
    def can_move(self) -> bool:
        return "MOVE" in self._capabilities

    @property
    def can_claim(self) -> bool:
        """Whether of several hosts one can take a message: MOVE alone lets two sessions move the same one."""
        return self.can_move and "CONDSTORE" in self._capabilities

    @property
    def can_expunge_uid(self) -> bool:
        return "UIDPLUS" in self._capabilities

    def ensure(self, folder: str) -> None:
        """Create a folder where it is missing, parents too (RFC 9051 section 6.3.4)."""
        if folder in self._folders:
            return
        name = self._name(folder)
        with self._command("imap.create"):
            if not self._client.folder_exists(name):
                with suppress(IMAP4.error):  # another session was quicker; the move will tell
                    self._client.create_folder(name)
                with suppress(IMAP4.error):
                    self._client.subscribe_folder(name)
        self._folders.add(folder)

    def forget(self, folder: str) -> None:
        """Look again whether this folder is there: somebody may have removed it."""
        self._folders.discard(folder)

    def tag(self, uids: Sequence[int], keyword: str) -> None:
        """Add one keyword. A server that keeps none answers OK and keeps none: the ledger has the tags."""
        for some in _windows(uids):
            with self._command("imap.store"):
                self._client.add_flags(some, [keyword.encode("ascii", "ignore")], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """UID MOVE (RFC 6851). A UID that is gone is no error."""
        for some in _windows(uids):
            with self._command("imap.move"):
                self._client.move(some, self._name(folder))
                self._effect("imap.moved")

    def copy(self, uids: Sequence[int], folder: str) -> None:
        for some in _windows(uids):
            with self._command("imap.copy"):
                self._client.copy(some, self._name(folder))

    def remove(self, uids: Sequence[int]) -> None:
        """Mark as deleted and expunge these alone (RFC 4315); without UIDPLUS they stay marked.

        A plain EXPUNGE would also remove what other people marked (I-12).
        """
        for some in _windows(uids):
            with self._command("imap.delete"):
                self._client.add_flags(some, [b"\\Deleted"], silent=True)
                if self.can_expunge_uid:
                    self._client.uid_expunge(some)

    def highest_change(self, folder: str) -> int:
        """HIGHESTMODSEQ of a folder (RFC 7162): every later change gets a higher number. 0: the server counts none."""
        with self._command("imap.status"):
            answer = self._client.folder_status(self._name(folder), ["HIGHESTMODSEQ"])
        return int(answer.get(b"HIGHESTMODSEQ", 0))

    def marks(self, uids: Sequence[int], beginning: str) -> dict[int, str]:
        """Of these in the open folder, those that bear a keyword of this beginning, in lower case, and which."""
        found = {}
        for some in _windows(uids):
            with self._command("imap.fetch-flags"):
                answer = self._client.fetch(some, ["FLAGS"])
            for uid, items in answer.items():
                flags = sorted(str(one, "ascii", "replace").lower() for one in items.get(b"FLAGS", ()))
                if mark := next((one for one in flags if one.startswith(beginning)), None):
                    found[int(uid)] = mark
        return found

    def mark(self, uids: Sequence[int], keyword: str, *, since: int, on: bool = True) -> None:
        """Set a keyword, or take it away, on what has not changed since that number (RFC 7162 section 3.1.3).

        Of two sessions that try it at once the server lets one; marks() tells which.
        """
        for some in _windows(uids):
            numbers, sign = ",".join(map(str, some)), "+" if on else "-"
            with self._command("imap.mark"):
                words = (numbers, f"(UNCHANGEDSINCE {since})", f"{sign}FLAGS.SILENT", f"({keyword})")
                self._client._command_and_check("STORE", *words, uid=True)

    def untag(self, uids: Sequence[int], keyword: str) -> None:
        """Take one keyword away."""
        for some in _windows(uids):
            with self._command("imap.store"):
                self._client.remove_flags(some, [keyword.encode("ascii", "ignore")], silent=True)

    def remaining(self, uids: Sequence[int]) -> set[int]:
        """Which of these are still in the open folder: the proof of a move."""
        left: set[int] = set()
        for some in _windows(uids):
            with self._command("imap.verify"):
                left.update(self._client.search(["UID", ",".join(map(str, some))]))
        return left & set(uids)

    # ------------------------------------------------------------------------------------------- wait

    def wait(self, seconds: float, stopped: Callable[[], bool], listening: Callable[[], None]) -> bool:
        """IDLE in the open folder until something happens (True) or the time is over (False). RFC 2177.

        `listening` is called once IDLE has begun: what came before may have been announced to nobody, so the caller
        looks for it then. idle_check() hides a dead peer behind an empty answer, so idle_done() and NOOP ask at once.
        """
        if "IDLE" not in self._capabilities:
            raise Misconfigured("the server offers no IDLE", "set idle = false in [imap]")
        with self._command():
            self._client.idle()
            listening()
            happened = False
            waited = 0.0
            while waited < seconds and not stopped():
                step = min(5.0, seconds - waited)
                if self._client.idle_check(timeout=step):
                    happened = True
                    break
                waited += step
            self._client.idle_done()
            self._client.noop()
        return happened

    def noop(self) -> None:
        with self._command():
            self._client.noop()

    def logout(self) -> None:
        with suppress(Exception), self._command():
            self._client.logout()
        self.drop()

    def drop(self) -> None:
        with suppress(Exception):
            self._client.shutdown()

    # ---------------------------------------------------------------------------------------- private

    @contextmanager
    def _command(self, effect: str = "") -> Iterator[None]:
        """Around each exchange with the server: announced, ended by a deadline, its trouble told apart."""
        late = threading.Event()

        def hang_up() -> None:  # the thread that reads sees the end of the connection
            late.set()
            with suppress(OSError, AttributeError):  # or there is no connection, yet or any more
                socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

        timer = threading.Timer(COMMAND, hang_up)
        timer.daemon = True
        timer.start()
        try:
            with _trouble():
                if effect:
                    self._effect(effect)
                yield
        except Unavailable:
            if late.is_set():
                raise Unavailable(
                    f"the IMAP server took more than {COMMAND / 60:.0f} minutes over one command"
                ) from None
            raise
        finally:
            timer.cancel()

    def _sign_in_by_token(self, bearer: Bearer) -> None:
        """XOAUTH2; a token that is refused is tried once more by a new one, on the same connection (I-19)."""
        if not self._client.has_capability("AUTH=XOAUTH2"):
            raise Misconfigured(
                "the IMAP server offers no XOAUTH2", 'set auth = "password" in [imap], or is host another server?'
            )
        token = bearer.token()
        try:
            self._authenticate(bearer.user, token)
        except LoginError as error:
            if not _is_no(error):
                raise
            another = bearer.another(token)
            try:
                if another is None:
                    raise
                self._authenticate(bearer.user, another)
            except LoginError as again:
                if not _is_no(again):
                    raise
                mend = bearer.mend(another or token, "IMAP")
                raise Misconfigured("the IMAP server refused the access token", mend) from None

    def _authenticate(self, user: str, token: str) -> None:
        """The server may answer with a challenge, which is JSON about its reason: an empty line ends that (I-21)."""
        first = [f"user={user}\1auth=Bearer {token}\1\1".encode()]
        self._client.sasl_login("XOAUTH2", lambda challenge: first.pop() if first else b"")

    def _find_delimiter(self) -> str:
        with self._command():
            rows = self._client.list_folders("", "INBOX")
        delimiter = rows[0][1] if rows else b"/"
        return str(delimiter, "ascii") if delimiter else "/"

    def _name(self, folder: str) -> str:
        """Our names use "/", the server's its own hierarchy delimiter (I-24)."""
        return folder.replace("/", self._delimiter)


class _Client(IMAPClient):  # type: ignore[misc]
    def _create_IMAP4(self) -> Any:
        """As IMAPClient does it, but for one thing: its socket can be found before the greeting has come."""
        kind = IMAP4_TLS if self.ssl else IMAP4WithTimeout
        self._imap = kind.__new__(kind)
        more = (self.ssl_context,) if self.ssl else ()
        self._imap.__init__(self.host, self.port, *more, self._timeout.connect)
        return self._imap


def _windows(uids: Sequence[int]) -> Iterable[list[int]]:
    return [list(uids[n : n + FETCH_WINDOW]) for n in range(0, len(uids), FETCH_WINDOW)]


def _aware(date: datetime | None) -> datetime | None:
    return date.astimezone() if date is not None else None


def _tune(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with suppress(OSError):  # a path that is no TCP has no Nagle
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


_WRITERS = ("From", "Reply-To", "Sender", "Return-Path")
_ADDRESS = re.compile(r"[^\s<>\"(),:;]+@[^\s<>\"(),:;]+")
_BACK_OFF = re.compile(r"Backoff Time: (\d+)", re.IGNORECASE)
_LATER = (
    "[UNAVAILABLE]",
    "[LIMIT]",
    "[INUSE]",
    "[SERVERBUG]",
    "[CONTACTADMIN]",
    "THROTTLED",
    "BACKOFF TIME",
)  # RFC 5530

_OF_THE_COMMAND = (
    "[SERVERBUG]",
    "[CONTACTADMIN]",
)  # after the log-in: one folder may be broken, the others well (I-14)


@contextmanager
def _trouble() -> Iterator[None]:
    """Four families of exceptions become two. Answers may hold addresses, so none is repeated word for word."""
    try:
        yield
    except LoginError as error:
        if not _is_no(error):
            # IMAPClient makes one exception of a no and of a connection that broke while signing in.
            raise Unavailable("the IMAP server takes no log-ins now", _seconds(error)) from None
        raise Misconfigured(
            "the IMAP server refused the user name or the password", "check username and password in [imap]"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(
            f"the IMAP server's certificate is not valid: {error.verify_message}",
            "check host in [imap]; a private authority is named with ca_file",
        ) from None
    except ssl.SSLError as error:
        raise Unavailable(f"no TLS with the IMAP server: {error.reason or type(error).__name__}") from None
    except CapabilityError:
        raise Misconfigured("the IMAP server lacks STARTTLS", 'set security = "tls" in [imap]') from None
    except (IMAP4.abort, ProtocolError, EOFError) as error:
        raise Unavailable("the IMAP connection broke", _seconds(error)) from None
    except IMAP4.error as error:
        text = str(error).upper()
        if "AUTHENTICATED BUT NOT CONNECTED" in text:  # I-20: Exchange lets us in and then has no mailbox for us
            raise Misconfigured(
                "the IMAP server signed us in, and gives no mailbox",
                "does the mailbox exist, is IMAP switched on for it, and has the app FullAccess to it? docs/signin.md",
            ) from None
        if any(code in text for code in _LATER if code not in _OF_THE_COMMAND):
            raise Unavailable("the IMAP server is busy", _seconds(error)) from None
        raise Refused("the IMAP server answered NO or BAD", _seconds(error)) from None
    except (OSError, TimeoutError) as error:
        raise Unavailable(f"the IMAP server cannot be reached: {type(error).__name__}") from None


def _is_no(error: LoginError) -> bool:
    """Whether it is a definite no to who we are, and not a server that is busy or went away."""
    text = str(error).upper()
    return not isinstance(error.__context__, IMAP4.abort) and not any(code in text for code in _LATER)


def _seconds(error: BaseException) -> float | None:
    found = _BACK_OFF.search(str(error))
    return int(found[1]) / 1000 if found else None
