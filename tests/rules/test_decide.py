"""How rules become one decision, and what stands above them: silences, corrections, conversations, automatic mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.model import (
    Address,
    Attachment,
    Channel,
    Conversation,
    Decision,
    Disposition,
    Kind,
    Language,
    Message,
    Silence,
    SilenceCode,
)
from mailroom.rules import decide, judge, load, matching
from tests.rules.conftest import Make, context, head_with, message

PRESS = """
- name: press words
  when: {text: [prensa, entrevista, comunicado]}
  then: {unit: press, points: 2 to 4}
"""


def test_without_a_rule_the_default_unit_gets_it_for_review_and_the_person_is_answered(make: Make) -> None:
    rules = make(PRESS)
    assert decide(message("hola"), context(), rules) == Decision(
        unit="help",
        confident=False,
        acknowledge_to="ana@example.org",
        template="general",
        disposition=Disposition.REVIEW,
        policy=rules.hash,
    )


@pytest.mark.parametrize(
    ("said", "unit", "points"),
    [
        ("prensa", "help", 2),  # not enough
        ("prensa prensa", "help", 2),  # the same word twice is one
        ("prensa, entrevista", "press", 3),
        ("prensa, entrevista, comunicado", "press", 4),
    ],
)
def test_each_further_phrase_gives_one_point_more_up_to_the_limit(
    make: Make, said: str, unit: str, points: int
) -> None:
    rules = make(PRESS)
    hits = matching(message(said), context(), rules)
    assert judge(hits, rules).points == (("press", points),)
    assert decide(message(said), context(), rules).unit == unit


RIVALS = """
- name: one
  when: {text: uno}
  then: {unit: press, points: 4}
- name: two
  when: {text: dos}
  then: {unit: precautionary-measures, points: 4}
- name: more
  when: {text: mas}
  then: {unit: press, points: 1}
- name: over all
  when: {text: tres}
  then: {unit: precautionary-measures, decides: yes}
- name: too late
  when: {text: tres}
  then: {unit: press, decides: yes}
"""


@pytest.mark.parametrize(
    ("said", "unit", "confident"),
    [
        ("uno", "press", True),
        ("uno y dos", "help", False),  # no lead: a person decides
        ("uno y dos y mas", "press", True),
        ("uno, mas, tres", "precautionary-measures", True),  # the first that decides
    ],
)
def test_most_points_win_with_a_lead_and_a_deciding_rule_overrules_them(
    make: Make, said: str, unit: str, confident: bool
) -> None:
    decision = decide(message(said), context(), make(RIVALS))
    assert (decision.unit, decision.confident) == (unit, confident)
    assert decision.disposition is (Disposition.DONE if confident else Disposition.REVIEW)


def test_what_rules_add_is_gathered_and_shown_with_its_evidence(make: Make) -> None:
    rules = make("""
        - name: first
          when: {text: [Petición, "nota verbal"]}
          then: {unit: press, copies: [help, press], tags: [media, _own], template: brief}
        - name: second
          when: {tag: _own}
          then: {tags: [media, more], sensitive: no}
        - name: third
          when: {text: nada}
          then: {urgent: yes}
    """)
    decision = decide(message("una PETICION, ya", subject="Nota  Verbal 3"), context(), rules)
    assert decision.copies == ("help",)
    assert decision.tags == ("media", "more")
    assert decision.template == "brief"
    shown = [(m.name, m.line, m.effect, [(e.where, e.text) for e in m.evidence]) for m in decision.rules]
    effect = "press +3, copy to help press, tags media _own, template brief"
    assert shown == [
        ("first", 14, effect, [("subject", "Nota Verbal"), ("said", "PETICION")]),
        ("second", 17, "tags media more", [("tag", "_own")]),
    ]


def test_no_rule_is_read_after_one_that_stops(make: Make) -> None:
    rules = make("""
        - name: a
          when: {text: hola}
          then: {unit: press, stop: yes}
        - name: b
          when: {text: hola}
          then: {urgent: yes}
    """)
    assert not decide(message("hola"), context(), rules).urgent


SENSITIVE = """
- name: urgent
  when: {text: peligro}
  then: {unit: precautionary-measures, urgent: yes, decides: yes}
- name: sensitive
  when: {text: secreto}
  then: {sensitive: yes, template: brief}
- name: press
  when: {text: prensa}
  then: {unit: press}
