# ruff: noqa: E501 - a case a line
"""The Commission's numbers, however people write them; and everything that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.message.matters import find

FOUND = [
    ("P-123-20", "P-123-20"), ("P 123-20", "P-123-20"), ("P123-20", "P-123-20"), ("P-123/20", "P-123-20"),
    ("P-123-2020", "P-123-20"), ("P.123-20", "P-123-20"), ("P. 123-20", "P-123-20"), ("p-123-20", "P-123-20"),
    ("P–123–20", "P-123-20"), ("P 87 20", "P-87-20"), ("P-107-14.", "P-107-14"), ("(P-107-14)", "P-107-14"),
    ("Petición 123-20", "P-123-20"), ("PETICION 97-04", "P-97-04"), ("peticion nro 123-20", "P-123-20"),
    ("Petición N° 123-20", "P-123-20"), ("petición No. 123-20", "P-123-20"), ("petición núm. 123/2020", "P-123-20"),
    ("petición número 123-20", "P-123-20"), ("petision 123-20", "P-123-20"), ("Petição 1159-08", "P-1159-08"),
    ("PETIÇÃO 999-06", "P-999-06"), ("peticao nº 999/06", "P-999-06"), ("Pétition 311-09", "P-311-09"),
    ("ex-pétition 311-09", "P-311-09"), ("REQUÊTE P81-06", "P-81-06"), ("requête n° 81-06", "P-81-06"),
    ("petition no. 44-04", "P-44-04"), ("Petition P-44-04", "P-44-04"), ("petition: 44-04", "P-44-04"),
    ("petición registrada bajo el número P-1290-23", "P-1290-23"), ("petição registrada sob o nº 12-20", "P-12-20"),
    ("petición registrada con el número 1290-23", "P-1290-23"), ("pétition enregistrée sous le numéro 12-20", "P-12-20"),
    ("petition registered under number 12-20", "P-12-20"), ("Petición (123-20)", "P-123-20"), ("P-0123-20", "P-123-20"),
    ("MC-123-21", "MC-123-21"), ("MC 123/21", "MC-123-21"), ("MC123-21", "MC-123-21"), ("PM 123-21", "MC-123-21"),
    ("PM 30/14", "MC-30-14"), ("PM-123-2021", "MC-123-21"), ("Medida cautelar 60/15", "MC-60-15"),
    ("medida cautelar No. 123-21", "MC-123-21"), ("medidas cautelares MC-12-21", "MC-12-21"),
    ("Mesure conservatoire MC 123-21", "MC-123-21"), ("mesures conservatoires 123-21", "MC-123-21"),
    ("precautionary measure 12-21", "MC-12-21"), ("Precautionary Measures No. 12-21", "MC-12-21"), ("mc 12-21", "MC-12-21"),
    ("Caso 12.345", "12.345"), ("Caso Nº 12.345", "12.345"), ("Case No. 12,345", "12.345"), ("caso 12345", "12.345"),
    ("Affaire 12.345", "12.345"), ("AFFAIRE n° 12.944", "12.944"), ("Cas 12.345", "12.345"), ("Case # 12.345", "12.345"),
    ("CASO 12222", "12.222"), ("caso num. 12.345", "12.345"), ("case number 12.345", "12.345"), ("Caso CIDH 12.345", "12.345"),
    ("No Caso 12.940, o prazo", "12.940"), ("en el caso 13.095.", "13.095"), ("caso: 14.001", "14.001"), ("Caso 7.615", "7.615"),
    ("Caso\n12.345", "12.345"), ("Caso n.º 12.345", "12.345"), ("Affaire 12 945", "12.945"), ("Caso 11.656 (Informe 71/99)", "11.656"),
    ("Caso_12345.pdf", "12.345"), ("Observaciones_P-1290-23.pdf", "P-1290-23"), ("P_123_20_anexo.pdf", "P-123-20"),
    ("Petición 1.502-14", "P-1502-14"), ("P-1,502-14", "P-1502-14"),
    ("MC-12-21_informe.docx", "MC-12-21"), ("escrito P-12-20.docx", "P-12-20"), ("caso-12.345.pdf", "12.345"),
]  # fmt: skip

SEVERAL = [
    ("Casos 12.345, 12.346 y 12.347", ("12.345", "12.346", "12.347")),
    ("Cases 12,345 and 12,346", ("12.345", "12.346")),
    ("Peticiones 123-20 y 456-21", ("P-123-20", "P-456-21")),
    ("petitions 123-20, 456-21 and 7-22", ("P-123-20", "P-456-21", "P-7-22")),
    ("medidas cautelares 12-21 e 13-21", ("MC-12-21", "MC-13-21")),
    ("P-1500-13 (hoy Caso 12.990), MC-144-20", ("12.990", "MC-144-20", "P-1500-13")),
    ("la P-12-20 y la P-13-20; P-12-20 otra vez", ("P-12-20", "P-13-20")),
]

REFUSED = """
Informe No. 71/99
Informe No. 102/06
Relatório No. 41/10
Resolution 17/15
Resolution No. 38/22
Resolución 38/2022
Lei 12.527
Lei nº 12.527 de 2011
a lei no caso concreto, 12.527
USD 12.340
pago de 12.340 pesos
quotation Q-12.500
cotización P-3
grade P-3
P-3 level post
EP-123-20
OP-12-20
MP-123-20
NP 12-20
P-12-03-2020
P-12-20-44
petición del 3/11/2024
petition 22-23 November
petición 12-13 de marzo
3:30 PM 12/10
at 4 PM 12-10
PM 12/10/2024
p. 12-20 del informe
expediente 12.345
expediente 123-20
dossier 123-20
causa 12345/2020
caso 12345/2020
caso 12.345/20
Processo 0001234-56.2020.8.26.0100
en el caso 12.500 personas
in case 12,000 people arrive
caso 12.345,67
Nota 88-2025
Nota Verbal 204-20
Protocolo 2024-12345
Ticket 12345
Case #48291
tel. 12-34-56
+55 11 12345-6789
+509 12.345
factura 12.345
Artículo 12.345
caso 2024
casos 1500
en 2019-20
temporada 2019-20
Constancia 0098-2025
articles 4-20
capítulo 12-20
capitulo P
Section P-20
MC Hammer 12
McDonald 12-20
""".strip().splitlines()


@pytest.mark.parametrize(("text", "number"), FOUND)
def test_every_way_of_writing_is_read(text: str, number: str) -> None:
    assert find(text) == (number,)
    assert find(f"Buenas, sobre {text}\ngracias") == (number,)


@pytest.mark.parametrize(("text", "numbers"), SEVERAL)
def test_several_numbers_are_sorted_and_single(text: str, numbers: tuple[str, ...]) -> None:
    assert find(text) == numbers


@pytest.mark.parametrize("text", REFUSED)
def test_look_alikes_are_refused(text: str) -> None:
    assert find(text) == ()
    assert find(f"Buenas, {text}, gracias") == ()


def test_all_places_are_read() -> None:
    assert find("P-1-20", "> Caso 12.345", "MC-3-21.pdf") == ("12.345", "MC-3-21", "P-1-20")


@settings(deadline=None)
@given(st.text(alphabet="Pp MCc-/0123456789.,ºN°casoetición\n", max_size=200))
def test_any_text_gives_normal_forms_only(text: str) -> None:
    for number in find(text):
        assert find(f"Caso {number}" if number[0].isdigit() else number) == (number,)


def test_hostile_text_takes_linear_time() -> None:
    for piece in ("P-1", "petición ", "caso ", "Casos 12.345, ", "1-", "MC ", "petición registrada bajo "):
        find((piece * 60_000)[:200_000])
