"""The SMTP side: can we sign in, what does the server take, and does it take acknowledgements (MAIL FROM:<>)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailroom.config import Config
from mailroom.doctor.finding import Finding, note, ok, problem
from mailroom.model import Misconfigured, Unavailable
from mailroom.smtp import Offer, Relay

AREA = "smtp"
GROWTH = 1.4  # of an original that travels as base64 in lines of 76, with its cover note
SKEW = 300.0  # seconds; tokens and Received fields suffer from more
_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}")


def examine(config: Config, relay: Relay) -> Iterator[Finding]:
    place = f"{config.smtp.host}:{config.smtp.port}"
    try:
        offer = asyncio.run(relay.probe())
    except Misconfigured as error:
        yield problem(AREA, f"{place}: {error}", error.mend)
        return
    except Unavailable as error:
        yield problem(AREA, f"{place}: {error}", f"is {place} right, is the server up, and the way to it open?")
        return
    signed = "signed in" if config.smtp.username else "connected, without signing in"
    yield ok(AREA, f"{place}: {signed}")
    yield from _size(config, offer)
    if offer.null_sender == 250:
        yield ok(AREA, "the null sender <> is accepted, with which acknowledgements go out")
    else:
        yield problem(
            AREA,
            f"the null sender <> is refused ({offer.null_sender}): no acknowledgement can go out",
            "ask the server's administrators to allow MAIL FROM:<> for this account (RFC 5321 section 4.5.5)",
        )
    if offer.eight_bit:
        yield ok(AREA, "8BITMIME is offered")
    else:
        yield note(AREA, "no 8BITMIME: nothing suffers, since all that mailroom sends is 7-bit")
    if not offer.dsn:
        yield note(AREA, "no DSN: an acknowledgement that cannot be delivered may come back as a bounce")
    if config.smtp.host.endswith("office365.com") and config.smtp.connections > 3:
        yield problem(AREA, "Microsoft 365 takes three connections of a mailbox at most", "connections = 3 in [smtp]")
    yield from _clock(offer.banner, datetime.now(UTC))


def _size(config: Config, offer: Offer) -> Iterator[Finding]:
    largest = config.forwarding.max_size
    if not offer.size_limit:
        yield note(AREA, "the server states no SIZE: whether it takes the largest messages cannot be seen from here")
    elif largest * GROWTH > offer.size_limit:
        fits = max(int(offer.size_limit / GROWTH / 10**6), 1)
        yield problem(
            AREA,
            f"the server takes {offer.size_limit / 10**6:.0f} MB; a message of max_size ({largest / 10**6:.0f} MB)"
            " grows by two fifths on its way",
            f'max_size = "{fits}MB" in [forwarding]: larger ones then go as a notice',
        )
    else:
        yield ok(AREA, f"the server takes {offer.size_limit / 10**6:.0f} MB: enough for max_size")


def _clock(banner: str, now: datetime) -> Iterator[Finding]:
    """Some servers greet with their time; IMAP has none to ask for."""
    if found := _DATE.search(banner):
        try:
            off = (now - parsedate_to_datetime(found[0]).astimezone(UTC)).total_seconds()
        except ValueError:
            return
        if abs(off) > SKEW:
            words = f"this machine's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} the server's"
            yield problem(AREA, words, "let the clock be set from the network: timedatectl set-ntp true")
        else:
            yield ok(AREA, "this machine's clock agrees with the server's")
