"""Mail that machines make about mail, and our own mail coming back: A-21 to A-27, A-35 to A-37, A-53.

Promises: one function a case; a Silence with a stable code, or None.
May import: message/facts.py, machine.py, phrases.py, destination.py, mailroom.identity, mailroom.model.
"""

from __future__ import annotations

import re

from mailroom.identity import own_form, own_message_id, valid_reference
from mailroom.message import machine
from mailroom.message.destination import same_address
from mailroom.message.facts import Facts, local_part
from mailroom.message.phrases import SUBJECT_PREFIX
from mailroom.model import Silence, SilenceCode


def own_by_proof(facts: Facts) -> Silence | None:
    """A-35, A-37: our Message-ID with the right keyed hash; or our loop header together with a valid reference."""
    if facts.message_id and own_message_id(facts.message_id, facts.ours):
        return Silence(SilenceCode.OWN_MAIL, "the Message-ID is of our making")
    loops = [value.lower() for value in facts.headers.all("x-mailroom-loop")]
    reference = any(valid_reference(value) for value in facts.headers.all("x-mailroom-reference"))
    if reference and any(same_address(value, ours) for value in loops for ours in facts.ours.addresses):
        return Silence(SilenceCode.OWN_MAIL, "X-Mailroom-Loop with an address of ours and a reference of ours")
    return None


def own_by_looks(facts: Facts) -> Silence | None:
    """A-36: a loop header or a Message-ID of our form that proves nothing: not answered, but forwarded as usual."""
    if "x-mailroom-loop" in facts.headers:
        return Silence(SilenceCode.OWN_MAIL, "header X-Mailroom-Loop")
    if facts.message_id and own_form(facts.message_id, facts.ours):
        return Silence(SilenceCode.OWN_MAIL, "the Message-ID has the form of ours")
    return None


def delivery_report(facts: Facts) -> Silence | None:
    """A-21, A-53: RFC 3464, whole or without its wrapping."""
    if facts.report_type() == "delivery-status" or facts.has_type(
        "message/delivery-status", "message/global-delivery-status"
    ):
        return Silence(SilenceCode.BOUNCE, "delivery status notification")
    return None


def disposition_report(facts: Facts) -> Silence | None:
    """A-23: RFC 8098, and S/MIME receipts."""
    if facts.report_type() == "disposition-notification" or facts.has_type("message/disposition-notification"):
        return Silence(SilenceCode.RECEIPT, "disposition notification")
    for kind, parameters in facts.body.types:
        if kind.endswith("pkcs7-mime") and parameters.get("smime-type", "").lower() == "signed-receipt":
            return Silence(SilenceCode.RECEIPT, "signed receipt")
    return None


def feedback_report(facts: Facts) -> Silence | None:
    """A-25: RFC 5965."""
    if facts.report_type() == "feedback-report" or facts.has_type("message/feedback-report"):
        return Silence(SilenceCode.FEEDBACK_REPORT, "abuse feedback report")
    return None


def other_report(facts: Facts) -> Silence | None:
    """A-26: TLSRPT (RFC 8460), DMARC aggregates (RFC 9990), any other multipart/report; I-06."""
    kind = facts.report_type()
    if kind is not None:
        return Silence(SilenceCode.REPORT, "multipart/report" + (f" of type {kind}" if kind.isalpha() else ""))
    if facts.has_type("application/tlsrpt+gzip", "application/tlsrpt+json") or facts.headers.any(
        ("tls-report-domain",)
    ):
        return Silence(SilenceCode.REPORT, "TLS report")
    if re.match(r"\s*report[ -]domain:\s*\S+\s*submitter:", facts.subject):
        return Silence(SilenceCode.REPORT, "DMARC aggregate report")
    if facts.subject.strip().lower().startswith("retrieval using the imap4 protocol failed for the following message"):
        return Silence(SilenceCode.REPORT, "Exchange's stand-in for a message that it cannot give (I-06)")
    return None


_BOUNCERS = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mailerdaemon|mail[-_.]?delivery|maildelivery)(?:$|[-+_.=].*)"
)


def bounce_by_sender(facts: Facts) -> Silence | None:
    """A-09, A-22: MAILER-DAEMON, or postmaster or a null envelope with a bounce's subject or words."""
    raw_from = " ".join(facts.headers.raw("from")).lower()
    local = local_part(facts.sender)
    if _BOUNCERS.match(local) or (not facts.sender and "mailer-daemon" in raw_from):
        return Silence(SilenceCode.BOUNCE, "from a mail system")
    if "x-failed-recipients" in facts.headers:
        return Silence(SilenceCode.BOUNCE, "header X-Failed-Recipients")
    postmaster = local.startswith(("postmaster", "microsoftexchange")) or "postmaster" in raw_from
    if not (postmaster or facts.return_path == "" or facts.token):
        return None
    if machine.BOUNCE_SUBJECT.search(facts.subject) or machine.BOUNCE_TEXT.search(facts.text[:4_000]):
        return Silence(SilenceCode.BOUNCE, "a bounce by its sender and its words")
    return None


def bounce_by_text(facts: Facts) -> Silence | None:
    """Subject and text of a bounce from an ordinary sender: not answered, but not filed away either."""
    if (
        asks_nothing(facts)
        and machine.BOUNCE_SUBJECT.search(facts.subject)
        and machine.BOUNCE_TEXT.search(facts.said[:2_000])
    ):
        return Silence(SilenceCode.BOUNCE, "a bounce by its subject and words")
    return None


def asks_nothing(facts: Facts) -> bool:
    """No question mark, and no reply or forward prefix: people who send us a bounce have something to ask."""
    return "?" not in facts.said and SUBJECT_PREFIX.match(facts.subject) is None


def receipt_by_text(facts: Facts) -> Silence | None:
    """Read receipts and recalls without the standard form: the text says so, and the subject or a header as well."""
    text = facts.text
    if len(text) > 1_500:
        return None
    marked = (
        any(value.strip().lower() != "no" for value in facts.headers.raw("auto-submitted")) or facts.return_path == ""
    )
    if (marked or machine.RECALL_SUBJECT.match(facts.subject)) and machine.RECALL_TEXT.search(text):
        return Silence(SilenceCode.RECEIPT, "a recall by its text")
    if (marked or machine.RECEIPT_SUBJECT.match(facts.subject)) and machine.RECEIPT_TEXT.search(text):
        return Silence(SilenceCode.RECEIPT, "a read receipt by its text")
    return None


def receipt_by_subject(facts: Facts) -> Silence | None:
    """A read receipt in other words: not answered, but not filed away either."""
    empty = not facts.text.strip() and machine.RECEIPT_SUBJECT.match(facts.subject) is not None
    words = len(facts.text) < 400 and asks_nothing(facts) and machine.RECEIPT_TEXT.search(facts.text) is not None
    if empty or words or machine.receipt_subject(facts.subject, facts.text[:500]):
        return Silence(SilenceCode.RECEIPT, "a read receipt by its words")
    return None


def calendar(facts: Facts) -> Silence | None:
    """A-27: iTIP (RFC 5546, RFC 6047)."""
    for kind, parameters in facts.body.types:
        if kind == "text/calendar" and parameters.get("method", "publish").lower() != "publish":
            return Silence(SilenceCode.CALENDAR, "calendar message")
    if (
        "calendarmessage" in facts.headers.first("content-class").lower()
        or "x-microsoft-cdo-busystatus" in facts.headers
    ):
        return Silence(SilenceCode.CALENDAR, "calendar message")
    return None
