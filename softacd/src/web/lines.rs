//! The browsers that are connected, and what waits to be written to each: bounded, so that one who does not
//! read is cut off and nobody else waits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ngcc_proto::FileId;
use ngcc_proto::chat::{Content, Message};
use ngcc_runtime::Gauge;
use ngcc_softacd_core::web::{Line, Shut, Tell};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use super::wire::{self, Greeting};

static OPEN: Gauge = Gauge::new("ngcc_web_connections", "Browsers' connections that are open.");

/// The most frames that wait for one browser.
const FRAMES: usize = 256;
/// The most bytes that wait for one browser.
const BYTES: usize = 1024 * 1024;

/// What waits.
#[derive(Debug)]
pub(super) enum Item {
    /// Frames that came as one, and the files that their reader may have from now on.
    Frames(Vec<String>, Vec<FileId>),
    /// The end.
    Close(Shut),
}

/// All connected browsers. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct WebLines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<HashMap<Line, Entry>>,
    next: AtomicU64,
    most: usize,
    live: watch::Sender<usize>,
}

#[derive(Debug)]
struct Entry {
    items: mpsc::Sender<Item>,
    bytes: Arc<AtomicUsize>,
    force: Arc<Force>,
    greeting: Greeting,
}

/// One browser's end of its queue.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) line: Line,
    items: mpsc::Receiver<Item>,
    bytes: Arc<AtomicUsize>,
    /// Says when it is to be cut off at once.
    pub(super) force: Arc<Force>,
}

/// Cuts a connection off, past what is queued for it.
#[derive(Debug, Default)]
pub(super) struct Force {
    why: Mutex<Option<Shut>>,
    set: Notify,
}

impl Force {
    fn set(&self, why: Shut) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        self.set.notify_one();
    }

    /// Returns when it is to be cut off. Safe to drop half-way.
    pub(super) async fn wait(&self) -> Shut {
        loop {
            if let Some(why) = *self.why.lock().unwrap_or_else(PoisonError::into_inner) {
                return why;
            }
            self.set.notified().await;
        }
    }
}

/// A place among the connections; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat(WebLines);

impl WebLines {
    pub(crate) fn new(most: usize) -> Self {
        let (open, next) = (Mutex::default(), AtomicU64::new(1));
        Self(Arc::new(Inner { open, next, most, live: watch::channel(0).0 }))
    }

    /// A place for one more connection; none when all are taken.
    pub(super) fn seat(&self) -> Option<Seat> {
        let most = self.0.most;
        let taken = self.0.live.send_if_modified(|live| {
            let free = *live < most;
            *live += usize::from(free);
            free
        });
        taken.then(|| {
            OPEN.add(1);
            Seat(self.clone())
        })
    }

    /// A line of a browser that has said who it is.
    pub(super) fn open(&self, greeting: Greeting) -> Outlet {
        let line = Line(self.0.next.fetch_add(1, Ordering::Relaxed));
        let (items, queue) = mpsc::channel(FRAMES);
        let force = Arc::new(Force::default());
        let bytes = Arc::new(AtomicUsize::new(0));
        let entry = Entry { items, bytes: Arc::clone(&bytes), force: Arc::clone(&force), greeting };
        self.lock().insert(line, entry);
        Outlet { line, items: queue, bytes, force }
    }

    /// Queues what the core tells. A browser whose queue is full is cut off.
    pub(crate) fn tell(&self, line: Line, id: Option<&str>, tell: Tell) {
        let mut open = self.lock();
        let Some(entry) = open.get(&line) else { return };
        let files = files(&tell);
        let texts = wire::frames(id, tell, &entry.greeting);
        let more: usize = texts.iter().map(String::len).sum();
        let waiting = entry.bytes.fetch_add(more, Ordering::Relaxed) + more;
        if waiting <= BYTES && entry.items.try_send(Item::Frames(texts, files)).is_ok() {
            return;
        }
        if let Some(entry) = open.remove(&line) {
            entry.force.set(Shut::Overrun);
        }
    }

    /// Ends a connection behind what is queued for it.
    pub(crate) fn close(&self, line: Line, why: Shut) {
        if let Some(entry) = self.lock().remove(&line)
            && entry.items.try_send(Item::Close(why)).is_err()
        {
            entry.force.set(why);
        }
    }

    /// Ends every connection: the core has lost what it knew of them.
    pub(crate) fn close_all(&self, why: Shut) {
        for (_, entry) in self.lock().drain().collect::<Vec<_>>() {
            entry.force.set(why);
        }
    }

    /// Forgets a line.
    pub(super) fn remove(&self, line: Line) {
        self.lock().remove(&line);
    }

    /// Returns when nobody is connected any more, or after `most`.
    pub(crate) async fn empty(&self, most: Duration) {
        // The sender lives in `self`; in both cases of a time-out there is nothing left to do.
        let _ = timeout(most, self.0.live.subscribe().wait_for(|live| *live == 0)).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Line, Entry>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet {
    /// The next to be written; none when the line was forgotten. Safe to drop half-way.
    pub(super) async fn next(&mut self) -> Option<Item> {
        let item = self.items.recv().await?;
        Some(self.taken(item))
    }

    /// One more to be written, if it waits already.
    pub(super) fn more(&mut self) -> Option<Item> {
        let item = self.items.try_recv().ok()?;
        Some(self.taken(item))
    }

    fn taken(&self, item: Item) -> Item {
        if let Item::Frames(texts, _) = &item {
            self.bytes.fetch_sub(texts.iter().map(String::len).sum(), Ordering::Relaxed);
        }
        item
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        OPEN.add(-1);
        self.0.0.live.send_modify(|live| *live -= 1);
    }
}

/// The files that somebody who is told this may have.
fn files(tell: &Tell) -> Vec<FileId> {
    let file = |message: &Message| {
        if let Content::File { file, .. } = &message.content { Some(*file) } else { None }
    };
    if let Tell::Message { message, .. } = tell {
        file(message).into_iter().collect()
    } else if let Tell::Replay { messages, .. } = tell {
        messages.iter().filter_map(file).collect()
    } else {
        vec![]
    }
}
