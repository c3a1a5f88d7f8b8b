# ruff: noqa: E501 - a pattern a line
"""The Commission's own numbers in a text: petitions, precautionary measures, cases.

Promises: normalised ("P-123-20", "MC-12-21", "12.345"), sorted, each once. A number needs its word or letter beside it;
reports, resolutions, laws, domestic files, sums of money, dates and times of day are refused. Linear in the text.
May import: re.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_TEXT = 200_000
MAX_FOUND = 50

_SIGN = r"(?:n(?:o|r|ro|um|úm|umero|úmero|uméro|umber)?\s?[.:°ºª]{1,2}o?|n[°ºo]\.?|num|nums|número|numero|numéro|number|nro|nos?\.|#)"
_FILLER = (
    r"(?:registrad[ao]|inscrita|presentada|radicada|registered|filed|enregistrée|apresentada|protocolada|identificada|"
    r"es|es el|es la|is|est|est le|e o|é o|é|e a|bajo|con|con el|bajo el|el|la|under|with|the|sob|sob o|com|com o|o|sous|sous le|le|avec|de|del|do|da|du|"
    r"de referencia|ref\.?|referencia|cidh|iachr|individual|e?x)"
)
_BRIDGE = rf"[\s>:,(\[\"'«“_-]{{0,4}}(?:{_FILLER}[\s>:,]{{1,3}}){{0,4}}(?:{_SIGN}[\s>:]{{0,3}})?[(\[\"'«“]?"
_LEFT = r"(?<![^\W_])(?<![^\W_][-.])"
_LEFT_OF_WORD = r"(?<![^\W_])"
_RIGHT = r"(?![^\W_])(?!\s?[-/–]\s?\d)(?![.,]\d)"
_DASH = r"\s?[-_/\u2010-\u2015\u2212]\s?"
_MONTH = (
    r"(?:de\s|of\s|d['’])?(?:ene|feb|mar|abr|may|jun|jul|ago|set|sep|oct|nov|dic|jan|apr|aug|dec|fev|fév|avr|mai|"
    r"juin|juil|août|déc|out|dez)"
)
_NUMBER = rf"(\d{{1,2}}[.,]\d{{3}}|\d{{1,5}}){_DASH}((?:19|20)?\d{{2}}){_RIGHT}(?!\s+{_MONTH})"

_PETITION_WORD = r"(?:peti[cst][ií][oó]n(?:es)?|petici[oó]n(?:es)?|petisi[oó]n(?:es)?|peti[cç][aãoõ]{1,2}(?:es|o)?|p[eé]titions?|req[uê]{1,2}tes?)"
_MEASURE_WORD = (
    r"(?:medidas?\s+(?:cautelar(?:es)?|preventivas?)|precautionary\s+measures?|m[eé]sures?\s+conservatoires?|mesures?\s+conservatoires?"
    r"|medidas?\s+cautelares?)"
)
_CASE_WORD = r"(?:casos?|cases?|affaires?|cas|ex-?caso)"

_PETITION = re.compile(
    rf"(?:{_LEFT_OF_WORD}(?P<word>{_PETITION_WORD}){_BRIDGE}(?:P[\s.\-–_]{{0,2}})?"
    rf"|{_LEFT}P[\s.\-\u2010-\u2015_:]{{0,3}}(?:{_SIGN}\s?)?){_NUMBER}",
    re.IGNORECASE,
)
_PETITION_SPACED = re.compile(rf"{_LEFT}P[ \-](\d{{1,5}}) ((?:19|20)?\d{{2}}){_RIGHT}(?![ ]?[%€$])")
_MEASURE = re.compile(
    rf"(?:{_LEFT_OF_WORD}(?P<word>{_MEASURE_WORD}){_BRIDGE}(?:(?:MC|PM)[\s.\-–_]{{0,2}})?"
    rf"|{_LEFT}(?<!\d )(?<!\d\u00a0)(?P<letters>MCs?|PMs?)[\s.\-\u2010-\u2015_:]{{0,3}}(?:{_SIGN}\s?)?){_NUMBER}",
    re.IGNORECASE,
)
_MEASURE_SPACED = re.compile(rf"{_LEFT}(?:MC|PM)[ \-](\d{{1,5}}) ((?:19|20)?\d{{2}}){_RIGHT}(?![ ]?[%€$])")
_UNITS = (
    r"(?:d[oó]lares|dollars?|pesos|soles|reais|euros?|usd|us\$|eur|quetzales|lempiras|bol[ií]vares|gourdes|people|persons|"
    r"personas|pessoas|personnes|families|familias|famílias|familles|casos|cases|habitantes|inhabitants|habitants|hect[aá]reas|"
    r"hectares|km|kil[oó]metros|millones|mil\b|m2|%|€|\$)"
)
_CASE_NUMBER = (
    rf"(?:(1[0-6])\s?[.,]\s?(\d{{3}})|(1[0-6])[\u00a0\u202f ]?(\d{{3}})|([1-9])[.](\d{{3}}))"
    rf"{_RIGHT}(?!\s*{_UNITS})"
)
_CASE = re.compile(rf"{_LEFT_OF_WORD}(?P<word>{_CASE_WORD}){_BRIDGE}{_CASE_NUMBER}", re.IGNORECASE)

# further numbers after a plural: "Casos 12.345, 12.346 y 12.347"
_AND = r"\s*(?:,|;|&|/|\by\b|\be\b|\band\b|\bet\b|,\s*(?:y|e|and|et)\b)\s*"
_MORE_PAIR = re.compile(rf"{_AND}(?:(?:P|MC|PM)[\s.\-–]{{0,2}})?{_NUMBER}", re.IGNORECASE)
_MORE_CASE = re.compile(rf"{_AND}(?:{_SIGN}\s?)?(1[0-6])[.,]?(\d{{3}}){_RIGHT}(?!\s*{_UNITS})", re.IGNORECASE)
_DIGITS = re.compile(r"\d\s?[-/.,\u2010-\u2015\u2212 ]?\s?\d")


def _pair(letter: str, number: str, year: str) -> str | None:
    year = year[-2:] if len(year) in (2, 4) else ""
    value = int(number.replace(".", "").replace(",", ""))  # "1.502-14", with a thousands point
    if not year or not value or 41 <= int(year) <= 58:  # the Commission began in 1959
        return None
    return f"{letter}-{value}-{year}"


def _more(text: str, match: re.Match[str], pattern: re.Pattern[str]) -> Iterable[tuple[str, str]]:
    """What follows a plural word: number pairs, at most twenty."""
    groups = match.groupdict()
    word = groups.get("word") or groups.get("letters") or ""
    more = pattern.match(text, match.end()) if word.lower().endswith("s") and len(word) > 2 else None
    for _ in range(20):
        if more is None:
            return
        yield more[1], more[2]
        more = pattern.match(text, more.end())


def _numbers(match: re.Match[str]) -> tuple[str, str]:
    """The two numbers of a match: its last two groups that took part."""
    named = set(match.re.groupindex.values())
    found = [group for n, group in enumerate(match.groups(), 1) if group and n not in named]
    return found[-2], found[-1]


def _pairs(text: str, letter: str, written: re.Pattern[str], spaced: re.Pattern[str]) -> Iterable[str | None]:
    for match in written.finditer(text):
        if not match[0].startswith("p."):  # a page
            yield _pair(letter, *_numbers(match))
            for number, year in _more(text, match, _MORE_PAIR):
                yield _pair(letter, number, year)
    for match in spaced.finditer(text):
        yield _pair(letter, *_numbers(match))


def _cases(text: str) -> Iterable[str | None]:
    for match in _CASE.finditer(text):
        yield ".".join(_numbers(match))
        for thousands, rest in _more(text, match, _MORE_CASE):
            yield f"{thousands}.{rest}"


def find(*texts: str) -> tuple[str, ...]:
    """The numbers in these texts: subject, body, quotations, file names."""
    found: set[str] = set()
    for whole in texts:
        text = whole[:MAX_TEXT]
        if not _DIGITS.search(text):
            continue
        found.update(value for value in _pairs(text, "P", _PETITION, _PETITION_SPACED) if value)
        found.update(value for value in _pairs(text, "MC", _MEASURE, _MEASURE_SPACED) if value)
        found.update(value for value in _cases(text) if value)
    return tuple(sorted(found)[:MAX_FOUND])
