//! A core's inbox: anybody may put, nobody waits. Load is bounded at the edges; a full inbox is a bug that is counted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ngcc_proto::{Envelope, Role};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::bus::Bus;
use crate::metrics::CounterBy;
use crate::seen::Seen;

static DROPPED: CounterBy =
    CounterBy::new("ngcc_inbox_dropped_total", "Inputs dropped because an inbox was full: a bug.", "core");
static REPEATS: CounterBy =
    CounterBy::new("ngcc_inbox_repeats_total", "Repeated envelopes that were taken once.", "core");

/// Where inputs are put. Clones put into the same inbox.
#[derive(Debug)]
pub struct Inbox<I> {
    tx: UnboundedSender<I>,
    gauge: Arc<Depth>,
}

/// Where they are taken out, by the one driver.
#[derive(Debug)]
pub struct Outlet<I> {
    rx: UnboundedReceiver<I>,
    gauge: Arc<Depth>,
}

#[derive(Debug)]
struct Depth {
    name: &'static str,
    ceiling: usize,
    waiting: AtomicUsize,
    dropped: AtomicUsize,
}

impl<I> Clone for Inbox<I> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone(), gauge: Arc::clone(&self.gauge) }
    }
}

impl<I> Inbox<I> {
    /// An inbox that holds at most `ceiling` inputs, and its outlet.
    pub fn new(name: &'static str, ceiling: usize) -> (Self, Outlet<I>) {
        let (tx, rx) = unbounded_channel();
        let gauge =
            Arc::new(Depth { name, ceiling, waiting: AtomicUsize::new(0), dropped: AtomicUsize::new(0) });
        (Self { tx, gauge: Arc::clone(&gauge) }, Outlet { rx, gauge })
    }

    /// Puts an input in. Never waits; after the core has stopped the input is dropped.
    pub fn put(&self, input: I) {
        if self.gauge.waiting.fetch_add(1, Ordering::Relaxed) >= self.gauge.ceiling {
            self.gauge.waiting.fetch_sub(1, Ordering::Relaxed);
            self.drop_one();
            return;
        }
        if self.tx.send(input).is_err() {
            self.gauge.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many inputs wait.
    pub fn depth(&self) -> usize {
        self.gauge.waiting.load(Ordering::Relaxed)
    }

    fn drop_one(&self) {
        DROPPED.with(self.gauge.name).inc();
        let dropped = self.gauge.dropped.fetch_add(1, Ordering::Relaxed);
        // One line in a thousand: the log must not make an overload worse.
        if dropped.is_multiple_of(1000) {
            tracing::error!(
                core = self.gauge.name,
                ceiling = self.gauge.ceiling,
                dropped = dropped + 1,
                "inbox full"
            );
        }
    }
}

impl<I: From<Envelope> + Send + 'static> Inbox<I> {
    /// Takes what the bus carries to `role`, each envelope once.
    pub fn attach_to(&self, bus: &Arc<dyn Bus>, role: Role) {
        self.attach_watching(bus, role, |_| {});
    }

    /// The same, and shows each envelope to `watch` before it is put in: also what the bus had kept.
    pub fn attach_watching(
        &self,
        bus: &Arc<dyn Bus>,
        role: Role,
        watch: impl Fn(&Envelope) + Send + Sync + 'static,
    ) {
        let inbox = self.clone();
        let seen = Mutex::new(Seen::default());
        bus.attach(
            role,
            Box::new(move |envelope| {
                let new = seen.lock().unwrap_or_else(PoisonError::into_inner).is_new(envelope.id);
                if new {
                    watch(&envelope);
                    inbox.put(envelope.into());
                } else {
                    REPEATS.with(inbox.gauge.name).inc();
                }
            }),
        );
    }
}

impl<I> Outlet<I> {
    /// Waits for inputs and moves up to `most` of them behind those in `into`; the number moved, 0 when
    /// every inbox is gone. Safe to drop half-way.
    pub async fn take(&mut self, into: &mut Vec<I>, most: usize) -> usize {
        let taken = self.rx.recv_many(into, most).await;
        self.gauge.waiting.fetch_sub(taken, Ordering::Relaxed);
        taken
    }

    /// Moves up to `most` inputs that are there already; the number moved.
    pub fn take_now(&mut self, into: &mut Vec<I>, most: usize) -> usize {
        let mut taken = 0;
        while taken < most
            && let Ok(input) = self.rx.try_recv()
        {
            into.push(input);
            taken += 1;
        }
        self.gauge.waiting.fetch_sub(taken, Ordering::Relaxed);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_inbox_drops_and_has_room_again_when_some_were_taken() {
        let (inbox, mut outlet) = Inbox::new("test-full", 2);
        for n in 0..3 {
            inbox.put(n);
        }
        assert_eq!(inbox.depth(), 2);
        let mut out = Vec::new();
        assert_eq!(outlet.take(&mut out, 10).await, 2);
        inbox.put(3);
        assert_eq!(outlet.take_now(&mut out, 10), 1);
        assert_eq!(out, [0, 1, 3]);
        assert_eq!(DROPPED.with("test-full").get(), 1);
    }
}
