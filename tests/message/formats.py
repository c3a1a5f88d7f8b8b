# ruff: noqa: E501 - a mail a line
"""Replies and forwards as mail programs write them, in four languages, with what must come out of them.

Every case: name, subject, text or HTML, and the words said, quoted, forwarded and signed. Invented; the shapes follow
Gmail, Outlook (web, desktop, mobile), Apple Mail, Thunderbird, Yahoo, Samsung and plain ">".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str
    language: str
    subject: str
    source: str
    said: str
    quoted: str = ""  # words that must be in quoted
    forwarded: str = ""  # words that must be in forwarded
    signature: str = ""  # words that must be in signature
    html: bool = False
    answering: bool = True


@dataclass(frozen=True)
class Words:
    """What one language's programs write."""

    said: str
    more: str
    ours: str
    gmail: str
    gmail_short: str
    apple: str
    thunderbird: str
    yahoo: str
    weekday_less: str
    labels: tuple[str, str, str, str]  # from, sent, to, subject
    date: str
    mac_labels: tuple[str, str, str, str]
    original: str
    samsung: str
    forwarded: str
    forwarded_thunderbird: str
    forwarded_apple: str
    iphone: str
    outlook_mobile: str
    yahoo_mobile: str
    disclaimer: str
    re: str
    fw: str


