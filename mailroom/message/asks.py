# ruff: noqa: E501 - a pattern a line
"""Does the writer ask not to be answered here, or does somebody else read this mailbox?

Promises: works on folded text (language.fold), in es, en, pt, fr; bounded patterns. Read generously, because an answer
can endanger the writer, but a complaint that nobody answers, or a wish about the language of the answer, is none.
May import: message/patterns.py.
"""

from __future__ import annotations

import re

from mailroom.message.patterns import alternatives, compiled

_STEMS = (
    "respond", "respues", "respost", "contest", "escri", "escre", "repl", "answer", "write", "repond", "ecri", "reponse",
    "envi", "mand", "retorn", "contact", "contat", "send", "acknowl", "correo", "mail", "mensa", "messag", "celular",
    "phone", "telef", "portable", "account", "cuenta", "conta", "compte", "boite", "courriel", "senha", "clave",
    "contrasena", "password", "passe", "whatsapp", "comput",
)  # fmt: skip

_PLACE = alternatives(r"""
    correos?|mail|e-?mail|mensajes?|messages?|mensagem|direccion|endereco|address|adresse|medio|cuenta|account|conta
    compte|buzon|casilla|caixa|boite|courriel|inbox|mailbox|numero|number|telefono|telefone|phone|celular|via|canal
    courrier|thread|remitente|one
    """)
_HERE = compiled(rf"""
    \b(?:est[ea]|es[ea]|this|that|m[iy]|meu|minha|ess[ea]|cet?|cette|mon|ma|n[eo]st[ea]|ness[ea]|dest[ea]|el|la|the|le|o|al)
    \W(?:mism[oa]\W|same\W|mesm[oa]\W|meme\W|work\W|e-?mail\W)?(?:{_PLACE})\b
    """) + compiled(r"""
    \b(?:aqui|aca|here|ici|por aca|por correo|por e?-?mail|by e?-?mail|par (?:e-?)?mail|par courriel|via e-?mail|de vuelta
    de volta|a ce|por ese medio|por esta via)\b
    """)
_HERE_RE = re.compile("|".join(_HERE))
_PAUSE = re.compile(
    r"\s*(?:$|[.!,;:)\n])|\s*\b(?:por favor|please|pls|svp|porque|pues|ya que|pois|because|since|as|car|parce|puisque|pq|xq)\b"
    r"|\s(?:me|us|back|nada|mas|mais|plus|nunca|jamas|a nadie|anything|at all|s'il)\b"
)

_THINGS_ES = r"(?:\s(?:nada|correos?|mensajes?|(?:ninguna |una )?respuestas?|(?:e-?)?mails?|confirmacion|acuse))"
_ES = alternatives(rf"""
    respond(?:an|a|er|erme|ernos|as|ais|anme)|contest(?:en|e|ar|arme|arnos|es|eis|enme)|contact(?:en|ar|arme)
    escrib(?:an|a|ir|irme|irnos|as|anme)|repliquen|acusen|acusar
    (?:mand|envi)(?:en|ar|e|enme){_THINGS_ES}
    (?:vayan|vaya) a (?:responder|contestar|escribir|mandar|enviar)(?:me)?
    """)
_THINGS_PT = r"(?:\s(?:nada|e-?mails?|mensage(?:m|ns)|(?:nenhuma |uma )?respostas?|confirmacao))"
_PT = alternatives(rf"""
    respond(?:am|a|er|erem)|escrev(?:am|a|er)|retorn(?:em|ar)|contat(?:em|ar)|(?:mand|envi)(?:em|ar|e){_THINGS_PT}
    """)
_THINGS_EN = (
    r"(?:me )?(?:anything|any (?:e-?mails?|messages?|reply|answer|response|confirmation)|e-?mails?|messages?|"
    r"(?:a |an )?(?:reply|answer|replies|response|confirmation|acknowledge?ment))"
)
_EN = alternatives(rf"""
    reply|respond|answer|write back|write to me|write me|e-?mail me|mail me|e-?mail back|get back to me|contact me
    send {_THINGS_EN}|acknowledge
    """)
