"""The language of what was said: short, shouted, unaccented, mixed mail; wishes; other languages named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.message.language import detect, fold
from mailroom.message.wishes import wish

SAID = {
    "es": """
hola
Buenas tardes
Buenos dias, como estan
gracias
ayuda por favor
Cual es el estado de mi caso
cuanto tarda una respuesta
Necesito hablar con alguien
mi hermano desaparecio el lunes
quiero denunciar a la policia
NO ME DEJAN VER A MI HIJO
SOY PRESO POLITICO Y ESTOY ENFERMO
ola kiero saver komo ago una denunsia
me puede informar si llego mi peticion?
Adjunto documentos
Remito escrito de observaciones
Solicito información sobre mi petición
Solicito copia del expediente
Se remite nota verbal
Confirmo recepción
Envío lo solicitado, saludos cordiales
xq no me responden?
me van a deportar mañana
tengo miedo
Estimados señores: por medio de la presente solicito audiencia
Mi nombre es Ana y vivo en la frontera
Buen día, consulto por el formulario en línea
donde mando la carta
la comunidad no tiene agua desde enero
vivo en Brasil pero soy venezolana, necesito orientación
trabajo en un periodico y nos cerraron
No puedo entrar al portal, olvide la clave
Recibido
consulta
URGENTE
Muchas gracias por su atención
nos sacaron de la tierra con maquinas
Como hago para saber el numero
hermanos indigenas sin consulta previa
""",
    "en": """
hello
Good morning
thanks
help me please
What is the status of my case
how long does it take
I need to talk to somebody
my brother went missing on Monday
I want to report the police
THEY WONT LET ME SEE MY SON
hi can u tell me wat form i must fill
Please find attached our observations
Attached
Kindly acknowledge receipt
We submit the State's response
they deport me tomorrow
I am afraid
Dear Sir or Madam, I write on behalf of my client
My name is Ana and I live near the border
where do I send the letter
the village has no water since January
i am in jail and sick
Can't log in to the portal, forgot my password
Received
question
Is this the right office
Thank you for your attention
De police take way meh son an nobody know where he deh
we nah get no answer from the court
Them lock up mi brother from Friday
""",
    "pt": """
olá
Bom dia
obrigado
Boa tarde, tudo bem?
ajuda por favor
Qual a situação do meu caso
quanto tempo demora uma resposta
Preciso falar com alguém
meu irmao sumiu na segunda
quero denunciar a policia
NAO ME DEIXAM VER MEU FILHO
SOU PRESO E ESTOU DOENTE
oi queria saber como faço uma denuncia
vcs receberam minha peticao?
Segue anexo
Encaminho manifestação do Estado
Solicito informações sobre a petição
Solicito cópia do processo
Confirmo o recebimento
vao me deportar amanha
to com medo
Prezados senhores, venho por meio desta solicitar audiência
Meu nome é Ana e moro na fronteira
pra onde mando a carta
a comunidade ta sem agua desde janeiro
nao consigo entrar no portal, esqueci a senha
Recebido
duvida
Muito obrigada pela atenção
tiraram a gente da terra com trator
como faz pra saber o numero
povos indigenas sem consulta previa
moro no Uruguai mas sou brasileiro, queria uma orientação
a gente nao tem resposta de ninguem
""",
    "fr": """
bonjour
Bonsoir
merci
aidez-moi s'il vous plaît
Où en est mon dossier
combien de temps faut-il attendre
J'ai besoin de parler à quelqu'un
mon frere a disparu lundi
je veux porter plainte contre la police
ILS NE ME LAISSENT PAS VOIR MON FILS
slt je voudrais savoir comment faire une plainte
avez vous recu ma petition
Veuillez trouver ci-joint nos observations
Ci-joint
Nous accusons réception
on va m'expulser demain
j'ai peur
Madame, Monsieur, j'ai l'honneur de solliciter une audience
Je m'appelle Anne et j'habite à la frontière
ou envoyer la lettre
le village n'a plus d'eau depuis janvier
je narrive pas a me connecter au portail, mot de passe oublie
Bien reçu
question
Merci de votre attention
la police a tué mon mari et personne ne fait rien
Quel est le numéro de notre affaire
peuples autochtones sans consultation
""",
    "other:ht": """
Bonjou, mwen bezwen èd
Kijan pou m fè yon plent
Yo touye frè m nan, lapolis pa fè anyen
mwen pa konprann espanyol
Mesi anpil pou repons lan
Tanpri ede m, pitit mwen nan prizon
""",
    "other:nl": """
Goedemiddag, hoe kan ik een klacht indienen?
Wij willen graag informatie over de procedure
Mijn broer zit al twee jaar in de gevangenis zonder proces
""",
    "other:de": """
Guten Tag, wie kann ich eine Beschwerde einreichen?
Ich bitte um Auskunft zu meinem Antrag
Sehr geehrte Damen und Herren, ich bin Studentin und suche ein Praktikum
""",
    "other:it": """
Buongiorno, vorrei sapere come presentare una denuncia
Siamo una associazione e chiediamo informazioni sulla procedura
Mio fratello è stato arrestato e non sappiamo dove si trova
""",
    "other:gn": """
Che réra Ana ha aikoteve pytyvõ
Ore yvy oñemonda ha ndaipóri avave ore pytyvõva
""",
    "other:qu": """
