"""May this *kind* of mail be answered? One small function a case of standards.md section 1.1 (A-01 ... A-58).

Promises: each check gives a Silence with a stable code, or None; the first that speaks is the reason shown, and what a
person asks for is never outvoted. Nothing here stops a forward: only the four kinds other than PERSONAL are filed
without one, and those need more than a subject line. Decides by headers, envelope, structure and the mail's own words;
limits, conversations and ages belong to lifecycle.
May import: message/* , mailroom.identity, mailroom.model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mailroom.identity import own_form, own_message_id, valid_reference
from mailroom.message import asks, machine
from mailroom.message.body import Body
from mailroom.message.destination import same_address
from mailroom.message.headers import Headers
from mailroom.model import Address, Authentication, Kind, Ours, Silence, SilenceCode

MAX_HOPS = 50  # Received fields (RFC 5321 section 6.3)


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


def _local(address: str) -> str:
    return address.rpartition("@")[0].lower()


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _without_detail(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def is_ours(address: str, ours: Ours) -> bool:
    """Our address or an alias, in any case, with any +detail."""
    plain = _without_detail(address)
    mine = {_without_detail(mine) for mine in (ours.address, *ours.aliases)}
    return plain in mine or (ours.envelope_from != "" and plain == _without_detail(ours.envelope_from))


# ------------------------------------------------------------------------------------------ our own mail


def own_by_proof(facts: Facts) -> Silence | None:
    """A-35, A-37: our Message-ID with the right keyed hash; or our loop header together with a valid reference."""
    if facts.message_id and own_message_id(facts.message_id, facts.ours):
        return Silence(SilenceCode.OWN_MAIL, "the Message-ID is of our making")
    loops = [value.lower() for value in facts.headers.all("x-mailroom-loop")]
    reference = any(valid_reference(value) for value in facts.headers.all("x-mailroom-reference"))
    if reference and any(same_address(value, facts.ours.address) for value in loops):
        return Silence(SilenceCode.OWN_MAIL, "X-Mailroom-Loop with our address and a reference of ours")
    return None


def own_by_looks(facts: Facts) -> Silence | None:
    """A-36: a loop header or a Message-ID of our form that proves nothing: not answered, but forwarded as usual."""
    if "x-mailroom-loop" in facts.headers:
        return Silence(SilenceCode.OWN_MAIL, "header X-Mailroom-Loop")
    if facts.message_id and own_form(facts.message_id, facts.ours):
        return Silence(SilenceCode.OWN_MAIL, "the Message-ID has the form of ours")
    return None


# ---------------------------------------------------------------------------------------- machine reports


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
    """A-26: TLSRPT (RFC 8460), DMARC aggregates (RFC 9990), any other multipart/report."""
    kind = facts.report_type()
    if kind is not None:
        return Silence(SilenceCode.REPORT, "multipart/report" + (f" of type {kind}" if kind.isalpha() else ""))
    if facts.has_type("application/tlsrpt+gzip", "application/tlsrpt+json") or facts.headers.any(
        ("tls-report-domain",)
    ):
        return Silence(SilenceCode.REPORT, "TLS report")
    if re.match(r"\s*report[ -]domain:\s*\S+\s*submitter:", facts.subject):
        return Silence(SilenceCode.REPORT, "DMARC aggregate report")
    return None


_BOUNCERS = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mailerdaemon|mail[-_.]?delivery|maildelivery)(?:$|[-+_.=].*)"
)


def bounce_by_sender(facts: Facts) -> Silence | None:
    """A-09, A-22: MAILER-DAEMON, or postmaster or a null envelope with a bounce's subject or words."""
    raw_from = " ".join(facts.headers.raw("from")).lower()
    local = _local(facts.sender)
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


def receipt_by_text(facts: Facts) -> Silence | None:
    """Read receipts and recalls without the standard form: subject and text both say so."""
    text = facts.text[:2_000]
    if machine.RECALL_TEXT.search(text) and (machine.RECALL_SUBJECT.match(facts.subject) or len(text) < 400):
        return Silence(SilenceCode.RECEIPT, "a recall by its text")
    if machine.RECEIPT_TEXT.search(text) and (machine.RECEIPT_SUBJECT.match(facts.subject) or len(text) < 500):
        return Silence(SilenceCode.RECEIPT, "a read receipt by its text")
    if machine.RECEIPT_SUBJECT.match(facts.subject) and not text.strip() and facts.answering:
        return Silence(SilenceCode.RECEIPT, "a read receipt by its subject")
    return None