_FR = alternatives(r"""
    (?:me |m'|nous |y |lui )?(?:repondez|repondre|ecrivez|ecrire|envoyez|envoyer|renvoyez|renvoyer|contactez|contacter)
    """)
_REST = r"(?P<{}>[^.!?\n]{{0,60}})"
_FORBID = re.compile(
    rf"\b(?:no|ni|nunca|jamas)\s(?:(?:me|nos|le|les)\s)?(?:{_ES})\b{_REST.format('es')}"
    rf"|\b(?:nao|n)\s(?:(?:me|nos|lhe)\s)?(?:{_PT})\b{_REST.format('pt')}"
    r"|\b(?:do not|don't|dont|do n't|don t|dnt|never|must not|should not|shouldn't|(?P<infinitive>not to|rather you not)|can not"
    rf"|cannot|can't|dont u)\s(?:(?:please|pls|ever)\s)?(?:{_EN})\b{_REST.format('en')}"
    rf"|\b(?:ne\s?(?:surtout\s)?(?:{_FR})\s?(?:surtout\s)?(?:pas|plus|rien)|n'(?:ecrivez|envoyez)\s(?:surtout\s)?(?:pas|plus|rien)"
    rf"|ne\s(?:surtout\s)?(?:pas|rien|plus)\s(?:{_FR}))\b{_REST.format('fr')}"
)
_ASKING = alternatives(r"""
    favor(?: de)?|por favor|porfa(?:vor)?|please|pls|plz|kindly|so|asi que|entonces|and|but|y|pero|e|mas|et|mais|just|therefore
    por eso|por lo tanto|portanto|por isso|entao|donc|alors|svp|s'il vous plait|merci de|merci|priere de|veuillez|you must|must
    you|ustedes|uds|ud|usted|voces|vcs|voce|better|mejor|melhor|mieux vaut|solo que|only|surtout|sobre todo|hello|hola|bonjour
    (?:pid|rueg|rog|suplic|solicit|agradec|agradez|prefer|prefier|prefir|necesit|quier|quisier|pec|pedi|gostar|precis|quer)\w{0,7} que
    (?:les|le|lhes|vos) \w{3,12} que|(?:ask|beg|need|want|asking|request) you|(?:ask|request) that you|(?:demande|prie|supplie) de
    importante?|urgente?|ojo|nota|note|obs|atencion|attention|nb|ps|pd|im begging|i beg|peligroso|important
    """)
_IMPERATIVE_BEFORE = re.compile(rf"(?:^|[.!?;:,\n(\[\"«“*–—-]|\b(?:{_ASKING}))\s*$")
_STRONG_ASKING = re.compile(
    r"\b(?:(?:pid|rueg|rog|suplic|solicit|agradec|agradez|prefer|prefier|prefir|necesit|quier|quisier|pec|pedi|gostar|precis|quer)\w{0,7} que"
    r"|(?:les|le|lhes|vos) \w{3,12} que|favor(?: de)?|please|pls|merci de|priere de|(?:ask|beg|need|want|asking|request)(?: that)? you"
    r"|(?:demande|prie|supplie) de|kindly|ustedes|uds)\s*$"
)
_REPORTED = re.compile(
    r"\b(?:they|he|she|it|who|which|that|authorities|police|courts?|government|ministry|people|office|si|se|if|cuando|quando|when"
    r"|aunque|embora|mientras|enquanto|while|quienes|quien|quem|why|por que|pourquoi|ils|elles|elle|on|qui|pour que|(?<!asi )que|until|quizas?"
    r"|tal vez|talvez|you|we|i|caso|whether|vous|nous|told me|tell me|dijo|dijeron|as|y porque|porque|car)\s*$"
)
_OTHER_MATTER = re.compile(
    r"\s*(?:(?:me|us|back|to me|nos)\s)?(?:in|en|em|auf)\s(?:ingles|english|espanol|spanish|frances|french|francais|portugues\w*|anglais"
    r"|espagnol|portugais|creole|otro idioma|another)|\s*(?:with|con|com|avec)\s(?!mi\b|my\b|meu\b|mon\b|el correo)"
    r"|\s*(?:to )?(?:reply )?all\b|\s*a todos\b|\s*(?:tarde|late|que\b|to the (?:state|government)|lo mismo)"
)

