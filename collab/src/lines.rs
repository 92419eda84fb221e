//! The pages that are connected, and what waits to be written to each. It is bounded: of a shared page what waits
//! is dropped, and the reader goes on with the next snapshot; whoever does not read anything else is cut off.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ngcc_collab_core::{Input, Line, Shut, Tell, wire};
use ngcc_runtime::{Counter, Gauge, Inbox};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

static OPEN: Gauge =
    Gauge::new("ngcc_collab_connections", "Pages' connections to collaborations that are open.");
static LAGGED: Counter =
    Counter::new("ngcc_collab_lagged_total", "Times that a reader of a shared page was too slow for it.");

/// The most frames that wait for one page.
const FRAMES: usize = 512;
/// The most bytes that wait for one page: a snapshot, what came behind it, and a board.
const BYTES: usize = 12 * 1024 * 1024;
/// The most bytes of a shared page that wait where something else waits already.
const PAGE_BYTES: usize = 6 * 1024 * 1024;

/// What waits.
#[derive(Debug)]
enum Item {
    /// A frame; `page`: of a shared page, so that it may be dropped.
    Frame { text: String, page: bool },
    /// The end.
    Close(Shut),
}

/// What is to be written next.
#[derive(Debug)]
pub(crate) enum Next {
    /// A frame.
    Frame(String),
    /// The close frame.
    Close(Shut),
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
    /// Whether frames of the shared page are dropped until it begins anew.
    lags: bool,
    /// Set: it is cut off at once, past what waits.
    force: Option<Shut>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
    forced: Notify,
}

/// All connected pages. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<HashMap<Line, Arc<Queue>>>,
    next: AtomicU64,
    most: usize,
    live: watch::Sender<usize>,
    inbox: Inbox<Input>,
}

/// One page's end of its queue.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) line: Line,
    queue: Arc<Queue>,
}

/// A place among the connections; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Lines);

/// What becomes of a frame that is queued.
#[derive(Debug, PartialEq, Eq)]
enum Put {
    Queued,
    /// It and what waited of the shared page are dropped.
    Lags,
    /// There is no room for what must not be dropped.
    Full,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn force(&self, why: Shut) {
        self.lock().force = Some(why);
        self.forced.notify_one();
    }
}

impl Waiting {
    fn put(&mut self, text: String, tell: &Tell) -> Put {
        let (page, fresh) = match tell {
            Tell::Rr { fresh, .. } => (true, *fresh),
            Tell::Ready(_)
            | Tell::People(_)
            | Tell::Consents(_)
            | Tell::Asked { .. }
            | Tell::Paused { .. }
            | Tell::GoesOn { .. }
            | Tell::Snap
            | Tell::Acted { .. }
            | Tell::Act { .. }
            | Tell::Answered { .. }
            | Tell::Over { .. }
            | Tell::Filled { .. }
            | Tell::FilledUnseen { .. }
            | Tell::Focus { .. }
            | Tell::Confirmed
            | Tell::Y { .. }
            | Tell::Aware { .. }
            | Tell::Pushed(_)
            | Tell::LinkAnswered { .. }
            | Tell::File(_)
            | Tell::Removed { .. }
            | Tell::Ended { .. }
            | Tell::Wrong(_) => (false, false),
        };
        if fresh {
            // What waited is not needed any more.
            self.drop_page();
            self.lags = false;
        }
        if page && self.lags {
            return Put::Queued;
        }
        let most = if page && self.bytes > 0 { PAGE_BYTES } else { BYTES };
        if self.items.len() < FRAMES && self.bytes + text.len() <= most {
            self.bytes += text.len();
            self.items.push_back(Item::Frame { text, page });
            return Put::Queued;
        }
        if !page {
            return Put::Full;
        }
        self.drop_page();
        self.lags = true;
        Put::Lags
    }

    fn drop_page(&mut self) {
        let bytes = &mut self.bytes;
        self.items.retain(|item| match item {
            Item::Frame { text, page: true } => {
                *bytes -= text.len();
                false
            }
            Item::Frame { page: false, .. } | Item::Close(_) => true,
        });
    }
}

impl Lines {
    pub(crate) fn new(most: usize, inbox: Inbox<Input>) -> Self {
        let (open, next) = (Mutex::default(), AtomicU64::new(1));
        Self(Arc::new(Inner { open, next, most, live: watch::channel(0).0, inbox }))
    }

