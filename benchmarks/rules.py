"""What rules cost:  python -m benchmarks.rules

1,000 rules of 10 phrases each, over a message of 5 kB in which a few dozen of them stand, as of the shipped rules in
ordinary mail; and loading their file, one phrase a line. The floor is cutting the same text into folded words, which
any search for words must do. Processor time, the best of several tries.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mailroom.model import Context, Language, Message
from mailroom.rules import load, matching
from mailroom.rules.words import tokens

RULES, PHRASES, OCTETS, TRIES = 1_000, 10, 5_000, 30
ROOT = Path(__file__).parent.parent
CONTEXT = Context(now=datetime(2026, 11, 2, 12, 0, tzinfo=UTC), reference="SU-2026-000001-K")


def vocabulary(chance: random.Random) -> list[str]:
    """Words of two to five syllables."""
    parts = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]
    return ["".join(chance.choices(parts, k=chance.randint(2, 5))) for _ in range(6_000)]


def rules_file(words: list[str], chance: random.Random) -> str:
    """Phrases of one to three words, every tenth word with a * at its end."""
    shipped = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    lines = [shipped[shipped.index("staff:") : shipped.index("negation:")]]
    lines += [shipped[shipped.index("units:\n") : shipped.index("lists:\n")], "rules:"]
    for number in range(RULES):
        lines.append(f"  - name: rule {number}\n    when:\n      text:\n        es:")
        for _ in range(PHRASES):
            phrase = " ".join(chance.choices(words, k=chance.choice((1, 1, 2, 3))))
            lines.append(f"          - {phrase}{'*' if chance.random() < 0.1 else ''}")
        lines.append("    then: {unit: press, points: 1}")
    return "\n".join(lines) + "\n"


def best(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    times = []
    for _ in range(TRIES):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    chance = random.Random(1)
    words = vocabulary(chance)
    text = rules_file(words, chance)
    began = time.process_time()
    rules = load(text)
    loaded = time.process_time() - began
    others = vocabulary(random.Random(2))  # words that stand in mail and in no rule
    said = " ".join(chance.choice(words if chance.random() < 0.05 else others) for _ in range(OCTETS // 7))[:OCTETS]
    mail = Message(said=said, language=Language("es", 0.99))
    floor, cost = best(lambda: tokens(said)), best(lambda: matching(mail, CONTEXT, rules))
    print(f"{RULES} rules of {PHRASES} phrases, {len(said)} octets, {len(matching(mail, CONTEXT, rules))} rules match")
    print(f"  cut into words   {1e3 * floor:6.2f} ms")
    print(f"  all rules        {1e3 * cost:6.2f} ms, {cost / floor:.1f} times as much")
    print(f"  load the file    {loaded:6.2f} s for {RULES * PHRASES} phrases, one a line")
    began = time.process_time()
    shipped = load((ROOT / "rules.yaml").read_text(encoding="utf-8"))
    print(f"  the shipped file {time.process_time() - began:6.2f} s for {len(shipped.phrases)} phrases")


if __name__ == "__main__":
    main()