_ANSWERING = r"(?:repl\w+|respond\w*|answer\w*|writ\w+|e-?mail\w*|contest\w+|escrib\w+|escrev\w+|repond\w+|ecri\w+|mand\w+|envi\w+|send\w*)"
_NO_ANSWER = r"(?:sin respuesta|no repl(?:y|ies)|no answers?|no responses?|sem resposta|pas de reponse|sin contestacion|sin acuse)"
_OTHER_WISH = re.compile(
    "|".join(
        compiled(rf"""
    \b(?:no|nao) (?:es|e|sea|seria|me es) (?:muy )?(?:segur[oa]|prudente|conveniente) (?:que )?(?:me )?{_ANSWERING}
    \b(?:not|isn't) (?:be )?safe (?:for me |for you |if you |that you )?(?:to )?(?:get |receive |have )?(?:a |an |any )?{_ANSWERING}
    \b(?:unsafe|dangerous|peligroso|perigoso|dangereux|risky|riesgoso|arriscado) (?:for me |if you |si |se |que |para mi |de )?(?:voces )?(?:me )?(?:to )?{_ANSWERING}
    \bil n['e] ?est pas (?:sur|prudent|securise) .{{0,20}}{_ANSWERING}
    \b{_NO_ANSWER}\W{{1,3}}(?:por favor|please|pls|s'il vous plait|svp|aqui|here|ici|to this)
    \b(?:please|por favor|pls|kindly|svp)\W{{1,3}}{_NO_ANSWER}\b
    \b(?:por favor|porfa|favor)\W{{1,3}}nada de (?:respuestas?|respostas?)\b
    \b(?:please|pls|kindly)\W{{1,3}}send nothing (?:to|at|here)\b
    \b(?:no quiero|no deseo|nao quero|nao desejo|i do not want|i don't want|don't want|do not want) (?:que )?(?:me )?(?:recibir |any |an? |ninguna |nenhuma |to receive |receber |you to )?(?:{_ANSWERING}|respuestas?|resposta|reply|answer)\b(?! (?:automatic|standard|generic|tarde|late|like|como))
    \bje ne (?:veux|souhaite) pas (?:de |recevoir de |que vous )?(?:me )?(?:reponse|repond\w+|ecri\w+)
    \b(?:est[ea]|ess[ea]) (?:buzon|casilla|correo|direccion|cuenta|caixa|e-?mail|endereco) (?:no|nao) (?:recibe|recebe|admite|acepta|aceita|es monitore|e monitora|es atendid)
    \bthis (?:mailbox|inbox|address|account|e-?mail(?: address)?) (?:is not|isn't|is un)\s?(?:monitored|read|attended|checked)
    \bcette (?:boite|adresse)\b.{{0,30}}\b(?:n'est pas|ne recoit) (?:pas )?(?:consultee|lue|surveillee|relevee|de reponse)
    \b(?:eviten?|evitem|evitar|evitez(?: de)?|avoid|refrain from|abstenerse de|abstenganse de|abster-se de|abstenez-vous de|por ningun motivo|under no circumstances|en aucun cas|de ninguna manera|em hipotese alguma) (?:me |not |nao |no )?{_ANSWERING}(?= (?:a|to|at|aqui|here|ici|por|par|this|este|esta|esse|para|en|sur)\b|\W*$|[.!,;\n])
    \b(?:nobody|no one|nadie|ninguem|personne) (?:should|must|can|may|deve|debe|puede|pode|ne doit) {_ANSWERING}
    \b(?:only|solo|so|uniquement|seulement|unicamente|apenas) (?:call|llamen|llamenme|liguem|appelez|por telefono|por whatsapp|by phone|by whatsapp|par telephone)\b.{{0,40}}\b(?:no|not|nao|pas|never|nunca)\b.{{0,20}}(?:correo|mail|courriel|escrib\w+|write)
    \b(?:i|we|yo|eu|je) (?:can't|cannot|can not|no puedo|nao posso|ne peux pas) (?:safely )?(?:receive|recibir|receber|recevoir) (?:any |una? |de |uma )?(?:reply|replies|answers?|respuestas?|correos|resposta|reponses?)
        """)
    )
)