    /// A place for one more connection; none when all are taken.
    pub(crate) fn seat(&self) -> Option<Seat> {
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

    /// A line of a page that has shown a ticket.
    pub(crate) fn open(&self) -> Outlet {
        let line = Line(self.0.next.fetch_add(1, Ordering::Relaxed));
        let queue = Arc::<Queue>::default();
        self.lock().insert(line, Arc::clone(&queue));
        Outlet { line, queue }
    }

    /// Queues what the core tells.
    pub(crate) fn tell(&self, line: Line, id: Option<&str>, tell: &Tell) {
        let Some(queue) = self.lock().get(&line).cloned() else { return };
        let text = wire::write(id, tell);
        let put = queue.lock().put(text, tell);
        match put {
            Put::Queued => queue.filled.notify_one(),
            Put::Lags => {
                LAGGED.inc();
                self.0.inbox.put(Input::Lagged { line });
            }
            Put::Full => {
                self.remove(line);
                queue.force(Shut::Overrun);
            }
        }
    }

    /// Ends a connection behind what is queued for it.
    pub(crate) fn close(&self, line: Line, why: Shut) {
        if let Some(queue) = self.lock().remove(&line) {
            queue.lock().items.push_back(Item::Close(why));
            queue.filled.notify_one();
        }
    }

    /// Ends every connection: the core has lost what it knew of them.
    pub(crate) fn close_all(&self, why: Shut) {
        for (_, queue) in self.lock().drain().collect::<Vec<_>>() {
            queue.force(why);
        }
    }

    /// Forgets a line.
    pub(crate) fn remove(&self, line: Line) {
        self.lock().remove(&line);
    }

    /// Returns when nobody is connected any more, or after `most`.
    pub(crate) async fn empty(&self, most: Duration) {
        // The sender lives in `self`; in both cases of a time-out there is nothing left to do.
        let _ = timeout(most, self.0.live.subscribe().wait_for(|live| *live == 0)).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Line, Arc<Queue>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet {
    /// The next to be written. Safe to drop half-way.
    pub(crate) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.queue.filled.notified().await;
        }
    }

    fn take(&self) -> Option<Next> {
        let mut waiting = self.queue.lock();
        match waiting.items.pop_front()? {
            Item::Frame { text, .. } => {
                waiting.bytes -= text.len();
                Some(Next::Frame(text))
            }
            Item::Close(why) => Some(Next::Close(why)),
        }
    }

    /// Returns when it is to be cut off, past what waits. Safe to drop half-way.
    pub(crate) async fn forced(&self) -> Shut {
        loop {
            if let Some(why) = self.queue.lock().force {
                return why;
            }
            self.queue.forced.notified().await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        OPEN.add(-1);
        self.0.0.live.send_modify(|live| *live -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rr(fresh: bool) -> Tell {
        Tell::Rr { events: [].into(), fresh }
    }

    #[test]
    fn a_slow_reader_of_a_page_loses_what_waits_of_it_and_goes_on_with_the_next_snapshot() {
        let mut waiting = Waiting::default();
        let megabyte = || "x".repeat(1024 * 1024);
        assert_eq!(waiting.put("ready".to_owned(), &Tell::Confirmed), Put::Queued);
        for _ in 0..5 {
            assert_eq!(waiting.put(megabyte(), &rr(false)), Put::Queued);
        }
        assert_eq!(waiting.put(megabyte(), &rr(false)), Put::Lags);
        assert_eq!((waiting.items.len(), waiting.bytes), (1, 5), "what else waits stays");
        assert_eq!(waiting.put(megabyte(), &rr(false)), Put::Queued);
        assert_eq!(waiting.items.len(), 1, "it is told once, and nothing more of the page is kept");
        assert_eq!(waiting.put("snapshot".to_owned(), &rr(true)), Put::Queued);
        assert_eq!(waiting.put("change".to_owned(), &rr(false)), Put::Queued);
        assert_eq!(waiting.items.len(), 3);
        assert_eq!(waiting.put("snapshot".to_owned(), &rr(true)), Put::Queued);
        assert_eq!(waiting.items.len(), 2, "a snapshot makes what waited superfluous");
    }

    #[test]
    fn a_reader_of_nothing_at_all_is_full() {
        let mut waiting = Waiting::default();
        for _ in 0..FRAMES {
            assert_eq!(waiting.put("x".to_owned(), &Tell::Snap), Put::Queued);
        }
        assert_eq!(waiting.put("x".to_owned(), &Tell::Snap), Put::Full);
        assert_eq!(waiting.put("x".to_owned(), &rr(false)), Put::Lags);
        let mut waiting = Waiting::default();
        assert_eq!(waiting.put("x".repeat(BYTES + 1), &Tell::Snap), Put::Full);
    }
}
