"""IMAP and SMTP servers of a few lines whose TLS is wrong in one way each: threads of the tests (T-22).

Promises: `heard` is every line that reached the server, in clear or under TLS, so that a test can show that no
credential was among them.
"""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.certificates import Certificate


def certificate(
    folder: Path, name: str = "localhost", *, expired: bool = False, self_signed: bool = False
) -> Certificate:
    """A certificate of an authority that the client is told to believe; wrong as asked for."""
    now = datetime.datetime.now(datetime.UTC)
    until = now + datetime.timedelta(days=-1 if expired else 2)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in ("Tests", name))

    def build(whose: x509.Name, by: x509.Name, public: ec.EllipticCurvePublicKey, ca: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(by, whose, public, x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(now + datetime.timedelta(days=2) if ca else until)
            .add_extension(x509.BasicConstraints(ca, None), True)
        )

    authority = build(ca_name, ca_name, ca_key.public_key(), True).sign(ca_key, hashes.SHA256())
    issuer, signer = (subject, key) if self_signed else (ca_name, ca_key)
    server = build(subject, issuer, key.public_key(), False).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name)]), False
    )
    files = folder / "bad-ca.pem", folder / "bad.pem", folder / "bad.key"
    files[0].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(server.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files[2].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(*files)


@dataclass(slots=True)
class BadServer:
    """`with BadServer("imap", certificate) as server:`; connect to localhost."""

    protocol: str  # "imap" or "smtp"
    certificate: Certificate
    implicit: bool = False  # TLS from the first octet
    stripped: bool = False  # STARTTLS is not announced
    refuses: bool = False  # STARTTLS is announced and refused
    injects: bytes = b""  # in clear, in the same segment as the go-ahead
    old: bool = False  # nothing newer than TLS 1.1
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    _listener: socket.socket | None = None

    def __enter__(self) -> BadServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._welcome, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._listener is not None
        self._listener.close()

    def _welcome(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, ValueError), line:
                line.settimeout(10)
                self._serve(line)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.cert_file, self.certificate.key_file)
        if self.old:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def _serve(self, line: socket.socket) -> None:
        tls = self.implicit
        if tls:
            line = self._context().wrap_socket(line, server_side=True)
        imap = self.protocol == "imap"
        line.sendall(b"* OK ready\r\n" if imap else b"220 ready\r\n")
        reader = line.makefile("rb")
        while got := reader.readline():
            self.heard.append(got)
            words = got.upper().split()
            verb = words[1] if imap else words[0]
            tag = words[0]
            offer = b" STARTTLS" if not tls and not self.stripped else b""
            if verb == b"STARTTLS":
                if self.refuses:
                    line.sendall(tag + b" NO not now\r\n" if imap else b"454 4.7.0 not now\r\n")
                    continue
                line.sendall((tag + b" OK go\r\n" if imap else b"220 go\r\n") + self.injects)
                line = self._context().wrap_socket(line, server_side=True)
                reader, tls = line.makefile("rb"), True
            elif verb == b"CAPABILITY":
                line.sendall(b"* CAPABILITY IMAP4rev1" + offer + b"\r\n" + tag + b" OK done\r\n")
            elif verb == b"EHLO":
                line.sendall(b"250-ready\r\n" + (b"250-STARTTLS\r\n" if offer else b"") + b"250 AUTH PLAIN\r\n")
            elif imap:
                line.sendall(tag + b" NO [AUTHENTICATIONFAILED] no\r\n")
            else:
                line.sendall(b"535 5.7.8 no\r\n")
