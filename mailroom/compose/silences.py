"""Why no acknowledgement goes out, told to staff in the four languages: one row a code, columns es, en, pt, fr.

Promises: a reason for every code of the model in every language (a test counts them).
May import: mailroom.model.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailroom.model import LANGUAGES, SilenceCode

_SILENCES: Mapping[SilenceCode, tuple[str, str, str, str]] = {
    SilenceCode.AUTO_SUBMITTED: (
        "lo envió un programa",
        "a program sent it",
        "foi enviada por um programa",
        "envoyé par un programme",
    ),
    SilenceCode.NULL_SENDER: (
        "no admite respuesta (remitente vacío)",
        "it takes no answer (null sender)",
        "não admite resposta (remetente vazio)",
        "n'admet pas de réponse (expéditeur vide)",
    ),
    SilenceCode.BOUNCE: (
        "aviso de no entrega",
        "a delivery failure",
        "aviso de falha de entrega",
        "avis de non-remise",
    ),
    SilenceCode.RECEIPT: ("aviso de lectura", "a read receipt", "confirmação de leitura", "avis de lecture"),
    SilenceCode.FEEDBACK_REPORT: (
        "informe de abuso",
        "an abuse report",
        "relatório de abuso",
        "rapport d'abus",
    ),
    SilenceCode.REPORT: ("informe técnico", "a technical report", "relatório técnico", "rapport technique"),
    SilenceCode.LIST: ("lista de correo", "a mailing list", "lista de e-mail", "liste de diffusion"),
    SilenceCode.BULK: ("envío masivo", "bulk mail", "envio em massa", "envoi en nombre"),
    SilenceCode.AUTO_RESPONSE_SUPPRESS: (
        "pide no recibir respuestas automáticas",
        "it asks for no automatic answers",
        "pede para não receber respostas automáticas",
        "demande de ne pas recevoir de réponse automatique",
    ),
    SilenceCode.AUTO_REPLY: (
        "respuesta automática",
        "an automatic reply",
        "resposta automática",
        "réponse automatique",
    ),
    SilenceCode.CALENDAR: ("cita de calendario", "a calendar item", "item de calendário", "élément d'agenda"),
    SilenceCode.SYSTEM_SENDER: (
        "dirección de un sistema",
        "the address of a system",
        "endereço de um sistema",
        "adresse d'un système",
    ),
    SilenceCode.NO_REPLY_SENDER: (
        "dirección que no recibe respuestas",
        "an address that takes no answers",
        "endereço que não recebe respostas",
        "adresse qui n'accepte pas de réponse",
    ),
    SilenceCode.NOT_ADDRESSED: (
        "no va dirigido a nuestra dirección",
        "it is not addressed to us",
        "não é dirigida ao nosso endereço",
        "ne nous est pas adressé",
    ),
    SilenceCode.SPAM: ("parece correo no deseado", "it looks like spam", "parece spam", "semble indésirable"),
    SilenceCode.UNVERIFIED: (
        "no se pudo comprobar quién lo envía",
        "it could not be verified who sent it",
        "não foi possível verificar quem a enviou",
        "l'expéditeur n'a pas pu être vérifié",
    ),
    SilenceCode.NO_RETURN_PATH: (
        "ninguna dirección a la que se pueda responder con seguridad",
        "no address that could safely be answered",
        "nenhum endereço ao qual se possa responder com segurança",
        "aucune adresse à laquelle répondre sans risque",
    ),
    SilenceCode.NO_SENDER: ("sin remitente", "no sender", "sem remetente", "sans expéditeur"),
    SilenceCode.SEVERAL_SENDERS: ("varios remitentes", "several senders", "vários remetentes", "plusieurs expéditeurs"),
    SilenceCode.OWN_MAIL: (
        "un mensaje nuestro que volvió",
        "our own mail coming back",
        "uma mensagem nossa que voltou",
        "un message de nous qui revient",
    ),
    SilenceCode.OWN_DOMAIN: (
        "dice ser nuestro y nada lo prueba",
        "it says that it is from us, and nothing proves it",
        "diz ser nossa e nada o prova",
        "se dit de nous et rien ne le prouve",
    ),
    SilenceCode.STAFF: (
        "lo envía un área nuestra",
        "one of our units sent it",
        "enviada por uma área nossa",
        "d'un service",
    ),
    SilenceCode.TOO_MANY_HOPS: (
        "pasó por demasiados servidores",
        "it passed too many servers",
        "passou por servidores demais",
        "passé par trop de serveurs",
    ),
    SilenceCode.NEEDS_SMTPUTF8: (
        "la dirección no se puede usar desde nuestro servidor",
        "the address cannot be used from our server",
        "o endereço não pode ser usado pelo nosso servidor",
        "l'adresse ne peut être utilisée par notre serveur",
    ),
    SilenceCode.ASKED: (
        "la persona pide que no se le responda",
        "the person asks not to be answered",
        "a pessoa pede para não ser respondida",
        "la personne demande de ne pas recevoir de réponse",
    ),
    SilenceCode.RULE: ("lo dispone una regla", "a rule says so", "uma regra assim determina", "une règle le prévoit"),
    SilenceCode.UNREADABLE: ("no se pudo leer", "it could not be read", "não pôde ser lida", "illisible"),
    SilenceCode.CHANNEL: (
        "no llegó por la bandeja de entrada",
        "it did not come by the inbox",
        "não chegou pela caixa de entrada",
        "n'est pas arrivé par la boîte de réception",
    ),
    SilenceCode.CONVERSATION: (
        "esta conversación ya lo tiene",
        "this conversation has had one",
        "esta conversa já o recebeu",
        "cet échange en a déjà reçu un",
    ),
    SilenceCode.SENDER_LIMIT: (
        "ya recibió los que corresponden",
        "the writer has had as many as are sent",
        "já recebeu os que cabem",
        "l'expéditeur en a déjà reçu assez",
    ),
    SilenceCode.DOMAIN_LIMIT: (
        "demasiados a ese dominio",
        "too many to that domain",
        "excesso para esse domínio",
        "trop vers ce domaine",
    ),
    SilenceCode.GLOBAL_LIMIT: (
        "demasiados en esta hora",
        "too many in this hour",
        "excesso nesta hora",
        "trop dans l'heure",
    ),
    SilenceCode.STALE: (
        "llegó hace tiempo",
        "it came too long ago",
        "chegou há muito tempo",
        "arrivé il y a longtemps",
    ),
    SilenceCode.DISABLED: ("están desactivados", "they are switched off", "estão desativados", "ils sont désactivés"),
    SilenceCode.RENDER: ("falló la plantilla", "the template failed", "o modelo falhou", "le modèle a échoué"),
    SilenceCode.NO_ANSWER: (
        "esa dirección figura entre las que no se responden",
        "that address is among those that get no answer",
        "esse endereço está entre os que não são respondidos",
        "cette adresse figure parmi celles auxquelles on ne répond pas",
    ),
    SilenceCode.RESTORED: (
        "no se sabe si ya se envió, tras restaurar una copia",
        "it is not known whether one went out, after a backup was restored",
        "não se sabe se já foi enviado, após restaurar uma cópia",
        "on ne sait pas s'il a déjà été envoyé, après la restauration d'une copie",
    ),
}

SILENCES: Mapping[str, Mapping[SilenceCode, str]] = {
    language: {code: row[n] for code, row in _SILENCES.items()} for n, language in enumerate(LANGUAGES)
}
"""language -> code -> why no acknowledgement goes out, for staff."""
