-- Messaging channels; as the other configured objects. Their secrets are encrypted.
CREATE TABLE channels (name TEXT PRIMARY KEY, settings TEXT NOT NULL, secret TEXT) WITHOUT ROWID;
