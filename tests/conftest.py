"""What several rooms' tests need: a real Dovecot for the session, a mailbox for each test, an SMTP sink.

Where Dovecot is missing these tests are skipped, and on a build server (CI=true) they fail.
"""

from __future__ import annotations

import itertools
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios import installation
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.dovecot import PASSWORD, WITHOUT_MOVE, WITHOUT_MOVE_AND_UIDPLUS, Account, Dovecot, find
from tests.servers.sink import Sink
from tests.servers.tokens import Script, TokenServer

_numbers = itertools.count(1)


CANARIES = ("@", "person1", "file a petition", "Good morning", "example.com", "buenos", PASSWORD + '"')
"""Of addresses, names, subjects, texts and secrets in the mail of tests: none of them may stand in a log (T-23)."""


@pytest.fixture(autouse=True)
def _no_word_of_any_message_in_any_log() -> Iterator[None]:
    """T-21, T-23: after every test that runs the daemon, all that it wrote is searched."""
    installation.MADE.clear()
    yield
    for one in installation.MADE:
        for line in one.logged().splitlines():
            found = [word for word in CANARIES if word.lower() in line.lower()]
            assert not found, f"the log holds {found}: {line}"
            if line.startswith("{"):
                assert {"at", "level", "event"} <= json.loads(line).keys()


def _running(
    capability: str | None = None, tls: Certificate | None = None, introspection: str | None = None
) -> Iterator[Dovecot]:
    if find() is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
        pytest.skip("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    with Dovecot(capability, tls, introspection) as server:
        yield server


def _account(server: Dovecot) -> Account:
    return Account(server, f"u{next(_numbers)}-{secrets.token_hex(3)}")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A private certificate authority with a certificate for 127.0.0.1 and localhost."""
    folder = tmp_path_factory.mktemp("authority")
    return certificates.make(folder)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    yield from _running()


@pytest.fixture(scope="session")
def dovecot_without_move() -> Iterator[Dovecot]:
    """It announces UIDPLUS, and no MOVE."""
    yield from _running(WITHOUT_MOVE)


@pytest.fixture(scope="session")
def dovecot_without_move_and_uidplus() -> Iterator[Dovecot]:
    yield from _running(WITHOUT_MOVE_AND_UIDPLUS)


@pytest.fixture(scope="session")
def dovecot_with_tls(authority: Certificate) -> Iterator[Dovecot]:
    """STARTTLS on `port`, TLS on `tls_port`; trust `ca_file`."""
    yield from _running(tls=authority)


@pytest.fixture(scope="session")
def _token_server(authority: Certificate) -> Iterator[TokenServer]:
    with TokenServer(authority) as server:
        yield server


@pytest.fixture
def tokens(_token_server: TokenServer) -> TokenServer:
    """An authorisation server with nothing issued yet."""
    _token_server.script = Script()
    return _token_server


@pytest.fixture(scope="session")
def dovecot_with_tokens(_token_server: TokenServer) -> Iterator[Dovecot]:
    """Users sign in by the tokens of `tokens` alone."""
    yield from _running(introspection=_token_server.introspection)


@pytest.fixture
def mailbox_by_token(dovecot_with_tokens: Dovecot, tokens: TokenServer) -> Account:
    """An empty mailbox that the tokens of `tokens` open."""
    account = _account(dovecot_with_tokens)
    tokens.script.mailbox = account.user
    return account


@pytest.fixture
def mailbox_with_rights() -> Iterator[Account]:
    """A mailbox on a server of this test alone, with rights that can be taken away and a folder of suspected spam."""
    if find() is None:
        pytest.skip("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    with Dovecot(acl=True) as server:
        yield _account(server)


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Account:
    """An empty mailbox of this test alone, on the shared server."""
    return _account(dovecot)


@pytest.fixture
def mailbox_without_move(dovecot_without_move: Dovecot) -> Account:
    return _account(dovecot_without_move)


@pytest.fixture
def mailbox_without_move_and_uidplus(dovecot_without_move_and_uidplus: Dovecot) -> Account:
    return _account(dovecot_without_move_and_uidplus)


@pytest.fixture
def private_dovecot() -> Iterator[Dovecot]:
    """A server of this test alone, which it may stop and restart."""
    yield from _running()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    """An SMTP server that keeps what it accepts."""
    with Sink(tmp_path / "sink") as running:
        yield running
