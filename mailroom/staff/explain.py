"""What would happen to a message, and why, rule by rule. Sends and stores nothing.

Any input, however broken, gets an answer. It looks at the message alone: the sender counts as a new one and the
message as just arrived, so that limits and ages do not enter (contract section 2).
"""

from __future__ import annotations

import mailbox
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from mailroom import pipeline, rules
from mailroom.model import Context, Decision, Message, Ours
from mailroom.pipeline import Policy

PLACEHOLDER = "SU-0000-000000-0"  # a reference that is nobody's


def sources(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every message in .eml files, folders of them, mbox files, Maildirs, or "-"."""
    for path in paths:
        if path == "-":
            yield "-", sys.stdin.buffer.read()
            continue
        place = Path(path)
        if place.is_dir():
            if (place / "cur").is_dir() or (place / "new").is_dir():
                files = [file for part in ("new", "cur") for file in (place / part).glob("*") if file.is_file()]
            else:
                files = [file for file in place.rglob("*") if file.is_file() and file.suffix.lower() in (".eml", "")]
            for file in sorted(files):
                yield str(file), file.read_bytes()
        else:
            yield from _file(place)


def _file(place: Path) -> Iterator[tuple[str, bytes]]:
    raw = place.read_bytes()
    if place.suffix.lower() == ".eml" or not raw.startswith(b"From "):
        yield str(place), raw
        return
    box = mailbox.mbox(place, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            yield f"{place}#{number}", box.get_bytes(key)
    finally:
        box.close()


def explain(raw: bytes, ours: Ours, policy: Policy, at: datetime) -> tuple[Message, Decision]:
    """What the daemon would decide. Never raises for anything a message holds."""
    context = Context(now=at, reference=PLACEHOLDER, job=PLACEHOLDER, received=at)
    try:
        return pipeline.decide(raw, context, ours, policy)
    except (Exception, RecursionError, MemoryError) as error:
        plan = pipeline.raw_plan(raw, context, ours, policy, type(error).__name__)
        return Message(size=len(raw), defects=("unreadable",)), plan.decision


def points(message: Message, policy: Policy, at: datetime) -> tuple[tuple[str, int], ...]:
    """What the rules gave to each unit, most first."""
    context = Context(now=at, reference=PLACEHOLDER, received=at)
    return rules.judge(rules.matching(message, context, policy.rules), policy.rules).points


def as_json(source: str, message: Message, decision: Decision, policy: Policy) -> dict[str, object]:
    """The decision as contract.md section 2 writes it."""
    units = policy.rules.units
    slugs = dict.fromkeys((decision.unit, *decision.copies)) if decision.forward else {}
    return {
        "source": source,
        "message_id": message.message_id,
        "from": message.sender,
        "subject": message.subject,
        "language": message.language.code,
        "language_confidence": round(message.language.confidence, 3),
        "unit": decision.unit,
        "confident": decision.confident,
        "forward_to": [units[slug].mailbox for slug in slugs if slug in units],
        "tags": list(decision.tags),
        "urgent": decision.urgent,
        "sensitive": decision.sensitive,
        "references": list(message.matters),
        "acknowledge": decision.acknowledge,
        "silence": decision.silence.code.value if decision.silence else None,
        "template": decision.template if decision.acknowledge else None,
        "rules": [
            {
                "name": match.name,
                "line": match.line,
                "evidence": [{"where": one.where, "text": one.text} for one in match.evidence],
            }
            for match in decision.rules
        ],
        "defects": list(message.defects),
    }
