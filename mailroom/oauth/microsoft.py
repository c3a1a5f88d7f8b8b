"""Tokens of Microsoft 365 by client credentials (RFC 6749 section 4.4), with a secret or a certificate, through MSAL.

Promises: the secret is read anew for each token, so a new one takes effect without a restart; each way in which Entra
says no that an administrator meets has its mend; nothing of Entra's prose is repeated.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msal

from mailroom.model import Misconfigured, Unavailable
from mailroom.oauth import Issued, answer_of
from mailroom.oauth.web import Session, trouble

WHO = "Microsoft"
ENDPOINT = "https://login.microsoftonline.com"
SCOPES = ("https://outlook.office365.com/.default",)
_TENANT = ("the tenant is not known", 'tenant in [oauth2]: its ID or domain, from "Overview" in the Entra admin center')
_SECRET = "the client secret"  # noqa: S105
_CERTIFICATE = "upload the public part of certificate_file to the app: Certificates & secrets, Certificates"
_TROUBLES: Mapping[str, tuple[str, str]] = {
    "AADSTS7000215": (f"{_SECRET} is wrong", "make a new client secret for the app, and keep its Value, not its ID"),
    "AADSTS7000222": (f"{_SECRET} has expired", "make a new client secret for the app, and keep its Value"),
    "AADSTS7000216": ("neither secret nor certificate was given", "client_secret_file or certificate_file in [oauth2]"),
    "AADSTS7000112": ("the app is disabled", "Entra, Enterprise applications, the app, Properties: allow sign-in"),
    "AADSTS7000229": ("the app has no service principal here", "grant admin consent: API permissions of the app"),
    "AADSTS700016": (
        "the app is not known in this tenant",
        "client_id in [oauth2]: Application (client) ID of the app",
    ),
    "AADSTS700027": ("the certificate is not the app's, or has expired", _CERTIFICATE),
    "AADSTS700024": ("the times in our request are wrong", "set this machine's clock (timedatectl)"),
    "AADSTS700021": ("the certificate is not the app's", _CERTIFICATE),
    "AADSTS900023": _TENANT,
    "AADSTS900021": _TENANT,
    "AADSTS90002": _TENANT,
    "AADSTS500011": (
        "Exchange Online is not part of this tenant",
        "does the tenant own the mailbox? tenant in [oauth2]",
    ),
    "AADSTS650052": ("the tenant has no Exchange Online", "does the tenant own the mailbox? tenant in [oauth2]"),
    "AADSTS65001": ("consent is missing", "grant admin consent: API permissions of the app"),
    "AADSTS53003": ("Conditional Access forbids it", "exempt the app, or allow this machine's address, in its policy"),
    "AADSTS50196": ("so many requests came that they look like a loop", "stop mailroom for five minutes"),
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """`secret` or `certificate` gives the credential anew each time; `certificate` is PEM, certificate and key."""

    tenant: str
    client_id: str
    secret: Callable[[], str] | None = field(default=None, repr=False)
    certificate: Callable[[], str] | None = field(default=None, repr=False)
    endpoint: str = ENDPOINT
    ca_file: Path | None = None

    def whose(self, user: str) -> str:
        return ""  # the app's own token opens every mailbox that it may open

    def issue(self, user: str) -> Issued:
        with trouble(self.endpoint), Session(self.ca_file) as session:
            try:
                app = msal.ConfidentialClientApplication(
                    self.client_id,
                    client_credential=self._credential(),
                    authority=f"{self.endpoint}/{self.tenant}",
                    instance_discovery=False,
                    http_client=session,
                )
            except ValueError:  # MSAL's word for a tenant that the discovery does not know, or a key that it can't read
                raise self._unusable() from None
            try:
                answer = app.acquire_token_for_client(list(SCOPES))
            except ValueError:
                raise Misconfigured(f"{self.endpoint} speaks no OAuth", "is a proxy or a gateway in between?") from None
        if "access_token" in answer:
            return Issued(str(answer["access_token"]), float(answer.get("expires_in", 3600)))
        text = f"{answer.get('error', '')} {answer.get('error_description', '')}"
        known = answer_of(text, _TROUBLES, WHO)
        if known is not None:
            raise known
        if "temporarily_unavailable" in text or "server_error" in text:
            raise Unavailable(f"{WHO} gives no access token now")
        codes = ", ".join(str(code) for code in answer.get("error_codes", ())) or str(answer.get("error", "no reason"))
        raise Misconfigured(
            f"{WHO} gives no access token ({codes})", "look the code up at https://login.microsoftonline.com/error"
        )

    def mend(self, token: str, service: str) -> str:
        needed = "IMAP.AccessAsApp" if service == "IMAP" else "SMTP.SendAsApp"
        roles = _roles(token)
        if roles is not None and needed not in roles:
            return (
                f"the app lacks {needed}: add it under API permissions, Office 365 Exchange Online; grant admin consent"
            )
        return (
            "in Exchange PowerShell: New-ServicePrincipal with the object ID of the enterprise application (not of the"
            " registration), then Add-MailboxPermission with FullAccess; docs/signin.md. It may take an hour to work"
        )

    def _credential(self) -> str | dict[str, str]:
        if self.certificate is not None:
            pem = self.certificate()
            return {"private_key": pem, "public_certificate": pem}
        return self.secret() if self.secret is not None else ""

    def _unusable(self) -> Misconfigured:
        if self.certificate is not None:
            pem = self.certificate()
            if "PRIVATE KEY-----" not in pem or "BEGIN CERTIFICATE-----" not in pem:
                return Misconfigured(
                    "certificate_file in [oauth2] does not hold both certificate and key",
                    "put both into it as PEM: cat mailroom.crt mailroom.key > mailroom.pem",
                )
        return Misconfigured(f"{WHO} gives no access token: {_TENANT[0]}", _TENANT[1])


def _roles(token: str) -> list[str] | None:
    """The application permissions in a token, for a better hint; None where it is not to be read."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return [str(one) for one in claims.get("roles", [])]
    except (IndexError, ValueError, binascii.Error, AttributeError):
        return None
