"""Tokens of Google Workspace for a service account with domain-wide delegation (RFC 7523), signed by PyJWT.

Promises: the key file is read anew for each token; its address for tokens must be Google's own, or loopback; each way
in which Google says no has its mend.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt

from mailroom.model import Misconfigured
from mailroom.oauth import Issued, answer_of
from mailroom.oauth.web import Session, trouble

WHO = "Google"
SCOPE = "https://mail.google.com/"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HOSTS = ("oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DELEGATE = (
    "admin.google.com: Security, API controls, Domain-wide delegation: add the key file's client_id with the scope"
    f" {SCOPE}; it may take a day to work"
)
_TROUBLES: Mapping[str, tuple[str, str]] = {
    "unauthorized_client": ("the service account may not act for this mailbox", _DELEGATE),
    "access_denied": ("the service account may not act for this mailbox", _DELEGATE),
    "invalid_scope": ("the scope is not delegated", _DELEGATE),
    "short-lived token": ("the times in our request are wrong", "set this machine's clock (timedatectl)"),
    "Invalid JWT Signature": ("the key is no longer the service account's", "make a new key, and replace the key file"),
    "account not found": ("the service account is gone", "make it anew, and replace the key file"),
    "Invalid email or User ID": (
        "the mailbox is not known",
        "username in [imap] and [smtp]: the mailbox's own address",
    ),
    "invalid_client": ("the service account is gone or disabled", "enable it, or make a new one, in its project"),
    "invalid_grant": ("the mailbox, the key or the clock is not right", "check username, the key file and the clock"),
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """`key` gives the service account's key file (JSON) anew each time."""

    key: Callable[[], str] = field(repr=False)
    ca_file: Path | None = None

    def whose(self, user: str) -> str:
        return user.lower()

    def issue(self, user: str) -> Issued:
        account = self._account()
        url = str(account["token_uri"])
        now = int(time.time())
        claims = {
            "iss": account["client_email"],
            "sub": user,
            "scope": SCOPE,
            "aud": url,
            "iat": now,
            "exp": now + 3600,
        }
        try:
            assertion = jwt.encode(
                claims, str(account["private_key"]), "RS256", headers={"kid": str(account.get("private_key_id", ""))}
            )
        except (ValueError, TypeError, jwt.PyJWTError):
            raise _no_key_file("its private_key cannot be read") from None
        with trouble(url), Session(self.ca_file) as session:
            response = session.post(url, data={"grant_type": GRANT, "assertion": assertion}, allow_redirects=False)
            try:
                answer: Any = response.json()
            except ValueError:
                answer = None
        if not isinstance(answer, dict):
            raise Misconfigured(f"{urlsplit(url).netloc} speaks no OAuth", "is a proxy or a gateway in between?")
        if "access_token" in answer:
            return Issued(str(answer["access_token"]), float(answer.get("expires_in", 3600)))
        # The more telling description first: Google says invalid_grant of five different things.
        text = f"{answer.get('error_description', '')} {answer.get('error', '')}"
        raise answer_of(text, _TROUBLES, WHO) or Misconfigured(
            f"{WHO} gives no access token", "compare with docs/signin.md, step by step"
        )

    def mend(self, token: str, service: str) -> str:
        return f"is {service} switched on for this mailbox, in the admin console and in Gmail's settings?"

    def _account(self) -> Mapping[str, object]:
        try:
            account = json.loads(self.key())
        except ValueError:
            raise _no_key_file("it is no JSON") from None
        if not isinstance(account, dict) or account.get("type") != "service_account":
            raise _no_key_file("it is not the key of a service account")
        missing = [name for name in ("client_email", "private_key", "token_uri") if name not in account]
        if missing:
            raise _no_key_file(f"{missing[0]} is missing")
        place = urlsplit(str(account["token_uri"]))
        if place.scheme != "https" or place.hostname not in (*_HOSTS, *_LOOPBACK):
            raise _no_key_file("its token_uri is not Google's")
        return account


def _no_key_file(why: str) -> Misconfigured:
    return Misconfigured(
        f"service_account_file in [oauth2] cannot be used: {why}",
        "make a new key of type JSON for the service account, and keep the file as it is",
    )
