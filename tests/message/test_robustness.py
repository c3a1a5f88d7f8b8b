# ruff: noqa: E501 - a case a line
"""Hostile and broken mail: the classes in which real mail breaks or deceives parsers, bombs, and any octets at all."""

from __future__ import annotations

import base64
import re
import time
import unicodedata
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mailparser import MailParser

from mailroom.message import DEFECTS, read, reading
from mailroom.model import Message, Ours

OURS = Ours(
    "support@example.org", ("info@example.org",), "mail.example.org", envelope_from="bounces@example.org", key=b"k"
)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
HEAD = (
    b"Return-Path: <ana@example.com>\r\nAuthentication-Results: mail.example.org; dmarc=pass header.from=example.com\r\n"
    b"From: Ana <ana@example.com>\r\nTo: support@example.org\r\nSubject: Consulta\r\nDate: x\r\nMessage-ID: <1@example.com>\r\n"
)
_BAD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ud800-\udfff]")


def of(body: bytes, head: bytes = HEAD) -> Message:
    """The message, read without the last catch-all, so that a fault shows itself."""
    return reading._read(head + body, OURS)


def harmless(message: Message) -> None:
    """Every header-like value fits into a header; texts have no controls but line feeds and tabs."""
    values = [message.subject, message.date, message.message_id or "", *message.thread, *message.in_reply_to]
    values += [value for pair in message.headers for value in pair]
    values += [
        text for a in (*message.from_, *message.to, *message.cc, *message.reply_to) for text in (a.name, a.address)
    ]
    values += [text for a in message.attachments for text in (a.name, a.content_type)]
    values.append(message.return_path or "")
    assert not [value for value in values if _BAD.search(value)]
    for text in (message.said, message.quoted, message.forwarded, message.signature):
        assert not _BAD.search(text.replace("\n", "").replace("\t", ""))
        assert "\ue000" not in text
    assert set(message.defects) <= set(DEFECTS)
    assert list(message.defects) == sorted(message.defects)


# ------------------------------------------------------------------------------------------ classes A to M


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\nhola, ayuda\n",
        b"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\nhola, ayuda\n",
    ],
)
def test_class_a_what_mail_parser_raises_on_is_read(body: bytes) -> None:
    with pytest.raises((AttributeError, TypeError)):
        MailParser(message_from_bytes(body))
    message = of(body)
    assert "hola, ayuda" in message.said + message.forwarded
    assert message.sender == "ana@example.com"


@pytest.mark.parametrize(
    ("subject", "want"),
    [
        ("Formação de técnicos".encode("latin-1"), "Formação de técnicos"),
        ("Petición ñandú".encode(), "Petición ñandú"),
        (b"=?iso-8859-1?Q?Peti=E7=E3o?= n\xba 1", "Petição nº 1"),
        ("Вопрос".encode("koi8-r"), None),
        (b"=?utf-8?B?UGV0aWNp?= =?utf-8?B?w7Nu?=", "Petición"),
        (b"=?utf-8?Q?Petici=C3?=\r\n =?utf-8?Q?=B3n?=", "Petición"),
        (b"=?x-nonsense?Q?Petici=C3=B3n?=", "Petición"),
        (b"=?utf-8?B?!!!?= x", "x"),
    ],
)
def test_class_b_raw_and_encoded_letters_survive(subject: bytes, want: str | None) -> None:
    found = of(b"\r\nx", HEAD.replace(b"Subject: Consulta", b"Subject: " + subject)).subject
    assert found == want if want is not None else found
    name = of(b"\r\nx", HEAD.replace(b"From: Ana ", "From: José Peña ".encode("latin-1"))).from_[0].name
    assert name == "José Peña"


@pytest.mark.parametrize("value", [b"MAILER-DAEMON <>", b"<>", b"bare", b"", b"undisclosed:;", b"@", b"a@", b"<a@b@c"])
def test_class_c_no_address_no_acknowledgement(value: bytes) -> None:
    message = of(b"\r\nhola", HEAD.replace(b"From: Ana <ana@example.com>", b"From: " + value))
    assert message.silence is not None and "no-from" in message.defects


