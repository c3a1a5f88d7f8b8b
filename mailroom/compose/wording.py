"""The words of cover notes, for staff, in the four languages: one row a phrase, columns es, en, pt, fr.

Promises: every phrase in every language (a test counts them). What people outside read stands in templates/ instead,
where staff can edit it. May import: mailroom.model.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailroom.model import LANGUAGES

_ROWS: Mapping[str, tuple[str, str, str, str]] = {
    # names under which we write
    "service": ("Atención a personas usuarias", "User support", "Atendimento ao público", "Service aux usagers"),
    # marks of the subject
    "urgent_mark": ("URGENTE", "URGENT", "URGENTE", "URGENT"),
    "too_large_mark": ("SIN ORIGINAL", "WITHOUT ORIGINAL", "SEM ORIGINAL", "SANS ORIGINAL"),
    "no_subject": ("(sin asunto)", "(no subject)", "(sem assunto)", "(sans objet)"),
    "unreadable_subject": (
        "Mensaje que el programa no pudo leer",
        "A message that the program could not read",
        "Mensagem que o programa não conseguiu ler",
        "Message que le programme n'a pas pu lire",
    ),
    # opening
    "urgent": (
        "URGENTE: una regla lo marca como urgente.",
        "URGENT: a rule marks it as urgent.",
        "URGENTE: uma regra o marca como urgente.",
        "URGENT : une règle le signale comme urgent.",
    ),
    "sensitive": (
        "RESERVADO: si responde, no mencione el tema en el asunto ni en la primera línea.",
        "SENSITIVE: if you answer, do not name the matter in the subject or in the first line.",
        "RESERVADO: se responder, não mencione o tema no assunto nem na primeira linha.",
        "CONFIDENTIEL : si vous répondez, ne nommez pas l'affaire dans l'objet ni dans la première ligne.",
    ),
    "opening": (
        "Mensaje recibido en {address}. El original va adjunto sin cambios (original.eml).",
        "A message received at {address}. The original is attached unchanged (original.eml).",
        "Mensagem recebida em {address}. O original segue anexo, sem alterações (original.eml).",
        "Message reçu à l'adresse {address}. L'original est joint sans modification (original.eml).",
    ),
    "opening_large": (
        "Mensaje recibido en {address}. El original NO va adjunto: con {size} supera lo que se puede reenviar.",
        "A message received at {address}. The original is NOT attached: at {size} it is larger than can be forwarded.",
        "Mensagem recebida em {address}. O original NÃO segue anexo: com {size}, excede o que se pode encaminhar.",
        "Message reçu à l'adresse {address}. L'original n'est PAS joint : {size}, trop pour être transmis.",
    ),
    "opening_refused": (
        "Mensaje recibido en {address}. El original NO va adjunto: el servidor de este buzón no lo aceptó ({size}).",
        "A message received at {address}. The original is NOT attached: this mailbox's server refused it ({size}).",
        "Mensagem recebida em {address}. O original NÃO segue anexo: o servidor desta caixa não o aceitou ({size}).",
        "Message reçu à {address}. L'original n'est PAS joint : le serveur de cette boîte l'a refusé ({size}).",
    ),
    "where": (
        "El original está en el buzón {address}, carpeta {folder}.",
        "The original is in the mailbox {address}, folder {folder}.",
        "O original está na caixa de correio {address}, pasta {folder}.",
        "L'original se trouve dans la boîte {address}, dossier {folder}.",
    ),
    "unreadable": (
        "Este mensaje llegó a {address} y el programa no pudo leerlo. Va adjunto tal como llegó (original.eml), sin "
        "revisar: ábralo con cuidado. No se envió acuse de recibo. Puede ser urgente: conviene que alguien lo lea.",
        "This message came to {address} and the program could not read it. It is attached as it came (original.eml), "
        "unexamined: open it with care. No acknowledgement was sent. It may be urgent: somebody should read it.",
        "Esta mensagem chegou a {address} e o programa não conseguiu lê-la. Segue anexa tal como chegou "
        "(original.eml), sem exame: abra-a com cuidado. Não se enviou aviso de recebimento. Pode ser urgente: convém "
        "que alguém a leia.",
        "Ce message est arrivé à l'adresse {address} et le programme n'a pas pu le lire. Il est joint tel quel "
        "(original.eml), non examiné : ouvrez-le avec prudence. Aucun accusé de réception n'a été envoyé. Il peut être "
        "urgent : quelqu'un devrait le lire.",
    ),
    # labels
    "from": ("De", "From", "De", "De"),
    "reply_to": ("Responder a", "Reply to", "Responder a", "Répondre à"),
    "to": ("Para", "To", "Para", "À"),
    "cc": ("Con copia a", "Cc", "Com cópia a", "Copie à"),
    "received": ("Recibido", "Received", "Recebida", "Reçu"),
    "dated": ("Fecha del mensaje", "Its own date", "Data da mensagem", "Date du message"),
    "subject": ("Asunto", "Subject", "Assunto", "Objet"),
    "language": ("Idioma", "Language", "Idioma", "Langue"),
    "tags": ("Etiquetas", "Tags", "Etiquetas", "Étiquettes"),
    "urgency": ("Urgencia", "Urgency", "Urgência", "Urgence"),
    "matters": ("Expedientes", "Matters", "Processos", "Affaires"),
    "unit": ("Área", "Unit", "Área", "Service"),
    "copies": ("También a", "Also to", "Também para", "Également à"),
    "rule": ("Regla", "Rule", "Regra", "Règle"),
    "acknowledgement": ("Acuse de recibo", "Acknowledgement", "Aviso de recebimento", "Accusé de réception"),
    "reference": ("Nuestra referencia", "Our reference", "Nossa referência", "Notre référence"),
    "sha256": ("SHA-256 del original", "SHA-256 of the original", "SHA-256 do original", "SHA-256 de l'original"),
    "size": ("Tamaño", "Size", "Tamanho", "Taille"),
    "attachments": ("Adjuntos", "Attachments", "Anexos", "Pièces jointes"),
    "channel": ("Llegó por", "Came by", "Chegou por", "Arrivé par"),
    "reason": ("Motivo", "Reason", "Motivo", "Motif"),
    "warnings": ("AVISOS", "WARNINGS", "AVISOS", "AVERTISSEMENTS"),
    "headers": (
        "Encabezados del mensaje",
        "Headers of the message",
        "Cabeçalhos da mensagem",
        "En-têtes du message",
    ),
    # values
    "yes": ("sí", "yes", "sim", "oui"),
    "no": ("no", "no", "não", "non"),
    "none": ("ninguno", "none", "nenhum", "aucun"),
    "unknown": ("no se sabe", "unknown", "não se sabe", "inconnu"),
    "nobody": ("no consta ninguna dirección", "no address is given", "não consta endereço", "aucune adresse indiquée"),
    "unnamed": ("(sin nombre)", "(no name)", "(sem nome)", "(sans nom)"),
    "more": ("y {count} más", "and {count} more", "e mais {count}", "et {count} de plus"),
    "line": ("línea {line}", "line {line}", "linha {line}", "ligne {line}"),
    "no_rule": (
        "ninguna; conviene que una persona lo revise",
        "none; a person should look at it",
        "nenhuma; convém que uma pessoa a examine",
        "aucune ; une personne devrait l'examiner",
    ),
    "unsure": (
        "conviene que una persona lo revise",
        "a person should look at it",
        "convém que uma pessoa a examine",
        "une personne devrait l'examiner",
    ),
    "staff": (
        "una persona de la Sección lo envió a esta área",
        "a colleague moved it to this unit",
        "uma pessoa da Seção a enviou a esta área",
        "une personne de la Section l'a transmis à ce service",
    ),
    "ack_planned": (
        "previsto, a {address} ({kind})",
        "planned, to {address} ({kind})",
        "previsto, para {address} ({kind})",
        "prévu, à {address} ({kind})",
    ),
    "ack_silent": ("no: {why}", "no: {why}", "não: {why}", "non : {why}"),
    "ack_nowhere": (
        "ninguna dirección a la que se pueda responder con seguridad",
        "no address that could safely be answered",
        "nenhum endereço ao qual se possa responder com segurança",
        "aucune adresse à laquelle répondre sans risque",
    ),
    "channel_junk": ("la carpeta de correo no deseado", "the junk folder", "a pasta de spam", "le dossier indésirable"),
    "channel_post": ("correo postal", "post", "correio postal", "courrier postal"),
    "channel_in-person": ("visita", "a visit", "visita", "visite"),
    # warnings
    "warn_asks_silence": (
        "La persona pide que no se le responda a esta dirección: no conteste sin decidir cómo hacerlo sin riesgo.",
        "The person asks not to be answered at this address. Do not answer before deciding how to do so safely.",
        "A pessoa pede que não lhe respondam neste endereço. Não responda sem antes decidir como fazê-lo sem risco.",
        "La personne demande qu'on ne lui réponde pas à cette adresse. Ne répondez pas avant d'avoir décidé comment le "
        "faire sans risque.",
    ),
    "warn_unverified": (
        "El servidor no pudo comprobar quién lo envía ({results}). La dirección puede ser falsa.",
        "The server could not verify who sent it ({results}). The address may be forged.",
        "O servidor não conseguiu verificar quem a enviou ({results}). O endereço pode ser falso.",
        "Le serveur n'a pas pu vérifier l'expéditeur ({results}). L'adresse peut être fausse.",
    ),
    "warn_reply_differs": (
        "Las respuestas van a {reply}; quien escribe es {sender}.",
        "Answers go to {reply}; the writer is {sender}.",
        "As respostas vão para {reply}; quem escreve é {sender}.",
        "Les réponses vont à {reply} ; l'expéditeur est {sender}.",
    ),
    "warn_reply_several": (
        "El mensaje pide responder a varias direcciones; «Responder» usa solo la de quien escribe.",
        "The message asks for answers to several addresses; “Reply” uses the writer's only.",
        "A mensagem pede respostas a vários endereços; “Responder” usa apenas o de quem escreve.",
        "Le message demande des réponses à plusieurs adresses ; « Répondre » n'utilise que celle de l'expéditeur.",
    ),
    "warn_no_reply_to": (
        "«Responder» no llegaría a la persona: copie su dirección de este texto o del original.",
        "“Reply” would not reach the person: copy the address from this text or from the original.",
        "“Responder” não chegaria à pessoa: copie o endereço deste texto ou do original.",
        "« Répondre » n'atteindrait pas la personne : copiez son adresse de ce texte ou de l'original.",
    ),
    "warn_several_senders": (
        "El mensaje nombra a varios remitentes.",
        "The message names several senders.",
        "A mensagem indica vários remetentes.",
        "Le message nomme plusieurs expéditeurs.",
    ),
    "warn_mixed_scripts": (
        "Un nombre mezcla alfabetos: puede imitar a otro.",
        "A name mixes alphabets: it may imitate another.",
        "Um nome mistura alfabetos: pode imitar outro.",
        "Un nom mélange des alphabets : il peut en imiter un autre.",
    ),
    "warn_name_address": (
        "El nombre contiene una dirección; la verdadera es la primera que figura.",
        "The name holds an address; the true one is the one that stands first.",
        "O nome contém um endereço; o verdadeiro é o que aparece primeiro.",
        "Le nom contient une adresse ; la vraie est celle qui figure en premier.",
    ),
    "warn_sealed": (
        "El mensaje está firmado o cifrado: ábralo desde el adjunto.",
        "The message is signed or encrypted: open it from the attachment.",
        "A mensagem está assinada ou cifrada: abra-a a partir do anexo.",
        "Le message est signé ou chiffré : ouvrez-le depuis la pièce jointe.",
    ),
    "warn_defects": (
        "Defectos de forma del mensaje: {defects}. Puede que este resumen no lo muestre todo.",
        "Defects in the form of the message: {defects}. This summary may not show everything.",
        "Defeitos de forma da mensagem: {defects}. Este resumo pode não mostrar tudo.",
        "Défauts de forme du message : {defects}. Ce résumé peut ne pas tout montrer.",
    ),
    "warn_junk": (
        "Estaba en la carpeta de correo no deseado.",
        "It was in the junk folder.",
        "Estava na pasta de spam.",
        "Il se trouvait dans le dossier indésirable.",
    ),
    "warn_repeat": (
        "Se envía de nuevo: puede que ya lo haya recibido.",
        "It is sent anew: you may have received it before.",
        "É enviada de novo: talvez já a tenha recebido.",
        "Il est envoyé de nouveau : vous l'avez peut-être déjà reçu.",
    ),
    "warn_restored": (
        "El registro se restauró de una copia: puede que ya lo haya recibido con otra referencia.",
        "The ledger was restored from a backup: you may have received it before, under another reference.",
        "O registro foi restaurado de uma cópia: talvez já a tenha recebido com outra referência.",
        "Le registre a été restauré d'une copie : vous l'avez peut-être déjà reçu sous une autre référence.",
    ),
    # the text
    "said": (
        "Lo que escribió la persona:",
        "What the person wrote:",
        "O que a pessoa escreveu:",
        "Ce qu'elle a écrit :",
    ),
    "forwarded": (
        "Lo que la persona reenvía:",
        "What the person passes on:",
        "O que a pessoa encaminha:",
        "Ce que la personne transmet :",
    ),
    "nothing_said": (
        "El programa no encontró texto propio en el mensaje: vea el original.",
        "The program found no text of its own in the message: see the original.",
        "O programa não encontrou texto próprio na mensagem: veja o original.",
        "Le programme n'a pas trouvé de texte propre dans le message : voir l'original.",
    ),
    "cut": (
        "[El texto sigue en el original.]",
        "[The text goes on in the original.]",
        "[O texto continua no original.]",
        "[La suite du texte est dans l'original.]",
    ),
}

PHRASES: Mapping[str, Mapping[str, str]] = {
    language: {name: row[n] for name, row in _ROWS.items()} for n, language in enumerate(LANGUAGES)
}
"""language -> name of the phrase -> phrase, perhaps with {fields} for str.format."""


def language_of(wanted: str) -> str:
    """The language of a unit, or Spanish where it names none of the four."""
    return wanted if wanted in LANGUAGES else "es"
