-- The business database. Times are milliseconds since 1970 (INTEGER), ids and JSON are TEXT.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Configured objects. `settings` is the object as JSON without its secret; `secret` is what is kept of that:
-- argon2id (users, agents), the two HA1 values (phones).
CREATE TABLE users   (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE agents  (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE phones  (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE queues  (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE numbers (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE flows   (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;

-- Ids minted for names. They outlive the object, so an old fact's seat never becomes somebody else's.
CREATE TABLE ids (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    id   TEXT NOT NULL UNIQUE,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;

CREATE TABLE sessions (
    id              TEXT PRIMARY KEY,
    user            TEXT NOT NULL,
    dialled         TEXT NOT NULL,
    opened          INTEGER NOT NULL,
    total_ms        INTEGER NOT NULL,
    self_service_ms INTEGER NOT NULL,
    queue_ms        INTEGER NOT NULL,
    ring_ms         INTEGER NOT NULL,
    talk_ms         INTEGER NOT NULL,
    hold_ms         INTEGER NOT NULL,
    in_ivr_ms       INTEGER NOT NULL,
    other_ms        INTEGER NOT NULL,
    wrap_up_ms      INTEGER NOT NULL,
    agent           TEXT,
    queue           TEXT,
    cause           TEXT NOT NULL,
    ended_by        TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (opened);

-- Every fact of a session: one line of JSON each.
CREATE TABLE facts (
    session TEXT PRIMARY KEY,
    chain   TEXT NOT NULL
);

CREATE TABLE queue_visits (
    session TEXT NOT NULL,
    n       INTEGER NOT NULL,
    queue   TEXT NOT NULL,
    since   INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    ended   TEXT NOT NULL,
    agent   TEXT,
    PRIMARY KEY (session, n)
) WITHOUT ROWID;
CREATE INDEX queue_visits_by_queue ON queue_visits (queue, since);

CREATE TABLE legs (
    session  TEXT NOT NULL,
    leg      TEXT NOT NULL,
    part     TEXT NOT NULL,
    agent    TEXT,
    added    INTEGER NOT NULL,
    answered INTEGER,
    ended    INTEGER,
    cause    TEXT,
    PRIMARY KEY (session, leg)
) WITHOUT ROWID;
