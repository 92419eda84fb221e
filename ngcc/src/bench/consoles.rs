//! The agents' consoles: each signs in, takes every chat it is offered, and hands on every frame it is sent.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::server::Server;
use super::web::{self, Page};
use crate::catalogue::bench::{CHAT_AGENTS, CHAT_PASSWORD};

/// Consoles that are opened before their memory is counted: what only the first ones need is there then.
const WARM: usize = CHAT_AGENTS / 4;

/// Consoles that are open; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Consoles {
    _running: JoinSet<()>,
    fault: Arc<Mutex<Option<io::Error>>>,
    /// What one takes of the centre's memory, in KiB of its resident set.
    pub(super) memory_kib: f64,
}

impl Consoles {
    /// Opens all, ready for chats; `hear` is given every frame that one is sent.
    ///
    /// # Errors
    /// One is refused.
    pub(super) async fn open<H>(server: &Server, hear: H) -> io::Result<Self>
    where
        H: Fn(&str) + Clone + Send + 'static,
    {
        let (mut running, fault) = (JoinSet::new(), Arc::new(Mutex::new(None)));
        let mut warm = server.cost();
        for n in 0..CHAT_AGENTS {
            if n == WARM {
                warm = server.cost();
            }
            // Visitors are many: consoles come from addresses behind all of theirs.
            let (home, name) = (1_000_000 + n * 10, format!("c{:02}", n + 1));
            let mut page = web::console(home, server.http, &name, CHAT_PASSWORD).await?;
            seat(&mut page, "in", json!({ "type": "sign_in", "device": "browser" })).await?;
            page.expect("ok").await?;
            seat(&mut page, "ready", json!({ "type": "ready" })).await?;
            page.expect("ok").await?;
            let (hear, fault) = (hear.clone(), Arc::clone(&fault));
            running.spawn(async move {
                if let Err(error) = serve(page, hear).await {
                    *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            });
        }
        let memory_kib = (server.cost().rss_kib - warm.rss_kib) / (CHAT_AGENTS - WARM) as f64;
        Ok(Self { _running: running, fault, memory_kib })
    }

    /// Says if one was closed.
    ///
    /// # Errors
    /// Why it was.
    pub(super) fn check(&self) -> io::Result<()> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

async fn seat(page: &mut Page, id: &str, what: Value) -> io::Result<()> {
    page.send("seat", Some(id), json!({ "what": what })).await
}

async fn serve(mut page: Page, hear: impl Fn(&str)) -> io::Result<()> {
    loop {
        let text = page.text().await?;
        hear(&text);
        // Read as a whole only what may be an offer.
        if text.contains("\"offered\"") {
            let frame: web::Frame = serde_json::from_str(&text).map_err(io::Error::other)?;
            if frame.kind == "seat" && frame.data["type"] == "offered" {
                let reservation = &frame.data["reservation"];
                seat(&mut page, "take", json!({ "type": "accept", "reservation": reservation })).await?;
            }
        }
    }
}