def test_class_d_repeated_fields_count_once() -> None:
    message = of(
        b"Subject: otro\r\nMessage-ID: <2@x.org>\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nhola"
    )
    assert message.subject == "Consulta" and message.message_id == "<1@example.com>" and message.said == "hola"
    assert "repeated-subject" in message.defects


def test_class_e_nothing_to_hold_on_to() -> None:
    message = of(b"hola, sin cabecera", b"")
    assert message.message_id is None and "no-from" in message.defects and "no-message-id" in message.defects
    assert message.silence is not None
    assert of(b"", b"").defects and of(b"\n", b"").subject == ""


def test_class_f_text_with_a_file_name_is_text_where_there_is_no_other() -> None:
    part = b'Content-Type: text/plain; name="carta.txt"\r\nContent-Disposition: %s; filename="carta.txt"\r\n\r\nme detuvieron ayer'
    assert of(part % b"inline").said == "me detuvieron ayer"
    assert of(part % b"attachment").said == "me detuvieron ayer"
    message = of(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part % b"attachment" + b"\r\n--b--")
    assert message.said == "" and message.attachments[0].name == "carta.txt" and "attachments-only" in message.defects


def test_class_g_the_words_of_an_attached_message_are_not_the_writers() -> None:
    inner = b"From: x@example.net\r\nSubject: Denuncia Caso 12.345\r\n\r\nI was detained, please help me"
    body = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nLes paso esto.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    message = of(body + inner + b"\r\n--b--")
    assert message.said == "Les paso esto." and message.language.code == "es"
    assert "I was detained" in message.forwarded and message.matters == ("12.345",)
    assert message.attachments[0].content_type == "message/rfc822"


def test_class_h_text_of_a_multipart_without_parts_is_read() -> None:
    message = of(b"Content-Type: multipart/mixed; boundary=zzz\r\n\r\nhola, ayuda")
    assert message.said == "hola, ayuda" and "multipart-without-parts" in message.defects


@pytest.mark.parametrize(
    "label",
    ["X-UNKNOWN", "DEFAULT_CHARSET", "unknown-8bit", "", "base64_codec", "idna", "rot13", "punycode", "us-ascii", "ascii; x",
     "utf-8", "UTF8", "undefined", "raw_unicode_escape", "zip", "\xff"],
)  # fmt: skip
def test_class_i_charset_lies_are_seen_through(label: str) -> None:
    head = f'Content-Type: text/plain; charset="{label}"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'.encode("latin-1")
    assert of(head + "¿Dónde está mi petición?".encode()).said == "¿Dónde está mi petición?"
    assert of(head + "Petición según año".encode("cp1252")).said == "Petición según año"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [("iso-8859-1", "cp1252", "año “x” – €"), ("windows-1252", "cp1252", "São"), ("gb2312", "gb18030", "你好世界"),
     ("shift_jis", "cp932", "こんにちは"), ("koi8-r", "koi8-r", "Привет"), ("iso-2022-jp", "iso-2022-jp", "日本"),
     ("iso-8859-15", "iso-8859-15", "10 €"), ("utf-16", "utf-16", "Petición"), ("big5", "big5", "中文")],
)  # fmt: skip
def test_class_i_true_labels_are_followed(label: str, codec: str, text: str) -> None:
    data = base64.b64encode(text.encode(codec))
    assert (
        of(
            f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + data
        ).said
        == text
    )


