"""What a reader of a forward should be warned of, and where a reply to it may go.

Promises: total for any Message; sentences of ours, values made harmless.
May import: mailroom.model and its own room.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailroom.compose.clean import mixed_scripts, shown
from mailroom.compose.headers import mailbox
from mailroom.compose.wording import PHRASES
from mailroom.model import Channel, Context, Decision, Message, Ours

_SEALED = (
    "multipart/signed",
    "multipart/encrypted",
    "application/pkcs7",
    "application/x-pkcs7",
    "application/pgp",
)


def reply_to(message: Message, ours: Ours) -> str | None:
    """Where "Reply" leads (F-08): the one address of Reply-To, else the one of From; never ours, never a list.

    None where there is none that a header can hold: the cover note then says so.
    """
    own = {ours.address.lower(), *(alias.lower() for alias in ours.aliases)}
    for addresses in (message.reply_to, message.from_):
        if len(addresses) == 1:
            address = mailbox(addresses[0].address)
            if address is not None and address.lower() not in own:
                return address
            if address is None:
                return None  # answering another address than the one asked for would be worse than none
    return None


def warnings(message: Message, decision: Decision, context: Context, ours: Ours, language: str) -> list[str]:
    return list(_warnings(message, decision, context, ours, language))


def _warnings(message: Message, decision: Decision, context: Context, ours: Ours, language: str) -> Iterable[str]:
    say = PHRASES[language]
    if message.asks_silence:
        yield say["warn_asks_silence"]
    if results := _unverified(message, ours):
        yield say["warn_unverified"].format(results=results)
    sender, reply = message.sender, reply_to(message, ours)
    if len(message.from_) > 1:
        yield say["warn_several_senders"]
    if reply is None:
        yield say["warn_no_reply_to"]
    elif sender is not None and reply.lower() != (mailbox(sender) or "").lower():
        yield say["warn_reply_differs"].format(reply=reply, sender=shown(sender, 254))
    if len(message.reply_to) > 1:
        yield say["warn_reply_several"]
    people = (*message.from_, *message.reply_to)
    if any(mixed_scripts(one.name) for one in people):
        yield say["warn_mixed_scripts"]
    if any("@" in one.name and one.address.lower() not in one.name.lower() for one in people):
        yield say["warn_name_address"]
    if context.channel is Channel.JUNK:
        yield say["warn_junk"]
    if _sealed(message):
        yield say["warn_sealed"]
    if context.generation > 0:
        yield say["warn_repeat"]
    if context.restored:
        yield say["warn_restored"]
    if message.defects:
        yield say["warn_defects"].format(defects=", ".join(shown(code, 60) for code in message.defects[:20]))


def _unverified(message: Message, ours: Ours) -> str:
    """What our own server found wrong, in its words: "dmarc=fail, spf=softfail"; "" where nothing."""
    found = message.authentication
    if not found.trusted or found.dmarc == "pass":
        return ""
    bad = [
        f"{name}={shown(result, 20)}"
        for name, result in (("dmarc", found.dmarc), ("spf", found.spf), ("dkim", found.dkim))
        if result in ("fail", "softfail", "permerror", "temperror")
    ]
    if found.dmarc == "fail" or found.spf in ("fail", "softfail"):
        return ", ".join(bad)
    return ""


def _sealed(message: Message) -> bool:
    """S/MIME, PGP/MIME or PGP in the text (F-15)."""
    types = [one.content_type for one in message.attachments]
    types.extend(value.lower() for name, value in message.headers if name == "content-type")
    return any(one.startswith(_SEALED) for one in types) or "-----BEGIN PGP" in message.said[:20_000]
