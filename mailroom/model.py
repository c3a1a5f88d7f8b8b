"""The nouns that cross rooms: frozen values, no behaviour beyond a property, no I/O.

What may live here: a type that two or more rooms hand to each other, and the exceptions that cross them.
May import: the standard library's pure parts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

LANGUAGES = ("es", "en", "pt", "fr")
"""The four official languages of the Commission; everything staff write exists in these."""


# ------------------------------------------------------------------------------------------ arrival


class Channel(StrEnum):
    """How a message reached the Section."""

    INBOX = "inbox"
    JUNK = "junk"
    REROUTE = "reroute"  # staff dropped it into Reroute/<unit>
    POST = "post"
    IN_PERSON = "in-person"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a message was found in the mailbox. A pointer for filing, never a sign of progress."""

    channel: Channel
    folder: str  # as the server names it, decoded
    uidvalidity: int
    uid: int
    size: int  # octets as the server states them (RFC822.SIZE)
    internal_date: datetime | None  # aware; None where the server gave none
    unit: str | None = None  # the slug of Reroute/<unit>
    inbox: str = ""  # the name of its [[imap]]; "" where there is one without a name


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of a message as fetched; they lie in the spool under this name."""

    sha256: str  # lower-case hexadecimal
    size: int  # octets


# ------------------------------------------------------------------------------------- understanding


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header (RFC 5322 section 3.4)."""

    name: str  # decoded display name, controls removed; "" where absent
    address: str  # local@domain as written, the domain in lower case


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached part, by what its headers say; its content is never opened."""

    name: str  # decoded, controls and bidi removed, for display only; "" where absent
    content_type: str  # lower case, "application/pdf"
    size: int  # octets after decoding


@dataclass(frozen=True, slots=True)
class Language:
    """The language of what the person wrote now."""

    code: str  # "es" "en" "pt" "fr", "other:<iso 639-1>", or "unknown"
    confidence: float  # 0..1

    @property
    def in_doubt(self) -> bool:
        """Whether what we know of the sender should rather be believed."""
        return self.code == "unknown" or self.confidence < 0.6


class SilenceCode(StrEnum):
    """Why no acknowledgement goes out. Stable: they stand in explain, the ledger, metrics and reports.

    Three rooms give them, at three times: message/automatic (may this *kind* of mail be answered),
    rules (staff said so), lifecycle (may this *person* be answered now).
    """

    # message/automatic: what the mail is
    AUTO_SUBMITTED = "auto-submitted"  # Auto-Submitted says that a machine sent it (RFC 3834 section 2)
    NULL_SENDER = "null-sender"  # Return-Path is <>
    BOUNCE = "bounce"  # a delivery report (RFC 3464), or a bounce by its looks
    RECEIPT = "receipt"  # a read receipt or a recall (RFC 8098)
    FEEDBACK_REPORT = "feedback-report"  # somebody's provider reports our mail as unwanted (RFC 5965)
    REPORT = "report"  # another report by a machine: TLSRPT, DMARC aggregates
    LIST = "list"  # it came through a mailing list (RFC 2369, RFC 2919)
    BULK = "bulk"  # Precedence, campaign headers or its words say bulk mail
    AUTO_RESPONSE_SUPPRESS = "auto-response-suppress"  # X-Auto-Response-Suppress asks for no answer ([MS-OXCMAIL])
    AUTO_REPLY = "auto-reply"  # X-Autoreply and its kin, or an out-of-office by its text
    CALENDAR = "calendar"  # an invitation or its answer (RFC 5546)
    SYSTEM_SENDER = "system-sender"  # mailer-daemon, owner-*, *-request and the like
    NO_REPLY_SENDER = "no-reply-sender"  # nobody reads the sender's mailbox
    NOT_ADDRESSED = "not-addressed"  # neither To nor Cc names us
    SPAM = "spam"  # our server marked it as spam
    UNVERIFIED = "unverified"  # dmarc=fail, or nothing that vouches for the address
    NO_RETURN_PATH = "no-return-path"  # no Return-Path, and nothing else that says where an answer is safe
    NO_SENDER = "no-sender"  # From gives no address
    SEVERAL_SENDERS = "several-senders"  # From gives more than one address
    OWN_MAIL = "own-mail"  # ours came back: loop header, or a Message-ID of our making
    OWN_DOMAIN = "own-domain"  # says it is from us, and nothing proves it
    STAFF = "staff"  # our address or a unit's mailbox
    TOO_MANY_HOPS = "too-many-hops"  # more than 50 Received fields: a loop (RFC 5321 section 6.3)
    NEEDS_SMTPUTF8 = "needs-smtputf8"  # the address needs SMTPUTF8 (RFC 6531)
    ASKED = "asked"  # the person asks not to be answered here
    # rules
    RULE = "rule"  # a rule in rules.yaml says so
    # lifecycle and the stages: what we know beside the message
    UNREADABLE = "unreadable"  # no parser could read it
    CHANNEL = "channel"  # junk folder, Reroute, post: no e-mail to answer
    CONVERSATION = "conversation"  # this conversation already has its acknowledgement
    SENDER_LIMIT = "sender-limit"  # the sender had as many as one sender gets
    DOMAIN_LIMIT = "domain-limit"  # the sender's domain had as many as one domain gets in an hour
    GLOBAL_LIMIT = "global-limit"  # as many went out in this hour as may
    STALE = "stale"  # older than acknowledge_within
    DISABLED = "disabled"  # switched off in the configuration
    RENDER = "render"  # the template failed; the forward went on
    NO_ANSWER = "no-answer"  # the address it came from, or to, is on a list of those that get no answer
    RESTORED = "restored"  # the ledger is a restored backup, and who was answered after it is not known


@dataclass(frozen=True, slots=True)
class Silence:
    """A reason for not acknowledging."""

    code: SilenceCode
    why: str  # for staff, English, without a word of the message ("header Precedence: bulk")


class Kind(StrEnum):
    """What sort of mail it is. All but PERSONAL end in the folder Automatic, unless a rule names a unit."""

    PERSONAL = "personal"  # written by somebody, or not known to be automatic
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    AUTO_REPLY = "auto-reply"  # out of office and other answers by machines
    OWN = "own"  # our own mail coming back


@dataclass(frozen=True, slots=True)
class DSN:
    """What a delivery report says about one of our messages (RFC 3464)."""

    token: str | None  # of our envelope sender bounces+TOKEN@, from Delivered-To, To, Original-Recipient ...
    message_id: str | None  # of the message that bounced, "<...>"
    action: str  # "failed" "delayed" "delivered" "relayed" "expanded"; "failed" where only prose says so
    status: str | None  # "5.1.1"


@dataclass(frozen=True, slots=True)
class Authentication:
    """Results that our own server stamped (RFC 8601), lower case; None where it said nothing."""

    spf: str | None = None
    spf_domain: str | None = None  # smtp.mailfrom
    dkim: str | None = None
    dmarc: str | None = None
    trusted: bool = False  # a field of our authserv-id was there, in a place where it can be believed


@dataclass(frozen=True, slots=True)
class Message:
    """What could be read of the bytes. Absence is a value or a defect code, never an exception."""

    size: int = 0
    message_id: str | None = None  # "<left@right>", at most 250 octets (RFC 5322 section 3.6.4)
    in_reply_to: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()  # References, oldest first
    return_path: str | None = None  # "" for <>; None where the field is missing
    from_: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: str = ""  # shown to staff, never used (T-30)
    subject: str = ""  # decoded, controls and bidi removed, one line
    headers: tuple[tuple[str, str], ...] = ()  # (lower-case name, decoded value), capped, in order
    said: str = ""  # what the person wrote now
    quoted: str = ""  # what they answered
    forwarded: str = ""  # what they passed on
    signature: str = ""
    language: Language = Language("unknown", 0.0)
    matters: tuple[str, ...] = ()  # the Commission's numbers, normalised, sorted: "P-123-20" "MC-12-21" "12.345"
    attachments: tuple[Attachment, ...] = ()
    authentication: Authentication = Authentication()
    kind: Kind = Kind.PERSONAL
    silence: Silence | None = None  # why this mail may not be answered, by headers, envelope or its own words
    acknowledge_to: str | None = None  # where an acknowledgement would go (contract section 1)
    asks_silence: bool = False  # the person asks not to be answered: a warning in the cover note
    dsn: DSN | None = None
    complaint: str | None = None  # the Message-ID that a feedback report is about (RFC 5965)
    ours: tuple[str, ...] = ()  # Message-IDs of ours that it answers, from In-Reply-To and References
    our_references: tuple[str, ...] = ()  # SU-2026-000123-K found in subject or text, check character right
    defects: tuple[str, ...] = ()  # stable codes, sorted

    @property
    def sender(self) -> str | None:
        """The address of From, where there is exactly one."""
        return self.from_[0].address if len(self.from_) == 1 else None


# ------------------------------------------------------------------------------------------ deciding


@dataclass(frozen=True, slots=True)
class Hours:
    """When people of the Section are at work, in the time zone of the configuration."""

    days: frozenset[int]  # 0 is Monday
    opens: time
    closes: time
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()  # (month, day) of holidays that come every year


@dataclass(frozen=True, slots=True)
class Ours:
    """Who we are: what reading, deciding and composing need of the configuration."""

    address: str
    aliases: tuple[str, ...] = ()
    authserv_id: str | None = None
    mailboxes: frozenset[str] = frozenset()  # units' mailboxes, lower case
    envelope_from: str = ""  # of forwards; a token is added as +TOKEN
    only_if_addressed: bool = True
    key: bytes = b""  # signs Message-IDs, boundaries and envelope tokens; lives in the ledger
    canary: str = ""  # where mailroom's messages to itself are forwarded to; "" where it sends none
    timezone: str = "UTC"
    silent: frozenset[str] = frozenset()  # of our addresses those that never answer, lower case
    hours: Hours | None = None  # None: nothing is said of when people are at work
    max_size: int = 35_000_000  # octets; larger originals are announced by a notice
    inboxes: tuple[tuple[str, str], ...] = ()  # (name, address) of each; aliases holds these addresses too

    def at(self, inbox: str) -> Ours:
        """Ourselves as whoever wrote to this inbox knows us: its address is ours. One that is gone is as none."""
        address = dict(self.inboxes).get(inbox, self.address)
        if address == self.address:
            return self
        return replace(self, address=address, aliases=(self.address, *self.aliases))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those that stand in From of what we send."""
        return tuple(dict.fromkeys((self.address, *(address for _, address in self.inboxes))))

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.address.rsplit("@", 1)[-1].lower()

    @property
    def domains(self) -> frozenset[str]:
        """The domains of the Message-IDs of all our inboxes."""
        return frozenset(one.rsplit("@", 1)[-1].lower() for one in self.addresses)


