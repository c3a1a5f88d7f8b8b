"""The durable facts: which message is where, what is to be sent, what was sent, what is to be filed.

The verbs of `Ledger` are the seam: values of `model` and the small ones below go in and out, lists of them, and each
verb is one transaction. What is asked inside a transaction never waits for a socket. The time is an argument. A move
of state names the state it expects and fails where it is another. All SQL of the program is in this room.
"""

from __future__ import annotations

from mailroom.ledger.alarms import Alarms
from mailroom.ledger.care import Care
from mailroom.ledger.forgetting import Forgetting
from mailroom.ledger.intake import Recording
from mailroom.ledger.outbox import Outbox
from mailroom.ledger.questions import Questions
from mailroom.ledger.recovery import Recovery
from mailroom.ledger.report import Reporting
from mailroom.ledger.restoring import Restoring
from mailroom.ledger.soundness import Soundness
from mailroom.ledger.tallies import DELAYS, Tallies, Tally, counted, latest
from mailroom.ledger.triage import Deciding
from mailroom.ledger.unanswered import Unanswered
from mailroom.ledger.values import (
    Alarm,
    Backlog,
    Claimed,
    ClaimedSubmission,
    Correction,
    Filing,
    Happened,
    Health,
    Kept,
    Overview,
    Queued,
    Reported,
    Settlement,
    Story,
    Waiting,
)


class Ledger(
    Recording,
    Deciding,
    Outbox,
    Questions,
    Recovery,
    Restoring,
    Soundness,
    Alarms,
    Care,
    Forgetting,
    Unanswered,
    Reporting,
    Tallies,
):
    """One ledger file. Each family of verbs has a module of its own in this folder."""


__all__ = [
    "DELAYS",
    "Alarm",
    "Backlog",
    "Claimed",
    "ClaimedSubmission",
    "Correction",
    "Filing",
    "Happened",
    "Health",
    "Kept",
    "Ledger",
    "Overview",
    "Queued",
    "Reported",
    "Settlement",
    "Story",
    "Tally",
    "Waiting",
    "counted",
    "latest",
]
