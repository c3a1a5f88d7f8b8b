"""May this *kind* of mail be answered? The checklist of standards.md section 1.1 (A-01 ... A-58), put together.

Promises: each check gives a Silence with a stable code, or None; the first that speaks is the reason shown, and what a
person asks for is never outvoted. Nothing here stops a forward: only the four kinds other than PERSONAL are filed
without one, and those need more than a subject line. Decides by headers, envelope, structure and the mail's own words;
limits, conversations and ages belong to lifecycle. Checks: reports.py, fields.py, senders.py; on words here.
May import: message/*, mailroom.model.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailroom.message import asks, machine
from mailroom.message.facts import Check, Facts
from mailroom.message.fields import (
    auto_reply_field,
    auto_submitted,
    machine_field,
    mailing_list,
    precedence,
    response_suppress,
    spam,
    submitted,
    too_many_hops,
)
from mailroom.message.reports import (
    bounce_by_sender,
    bounce_by_text,
    calendar,
    delivery_report,
    disposition_report,
    feedback_report,
    other_report,
    own_by_looks,
    own_by_proof,
    receipt_by_subject,
    receipt_by_text,
)
from mailroom.message.senders import (
    failed_authentication,
    needs_smtputf8,
    no_reply_sender,
    no_sender,
    not_addressed,
    nowhere_to_go,
    null_sender,
    own_domain,
    several_senders,
    silent_alias,
    staff,
    system_sender,
)
from mailroom.model import Kind, Silence, SilenceCode


def asked(facts: Facts) -> Silence | None:
    """The writer asks not to be answered here, or another person reads the mailbox."""
    if asks.wishes_silence(f"{facts.subject}\n{facts.said}"):
        return Silence(SilenceCode.ASKED, "asks not to be answered, or somebody else reads this mailbox")
    return None


def auto_reply_by_text(facts: Facts) -> Silence | None:
    """A-55 and out-of-office texts: reason enough not to answer, never enough to file away (RFC 3834 section 3.1.5)."""
    if machine.auto_subject(facts.subject):
        return Silence(SilenceCode.AUTO_REPLY, "an automatic answer by its subject")
    if machine.absent(facts.said, facts.answering or facts.token is not None):
        return Silence(SilenceCode.AUTO_REPLY, "an out-of-office by its text")
    if machine.says_automatic(facts.said):
        return Silence(SilenceCode.AUTO_REPLY, "says of itself that it is automatic")
    if machine.ticket(facts.said):
        return Silence(SilenceCode.AUTO_REPLY, "a ticket system's receipt by its text")
    return None


def bulk_by_text(facts: Facts) -> Silence | None:
    """Lists and newsletters without their headers: a line about unsubscribing, in what was said or signed."""
    if machine.bulk_text(facts.said) or machine.bulk_text(facts.signature):
        return Silence(SilenceCode.LIST, "a line about unsubscribing")
    return None


CHECKS: tuple[Check, ...] = (
    own_by_proof, own_by_looks,
    feedback_report, delivery_report, disposition_report, bounce_by_sender, other_report,
    receipt_by_text, receipt_by_subject, bounce_by_text, calendar,
    auto_submitted, auto_reply_field, machine_field, mailing_list, precedence, response_suppress,
    no_reply_sender, system_sender, null_sender,
    no_sender, several_senders, own_domain, staff, failed_authentication, spam, too_many_hops,
    silent_alias, asked, auto_reply_by_text, bulk_by_text, not_addressed, needs_smtputf8, nowhere_to_go,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks come to."""

    kind: Kind
    silence: Silence | None
    asks_silence: bool


def judge(facts: Facts) -> Verdict:
    """The kind of mail, the first reason not to answer it, and whether the writer asked for silence."""
    reasons = [check(facts) for check in CHECKS]
    by_check = dict(zip(CHECKS, reasons, strict=True))
    return Verdict(
        kind=_kind(facts, by_check),
        silence=next((reason for reason in reasons if reason is not None), None),
        asks_silence=by_check[asked] is not None,
    )


def _kind(facts: Facts, reason: dict[Check, Silence | None]) -> Kind:
    """What sort of mail it is. Everything but PERSONAL is filed unread, so it must rest on more than a few words."""
    if reason[own_by_proof]:
        return Kind.OWN
    if reason[feedback_report]:
        return Kind.PERSONAL  # somebody called our mail spam: a person should see that
    if reason[delivery_report] or reason[bounce_by_sender]:
        return Kind.BOUNCE
    if reason[disposition_report] or reason[receipt_by_text]:
        return Kind.RECEIPT
    if submitted(facts) == "auto-replied" or reason[auto_reply_field]:
        return Kind.AUTO_REPLY
    marked = reason[null_sender] or reason[precedence] or reason[response_suppress] or reason[auto_submitted]
    if marked and (machine.auto_subject(facts.subject) or machine.absent(facts.said, True)):
        return Kind.AUTO_REPLY
    return Kind.PERSONAL
