# ruff: noqa: E501 - a case a line
"""Said, quoted, forwarded and signature: cut exactly where mail programs cut, in four languages; letters stay whole."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.message import html
from mailroom.message.replies import is_forward, split
from tests.message.formats import CASES, Case

Q = "Estimada persona usuaria: recibimos su mensaje."


def _split(case: Case):  # type: ignore[no-untyped-def]
    text = html.to_text(case.source) if case.html else case.source.replace("\ufeff", "")
    return split(text, is_forward(case.subject), case.answering)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.language}-{case.name}")
def test_every_format_is_cut_exactly(case: Case) -> None:
    parts = _split(case)
    assert parts.said == case.said
    assert case.quoted in parts.quoted.replace("\n> ", "\n")
    assert case.forwarded in parts.forwarded
    assert case.signature in parts.signature


def test_the_set_is_large_in_each_language() -> None:
    assert all(count >= 40 for count in Counter(case.language for case in CASES).values())


MORE = [
    ("de", "Danke.\n\nAm Mo., 3. Nov. 2025 um 10:05 Uhr schrieb CIDH <s@example.org>:\n\n> " + Q, "Danke."),
    ("it", "Grazie.\n\nIl giorno lun 3 nov 2025 alle ore 10:05 CIDH <s@example.org> ha scritto:\n\n> " + Q, "Grazie."),
    ("nl", "Dank u.\n\nOp ma 3 nov 2025 om 10:05 schreef CIDH <s@example.org>:\n\n> " + Q, "Dank u."),
    ("ca", "Gràcies.\n\nMissatge de CIDH <s@example.org> del dia dl., 3 de nov. 2025:\n\n> " + Q, None),
    ("pt-PT", "Obrigado.\n\nCIDH <s@example.org> escreveu (segunda, 3/11/2025 à(s) 10:05):\n\n> " + Q, "Obrigado."),
    ("pt-PT-2", "Obrigado.\n\nCIDH <s@example.org> escreveu no dia segunda, 3/11/2025 à(s) 10:05:\n\n> " + Q, "Obrigado."),
    ("horde", "Gracias.\n\nCitando a CIDH <s@example.org>:\n\n> " + Q, "Gracias."),
    ("roundcube", "Gracias.\n\nEl 2025-11-03 10:05, CIDH escribió:\n> " + Q, "Gracias."),
    ("k9", "Gracias.\n\nEl 3 de noviembre de 2025 10:05:32 GMT-05:00, CIDH <s@example.org> escribió:\n>" + Q, "Gracias."),
    ("zimbra", "Gracias.\n\n----- Mensaje original -----\nDe: \"CIDH\" <s@example.org>\nPara: \"Ana\" <a@example.net>\n"
     "Enviados: Lunes, 3 de Noviembre 2025 10:05:32\nAsunto: Recibido\n\n" + Q, "Gracias."),
    ("proton", "Thanks.\n\nSent with Proton Mail secure email.\n\nOn Monday, November 3rd, 2025 at 10:05 AM, CIDH <s@example.org> "
     "wrote:\n\n> " + Q, "Thanks."),
    ("hotmail", "Gracias\n\nDate: Mon, 3 Nov 2025 10:05:32 -0500\nSubject: Recibido\nFrom: s@example.org\nTo: a@example.net\n\n" + Q,
     "Gracias"),
    ("notes", "Merci\n\n\n\nDe :\tCIDH <s@example.org>\nA :\tana@example.net\nDate :\t03/11/2025 10:05\nObjet :\tRE: X\n\n" + Q,
     "Merci"),
    ("weekday", "Não sei inglês. Podem mandar em português?\n\nOn Mon, IACHR wrote:\n> Dear user,", None),
    ("missing-accents", "Gracias\n\nEl lun, 3 nov 2025 a las 10:05, CIDH <s@example.org> escribio:\n> " + Q, "Gracias"),
    ("no-attribution", "Recibí esto.\n\n> Dear user,\n> We received it. This does\n> not mean more.", "Recibí esto."),
    ("three-lines", "Merci.\n\nLe lun. 3 nov. 2025 à 10:05, Commission interaméricaine\ndes droits de l'homme\n<s@example.org> a\n"
     "écrit :\n\n> " + Q, "Merci."),
    ("answers-without-blank", "> ¿Su nombre?\nAna\n> ¿Su país?\nPerú\n> Gracias", "Ana\nPerú"),
    ("signature-after-quote", "> " + Q + "\n\nSí, confirmo.\n\n--\nAna\nTel. 555", "Sí, confirmo."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), MORE, ids=[case[0] for case in MORE])
def test_other_programs_and_languages(name: str, text: str, said: str | None) -> None:
    parts = split(text, False, True)
    assert parts.said == (said if said is not None else parts.said)
    assert parts.quoted and "Estimada persona" not in parts.said and "Dear user" not in parts.said


LETTERS = [
    "El 3 de noviembre el juez escribió: no ha lugar.\nDesde entonces espero.",
    "El 3 de noviembre de 2025 a las 10:05 el policía me escribió:\nváyanse o los matamos\nTengo miedo.",
    "On 3 November at 10:05 the officer wrote: leave the house.\nWe are still inside.",
    "De: María López\nPara: Comisión Interamericana\nFecha: 3 de noviembre\nAsunto: Denuncia\n\nMe detuvieron el lunes.",
    "Buenos días, mando mi denuncia.\n\nDE: Juan Pérez, juan@example.com\nPARA: CIDH\nFECHA: 3/11/2025 10:30\nASUNTO: Denuncia\n\n"
    "Me detuvieron el lunes.",
    "Señores:\n--------------------------------\nHECHOS\nMe detuvieron.\n--------------------------------\nPETITORIO\nAyuda.",
    "Hechos:\n-- el lunes me detuvieron\n-- el martes me pegaron\nGracias",
    "From: 2019 to 2021 I was detained.\nTo: this day nobody answers.\nPlease help.",
    "Le juge a écrit : « non ».\nNous attendons depuis 2019.",
    "O delegado escreveu:\nnada consta\nMas eu tenho prova.",
    "Recibí el mensaje original y no lo entiendo.\nMensaje original\nno tengo.",
    "Sent from prison by a friend\nThey beat us every night.",
    "Resumen --\n\n1. Detención\n2. Tortura\n\nNombre: Juan\nPara: la comisión\nDesde: 2019",
]


@pytest.mark.parametrize("text", LETTERS)
def test_a_letter_stays_whole(text: str) -> None:
    assert split(text, None, False).said == text


def test_a_divider_is_no_signature() -> None:
    long = "Hola\n--\n" + "\n".join(f"Hecho número {n}: algo pasó." for n in range(20))
    assert split(long).said == long


@pytest.mark.parametrize(
    ("subject", "answer"),
    [("Re: x", False), ("RV: x", True), ("Fwd: Re: x", True), ("RE: Fwd: x", False), ("ENC: x", True), ("TR : x", True),
     ("RES: x", False), ("[ext] FW: x", True), ("Regarding: x", None), ("x", None), ("Re[2]: x", False)],
)  # fmt: skip
def test_the_first_prefix_tells_reply_from_forward(subject: str, answer: bool | None) -> None:
    assert is_forward(subject) is answer


def _letters(text: str) -> Counter[str]:
    return Counter(c for c in text if c.isalnum())


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.html], ids=lambda case: f"{case.language}-{case.name}"
)
def test_nothing_is_lost(case: Case) -> None:
    parts = _split(case)
    assert _letters("".join((parts.said, parts.quoted, parts.forwarded, parts.signature))) == _letters(case.source)


_LINES = st.lists(
    st.sampled_from(["hola", "> x", ">", "", "El lun, 3 nov 2025 a las 10:05, X <a@b.org> escribió:", "De: x", "Para: y",
                     "Asunto: z", "-----Mensaje original-----", "-- ", "Enviado desde mi iPhone", "_" * 32, ">> On x wrote:",
                     "---------- Forwarded message ---------", "AVISO LEGAL: x", "Fecha: 3/11/2025 10:05"]) | st.text(max_size=30),
    max_size=25,
)  # fmt: skip


@settings(deadline=None)
@given(_LINES, st.sampled_from([None, True, False]), st.booleans())
def test_any_order_of_lines_is_sorted_without_loss(lines: list[str], forward: bool | None, reply: bool) -> None:
    text = "\n".join(lines).replace("\ue000", "")
    parts = split(text, forward, reply)
    assert _letters("".join((parts.said, parts.quoted, parts.forwarded, parts.signature))) == _letters(text)


def test_hostile_text_takes_linear_time() -> None:
    for piece in ("On 1 ", "El 1 a@b ", "> ", "De: x\n", "On 1 wrote\n", "-- \n", ">\n\n", "a:\n", "wrote:\n", ": \n"):
        split((piece * 60_000)[:200_000], False, True)
