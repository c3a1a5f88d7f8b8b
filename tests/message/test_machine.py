# ruff: noqa: E501 - a text a line
"""Answers by programs are known by their words; people who mention such answers, or travel, are not taken for one."""

from __future__ import annotations

import pytest

from mailroom.message import read
from mailroom.message.language import fold
from mailroom.message.machine import (
    BOUNCE_SUBJECT,
    BOUNCE_TEXT,
    RECALL_TEXT,
    RECEIPT_TEXT,
    absent,
    auto_subject,
    bulk_text,
    receipt_subject,
    says_automatic,
    ticket,
)
from mailroom.model import Kind, Ours

ABSENT = """
Estaré fuera de la oficina hasta el 15 de enero, con acceso limitado al correo.
Me encuentro de licencia. Para temas urgentes dirijase a la Lic. Gómez.
Estoy de vacaciones hasta el lunes.
I am out of the office until Monday and will reply on my return.
I'm currently away with limited access to email.
Thank you for your message. I will be on annual leave until 3 March. For urgent matters contact my colleague.
Estarei de férias até o dia 10. Responderei no meu retorno.
Estou fora do escritório com acesso limitado ao e-mail.
Je suis en congé jusqu'au 12. En cas d'urgence, contactez le secrétariat.
Je suis absente du bureau et vous répondrai à mon retour.
I'm on maternity leave. Please contact reception.
Fora do escritório. Retorno dia 5.
Gracias por su mensaje. Actualmente no me encuentro en la oficina; para temas urgentes escriba a la recepción.
I no longer work for this organisation. Please contact our secretary.
Je suis en congé de maternité, contactez Mme Roy.
Bonjour, en congé de maternité jusqu'au 1er septembre. Merci de vous adresser à ma collaboratrice.
Sarò assente fino al 7 gennaio con accesso limitato alla posta.
La oficina permanecerá cerrada hasta el 7 de enero. Por consultas urgentes llame al 123.
""".strip().splitlines()

PEOPLE = """
Estaré de viaje hasta el lunes, por favor envíen la respuesta a mi abogada.
I will be away until Monday, could you send it before?
Mi abogado está de vacaciones hasta marzo y el plazo vence mañana. ¿Qué hago?
Estoy de licencia médica porque me golpearon en la comisaría. Necesito orientación.
Je suis en congé de maladie depuis que mon chef m'a menacée. Que puis-je faire ?
Estou afastado do trabalho desde que denunciei o prefeito.
The office of the prosecutor is closed to us. We need help.
El juzgado estará cerrado y mi hermano sigue preso.
Recibí una respuesta automática y no la entiendo.
I got an automatic reply in English.
Me llegó un mensaje que dice: este es un mensaje automático. ¿Alguien leyó lo mío?
""".strip().splitlines()

AUTOMATIC = """
Este es un mensaje automático, por favor no responda.
Gracias por escribir. Esta es una respuesta automática.
This is an automated message.
Hello. This message was sent automatically.
Respuesta generada automáticamente.
Mensagem automática, não responda.
Esta é uma mensagem automática.
Ceci est un message automatique.
Ce message est généré automatiquement, merci de ne pas y répondre.
""".strip().splitlines()


@pytest.mark.parametrize("text", ABSENT)
def test_an_out_of_office_is_known_by_its_words(text: str) -> None:
    assert absent(fold(text), True)


@pytest.mark.parametrize("text", PEOPLE)
def test_people_who_travel_or_mention_answers_are_people(text: str) -> None:
    assert not absent(fold(text), True)
    assert not says_automatic(fold(text))


@pytest.mark.parametrize("text", AUTOMATIC)
def test_a_text_that_calls_itself_automatic(text: str) -> None:
    assert says_automatic(fold(text))


@pytest.mark.parametrize(
    ("subject", "answer"),
    [("Automatic reply: x", True), ("Respuesta automática", True), ("Resposta automática: Recebemos", True),
     ("Réponse automatique : x", True), ("[ext] Out of Office", True), ("Fuera de la oficina Re: x", True), ("Ausente", True),
     ("Absence : x", True), ("Férias: x", True), ("Vacaciones Re: Acuse", True), ("Re: Automatic reply: x", False),
     ("Ausencia de respuesta", False), ("Absence de réponse", False), ("Vacaciones judiciales y plazo", False),
     ("On leave of absence denied", False), ("Automatic weapons used against us", False), ("Respuesta de la CIDH", False)],
)  # fmt: skip
def test_automatic_subjects(subject: str, answer: bool) -> None:
    assert auto_subject(fold(subject)) is answer


