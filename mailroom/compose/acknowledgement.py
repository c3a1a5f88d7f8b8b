"""The acknowledgement: the one message that goes to the person who wrote.

Promises: to one address and nobody else, from the null sender, in the person's language or in all four; nothing of the
message is in it but Message-IDs for threading (contract promise 6). Raises ValueError where it cannot be written so.
May import: mailroom.identity, mailroom.model and its own room.
"""

from __future__ import annotations

from mailroom.compose.assembly import common, finish, identify, submission_id
from mailroom.compose.encoding import quoted_printable
from mailroom.compose.headers import block, message_ids, valid_message_id
from mailroom.compose.hours import reopens
from mailroom.compose.keys import domain_of, limit_key
from mailroom.compose.names import zone
from mailroom.compose.templates import TemplateSet
from mailroom.identity import sign_id
from mailroom.model import Context, Decision, Message, Ours, Submission, SubmissionKind

_PRIORITY = 2  # after forwards


def acknowledgement(
    message: Message, decision: Decision, context: Context, ours: Ours, templates: TemplateSet
) -> Submission:
    """The answer to `decision.acknowledge_to` (standards 1.2). Raises ValueError without one, or with one unfit."""
    to = decision.acknowledge_to
    if to is None:
        raise ValueError("there is no address to acknowledge to")
    kind = SubmissionKind.ACKNOWLEDGEMENT
    identity = identify(ours, submission_id(context, kind, None), kind, None, to)
    day = (context.received or context.now).astimezone(zone(ours.timezone)).date()
    chosen = templates.resolve(decision.template, sensitive=decision.sensitive)
    opening = reopens(ours.hours, context.now.astimezone(zone(ours.timezone)))
    rendered = templates.render(chosen, message.language.code, context.reference, day, opening)
    before = message.message_id if message.message_id and valid_message_id(message.message_id) else ""
    edge = identity.boundary.encode("ascii")
    head = b"".join(
        (
            block(
                [
                    *common(identity, ours, context, rendered.sender, rendered.subject),
                    ("In-Reply-To", before),
                    ("References", message_ids((*message.thread, before)) if before else ""),
                    ("Auto-Submitted", "auto-replied"),
                    ("X-Auto-Response-Suppress", "All"),
                    ("Precedence", "bulk"),
                    ("Content-Language", ", ".join(rendered.languages)),
                    ("MIME-Version", "1.0"),
                    ("Content-Type", f'multipart/alternative; boundary="{identity.boundary}"'),
                ]
            ),
            b"--%b\r\nContent-Type: text/plain; charset=utf-8\r\n" % edge,
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            quoted_printable(rendered.text),
            b"\r\n--%b\r\nContent-Type: text/html; charset=utf-8\r\n" % edge,
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            quoted_printable(rendered.html),
            b"\r\n--%b--\r\n" % edge,
        )
    )
    return finish(
        identity,
        head,
        b"",
        None,
        _PRIORITY,
        sender_key=sign_id(ours.key, "sender", limit_key(to)),
        domain_key=sign_id(ours.key, "domain", domain_of(to)),
    )
