"""The schema, release by release. Each step and the note that it ran are one transaction (sqlite-utils).

A released step never changes again; a new one is added below it. SCHEMA counts them, and an older program refuses a
newer ledger. All times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

steps = Migrations("mailroom")

SCHEMA = 7


@steps()
def first(db: Database) -> None:
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@steps()
def alarms(db: Database) -> None:
    db.conn.execute(_ALARMS)


@steps()
def tallies(db: Database) -> None:
    db.conn.execute(_TALLIES)


@steps()
def forgotten(db: Database) -> None:
    db.conn.execute("ALTER TABLE message ADD COLUMN forgotten_at REAL")


@steps()
def unanswered(db: Database) -> None:
    db.conn.execute(
        "CREATE TABLE unanswered (sender_key TEXT PRIMARY KEY, at REAL NOT NULL, cause TEXT NOT NULL) STRICT"
    )


@steps()
def hold(db: Database) -> None:
    db.conn.execute(
        "CREATE TABLE hold (destination TEXT PRIMARY KEY, failures INTEGER NOT NULL, until REAL NOT NULL) STRICT"
    )
    db.conn.execute("CREATE INDEX submission_bounced ON submission (message) WHERE state = 'bounced'")


@steps()
def inboxes(db: Database) -> None:
    """Several inboxes: "" is the one that was alone. SQLite changes no UNIQUE, so the table is made anew."""
    for statement in _INBOXES.split(";"):
        db.conn.execute(statement)


_FIRST = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    reference    TEXT NOT NULL UNIQUE,
    sha256       TEXT NOT NULL UNIQUE,
    size         INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('recorded', 'decided', 'filed')),
    claimed      INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    due_at       REAL NOT NULL,
    channel      TEXT NOT NULL,
    received_at  REAL,
    recorded_at  REAL NOT NULL,
    decided_at   REAL,
    filed_at     REAL,
    correction   TEXT,
    generation   INTEGER NOT NULL DEFAULT 0,
    conversation TEXT,
    sender_key   TEXT,
    unit         TEXT,
    folder       TEXT,
    tags         TEXT,
    language     TEXT,
    silence      TEXT,
    urgent       INTEGER,
    policy       TEXT,
    record       TEXT
) STRICT;
CREATE INDEX message_due ON message (due_at) WHERE state = 'recorded';
CREATE INDEX message_open ON message (id) WHERE state = 'decided';
CREATE INDEX message_sender ON message (sender_key, recorded_at);

CREATE TABLE arrival (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL REFERENCES message (id),
    channel       TEXT NOT NULL,
    folder        TEXT NOT NULL,
    uidvalidity   INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'copied', 'filed')),
    seen_at       REAL NOT NULL,
    UNIQUE (folder, uidvalidity, uid)
) STRICT;
CREATE INDEX arrival_open ON arrival (message) WHERE state <> 'filed';

CREATE TABLE submission (
    id          TEXT PRIMARY KEY,
    message     INTEGER REFERENCES message (id),
    kind        TEXT NOT NULL CHECK (kind IN ('forward', 'acknowledgement', 'notice', 'alert')),
    unit        TEXT,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'failed', 'unknown',
                                               'cancelled', 'bounced')),
    priority    INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      REAL NOT NULL,
    ready       INTEGER NOT NULL,
    sender      TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    token       TEXT,
    head        BLOB NOT NULL,
    original    INTEGER NOT NULL,
    tail        BLOB NOT NULL,
    sha256      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    sender_key  TEXT,
    domain_key  TEXT,
    created_at  REAL NOT NULL,
    changed_at  REAL NOT NULL,
    reason      TEXT
) STRICT;
CREATE INDEX submission_due ON submission (kind = 'acknowledgement', priority, due_at)
    WHERE ready = 1 AND state IN ('queued', 'deferred');
CREATE INDEX submission_sending ON submission (id) WHERE state = 'sending';
CREATE INDEX submission_message ON submission (message);
CREATE INDEX submission_message_id ON submission (message_id);
CREATE UNIQUE INDEX submission_token ON submission (token) WHERE token IS NOT NULL;
CREATE INDEX answered_sender ON submission (sender_key, changed_at)
    WHERE kind = 'acknowledgement' AND state IN ('sending', 'accepted', 'unknown', 'bounced');
CREATE INDEX answered_domain ON submission (domain_key, changed_at)
    WHERE kind = 'acknowledgement' AND state IN ('sending', 'accepted', 'unknown', 'bounced');
CREATE INDEX answered ON submission (changed_at)
    WHERE kind = 'acknowledgement' AND state IN ('sending', 'accepted', 'unknown', 'bounced');

CREATE TABLE history (
    id         INTEGER PRIMARY KEY,
    at         REAL NOT NULL,
    message    INTEGER,
    submission TEXT,
    was        TEXT,
    became     TEXT NOT NULL,
    cause      TEXT NOT NULL,
    code       INTEGER
) STRICT;
CREATE INDEX history_message ON history (message)
"""

_ALARMS = """
CREATE TABLE alarm (
    code    TEXT PRIMARY KEY,
    since   REAL NOT NULL,
    last    REAL NOT NULL,
    waiting INTEGER NOT NULL,
    details TEXT NOT NULL,
    also    TEXT NOT NULL,
    told    INTEGER NOT NULL DEFAULT 0,
    told_at REAL,
    over_at REAL
) STRICT
"""

_TALLIES = """
CREATE TABLE tally (
    name   TEXT NOT NULL,
    labels TEXT NOT NULL,
    value  REAL NOT NULL,
    PRIMARY KEY (name, labels)
) STRICT, WITHOUT ROWID
"""

_INBOXES = """
CREATE TABLE arrival_anew (
    id            INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL REFERENCES message (id),
    channel       TEXT NOT NULL,
    inbox         TEXT NOT NULL,
    folder        TEXT NOT NULL,
    uidvalidity   INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'copied', 'filed')),
    seen_at       REAL NOT NULL,
    UNIQUE (inbox, folder, uidvalidity, uid)
) STRICT;
INSERT INTO arrival_anew SELECT id, message, channel, '', folder, uidvalidity, uid, state, seen_at FROM arrival;
DROP TABLE arrival;
ALTER TABLE arrival_anew RENAME TO arrival;
CREATE INDEX arrival_open ON arrival (message) WHERE state <> 'filed';
ALTER TABLE message ADD COLUMN inbox TEXT NOT NULL DEFAULT ''
"""
