-- What agents keep ready; as the other configured objects.
CREATE TABLE canned_replies (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
CREATE TABLE dispositions   (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;

-- `media`: what the session had, in the order in which it gained it, with blanks between.
ALTER TABLE sessions ADD COLUMN media TEXT NOT NULL DEFAULT 'voice';
ALTER TABLE sessions ADD COLUMN display TEXT;
ALTER TABLE sessions ADD COLUMN disposition TEXT;
ALTER TABLE sessions ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_agent ON sessions (agent, opened);
CREATE INDEX sessions_by_user ON sessions (user, opened);

-- The messages of closed sessions, copied from the customers' message store. They are here before their
-- session's row is.
CREATE TABLE messages (
    session TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    -- The message as JSON.
    message TEXT NOT NULL,
    PRIMARY KEY (session, seq)
) WITHOUT ROWID;

-- Who is signed in: SHA-256 of the token. `password` tells the password that was given from a later one.
CREATE TABLE sign_ins (
    token    TEXT PRIMARY KEY,
    user     TEXT NOT NULL,
    until    INTEGER NOT NULL,
    password TEXT NOT NULL
) WITHOUT ROWID;

-- From where a user has signed in: there nobody else's wrong passwords lock the user out.
CREATE TABLE known_addresses (
    user    TEXT NOT NULL,
    address TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (user, address)
) WITHOUT ROWID;

-- Privileged acts. Rows are only ever added.
CREATE TABLE audit (
    n        INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    user     TEXT NOT NULL,
    act      TEXT NOT NULL,
    object   TEXT NOT NULL,
    address  TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is not changed'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit is not cut'); END;
