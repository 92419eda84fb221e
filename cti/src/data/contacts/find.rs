//! Who is looked for, and who may see whom.

use ngcc_proto::ask::Filter;
use ngcc_proto::contact::{Asker, Event, MAX_SOUGHT};
use ngcc_proto::{ContactId, Wall};
use sqlx::SqliteConnection;

use super::{rows, view};
use crate::data::database::Database;
use crate::data::reports;

/// The most contacts of one answer.
const MOST: u32 = 50;
/// The most sessions of one answer.
const MOST_SESSIONS: u32 = 200;
/// The most rows that one search looks at: a page may be shorter than was asked for, with another behind it.
const LOOKED_AT: i64 = 500;

/// Whether the asker may see a contact of these URIs: they serve it now, or have served it.
pub(super) async fn may(
    conn: &mut SqliteConnection,
    by: &Asker,
    users: &[String],
) -> Result<bool, sqlx::Error> {
    if by.all || by.serving.iter().any(|user| users.contains(&user.to_string())) {
        return Ok(true);
    }
    if joined(conn, by, users).await? {
        return Ok(true);
    }
    let list = serde_json::to_string(users).map_err(|e| sqlx::Error::Encode(e.into()))?;
    let sql = "SELECT 1 FROM sessions s WHERE s.user IN (SELECT value FROM json_each($1)) AND (s.agent = $2 \
        OR EXISTS (SELECT 1 FROM legs l WHERE l.session = s.id AND l.agent = $2)) LIMIT 1";
    let row: Option<(i64,)> =
        sqlx::query_as(sql).bind(list).bind(by.agent.name()).fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Whether one of these URIs and one that the asker serves now are of one contact.
async fn joined(conn: &mut SqliteConnection, by: &Asker, users: &[String]) -> Result<bool, sqlx::Error> {
    for serving in &by.serving {
        let Some(row) = rows::identity(conn, &serving.to_string()).await? else { continue };
        let root = rows::root(conn, &row.contact).await?;
        let group = rows::group(conn, &root).await?;
        let all = rows::identities(conn, &group).await?;
        if all.iter().any(|one| users.contains(&one.user)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the asker serves this customer now, by whatever way.
pub(super) async fn serves(conn: &mut SqliteConnection, by: &Asker, user: &str) -> Result<bool, sqlx::Error> {
    if by.serving.iter().any(|serving| serving.to_string() == user) {
        return Ok(true);
    }
    joined(conn, by, &[user.to_owned()]).await
}

/// Whether a session of this URI is stored.
pub(super) async fn has_come(conn: &mut SqliteConnection, user: &str) -> Result<bool, sqlx::Error> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM sessions WHERE user = $1 LIMIT 1")
        .bind(user)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// A text as `LIKE` takes it for itself, by `\`.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "%_\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Contacts that have the text in them, newest first.
pub(super) async fn find(
    conn: &mut SqliteConnection,
    by: &Asker,
    text: &str,
    before: Option<ContactId>,
    limit: u32,
) -> Result<Event, sqlx::Error> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_SOUGHT {
        return Ok(super::join::refused("a search has 1 to 128 bytes"));
    }
    let limit = limit.clamp(1, MOST) as usize;
    let sql = "SELECT c.id FROM contacts c WHERE c.id < $2 AND (c.id = $3 OR c.name LIKE $1 ESCAPE '\\' \
            OR EXISTS (SELECT 1 FROM contact_identities i WHERE i.contact = c.id AND i.user LIKE $1 ESCAPE '\\') \
            OR EXISTS (SELECT 1 FROM contact_labels l WHERE l.contact = c.id AND l.label LIKE $1 ESCAPE '\\')) \
        ORDER BY c.id DESC LIMIT $4";
    // Every id is smaller than this.
    let before = before.map_or_else(|| "con_~".to_owned(), |before| before.to_string());
    let found: Vec<(String,)> = sqlx::query_as(sql)
        .bind(format!("%{}%", plain(text)))
        .bind(before)
        .bind(text)
        .bind(LOOKED_AT)
        .fetch_all(&mut *conn)
        .await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= LOOKED_AT;
    let (mut contacts, mut next) = (Vec::new(), None);
    let last = found.last().map(|(id,)| id.clone());
    for (id,) in found {
        if contacts.len() >= limit {
            break;
        }
        next = Some(id.clone());
        let root = rows::root(conn, &id).await?;
        if contacts.iter().any(|one: &ngcc_proto::contact::Contact| one.id.to_string() == root) {
            continue;
        }
        let Some(contact) = view::contact(conn, &root).await? else { continue };
        let users: Vec<String> = contact.identities.iter().map(|one| one.user.to_string()).collect();
        if may(conn, by, &users).await? {
            contacts.push(contact);
        }
    }
    let next = next.filter(|next| full || Some(next) != last.as_ref());
    let next = next.map(|next| reports::read_id(&next)).transpose()?;
    Ok(Event::Found { contacts, next })
}

/// A contact's closed sessions by whatever way.
pub(super) async fn sessions(
    database: &Database,
    by: &Asker,
    contact: ContactId,
    before: Option<Wall>,
    limit: u32,
) -> Result<Event, sqlx::Error> {
    let users: Vec<String> = {
        let mut conn = database.read.acquire().await?;
        let contact = match super::seen(&mut conn, by, contact).await? {
            Event::Contact { contact } => contact,
            other @ (Event::Found { .. }
            | Event::Sessions { .. }
            | Event::Serves { .. }
            | Event::Labels { .. }
            | Event::Unknown
            | Event::Conflict
            | Event::Refused { .. }
            | Event::Failed) => return Ok(other),
        };
        contact.identities.iter().map(|one| one.user.to_string()).collect()
    };
    let serves = by.serving.iter().any(|serving| users.contains(&serving.to_string()));
    let filter = Filter { before, limit: limit.clamp(1, MOST_SESSIONS), ..Filter::default() };
    Ok(Event::Sessions { sessions: reports::of_users(database, &filter, &users).await?, serves })
}

/// Labels that begin with this.
pub(super) async fn labels(conn: &mut SqliteConnection, prefix: &str) -> Result<Event, sqlx::Error> {
    let prefix = prefix.trim().trim_start_matches('#');
    if prefix.len() > MAX_SOUGHT {
        return Ok(super::join::refused("a search has 1 to 128 bytes"));
    }
    let sql =
        "SELECT DISTINCT label FROM contact_labels WHERE label LIKE $1 ESCAPE '\\' ORDER BY label LIMIT 20";
    let labels: Vec<(String,)> =
        sqlx::query_as(sql).bind(format!("{}%", plain(prefix))).fetch_all(conn).await?;
    Ok(Event::Labels { labels: labels.into_iter().map(|(label,)| label).collect() })
}
