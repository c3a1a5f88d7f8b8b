# ruff: noqa: E501 (rows hold whole texts, as staff read them)
"""Every way in which a rules file can be wrong, with the whole text that staff read; and what is right."""

from __future__ import annotations

import pickle
import textwrap

import pytest

from mailroom.model import Problem, Rejected
from mailroom.rules import RuleSet, decide, load
from tests.rules.conftest import HEAD, Make, context, head_with, message

FIRST = HEAD.count("\n") + 2
"""The line of the first rule."""


def problems(text: str, **more: object) -> list[str]:
    """Everything that is wrong, as it is printed."""
    with pytest.raises(Rejected) as rejected:
        load(text, **more)  # type: ignore[arg-type]
    return [str(p) for p in rejected.value.problems]


def of_rules(rules: str, **more: object) -> list[str]:
    """What is wrong with these rules; places are counted from the first rule's line."""
    with pytest.raises(Rejected) as rejected:
        load(head_with(rules), **more)  # type: ignore[arg-type]
    return [
        f"{p.line - FIRST + 1 if p.line > 1 else p.line}:{max(p.column - 2, 0)} {p.what} | {p.mend}"
        for p in rejected.value.problems
    ]


RULE = "- name: a\n  when: {text: hola}\n  then: {unit: press}\n"