@dataclass(frozen=True, slots=True)
class Conversation:
    """An earlier message of the same exchange."""

    reference: str
    unit: str
    inbox: str = ""  # where its first message was found


@dataclass(frozen=True, slots=True)
class Context:
    """Everything beside the message that a decision may depend on. Stored with it, so that it can be replayed."""

    now: datetime  # aware
    reference: str  # what the person and the unit are told: SU-2026-000123-K, the conversation's where there is one
    job: str = ""  # this message's own reference, of which its submissions' ids are made; "" where it is `reference`
    channel: Channel = Channel.INBOX
    received: datetime | None = None  # aware: INTERNALDATE
    conversation: Conversation | None = None
    earlier: int = 0  # messages that this sender wrote before
    earlier_language: str | None = None  # of the last of them; decides where this one's language is in doubt
    correction: str | None = None  # the unit that staff chose by Reroute
    concerns_ours: bool = False  # automatic mail whose token or In-Reply-To is of one of our messages
    restored: bool = False  # the ledger is a restored backup: it may have been handled before
    generation: int = 0  # 0, and one more for each time the message is sent out anew
    inbox: str = ""  # the name of the inbox where it was found first


@dataclass(frozen=True, slots=True)
class Evidence:
    """What made a condition true."""

    where: str  # "subject" "said" "quoted" "forwarded" "attachments" "from" "language" "header:x-name" ...
    text: str  # the words as the message has them, at most 120 characters


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched."""

    name: str
    line: int  # in rules.yaml, from 1
    evidence: tuple[Evidence, ...]
    effect: str = ""  # what it did, for people: "press +3", "press decides, urgent", "tags media"
    is_note: bool = False  # it only left something for other rules


class Disposition(StrEnum):
    """The folder a message ends in (contract section 5)."""

    DONE = "Done"  # Done/<unit>
    REVIEW = "Review"
    AUTOMATIC = "Automatic"
    QUARANTINE = "Quarantine"
    CANARY = "Canary"  # mailroom's messages to itself


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of rules.yaml."""

    slug: str
    names: Mapping[str, str]  # language -> name, all four
    mailbox: str
    language: str = "es"  # of the cover note
    template: str | None = None  # of the acknowledgement, where not the general one
    fallback: str | None = None  # the slug of the unit that gets what this mailbox refuses


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that shall happen to a message, made before anything happens. It starts as the implicit keep."""

    unit: str  # the default unit until a rule says otherwise
    copies: tuple[str, ...] = ()  # further units that get a forward
    confident: bool = False  # False: no rule decided, a person should look
    forward: bool = True  # False only for automatic mail that no rule sends to a unit
    tags: tuple[str, ...] = ()
    urgent: bool = False
    sensitive: bool = False
    silence: Silence | None = None
    acknowledge_to: str | None = None
    template: str | None = None  # kind of the acknowledgement; None where there is none
    disposition: Disposition = Disposition.REVIEW
    rules: tuple[Match, ...] = ()
    policy: str = ""  # hash of the rules and templates it was made with

    @property
    def acknowledge(self) -> bool:
        return self.silence is None and self.acknowledge_to is not None


# ------------------------------------------------------------------------------------------- sending


class SubmissionKind(StrEnum):
    FORWARD = "forward"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOTICE = "notice"  # to a unit, in place of an original that is too large, or about a late bounce
    ALERT = "alert"  # to the administrator


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 section 2.3.1: one sender, one recipient."""

    sender: str  # "" is <>
    recipient: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One outgoing message for one recipient: head + original (base64) + tail. A retry is the same bytes."""

    id: str  # "SU-2026-000123-K/forward/press/0": known before it is stored, so it cannot be stored twice
    kind: SubmissionKind
    unit: str | None
    envelope: Envelope
    message_id: str  # "<m1....@domain>"
    token: str | None  # of the envelope sender of a forward
    head: bytes  # CRLF lines, 7-bit; up to and including the last line before the original
    with_original: bool  # the original follows the head as base64 in lines of 76 characters
    tail: bytes
    sha256: str  # of the whole message as sent
    size: int  # octets of the whole
    priority: int = 1  # 0 goes first
    sender_key: str | None = None  # of an acknowledgement: whom the limits count, a keyed hash
    domain_key: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger may know more about: keys and identifiers, no words of the message."""

    kind: Kind = Kind.PERSONAL
    sender_key: str | None = None
    ours: tuple[str, ...] = ()  # Message-IDs of ours that it answers
    our_references: tuple[str, ...] = ()
    dsn: DSN | None = None
    token: str | None = None  # of our envelope sender, where it was written to bounces+TOKEN@
    complaint: str | None = None  # the Message-ID of ours that somebody's provider reports as unwanted (RFC 5965)
    language: Language = Language("unknown", 0.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that shall happen to one message."""

    decision: Decision
    context: Context
    facts: Facts
    submissions: tuple[Submission, ...]
    record: str = ""  # decision and context as JSON: how the ledger keeps them

    @property
    def folder(self) -> str:
        """Where it is filed, below the folder of the configuration."""
        if self.decision.disposition is Disposition.DONE:
            return f"{Disposition.DONE}/{self.decision.unit}"
        return str(self.decision.disposition)


class Scope(StrEnum):
    """What a failure is about: who must wait (Postfix's smtp_trouble)."""

    RELAY = "relay"  # connect, TLS, EHLO, AUTH: no message loses an attempt
    MESSAGE = "message"
    RECIPIENT = "recipient"


class Result(StrEnum):
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the final answer was lost


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt to submit; a reply is never an exception."""

    result: Result
    scope: Scope
    code: int | None = None  # SMTP reply code
    enhanced: str | None = None  # RFC 3463
    phase: str = ""  # "connect" "auth" "mail" "rcpt" "data" "dot"
    note: str = ""  # of a relay that waiting will not mend: what, and how to mend it, without a word of any message
    wait: float | None = None  # seconds for which the server asks to be left alone


# -------------------------------------------------------------------------------------------- trouble


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file that a person wrote: what, where, how to mend it."""

    file: str
    line: int  # from 1; 0 where no line can be named
    column: int  # from 1; 0 likewise
    what: str  # with the words as written
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return f"{place}: {'warning: ' if self.warning else ''}{self.what}" + (
            f"\n    {self.mend}" if self.mend else ""
        )


class Rejected(Exception):
    """A configuration, rules or template file is wrong. All its problems at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Unavailable(Exception):
    """A server cannot be used now; it may later."""

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after  # seconds, where the server said so


class Refused(Unavailable):
    """A server said no to one command; the connection, and everything else, is well."""


class Misconfigured(Exception):
    """A server refuses us for a reason that waiting will not mend."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


class LedgerBroken(Exception):
    """The ledger is damaged, or the disk under it cannot be believed: the daemon ends, and a start recovers."""


class Unwritable(LedgerBroken):
    """The disk takes nothing now, full or read-only: intake and sending stop, nothing was changed; it may pass."""
