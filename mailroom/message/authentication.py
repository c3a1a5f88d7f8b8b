"""What our own server says about the sender (RFC 8601), and which field saying so can be believed.

Promises: only the topmost Authentication-Results field of our authserv-id counts, and only where no more than one
Received field by a stranger's host stands above it; any other may be the sender's own (RFC 8601 section 5, T-18).
May import: message/headers.py, message/destination.py (domains), mailroom.model.
"""

from __future__ import annotations

import re

from mailroom.message.destination import organisational
from mailroom.message.headers import Headers
from mailroom.model import Authentication

_COMMENT = re.compile(r"\((?:[^()\\]|\\.){0,1000}\)")
_METHOD = re.compile(r"\s*([a-z0-9-]{1,30})(?:/\d+)?\s*=\s*([a-z]{1,30})\b(.*)", re.DOTALL)
_DOMAIN = re.compile(r"smtp\.mail(?:from)?\s*=\s*\"?(?:[^\s;@\"]{0,100}@)?([a-z0-9.-]{1,255})")
_BY = re.compile(r"\bby\s+([A-Za-z0-9.\-]{1,255})")


def _above(headers: Headers, authserv_id: str) -> str | None:
    """The value of the field to believe."""
    ours = organisational(authserv_id)
    strangers = received = 0
    for name, value in headers.fields:
        if name == "received":
            received += 1
            by = _BY.search(value)
            host = by[1].lower() if by else ""
            strangers += not ("." not in host or organisational(host) == ours)
            if strangers > 1 or (strangers and received > 1):
                return None
        elif name == "authentication-results":
            text = _COMMENT.sub(" ", value).lower()
            words = text.partition(";")[0].split()
            if words and words[0].strip('"') == authserv_id:
                return text
    return None


def read(headers: Headers, authserv_id: str | None) -> Authentication:
    """The results; all None, not trusted, where our server said nothing that can be believed."""
    if not authserv_id or "authentication-results" not in headers:
        return Authentication()
    text = _above(headers, authserv_id.strip().lower())
    if text is None:
        return Authentication()
    found: dict[str, str] = {}
    domain: str | None = None
    for clause in text.split(";")[1:40]:
        method = _METHOD.match(clause)
        if method is None:
            continue
        name, result, rest = method.groups()
        if name == "spf" and "spf" not in found:
            where = _DOMAIN.search(rest)
            domain = where[1] if where else None
        if (name == "dkim" and result == "pass") or (name == "dmarc" and result == "fail"):
            found[name] = result
        else:
            found.setdefault(name, result)
    return Authentication(found.get("spf"), domain, found.get("dkim"), found.get("dmarc"), True)