@pytest.mark.parametrize(
    ("rules", "wrong"),
    [
        ("- name: a\n  when: {text: hola}\n", "1:3 rule “a” has no then: | a rule says when: it matches and what happens then:"),
        ("- name: a\n  then: {unit: press}\n", "1:3 rule “a” has no when: | a rule says when: it matches and what happens then:"),
        ("- when: {text: hola}\n  then: {unit: press}\n", "1:3 a rule has no name | write  - name: what it is for"),
        (RULE + RULE, "4:9 two rules are called “a”, the first in line 1 | give each its own name"),
        ("- name: a\n  when: {txt: hola}\n  then: {unit: press}\n", "2:10 when has no key “txt” | did you mean “text”?"),
        ("- name: a\n  whn: {text: hola}\n  then: {unit: press}\n", "2:3 a rule has no key “whn” | did you mean “when”?"),
        ("- name: a\n  when: {text: hola}\n  then: {unti: press}\n", "3:10 then has no key “unti” | did you mean “unit”?"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: pres}\n", "3:16 there is no unit “pres” | did you mean “press”?"),
        ("- name: a\n  when: {text: hola}\n  then: {copies: pres}\n", "3:18 there is no unit “pres” | did you mean “press”?"),
        ("- name: a\n  when: {text: <lst>}\n  then: {unit: press}\n", "2:16 there is no list “lst” | write it under lists:"),
        ("- name: a\n  when: {text: }\n  then: {unit: press}\n", "2:16 text has no words | write at least one, or delete the key"),
        ("- name: a\n  when: {text: []}\n  then: {unit: press}\n", "2:16 text has no words | write at least one, or delete the key"),
        ("- name: a\n  when: hola\n  then: {unit: press}\n", "2:9 when must have keys under it, not “hola” | known here: "),
        ("- name: a\n  when: {}\n  then: {unit: press}\n", "2:9 a condition is empty | known here: "),
        ("- name: a\n  when: {all: hola}\n  then: {unit: press}\n", "2:15 all must be a list of conditions, not “hola” | write the conditions below all:, each after a dash"),
        ("- name: a\n  when: {text: am*}\n  then: {unit: press}\n", "2:16 “am*” in “am*” would match far too much | put at least three letters before the *"),
        ('- name: a\n  when: {text: "a|b"}\n  then: {unit: press}\n', '2:16 “a|b” looks like a regular expression, and phrases are plain words | write the words themselves; for an expression use  matches: {in: said, pattern: "…"}'),
        ("- name: a\n  when: {text: {all: hola, at_least: 2}}\n  then: {unit: press}\n", "2:16 text asks for 2 different phrases and lists 1 | lower at_least"),
        ("- name: a\n  when: {text: {all: hola, at_least: some}}\n  then: {unit: press}\n", "2:38 at_least must be a whole number from 0 to 50, not “some” | write digits only"),
        ("- name: a\n  when: {text: {all: hola, not_denied: maybe}}\n  then: {unit: press}\n", "2:40 not_denied must be yes or no, not “maybe” | write yes or no"),
        ("- name: a\n  when: {near: {first: hola}}\n  then: {unit: press}\n", "2:16 near has no second: | near needs first: and second:, each with words"),
        ("- name: a\n  when: {near: {first: a1, second: b1, in: body}}\n  then: {unit: press}\n", "2:44 there is no text “body” | known here: anywhere, attachments, forwarded, quoted, said, sender_name, signature, subject, text"),
        ("- name: a\n  when: {matches: '(?=a)'}\n  then: {unit: press}\n", "2:19 the expression “(?=a)” cannot be used: invalid perl operator: (?= | look-ahead, look-behind and back-references do not exist here; plain words are nearly always enough"),
        ("- name: a\n  when: {matches: 'a*'}\n  then: {unit: press}\n", "2:19 the expression “a*” matches every text | make at least one part of it required"),
        ("- name: a\n  when: {matches: {in: said}}\n  then: {unit: press}\n", '2:19 matches has no pattern: | write  matches: {in: said, pattern: "…"}'),
        ("- name: a\n  when: {matches: " + "b" * 1001 + "}\n  then: {unit: press}\n", "2:19 the expression is longer than 1000 characters | split it, or use words"),
        ("- name: a\n  when: {sender: ana}\n  then: {unit: press}\n", '2:18 “ana” is no address | write "person@example.org", "@example.org" for a domain, or "*@*.example.org" for all below it'),
        ("- name: a\n  when: {language: spanish}\n  then: {unit: press}\n", "2:20 there is no language “spanish” | write es, en, pt, fr, another two-letter code, other or unknown"),
        ("- name: a\n  when: {references: P123}\n  then: {unit: press}\n", "2:22 “P123” is no reference | write petition, measure, case, any, none, or a number as P-123-20, MC-123-21, 12.345"),
        ("- name: a\n  when: {attachment_types: pdf}\n  then: {unit: press}\n", '2:28 “pdf” is no type of attachment | write an ending such as .pdf, or a type such as "image/*"'),
        ("- name: a\n  when: {header: X-Priority}\n  then: {unit: press}\n", "2:18 header must have keys under it, not “X-Priority” | known here: name, says"),
        ("- name: a\n  when: {header: {says: high}}\n  then: {unit: press}\n", "2:18 header needs the name of a header | write  header: {name: X-Priority, says: high}"),
        ("- name: a\n  when: {size: {at_least: big}}\n  then: {unit: press}\n", "2:27 at_least must be a size, not “big” | write a number of octets, or 500kB, 5MB"),
        ("- name: a\n  when: {size: {at_least: 5MB, at_most: 1MB}}\n  then: {unit: press}\n", "2:16 size can never be true: at_most is below at_least | exchange the two numbers"),
        ("- name: a\n  when: {length: {in: said}}\n  then: {unit: press}\n", "2:18 length has no bound | write at_least: or at_most: with a number"),
        ("- name: a\n  when: {kind: bounces}\n  then: {unit: press}\n", "2:16 kind does not know “bounces” | did you mean “bounce”?"),
        ("- name: a\n  when: {day: funday}\n  then: {unit: press}\n", "2:15 day does not know “funday” | did you mean “sunday”?"),
        ("- name: a\n  when: {tag: media}\n  then: {unit: press}\n", "2:15 no earlier rule sets the tag “media” | put the rule that sets it above this one"),
        ("- name: a\n  when: {defect: {at_least: 2}}\n  then: {unit: press}\n", "2:18 defect has no of: | write  defect: {of: [one, two, three], at_least: 2}"),
        ("- name: a\n  when: {defect: {of: [one], at_least: 2}}\n  then: {unit: press}\n", "2:23 defect asks for 2 and lists 1 | lower at_least"),
        ("- name: a\n  when: {time: {from: '18:00'}}\n  then: {unit: press}\n", '2:16 time needs until: as a time of day | write  time: {from: "18:00", until: "08:00"}'),
        ("- name: a\n  when: {wrote_before: perhaps}\n  then: {unit: press}\n", "2:24 wrote_before must be yes or no, not “perhaps” | write yes or no"),
        ("- name: a\n  when: {text: hola}\n  then: {}\n", "3:9 rule “a” does nothing | known here: unit, points, decides, copies, tags, adds, urgent, sensitive, template, silence, stop"),
        ("- name: a\n  when: {text: hola}\n  then: {points: 3}\n", "3:9 rule “a” gives points but names no unit | add  unit:, or take the points out"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press, points: many}\n", "3:31 points must be a number, not “many” | write  points: 3,  or  points: 2 to 5  for one more with each further phrase found"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press, points: 5 to 2}\n", "3:31 points “5 to 2” are out of bounds | write 1 to 20, the smaller number first"),
        ("- name: a\n  when: {text: hola}\n  then: {tags: Not Good}\n", "3:16 “Not Good” cannot be a tag | use small letters, digits and hyphens, at most 40"),
        ("- name: a\n  when: {text: hola}\n  then: {adds: danger}\n", "3:16 adds must name sums, not “danger” | write  adds: {danger: 3}"),
        ("- name: a\n  when: {text: hola}\n  then: {adds: {Danger: 3}}\n", "3:17 “Danger” cannot be a sum | use small letters, digits and hyphens"),
        ("- name: a\n  when: {text: hola}\n  then: {adds: {danger: much}}\n", "3:25 danger must be a number, not “much” | write 1 to 20, or -1 to -20 for what speaks against it"),
        ("- name: a\n  when: {text: hola}\n  then: {adds: {danger: 0}}\n", "3:25 danger must be a number, not “0” | write 1 to 20, or -1 to -20 for what speaks against it"),
        ("- name: a\n  when: {sum: {of: danger}}\n  then: {unit: press}\n", "2:15 sum needs of: and at_least: | write  sum: {of: danger, at_least: 8}"),
        ("- name: a\n  when: {sum: {of: danger, at_least: 2}}\n  then: {unit: press}\n", "2:20 no earlier rule adds to “danger” | put the rules that add to it above this one"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press}\n  from: tomorrow\n", "4:9 from must be a date, not “tomorrow” | write  2026-03-31"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press}\n  from: 2026-03-02\n  until: 2026-03-01\n", "5:10 rule “a” ends before it begins | exchange from: and until:"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press}\n  enabled: perhaps\n", "4:12 enabled must be yes or no, not “perhaps” | write yes or no"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press}\n  examples: hola\n", "4:13 examples must be a list, not “hola” | write each example after a dash"),
        ("- name: a\n  when: {text: hola}\n  then: {unit: press}\n  examples: [{txt: hola}]\n", "4:15 an example has no key “txt” | did you mean “text”?"),
        ("- name: a\n  name: b\n  when: {text: hola}\n  then: {unit: press}\n", "2:3 “name” stands here twice, first in line 1 | put both together, or delete one"),
        ("- name: a\n  when: &x {text: hola}\n  then: {unit: press}\n", "2:9 “&x” and “*x” (anchors and aliases) are not allowed | write the words out, or use a named list under lists:"),
        ("- name: !!python/object:os.system a\n  when: {text: hola}\n  then: {unit: press}\n", "1:9 the tag “tag:yaml.org,2002:python/object:os.system” is not allowed | leave out the ! and what follows"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_a_way_to_mend_it(rules: str, wrong: str) -> None:
    found = [f.replace(f"in line {FIRST}", "in line 1") for f in of_rules(rules)]
    if wrong.endswith("known here: "):
        assert len(found) == 1
        assert found[0].startswith(wrong)
    else:
        assert found == [wrong]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", ["rules.yaml:1:1: the file is empty\n    it needs at least units:, default_unit: and rules:"]),
        ("just words", ["rules.yaml:1:1: the file must consist of keys such as units: and rules:\n    see docs/writing-rules.md"]),
        ("rules:\n\t- name: a\n", ["rules.yaml:2:1: this line is indented with a tab\n    use spaces: YAML does not allow tabs for indenting"]),
        ("staff: *@example.org\n", ["rules.yaml:1:9: not readable: while scanning an alias, did not find expected alphabetic or numeric character\n    a value that begins with * or & must stand in quotes"]),
        ("staff: 'a\n", ["rules.yaml:1:8: not readable: while scanning a quoted scalar, found unexpected end of stream\n    a quotation mark is not closed"]),
        ("default_unit: a: b\n", ["rules.yaml:1:16: not readable: mapping values are not allowed here\n    a value that holds “: ” must stand in quotes; or the line before is indented wrongly"]),
        ('staff: "a\n', ['rules.yaml:1:8: not readable: while scanning a quoted scalar, found unexpected end of stream\n    a quotation mark is not closed']),
        ("[" * 5000, ["rules.yaml: brackets or lists are nested far too deep\n    a rules file needs no more than a few levels"]),
        ("#" * 1_100_000, ["rules.yaml: the file has 1100000 characters, more than 1048576\n    take out what is not needed"]),
    ],
)  # fmt: skip
def test_what_is_no_rules_file_at_all(text: str, wrong: list[str]) -> None:
    assert problems(text) == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (("default_unit: help", "default_unit: halp"), "1:15: there is no unit “halp”\n    did you mean “help”?"),
        (("default_unit: help\n", ""), "1:1: the file has no default_unit:\n    write  default_unit:  at the beginning of a line"),
        (("pt: Imprensa, ", ""), "7:12: unit “press” has no name in pt\n    a unit needs its name in es, en, pt and fr"),
        (("    mailbox: press@example.org\n", ""), "6:3: unit “press” has no mailbox\n    write  mailbox: press@your-domain"),
        (("press@example.org", "press at example"), "8:14: “press at example” is no e-mail address\n    write  name@domain, in plain letters"),
        (("press@example.org", "press@example.com"), "8:14: unit “press”: “press@example.com” lies outside the domains to which mail may go\n    allowed: example.org (config.toml, [forwarding] allowed_domains)"),
        (("template: press", "template: pres"), "9:15: there is no template “pres”\n    did you mean “press”?"),
        (("template: press", "fallback: nobody"), "9:15: there is no unit “nobody”\n    known here: help, precautionary-measures, press"),
        (("template: press", "fallback: press"), "9:15: unit “press” is its own fallback\n    name another unit, or delete the line"),
        (("template: press", "language: de"), "9:15: “de” is no working language\n    write es, en, pt or fr"),
        (("template: press", "mailbx: x"), "9:5: unit “press” has no key “mailbx”\n    did you mean “mailbox”?"),
        (("  press:", "  Press Office:"), "6:3: “Press Office” cannot name a unit\n    use small letters, digits and hyphens, beginning with a letter"),
        (("default_unit: help", "default_unit: help\nstaf: a@example.org"), "2:1: the file has no key “staf”\n    did you mean “staff”?"),
        (("default_unit: help", "default_unit: help\nlead: far"), "2:7: lead must be a whole number from 0 to 100, not “far”\n    write digits only"),
        (("default_unit: help", "default_unit: help\nnegation: {words: 'not at all'}"), "2:19: “not at all”: negation takes single whole words\n    write no, sin, never …"),
    ],
)  # fmt: skip
def test_mistakes_outside_the_rules(change: tuple[str, str], wrong: str) -> None:
    text = (HEAD + "rules: []\n").replace(*change)
    assert text != HEAD + "rules: []\n"
    assert problems(text, allowed_domains=["example.org"], templates={"press", "general"}) == ["rules.yaml:" + wrong]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    found = of_rules("""
        - name: one
          when: {txt: hola}
          then: {unit: nobody}
        - name: two
          when: {text: am*}
          then: {tags: A B}
    """)
    assert [f.split(" ")[0] for f in found] == ["2:10", "3:16", "5:16", "6:16"]


