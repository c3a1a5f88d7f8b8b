"""The acknowledgement, field by field (standards 1.2), and what it never says (contract promise 6, T-04, T-16)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

import pytest

from mailroom.compose import limit_key
from mailroom.identity import make_message_id, own_message_id, sign_id
from mailroom.model import LANGUAGES, Address, Attachment, Language, Submission, SubmissionKind
from tests.compose.samples import (
    CONTEXT,
    DECISION,
    MESSAGE,
    OURS,
    acknowledgement,
    hostile,
    parsed,
    parts_of,
    sha256,
    templates,
    text_of,
    whole,
)
from tests.compose.test_headers import INJECTIONS

FIELDS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Mailroom-Loop",
    "X-Mailroom-Reference",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Precedence",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
KINDS = sorted(templates().kinds)
DISCREET = ["discreet", "urgent"]


def field(submission: Submission, name: str) -> str:
    return str(make_header(decode_header(parsed(submission)[name])))


def said(submission: Submission) -> str:
    """All that a reader sees: sender's name, subject, text, HTML."""
    message = parsed(submission)
    seen = [field(submission, "From"), field(submission, "Subject")]
    return "\n".join([*seen, text_of(message, "text/plain"), text_of(message, "text/html")])


def test_the_header_block_has_these_fields_in_this_order() -> None:
    assert parsed(acknowledgement()).keys() == FIELDS


def test_every_field_says_what_the_contract_says() -> None:
    made = acknowledgement()
    message = parsed(made)
    assert field(made, "From") == "Atención a personas usuarias, CIDH <support@example.org>"
    assert message["To"] == "ana@example.com"
    assert field(made, "Subject") == "Hemos recibido su mensaje (SU-2026-000123-V)"
    assert parsedate_to_datetime(message["Date"]) == CONTEXT.now
    assert own_message_id(message["Message-ID"], OURS)
    assert message["Message-ID"] == made.message_id == make_message_id(OURS, "a", made.id)
    assert message["X-Mailroom-Loop"] == "support@example.org"
    assert message["X-Mailroom-Reference"] == "SU-2026-000123-V"
    assert message["In-Reply-To"] == "<one@mail.example.com>"
    assert message["References"].split() == ["<zero@mail.example.com>", "<one@mail.example.com>"]
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Precedence"] == "bulk"
    assert message["Content-Language"] == "es"
    assert message.get_content_type() == "multipart/alternative"


def test_the_envelope_is_the_null_sender_to_the_one_address() -> None:
    made = acknowledgement()
    assert made.envelope.sender == ""
    assert made.envelope.recipient == "ana@example.com"
    assert made.token is None
    assert made.kind is SubmissionKind.ACKNOWLEDGEMENT
    assert made.id == "SU-2026-000123-V/acknowledgement/-/0"
    assert made.unit is None
    assert not made.with_original
    assert sha256(whole(made)) == made.sha256
    assert len(whole(made)) == made.size


def test_it_is_text_then_html_in_utf8_and_seven_bit() -> None:
    for kind in KINDS:
        made = acknowledgement(MESSAGE, replace(DECISION, template=kind))
        text, html = parts_of(made)
        assert text["Content-Type"] == "text/plain; charset=utf-8"
        assert html["Content-Type"] == "text/html; charset=utf-8"
        data = whole(made)
        assert data.isascii()
        assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
        assert max(map(len, data.split(b"\r\n"))) <= 78


def test_whom_the_limits_count_is_the_same_for_all_spellings() -> None:
    keys = {
        acknowledgement(MESSAGE, replace(DECISION, acknowledge_to=to)).sender_key
        for to in ("ana.nu@gmail.com", "Ana.Nu+cidh@GMAIL.com", "ananu@googlemail.com")
    }
    assert keys == {sign_id(OURS.key, "sender", "ananu@gmail.com")}
    made = acknowledgement(MESSAGE, replace(DECISION, acknowledge_to="x@Example.COM"))
    assert made.domain_key == sign_id(OURS.key, "domain", "example.com")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Ana@Example.com", "ana@example.com"),
        ("ana+a+b@example.com", "ana@example.com"),
        ("a.n.a@example.com", "a.n.a@example.com"),
        ("a.n.a@gmail.com", "ana@gmail.com"),
        ("ana@MÜNCHEN.example", "ana@xn--mnchen-3ya.example"),
        ("ana@xn--mnchen-3ya.example", "ana@xn--mnchen-3ya.example"),
        ("+@example.com", "+@example.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("", "@"),
        ("no at sign", "@no at sign"),
        ("a@" + "é" * 200 + ".example", "a@" + "é" * 200 + ".example"),
    ],
)
def test_the_key_of_an_address(address: str, key: str) -> None:
    assert limit_key(address) == key


@pytest.mark.parametrize("message_id", [None, "", "<a b@c>", "<a@b>\r\nBcc: v@example.net", "<" + "x" * 300 + "@e>"])
def test_a_message_id_that_is_none_is_not_referred_to(message_id: str | None) -> None:
    message = parsed(acknowledgement(hostile(message_id=message_id)))
    assert message.keys() == [name for name in FIELDS if name not in ("In-Reply-To", "References")]


def test_two_hundred_references_are_capped_and_folded() -> None:
    thread = tuple(f"<{n}.{'x' * 200}@example.com>" for n in range(200))
    made = acknowledgement(hostile(thread=thread))
    read = parsed(made)["References"].split()
    assert read == [thread[0], *thread[-19:], "<one@mail.example.com>"]
    assert max(map(len, made.head.split(b"\r\n"))) < 998


