"""The language of what the person wrote now, with a confidence.

Promises: "es", "en", "pt", "fr", "other:<code>" or "unknown"; a wish wins; total. Two witnesses: py3langid, an open
ranking of 140 labels, good from six words up; and our own lexicon, good for short, unaccented and shouted mail. The
model is loaded by warm(), or at the first text that needs it; without it the lexicon decides alone.
May import: message/lexicon.py, phrases.py, wishes.py, mailroom.model; py3langid, lazily (0.9 s, 60 MB).
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from mailroom.message.lexicon import WEIGHTS
from mailroom.message.phrases import SUBJECT_PREFIX
from mailroom.message.wishes import wish
from mailroom.model import LANGUAGES, Language

MAX_TEXT = 900  # characters: more changes no answer
MAX_SAMPLE = 400  # characters for the statistics

# labels of the model: relatives that it takes Spanish for when the text is short, and its own names
_SAME = {"ext": "es", "an": "es", "ast": "es", "gug": "gn", "no": "nb", "fuv": "ff", "bcl": "bik"}
_SHARE = {"gl": ("es", 0.5), "gcf": ("ht", 1.0), "gcr": ("ht", 1.0), "vec": ("it", 0.6), "lij": ("it", 0.6)}
_PRIOR = dict.fromkeys(LANGUAGES, 0.0) | {
    "ht": -0.6,
    "it": -0.8,
    "de": -0.6,
    "nl": -0.6,
    "gn": -0.6,
    "qu": -0.8,
    "ay": -0.8,
}
_PRIOR_RELATIVE = {
    "gl": -2.2,
    "ca": -1.4,
    "oc": -3.0,
    "la": -3.0,
    "eo": -3.0,
    "pap": -1.2,
    "srn": -1.5,
    "pcm": -3.0,
    "ro": -1.5,
}
_PRIOR_REST = -2.2

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ADDRESS = re.compile(
    r"\S*@\S*|https?://\S*|www\.\S*|\S+\.(?:pdf|docx?|jpe?g|png|zip|mp[34]|opus|ods|xlsx?|csv|txt|eml)\b"
)
_ADDRESS_SIGN = re.compile(r"@|://|www\.|\.[a-z]")  # without one of these there is none; ten times as fast to find
_LETTERS = (
    (re.compile("[¿¡]"), {"es": 1.5}),
    (re.compile("[ñÑ]"), {"es": 0.8, "gl": 0.2, "gn": 0.4}),
    (re.compile("[ãõÃÕ]"), {"pt": 1.2, "gn": 0.4}),
    (re.compile("[çÇ]"), {"pt": 0.4, "fr": 0.4, "ca": 0.3}),
    (re.compile("[êôâ]"), {"pt": 0.4, "fr": 0.3}),
    (re.compile("[œùûîïëæ]|(?<!\\w)à(?!\\w)"), {"fr": 0.6}),
    (re.compile("[èò]"), {"fr": 0.2, "ht": 0.3, "it": 0.3}),
    (re.compile("[äöüß]"), {"de": 0.8}),
    (re.compile("[ĩẽũỹ]|g̃"), {"gn": 1.0}),
)
_MARKS = re.compile("[\u0300-\u036f]+")
_EXACT = {
    word: code
    for code, words in {
        "pt": "olá é já só até há às você vocês também alguém ninguém irmão mãe não são então à nós avó três mês",
        "es": "qué más también así días él aquí según sí cómo dónde cuándo cuál está mamá papá país después quién",
        "fr": "où été très déjà après à même être là ça dès père mère frère élève",
        "it": "è perché più così può città già sarà né lì",
    }.items()
    for word in words.split()
}
_ENDINGS = {
    "cion": "e", "ones": "e", "ados": "ep", "idad": "e", "ades": "e", "aron": "e", "eron": "e", "ente": "ep",
    "acao": "p", "icao": "p", "coes": "p", "dade": "p", "aram": "p", "eram": "p", "inho": "p", "inha": "p", "agem": "p",
    "ment": "fn", "ient": "f", "ique": "f", "oire": "f", "sion": "fn", "tion": "fn", "elle": "f", "eurs": "f",
    "ance": "fn", "iero": "e",
    "ness": "n", "ould": "n", "ight": "n", "king": "n", "ting": "n", "ning": "n", "ding": "n", "ated": "n", "lity": "n",
}  # fmt: skip
_OF_LETTER = {"e": "es", "p": "pt", "f": "fr", "n": "en"}


def fold(text: str) -> str:
    """Lower case without accents; apostrophes straight."""
    text = text.lower().replace("’", "'")
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


@cache
def _model() -> Any:
    """The identifier, or None where it cannot be loaded."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except Exception:  # the lexicon goes on alone
        return None