WORDS = {
    "es": Words(
        said="Gracias por contestar. Mi número es el P-12-20.",
        more="Y quisiera saber cuánto falta.",
        ours="Hemos recibido su mensaje y lo trasladamos al área correspondiente.",
        gmail="El lun, 3 nov 2025 a las 10:05, Atención al Usuario (<support@example.org>) escribió:",
        gmail_short="El lun, 3 nov 2025 a la(s) 10:05 a. m., CIDH (support@example.org) escribió:",
        apple="El 3 nov 2025, a las 10:05, Atención al Usuario <support@example.org> escribió:",
        thunderbird="El 3/11/25 a las 10:05, Atención al Usuario escribió:",
        yahoo="El lunes, 3 de noviembre de 2025, 10:05:32 a. m. GMT-5, Atención <support@example.org> escribió:",
        weekday_less="2025-11-03 10:05 GMT-05:00 Atención <support@example.org>:",
        labels=("De", "Enviado el", "Para", "Asunto"),
        date="lunes, 3 de noviembre de 2025 10:05",
        mac_labels=("De", "Fecha", "Para", "Asunto"),
        original="-----Mensaje original-----",
        samsung="-------- Mensaje original --------",
        forwarded="---------- Forwarded message ---------",
        forwarded_thunderbird="-------- Mensaje reenviado --------",
        forwarded_apple="Inicio del mensaje reenviado:",
        iphone="Enviado desde mi iPhone",
        outlook_mobile="Obtener Outlook para Android<https://aka.ms/AAb9ysg>",
        yahoo_mobile="Enviado desde Yahoo Mail para Android",
        disclaimer="AVISO DE CONFIDENCIALIDAD: Este mensaje es confidencial y va dirigido a su destinatario.",
        re="RE: Hemos recibido su mensaje",
        fw="RV: Hemos recibido su mensaje",
    ),
    "en": Words(
        said="Thank you for answering. My number is P-12-20.",
        more="And how long will it take?",
        ours="We have received your message and passed it to the area concerned.",
        gmail="On Mon, Nov 3, 2025 at 10:05 AM User Support <support@example.org> wrote:",
        gmail_short="On Mon, 3 Nov 2025, 10:05 User Support, <support@example.org> wrote:",
        apple="On Nov 3, 2025, at 10:05 AM, User Support <support@example.org> wrote:",
        thunderbird="On 03/11/2025 10:05, User Support wrote:",
        yahoo="On Monday, November 3, 2025 at 10:05:32 AM EST, User Support <support@example.org> wrote:",
        weekday_less="2025-11-03 10:05 GMT-05:00 User Support <support@example.org>:",
        labels=("From", "Sent", "To", "Subject"),
        date="Monday, November 3, 2025 10:05 AM",
        mac_labels=("From", "Date", "To", "Subject"),
        original="-----Original Message-----",
        samsung="-------- Original message --------",
        forwarded="---------- Forwarded message ---------",
        forwarded_thunderbird="-------- Forwarded Message --------",
        forwarded_apple="Begin forwarded message:",
        iphone="Sent from my iPhone",
        outlook_mobile="Get Outlook for Android<https://aka.ms/AAb9ysg>",
        yahoo_mobile="Sent from Yahoo Mail on Android",
        disclaimer="CONFIDENTIALITY NOTICE: This message is intended for its recipient only.",
        re="RE: We have received your message",
        fw="FW: We have received your message",
    ),
    "pt": Words(
        said="Obrigada pela resposta. O meu número é o P-12-20.",
        more="E quanto tempo ainda demora?",
        ours="Recebemos a sua mensagem e a encaminhamos à área correspondente.",
        gmail="Em seg., 3 de nov. de 2025 às 10:05, Atendimento <support@example.org> escreveu:",
        gmail_short="Em seg, 3 de nov de 2025 10:05, Atendimento <support@example.org> escreveu:",
        apple="Em 3 de nov. de 2025, à(s) 10:05, Atendimento <support@example.org> escreveu:",
        thunderbird="Em 03/11/2025 10:05, Atendimento escreveu:",
        yahoo="Em segunda-feira, 3 de novembro de 2025 às 10:05:32 BRT, Atendimento <support@example.org> escreveu:",
        weekday_less="2025-11-03 10:05 GMT-03:00 Atendimento <support@example.org>:",
        labels=("De", "Enviado", "Para", "Assunto"),
        date="segunda-feira, 3 de novembro de 2025 10:05",
        mac_labels=("De", "Data", "Para", "Assunto"),
        original="-----Mensagem original-----",
        samsung="-------- Mensagem original --------",
        forwarded="---------- Forwarded message ---------",
        forwarded_thunderbird="-------- Mensagem encaminhada --------",
        forwarded_apple="Início da mensagem encaminhada:",
        iphone="Enviado do meu iPhone",
        outlook_mobile="Obter o Outlook para Android<https://aka.ms/AAb9ysg>",
        yahoo_mobile="Enviado do Yahoo Mail no Android",
        disclaimer="AVISO LEGAL: Esta mensagem pode conter informação confidencial.",
        re="RES: Recebemos a sua mensagem",
        fw="ENC: Recebemos a sua mensagem",
    ),
    "fr": Words(
        said="Merci pour votre réponse. Mon numéro est le P-12-20.",
        more="Et combien de temps faut-il encore ?",
        ours="Nous avons reçu votre message et l'avons transmis au service compétent.",
        gmail="Le lun. 3 nov. 2025 à 10:05, Service aux usagers <support@example.org> a écrit :",
        gmail_short="Le lun. 3 nov. 2025, 10 h 05, Service <support@example.org> a écrit :",
        apple="Le 3 nov. 2025 à 10:05, Service aux usagers <support@example.org> a écrit :",
        thunderbird="Le 03/11/2025 à 10:05, Service aux usagers a écrit :",
        yahoo="Le lundi 3 novembre 2025 à 10:05:32 UTC−5, Service <support@example.org> a écrit :",
        weekday_less="2025-11-03 10:05 GMT+01:00 Service <support@example.org>:",
        labels=("De ", "Envoyé ", "À ", "Objet "),
        date="lundi 3 novembre 2025 10:05",
        mac_labels=("De ", "Date ", "À ", "Objet "),
        original="-----Message d'origine-----",
        samsung="-------- Message d'origine --------",
        forwarded="---------- Forwarded message ---------",
        forwarded_thunderbird="-------- Message transféré --------",
        forwarded_apple="Début du message transféré :",
        iphone="Envoyé de mon iPhone",
        outlook_mobile="Télécharger Outlook pour Android<https://aka.ms/AAb9ysg>",
        yahoo_mobile="Envoyé depuis Yahoo Mail pour Android",
        disclaimer="AVIS DE CONFIDENTIALITÉ : ce message est destiné à son seul destinataire.",
        re="RE: Nous avons bien reçu votre message",
        fw="TR: Nous avons bien reçu votre message",
    ),
}


