"""Every phrase of the cover notes stands in every language, with the same values."""

from __future__ import annotations

from string import Formatter

import pytest

from mailroom.compose.names import language_name, octets
from mailroom.compose.silences import SILENCES
from mailroom.compose.wording import PHRASES
from mailroom.model import LANGUAGES, SilenceCode


def _values(phrase: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("name", sorted(PHRASES["es"]))
def test_a_phrase_has_the_same_values_in_each_language(name: str) -> None:
    assert len({frozenset(_values(PHRASES[language][name])) for language in LANGUAGES}) == 1
    assert all(PHRASES[language][name].strip() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_silence_has_its_reason(language: str) -> None:
    assert set(SILENCES[language]) == set(SilenceCode)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("es", ("español", "Spanish", "espanhol", "espagnol")),
        ("other:ht", ("criollo haitiano", "Haitian Creole", "haitiano", "créole haïtien")),
        ("other:qu", ("quechua", "Quechua", "quíchua", "quechua")),
        ("other:zz", ("zz", "zz", "zz", "zz")),
        ("unknown", ("desconocido", "unknown", "desconhecido", "inconnue")),
    ],
)
def test_languages_are_told_by_name(code: str, expected: tuple[str, ...]) -> None:
    assert tuple(language_name(code, language) for language in LANGUAGES) == expected


def test_sizes_are_written_as_each_language_does() -> None:
    assert [octets(1_450_000, language) for language in LANGUAGES] == ["1,4 MB", "1.4 MB", "1,4 MB", "1,4 MB"]
    assert [octets(n, "en") for n in (0, 999, 1000, 35_000_000, 2_500_000_000)] == [
        "0 B",
        "999 B",
        "1 kB",
        "35 MB",
        "2.5 GB",
    ]
