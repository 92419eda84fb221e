//! Storing closed sessions. It may stall for as long as the database does: cti's log keeps every session
//! until `Stored`, and nothing waits here but sessions that are over.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use ngcc_proto::data::Event;
use ngcc_proto::fact::Fact;
use ngcc_proto::{MessageId, SessionId};
use ngcc_runtime::{Counter, Gauge, Histogram, House};
use sqlx::{QueryBuilder, Sqlite, Transaction};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::book::{Known, SeatNames};
use super::database::Database;
use super::history::{self, History};
use super::reports::{word, words};
use crate::voice::Voice;

static STORED: Counter =
    Counter::new("ngcc_sessions_stored_total", "Closed sessions stored in the business database.");
static WAITING: Gauge =
    Gauge::new("ngcc_sessions_unstored", "Closed sessions that wait for the business database.");
pub(super) static RETRIES: Counter =
    Counter::new("ngcc_business_retries_total", "Transactions the business database did not take at once.");
static ASIDE: Counter = Counter::new(
    "ngcc_sessions_set_aside_total",
    "Closed sessions that could not be stored and were set aside.",
);
static TOOK: Histogram =
    Histogram::new("ngcc_business_commit_seconds", "Transactions of the business database.");

/// The most sessions in a transaction: 21 values each stay below SQLite's 32 766.
const BATCH: usize = 500;
/// How long the first session of a batch waits for others: one transaction for ten costs little more than for one.
const GATHER: Duration = Duration::from_millis(100);
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// A session to be stored.
pub(super) struct Closed {
    pub(super) session: SessionId,
    pub(super) facts: Vec<Fact>,
    pub(super) cause: MessageId,
    /// How many messages of it have been copied.
    pub(super) messages: u64,
}

/// A session with everything that is stored of it.
struct Ready {
    history: History,
    chain: String,
}

/// A batch before it is stored.
#[derive(Default)]
struct Sorted {
    ready: Vec<Ready>,
    /// Kept in the quarantine instead: cti need not keep them too.
    aside: Vec<SessionId>,
}

/// Stores until the house stops, and then what is left, once.
pub(super) async fn run(
    database: Database,
    mut queue: UnboundedReceiver<Closed>,
    known: watch::Receiver<Known>,
    voice: Voice,
    house: House,
) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        if batch.len() < BATCH && !house.stop.has_begun() {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = house.stop.wait() => {}
            }
            while batch.len() < BATCH
                && let Ok(closed) = queue.try_recv()
            {
                batch.push(closed);
            }
        }
        WAITING.set(i64::try_from(queue.len() + batch.len()).unwrap_or(i64::MAX));
        let Some(last) = batch.last().map(|closed| closed.cause) else { continue };
        let Sorted { ready, aside } =
            sort(&house.data_dir, std::mem::take(&mut batch), &known.borrow().seats);
        if !ready.is_empty() && store(&database, &ready, &house).await.is_err() {
            // The house stops; the sessions are in cti's log and come again at the next start.
            return;
        }
        STORED.add(ready.len() as u64);
        let sessions = ready.iter().map(|ready| ready.history.session.id).chain(aside).collect();
        voice.say(Some(last), Event::Stored { sessions });
        WAITING.set(i64::try_from(queue.len()).unwrap_or(i64::MAX));
    }
}

/// The house stops before the database has taken it.
struct GivenUp;

/// Stores a batch, however long it takes.
async fn store(database: &Database, batch: &[Ready], house: &House) -> Result<(), GivenUp> {
    let mut wait = FIRST_RETRY;
    loop {
        let began = std::time::Instant::now();
        let Err(error) = write(database, batch).await else {
            TOOK.observe(began.elapsed());
            return Ok(());
        };
        RETRIES.inc();
        tracing::warn!(%error, sessions = batch.len(), "the business database did not take a batch; it is tried again");
        if house.stop.has_begun() {
            return Err(GivenUp);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = house.stop.wait() => {}
        }
        wait = (wait * 2).min(LAST_RETRY);
    }
}

/// Folds each session once; one that came twice (asked again meanwhile) is stored once. One that cannot
/// be folded is set aside: stored without its history it would be missing in every report unnoticed.
fn sort(data_dir: &Path, batch: Vec<Closed>, seats: &SeatNames) -> Sorted {
    let (mut seen, mut sorted) = (BTreeSet::new(), Sorted::default());
    for Closed { session, facts, messages, .. } in batch {
        if !seen.insert(session) {
            continue;
        }
        let Ok(chain) = chain(&facts) else {
            ASIDE.inc();
            tracing::error!(%session, "a session's facts cannot be written");
            continue;
        };
        match history::fold(&facts, seats) {
            Ok(mut history) => {
                history.session.messages = messages;
                sorted.ready.push(Ready { history, chain });
            }
            Err(why) => sorted.aside.extend(set_aside(data_dir, session, &chain, &why.to_string())),
        }
    }
    sorted
}

