-- Forms that agents and customers fill together; as the other configured objects.
CREATE TABLE forms (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