def _block(w: Words, labels: tuple[str, str, str, str], bold: bool = False, order: str = "dfts") -> str:
    a, b, c, d = (f"*{label}:*" if bold else f"{label}:" for label in labels)
    lines = {
        "f": f"{a} Support <support@example.org>",
        "d": f"{b} {w.date}",
        "t": f"{c} ana@example.net",
        "s": f"{d} {w.ours[:30]}",
    }
    return "\n".join(lines[letter] for letter in ("f" + order.replace("f", "") if order[0] != "f" else order))


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _of(language: str, w: Words) -> list[Case]:
    def case(name: str, source: str, subject: str = w.re, said: str = w.said, **rest: object) -> Case:
        rest.setdefault("quoted", "" if rest.get("forwarded") else w.ours)
        return Case(name, language, subject, source, said, **rest)  # type: ignore[arg-type]

    wrapped = w.gmail.replace(" <support", "\n<support").replace(" (<support", "\n(<support")
    block, mac = _block(w, w.labels), _block(w, w.mac_labels, order="fstd")
    both = f"{w.said}\n\n{w.more}"
    return [
        case("gmail-above", f"{w.said}\n\n{w.gmail}\n\n{_quote(w.ours)}\n"),
        case(
            "gmail-above-signature",
            f"{w.said}\n\n-- \nAna Pérez\n\n{w.gmail}\n\n{_quote(w.ours)}\n",
            signature="Ana Pérez",
        ),
        case("gmail-wrapped", f"{w.said}\n\n{wrapped}\n\n{_quote(w.ours)}\n"),
        case("gmail-short", f"{w.said}\n\n{w.gmail_short}\n\n{_quote(w.ours)}\n"),
        case("gmail-below", f"{w.gmail}\n{_quote(w.ours)}\n\n{w.said}\n"),
        case("gmail-between", f"{w.gmail}\n\n{_quote(w.ours)}\n\n{w.said}\n\n{_quote('...')}\n\n{w.more}\n", said=both),
        case(
            "gmail-two-levels",
            f"{w.said}\n\n{w.gmail}\n\n{_quote(w.ours + chr(10) + w.apple + chr(10) + _quote('hola'))}\n",
        ),
        case("gmail-old", f"{w.said}\n\n{w.weekday_less}\n\n{_quote(w.ours)}\n"),
        case("apple-above", f"{w.said}\n\n{w.apple}\n\n{_quote(w.ours)}\n"),
        case("iphone", f"{w.said}\n\n{w.iphone}\n\n{w.apple}\n\n{_quote(chr(0xFEFF) + w.ours)}\n", signature=w.iphone),
        case("iphone-below-quote", f"{w.apple}\n\n{_quote(w.ours)}\n\n{w.said}\n\n{w.iphone}\n", signature=w.iphone),
        case("thunderbird-below", f"{w.thunderbird}\n{_quote(w.ours)}\n\n{w.said}\n"),
        case("thunderbird-above", f"{w.said}\n\n{w.thunderbird}\n{_quote(w.ours)}\n"),
        case(
            "thunderbird-between",
            f"{w.thunderbird}\n{_quote(w.ours)}\n{w.said}\n{_quote('x')}\n{w.more}\n",
            said=f"{w.said}\n{w.more}",
        ),
        case("yahoo-unquoted", f"{w.said}\n\n   {w.yahoo}  \n \n {w.ours}   \n"),
        case("yahoo-quoted", f"{w.said}\n\n{w.yahoo}\n\n{_quote(w.ours)}\n"),
        case("yahoo-mobile", f"{w.said}\n\n{w.yahoo_mobile} \n \n  {w.gmail}   {w.ours}  \n", signature=w.yahoo_mobile),
        case("outlook-desktop", f"{w.said}\n\n{block}\n\n{w.ours}\n"),
        case("outlook-desktop-bold", f"{w.said}\n\n{_block(w, w.labels, bold=True)}\n\n{w.ours}\n"),
        case("outlook-web", f"{w.said}\n{'_' * 32}\n{block}\n\n{w.ours}\n"),
        case(
            "outlook-mobile", f"{w.said}\n\n{w.outlook_mobile}\n{'_' * 32}\n{block}\n\n{w.ours}\n", signature="aka.ms"
        ),
        case("outlook-original", f"{w.said}\n\n{w.original}\n{block}\n\n{w.ours}\n"),
        case(
            "outlook-original-signed",
            f"{w.said}\n\n{w.disclaimer}\n\n{w.original}\n{block}\n\n{w.ours}\n",
            signature=w.disclaimer,
        ),
        case("samsung", f"{w.said}\n\n{w.samsung}\n{mac}\n\n{w.ours}\n"),
        case("mac-labels", f"{w.said}\n\n{mac}\n\n{w.ours}\n"),
        case("plain", f"{_quote(w.ours)}\n\n{w.said}\n"),
        case("plain-above", f"{w.said}\n\n{_quote(w.ours)}\n"),
        case(
            "name-only",
            f"{w.said}\n\n{w.thunderbird.split(' 10')[0].rsplit(',')[0]}, CIDH {w.thunderbird.rsplit(' ', 2 if language == 'fr' else 1)[1] if language != 'fr' else 'a écrit :'}\n{_quote(w.ours)}\n",
        ),
        # forwards
        case("gmail-forward", f"{w.said}\n\n{w.forwarded}\n{mac}\n\n{w.ours}\n", subject="Fwd: X", forwarded=w.ours),
        case(
            "gmail-forward-silent", f"{w.forwarded}\n{mac}\n\n{w.ours}\n", subject="Fwd: X", said="", forwarded=w.ours
        ),
        case(
            "thunderbird-forward",
            f"{w.said}\n\n{w.forwarded_thunderbird}\n{mac}\n\n{w.ours}\n",
            subject="Fwd: X",
            forwarded=w.ours,
        ),
        case(
            "apple-forward",
            f"{w.said}\n\n{w.forwarded_apple}\n\n{_quote(mac + chr(10) * 2 + w.ours)}\n",
            subject="Fwd: X",
            forwarded=w.ours,
        ),
        case("outlook-forward", f"{w.said}\n\n{block}\n\n{w.ours}\n", subject=w.fw, forwarded=w.ours, answering=False),
        case(
            "outlook-mobile-forward",
            f"{w.said}\n\n{w.outlook_mobile}\n{'_' * 32}\n{block}\n\n{w.ours}\n",
            subject=w.fw,
            forwarded=w.ours,
            signature="aka.ms",
        ),
        case(
            "forward-of-a-reply",
            f"{w.said}\n\n{w.forwarded}\n{mac}\n\nok\n\n{w.gmail}\n{_quote(w.ours)}\n",
            subject="Fwd: Re: X",
            forwarded=w.ours,
        ),
        # HTML
        case(
            "gmail-html",
            f'<div dir="ltr">{w.said}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{_e(w.gmail)}<br></div><blockquote class="gmail_quote" style="margin:0">{w.ours}</blockquote></div>',
            html=True,
        ),
        case(
            "gmail-html-below",
            f'<div class="gmail_quote"><div class="gmail_attr">{_e(w.gmail)}<br></div><blockquote class="gmail_quote">{w.ours}</blockquote></div><div>{w.said}</div>',
            html=True,
        ),
        case(
            "outlook-html",
            f'<div class="WordSection1"><p class="MsoNormal">{w.said}<o:p></o:p></p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">'
            + _e(block).replace("\n", "<br>")
            + f'</p></div><p class="MsoNormal">{w.ours}</p></div>',
            html=True,
        ),
        case(
            "outlook-web-html",
            f'<div>{w.said}</div><hr tabindex="-1" style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font>'
            + _e(block).replace("\n", "<br>")
            + f"</font></div><div>{w.ours}</div>",
            html=True,
        ),
        case(
            "apple-html",
            f'<html><body>{w.said}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{w.iphone}</div><div dir="ltr"><br><blockquote type="cite">{_e(w.apple)}<br><br></blockquote></div><blockquote type="cite"><div>{w.ours}</div></blockquote></body></html>',
            html=True,
            signature=w.iphone,
        ),
        case(
            "yahoo-html",
            f'<div>{w.said}</div><div id="ydp1yahoo_quoted_1" class="yahoo_quoted"><div>{_e(w.yahoo)}</div><div><br></div><div>{w.ours}</div></div>',
            html=True,
        ),
        case(
            "thunderbird-html",
            f'<html><body><div class="moz-cite-prefix">{_e(w.thunderbird)}<br></div><blockquote type="cite" cite="mid:1@x"><p>{w.ours}</p></blockquote><p>{w.said}</p></body></html>',
            html=True,
        ),
        case(
            "outlook-html-forward",
            f"<p>{w.said}</p><div><p><b>"
            + _e(block).replace("\n", "<br><b>").replace(":", ":</b>", 1)
            + f"</p></div><p>{w.ours}</p>",
            html=True,
            subject=w.fw,
            forwarded=w.ours,
            answering=False,
        ),
    ]


def _e(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


CASES = [case for language, words in WORDS.items() for case in _of(language, words)]
