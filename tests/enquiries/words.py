"""In whose mail do these words stand?  python -m tests.enquiries.words es "audiencia, presos, mina*"

The first word says whose language is meant: es, en, pt, fr, or all.

Prints for each word or phrase, written as in rules.yaml, in how many of the tuning messages and sentences it stands
and which units those are for: what a word would catch wrongly is seen before it goes into a rule. No validation set is
read.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from mailroom import message
from mailroom.rules.words import Finder, phrase, tokens
from tests.enquiries.figures import OURS, load_any

HERE = Path(__file__).parent
READ = ("practice.jsonl", "tuning.jsonl", "sentences.tsv")
SHOWN = 8  # units


def main(language: str, words: str) -> None:
    phrases = [phrase(one.strip()) for one in words.split(",")]
    finder = Finder(phrases)
    found: list[Counter[str]] = [Counter() for _ in phrases]
    for row in (row for name in READ for row in load_any(HERE / name)):
        if language in ("all", row.expected["language"]):
            mail = message.read(row.raw, OURS)
            for number in finder.find(tokens(f"{mail.subject} . {mail.said}")):
                found[number][row.expected["unit"]] += 1
    for one, units in zip(phrases, found, strict=True):
        shown = ", ".join(f"{unit} {count}" for unit, count in units.most_common(SHOWN))
        print(f"{one.written}: {units.total()}{' = ' if shown else ''}{shown}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
