# ruff: noqa: E501 - a pattern a line
"""The words by which mail programs announce quotations, forwards and signatures, in the languages we meet.

Promises: data and compiled patterns only; every pattern is anchored or bounded, so that matching is linear in a line.
A program or a language more is a line more here, and a pair in tests/message/formats.
May import: re.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE


def _any(text: str) -> str:
    return "|".join(line.strip() for line in text.strip().splitlines() if line.strip())


_VERB = (
    r"(?:wrote|writes|said|escribi[oó]|escribe|ha escrito|escreveu|escreve|a [eé]crit|[eé]crivait|schrieb|schreibt|"
    r"ha scritto|scrive|schreef|va escriure|escribiu|skrev|napisa[lł]|a scris)"
)
_OPENER = r"(?:On|El|En|Em|No dia|Na|Le|Am|Il giorno|Il|Op|A|O|Den|At|Dia|Fecha|Date)"
_REAL_DATE = r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}"

ATTRIBUTION = re.compile(
    rf"(?:{_OPENER}\b[^\n]{{0,200}}?\d[^\n]{{0,220}}?\b{_VERB}(?:[^\n:]{{0,120}})?\s?:(?=\s|$)"  # On 3 Nov, X wrote:
    rf"|[^\n:]{{1,120}}\b{_VERB}\s*,?\s+(?:on|el|em|le|am|dia|no dia|il|op)\b[^\n]{{0,120}}?\d[^\n]{{0,60}}:\s*$"
    rf"|[^\n]{{1,120}}<?[\w.+-]{{1,64}}@[\w.-]{{1,120}}>?\)?\s*,?\s*{_VERB}\s?:\s*$"  # X <a@b> wrote:
    rf"|[^\n]{{1,120}}@[^\n]{{1,120}}\b{_VERB}\s\([^\n]{{0,60}}\d[^\n]{{0,40}}\)\s?:\s*$"  # X <a@b> escreveu (segunda, 3/11):
    r"|(?:quoting|citando(?: a)?|citation de|zitat von)\s[^\n]{1,120}:\s*$"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}\s[^\n]{0,120}@[^\n]{1,80}:\s*$"  # 2025-11-03 10:05 GMT-05:00 X <a@b>:
    r"|(?:lun|mar|mi[eé]|jue|vie|s[aá]b|dom|mon|tue|wed|thu|fri|sat|sun|seg|ter|qua|qui|sex|jeu|ven|sam|dim|mer)"
    rf"[\w.-]*,?\s[^\n]{{0,80}}\d{{4}}[^\n]{{0,120}}\b{_VERB}\s?:(?=\s|$))",
    _I,
)
"""An attribution; strong where it also has a time or an address, or is followed by ">"."""

WEAK_ATTRIBUTION = re.compile(rf"\b{_VERB}\s?:$|<[^<>\s]{{1,100}}@[^<>\s]{{1,100}}>\s?:$", _I)
"""Enough where ">" follows."""

TIME_OR_ADDRESS = re.compile(
    r"\b\d{1,2}\s?[:h]\s?\d{2}\b|\b\d{1,2}\.\d{2}(?=\s|$|\s?[ap]\.?m)|[\w.+-]{1,64}@[\w-]{1,100}\.[a-z]|@example\b"
    r"|\b\d{1,2}\s?(?:am|pm)\b",
    _I,
)
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,100}", _I)
DATED = re.compile(rf"(?:{_REAL_DATE}|\b(?:19|20)\d\d\b)[^\n]*,", _I)
"""With a year, and a comma before the name: "On 03/11/2025 10:05, User Support wrote:"."""
CLOCK = re.compile(r"\b\d{1,2}\s?[:h.]\s?\d{2}\b", _I)

FORWARD_LINE = re.compile(
    r"[-=_\s]*(?:"
    + _any(r"""
    forwarded message
    begin forwarded message
    forwarded by\b.{0,80}
    mensaje reenviado
    mensaje enviado adelante
    inicio del mensaje reenviado
    comienzo del mensaje reenviado
    reenviado por\b.{0,80}
    mensagem (?:encaminhada|reencaminhada)
    in[ií]cio da mensagem (?:encaminhada|reencaminhada|reenviada)
    encaminhado por\b.{0,80}
    message (?:transf[eé]r[eé]|r[eé]exp[eé]di[eé])
    d[eé]but du message (?:transf[eé]r[eé]|r[eé]exp[eé]di[eé])
    courriel transf[eé]r[eé]
    transf[eé]r[eé] par\b.{0,80}
    weitergeleitete nachricht
    anfang der weitergeleiteten nachricht
    messaggio inoltrato
    inizio messaggio inoltrato
    doorgestuurd bericht
    begin doorgestuurd bericht
    missatge reenviat
    mensaxe reenviada
    """)
    + r")\s*:?\s*[-=_\s]*$",
    _I,
)
REPLY_LINE = re.compile(
    r"(?:[-=_]{2,}\s*(?:"
    + _any(r"""
    original message
    original e-?mail
    original appointment
    reply message
    mensaje original
    mensaje (?:anterior|citado)
    correo original
    mensagem original
    mensagem anterior
    e-?mail original
    message d['’]origine
    message original
    message initial
    message pr[eé]c[eé]dent
    courriel original
    urspr[uü]ngliche nachricht
    messaggio originale
    oorspronkelijk bericht
    missatge original
    mensaxe orixinal
    """)
    + r")\s*:?\s*[-=_]*|_{10,}|-{20,}|={20,}|(?:original message|mensaje original|mensagem original|"
    r"message d['’]origine|message original)\s*:?)$",
    _I,
)
LABEL = re.compile(
    r"\s*(?:(?P<from>from|de|von|da|van|desde|remitente|remetente|exp[eé]diteur|mittente)"
    r"|(?P<date>sent|date|data|fecha|enviados?(?:\s(?:el|em|a))?|enviada(?:\s(?:em|el))?|envoy[eé](?:\sle)?|datum|"
    r"gesendet|inviato|verzonden|fecha de env[ií]o|data de envio|date d['’]envoi)"
    r"|(?P<subject>subject|asunto|assunto|objet|sujet|betreff|oggetto|onderwerp|assumpte|asunto del mensaje)"
    r"|(?P<to>to|para|pour|[aà]|an|aan|per|destinatarios?|destinataires?)"
    r"|(?P<other>cc|bcc|cco|cci|c\.c\.|copia|copie|reply-to|responder a|r[eé]pondre [aà]|importance|importancia|"
    r"prioridad|adjuntos?|anexos?|attachments?|pi[eè]ces jointes))\s?:(?=\s|$|<|\[)",
    _I,
)

SENT_LABEL = re.compile(
    r"\s*(?:sent|enviados?(?:\s(?:el|em))?|enviada(?:\sem)?|envoy[eé](?:\sle)?|gesendet|inviato|verzonden)\s?:", _I
)
"""Labels that programs write and people hardly do."""

_PREFIXES_FORWARD = r"fwd?|fw|rv|rev|reenv(?:iado)?|enc|encaminhado|tr|wg|i|doorst|vs|transf|ii"
_PREFIXES_REPLY = r"re|res|resp|r|rep|rép|ref|aw|antw?|rif|sv|odp|respuesta|resposta|réponse"
SUBJECT_PREFIX = re.compile(
    rf"\s*(?:\[[^\]]{{1,40}}\]\s*)?((?:{_PREFIXES_FORWARD}|{_PREFIXES_REPLY})\s?(?:\[\d+\])?\s?:)", _I
)
REPLY_SUBJECT = re.compile(rf"\s*(?:\[[^\]]{{1,40}}\]\s*)?(?:{_PREFIXES_REPLY})\s?(?:\[\d+\])?\s?:", _I)

_DEVICE = (
    r"(?:iphone|ipad|ipod|mac\b|celular|cel\b|tel[eé]fono|m[oó]vil|telem[oó]vel|t[eé]l[eé]phone|mobile|phone|smartphone|"
    r"tablet|tablette|samsung|galaxy|huawei|xiaomi|redmi|motorola|moto\b|nokia|lg\b|sony|blackberry|android|yahoo|outlook|"
    r"mail\b|correo|courrier|email|e-mail|proton|windows|gmail|dispositivo|appareil|device|hotmail|aplicaci[oó]n|"
    r"appli(?:cation)?|bluemail|nine|oneplus|realme|oppo|honor|tcl|zte|alcatel)"
)
FOOTER = re.compile(
    r"(?:"
    rf"(?:sent|enviad[oa]|envoy[eé]|gesendet|inviato|verzonden|verstuurd|enviat)\s(?:\w+\s){{0,2}}?(?:from|with|via|using|"
    r"desde|de|do|da|del|dende|con|com|mediante|por|pelo|pela|depuis|avec|[aà] partir de|[àa] l['’]aide de|von|mit|da|dal|van|"
    rf"vanaf|met|mijn|des de)\b.{{0,25}}{_DEVICE}.{{0,45}}"
    rf"|(?:get|obtener|obt[eé]n|obtenga|descarg(?:ar|a|ue)|obter|obtenha|baixar|obtenir|obtenez|t[eé]l[eé]charger|"
    r"t[eé]l[eé]chargez|hol dir|scarica)\s.{0,30}(?:outlook|yahoo|gmail|bluemail|mail).{0,100}"
    r"|(?:libre de virus|virus-free|livre de v[ií]rus|sin virus|sem v[ií]rus|garanti sans virus|sans virus|virenfrei).{0,80}"
    r"|(?:yahoo mail|proton mail|aol).{0,10}[:,].{0,80}"
    r"|<?https?://(?:aka\.ms|www\.avast\.com|www\.avg\.com)\S*>?"
    r")$",
    _I,
)
"""Full lines that a program adds. "Sent from" is only one with a program or device in it."""

DISCLAIMER = re.compile(
    _any(r"""
    \W{0,5}(?:aviso (?:legal|de confidencialidad|importante de confidencialidad)|confidentiality (?:notice|note)|disclaimer|legal notice)\b
    \W{0,5}(?:nota de confidencialidad|cl[aá]usula de confidencialidad|aviso de confidencialidade|avis de confidentialit[eé])\b
    \W{0,5}(?:este|el presente) (?:mensaje|correo|e-?mail)\b.{0,60}(?:confidencial|destinatari|dirigido|adjunt|privilegiad|reservad)
    \W{0,5}la informaci[oó]n (?:contenida|incluida) en este (?:mensaje|correo)
    \W{0,5}this (?:e-?mail|message|communication)\b.{0,80}(?:confidential|intended|privileged|attachment|recipient)
    \W{0,5}the information (?:contained|in) (?:in )?this (?:e-?mail|message|communication)
    \W{0,5}(?:esta|a presente) mensagem\b.{0,80}(?:confidencia|destinat[aá]ri|sigilos|anexos|privilegiad)
    \W{0,5}este e-?mail\b.{0,60}(?:confidencia|destinat[aá]ri|sigilos|anexos)
    \W{0,5}as informa[cç][oõ]es (?:contidas|constantes) n(?:esta|este)\b
    \W{0,5}ce (?:message|courriel|mail|courrier [eé]lectronique)\b.{0,80}(?:confidentiel|destin|pi[eè]ces jointes|privil)
    \W{0,5}les informations contenues dans ce (?:message|courriel)
    \W{0,5}(?:antes de imprimir|piense en el medio ambiente|por favor,? considere el medio ambiente|pense no meio ambiente)\b
    \W{0,5}(?:please )?(?:consider|think of) the environment\b
    \W{0,5}(?:avant d['’]imprimer|pensez [aà] l['’]environnement)
    """),
    _I,
)

CLOSING = re.compile(
    r"(?:"
    + _any(r"""
    (?:muy |m[aá]s )?(?:atentamente|atte|cordialmente|respetuosamente|afectuosamente|fraternalmente)
    (?:un )?(?:saludos?|abrazos?|cordial saludo|saludo cordial)(?: (?:cordiales|cordial|atentos?|fraternos?))?
    (?:de (?:usted(?:es)?|ud\.?),? )?(?:muy )?atentamente
    (?:muchas |mil )?gracias(?: de antemano| por su atenci[oó]n)?
    (?:yours |very )?(?:sincerely|truly|faithfully|respectfully)(?: yours)?
    (?:best|kind|warm|many) (?:regards|wishes|thanks)|regards|thanks|thank you|cheers|best
    (?:muito )?(?:atenciosamente|cordialmente|respeitosamente|att|abra[cç]os?|sauda[cç][oõ]es|cumprimentos|obrigad[oa])
    (?:com os )?(?:melhores )?cumprimentos
    (?:bien )?(?:cordialement|respectueusement|sinc[eè]rement|[aà] vous)
    (?:meilleures|sinc[eè]res|respectueuses) salutations|salutations(?: distingu[eé]es)?|merci(?: d['’]avance)?
    """)
    + r")\s?[.,!:;]*$",
    _I,
)
CONTACT = re.compile(
    r"@|https?://|www\.|\b(?:tel|t[eé]l|cel|fax|m[oó]vil|phone|fone|whatsapp)\b|\+?\d[\d\s().-]{6,}\d", _I
)