def warm() -> None:
    """Load the model now (about a second), so that the first message need not wait."""
    _statistical("Buenos días, good morning, bom dia, bonjour")


@lru_cache(20_000)
def _gains(word: str) -> tuple[tuple[str, float], ...]:
    """What one word says for each language, as itself, behind an elision, or by its ending."""
    gains: tuple[tuple[str, float], ...] = ()
    found = WEIGHTS.get(word)
    if found is None and "'" in word:
        head, _, tail = word.partition("'")
        if head in ("l", "d", "j", "qu", "n", "s", "c", "m", "t", "jusqu", "lorsqu"):
            gains = (("fr", 0.6), ("it", 0.3 if head in ("l", "d") else 0.0))
        found = WEIGHTS.get(tail)
    if found is not None:
        return (*gains, *found)
    ending = _ENDINGS.get(word[-4:], "") if len(word) > 5 else ""
    return (*gains, *((_OF_LETTER[letter], 0.25) for letter in ending))


def _lexical(text: str, folded: str) -> tuple[dict[str, float], int]:
    """Points by language, and the number of words."""
    points: dict[str, float] = {}
    words = _TOKEN.findall(folded)
    for found in filter(None, map(_gains, words)):
        for language, weight in found:
            points[language] = points.get(language, 0.0) + weight
    if not text.isascii():
        accented = " ".join([word for word in text.split() if not word.isascii()])
        for word in _TOKEN.findall(accented.lower()):
            if not word.isascii() and word in _EXACT:
                points[_EXACT[word]] = points.get(_EXACT[word], 0.0) + 0.4
        for letters, gains in _LETTERS:
            count = min(len(letters.findall(accented)), 1 + len(words) // 6)
            if count:
                for language, gain in gains.items():
                    points[language] = points.get(language, 0.0) + gain * count
    return points, len(words)


def _statistical(text: str) -> dict[str, float]:
    model = _model()
    if model is None:
        return {}
    shares: dict[str, float] = {}
    for label, share in model.rank(text)[:12]:
        label = _SAME.get(label, label)
        if label in _SHARE:
            other, part = _SHARE[label]
            shares[other] = shares.get(other, 0.0) + share * part
            share *= 1 - part
        shares[label] = shares.get(label, 0.0) + share
    return shares


def _decisive(points: dict[str, float], words: int) -> bool:
    """Whether the lexicon alone is sure: many of its words, and hardly any of another language's."""
    if words < 6:
        return False
    ranked = sorted(points.values(), reverse=True)
    return ranked[0] > 0.24 * words and (len(ranked) < 2 or ranked[1] < 0.3 * ranked[0]) if ranked else False


def _scores(text: str) -> tuple[dict[str, float], dict[str, float], int]:
    """(scores, the lexicon's points, words)."""
    points, words = _lexical(text, fold(text))
    if not words:
        return {}, {}, 0
    shares: dict[str, float] = {}
    if not _decisive(points, words):
        sample = text[:MAX_SAMPLE]
        shares = _statistical(sample.lower() if sum(map(str.isupper, sample)) * 2 > len(sample) else sample)
    trust = min(1.0, words / 6)  # of the statistics: one word tells it nothing
    scores: dict[str, float] = {}
    for language in set(points) | set(shares):
        prior = _PRIOR.get(language, _PRIOR_RELATIVE.get(language, _PRIOR_REST))
        prior += 0.2 if language == "es" and "es" in points else 0.0  # half of the mail: it wins a tie
        statistic = math.log(shares.get(language, 0.0) + 2e-3) - math.log(2e-3)
        scores[language] = prior + trust * statistic + 3.0 * points.get(language, 0.0) / math.sqrt(words)
    return scores, points, words


def _best(text: str) -> tuple[str, float, int, dict[str, float]]:
    """(code, margin over the next, words, the lexicon's points); "" where nothing speaks for anything."""
    scores, points, words = _scores(text)
    if not scores:
        return "", 0.0, words, points
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    return ranked[0][0], ranked[0][1] - max(second, 0.0), words, points


_PREFIXES = re.compile(r"^(?:\s*\w{1,4}\s*:)+")
_WORDLESS = re.compile(r"[\W\d_]+|\.\w{2,5}\b")
_SENTENCE = re.compile(r"[^.!?\n;…]+[.!?\n;…]*")


def _asking(text: str, first: str) -> str:
    """Of a mixed mail the language that carries the question: sentences weigh by length, questions twice and a half."""
    weights: dict[str, float] = {}
    for sentence in _SENTENCE.findall(text)[:40]:
        points, words = _lexical(sentence, fold(sentence))
        if words < 2 or not points:
            continue
        ranked = sorted(points.items(), key=lambda item: -item[1])
        best, value = ranked[0]
        if best not in LANGUAGES or (len(ranked) > 1 and value - ranked[1][1] < 0.3):
            continue
        weights[best] = weights.get(best, 0.0) + min(words, 25) * (2.5 if "?" in sentence else 1.0)
    return max(weights, key=lambda code: (weights[code], code == first)) if weights else first


def _mixed(points: dict[str, float], words: int) -> bool:
    """Whether two of the four official languages are both well represented."""
    ours = sorted((points.get(code, 0.0) for code in LANGUAGES), reverse=True)
    return words >= 6 and ours[1] >= 2.0 and ours[1] > 0.3 * ours[0]


def _judged(text: str, scale: float) -> Language | None:
    """The language of one text; None where it does not say."""
    code, margin, words, points = _best(text)
    if not code or margin < 0.15:
        return None
    if code in LANGUAGES and _mixed(points, words):
        chosen = _asking(text, code)
        if chosen != code:
            return Language(chosen, 0.6 * scale)
        scale *= 0.8
    confidence = round(scale * (1 - math.exp(-margin / 1.5)), 3)
    if code in LANGUAGES:
        return Language(code, confidence)
    return Language(f"other:{code}", confidence) if words > 1 and confidence >= 0.3 * scale else None


def _without_addresses(text: str) -> str:
    """Addresses and names of files are of no language."""
    return _ADDRESS.sub(" ", text) if _ADDRESS_SIGN.search(text) else text


def detect(said: str, subject: str = "", names: tuple[str, ...] = (), otherwise: str = "") -> Language:
    """The language of `said`, and of the subject where that is short; else of file names; else of `otherwise`.

    The subject of an answer ("Re:") is somebody else's, often ours: it counts only where the text says nothing.
    """
    prefix = SUBJECT_PREFIX.match(subject)
    title = _without_addresses(_PREFIXES.sub("", subject)[:300]).strip()
    asked = wish(fold(said[:8_000] if prefix else f"{title}\n{said[:8_000]}"))
    if asked is not None:
        return Language(asked, 0.99)
    text = _without_addresses(said[:MAX_TEXT]).strip()
    sources = [(text, 1.0)] if prefix or len(text) >= 50 else [(f"{text}\n{title}", 1.0)]
    sources.append((f"{text}\n{title}", 0.7))
    sources.append((_WORDLESS.sub(" ", " ".join(names[:20])[:400]), 0.5))
    sources.append((_without_addresses(otherwise[:MAX_TEXT]), 0.5))
    for source, scale in sources:
        found = _judged(source, scale) if source.strip() else None
        if found is not None:
            return found
    return Language("unknown", 0.0)
