"""Runs the examples that staff wrote beside their rules, through the same reader that real mail goes through."""

from __future__ import annotations

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from mailroom import message, rules
from mailroom.model import Message, Ours, Problem
from mailroom.pipeline import Policy


def examples(policy: Policy, ours: Ours) -> tuple[Problem, ...]:
    """Each example that does not come out as its author says."""

    def understand(subject: str, text: str, attachments: tuple[str, ...]) -> Message:
        return message.read(_mail(subject, text, attachments, ours), ours)

    return rules.run_examples(policy.rules, understand)


def _mail(subject: str, text: str, attachments: tuple[str, ...], ours: Ours) -> bytes:
    """An ordinary message of an ordinary person."""
    mail = MIMEMultipart()
    mail["Return-Path"] = "<person@example.com>"
    if ours.authserv_id:
        mail["Authentication-Results"] = f"{ours.authserv_id}; spf=pass smtp.mailfrom=example.com; dmarc=pass"
    mail["From"] = "person@example.com"
    mail["To"] = ours.address
    mail["Subject"] = " ".join(subject.split())
    mail["Message-ID"] = "<example@example.com>"
    mail.attach(MIMEText(text, "plain", "utf-8"))
    for name in attachments:
        part = MIMEText("", "plain")
        part["Content-Disposition"] = "attachment"
        part.set_param("filename", name, "Content-Disposition", charset="utf-8")
        mail.attach(part)
    return mail.as_bytes()
