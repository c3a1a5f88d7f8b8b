# ruff: noqa: E501 - a case a line
"""HTML to text, plain text as written, destinations, authentication results, delivery reports."""

from __future__ import annotations

import base64
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.message import authentication, read
from mailroom.message.destination import acknowledge_to, organisational, sendable
from mailroom.message.headers import Headers, content_field, decode_words
from mailroom.message.html import to_text
from mailroom.message.parse import parse
from mailroom.model import Address, Authentication, Ours

OURS = Ours("support@example.org", (), "mail.example.org", envelope_from="bounces@example.org", key=b"k")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Hola,</p><p>Soy Ana</p>", "Hola,\n\nSoy Ana"),
        ("Hola<br>Ana<br/>Luz", "Hola\nAna\nLuz"),
        ("<div>Uno</div><div>Dos <b>tres</b></div>", "Uno\nDos tres"),
        ("fran&ccedil;ais&nbsp;? &amp; m&aacute;s &#8364;", "français ? & más €"),
        ("<style>p{color:red}</style><script>x</script><p>Hola</p>", "Hola"),
        ("<head><title>no</title></head><body>sí</body>", "sí"),
        (
            '<p>visible</p><p style="display:none">buy P-1-20</p><div style="font-size:0px">x</div><span hidden>y</span>',
            "visible",
        ),
        ('<div style="font-size:0.9em">Hola</div>', "Hola"),
        ("<ul><li>uno</li><li>dos</li></ul>", "- uno\n- dos"),
        (
            "<table><tr><td>Nombre</td><td>Ana</td></tr><tr><td>País</td><td>Perú</td></tr></table>",
            "Nombre Ana\nPaís Perú",
        ),
        ("sí<blockquote>cita<blockquote>más</blockquote></blockquote>fin", "sí\n\n> cita\n>\n> > más\n>\nfin"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("a<hr>b", "a\n________________________________\nb"),
        ("<a href='https://example.net/x'>aquí</a>", "aquí"),
        ("un\n  párrafo\n  largo", "un párrafo largo"),
        ("<!-- no --><p>sí", "sí"),
        ("x&#x202E;yz&#xE000;", "xyz"),
    ],
)
def test_html_reads_like_plain_text(source: str, text: str) -> None:
    got = to_text(source).strip()
    assert "\n".join(line.rstrip() for line in got.split("\n") if line.strip() or "\n\n" in text) == text


@settings(deadline=None)
@given(st.text(alphabet="<>/abdiv=\"'&;# -!pre", max_size=300))
def test_any_html_gives_text(source: str) -> None:
    to_text(source)


def test_plain_text_is_preferred_unless_it_says_nothing() -> None:
    def both(plain: str, rich: str) -> str:
        head = "Content-Type: multipart/alternative; boundary=b\n\n"
        raw = f"{head}--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{rich}\n--b--"
        return read(raw.encode(), OURS).said

    assert both("Hola, soy Ana.", "<p>Hola, soy Ana.</p>") == "Hola, soy Ana."
    assert both("", "<p>Hola</p>") == "Hola"
    assert both(
        "Your client cannot show HTML.", "<p>" + "Me detuvieron el lunes en la plaza. " * 4 + "</p>"
    ).startswith("Me detuvieron")


def test_flowed_text_is_joined() -> None:
    raw = b"Content-Type: text/plain; format=flowed\n\nUna linea \nlarga.\n> citada \n> igual\n-- \nAna"
    message = read(raw, OURS)
    assert message.said == "Una linea larga." and message.quoted == "> citada igual" and message.signature == "--\nAna"


def test_pgp_in_the_text() -> None:
    sig = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    raw = "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHola, soy Ana.\n" + sig
    assert read(raw.encode(), OURS).said == "Hola, soy Ana."
    message = read(b"\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", OURS)
    assert message.said == "" and "encrypted" in message.defects


def test_html_under_a_false_label() -> None:
    assert read(b"Content-Type: text/plain\n\n<html><body><p>Hola</p></body></html>", OURS).said == "Hola"


@pytest.mark.parametrize(
    ("domain", "registered"),
    [("example.org", "example.org"), ("mail.example.org", "example.org"), ("a.b.example.gob.mx", "example.gob.mx"),
     ("correo.poderjudicial.gob.ar", "poderjudicial.gob.ar"), ("x.mp.br", "x.mp.br"), ("mail.sfr.fr", "sfr.fr"),
     ("tj.jus.br", "tj.jus.br"), ("a.tj.jus.br", "tj.jus.br"), ("EXAMPLE.ORG.", "example.org"), ("localhost", "localhost")],
)  # fmt: skip
def test_registered_domains(domain: str, registered: str) -> None:
    assert organisational(domain) == registered


@pytest.mark.parametrize(
    "address",
    [
        "a@b",
        "@example.org",
        "a b@example.org",
        "a@example.org>",
        "a" * 65 + "@example.org",
        "a@exa mple.org",
        "a\r\n@b.org",
        '"a b"@example.org',
        "a@" + "b" * 300 + ".org",
        "a@.org",
        "a@example..org",
    ],
)
def test_addresses_that_no_envelope_can_carry(address: str) -> None:
    assert sendable(address) is None


def test_an_international_domain_travels_as_ascii() -> None:
    assert sendable("ana@peña.example.org") == "ana@xn--pea-8ma.example.org"


def test_reply_to_is_never_a_destination() -> None:
    raw = b"Return-Path: <a@example.com>\nFrom: a@example.com\nReply-To: evil@example.net\nTo: support@example.org\n\nhola"
    message = read(raw, OURS)
    assert message.acknowledge_to == "a@example.com" and message.reply_to[0].address == "evil@example.net"


