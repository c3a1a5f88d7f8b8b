"""Whom the limits on acknowledgements count: one key for all spellings of one sender (A-41).

Promises: used for counting only, never for delivery. Pure and total.
May import: nothing but the language.
"""

from __future__ import annotations

_GOOGLE = frozenset({"gmail.com", "googlemail.com"})


def limit_key(address: str) -> str:
    """The address without case, +detail and Google's dots, the domain in A-labels: "ana@gmail.com"."""
    while (key := _shorter(address)) != address:  # what is taken away may lay bare more of the kind
        address = key
    return key


def _shorter(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    domain = _a_labels(domain.rstrip("."))
    local = local.strip('"').partition("+")[0] or local
    if domain in _GOOGLE:
        domain = "gmail.com"
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def domain_of(address: str) -> str:
    return limit_key(address).rpartition("@")[2]


def _a_labels(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain
