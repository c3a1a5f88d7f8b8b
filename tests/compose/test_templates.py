"""Loading, checking and rendering the templates: a wrong set is refused whole, and every fault has its place (T-06)."""

from __future__ import annotations

import pickle
import re
from datetime import date
from html import unescape

import pytest

from mailroom.compose import TemplateSet, load_templates, preview
from mailroom.compose.templates import SAMPLE_DAY, SAMPLE_REFERENCE
from mailroom.identity import valid_reference
from mailroom.model import LANGUAGES, Problem, Rejected
from tests.compose.samples import sources, templates

KINDS = [
    "brief",
    "discreet",
    "general",
    "hearing",
    "internships",
    "measure",
    "out-of-competence",
    "petition",
    "portal",
    "press",
    "rapporteurship",
    "records",
    "settlement",
    "status",
    "urgent",
]
FORMS = [*LANGUAGES, "unknown"]


def changed(**texts: str | None) -> dict[str, str]:
    """The shipped templates with files replaced, added, or (None) taken away. "es__press" is es/press.txt."""
    made = dict(sources())
    for name, text in texts.items():
        path = name.replace("__", "/").replace("_", "-") + (".html" if name == "frame_html" else ".txt")
        path = path.replace("frame-html.html", "frame.html")
        if text is None:
            del made[path]
        else:
            made[path] = text
    return made


def problems(made: dict[str, str]) -> tuple[Problem, ...]:
    with pytest.raises(Rejected) as rejected:
        load_templates(made, "templates")
    return rejected.value.problems


def press(words: str) -> dict[str, str]:
    return changed(es__press=f"{sources()['es/press.txt']}\n{words}\n")


# ------------------------------------------------------------------------------------ the shipped set


def test_the_shipped_set_is_whole_and_has_nothing_to_say() -> None:
    assert sorted(templates().kinds) == KINDS
    assert templates().warnings == ()
    assert valid_reference(SAMPLE_REFERENCE)
    for kind in KINDS:
        assert {f"{language}/{kind}.txt" for language in LANGUAGES} <= sources().keys()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_renders_in_every_form(kind: str, form: str) -> None:
    made = templates().render(kind, form, SAMPLE_REFERENCE, SAMPLE_DAY)
    assert made.languages == ((form,) if form in LANGUAGES else LANGUAGES)
    assert "{" not in made.text
    assert "}" not in made.subject + made.sender
    assert "  " not in made.text
    assert "\n\n\n\n" not in made.text
    assert made.text.endswith("\n")
    assert (SAMPLE_REFERENCE in made.text) is not made.discreet
    assert len(made.text.encode()) < 4096
    for language in made.languages:
        assert f'lang="{language}"' in made.html


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: str, form: str) -> None:
    made = templates().render(kind, form, SAMPLE_REFERENCE, SAMPLE_DAY)
    html = unescape(re.sub(r"<[^>]+>", " ", made.html.partition("<main>")[2]))
    assert html.split() == made.text.replace("—", " ").split()


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_fetches_nothing_and_runs_nothing(kind: str) -> None:
    html = templates().render(kind, "unknown", SAMPLE_REFERENCE, SAMPLE_DAY).html.lower()
    for bad in ("<img", "<script", "<iframe", "<link", "<form", "src=", "url(", "@import", "http", "onclick", "<a "):
        assert bad not in html, bad
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "width=device-width" in html


def _luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_the_contrast_of_wcag_aa_in_light_and_dark() -> None:
    style = sources()["frame.html"]
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    for rules in (light, dark):
        found = re.search(r"background: (#\w{6}); color: (#\w{6})", rules)
        assert found
        link = re.search(r"\ba \{ color: (#\w{6})", rules)
        assert link
        assert _contrast(found[1], found[2]) >= 7
        assert _contrast(found[1], link[1]) >= 4.5


def test_links_of_the_settings_are_shown_in_text_and_html() -> None:
    made = load_templates(
        changed(
            settings=sources()["settings.txt"].replace(
                "link_portal:",
                "link_portal: https://portal.example.org/?a=1&b=2\nlink_portal_es: https://es.example.org/",
            )
        )
    )
    english = made.render("status", "en", SAMPLE_REFERENCE, SAMPLE_DAY)
    assert "(https://portal.example.org/?a=1&b=2)" in english.text
    assert (
        '<a href="https://portal.example.org/?a=1&amp;b=2">https://portal.example.org/?a=1&amp;b=2</a>' in english.html
    )
    assert "(https://es.example.org/)" in made.render("status", "es", SAMPLE_REFERENCE, SAMPLE_DAY).text
    assert "https" not in templates().render("status", "es", SAMPLE_REFERENCE, SAMPLE_DAY).text


def test_bold_is_strong_in_html_and_plain_in_text() -> None:
    made = templates().render("general", "es", SAMPLE_REFERENCE, SAMPLE_DAY)
    assert f"<strong>{SAMPLE_REFERENCE}</strong>" in made.html
    assert "*" not in made.text


def test_a_set_travels_as_its_sources() -> None:
    again = pickle.loads(pickle.dumps(templates()))
    assert isinstance(again, TemplateSet)
    assert again == templates()
    assert again.render("press", "fr", "SU-1", date(2026, 1, 2)) == templates().render(
        "press", "fr", "SU-1", date(2026, 1, 2)
    )


def test_the_hash_is_of_every_name_and_text() -> None:
    assert load_templates(sources()).hash == templates().hash
    assert load_templates(press("Una frase más.")).hash != templates().hash


def test_line_ends_of_any_system_are_read() -> None:
    made = load_templates({name: text.replace("\n", "\r\n") for name, text in sources().items()})
    assert made.render("press", "fr", SAMPLE_REFERENCE, SAMPLE_DAY) == templates().render(
        "press", "fr", SAMPLE_REFERENCE, SAMPLE_DAY
    )


# -------------------------------------------------------------------------------------------- fallback


def test_a_kind_that_lacks_a_language_falls_back_to_the_general_one_in_that_language() -> None:
    made = load_templates(changed(fr__press=None))
    assert [str(one) for one in made.warnings] == [
        "templates/fr/press.txt: warning: “press” is not written in fr\n    Until it is, “general” serves there"
    ]
    assert "press" in made.kinds
    assert made.render("press", "fr", "SU-1", SAMPLE_DAY).text == made.render("general", "fr", "SU-1", SAMPLE_DAY).text
    assert made.render("press", "es", "SU-1", SAMPLE_DAY).text != made.render("general", "es", "SU-1", SAMPLE_DAY).text


def test_a_discreet_kind_that_lacks_a_language_falls_back_to_the_discreet_one() -> None:
    made = load_templates(changed(fr__urgent=None))
    french = made.render("urgent", "fr", "SU-1", SAMPLE_DAY)
    assert french.discreet
    assert french.text == made.render("discreet", "fr", "SU-1", SAMPLE_DAY).text
    assert "SU-1" not in made.render("urgent", "unknown", "SU-1", SAMPLE_DAY).text


def test_staff_can_add_a_kind() -> None:
    made = load_templates(changed(es__training=sources()["es/press.txt"]))
    assert "training" in made.kinds


@pytest.mark.parametrize(
    ("kind", "sensitive", "expected"),
    [
        ("press", False, "press"),
        (None, False, "general"),
        ("gone", False, "general"),
        ("press", True, "discreet"),
        (None, True, "discreet"),
        ("urgent", True, "urgent"),
        ("discreet", False, "discreet"),
    ],
)
def test_which_kind_is_used(kind: str | None, sensitive: bool, expected: str) -> None:
    assert templates().resolve(kind, sensitive=sensitive) == expected


# ------------------------------------------------------------------------------------------- refusals

LAST = sources()["es/press.txt"].count("\n") + 2  # the line that press() adds


@pytest.mark.parametrize(
    ("words", "column", "what"),
    [
        ("Sobre {{ subject_line }}.", 10, "there is no value “subject_line”"),
        ("{{ said }}", 4, "there is no value “said”"),
        ("{{ message.text }}", 0, "this does more than name a value"),
        ("{{ refrence }}", 4, "there is no value “refrence”"),
        ("{{ 7 * 7 }}", 0, "this does more than name a value"),
        ('{{ "%999999999d"|format(1) }}', 0, "this does more than name a value"),
        ("{{ reference.__class__ }}", 0, "this does more than name a value"),
        ("{% for x in reference %}a{% endfor %}", 0, "this does more than name a value"),
        ("{% include 'x' %}", 0, "this does more than name a value"),
        ("{% set a = 1 %}", 0, "this does more than name a value"),
        ("{{ reference", 0, "this cannot be read"),
        ("{% if date %}a", 0, "this cannot be read"),
        ("Responderemos.", 1, "“Responderemos” sounds like a promise"),
        ("Le llamaremos mañana.", 4, "“llamaremos” sounds like a promise"),
        ("Esto tarda unas semanas.", 17, "“semanas” sounds like a promise"),
        ("En  breve habrá más.", 1, "“En  breve” sounds like a promise"),
        ("En 24 casos.", 4, "there is a figure: “2”"),
        ("Su petición ha sido recibida.", 1, "“Su petición” is a forbidden word"),
        ("Las VÍCTIMAS lo saben.", 5, "“VÍCTIMAS” is a forbidden word"),
        ("Hola a <b>todas</b>.", 8, "there is markup of web pages: “<”"),
        ("Visite https://x.example/.", 8, "there is an address: “https://”"),
        ("Visite www.x.example.", 8, "there is an address: “www.”"),
        ("Escriba a ana@x.example.", 13, "there is an address: “a@x”"),
        ("¡Hola!", 1, "there is an exclamation mark: “¡”"),
        ("palabra " * 30, 0, "words with its frame"),
    ],
)
def test_what_a_template_may_not_hold_is_named_with_its_place(words: str, column: int, what: str) -> None:
    found = [one for one in problems(press(words)) if what in one.what]
    assert found, problems(press(words))
    assert found[0].file == "templates/es/press.txt"
    assert found[0].column == column
    assert found[0].line == (LAST if "words with" not in what else 0)
    assert found[0].mend


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "We will reply."),
        ("en", "You will hear from us within ten days."),
        ("en", "Soon you will know."),
        ("pt", "A resposta chegará em breve."),
        ("pt", "Responderemos amanhã."),
        ("fr", "Nous vous répondrons."),
        ("fr", "Une réponse suivra dans les meilleurs délais."),
        ("fr", "Une réponse suivra sous dix jours."),
        ("es", "A la brevedad."),
    ],
)
def test_promises_are_noticed_in_each_language(language: str, words: str) -> None:
    made = changed(**{f"{language}__press": f"{sources()[f'{language}/press.txt']}\n{words}\n"})
    assert any("promise" in one.what for one in problems(made))


def test_all_faults_are_told_at_once() -> None:
    made = press("Responderemos a {{ nadie }} en 3 semanas!")
    assert len([one for one in problems(made) if not one.warning]) == 5


def test_the_mending_of_a_slip_names_the_right_word() -> None:
    assert "Did you mean {{ reference }}?" in problems(press("{{ refrence }}"))[0].mend
    assert "never quotes the message" in problems(press("{{ said }}"))[0].mend


@pytest.mark.parametrize("core", ["receipt", "no_decision_short", "no_resend", "emergency_short"])
def test_a_missing_core_sentence_is_noticed(core: str) -> None:
    made = changed(es__press=sources()["es/press.txt"].replace(f"{{{{ {core} }}}}", ""))
    found = problems(made)
    assert any(f"the core sentence “{core.removesuffix('_short')}” is missing" in one.what for one in found)
    assert found[0].file == "templates/es/press.txt"


def test_a_core_sentence_under_a_condition_does_not_count() -> None:
    made = changed(
        es__press=sources()["es/press.txt"].replace("{{ receipt }}", "{% if link_press %}{{ receipt }}{% endif %}")
    )
    assert any("“receipt” is missing" in one.what for one in problems(made))


