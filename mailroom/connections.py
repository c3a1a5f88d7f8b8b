"""What the configuration says, as clients of its two servers and as the core's idea of who we are.

The only place that turns [imap], [smtp] and [oauth2] into connections: daemon, check and demo come here.
"""

from __future__ import annotations

from mailroom.config import Config
from mailroom.effects import Door, passing
from mailroom.imap import Mailbox
from mailroom.model import Ours
from mailroom.pipeline import Policy
from mailroom.smtp import Relay


def open_mailbox(config: Config, effect: Door = passing) -> Mailbox:
    """Connect and sign in to the IMAP server of the configuration. Blocks on the network."""
    imap = config.imap
    return Mailbox(
        host=imap.host,
        port=imap.port,
        security=imap.security,
        username=imap.username,
        password=config.secret(imap),
        ca_file=config.path(imap.ca_file) if imap.ca_file else None,
        effect=effect,
    )


def make_relay(config: Config, effect: Door = passing) -> Relay:
    """The submission server of the configuration; it connects when there is something to send."""
    smtp = config.smtp
    return Relay(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        username=smtp.username,
        password=config.secret(smtp),
        domain=config.mailroom.address.rpartition("@")[2],
        ca_file=config.path(smtp.ca_file) if smtp.ca_file else None,
        instead_of_null=smtp.instead_of_null,
        effect=effect,
    )


def ours(config: Config, policy: Policy, key: bytes) -> Ours:
    """Who we are, as the core needs it."""
    return Ours(
        address=config.mailroom.address,
        aliases=tuple(config.mailroom.aliases),
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
