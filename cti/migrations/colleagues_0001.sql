-- Colleagues' messages. Times are milliseconds since 1970 (INTEGER), ids and JSON are TEXT, people user names.

CREATE TABLE messages (
    n        INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    sender   TEXT NOT NULL,
    receiver TEXT NOT NULL,
    -- Its number in the receiver's box, from 1 without a gap.
    seq      INTEGER NOT NULL,
    -- The sender's own key: a repeat is known by it.
    key      TEXT NOT NULL,
    at       INTEGER NOT NULL,
    text     TEXT NOT NULL,
    -- What it quotes, as JSON.
    quote    TEXT,
    UNIQUE (sender, key),
    UNIQUE (receiver, seq)
);
CREATE INDEX messages_by_two ON messages (sender, receiver, at);

-- Up to which number each box has been acknowledged.
CREATE TABLE boxes (owner TEXT PRIMARY KEY, got INTEGER NOT NULL) WITHOUT ROWID;
