-- External bots; as the other configured objects.
CREATE TABLE bots (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