Ñuqanchik llaqtanchikmanta yachayta munani
Allpaykuta qichuwanku, yanapawayku
""",
}

CASES = [(code, text) for code, block in SAID.items() for text in block.strip().splitlines()]


def test_short_mail_is_told_apart() -> None:
    wrong = [(code, text, detect(text).code) for code, text in CASES if detect(text).code != code]
    ours = sum(code in ("es", "en", "pt", "fr") for code, _ in CASES)
    assert len(wrong) <= 0.02 * ours, wrong


def test_long_enough_mail_is_never_wrong() -> None:
    wrong = [(code, text, detect(text)) for code, text in CASES if len(text.split()) >= 6 and detect(text).code != code]
    assert not wrong


@pytest.mark.parametrize("text", ["", "?", "P-12-20", "123", "🙂", "a@b.org", "https://example.org/x", "...", "\n\n"])
def test_nothing_said_is_unknown(text: str) -> None:
    assert detect(text).code == "unknown" and detect(text).confidence == 0.0


def test_the_subject_speaks_where_the_text_is_short() -> None:
    assert detect("P-12-20", "Re: consulta sobre mi petición").code == "es"
    assert detect("ok", "Où en est la pétition ?").code == "fr"
    assert detect("", "Dúvida sobre a petição").code == "pt"


def test_the_subject_of_an_answer_is_not_the_writers() -> None:
    assert detect("sí, confirmo", "Re: We have received your message").code == "es"
    assert detect("Obrigada", "RE: Automatic acknowledgement").code == "pt"
    assert detect("12-20", "Re: Consulta sobre la petición").code == "es"
    assert detect("Merci, bien reçu", "Re: Please answer in English").code == "fr"


def test_file_names_are_the_last_witness() -> None:
    assert detect("", "", ("denuncia_policia.pdf", "testigos del caso.docx")).code == "es"
    assert detect("", "", ("witness statement.pdf", "photo of the house.jpg")).code == "en"
    assert detect("", "", ("IMG_2041.jpg",)).code == "unknown"


MIXED = [
    (
        "Hello, sorry my English is bad. Me quitaron a mis hijos y no sé a quién acudir. ¿Ustedes me pueden orientar?",
        "es",
    ),
    ("Hola! Buenas! We are a small radio and we were closed last week. Who can we talk to about the closure?", "en"),
    ("Dear all, prezados, gostaríamos de saber quando será a audiência. Podem confirmar a data?", "pt"),
    ("Bonjour, hello. I am a student from Quebec and would like to know where the internship form is?", "en"),
    ("Good morning. Bonjour. Nous souhaitons savoir si notre dossier est complet. Pouvez-vous nous répondre ?", "fr"),
]


@pytest.mark.parametrize(("text", "code"), MIXED)
def test_mixed_mail_has_the_language_that_asks(text: str, code: str) -> None:
    assert detect(text).code == code


WISHES = [
    ("Hola, soy Ana. Please answer in English, I read it better.", "en"),
    ("Je vous écris en français mais répondez en espagnol s'il vous plaît.", "es"),
    ("I write in English because of the form, but please reply in Spanish.", "es"),
    ("Podem mandar a resposta em português?", "pt"),
    ("Por favor respondan en francés.", "fr"),
    ("English please", "en"),
    ("en español por favor", "es"),
    ("Prefiero que me escriban en inglés", "en"),
    ("Gostaria de receber a resposta em espanhol.", "es"),
    ("We would prefer French for all correspondence.", "fr"),
    ("I only speak Portuguese.", "pt"),
    ("No me contesten en inglés por favor, contesten en español.", "es"),
    ("Tanpri reponn mwen an kreyòl", "other:ht"),
    ("Could you please write back in Haitian Creole?", "other:ht"),
    ("Merci de me répondre en anglais.", "en"),
]


@pytest.mark.parametrize(("text", "code"), WISHES)
def test_a_wish_wins(text: str, code: str) -> None:
    assert wish(fold(text)) == code
    assert detect(text).code == code


NO_WISHES = [
    "Me respondieron en inglés y no entiendo nada",
    "You answered in Spanish and I do not read it",
    "Où trouver le formulaire de pétition en français ?",
    "Is there an English version of the resolution?",
    "Please send me the complaint form in English",
    "Necesito el formulario en francés, por favor",
    "Não sei inglês",
    "no hablo inglés",
    "The judge spoke French",
    "Please don't answer in English",
    "¿Por qué me escriben en inglés?",
    "Vous m'avez répondu en espagnol",
    "The French embassy did not help",
]


@pytest.mark.parametrize("text", NO_WISHES)
def test_what_is_no_wish_changes_nothing(text: str) -> None:
    assert wish(fold(text)) is None


def test_the_quoted_footer_does_not_count() -> None:
    assert (
        detect("sí, confirmo", "", (), "This message is confidential and intended only for its recipient").code == "es"
    )


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    found = detect(text, text[:40], (text[:20],))
    assert 0.0 <= found.confidence <= 1.0
    assert found.code in ("es", "en", "pt", "fr", "unknown") or found.code.startswith("other:")


def test_hostile_text_takes_bounded_time() -> None:
    for piece in ("please answer in ", "en inglés ", "no no no ", "prefer ", "a'", "¿?", "responder "):
        detect(piece * 50_000, piece * 500)
