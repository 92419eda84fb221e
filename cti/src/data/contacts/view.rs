//! A contact as it is shown: what each of those that were merged into one knows, as one.

use std::collections::BTreeMap;

use ngcc_proto::Wall;
use ngcc_proto::chat::Text;
use ngcc_proto::contact::{Attribute, Contact, Identity, Note, Source};
use sqlx::SqliteConnection;

use super::join::is_customer;
use super::rows::{self, IdentityRow};
use crate::data::reports::read_id;

struct ContactRow {
    id: String,
    version: i64,
    name: Option<String>,
    name_by: Option<String>,
    note: String,
    note_by: Option<String>,
    note_at: i64,
}

struct AttributeRow {
    key: String,
    source: String,
    value: String,
    by_whom: Option<String>,
    at: i64,
}

rows::row!(ContactRow { id, version, name, name_by, note, note_by, note_at });
rows::row!(AttributeRow { key, source, value, by_whom, at });

/// Who said it, as stored.
fn source(word: &str) -> Source {
    match word {
        "proved" => Source::Proved,
        // An agent's URI; what cannot be read as one proves nothing.
        other => other.parse().map_or(Source::Claimed, |agent| Source::Agent { agent }),
    }
}

/// Whose word about an attribute is shown: the company's before an agent's, and an agent's before a page's.
fn weight(source: &Source) -> u8 {
    match source {
        Source::Proved => 2,
        Source::Agent { .. } => 1,
        Source::Claimed => 0,
    }
}

/// Whose name is shown: an agent knows best what to call somebody.
fn name_weight(source: &Source) -> u8 {
    match source {
        Source::Agent { .. } => 2,
        Source::Proved => 1,
        Source::Claimed => 0,
    }
}

/// The contact whose root this is; none if there is none.
pub(super) async fn contact(conn: &mut SqliteConnection, root: &str) -> Result<Option<Contact>, sqlx::Error> {
    let group = rows::group(conn, root).await?;
    let sql = "SELECT id, version, name, name_by, note, note_by, note_at FROM contacts \
        WHERE id IN (SELECT value FROM json_each($1)) ORDER BY id <> $2, created DESC";
    let all: Vec<ContactRow> = sqlx::query_as(sql).bind(&group).bind(root).fetch_all(&mut *conn).await?;
    let Some(own) = all.first().filter(|own| own.id == root) else { return Ok(None) };
    let identities = rows::identities(conn, &group).await?;
    let labels: Vec<(String,)> = sqlx::query_as(
        "SELECT DISTINCT label FROM contact_labels WHERE contact IN (SELECT value FROM json_each($1)) ORDER BY label",
    )
    .bind(&group)
    .fetch_all(&mut *conn)
    .await?;
    let name = name(&all);
    Ok(Some(Contact {
        id: read_id(&own.id)?,
        version: u64::try_from(own.version).unwrap_or(0),
        name_by: name.as_ref().map(|(_, by)| by.clone()),
        name: name.map(|(name, _)| name),
        identities: identities.iter().map(|row| identity(row, &identities)).collect::<Result<_, _>>()?,
        attributes: attributes(conn, &group).await?,
        labels: labels.into_iter().map(|(label,)| label).collect(),
        notes: all.iter().filter(|row| !row.note.is_empty()).map(|row| note(row, root)).collect(),
    }))
}

/// The best of the names, and among equals the contact's own.
fn name(all: &[ContactRow]) -> Option<(String, Source)> {
    let named = all.iter().filter_map(|row| {
        let by = source(row.name_by.as_deref()?);
        Some((row.name.clone()?, by))
    });
    // `max_by_key` takes the last of equals: the contact's own stands first.
    named.rev().max_by_key(|(_, by)| name_weight(by))
}

fn identity(row: &IdentityRow, all: &[IdentityRow]) -> Result<Identity, sqlx::Error> {
    let user = row.user.parse().map_err(|e: ngcc_proto::uri::BadUri| sqlx::Error::Decode(e.into()))?;
    // Where an agent has joined it to somebody else, it is not proved to be theirs.
    let proved = row.proved_as.as_ref().is_some_and(|by| all.iter().any(|one| one.user == *by));
    Ok(Identity {
        user,
        since: Wall(row.since),
        proved: is_customer(&row.user) || (proved && !row.shared),
        shared: row.shared,
    })
}

fn note(row: &ContactRow, root: &str) -> Note {
    Note {
        text: Text(row.note.clone()),
        by: row.note_by.as_deref().and_then(|by| by.parse().ok()),
        at: Wall(row.note_at),
        own: row.id == root,
    }
}

async fn attributes(conn: &mut SqliteConnection, group: &str) -> Result<Vec<Attribute>, sqlx::Error> {
    let sql = "SELECT key, source, value, by_whom, at FROM contact_attributes \
        WHERE contact IN (SELECT value FROM json_each($1)) ORDER BY at";
    let all: Vec<AttributeRow> = sqlx::query_as(sql).bind(group).fetch_all(conn).await?;
    let mut best: BTreeMap<String, Attribute> = BTreeMap::new();
    for AttributeRow { key, source: said, value, by_whom, at } in all {
        let by = source(by_whom.as_deref().unwrap_or(&said));
        let stronger = best.get(&key).is_none_or(|one| weight(&by) >= weight(&one.by));
        if stronger {
            best.insert(key.clone(), Attribute { key, value: Text(value), by, at: Wall(at) });
        }
    }
    Ok(best.into_values().collect())
}
