"""Small rule files and messages for the tests of this room."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mailroom.model import Address, Context, Language, Message
from mailroom.rules import RuleSet, load

HEAD = """\
default_unit: help
units:
  help:
    names: {es: Ayuda, en: Help, pt: Ajuda, fr: Aide}
    mailbox: help@example.org
  press:
    names: {es: Prensa, en: Press, pt: Imprensa, fr: Presse}
    mailbox: press@example.org
    template: press
  precautionary-measures:
    names: {es: Medidas, en: Measures, pt: Medidas, fr: Mesures}
    mailbox: measures@example.org
"""

Make = Callable[..., RuleSet]


def head_with(rules: str) -> str:
    return HEAD + "rules:\n" + textwrap.indent(textwrap.dedent(rules).strip("\n"), "  ") + "\n"


@pytest.fixture
def make() -> Make:
    """A RuleSet of these rules over three units."""

    def build(rules: str, **more: object) -> RuleSet:
        return load(head_with(rules), **more)  # type: ignore[arg-type]

    return build


def message(said: str = "", subject: str = "", **more: object) -> Message:
    """A message by a person at example.org who may be answered."""
    given: dict[str, object] = {
        "said": said,
        "subject": subject,
        "from_": (Address("Ana", "ana@example.org"),),
        "acknowledge_to": "ana@example.org",
        "language": Language("es", 1.0),
        **more,
    }
    return Message(**given)  # type: ignore[arg-type]


def context(**more: object) -> Context:
    given: dict[str, object] = {
        "now": datetime(2026, 3, 4, 10, 30, tzinfo=UTC),  # a Wednesday
        "reference": "SU-2026-000123-K",
        **more,
    }
    return Context(**given)  # type: ignore[arg-type]
