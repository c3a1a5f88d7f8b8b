"""Examples in rules are run, and say what they found; the schema knows every key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mailroom.rules import load, run_examples, schema
from mailroom.rules.examples import plain_message
from mailroom.rules.forms import FORMS
from mailroom.rules.load import EXAMPLE_KEYS, RULE_KEYS, THEN_KEYS, TOP_KEYS
from mailroom.rules.units import UNIT_KEYS
from tests.rules.conftest import Make

ROOT = Path(__file__).parents[2]


def test_examples_that_come_out_as_said_are_silent_and_others_say_what_happened(make: Make) -> None:
    rules = make("""
        - name: press
          when: {text: prensa, none: [attachments: factura]}
          then: {unit: press, tags: media}
          examples:
            - hola prensa
            - {text: hola, matches: no}
            - {subject: prensa, unit: press, confident: yes, urgent: no, sensitive: no, tag: media}
            - {text: prensa, attachments: factura.pdf, matches: no}
            - buenos dias
            - {text: prensa, matches: no}
            - {text: prensa, unit: help, urgent: yes, tag: other}
        - name: note, papers
          when: {text: prensa}
          then: {tags: _papers}
        - name: off
          enabled: no
          when: {text: nunca}
          then: {unit: press}
          examples: [nada]
    """)
    found = run_examples(rules, plain_message)
    assert [(p.line, p.what) for p in found] == [
        (22, "example of “press”: “buenos dias” should match, and does not"),
        (23, "example of “press”: “prensa” should not match, and does"),
        (24, "example of “press”: “prensa” should have unit “help”, and has “press” (rules that match: “press”)"),
        (24, "example of “press”: “prensa” should have urgent yes, and has no (rules that match: “press”)"),
        (24, "example of “press”: “prensa” should have the tag other, and has media"),
    ]


def test_a_seasonal_rule_is_tried_on_its_first_day(make: Make) -> None:
    rules = make("""
        - name: season
          from: 2031-05-01
          when: {text: hola}
          then: {unit: press}
          examples: [hola, {text: hola, sender: ana@example.com, language: fr, unit: press}]
    """)
    assert run_examples(rules, plain_message) == ()


def _properties(part: Any) -> set[str]:
    return set(part["properties"])


def test_the_schema_has_every_key_that_the_loader_knows() -> None:
    made = schema()
    rule = made["properties"]["rules"]["items"]
    assert _properties(made) == set(TOP_KEYS)
    assert _properties(rule) == set(RULE_KEYS)
    assert _properties(rule["properties"]["then"]) == set(THEN_KEYS)
    assert _properties(rule["properties"]["examples"]["items"]["anyOf"][1]) == set(EXAMPLE_KEYS)
    assert _properties(made["properties"]["units"]["additionalProperties"]) == set(UNIT_KEYS)
    assert _properties(made["$defs"]["condition"]) == set(FORMS)


def test_the_shipped_schema_is_the_one_made_from_the_code() -> None:
    assert json.loads((ROOT / "rules.schema.json").read_text(encoding="utf-8")) == schema()


def test_the_manual_names_every_condition_and_every_key() -> None:
    manual = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    keys = {*FORMS, *THEN_KEYS, *RULE_KEYS, *TOP_KEYS, *EXAMPLE_KEYS, *UNIT_KEYS}
    assert sorted(k for k in keys if f"`{k}`" not in manual and f"`{k}:" not in manual) == []


def test_the_shipped_rules_load_without_warning_and_their_examples_hold() -> None:
    rules = load((ROOT / "rules.yaml").read_text(encoding="utf-8"), allowed_domains=["example.org"])
    assert [str(w) for w in rules.warnings] == []
    assert [str(p) for p in run_examples(rules, plain_message)] == []
