"""The units of a rules file: names, mailboxes, templates; and whether what a rule names exists.

Promises: no mailbox outside the allowed domains passes (T-20). May import: mailroom.model, its own room.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mailroom.model import LANGUAGES, Unit
from mailroom.rules.book import Book, entries_of, kind_of, text_of
from mailroom.rules.document import Scalar, Table, Value, nearest

UNIT_KEYS = ("names", "mailbox", "language", "template", "fallback")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,49}")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


class Units:
    """Reads `units:` and knows afterwards what there is."""

    def __init__(self, book: Book, allowed: Sequence[str] | None, templates: Collection[str] | None) -> None:
        self._book = book
        self._allowed = None if allowed is None else tuple(d.lower().lstrip("@") for d in allowed)
        self._templates = templates
        self.units: dict[str, Unit] = {}
        self.places: dict[str, Scalar] = {}

    def read(self, value: Value) -> None:
        if not isinstance(value, Table) or not value.entries:
            self._book.problems.add(
                value, f"units must have the units under it, not {kind_of(value)}", "write  press:  and its keys below"
            )
            return
        for key, part in value:
            if not _SLUG.fullmatch(key.value):
                self._book.problems.add(
                    key,
                    f"“{key.value}” cannot name a unit",
                    "use small letters, digits and hyphens, beginning with a letter",
                )
            self.places[key.value] = key
            self.units[key.value] = self._unit(key, part)
        for slug, unit in self.units.items():
            if unit.fallback is not None:
                place = value.get(slug)
                at = (place.get("fallback") if isinstance(place, Table) else None) or self.places[slug]
                self.known(unit.fallback, at)
                if unit.fallback == slug:
                    self._book.problems.add(
                        at, f"unit “{slug}” is its own fallback", "name another unit, or delete the line"
                    )

    def _unit(self, key: Scalar, value: Value) -> Unit:
        slug = key.value
        parts = entries_of(value, self._book, f"unit “{slug}”", UNIT_KEYS)
        names: dict[str, str] = {}
        if "names" in parts:
            for language, name in entries_of(parts["names"], self._book, "names", LANGUAGES).items():
                names[language] = text_of(name, self._book, f"the name in {language}") or ""
        missing = [x for x in LANGUAGES if x not in names]
        if missing:
            at = parts.get("names", key)
            self._book.problems.add(
                at, f"unit “{slug}” has no name in {', '.join(missing)}", "a unit needs its name in es, en, pt and fr"
            )
        mailbox = text_of(parts["mailbox"], self._book, "mailbox") if "mailbox" in parts else None
        if "mailbox" not in parts:
            self._book.problems.add(key, f"unit “{slug}” has no mailbox", f"write  mailbox: {slug}@your-domain")
        elif mailbox is not None:
            self.mailbox(mailbox, parts["mailbox"], f"unit “{slug}”")
        working = text_of(parts["language"], self._book, "language") if "language" in parts else "es"
        if working is not None and working not in LANGUAGES:
            self._book.problems.add(parts["language"], f"“{working}” is no working language", "write es, en, pt or fr")
        template = text_of(parts["template"], self._book, "template") if "template" in parts else None
        if template is not None:
            self.template(template, parts["template"])
        fallback = text_of(parts["fallback"], self._book, "fallback") if "fallback" in parts else None
        return Unit(slug, names, mailbox or "", working or "es", template, fallback)

    def mailbox(self, address: str, at: Value, what: str) -> None:
        if not _MAILBOX.fullmatch(address):
            self._book.problems.add(at, f"“{address}” is no e-mail address", "write  name@domain, in plain letters")
            return
        domain = address.rsplit("@", 1)[1].lower()
        if self._allowed is not None and domain not in self._allowed:
            self._book.problems.add(
                at,
                f"{what}: “{address}” lies outside the domains to which mail may go",
                "allowed: " + ", ".join(self._allowed) + " (config.toml, [forwarding] allowed_domains)",
            )

    def template(self, name: str, at: Value) -> None:
        if self._templates is not None and name not in self._templates:
            self._book.problems.add(at, f"there is no template “{name}”", nearest(name, self._templates))

    def known(self, slug: str, at: Value) -> None:
        if slug not in self.units:
            self._book.problems.add(at, f"there is no unit “{slug}”", nearest(slug, self.units))
