# ruff: noqa: E501 - a pattern a line
"""Texts that programs write: out-of-office answers, read receipts, recalls, bounces without the standard's form.

Promises: works on folded text (language.fold), in es, en, pt, fr (and de, it, nl for subjects); bounded patterns.
Words alone are a weak sign: they withhold an acknowledgement and never file a message away (RFC 3834 section 3.1.5).
May import: message/patterns.py.
"""

from __future__ import annotations

import re

from mailroom.message.patterns import alternatives, compiled

AUTO_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:"
    + alternatives(r"""
    (?:automatic|auto)[\s-]*(?:reply|response|answer)|autoreply|autoresponder?|out[\s-]of[\s-](?:the[\s-])?office|ooo\b|on vacation
    away from (?:my )?(?:office|desk|mail)|(?:respuesta|contestacion|mensaje|correo) automatic[ao]|autorespuesta|fuera de (?:la )?oficina
    ausente de la oficina|aviso de (?:ausencia|vacaciones|ferias)|(?:resposta|mensagem) automatica|fora do escritorio|ausencia temporaria
    ausente do escritorio|(?:reponse|message) automatique|absence du bureau|message d'absence|avis d'absence|absente? du bureau
    abwesenheitsnotiz|automatische antwort|risposta automatica|fuori ufficio|automatisch antwoord|afwezigheidsbericht|assenza dall'ufficio
    (?:ausente|absente?|absence|ausencia|ferias|vacaciones|vacation|on leave|conges?)\s*(?:$|:|[-–]?\s*re:)
    """)
    + ")"
)
_AUTOMATIC = r"automat(?:ic[ao]?(?:mente|ally)?|ed|ique(?:ment)?|izad[ao])"
_SELF_DECLARED = re.compile(
    "|".join(
        compiled(rf"""
    (?:^|[.!\n(*-]\s*)(?:est[ea]|this|ceci|cet?t?e?|isto|esto) (?:es|is|e|est) (?:una?|um|uma|une|an?) (?:(?:mensaje|respuesta|message|reply|response|mensagem|resposta|reponse|notificacion|notification|notificacao|e-?mail|aviso|correo|courriel) )?(?:{_AUTOMATIC}|auto-?generated|auto-?reply|autorespuesta)
    (?:^|[.!\n(*-]\s*)(?:est[ea]|this|cet?|cette) (?:mensaje|respuesta|message|reply|response|mensagem|resposta|reponse|e-?mail|aviso|correo|courriel) (?:es|is|e|est|fue|was|foi|ha sido|a ete|has been|se ha)\s(?:\w+\s)?(?:{_AUTOMATIC}|auto-?generated|(?:de forma|de manera|de maniere) automat\w+)
    (?:^|[.!\n(*-]\s*)(?:respuesta|mensaje|resposta|mensagem|reponse|message|reply|correo|e-?mail) (?:generad[oa]|gerad[oa]|generee?|enviad[oa]|envoyee?|generated|sent)\s?(?:de forma |por |par |de maniere )?automat\w+
    (?:^|[.!\n(*-]\s*)(?:this is an |es un |e uma )?(?:mensaje|mensagem|message|e-?mail|correo|automated|automatic|aviso) (?:automat\w+|message|e-?mail|notification)[,.;:(]*\s?(?:por favor |favor |please |de )*(?:no|nao|ne|do not|merci)\b
        """)
    )
)
_I_AM = r"(?:estoy|estare|me encuentro|me encontrare|estaremos|estou|estarei|encontro-me|i am|i'm|im|i will be|i'll be|we are|je suis|je serai|sono|saro|actualmente|currently|atualmente|actuellement)"
_ABSENT = re.compile(
    rf"\b{_I_AM}\s(?:\w+\s){{0,2}}?(?:"
    + alternatives(r"""
    fuera de (?:la |mi )?oficina|ausente|de vacaciones|de licencia|de viaje|en comision de servicios?|out of (?:the |my )?office|away
    on (?:annual |maternity |sick |medical |parental |study )?leave|on vacation|on holidays?|travell?ing|fora do escritorio|(?:em|de) ferias
    de licenca|em viagem|absente?|en conges?|en vacances|en mission|en deplacement|hors du bureau|assente|in ferie|afastad[oa]|de baja
    """)
    + r")\b|"
    + alternatives(r"""
    \b(?:no (?:me encuentro|estoy|estare) en la oficina|(?:not|away) (?:in|from) (?:the|my) office|nao (?:estou|estarei) no escritorio|(?:ne suis|serai) pas au bureau)\b
    \b(?:ya no (?:trabajo|laboro) en (?:esta|la)|no longer (?:work(?:ing)?|employed|with) (?:at|for|here|with|this)|nao trabalho mais n|ne travaille plus (?:ici|dans|a|pour))
    ^\s*(?:fora do escritorio|hors du bureau|de viaje|em viagem|en deplacement)\b
    (?:^|[,.!\n])\s*(?:en mission|en conge(?: de \w+)?|absente?|de vacaciones|out of (?:the )?office|em ferias|de ferias|ausente|fuera de (?:la )?oficina|on leave)\b.{0,20}\b(?:jusqu|hasta|ate|until|till|del|from|du)\b
    \b(?:nuestro horario|our (?:office |business )?hours|nosso horario|nos horaires)\b.{0,60}\b(?:lunes|monday|segunda|lundi)\b
    \b(?:la oficina|nuestras oficinas|el despacho|el gabinete|o gabinete|o escritorio|our office|the office|le bureau|le cabinet|le greffe)\b.{0,25}\b(?:permanecera cerrad|estara cerrad|estara fechad|is closed|will be closed|sera ferme|est ferme|retoma|reanuda|reprend)
    """)
)
_UNTIL = re.compile(r"\b(?:hasta (?:el|la|nuevo|fin)|until|till|ate (?:o |dia |\d)|jusqu'?(?:au|a)|fino al|tot)\b")
_PROMISE = re.compile(
    r"\b(?:"
    + alternatives(r"""
    a mi regreso|al volver|cuando (?:regrese|vuelva)|regreso el|vuelvo el|retorno el|retomare|upon my return|(?:when|once) i(?: am|'m)? (?:return|back)|on my return
    be back|back on|returning on|(?:limited|no|intermittent) access|acceso (?:limitado|intermitente)|sin acceso|no meu retorno|ao retornar
    quando (?:eu )?(?:voltar|retornar)|volto (?:no )?dia|retorno em|acesso limitado|sem acesso|a mon retour|des mon retour|de retour le|acces limite
    accesso limitato|al mio rientro|for urgent|in urgent cases|if (?:it is |your .{0,30}is )?urgent|(?:para|por) (?:asuntos|temas|casos|consultas|cuestiones) urgentes
    (?:en|em) caso de (?:urgencia|emergencia)|para assuntos urgentes|en cas d'urgence|pour toute (?:question|urgence)|contactez|(?:please )?contact (?:my|our|the|reception)
    de vuelta el|estare de (?:vuelta|regreso)|retorno (?:dia|no|el)|escriba a|dirija-se a|procure (?:a|o)\b|(?:adresser|ecrire) a
    (?:lo|la|le|les) (?:leere|respondere|contestare)|(?:i|we) will (?:reply|respond|answer|read)|responderei|je vous repondrai|comuniquese con|dirijase a
    horario (?:de|es)|attendance hours|marque \d|press \d
    """)
    + ")"
)
_REQUEST = re.compile(
    r"\b(?:por favor|please|pls|favor|solicito|necesito|quisiera|pido|preciso|gostaria|s'il vous plait|svp|need|would like|pueden|could)\b"
)
RECEIPT_SUBJECT = re.compile(
    r"\s*(?:read|leido|lida|lido|lu|gelesen|letto|gelezen|not read|no leido|nao lida|non lu|delivered|entregado|entregue|read receipt|"
    r"confirmacion de lectura|confirmacao de leitura|acuse de lectura|accuse de lecture|recibo de lectura|lectura confirmada)\s*:"
)
_READ = re.compile(
    r"\b(?:read|opened|displayed|leid[oa]|leyo|abiert[oa]|abrio|lid[oa]|leu|abert[oa]|abriu|lue?|ouvert|affiche)\b"
)
RECALL_SUBJECT = re.compile(
    r"\s*(?:recall|recuperar|recuperacion|retirar|revocar|rappel|rappeler|cancelar envio|message recall)\s*:"
)
RECALL_TEXT = re.compile(
    alternatives(r"""
    would like to recall the (?:message|e-?mail)
    (?:desea|quiere|quisiera|querria|le gustaria) (?:recuperar|retirar|revocar) el (?:mensaje|correo)
    (?:gostaria de|deseja|quer) (?:cancelar|recuperar|recolher|revogar) (?:a|o envio da) mensagem
    (?:souhaite|souhaiterait|voudrait|aimerait) rappeler le message
    """)
)
RECEIPT_TEXT = re.compile(
    alternatives(r"""
    \byour message\b.{0,400}\b(?:was|were) (?:read|displayed|deleted without being read) on\b
    \b(?:su|tu|el) mensaje\b.{0,400}\bfue (?:leido|eliminado sin leer|mostrado)\b
    \b(?:sua|a) mensagem\b.{0,400}\bfoi (?:lida|exibida|excluida sem ser lida)\b
    \bvotre message\b.{0,400}\ba ete (?:lu|affiche|supprime sans etre lu)\b
    this is a (?:return )?receipt for the (?:mail|message)|este es un acuse de recibo (?:para|del) (?:el )?(?:mensaje|correo) que (?:usted )?envio
    isto e um recibo de (?:retorno|leitura)|ceci est un accuse de (?:reception|lecture) pour le (?:mail|message)
    """),
    re.DOTALL,
)
BOUNCE_SUBJECT = re.compile(
    alternatives(r"""
    undeliver(?:able|ed)|delivery (?:status|has failed|failure|failed|problem|delayed|report|notification|error)|mail delivery (?:failed|system|failure|subsystem)
    returned mail|failure notice|delivery incomplete|could not (?:be delivered|send)|message delivery|mail system error|mailbox (?:full|unavailable)
    no se (?:pudo|puede|ha podido|pudieron) entregar|no entregad[oa]|correo devuelto|^\s*devuelto|no se entrego|mensaje (?:devuelto|no entregado|rechazado)
    error (?:de|en la) entrega|fallo (?:de|en la) entrega|entrega (?:fallida|retrasada)|notificacion (?:del? )?estado de (?:la )?entrega|buzon lleno
    nao foi possivel (?:entregar|enviar)|nao entregue|mensagem (?:devolvida|nao entregue|rejeitada)|falha na (?:entrega|remessa)|erro (?:de|na) entrega
    notificacao (?:de|do) (?:status|estado) (?:de|da) entrega|retorno de e-?mail|caixa cheia
    echec de (?:la )?(?:remise|livraison|distribution)|non[- ]?(?:remis|distribu|delivr)|notification d'etat de (?:la )?remise|retour (?:a l'expediteur|de courrier)
    message non (?:remis|delivre|distribue)|impossible (?:de remettre|d'envoyer)|courriel non|unzustellbar|mancata consegna|onbestelbaar|warning: (?:message|could not)
    """)
)
BOUNCE_TEXT = re.compile(
    alternatives(r"""
    recipients? could(?: not|n't) be reached|(?:address|recipient) (?:was |is )?(?:rejected|not found|invalid)
    this is the (?:mail system|qmail-send|mail delivery)|i'm afraid i wasn't able to deliver|this message was created automatically by mail delivery
    (?:could not be|couldn't be|wasn't|was not|has not been|not been) delivered|has been delayed|delivery (?:has failed|failed|to the following)
    permanent (?:fatal )?errors?|undeliverable|no (?:se )?(?:pudo|puede|ha podido|pudieron) (?:ser )?entreg|no llego a\s|no se entrego|no pudo ser (?:enviado|entregado)
    (?:nao|n) (?:pode|foi possivel|pôde) (?:ser )?entreg|nao foi (?:entregue|possivel entregar)|n'a (?:pas|pu) (?:pu )?(?:etre )?(?:remis|delivre|distribue|achemine)
    impossible de remettre|l'adresse .{0,40}introuvable
    (?:user|usuario|mailbox|buzon|recipient|address|casilla|destinatario|utilisateur|destinataire|conta|cuenta) (?:unknown|desconocid[oa]|not found|no encontrad[oa]|inexistente|inconnue?|does not exist|no existe|nao existe|n'existe pas|llen[oa]|chei[oa])
    no such (?:user|recipient|mailbox|address)|host \S{3,80} (?:said|dijo|disse|a dit)|\b5[0-5]\d[ -](?:5\.\d|no such|user|mailbox|mensa|requested|rejected|relay|invalid|unknown)
    (?:servidor remoto|remote server|serveur distant|remote host)\b.{0,40}(?:respondio|respondeu|responded|returned|devolvio|retornou|a repondu|said)
    message rejected|dominio no encontrado|domain not found|mailbox (?:is )?full|over quota|cuota excedida|quota depasse
    """)
)


