"""Any Message gives well-formed mail: allowed headers only, one recipient, the original intact (T-01, T-05)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailroom import compose
from mailroom.model import (
    Address,
    Attachment,
    Authentication,
    Disposition,
    Language,
    Match,
    Message,
    Silence,
    SilenceCode,
    Submission,
)
from tests.compose.samples import (
    CONTEXT,
    DECISION,
    OURS,
    PETITIONS,
    UNITS,
    acknowledgement,
    decoded,
    forward,
    note,
    parsed,
    parts_of,
    sha256,
    whole,
)
from tests.compose.test_acknowledgement import FIELDS as ACKNOWLEDGEMENT_FIELDS
from tests.compose.test_forward import FIELDS as FORWARD_FIELDS

FORWARD = {name.lower() for name in (*FORWARD_FIELDS, "In-Reply-To", "Importance")}
NOTICE = FORWARD | {"content-language", "content-transfer-encoding"}
ACKNOWLEDGEMENT = {name.lower() for name in ACKNOWLEDGEMENT_FIELDS}

nasty = st.sampled_from(
    [
        "\r\nBcc: v@example.net",
        "\n\n",
        "\x00",
        "\u202e",
        "=?utf-8?q?=0d=0aBcc:_v@z?=",
        "{{7*7}}",
        "<b>",
        "--=_",
        "\ud83d",
        "a@b.c",
    ]
)
texts = st.lists(st.one_of(st.text(max_size=60), nasty), max_size=4).map("".join)
addresses = st.builds(Address, texts, st.one_of(texts, st.emails()))
several = st.lists(addresses, max_size=3).map(tuple)
words = st.lists(texts, max_size=4).map(tuple)
message_ids = st.one_of(texts, st.just("<a@example.com>"))
messages = st.builds(
    Message,
    size=st.integers(0, 10**12),
    message_id=st.one_of(st.none(), message_ids),
    thread=st.lists(message_ids, max_size=5).map(tuple),
    from_=several,
    reply_to=several,
    to=several,
    cc=several,
    date=texts,
    subject=texts,
    headers=st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
    said=texts,
    forwarded=texts,
    language=st.builds(Language, st.one_of(st.sampled_from(["es", "fr", "unknown", "other:ht"]), texts), st.just(0.5)),
    matters=words,
    attachments=st.lists(st.builds(Attachment, texts, texts, st.integers(0, 10**12)), max_size=3).map(tuple),
    authentication=st.builds(Authentication, spf=texts, dmarc=texts, trusted=st.booleans()),
    asks_silence=st.booleans(),
    defects=words,
)
decisions = st.builds(
    replace,
    st.just(DECISION),
    tags=words,
    urgent=st.booleans(),
    sensitive=st.booleans(),
    silence=st.one_of(st.none(), st.builds(Silence, st.sampled_from(SilenceCode), texts)),
    template=st.one_of(st.none(), texts, st.sampled_from(["press", "discreet"])),
    disposition=st.sampled_from(Disposition),
    rules=st.lists(st.builds(Match, texts, st.integers(1, 9), st.just(())), max_size=2).map(tuple),
)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def well_formed(made: Submission, original: bytes, allowed: set[str], to: str) -> None:
    data = whole(made, original)
    assert data.isascii()
    assert b"\x00" not in data
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert sha256(data) == made.sha256
    assert len(data) == made.size
    message = parsed(made, original)
    assert not message.defects
    names = [name.lower() for name in message]
    assert set(names) <= allowed
    assert len(set(names)) == len(names)
    assert message["To"] == to == made.envelope.recipient


@many
@given(messages, decisions, st.binary(max_size=300))
def test_any_message_gives_a_well_formed_forward(message: Message, decision: object, original: bytes) -> None:
    made = forward(message, decision, original=original)  # type: ignore[arg-type]
    well_formed(made, original, FORWARD, PETITIONS.mailbox)
    assert decoded(parts_of(made, original)[1]) == original
    told = note(made, original)
    assert all("<a" not in line or line.startswith(">") or "<a@" in line for line in told.split("\n"))


@many
@given(messages, decisions)
def test_any_message_gives_a_well_formed_notice(message: Message, decision: object) -> None:
    made = compose.notice(message, decision, CONTEXT, OURS, PETITIONS, UNITS, size=5)  # type: ignore[arg-type]
    well_formed(made, b"", NOTICE, PETITIONS.mailbox)


@many
@given(messages, decisions)
def test_any_message_gives_a_well_formed_acknowledgement(message: Message, decision: object) -> None:
    made = acknowledgement(message, decision)  # type: ignore[arg-type]
    well_formed(made, b"", ACKNOWLEDGEMENT, "ana@example.com")
    assert made.envelope.sender == ""


@many
@given(st.text(max_size=80))
def test_an_address_is_acknowledged_alone_or_not_at_all(to: str) -> None:
    try:
        made = acknowledgement(decision=replace(DECISION, acknowledge_to=to))
    except ValueError:
        return
    well_formed(made, b"", ACKNOWLEDGEMENT, made.envelope.recipient)


@given(st.one_of(st.text(max_size=100), st.text(alphabet='aA0 ."+@ñ。＠\t', max_size=12)))
@example("0 .")
def test_the_key_for_limits_is_made_once(address: str) -> None:
    key = compose.limit_key(address)
    assert compose.limit_key(key) == key
