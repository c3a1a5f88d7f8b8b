"""Every alert by its code: what its message says, and what a person should do.

docs/alerts.md has a section of the same name for each; a test holds the two together, and wants for each code a test
that provokes it. `{config}` stands for the configuration file. No words of a message may stand in what is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    title: str  # what happened
    do: str  # what to do, a sentence or two
    command: str  # the first command to type
    lasting: bool = False  # a state that ends by itself or by a hand, not an event; people are told its end too


RUNBOOK: Mapping[str, Entry] = {
    "rules-refused": Entry(
        "The files of rules or templates are wrong",
        "What was in force before stays in force, and no mail is held up. Mend the lines named here; they take effect"
        " within seconds, without a restart. To try them first:",
        "mailroom check --config {config}",
        lasting=True,
    ),
}
