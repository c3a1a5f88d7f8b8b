"""The durable facts: which message is where, what is to be sent, what was sent, what is to be filed.

The verbs of `Ledger` are the seam: values of `model` and the small ones below go in and out, lists of them, and each
verb is one transaction. What is asked inside a transaction never waits for a socket. The time is an argument.
"""

from __future__ import annotations

from mailroom.ledger.sqlite import Ledger
from mailroom.ledger.values import Claimed, ClaimedSubmission, Filing, Health, Overview, Settlement, Story, Waiting

__all__ = ["Claimed", "ClaimedSubmission", "Filing", "Health", "Ledger", "Overview", "Settlement", "Story", "Waiting"]
