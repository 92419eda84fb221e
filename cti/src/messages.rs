//! The customers' message store: a file, a task and a queue of its own, so that neither the business database
//! nor the colleagues' exchange waits for it, nor it for them (S2-07).

mod store;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ngcc_proto::chat::{Author, Content};
use ngcc_proto::data::Event;
use ngcc_proto::{Ids, MessageId, SessionId};
use ngcc_runtime::{Counter, Histogram, House};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout_at;

use crate::sqlite::READERS;
use crate::voice::{Voice, spawn};
use store::Page;
pub(crate) use store::{Draft, Store};

static KEPT: Counter = Counter::new("ngcc_messages_kept_total", "Customers' messages stored.");
static NOT_KEPT: Counter =
    Counter::new("ngcc_messages_not_kept_total", "Customers' messages that could not be stored.");
static UNREAD: Counter = Counter::new(
    "ngcc_messages_unread_total",
    "Questions for a session's messages that the store did not answer.",
);
static TOOK: Histogram =
    Histogram::new("ngcc_messages_commit_seconds", "Transactions of the customers' message store.");

/// The most messages of a transaction.
const BATCH: usize = 512;
/// The longest a transaction may take; a repeat of the message finds out what has become of it.
const PATIENCE: Duration = Duration::from_secs(4);
/// The most messages of one answer.
pub(crate) const MOST: u32 = 500;
/// The longest a question may take, the time it waits behind others included; then whoever asked is told.
const LONGEST: Duration = Duration::from_secs(8);
/// The pause after a question that the store did not answer; then it is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// A message to be stored, as cti asks for it.
pub(crate) struct Keep {
    pub(crate) cause: MessageId,
    pub(crate) session: SessionId,
    pub(crate) sender: String,
    pub(crate) key: String,
    pub(crate) by: Author,
    pub(crate) content: Content,
    pub(crate) private: bool,
}

/// What cti wants to read.
pub(crate) struct Read {
    pub(crate) cause: MessageId,
    pub(crate) session: SessionId,
    pub(crate) after: u64,
    pub(crate) limit: u32,
    pub(crate) private: bool,
}

/// Where the store is asked. It ends when this is dropped.
pub(crate) struct Desk {
    keep: UnboundedSender<Keep>,
    read: UnboundedSender<(Read, Instant)>,
}

impl Desk {
    /// Starts the store's tasks.
    pub(crate) fn open(store: &Store, voice: &Voice, house: &House) -> Self {
        let (keep, keeps) = unbounded_channel();
        let (read, reads) = unbounded_channel();
        spawn(house, write(store.clone(), keeps, voice.clone(), house.ids()));
        spawn(house, answer(store.clone(), reads, voice.clone()));
        Self { keep, read }
    }

    /// A store whose task has ended with the house takes nothing more, and nobody waits for it.
    pub(crate) fn keep(&self, message: Keep) {
        let _ = self.keep.send(message);
    }

    pub(crate) fn read(&self, question: Read) {
        let _ = self.read.send((question, Instant::now() + LONGEST));
    }
}

/// Stores until the desk is closed. There is no timer: what comes while one batch is written is the next one.
async fn write(store: Store, mut queue: UnboundedReceiver<Keep>, voice: Voice, mut ids: Ids) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let at = voice.now();
        let (mut drafts, mut causes) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Keep { cause, session, sender, key, by, content, private } in batch.drain(..) {
            let draft = Draft { session, sender, key, id: ids.mint(at), at, by, content, private };
            if draft.is_fit() {
                drafts.push(draft);
                causes.push(cause);
            } else {
                not_kept(&voice, cause, draft.session, draft.sender, draft.key);
            }
        }
        if drafts.is_empty() {
            continue;
        }
        let began = Instant::now();
        match tokio::time::timeout(PATIENCE, store.keep(&drafts)).await {
            Ok(Ok(kept)) => {
                TOOK.observe(began.elapsed());
                KEPT.add(kept.iter().filter(|kept| !kept.repeat).count() as u64);
                for ((draft, kept), cause) in drafts.into_iter().zip(kept).zip(causes) {
                    let Draft { session, sender, key, .. } = draft;
                    let event =
                        Event::Kept { session, sender, key, message: kept.message, repeat: kept.repeat };
                    voice.say_of(session, cause, event);
                }
            }
            Ok(Err(error)) => {
                tracing::error!(%error, messages = drafts.len(), "the customers' message store failed a batch");
                give_back(&voice, drafts, causes, &mut queue);
            }
            Err(_) => {
                tracing::error!(messages = drafts.len(), "the customers' message store does not answer");
                give_back(&voice, drafts, causes, &mut queue);
            }
        }
    }
}

/// The batch and everything that waited behind it: it has waited as long, and would only wait for the next failure.
fn give_back(voice: &Voice, drafts: Vec<Draft>, causes: Vec<MessageId>, queue: &mut UnboundedReceiver<Keep>) {
    for (Draft { session, sender, key, .. }, cause) in drafts.into_iter().zip(causes) {
        not_kept(voice, cause, session, sender, key);
    }
    while let Ok(Keep { cause, session, sender, key, .. }) = queue.try_recv() {
        not_kept(voice, cause, session, sender, key);
    }
}

fn not_kept(voice: &Voice, cause: MessageId, session: SessionId, sender: String, key: String) {
    NOT_KEPT.inc();
    voice.say_of(session, cause, Event::NotKept { session, sender, key });
}

/// Answers until the desk is closed, as many at a time as may read.
async fn answer(store: Store, mut questions: UnboundedReceiver<(Read, Instant)>, voice: Voice) {
    let readers = Arc::new(Semaphore::new(READERS as usize));
    while let Some((question, until)) = questions.recv().await {
        // The semaphore is never closed.
        let Ok(Ok(turn)) = timeout_at(until.into(), Arc::clone(&readers).acquire_owned()).await else {
            not_read(&voice, &question);
            continue;
        };
        let (store, voice) = (store.clone(), voice.clone());
        tokio::spawn(async move {
            match timeout_at(until.into(), read(&store, &question)).await {
                Ok(Page { messages, more }) => {
                    let Read { cause, session, .. } = question;
                    voice.say_of(session, cause, Event::Messages { session, messages, more });
                }
                Err(_) => not_read(&voice, &question),
            }
            drop(turn);
        });
    }
    // Whoever is being answered is answered.
    let _ = readers.acquire_many(READERS).await;
}

/// Asks the store until it answers.
async fn read(store: &Store, question: &Read) -> Page {
    let Read { session, after, limit, private, .. } = *question;
    loop {
        match store.page(session, after, limit.clamp(1, MOST), private).await {
            Ok(page) => return page,
            Err(error) => {
                tracing::warn!(%error, %session, "the customers' message store did not answer a question");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn not_read(voice: &Voice, question: &Read) {
    UNREAD.inc();
    voice.say_of(question.session, question.cause, Event::NotRead { session: question.session });
}

#[cfg(test)]
mod tests;
