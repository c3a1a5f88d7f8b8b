"""Mailboxes that are slow, full or gone; forwards that come back: the real daemon between a real mailbox and a sink."""

from __future__ import annotations

import signal
import sqlite3

import pytest

from mailroom.identity import make_token
from mailroom.model import Ours
from tests.scenarios.conftest import Post
from tests.scenarios.installation import until
from tests.scenarios.mail import letter
from tests.servers.sink import Fault

REGISTRY, PROCESSING, DEFAULT = (
    f"{name}@example.org" for name in ("petitions-registry", "petitions-processing", "user-support")
)
PRESS = "I am a journalist and write for a newspaper. I request an interview with the press office."


def recipients(post: Post) -> list[str]:
    return [one.recipient for one in post.sink.received() if one.sender]


def test_a_mailbox_that_puts_mail_off_is_tried_once_and_holds_up_no_other(post: Post) -> None:
    post.sink.script(Fault("rcpt", code=452, text="4.2.2 mailbox full", recipient=REGISTRY))
    post.deliver(
        *[letter(n) for n in range(30)], letter(40, text=PRESS).replace(b"How do I file a petition?", b"Press")
    )
    assert post.mailroom.once() == 1
    assert REGISTRY not in recipients(post)
    assert len(recipients(post)) == 1  # the one for another unit
    # Those under way on the four connections when the first was put off may have been tried as well.
    assert 1 <= len(post.sink.fired()) <= 4
    tried = len(post.sink.fired())
    assert post.mailroom.once() == 1
    assert len(post.sink.fired()) == tried  # a restart is no reason to ask again
    post.sink.script()
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as ledger:
        ledger.execute("UPDATE hold SET until = 0")
        ledger.execute("UPDATE submission SET due_at = 0")
    assert post.mailroom.once() == 0
    assert post.audit() == []


def test_d15_after_four_days_the_fallback_gets_it(post: Post) -> None:
    post.sink.script(Fault("rcpt", code=450, text="4.2.1 try later", recipient=REGISTRY))
    post.deliver(*[letter(n) for n in range(5)])
    assert post.mailroom.once() == 1
    with sqlite3.connect(post.mailroom.folder / "state" / "ledger.db") as ledger:
        ledger.execute(f"UPDATE submission SET due_at = 0, created_at = created_at - {4 * 86400 + 60}")
        ledger.execute("UPDATE submission SET changed_at = created_at")
    assert post.mailroom.once() == 0
    assert recipients(post) == [PROCESSING] * 5
    assert post.audit() == []


# ------------------------------------------------------------------------------------------- bounces

RETURNED = "Message-ID: <f@example.org>\r\nFrom: support@example.org\r\nSubject: [registry] a question\r\n"

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: {token}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20261102.A1@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B/mail.example.org"

This is a MIME-encapsulated message.

--B/mail.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered to one or more recipients.

<registry@example.org>: host mx.example.org said: 550 5.1.1 User unknown (in reply to RCPT TO command)

--B/mail.example.org
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
X-Postfix-Sender: rfc822; {token}

Final-Recipient: rfc822; registry@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--B/mail.example.org
Content-Type: text/rfc822-headers

Return-Path: <{token}>
{returned}
--B/mail.example.org--
"""

EXCHANGE = """\
Return-Path: <>
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>
To: {token}
Subject: Undeliverable: [registry] a question
Message-ID: <ndr.1@ex.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_000_ndr"

--_000_ndr
Content-Type: multipart/alternative; boundary="_alt"

--_alt
Content-Type: text/plain; charset="utf-8"

Delivery has failed to these recipients or groups:

registry@example.org
The email address you entered couldn't be found.

--_alt
Content-Type: text/html; charset="utf-8"

<html><body><p>Delivery has failed to these recipients or groups</p></body></html>
--_alt--

--_000_ndr
Content-Type: message/delivery-status

Reporting-MTA: dns;ex.example.org
Received-From-MTA: dns;mail.example.org

Final-Recipient: rfc822;registry@example.org
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--_000_ndr
Content-Type: message/rfc822

{returned}
Text.
--_000_ndr--
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: {token}
Subject: failure notice
Message-ID: <qmail.1@mx.example.org>

Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<registry@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{token}>
{returned}
Text.
"""

EXIM = """\
Return-Path: <>
X-Failed-Recipients: registry@example.org
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: {token}
Subject: Mail delivery failed: returning message to sender
Message-ID: <exim.1@mx.example.org>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  registry@example.org
    all relevant MX records point to non-existent hosts