def test_words_divided_by_commas_are_placed_each_on_its_own() -> None:
    found = of_rules("""
        - name: one
          when:
            text: uno dos, am*,
              tres, b*
          then: {unit: press}
    """)
    assert [f.split(" | ")[0] for f in found] == [
        "3:20 “am*” in “am*” would match far too much",
        "4:13 “b*” in “b*” would match far too much",
    ]


def test_words_keep_what_was_written(make: Make) -> None:
    rules = make("""
        - name: norwegian
          when: {text: no}
          then: {unit: press}
        - name: clock
          when: {text: [12:30, 012, 'yes', on]}
          then: {unit: press}
    """)
    assert set(rules.phrases) == {"no", "12:30", "012", "yes", "on"}


def test_a_file_with_all_there_is_loads_without_warning() -> None:
    rules = load(EVERYTHING, allowed_domains=["example.org"], templates={"general", "press", "brief"})
    assert rules.warnings == ()
    assert rules.uses_history
    assert rules.staff == "staff@example.org"
    assert (rules.enough, rules.lead) == (4, 2)


def test_a_rule_set_travels_by_pickle(make: Make) -> None:
    rules = load(EVERYTHING)
    copy: RuleSet = pickle.loads(pickle.dumps(rules))
    mail = message("una amenaza. El expediente 77-AB", subject="nota verbal")
    assert decide(mail, context(), copy) == decide(mail, context(), rules)
    assert copy.hash == rules.hash
    assert [r.name for r in copy.rules] == [r.name for r in rules.rules]