def test_the_reference_note_is_core_but_not_for_discreet_ones() -> None:
    made = changed(frame=sources()["frame.txt"].replace("{{ reference_note }}", ""))
    assert {one.file for one in problems(made)} == {
        f"templates/{language}/{kind}.txt"
        for language in LANGUAGES
        for kind in KINDS
        if kind not in ("discreet", "urgent")
    }


@pytest.mark.parametrize(
    "words", ["{{ reference }}", "{{ date }}", "{{ link_portal }}", "{{ reference_note }}", "{{ emergency }}"]
)
def test_a_discreet_template_cannot_give_a_number_a_date_or_a_link(words: str) -> None:
    made = changed(es__discreet=f"{sources()['es/discreet.txt']}\n{words}\n")
    assert any("a discreet acknowledgement gives" in one.what for one in problems(made))


@pytest.mark.parametrize("words", ["La CIDH lo leerá.", "Es urgente.", "Sobre su expediente.", "Sobre la medida."])
def test_a_discreet_template_has_forbidden_words_of_its_own(words: str) -> None:
    made = changed(es__discreet=f"{sources()['es/discreet.txt']}\n{words}\n")
    assert any("forbidden word" in one.what and one.file.endswith("es/discreet.txt") for one in problems(made))
    load_templates(press(words))


def test_a_sentence_that_discreet_ones_share_is_held_to_their_list() -> None:
    made = dict(sources())
    made["es/sentences.txt"] = made["es/sentences.txt"].replace("no_resend: No", "no_resend: En la CIDH no")
    line = made["es/sentences.txt"].partition("no_resend:")[0].count("\n") + 1
    assert any("“CIDH” is a forbidden word" in one.what and one.line == line for one in problems(made))


def test_a_kind_is_discreet_in_all_languages_or_in_none() -> None:
    made = changed(es__urgent=sources()["es/urgent.txt"].replace("Discreet: yes", "Discreet: no"))
    assert any("is discreet in another language, not here" in one.what for one in problems(made))
    made = changed(es__urgent=sources()["es/urgent.txt"].replace("Discreet: yes", "Discreet: maybe"))
    assert any("“maybe” is neither yes nor no" in one.what for one in problems(made))
    made = {name: text.replace("Discreet: yes", "") for name, text in sources().items()}
    assert any("does not say that it is discreet" in one.what for one in problems(made))


@pytest.mark.parametrize(
    "name",
    ["settings", "frame", "frame_discreet", "forbidden", "frame_html", "es__sentences", "fr__general", "pt__discreet"],
)
def test_a_missing_file_is_named(name: str) -> None:
    assert any("this file is missing" in one.what for one in problems(changed(**{name: None})))


@pytest.mark.parametrize("name", ["subject", "sender", "sender_discreet", "language_name"])
def test_a_missing_sentence_is_named(name: str) -> None:
    made = dict(sources())
    made["pt/sentences.txt"] = re.sub(rf"(?m)^{name}:.*\n", "", made["pt/sentences.txt"])
    assert any(f"the sentence “{name}” is missing" in one.what for one in problems(made))


def test_a_subject_holds_no_values() -> None:
    made = dict(sources())
    made["pt/sentences.txt"] = re.sub(r"(?m)^subject:.*", "subject: Sobre {{ reference }}", made["pt/sentences.txt"])
    assert any("“subject” can hold no values" in one.what for one in problems(made))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no entry here\n", "this is no entry"),
        ("  begins with a blank\n", "this line belongs to no name"),
        ("receipt: a\nreceipt: b\n", "“receipt” stands twice"),
        ("other: {{ receipt }}\n", "there is no value “receipt”"),
    ],
)
def test_faults_of_the_sentences_file(text: str, what: str) -> None:
    made = changed(es__sentences=text + sources()["es/sentences.txt"])
    assert any(what in one.what for one in problems(made))