# somebody near reads this mailbox, now: present tense, and a person of the household or a superior
_RELATION = alternatives(r"""
    esposo|esposa|marido|mujer|pareja|novio|novia|papa|padre|mama|madre|hermano|hermana|tio|tia|jefe|jefa|patron|patrona|suegra
    suegro|padrastro|companero|companera|conviviente|cunado|concubino|husband|wife|partner|boyfriend|girlfriend|father|dad|mother
    mum|mom|brother|sister|uncle|aunt|boss|employer|stepfather|stepdad|stepmother|supervisor|manager|landlord|in-laws|family
    familia|pai|mae|irmao|irma|namorado|namorada|padrasto|chefe|patrao|companheiro|companheira|sogra|sogro|mari|conjoint
    conjointe|compagnon|pere|mere|frere|soeur|beau-pere|oncle|tante|copain|petit ami|chef|famille|ex|belle-mere
    """)
_SOMEBODY = (
    r"(?:el(?:la)?|ele|ela|elle|il|s?he|they|(?:m[iy]|meu|minha|mon|ma|su|nuestro|nosso|our|notre|the|el|o|le)\s(?:ex[ -])?"
    rf"(?:{_RELATION})(?:\s(?:es|is|e|est)\s[^.!?\n]{{1,40}}?\s(?:y|and|e|et))?"
    r"|someone else|somebody else|alguien mas|otra persona|outra pessoa|quelqu'un d'autre|otras personas|other people"
    r"|los guardias|los custodios|the guards|os guardas|les gardiens)"
)
_READS = alternatives(r"""
    lee|leen|leer|revisa|revisan|revisar|ve|ver|mira|vigila|controla|checa|abre|usa|maneja|entra|espia|reads?|checks?|monitors?
    sees?|watch(?:es)?|controls?|opens?|goes through|looks at|uses?|le|leem|ler|olha|mexe|mexem|fiscaliza|confere|lit|lire|lisent
    regarde|surveille|consulte|controle|ouvre|fouille|(?:has|have) (?:full )?access|tienen? acceso|tem acesso|a acces
    (?:has|knows|have) (?:the|my) password|(?:tiene|sabe) (?:la|mi) (?:clave|contrasena)|(?:tem|sabe) (?:a |minha )?senha
    (?:connait|a) (?:le|mon) mot de passe
    """)
_ADVERB = (
    r"(?:(?:tambien|siempre|me|nos|also|always|sometimes|still|often|regularly|m'|tambem|sempre|ainda|a veces|as vezes|todavia|aussi|"
    r"toujours|can|could|puede|pode|peut|todo|lui|all|just|ya|already|deja)\s?){0,3}"
)
_MAIL = alternatives(r"""
    correos?|(?:e-?)?mails?|mensajes?|messages?|mensage(?:m|ns)|cuenta|account|conta|compte|boite|inbox|mailbox|buzon|courriels?
    celular|telefono|telefone|(?:cell ?|tele)?phone|portable|casilla|caixa|bandeja|correspondencia|whatsapp|computer|computadora
    contrasena|clave|password|senha|mot de passe
    """)
