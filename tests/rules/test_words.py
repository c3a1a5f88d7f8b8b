"""Folding, whole words, endings, gaps, negation: what a phrase finds and what it does not."""

from __future__ import annotations

import time

import pytest

from mailroom.rules.words import BadPhrase, Finder, Text, fold, phrase


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("peticion", "Mi PETICIÓN llegó", "PETICIÓN"),
        ("petición", "mi peticion llego", "peticion"),
        ("peticion", "mi peticionario", None),
        ("niñ", "el niño", None),
        ("denunci*", "las Denuncias de ayer", "Denuncias"),
        ("denunci*", "denunci", "denunci"),
        ("denunci*", "redenunciar", None),
        ("medida cautelar", "la Medida\n  Cautelar", "Medida Cautelar"),
        ("medida cautelar", "la medida. Cautelar no", None),
        ("medida cautelar", "medida y cautelar", None),
        ("follow-up", "the follow up of", "follow up"),
        ("follow up", "FOLLOW-UP", "FOLLOW-UP"),
        ("l'état", "L’État répond", "L’État"),
        ("can't breathe", "I CAN´T BREATHE", "CAN´T BREATHE"),
        ("threaten* ... kill", "they threatened to come back and kill him", "threatened to come back and kill"),
        ("threaten* ... kill", "threatened a b c d e f kill", None),
        ("threaten* ... kill", "threatened us. They kill", None),
        ("19??", "en 1982 y 2001", "1982"),
        ("19??", "en 19 o 198", None),
        ("<number> horas", "hace 24 horas", "24 horas"),
        ("<number> horas", "hace dos horas", "dos horas"),
        ("<number> horas", "pocas horas", None),
        ("coeur", "mon cœur", "cœur"),
        ("strasse", "die Straße", "Straße"),
        ("informe", "Informe_visitas_2024.pdf", "Informe"),
        ("tekoha", "ore tekohá", "tekohá"),
        ("nino", "nin\u0303o", "niño"),
        ("amenaza", "ame\u00adna\u200bza", "amenaza"),
    ],
)
def test_a_phrase_finds_whole_words_whatever_their_case_and_accents(written: str, text: str, found: str | None) -> None:
    searched = Text("said", text, Finder([phrase(written)]))
    places = searched.places.get(0, [])
    assert (searched.piece(*places[0]) if places else None) == found


@pytest.mark.parametrize(
    ("written", "what", "mend"),
    [
        (
            "no *",
            "“*” in “no *” would match far too much",
            "a * goes directly behind the beginning of a word; for some words in between write ...",
        ),
        ("am*", "“am*” in “am*” would match far too much", "put at least three letters before the *"),
        ("... muerte", "“... muerte” begins or ends with ...", "put ... between two words, or leave it out"),
        ("!?!", "“!?!” holds no word", "write at least one word or number"),
        (
            "denuncia(s|do)",
            "“denuncia(s|do)” looks like a regular expression, and phrases are plain words",
            'write the words themselves; for an expression use  matches: {in: said, pattern: "…"}',
        ),
        (
            "colou?r",
            "“colou?r” looks like a regular expression, and phrases are plain words",
            'write the words themselves; for an expression use  matches: {in: said, pattern: "…"}',
        ),
    ],
)
def test_a_phrase_that_cannot_be_meant_is_refused_with_a_way_to_mend_it(written: str, what: str, mend: str) -> None:
    with pytest.raises(BadPhrase) as refused:
        phrase(written)
    assert (str(refused.value), refused.value.mend) == (what, mend)


def test_all_phrases_are_found_in_one_pass_with_their_numbers() -> None:
    finder = Finder([phrase(p) for p in ("medida", "medida cautelar", "cautel*", "medida ... urgente", "nada")])
    found = Text("said", "una medida cautelar muy urgente", finder).places
    assert found == {0: [(1, 2)], 1: [(1, 3)], 2: [(2, 3)], 3: [(1, 5)]}


def test_folding_keeps_letters_of_other_scripts() -> None:
    assert fold("Ñandú ΑΘΉΝΑ Дело") == "nandu αθηνα дело"


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a, " * 60_000, "\n\n" * 90_000, "é" * 150_000, "!" * 150_000, "\ud800" * 9]
)
def test_hostile_text_costs_little(text: str) -> None:
    finder = Finder([phrase(p) for p in ("a a a a b", "aaa* ... bbb*", "x")])
    start = time.perf_counter()
    Text("said", text, finder)
    assert time.perf_counter() - start < 2.0


def test_only_the_first_hundred_thousand_characters_are_looked_at() -> None:
    finder = Finder([phrase("aguja")])
    assert not Text("said", "paja " * 30_000 + "aguja", finder).places
