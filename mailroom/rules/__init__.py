"""The rules: what staff wrote in rules.yaml, read, checked, and applied to a message.

Public: `load` (text to RuleSet), `decide` (message to Decision), `run_examples`, `schema`.
Pure: no file, clock, network. Which rules are in force, and reloading them, is `policy.py`'s business.
May import: mailroom.model and its own room.
"""

from mailroom.rules.decide import Hit, Verdict, decide, judge, matching
from mailroom.rules.examples import Understand, run_examples
from mailroom.rules.load import load
from mailroom.rules.ruleset import Example, Rule, RuleSet, Then
from mailroom.rules.schema import schema

__all__ = [
    "Example",
    "Hit",
    "Rule",
    "RuleSet",
    "Then",
    "Understand",
    "Verdict",
    "decide",
    "judge",
    "load",
    "matching",
    "run_examples",
    "schema",
]
