-- Customers. `joins`: the contact that this one has been merged into, and `joins_by` who says so: `proof` or an agent's
-- URI. Merging is this relation and nothing else, so that taking it back finds everything as it was. `name_by` is `proved`,
-- `claimed` or an agent's URI.
CREATE TABLE contacts (
    id       TEXT PRIMARY KEY,
    joins    TEXT,
    joins_by TEXT,
    version  INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    name     TEXT,
    name_by  TEXT,
    note     TEXT NOT NULL DEFAULT '',
    note_by  TEXT,
    note_at  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX contacts_by_joins ON contacts (joins) WHERE joins IS NOT NULL;

-- By which user URIs they come. `proved_as`: the customer of the company's whose it was proved to be. `shared`: it was
-- proved to be another one's too. `held`: an agent has split it off, and no proof joins it again.
CREATE TABLE contact_identities (
    user      TEXT PRIMARY KEY,
    contact   TEXT NOT NULL,
    since     INTEGER NOT NULL,
    proved_as TEXT,
    shared    INTEGER NOT NULL DEFAULT 0,
    held      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX contact_identities_by_contact ON contact_identities (contact);

-- What is known of them: under each key what was proved, what is claimed and what an agent says (`source`), side by side.
CREATE TABLE contact_attributes (
    contact TEXT NOT NULL,
    key     TEXT NOT NULL,
    source  TEXT NOT NULL,
    value   TEXT NOT NULL,
    by_whom TEXT,
    at      INTEGER NOT NULL,
    PRIMARY KEY (contact, key, source)
) WITHOUT ROWID;

CREATE TABLE contact_labels (
    contact TEXT NOT NULL,
    label   TEXT NOT NULL COLLATE NOCASE,
    by_whom TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (contact, label)
) WITHOUT ROWID;
CREATE INDEX contact_labels_by_label ON contact_labels (label);
