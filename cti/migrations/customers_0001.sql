-- Customers' messages. Times are milliseconds since 1970 (INTEGER), ids and JSON are TEXT.

CREATE TABLE messages (
    n       INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    -- From 1 without a gap in each session.
    seq     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    -- Whose key it is, and the key: a repeat is known by them.
    sender  TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    private INTEGER NOT NULL,
    -- {"by", "content"}.
    body    TEXT NOT NULL,
    UNIQUE (session, seq),
    UNIQUE (session, sender, key)
);