POISON = [
    b"=?utf-8?q?hi=0d=0aBcc:_v@example.net?=",
    b"=?utf-8?b?aGkNCkJjYzogdkBleGFtcGxlLm5ldA==?=",
    b"hi\x00there\x1b[31m",
    "a\u202eb\u2066c\u0085d\u2028e".encode(),
    b"=?utf-8?q?=e2=80=aeevil?=",
    b"hi\r\n\tBcc: v@example.net",
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize("value", POISON)
def test_class_j_nothing_that_breaks_a_header_comes_out(value: bytes) -> None:
    head = (
        HEAD.replace(b"Consulta", value)
        .replace(b"From: Ana ", b"From: " + value + b" ")
        .replace(b"Date: x", b"Date: " + value)
    )
    body = b'X-Any: %s\r\nReferences: %s <a@b.org>\r\nContent-Type: text/plain; name="%s"\r\n\r\n%s' % ((value,) * 4)
    message = of(body, head)
    harmless(message)
    assert "\n" not in message.subject and "Bcc" not in dict(message.headers)


@pytest.mark.parametrize(
    "name", [b"../../etc/cron.d/x", b"a\\b.exe", b"=?utf-8?q?a=0ab.pdf?=", b"x\xe2\x80\xaefdp.exe", b"y" * 4000]
)
def test_class_j_attachment_names_are_for_display_only(name: bytes) -> None:
    part = b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="' + name + b'"\r\n\r\nx'
    message = of(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + b"\r\n--b--")
    harmless(message)
    assert len(message.attachments) == 1 and len(message.attachments[0].name) <= 255


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1_000, 44_999, 45_000, 100_001, 3_000_000])
def test_sizes_are_exact_though_large_attachments_are_not_read(size: int) -> None:
    data = base64.encodebytes(b"x" * size).replace(b"\n", b"\r\n")
    head = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhola\r\n--b\r\n"
        + head
        + data
        + b"--b\r\n\r\nfin\r\n--b--"
    )
    message = of(body)
    assert message.attachments[0].size == size
    assert message.said == "hola\n\nfin"


def test_a_long_letter_in_base64_is_read_whole() -> None:
    letter = "".join(f"Hecho {n}: me detuvieron. " + "\n" * (n % 3) for n in range(4_000))
    data = base64.encodebytes(letter.encode())
    message = of(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data)
    assert "Hecho 3999" in message.said


def test_attachment_names_in_every_spelling() -> None:
    heads = [
        b"Content-Disposition: attachment; filename*=utf-8''petici%C3%B3n.pdf",
        b"Content-Disposition: attachment; filename*0*=iso-8859-1''petici%F3; filename*1=n.pdf",
        b'Content-Disposition: attachment; filename="=?utf-8?Q?petici=C3=B3n.pdf?="',
        'Content-Disposition: attachment; filename="petición.pdf"'.encode(),
        'Content-Disposition: attachment; filename="petición.pdf"'.encode("latin-1"),
        b'Content-Type: application/pdf; name="=?iso-8859-1?Q?petici=F3n=2Epdf?="',
    ]
    for head in heads:
        head = head if b"Content-Type" in head else b"Content-Type: application/pdf\r\n" + head
        message = of(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + head + b"\r\n\r\n%PDF\r\n--b--")
        assert [a.name for a in message.attachments] == ["petición.pdf"]


def test_class_k_groups_and_odd_message_ids() -> None:
    head = HEAD.replace(b"To: support@example.org", b"To: Friends: a@example.net, SUPPORT@example.org;, b@example.net")
    assert of(b"\r\nhola", head).silence is None
    assert of(b"\r\nhola", HEAD.replace(b"<1@example.com>", b"<[]@>")).message_id is None


def test_class_l_reading_changes_nothing_of_the_octets() -> None:
    raw = bytearray(HEAD + b"\r\nhola")
    before = bytes(raw)
    read(bytes(raw), OURS)
    assert bytes(raw) == before


