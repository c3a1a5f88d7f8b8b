"""Where an acknowledgement may go (contract section 1): never further than something vouches for.

Promises: an address that the envelope or our own server's checks tie to the visible sender, or nothing. Never
Reply-To: anybody can write anything there.
May import: mailroom.model.
"""

from __future__ import annotations

from mailroom.model import Address, Authentication, Ours

# second-level labels under which a country's registry sells names; a list and no guess by length, because taking two
# owners for one would send mail to a stranger
_SHARED = frozenset((
    "ac", "adm", "adv", "agr", "art", "asn", "bio", "blog", "co", "com", "coop", "def", "ecn", "eco", "edu",
    "eng", "esp", "est", "etc", "eti", "fin", "fm", "fot", "fst", "g12", "ggf", "gob", "go", "gouv", "gov",
    "gub", "id", "ind", "inf", "info", "int", "jor", "jus", "leg", "lel", "ltd", "mat", "me", "med", "mil",
    "mp", "mus", "name", "ne", "net", "nhs", "nic", "nom", "not", "ntr", "odo", "or", "org", "plc", "police",
    "ppg", "pro", "prof", "psc", "psi", "pub", "qsl", "rec", "rep", "sch", "slg", "srv", "taxi", "tc", "teo",
    "tmp", "trd", "tur", "tv", "vet", "vlog", "wiki", "zlg", "ing", "web", "law", "firm", "store", "arts",
))  # fmt: skip


def organisational(domain: str) -> str:
    """The registered domain: two labels, or three under a shared label of a country ("x.gob.mx")."""
    labels = [label for label in domain.lower().rstrip(".").split(".") if label]
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def same_address(one: str, other: str) -> bool:
    """RFC 5321 section 2.4: domains in any case; local parts in any case too, since nobody tells them apart."""
    return one.lower() == other.lower()


def sendable(address: str) -> str | None:
    """The address with an ASCII domain (RFC 5891), or None where it is none that SMTP could carry."""
    local, at, domain = address.rpartition("@")
    if not at or not local or len(local) > 64 or any(c.isspace() or c in '<>,;:"()[]\\' for c in local):
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = domain.split(".")
    fine = len(labels) > 1 and all(label and label.replace("-", "a").replace("_", "a").isalnum() for label in labels)
    return f"{local}@{domain.lower()}" if fine and len(local) + len(domain) < 254 else None


def acknowledge_to(
    from_: tuple[Address, ...], return_path: str | None, authentication: Authentication, ours: Ours
) -> str | None:
    """The address, or None where nothing vouches for one."""
    if len(from_) != 1:
        return None
    sender = from_[0].address
    bounce = return_path or ""
    related = "@" in bounce and organisational(_domain(bounce)) == organisational(_domain(sender))
    if ours.authserv_id is None:
        return sendable(sender) if related else None
    if authentication.dmarc == "fail":
        return None
    if authentication.dmarc == "pass" or ("@" in bounce and same_address(bounce, sender)):
        return sendable(sender)
    if authentication.spf == "pass" and related:
        return sendable(bounce)
    return None