_UNSUBSCRIBE = re.compile(
    r"\b(?:"
    + alternatives(r"""
    (?:to|click (?:here )?to|you (?:can|may)) unsubscribe|unsubscribe (?:here|at any time|from this|link|\||:)|manage (?:your )?(?:email )?(?:preferences|subscription)
    you (?:are receiving|received) this (?:e-?mail|message|newsletter) because|no longer wish to receive (?:these|this|our)|view this (?:e-?mail|message) in your browser
    para (?:darse de baja|dejar de recibir|cancelar (?:su|la|tu) suscripcion|desuscribirse)|si (?:no desea|ya no desea|no deseas) (?:seguir )?recib\w+ (?:mas |este|estos|nuestr)
    (?:recibe|recibes|ha recibido) este (?:correo|mensaje|boletin|e-?mail) porque|darse de baja (?:aqui|en cualquier)|haga clic (?:aqui )?para (?:darse de baja|cancelar)
    para (?:se )?(?:descadastrar|desinscrever|cancelar (?:a |sua )?(?:inscricao|assinatura)|deixar de receber)|caso nao (?:deseje|queira) mais receber|voce (?:esta recebendo|recebeu) este
    pour (?:vous |se )?(?:desabonner|desinscrire)|se desabonner (?:ici|de cette|a tout)|vous recevez ce (?:message|courriel|mail) (?:car|parce)|si vous ne souhaitez plus recevoir
    """)
    + ")"
)
_RECEIVED = re.compile(
    r"\b(?:hemos recibido|recibimos|se ha recibido|we (?:have )?received|recebemos|foi recebid[ao]|nous avons (?:bien )?recu|ha sido recibid[ao]|has been received)\b"
)
_TICKET = re.compile(
    r"\b(?:ticket|folio|numero de (?:caso|solicitud|seguimiento|atencion|radicado|protocolo|chamado)|(?:case|request|tracking) (?:number|id)|protocolo n|numero de dossier)\b"
)


