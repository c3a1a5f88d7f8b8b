"""Forwards, notices, raw forwards and alerts, field by field (contract section 6, standards 2.2)."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

import pytest

from mailroom import compose
from mailroom.identity import make_message_id, make_token, own_message_id
from mailroom.model import (
    LANGUAGES,
    Address,
    Attachment,
    Authentication,
    Channel,
    Conversation,
    Disposition,
    Language,
    Silence,
    SilenceCode,
    Submission,
    SubmissionKind,
    Unit,
)
from tests.compose.samples import (
    CONTEXT,
    DECISION,
    MESSAGE,
    ORIGINAL,
    OURS,
    PETITIONS,
    PRESS,
    UNITS,
    decoded,
    forward,
    hostile,
    note,
    parsed,
    parts_of,
    sha256,
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
    "Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Mailroom-Unit",
    "X-Mailroom-Tags",
    "X-Mailroom-Language",
    "MIME-Version",
    "Content-Type",
]

NASTY = {
    "empty": b"",
    "nul": b"\x00\x00",
    "bare cr and lf": b"a\rb\nc\r\nd\n\re",
    "no final newline": b"Subject: x\r\n\r\ntext",
    "eight bit": bytes(range(256)) * 3,
    "long lines": b"x" * 5000 + b"\r\n" + b"y" * 5000,
    "dots": b".\r\n..\r\n.\r\n",
    "a boundary": b"--=_f\r\n\r\n--=_f--\r\n",
    "a from line": b"From ana Mon Nov 23\r\n\r\nx",
    "random": random.Random(7).randbytes(100_003),
}


def subject_of(submission: Submission) -> str:
    return str(make_header(decode_header(parsed(submission, ORIGINAL)["Subject"])))


def test_the_header_block_has_these_fields_in_this_order() -> None:
    assert parsed(forward(), ORIGINAL).keys() == FIELDS


def test_every_field_says_what_the_contract_says() -> None:
    made = forward()
    message = parsed(made, ORIGINAL)
    assert message["From"] == '"User support" <support@example.org>'
    assert message["To"] == "petitions@units.example.org"
    assert subject_of(made) == "[status] Petición sobre mi expediente"
    assert parsedate_to_datetime(message["Date"]) == CONTEXT.now
    assert own_message_id(message["Message-ID"], OURS)
    assert message["Message-ID"] == made.message_id == make_message_id(OURS, "f", made.id)
    assert message["X-Mailroom-Loop"] == "support@example.org"
    assert message["X-Mailroom-Reference"] == "SU-2026-000123-V"
    assert message["Reply-To"] == "ana@example.com"
    assert message["References"].split() == ["<zero@mail.example.com>", "<one@mail.example.com>"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
    assert message["X-Mailroom-Unit"] == "petitions"
    assert message["X-Mailroom-Tags"] == "status"
    assert message["X-Mailroom-Language"] == "es"
    assert message.get_content_type() == "multipart/mixed"
    assert "Disposition-Notification-To" not in message


def test_the_submission_names_itself_before_it_is_stored() -> None:
    made = forward()
    assert made.id == "SU-2026-000123-V/forward/petitions/0"
    assert made.kind is SubmissionKind.FORWARD
    assert made.unit == "petitions"
    assert made.token == make_token(OURS, made.id)
    assert made.envelope.sender == f"bounces+{made.token}@example.org"
    assert made.envelope.recipient == "petitions@units.example.org"
    assert made.with_original
    assert made.sender_key is None


def test_the_id_is_of_the_messages_own_reference_and_generation() -> None:
    context = replace(CONTEXT, job="SU-2026-000200-X", generation=2)
    made = forward(context=context)
    assert made.id == "SU-2026-000200-X/forward/petitions/2"
    assert parsed(made, ORIGINAL)["X-Mailroom-Reference"] == CONTEXT.reference
    assert "sent anew" in note(made)


@pytest.mark.parametrize("original", NASTY.values(), ids=NASTY.keys())
def test_the_decoded_original_is_the_original(original: bytes) -> None:
    made = forward(original=original)
    data = whole(made, original)
    assert sha256(data) == made.sha256
    assert len(data) == made.size
    first, second = parts_of(made, original)
    assert first.get_content_type() == "text/plain"
    assert second.get_content_type() == "application/octet-stream"
    assert second.get_filename() == "original.eml"
    assert second.get_content_disposition() == "attachment"
    assert second["Content-Transfer-Encoding"] == "base64"
    assert decoded(second) == original
    assert sha256(original) in note(made, original)


def test_everything_is_seven_bit_in_lines_of_at_most_78() -> None:
    message = hostile(
        subject="ñ" * 400, said="\x00\r\nñ" * 2000 + "x" * 5000, attachments=(Attachment("ñ" * 300, "a/b", 1),)
    )
    original = random.Random(1).randbytes(30_000)
    data = whole(forward(message, original=original), original)
    assert data.isascii()
    assert b"\x00" not in data
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 78


def test_the_same_message_gives_the_same_bytes() -> None:
    assert forward() == forward()


def test_two_units_get_two_messages() -> None:
    first, second = forward(), forward(unit=PRESS)
    assert first.message_id != second.message_id
    assert first.token != second.token
    assert first.id != second.id


def test_a_job_without_key_or_envelope_sender_still_has_a_sender() -> None:
    made = forward(ours=replace(OURS, envelope_from="", key=b""))
    assert made.envelope.sender == f"support+{made.token}@example.org"


@pytest.mark.parametrize("value", INJECTIONS)
def test_no_value_of_the_message_adds_or_breaks_a_header(value: str) -> None:
    message = hostile(
        subject=value,
        from_=(Address(value, value or "x"),),
        reply_to=(Address(value, value or "x"),),
        message_id=value,
        thread=(value, f"<{value}>"),
        language=Language(value, 0.1),
        date=value,
        said=value,
        to=(Address(value, value),),
        matters=(value,),
        defects=(value,),
        attachments=(Attachment(value, value, 3),),
    )
    decision = replace(DECISION, tags=(value, value + "2"), acknowledge_to=value)
    made = forward(message, decision)
    message_ = parsed(made, ORIGINAL)
    assert set(message_.keys()) <= {*FIELDS, "In-Reply-To", "Importance"}
    assert len(message_.get_all("To", [])) == 1
    assert message_["To"] == PETITIONS.mailbox
    assert message_.get_content_type() == "multipart/mixed"
    assert sha256(whole(made, ORIGINAL)) == made.sha256


# --------------------------------------------------------------------------------------------- subject


@pytest.mark.parametrize(
    ("subject", "tags", "urgent", "expected"),
    [
        ("Hola", ("press",), False, "[press] Hola"),
        ("Hola", (), False, "[petitions] Hola"),
        ("", (), False, "[petitions] (no subject)"),
        ("Hola", ("a", "b", "c", "d"), True, "[URGENT] [a, b, c] Hola"),
        ("Re: [press] Hola", ("press",), False, "[press] Re: Hola"),
        ("[URGENT] [press] Hola", ("press",), True, "[URGENT] [press] Hola"),
        ("x" * 900, ("press",), False, "[press] " + "x" * 200),
    ],
)
def test_the_subject_has_its_marks_once(subject: str, tags: tuple[str, ...], urgent: bool, expected: str) -> None:
    made = forward(hostile(subject=subject), replace(DECISION, tags=tags, urgent=urgent))
    assert subject_of(made) == expected


def test_urgent_goes_first_and_says_so() -> None:
    urgent = forward(MESSAGE, replace(DECISION, urgent=True))
    assert urgent.priority == 0
    assert parsed(urgent, ORIGINAL)["Importance"] == "high"
    assert note(urgent).startswith("URGENT")
    assert forward().priority > 0
    assert "Importance" not in parsed(forward(), ORIGINAL)


# -------------------------------------------------------------------------------------------- reply-to

ANA, LAWYER = Address("Ana", "ana@example.com"), Address("", "lawyer@example.net")


@pytest.mark.parametrize(
    ("from_", "reply_to", "expected", "warned"),
    [
        ((ANA,), (), "ana@example.com", None),
        ((ANA,), (LAWYER,), "lawyer@example.net", "Answers go to lawyer@example.net; the writer is ana@example.com"),
        ((ANA,), (Address("", "ANA@example.com"),), "ANA@example.com", None),
        ((ANA,), (LAWYER, ANA), "ana@example.com", "several addresses"),
        ((ANA,), (Address("", "support@example.org"),), "ana@example.com", None),
        ((ANA,), (Address("", "INFO@example.org"),), "ana@example.com", None),
        ((ANA, LAWYER), (), None, "several senders"),
        ((), (), None, "would not reach the person"),
        ((Address("", "niño@example.com"),), (), None, "would not reach the person"),
        ((ANA,), (Address("", "niño@example.com"),), None, "would not reach the person"),
        ((Address("", "ana@münchen.example"),), (), "ana@xn--mnchen-3ya.example", None),
    ],
)
def test_reply_leads_to_the_person_or_nowhere(
    from_: tuple[Address, ...], reply_to: tuple[Address, ...], expected: str | None, warned: str | None
) -> None:
    made = forward(hostile(from_=from_, reply_to=reply_to))
    assert parsed(made, ORIGINAL)["Reply-To"] == expected
    if warned:
        assert warned in note(made)
    else:
        assert "WARNINGS" not in note(made)
    for one in (*from_, *reply_to):
        assert one.address in note(made)


# -------------------------------------------------------------------------------------------- the note


def test_the_note_says_all_that_staff_need() -> None:
    told = note(forward())
    for line in (
        'From: ana@example.com ("Ana Núñez")',
        "To: support@example.org",
        "Received: November 23, 2026, 15:03 (UTC-05:00)",
        "Its own date: Mon, 23 Nov 2026 15:03:00 -0500",
        "Subject: Petición sobre mi expediente",
        "Language: Spanish",
        "Tags: status",
        "Urgency: no",
        "Matters: P-123-20",
        'Rule: "Consulta de estado" (line 42)',
        "Unit: Petitions",
        "Acknowledgement: planned, to ana@example.com (status)",
        "Our reference: SU-2026-000123-V",
        f"SHA-256 of the original: {sha256(ORIGINAL)}",
        "- acta.pdf (application/pdf, 182.4 kB)",
        "> quiero saber qué pasó con mi petición.",
    ):
        assert line in told.split("\n"), line


def test_without_a_rule_the_note_asks_a_person_to_look() -> None:
    made = forward(MESSAGE, replace(DECISION, rules=(), confident=False, disposition=Disposition.REVIEW))
    assert "Rule: none; a person should look at it" in note(made)


def test_a_rule_that_was_not_sure_says_so() -> None:
    assert "a person should look at it" in note(forward(MESSAGE, replace(DECISION, confident=False)))


def test_a_correction_by_staff_is_named() -> None:
    assert "a colleague moved it" in note(forward(context=replace(CONTEXT, correction="petitions")))


def test_copies_are_named_to_each_unit() -> None:
    decision = replace(DECISION, copies=("press",))
    assert "Also to: Press" in note(forward(MESSAGE, decision))
    assert "También a: Peticiones" in note(forward(MESSAGE, decision, unit=PRESS))


@pytest.mark.parametrize("code", list(SilenceCode))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_says_why_no_acknowledgement_goes_out(code: SilenceCode, language: str) -> None:
    decision = replace(DECISION, silence=Silence(code, "x"), template=None)
    told = note(forward(MESSAGE, decision, unit=replace(PETITIONS, language=language)))
    assert f"({code})" in told


def test_no_address_to_acknowledge_to_is_said() -> None:
    assert "Acknowledgement: no: no address" in note(forward(MESSAGE, replace(DECISION, acknowledge_to=None)))


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"asks_silence": True}, "asks not to be answered"),
        ({"authentication": Authentication(dmarc="fail", spf="softfail", trusted=True)}, "dmarc=fail, spf=softfail"),
        ({"authentication": Authentication(spf="fail", trusted=True)}, "spf=fail"),
        ({"headers": (("content-type", "multipart/signed; micalg=x"),)}, "signed or encrypted"),
        ({"attachments": (Attachment("smime.p7m", "application/pkcs7-mime", 9),)}, "signed or encrypted"),
        ({"said": "-----BEGIN PGP MESSAGE-----\nabc"}, "signed or encrypted"),
        ({"defects": ("charset-unknown", "subject-repeated")}, "charset-unknown, subject-repeated"),
        ({"from_": (Address("support@example.org", "x@evil.example"),)}, "The name holds an address"),
        ({"from_": (Address("p\u0430ypal", "x@evil.example"),)}, "mixes alphabets"),
    ],
)
def test_the_note_warns(changes: dict[str, object], warning: str) -> None:
    told = note(forward(hostile(**changes)))
    assert "WARNINGS" in told
    assert warning in told


@pytest.mark.parametrize(
    "authentication",
    [
        Authentication(),
        Authentication(dmarc="fail", trusted=False),
        Authentication(dmarc="pass", spf="fail", trusted=True),
        Authentication(dmarc="none", spf="pass", trusted=True),
    ],
)
def test_what_proves_nothing_is_no_warning(authentication: Authentication) -> None:
    assert "WARNINGS" not in note(forward(hostile(authentication=authentication)))


def test_mail_from_the_junk_folder_is_marked() -> None:
    told = note(forward(context=replace(CONTEXT, channel=Channel.JUNK)))
    assert "It was in the junk folder." in told
    assert "Came by: the junk folder" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_is_in_the_units_language(language: str) -> None:
    made = forward(unit=replace(PETITIONS, language=language))
    expected = {"es": "Nuestra referencia", "en": "Our reference", "pt": "Nossa referência", "fr": "Notre référence"}
    told = note(made)
    assert expected[language] in told
    assert not any(words in told for other, words in expected.items() if other != language)
    assert parts_of(made, ORIGINAL)[0]["Content-Language"] == language


def test_a_unit_of_another_language_gets_spanish() -> None:
    assert "Nuestra referencia" in note(forward(unit=replace(PETITIONS, language="de")))


def test_the_persons_text_stands_only_behind_its_mark_and_no_link_is_ours() -> None:
    evil = "https://evil.example/login"
    message = hostile(
        said=f'click {evil}\u2028<a href="{evil}">x</a>\r\n{evil}',
        subject=f"see {evil}",
        from_=(Address(f"see {evil}", "x@evil.example"),),
        attachments=(Attachment(evil, "text/html", 5),),
        date=evil,
        defects=(evil,),
    )
    for line in note(forward(message)).split("\n"):
        assert line.startswith(">") or ("http" not in line and "<a" not in line)


def test_a_long_text_is_cut_and_says_so() -> None:
    told = note(forward(hostile(said="palabra " * 100_000)))
    assert len(told) < 25_000
    assert "[The text goes on in the original.]" in told


def test_what_was_only_passed_on_is_shown_as_such() -> None:
    told = note(forward(hostile(said=" \n", forwarded="el texto reenviado")))
    assert "What the person passes on:\n\n> el texto reenviado" in told
    assert "found no text of its own" in note(forward(hostile(said="", forwarded="")))


def test_many_attachments_and_addresses_are_counted_not_listed() -> None:
    message = hostile(
        to=tuple(Address("", f"a{n}@example.com") for n in range(1000)),
        attachments=tuple(Attachment(f"{n}.pdf", "application/pdf", 1) for n in range(1000)),
    )
    told = note(forward(message))
    assert told.count("and 960 more") == 2


def test_sensitive_mail_says_how_to_answer() -> None:
    assert "SENSITIVE" in note(forward(MESSAGE, replace(DECISION, sensitive=True)))


def test_a_forward_of_a_conversation_threads_with_the_first_one() -> None:
    context = replace(CONTEXT, conversation=Conversation("SU-2026-000100-Y", "petitions"))
    message = parsed(forward(context=context), ORIGINAL)
    first = make_message_id(OURS, "f", "SU-2026-000100-Y/forward/petitions/0")
    assert message["In-Reply-To"] == first
    assert message["References"].split()[0] == first


def test_a_unit_without_a_mailbox_that_can_be_reached_is_an_error() -> None:
    with pytest.raises(ValueError, match="recipient"):
        forward(unit=Unit("x", {}, "not an address"))


# ------------------------------------------------------------------------------- notice, raw, alert


def test_a_notice_stands_for_a_large_original() -> None:
    made = compose.notice(MESSAGE, DECISION, CONTEXT, OURS, PETITIONS, UNITS, ORIGINAL)
    assert made.kind is SubmissionKind.NOTICE
    assert made.id == "SU-2026-000123-V/notice/petitions/0"
    assert not made.with_original
    assert own_message_id(made.message_id, OURS)
    assert made.envelope.sender == f"bounces+{made.token}@example.org"
    told = note(made, b"")
    assert "NOT attached" in told
    assert "folder Done/petitions" in told
    assert sha256(ORIGINAL) in told
    assert "> subject: Petición sobre mi expediente" in told
    assert "> quiero saber" in told
    assert parsed(made)["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
    assert sha256(whole(made)) == made.sha256
    assert len(whole(made)) == made.size
    assert "[WITHOUT ORIGINAL]" in subject_of(made)


def test_a_notice_can_be_made_of_a_size_alone() -> None:
    made = compose.notice(MESSAGE, DECISION, CONTEXT, OURS, PETITIONS, UNITS, size=250_000_000)
    assert "250 MB" in note(made, b"")
    assert "SHA-256 of the original: unknown" in note(made, b"")


def test_a_raw_forward_has_the_bytes_and_no_word_of_the_message() -> None:
    original = b"Subject: \xff secret\r\n\x00" * 50
    made = compose.raw_forward(original, sha256(original), CONTEXT, OURS, PETITIONS, "timeout")
    message = parsed(made, original)
    assert message.keys() == [
        *FIELDS[:7],
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Mailroom-Unit",
        "MIME-Version",
        "Content-Type",
    ]
    assert decoded(parts_of(made, original)[1]) == original
    assert made.id == "SU-2026-000123-V/forward/petitions/0"
    told = note(made, original)
    assert "secret" not in told
    assert "secret" not in subject_of(made)
    assert "Reason: timeout" in told
    assert sha256(original) in told
    assert sha256(whole(made, original)) == made.sha256


def test_an_alert_is_plain_text_to_one_address() -> None:
    made = compose.alert(OURS, "it@example.org", "rules.yaml is wrong", "Line 3.\nMend it.", CONTEXT, "A-1/alert/-/0")
    message = parsed(made)
    assert made.kind is SubmissionKind.ALERT
    assert made.id == "A-1/alert/-/0"
    assert message["To"] == "it@example.org"
    assert message["Subject"] == "rules.yaml is wrong"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Mailroom-Loop"] == OURS.address
    assert message.get_content_type() == "text/plain"
    assert note(made, b"") == "Line 3.\nMend it.\n"
    assert made.message_id.startswith("<m1.x.")
    assert made.envelope.sender


def test_an_alert_cannot_be_made_to_carry_headers() -> None:
    made = compose.alert(OURS, "it@example.org", "a\r\nBcc: v@example.net", "x\r\n\r\n.\r\n", CONTEXT, "A-1/alert/-/0")
    assert "Bcc" not in parsed(made)
    with pytest.raises(ValueError, match="recipient"):
        compose.alert(OURS, "it@example.org, v@example.net", "a", "b", CONTEXT, "A-1/alert/-/0")


# --------------------------------------------------------------------------------------------- bounds


def test_a_huge_message_is_composed_in_bounded_time_and_size() -> None:
    big = "ñ\u202e\t<" * 400_000
    message = hostile(
        said=big,
        subject=big,
        from_=tuple(Address(big, big) for _ in range(3)),
        to=tuple(Address(big[:500], big[:500]) for _ in range(5000)),
        thread=tuple(f"<{n}@example.com>" for n in range(100_000)),
        headers=tuple((big[:50], big[:5000]) for _ in range(5000)),
        attachments=tuple(Attachment(big[:500], big[:500], 1) for _ in range(5000)),
        defects=tuple(big[:500] for _ in range(5000)),
        matters=tuple(big[:50] for _ in range(5000)),
    )
    started = time.process_time()
    made = forward(message)
    compose.notice(message, DECISION, CONTEXT, OURS, PETITIONS, UNITS, size=1)
    assert time.process_time() - started < 20  # unbounded, it would be minutes
    assert len(made.head) < 400_000


def test_the_hour_is_that_of_the_place() -> None:
    context = replace(CONTEXT, received=None, now=CONTEXT.now + timedelta(days=200))
    assert "June 11, 2027, 16:04 (UTC-04:00)" in note(forward(context=context))
