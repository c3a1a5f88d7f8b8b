"""Names that are ours and can be proved to be: Message-IDs, envelope tokens, reference numbers.

Promises: pure and deterministic; what is made here is recognised here, and nothing else is. Message-IDs and tokens
carry a keyed hash, so that nobody outside can make one; reference numbers carry a check character against slips of
the pen (ISO 7064 MOD 37,36), which proves nothing about who wrote them.
May import: hmac, re, and mailroom.model.
"""

from __future__ import annotations

import hmac
import re

from mailroom.model import Ours

CANARY = "canary"
"""What mailroom's messages to itself are known by: their unit in the ledger, and the first word of their ids."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MESSAGE_ID = re.compile(r"<m1\.([acfnx])\.([a-z2-7]{16})\.([a-z2-7]{16})@([^<>@\s]{1,190})>")
_REFERENCE = re.compile(r"SU-([0-9]{4})-([0-9]{6,9})-([0-9A-Z])")
_LOOSE_REFERENCE = re.compile(  # as people copy it: lower case, other dashes, spaces in place of dashes
    r"(?<![0-9A-Za-z])SU[-\u2010-\u2015\u2212 \u00a0]{1,3}([0-9]{4})[-\u2010-\u2015\u2212 \u00a0]{1,3}"
    r"([0-9]{6,9})[-\u2010-\u2015\u2212 \u00a0]{1,3}([0-9A-Z])(?![0-9A-Za-z])",
    re.IGNORECASE,
)


_PAIRS = [a + b for a in "abcdefghijklmnopqrstuvwxyz234567" for b in "abcdefghijklmnopqrstuvwxyz234567"]
"""Ten bits are two characters of base32 (RFC 4648 section 6), five times as fast as the standard library's way."""


def _keyed(key: bytes, purpose: str, text: str, length: int) -> str:
    digest = hmac.digest(key, f"{purpose}:{text}".encode("utf-8", "surrogatepass"), "sha256")
    number = int.from_bytes(digest[: length * 5 // 8], "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(length * 5 - 10, -1, -10)])


def sign_id(key: bytes, purpose: str, text: str) -> str:
    """16 characters a-z2-7 (80 bits) that only the holder of the key can make for this purpose and text."""
    return _keyed(key, purpose, text, 16)


def make_token(ours: Ours, submission_id: str) -> str:
    """The envelope token of a submission: 24 characters a-z2-7, the same for the same id."""
    return _keyed(ours.key, "token", submission_id, 24)


def make_message_id(ours: Ours, kind_letter: str, submission_id: str) -> str:
    """`<m1.KIND.ID.MAC@domain>`, the same for the same submission; KIND is f, a, n, x or c."""
    name = f"{kind_letter}.{sign_id(ours.key, 'submission', submission_id)}"
    return f"<m1.{name}.{sign_id(ours.key, 'message-id', name)}@{ours.domain}>"


def canary_seal(ours: Ours, submission_id: str) -> str:
    """What the Message-ID of this canary holds."""
    return sign_id(ours.key, "submission", submission_id)


def canary_of(value: str, ours: Ours) -> str | None:
    """The seal of a canary of ours, by its Message-ID; None for every other message."""
    found = _MESSAGE_ID.fullmatch(value.strip())
    return found[2] if found is not None and found[1] == "c" and own_message_id(value, ours) else None


def own_form(value: str, ours: Ours) -> bool:
    """Whether a Message-ID looks like one of ours: the form and the domain, whoever made it."""
    found = _MESSAGE_ID.fullmatch(value.strip())
    return found is not None and found[4].lower() in ours.domains


def own_message_id(value: str, ours: Ours) -> bool:
    """Whether a Message-ID is of our making: form, domain and keyed hash. Never true without a key."""
    found = _MESSAGE_ID.fullmatch(value.strip())
    if found is None or found[4].lower() not in ours.domains or not ours.key:
        return False
    return hmac.compare_digest(found[3], sign_id(ours.key, "message-id", f"{found[1]}.{found[2]}"))


def check_character(text: str) -> str:
    """The check character of ISO 7064 MOD 37,36 over letters A-Z and digits."""
    product = 36
    for character in text:
        total = (product + _ALPHABET.index(character)) % 36
        product = (total or 36) * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def make_reference(year: int, number: int) -> str:
    """`SU-2026-000123-K`; number from 0, six digits or as many as it needs."""
    digits = f"{number:06d}"
    return f"SU-{year:04d}-{digits}-{check_character(f'SU{year:04d}{digits}')}"


def valid_reference(text: str) -> bool:
    """Whether the text is exactly one reference number with the right check character."""
    found = _REFERENCE.fullmatch(text)
    return found is not None and check_character(f"SU{found[1]}{found[2]}") == found[3]


def find_references(text: str) -> tuple[str, ...]:
    """The reference numbers in a text, each once, in order, as we write them; a wrong check character is no number."""
    found: dict[str, None] = {}
    for match in _LOOSE_REFERENCE.finditer(text):
        name = f"SU-{match[1]}-{match[2]}-{match[3].upper()}"
        if valid_reference(name):
            found[name] = None
    return tuple(found)
