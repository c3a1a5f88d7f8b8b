# ruff: noqa: E501 - a pattern a line
"""In which language the person wants to be answered, where they say so: this wins over everything (contract section 1).

Promises: a wish about our answer, not about a form or a report; a complaint that we answered in the wrong language is
no wish for that language. Works on folded text (no accents, lower case). Bounded patterns.
May import: re.
"""

from __future__ import annotations

import re

_NAMES = {
    "es": r"spanish|espanol|castellano|espanhol|castelhano|espagnol|espanyol|spaans|spagnolo|spanisch|panyol",
    "en": r"english|ingles|anglais|engels|inglese|englisch|angle|inglish",
    "pt": r"portuguese|portugues|portugais|portugees|portoghese|portugiesisch|brasileiro",
    "fr": r"french|frances|francais|frans|francese|franzosisch|franse",
    "other:ht": r"(?:haitian )?creole|kreyol(?: ayisyen)?|criollo haitiano|crioulo haitiano|creole haitien|creol",
    "other:nl": r"dutch|holandes|neerlandes|neerlandais|nederlands",
    "other:de": r"german|aleman|alemao|allemand|deutsch",
    "other:it": r"italian|italiano|italien",
    "other:gn": r"guarani",
    "other:qu": r"quechua|kichwa|quichua|runasimi",
    "other:ay": r"aymara|aimara",
    "other:ca": r"catalan|catala",
}
_ANY = "(?:" + "|".join(_NAMES.values()) + ")"
_LANGUAGE = re.compile(r"|".join(f"(?P<g{n}>{names})" for n, names in enumerate(_NAMES.values())))
_CODES = tuple(_NAMES)
_STEMS = (
    "spani", "espan", "espag", "spaan", "spagn", "panyol", "english", "inglish", "ingles", "anglai", "engels", "inglese",
    "englisch", " angle", "portug", "portoghese", "brasileiro", "french", "frances", "franca", "frans", "franz",
    "castel", "creol", "kreyol", "criol", "criou", "dutch", "holand", "neerland", "nederland", "german", "aleman",
    "alemao", "allemand", "deutsch", "italia", "guaran", "quechu", "kichwa", "quichu", "runasi", "aymara", "aimara",
    "catala",
)  # fmt: skip