_MAIL_RE = re.compile(rf"\b(?:{_MAIL})\b")
_MY_MAIL = (
    r"(?:(?:a|to|in|en|al|no|na|ao|aos|em|dans|de|through|at|les|tod[oa]s?|all|tous|toutes|everything|in|todo lo de|del?|d[ao]|of|des|de la|to|of|on|from|sur)\s){0,4}"
    rf"(?:(?:mis?|my|meus?|minhas?|mon|mes|ma|d?est[eoa]s?|d?ess[ea]|this|these|ce[ts]?|cette|el|l[oa]s|the|our|nuestros?|os?|as?|la|le)\s)?(?:{_MAIL})"
)
_WATCHED = re.compile(
    "|".join(
        compiled(rf"""
    \b{_SOMEBODY}\s(?:\w+\s){{0,3}}?{_ADVERB}(?:{_READS})\s?{_MY_MAIL}\b
    (?:^|[.,;:!\n(]\s*|\b(?:y|e|and|et|que|porque|pues|pero|but|mas|mais|tambien|siempre|sempre|toujours|always|also|me|nos|lo)\s)(?:lee|revisa|controla|vigila|le|fiscaliza|lit|surveille|reads|checks|monitors)\s(?:todos\s|todas\s|all\s|tous\s|todo\s)?(?:mis?|my|meus?|minhas?|mes|mon|this|est[ea]|ce)\s(?:{_MAIL})\b
    \b(?:est[ea]|this|ess[ea]|cet?|m[iy]|meu|mon)\s(?:correo|e-?mail|mail|account|cuenta|phone|celular|telefono|telefone|telephone|courriel|compte)\s(?:(?:tambien|also|tambem|aussi)\s)?(?:lo|la|o)\s(?:tambien\s)?(?:lee|revisa|controla|usa|ve)\b
    \b(?:est[ea]|this|ess[ea]|cet?|m[iy]|meu|mon)\s(?:correo|e-?mail|mail|account|cuenta|phone|celular|telefono|telefone|telephone|courriel|compte)\s(?:is|e|es|est|esta)\s(?:\w+\s)?(?:read by|watched|monitored|checked by|shared with|compartid[oa] con|lido por|leido por|vigiad[oa]|vigilad[oa]|lu par|surveille|partage avec)
    \b(?:me |nos )?(?:leen|revisan|vigilan|leem|controlan|checan)\s(?:el|los|mis?|meus?|os?|este)\s(?:correos?|mensajes?|e-?mails?|mensagens|celular|telefono)\b
    \b(?:comparto|i share|we share|partilho|compartilho|je partage)\s(?:est[ea]|this|ess[ea]|cet?|cette|el|the|o|my)\s(?:correo|e-?mail|account|cuenta|mail|courriel|compte|boite|adresse|address|phone)\s(?:con|with|com|avec)\s(?:m[iy]|meu|mon|el|him|ele)
        """)
    )
)
_NOT_WATCHED = re.compile(
    r"\b(?:if|whether|si|se|no|not|never|nao|ne|nobody|nadie|ninguem|personne|no one|quand|cuando|before|antes|quien|who|quem|qui|"
    r"usted(?:es)?|uds|voces|commission|comision|comissao|alguien|anyone|anybody|someone|somebody|alguem|quelqu'un)\W+(?:\w+\W+){0,2}$"
)
_END = re.compile(r"[.!?\n]")


def wishes_silence(folded: str) -> bool:
    """Whether the writer asks not to be answered here, or says that another reads this mailbox."""
    text = folded[:20_000]
    if not any(stem in text for stem in _STEMS):
        return False
    if any(_forbids(match, text) for match in _FORBID.finditer(text)):
        return True
    return _OTHER_WISH.search(text) is not None or any(_watched(window) for window in _windows(text))


def _windows(text: str) -> list[str]:
    """The surroundings of every mention of mail or telephone: all that "he reads my mail" can be in."""
    spans: list[tuple[int, int]] = []
    for word in _MAIL_RE.finditer(text):
        start, end = max(0, word.start() - 120), word.end() + 120
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        elif len(spans) < 50:
            spans.append((start, end))
    return [text[start:end] for start, end in spans]


def _forbids(match: re.Match[str], text: str) -> bool:
    after = next((match[name] for name in ("es", "pt", "en", "fr") if match[name] is not None), "")
    before = text[max(0, match.start() - 60) : match.start()]
    if _OTHER_MATTER.match(after):
        return False
    here = _HERE_RE.search(after[:45]) is not None
    if _STRONG_ASKING.search(before):
        return here or _PAUSE.match(after) is not None
    if match["infinitive"] or _REPORTED.search(before):
        return False
    end = _END.search(text, match.end())
    if end is not None and end[0] == "?":  # "¿por qué no contestan aquí?"
        return False
    if _IMPERATIVE_BEFORE.search(before):
        return here or _PAUSE.match(after) is not None
    return here


def _watched(text: str) -> bool:
    for match in _WATCHED.finditer(text):
        end = _END.search(text, match.end())
        asked = end is not None and end[0] == "?"  # "is anybody reading my mail?" asks us
        if not asked and _NOT_WATCHED.search(text[max(0, match.start() - 30) : match.start()]) is None:
            return True
    return False
