//! Protocol conversion: messaging channels in their providers' own formats outside, the one internal message inside.
//!
//! An adapter reads what a provider posts to `/hooks/<channel>` and writes what it is to get; which sessions there
//! are, and what is sent when, is the core's business (`ngcc_softacd_core::channel`).

mod adapter;
mod alipay;
mod crypt;
mod email;
mod form;
mod generic;
mod hook;
mod poll;
mod provider;
mod qq;
mod rsa;
mod telegram;
mod token;
mod wechat;
mod xml;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use ngcc_proto::config::ChannelAccount;
use ngcc_runtime::{Clock, Counter, House, Inbox, StartError, Uploads};
use ngcc_softacd_core::Input;
use ngcc_softacd_core::channel::{Outcome, Post};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use adapter::Adapter;
use poll::Poll;
use provider::Provider;

static SENT: Counter = Counter::new("ngcc_channel_sent_total", "Messages that channels' providers took.");
static LATER: Counter =
    Counter::new("ngcc_channel_later_total", "Messages that a channel's provider did not take for now.");
static REFUSED: Counter =
    Counter::new("ngcc_channel_refused_total", "Messages that a channel's provider will never take.");

/// How much is sent at once.
const AT_ONCE: usize = 256;
/// The largest callback that is read.
const MAX_CALLBACK: usize = 8 << 20;

/// A channel that is configured, and the task that asks for what happens on it where nobody calls.
struct Entry {
    adapter: Arc<Adapter>,
    _poll: Option<Poll>,
}

/// All channels. Clones are the same.
#[derive(Clone)]
pub(crate) struct Channels(Arc<Inner>);

pub(crate) struct Inner {
    clock: Clock,
    inbox: OnceLock<Inbox<Input>>,
    uploads: Uploads,
    max_upload: u64,
    adapters: RwLock<BTreeMap<String, Entry>>,
    /// Where providers are asked for what has happened, whoever it is that takes what is configured.
    runtime: Handle,
    tickets: Mutex<HashMap<u64, oneshot::Sender<bool>>>,
    last_ticket: AtomicU64,
    turns: Semaphore,
}

impl std::ops::Deref for Channels {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channels(…)")
    }
}

impl Channels {
    /// No channel yet.
    ///
    /// # Errors
    /// The store of files cannot be opened.
    pub(crate) fn open(house: &House, max_upload: u64) -> Result<Self, StartError> {
        let uploads = Uploads::open(house)
            .map_err(|source| StartError::DataDir { path: house.data_dir.join("uploads"), source })?;
        Ok(Self(Arc::new(Inner {
            clock: house.clock.clone(),
            inbox: OnceLock::new(),
            uploads,
            max_upload,
            adapters: RwLock::default(),
            runtime: Handle::current(),
            tickets: Mutex::default(),
            last_ticket: AtomicU64::new(0),
            turns: Semaphore::new(AT_ONCE),
        })))
    }

    /// Whom to tell what comes in.
    pub(crate) fn attach(&self, inbox: Inbox<Input>) {
        // It is attached once, at the start.
        let _ = self.inbox.set(inbox);
    }

    /// Takes what is configured. A channel that stays as it was keeps its adapter, with the token it holds.
    pub(crate) fn configure(&self, accounts: &[ChannelAccount]) {
        let mut adapters = self.adapters.write().unwrap_or_else(PoisonError::into_inner);
        let mut old = std::mem::take(&mut *adapters);
        for account in accounts {
            let name = &account.settings.name;
            let kept = old.remove(name).filter(|entry| entry.adapter.is_for(account));
            adapters.insert(name.clone(), kept.unwrap_or_else(|| self.entry(account)));
        }
    }

    fn entry(&self, account: &ChannelAccount) -> Entry {
        let adapter = Arc::new(Adapter::new(account));
        let asked = adapter.asked().is_some();
        let poll = asked.then(|| Poll::begin(self, account.settings.name.clone(), Arc::clone(&adapter)));
        Entry { adapter, _poll: poll }
    }

    /// The callbacks of providers.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/hooks/{channel}", any(hook::called))
            .layer(DefaultBodyLimit::max(MAX_CALLBACK))
            .with_state(self.clone())
    }

    /// Gives something to a provider; the core is told what became of it.
    pub(crate) fn send(&self, post: Post) {
        let all = self.clone();
        tokio::spawn(async move {
            let outcome = match all.adapter(&post.channel) {
                // The wait for a turn counts.
                Some(to) => timeout(to.patience(), all.post(&to, &post)).await.unwrap_or(Outcome::Later),
                None => Outcome::Later,
            };
            match outcome {
                Outcome::Sent => SENT.inc(),
                Outcome::Later | Outcome::Shut => LATER.inc(),
                Outcome::Refused => REFUSED.inc(),
            }
            let Post { channel, to, n, .. } = post;
            if let Some(inbox) = all.inbox.get() {
                inbox.put(Input::ChannelSent { channel, to, n, outcome });
            }
        });
    }

    async fn post(&self, adapter: &Adapter, post: &Post) -> Outcome {
        // Nobody closes it.
        let Ok(_turn) = self.turns.acquire().await else { return Outcome::Later };
        adapter.send(post, &Provider { uploads: &self.uploads, clock: &self.clock }).await
    }

    /// The core's answer to what came in.
    pub(crate) fn answer(&self, ticket: u64, taken: bool) {
        let waits = self.tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
        // Whoever waited may have gone.
        let _ = waits.map(|waits| waits.send(taken));
    }

    fn adapter(&self, channel: &str) -> Option<Arc<Adapter>> {
        self.adapters
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(channel)
            .map(|entry| Arc::clone(&entry.adapter))
    }

    /// A ticket, and what its answer comes by.
    fn ticket(&self) -> (u64, oneshot::Receiver<bool>) {
        let ticket = self.last_ticket.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, tell);
        (ticket, told)
    }
}