def test_receipts_recalls_and_bounces_in_four_languages() -> None:
    for text in ("Your message\n\nTo: x\nSubject: y\n\nwas read on Monday", "Su mensaje fue leído el lunes", "Sua mensagem foi lida em 3/11",
                 "Votre message a été lu le lundi"):  # fmt: skip
        assert RECEIPT_TEXT.search(fold(text))
    for text in ("X would like to recall the message", "X desea recuperar el mensaje", "X gostaria de cancelar a mensagem",
                 "X souhaite rappeler le message"):  # fmt: skip
        assert RECALL_TEXT.search(fold(text))
    for text in (
        "Undelivered Mail Returned to Sender",
        "Correo devuelto",
        "Falha na entrega",
        "Échec de la remise",
        "No se puede entregar: x",
    ):
        assert BOUNCE_SUBJECT.search(fold(text))
    for text in (
        "host mx.example.net dijo: 550 No such user",
        "Não foi possível entregar",
        "utilisateur inconnu",
        "El buzón lleno",
    ):
        assert BOUNCE_TEXT.search(fold(text))
    assert not BOUNCE_SUBJECT.search(fold("Entrega de documentos a la comisión"))


@pytest.mark.parametrize(
    "text",
    ["Unsubscribe at any time.", "Para darse de baja haga clic aquí", "Si no desea recibir más este boletín, avísenos",
     "Para cancelar sua inscrição, clique aqui", "Pour vous désabonner, cliquez ici", "You are receiving this email because you signed up",
     "Vous recevez ce message car vous êtes abonné", "Recibe este correo porque está inscrito"],
)  # fmt: skip
def test_bulk_mail_lets_its_readers_go(text: str) -> None:
    assert bulk_text(fold(text))


@pytest.mark.parametrize(
    "text",
    ["Quiero darme de baja del portal", "How do I unsubscribe?", "Me dieron de baja del trabajo por denunciar", "No recibo respuesta",
     "Je ne reçois plus rien", "Não recebi resposta"],
)  # fmt: skip
def test_people_are_no_bulk_mail(text: str) -> None:
    assert not bulk_text(fold(text))


def test_ticket_systems_and_their_likes() -> None:
    assert ticket(fold("Hemos recibido su solicitud. Ticket 4482. Le responderemos a la brevedad."))
    assert ticket(fold("We have received your request. Your case number is 4482."))
    assert not ticket(fold("Recibimos una carta con número de caso 12.345 y no la entendemos. ¿Qué hacemos?"))
    assert not ticket(fold("Hemos recibido su nota y la transmitimos a la capital."))


def test_receipts_in_other_words() -> None:
    assert receipt_subject("leido: acuse", "el destinatario abrio su mensaje el lunes")
    assert not receipt_subject("leido: su informe", "quisiera una copia del informe")
    assert not receipt_subject("re: leido", "abrio su mensaje")


def test_people_who_mention_receipts_are_never_filed_away() -> None:
    ours = Ours("support@example.org", (), "mail.example.org")
    head = "Return-Path: <a@example.com>\nFrom: a@example.com\nTo: support@example.org\nSubject: {}\n\n{}"
    for subject, text in (
        ("Consulta", "¿El mensaje que mandé fue leído?"),
        ("my complaint", "I would like to recall the message I sent yesterday, it had a mistake."),
        ("Leído: su informe", "Quisiera una copia del informe."),
        ("Undeliverable", "My letter was not delivered to the prison. What can I do?"),
        ("Fwd: Undeliverable", "Please help, my mail was not delivered."),
    ):
        message = read(head.format(subject, text).encode(), ours)
        assert message.kind is Kind.PERSONAL and message.silence is None, subject
    message = read(head.format("Recall: x", 'Ana would like to recall the message, "x".').encode(), ours)
    assert message.kind is Kind.RECEIPT
