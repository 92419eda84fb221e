//! One customer's page and the agent's sight of it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::page;
use super::tally::Tally;
use crate::bench::web::{self, PATIENCE, Page};
use crate::catalogue::bench::CHAT_NUMBER;

/// What agents were invited to: the ticket of each, by its id. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Invitations(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    tickets: Mutex<BTreeMap<String, Value>>,
    more: Notify,
}

impl Invitations {
    /// A console was sent a frame.
    pub(super) fn heard(&self, frame: &str) {
        #[derive(Deserialize)]
        struct Invited {
            data: Told,
        }
        #[derive(Deserialize)]
        struct Told {
            #[serde(rename = "type")]
            kind: String,
            collab: String,
            ticket: Value,
        }
        // Read as a whole only what may be one.
        if !frame.contains("\"invited\"") {
            return;
        }
        if let Ok(Invited { data: Told { kind, collab, ticket } }) = serde_json::from_str(frame)
            && kind == "invited"
        {
            self.lock().insert(collab, ticket);
            self.0.more.notify_waiters();
        }
    }

    async fn ticket(&self, collab: &str) -> io::Result<Value> {
        let found = async {
            loop {
                let more = self.0.more.notified();
                if let Some(ticket) = self.lock().remove(collab) {
                    return ticket;
                }
                more.await;
            }
        };
        Ok(timeout(PATIENCE, found).await?)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.0.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page that is shared; its sockets close when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    n: usize,
    tally: Tally,
    customer: Page,
    changes: u64,
    others: Vec<AbortHandle>,
}

impl Share {
    /// The `n`th customer shares their page; an agent sees it when this returns.
    ///
    /// # Errors
    /// It is refused, or takes too long.
    pub(super) fn begin(
        at: SocketAddr,
        n: usize,
        tally: &Tally,
        invitations: Invitations,
    ) -> impl Future<Output = io::Result<Self>> + Send + use<> {
        let tally = tally.clone();
        async move {
            let mut visitor = web::visitor(n, at, CHAT_NUMBER).await?;
            visitor.send("collab.ask", None, json!({ "kind": "cobrowse", "entry": CHAT_NUMBER })).await?;
            let invited = visitor.expect("collab.invited").await?.data;
            let collab = invited["collab"].as_str().unwrap_or_default().to_owned();
            let ticket = invitations.ticket(&collab).await?;
            let path = format!("/ws/collab/{collab}");
            let mut agent = Page::open(web::home(n), at, &path, json!({ "ticket": ticket })).await?;
            let ticket = &invited["ticket"];
            let mut customer = Page::open(web::home(n), at, &path, json!({ "ticket": ticket })).await?;
            let mark = tally.mark(n, 0);
            customer.send("rr", None, json!({ "events": page::snapshot(&mark) })).await?;
            let seen = async {
                loop {
                    let frame = agent.text().await?;
                    tally.came(&frame);
                    if frame.contains(&mark) {
                        return io::Result::Ok(());
                    }
                }
            };
            timeout(PATIENCE, seen).await??;
            let looks = tally.clone();
            let agent = tokio::spawn(async move {
                while let Ok(frame) = agent.text().await {
                    looks.came(&frame);
                }
            });
            // It answers pings until it is ended.
            let visitor = tokio::spawn(async move { while visitor.text().await.is_ok() {} });
            let others = vec![agent.abort_handle(), visitor.abort_handle()];
            Ok(Self { n, tally, customer, changes: 0, others })
        }
    }

    /// The page changes every `pause` for as long as `load`; how often it did.
    ///
    /// # Errors
    /// Its connection ends.
    pub(super) async fn change(mut self, pause: Duration, load: Duration) -> io::Result<(Self, usize)> {
        // Pages do not change in step.
        let first = pause / 97 * u32::try_from(self.n % 97).unwrap_or(0);
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + first, pause);
        let until = tokio::time::Instant::now() + load;
        let mut sent = 0;
        loop {
            tokio::select! {
                at = ticks.tick() => {
                    if at >= until {
                        return Ok((self, sent));
                    }
                    self.changes += 1;
                    let mark = self.tally.mark(self.n, self.changes);
                    let events = page::change(self.changes, &mark);
                    self.customer.send("rr", None, json!({ "events": events })).await?;
                    sent += 1;
                }
                // Pings are answered and what the centre says is read.
                text = self.customer.text() => drop(text?),
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.others.iter().for_each(AbortHandle::abort);
    }
}
