"""Looks at everything that mailroom depends on, for `mailroom check --connect`: changes nothing, sends nothing.

Promises: each finding is ok, a note or a problem, and what is wrong comes with its mend; no examination keeps another
from being made; a place without a DNS resolver is a note.
"""

from __future__ import annotations

from functools import partial

from mailroom.config import Config
from mailroom.connections import access_tokens, make_relay, open_mailbox
from mailroom.doctor import mailbox, names, premises, relay
from mailroom.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]


def examine(config: Config) -> list[Finding]:
    """Everything, in the order in which a person would mend it. Blocks on the network, for a minute at the most."""
    tokens = access_tokens(config)
    return [
        *premises.examine(config),
        *(
            one
            for imap in config.imap
            for one in mailbox.examine(imap, partial(open_mailbox, config, imap, tokens=tokens))
        ),
        *relay.examine(config, make_relay(config, tokens=tokens)),
        *names.examine(config),
    ]
