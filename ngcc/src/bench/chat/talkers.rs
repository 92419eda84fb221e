//! Visitors in chats, who write in turn at a rate.

use std::io;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::tally::Tally;
use crate::bench::web::{Frame, Page};

/// Chats that begin at once.
const AT_ONCE: usize = 32;

/// Visitors in chats; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Talkers {
    asked: Vec<UnboundedSender<()>>,
    running: JoinSet<io::Result<()>>,
}

impl Talkers {
    /// Every page begins a chat; each has its agent when this returns.
    ///
    /// # Errors
    /// One gets none in time.
    pub(super) async fn begin(pages: Vec<Page>, tally: &Tally) -> io::Result<Self> {
        let (mut beginning, mut pages) = (JoinSet::new(), pages.into_iter());
        let mut talkers = Self { asked: vec![], running: JoinSet::new() };
        loop {
            while beginning.len() < AT_ONCE
                && let Some(page) = pages.next()
            {
                beginning.spawn(chat(page));
            }
            let Some(begun) = beginning.join_next().await else { return Ok(talkers) };
            let page = begun.map_err(io::Error::other)??;
            let (ask, asked) = unbounded_channel();
            let visitor = talkers.asked.len();
            talkers.asked.push(ask);
            talkers.running.spawn(talk(page, visitor, asked, tally.clone()));
        }
    }

    /// Writes that many messages a second, in turn; how many were written.
    pub(super) async fn write(&self, rate: usize, load: Duration) -> usize {
        let (start, mut sent) = (Instant::now(), 0);
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        while start.elapsed() < load {
            let due = (start.elapsed().as_secs_f64() * rate as f64) as usize;
            while sent < due {
                // One whose connection has ended writes nothing: its messages are missed.
                let _ = self.asked[sent % self.asked.len()].send(());
                sent += 1;
            }
            ticks.tick().await;
        }
        sent
    }
}

impl Drop for Talkers {
    fn drop(&mut self) {
        self.running.abort_all();
    }
}

/// Asks for an agent and waits for one.
async fn chat(mut page: Page) -> io::Result<Page> {
    page.send("session.start", None, json!({})).await?;
    let talks = |frame: &Frame| frame.kind == "status" && frame.data["status"]["is"] == "talk";
    page.until(talks).await?;
    Ok(page)
}

async fn talk(
    mut page: Page,
    visitor: usize,
    mut asked: UnboundedReceiver<()>,
    tally: Tally,
) -> io::Result<()> {
    let mut number = 0;
    loop {
        tokio::select! {
            wish = asked.recv() => {
                if wish.is_none() {
                    return Ok(());
                }
                number += 1;
                let text = tally.text(visitor, number);
                // The key is the text: both are told apart by visitor and number.
                page.send("message.send", Some(&text), json!({ "text": text })).await?;
            }
            text = page.text() => {
                let text = text?;
                let has = |kind: &str| text.contains(kind);
                if has("\"type\":\"ack\"") {
                    tally.acked(&text);
                } else if has("\"type\":\"nack\"") || has("\"type\":\"error\"") {
                    tally.refused();
                }
            }
        }
    }
}
