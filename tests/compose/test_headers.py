"""Headers hold exactly what was set, whatever the values hold (T-01)."""

from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.compose import clean_header
from mailroom.compose.clean import mixed_scripts, quoted, shown
from mailroom.compose.headers import block, check, mailbox, message_ids, phrase, unstructured, valid_message_id

INJECTIONS = [
    "hi\r\nBcc: victim@example.net",
    "hi\nBcc: victim@example.net",
    "hi\rBcc: victim@example.net",
    "hi\r\n\r\n<script>alert(1)</script>",
    "=?utf-8?q?hi=0d=0aBcc:_v@z?=",
    "=?utf-8?b?aGkNCkJjYzogdkB6?=",
    "=?utf-8?q?a?=\r\n =?utf-8?q?b?=",
    "a\x00b\x0bc\x0cd\x1ce\x85f\u2028g\u2029h",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "x" * 2000,
    "ñ" * 2000,
    "😀" * 300,
    "\ud800\udfff",
    " \t \r\n ",
    "",
    "a: b",
    '\\"quoted" <x@example.net>',
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_subject_is_one_field_and_reads_as_its_cleaned_self(value: str) -> None:
    data = block([("Subject", unstructured("Subject", value)), ("To", "a@example.org")])
    message = message_from_bytes(data)
    assert message.keys() in (["Subject", "To"], ["To"])
    read = str(make_header(decode_header(message["Subject"]))) if "Subject" in message else ""
    assert read == clean_header(value)
    assert all(len(line) <= 78 for line in data.split(b"\r\n"))


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_clean_value_has_no_control_and_no_direction_mark(value: str) -> None:
    cleaned = clean_header(value)
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in cleaned)
    assert not set(cleaned) & set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert len(cleaned) <= 500
    assert cleaned == cleaned.strip()


@given(st.text(max_size=600), st.integers(1, 200))
def test_cleaning_keeps_the_limit_and_is_done_once(value: str, limit: int) -> None:
    cleaned = clean_header(value, limit)
    assert len(cleaned) <= limit
    assert clean_header(cleaned, limit) == cleaned


@given(st.text(max_size=300))
def test_any_text_can_be_a_subject(value: str) -> None:
    message = message_from_bytes(block([("Subject", unstructured("Subject", value)), ("To", "a@example.org")]))
    assert set(message.keys()) <= {"Subject", "To"}
    if "Subject" in message:
        assert str(make_header(decode_header(message["Subject"]))) == clean_header(value)


@pytest.mark.parametrize(
    "fields",
    [
        [("Subject", "a\r\nBcc: x@example.net")],
        [("Subject", "a\nBcc: x@example.net")],
        [("Subject", "a\rb")],
        [("Subject", "a\x00b")],
        [("Subject", "é")],
        [("Subject", "a\r\n \r\n b")],
        [("Subject", "x" * 1000)],
        [("Sub ject", "a")],
        [("Subject", "a"), ("subject", "b")],
        [("To", "a@example.org"), ("To", "b@example.org")],
        [("Subject", "ends\r\n")],
        [],
    ],
)
def test_a_block_that_is_not_what_was_set_is_refused(fields: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="header"):
        block(fields)


def test_a_block_that_does_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="header"):
        check(b"To: a@example.org\r\n", ["To"])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ana@example.com", "ana@example.com"),
        ("a.b+c@example.co.uk", "a.b+c@example.co.uk"),
        ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
        ("niño@example.com", None),
        ("a b@example.com", None),
        ("a@example.com\r\nBcc: v@example.net", None),
        ("a@example.com>", None),
        ("a,b@example.com", None),
        ('"a b"@example.com', None),
        ("a@b@example.com", None),
        ("a@[127.0.0.1]", None),
        ("a@example.com.", None),
        ("@example.com", None),
        ("a@", None),
        ("", None),
        ("x" * 65 + "@example.com", None),
        ("a@" + "x." * 130 + "com", None),
        ("a@-bad.example", None),
    ],
)
def test_only_addresses_that_are_safe_stand_in_headers(address: str, expected: str | None) -> None:
    assert mailbox(address) == expected


def test_message_ids_are_valid_unique_capped_and_folded() -> None:
    ids = [f"<{n}@example.com>" for n in range(200)]
    field = message_ids(["<bad id@example.com>", "<a@b> <c@d>", "<" + "x" * 300 + "@e>", *ids, ids[5]])
    kept = field.split("\r\n ")
    assert kept == [ids[0], *ids[-20:]]
    assert not valid_message_id("<a@b>\r\nBcc: x@example.net")
    assert not valid_message_id("<a\x00@b>")
    assert not valid_message_id(None)
    assert not valid_message_id("")


@pytest.mark.parametrize("name", ['Ana "la jefa"', "Atención, CIDH", "=?utf-8?q?x?=", "a" * 90, "Ñ" * 90, ""])
def test_a_name_of_ours_never_hides_our_address(name: str) -> None:
    data = block([("From", phrase(name, "support@example.org"))])
    message = message_from_bytes(data)
    assert message.keys() == ["From"]
    assert str(message["From"]).endswith("support@example.org>" if name else "support@example.org")
    assert all(len(line) <= 78 for line in data.split(b"\r\n"))


def test_quoted_text_never_escapes_its_mark() -> None:
    for mark in ("\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"):
        body, cut = quoted(f"one{mark}two{mark}-- \x00\x1b[31m three", 1000)
        assert all(line.startswith(">") for line in body.split("\n"))
        assert not cut
        assert "\x00" not in body
        assert "\x1b" not in body
    assert quoted("abcdef", 3) == ("> abc", True)


def test_links_of_the_message_are_not_ours_to_click() -> None:
    assert shown("see https://evil.example/x and HTTP://evil.example") == (
        "see hxxps://evil.example/x and hxxp://evil.example"
    )


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("Ana Núñez", False),
        ("Αθηνά", False),
        ("Иван Иванов", False),
        ("Ivan Иванов", False),
        ("Аna", True),  # the first letter is Cyrillic
        ("p\u0430ypal", True),
        ("山田 Taro", False),
    ],
)
def test_mixed_scripts_within_one_word_are_noticed(name: str, mixed: bool) -> None:
    assert mixed_scripts(name) is mixed
