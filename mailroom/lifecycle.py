"""The states of a message and of a submission, their legal moves, when to retry, when an answer is allowed.

Everything that moves a state looks here; the ledger enforces it. Pure: tables and functions of their arguments.

What is where, and what a power cut leaves behind (D-numbers: the crash windows, each with its test):

    state         inbox   spool  message   submissions             if the power goes here
    S0 seen         +       -      -          -                    next poll sees it (D-01)
    S1 spooled      +       +      -          -                    fetched again, same bytes, same name (D-02, D-03)
    S2 recorded     +       +   recorded      -                    triaged again one by one; tries count (D-04, D-16)
    S3 queued       +       +   decided    all queued              dispatched (D-05)
    S4 under way    +       +   decided    some sending, deferred  forward: queued again (D-06, D-08);
                                                                   acknowledgement: unknown, for ever (D-07)
    S5 delivered    +       +   decided    forwards accepted       acknowledged if allowed, then filed (D-12)
    S6 moved        -       +   decided    as S5                   gone from the inbox: recorded filed (D-10, D-11)
    S7 filed     folder     +    filed     final                   nothing to do
    S8 forgotten folder     -    filed     emptied                 retention runs again; counts stay

"May it be answered" is asked three times: of the kind of mail (message/automatic), of staff's rules (rules/decide),
and here of the person and the hour, in the transaction that takes the permission (ledger.claim_submissions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from mailroom.model import Outcome, Result, Scope, SilenceCode, SubmissionKind


class MessageState(StrEnum):
    RECORDED = "recorded"
    DECIDED = "decided"
    FILED = "filed"


class SubmissionState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"


_M, _S = MessageState, SubmissionState

MESSAGE_MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    _M.RECORDED: frozenset({_M.DECIDED}),
    _M.DECIDED: frozenset({_M.FILED, _M.RECORDED}),  # recorded anew: staff dropped it into Reroute
    _M.FILED: frozenset({_M.RECORDED}),
}

SUBMISSION_MOVES: Mapping[SubmissionState, frozenset[SubmissionState]] = {
    _S.QUEUED: frozenset({_S.SENDING, _S.CANCELLED}),
    _S.SENDING: frozenset({_S.ACCEPTED, _S.DEFERRED, _S.FAILED, _S.UNKNOWN, _S.QUEUED}),
    _S.DEFERRED: frozenset({_S.SENDING, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.BOUNCED}),  # by a DSN with a valid token, once
    _S.FAILED: frozenset(),
    _S.UNKNOWN: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.BOUNCED: frozenset(),
}

OPEN = frozenset({_S.QUEUED, _S.SENDING, _S.DEFERRED})
"""A submission in one of these still has something to happen to it."""


class IllegalMove(Exception):
    """A state was asked to move where the tables above do not let it; nothing was changed."""


def check_move(was: SubmissionState, becomes: SubmissionState) -> None:
    if becomes not in SUBMISSION_MOVES[was]:
        raise IllegalMove(f"a submission that is {was} cannot become {becomes}")


def check_retried_by_hand(kind: SubmissionKind, was: SubmissionState, *, forgotten: bool) -> None:
    """Whether a person may send it (again). Raises IllegalMove, in words for that person."""
    if forgotten:
        raise IllegalMove("its content is no longer kept, so it cannot be sent again")
    if was in (_S.QUEUED, _S.DEFERRED):
        return
    if was is _S.SENDING:
        raise IllegalMove("it is being sent this moment")
    if was is _S.ACCEPTED:
        raise IllegalMove("it was accepted: sending it again would only repeat it")
    if kind is SubmissionKind.ACKNOWLEDGEMENT:  # promise 3: at most once, whatever anybody wishes
        raise IllegalMove(f"an acknowledgement that is {was} is never sent again: one message gets one at most")


def check_cancelled_by_hand(kind: SubmissionKind, was: SubmissionState, *, others: bool) -> None:
    """Whether a person may keep it from being sent. `others`: another forward of the message goes or went out."""
    if was not in (_S.QUEUED, _S.DEFERRED):
        raise IllegalMove(f"it is {was}: only what waits can be cancelled")
    if kind in (SubmissionKind.FORWARD, SubmissionKind.NOTICE) and not others:
        raise IllegalMove("nobody else gets this message: it would be filed unread")


# ------------------------------------------------------------------------------------------- retrying

POISON_TRIES = 3
"""After so many tries a message that kills its reader is forwarded unread (D-16)."""

FORWARD_GIVES_UP = timedelta(days=4)  # RFC 5321 section 4.5.4.1: four to five days
_DELAYS = (60, 300, 900, 1800, 3600, 7200, 14400)  # seconds


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after the given number of attempts (1 or more) for one destination."""
    return timedelta(seconds=_DELAYS[min(max(attempts, 1), len(_DELAYS)) - 1])


def link_delay(failures: int) -> timedelta:
    """How long to leave a server alone that failed so many times in a row (1 or more)."""
    return timedelta(seconds=min(5 * 2 ** (max(failures, 1) - 1), 300))


