"""How each condition is written: one table from the word in rules.yaml to its check, its compiled form and its schema.

Promises: every mistake becomes a Problem with line, column and a way to mend it; nothing raises. A new condition is one
function and one row here, and one class in `conditions.py`.
May import: re2, mailroom.model, its own room.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

import re2

from mailroom.model import LANGUAGES, Channel, Kind, SilenceCode
from mailroom.rules import conditions as c
from mailroom.rules.book import (
    PHRASE_KEYS,
    Book,
    bool_of,
    by_language,
    choices_of,
    entries_of,
    kind_of,
    number_of,
    numbers,
    phrases_of,
    text_of,
    words_of,
)
from mailroom.rules.document import Items, Scalar, Table, Value, nearest
from mailroom.rules.view import SCOPES

_PATTERN_LONGEST = 1_000
_PATTERN_MEMORY = 8 << 20
_MATTERS = ("petition", "measure", "case", "any", "none")
_MATTER = re.compile(r"(P|MC)-\d{1,5}-\d{2}|\d{2}\.\d{3}")
_UNITS = {"": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000}


# -------------------------------------------------------------------------------------------- conditions

Build = Callable[[Value, Book, str], c.Condition | None]


def _words(value: Value, book: Book, what: str) -> c.Condition | None:
    at_least, not_denied = 1, False
    if isinstance(value, Table):
        options = entries_of(value, book, what, (*PHRASE_KEYS, "at_least", "not_denied"))
        if "at_least" in options:
            at_least = max(number_of(options["at_least"], book, "at_least", 50), 1)
        if "not_denied" in options:
            not_denied = bool_of(options["not_denied"], book, "not_denied")
    found, languages = phrases_of(value, book, what)
    book.conditions.append((what, found, languages, value))
    if not found:
        if isinstance(value, Table | Items) and not _has_entries(value):
            book.wrong(value, f"{what} has no words", "write at least one, or delete the key")
        return None
    if at_least > len(numbers(found)):
        book.wrong(
            value, f"{what} asks for {at_least} different phrases and lists {len(numbers(found))}", "lower at_least"
        )
    return c.Words(SCOPES[what], by_language(found), at_least, not_denied)


def _has_entries(value: Table | Items) -> bool:
    if isinstance(value, Items):
        return bool(value.items)
    return any(k.value in PHRASE_KEYS for k, _ in value)


def _near(value: Value, book: Book, what: str) -> c.Condition | None:
    parts = entries_of(value, book, what, ("first", "second", "within", "in", "not_denied"))
    wheres = SCOPES["text"]
    if "in" in parts:
        wheres = _scope(parts["in"], book) or wheres
    both = []
    for key in ("first", "second"):
        if key not in parts:
            book.wrong(value, f"near has no {key}:", "near needs first: and second:, each with words")
            return None
        both.append(by_language(phrases_of(parts[key], book, key)[0]))
    within = number_of(parts["within"], book, "within", 50) if "within" in parts else 5
    denied = bool_of(parts["not_denied"], book, "not_denied") if "not_denied" in parts else False
    return c.Near(wheres, both[0], both[1], within, denied) if all(b.every for b in both) else None


def _scope(value: Value, book: Book) -> tuple[str, ...] | None:
    word = text_of(value, book, "in")
    if word is None or word in SCOPES:
        return SCOPES.get(word or "")
    book.wrong(value, f"there is no text “{word}”", nearest(word, SCOPES))
    return None


def _matches(value: Value, book: Book, what: str) -> c.Condition | None:
    parts = entries_of(value, book, what, ("in", "pattern")) if isinstance(value, Table) else {"pattern": value}
    wheres = (_scope(parts["in"], book) if "in" in parts else None) or SCOPES["text"]
    if "pattern" not in parts or not isinstance(parts["pattern"], Scalar):
        book.wrong(value, "matches has no pattern:", 'write  matches: {in: said, pattern: "…"}')
        return None
    at = parts["pattern"]
    if len(at.value) > _PATTERN_LONGEST:
        book.wrong(at, f"the expression is longer than {_PATTERN_LONGEST} characters", "split it, or use words")
        return None
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _PATTERN_MEMORY
    try:
        pattern = re2.compile(at.value, options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        book.wrong(
            at,
            f"the expression “{at.value}” cannot be used: {reason}",
            "look-ahead, look-behind and back-references do not exist here; plain words are nearly always enough",
        )
        return None
    if pattern.search("") is not None:
        book.wrong(at, f"the expression “{at.value}” matches every text", "make at least one part of it required")
        return None
    return c.Pattern(wheres, pattern)


def _address(value: Value, book: Book, what: str) -> c.Condition | None:
    patterns = []
    for word in words_of(value, book, what):
        pattern = word.value.lower()
        if pattern.count("@") != 1 or re.search(r"[\s,;<>\[\]]", pattern):
            book.wrong(
                word,
                f"“{word.value}” is no address",
                'write "person@example.org", "@example.org" for a domain, or "*@*.example.org" for all below it',
            )
            continue
        patterns.append("*" + pattern if pattern.startswith("@") else pattern)
    return c.Address(what, tuple(patterns)) if patterns else None


def _language(value: Value, book: Book, what: str) -> c.Condition | None:
    chosen = set()
    for word in words_of(value, book, what):
        code = word.value.lower()
        if code in (*LANGUAGES, "other", "unknown") or re.fullmatch("[a-z]{2,3}", code):
            chosen.add(code)
        else:
            book.wrong(
                word,
                f"there is no language “{word.value}”",
                "write es, en, pt, fr, another two-letter code, other or unknown",
            )
    return c.Language(frozenset(chosen)) if chosen else None


def _references(value: Value, book: Book, what: str) -> c.Condition | None:
    chosen = set()
    for word in words_of(value, book, what):
        if word.value in _MATTERS or _MATTER.fullmatch(word.value):
            chosen.add(word.value)
        else:
            book.wrong(
                word,
                f"“{word.value}” is no reference",
                "write petition, measure, case, any, none, or a number as P-123-20, MC-123-21, 12.345",
            )
    return c.References(frozenset(chosen)) if chosen else None


def _attachment_types(value: Value, book: Book, what: str) -> c.Condition | None:
    patterns = []
    for word in words_of(value, book, what):
        if re.fullmatch(r"\.[a-z0-9]{1,10}|[a-z]+/[a-z0-9.+*-]+", word.value.lower()):
            patterns.append(word.value.lower())
        else:
            book.wrong(
                word,
                f"“{word.value}” is no type of attachment",
                'write an ending such as .pdf, or a type such as "image/*"',
            )
    return c.AttachmentTypes(tuple(patterns)) if patterns else None


def _header(value: Value, book: Book, what: str) -> c.Condition | None:
    parts = entries_of(value, book, what, ("name", "says"))
    if not isinstance(value, Table):
        return None
    name = text_of(parts["name"], book, "name") if "name" in parts else None
    if name is None or not re.fullmatch(r"[!-9;-~]{1,100}", name):
        book.wrong(value, "header needs the name of a header", "write  header: {name: X-Priority, says: high}")
        return None
    found = phrases_of(parts["says"], book, "says")[0] if "says" in parts else ()
    return c.Header(name.lower(), numbers(found))


def _amount(value: Value, book: Book, what: str) -> c.Condition | None:
    known = ("at_least", "at_most", *(("in",) if what == "length" else ()))
    parts = entries_of(value, book, what, known)
    if "at_least" not in parts and "at_most" not in parts:
        if isinstance(value, Table):
            book.wrong(value, f"{what} has no bound", "write at_least: or at_most: with a number")
        return None
    reader = _octets if what == "size" else number_of
    low = reader(parts["at_least"], book, "at_least") if "at_least" in parts else 0
    high = reader(parts["at_most"], book, "at_most") if "at_most" in parts else None
    if high is not None and high < low:
        book.wrong(value, f"{what} can never be true: at_most is below at_least", "exchange the two numbers")
    of = what
    if what == "length":
        word = text_of(parts["in"], book, "in") if "in" in parts else "text"
        if word not in SCOPES:
            book.wrong(parts["in"], f"there is no text “{word}”", nearest(word or "", SCOPES))
            return None
        of = f"words:{word}"
    return c.Amount(of, low, high)


def _octets(value: Value, book: Book, what: str) -> int:
    hit = re.fullmatch(r"(\d{1,9})\s*([kmg]?b?)", value.value.lower().strip()) if isinstance(value, Scalar) else None
    if hit and (hit[2] in _UNITS):
        return int(hit[1]) * _UNITS[hit[2]]
    book.wrong(value, f"{what} must be a size, not {kind_of(value)}", "write a number of octets, or 500kB, 5MB")
    return 0


def _wrote_before(value: Value, book: Book, what: str) -> c.Condition | None:
    book.history = True
    return c.Amount("earlier", 1, None) if bool_of(value, book, what) else c.Amount("earlier", 0, 0)


def _has_attachments(value: Value, book: Book, what: str) -> c.Condition | None:
    return c.Amount("attachment_count", 1, None) if bool_of(value, book, what) else c.Amount("attachment_count", 0, 0)


def _one_of(value: Value, book: Book, what: str) -> c.Condition | None:
    chosen = choices_of(value, book, what, _CHOICES[what])
    return c.OneOf(what, chosen) if chosen else None


def _any_of(value: Value, book: Book, what: str) -> c.Condition | None:
    at_least = 1
    if isinstance(value, Table):
        parts = entries_of(value, book, what, ("of", "at_least"))
        if "at_least" in parts:
            at_least = max(number_of(parts["at_least"], book, "at_least", 50), 1)
        if "of" not in parts:
            book.wrong(value, f"{what} has no of:", f"write  {what}: {{of: [one, two, three], at_least: 2}}")
            return None
        value = parts["of"]
    words = words_of(value, book, what)
    for word in words:
        if what == "tag" and word.value not in book.tags:
            mend = nearest(word.value, book.tags) or "put the rule that sets it above this one"
            book.wrong(word, f"no earlier rule sets the tag “{word.value}”", mend)
    if words and at_least > len({w.value for w in words}):
        book.wrong(value, f"{what} asks for {at_least} and lists {len(words)}", "lower at_least")
    return c.AnyOf(what, frozenset(w.value for w in words), at_least) if words else None


def _sum(value: Value, book: Book, what: str) -> c.Condition | None:
    parts = entries_of(value, book, what, ("of", "at_least"))
    if not parts.keys() >= {"of", "at_least"}:
        book.wrong(value, "sum needs of: and at_least:", "write  sum: {of: danger, at_least: 8}")
        return None
    name = text_of(parts["of"], book, "of")
    at_least = number_of(parts["at_least"], book, "at_least", 1000)
    if name is None:
        return None
    if name not in book.sums:
        mend = nearest(name, book.sums) or "put the rules that add to it above this one"
        book.wrong(parts["of"], f"no earlier rule adds to “{name}”", mend)
    return c.Sum(name, at_least)


def _time(value: Value, book: Book, what: str) -> c.Condition | None:
    parts = entries_of(value, book, what, ("from", "until"))
    clock = []
    for key in ("from", "until"):
        at = parts.get(key)
        hit = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at.value) if isinstance(at, Scalar) else None
        if hit is None:
            book.wrong(
                at or value, f"time needs {key}: as a time of day", 'write  time: {from: "18:00", until: "08:00"}'
            )
            return None
        clock.append(time(int(hit[1]), int(hit[2])))
    return c.TimeOfDay(clock[0], clock[1])


def _day(value: Value, book: Book, what: str) -> c.Condition | None:
    chosen = choices_of(value, book, what, c.DAYS)
    return c.Weekday(chosen) if chosen else None


def _group(value: Value, book: Book, what: str) -> c.Condition | None:
    if not isinstance(value, Items) or not value.items:
        book.wrong(
            value,
            f"{what} must be a list of conditions, not {kind_of(value)}",
            f"write the conditions below {what}:, each after a dash",
        )
        return None
    parts = tuple(p for p in (condition(item, book) for item in value.items) if p is not None)
    if not parts:
        return None
    if what == "all":
        return c.All(parts)
    return c.Any_(parts) if what == "any" else c.NoneOf(parts)


def condition(value: Value, book: Book) -> c.Condition | None:
    """A table of conditions, all of which must be true."""
    parts = []
    for key, part in entries_of(value, book, "when", FORMS).items():
        built = FORMS[key].build(part, book, key)
        if built is not None:
            parts.append(built)
    if isinstance(value, Table) and not value.entries:
        book.wrong(value, "a condition is empty", "known here: " + ", ".join(sorted(FORMS)))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else c.All(tuple(parts))


@dataclass(frozen=True, slots=True)
class Form:
    """A key that may stand under `when:`."""

    build: Build
    schema: Mapping[str, Any]
    help: str


_STRING: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
_STRINGS: Mapping[str, Any] = {"anyOf": [_STRING, {"type": "array", "items": _STRING}]}
_WORDS_OPTIONS: Mapping[str, Any] = {
    "at_least": {"type": "integer", "minimum": 1, "description": "So many different phrases must be there"},
    "not_denied": {"type": "boolean", "description": "Words behind a “no”, “without” … do not count"},
}
PHRASES: Mapping[str, Any] = {
    "anyOf": [
        _STRING,
        {"type": "array", "items": _STRING},
        {
            "type": "object",
            "properties": {**dict.fromkeys(PHRASE_KEYS, _STRINGS), **_WORDS_OPTIONS},
            "additionalProperties": False,
        },
    ]
}
_CHOICES: Mapping[str, Collection[str]] = {
    "channel": tuple(str(x) for x in Channel),
    "kind": tuple(str(x) for x in Kind),
    "silent": ("no", *(str(x) for x in SilenceCode)),
}


def _enum(values: Collection[str]) -> Mapping[str, Any]:
    one = {"enum": list(values)}
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_BOUNDS = {"at_least": _NUMBER, "at_most": _NUMBER}
_SIZE: Mapping[str, Any] = {"type": ["integer", "string"]}
_SOME: Mapping[str, Any] = {"anyOf": [_STRINGS, _object({"of": _STRINGS, "at_least": _NUMBER}, ("of",))]}
_CONDITIONS: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}}
_SCOPE_HELP = {
    "text": "Words in the subject or in what the person wrote now",
    "subject": "Words in the subject",
    "said": "Words in what the person wrote now",
    "quoted": "Words in the earlier message that the person answered",
    "forwarded": "Words in a message that the person passed on",
    "signature": "Words in the signature",
    "attachments": "Words in the names of attachments",
    "sender_name": "Words in the sender's displayed name",
    "anywhere": "Words in subject, text, quoted and forwarded text, or attachment names",
}

FORMS: Mapping[str, Form] = {
    **{name: Form(_words, PHRASES, _SCOPE_HELP[name]) for name in SCOPES},
    "near": Form(
        _near,
        _object(
            {
                "first": PHRASES,
                "second": PHRASES,
                "within": _NUMBER,
                "in": {"enum": list(SCOPES)},
                "not_denied": {"type": "boolean"},
            },
            ("first", "second"),
        ),
        "Words of one list close to words of another, in either order, in one sentence",
    ),
    "matches": Form(
        _matches,
        {
            "anyOf": [
                {"type": "string"},
                _object({"in": {"enum": list(SCOPES)}, "pattern": {"type": "string"}}, ("pattern",)),
            ]
        },
        "A regular expression (RE2), for what words cannot say",
    ),
    "sender": Form(_address, _STRINGS, "Addresses or domains of From"),
    "recipient": Form(_address, _STRINGS, "Addresses or domains of To and Cc"),
    "language": Form(_language, _STRINGS, "es, en, pt, fr, another code, other, unknown"),
    "references": Form(_references, _STRINGS, "petition, measure, case, any, none, or one matter's number"),
    "attachment_types": Form(_attachment_types, _STRINGS, "Endings such as .pdf, or types such as image/*"),
    "has_attachments": Form(_has_attachments, {"type": "boolean"}, "Whether anything is attached"),
    "header": Form(
        _header, _object({"name": {"type": "string"}, "says": PHRASES}, ("name",)), "A header field, and words in it"
    ),
    "size": Form(_amount, _object({"at_least": _SIZE, "at_most": _SIZE}), "Size of the whole message, such as 5MB"),
    "length": Form(_amount, _object({**_BOUNDS, "in": {"enum": list(SCOPES)}}), "Number of words of a text"),
    "channel": Form(_one_of, _enum(_CHOICES["channel"]), "How it came"),
    "kind": Form(_one_of, _enum(_CHOICES["kind"]), "What sort of mail it is"),
    "silent": Form(_one_of, _enum(_CHOICES["silent"]), "Why it may not be answered, or no"),
    "time": Form(
        _time, _object({"from": {"type": "string"}, "until": {"type": "string"}}, ("from", "until")), "Time of day"
    ),
    "day": Form(_day, _enum(c.DAYS), "Day of the week"),
    "tag": Form(_any_of, _SOME, "Tags that earlier rules set"),
    "sum": Form(
        _sum, _object({"of": {"type": "string"}, "at_least": _NUMBER}, ("of", "at_least")), "What rules above added up"
    ),
    "defect": Form(_any_of, _SOME, "Defects found in reading the message"),
    "wrote_before": Form(_wrote_before, {"type": "boolean"}, "Whether the sender has written before"),
    "all": Form(_group, _CONDITIONS, "All of these conditions"),
    "any": Form(_group, _CONDITIONS, "At least one of these conditions"),
    "none": Form(_group, _CONDITIONS, "None of these conditions"),
}
