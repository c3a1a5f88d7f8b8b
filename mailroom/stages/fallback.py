"""Who gets what a unit's mailbox refused or bounced: the unit's fallback, then the default unit (D-09, D-15).

The same bytes with the same Message-ID go to another recipient, so that two copies can be recognised as one and the
cover note still names the unit that was meant. The envelope sender carries a token of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mailroom.identity import make_token
from mailroom.model import Envelope, Ours, Submission
from mailroom.rules import RuleSet


def fallback(refused: Submission, tried: Collection[str], rules: RuleSet, ours: Ours) -> Submission | None:
    """What takes the place of a refused forward, or None where nobody is left."""
    if refused.unit is None:
        return None
    unit = rules.units.get(refused.unit)
    for slug in (unit.fallback if unit else None, rules.default_unit):
        if slug is None or slug == refused.unit or slug in tried or slug not in rules.units:
            continue
        job, kind, _, generation = refused.id.rsplit("/", 3)
        identity = f"{job}/{kind}/{slug}/{generation}"
        token = make_token(ours, identity)
        local, _, domain = ours.envelope_from.rpartition("@")
        envelope = Envelope(f"{local}+{token}@{domain}", rules.units[slug].mailbox)
        return replace(refused, id=identity, unit=slug, envelope=envelope, token=token)
    return None
