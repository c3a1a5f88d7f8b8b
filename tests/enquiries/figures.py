"""How well rules.yaml routes labelled enquiries:  python -m tests.enquiries.figures [FILE ...] [--errors]

Prints one line a file: unit acceptable and exact, share that was confident and how much of it was right, recall and
precision of urgent and sensitive. Without a file: the practice enquiries. `--odd` and `--even` take half of a file.
`--errors` keeps silent about validation sets: rules tuned on them would say nothing about mail that nobody has seen.
A FILE is JSON Lines like practice.jsonl, or lines of unit, language and text divided by tabs like sentences.tsv.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mailroom import message
from mailroom.model import Context, Decision, Message, Ours
from mailroom.rules import RuleSet, decide, load
from tests.servers import enquiries

RULES = Path(__file__).parents[2] / "rules.yaml"
OURS = Ours(address="support@example.org", authserv_id="mail.example.org")
CONTEXT = Context(now=datetime(2026, 11, 2, 12, 0, tzinfo=UTC), reference="SU-2026-000001-K")


@dataclass(slots=True)
class Figures:
    """Counts over a file."""

    messages: int = 0
    unit: int = 0
    exact: int = 0
    confident: int = 0
    confident_right: int = 0
    flags: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def recall(self, flag: str) -> float:
        found, missed = self.flags[flag, True, True], self.flags[flag, True, False]
        return found / (found + missed) if found + missed else 1.0

    def precision(self, flag: str) -> float:
        found, wrong = self.flags[flag, True, True], self.flags[flag, False, True]
        return found / (found + wrong) if found + wrong else 1.0

    def __str__(self) -> str:
        parts = [
            f"{self.messages} messages",
            f"unit acceptable {self.unit / self.messages:.3f} exact {self.exact / self.messages:.3f}",
            f"confident {self.confident / self.messages:.3f} right {self.confident_right / max(self.confident, 1):.3f}",
            *(f"{f} recall {self.recall(f):.3f} precision {self.precision(f):.3f}" for f in ("urgent", "sensitive")),
        ]
        return "; ".join(parts)


def load_any(file: Path) -> list[enquiries.Enquiry]:
    """The enquiries of a file of either form."""
    return sentences(file) if file.suffix == ".tsv" else enquiries.load(file)


def sentences(file: Path) -> list[enquiries.Enquiry]:
    """Each line of unit (or urgent, calm), language and text as a message without a subject."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        label, language, text = line.split("\t")
        danger = label in ("urgent", "calm")
        unit = "precautionary-measures" if danger else label
        row = {"id": f"{file.stem}-{number + 1}", "from_addr": f"person{number}@example.net", "body_text": text}
        expected = {"language": language, "unit": unit, "acceptable_units": [unit], "urgent": label == "urgent"}
        expected["sensitive"] = label == "urgent"
        found.append(enquiries.Enquiry(str(row["id"]), enquiries.build(row), expected))
    return found


def read(rows: Iterable[enquiries.Enquiry]) -> list[tuple[enquiries.Enquiry, Message]]:
    return [(row, message.read(row.raw, OURS)) for row in rows]


def measure(rows: Iterable[tuple[enquiries.Enquiry, Message]], rules: RuleSet) -> Figures:
    """Decide every message and compare with what a careful colleague would want."""
    figures = Figures()
    for row, mail in rows:
        decision = decide(mail, CONTEXT, rules)
        _count(figures, row, decision)
    return figures


def _count(figures: Figures, row: enquiries.Enquiry, decision: Decision) -> None:
    right = decision.unit in row.expected["acceptable_units"]
    figures.messages += 1
    figures.unit += right
    figures.exact += decision.unit == row.expected["unit"]
    figures.confident += decision.confident
    figures.confident_right += decision.confident and right
    if not right:
        figures.errors.append(f"{row.id} unit {decision.unit}, wanted {' or '.join(row.expected['acceptable_units'])}")
    for flag in ("urgent", "sensitive"):
        wanted, got = bool(row.expected[flag]), bool(getattr(decision, flag))
        figures.flags[flag, wanted, got] += 1
        if wanted is not got:
            figures.errors.append(f"{row.id} {flag} {'missed' if wanted else 'wrongly'}")


def main(arguments: list[str]) -> None:
    files = [Path(a) for a in arguments if not a.startswith("--")] or [enquiries.PRACTICE]
    rules = load(RULES.read_text(encoding="utf-8"))
    for file in files:
        rows = load_any(file)
        for half, rest in (("--odd", 1), ("--even", 0)):
            if half in arguments:
                rows = [r for r in rows if int(re.sub(r"\D", "", r.id) or 0) % 2 == rest]
        figures = measure(read(rows), rules)
        print(f"{file.name}: {figures}")
        if "--errors" in arguments and not file.name.startswith("validation"):  # nobody tunes on what measures
            print(*(f"  {e}" for e in figures.errors), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
