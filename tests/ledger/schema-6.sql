-- A ledger of schema 6, as SQL: what schema-1.sql holds, as that release brought it there. Read by tests/ledger/test_upgrade.py.
PRAGMA user_version = 6;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'mailroom','first','2026-11-02 12:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'mailroom','alarms','2026-11-02 12:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'mailroom','tallies','2026-11-02 12:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'mailroom','forgotten','2026-11-02 12:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'mailroom','unanswered','2026-11-02 12:00:00.000000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'mailroom','hold','2026-11-02 12:00:00.000000+00:00');
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
;
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
INSERT INTO "arrival" VALUES(1,1,'inbox','INBOX',7,225336,'filed',1793620800.0);
INSERT INTO "arrival" VALUES(2,2,'inbox','INBOX',7,8380,'open',1793620800.0);
INSERT INTO "arrival" VALUES(3,3,'inbox','INBOX',7,247577,'open',1793620800.0);
INSERT INTO "arrival" VALUES(4,4,'inbox','INBOX',7,1,'open',1793620800.0);
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
INSERT INTO "history" VALUES(1,1793620800.0,1,NULL,NULL,'recorded','arrived',NULL);
INSERT INTO "history" VALUES(2,1793620800.0,2,NULL,NULL,'recorded','arrived',NULL);
INSERT INTO "history" VALUES(3,1793620800.0,3,NULL,NULL,'recorded','arrived',NULL);
INSERT INTO "history" VALUES(4,1793620800.0,1,NULL,'recorded','decided','to be acknowledged',NULL);
INSERT INTO "history" VALUES(5,1793620800.0,2,NULL,'recorded','decided','to be acknowledged',NULL);
INSERT INTO "history" VALUES(6,1793620800.0,3,NULL,'recorded','decided','to be acknowledged',NULL);
INSERT INTO "history" VALUES(7,1793620800.0,1,'SU-2026-000001-G/forward/press/0','queued','sending','attempt',NULL);
INSERT INTO "history" VALUES(8,1793620800.0,2,'SU-2026-000002-E/forward/press/0','queued','sending','attempt',NULL);
INSERT INTO "history" VALUES(9,1793620800.0,3,'SU-2026-000003-C/forward/press/0','queued','sending','attempt',NULL);
INSERT INTO "history" VALUES(10,1793620800.0,1,'SU-2026-000001-G/forward/press/0','sending','accepted','test',NULL);
INSERT INTO "history" VALUES(11,1793620800.0,2,'SU-2026-000002-E/forward/press/0','sending','accepted','test',NULL);
INSERT INTO "history" VALUES(12,1793620800.0,3,'SU-2026-000003-C/forward/press/0','sending','deferred','test',NULL);
INSERT INTO "history" VALUES(13,1793620800.0,1,'SU-2026-000001-G/acknowledgement/-/0','queued','sending','attempt',NULL);
INSERT INTO "history" VALUES(14,1793620800.0,2,'SU-2026-000002-E/acknowledgement/-/0','queued','sending','attempt',NULL);
INSERT INTO "history" VALUES(15,1793620800.0,1,'SU-2026-000001-G/acknowledgement/-/0','sending','accepted','test',NULL);
INSERT INTO "history" VALUES(16,1793620800.0,1,NULL,'decided','filed','Done/press',NULL);
INSERT INTO "history" VALUES(17,1793620800.0,4,NULL,NULL,'recorded','arrived',NULL);
CREATE TABLE hold (destination TEXT PRIMARY KEY, failures INTEGER NOT NULL, until REAL NOT NULL) STRICT;
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
, forgotten_at REAL) STRICT;
INSERT INTO "message" VALUES(1,'SU-2026-000001-G','ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',1,'filed',0,1,1793620800.0,'inbox',1793620800.0,1793620800.0,1793620800.0,1793620800.0,NULL,0,NULL,'sender','press','Done/press','press','unknown',NULL,0,'','',NULL);
INSERT INTO "message" VALUES(2,'SU-2026-000002-E','3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d',1,'decided',0,1,1793620800.0,'inbox',1793620800.0,1793620800.0,1793620800.0,NULL,NULL,0,NULL,'sender','press','Done/press','press','unknown',NULL,0,'','',NULL);
INSERT INTO "message" VALUES(3,'SU-2026-000003-C','2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6',1,'decided',0,1,1793620800.0,'inbox',1793620800.0,1793620800.0,1793620800.0,NULL,NULL,0,NULL,'sender','press','Done/press','press','unknown',NULL,0,'','',NULL);
INSERT INTO "message" VALUES(4,'SU-2026-000004-A','18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4',1,'recorded',0,0,1793620800.0,'inbox',1793620800.0,1793620800.0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('key','9878553a821e9a2c518310843c4e112c876fd45224355edd2c13f370dcebbbfb');
INSERT INTO "meta" VALUES('number:2026','4');
INSERT INTO "meta" VALUES('last_poll','2026-11-02T12:00:00+00:00');
INSERT INTO "meta" VALUES('policy','pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp');
INSERT INTO "meta" VALUES('policy_since','2026-11-02T12:00:00+00:00');
INSERT INTO "meta" VALUES('policy_problem','');
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
INSERT INTO "submission" VALUES('SU-2026-000001-G/forward/press/0',1,'forward','press','accepted',1,1,1793624400.0,1,'bounces+t@example.org','press@example.org','<SU-2026-000001-G/forward/press/0@example.org>','token-SU-2026-000001-G/forward/press/0',X'5375626A6563743A20780D0A0D0A',1,X'','0000000000000000000000000000000000000000000000000000000000000000',14,NULL,NULL,1793620800.0,1793620800.0,'test');
INSERT INTO "submission" VALUES('SU-2026-000001-G/acknowledgement/-/0',1,'acknowledgement',NULL,'accepted',1,1,1793624400.0,1,'','press@example.org','<SU-2026-000001-G/acknowledgement/-/0@example.org>',NULL,X'5375626A6563743A20780D0A0D0A',0,X'','0000000000000000000000000000000000000000000000000000000000000000',14,'sender','domain',1793620800.0,1793620800.0,'test');
INSERT INTO "submission" VALUES('SU-2026-000002-E/forward/press/0',2,'forward','press','accepted',1,1,1793624400.0,1,'bounces+t@example.org','press@example.org','<SU-2026-000002-E/forward/press/0@example.org>','token-SU-2026-000002-E/forward/press/0',X'5375626A6563743A20780D0A0D0A',1,X'','0000000000000000000000000000000000000000000000000000000000000000',14,NULL,NULL,1793620800.0,1793620800.0,'test');
INSERT INTO "submission" VALUES('SU-2026-000002-E/acknowledgement/-/0',2,'acknowledgement',NULL,'sending',1,1,1793620800.0,1,'','press@example.org','<SU-2026-000002-E/acknowledgement/-/0@example.org>',NULL,X'5375626A6563743A20780D0A0D0A',0,X'','0000000000000000000000000000000000000000000000000000000000000000',14,'sender','domain',1793620800.0,1793620800.0,NULL);
INSERT INTO "submission" VALUES('SU-2026-000003-C/forward/press/0',3,'forward','press','deferred',1,1,1793624400.0,1,'bounces+t@example.org','press@example.org','<SU-2026-000003-C/forward/press/0@example.org>','token-SU-2026-000003-C/forward/press/0',X'5375626A6563743A20780D0A0D0A',1,X'','0000000000000000000000000000000000000000000000000000000000000000',14,NULL,NULL,1793620800.0,1793620800.0,'test');
INSERT INTO "submission" VALUES('SU-2026-000003-C/acknowledgement/-/0',3,'acknowledgement',NULL,'queued',1,0,1793620800.0,0,'','press@example.org','<SU-2026-000003-C/acknowledgement/-/0@example.org>',NULL,X'5375626A6563743A20780D0A0D0A',0,X'','0000000000000000000000000000000000000000000000000000000000000000',14,'sender','domain',1793620800.0,1793620800.0,NULL);
CREATE TABLE tally (
    name   TEXT NOT NULL,
    labels TEXT NOT NULL,
    value  REAL NOT NULL,
    PRIMARY KEY (name, labels)
) STRICT, WITHOUT ROWID
;
CREATE TABLE unanswered (sender_key TEXT PRIMARY KEY, at REAL NOT NULL, cause TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX message_due ON message (due_at) WHERE state = 'recorded';
CREATE INDEX message_open ON message (id) WHERE state = 'decided';
CREATE INDEX message_sender ON message (sender_key, recorded_at);
CREATE INDEX arrival_open ON arrival (message) WHERE state <> 'filed';
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
CREATE INDEX history_message ON history (message)
;
CREATE INDEX submission_bounced ON submission (message) WHERE state = 'bounced';
COMMIT;
