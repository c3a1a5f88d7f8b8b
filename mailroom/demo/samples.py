"""Sample mail in four languages, as a mail server would hand it over. Everything in it is invented."""

from __future__ import annotations

import base64
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

OURS = "support@example.org"


def message(
    sender: str,
    subject: str,
    text: str,
    at: datetime,
    *,
    identity: str,
    extra: tuple[str, ...] = (),
    return_path: str | None = None,
    attachments: tuple[str, ...] = (),
    to: str = OURS,
) -> bytes:
    """One message as delivered: trace fields and our server's verdict on top, CRLF lines."""
    address = sender.rpartition("<")[2].rstrip(">")
    domain = address.rpartition("@")[2]
    head = [
        f"Return-Path: <{address if return_path is None else return_path}>",
        f"Received: from mx.example.net by mail.example.org with ESMTPS; {format_datetime(at)}",
        f"Authentication-Results: mail.example.org; spf=pass smtp.mailfrom={domain}; dmarc=pass header.from={domain}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {Header(subject, 'utf-8', 900).encode()}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{identity}@{domain}>",
        "MIME-Version: 1.0",
        *extra,
    ]
    plain = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", *text.splitlines()]
    if not attachments:
        lines = [*head, *plain]
    else:
        lines = [*head, 'Content-Type: multipart/mixed; boundary="sample"', "", "--sample", *plain]
        for name in attachments:
            lines += [
                "--sample",
                "Content-Type: application/pdf",
                f'Content-Disposition: attachment; filename="{name}"',
                "Content-Transfer-Encoding: base64",
                "",
                base64.b64encode(b"%PDF-1.4 a sample, not a document\n").decode(),
            ]
        lines.append("--sample--")
    return "\r\n".join([*lines, ""]).encode()


def first_mail(at: datetime) -> list[tuple[str, bytes]]:
    """(what it is, the message): what lies in the inbox at the beginning."""
    samples = [
        (
            "urgent, Spanish",
            message(
                "Rosa <rosa@example.com>",
                "vinieron otra vez",
                "Anoche volvieron los hombres armados a la casa de mi hermana y dijeron que si no se va antes del "
                "domingo la matan.\nLa policía no quiso tomar la denuncia. Ella está escondida con los niños.",
                at,
                identity="rosa.1",
            ),
        ),
        (
            "sensitive, Portuguese",
            message(
                "Lia <lia@example.net>",
                "atendimento",
                "Sou uma mulher trans e fui agredida no abrigo no ano passado. Não corro perigo agora.\n"
                "A relatoria LGBTI recebe relatos? Por favor sejam discretos na resposta.",
                at,
                identity="lia.1",
            ),
        ),
        (
            "new petition with papers, English",
            message(
                "Marcia Grant <mgrant@example.com>",
                "How to file a petition",
                "Good morning,\n\nthe court of appeal dismissed our case in March and there is nowhere else to go.\n"
                "How do I lodge a petition, and is the attached form the right one?\n\nMarcia Grant",
                at,
                identity="mgrant.1",
                attachments=("Petition form.pdf", "Judgment.pdf"),
            ),
        ),
        (
            "status of a petition, French",
            message(
                "Cabinet Morel <cabinet@example.net>",
                "Pétition 211-19 : suites",
                "Madame, Monsieur,\n\nnous souhaiterions connaître l'état de la pétition 211-19, déposée il y a cinq "
                "ans.\n\nVeuillez agréer nos salutations distinguées.",
                at,
                identity="morel.1",
            ),
        ),
        (
            "a State's observations, Spanish",
            message(
                "Ministerio <mision@example.net>",
                "Caso 12.345 - Observaciones del Estado",
                "El Estado tiene el honor de remitir sus observaciones sobre el fondo en el Caso 12.345.",
                at,
                identity="mision.1",
                attachments=("Nota 14.pdf",),
            ),
        ),
        (
            "a journalist, Portuguese",
            message(
                "Redação <redacao@example.com>",
                "pedido de entrevista",
                "Bom dia, sou jornalista e gostaria de uma entrevista com a relatora sobre o comunicado de ontem. "
                "Fechamos a edição às 18h.",
                at,
                identity="redacao.1",
            ),
        ),
        (
            "Portal trouble, English",
            message(
                "Dwight <dwight@example.com>",
                "cannot log in",
                "The Portal says my password is wrong and the reset e-mail never comes. My petition is P-88-22.",
                at,
                identity="dwight.1",
            ),
        ),
        (
            "not for us, French",
            message(
                "Paul <paul@example.com>",
                "facture",
                "Bonjour, mon opérateur de téléphone refuse de me rembourser. Pouvez-vous m'aider ?",
                at,
                identity="paul.1",
            ),
        ),
        (
            "asks not to be answered, Spanish",
            message(
                "M. <m@example.net>",
                "consulta",
                "Quiero denunciar a mi marido, que es policía y me pega. Por favor no respondan a este correo, "
                "él lee mis mensajes.",
                at,
                identity="m.1",
            ),
        ),
        (
            "a mailing list",
            message(
                "Boletín <boletin@example.net>",
                "[boletin] Novedades de noviembre",
                "Les compartimos las novedades del mes.",
                at,
                identity="boletin.1",
                extra=("List-Id: <boletin.example.net>", "Precedence: list"),
            ),
        ),
        (
            "an out-of-office answer",
            message(
                "Ana <ana@example.com>",
                "Automatic reply: annual leave",
                "I am out of the office until 5 January.",
                at,
                identity="ana.1",
                extra=("Auto-Submitted: auto-replied",),
            ),
        ),
        (
            "another language (Haitian Creole)",
            message(
                "Jean <jean@example.com>",
                "kesyon",
                "Bonjou, mwen ta renmen konnen ki jan mwen ka voye yon petisyon bay Komisyon an. Mèsi anpil.",
                at,
                identity="jean.1",
            ),
        ),
    ]
    broken = b"\x00\xff\xfe\x9c this is no mail \x80\x81 at all\r\r\n\n: : ;;\x00" * 40
    return [*samples, ("what no parser can read", broken)]


def answer(acknowledgement_id: str, at: datetime) -> bytes:
    """The person answers our acknowledgement."""
    return message(
        "Cabinet Morel <cabinet@example.net>",
        "RE: Nous avons bien reçu votre message",
        "Merci. Nous ajoutons que l'adresse de notre cabinet a changé.",
        at,
        identity="morel.2",
        extra=(f"In-Reply-To: {acknowledgement_id}", f"References: {acknowledgement_id}"),
    )


def bounce(envelope_sender: str, at: datetime) -> bytes:
    """A delivery report (RFC 3464) about one of our forwards, as the relay would send it to its envelope sender."""
    report = [
        "This message was created automatically by mail delivery software.",
        "",
        "--sample",
        "Content-Type: text/plain",
        "",
        "The mailbox is full.",
        "--sample",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example.org",
        "",
        "Final-Recipient: rfc822; press@example.org",
        "Action: failed",
        "Status: 5.2.2",
        "--sample--",
    ]
    return message(
        "Mail Delivery System <mailer-daemon@example.org>",
        "Undelivered Mail Returned to Sender",
        "",
        at,
        identity="bounce.1",
        return_path="",
        to=envelope_sender,
        extra=(
            "Auto-Submitted: auto-replied",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="sample"',
        ),
    ).replace(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", b"", 1) + (
        "\r\n".join([*report, ""]).encode()
    )