"""


@pytest.mark.parametrize(
    ("said", "urgent", "sensitive", "template"),
    [
        ("peligro", True, True, "urgent"),
        ("secreto prensa", False, True, "discreet"),
        ("prensa", False, False, "press"),
        ("hola", False, False, "general"),
    ],
)
def test_sensitive_mail_gets_the_neutral_answer_whatever_else_is_asked_for(
    make: Make, said: str, urgent: bool, sensitive: bool, template: str
) -> None:
    decision = decide(message(said), context(), make(SENSITIVE))
    assert (decision.urgent, decision.sensitive, decision.template) == (urgent, sensitive, template)


def test_a_rule_may_silence_and_what_the_mail_is_comes_before_it(make: Make) -> None:
    rules = make("""
        - name: quiet
          when: {text: hola}
          then: {silence: they write every day}
    """)
    silent = decide(message("hola"), context(), rules)
    assert silent.silence == Silence(SilenceCode.RULE, "rule “quiet”: they write every day")
    assert not silent.acknowledge
    assert silent.template is None
    listed = decide(message("hola", silence=Silence(SilenceCode.LIST, "header List-Id")), context(), rules)
    assert listed.silence == Silence(SilenceCode.LIST, "header List-Id")
    assert not listed.acknowledge


def test_without_an_address_to_answer_there_is_a_reason_for_silence(make: Make) -> None:
    decision = decide(message("hola", acknowledge_to=None), context(), make(PRESS))
    assert decision.silence is not None
    assert decision.silence.code is SilenceCode.NO_RETURN_PATH


def test_a_correction_by_staff_is_the_decision(make: Make) -> None:
    decision = decide(message("peligro prensa"), context(correction="press", channel=Channel.REROUTE), make(SENSITIVE))
    assert (decision.unit, decision.confident, decision.disposition) == ("press", True, Disposition.DONE)
    assert decision.silence is not None
    assert decision.silence.code is SilenceCode.CHANNEL
    assert decision.copies == ()
    assert decision.urgent


def test_mail_from_the_junk_folder_goes_to_a_person(make: Make) -> None:
    decision = decide(message("prensa"), context(channel=Channel.JUNK), make(SENSITIVE))
    assert (decision.unit, decision.confident, decision.disposition) == ("help", False, Disposition.REVIEW)
    assert decision.silence is not None
    assert decision.silence.code is SilenceCode.CHANNEL


@pytest.mark.parametrize(
    ("said", "earlier", "unit", "copies"),
    [
        ("hola", "press", "press", ()),
        ("prensa", "help", "help", ()),
        ("peligro", "press", "precautionary-measures", ("press",)),
        ("peligro", "precautionary-measures", "precautionary-measures", ()),
        ("hola", "closed-unit", "help", ()),  # the unit is gone from the rules
    ],
)
def test_a_conversation_stays_with_its_unit_unless_there_is_danger(
    make: Make, said: str, earlier: str, unit: str, copies: tuple[str, ...]
) -> None:
    where = context(conversation=Conversation("SU-2026-000123-K", earlier))
    decision = decide(message(said), where, make(SENSITIVE))
    assert (decision.unit, decision.copies, decision.confident) == (unit, copies, True)
    assert decision.silence is not None
    assert decision.silence.code is SilenceCode.CONVERSATION


AUTOMATIC = """
- name: automatic
  when: {kind: [bounce, receipt, auto-reply, own]}
  then: {unit: help, decides: yes, stop: yes}
"""


@pytest.mark.parametrize(
    ("rules", "kind", "ours", "forward"),
    [
        (AUTOMATIC, Kind.BOUNCE, False, True),
        (AUTOMATIC, Kind.BOUNCE, True, False),
        (AUTOMATIC, Kind.OWN, False, False),
        (PRESS, Kind.AUTO_REPLY, False, False),
        (PRESS, Kind.RECEIPT, False, False),
    ],
)
def test_automatic_mail_is_filed_and_forwarded_only_where_a_rule_names_a_unit(
    make: Make, rules: str, kind: Kind, ours: bool, forward: bool
) -> None:
    decision = decide(message("hola", kind=kind), context(concerns_ours=ours), make(rules))
    assert (decision.disposition, decision.forward) == (Disposition.AUTOMATIC, forward)


def test_rules_hold_only_between_their_days(make: Make) -> None:
    rules = make("""
        - name: season
          from: 2026-03-04
          until: 2026-03-05
          when: {text: hola}
          then: {unit: press}
        - name: off
          enabled: no
          when: {text: hola}
          then: {urgent: yes}
    """)
    days = {
        d: decide(message("hola"), context(now=datetime(2026, 3, d, 23, 0, tzinfo=UTC)), rules) for d in (3, 4, 5, 6)
    }
    assert {d: found.unit for d, found in days.items()} == {3: "help", 4: "press", 5: "press", 6: "help"}
    assert not any(found.urgent for found in days.values())


NEGATED = """
- name: danger
  when: {text: {all: [peligro, amenaz*, disparar], not_denied: yes}}
  then: {unit: press, urgent: yes}
