-- Conversations of two and of groups: each message is stored once and numbered in its conversation.

CREATE TABLE talks (
    talk    INTEGER PRIMARY KEY,
    -- Of two: both user names in their order, a blank between. Of a group: its id.
    parties TEXT NOT NULL UNIQUE,
    -- What a group is called; null where it is of two.
    title   TEXT,
    -- The number of its last message.
    last    INTEGER NOT NULL
);

-- Who is, or was, in a conversation.
CREATE TABLE members (
    member TEXT NOT NULL,
    talk   INTEGER NOT NULL REFERENCES talks (talk),
    -- The number up to which they have read.
    read   INTEGER NOT NULL,
    -- The last message they may read; null while they are in it.
    until  INTEGER,
    PRIMARY KEY (member, talk)
) WITHOUT ROWID;
CREATE INDEX members_by_talk ON members (talk);

-- What a member may read: whoever has left and come back has several of these.
CREATE TABLE spans (
    member     TEXT NOT NULL,
    talk       INTEGER NOT NULL REFERENCES talks (talk),
    first      INTEGER NOT NULL,
    -- Null while they are in it.
    last       INTEGER,
    PRIMARY KEY (member, talk, first)
) WITHOUT ROWID;

INSERT INTO talks (parties, title, last)
    SELECT min(sender, receiver) || ' ' || max(sender, receiver), NULL, count(*) FROM messages GROUP BY 1;

CREATE TABLE lines (
    line      INTEGER PRIMARY KEY,
    id        TEXT NOT NULL,
    talk      INTEGER NOT NULL REFERENCES talks (talk),
    -- Its number in the conversation, from 1 without a gap.
    n         INTEGER NOT NULL,
    sender    TEXT NOT NULL,
    -- The sender's own key: a repeat is known by it.
    key       TEXT NOT NULL,
    at        INTEGER NOT NULL,
    text      TEXT NOT NULL,
    -- What it quotes, as JSON.
    quote     TEXT,
    -- What it carries.
    file      TEXT,
    file_name TEXT,
    file_mime TEXT,
    file_size INTEGER,
    -- Whom it names, as JSON.
    names     TEXT,
    -- What it changes about its group, as JSON; such a line has no text.
    change    TEXT,
    UNIQUE (sender, key),
    UNIQUE (talk, n)
);

INSERT INTO lines (line, id, talk, n, sender, key, at, text, quote)
    SELECT m.n, m.id, t.talk, row_number() OVER (PARTITION BY t.talk ORDER BY m.n), m.sender, m.key, m.at, m.text, m.quote
    FROM messages m JOIN talks t ON t.parties = min(m.sender, m.receiver) || ' ' || max(m.sender, m.receiver);

-- What was acknowledged counts as read: nobody finds years of it unread.
INSERT INTO members (member, talk, read)
    SELECT p.member, p.talk, coalesce(max(CASE WHEN m.receiver = p.member
            AND m.seq <= coalesce((SELECT got FROM boxes WHERE owner = p.member), 0) THEN l.n END), 0)
    FROM (SELECT sender AS member, talk FROM lines UNION SELECT m.receiver, l.talk FROM messages m JOIN lines l ON l.line = m.n) p
        JOIN lines l ON l.talk = p.talk JOIN messages m ON m.n = l.line
    GROUP BY p.member, p.talk;
INSERT INTO spans (member, talk, first) SELECT member, talk, 1 FROM members;

-- What has not been acknowledged: its number in its owner's box, and which message it is.
CREATE TABLE waiting (
    owner TEXT NOT NULL,
    seq   INTEGER NOT NULL,
    line  INTEGER NOT NULL REFERENCES lines (line),
    PRIMARY KEY (owner, seq)
) WITHOUT ROWID;
INSERT INTO waiting (owner, seq, line) SELECT m.receiver, m.seq, m.n FROM messages m
    WHERE m.seq > coalesce((SELECT got FROM boxes WHERE owner = m.receiver), 0);

-- The last number of each box.
ALTER TABLE boxes ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
INSERT INTO boxes (owner, got, last) SELECT receiver, 0, max(seq) FROM messages WHERE true GROUP BY receiver
    ON CONFLICT (owner) DO UPDATE SET last = excluded.last;

DROP TABLE messages;
ALTER TABLE lines RENAME TO messages;
CREATE INDEX messages_by_file ON messages (file) WHERE file IS NOT NULL;

-- What is searched: texts and names of files, by three characters at a time, so that no blanks between words are needed.
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'trigram');
INSERT INTO words (rowid, text) SELECT line, text FROM messages;
