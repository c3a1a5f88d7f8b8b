"""What the words of a template may not be: promises, forbidden words, figures, addresses, markup, shouting.

Promises: each fault is a Problem at its line and column; linear. The list of promises is blunt so that it can be
trusted: a template that needs one of its words in a sentence that promises nothing is worded otherwise.
May import: re, unicodedata, mailroom.model and its own room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from mailroom.compose.source import SETTINGS, Passage, Sources
from mailroom.model import Problem

_ADDRESS = re.compile(r"(?i)https?://|www\.|\S@\S")
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORDS = {
    "es": "dias? horas? minutos? semanas? mes(?:es)? manana pronto brevedad brevemente inmediatamente enseguida "
    "responderemos contestaremos llamaremos protegeremos resolveremos garantiza(?:mos)? prometemos lunes viernes",
    "en": "days? hours? minutes? weeks? months? tomorrow soon shortly promptly immediately guaranteed? monday friday",
    "pt": "dias? horas? minutos? semanas? mes(?:es)? amanha brevemente imediatamente responderemos ligaremos "
    "protegeremos resolveremos garantimos prometemos segunda-feira sexta-feira",
    "fr": "jours? heures? minutes? semaines? mois demain bientot prochainement immediatement repondrons contacterons "
    "protegerons garantissons promettons lundi vendredi",
}
_PHRASES = {
    "es": ("en breve", "cuanto antes", "de inmediato", "lo mas pronto"),
    "en": (
        r"we will (?:reply|answer|respond|contact|call|protect|decide)",
        "as soon as",
        "right away",
        "in due course",
    ),
    "pt": ("em breve", "o quanto antes", "de imediato"),
    "fr": ("sous peu", "meilleurs delais", "des que possible", "au plus vite"),
}

PROMISES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    language: (
        re.compile(rf"\b(?:{'|'.join(words.split())})\b"),
        re.compile(r"\b(?:" + "|".join(_PHRASES[language]).replace(" ", r"\s+") + r")\b"),
    )
    for language, words in _WORDS.items()
}
"""language -> patterns, to be searched in folded text."""


def words(passage: Passage, language: str, read: Sources, discreet: bool) -> Iterator[Problem]:
    """Forbidden words, promises, figures, addresses."""
    yield from foreign(passage)
    plain = TAG.sub(lambda tag: " " * len(tag[0]), passage.text)
    folded = fold(plain)
    for pattern in PROMISES[language]:
        for found in pattern.finditer(folded):
            line, column = at(passage, found.start())
            what = f"“{plain[found.start() : found.end()]}” sounds like a promise of time or of an answer"
            yield Problem(passage.file, line, column, what, "Say what will happen, without saying when")
    lists = (*read.forbidden[False], *(read.forbidden[True] if discreet else ()))
    for forbidden in lists:
        for found in _pattern(forbidden.text).finditer(folded):
            line, column = at(passage, found.start())
            what = f"“{plain[found.start() : found.end()]}” is a forbidden word"
            mend = f"Say it otherwise; the list is {forbidden.file}, line {forbidden.line}"
            yield Problem(passage.file, line, column, what, mend)


def foreign(passage: Passage) -> Iterator[Problem]:
    """What the frame or a person's voice does not need: markup, addresses, shouting."""
    plain = TAG.sub(lambda tag: " " * len(tag[0]), passage.text)
    for pattern, what, mend in (
        (r"[<>]", "markup of web pages", "Write plain words; **bold** is possible"),
        (_ADDRESS.pattern, "an address", f"Write links as {{{{ link_NAME }}}} and their address into {SETTINGS}"),
        (r"[!¡]", "an exclamation mark", "End with a full stop"),
        (r"\d", "a figure", "Take it out: figures are read as promises or numbers of matters"),
    ):
        for found in re.finditer(pattern, plain):
            line, column = at(passage, found.start())
            yield Problem(passage.file, line, column, f"there is {what}: “{found[0]}”", mend)
            break


def fold(text: str) -> str:
    """Without case and accents, of the same length, so that places stay the same."""
    if text.isascii():
        return text.lower()
    return "".join([unicodedata.normalize("NFD", character)[0].lower()[:1] or character for character in text])


def _pattern(words: str) -> re.Pattern[str]:
    pieces = [re.escape(fold(word).rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(pieces) + r"(?!\w)")


def at(passage: Passage, offset: int) -> tuple[int, int]:
    before_it = passage.text[:offset]
    lines = before_it.count("\n")
    column = offset - (before_it.rfind("\n") + 1) + 1
    return passage.line + lines, column if lines else column + passage.column - 1