"""


@pytest.mark.parametrize(
    ("said", "urgent"),
    [
        ("estoy en peligro", True),
        ("no estoy en peligro", False),
        ("No corro peligro, vivo con mi madre", False),
        ("sin amenazas por ahora", False),
        ("No contestan, y hay amenazas", True),  # a comma ends the reach of a no
        ("No vino nadie. Amenazan a todos", True),  # so does the end of a sentence
        ("no paran de disparar", True),
        ("no creo que haya ya amenazas", True),  # too far away
        ("no hay peligro. Pero hoy amenazaron a mi hijo", True),  # one denied, one not
    ],
)
def test_words_behind_a_no_do_not_count_where_the_rule_says_so(said: str, urgent: bool) -> None:
    text = head_with(NEGATED).replace(
        "rules:", "negation: {words: [no, sin, nada], within: 3, except: [no paran de, no vino]}\nrules:"
    )
    assert decide(message(said), context(), load(text)).urgent is urgent


def test_a_no_of_one_language_denies_nothing_in_another() -> None:
    text = head_with(NEGATED).replace("rules:", "negation: {words: {es: no, pt: nao}}\nrules:")
    for language, said, urgent in (("pt", "ele está no peligro", True), ("es", "no hay peligro", False)):
        assert decide(message(said, language=Language(language, 1.0)), context(), load(text)).urgent is urgent


def test_words_of_a_language_count_in_it_and_where_the_language_is_not_certain(make: Make) -> None:
    rules = make("""
        - name: a
          when: {text: {es: disparo*, en: shot, pt: tiro, fr: tir, other: zam, all: bang}}
          then: {unit: press}
    """)
    for language, said, found in (
        (Language("es", 0.9), "disparos", True),
        (Language("en", 0.9), "disparos", False),
        (Language("en", 0.3), "disparos", True),
        (Language("other:ht", 0.9), "disparos", True),
        (Language("unknown", 0.0), "shot", True),
        (Language("fr", 0.9), "shot", False),
        (Language("fr", 0.9), "bang", True),
        (Language("fr", 0.9), "zam", False),
        (Language("other:ht", 0.9), "zam", True),
    ):
        assert bool(decide(message(said, language=language), context(), rules).rules) is found, (language, said)


_TEXTS = st.text(max_size=300)
_ADDRESSES = st.builds(Address, _TEXTS, _TEXTS)


@given(
    st.builds(
        Message,
        subject=_TEXTS,
        said=_TEXTS,
        quoted=_TEXTS,
        forwarded=_TEXTS,
        signature=_TEXTS,
        from_=st.lists(_ADDRESSES, max_size=3).map(tuple),
        to=st.lists(_ADDRESSES, max_size=3).map(tuple),
        headers=st.lists(st.tuples(_TEXTS, _TEXTS), max_size=3).map(tuple),
        attachments=st.lists(st.builds(Attachment, _TEXTS, _TEXTS, st.integers(0, 9)), max_size=3).map(tuple),
        kind=st.sampled_from(Kind),
        matters=st.lists(_TEXTS, max_size=3).map(tuple),
    ),
    st.sampled_from(Channel),
    st.none() | st.text(max_size=9),
)
def test_deciding_is_total(mail: Message, channel: Channel, correction: str | None) -> None:
    from tests.rules.test_load import EVERYTHING

    rules = load(EVERYTHING)
    decision = decide(mail, context(channel=channel, correction=correction), rules)
    assert decision.unit in rules.units or decision.unit == correction


def test_what_matched_and_rules_that_only_left_notes_are_told_where_they_are_asked_for(make: Make) -> None:
    rules = make(
        "- {name: dark, when: {text: noche}, then: {tags: [_dark], adds: {danger: 2}}}\n"
        "- {name: arms, when: {text: armas}, then: {tags: [_arms, arms]}}\n"
        "- {name: both, when: {tag: _dark}, then: {unit: press}}"
    )
    told = decide(message("armas noche"), context(), rules)
    assert [(one.name, one.is_note) for one in told.rules] == [("dark", True), ("arms", False), ("both", False)]
    brief = decide(message("armas noche"), context(), rules, why=False)
    assert brief == replace(told, rules=tuple(replace(one, evidence=()) for one in told.rules[1:]))
