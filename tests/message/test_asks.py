"""A wish not to be answered is heard in four languages; a complaint that nobody answers is not taken for one."""

from __future__ import annotations

import pytest

from mailroom.message.asks import wishes_silence
from mailroom.message.language import fold

WISHES = """
Por favor no respondan a este correo, mi esposo lo revisa.
no me contesten aqui
NO RESPONDER A ESTE CORREO
Les pido que no me escriban a este correo.
no me respondan por este medio, yo los llamo
Favor de no contestar.
Mi marido lee mis mensajes
él revisa mi celular todas las noches
No es seguro que me respondan
este correo lo ve mi jefe
no quiero que me contesten a este correo
no contesten este correo porque me lo revisan
no manden respuesta a este correo
mejor no me escriban de vuelta
Por ningún motivo respondan a este mensaje
Eviten responder a este correo
favor abstenerse de contestar a este correo
No respondan, yo vuelvo a escribir desde otro correo.
no vayan a contestar aqui
lo ve mucha gente asi que no contesten aqui
no me contacten por este correo
no me llamen ni me escriban a este correo
mi esposo tiene la clave de este correo
comparto este correo con mi esposo
Aquí leen todos los correos, los guardias revisan mi correo
Mi papá es policía y revisa mi teléfono
Yo les escribo otra vez. NO CONTESTEN POR FAVOR
Le ruego que no responda a esta dirección
Please do not reply to this email; my husband reads it.
don't answer here
dont write back
He checks my phone
pls do not reply, he can see my messages
It's not safe to reply to this address
My boss has access to this account
Do NOT respond to this address, I will write again from a friend's.
Nobody should reply to this email
please refrain from replying to this address
avoid replying to this address
Kindly send nothing to this mailbox.
this is my husband's email, don't reply
Do not send any confirmation to this address
please don't send an acknowledgement, it is dangerous
I beg you not to reply to this message
My stepfather reads everything on my phone
Please, no reply to this address
Por favor não respondam este e-mail, meu marido lê tudo.
não me respondam por aqui
nao responda nesse email
ele mexe no meu celular
não é seguro responder aqui
favor não responder
meu pai tem a senha desse email
evitem responder para este endereço
não mandem resposta pra esse email
não retornem para este e-mail
então por favor NADA de resposta aqui tá, nem confirmação
Peço que não respondam a esta mensagem
meu marido olha meu celular
Ele lê minhas mensagens
NAO RESPONDAM NESSE EMAIL
Ne répondez pas à cette adresse, il lit mes messages.
ne me répondez pas ici svp
Merci de ne pas répondre à ce mail
n'écrivez pas à cette adresse
mon mari lit mes mails
il a accès à ma boîte mail
surtout ne répondez pas
Prière de ne pas me répondre
c'est dangereux de me répondre ici
évitez de répondre à cette adresse
ne m'écrivez plus sur cette adresse
ne pas répondre svp
Mon frère consulte mon téléphone tous les soirs
Je vous demande de ne pas répondre à ce courriel
""".strip().splitlines()

NO_WISHES = """
¿Por qué no responden?
Hace un año que no me contestan
no me han respondido el correo
Ustedes no contestan los correos
Si no responden a este correo iré a la prensa
El Estado no responde
no contestaron mi mensaje
las autoridades no responden a mis correos
me dijeron que no responda al fiscal
no puedo contestar este correo desde el celular
No pude responder a este mensaje antes
Por favor no me respondan con lo mismo de siempre
no me contesten en inglés por favor
escriban a este correo
respondan a este correo por favor
Espero que me respondan a este correo
¿Alguien lee mis correos?
¿Ustedes leen mis mensajes?
nadie lee mis correos
Quiero saber si alguien revisa este correo
No sé quién lee mis mensajes en la comisión
Les ruego que me contesten a este correo
CONTESTEN
no pongan mi nombre completo en nada
No se responde por los daños
Mi esposo está preso y no le contestan
La policía revisó mi celular y lo rompió
Intervinieron mi correo el año pasado
mi abogado lee este correo y les escribirá
Why do you not reply?
you do not answer my emails
they do not respond to this email
If you do not reply by Friday we will go to the press
The ministry did not reply
I did not answer this email before
Please do not reply in English
Sorry I couldn't reply to this message
Do not hesitate to write to this address
please reply to this address
Writing from my work phone so pls keep it vague in reply
Kindly direct all correspondence to this address only. Do not use the former e-mail; it is no longer under our control.
Is anybody reading my emails?
Has somebody read my message?
We never got an answer from the court
The police do not answer calls here
he took my phone and my passport
The prison does not answer letters
My husband was arrested and they do not respond
I am his mother and I check my email every day
vocês não respondem
não responderam este e-mail
por que não respondem aqui?
Se não responderem a este e-mail vou ao jornal
não consigo responder aqui
O governo não respondeu a mensagem
Meu marido está preso e ninguém responde
Aguardo resposta neste e-mail
Por favor não divulguem o endereço
alguém lê meus e-mails?
Pourquoi vous ne répondez pas à mes mails ?
Vous ne répondez pas à ce courriel
ils ne répondent pas
je ne peux pas répondre à ce mail
Répondez à cette adresse s'il vous plaît
Est-ce que quelqu'un lit mes messages ?
Il ne répond pas à la convocation
Personne ne répond au greffe
""".strip().splitlines()


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_silence_is_heard(text: str) -> None:
    assert wishes_silence(fold(text))
    assert wishes_silence(fold(f"Buenas tardes.\n{text.upper()}\nMaria"))


@pytest.mark.parametrize("text", NO_WISHES)
def test_what_is_no_wish_for_silence_is_answered(text: str) -> None:
    assert not wishes_silence(fold(text))
    assert not wishes_silence(fold(f"Hola. {text}\nGracias"))


def test_long_hostile_text_is_read_in_bounded_time() -> None:
    for piece in ("no ", "no me ", "do not reply ", "mi esposo ", "he reads ", "no respondan que "):
        wishes_silence(piece * 20_000)
