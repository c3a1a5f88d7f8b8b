"""Who sends, to whom, and what vouches for it: A-06 to A-11, A-28 to A-34, A-47 to A-49.

Promises: one function a case; a Silence with a stable code, or None.
May import: message/facts.py, destination.py, mailroom.model.
"""

from __future__ import annotations

import re

from mailroom.message.destination import same_address
from mailroom.message.facts import Facts, domain_part, is_ours, local_part, without_detail
from mailroom.model import Silence, SilenceCode


def null_sender(facts: Facts) -> Silence | None:
    """A-06: RFC 3834 section 2."""
    return Silence(SilenceCode.NULL_SENDER, "the envelope sender is <>") if facts.return_path == "" else None


_SYSTEM = re.compile(
    r"(?:mailer-?daemon|postmaster|listserv|majordomo|owner-.+|.+-owner|.+-request|bounces?(?:[-+._=].*)?|.+-bounces?(?:[-+._=].*)?|"
    r".+\+caf_.*|listmaster|mail-?daemon|abuse|hostmaster|root|daemon|nobody|mailman|sympa|lists?erv.*|microsoftexchange[0-9a-f]{8,}|uucp|"
    r"autorespond(?:er)?|auto-?reply|autoresponder|cron|www-data|system-?(?:daemon|notification))"
)
_NO_REPLY_WORDS = (
    r"(?:no|non|not|nao|sem|sin|ne|ne-pas|do-?not|dont|donot|please-?do-?not|unattended|never)-?"
    r"(?:reply|replies|answer|respond|response|respuesta|responda|respondan|responder|responda[mn]?|contestar|conteste|contesten|resposta|reponse|repondre|repondez|rispondere|rispondi|responde)"
    r"|nepasrepondre|ne-?pas-?repondre|naoresponda|nao-?respond(?:a|er)|pas-?de-?reponse|sans-?reponse|nicht-?antworten|keine-?antwort|niet-?beantwoorden|geen-?antwoord|"
    r"no-?return|unattended|no-?reply-?to|noreplyto|mailnoreply|noresponse|norespond|donotreply"
)
_NO_REPLY = re.compile(rf"(?:^|-)(?:{_NO_REPLY_WORDS})(?:$|-|\d)")


def _plain_local(address: str) -> str:
    return re.sub(r"[._]", "-", local_part(address).partition("+")[0])


def no_reply_sender(facts: Facts) -> Silence | None:
    """A-10, A-11: whole words of the local part, so that Noreplyson can write to us."""
    for address in (facts.sender, facts.return_path or ""):
        if address and _NO_REPLY.search(_plain_local(address)):
            return Silence(SilenceCode.NO_REPLY_SENDER, "an address that nobody reads")
    return None


def system_sender(facts: Facts) -> Silence | None:
    """A-09."""
    for address in (facts.sender, facts.return_path or ""):
        if address and (_SYSTEM.fullmatch(local_part(address)) or ("@" not in address and address)):
            return Silence(SilenceCode.SYSTEM_SENDER, "the address of a mail or list system")
    return None


def no_sender(facts: Facts) -> Silence | None:
    """A-47."""
    if facts.from_:
        return None
    return Silence(SilenceCode.NO_SENDER, "From gives no address" if "from" in facts.headers else "no From field")


def several_senders(facts: Facts) -> Silence | None:
    """A-47, A-48: RFC 5322 section 3.6.2, RFC 7103 section 7.5.1."""
    if len(facts.from_) > 1 or len(facts.headers.raw("from")) > 1:
        return Silence(SilenceCode.SEVERAL_SENDERS, "more than one author, or more than one From field")
    return None


def own_domain(facts: Facts) -> Silence | None:
    """A-33: says it is from our domain, and nothing that we trust proves it."""
    if (domain := domain_part(facts.sender)) not in facts.ours.domains:
        return None
    if facts.ours.authserv_id is None:  # contract section 1: then the envelope is all the proof there is
        proved = facts.return_path is not None and same_address(facts.return_path, facts.sender)
    else:
        aligned = facts.authentication.spf == "pass" and domain_part(facts.return_path or "") == domain
        proved = facts.authentication.dmarc == "pass" or (facts.authentication.dmarc is None and aligned)
    return None if proved else Silence(SilenceCode.OWN_DOMAIN, "says it is from our own domain; nothing proves it")


def staff(facts: Facts) -> Silence | None:
    """A-34: our own address, or a unit's mailbox."""
    if facts.sender and (is_ours(facts.sender, facts.ours) or without_detail(facts.sender) in facts.ours.mailboxes):
        return Silence(SilenceCode.STAFF, "from our own address or a unit's mailbox")
    return None


def not_addressed(facts: Facts) -> Silence | None:
    """A-28, A-29."""
    if not facts.ours.only_if_addressed or any(is_ours(address.address, facts.ours) for address in facts.recipients):
        return None
    return Silence(SilenceCode.NOT_ADDRESSED, "neither To nor Cc names us")


def silent_alias(facts: Facts) -> Silence | None:
    """A-56: an answer into a mailbox that others read can endanger whoever wrote there in confidence."""
    silent = {without_detail(one) for one in facts.ours.silent}
    if any(without_detail(address.address) in silent for address in facts.recipients):
        return Silence(SilenceCode.NO_ANSWER, "written to an address of ours that never answers")
    return None


def failed_authentication(facts: Facts) -> Silence | None:
    """A-30."""
    if facts.authentication.dmarc == "fail":
        return Silence(SilenceCode.UNVERIFIED, "dmarc=fail, says our own server")
    return None


def nowhere_to_go(facts: Facts) -> Silence | None:
    """A-07, A-32: nothing vouches for an address."""
    if facts.acknowledge_to is not None:
        return None
    if facts.return_path is None:
        return Silence(SilenceCode.NO_RETURN_PATH, "no Return-Path, and no authentication in its place")
    if not facts.sender.isascii():
        return Silence(SilenceCode.NEEDS_SMTPUTF8, "the address cannot be written in ASCII")
    return Silence(SilenceCode.UNVERIFIED, "nothing vouches for the sender's address")


def needs_smtputf8(facts: Facts) -> Silence | None:
    """A-49: RFC 6531 section 3.2."""
    if facts.acknowledge_to is not None and not facts.acknowledge_to.isascii():
        return Silence(SilenceCode.NEEDS_SMTPUTF8, "the address cannot be written in ASCII")
    return None
