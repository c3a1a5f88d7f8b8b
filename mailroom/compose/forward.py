"""What goes to units and to the administrator: forwards, notices in place of large originals, alerts.

Promises: the decoded original.eml is the original, octet for octet (F-01); nothing of the message reaches a header
but its subject, the address to answer and Message-IDs, each made harmless; the raw forward does not look at it at all.
May import: hashlib, mailroom.identity, mailroom.model and its own room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mailroom.compose.assembly import Fields, Identity, common, identify, submission_id, text_only, with_original
from mailroom.compose.clean import clean_header, shown
from mailroom.compose.cover import cover_note
from mailroom.compose.headers import message_ids, tokens, unstructured
from mailroom.compose.names import day_and_time, octets
from mailroom.compose.warnings import reply_to
from mailroom.compose.wording import PHRASES, language_of
from mailroom.identity import make_message_id
from mailroom.model import Context, Decision, Message, Ours, Submission, SubmissionKind, Unit

_SUBJECT = 200  # code points of the original subject (F-10)
# Never "All": it would also suppress delivery reports ([MS-OXCMAIL]), by which a lost forward is noticed.
_SUPPRESS = "OOF, AutoReply, RN, NRN"


def forward(
    message: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    unit: Unit,
    units: Mapping[str, Unit],
    original: bytes,
) -> Submission:
    """The message to one unit: cover note, what the person wrote, the original untouched. Raises ValueError."""
    identity = identify(
        ours, submission_id(context, SubmissionKind.FORWARD, unit.slug), SubmissionKind.FORWARD, unit.slug, unit.mailbox
    )
    language = language_of(unit.language)
    sha256 = hashlib.sha256(original).hexdigest()
    note = cover_note(message, decision, context, ours, unit, units, sha256, len(original), attached=True)
    fields = _fields(identity, message, decision, context, ours, unit, language, ())
    return with_original(identity, fields, note, language, original, 0 if decision.urgent else 1)


def notice(
    message: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    unit: Unit,
    units: Mapping[str, Unit],
    original: bytes | None = None,
    *,
    size: int | None = None,
    sha256: str | None = None,
) -> Submission:
    """What stands in for an original above ours.max_size: cover note, headers, text, and where the original lies.

    Give `original`, or `size` in octets (and `sha256` where known) of one that was never fetched whole.
    """
    identity = identify(
        ours, submission_id(context, SubmissionKind.NOTICE, unit.slug), SubmissionKind.NOTICE, unit.slug, unit.mailbox
    )
    language = language_of(unit.language)
    if original is not None:
        size, sha256 = len(original), hashlib.sha256(original).hexdigest()
    known = message.size if size is None else size
    note = cover_note(message, decision, context, ours, unit, units, sha256, known, attached=False)
    marks = (PHRASES[language]["too_large_mark"],)
    fields = _fields(identity, message, decision, context, ours, unit, language, marks)
    return text_only(identity, fields, note, language, 0 if decision.urgent else 1)


def raw_forward(original: bytes, sha256: str, context: Context, ours: Ours, unit: Unit, reason: str) -> Submission:
    """The original for a person to look at, where no parser could. `reason` is ours, not a word of the message.

    Its identity is that of the forward to the same unit, so that the message cannot go out in both forms.
    """
    identity = identify(
        ours, submission_id(context, SubmissionKind.FORWARD, unit.slug), SubmissionKind.FORWARD, unit.slug, unit.mailbox
    )
    language = language_of(unit.language)
    say = PHRASES[language]
    note = "\n".join(
        (
            say["unreadable"].format(address=ours.address),
            "",
            f"{say['received']}: {day_and_time(context.received or context.now, ours.timezone, language)}",
            f"{say['reason']}: {shown(reason, 200)}",
            f"{say['reference']}: {context.reference}",
            f"{say['size']}: {octets(len(original), language)}",
            f"{say['sha256']}: {sha256}",
            "",
        )
    )
    fields = common(identity, ours, context, say["service"], f"[{unit.slug}] {say['unreadable_subject']}")
    fields += [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", _SUPPRESS),
        ("X-Mailroom-Unit", unit.slug),
    ]
    return with_original(identity, fields, note, language, original, 1)


def alert(ours: Ours, to: str, subject: str, text: str, context: Context, id: str) -> Submission:
    """Plain text to the administrator or to staff (T-31). `text` is ours and holds no content of messages.

    `id` is the whole id of the submission, "SU-2026-000123-K/alert/-/0" or what the caller counts by.
    Raises ValueError where `to` is no address.
    """
    identity = identify(ours, id, SubmissionKind.ALERT, None, to)
    fields = common(identity, ours, context, "mailroom", subject)
    fields += [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", _SUPPRESS)]
    return text_only(identity, fields, text.rstrip("\n") + "\n", "en", 1)


def _fields(
    identity: Identity,
    message: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    unit: Unit,
    language: str,
    marks: tuple[str, ...],
) -> Fields:
    say = PHRASES[language]
    before, references = _thread(message, context, ours, unit)
    return [
        *common(identity, ours, context, say["service"], subject_line(message, decision, unit, language, marks)),
        ("Reply-To", reply_to(message, ours) or ""),
        ("In-Reply-To", before),
        ("References", references),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", _SUPPRESS),
        ("X-Mailroom-Unit", unit.slug),
        ("X-Mailroom-Tags", unstructured("X-Mailroom-Tags", tokens(decision.tags))),
        ("X-Mailroom-Language", unstructured("X-Mailroom-Language", message.language.code)),
        ("Importance", "high" if decision.urgent else ""),
    ]


def subject_line(message: Message, decision: Decision, unit: Unit, language: str, marks: tuple[str, ...] = ()) -> str:
    """`[URGENTE] [tag] original subject`; a mark that the subject already has is not put twice (F-10)."""
    say = PHRASES[language]
    tag = ", ".join(filter(None, (clean_header(one, 40) for one in decision.tags[:3]))) or unit.slug
    urgent = (say["urgent_mark"],) if decision.urgent else ()
    all_marks = [f"[{mark}]" for mark in (*urgent, *marks, tag)]
    original = clean_header(message.subject, 4 * _SUBJECT)
    for mark in all_marks:
        original = original.replace(mark, "")
    return " ".join([*all_marks, clean_header(original, _SUBJECT) or say["no_subject"]])


def _thread(message: Message, context: Context, ours: Ours, unit: Unit) -> tuple[str, str]:
    """In-Reply-To and References for staff's mail program (F-09): our forward of the conversation's first message,
    and the person's own thread, so that a unit that also got it directly sees both together."""
    before: tuple[str, ...] = ()
    if context.conversation is not None:
        first = f"{context.conversation.reference}/{SubmissionKind.FORWARD}/{unit.slug}/0"
        before = (make_message_id(ours.at(context.conversation.inbox), "f", first),)
    own = (message.message_id,) if message.message_id else ()
    return message_ids(before), message_ids((*before, *message.thread, *own))