/// One line of JSON a fact.
fn chain(facts: &[Fact]) -> Result<String, serde_json::Error> {
    let mut out = Vec::with_capacity(facts.len() * 256);
    for fact in facts {
        serde_json::to_writer(&mut out, fact)?;
        out.push(b'\n');
    }
    // serde_json writes UTF-8 only.
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// The session, if its chain lies in the quarantine now.
fn set_aside(data_dir: &Path, session: SessionId, chain: &str, why: &str) -> Option<SessionId> {
    ASIDE.inc();
    tracing::error!(%session, why, "a session cannot be stored and is set aside");
    let dir = data_dir.join("quarantine");
    let wrote =
        std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(dir.join(session.to_string()), chain));
    if let Err(error) = wrote {
        tracing::error!(%error, "the quarantine cannot be written");
        return None;
    }
    Some(session)
}

/// One transaction. Everything is idempotent: a session that is there stays as it is.
async fn write(database: &Database, batch: &[Ready]) -> Result<(), sqlx::Error> {
    let mut tx = database.begin().await?;
    write_sessions(&mut tx, batch).await?;
    write_chains(&mut tx, batch).await?;
    write_visits(&mut tx, batch).await?;
    write_legs(&mut tx, batch).await?;
    tx.commit().await
}

async fn write_sessions(tx: &mut Transaction<'static, Sqlite>, batch: &[Ready]) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::new("INSERT OR IGNORE INTO sessions ");
    sql.push_values(batch, |mut row, ready| {
        let s = &ready.history.session;
        row.push_bind(s.id.to_string()).push_bind(&s.user).push_bind(&s.dialled).push_bind(s.opened.0);
        row.push_bind(int(s.total_ms)).push_bind(int(s.self_service_ms)).push_bind(int(s.queue_ms));
        row.push_bind(int(s.ring_ms)).push_bind(int(s.talk_ms)).push_bind(int(s.hold_ms));
        row.push_bind(int(s.in_ivr_ms)).push_bind(int(s.other_ms)).push_bind(int(s.wrap_up_ms));
        row.push_bind(&s.agent).push_bind(&s.queue).push_bind(word(&s.cause)).push_bind(word(&s.by));
        row.push_bind(words(&s.media))
            .push_bind(&s.display)
            .push_bind(&s.disposition)
            .push_bind(int(s.messages))
            .push_bind(words(&s.beside));
    });
    sql.build().persistent(false).execute(&mut **tx).await?;
    Ok(())
}

async fn write_chains(tx: &mut Transaction<'static, Sqlite>, batch: &[Ready]) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::new("INSERT OR IGNORE INTO facts (session, chain) ");
    sql.push_values(batch, |mut row, ready| {
        row.push_bind(ready.history.session.id.to_string()).push_bind(&ready.chain);
    });
    sql.build().persistent(false).execute(&mut **tx).await?;
    Ok(())
}

async fn write_visits(tx: &mut Transaction<'static, Sqlite>, batch: &[Ready]) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = batch
        .iter()
        .flat_map(|ready| {
            ready.history.visits.iter().zip(0i64..).map(|(visit, n)| (ready.history.session.id, n, visit))
        })
        .collect();
    for rows in rows.chunks(BATCH) {
        let mut sql = QueryBuilder::new("INSERT OR IGNORE INTO queue_visits ");
        sql.push_values(rows, |mut row, (session, n, visit)| {
            row.push_bind(session.to_string()).push_bind(n).push_bind(&visit.queue).push_bind(visit.since);
            row.push_bind(int(visit.wait_ms)).push_bind(word(&visit.end)).push_bind(&visit.agent);
        });
        sql.build().persistent(false).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn write_legs(tx: &mut Transaction<'static, Sqlite>, batch: &[Ready]) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = batch
        .iter()
        .flat_map(|ready| ready.history.legs.iter().map(|leg| (ready.history.session.id, leg)))
        .collect();
    for rows in rows.chunks(BATCH) {
        let mut sql = QueryBuilder::new("INSERT OR IGNORE INTO legs ");
        sql.push_values(rows, |mut row, (session, leg)| {
            row.push_bind(session.to_string()).push_bind(leg.leg.to_string()).push_bind(word(&leg.part));
            row.push_bind(&leg.agent).push_bind(leg.added).push_bind(leg.answered).push_bind(leg.ended);
            row.push_bind(leg.cause.map(|cause| word(&cause)));
        });
        sql.build().persistent(false).execute(&mut **tx).await?;
    }
    Ok(())
}

fn int(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