_LEAVING = ("subs", "suscri", "baja", "abonn", "recib", "receb", "recei", "recev", "inscri", "cadastr", "browser")


def bulk_text(folded: str) -> bool:
    """A line by which bulk mail lets its readers go."""
    text = folded[-3_000:]
    return any(stem in text for stem in _LEAVING) and _UNSUBSCRIBE.search(text) is not None


def ticket(folded_said: str) -> bool:
    """A ticket system's receipt: says that it received, and gives a number of its own. People ask something."""
    text = folded_said[:3_000]
    return len(text) < 700 and "?" not in text and bool(_RECEIVED.search(text) and _TICKET.search(text))


def receipt_subject(folded_subject: str, folded_text: str) -> bool:
    """A read receipt's subject over a short text that speaks of reading."""
    return len(folded_text) < 400 and bool(RECEIPT_SUBJECT.match(folded_subject) and _READ.search(folded_text))


def auto_subject(folded_subject: str) -> bool:
    """A subject that programs give their answers (never after Re:, which people write)."""
    return AUTO_SUBJECT.match(folded_subject) is not None


def absent(folded_said: str, answering: bool) -> bool:
    """An out-of-office by its text: short, away, and with a promise or a substitute. People who travel ask something."""
    text = folded_said[:3_000]
    if len(text) > (900 if answering else 500) or "?" in text or not _ABSENT.search(text):
        return False
    if _PROMISE.search(text):
        return True
    return answering and len(text) < 120 and _UNTIL.search(text) is not None and not _REQUEST.search(text)


def says_automatic(folded_said: str) -> bool:
    """A text that says of itself that a program wrote it."""
    return "autom" in folded_said and _SELF_DECLARED.search(folded_said[:3_000]) is not None
