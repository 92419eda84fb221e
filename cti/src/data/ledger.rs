//! What is written about people who work here: who is signed in, from where, and the audit. In order, several in one
//! transaction; on disk before it is acknowledged.

use std::time::{Duration, Instant};

use ngcc_proto::Wall;
use ngcc_proto::ask::Act;
use ngcc_runtime::{Counter, House};
use sqlx::{Sqlite, Transaction};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::database::Database;
use super::writer::RETRIES;
use crate::voice::spawn;

static LOST: Counter = Counter::new(
    "ngcc_ledger_lost_total",
    "Sign-ins and audit lines given up because the business database did not take them for too long.",
);

/// The most that may wait.
const CEILING: usize = 4096;
/// The most of one transaction.
const BATCH: usize = 256;
/// How long whoever waits for an acknowledgement does so.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(200);

/// One thing to be written.
#[derive(Debug)]
pub(super) enum Entry {
    /// A privileged act.
    Act(Act),
    /// Somebody has signed in, and is known at this address from now on.
    SignedIn { token: String, user: String, until: Wall, password: String, address: String, at: Wall },
    /// A token stands for nobody any longer.
    SignedOut { token: String },
    /// So do all that ended before this.
    Expired { before: Wall },
}

/// Entries that are written together.
struct Order {
    entries: Vec<Entry>,
    /// Told once they are on disk; dropped if they are given up.
    done: oneshot::Sender<()>,
    /// Given up after this; without it they are tried until the house stops.
    by: Option<Instant>,
}

/// Where entries are handed in.
#[derive(Clone)]
pub(super) struct Ledger(Sender<Order>);

impl Ledger {
    /// Starts the task that writes.
    pub(super) fn open(database: Database, house: &House) -> Self {
        let (hand_in, orders) = channel(CEILING);
        spawn(house, run(database, orders, house.clone()));
        Self(hand_in)
    }

    /// Writes entries, however long it takes. The receiver is told when they are on disk.
    pub(super) fn write(&self, entries: Vec<Entry>) -> oneshot::Receiver<()> {
        self.hand_in(entries, None)
    }

    /// Writes an act whose doer waits for it; false if it is not on disk, and then it will not be.
    pub(super) async fn note(&self, act: Act) -> bool {
        self.hand_in(vec![Entry::Act(act)], Some(Instant::now() + PATIENCE)).await.is_ok()
    }

    fn hand_in(&self, entries: Vec<Entry>, by: Option<Instant>) -> oneshot::Receiver<()> {
        let (done, told) = oneshot::channel();
        if self.0.try_send(Order { entries, done, by }).is_err() {
            LOST.inc();
            tracing::error!("too much waits for the business database: a line of the audit is lost");
        }
        told
    }
}

async fn run(database: Database, mut orders: Receiver<Order>, house: House) {
    let mut batch = Vec::new();
    while orders.recv_many(&mut batch, BATCH).await > 0 {
        while let Err(error) = write(&database, &batch).await {
            RETRIES.inc();
            tracing::warn!(%error, "the business database did not take the audit; it is tried again");
            // Those behind have waited as long.
            while batch.len() < CEILING
                && let Ok(order) = orders.try_recv()
            {
                batch.push(order);
            }
            let now = Instant::now();
            batch.retain(|order| order.by.is_none_or(|by| now < by));
            if batch.is_empty() {
                break;
            }
            if house.stop.has_begun() {
                LOST.add(batch.len() as u64);
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                () = house.stop.wait() => {}
            }
        }
        // Whoever does not wait any longer need not be told.
        for order in batch.drain(..) {
            let _ = order.done.send(());
        }
    }
}

async fn write(database: &Database, batch: &[Order]) -> Result<(), sqlx::Error> {
    let mut tx = database.begin().await?;
    for entry in batch.iter().flat_map(|order| &order.entries) {
        entry.write(&mut tx).await?;
    }
    tx.commit().await
}

impl Entry {
    async fn write(&self, tx: &mut Transaction<'static, Sqlite>) -> Result<(), sqlx::Error> {
        match self {
            Self::Act(act) => {
                sqlx::query("INSERT INTO audit (at, user, act, object, address) VALUES ($1, $2, $3, $4, $5)")
                    .bind(act.at.0)
                    .bind(&act.user)
                    .bind(&act.act)
                    .bind(&act.on)
                    .bind(&act.from)
                    .execute(&mut **tx)
                    .await?;
            }
            Self::SignedIn { token, user, until, password, address, at } => {
                sqlx::query(
                    "INSERT OR REPLACE INTO sign_ins (token, user, until, password) VALUES ($1, $2, $3, $4)",
                )
                .bind(token)
                .bind(user)
                .bind(until.0)
                .bind(password)
                .execute(&mut **tx)
                .await?;
                sqlx::query("INSERT OR REPLACE INTO known_addresses (user, address, at) VALUES ($1, $2, $3)")
                    .bind(user)
                    .bind(address)
                    .bind(at.0)
                    .execute(&mut **tx)
                    .await?;
            }
            Self::SignedOut { token } => {
                sqlx::query("DELETE FROM sign_ins WHERE token = $1").bind(token).execute(&mut **tx).await?;
            }
            Self::Expired { before } => {
                sqlx::query("DELETE FROM sign_ins WHERE until < $1")
                    .bind(before.0)
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }
}