@pytest.mark.parametrize(
    ("line", "what", "warning"),
    [
        ("link_x: http://x.example/", "is no address of a page", False),
        ("link_x: https://x.example/ y", "is no address of a page", False),
        ('link_x: https://x.example/"onclick="x', "is no address of a page", False),
        ("link_x: javascript:alert(1)", "is no address of a page", False),
        ("colour: red", "is used by nothing", True),
    ],
)
def test_faults_of_the_settings(line: str, what: str, warning: bool) -> None:
    made = changed(settings=f"{sources()['settings.txt']}\n{line}\n")
    if warning:
        assert any(what in one.what for one in load_templates(made).warnings)
    else:
        assert any(what in one.what for one in problems(made))


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="x.png">',
        "<script>1</script>",
        "<style>body{background:url(x)}</style>",
        '<link rel="stylesheet">',
        '<p onclick="x">',
        '<a href="https://x.example">x</a>',
    ],
)
def test_the_page_around_may_fetch_nothing(markup: str) -> None:
    made = changed(frame_html=sources()["frame.html"].replace("<main>", f"<main>{markup}"))
    assert any("no images, trackers or scripts" in one.mend for one in problems(made))


def test_the_page_around_must_use_what_it_is_given() -> None:
    assert any("never uses “sections”" in one.what for one in problems(changed(frame_html="<html></html>")))
    assert any("cannot be read" in one.what for one in problems(changed(frame_html="{% if %}")))
    broken = sources()["frame.html"].replace("{{ subject }}", "{{ subject }}{{ nothing }}")
    assert any("cannot be rendered" in one.what for one in problems(changed(frame_html=broken)))


def test_a_frame_without_a_place_is_refused() -> None:
    assert any(
        "has no place" in one.what for one in problems(changed(frame="{{ greeting }}\n\n{{ reference_note }}\n"))
    )


@pytest.mark.parametrize("name", ["press.txt", "it/press.txt", "es/Press.txt", "es/notes.md", "ES/press.txt"])
def test_a_file_that_nothing_uses_is_a_warning(name: str) -> None:
    made = load_templates({**sources(), name: "x"})
    assert [one.what for one in made.warnings] == ["this file is used by nothing"]
    assert made.warnings[0].file == f"templates/{name}"


def test_an_empty_template_is_refused() -> None:
    assert any("has no text" in one.what for one in problems(changed(es__press="# only a comment\n")))


def test_problems_say_the_folder_they_were_told() -> None:
    with pytest.raises(Rejected) as rejected:
        load_templates(press("{{ nadie }}"), "/etc/mailroom/templates")
    assert str(rejected.value).startswith(f"/etc/mailroom/templates/es/press.txt:{LAST}:4: there is no value “nadie”")


def test_no_templates_at_all_is_refused() -> None:
    assert problems({})


# --------------------------------------------------------------------------------------------- preview


def test_the_preview_shows_every_kind_in_every_form() -> None:
    page = preview(templates())
    assert page.count("<article") == len(KINDS) * 5
    assert page.count("<iframe sandbox") == len(KINDS) * 5
    assert "<script" not in page


def test_the_preview_can_show_one() -> None:
    page = preview(templates(), ["press"], ["fr"])
    assert page.count("<article") == 1
    assert "press-fr" in page
    assert preview(templates(), ["gone"]).count("<article") == 0


@pytest.mark.parametrize(
    ("language", "line"),
    [("other:ht", "Nou resevwa mesaj ou a."), ("other:nl", "Wij hebben uw bericht ontvangen."), ("other:de", None)],
)
@pytest.mark.parametrize("kind", ["general", "discreet"])
def test_the_reply_in_four_languages_opens_in_the_persons_own_where_it_is_known(
    kind: str, language: str, line: str | None
) -> None:
    made = templates().render(kind, language, SAMPLE_REFERENCE, SAMPLE_DAY)
    plain = templates().render(kind, "unknown", SAMPLE_REFERENCE, SAMPLE_DAY)
    if line is None:
        assert made == plain
        return
    assert made.text == f"{line}\n\n\n{plain.text}"
    assert f'<section lang="{language[-2:]}" dir="ltr">\n<p>{line}</p>' in made.html
    assert made.languages == plain.languages
