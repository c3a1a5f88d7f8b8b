"""Access tokens against an authorisation server that plays Microsoft's and Google's part."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailroom.model import Misconfigured, Unavailable
from mailroom.oauth import AccessTokens, Issued, google, microsoft
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.tokens import ACCOUNT, CLIENT, SECRET, TENANT, TokenServer


class Counted:
    """An issuer without a network."""

    def __init__(self, seconds: float = 3600) -> None:
        self.seconds, self.count, self.fails = seconds, 0, False

    def issue(self, user: str) -> Issued:
        if self.fails:
            raise Unavailable("away")
        self.count += 1
        return Issued(f"token-{self.count}", self.seconds)

    def whose(self, user: str) -> str:
        return ""

    def mend(self, token: str, service: str) -> str:
        return ""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def of_microsoft(server: TokenServer, authority: Certificate, **changed: object) -> microsoft.Issuer:
    settings: dict[str, object] = {
        "tenant": TENANT,
        "client_id": CLIENT,
        "secret": lambda: SECRET,
        "endpoint": server.endpoint,
        "ca_file": authority.ca_file,
    }
    return microsoft.Issuer(**{**settings, **changed})  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- keeping


def test_one_token_serves_all_and_is_renewed_five_minutes_before_its_end() -> None:
    issuer, clock = Counted(), Clock()
    tokens = AccessTokens(issuer, clock)
    assert {tokens.current("a@example.org"), tokens.current("b@example.org")} == {"token-1"}
    clock.now += 3600 - 301
    assert tokens.current("a@example.org") == "token-1"
    clock.now += 2
    assert tokens.current("a@example.org") == "token-2"


def test_a_renewal_that_fails_costs_nothing_while_the_old_token_holds() -> None:
    issuer, clock = Counted(), Clock()
    tokens = AccessTokens(issuer, clock)
    tokens.current("a@example.org")
    issuer.fails = True
    clock.now += 3500
    assert tokens.current("a@example.org") == "token-1"
    clock.now += 101
    with pytest.raises(Unavailable):
        tokens.current("a@example.org")


def test_a_refused_token_is_replaced_once_for_all_connections_and_not_where_it_was_new() -> None:
    issuer, clock = Counted(), Clock()
    tokens = AccessTokens(issuer, clock)
    first = tokens.current("a@example.org")
    assert tokens.another("a@example.org", first) is None  # a second one would be refused as well
    clock.now += 120
    assert tokens.another("a@example.org", first) == "token-2"
    assert tokens.another("a@example.org", first) == "token-2"  # of a second connection that was refused
    assert issuer.count == 2


def test_threads_that_ask_at_once_get_the_same_token() -> None:
    tokens = AccessTokens(issuer := Counted())
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.current("a@example.org"))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert got == ["token-1"] * 8
    assert issuer.count == 1


def test_t21_a_token_stands_in_no_repr() -> None:
    assert "canary" not in repr(Issued("canary", 1.0))
    assert "canary" not in repr(microsoft.Issuer(TENANT, CLIENT, secret=lambda: "canary"))


# ----------------------------------------------------------------------------------------- microsoft


def test_microsoft_gives_a_token_for_a_secret(tokens: TokenServer, authority: Certificate) -> None:
    issued = of_microsoft(tokens, authority).issue("a@example.org")
    assert [issued.value] == tokens.script.issued
    assert 3590 <= issued.seconds <= 3600


def test_microsoft_gives_a_token_for_a_certificate(tokens: TokenServer, authority: Certificate, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = certificates.for_key(tmp_path, key)
    tokens.script.public_key = pem
    both = pem + _pem(key)
    issued = of_microsoft(tokens, authority, secret=None, certificate=lambda: both).issue("a@example.org")
    assert [issued.value] == tokens.script.issued
    assert "client_secret" not in tokens.script.requests[-1]


@pytest.mark.parametrize("wrong", ["no PEM", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"])
def test_a_certificate_file_without_both_parts_says_so(tokens: TokenServer, authority: Certificate, wrong: str) -> None:
    with pytest.raises(Misconfigured, match="does not hold both certificate and key"):
        of_microsoft(tokens, authority, secret=None, certificate=lambda: wrong).issue("a@example.org")


def test_a_wrong_secret_is_said_with_its_mend(tokens: TokenServer, authority: Certificate) -> None:
    with pytest.raises(Misconfigured, match=r"client secret is wrong \(AADSTS7000215\)") as caught:
        of_microsoft(tokens, authority, secret=lambda: "canary-wrong").issue("a@example.org")
    assert "Value" in caught.value.mend
    assert "canary" not in f"{caught.value}{caught.value.mend}"


def test_an_unknown_app_and_an_unknown_tenant_are_said(tokens: TokenServer, authority: Certificate) -> None:
    with pytest.raises(Misconfigured, match=r"app is not known in this tenant \(AADSTS700016\)"):
        of_microsoft(tokens, authority, client_id="another").issue("a@example.org")
    with pytest.raises(Misconfigured, match="tenant is not known"):
        of_microsoft(tokens, authority, tenant="other.example.org").issue("a@example.org")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AADSTS7000222", "secret has expired"),
        ("AADSTS90002", "tenant is not known"),
        ("AADSTS900023", "tenant is not known"),
        ("AADSTS65001", "consent is missing"),
        ("AADSTS700027", "certificate is not the app's"),
        ("AADSTS700024", "times in our request are wrong"),
        ("AADSTS7000112", "app is disabled"),
        ("AADSTS500011", "Exchange Online is not part"),
        ("AADSTS53003", "Conditional Access"),
        ("AADSTS999999", "999999"),
    ],
)
def test_each_no_of_microsoft_has_its_words_and_a_mend(
    tokens: TokenServer, authority: Certificate, code: str, words: str
) -> None:
    tokens.script.error = code
    with pytest.raises(Misconfigured, match=words) as caught:
        of_microsoft(tokens, authority).issue("a@example.org")
    assert len(caught.value.mend) > 20
    assert "canary" not in f"{caught.value}{caught.value.mend}"


def test_a_busy_endpoint_is_left_alone_for_as_long_as_it_asks(tokens: TokenServer, authority: Certificate) -> None:
    tokens.script.error, tokens.script.status = "AADSTS999999", 429
    tokens.script.headers = {"Retry-After": "42"}
    with pytest.raises(Unavailable, match="answers 429") as caught:
        of_microsoft(tokens, authority).issue("a@example.org")
    assert caught.value.retry_after == 42


def test_no_way_to_the_endpoint_is_unavailable_and_a_strange_certificate_for_a_person(
    tokens: TokenServer, authority: Certificate, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        of_microsoft(tokens, authority, endpoint="https://127.0.0.1:1").issue("a@example.org")
    stranger = certificates.make(tmp_path)
    with pytest.raises(Misconfigured, match=r"certificate of .* is not valid"):
        of_microsoft(tokens, stranger).issue("a@example.org")


def test_what_the_token_lacks_is_the_first_thing_to_mend(tokens: TokenServer, authority: Certificate) -> None:
    issuer = of_microsoft(tokens, authority)
    tokens.script.roles = ("SMTP.SendAsApp",)
    without = issuer.issue("a@example.org").value
    assert "lacks IMAP.AccessAsApp" in issuer.mend(without, "IMAP")
    assert "New-ServicePrincipal" in issuer.mend(without, "SMTP")
    assert "New-ServicePrincipal" in issuer.mend("opaque", "IMAP")


# -------------------------------------------------------------------------------------------- google


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def key_file(server: TokenServer, **changed: str) -> str:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    server.script.public_key = public.decode()
    account = {
        "type": "service_account",
        "client_email": ACCOUNT,
        "private_key": _pem(key),
        "private_key_id": "1",
        "token_uri": f"{server.endpoint}/token",
    }
    return json.dumps(account | changed)


def test_google_gives_a_token_for_one_mailbox(tokens: TokenServer, authority: Certificate) -> None:
    text = key_file(tokens)
    kept = AccessTokens(google.Issuer(lambda: text, authority.ca_file))
    first = kept.current("a@example.org")
    assert kept.current("A@example.org") == first != kept.current("b@example.org")
    assert len(tokens.script.issued) == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("unauthorized_client: Client is unauthorized to retrieve access tokens using this method", "may not act"),
        ("invalid_grant: Invalid JWT Signature.", "key is no longer"),
        ("invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes)", "times in our request"),
        ("invalid_grant: Invalid email or User ID", "mailbox is not known"),
        ("invalid_grant: Invalid grant: account not found", "service account is gone"),
        ("invalid_grant: something new", "mailbox, the key or the clock"),
        ("other: something new", "gives no access token"),
    ],
)
def test_each_no_of_google_has_its_words_and_a_mend(
    tokens: TokenServer, authority: Certificate, error: str, words: str
) -> None:
    text = key_file(tokens)
    tokens.script.error = error
    with pytest.raises(Misconfigured, match=words) as caught:
        google.Issuer(lambda: text, authority.ca_file).issue("a@example.org")
    assert len(caught.value.mend) > 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON"),
        ("[]", "not the key of a service account"),
        ('{"type": "service_account", "client_email": "x", "token_uri": "x"}', "private_key is missing"),
        (
            '{"type": "service_account", "client_email": "x", "private_key": "x",'
            ' "token_uri": "https://token.example.com/"}',
            "token_uri is not Google's",
        ),
        (
            '{"type": "service_account", "client_email": "x", "private_key": "x",'
            ' "token_uri": "https://oauth2.googleapis.com/token"}',
            "private_key cannot be read",
        ),
    ],
)
def test_a_key_file_that_is_none_is_said(text: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        google.Issuer(lambda: text).issue("a@example.org")