def destination(kind: SubmissionKind, outcome: Outcome, recipient: str) -> str | None:
    """Who is left alone for a while after this deferral: an address, or "@domain"; None where nobody is.

    A status about the network or the routing (X.4.Z, X.1.2; RFC 3463) speaks of the whole domain. Acknowledgements
    hold nobody: each goes to another person, and theirs are not for us to keep.
    """
    mailbox_full = (outcome.enhanced or "")[1:3] == ".2"  # said of the mailbox, in whatever phase
    if kind is SubmissionKind.ACKNOWLEDGEMENT or not (outcome.scope is Scope.RECIPIENT or mailbox_full):
        return None
    subject = (outcome.enhanced or "")[2:]
    recipient = recipient.lower()
    return f"@{recipient.rpartition('@')[2]}" if subject.startswith("4.") or subject == "1.2" else recipient


def refuses_original(kind: SubmissionKind, outcome: Outcome) -> bool:
    """Whether a server said no to a forward for its size or its content, and so may take a few words (F-13, F-21).

    5.3.4 and 5.2.3 are about size and 5.6.z about media (RFC 3463); 552 is what RFC 1870 section 6 answers, and mail
    services to attachments that they fear. Of a mailbox 552 says that it is full (5.2.2). 5.7.z is left out: it may be
    about us, and then what is held back would be held back for nothing.
    """
    if kind is not SubmissionKind.FORWARD or outcome.result is not Result.FAILED or outcome.phase == "rcpt":
        return False
    subject = (outcome.enhanced or "")[2:]
    if subject in ("3.4", "2.3") or subject.startswith("6."):
        return True
    return outcome.code in (523, 552) and not subject.startswith("2.")


LONGEST_WAIT = 900.0  # seconds; no server is left alone for longer, whatever it asks for (I-18)


def link_pause(failures: int, asked: float | None, chance: float) -> timedelta:
    """As link_delay, at least as long as the server `asked` (seconds), and up to a quarter more by `chance` (0..1).

    Chance keeps several of us from coming back all at once (RFC 5530 section 3, [UNAVAILABLE]).
    """
    wait = max(link_delay(failures).total_seconds(), asked or 0.0)
    return timedelta(seconds=min(wait * (1 + chance / 4), LONGEST_WAIT))


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a submission after an attempt."""

    state: SubmissionState
    wait: timedelta = timedelta(0)
    attempt_counts: bool = True


def after(
    kind: SubmissionKind, outcome: Outcome, attempts: int, age: timedelta, *, give_up: timedelta, last_resort: bool
) -> Next:
    """What follows from an outcome. `attempts` includes this one; `age` is the submission's.

    `last_resort`: nobody is left to fall back to, so a forward waits and tries on rather than fail (D-15).
    """
    if outcome.result is Result.ACCEPTED:
        return Next(_S.ACCEPTED)
    if outcome.scope is Scope.RELAY:
        # The relay never heard of this message: not its fault, and nothing was sent, so even an
        # acknowledgement may go out later.
        return Next(_S.QUEUED, attempt_counts=False)
    if kind is SubmissionKind.ALERT:
        last_resort = False  # T-31: nobody waits for it longer than for a forward, and nothing tells of it
    if kind is SubmissionKind.ACKNOWLEDGEMENT:
        if outcome.result is Result.UNKNOWN:
            return Next(_S.UNKNOWN)  # D-07: it counts as sent
        if outcome.result is Result.FAILED or age >= give_up:
            return Next(_S.FAILED)
        return Next(_S.DEFERRED, retry_delay(attempts))  # D-14
    # A forward, a notice, an alert: doubt means once more (D-06).
    if (outcome.result is Result.FAILED or age >= FORWARD_GIVES_UP) and not last_resort:
        return Next(_S.FAILED)
    return Next(_S.DEFERRED, retry_delay(attempts))


# ------------------------------------------------------------------------------------------ answering


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be answered (contract section 1)."""

    enabled: bool = True
    per_sender_per_day: int = 3
    per_sender_per_week: int = 10
    per_domain_per_hour: int = 500
    per_hour: int = 2000
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """What went out before: numbers of acknowledgements sent, or perhaps sent."""

    sender_day: int
    sender_week: int
    domain_hour: int
    hour: int
    never: bool = False  # the address is on the list of those that get no answer
    restored: bool = False  # the ledger is a restored backup: what was sent after it is not known


def allow(limits: Limits, answered: Answered, age: timedelta) -> SilenceCode | None:
    """None where an acknowledgement may go out now, else why not. `age`: since the message arrived."""
    if not limits.enabled:
        return SilenceCode.DISABLED
    if answered.restored:
        return SilenceCode.RESTORED
    if answered.never:
        return SilenceCode.NO_ANSWER
    if age > limits.within:
        return SilenceCode.STALE
    if answered.sender_day >= limits.per_sender_per_day or answered.sender_week >= limits.per_sender_per_week:
        return SilenceCode.SENDER_LIMIT
    if answered.domain_hour >= limits.per_domain_per_hour:
        return SilenceCode.DOMAIN_LIMIT
    if answered.hour >= limits.per_hour:
        return SilenceCode.GLOBAL_LIMIT
    return None
