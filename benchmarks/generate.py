"""Generated enquiries: deterministic, in four languages, each from a sender of its own, in sizes as mail has them.

Promises: the same count and seed give the same octets; the mean is 21 kB (most are 3-8 kB, a few 50-500 kB); lines end
in CRLF and are short; no bare CR, LF or NUL. All of it is invented, at example.org, example.com and example.net.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

MEAN = 21_000  # octets
_ASKED = 1.036 * MEAN  # messages come out a little shorter than asked

# Share of the messages, smallest and largest size in octets.
_SIZES = ((0.78, 3_000, 8_000), (0.14, 8_000, 50_000), (0.07, 50_000, 220_000), (0.01, 220_000, 500_000))
_LANGUAGES = ("es", "es", "es", "es", "en", "en", "pt", "pt", "fr", "fr")
_START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

_NAMES = {
    "es": ("Lucía Añasco", "Ramón Peñalver", "María José Ibáñez", "Óscar Cañas"),
    "en": ("Grace Whitlow", "Thomas Ferrand", "Abena Clarke", "Ian Mallory"),
    "pt": ("João Sampaio", "Conceição Araújo", "Inês Falcão", "Fabrício Leão"),
    "fr": ("Hélène Garnier", "Benoît Lefèvre", "Désirée Michaud", "Gaël Prévost"),
}
_SUBJECTS = {
    "es": ("Consulta sobre una petición presentada", "Información sobre audiencias públicas", "Copia de un informe"),
    "en": ("Question about a petition we filed", "Information on public hearings", "Copy of a report"),
    "pt": ("Consulta sobre uma petição apresentada", "Informação sobre audiências públicas", "Cópia de um relatório"),
    "fr": ("Question sur une pétition déposée", "Renseignements sur les audiences", "Copie d'un rapport"),
}
_SENTENCES = {
    "es": (
        "Buenos días, les escribo en nombre de la asociación de vecinos de nuestro municipio.",
        "Hace unos meses presentamos una petición y todavía no sabemos en qué etapa se encuentra.",
        "Quisiéramos saber qué documentos hacen falta y en qué formato conviene enviarlos.",
        "También nos gustaría asistir a una de las audiencias públicas del próximo período de sesiones.",
        "El formulario del portal se cierra antes de terminar y no guarda lo que ya escribimos.",
        "Adjuntamos los escritos anteriores para que puedan revisarlos con calma.",
        "Un profesor de la universidad nos recomendó pedirles una copia del informe anual.",
        "Quedamos atentos a su respuesta y les agradecemos desde ahora el tiempo que nos dedican.",
    ),
    "en": (
        "Good morning, I am writing on behalf of the neighbourhood association of our town.",
        "Some months ago we filed a petition and we still do not know which stage it has reached.",
        "We would like to know which documents are needed and in which format to send them.",
        "We should also like to attend one of the public hearings of the next period of sessions.",
        "The form on the portal closes before the end and does not keep what we have written.",
        "We attach our earlier letters so that you can read them at your convenience.",
        "A teacher at the university advised us to ask you for a copy of the annual report.",
        "We look forward to hearing from you and thank you in advance for your time.",
    ),
    "pt": (
        "Bom dia, escrevo em nome da associação de moradores do nosso município.",
        "Há alguns meses apresentamos uma petição e ainda não sabemos em que etapa ela se encontra.",
        "Gostaríamos de saber quais documentos são necessários e em que formato devemos enviá-los.",
        "Também gostaríamos de assistir a uma das audiências públicas do próximo período de sessões.",
        "O formulário do portal fecha antes do fim e não guarda o que já escrevemos.",
        "Anexamos as cartas anteriores para que possam lê-las com calma.",
        "Uma professora da universidade nos aconselhou a pedir uma cópia do relatório anual.",
        "Ficamos no aguardo da sua resposta e agradecemos desde já a atenção.",
    ),
    "fr": (
        "Bonjour, je vous écris au nom de l'association des habitants de notre commune.",
        "Il y a quelques mois nous avons déposé une pétition et nous ne savons pas où elle en est.",
        "Nous aimerions savoir quels documents sont nécessaires et sous quelle forme les envoyer.",
        "Nous souhaitons aussi assister à l'une des audiences publiques de la prochaine période de sessions.",
        "Le formulaire du portail se ferme avant la fin et ne garde pas ce que nous avons écrit.",
        "Nous joignons nos lettres précédentes afin que vous puissiez les relire.",
        "Une enseignante de l'université nous a conseillé de vous demander le rapport annuel.",
        "Dans l'attente de votre réponse, nous vous remercions du temps que vous nous accordez.",
    ),
}


@dataclass(frozen=True, slots=True)
class Generated:
    """One message, as the mail server put it into the inbox."""

    raw: bytes
    automatic: bool  # a list's mail or a bounce: no acknowledgement


def generate(count: int = 2000, seed: int = 1, automatic: float = 0.0) -> Iterator[Generated]:
    """`count` messages of MEAN octets on average; `automatic` is the share (0..1) of list mail and bounces."""
    lots = random.Random(seed)
    for number, size in enumerate(_sizes(lots, count)):
        kind = ("list", "bounce")[number % 2] if lots.random() < automatic else "enquiry"
        yield Generated(_message(lots, number, size, kind), kind != "enquiry")


def _sizes(lots: random.Random, count: int) -> list[int]:
    """Sizes in octets whose mean is MEAN: the few large ones are stretched or shrunk until it is."""
    sizes = []
    for share, least, most in _SIZES:
        # Within a class small ones are the more frequent.
        sizes += [int(least * (most / least) ** lots.random()) for _ in range(round(share * count))]
    sizes = (sizes + [MEAN] * count)[:count]  # rounding
    small = sum(size for size in sizes if size < 50_000)
    large = sum(size for size in sizes if size >= 50_000)
    factor = max(0.2, (_ASKED * count - small) / large) if large else 1.0
    sizes = [min(500_000, int(size * factor)) if size >= 50_000 else size for size in sizes]
    lots.shuffle(sizes)
    return sizes


def _message(lots: random.Random, number: int, size: int, kind: str) -> bytes:
    language = lots.choice(_LANGUAGES)
    domain = f"mail{number % 50}.example.{'com' if number % 2 else 'net'}"
    sender = f"person{number:05d}@{domain}"
    boundary = f"=_part_{number}_{lots.getrandbits(64):016x}"
    text = _text(lots, language)
    head = _head(lots, number, language, sender, kind)
    parts = [_text_part(lots, text, "plain")]
    room = size - len(head) - len(parts[0]) - 400
    if room > 1_500:
        parts.append(_text_part(lots, _html(text), "html"))
        room -= len(parts[1])
    files: list[bytes] = []
    while room > 2_000:
        octets = room if room < 20_000 or len(files) == 2 else int(room * lots.uniform(0.3, 1.0))
        files.append(_attachment(lots, f"documento-{len(files) + 1}.pdf", octets))
        room -= len(files[-1])
    if len(parts) == 2:
        parts = [_multipart("alternative", boundary + "_a", parts)]
    whole = _multipart("mixed", boundary, [*parts, *files]) if files else parts[0]
    return head + b"MIME-Version: 1.0\r\n" + whole


def _head(lots: random.Random, number: int, language: str, sender: str, kind: str) -> bytes:
    domain = sender.rpartition("@")[2]
    date = format_datetime(_START + timedelta(seconds=17 * number))
    relay = f"mx{lots.randrange(9)}.{domain}"
    signature = base64.b64encode(lots.randbytes(256)).decode()
    folded = "\r\n ".join(signature[n : n + 72] for n in range(0, len(signature), 72))
    name = Header(lots.choice(_NAMES[language]), "utf-8" if language != "en" else "us-ascii").encode()
    subject = Header(lots.choice(_SUBJECTS[language]), "utf-8" if language != "en" else "us-ascii").encode()
    lines = [
        f"Return-Path: <{sender if kind == 'enquiry' else 'list-bounces@lists.example.net' * (kind == 'list')}>",
        f"Received: from {relay} ({relay} [192.0.2.{number % 250 + 1}])\r\n\tby mail.example.org (Postfix) with ESMTPS"
        f" id {lots.getrandbits(48):012X}\r\n\tfor <support@example.org>; {date}",
        f"Authentication-Results: mail.example.org; spf=pass smtp.mailfrom={domain};\r\n\tdkim=pass header.d={domain};"
        f" dmarc=pass header.from={domain}",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;\r\n"
        f" h=from:to:subject:date:message-id; bh={base64.b64encode(lots.randbytes(32)).decode()};\r\n b={folded}",
        f"Received: from client ([198.51.100.{number % 250 + 1}])\r\n\tby {relay} with ESMTPSA; {date}",
        f"From: {name} <{sender}>",
        "To: support@example.org",
        f"Subject: {subject}",
        f"Date: {date}",
        f"Message-ID: <{lots.getrandbits(80):020x}.{number}@{domain}>",
        "X-Mailer: Example Mail 4.2",
    ]
    if kind == "list":
        lines += ["List-Id: Neighbours <neighbours.lists.example.net>", "Precedence: list"]
    if kind == "bounce":
        lines += ["Auto-Submitted: auto-replied"]
    return ("\r\n".join(lines) + "\r\n").encode()


def _text(lots: random.Random, language: str) -> str:
    """Two to seven paragraphs, and sometimes what was written before."""
    sentences = _SENTENCES[language]
    paragraphs = [" ".join(lots.sample(sentences, lots.randint(2, 4))) for _ in range(lots.randint(2, 5))]
    if lots.random() < 0.3:
        paragraphs += ["\r\n".join(f"> {one}" for one in lots.sample(sentences, 3))]
    return "\r\n\r\n".join(paragraphs) + "\r\n"


def _html(text: str) -> str:
    style = "margin:0 0 12px;font-family:Arial,Helvetica,sans-serif;font-size:11pt;color:#222"
    rows = "\r\n".join(f'<p style="{style}">{one}</p>' for one in text.split("\r\n\r\n"))
    return f"<html><head><meta charset=utf-8></head><body>\r\n{rows}\r\n</body></html>\r\n"


def _text_part(lots: random.Random, text: str, subtype: str) -> bytes:
    encoding = lots.choice(("quoted-printable", "quoted-printable", "base64"))
    data = text.encode()
    if encoding == "base64":
        body = _base64(data)
    else:
        body = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _attachment(lots: random.Random, name: str, octets: int) -> bytes:
    head = (
        f'Content-Type: application/pdf; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    ).encode()
    return head + _base64(b"%PDF-1.4\n" + lots.randbytes(max(0, (octets - len(head)) * 57 // 78 - 9)))


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> bytes:
    mark = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
