//! The in-process bus.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ngcc_proto::{Envelope, Role};

use super::{Bus, Sink, Tap};
use crate::metrics::{Counter, CounterBy};

static CARRIED: CounterBy =
    CounterBy::new("ngcc_bus_envelopes_total", "Envelopes carried, by receiver.", "to");
static LOST: Counter = Counter::new(
    "ngcc_bus_lost_total",
    "Envelopes lost because their role had not attached and too many were kept already: a bug.",
);

/// The most that is kept for a role that has not attached.
const KEPT: usize = 65_536;

/// One place a role.
#[derive(Default)]
pub(super) struct Direct {
    places: [RwLock<Place>; 8],
    taps: RwLock<Vec<Tap>>,
    tapped: AtomicBool,
}

enum Place {
    Kept(VecDeque<Envelope>),
    Attached(Arc<Sink>),
}

impl Default for Place {
    fn default() -> Self {
        Self::Kept(VecDeque::new())
    }
}

fn place_of(role: Role) -> (usize, &'static str) {
    match role {
        Role::Access => (0, "access"),
        Role::Cti => (1, "cti"),
        Role::Ivr => (2, "ivr"),
        Role::Collab => (3, "collab"),
        Role::Gateway => (4, "gateway"),
        Role::Data => (5, "data"),
        Role::Operator => (6, "operator"),
        Role::Im => (7, "im"),
    }
}

impl Direct {
    /// Shows an envelope to the taps.
    pub(super) fn show(&self, envelope: &Envelope) {
        if self.tapped.load(Ordering::Relaxed) {
            for tap in self.taps.read().unwrap_or_else(PoisonError::into_inner).iter() {
                tap(envelope);
            }
        }
    }

    /// Hands an envelope to its role, or keeps it.
    pub(super) fn deliver(&self, envelope: Envelope) {
        let (index, name) = place_of(envelope.to.role);
        CARRIED.with(name).inc();
        let place = &self.places[index];
        let attached = match &*place.read().unwrap_or_else(PoisonError::into_inner) {
            Place::Attached(sink) => Some(Arc::clone(sink)),
            Place::Kept(_) => None,
        };
        if let Some(sink) = attached {
            return sink(envelope);
        }
        let mut guard = place.write().unwrap_or_else(PoisonError::into_inner);
        match &mut *guard {
            // It attached between the two locks.
            Place::Attached(sink) => {
                let sink = Arc::clone(sink);
                drop(guard);
                sink(envelope);
            }
            Place::Kept(kept) if kept.len() < KEPT => kept.push_back(envelope),
            Place::Kept(_) => {
                LOST.inc();
                tracing::error!(
                    to = name,
                    kind = envelope.body.name(),
                    "nobody takes it, and too many are kept"
                );
            }
        }
    }
}

impl Bus for Direct {
    fn attach(&self, role: Role, sink: Sink) {
        let mut guard = self.places[place_of(role).0].write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that nothing sent meanwhile overtakes what was kept.
        if let Place::Kept(kept) = &mut *guard {
            kept.drain(..).for_each(&sink);
        }
        *guard = Place::Attached(Arc::new(sink));
    }

    fn send(&self, envelope: Envelope) {
        self.show(&envelope);
        self.deliver(envelope);
    }

    fn tap(&self, tap: Tap) {
        self.taps.write().unwrap_or_else(PoisonError::into_inner).push(tap);
        self.tapped.store(true, Ordering::Relaxed);
    }
}
