"""What goes into the ledger's verbs and comes out, besides the nouns of `model`: frozen values without rows or SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailroom.lifecycle import SubmissionState
from mailroom.model import Channel, Original, Submission, SubmissionKind


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message taken for triage; the try is already counted."""

    id: int
    reference: str
    original: Original
    tries: int  # including this one
    channel: Channel
    received: datetime | None
    correction: str | None
    generation: int
    inbox: str = ""  # where it was found first


@dataclass(frozen=True, slots=True)
class ClaimedSubmission:
    """A submission taken for sending; the attempt is already counted and its state is `sending`."""

    submission: Submission
    original: str | None  # the SHA-256 whose bytes stand between head and tail
    attempts: int  # including this one
    created: datetime
    reference: str
    inbox: str = ""  # where its message was found first


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed submission, and what takes its place."""

    id: str
    state: SubmissionState
    due: datetime
    cause: str
    code: int | None = None
    attempt_counts: bool = True
    replacement: Submission | None = None
    holds: str | None = None  # the destination that the others wait for as well
    answered: str | None = None  # the recipient whose server gave a definite answer about it


@dataclass(frozen=True, slots=True)
class Filing:
    """An arrival that may leave its folder."""

    arrival: int
    message: int
    reference: str
    folder: str
    uidvalidity: int
    uid: int
    target: str  # below the configured folder: "Done/press"
    keywords: tuple[str, ...]
    copied: bool  # COPY was done, the rest of the move is missing


@dataclass(frozen=True, slots=True)
class Health:
    """Counts for status and once."""

    messages: Mapping[str, int]  # by state
    submissions: Mapping[tuple[str, str], int]  # by (kind, state)
    to_triage: int  # recorded and due now
    to_send: int  # queued or deferred, due now, or being sent
    to_file: int
    oldest_open: datetime | None  # of a submission that waits
    failed_forwards: int  # forwards that were refused and went to a fallback
    meta: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person is needed for, or was until a moment ago."""

    code: str
    since: datetime
    last: datetime
    waiting: int  # occurrences that nobody was told of
    details: tuple[str, ...]
    also: tuple[str, ...]  # addresses beside [alerts] to
    told: int  # how often people were told
    told_at: datetime | None
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of the history, with what counts of its message."""

    row: int
    at: datetime
    submission: str | None  # its id; None for the message itself
    was: str | None
    became: str
    cause: str
    reference: str | None
    unit: str | None
    language: str | None
    channel: str | None
    arrived: datetime | None
    generation: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Submissions of one kind and state that are not finished."""

    kind: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, by stage."""

    to_decide: int
    oldest_undecided: datetime | None
    to_finish: int  # decided, and not yet in their folder
    outbox: tuple[Queue, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """One message in a line."""

    reference: str
    sha256: str
    recorded: datetime
    state: str
    language: str | None
    unit: str | None
    urgent: bool
    folder: str | None
    silence: str | None
    forwarded: bool  # a forward, or a notice in its place, was accepted
    answer: str | None  # the state of its acknowledgement


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the outbox."""

    id: str
    state: str
    attempts: int
    due: datetime
    reason: str | None
    since: datetime
    ready: bool  # False: an acknowledgement that waits for its forward


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    subject: str  # "message", or the id of a submission
    was: str | None
    became: str
    cause: str
    code: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """One message's history."""

    reference: str
    sha256: str
    size: int
    state: str
    unit: str | None
    folder: str | None
    silence: str | None
    steps: tuple[Step, ...]
    submissions: tuple[tuple[str, str, int, str], ...]  # (id, state, attempts, message_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message whose content is still here."""

    id: int
    reference: str
    sha256: str
    state: str
    under_way: bool  # not yet with a unit, or not yet filed


@dataclass(frozen=True, slots=True)
class Queued:
    """A submission as a person at the queue sees it; without the person's address."""

    id: str
    kind: SubmissionKind
    state: SubmissionState
    unit: str | None
    attempts: int
    due: datetime
    created: datetime
    size: int  # octets
    message_id: str
    reason: str | None  # of the last change
    forgotten: bool  # retention took its content
    others: int  # forwards of the same message that were accepted or still wait


@dataclass(frozen=True, slots=True)
class Reported:
    """A message as the report counts it."""

    recorded: datetime
    arrived: datetime  # in the mailbox, as the server says
    state: str
    channel: str
    unit: str | None
    language: str | None
    urgent: bool
    silence: str | None
    folder: str | None
    forwarded: datetime | None  # when the first forward was accepted
    acknowledged: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
    """Staff sent a message to another unit."""

    at: datetime
    was: str | None  # the unit it had gone to; None where it was not decided yet
    becomes: str
