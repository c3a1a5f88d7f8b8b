"""A private certificate authority, made when it is needed by the openssl command. Nothing of it is kept."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey as PrivateKey


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate (PEM files) and the authority that vouches for it."""

    ca_file: Path
    cert_file: Path
    key_file: Path


def make(folder: Path, names: str = "IP:127.0.0.1,DNS:localhost", days: int = 2) -> Certificate:
    """A new authority and a certificate for `names` (the syntax of subjectAltName) in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    cert, key, request, extra = (folder / name for name in ("server.pem", "server.key", "server.csr", "server.ext"))
    extra.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    authority = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl("req", "-x509", *curve, "-keyout", ca_key, "-out", ca, "-days", days, "-subj", "/CN=Tests", *authority)
    _openssl("req", "-new", *curve, "-keyout", key, "-out", request, "-subj", "/CN=test server")
    signing = ("-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", days, "-extfile", extra)
    _openssl("x509", "-req", "-in", request, "-out", cert, *signing)
    for one in (ca, cert, key):
        one.chmod(0o644)  # read by the server under another user
    return Certificate(ca, cert, key)


def for_key(folder: Path, key: PrivateKey) -> str:
    """A certificate, PEM, that a key signed itself: as an app's in Entra."""
    file, out = folder / "self.key", folder / "self.pem"
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(*encoding))
    _openssl("req", "-x509", "-key", file, "-out", out, "-days", 2, "-subj", "/CN=mailroom")
    return out.read_text()


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, stdin=subprocess.DEVNULL)
