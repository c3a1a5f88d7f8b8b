"""Delivery reports about mail of ours: the machine-readable part (RFC 3464) where there is one, prose where not.

Promises: total; a token is taken only from our own envelope address `bounces+TOKEN@`, wherever a report repeats it.
What a report says is a claim: whether the token is one of ours is for the ledger to know.
May import: message/body.py, message/headers.py, mailroom.model.
"""

from __future__ import annotations

import re

from mailroom.message.body import Body
from mailroom.message.headers import Headers
from mailroom.message.parse import field
from mailroom.model import DSN, Ours

_ACTION = re.compile(r"^action\s*:\s*([a-z]{4,12})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^status\s*:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_PROSE_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
_PROSE_CODE = re.compile(r"(?<![\d.@-])([45][0-5]\d)(?=[ \-#:;.)]|$)(?!\s*(?:kb|mb|bytes))", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"^message-id\s*:\s*(<[^<>\s]{1,248}>)", re.IGNORECASE | re.MULTILINE)
_DELAYED = re.compile(
    r"\b(?:delay(?:ed)?|retras(?:o|ado)|demorad[ao]|atrasad[ao]|atraso|retard[ée]?e?|still trying|"
    r"will (?:keep|continue) (?:trying|to try)|seguir[aá] intentando|continuar[aá] tentando|not yet been delivered)\b",
    re.IGNORECASE,
)
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_WORST = ("failed", "delayed", "expanded", "relayed", "delivered")
_ADDRESSED = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to")


def token_pattern(ours: Ours) -> re.Pattern[str] | None:
    """What finds the token of our envelope sender in any text; None where none is configured."""
    local, at, domain = ours.envelope_from.rpartition("@")
    if not at or not local:
        return None
    return re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+([A-Za-z0-9]{{6,64}})@{re.escape(domain)}(?![\w.-]*\w)", re.IGNORECASE
    )


def find_token(headers: Headers, body: Body, ours: Ours) -> str | None:
    """The token, from where the report was delivered to, else from what it returns of our message."""
    pattern = token_pattern(ours)
    if pattern is None:
        return None
    places = [value for name in _ADDRESSED for value in headers.raw(name)]
    places += body.reports.values()
    places += [
        value for part in body.embedded[:3] for name in ("return-path", "sender") for value in Headers(part).raw(name)
    ]
    places.append(body.text[:50_000])
    for place in places:
        found = pattern.search(place)
        if found:
            return found[1].lower()
    return None


def returned_id(body: Body) -> str | None:
    """The Message-ID of the message that a report gives back."""
    for part in body.embedded[:3]:
        found = _MESSAGE_ID.search("message-id: " + (field(part, "message-id") or "").strip())
        if found:
            return found[1]
    for name in ("text/rfc822-headers", "message/global-headers", "message/delivery-status"):
        found = _MESSAGE_ID.search(body.reports.get(name, ""))
        if found:
            return found[1]
    found = _MESSAGE_ID.search(body.text[:50_000].replace("> ", ""))
    return found[1] if found else None


def read(headers: Headers, body: Body, ours: Ours) -> DSN:
    """What the report says. Several recipients: the worst of what befell them."""
    machine = body.reports.get("message/delivery-status") or body.reports.get("message/global-delivery-status") or ""
    actions = {action.lower() for action in _ACTION.findall(machine)} & _ACTIONS
    text = f"{headers.first('subject')}\n{body.text[:20_000]}"
    action = next((action for action in _WORST if action in actions), None)
    statuses = _STATUS.findall(machine)
    status = next((s for s in statuses if action is None or (s[0] == "5") == (action == "failed")), None)
    if status is None and statuses:
        status = statuses[0]
    if status is None:
        found = _PROSE_STATUS.search(text) or _PROSE_CODE.search(text)
        status = (found[1] if "." in found[1] else f"{found[1][0]}.0.0") if found else None
    if action is None:
        action = "delayed" if _DELAYED.search(text) and not (status or "4").startswith("5") else "failed"
    return DSN(find_token(headers, body, ours), returned_id(body), action, status)
