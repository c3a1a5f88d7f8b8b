"""What the checks of automatic.py look at, and the small questions that several of them ask.

Promises: frozen values and pure functions.
May import: mailroom.message.body, .headers, mailroom.model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mailroom.message.body import Body
from mailroom.message.headers import Headers
from mailroom.model import Address, Authentication, Ours, Silence


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at."""

    ours: Ours
    headers: Headers
    body: Body
    message_id: str | None
    return_path: str | None
    from_: tuple[Address, ...]
    recipients: tuple[Address, ...]  # To, Cc, Resent-To, Resent-Cc
    authentication: Authentication
    acknowledge_to: str | None
    subject: str  # folded: lower case, no accents
    said: str  # folded
    signature: str  # folded
    text: str  # folded, the whole text with quotations
    answering: bool  # In-Reply-To or References is there
    token: str | None  # of our envelope address, among the recipients

    @property
    def sender(self) -> str:
        return self.from_[0].address if len(self.from_) == 1 else ""

    def report_type(self) -> str | None:
        """Of a multipart/report at the top (RFC 6522); "" where it names none."""
        if self.body.types and self.body.types[0][0] == "multipart/report":
            return self.body.types[0][1].get("report-type", "").lower()
        declared = self.headers.first("content-type").lower()
        if declared.startswith("multipart/report"):
            found = re.search(r"report-type\s*=\s*\"?([a-z-]{1,40})", declared)
            return found[1] if found else ""
        return None

    def has_type(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.body.types)


Check = Callable[[Facts], Silence | None]


def local_part(address: str) -> str:
    return address.rpartition("@")[0].lower()


def domain_part(address: str) -> str:
    return address.rpartition("@")[2].lower()


def without_detail(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def is_ours(address: str, ours: Ours) -> bool:
    """Our address or an alias, in any case, with any +detail."""
    plain = without_detail(address)
    mine = {without_detail(mine) for mine in (ours.address, *ours.aliases, *ours.silent)}
    return plain in mine or (ours.envelope_from != "" and plain == without_detail(ours.envelope_from))
