"""Words and phrases: how a text is folded, cut into words, and searched for thousands of phrases at once.

Promises: `peticion` finds `Petición`; only whole words match; `*` stands for any ending, `?` for one digit, `<number>`
for any number, `...` for up to GAP words. One pass over a text however many phrases; no input makes it slower than its
length. No pattern engine.
May import: the standard library's pure parts, nothing of mailroom.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import combining, is_normalized, normalize

LONGEST = 100_000
"""Characters of one text that are looked at (T-08)."""
GAP = 5
"""Words that `...` may stand for."""
MOST_PLACES = 50
"""Places remembered for one phrase in one text."""

_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff\ud800-\udfff]")
_TOKEN = re.compile(r"[^\W_]+|[.!?;…]+(?=\s|$)|,|\n[ \t]*\r?\n")
_PIECE = re.compile(r"\.\.\.|…|<number>|\d[\d?]*\?[\d?]*(?![^\W_])|[^\W_]+\*?|\*")
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
NUMBER = "<number>"
_NUMBERS = frozenset(
    [
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "veinte",
        "treinta",
        "cuarenta",
        "cincuenta",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "dois",
        "duas",
        "quatro",
        "sete",
        "oito",
        "nove",
        "dez",
        "onze",
        "doze",
        "treze",
        "quatorze",
        "quinze",
        "vinte",
        "trinta",
        "quarenta",
        "cinquenta",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "sept",
        "huit",
        "neuf",
        "dix",
        "douze",
        "treize",
        "quatorze",
        "vingt",
        "trente",
        "quarante",
        "cinquante",
    ]
)
_STEM = 3
"""Letters that must stand before `*`; the search is indexed by them."""


_COMMON_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_ORDINARY = re.compile("[\0-\u034e\u0350-\u036f\u2000-\u206f\u2100-\u2bff]*")  # no combining character but those


def fold(text: str) -> str:
    """Lower case without accents: `Petición` and `PETICIÒN` both become `peticion`."""
    if text.isascii():
        return text.lower()
    text = text.casefold()
    for letter, plain in _LETTERS.items():  # str.translate() takes ten times as long
        text = text.replace(letter, plain)
    spread = normalize("NFKD", text)
    return _COMMON_MARKS.sub("", spread) if _ORDINARY.fullmatch(spread) else _without_marks(spread)


def _without_marks(spread: str) -> str:
    return "".join(c for c in spread if not combining(c))


def tokens(text: str) -> list[str]:
    """Words of a text, folded; commas, ends of sentences and of paragraphs stay as tokens of their own."""
    return fold("\0".join(_TOKEN.findall(text))).split("\0") if text else []


class Text:
    """One text of a message, cut into words; knows which phrases stand where in it."""

    __slots__ = ("__dict__", "clean", "found", "places", "tokens", "where")

    def __init__(self, where: str, text: str, finder: Finder) -> None:
        self.where = where
        if not text.isascii():
            text = text if is_normalized("NFC", text) else normalize("NFC", text)
            text = _INVISIBLE.sub("", text)
        self.clean = text[:LONGEST]
        self.tokens = tokens(self.clean)
        self.places = finder.find(self.tokens)
        self.found = frozenset(self.places)  # two sets meet in the time of the smaller one

    @cached_property
    def _marks(self) -> list[tuple[int, int]]:
        return [m.span() for m in _TOKEN.finditer(self.clean)]

    def words(self) -> int:
        """How many words it has."""
        return sum(t[0].isalnum() for t in self.tokens if t)

    def piece(self, start: int, end: int) -> str:
        """The words from token `start` up to `end` as the message has them, on one line."""
        return " ".join(self.clean[self._marks[start][0] : self._marks[end - 1][1]].split())

    def denied(self, start: int, reach: int, words: frozenset[str], except_places: Iterable[tuple[int, int]]) -> bool:
        """Whether a word such as "no" or "without" stands at most `reach` words before token `start`."""
        at = start - 1
        while at >= 0 and reach > 0:
            token = self.tokens[at]
            if not token[:1].isalnum():
                return False
            if token in words and not any(a <= at < b for a, b in except_places):
                return True
            at -= 1
            reach -= 1
        return False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as compiled: one or more runs of words; between two runs up to GAP words may stand."""

    written: str
    runs: tuple[tuple[str, ...], ...]


