"""Invented messages, units and settings for the tests of compose/, and ways to read what it makes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Parsed
from functools import cache
from pathlib import Path

from mailroom import compose
from mailroom.compose import TemplateSet
from mailroom.model import (
    Address,
    Attachment,
    Context,
    Decision,
    Disposition,
    Language,
    Match,
    Message,
    Ours,
    Submission,
    Unit,
)

TEMPLATES = Path(__file__).parents[2] / "templates"
GOLDEN = Path(__file__).parent / "golden"

OURS = Ours(
    address="support@example.org",
    aliases=("info@example.org",),
    authserv_id="mail.example.org",
    envelope_from="bounces@example.org",
    key=b"a key for tests, thirty-two byte",
    timezone="America/New_York",
)
CONTEXT = Context(
    now=datetime(2026, 11, 23, 20, 4, 5, tzinfo=UTC),
    received=datetime(2026, 11, 23, 20, 3, tzinfo=UTC),
    reference="SU-2026-000123-V",
)
PRESS = Unit(
    "press", {"es": "Prensa", "en": "Press", "pt": "Imprensa", "fr": "Presse"}, "press@units.example.org", "es"
)
PETITIONS = Unit(
    "petitions",
    {"es": "Peticiones", "en": "Petitions", "pt": "Petições", "fr": "Pétitions"},
    "petitions@units.example.org",
    "en",
)
UNITS = {unit.slug: unit for unit in (PRESS, PETITIONS)}
ORIGINAL = b"From: ana@example.com\r\nSubject: =?utf-8?q?Petici=C3=B3n?=\r\n\r\nHola\r\n"

MESSAGE = Message(
    size=len(ORIGINAL),
    message_id="<one@mail.example.com>",
    thread=("<zero@mail.example.com>",),
    from_=(Address("Ana Núñez", "ana@example.com"),),
    to=(Address("", "support@example.org"),),
    date="Mon, 23 Nov 2026 15:03:00 -0500",
    subject="Petición sobre mi expediente",
    headers=(("from", "Ana Núñez <ana@example.com>"), ("subject", "Petición sobre mi expediente")),
    said="Buenos días:\nquiero saber qué pasó con mi petición.\n\nAna Núñez",
    language=Language("es", 0.98),
    matters=("P-123-20",),
    attachments=(Attachment("acta.pdf", "application/pdf", 182_400),),
    acknowledge_to="ana@example.com",
)
DECISION = Decision(
    unit="petitions",
    confident=True,
    tags=("status",),
    acknowledge_to="ana@example.com",
    template="status",
    disposition=Disposition.DONE,
    rules=(Match("Consulta de estado", 42, ()),),
)


@cache
def sources() -> dict[str, str]:
    return {
        file.relative_to(TEMPLATES).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(TEMPLATES.rglob("*"))
        if file.is_file()
    }


@cache
def templates() -> TemplateSet:
    return compose.load_templates(sources())


def whole(submission: Submission, original: bytes = b"") -> bytes:
    """The message as dispatch sends it."""
    middle = compose.encode_original(original) if submission.with_original else b""
    return submission.head + middle + submission.tail


def parsed(submission: Submission, original: bytes = b"") -> Parsed:
    return message_from_bytes(whole(submission, original))


def forward(message: Message = MESSAGE, decision: Decision = DECISION, **changes: object) -> Submission:
    """A forward to the petitions unit; changes: context, ours, unit, original."""
    return compose.forward(
        message,
        decision,
        changes.get("context", CONTEXT),  # type: ignore[arg-type]
        changes.get("ours", OURS),  # type: ignore[arg-type]
        changes.get("unit", PETITIONS),  # type: ignore[arg-type]
        UNITS,
        changes.get("original", ORIGINAL),  # type: ignore[arg-type]
    )


def acknowledgement(message: Message = MESSAGE, decision: Decision = DECISION, **changes: object) -> Submission:
    """An acknowledgement; changes: context, ours."""
    return compose.acknowledgement(
        message,
        decision,
        changes.get("context", CONTEXT),  # type: ignore[arg-type]
        changes.get("ours", OURS),  # type: ignore[arg-type]
        templates(),
    )


def note(submission: Submission, original: bytes = ORIGINAL) -> str:
    """The first text part, decoded, with LF line ends."""
    return text_of(parsed(submission, original), "text/plain")


def parts_of(submission: Submission, original: bytes = b"") -> list[Parsed]:
    """The parts of a multipart message, as they stand in it."""
    return [part for part in parsed(submission, original).walk() if not part.is_multipart()]


def decoded(part: Parsed) -> bytes:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


def text_of(message: Parsed, content_type: str) -> str:
    for part in message.walk():
        if part.get_content_type() == content_type:
            return decoded(part).decode("utf-8").replace("\r\n", "\n")
    raise AssertionError(f"there is no part {content_type}")


def hostile(**changes: object) -> Message:
    return replace(MESSAGE, **changes)  # type: ignore[arg-type]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