@settings(deadline=None)
@given(
    st.sampled_from(["a@example.com", "a@mail.example.com", "b@example.net", "", None]),
    st.sampled_from(["pass", "fail", "none", None]),
    st.sampled_from(["pass", "fail", None]),
)
def test_a_destination_is_the_sender_or_the_envelope(path: str | None, dmarc: str | None, spf: str | None) -> None:
    sender = (Address("", "a@example.com"),)
    to = acknowledge_to(sender, path, Authentication(spf=spf, dmarc=dmarc, trusted=True), OURS)
    assert to in (None, "a@example.com", path or None)
    if dmarc == "fail" or (path == "b@example.net" and dmarc != "pass"):
        assert to is None


def _results(*fields: str) -> Authentication:
    return authentication.read(Headers(parse("\n".join([*fields, "", ""]).encode())[0]), "mail.example.org")


def test_authentication_results_are_believed_from_our_server_only() -> None:
    field = "Authentication-Results: mail.example.org 1; spf=pass (sender ok) smtp.mailfrom=a@x.example.com; dkim=fail; dkim=pass; dmarc=pass"
    found = _results(field)
    assert found == Authentication("pass", "x.example.com", "pass", "pass", True)
    assert _results(field.replace("mail.example.org", "mx.example.net")) == Authentication()
    assert _results(field.replace("dmarc=pass", "dmarc=fail"), field).dmarc == "fail"
    assert _results("Received: by mx.example.net; x", "Received: by b.example.net; y", field) == Authentication()
    assert _results("Received: by lmtp.example.org; x", "Received: by mail.example.org; y", field).dmarc == "pass"
    assert _results("Received: from x by mail.example.org; x", field).trusted
    assert _results("Authentication-Results: mail.example.org; none").trusted
    assert authentication.read(Headers(parse(field.encode())[0]), None) == Authentication()


@pytest.mark.parametrize(
    "field",
    [
        "",
        ";",
        "mail.example.org",
        "mail.example.org;=",
        "mail.example.org; (((",
        "mail.example.org; dmarc=" + "(" * 3000,
    ],
)
def test_broken_results_prove_nothing(field: str) -> None:
    assert _results(f"Authentication-Results: {field}").dmarc is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("=?utf-8?q?a_b?=", "a b"), ("=?UTF-8?B?w6E=?= x", "á x"), ("a =?utf-8?q?b?= c", "a b c"), ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
     ("=?utf-8*es?q?a?=", "a"), ("=?iso-8859-1?q?=F1?= =?utf-8?q?=C3=B1?=", "ññ"), ("=?x", "=?x"), ("=?utf-8?B?w6E?=", "á"),
     ("=?utf-8?q?sin cerrar", "=?utf-8?q?sin cerrar")],
)  # fmt: skip
def test_encoded_words(value: str, text: str) -> None:
    assert decode_words(value) == text


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_field_can_be_decoded(value: str) -> None:
    decode_words("=?utf-8?q?" + value)
    content_field("text/plain; name=" + value)


def test_the_token_is_found_wherever_a_report_repeats_it() -> None:
    token = "abcdefgh234567abcdefgh23"
    for place in (f"To: <bounces+{token}@example.org>", f"Delivered-To: bounces+{token}@EXAMPLE.ORG", f"X-Original-To: bounces+{token}@example.org",
                  f"To: \"x\" <BOUNCES+{token.upper()}@example.org>"):  # fmt: skip
        message = read(f"Return-Path: <>\nFrom: MAILER-DAEMON@x.net\n{place}\n\n550 5.7.1 rejected".encode(), OURS)
        assert message.dsn is not None and message.dsn.token == token and message.dsn.status == "5.7.1"
    for foreign in (
        f"To: bounces+{token}@example.net",
        f"To: xbounces+{token}@example.org",
        f"To: bounces+{token}@example.org.evil.net",
        "To: bounces+x@example.org",
    ):
        message = read(f"Return-Path: <>\nFrom: MAILER-DAEMON@x.net\n{foreign}\n\n550 5.7.1 rejected".encode(), OURS)
        assert message.dsn is not None and message.dsn.token is None


def test_several_recipients_of_a_report_the_worst_counts() -> None:
    report = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822;a@x\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822;b@x\nAction: failed\nStatus: 5.2.2\n"
    message = read(f"From: x@y.net\n{report}".encode(), OURS)
    assert message.dsn is not None and (message.dsn.action, message.dsn.status) == ("failed", "5.2.2")


def test_prose_delays_are_delays() -> None:
    for text in (
        "Your message has been delayed. We will keep trying for 2 days.",
        "La entrega está retrasada; se seguirá intentando.",
    ):
        message = read(
            f"Return-Path: <>\nFrom: MAILER-DAEMON@x.net\nSubject: Delivery Status Notification (Delay)\n\n{text}".encode(),
            OURS,
        )
        assert message.dsn is not None and message.dsn.action == "delayed"


def test_a_large_attachment_right_behind_a_short_text_is_not_copied() -> None:
    """Its name and size come out, and parsing takes no memory of its size."""
    data = bytes(range(256)) * 16_000
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    raw = (
        b"From: ana@example.com\r\nTo: support@example.org\r\nSubject: escrito\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=e\r\n\r\n--e\r\nContent-Type: text/plain\r\n\r\nVa adjunto.\r\n"
        b"--e\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + coded
        + b"--e--\r\n"
    )
    tracemalloc.start()
    message = read(raw, OURS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(one.name, one.size) for one in message.attachments] == [("a.pdf", len(data))]
    assert message.said == "Va adjunto."
    assert peak < len(raw) / 4
