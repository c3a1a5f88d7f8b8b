"""The cover note of a forward: what staff need to know before they open the original, as plain text.

Promises: text with LF line ends; every value of the message is made harmless, shown address first (T-12), and what the
person wrote stands only behind "> " (T-13). Says the same of the same arguments. Total for any Message.
May import: mailroom.model and its own room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mailroom.compose.clean import quoted, shown
from mailroom.compose.names import day_and_time, language_name, octets
from mailroom.compose.silences import SILENCES
from mailroom.compose.warnings import warnings
from mailroom.compose.wording import PHRASES, language_of
from mailroom.model import Address, Context, Decision, Disposition, Message, Ours, Unit

_SAID = 20_000  # characters of the person's text
_LISTED = 40  # attachments, matters, addresses
_HEADERS = 60  # of a notice


def cover_note(
    message: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    unit: Unit,
    units: Mapping[str, Unit],
    sha256: str | None,
    size: int,
    *,
    attached: bool,
) -> str:
    """The whole first part. `sha256` is None where the original was not fetched; `size` in octets."""
    language = language_of(unit.language)
    say = PHRASES[language]
    blocks = ["\n".join(_opening(decision, context, ours, say, size, language, attached))]
    if noted := warnings(message, decision, context, ours, language):
        blocks.append("\n".join([say["warnings"], *(f"- {one}" for one in noted)]))
    blocks.append("\n".join(_facts(message, decision, context, ours, unit, units, sha256, size, language)))
    if not attached:
        blocks.append("\n".join([f"{say['headers']}:", *_headers(message)]))
    blocks.append(_text(message, say))
    return "\n\n".join(blocks) + "\n"


def folder_of(decision: Decision) -> str:
    """Where the message is filed, below the folder of the configuration."""
    if decision.disposition is Disposition.DONE:
        return f"{Disposition.DONE}/{decision.unit}"
    return str(decision.disposition)


def _opening(
    decision: Decision, context: Context, ours: Ours, say: Mapping[str, str], size: int, language: str, attached: bool
) -> Iterable[str]:
    if decision.urgent:
        yield say["urgent"]
    if decision.sensitive:
        yield say["sensitive"]
    if attached:
        yield say["opening"].format(address=ours.address)
    else:
        yield say["opening_large"].format(address=ours.address, size=octets(size, language))
        yield say["where"].format(address=ours.address, folder=folder_of(decision))


def _facts(
    message: Message,
    decision: Decision,
    context: Context,
    ours: Ours,
    unit: Unit,
    units: Mapping[str, Unit],
    sha256: str | None,
    size: int,
    language: str,
) -> Iterable[str]:
    say = PHRASES[language]

    def fact(label: str, value: str) -> str:
        return f"{say[label]}: {value}"

    yield fact("from", people(message.from_, say) or say["nobody"])
    if message.reply_to:
        yield fact("reply_to", people(message.reply_to, say))
    if message.to:
        yield fact("to", people(message.to, say))
    if message.cc:
        yield fact("cc", people(message.cc, say))
    yield fact("received", day_and_time(context.received or context.now, ours.timezone, language))
    if message.date:
        yield fact("dated", shown(message.date, 80))
    if f"channel_{context.channel}" in say:
        yield fact("channel", say[f"channel_{context.channel}"])
    yield fact("subject", shown(message.subject, 300) or say["no_subject"])
    yield fact("language", shown(language_name(message.language.code, language), 60))
    yield fact("tags", ", ".join(shown(tag, 60) for tag in decision.tags) or say["none"])
    yield fact("urgency", say["yes" if decision.urgent else "no"])
    yield fact("matters", _list(message.matters, say) or say["none"])
    yield fact("rule", _rules(decision, context, say))
    yield fact("unit", _unit_name(unit.slug, units, language))
    others = [slug for slug in (decision.unit, *decision.copies) if slug != unit.slug]
    if others:
        yield fact("copies", ", ".join(_unit_name(slug, units, language) for slug in others))
    yield fact("acknowledgement", _acknowledgement(message, decision, say, language))
    yield fact("reference", context.reference)
    yield fact("size", octets(size, language))
    yield fact("sha256", sha256 or say["unknown"])
    if message.attachments:
        yield f"{say['attachments']}:"
        for one in message.attachments[:_LISTED]:
            name = shown(one.name, 150) or say["unnamed"]
            yield f"- {name} ({shown(one.content_type, 80)}, {octets(one.size, language)})"
        if len(message.attachments) > _LISTED:
            yield "- " + say["more"].format(count=len(message.attachments) - _LISTED)
    else:
        yield fact("attachments", say["none"])


def people(addresses: tuple[Address, ...], say: Mapping[str, str]) -> str:
    """Each address, then its name in quotes."""
    told = []
    for one in addresses[:_LISTED]:
        name = shown(one.name, 120).replace('"', "'")
        told.append(shown(one.address, 254) + (f' ("{name}")' if name else ""))
    if len(addresses) > _LISTED:
        told.append(say["more"].format(count=len(addresses) - _LISTED))
    return ", ".join(told)


def _list(values: tuple[str, ...], say: Mapping[str, str]) -> str:
    told = [shown(value, 60) for value in values[:_LISTED]]
    if len(values) > _LISTED:
        told.append(say["more"].format(count=len(values) - _LISTED))
    return ", ".join(told)


def _rules(decision: Decision, context: Context, say: Mapping[str, str]) -> str:
    if context.correction is not None:
        return say["staff"]
    if not decision.rules:
        return say["no_rule"]
    telling = [one for one in decision.rules if one.effect and not one.effect.startswith("tags ")] or decision.rules
    told = [f'"{shown(one.name, 80)}" ({say["line"].format(line=one.line)})' for one in telling[:_LISTED]]
    if not decision.confident:
        told.append(say["unsure"])
    return "; ".join(told)


def _unit_name(slug: str, units: Mapping[str, Unit], language: str) -> str:
    unit = units.get(slug)
    return unit.names.get(language) or slug if unit else slug


def _acknowledgement(message: Message, decision: Decision, say: Mapping[str, str], language: str) -> str:
    if decision.silence is not None:
        code = decision.silence.code
        return say["ack_silent"].format(why=f"{SILENCES[language].get(code, code)} ({code})")
    if decision.acknowledge_to is None:
        return say["ack_silent"].format(why=say["ack_nowhere"])
    kind = shown(decision.template or "general", 60)
    return say["ack_planned"].format(address=shown(decision.acknowledge_to, 254), kind=kind)


def _headers(message: Message) -> Iterable[str]:
    for name, value in message.headers[:_HEADERS]:
        yield f"> {shown(name, 80)}: {shown(value, 400)}"


def _text(message: Message, say: Mapping[str, str]) -> str:
    label, text = ("said", message.said) if message.said.strip() else ("forwarded", message.forwarded)
    if not text.strip():
        return say["nothing_said"]
    body, cut = quoted(text, _SAID)
    return f"{say[label]}\n\n{body}" + (f"\n\n{say['cut']}" if cut else "")