class BadPhrase(ValueError):
    """A phrase that cannot be searched for; carries what is wrong and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


def phrase(written: str) -> Phrase:
    """Compile a phrase as staff write it.

    Raises:
        BadPhrase: it has no word, a `*` without three letters before it, or signs of a regular expression.
    """
    if re.search(r"[\[\]()|\\^$+{}]|\.\*|\?:|[^\W\d_]\?[^\W\d_]", written):
        raise BadPhrase(
            f"“{written}” looks like a regular expression, and phrases are plain words",
            'write the words themselves; for an expression use  matches: {in: said, pattern: "…"}',
        )
    runs: list[list[str]] = [[]]
    for piece in _PIECE.findall(normalize("NFC", written)):
        if piece in ("...", "…"):
            runs.append([])
            continue
        word = fold(piece)
        if word.endswith("*") and (len(word) <= _STEM or "?" in word):
            raise BadPhrase(
                f"“{piece}” in “{written}” would match far too much",
                "put at least three letters before the *"
                if word != "*"
                else "a * goes directly behind the beginning of a word; for some words in between write ...",
            )
        runs[-1].append(word)
    if not all(runs):
        if any(runs):
            raise BadPhrase(f"“{written}” begins or ends with ...", "put ... between two words, or leave it out")
        raise BadPhrase(f"“{written}” holds no word", "write at least one word or number")
    return Phrase(written, tuple(map(tuple, runs)))


class _Node:
    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: list[int] = []


_Entry = tuple[tuple[str, ...], tuple[_Node, ...]]
"""What a word can stand for, and the nodes at which phrases that begin with it go on."""
_REMEMBERED = 20_000


class Finder:
    """All phrases of a rules file in one tree of words, so that one pass over a text finds them all.

    Frozen after construction; pickles.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._count = len(phrases)
        self._root = _Node()
        self._exact: set[str] = set()
        stems: dict[str, set[str]] = {}
        self._digits: set[str] = set()
        self._number = False
        self._gapped: dict[int, list[tuple[int, tuple[int, ...]]]] = {}  # by the first run
        runs: dict[tuple[str, ...], int] = {}
        for number, p in enumerate(phrases):
            if len(p.runs) == 1:
                self._add(p.runs[0], number)
            else:
                parts = []
                for run in p.runs:
                    if run not in runs:
                        runs[run] = len(phrases) + len(runs)
                        self._add(run, runs[run])
                    parts.append(runs[run])
                self._gapped.setdefault(parts[0], []).append((number, tuple(parts)))
            for word in (w for run in p.runs for w in run):
                if word.endswith("*"):
                    stems.setdefault(word[:_STEM], set()).add(word[:-1])
                elif word == NUMBER:
                    self._number = True
                elif "?" in word:
                    self._digits.add(word)
                else:
                    self._exact.add(word)
        self._stems = {k: tuple(sorted(v)) for k, v in stems.items()}
        self._memo: dict[str, _Entry] = {}  # what the words of earlier texts were found to be; changes no result

    def _add(self, run: tuple[str, ...], number: int) -> None:
        node = self._root
        for word in run:
            node = node.next.setdefault(word, _Node())
        node.ends.append(number)

    def _atoms(self, word: str) -> tuple[str, ...]:
        """The ways in which a word of the text can stand in a phrase: itself, a beginning with *, a shape of digits."""
        atoms = [word] if word in self._exact else []
        stems = self._stems.get(word[:_STEM], ())
        if stems and word.startswith(stems):
            atoms += [s + "*" for s in stems if word.startswith(s)]
        if self._number and (word.isdigit() or word in _NUMBERS):
            atoms.append(NUMBER)
        if self._digits and word[:1].isdigit():
            atoms += [d for d in self._digits if len(d) == len(word) and _same_shape(d, word)]
        return tuple(atoms)

    def _remember(self, word: str) -> _Entry:
        atoms = self._atoms(word)
        root = self._root.next
        entry = self._memo[word] = (atoms, tuple(root[a] for a in atoms if a in root))
        return entry

    def find(self, words: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
        """Number of each phrase found -> where: first token, token after the last."""
        memo = self._memo
        if len(memo) > _REMEMBERED:
            memo.clear()
        entries = [memo.get(word) or self._remember(word) for word in words]
        found: dict[int, list[tuple[int, int]]] = {}
        count = len(words)
        for start, (_, begun) in enumerate(entries):
            if not begun:
                continue
            level: Sequence[_Node] = begun
            at = start + 1
            while level:
                for node in level:
                    for number in node.ends:
                        places = found.setdefault(number, [])
                        if len(places) < MOST_PLACES:
                            places.append((start, at))
                if at == count:
                    break
                atoms = entries[at][0]
                if not atoms:
                    break
                level = [node.next[a] for node in level for a in atoms if a in node.next]
                at += 1
        runs = [n for n in found if n >= self._count]
        for first in runs:
            for number, parts in self._gapped.get(first, ()):
                places = list(_gapped(words, [found.get(p, []) for p in parts]))
                if places:
                    found[number] = places[:MOST_PLACES]
        for first in runs:
            del found[first]
        return found


def _same_shape(shape: str, word: str) -> bool:
    return all(a == b or (a == "?" and b.isdigit()) for a, b in zip(shape, word, strict=True))


def _gapped(words: Sequence[str], runs: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Places where the runs follow one another in one sentence with at most GAP words between two."""
    for start, end in runs[0]:
        for following in runs[1:]:
            after = [
                (a, b)
                for a, b in following
                if a >= end and _others(words[end:a]) <= GAP and not any(map(_stops, words[end:a]))
            ]
            if not after:
                break
            end = after[0][1]
        else:
            yield start, end


def _others(words: Sequence[str]) -> int:
    return len(words) - words.count(",")


def _stops(word: str) -> bool:
    return word != "," and not word[:1].isalnum()
