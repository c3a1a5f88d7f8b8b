"""All acknowledgements as staff will see them: one HTML page to look at, one Markdown page for the documentation.

Promises: sample data only; nothing is fetched, no script runs; each HTML part stands in a sandboxed frame.
May import: html, mailroom.model and its own room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from mailroom.compose.templates import SAMPLE_DAY, SAMPLE_REFERENCE, Rendered, TemplateSet
from mailroom.model import LANGUAGES

FORMS = (*LANGUAGES, "all")
"""The forms each kind has: one a language, and all four in one message."""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 72em; padding: 1em; font: 16px/1.5 system-ui, sans-serif; }
article { margin: 0 0 2.5em; padding-top: 1em; border-top: 2px solid; }
.parts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18em, 1fr)); gap: 1em; }
pre { margin: 0; padding: 1em; border: 1px solid; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
iframe { width: 100%; height: 34em; border: 1px solid; }
"""


def preview(templates: TemplateSet, kinds: Iterable[str] | None = None, forms: Iterable[str] | None = None) -> str:
    """One HTML page with every kind in every form. `kinds`, `forms`: only these ("es" "en" "pt" "fr" "all")."""
    shown = list(_every(templates, kinds, forms))
    index = " · ".join(f'<a href="#{_anchor(kind, form)}">{escape(kind)}&nbsp;{form}</a>' for kind, form, _ in shown)
    articles = "\n".join(_article(kind, form, rendered) for kind, form, rendered in shown)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Acknowledgements</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Acknowledgements</h1>\n"
        f"<p>With sample data, as people receive them: left the text, right the HTML.</p>\n<nav>{index}</nav>\n"
        f"{articles}\n</body>\n</html>\n"
    )


def catalogue(templates: TemplateSet) -> str:
    """Markdown: every kind in every form, as text."""
    lines: list[str] = []
    kind_before = ""
    for kind, form, rendered in _every(templates, None, None):
        if kind != kind_before:
            lines += [f"## {kind}", ""]
            kind_before = kind
        lines += [f"### {kind}, {form}", "", f"From: {rendered.sender}", "", f"Subject: {rendered.subject}", ""]
        lines += ["```text", rendered.text.rstrip("\n"), "```", ""]
    return "\n".join(lines)


def _every(
    templates: TemplateSet, kinds: Iterable[str] | None, forms: Iterable[str] | None
) -> Iterator[tuple[str, str, Rendered]]:
    wanted = sorted(templates.kinds if kinds is None else templates.kinds & set(kinds))
    for kind in wanted:
        for form in FORMS if forms is None else (one for one in FORMS if one in set(forms)):
            yield kind, form, templates.render(kind, form, SAMPLE_REFERENCE, SAMPLE_DAY)


def _anchor(kind: str, form: str) -> str:
    return f"{escape(kind)}-{form}"


def _article(kind: str, form: str, rendered: Rendered) -> str:
    name = _anchor(kind, form)
    languages = escape(" ".join(rendered.languages[:1]))
    return (
        f'<article id="{name}">\n<h2>{escape(kind)} · {form}{" · discreet" if rendered.discreet else ""}</h2>\n'
        f'<p lang="{languages}"><b>{escape(rendered.subject)}</b><br>{escape(rendered.sender)}</p>\n'
        f'<div class="parts"><pre lang="{languages}">{escape(rendered.text)}</pre>\n'
        f'<iframe sandbox title="{name}" loading="lazy" srcdoc="{escape(rendered.html)}"></iframe></div>\n</article>'
    )