EVERYTHING = """\
staff: staff@example.org
default_unit: help
enough: 4
lead: 2
negation:
  within: 2
  words: {es: [no, sin], en: no, pt: sem, fr: pas}
  except: {es: no solo, en: not only, pt: nao so, fr: pas seulement}
lists:
  threats: {es: amenaz*, en: threat*, pt: ameac*, fr: menac*}
units:
  help:
    names: {es: Ayuda, en: Help, pt: Ajuda, fr: Aide}
    mailbox: help@example.org
  press:
    names: {es: Prensa, en: Press, pt: Imprensa, fr: Presse}
    mailbox: press@example.org
    language: en
    template: press
    fallback: help
rules:
  - name: everything
    note: for the test
    from: 2026-01-01
    until: 2026-12-31
    enabled: yes
    when:
      any:
        - text: {all: <threats>, at_least: 1, not_denied: yes}
        - subject: [nota verbal, "note verbale"]
        - quoted: hola
        - forwarded: hola
        - signature: hola
        - attachments: informe
        - sender_name: gaceta
        - anywhere: hola
        - near: {first: uno, second: dos, within: 3, in: said, not_denied: no}
        - matches: {in: said, pattern: "expediente [0-9]{2}-[a-z]{2}"}
        - sender: ["@example.org", "*@*.example.net", ana@example.com]
        - recipient: support@example.org
        - language: [es, other, unknown, ht]
        - references: [petition, P-123-20, "12.345"]
        - attachment_types: [.pdf, image/*]
        - has_attachments: yes
        - header: {name: X-Priority, says: high}
        - size: {at_least: 1MB, at_most: 5 MB}
        - length: {in: said, at_most: 3}
        - channel: [post, in-person]
        - kind: bounce
        - silent: [list, no]
        - defect: broken-mime
        - wrote_before: no
        - all:
            - time: {from: "18:00", until: "08:00"}
            - day: [saturday, sunday]
          none:
            - text: hola
    then:
      unit: press
      points: 2 to 5
      copies: [help]
      tags: [media, _note]
      sensitive: yes
      template: brief
    examples:
      - hola, nota verbal
      - text: amenaza
        matches: yes
  - name: later
    when: {tag: [media, _note]}
    then: {urgent: yes, silence: asked for by the office, decides: no, stop: yes}
"""


