"""The JSON Schema of rules.yaml, for completion and hints in editors; made from the table that the loader checks by.

May import: mailroom.model, its own room.
"""

from __future__ import annotations

from typing import Any

from mailroom.model import LANGUAGES
from mailroom.rules.forms import FORMS, PHRASES
from mailroom.rules.load import MOST_POINTS

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
_YES_NO: dict[str, Any] = {"type": ["boolean", "string"], "enum": [True, False, "yes", "no"]}
_SLUGS: dict[str, Any] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_DATE: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _object(properties: dict[str, Any], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _said(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a rules file."""
    then = _object(
        {
            "unit": _said(_TEXT, "The unit that should get the message"),
            "points": {
                "anyOf": [
                    {"type": "integer", "minimum": 1, "maximum": MOST_POINTS},
                    {"type": "string", "pattern": r"^\d+\s*to\s*\d+$"},
                ],
                "description": "3 where not given; “2 to 5”: one more for each further phrase found, up to 5",
            },
            "decides": _said(_YES_NO, "Overrules all points"),
            "copies": _said(_SLUGS, "Further units that get the message"),
            "tags": _said(_SLUGS, "Tags; one that begins with _ is a note to later rules"),
            "adds": {
                "type": "object",
                "additionalProperties": {"type": "integer", "minimum": -MOST_POINTS, "maximum": MOST_POINTS},
                "description": "Adds to sums that later rules ask for; below zero: speaks against it",
            },
            "urgent": _said(_YES_NO, "Danger to life or integrity: goes first, and is sensitive"),
            "sensitive": _said(_YES_NO, "The acknowledgement says nothing of the matter"),
            "template": _said(_TEXT, "Kind of acknowledgement, in place of the unit's"),
            "silence": _said(_TEXT, "No acknowledgement, and why"),
            "stop": _said(_YES_NO, "No later rule is looked at"),
        },
        minProperties=1,
    )
    example = _object(
        {
            "text": _TEXT,
            "subject": _TEXT,
            "sender": _TEXT,
            "attachments": _SLUGS,
            "language": _TEXT,
            "matches": _said(_YES_NO, "Whether this rule must match"),
            "unit": _said(_TEXT, "The unit that all rules together must choose"),
            "confident": _YES_NO,
            "urgent": _YES_NO,
            "sensitive": _YES_NO,
            "tag": _TEXT,
        }
    )
    rule = _object(
        {
            "name": _TEXT,
            "note": _said(_TEXT, "For colleagues; mailroom does not read it"),
            "when": {"$ref": "#/$defs/condition"},
            "then": then,
            "enabled": _YES_NO,
            "from": _said(_DATE, "First day on which the rule holds"),
            "until": _said(_DATE, "Last day on which the rule holds"),
            "examples": {"type": "array", "items": {"anyOf": [_TEXT, example]}},
        },
        ("name", "when", "then"),
    )
    unit = _object(
        {
            "names": _object(dict.fromkeys(LANGUAGES, _TEXT), LANGUAGES),
            "mailbox": _TEXT,
            "language": _said({"enum": list(LANGUAGES)}, "Of the cover note; es where not given"),
            "template": _said(_TEXT, "Kind of acknowledgement"),
            "fallback": _said(_TEXT, "The unit that gets what this mailbox refuses"),
        },
        ("names", "mailbox"),
    )
    condition = _object(
        {name: {**form.schema, "description": form.help} for name, form in FORMS.items()}, minProperties=1
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailroom rules",
        **_object(
            {
                "staff": _said(_TEXT, "The address that is told when this file is wrong"),
                "default_unit": _said(_TEXT, "The unit that gets what no rule decides"),
                "enough": _said(_NUMBER, "Points that a unit needs"),
                "lead": _said(_NUMBER, "Points by which it must lead"),
                "negation": _object({"words": PHRASES, "within": _NUMBER, "except": PHRASES}),
                "lists": {"type": "object", "additionalProperties": PHRASES},
                "units": {"type": "object", "additionalProperties": unit},
                "rules": {"type": "array", "items": rule},
            },
            ("default_unit", "units", "rules"),
        ),
        "$defs": {"condition": condition},
    }
