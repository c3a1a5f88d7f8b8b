"""The message that mailroom sends to itself now and then, and the forward of it: the whole way, tried out.

Both are of kind ALERT: given up like one, counted by no limit, never the reason of an alert themselves. Their ids begin
with `canary/`; the first one's Message-ID, which only the holder of the key can make, is how it is known again.
"""

from __future__ import annotations

from dataclasses import replace

from mailroom.compose.assembly import Fields, Identity, common, identify, text_only, with_original
from mailroom.identity import CANARY, make_message_id
from mailroom.model import Context, Ours, Submission, SubmissionKind

_TEXT = """This is a canary: mailroom sends it to its own address and forwards it when it comes back, to see
that the whole way is open. Nothing needs to be done. It stands in no statistics.
"""


def canary(ours: Ours, name: str, context: Context) -> Submission:
    """To our own address. `name`: another one each time."""
    id_ = f"{CANARY}/{name}/out"
    identity = replace(
        identify(ours, id_, SubmissionKind.ALERT, None, ours.address), message_id=make_message_id(ours, "c", id_)
    )
    return text_only(identity, _fields(identity, ours, context), _TEXT, "en", 1)


def canary_forward(ours: Ours, seal: str, raw: bytes, context: Context) -> Submission:
    """To the canary's mailbox, as an original travels to a unit. `seal`: what its Message-ID is known by.

    Its id is the same for every copy of that canary, so that a copy which comes in a circle makes no second one.
    """
    identity = identify(ours, returned(seal), SubmissionKind.ALERT, None, ours.canary)
    return with_original(identity, _fields(identity, ours, context), _TEXT, "en", raw, 1)


def returned(seal: str) -> str:
    """The id of the forward of that canary."""
    return f"{CANARY}/{seal}/back"


def _fields(identity: Identity, ours: Ours, context: Context) -> Fields:
    fields = common(identity, ours, context, "mailroom", "mailroom: canary")
    return [*fields, ("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN")]
