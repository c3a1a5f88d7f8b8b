"""T-22: a server whose TLS is wrong gets no credential and no message, and the person reads why."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from mailroom.imap import Mailbox
from mailroom.model import Misconfigured, Outcome, Scope, SubmissionKind, Unavailable
from mailroom.smtp import Relay
from tests.servers.bad_tls import BadServer, certificate

PROTOCOLS = ("imap", "smtp")


def attempt(server: BadServer, **changed: Any) -> str:
    """Try to sign in; why it did not work, as a person would read it."""
    settings: dict[str, Any] = {
        "host": "localhost",
        "port": server.port,
        "security": "tls" if server.implicit else "starttls",
        "username": "canary-user",
        "password": "canary-password",
        "ca_file": server.certificate.ca_file,
    } | changed
    if server.protocol == "imap":
        with pytest.raises((Unavailable, Misconfigured)) as caught:
            Mailbox(**settings)
        return f"{type(caught.value).__name__}: {caught.value}"

    async def submit() -> Outcome:
        relay = Relay(**settings, domain="example.org")
        try:
            return await relay.submit(SubmissionKind.FORWARD, "", "press@example.org", b"canary-message\r\n")
        finally:
            relay.close()

    outcome = asyncio.run(submit())
    assert outcome.scope is Scope.RELAY
    return f"{'Misconfigured' if outcome.note else 'Unavailable'}: {outcome.note} {outcome.phase} {outcome.code}"


def nothing_was_given_away(server: BadServer) -> None:
    heard = b"".join(server.heard).upper()
    assert b"CANARY" not in heard and b"AUTH" not in heard and b"MAIL" not in heard


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("other.example.org", {}, "Hostname mismatch"),
        ("localhost", {"expired": True}, "expired"),
        ("localhost", {"self_signed": True}, "self-signed|unable to get local issuer"),
    ],
)
def test_t22_a_wrong_certificate(
    protocol: str, implicit: bool, name: str, wrong: dict[str, bool], words: str, tmp_path: Path
) -> None:
    with BadServer(protocol, certificate(tmp_path, name, **wrong), implicit=implicit) as server:
        why = attempt(server)
    assert why.startswith("Misconfigured") and "certificate is not valid" in why
    assert any(one in why for one in words.split("|"))
    nothing_was_given_away(server)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_t22_an_authority_that_is_not_ours(protocol: str, tmp_path: Path) -> None:
    with BadServer(protocol, certificate(tmp_path), implicit=True) as server:
        assert "certificate is not valid" in attempt(server, ca_file=None)
    nothing_was_given_away(server)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_t22_starttls_that_somebody_stripped(protocol: str, tmp_path: Path) -> None:
    with BadServer(protocol, certificate(tmp_path), stripped=True) as server:
        why = attempt(server)
    assert why.startswith("Misconfigured") and "STARTTLS" in why
    nothing_was_given_away(server)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_t22_starttls_that_is_refused(protocol: str, tmp_path: Path) -> None:
    with BadServer(protocol, certificate(tmp_path), refuses=True) as server:
        assert attempt(server).startswith(("Unavailable", "Refused"))
    nothing_was_given_away(server)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_t22_tls_that_is_too_old(protocol: str, implicit: bool, tmp_path: Path) -> None:
    wrong = certificate(tmp_path)
    with BadServer(protocol, wrong, implicit=implicit, old=True) as server:
        assert attempt(server).startswith("Unavailable")
        nothing_was_given_away(server)
        context = ssl.create_default_context(cafile=str(wrong.ca_file))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1_1  # else this test would show nothing of ours
        if implicit:
            with socket.create_connection(("localhost", server.port)) as line:
                assert context.wrap_socket(line, server_hostname="localhost").version() == "TLSv1.1"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_t22_what_is_injected_before_tls_is_not_believed(protocol: str, tmp_path: Path) -> None:
    injected = {
        "imap": b"* CAPABILITY IMAP4rev1 LOGINDISABLED EVIL\r\n* BYE evil\r\n",
        "smtp": b"250-evil\r\n250 AUTH XOAUTH2\r\n235 2.7.0 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n",
    }
    with BadServer(protocol, certificate(tmp_path), injects=injected[protocol]) as server:
        why = attempt(server)
    # Either the session ends, or what came in clear is thrown away and the server under TLS says its no.
    assert "refused the user name" in why or why.startswith("Unavailable")
    assert not any(b"canary-message" in one for one in server.heard)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_right_certificate_of_our_own_authority_is_believed(protocol: str, tmp_path: Path) -> None:
    """Else the tests above would pass on a client that can't do TLS at all."""
    for implicit in (True, False):
        with BadServer(protocol, certificate(tmp_path), implicit=implicit) as server:
            why = attempt(server)
        assert "refused the user name" in why or "auth 535" in why