@pytest.mark.parametrize(
    ("rules", "warning"),
    [
        ("- name: a\n  when: {text: {es: [amenaza*, amenaza de muerte], en: x1, pt: x2, fr: x3}}\n  then: {unit: press}\n", "“amenaza de muerte” adds nothing: “amenaza*” (line 2) finds it already | delete one of them"),
        ("- name: a\n  when: {text: [hola, adios, Hola]}\n  then: {unit: press}\n", "“hola” stands in this list twice | delete one"),
        ("- name: a\n  when: {text: [hola, dos  tres]}\n  then: {unit: press}\n", "“dos  tres” has a gap between its words | put the comma that is missing, or leave one space"),
        ("- name: a\n  when: {text: {es: hola, en: hello}}\n  then: {unit: press}\n", "“text” has no words in pt, fr | add them, or write all: for words of no language"),
        ("- name: a\n  when: {text: hola, none: [text: [hola, adios]]}\n  then: {unit: press}\n", "rule “a” can never match: every word that it asks for stands under none: too | take the words out of one of the two"),
        ("- name: a\n  when: {text: [hola, adios]}\n  then: {unit: press, stop: yes}\n- name: b\n  when: {text: hola, language: es}\n  then: {unit: press}\n", "rule “b” is never reached: “a” (line 1) stops before it | put the narrower rule first, or delete it"),
        ("- name: a\n  when: {text: [hola, adios]}\n  then: {unit: press, decides: yes}\n- name: b\n  when: {subject: hola}\n  then: {unit: help, decides: yes}\n", "rule “b” never decides: “a” (line 1) decides before it | put the narrower rule first, or delete it"),
    ],
)  # fmt: skip
def test_what_may_not_be_meant_is_a_warning_and_loads(rules: str, warning: str) -> None:
    loaded = load(
        head_with(rules + "- name: z\n  when: {text: zzz}\n  then: {unit: precautionary-measures, copies: press}\n")
    )
    found = [
        f"{p.what} | {p.mend}".replace(f"line {FIRST + 1}", "line 2").replace(f"line {FIRST}", "line 1")
        for p in loaded.warnings
    ]
    assert found == [warning]
    assert all(p.warning for p in loaded.warnings)