_IN = r"(?:in|en|em|an|auf|op)\s(?:the\s|el\s|lengua\s|idioma\s|lingua\s|langue\s|my\s|mi\s){0,2}"
_ANSWER = (
    r"(?:answer|reply|respond|write(?: back)?|email|e-mail|communicate|correspond|explain|speak|get back|your (?:answer|reply|response)"
    r"|(?:an? |the )?(?:answer|reply|response|acknowledge?ment|correspondence|communications?)"
    r"|respond(?:an|er|erme|ernos|anme|annos|enme|ame|eme|a|am|am-me|erem|ei-me|e-me|ezca|iendome)|responda(?:n|m)?(?: me| nos)?"
    r"|contest(?:en|ar|arme|arnos|enme|ennos|eme|ame|e)|escrib(?:an|ir|irme|irnos|anme|annos|ame|ame|a)"
    r"|envi(?:en|ar|arme|enme|ennos|eme|em|ar-me|e)|mand(?:en|ar|arme|enme|ennos|eme|ame|em|e)|comuni(?:quen|carse|carme|car|quense)"
    r"|expliquen(?:me)?|explicar(?:me)?|hablen(?:me)?|hablar(?:me)?|falar|falem|atender(?:me)?|atiendan(?:me)?"
    r"|(?:la |su |una |a |sua |uma )?(?:respuesta|resposta|contestacion|comunicacion(?:es)?|correspondencia)"
    r"|escrev(?:am|er|a|er-me|am-me)|retorn(?:em|ar|o)|"
    r"repondez(?:[- ](?:moi|nous))?|repondre|ecrivez(?:[- ](?:moi|nous))?|ecrire|envoyez(?:[- ](?:moi|nous))?|envoyer|parlez|"
    r"(?:une |la |votre )?(?:reponse|correspondance)|reponn(?:nou|mwen|m)?|ekri|antworten|antwoorden|rispondere|risposta)"
)
_ASKED = re.compile(rf"\b{_ANSWER}\b(?P<gap>(?:\W{{1,3}}[\w'’-]+){{0,5}}?)\W{{1,3}}{_IN}(?P<name>{_ANY})\b")
_POLITE = re.compile(
    r"\b(?:please|pls|plz|kindly|could|can|would|may|prefer|want|like|wish|need|appreciate|grateful|only|if possible|por favor|porfa|"
    r"favor|pueden|podrian|puede|podria|ruego|rogamos|solicito|solicitamos|pido|pedimos|quiero|quisiera|quisieramos|necesito|agradec\w+|"
    r"prefiero|preferimos|gustaria|podem|poderiam|pode|poderia|peco|gostaria|queria|prefiro|preciso|preferimos|possivel|posible|possible|"
    r"pouvez|pourriez|veuillez|merci|prefere|preferons|voudrais|souhaite|souhaitons|s'il vous plait|svp|silvouple|tanpri|bitte|"
    r"mochte|graag|deben|must|should)\b"
)
_IMPERATIVE = re.compile(
    r"^(?:answer|reply|respond|write|respondan|respondanme|respondame|contesten|contestenme|contesteme|escriban|escribanme|escribame|"
    r"envienme|mandenme|respondam|respondam-me|escrevam|mandem|repondez|ecrivez|envoyez|expliquen|comuniquense|your (?:answer|reply)|"
    r"(?:la |su )?respuesta|(?:a |sua )?resposta|(?:la |votre )?reponse)"
)
_NEGATED = re.compile(
    r"(?:\b(?:no|not|never|nao|ne|dont|don't|cannot|can't|sin|sem|sans|nunca|jamais)|n['’])(?:\W+\w+){0,2}\W*$"
)
_REPROACH = re.compile(
    r"\b(?:why|you always|you|they|did|porque|por que|pourquoi|siempre|sempre|toujours|me|nos|i|we|yo|eu|je|nous|les|le|lhes|vos|vous)(?:\W+\w+)?\W*$"
)
_DOCUMENT = re.compile(
    r"\b(?:form|forms|formulario|formulaire|version|versao|informe|report|relatorio|rapport|brochure|folleto|cartilha|copia|copy|"
    r"copie|texto|text|resoluc\w+|resolution|resolucao|publica\w+|booklet|guide|guia|convencion|convencao|convention|comunicado|"
    r"communique|press release|template|modelo|documento?s?|documents?|traduc\w+|translation|curso|course|libro|book)\b"
)
_COURTESY = re.compile(
    rf"(?:^|[.!?;:\n,(–-]\s*)(?:{_IN})?(?P<a>{_ANY})\W{{1,3}}(?:please|pls|plz|por favor|porfa(?:vor)?|s'il vous plait|svp|se possivel|"
    rf"si es posible|if possible|si possible|silvouple|bitte|only|solamente|apenas)\b"
    rf"|(?:\bplease|\bpls|\bpor favor|\bs'il vous plait|\bsvp)\W{{1,3}}(?:{_IN})(?P<b>{_ANY})\b"
)
_PREFER = re.compile(
    rf"\b(?:prefer|prefiero|preferimos|preferiria|preferencia|prefiro|prefere|preferons|prefererais|preference|preferably|de preferencia|"
    rf"preferiblemente|preferentemente|de preference)(?:\W{{1,3}}[\w'’]+){{0,5}}?\W{{1,3}}(?:{_IN})?(?P<a>{_ANY})\b"
    rf"|\b(?:only|solo|solamente|unicamente|so|somente|apenas|seulement|uniquement)\W(?:\w+\W){{0,2}}?"
    rf"(?:speaks?|understands?|reads?|hablo|entiendo|leo|hablamos|entendemos|falo|entendo|leio|falamos|sei|se|parle|comprends|lis|parlons)"
    rf"\W(?:el\W)?(?P<b>{_ANY})\b"
    rf"|\bne (?:parle|comprends|lis|parlons|comprenons) (?:que|bien que|qu)\W(?:le |l')?(?P<c>{_ANY})\b"
    rf"|\b(?:no|nao) (?:hablo|entiendo|leo|falo|entendo|leio) (?:mas|mais|nada mas|outra coisa)?\W?(?:que|do que|sino)\W(?P<d>{_ANY})\b"
    rf"|\bmy (?:first |native )?language is (?P<e>{_ANY})\b|\bmi (?:idioma|lengua) es (?:el )?(?P<f>{_ANY})\b"
)


def _code(name: str) -> str | None:
    found = _LANGUAGE.fullmatch(name)
    return _CODES[int(found.lastgroup[1:])] if found and found.lastgroup else None


def _sentence_before(text: str, start: int) -> str:
    window = text[max(0, start - 120) : start]
    for end in ".!?;\n":
        window = window.rpartition(end)[2]
    return window


def wish(folded: str) -> str | None:
    """The language code asked for ("es", "other:ht"), or None."""
    text = folded[:8_000]
    if not any(stem in text for stem in _STEMS) or _LANGUAGE.search(text) is None:
        return None
    for match in _ASKED.finditer(text):
        before = _sentence_before(text, match.start())
        whole = f"{before}{match[0]}"
        if _NEGATED.search(before) or _DOCUMENT.search(match["gap"]):
            continue
        after = re.split(r"[.,;!?\n]", text[match.end() : match.end() + 30])[0]
        stated = _REPROACH.search(before) is not None
        if _POLITE.search(whole) or (not stated and (_IMPERATIVE.match(match[0]) or _POLITE.search(after))):
            return _code(match["name"])
    for pattern in (_COURTESY, _PREFER):
        for match in pattern.finditer(text):
            before = _sentence_before(text, match.start())
            if not _DOCUMENT.search(before) and not _NEGATED.search(before) and not _DOCUMENT.search(match[0]):
                return _code(next(group for group in match.groups() if group))
    return None
