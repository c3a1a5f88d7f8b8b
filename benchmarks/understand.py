"""What reading costs and how well it reads: `python -m benchmarks.understand`.

Prints processor time from octets to Message (median, 99th percentile, worst) over the practice enquiries and over
generated ones of the size mail has, and the share of right answers over the practice set and the set of reply formats.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterable

from benchmarks.generate import generate
from mailroom.message import html, read, warm
from mailroom.message.replies import is_forward, split
from mailroom.model import Ours
from tests.message.formats import CASES
from tests.servers.enquiries import load

OURS = Ours(
    "support@example.org", ("info@example.org",), "mail.example.org", envelope_from="bounces@example.org", key=b"k"
)


def cost(name: str, mails: Iterable[bytes]) -> None:
    """Milliseconds of processor time, each mail read once."""
    times = []
    for raw in mails:
        start = time.process_time_ns()
        read(raw, OURS)
        times.append((time.process_time_ns() - start) / 1e6)
    times.sort()
    print(
        f"{name}: {len(times)} mails, median {statistics.median(times):.2f} ms, "
        f"99th percentile {times[int(len(times) * 0.99)]:.2f} ms, worst {times[-1]:.2f} ms"
    )


def quality() -> None:
    """Right answers over the practice set and the reply formats."""
    right: Counter[str] = Counter()
    rows = [(enquiry.expected, read(enquiry.raw, OURS)) for enquiry in load()]
    for expected, message in rows:
        right["language"] += message.language.code == expected["language"]
        right["references"] += list(message.matters) == expected["references"]
        right["acknowledge"] += (message.silence is None) == expected["acknowledge"]
    for what, count in right.items():
        print(f"practice {what}: {count} of {len(rows)}")
    cut: Counter[str] = Counter()
    for case in CASES:
        text = html.to_text(case.source) if case.html else case.source.replace("\ufeff", "")
        cut[case.language] += split(text, is_forward(case.subject), case.answering).said == case.said
    for language, count in cut.items():
        print(f"reply formats {language}: {count} of {sum(case.language == language for case in CASES)}")


def main() -> None:
    start = time.perf_counter()
    warm()
    print(f"language model: {time.perf_counter() - start:.2f} s, once a worker")
    practice = [enquiry.raw for enquiry in load()]
    cost("practice, first reading", practice)
    cost("practice", practice)
    cost("generated", [mail.raw for mail in generate(500)])
    quality()


if __name__ == "__main__":
    main()