def receipt_by_subject(facts: Facts) -> Silence | None:
    """A read receipt in other words: not answered, but not filed away either."""
    if machine.receipt_subject(facts.subject, facts.text[:500]):
        return Silence(SilenceCode.RECEIPT, "a read receipt by its subject")
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


# ------------------------------------------------------------------------------------------ header fields


_COMMENTS = re.compile(r"\([^()]{0,500}\)")


def submitted(facts: Facts) -> str | None:
    """The first value of Auto-Submitted other than "no" (RFC 3834 section 5), without parameters and comments."""
    for value in facts.headers.raw("auto-submitted"):
        keyword = _COMMENTS.sub(" ", value).partition(";")[0].strip().lower()
        if keyword != "no":
            return keyword
    return None


def auto_submitted(facts: Facts) -> Silence | None:
    """A-02 to A-05."""
    keyword = submitted(facts)
    if keyword is None:
        return None
    shown = keyword if keyword in ("auto-replied", "auto-generated", "auto-notified") else "other than no"
    return Silence(SilenceCode.AUTO_SUBMITTED, f"header Auto-Submitted: {shown}")


_AUTO_REPLY_FIELDS = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-autogenerated", "x-mail-autoreply",
    "x-fc-machinegenerated", "x-auto-reply", "x-auto-reply-from", "x-auto-response", "x-vacation", "x-jive-autoreply",
    "auto-reply", "x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source", "x-cron-env",
    "x-post-message-class", "x-autosubmitted", "x-amazon-auto-reply", "x-away-message",
)  # fmt: skip


def auto_reply_field(facts: Facts) -> Silence | None:
    """A-19, A-20: on presence, unless the value says no."""
    for name in _AUTO_REPLY_FIELDS:
        values = facts.headers.all(name)
        if values and any(value.lower() not in ("no", "false", "0") for value in values):
            return Silence(SilenceCode.AUTO_REPLY, f"header {name.title()}")
    return None


_LIST_FIELDS = ("list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe", "list-owner", "list-archive",
                "list-unsubscribe-post")  # fmt: skip
_OTHER_LIST_FIELDS = (
    "mailing-list", "x-mailing-list", "x-loop", "x-beenthere", "feedback-id", "x-csa-complaints", "x-campaign-id",
    "x-campaignid", "x-mailman-version", "x-listname", "x-list", "x-google-group-id", "x-mc-user", "x-mailgun-tag",
    "x-sg-eid", "x-campaign", "x-mailchimp-campaign-id", "x-newsletter",
)  # fmt: skip


def mailing_list(facts: Facts) -> Silence | None:
    """A-12 to A-14: RFC 2369, RFC 2919, RFC 8058, and what lists and bulk senders add beside them."""
    name = facts.headers.any(_LIST_FIELDS) or facts.headers.any(_OTHER_LIST_FIELDS)
    return Silence(SilenceCode.LIST, f"header {name.title()}") if name else None


def precedence(facts: Facts) -> Silence | None:
    """A-15, A-16."""
    for name in ("precedence", "x-precedence"):
        for value in facts.headers.all(name):
            word = value.strip().lower().replace("_", "-")
            if word in ("bulk", "junk", "list", "auto-reply"):
                return Silence(SilenceCode.BULK, f"header Precedence: {word}")
    return None


def response_suppress(facts: Facts) -> Silence | None:
    """A-17, A-18: [MS-OXCMAIL] section 2.1.3.2.20: the set names automatic replies, or is their bit mask."""
    for value in facts.headers.all("x-auto-response-suppress"):
        words = {word.strip().lower() for word in re.split(r"[,;\s]+", value)}
        mask = next((int(word) for word in words if re.fullmatch(r"-?\d{1,5}", word)), 0)
        if words & {"oof", "autoreply", "all"} or mask & 48:
            return Silence(SilenceCode.AUTO_RESPONSE_SUPPRESS, "header X-Auto-Response-Suppress")
    return None


