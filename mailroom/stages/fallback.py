"""Who gets what a unit's mailbox refused or bounced: the unit's fallback, then the default unit (D-09, D-15).

Where the server took only the original amiss, the unit itself gets a notice in its place (F-13, F-14, F-21).
"""

from __future__ import annotations

from mailroom import compose
from mailroom.ledger import ClaimedSubmission, Ledger
from mailroom.model import Ours, Submission, Unit
from mailroom.rules import RuleSet
from mailroom.spool import Spool


def heir(refused: ClaimedSubmission, ledger: Ledger, rules: RuleSet) -> Unit | None:
    """The next unit that has not had it, or None where nobody is left."""
    submission = refused.submission
    if submission.unit is None:
        return None
    unit = rules.units.get(submission.unit)
    tried = ledger.units_tried(submission.id)
    for slug in (unit.fallback if unit else None, rules.default_unit):
        if slug is not None and slug in rules.units and slug not in tried:
            return rules.units[slug]
    return None


def inherit(refused: ClaimedSubmission, unit: Unit, spool: Spool, ours: Ours) -> Submission:
    """The same note and original, for that unit."""
    original = spool.read(refused.original) if refused.original else None
    return compose.readdress(refused.submission, unit, ours.at(refused.inbox), original)


def lighter(refused: ClaimedSubmission, ledger: Ledger, spool: Spool, ours: Ours) -> Submission | None:
    """The notice for the same unit; None where there is no original that it could stand for."""
    folder = ledger.folder_of(refused.submission.id)
    if refused.original is None or folder is None:
        return None
    return compose.without_original(refused.submission, spool.read(refused.original), folder, ours.at(refused.inbox))
