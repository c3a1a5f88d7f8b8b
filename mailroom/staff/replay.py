"""What other rules would change over mail that was already decided: recorded messages, or a folder of them.

Reads the ledger and the spool, decides again with the rules in force then and with the new ones, and compares.
Sends and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailroom.ledger import Ledger
from mailroom.model import Decision, Ours, Unit
from mailroom.pipeline import Policy
from mailroom.spool import Spool
from mailroom.staff.explain import explain


@dataclass(frozen=True, slots=True)
class Change:
    """One message that would fare differently."""

    name: str  # its reference, or its file
    was: Decision
    becomes: Decision

    @property
    def moved(self) -> bool:
        return (self.was.unit, self.was.copies) != (self.becomes.unit, self.becomes.copies)

    @property
    def loses_urgency(self) -> bool:
        return self.was.urgent and not self.becomes.urgent

    def in_words(self) -> list[str]:
        """What changes, each in a few words: "moves from press to rele"."""
        was, becomes = self.was, self.becomes
        words = []
        if self.moved:
            words.append(f"moves from {_units(was)} to {_units(becomes)}")
        for name in ("urgent", "sensitive", "confident"):
            if getattr(was, name) != getattr(becomes, name):
                words.append(f"{'becomes' if getattr(becomes, name) else 'is no longer'} {name}")
        if was.acknowledge != becomes.acknowledge:
            words.append("is answered" if becomes.acknowledge else f"falls silent ({_code(becomes)})")
        elif was.silence != becomes.silence and not was.acknowledge:
            words.append(f"is silent for another reason ({_code(was)}, then {_code(becomes)})")
        if was.acknowledge and becomes.acknowledge and was.template != becomes.template:
            words.append(f"is answered by {becomes.template} in place of {was.template}")
        for tag in sorted(set(becomes.tags) - set(was.tags)):
            words.append(f"gets the tag {tag}")
        for tag in sorted(set(was.tags) - set(becomes.tags)):
            words.append(f"loses the tag {tag}")
        return words


def recorded(ledger: Ledger, spool: Spool, since: datetime | None) -> Iterator[tuple[str, bytes]]:
    """(reference, bytes) of what is still in the spool, oldest first."""
    for row in ledger.overview():
        if since is not None and row.recorded < since:
            continue
        try:
            yield row.reference, spool.read(row.sha256)
        except FileNotFoundError:
            continue  # forgotten by retention


def replay(
    messages: Iterable[tuple[str, bytes]], old: Policy, new: Policy, ours: Ours, at: datetime
) -> Iterator[Change | None]:
    """A Change for each message that would fare differently, None for each that would not; in order."""
    for name, raw in messages:
        was, becomes = explain(raw, ours, old, at)[1], explain(raw, ours, new, at)[1]
        change = Change(name, was, becomes)
        yield change if change.in_words() else None


def readdressed(old: Mapping[str, Unit], new: Mapping[str, Unit]) -> Iterator[tuple[str, str, str]]:
    """(slug, mailbox before, mailbox after) of each unit whose mail would go to another address."""
    for slug, unit in old.items():
        if slug in new and new[slug].mailbox != unit.mailbox:
            yield slug, unit.mailbox, new[slug].mailbox


def _units(decision: Decision) -> str:
    return " and ".join(dict.fromkeys((decision.unit, *decision.copies)))


def _code(decision: Decision) -> str:
    return decision.silence.code if decision.silence else "no address"