def _bombs() -> dict[str, bytes]:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))
    rfc822 = b"Content-Type: message/rfc822\n\n" * 2000
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(280))
    return {
        "depth-1000": nested + b"\nhola",
        "depth-280-long": deep + b"\n" + b"x\n" * 400_000,
        "rfc822-2000": rfc822 + b"\nhola",
        "parts-100000": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000 + b"--b--",
        "headers-100000": b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nhola",
        "header-10mb": b"X-Long: " + b"y" * 10_000_000 + b"\n\nhola",
        "folded-header": b"X-Long: y\n" + b" y\n" * 300_000 + b"\nhola",
        "to-100000": b"Cc: " + b", ".join(b"u%d@example.net" % n for n in range(100_000)) + b"\n\nhola",
        "content-type-semicolons": b"Content-Type: text/plain" + b";" * 200_000 + b"\n\nhola",
        "content-type-quotes": b"Content-Type: text/plain; " + b'a="b";' * 40_000 + b"\n\nhola",
        "inner-content-type": b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain" + b";" * 2_000_000 + b"\n\nhola\n--b--",
        "encoded-words": b"X-Q: " + b"=?utf-8?q?a?= " * 15_000 + b"\n\nhola",
        "comments": b"X-Any: x\nReply-To: " + b"(" * 30_000 + b"\n\nhola",
        "base64-20mb": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhola\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + (b"A" * 76 + b"\n") * 260_000 + b"--b--",
        "html-deep": b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"hola",
        "html-open": b"Content-Type: text/html\n\n" + b"<" * 2_000_000,
        "html-comments": b"Content-Type: text/html\n\n" + b"<!--" * 300_000,
        "html-tables": b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 20_000 + b"hola",
        "html-entities": b"Content-Type: text/html\n\n" + b"&#8238;&lt;" * 100_000,
        "quotes": b"\n" + b"> " * 100_000 + b"\n> x" * 50_000,
        "digits": b"\n" + b"P-1 " * 200_000,
        "colons": b"\nOn 1 " + b"a: " * 200_000,
        "one-line": b"\n" + b"no respondan mi esposo lee " * 40_000,
        "boundary-lines": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 200_000,
    }  # fmt: skip


BOMBS = _bombs()


@pytest.mark.parametrize("name", list(BOMBS))
def test_class_m_bombs_are_read_in_bounded_time(name: str) -> None:
    raw = HEAD.replace(b"\r\n", b"\n") + BOMBS[name]
    start = time.process_time()
    message = reading._read(raw, OURS)
    assert time.process_time() - start < 2.0
    harmless(message)
    assert len(message.headers) <= 256 and len(message.said) <= 200_000 and len(message.attachments) <= 500
    assert message.sender == "ana@example.com"


@pytest.mark.parametrize(
    ("name", "defect"),
    [("depth-1000", "too-deep"), ("parts-100000", "too-many-parts"), ("headers-100000", "header-block-cut"),
     ("header-10mb", "header-block-cut"), ("depth-280-long", "body-cut")],
)  # fmt: skip
def test_what_was_not_read_is_said(name: str, defect: str) -> None:
    assert defect in reading._read(HEAD.replace(b"\r\n", b"\n") + BOMBS[name], OURS).defects


# ----------------------------------------------------------------------------------------------- anything


def test_a_fault_of_ours_is_no_ones_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(reading, "_read", broken)
    message = read(HEAD + b"\r\nhola", OURS)
    assert message.silence is not None and message.silence.code.value == "unreadable" and message.size > 0
    assert message.defects == ("unparsable",)


_PIECES = st.sampled_from(
    [b"From: a@b.org\r\n", b"Subject: =?utf-8?q?x?=\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n", b"\r\n",
     b"--b--\r\n", b"Content-Type: text/html\r\n", b"<p>hola</p>", b"Content-Type: message/rfc822\r\n", b"\x00", b"\xff",
     b"Content-Transfer-Encoding: base64\r\n", b"aG9sYQ==", b"> x\r\n", b": x\r\n", b" folded\r\n", b"Received: by x\r\n",
     b"Content-Type: message/delivery-status\r\n", b"Action: failed\r\n", b"To: x:;\r\n", b"\r", b"Return-Path: <>\r\n",
     b"Content-Type: text/plain; charset=x; format=flowed\r\n", b"Message-ID: <a@b> <c\r\n", b"Content-Type: ;;=\r\n",
     b"Content-Disposition: attachment; filename*0*=x'y'%zz\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
     b"begin 644 x\r\n", b"Authentication-Results: mail.example.org; dmarc=fail\r\n", b"Auto-Submitted: (\r\n"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES | st.binary(max_size=40), max_size=30))