@pytest.mark.parametrize("to", [None, "niño@example.com", "a@b\r\nBcc: v@example.net", "a@b, c@d", "", "x"])
def test_an_address_that_cannot_be_written_is_an_error(to: str | None) -> None:
    with pytest.raises(ValueError, match="address"):
        acknowledgement(MESSAGE, replace(DECISION, acknowledge_to=to))


@pytest.mark.parametrize("value", [*INJECTIONS, "{{7*7}}", "{% for x in y %}", "{{ reference }}"])
def test_nothing_of_the_message_is_in_it(value: str) -> None:
    """T-04, T-16: whatever the message holds, the answer is the same but for where it goes."""
    message = hostile(
        subject=value,
        said=value,
        quoted=value,
        from_=(Address(value, "ana@example.com"),),
        reply_to=(Address(value, value),),
        attachments=(Attachment(value, value, 1),),
        matters=(value,),
        thread=(),
    )
    plain = hostile(thread=())
    assert whole(acknowledgement(message)) == whole(acknowledgement(plain))
    assert "49" not in text_of(parsed(acknowledgement(message)), "text/plain")


def test_jinja_in_a_reference_stays_as_it_is() -> None:
    made = acknowledgement(context=replace(CONTEXT, reference="{{7*7}}<b>"))
    assert "{{7*7}}<b>" in text_of(parsed(made), "text/plain")
    assert "{{7*7}}&lt;b&gt;" in text_of(parsed(made), "text/html")


# -------------------------------------------------------------------------------------------- language


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_language_is_answered_in_that_language(kind: str, language: str) -> None:
    made = acknowledgement(hostile(language=Language(language, 0.9)), replace(DECISION, template=kind))
    message = parsed(made)
    assert message["Content-Language"] == language
    marks = {"es": "persona", "en": "message", "pt": "mensagem", "fr": "votre message"}
    text = text_of(message, "text/plain")
    assert marks[language] in text
    assert not any(f"— {name} —" in text for name in ("Español", "English", "Português", "Français"))
    assert text_of(message, "text/html").count("<section") == 1
    assert f'<html lang="{language}" dir="ltr">' in text_of(message, "text/html")


@pytest.mark.parametrize("code", ["unknown", "other:ht", "other:qu", "", "xx", "ES"])
def test_any_other_language_is_answered_in_all_four(code: str) -> None:
    message = parsed(acknowledgement(hostile(language=Language(code, 0.2))))
    assert message["Content-Language"] == "es, en, pt, fr"
    text, html = text_of(message, "text/plain"), text_of(message, "text/html")
    for language, name in zip(LANGUAGES, ("Español", "English", "Português", "Français"), strict=True):
        assert f"— {name} —" in text
        assert f'<section lang="{language}" dir="ltr">\n<h2>{name}</h2>' in html
    assert len(text.encode()) < 4096


def test_the_date_is_that_of_the_place_in_each_language() -> None:
    context = replace(CONTEXT, received=datetime(2026, 1, 1, 2, 0, tzinfo=UTC))  # still 2025 in Washington
    expected = {
        "es": "31 de diciembre de 2025",
        "en": "December 31, 2025",
        "pt": "31 de dezembro de 2025",
        "fr": "31 décembre 2025",
    }
    for language, day in expected.items():
        made = acknowledgement(hostile(language=Language(language, 1)), context=context)
        assert day in text_of(parsed(made), "text/plain")


# ------------------------------------------------------------------------------------------ discretion


@pytest.mark.parametrize("code", [*LANGUAGES, "unknown"])
@pytest.mark.parametrize("kind", [*DISCREET, "measure", "petition", "no-such-kind", None])
def test_a_sensitive_message_is_answered_with_nothing_of_it(kind: str | None, code: str) -> None:
    decision = replace(DECISION, sensitive=True, template=kind)
    made = acknowledgement(hostile(language=Language(code, 0.9)), decision)
    seen = said(made).replace("support@example.org", "")
    visible = seen.partition("<!DOCTYPE")[0] + re.sub(r"<[^>]*>", "", seen.partition("<body>")[2])
    assert not any(character.isdigit() for character in visible)
    for words in ("SU-", "Ana", "Núñez", "P-123", "CIDH", "IACHR", "petition", "Petici", "medida", "measure", "Prensa"):
        assert words not in seen, words
    assert "{" not in visible


@pytest.mark.parametrize("kind", DISCREET)
def test_discreet_kinds_are_so_even_where_the_message_is_not_marked(kind: str) -> None:
    made = acknowledgement(MESSAGE, replace(DECISION, template=kind, sensitive=False))
    assert field(made, "Subject") == "Hemos recibido su mensaje"
    assert field(made, "From") == "Atención <support@example.org>"
    assert "SU-2026" not in said(made)


@pytest.mark.parametrize("kind", KINDS)
def test_the_subject_never_says_what_it_is_about(kind: str) -> None:
    subjects = {
        field(acknowledgement(MESSAGE, replace(DECISION, template=one)), "Subject") for one in (kind, "general")
    }
    assert subjects <= {"Hemos recibido su mensaje", "Hemos recibido su mensaje (SU-2026-000123-V)"}


def test_an_unknown_kind_is_answered_with_the_general_one() -> None:
    general = acknowledgement(MESSAGE, replace(DECISION, template="general"))
    assert acknowledgement(MESSAGE, replace(DECISION, template="gone")) == general
    assert acknowledgement(MESSAGE, replace(DECISION, template=None)) == general
