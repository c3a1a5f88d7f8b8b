"""The acknowledgement as a real server gets it, field by field (standards.md 1.2), and what must not be in it."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.scenarios.conftest import Post, between
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.dovecot import Account
from tests.servers.sink import Fault, Received, Sink

SECRET = "zanahoria"
FIELDS = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "precedence",
    "x-auto-response-suppress", "x-mailroom-loop", "x-mailroom-reference", "content-language", "mime-version",
    "content-type",
}  # fmt: skip


def answers(post: Post) -> list[Received]:
    return [one for one in post.sink.received() if b"\r\nAuto-Submitted: auto-replied\r\n" in one.data]


def parsed(one: Received) -> EmailMessage:
    return message_from_bytes(one.data, policy=policy.default)


def words(one: Received) -> str:
    """All that can be read in a message: headers, text and HTML."""
    message = parsed(one)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


@pytest.fixture(scope="module")
def first(dovecot: object, tmp_path_factory: pytest.TempPathFactory) -> object:
    """One pass over a few letters; the tests below read what came out."""
    from tests.conftest import _account

    folder = tmp_path_factory.mktemp("answers")
    with Sink(folder / "sink") as sink:
        sink.script(dsn=True)
        post = between(_account(dovecot), sink, folder)  # type: ignore[arg-type]
        post.deliver(
            letter(1, text=f"Good morning, {SECRET}, how do I file a petition? https://{SECRET}.example.com"),
            letter(2, text="Buenos días: quiero presentar una petición y no encuentro el formulario."),
            letter(3, text="They are coming back tonight to kill my brother, please help us."),
            letter(4, extra="References: " + "\r\n ".join(f"<r{n}@example.com>" for n in range(200)) + "\r\n"),
            letter(5).replace(b"<letter.5@example.com>", b"<" + b"a" * 4000 + b"@example.com>"),
            letter(6).replace(b"Message-ID: <letter.6@example.com>\r\n", b""),
            letter(7, sender="Ana.With+tag@example.com"),
        )
        assert post.mailroom.once() == 0
        yield post


def to(post: Post, number: int) -> Received:
    (found,) = [one for one in answers(post) if one.recipient.startswith(f"person{number}@")]
    return found


def test_the_envelope(first: Post) -> None:
    assert len(answers(first)) == 7
    for one in answers(first):
        assert one.sender == ""  # RFC 3834 section 3.3
        assert len(one.recipients) == 1
        assert "NOTIFY=NEVER" in one.rcpt_options  # RFC 3461 section 4.1


def test_every_field(first: Post) -> None:
    message = parsed(to(first, 1))
    assert {name.lower() for name in message.keys()} == FIELDS  # noqa: SIM118
    assert len(message.keys()) == len(FIELDS)  # none twice
    assert re.fullmatch(r".+ <support@example\.org>", message["From"])
    assert message["To"] == "person1@example.com"
    assert message["In-Reply-To"] == "<letter.1@example.com>"
    assert message["References"] == "<letter.1@example.com>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Mailroom-Loop"] == "support@example.org"
    assert re.fullmatch(r"SU-\d{4}-\d{6}-\w", message["X-Mailroom-Reference"])
    assert re.fullmatch(r"<m1\.a\.\w{16}\.\w{16}@example\.org>", message["Message-ID"])
    assert message["Content-Language"] == "en"
    assert parsedate_to_datetime(message["Date"]).tzinfo is not None
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html"
    ]  # fmt: skip
    assert all(part.get_content_charset() == "utf-8" for part in message.walk() if not part.is_multipart())


def test_bytes_that_every_server_takes(first: Post) -> None:
    for one in answers(first):
        assert one.data.isascii()
        assert b"\n" not in one.data.replace(b"\r\n", b"")
        assert max(map(len, one.data.split(b"\r\n"))) <= 998
        text = next(part for part in parsed(one).walk() if part.get_content_type() == "text/plain")
        assert len(text.get_content().encode()) < 4_000


def test_nothing_of_the_letter_is_in_its_answer(first: Post) -> None:
    said = words(to(first, 1)).lower()
    for word in (SECRET, "petition? (1)", "how do i file", "good morning"):
        assert word not in said


def test_the_language_of_the_person(first: Post) -> None:
    assert parsed(to(first, 2))["Content-Language"] == "es"
    assert "Hemos recibido su mensaje" in parsed(to(first, 2))["Subject"]


def test_a_sensitive_letters_answer_says_no_number_and_nothing_of_the_matter(first: Post) -> None:
    one = to(first, 3)
    message = parsed(one)
    assert message["Subject"] == "We have received your message"
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            assert not re.search(r"\d|brother|kill|precautionary|SU-", part.get_content())


def test_a46_references_keep_the_first_and_the_last(first: Post) -> None:
    found = parsed(to(first, 4))["References"].split()
    assert found[0] == "<r0@example.com>"
    assert found[-2:] == ["<r199@example.com>", "<letter.4@example.com>"]
    assert len(found) <= 22


@pytest.mark.parametrize("number", [5, 6])
def test_a44_a45_without_a_usable_message_id_nothing_is_threaded(first: Post, number: int) -> None:
    message = parsed(to(first, number))
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_the_address_is_used_as_it_was_written(first: Post) -> None:
    assert [one.recipient for one in answers(first) if "tag" in one.recipient] == ["Ana.With+tag@example.com"]


# ----------------------------------------------------------------------------------------------- threats


def test_t04_what_people_write_is_never_a_template(post: Post) -> None:
    raw = letter(1, text="{{7*7}} {% for x in range(9) %}{{ reference }}{% endfor %} how do I file a petition?")
    post.deliver(raw.replace(b"Subject: How", b"Subject: {{7*7}} ${7*7} How"))
    assert post.mailroom.once() == 0
    (answer,) = answers(post)
    (forward,) = [one for one in post.sink.received() if one is not answer and one.sender]
    assert "{{7*7}}" in words(forward)
    assert not re.search(r"\{\{|\b49\b", words(answer).replace(parsed(answer)["Date"], ""))


def test_t05_html_is_shown_to_staff_as_text_and_to_nobody_as_html(post: Post) -> None:
    evil = '<script>alert(1)</script><p>how do I file a petition? "><img src=x onerror=alert(1)></p>'
    post.deliver(letter(1, text=evil).replace(b"text/plain", b"text/html"))
    assert post.mailroom.once() == 0
    for one in post.sink.received():
        html = [part.get_content() for part in parsed(one).walk() if part.get_content_type() == "text/html"]
        assert not any(word in page for page in html for word in ("<script", "onerror", "<img"))
        if one.sender:
            assert html == []  # a forward holds none at all


def test_t06_a_template_that_is_taken_away_leaves_the_old_set_in_force(post: Post) -> None:
    template = post.mailroom.folder / "templates" / "fr" / "general.txt"
    with post.mailroom.running() as running:
        until(lambda: "started" in running.logged())
        template.write_text("{{ nobody }}\n", encoding="utf-8")
        until(lambda: "policy-refused" in running.logged())
        post.deliver(letter(1, text="Bonjour, je voudrais savoir comment présenter une pétition à la Commission."))
        until(lambda: post.account.count() == 0)
    (answer,) = answers(post)
    assert parsed(answer)["Content-Language"] == "fr"
    assert "Nous avons" in words(answer)


def test_t14_a_thousand_forged_letters_bring_the_victim_one_answer_at_most(post: Post) -> None:
    victim = "victim@example.net"
    forged = [letter(n, sender=victim, text=f"How do I file a petition? {n}") for n in range(1000)]
    proved_false = [one.replace(b"dmarc=pass", b"dmarc=fail") for one in forged[:500]]
    unproved = [re.sub(rb"Authentication-Results:.*\r\n", b"", one) for one in forged[500:]]
    elsewhere = [one.replace(b"<victim@example.net>", b"<x@example.com>", 1) for one in unproved]
    post.account.server.deliver_all(post.account.user, [*proved_false, *elsewhere])
    assert post.mailroom.once() == 0
    assert post.forwards() == 1000
    assert len(answers(post)) == 0


def test_t14_even_with_good_papers_one_sender_gets_few(post: Post) -> None:
    post.account.server.deliver_all(post.account.user, [letter(n, sender="victim@example.net") for n in range(40)])
    assert post.mailroom.once() == 0
    assert (post.forwards(), len(answers(post))) == (40, 3)


def test_t15_the_answer_to_a_sensitive_letter_is_the_same_whatever_the_rules_found(post: Post) -> None:
    texts = (
        "My son is in prison and the guards beat him last year. I write to tell you about it.",
        "I am a trans woman and I was dismissed because of it. I write to tell you about it.",
        "My daughter, who is nine, was abused at her school last year. I write to tell you about it.",
    )
    post.deliver(*(re.sub(rb"Subject: .*", b"Subject: Hello\r", letter(n, text=text)) for n, text in enumerate(texts)))
    assert post.mailroom.once() == 0
    units = {one.recipient for one in post.sink.received() if one.sender}
    assert len(units) > 1
    bodies = {
        tuple(part.get_content() for part in parsed(one).walk() if not part.is_multipart()) for one in answers(post)
    }
    assert len(answers(post)) == 3
    assert len(bodies) == 1
    assert len({parsed(one)["Subject"] for one in answers(post)}) == 1


def test_where_the_server_refuses_the_null_sender_another_one_takes_its_place(
    mailbox: Account, sink: Sink, tmp_path: Path
) -> None:
    post = between(mailbox, sink, tmp_path, smtp__instead_of_null='"no-reply@example.org"')
    sink.script(Fault("mail", code=550, text="5.1.7 no null sender here", sender=""))
    post.deliver(letter(1), letter(2))
    assert post.mailroom.once() == 0
    assert [one.sender for one in answers(post)] == ["no-reply@example.org"] * 2
    assert post.forwards() == 2


def test_without_another_sender_a_refused_null_sender_costs_the_answer_and_nothing_else(post: Post) -> None:
    post.sink.script(Fault("mail", code=550, text="5.1.7 no null sender here", sender=""))
    post.deliver(letter(1))
    post.mailroom.once()
    assert (post.forwards(), len(answers(post))) == (1, 0)
    assert post.account.count() == 0
