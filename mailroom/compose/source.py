"""Reading the files under templates/ as staff write them: settings, sentences, kinds, forbidden words.

Promises: every fault is a Problem with file, line and column; reading goes on after it, so that all are told at once.
Nothing here is run: these are texts with {{ names }}. Pure.
May import: difflib, re, mailroom.model.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mailroom.model import LANGUAGES, Problem

SETTINGS = "settings.txt"
FRAMES = {False: "frame.txt", True: "frame-discreet.txt"}
PAGE = "frame.html"
FORBIDDEN = "forbidden.txt"
SENTENCES = "sentences.txt"

_ENTRY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*:(.*)")
_HEADER = re.compile(r"Discreet[ \t]*:[ \t]*(\S*)[ \t]*", re.IGNORECASE)
_KIND = re.compile(r"[a-z][a-z0-9-]{0,40}")

_Tell = Callable[..., None]  # file, line, column, what is wrong, how to mend it


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of a file, and where they begin."""

    text: str
    file: str
    line: int  # from 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class KindSource:
    """One kind of acknowledgement in one language."""

    discreet: bool
    paragraphs: tuple[Passage, ...]
    file: str


@dataclass(slots=True)
class Sources:
    """All files, read."""

    settings: dict[str, Passage] = field(default_factory=dict)
    sentences: dict[str, dict[str, Passage]] = field(default_factory=dict)  # language -> name -> sentence
    frames: dict[bool, tuple[Passage, ...]] = field(default_factory=dict)  # discreet? -> paragraphs
    page: Passage = field(default_factory=lambda: Passage("", PAGE, 1))
    kinds: dict[str, dict[str, KindSource]] = field(default_factory=dict)  # kind -> language -> source
    forbidden: dict[bool, list[Passage]] = field(default_factory=lambda: {False: [], True: []})  # only discreet?
    problems: list[Problem] = field(default_factory=list)


def read(sources: Mapping[str, str], prefix: str) -> Sources:
    """Read all files. `sources`: path below templates/, with "/", -> text; `prefix` stands before it in problems."""
    found = Sources()

    def wrong(name: str, line: int, column: int, what: str, mend: str, *, warning: bool = False) -> None:
        found.problems.append(Problem(f"{prefix}/{name}", line, column, what, mend, warning))

    for name in (SETTINGS, *FRAMES.values(), PAGE, FORBIDDEN, *(f"{lang}/{SENTENCES}" for lang in LANGUAGES)):
        if name not in sources:
            wrong(name, 0, 0, "this file is missing", "mailroom init DIR writes a whole set to copy it from")
    for name, text in sorted(sources.items()):
        folder, _, base = name.rpartition("/")
        stem = base.removesuffix(".txt")
        if name in (SETTINGS, FORBIDDEN, PAGE) or name in FRAMES.values():
            continue
        if folder in LANGUAGES and base == SENTENCES:
            found.sentences[folder] = _entries(text, name, wrong)
        elif folder in LANGUAGES and base.endswith(".txt") and _KIND.fullmatch(stem):
            kind = _kind(text, name, wrong)
            found.kinds.setdefault(stem, {})[folder] = kind
        else:
            wrong(name, 0, 0, "this file is used by nothing", _where(name), warning=True)
    found.settings = _entries(sources.get(SETTINGS, ""), SETTINGS, wrong)
    found.frames = {discreet: tuple(_paragraphs(sources.get(name, ""), name)) for discreet, name in FRAMES.items()}
    found.page = Passage(sources.get(PAGE, ""), PAGE, 1)
    _forbidden(sources.get(FORBIDDEN, ""), found)
    return found


def _where(name: str) -> str:
    folder, _, base = name.rpartition("/")
    close = difflib.get_close_matches(folder, LANGUAGES, 1) if folder else []
    hint = f" Did you mean {close[0]}/{base}?" if close else ""
    return f"Acknowledgements lie in es/, en/, pt/ or fr/ and are called KIND.txt, in small letters.{hint}"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _entries(text: str, file: str, wrong: _Tell) -> dict[str, Passage]:
    """`name: words`; an indented line goes on with the one before; `#` opens a comment line."""
    entries: dict[str, Passage] = {}
    name = ""
    for number, line in enumerate(_lines(text), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            if name:
                old = entries[name]
                entries[name] = Passage(f"{old.text} {line.strip()}".strip(), file, old.line, old.column)
            else:
                wrong(file, number, 1, "this line belongs to no name", "Write “name: words” at its start")
            continue
        match = _ENTRY.fullmatch(line.rstrip())
        if match is None:
            mend = "Each entry is “name: words”; a line that goes on with it begins with a blank"
            wrong(file, number, 1, f"this is no entry: “{line.strip()[:40]}”", mend)
            name = ""
            continue
        name = match[1]
        if name in entries:
            mend = f"Keep one; the other is in line {entries[name].line}"
            wrong(file, number, 1, f"“{name}” stands twice", mend)
        words = match[2]
        column = match.start(2) + 1 + len(words) - len(words.lstrip())
        entries[name] = Passage(words.strip(), file, number, column)
    return entries


def _kind(text: str, file: str, wrong: _Tell) -> KindSource:
    """An optional line “Discreet: yes”, then paragraphs parted by empty lines."""
    discreet = False
    lines = _lines(text)
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := _HEADER.fullmatch(line):
            value = match[1].lower()
            if value not in ("yes", "no"):
                wrong(file, number, match.start(1) + 1, f"“{match[1]}” is neither yes nor no", "Write yes or no")
            discreet = value == "yes"
            lines[number - 1] = ""
        break
    paragraphs = tuple(_paragraphs("\n".join(lines), file))
    if not paragraphs:
        wrong(file, 1, 1, "this acknowledgement has no text", "Write it, or delete the file: “general” then serves")
    return KindSource(discreet, paragraphs, file)


def _paragraphs(text: str, file: str) -> Iterable[Passage]:
    """Paragraphs parted by empty lines; the lines of one belong together, however they are broken."""
    gathered: list[str] = []
    start = 0
    for number, line in enumerate([*_lines(text), ""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            start = start if gathered else number
            gathered.append(line.rstrip())
        elif gathered:
            yield Passage("\n".join(gathered), file, start)
            gathered = []


def _forbidden(text: str, found: Sources) -> None:
    """One word or phrase a line, * for endings; after the line [discreet], those of discreet ones only."""
    only_discreet = False
    for number, line in enumerate(_lines(text), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        if words.lower() == "[discreet]":
            only_discreet = True
        else:
            found.forbidden[only_discreet].append(Passage(words, FORBIDDEN, number))
