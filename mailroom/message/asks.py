"""What the words themselves say about answering: a wish for silence, an out-of-office, a receipt, a bounce's prose.

Promises: works on folded text (no accents, lower case), in es, en, pt, fr; bounded patterns. The wish for silence is
read generously, because a wrong answer can endanger the writer; a complaint that nobody answers is not one.
May import: re.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE

# ------------------------------------------------------------------------------------ please do not answer

_HERE = (
    r"(?:(?:a|al|por|en|desde|con|de|to|at|on|via|through|by|from|using|para|pelo|nesse|neste|nessa|nesta|sur|par|dans|depuis)\W)?"
    r"(?:(?:este|esta|ese|esa|this|that|my|mi|meu|minha|esse|essa|ce|cet|cette|mon|ma|el|la|the|le|o|"
    r"neste|nesta|deste|desta|nesse|nessa|a este|a esta)\W)"
    r"(?:mismo\W|same\W|mesmo\W|meme\W|misma\W|work\W|e-?mail\W)?"
    r"(?:correo|mail|e-?mail|mensaje|message|mensagem|direccion|endereco|address|adresse|medio|cuenta|account|conta|compte|buzon|"
    r"casilla|caixa|boite|courriel|inbox|mailbox|numero|number|telefono|phone|celular|via|canal|courrier|one|thread|remitente)"
    r"|\b(?:aqui|aca|here|ici|por aqui|por aca|por este medio|por esta via|por correo|por mail|por e-?mail|by e-?mail|by mail|"
    r"par (?:e-?mail|mail|courriel)|por ese medio|via e-?mail)\b"
)
_PAUSE = r"(?:\s*(?:$|[.!,;:)\n]|\bpor favor\b|\bplease\b|\bsvp\b|\bporque\b|\bpues\b|\bya que\b|\bpois\b|\bbecause\b|\bsince\b|\bas\b|\bcar\b|\bparce\b|\bpuisque\b|\bpq\b|\bxq\b))"
_ES = (
    r"(?:(?:me|nos|le|les)\s)?(?:respond(?:an|a|er|erme|ernos|as|ais|anme)|contest(?:en|e|ar|arme|arnos|es|eis|enme)|"
    r"escrib(?:an|a|ir|irme|irnos|as|anme)|replique[n]?|devuelva[n]?|reenvie[n]?|mand(?:en|ar|e)(?:\s(?:nada|correos?|mensajes?|respuestas?|mails?))|"
    r"envi(?:en|ar|e)(?:\s(?:nada|correos?|mensajes?|respuestas?|mails?))|acusen|acusar)"
)
_PT = (
    r"(?:(?:me|nos|lhe)\s)?(?:respond(?:am|a|er|erem|ais)|escrev(?:am|a|er)|retorn(?:em|ar)|mand(?:em|ar|e)(?:\s(?:nada|e-?mails?|mensage(?:m|ns)|resposta))|"
    r"envi(?:em|ar|e)(?:\s(?:nada|e-?mails?|mensage(?:m|ns)|resposta)))"
)
_EN = (
    r"(?:reply|respond|answer|write back|write to me|write me|email me|e-mail me|mail me|email back|get back to me|"
    r"send (?:me )?(?:anything|any (?:e-?mails?|messages?|reply|answer|response)|e-?mails?|messages?|a reply|an answer|replies)|acknowledge)"
)
_FR = r"(?:(?:m['e ]|nous\s|me\s|y\s|lui\s)?\s?(?:repondez|repondre|ecrivez|ecrire|envoyez|envoyer|renvoyez|renvoyer|repond))"

_FORBID = re.compile(
    rf"\bno\s(?P<es>{_ES})(?P<es_after>[^.!?\n]{{0,60}})"
    rf"|\b(?:nao|n)\s(?P<pt>{_PT})(?P<pt_after>[^.!?\n]{{0,60}})"
    rf"|\b(?:do not|don't|dont|do n't|don t|dnt|never|must not|should not|shouldn't|not to|cannot|can't|can not)\s"
    rf"(?P<en>{_EN})(?P<en_after>[^.!?\n]{{0,60}})"
    rf"|\b(?:ne\s(?P<fr1>{_FR})\s?(?:surtout\s)?pas|n['e]\s?(?P<fr2>ecrivez|envoyez)\s?(?:surtout\s)?(?:pas|rien)|ne\s(?:surtout\s)?(?:pas|rien|plus)\s(?P<fr3>{_FR}))"
    r"(?P<fr_after>[^.!?\n]{0,60})",
    _I,
)
_IMPERATIVE_BEFORE = re.compile(
    r"(?:^|[.!?;:,\n(\[\"«“–—*-]|\b(?:favor(?: de)?|por favor|porfa(?:vor)?|please|pls|plz|kindly|so|asi que|entonces|and|but|y|pero|e|mas|et|mais|"
    r"just|therefore|por eso|por lo tanto|portanto|por isso|entao|donc|alors|svp|s'il vous plait|merci de|priere de|veuillez|"
    r"you must|must|ustedes|uds|ud|usted|voces|vcs|voce|is to|better|mejor|melhor|mieux vaut|de|solo que|only|pido|peco|"
    r"(?:pid|rueg|suplic|solicit|agradec|prefer|prefier|necesit|quier|quisier|peç|pec|gostar|precis)\w{0,7} (?:que|a ustedes que)|"
    r"(?:les|le|lhes|vos) \w{3,12} que|ask you|beg you|need you|want you|asking you|request you|ask that you|request that you|"
    r"demande de|prie de|supplie de|important(?:e)?|urgente?|ojo|nota|note|obs|atencion|attention|nb|ps|pd))\s*$",
    _I,
)
_REPORTED = re.compile(
    r"\b(?:they|he|she|it|who|which|that|authorities|police|courts?|government|ministry|people|office|"
    r"si|se|if|cuando|quando|when|aunque|embora|mientras|enquanto|while|quienes|quien|quem|porque|why|por que|pourquoi|ils|elles|elle|"
    r"on|qui|para que|pour que|so that|hasta que|ate que|until|temo que|espero que|ojala|quizas?|tal vez|talvez|creo que|parece que|"
    r"parce que|car|you|we|i|nunca|jamas|caso|whether|vous|nous|que)\s*$",
    _I,
)
_ONLY_MANNER = re.compile(
    r"^\s*(?:(?:me|us|a mi|back|to me|nos)\s)?(?:in|en|em|auf)\s(?:ingles|english|espanol|spanish|frances|french|francais|portugues\w*|anglais|"
    r"espagnol|portugais|creole|otro idioma|another)|^\s*(?:with|con|com|avec)\s(?!mi\b|my\b|meu\b|mon\b|el correo)|^\s*(?:tarde|late|que\b|to the (?:state|government))",
    _I,
)
_HERE_RE = re.compile(_HERE, _I)
_PAUSE_RE = re.compile(rf"^{_PAUSE}|^\s(?:me|us|back|nada|mas|mais|plus|nunca|jamas|a nadie|anything|at all)\b", _I)

_OTHER_WISHES = re.compile(
    r"\b(?:no|nao|not)\s(?:es|e|it's|is|sea|seria)\s(?:seguro|segura|prudente|conveniente|safe)\s(?:que\s(?:me\s)?)?(?:to\s)?(?:responder|contestar|"
    r"respondan|contesten|escrib\w+|reply|respond|answer|write|email|escrever|responda\w*|mand\w+|envi\w+)"
    r"|\b(?:it is|it's|its|is|es|seria|e|c'est|il est) (?:not safe|unsafe|dangerous|peligroso|perigoso|dangereux|risky|riesgoso|arriscado|risque) "
    r"(?:for me |if you |que (?:me )?|para mi |de (?:me )?|to )(?:to )?(?:reply|respond\w*|answer|write|email|contest\w+|escrib\w+|escrev\w+|repondre|ecrire|mand\w+|envi\w+)"
    r"|\bil n['e]\s?est pas (?:sur|prudent|securise)\b.{0,25}(?:repondre|ecrire)"
    r"|\b(?:sin respuesta|no reply|no answer|sem resposta|pas de reponse|no replies)\W{1,3}(?:por favor|please|pls|s'il vous plait|svp|aqui|here|ici)"
    r"|\b(?:please|por favor|pls|kindly)\W{1,3}(?:no reply|no answer|no response|sin respuesta|sem resposta|pas de reponse)\b"
    r"|\b(?:no quiero|no deseo|nao quero|nao desejo|je ne (?:veux|souhaite) pas(?: de| recevoir de)?|i do not want|i don't want|i do not wish|don't want)\W"
    r"(?:(?:que me|recibir|any|a|an|una?|nenhuma|ninguna|to receive|receber|you to|de)\W){0,2}(?:respuesta|contest\w+|respond\w+|escrib\w+|resposta|reponse|reply|answer|response)"
    r"(?!\W(?:automatic|standard|generic|tarde|late|like|como|comme))"
    r"|\b(?:este|esta) (?:buzon|casilla|correo|direccion|cuenta|caixa|e-?mail|endereco) (?:no|nao) (?:recibe|recebe|admite|acepta|aceita|es monitoread|e monitorad)\w*"
    r"|\bthis (?:mailbox|inbox|address|account|e-?mail(?: address)?) (?:is not|isn't|is un)\s?(?:monitored|read|attended|checked)"
    r"|\bcette (?:boite|adresse)\b.{0,30}\b(?:n'est pas|ne recoit|pas) (?:consultee|lue|surveillee|relevee|de reponse)"
    r"|\b(?:only|solo|so|uniquement|seulement|unicamente|apenas) (?:call|llamen|llamenme|llamar|liguem|ligar|appelez|par telephone|por telefono|por whatsapp|by phone|by whatsapp)\b"
    r".{0,40}\b(?:no|not|nao|pas|never|nunca)\b.{0,20}(?:correo|mail|e-?mail|courriel|escrib\w+|write)",
    _I,
)

# somebody near reads this mailbox, now: present tense, and a person of the household or a superior
_SOMEBODY = (
    r"(?:el|ella|ele|ela|il|elle|he|she|(?:mi|my|meu|minha|mon|ma|su|nuestro|nosso|our|notre)\s(?:ex\s|ex-)?(?:esposo|esposa|marido|mujer|pareja|novio|novia|"
    r"papa|padre|mama|madre|hermano|hermana|hijo|hija|tio|tia|jefe|jefa|patron|patrona|suegra|suegro|padrastro|companero|companera|conviviente|cunado|abuelo|"
    r"husband|wife|partner|boyfriend|girlfriend|father|dad|mother|mum|mom|brother|sister|son|daughter|uncle|aunt|boss|employer|stepfather|stepdad|ex|"
    r"supervisor|manager|landlord|in-laws|family|familia|pai|mae|irmao|irma|namorado|namorada|padrasto|chefe|patrao|companheiro|companheira|sogra|filho|filha|"
    r"mari|femme|conjoint|conjointe|compagnon|pere|mere|frere|soeur|patron|beau-pere|oncle|tante|fils|copain|petit ami|chef|famille)"
    r"(?:\s(?:es|is|e|est)\s[^.!?\n]{1,40}?\s(?:y|and|e|et))?|alguien|someone|somebody|alguem|quelqu'un|other people|otras personas|they)"
)
_READS = (
    r"(?:tambien\s|siempre\s|me\s|nos\s|also\s|always\s|sometimes\s|still\s|often\s|regularly\s|m[e']\s?|tambem\s|sempre\s|ainda\s|a veces\s|as vezes\s|todavia\s|aussi\s|toujours\s|can\s|puede\s|pode\s|peut\s|todo\s|lui\s){0,2}"
    r"(?:lee|leen|leer|revisa|revisan|revisar|ve|ver|mira|vigila|controla|checa|abre|usa|maneja|entra|espia|reads?|checks?|monitors?|sees|see|watch(?:es)?|controls?|opens?|goes through|looks at|"
    r"uses|le|leem|ler|olha|mexe|mexem|fiscaliza|confere|abre|lit|lire|lisent|regarde|surveille|consulte|controle|ouvre|fouille|has access|tiene acceso|tem acesso|a acces|has the password|has my password|tiene (?:la|mi) (?:clave|contrasena)|tem (?:a |minha )?senha|connait (?:le|mon) mot de passe)"
)
_MY_MAIL = (
    r"(?:(?:a|to|in|en|al|no|na|ao|aos|em|dans|de|through|at|les|todos?|all|tous|toutes|todas|everything in|todo)\s(?:of\s|los\s|las\s|os\s|as\s|mes\s)?){0,3}(?:(?:mis?|my|meus?|minhas?|mon|mes|ma|este|estos|esta|esse|this|these|ce|cet|ces|cette|el|los|the|our|nuestros?|o|os|la|as|le)\s)?"
    r"(?:correos?|mails?|e-?mails?|mensajes?|messages?|mensage(?:m|ns)|cuenta|account|conta|compte|boite|inbox|mailbox|buzon|courriels?|celular|telefono|telefone|phone|telephone|portable|casilla|caixa|bandeja|"
    r"correspondencia|whatsapp|computer|computadora|contrasena|clave|password|senha|mot de passe)"
)
_WATCHED = re.compile(
    rf"\b{_SOMEBODY}\s(?:\w+\s){{0,3}}?{_READS}\s?{_MY_MAIL}\b"
    rf"|\b(?:lee|revisa|controla|vigila|le|fiscaliza|lit|surveille|reads|checks|monitors)\s(?:todos\s|todas\s|all\s|tous\s|todo\s)?(?:mis|mi|my|meus|meu|minhas|mes|mon|this|este|estos|ce)\s"
    r"(?:correos?|mails?|e-?mails?|mensajes?|messages?|mensage(?:m|ns)|courriels?|inbox|account|celular|phone|telephone|cuenta)\b"
    rf"|\b(?:este|this|esse|ce|cet|my|mi|meu|mon)\s(?:correo|e-?mail|mail|account|cuenta|phone|celular|telefono|telefone|telephone|courriel)\s(?:\w+\s){{0,2}}?(?:lo|is|e|est|esta|la)\s(?:\w+\s)?"
    r"(?:lee|revisa|controla|comparto|read by|watched by|monitored by|checked by|shared with|compartid[oa] con|lido por|vigiad[oa]|vigilad[oa] por|lu par|surveille par|partage avec)"
    r"|\b(?:leen|revisan|vigilan|leem|controlan)\s(?:mis|meus)\s(?:correos|mensajes|e-?mails|mensagens)\b"
    r"|\b(?:comparto|i share|we share|partilho|compartilho|je partage)\s(?:este|esta|this|esse|ce|cette|el|the|o|my)\s(?:correo|e-?mail|account|cuenta|mail|courriel|compte|boite|adresse|address)\s(?:con|with|com|avec)\s(?:mi|my|meu|mon|el|him|ele)",
    _I,
)
_WATCHED_NOT = re.compile(
    r"\b(?:if|whether|si|se|no|not|never|nao|ne|n'|nobody|nadie|ninguem|personne|quand|cuando|before|antes)\W+(?:\w+\W+){0,2}$",
    _I,
)


def wishes_silence(folded: str) -> bool:
    """Whether the writer asks not to be answered here, or says that another reads this mailbox."""
    text = folded[:20_000]
    for match in _FORBID.finditer(text):
        if _forbids(match, text):
            return True
    if _OTHER_WISHES.search(text):
        return True
    return any(not _WATCHED_NOT.search(text[max(0, m.start() - 30) : m.start()]) for m in _WATCHED.finditer(text))


def _forbids(match: re.Match[str], text: str) -> bool:
    after = next(
        (match[name] for name in ("es_after", "pt_after", "en_after", "fr_after") if match[name] is not None), ""
    )
    before = text[max(0, match.start() - 60) : match.start()]
    if _ONLY_MANNER.match(after):
        return False
    here = _HERE_RE.search(after[:45]) is not None
    if _REPORTED.search(before) and not _IMPERATIVE_BEFORE.search(before):
        return False
    if _IMPERATIVE_BEFORE.search(before):
        return here or _PAUSE_RE.match(after) is not None
    return here


# ---------------------------------------------------------------------------------------- automatic replies

AUTO_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,30}\]\s*)?(?:(?:automatic|auto)[\s-]*(?:reply|response|answer)|autoreply|autoresponder?|out[\s-]of[\s-](?:the[\s-])?office|ooo\b|on vacation|"
    r"away from (?:my )?(?:office|desk|mail)|respuesta automatica|contestacion automatica|mensaje automatico|autorespuesta|fuera de (?:la )?oficina|"
    r"ausente de la oficina|aviso de ausencia|resposta automatica|mensagem automatica|fora do escritorio|ausencia temporaria|aviso de ferias|"
    r"ausente do escritorio|reponse automatique|message automatique|absence du bureau|message d'absence|avis d'absence|absent[e]? du bureau|"
    r"abwesenheitsnotiz|automatische antwort|risposta automatica|fuori ufficio|automatisch antwoord|afwezigheidsbericht|vacaciones\s+re:|"
    r"resposta automatica|(?:ausente|absent|absence|ausencia|ferias|vacaciones|on leave)\s*(?:$|:|[-–]\s*re:))",
    _I,
)
_SELF_DECLARED = re.compile(
    r"(?:^|[.!\n]\s*|\b)(?:est[ea]|this|esta|este|ceci|cet?t?e?)\s(?:es|is|e|est|mensaje|respuesta|message|reply|e-?mail|mensagem|resposta|reponse|correo|courriel)\s(?:(?:un|una|um|uma|une|a|an|es|is|e|est|fue|was|foi|ha sido|a ete|has been|generad\w|un\w?)\s){0,3}"
    r"(?:(?:mensaje|respuesta|message|reply|response|mensagem|resposta|reponse|notificacion|notification|e-?mail|aviso|correo|courriel)\s)?(?:generad[oa]\s|generated\s|gerad[oa]\s|genere[e]?\s|enviad[oa]\s|sent\s|envoye[e]?\s)?"
    r"(?:automatic[ao]?(?:mente|ally)?|automated|automatique(?:ment)?|auto-?generated|auto-?reply)"
    r"|(?:^|[.!\n]\s*)(?:respuesta|mensaje|resposta|mensagem|reponse|message|reply|correo|e-?mail)\s(?:generad[oa]\s|gerad[oa]\s|genere[e]?\s|enviad[oa]\s|envoye[e]?\s|generated\s)(?:de forma\s|por\s|par\s)?automat\w+"
    r"|(?:^|[.!\n]\s*)(?:mensaje|mensagem|message|e-?mail|correo)\sautomat\w+[,.;:]?\s(?:por favor\s|favor\s|please\s)?(?:no|nao|ne|do not|merci)\s",
    _I,
)
_ABSENT = re.compile(
    r"\b(?:estoy|estare|estaré|me encuentro|me encontrare|estaremos|estou|estarei|encontro-me|i am|i'm|im|i will be|i'll be|we are|je suis|je serai|sono|saro)\s"
    r"(?:\w+\s){0,2}?(?:fuera de (?:la )?oficina|ausente|de vacaciones|de licencia|de viaje|en comision de servicio|out of (?:the )?office|on (?:annual |maternity |sick |medical |parental )?leave|on vacation|on holiday|away from (?:my |the )?(?:office|desk)|"
    r"away|traveling|travelling|fora do escritorio|em ferias|de ferias|de licenca|em viagem|absent[e]?|en conge|en vacances|en mission|en deplacement|hors du bureau|assente|in ferie)\b"
    r"|^\s*(?:en mission|en conge|absent[e]?|de vacaciones|out of office|em ferias|de ferias|ausente|fuera de (?:la )?oficina|on leave)\b.{0,20}\b(?:jusqu|hasta|ate|until|till|del|from|du)\b"
    r"|\b(?:nuestro horario|our (?:office |business )?hours|nosso horario|nos horaires)\b.{0,60}\b(?:lunes|monday|segunda|lundi)\b"
    r"|\b(?:la oficina|nuestras oficinas|el despacho|el gabinete|o gabinete|o escritorio|our office|the office|le bureau|le cabinet|le greffe)\b.{0,25}\b(?:permanecera cerrad|estara cerrad|estara fechad|is closed|will be closed|sera ferme|est ferme|retoma|reanuda|reprend)",
    _I,
)
_RETURN = re.compile(
    r"\b(?:hasta (?:el|la|nuevo)|a mi regreso|al volver|cuando regrese|regreso el|vuelvo el|retorno el|retomare|until|till|upon my return|when i return|when i am back|be back|back on|returning|limited access|"
    r"no access|acceso limitado|sin acceso|ate (?:o |dia |\d)|no meu retorno|ao retornar|quando voltar|volto|retorno em|acesso limitado|sem acesso|jusqu'?(?:au|a)|a mon retour|des mon retour|de retour|acces limite|"
    r"fino al|for urgent|in urgent cases|para (?:asuntos|temas|casos|consultas) urgentes|en caso de urgencia|em caso de urgencia|para assuntos urgentes|en cas d'urgence|pour toute (?:question|urgence)|contactez|contact my|"
    r"comuniquese con|dirijase a|horario de|attendance hours|marque \d|press \d)",
    _I,
)


def auto_subject(folded_subject: str) -> bool:
    """A subject that programs give their answers (never after Re:, which people write)."""
    return AUTO_SUBJECT.match(folded_subject) is not None


def auto_reply(folded_said: str, answering: bool) -> bool:
    """An out-of-office or service answer by its text: says so of itself, or is short, absent, and promises a return."""
    text = folded_said[:3_000]
    if _SELF_DECLARED.search(text):
        return True
    if len(text) > 900 or (not answering and len(text) > 500) or "?" in text:
        return False
    return bool(_ABSENT.search(text) and _RETURN.search(text))


# -------------------------------------------------------------------------------------- receipts and bounces

RECEIPT_SUBJECT = re.compile(
    r"^\s*(?:read|leido|lida|lido|lu|gelesen|letto|gelezen|not read|no leido|nao lida|non lu|delivered|entregado|entregue|read receipt|"
    r"confirmacion de lectura|confirmacao de leitura|acuse de lectura|accuse de lecture|recibo de lectura|lectura confirmada)\s*:",
    _I,
)
RECALL_SUBJECT = re.compile(
    r"^\s*(?:recall|recuperar|recuperacion|retirar|revocar|rappel|rappeler|cancelar envio|message recall)\s*:", _I
)
RECALL_TEXT = re.compile(
    r"would like to recall the message|(?:desea|quiere|quisiera|querria) (?:recuperar|retirar|revocar) el mensaje|(?:gostaria de|deseja|quer) (?:cancelar|recuperar|recolher|revogar) (?:a|o envio da) mensagem|"
    r"(?:souhaite|souhaiterait|voudrait) rappeler le message",
    _I,
)
RECEIPT_TEXT = re.compile(
    r"\byour message\b.{0,400}\b(?:was|were) (?:read|displayed|deleted without being read) on\b|\b(?:su|tu|el) mensaje\b.{0,400}\bfue (?:leido|eliminado sin leer|mostrado)\b|"
    r"\b(?:sua|a) mensagem\b.{0,400}\bfoi (?:lida|exibida|excluida sem ser lida)\b|\bvotre message\b.{0,400}\ba ete (?:lu|affiche|supprime sans etre lu)\b|"
    r"this is a (?:return )?receipt for the (?:mail|message)|se trata de un acuse de recibo para el (?:mensaje|correo) que envio|isto e um recibo de (?:retorno|leitura)|ceci est un accuse de reception pour le (?:mail|message)",
    _I | re.DOTALL,
)
BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status|has failed|failure|failed|problem|delayed|report|notification)|mail delivery (?:failed|system|failure|subsystem)|returned mail|"
    r"failure notice|delivery incomplete|could not (?:be delivered|send)|message delivery|non[- ]?remis|non remis|no se (?:pudo|puede|ha podido) entregar|no entregado|correo devuelto|^\s*devuelto|no se entrego|"
    r"mensaje (?:devuelto|no entregado)|error (?:de|en la) entrega|fallo (?:de|en la) entrega|entrega (?:fallida|retrasada)|notificacion (?:del )?estado de (?:la )?entrega|"
    r"nao foi possivel entregar|nao entregue|mensagem (?:devolvida|nao entregue)|falha na entrega|erro (?:de|na) entrega|notificacao (?:de|do) (?:status|estado) (?:de|da) entrega|"
    r"echec de (?:la )?(?:remise|livraison|distribution)|non[- ]?distribu|notification d'etat de remise|retour (?:a l'expediteur|de courrier)|message non (?:remis|delivre|distribue)|"
    r"unzustellbar|mancata consegna|mail non delivrable|warning: (?:message|could not)|undelivered mail|delivery error|rejected|mailbox (?:full|unavailable)|buzon lleno|caixa cheia",
    _I,
)
BOUNCE_TEXT = re.compile(
    r"this is the (?:mail system|qmail-send|mail delivery)|i'm afraid i wasn't able to deliver|this message was created automatically by mail delivery|"
    r"could not be delivered|couldn't be delivered|wasn't delivered|was not delivered|has been delayed|delivery (?:has failed|failed|to the following)|permanent (?:fatal )?errors?|permanent error|undeliverable|"
    r"no (?:se )?(?:pudo|puede|ha podido) (?:ser )?entreg|no llego a\s|no se entrego|no pudo ser enviado|(?:nao|n) (?:pode|foi possivel) (?:ser )?entreg|nao foi entregue|"
    r"n'a (?:pas|pu) (?:pu )?(?:etre )?(?:remis|delivre|distribue)|impossible de remettre|l'adresse .{0,40}introuvable|"
    r"(?:user|usuario|mailbox|buzon|recipient|address|casilla|destinatario|utilisateur|destinataire)\s(?:unknown|desconocid[oa]|not found|no encontrad[oa]|inexistente|inconnue?|does not exist|no existe|nao existe|n'existe pas)|"
    r"no such (?:user|recipient|mailbox|address)|host \S{3,80} (?:said|dijo|disse|a dit)|\b5[0-5]\d[ -](?:5\.\d|no such|user|mailbox|mensa|requested|rejected|relay)|"
    r"(?:servidor remoto|remote server|serveur distant|remote host)\b.{0,40}(?:respondio|respondeu|responded|returned|devolvio|retornou|a repondu|said)|message rejected|dominio no encontrado|domain not found|mailbox (?:is )?full|over quota",
    _I,
)
