"""Access tokens for signing in to IMAP and SMTP by XOAUTH2: Microsoft 365 and Google, without a person.

Promises: one token serves IMAP and SMTP; it is renewed before it ends, kept in memory alone, and never part of a repr,
a log line or an exception; whatever goes wrong is `Unavailable` (try later) or `Misconfigured` (with its mend). A
renewal that fails while the old token still holds costs nothing. May be called from any thread; blocks on the network.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mailroom.model import Misconfigured, Unavailable

MARGIN = 300.0  # seconds before its end in which a token is renewed; of a short one, a fifth of its life
NEW = 60.0  # seconds in which a token that is refused is not worth another: the server refuses us, not the token


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as its issuer gave it."""

    value: str = field(repr=False)
    seconds: float  # how long it holds


class Issuer(Protocol):
    """Who gives tokens: microsoft.Issuer, google.Issuer."""

    def issue(self, user: str) -> Issued:
        """A new token for this mailbox. Raises Unavailable, Misconfigured. Blocks on the network."""

    def whose(self, user: str) -> str:
        """Mailboxes of the same answer share a token."""

    def mend(self, token: str, service: str) -> str:
        """What to do where `service` ("IMAP" or "SMTP") refuses a token that was issued in good order."""


@dataclass(frozen=True, slots=True)
class _Kept:
    issued: Issued
    since: float

    def left(self, now: float) -> float:
        return self.since + self.issued.seconds - now


class AccessTokens:
    """The tokens of one [oauth2] section, for all connections of this process."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def current(self, user: str) -> str:
        """A token that holds. Raises Unavailable, Misconfigured."""
        with self._lock:
            whose, now = self.issuer.whose(user), self._clock()
            kept = self._kept.get(whose)
            if kept is not None and kept.left(now) > min(MARGIN, kept.issued.seconds / 5):
                return kept.issued.value
            try:
                return self._renew(user, whose)
            except (Unavailable, Misconfigured):
                if kept is not None and kept.left(self._clock()) > 0:
                    return kept.issued.value
                raise

    def another(self, user: str, refused: str) -> str | None:
        """A token in place of one that a server refused, or None where that one was new. Raises as `current`."""
        with self._lock:
            whose = self.issuer.whose(user)
            kept = self._kept.get(whose)
            if kept is not None and kept.issued.value != refused:
                return kept.issued.value  # another connection was quicker
            if kept is not None and self._clock() - kept.since < NEW:
                return None
            self._kept.pop(whose, None)
            return self._renew(user, whose)

    def _renew(self, user: str, whose: str) -> str:
        issued = self.issuer.issue(user)
        self._kept[whose] = _Kept(issued, self._clock())
        return issued.value


@dataclass(frozen=True, slots=True)
class Bearer:
    """One mailbox that signs in by token: what a connection is given in place of a password."""

    tokens: AccessTokens
    user: str

    def token(self) -> str:
        return self.tokens.current(self.user)

    def another(self, refused: str) -> str | None:
        return self.tokens.another(self.user, refused)

    def mend(self, token: str, service: str) -> str:
        return self.tokens.issuer.mend(token, service)


def answer_of(error: str, table: Mapping[str, tuple[str, str]], who: str) -> Misconfigured | None:
    """The first line of a table of known errors whose code stands in an issuer's answer."""
    for code, (what, mend) in table.items():
        if code in error:
            return Misconfigured(f"{who} gives no access token: {what} ({code})", mend)
    return None
