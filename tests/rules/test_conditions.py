"""Each kind of condition: when it is true, when not, and the evidence that it shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailroom.model import (
    Address,
    Attachment,
    Channel,
    Context,
    Evidence,
    Kind,
    Language,
    Message,
    Silence,
    SilenceCode,
)
from mailroom.rules import matching
from tests.rules.conftest import Make, context, message

MAIL = message(
    "Somos dos familias. Adjunto el expediente 77-AB",
    subject="Nota verbal 12",
    quoted="lo anterior",
    forwarded="lo pasado",
    signature="Oficina de enlace",
    size=2_000_000,
    from_=(Address("Gaceta del Sur", "Redaccion@gaceta.example.org"),),
    to=(Address("", "support@example.org"),),
    cc=(Address("", "otra@example.net"),),
    headers=(("x-priority", "1 (Highest)"), ("list-id", "<a.example.org>")),
    matters=("12.345", "MC-12-21", "P-123-20"),
    attachments=(Attachment("Informe_2024.PDF", "application/pdf", 10), Attachment("", "image/png", 5)),
    silence=Silence(SilenceCode.LIST, "header List-Id"),
    defects=("broken-mime",),
)
NIGHT = context(now=datetime(2026, 3, 7, 23, 30, tzinfo=UTC), channel=Channel.POST, earlier=2)  # a Saturday


@pytest.mark.parametrize(
    ("when", "evidence"),
    [
        ("{text: nota verbal}", [("subject", "Nota verbal")]),
        ("{text: familias}", [("said", "familias")]),
        ("{subject: familias}", None),
        ("{said: nota verbal}", None),
        ("{quoted: anterior}", [("quoted", "anterior")]),
        ("{forwarded: pasado}", [("forwarded", "pasado")]),
        ("{signature: oficina}", [("signature", "Oficina")]),
        ("{attachments: informe}", [("attachments", "Informe")]),
        ("{sender_name: gaceta}", [("sender_name", "Gaceta")]),
        ("{anywhere: pasado}", [("forwarded", "pasado")]),
        ("{text: pasado}", None),
        ("{text: {all: [nota, familias], at_least: 2}}", [("subject", "Nota"), ("said", "familias")]),
        ("{text: {all: [nota, familias, nada], at_least: 3}}", None),
        ("{text: {all: [nota verbal, verbal], at_least: 2}}", None),  # one inside the other counts once
        ("{near: {first: somos, second: familias, within: 1}}", [("said", "Somos dos familias")]),
        ("{near: {first: familias, second: somos, within: 1}}", [("said", "Somos dos familias")]),
        ("{near: {first: somos, second: familias, within: 0}}", None),
        ("{near: {first: somos, second: expediente, within: 9}}", None),  # another sentence
        ("{matches: {in: said, pattern: 'expediente [0-9]+-[A-Z]{2}'}}", [("said", "expediente 77-AB")]),
        ("{matches: {in: subject, pattern: 'expediente'}}", None),
        ("{sender: '@gaceta.example.org'}", [("from", "redaccion@gaceta.example.org")]),
        ("{sender: '*@*.example.org'}", [("from", "redaccion@gaceta.example.org")]),
        ("{sender: '@example.org'}", None),
        ("{recipient: otra@example.net}", [("to", "otra@example.net")]),
        ("{recipient: '@example.com'}", None),
        ("{language: [es, fr]}", [("language", "es")]),
        ("{language: other}", None),
        ("{references: any}", [("references", "12.345"), ("references", "MC-12-21"), ("references", "P-123-20")]),
        ("{references: measure}", [("references", "MC-12-21")]),
        ("{references: case}", [("references", "12.345")]),
        ("{references: petition}", [("references", "P-123-20")]),
        ("{references: P-123-20}", [("references", "P-123-20")]),
        ("{references: none}", None),
        ("{attachment_types: .pdf}", [("attachments", "Informe_2024.PDF")]),
        ("{attachment_types: image/*}", [("attachments", "image/png")]),
        ("{attachment_types: .docx}", None),
        ("{has_attachments: yes}", [("attachment_count", "2")]),
        ("{has_attachments: no}", None),
        ("{header: {name: X-Priority}}", [("header:x-priority", "1 (Highest)")]),
        ("{header: {name: x-priority, says: highest}}", [("header:x-priority", "Highest")]),
        ("{header: {name: x-priority, says: low}}", None),
        ("{header: {name: x-mailer}}", None),
        ("{size: {at_least: 1MB, at_most: 3MB}}", [("size", "2000000")]),
        ("{size: {at_least: 3MB}}", None),
        ("{length: {in: subject, at_most: 3}}", [("words:subject", "3")]),
        ("{length: {at_most: 3}}", None),
        ("{channel: [post, inbox]}", [("channel", "post")]),
        ("{channel: junk}", None),
        ("{kind: personal}", [("kind", "personal")]),
        ("{kind: bounce}", None),
        ("{silent: [list, bulk]}", [("silent", "list")]),
        ("{silent: no}", None),
        ("{defect: broken-mime}", [("defect", "broken-mime")]),
        ("{defect: other}", None),
        ("{defect: {of: [broken-mime, other], at_least: 1}}", [("defect", "broken-mime")]),
        ("{defect: {of: [broken-mime, other], at_least: 2}}", None),
        ("{wrote_before: yes}", [("earlier", "2")]),
        ("{wrote_before: no}", None),
        ("{time: {from: '18:00', until: '08:00'}}", [("time", "23:30")]),
        ("{time: {from: '08:00', until: '18:00'}}", None),
        ("{day: [saturday, sunday]}", [("day", "saturday")]),
        ("{day: monday}", None),
        ("{all: [text: familias, subject: nota]}", [("said", "familias"), ("subject", "Nota")]),
        ("{all: [text: familias, subject: familias]}", None),
        ("{any: [text: nada, subject: nota]}", [("subject", "Nota")]),
        ("{any: [text: nada, subject: nadie]}", None),
        ("{text: familias, none: [text: nada]}", [("said", "familias")]),
        ("{text: familias, none: [text: nada, subject: nota]}", None),
    ],
)  # fmt: skip
def test_a_condition_shows_what_made_it_true(make: Make, when: str, evidence: list[tuple[str, str]] | None) -> None:
    rules = make(f"- name: a\n  when: {when}\n  then: {{unit: press}}")
    hits = matching(MAIL, NIGHT, rules)
    if evidence is None:
        assert hits == ()
    else:
        found = [f if not hasattr(f, "evidence") else f.evidence() for f in hits[0].found]
        assert [(e.where, e.text) for e in found] == evidence


@pytest.mark.parametrize(
    ("mail", "where", "when", "true"),
    [
        (Message(), context(), "{references: none}", True),
        (Message(), context(), "{language: unknown}", True),
        (message(language=Language("other:ht", 0.9)), context(), "{language: ht}", True),
        (message(language=Language("other:ht", 0.9)), context(), "{language: other}", True),
        (Message(), context(), "{silent: no}", True),
        (Message(), context(), "{wrote_before: no}", True),
        (message(kind=Kind.AUTO_REPLY), context(), "{kind: [receipt, auto-reply]}", True),
        (Message(), context(), "{time: {from: '08:00', until: '18:00'}}", True),
        (Message(), context(), "{length: {in: text, at_most: 0}}", True),
    ],
)
def test_absence_is_a_value_too(make: Make, mail: Message, where: Context, when: str, true: bool) -> None:
    rules = make(f"- name: a\n  when: {when}\n  then: {{unit: press}}")
    assert bool(matching(mail, where, rules)) is true


def test_a_pattern_takes_linear_time(make: Make) -> None:
    rules = make("- name: a\n  when: {matches: {in: said, pattern: '(a+)+$'}}\n  then: {unit: press}")
    assert matching(message("a" * 99_000 + "!"), context(), rules) == ()


def test_a_rule_without_its_words_is_not_even_asked(make: Make) -> None:
    rules = make("- name: a\n  when: {text: hola, language: es}\n  then: {unit: press}")
    assert rules.always == ()
    assert {where: set(of) for where, of in rules.triggered.items()} == {"subject": {0}, "said": {0}}


def test_a_rule_on_what_others_leave_is_asked_only_where_they_left_it(make: Make) -> None:
    rules = make(
        "- {name: a, when: {text: noche}, then: {tags: _dark, adds: {danger: 2}}}\n"
        "- {name: between, when: {tag: _dark}, then: {unit: press}}\n"
        "- {name: b, when: {text: armas}, then: {tags: _dark, adds: {danger: 2}}}\n"
        "- {name: late, when: {tag: _dark}, then: {tags: _late}}\n"
        "- {name: last, when: {tag: _late, sum: {of: danger, at_least: 4}}, then: {unit: press}}\n"
        "- {name: matter, when: {references: any}, then: {unit: press}}\n"
        "- {name: none, when: {references: none}, then: {tags: free}}"
    )
    assert [rules.rules[n].name for n in rules.always] == ["none"]
    assert set(rules.triggered["tag"]) == {"_dark", "_late"}
    assert set(rules.triggered["references"]) == {"any"}

    def names(text: str) -> list[str]:
        return [hit.rule.name for hit in matching(message(text), context(), rules)]

    assert names("noche armas") == ["a", "between", "b", "late", "last", "none"]
    assert names("armas") == ["b", "late", "none"]


@pytest.mark.parametrize(
    ("text", "reached"), [("armas", None), ("armas noche", "danger 5"), ("armas noche tesis", None)]
)
def test_what_rules_add_up_is_asked_for_by_those_below(make: Make, text: str, reached: str | None) -> None:
    rules = make(
        "- {name: a, when: {text: armas}, then: {adds: {danger: 3, other: 1}}}\n"
        "- {name: b, when: {text: noche}, then: {adds: {danger: 2}}}\n"
        "- {name: c, when: {text: tesis}, then: {adds: {danger: -4}}}\n"
        "- {name: d, when: {sum: {of: danger, at_least: 5}}, then: {unit: press}}"
    )
    found = {hit.rule.name: hit.found for hit in matching(message(text), context(), rules)}.get("d")
    assert found == (None if reached is None else (Evidence("sum", reached),))