"""


def report(form: str, token: str) -> bytes:
    return form.format(token=token, returned=RETURNED.replace("\r\n", "\n")).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("form", [POSTFIX, EXCHANGE, QMAIL, EXIM], ids=["postfix", "exchange", "qmail", "exim"])
def test_d09_reports_as_real_servers_write_them_send_it_to_the_fallback_once(post: Post, form: str) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (forward,) = [one for one in post.sink.received() if one.sender]
    assert forward.recipient == REGISTRY
    post.account.deliver(report(form, forward.sender))
    assert post.mailroom.once() == 0
    assert recipients(post) == [REGISTRY, PROCESSING]
    post.account.deliver(report(form, forward.sender).replace(b"\r\nMessage-ID: <", b"\r\nMessage-ID: <again."))
    assert post.mailroom.once() == 0
    assert recipients(post) == [REGISTRY, PROCESSING]  # T-19: a token counts once
    assert post.answers() == 1  # the person's; nobody answers a report
    assert post.account.count("Mailroom/Automatic") == 2


def test_a53_a_report_of_a_delay_is_only_filed(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (forward,) = [one for one in post.sink.received() if one.sender]
    delayed = report(POSTFIX, forward.sender).replace(b"Action: failed", b"Action: delayed")
    post.account.deliver(delayed.replace(b"Status: 5.1.1", b"Status: 4.4.1"))
    assert post.mailroom.once() == 0
    assert recipients(post) == [REGISTRY]
    with post.mailroom.ledger() as ledger:
        assert ("forward", "bounced") not in ledger.health(ledger.follow(1)[0].at).submissions


def test_t19_a_token_that_somebody_made_up_or_changed_opens_nothing(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    (forward,) = [one for one in post.sink.received() if one.sender]
    local, _, domain = forward.sender.partition("@")
    changed = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    with post.mailroom.ledger() as ledger:
        name = ledger.overview()[0].reference
    other_key = make_token(Ours("support@example.org", key=b"another"), f"{name}/forward/petitions-registry/0")
    for number, address in enumerate((changed, f"bounces+{other_key}@{domain}", f"bounces+{'a' * 24}@{domain}")):
        raw = report(POSTFIX, address).replace(b"Message-ID: <2026", b"Message-ID: <%d.2026" % number)
        post.account.deliver(raw)
    assert post.mailroom.once() == 0
    assert PROCESSING not in recipients(post)  # its fallback
    with post.mailroom.ledger() as ledger:
        assert all(one.became != "bounced" for one in ledger.follow(1000))


def test_t19_the_token_of_an_older_forward_does_not_reopen_its_successor(post: Post) -> None:
    post.deliver(letter(1))
    assert post.mailroom.once() == 0
    for number in range(3):
        forwards = [one for one in post.sink.received() if one.sender]
        raw = report(POSTFIX, forwards[-1].sender).replace(b"Message-ID: <2026", b"Message-ID: <%d.2026" % number)
        post.account.deliver(raw)
        assert post.mailroom.once() == 0
    assert recipients(post) == [REGISTRY, PROCESSING, DEFAULT]  # the last one bounced: nobody is left
    old = report(POSTFIX, forwards[0].sender).replace(b"Message-ID: <2026", b"Message-ID: <old.2026")
    post.account.deliver(old)
    assert post.mailroom.once() == 0
    assert len(recipients(post)) == 3
    with post.mailroom.ledger() as ledger:
        rows = ledger.follow(1000)
        references, since = ledger.undeliverable(rows[-1].at)
    assert references == [rows[0].reference]
    assert since is not None


@pytest.mark.provokes("bounced")
def test_d09_an_alert_says_what_came_back_and_who_gets_it_now(post: Post) -> None:
    text = post.mailroom.config.read_text() + '[alerts]\nto = ["it@example.org"]\n'
    post.mailroom.config.write_text(text)
    post.deliver(letter(1))
    with post.mailroom.running():
        until(lambda: post.forwards() == 1)
        (forward,) = [one for one in post.sink.received() if one.sender]
        post.account.deliver(report(QMAIL, forward.sender))
        until(lambda: any(one.recipient == "it@example.org" for one in post.sink.received()))
    (alert,) = [one.data.decode() for one in post.sink.received() if one.recipient == "it@example.org"]
    text = alert.replace("=\r\n", "").replace("\r\n", " ")
    assert "A forward came back after it had been accepted" in text
    with post.mailroom.ledger() as ledger:
        reference = ledger.overview()[0].reference
    assert f"{reference}, sent to petitions-registry" in text
    assert "now to petitions-processing" in text
    assert "person1@example.com" not in text


def test_d16_a_machine_that_goes_down_over_and_over_makes_one_message_unreadable_and_not_all(post: Post) -> None:
    """Each try is counted before it is made: first of all ten, then of the one that is read by itself."""
    post.deliver(*[letter(number) for number in range(10)])
    for _ in range(4):
        process = post.mailroom.start(module="tests.scenarios.driven", words=("kill", "ledger.decided"))
        assert process.wait(60) == -signal.SIGKILL
    assert post.mailroom.once() == 0
    assert post.audit(repeats=0) == []
    assert post.answers() == 9
