"""Small invented messages for stories about delivery, as our own server would hand them over."""

from __future__ import annotations


def letter(number: int, *, text: str = "", sender: str | None = None, extra: str = "") -> bytes:
    """An ordinary question of one person; each number is another person."""
    address = sender or f"person{number}@example.com"
    domain = address.rpartition("@")[2]
    verdict = f"mail.example.org; spf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}"
    return (
        f"Return-Path: <{address}>\r\n"
        f"Authentication-Results: {verdict}\r\n"
        f"From: {address}\r\n"
        "To: support@example.org\r\n"
        f"Subject: How do I file a petition? ({number})\r\n"
        f"Message-ID: <letter.{number}@{domain}>\r\n"
        f"{extra}"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        f"{text or 'Good morning, how do I file a petition, and where do I find the form?'}\r\n"
    ).encode()


def newsletter(number: int) -> bytes:
    """A list: forwarded, never answered."""
    return letter(number, extra="List-Id: <news.example.net>\r\n", text="The news of this month.")
