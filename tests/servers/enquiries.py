"""Practice enquiries (JSON Lines) as the messages that a mail server would hand over.

Promises: the same row and number give the same octets; lines end in CRLF. The format is that of
tests/enquiries/practice.jsonl: id, from_name, from_addr, subject, body_text, body_html, attachments, headers, expected.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

PRACTICE = Path(__file__).resolve().parents[1] / "enquiries" / "practice.jsonl"

_ADDRESS = "support@example.org"
_NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One labelled message."""

    id: str
    raw: bytes
    expected: dict[str, Any]  # language, unit, acceptable_units, urgent, acknowledge, references, sensitive


def load(file: Path = PRACTICE) -> list[Enquiry]:
    """Every row of a file, in order."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Enquiry(row["id"], build(row, n), row.get("expected", {})) for n, row in enumerate(rows)]


def build(row: dict[str, Any], number: int = 0) -> bytes:
    """One row as a message; `number` sets its time, a minute after the one before it.

    Headers of the row replace those that the server would have written. A content type of the row (a delivery report)
    names the text part's type, since the rows have no parts of their own.
    """
    sender = Address(addr_spec=row["from_addr"])
    given = {name.lower(): str(value) for name, value in (row.get("headers") or {}).items()}
    passed = f"spf=pass smtp.mailfrom={sender.domain}; dkim=pass header.d={sender.domain}; "
    headers = {
        "return-path": f"<{row['from_addr']}>",
        "received": "from mx.example.net by mail.example.org with ESMTPS; " + _date(number, 0),
        "authentication-results": f"mail.example.org; {passed}dmarc=pass header.from={sender.domain}",
        "from": formataddr((row.get("from_name") or "", row["from_addr"])),
        "to": _ADDRESS,
        "subject": re.sub(r"[\r\n]+", " ", row.get("subject") or ""),
        "date": _date(number, -1),
        "message-id": f"<{row['id']}.{number}@{sender.domain}>",
    }
    headers |= {name: value for name, value in given.items() if not name.startswith("content-")}
    message = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        if value or name != "authentication-results":
            message[name.title().replace("Message-Id", "Message-ID")] = value
    _fill(message, row)
    raw = message.as_bytes()
    if (kind := given.get("content-type")) and "boundary" not in kind and "multipart" not in kind:
        raw = re.sub(rb"(?im)^content-type: text/plain[^\r\n]*", b"Content-Type: " + kind.encode(), raw, count=1)
    return _with_plain_boundaries(raw, row["id"])


def _fill(message: EmailMessage, row: dict[str, Any]) -> None:
    text, html = row.get("body_text"), row.get("body_html")
    message.set_content(text or "") if text or not html else message.set_content(html, subtype="html")
    if text and html:
        message.add_alternative(html, subtype="html")
    for name in row.get("attachments") or []:
        subtype = "pdf" if name.lower().endswith("pdf") else "octet-stream"
        message.add_attachment(b"%PDF-1.4 sample\n", maintype="application", subtype=subtype, filename=name)


def _with_plain_boundaries(raw: bytes, name: str) -> bytes:
    """The email package draws boundaries by lot; ours come from the row, so that the octets repeat."""
    for n, boundary in enumerate(dict.fromkeys(re.findall(rb'boundary="(={15}\d+==)"', raw))):
        raw = raw.replace(boundary, f"=_{name}.{n}".encode())
    return raw


def _date(number: int, minutes: int) -> str:
    return format_datetime(_NOON + timedelta(minutes=number + minutes))