_SPAM_FIELDS = (
    ("x-spam-flag", "yes"), ("x-spam-status", "yes"), ("x-spam", "yes"), ("x-ses-spam-verdict", "fail"),
    ("x-ses-virus-verdict", "fail"), ("x-rspamd-action", "add header"), ("x-rspamd-action", "rewrite subject"),
    ("x-rspamd-action", "reject"), ("x-virus-status", "infected"), ("x-bogosity", "spam"), ("x-bogosity", "yes"),
)  # fmt: skip


def spam(facts: Facts) -> Silence | None:
    """A-43: the verdict of a filter before us."""
    headers = facts.headers
    for name, value in _SPAM_FIELDS:
        if any(found.lower().startswith(value) for found in headers.all(name)):
            return Silence(SilenceCode.SPAM, f"header {name.title()}")
    for value in headers.all("x-forefront-antispam-report") + headers.all("x-ms-exchange-organization-scl"):
        found = re.search(r"(?:^|scl:)\s*(\d)\b", value.lower())
        if found and int(found[1]) >= 5:
            return Silence(SilenceCode.SPAM, "spam confidence level 5 or more")
    return None


def too_many_hops(facts: Facts) -> Silence | None:
    """A-39."""
    count = len(facts.headers.raw("received"))
    return Silence(SilenceCode.TOO_MANY_HOPS, f"{count} Received fields") if count > MAX_HOPS else None


# --------------------------------------------------------------------------------------------- the sender


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
    return re.sub(r"[._]", "-", _local(address).partition("+")[0])


def no_reply_sender(facts: Facts) -> Silence | None:
    """A-10, A-11: whole words of the local part, so that Noreplyson can write to us."""
    for address in (facts.sender, facts.return_path or ""):
        if address and _NO_REPLY.search(_plain_local(address)):
            return Silence(SilenceCode.NO_REPLY_SENDER, "an address that nobody reads")
    return None


def system_sender(facts: Facts) -> Silence | None:
    """A-09."""
    for address in (facts.sender, facts.return_path or ""):
        if address and (_SYSTEM.fullmatch(_local(address)) or ("@" not in address and address)):
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
    if _domain(facts.sender) != facts.ours.domain:
        return None
    if facts.ours.authserv_id is None:  # contract section 1: then the envelope is all the proof there is
        proved = facts.return_path is not None and same_address(facts.return_path, facts.sender)
    else:
        aligned = facts.authentication.spf == "pass" and _domain(facts.return_path or "") == facts.ours.domain
        proved = facts.authentication.dmarc == "pass" or (facts.authentication.dmarc is None and aligned)
    return None if proved else Silence(SilenceCode.OWN_DOMAIN, "says it is from our own domain; nothing proves it")


def staff(facts: Facts) -> Silence | None:
    """A-34: our own address, or a unit's mailbox."""
    if facts.sender and (is_ours(facts.sender, facts.ours) or _without_detail(facts.sender) in facts.ours.mailboxes):
        return Silence(SilenceCode.STAFF, "from our own address or a unit's mailbox")
    return None


def not_addressed(facts: Facts) -> Silence | None:
    """A-28, A-29."""
    if not facts.ours.only_if_addressed or any(is_ours(address.address, facts.ours) for address in facts.recipients):
        return None
    return Silence(SilenceCode.NOT_ADDRESSED, "neither To nor Cc names us")


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


# ---------------------------------------------------------------------------------------------- together

CHECKS: tuple[Check, ...] = (
    own_by_proof, own_by_looks,
    feedback_report, delivery_report, disposition_report, bounce_by_sender, other_report,
    receipt_by_text, receipt_by_subject, calendar,
    auto_submitted, auto_reply_field, mailing_list, precedence, response_suppress,
    no_reply_sender, system_sender, null_sender,
    no_sender, several_senders, own_domain, staff, failed_authentication, spam, too_many_hops,
    asked, auto_reply_by_text, bulk_by_text, not_addressed, needs_smtputf8, nowhere_to_go,
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
    if submitted(facts) in ("auto-replied", "auto-notified") or reason[auto_reply_field]:
        return Kind.AUTO_REPLY
    marked = reason[null_sender] or reason[precedence] or reason[response_suppress] or reason[auto_submitted]
    if marked and (machine.auto_subject(facts.subject) or machine.absent(facts.said, True)):
        return Kind.AUTO_REPLY
    return Kind.PERSONAL
