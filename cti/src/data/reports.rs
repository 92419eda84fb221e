//! Reading closed sessions back.

use std::str::FromStr;

use ngcc_proto::SessionId;
use ngcc_proto::admin::ClosedSession;
use ngcc_proto::ask::Filter;
use ngcc_proto::fact::Fact;
use ngcc_proto::id::BadId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::database::Database;

/// The most sessions one answer holds.
const MOST: u32 = 10_000;

/// The last closed sessions, newest first.
pub(super) async fn history(database: &Database, limit: u32) -> Result<Vec<ClosedSession>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM sessions ORDER BY opened DESC, id DESC LIMIT $1")
        .bind(i64::from(limit.min(MOST)))
        .fetch_all(&database.read)
        .await?;
    rows.iter().map(session).collect()
}

/// The last of those that `filter` lets through, newest first, and then those of the same millisecond as the last:
/// a page that begins before it has missed none.
///
/// # Errors
/// The database does not answer.
pub(super) async fn find(database: &Database, filter: &Filter) -> Result<Vec<ClosedSession>, sqlx::Error> {
    search(database, || matching(filter), filter).await
}

/// The same, of those of one customer's URIs.
///
/// # Errors
/// The database does not answer.
pub(super) async fn of_users(
    database: &Database,
    filter: &Filter,
    users: &[String],
) -> Result<Vec<ClosedSession>, sqlx::Error> {
    let users = serde_json::to_string(users).map_err(|e| sqlx::Error::Encode(e.into()))?;
    let of = || {
        let mut sql = matching(filter);
        sql.push(" AND user IN (SELECT value FROM json_each(").push_bind(users.clone()).push("))");
        sql
    };
    search(database, of, filter).await
}

async fn search(
    database: &Database,
    matching: impl Fn() -> QueryBuilder<Sqlite>,
    filter: &Filter,
) -> Result<Vec<ClosedSession>, sqlx::Error> {
    let mut sql = matching();
    if let Some(before) = filter.before {
        sql.push(" AND opened < ").push_bind(before.0);
    }
    sql.push(" ORDER BY opened DESC, id DESC LIMIT ").push_bind(i64::from(filter.limit));
    let rows = sql.build().fetch_all(&database.read).await?;
    let mut sessions: Vec<ClosedSession> = rows.iter().map(session).collect::<Result<_, _>>()?;
    if sessions.len() == filter.limit as usize
        && let Some(last) = sessions.last()
    {
        let mut sql = matching();
        sql.push(" AND opened = ").push_bind(last.opened.0);
        sql.push(" AND id < ").push_bind(last.id.to_string()).push(" ORDER BY id DESC LIMIT 1000");
        for row in &sql.build().fetch_all(&database.read).await? {
            sessions.push(session(row)?);
        }
    }
    Ok(sessions)
}

fn matching(filter: &Filter) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("SELECT * FROM sessions WHERE true");
    if let Some(agent) = &filter.agent {
        sql.push(" AND agent = ").push_bind(agent.clone());
    }
    if let Some(user) = &filter.user {
        sql.push(" AND user = ").push_bind(user.clone());
    }
    if let Some(queue) = &filter.queue {
        sql.push(" AND id IN (SELECT session FROM queue_visits WHERE queue = ")
            .push_bind(queue.clone())
            .push(")");
    }
    sql
}

/// A closed session; none if it is not there.
///
/// # Errors
/// The database does not answer.
pub(super) async fn one(database: &Database, id: SessionId) -> Result<Option<ClosedSession>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM sessions WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&database.read)
        .await?;
    row.as_ref().map(session).transpose()
}

/// A closed session's facts; none if it is not there.
pub(super) async fn chain(database: &Database, session: SessionId) -> Result<Vec<Fact>, sqlx::Error> {
    let row: Option<(String,)> = sqlx::query_as("SELECT chain FROM facts WHERE session = $1")
        .bind(session.to_string())
        .fetch_optional(&database.read)
        .await?;
    let Some((chain,)) = row else { return Ok(Vec::new()) };
    let facts: Result<Vec<Fact>, _> = chain.lines().map(serde_json::from_str).collect();
    facts.map_err(|error| sqlx::Error::Decode(error.into()))
}

fn session(row: &SqliteRow) -> Result<ClosedSession, sqlx::Error> {
    let ms = |column: &str| row.try_get::<i64, _>(column).map(|ms| u64::try_from(ms).unwrap_or(0));
    let id: String = row.try_get("id")?;
    Ok(ClosedSession {
        id: read_id(&id)?,
        user: row.try_get("user")?,
        dialled: row.try_get("dialled")?,
        opened: ngcc_proto::Wall(row.try_get("opened")?),
        total_ms: ms("total_ms")?,
        self_service_ms: ms("self_service_ms")?,
        queue_ms: ms("queue_ms")?,
        ring_ms: ms("ring_ms")?,
        talk_ms: ms("talk_ms")?,
        hold_ms: ms("hold_ms")?,
        in_ivr_ms: ms("in_ivr_ms")?,
        other_ms: ms("other_ms")?,
        wrap_up_ms: ms("wrap_up_ms")?,
        agent: row.try_get("agent")?,
        queue: row.try_get("queue")?,
        cause: read_word(row.try_get("cause")?)?,
        by: read_word(row.try_get("ended_by")?)?,
        media: row.try_get::<&str, _>("media")?.split(' ').map(read_word).collect::<Result<_, _>>()?,
        display: row.try_get("display")?,
        disposition: row.try_get("disposition")?,
        messages: ms("messages")?,
        beside: row
            .try_get::<&str, _>("beside")?
            .split_whitespace()
            .map(read_id)
            .collect::<Result<_, _>>()?,
    })
}

/// An id as it is stored.
pub(super) fn read_id<T: FromStr<Err = BadId>>(id: &str) -> Result<T, sqlx::Error> {
    id.parse().map_err(|error: BadId| sqlx::Error::Decode(error.into()))
}

/// The word of a unit enum, as in JSON but without quotes.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// Several of them, with blanks between.
pub(super) fn words(values: &[impl Serialize]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What [`word`] has written.
pub(super) fn read_word<T: DeserializeOwned>(word: &str) -> Result<T, sqlx::Error> {
    let word = serde_json::Value::String(word.to_owned());
    serde_json::from_value(word).map_err(|error| sqlx::Error::Decode(error.into()))
}
