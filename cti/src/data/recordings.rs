//! What was recorded of collaborations: which session each recording is of, and how long it is kept. Its bytes lie in a
//! file that the collaboration server has written, or, of a screen, the media server.

use std::path::Path;
use std::time::Duration;

use ngcc_proto::collab::Kind;
use ngcc_proto::recording::{Event, MediaEvent, Recording};
use ngcc_proto::{CollabId, MessageId, SessionId, Wall};
use ngcc_runtime::{Counter, House, Recordings};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tokio::sync::mpsc::UnboundedReceiver;

use super::database::Database;
use super::reports::{read_id, read_word, word};
use super::writer::RETRIES;
use crate::voice::Voice;

static REMOVED: Counter = Counter::new(
    "ngcc_recordings_removed_total",
    "Recordings of collaborations removed when their time was over.",
);

/// How often it is looked for recordings whose time is over.
const SWEEP: Duration = Duration::from_secs(24 * 60 * 60);
const RETRY: Duration = Duration::from_millis(500);
/// The most recordings removed in one go.
const BATCH: i64 = 500;
/// The most recordings told of one session; it shares four things at once, one after another for as long as it lives.
const MOST: i64 = 1000;

/// A recording that has come to its end.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) cause: MessageId,
    pub(super) recording: Recording,
}

/// Takes recordings until the house stops. Nothing of one is lost: whoever has made it tells it again at their next start
/// unless it was answered.
pub(super) async fn run(database: Database, mut whole: UnboundedReceiver<Whole>, voice: Voice, house: House) {
    while let Some(Whole { cause, recording }) = whole.recv().await {
        while let Err(error) = keep(&database, &recording).await {
            RETRIES.inc();
            tracing::warn!(%error, "the business database did not take a recording; it is tried again");
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                () = house.stop.wait() => return,
            }
        }
        let collab = recording.collab;
        match recording.kind {
            Kind::Screen => voice.say(Some(cause), MediaEvent::Kept { collab }),
            Kind::Cobrowse | Kind::Form | Kind::Whiteboard | Kind::Document | Kind::File | Kind::Url => {
                voice.say(Some(cause), Event::Kept { collab });
            }
        }
    }
}

/// A repeat of one that is there changes nothing.
async fn keep(database: &Database, recording: &Recording) -> Result<(), sqlx::Error> {
    let Recording { collab, session, kind, started, ended, bytes, sha256 } = recording;
    let mut tx = database.begin().await?;
    sqlx::query("INSERT OR IGNORE INTO recordings VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(collab.to_string())
        .bind(session.to_string())
        .bind(word(kind))
        .bind(started.0)
        .bind(ended.0)
        .bind(i64::try_from(*bytes).unwrap_or(i64::MAX))
        .bind(sha256)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Removes, once a day and at the start, what has been kept for `keep`.
pub(super) async fn sweep(database: Database, keep: Duration, house: House) {
    let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    loop {
        let before = Wall(house.clock.now().wall.0.saturating_sub(keep));
        if let Err(error) = remove(&database, &house.data_dir, before).await {
            tracing::warn!(%error, "recordings whose time is over could not be removed; it is tried again in a day");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            () = house.stop.wait() => return,
        }
    }
}

/// Removes every recording that ended before then: the file first, so that no file is left without a row.
///
/// # Errors
/// The database or the disk; what is not removed yet still has its row.
pub(super) async fn remove(database: &Database, data_dir: &Path, before: Wall) -> Result<(), sqlx::Error> {
    loop {
        let rows =
            sqlx::query("SELECT collab, kind FROM recordings WHERE ended < $1 ORDER BY ended LIMIT $2")
                .bind(before.0)
                .bind(BATCH)
                .fetch_all(&database.read)
                .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = database.begin().await?;
        for row in &rows {
            let collab: String = row.try_get("collab")?;
            let kind = read_word(row.try_get("kind")?)?;
            Recordings::of(kind, data_dir).remove(read_id(&collab)?)?;
            sqlx::query("DELETE FROM recordings WHERE collab = $1").bind(&collab).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        REMOVED.add(rows.len() as u64);
    }
}

/// What was recorded of a session, in the order in which it began.
pub(super) async fn of(database: &Database, session: SessionId) -> Result<Vec<Recording>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM recordings WHERE session = $1 ORDER BY started, collab LIMIT $2")
        .bind(session.to_string())
        .bind(MOST)
        .fetch_all(&database.read)
        .await?;
    rows.iter().map(recording).collect()
}

/// What was recorded of a collaboration; none if nothing was, or if its time is over.
pub(super) async fn one(database: &Database, collab: CollabId) -> Result<Option<Recording>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM recordings WHERE collab = $1")
        .bind(collab.to_string())
        .fetch_optional(&database.read)
        .await?;
    row.as_ref().map(recording).transpose()
}

fn recording(row: &SqliteRow) -> Result<Recording, sqlx::Error> {
    Ok(Recording {
        collab: read_id(row.try_get("collab")?)?,
        session: read_id(row.try_get("session")?)?,
        kind: read_word(row.try_get("kind")?)?,
        started: Wall(row.try_get("started")?),
        ended: Wall(row.try_get("ended")?),
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0),
        sha256: row.try_get("sha256")?,
    })
}
