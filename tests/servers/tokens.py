"""An authorisation server on loopback that plays Microsoft's and Google's part, and tells servers which tokens hold.

HTTPS: OpenID discovery and client credentials (secret, or an assertion that is verified), and Google's JWT grant. HTTP:
token introspection (RFC 7662), which Dovecot and the sink ask. Threads of the tests; its attributes are its script.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509

from tests.servers.certificates import Certificate

TENANT, CLIENT, SECRET = "example.onmicrosoft.com", "11111111-2222-3333-4444-555555555555", "canary-client-secret"
ACCOUNT = "mailroom@project.iam.gserviceaccount.com"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(slots=True)
class Script:
    """What the server believes and gives; a test changes it."""

    roles: tuple[str, ...] = ("IMAP.AccessAsApp", "SMTP.SendAsApp")
    mailbox: str = ""  # whose mail its tokens open
    seconds: float = 3600  # how long a token holds, as it says
    error: str | None = None  # an AADSTS code, or Google's error_description, in place of a token
    status: int = 400  # with it
    headers: dict[str, str] = field(default_factory=dict)
    public_key: str = ""  # PEM, of assertions: the app's certificate, or the service account's key
    issued: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    requests: list[dict[str, str]] = field(default_factory=list)


class TokenServer:
    """`with TokenServer(certificate) as server:` starts and stops it."""

    def __init__(self, certificate: Certificate) -> None:
        self.script = Script()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path.endswith("/.well-known/openid-configuration"):
                    self._answer(*outer._discovery(url.path.split("/")[1]))
                elif url.path == "/introspect":
                    self._answer(200, outer._introspect(parse_qs(url.query).get("token", [""])[0]))
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                asked = {key: values[0] for key, values in parse_qs(body).items()}
                outer.script.requests.append(asked)
                self._answer(*outer._token(urlsplit(self.path).path, asked))

            def _answer(self, status: int, answer: object) -> None:
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                for name, value in outer.script.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *words: object) -> None:
                """Nothing on the tests' output."""

        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.cert_file, certificate.key_file)
        self._servers[0].socket = context.wrap_socket(self._servers[0].socket, server_side=True)
        self.endpoint = f"https://127.0.0.1:{self._servers[0].server_port}"
        self.introspection = f"http://127.0.0.1:{self._servers[1].server_port}/introspect?token="

    def __enter__(self) -> TokenServer:
        for one in self._servers:
            threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._servers:
            one.shutdown()
            one.server_close()

    def revoke(self) -> None:
        """All that was issued so far holds no longer."""
        self.script.revoked.update(self.script.issued)

    # ---------------------------------------------------------------------------------------- answers

    def _discovery(self, tenant: str) -> tuple[int, object]:
        if tenant != TENANT:
            return 400, {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
        base = f"{self.endpoint}/{tenant}/oauth2/v2.0"
        return 200, {
            "issuer": f"{self.endpoint}/{tenant}/v2.0",
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
        }

    def _token(self, path: str, asked: dict[str, str]) -> tuple[int, object]:
        script = self.script
        if path == "/token":  # Google
            if script.error is not None:
                error, _, description = script.error.partition(": ")
                return script.status, {"error": error, "error_description": description}
            claims = jwt.decode(asked["assertion"], script.public_key, ["RS256"], audience=f"{self.endpoint}/token")
            assert (claims["iss"], claims["scope"]) == (ACCOUNT, "https://mail.google.com/")
            assert claims["exp"] - claims["iat"] <= 3600
            return 200, self._issue(claims["sub"])
        if script.error is not None:
            return script.status, _entra(script.error)
        if asked.get("client_id") != CLIENT:
            return 400, _entra("AADSTS700016")
        if asked.get("client_assertion_type") == _ASSERTION:
            key = x509.load_pem_x509_certificate(script.public_key.encode()).public_key()
            audience = f"{self.endpoint}/{TENANT}/oauth2/v2.0/token"
            jwt.decode(asked["client_assertion"], key, ["PS256", "RS256"], audience=audience)  # type: ignore[arg-type]
        elif asked.get("client_secret") != SECRET:
            return 401, _entra("AADSTS7000215")
        assert asked["scope"] == "https://outlook.office365.com/.default", asked["scope"]
        return 200, self._issue("")

    def _issue(self, whose: str) -> dict[str, object]:
        claims = {"roles": self.script.roles, "sub": whose, "n": len(self.script.issued)}
        token = f"{_b64({'alg': 'none'})}.{_b64(claims)}.canary-access-token"
        self.script.issued.append(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.script.seconds}

    def _introspect(self, token: str) -> dict[str, Any]:
        script = self.script
        if token not in script.issued or token in script.revoked:
            return {"active": False}
        return {"active": True, "username": script.mailbox, "exp": int(time.time() + 3600), "token_type": "Bearer"}


def _entra(code: str) -> dict[str, object]:
    return {
        "error": "unauthorized_client" if code == "AADSTS700016" else "invalid_client",
        "error_description": f"{code}: canary-prose of the directory. Trace ID: 0 Timestamp: 0",
        "error_codes": [int(code.removeprefix("AADSTS"))],
    }


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
