//! Protocol conversion: messaging channels in their providers' own formats outside, the one internal message inside.
//!
//! An adapter reads what a provider posts to `/hooks/<channel>` and writes what it is to get; which sessions there
//! are, and what is sent when, is the core's business (`ngcc_softacd_core::channel`).

mod adapter;
mod alipay;
mod ask;
mod crypt;
mod email;
mod form;
mod generic;
mod health;
mod hook;
mod poll;
mod provider;
mod qq;
mod rsa;
mod telegram;
mod token;
mod wechat;
mod wecom;
mod xml;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use ngcc_proto::Ids;
use ngcc_proto::config::ChannelAccount;
use ngcc_runtime::{Bus, Clock, Counter, House, Inbox, StartError, Uploads};
use ngcc_softacd_core::Input;
use ngcc_softacd_core::channel::{Outcome, Post, Writing};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::witness::Witness;
use adapter::Adapter;
use poll::Poll;
use provider::{Failed, Provider};

static SENT: Counter = Counter::new("ngcc_channel_sent_total", "Messages that channels' providers took.");
static LATER: Counter =
    Counter::new("ngcc_channel_later_total", "Messages that a channel's provider did not take for now.");
static REFUSED: Counter =
    Counter::new("ngcc_channel_refused_total", "Messages that a channel's provider will never take.");

/// How much is sent at once.
const AT_ONCE: usize = 256;
/// How long one send may take, its uploads and the wait for a turn included; a letter may take longer.
const SENDING: Duration = Duration::from_secs(30);
/// How long it may take to show that somebody writes: later it is not true any more.
const SHOWING: Duration = Duration::from_secs(5);
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
    /// Where it stands how far a provider that is asked has been heard.
    cursors: PathBuf,
    max_upload: u64,
    witness: Witness,
    adapters: RwLock<BTreeMap<String, Entry>>,
    /// Where providers are asked for what has happened, whoever it is that takes what is configured.
    runtime: Handle,
    tickets: Mutex<HashMap<u64, oneshot::Sender<bool>>>,
    last_ticket: AtomicU64,
    turns: Semaphore,
    /// How many may be tried out.
    trials: Semaphore,
    bus: Arc<dyn Bus>,
    ids: Mutex<Ids>,
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
    pub(crate) fn open(house: &House, max_upload: u64, witness: Witness) -> Result<Self, StartError> {
        let uploads = Uploads::open(house)
            .map_err(|source| StartError::DataDir { path: house.data_dir.join("uploads"), source })?;
        Ok(Self(Arc::new(Inner {
            clock: house.clock.clone(),
            inbox: OnceLock::new(),
            uploads,
            cursors: house.data_dir.join("channels"),
            max_upload,
            witness,
            adapters: RwLock::default(),
            runtime: Handle::current(),
            tickets: Mutex::default(),
            last_ticket: AtomicU64::new(0),
            turns: Semaphore::new(AT_ONCE),
            trials: Semaphore::new(ask::TRIALS),
            bus: Arc::clone(&house.bus),
            ids: Mutex::new(house.ids()),
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
            let entry = match old.remove(name) {
                Some(entry) if entry.adapter.is_for(account) => entry,
                before => self.entry(account, before.as_ref()),
            };
            adapters.insert(name.clone(), entry);
        }
    }

    fn entry(&self, account: &ChannelAccount, before: Option<&Entry>) -> Entry {
        let adapter = Adapter::new(account, self.clock.now().wall);
        if let Some(before) = before {
            adapter.health.goes_on_from(&before.adapter.health);
        }
        let adapter = Arc::new(adapter);
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
                Some(to) => {
                    let done = timeout(to.patience(), all.post(&to, &post)).await;
                    done.unwrap_or_else(|_| late(&to, &all.clock).0)
                }
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
        match adapter.give(post, &self.provider()).await {
            Ok(()) => Outcome::Sent,
            Err((outcome, _)) => outcome,
        }
    }

    fn provider(&self) -> Provider<'_> {
        Provider { uploads: &self.uploads, clock: &self.clock }
    }

    /// Shows a person whether somebody writes to them, unless so much is being sent that it would have to wait. Nobody
    /// is told what became of it.
    pub(crate) fn shows(&self, writing: Writing) {
        let all = self.clone();
        tokio::spawn(async move {
            let Some(adapter) = all.adapter(&writing.channel) else { return };
            let Ok(_turn) = all.turns.try_acquire() else { return };
            let done = timeout(SHOWING, adapter.shows(&writing, &all.clock)).await;
            if !matches!(done, Ok(Ok(()))) {
                tracing::debug!(channel = writing.channel, "that somebody writes was not shown");
            }
        });
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

/// A provider has not taken something in the time that it has.
fn late(adapter: &Adapter, clock: &Clock) -> (Outcome, String) {
    let why = Failed::Now("it did not take the message in time".to_owned());
    adapter.fails(&why, clock.now().wall)
}
