-- What was recorded of collaborations: the bytes lie in files, removed before their row when their time is over.
CREATE TABLE recordings (
    collab TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    kind TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX recordings_session ON recordings (session);
CREATE INDEX recordings_ended ON recordings (ended);