def test_any_octets_give_a_message(pieces: list[bytes]) -> None:
    harmless(reading._read(b"".join(pieces), OURS))


_FIELDS = [
    b"From: Ana <ana@example.com>", b"To: support@example.org", b"Subject: =?utf-8?q?Petici=C3=B3n?= P-12-20",
    b"Date: Mon, 02 Nov 2026 11:59:00 +0000", b"Message-ID: <1@example.com>", b"MIME-Version: 1.0", b"Cc: x@example.net",
    b"Content-Type: text/plain; charset=utf-8", b"References: <a@example.net> <b@example.net>", b"X-Mailer: x",
    b"Authentication-Results: mail.example.org; spf=pass smtp.mailfrom=example.com; dmarc=pass", b"Return-Path: <ana@example.com>",
]  # fmt: skip
_MORE = st.sampled_from(
    [b"Precedence: bulk", b"Auto-Submitted: auto-generated", b"List-Id: <x>", b"X-Spam-Flag: YES", b"X-Y: z"]
)


@settings(max_examples=150, deadline=None)
@given(st.permutations(_FIELDS), st.lists(_MORE, max_size=2), st.sampled_from([b"\r\n", b"\n"]), st.booleans())
def test_another_order_folding_or_line_ending_decides_the_same(
    fields: list[bytes], more: list[bytes], end: bytes, fold: bool
) -> None:
    body = b"Quisiera saber en que va." + end
    plain = read(b"\r\n".join(_FIELDS + more) + b"\r\n\r\n" + body, OURS)
    lines = [
        field.replace(b"; ", b";" + end + b"  ").replace(b"> <", b">" + end + b" <") if fold else field
        for field in fields + more
    ]
    other = read(end.join(lines) + end * 2 + body, OURS)
    assert (other.silence, other.kind, other.acknowledge_to, other.subject, other.said, other.matters, other.thread) == (
        plain.silence, plain.kind, plain.acknowledge_to, plain.subject, plain.said, plain.matters, plain.thread
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["text/plain", "text/html", "application/pdf"]),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=25,
    )
)
def test_any_tree_of_parts_is_walked(tree: object) -> None:
    def build(node: object, name: str) -> bytes:
        if isinstance(node, str):
            return f"Content-Type: {node}\n\nhola {name}\n".encode()
        assert isinstance(node, list)
        parts = b"".join(b"--%b\n%b" % (name.encode(), build(child, f"{name}{n}")) for n, child in enumerate(node))
        return f"Content-Type: multipart/mixed; boundary={name}\n\n".encode() + parts + f"--{name}--\n".encode()

    harmless(of(build(tree, "b"), HEAD.replace(b"\r\n", b"\n")))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_said_as_it_was(text: str) -> None:
    message = of(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(text.encode("utf-8", "replace"))
    )
    harmless(message)
    whole = "".join((message.said, message.quoted, message.forwarded, message.signature))
    letters = [
        c
        for c in unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
        if c.isalpha() and c.isprintable()
    ]
    assert [c for c in sorted(letters) if c not in whole] == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of public fixtures is not here")
def test_every_file_of_the_corpus_is_read() -> None:
    reading._read(HEAD + b"\r\nhola, buenos dias a todos los que leen esto", OURS)
    files = sorted(CORPUS.rglob("*.eml"))
    assert len(files) > 400
    for path in files:
        raw = path.read_bytes()
        start = time.perf_counter()
        message = reading._read(raw, OURS)
        assert time.perf_counter() - start < 1.0, path.name
        harmless(message)
        assert message.size == len(raw)
