//! What was said in closed sessions: copied from the customers' message store before the session is stored, and
//! read back. A session that has no messages never waits for that store.

use std::time::Duration;

use ngcc_proto::SessionId;
use ngcc_proto::chat::Message;
use ngcc_proto::fact::{Fact, Medium, What};
use ngcc_runtime::House;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::database::Database;
use super::writer::{Closed, RETRIES};
use crate::messages::{MOST, Store};

/// The most sessions whose messages are copied together.
const BATCH: usize = 64;
/// So many messages are copied in one transaction.
const ROWS: usize = 1000;
/// The most messages that one answer holds.
const MOST_READ: i64 = 10_000;
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

const INSERT: &str = "INSERT OR IGNORE INTO messages (session, seq, message) \
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)";

/// Whether there may be messages of it. One that was stored when the process died may have no fact.
pub(super) fn may_have(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| {
        matches!(
            fact.what,
            What::Opened { medium: Medium::Chat, .. }
                | What::MediumAdded { medium: Medium::Chat }
                | What::Said { .. }
        )
    })
}

/// Copies the messages of each session and then hands it to be stored, until the house stops.
pub(super) async fn run(
    database: Database,
    store: Store,
    mut closed: UnboundedReceiver<Closed>,
    next: UnboundedSender<Closed>,
    house: House,
) {
    let mut batch = Vec::new();
    while closed.recv_many(&mut batch, BATCH).await > 0 {
        let mut wait = FIRST_RETRY;
        while let Err(error) = copy(&database, &store, &mut batch).await {
            RETRIES.inc();
            tracing::warn!(%error, sessions = batch.len(), "messages could not be copied; it is tried again");
            if house.stop.has_begun() {
                // The sessions are in cti's log and come again at the next start.
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = house.stop.wait() => {}
            }
            wait = (wait * 2).min(LAST_RETRY);
        }
        // Whoever stores has ended with the house.
        batch.drain(..).for_each(|closed| drop(next.send(closed)));
    }
}

/// Whatever was copied before stays as it is, so it may be done again.
pub(super) async fn copy(
    database: &Database,
    store: &Store,
    batch: &mut [Closed],
) -> Result<(), sqlx::Error> {
    let mut rows: Vec<(SessionId, u64, String)> = Vec::new();
    for closed in batch {
        let (mut after, mut more) = (0, true);
        closed.messages = 0;
        while more {
            let page = store.page(closed.session, after, MOST, true).await?;
            for message in &page.messages {
                let text = serde_json::to_string(message).map_err(|e| sqlx::Error::Encode(e.into()))?;
                rows.push((closed.session, message.seq, text));
                after = message.seq;
                closed.messages += 1;
            }
            more = page.more;
            if rows.len() >= ROWS {
                write(database, &rows).await?;
                rows.clear();
            }
        }
    }
    write(database, &rows).await
}

async fn write(database: &Database, rows: &[(SessionId, u64, String)]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(rows).map_err(|e| sqlx::Error::Encode(e.into()))?;
    let mut tx = database.begin().await?;
    sqlx::query(INSERT).bind(rows).execute(&mut *tx).await?;
    tx.commit().await
}

/// A closed session's messages, in order.
///
/// # Errors
/// The database does not answer.
pub(super) async fn read(database: &Database, session: SessionId) -> Result<Vec<Message>, sqlx::Error> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT message FROM messages WHERE session = $1 ORDER BY seq LIMIT $2")
            .bind(session.to_string())
            .bind(MOST_READ)
            .fetch_all(&database.read)
            .await?;
    let message = |(text,): (String,)| serde_json::from_str(&text);
    rows.into_iter().map(message).collect::<Result<_, _>>().map_err(|e| sqlx::Error::Decode(e.into()))
}