def test_units_and_lists_that_nothing_names_are_warnings() -> None:
    text = head_with(RULE).replace("rules:", "lists:\n  spare: {es: uno, en: one}\nrules:")
    assert [str(w) for w in load(text).warnings] == [
        "rules.yaml:10:3: warning: no rule names the unit “precautionary-measures”\n    write a rule for it, or delete the unit",
        "rules.yaml:14:3: warning: no rule uses the list “spare”\n    write <spare> in a condition, or delete the list",
        "rules.yaml:14:3: warning: the list “spare” has no words in pt, fr\n"
        "    add them, or the rules miss messages in that language",
    ]


def test_the_problem_names_the_file_it_was_given() -> None:
    with pytest.raises(Rejected) as rejected:
        load("default_unit: x\n", "office/rules.yaml")
    assert isinstance(rejected.value.problems[0], Problem)
    assert str(rejected.value).startswith("office/rules.yaml:1:1: ")


def test_an_alias_bomb_costs_nothing() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert len(problems(bomb)) < 60


def test_text_blocks_are_words_too(make: Make) -> None:
    text = textwrap.dedent("""
        - name: a
          when:
            text: |
              uno dos
              tres, cuatro
          then: {unit: press}
    """)
    assert set(make(text).phrases) == {"uno dos", "tres", "cuatro"}
