//! Asking WeCom for what there is: one task a channel, page by page, and never behind what is not on disk yet.
//!
//! A callback is only a hint, and answered as one. Nothing is lost with it: after a start, and now and then, every
//! account that is known is asked for by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Wecom;
use super::cursors::Cursors;
use super::told::Page;
use crate::channels::adapter::{Adapter, Asked};
use crate::channels::provider::Failed;
use crate::channels::{Channels, hook};

/// So much is told at once. A page that was not taken whole comes again, and by then every message of it has to be known
/// again, though all of it were one person's.
pub(super) const LIMIT: usize = 50;
/// The pause after something that went wrong; it doubles up to the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);
/// So often it is asked without a hint.
const REGULARLY: Duration = Duration::from_secs(600);
/// How long one message may take to the disk, with its file.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks for as long as the channel is set up.
pub(in super::super) async fn run(channels: Channels, channel: String, adapter: Arc<Adapter>) {
    let Some(Asked::Pages(wecom)) = adapter.asked() else { return };
    let mut pause = FIRST;
    let mut cursors = loop {
        let now = channels.clock.now().wall;
        match Cursors::open(&channels.cursors, &channel, &wecom.corporation, now).await {
            Ok(cursors) => break cursors,
            Err(error) => tracing::error!(channel, %error, "how far a channel is cannot be read"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    };
    let every = |cursors: &Cursors| cursors.accounts().map(|of| (of.clone(), String::new())).collect();
    let mut due: BTreeMap<String, String> = every(&cursors);
    pause = FIRST;
    loop {
        due.extend(wecom.hints.take());
        if due.is_empty() {
            if timeout(REGULARLY, wecom.hints.woken.notified()).await.is_err() {
                due = every(&cursors);
            }
            continue;
        }
        let ours = Ours { channels: &channels, channel: &channel, adapter: &adapter, wecom };
        let mut left = BTreeMap::new();
        for (account, hint) in std::mem::take(&mut due) {
            if !ours.asks(&account, &hint, &mut cursors).await {
                left.insert(account, hint);
            }
        }
        if left.is_empty() {
            pause = FIRST;
            continue;
        }
        due = left;
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// Whose pages are taken.
struct Ours<'a> {
    channels: &'a Channels,
    channel: &'a str,
    adapter: &'a Adapter,
    wecom: &'a Wecom,
}

impl Ours<'_> {
    /// Whether everything that there is of an account is on disk.
    async fn asks(&self, account: &str, hint: &str, cursors: &mut Cursors) -> bool {
        loop {
            match self.takes(account, hint, cursors).await {
                Ok(Some(more)) if more => {}
                Ok(taken) => return taken.is_some(),
                Err(Why::Provider(failed)) => {
                    let why = self.adapter.health.failed(&failed, self.channels.clock.now().wall);
                    tracing::warn!(
                        channel = self.channel,
                        why,
                        "a channel's provider does not tell what has happened"
                    );
                    return false;
                }
                Err(why @ Why::Disk(_)) => {
                    tracing::error!(channel = self.channel, %why, "a channel's messages wait at its provider");
                    return false;
                }
            }
        }
    }

    /// Takes a page: whether there is more, none if it is not taken whole.
    async fn takes(&self, account: &str, hint: &str, cursors: &mut Cursors) -> Result<Option<bool>, Why> {
        // Known before anything of it is taken: after a kill it is asked for by itself.
        if !cursors.knows(account) {
            cursors.moves(account, String::new()).await?;
        }
        let behind = cursors.of(account).to_owned();
        let page = self.wecom.page((account, &behind, hint), &self.channels.clock).await?;
        self.adapter.health.answered(self.channels.clock.now().wall);
        let Page { told, cursor, more } = page;
        let mut waiting = BTreeSet::new();
        for one in told.into_iter().filter(|one| one.at.0 >= cursors.since().0) {
            let from = one.brought.from.clone();
            // What somebody has sent stays in order; others do not wait for it.
            if waiting.contains(&from) {
                continue;
            }
            let taken = hook::take_all(self.channels, self.adapter, self.channel, vec![one.brought]);
            if !timeout(PATIENCE, taken).await.unwrap_or(false) {
                waiting.insert(from);
            }
        }
        if !waiting.is_empty() {
            return Ok(None);
        }
        // One that goes nowhere would be asked for without end.
        let on = !cursor.is_empty() && cursor != behind;
        if on {
            cursors.moves(account, cursor).await?;
        }
        Ok(Some(more && on))
    }
}

/// Why a page is not taken.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Provider(#[from] Failed),
    #[error("how far it is cannot be written: {0}")]
    Disk(#[from] io::Error),
}
