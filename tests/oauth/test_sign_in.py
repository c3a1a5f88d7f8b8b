"""Signing in by token: to a real Dovecot that asks the authorisation server, to the SMTP sink, and the whole daemon."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailroom.imap import Mailbox
from mailroom.model import Misconfigured, Outcome, Result, Scope, SubmissionKind, Unavailable
from mailroom.oauth import AccessTokens, Bearer, microsoft
from mailroom.smtp import Relay
from tests.scenarios.installation import Installation, until
from tests.scenarios.mail import letter
from tests.servers.certificates import Certificate
from tests.servers.dovecot import Account
from tests.servers.sink import Sink
from tests.servers.tokens import CLIENT, SECRET, TENANT, TokenServer


@pytest.fixture
def bearer(tokens: TokenServer, authority: Certificate, mailbox_by_token: Account) -> Bearer:
    issuer = microsoft.Issuer(
        TENANT, CLIENT, secret=lambda: SECRET, endpoint=tokens.endpoint, ca_file=authority.ca_file
    )
    return Bearer(AccessTokens(issuer), mailbox_by_token.user)


def opened(port: int, bearer: Bearer) -> Mailbox:
    return Mailbox(host="127.0.0.1", port=port, security="none", username=bearer.user, password=None, bearer=bearer)


def aged(bearer: Bearer) -> Bearer:
    """As if its tokens had been issued two minutes ago."""
    clock = bearer.tokens._clock
    bearer.tokens._clock = lambda: clock() + 120
    return bearer


def submit(sink: Sink, bearer: Bearer, domain: str = "example.org") -> Outcome:
    async def run() -> Outcome:
        relay = Relay(
            host="127.0.0.1",
            port=sink.port,
            security="none",
            username=bearer.user,
            password=None,
            bearer=bearer,
            domain=domain,
        )
        try:
            return await relay.submit(SubmissionKind.FORWARD, "", "press@example.org", b"Subject: x\r\n\r\ny\r\n")
        finally:
            relay.close()

    return asyncio.run(run())


@pytest.fixture
def sink_by_token(sink: Sink, tokens: TokenServer) -> Sink:
    sink.script(mechanisms="XOAUTH2", introspection=tokens.introspection, auth_required=True)
    return sink


# ---------------------------------------------------------------------------------------------- imap


def test_dovecot_lets_us_in_by_a_token(mailbox_by_token: Account, bearer: Bearer) -> None:
    mailbox_by_token.deliver(letter(1))
    mailbox = opened(mailbox_by_token.port, bearer)
    uids = mailbox.uids(mailbox.select("INBOX").uidnext)
    assert list(mailbox.bodies(uids).values()) == [letter(1)]
    mailbox.logout()


def test_i19_a_token_that_no_longer_holds_is_replaced_on_the_way_in(
    mailbox_by_token: Account, bearer: Bearer, tokens: TokenServer
) -> None:
    opened(mailbox_by_token.port, bearer).logout()
    tokens.revoke()
    opened(mailbox_by_token.port, aged(bearer)).logout()
    assert len(tokens.script.issued) == 2


def test_a_token_that_is_refused_names_what_the_app_lacks(
    mailbox_by_token: Account, bearer: Bearer, tokens: TokenServer
) -> None:
    tokens.script.mailbox = "somebody-else"
    tokens.script.roles = ()
    with pytest.raises(Misconfigured, match="refused the access token") as caught:
        opened(mailbox_by_token.port, bearer)
    assert "IMAP.AccessAsApp" in caught.value.mend
    assert len(tokens.script.issued) == 1  # a new token would be refused as well


def test_a_server_without_xoauth2_says_so(mailbox: Account, bearer: Bearer) -> None:
    with pytest.raises(Misconfigured, match="offers no XOAUTH2"):
        opened(mailbox.port, bearer)


Step = tuple[bytes, bytes]  # what the client's next line must hold, and the answer; b"TAG" is its tag


@contextmanager
def imap_server(*steps: Step) -> Iterator[tuple[int, list[bytes]]]:
    """A server of a few lines: the port, and the lines that came."""
    listener = socket.create_server(("127.0.0.1", 0))
    lines: list[bytes] = []

    def serve() -> None:
        line, _ = listener.accept()
        with line, line.makefile("rb") as reader:
            line.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
            tag = b""
            for wanted, answer in ((b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK done\r\n"), *steps):
                got = reader.readline()
                lines.append(got)
                tag = got.split(b" ")[0] if wanted else tag
                if wanted not in got:
                    return
                line.sendall(answer.replace(b"TAG", tag))
                if answer.startswith(b"* BYE"):
                    return
            reader.readline()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], lines
    finally:
        listener.close()
        thread.join(5)


def test_i21_the_servers_reason_is_answered_by_an_empty_line(bearer: Bearer) -> None:
    reason = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')
    steps: tuple[Step, ...] = (
        (b"AUTHENTICATE XOAUTH2", b"+ \r\n"),
        (b"", b"+ " + reason + b"\r\n"),
        (b"", b"TAG NO AUTHENTICATE failed.\r\n"),
    )
    with imap_server(*steps) as (port, lines), pytest.raises(Misconfigured, match="refused the access token"):
        opened(port, bearer)
    first = base64.b64decode(lines[2])
    assert first.startswith(f"user={bearer.user}\1auth=Bearer ".encode()) and first.endswith(b"\1\1")
    assert lines[3] == b"\r\n"


SIGNED_IN: tuple[Step, ...] = (
    (b"AUTHENTICATE XOAUTH2", b"+ \r\n"),
    (b"", b"TAG OK AUTHENTICATE completed.\r\n"),
    (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 MOVE\r\nTAG OK done\r\n"),
)


def test_i20_signed_in_and_not_connected_is_for_a_person(bearer: Bearer) -> None:
    steps: tuple[Step, ...] = (*SIGNED_IN, (b"LIST", b"TAG BAD User is authenticated but not connected.\r\n"))
    with imap_server(*steps) as (port, _), pytest.raises(Misconfigured, match="gives no mailbox") as caught:
        opened(port, bearer)
    assert "FullAccess" in caught.value.mend


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (b"TAG NO [UNAVAILABLE] later\r\n", None),
        (b"TAG NO [LIMIT] too many\r\n", None),
        (b"TAG BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n", 92.415),
        (b"* BYE Connection closed. 14\r\n", None),
    ],
)
def test_i18_a_server_that_is_busy_while_we_sign_in_is_no_refusal(
    bearer: Bearer, answer: bytes, seconds: float | None
) -> None:
    steps: tuple[Step, ...] = ((b"AUTHENTICATE XOAUTH2", b"+ \r\n"), (b"", answer))
    with imap_server(*steps) as (port, _), pytest.raises(Unavailable) as caught:
        opened(port, bearer)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (b"TAG NO [UNAVAILABLE] later\r\n", None),
        (b"TAG BAD Request is throttled. Suggested Backoff Time: 5000 milliseconds\r\n", 5.0),
        (b"* BYE Session invalidated - AccessTokenExpired\r\n", None),
    ],
)
def test_i18_a_server_that_is_busy_later_is_unavailable(bearer: Bearer, answer: bytes, seconds: float | None) -> None:
    steps: tuple[Step, ...] = (*SIGNED_IN, (b"LIST", b'* LIST () "/" INBOX\r\nTAG OK done\r\n'), (b"SELECT", answer))
    with imap_server(*steps) as (port, _):
        mailbox = opened(port, bearer)
        with pytest.raises(Unavailable) as caught:
            mailbox.select("INBOX")
        mailbox.drop()
    assert caught.value.retry_after == seconds
    assert type(caught.value) is Unavailable  # not a no to one command: the others would fare no better


# ---------------------------------------------------------------------------------------------- smtp


def test_the_submission_server_takes_the_same_token(
    mailbox_by_token: Account, sink_by_token: Sink, bearer: Bearer, tokens: TokenServer
) -> None:
    opened(mailbox_by_token.port, bearer).logout()
    assert submit(sink_by_token, bearer).result is Result.ACCEPTED
    assert len(tokens.script.issued) == 1


def test_i19_the_submission_server_gets_a_new_token_where_the_old_one_no_longer_holds(
    sink_by_token: Sink, bearer: Bearer, tokens: TokenServer
) -> None:
    assert submit(sink_by_token, bearer).result is Result.ACCEPTED
    tokens.revoke()
    assert submit(sink_by_token, aged(bearer)).result is Result.ACCEPTED
    assert len(tokens.script.issued) == 2


def test_a_token_that_the_submission_server_refuses_is_for_a_person(
    sink_by_token: Sink, bearer: Bearer, tokens: TokenServer
) -> None:
    tokens.script.mailbox = "somebody-else"
    tokens.script.roles = ("IMAP.AccessAsApp",)
    outcome = submit(sink_by_token, bearer)
    assert (outcome.result, outcome.scope, outcome.phase) == (Result.DEFERRED, Scope.RELAY, "auth")
    assert "lacks SMTP.SendAsApp" in outcome.note


def test_no_token_is_the_relays_trouble(sink_by_token: Sink, bearer: Bearer, tokens: TokenServer) -> None:
    tokens.script.error, tokens.script.status, tokens.script.headers = "AADSTS999999", 503, {"Retry-After": "30"}
    outcome = submit(sink_by_token, bearer)
    assert (outcome.result, outcome.scope, outcome.phase, outcome.wait) == (Result.DEFERRED, Scope.RELAY, "auth", 30)
    assert outcome.note == ""
    tokens.script.error, tokens.script.status = "AADSTS7000222", 401
    assert "secret has expired" in submit(sink_by_token, bearer).note


# -------------------------------------------------------------------------------------------- daemon


@pytest.fixture
def installation(
    mailbox_by_token: Account, sink_by_token: Sink, tokens: TokenServer, authority: Certificate, tmp_path: Path
) -> Installation:
    secret = tmp_path / "oauth.secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    return Installation(
        tmp_path / "installation",
        imap=mailbox_by_token.port,
        user=mailbox_by_token.user,
        smtp=sink_by_token.port,
        imap__auth='"xoauth2"',
        smtp__auth='"xoauth2"',
        smtp__username=f'"{mailbox_by_token.user}"',
        oauth2__provider='"microsoft"',
        oauth2__tenant=f'"{TENANT}"',
        oauth2__client_id=f'"{CLIENT}"',
        oauth2__client_secret_file=f'"{secret}"',
        oauth2__endpoint=f'"{tokens.endpoint}"',
        oauth2__ca_file=f'"{authority.ca_file}"',
    )


def test_i19_the_daemon_goes_on_when_its_token_expires_and_counts_no_failure(
    installation: Installation, mailbox_by_token: Account, sink_by_token: Sink, tokens: TokenServer
) -> None:
    tokens.script.seconds = 2
    with installation.running():
        mailbox_by_token.deliver(letter(1))
        until(lambda: mailbox_by_token.count() == 0)
        first = tokens.script.issued[0]
        time.sleep(2)
        tokens.script.revoked.add(first)
        mailbox_by_token.kick()
        mailbox_by_token.deliver(letter(2))
        until(lambda: len(sink_by_token.received()) >= 3 and mailbox_by_token.count() == 0)
    assert len(tokens.script.issued) > 1
    log = installation.logged()
    assert "mailbox-session-ended" in log
    assert "mailbox-unavailable" not in log and "mailbox-refused" not in log
    assert "canary" not in log


def test_the_daemon_says_what_is_wrong_with_its_secret(
    installation: Installation, mailbox_by_token: Account, tokens: TokenServer
) -> None:
    tokens.script.error = "AADSTS7000222"
    assert installation.once() == 1
    assert "the client secret has expired" in installation.logged()
    assert "canary" not in installation.logged()
