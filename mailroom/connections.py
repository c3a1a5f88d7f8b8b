"""What the configuration says, as clients of its two servers and as the core's idea of who we are.

The only place that turns [imap], [smtp] and [oauth2] into connections: daemon, check and demo come here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mailroom.config import Config, Imap, Smtp, private
from mailroom.effects import Door, passing
from mailroom.imap import Mailbox
from mailroom.model import Misconfigured, Ours, Problem, Rejected
from mailroom.oauth import AccessTokens, Bearer, Issuer
from mailroom.pipeline import Policy
from mailroom.smtp import Relay


def access_tokens(config: Config) -> AccessTokens | None:
    """What gives tokens to all connections of a process; None where none signs in by one. Raises Rejected."""
    section = config.oauth2
    if section is None or all(one.auth != "xoauth2" for _, one in config.servers):
        return None
    ca_file = config.path(section.ca_file) if section.ca_file else None
    issuer: Issuer
    try:  # the libraries are an extra, and slow to import: 0.3 s and 30 MB
        if section.provider == "google":
            from mailroom.oauth import google

            assert section.service_account_file is not None
            issuer = google.Issuer(_file(config, "service_account_file", section.service_account_file), ca_file)
        else:
            from mailroom.oauth import microsoft

            pem = section.certificate_file
            issuer = microsoft.Issuer(
                tenant=section.tenant or "",
                client_id=section.client_id or "",
                secret=_secret(config) if pem is None else None,
                certificate=_file(config, "certificate_file", pem) if pem is not None else None,
                endpoint=section.endpoint.rstrip("/") if section.endpoint else microsoft.ENDPOINT,
                ca_file=ca_file,
            )
    except ModuleNotFoundError as error:
        what = f'auth = "xoauth2" needs the library {error.name}, which is not installed'
        mend = "Install it into mailroom's own environment: pip install 'mailroom[oauth]'"
        raise Rejected((Problem(str(config.file), 0, 0, what, mend),)) from None
    return AccessTokens(issuer)


def _secret(config: Config) -> Callable[[], str]:
    """Reads the client secret, anew each time. Raises Rejected at once where there is none."""
    config.client_secret()

    def read() -> str:
        try:
            return config.client_secret()
        except Rejected as error:
            raise Misconfigured(error.problems[0].what, error.problems[0].mend) from None

    return read


def _file(config: Config, name: str, value: str) -> Callable[[], str]:
    """Reads a file of credentials, anew each time; refuses one that others can read (T-21)."""
    file: Path = config.path(value)

    def read() -> str:
        try:
            if not private(file):
                raise Misconfigured(f"{name} in [oauth2] can be read by others", f"chmod 600 {file}")
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise Misconfigured(
                f"{name} in [oauth2]: cannot read {file}: {reason}", f"readable by mailroom alone: chmod 600 {file}"
            ) from None

    return read


def _bearer(section: Imap | Smtp, tokens: AccessTokens | None) -> Bearer | None:
    return Bearer(tokens, section.username) if tokens is not None and section.auth == "xoauth2" else None


def open_mailbox(config: Config, imap: Imap, effect: Door = passing, tokens: AccessTokens | None = None) -> Mailbox:
    """Connect and sign in to the IMAP server of one inbox of the configuration. Blocks on the network.

    `tokens`: those of the process, where it opens more than one connection.
    """
    return Mailbox(
        host=imap.host,
        port=imap.port,
        security=imap.security,
        username=imap.username,
        password=config.secret(imap) if imap.auth == "password" else None,
        bearer=_bearer(imap, tokens or access_tokens(config)),
        ca_file=config.path(imap.ca_file) if imap.ca_file else None,
        effect=effect,
    )


def make_relay(config: Config, effect: Door = passing, tokens: AccessTokens | None = None) -> Relay:
    """The submission server of the configuration; it connects when there is something to send. `tokens`: as above."""
    smtp = config.smtp
    return Relay(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=config.secret(smtp) if smtp.auth == "password" else None,
        bearer=_bearer(smtp, tokens or access_tokens(config)),
        domain=config.mailroom.address.rpartition("@")[2],
        ca_file=config.path(smtp.ca_file) if smtp.ca_file else None,
        instead_of_null=smtp.instead_of_null,
        effect=effect,
    )


def ours(config: Config, policy: Policy, key: bytes) -> Ours:
    """Who we are, as the core needs it."""
    return Ours(
        address=config.mailroom.address,
        aliases=tuple(config.addresses[1:]),
        inboxes=(("", config.mailroom.address), *((one.name, config.address(one)) for one in config.imap)),
        silent=frozenset(one.lower() for one in config.acknowledgements.never_from),
        authserv_id=config.mailroom.authserv_id,
        mailboxes=frozenset(unit.mailbox.lower() for unit in policy.rules.units.values()),
        envelope_from=config.smtp.envelope_from,
        only_if_addressed=config.acknowledgements.only_if_addressed,
        key=key,
        canary=config.canary.mailbox if config.canary else "",
        timezone=config.mailroom.timezone,
        hours=config.hours.hours if config.hours else None,
        max_size=config.forwarding.max_size,
    )
