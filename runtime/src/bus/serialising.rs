//! The bus that serialises, drops and repeats: no product mode, but the product's own code under the
//! conditions of several processes.

use std::sync::{Mutex, PoisonError};

use ngcc_proto::{Envelope, Rng, Role};

use super::direct::Direct;
use super::{Bus, Sink, Tap};
use crate::metrics::Counter;

static UNSERIALISABLE: Counter = Counter::new(
    "ngcc_bus_unserialisable_total",
    "Envelopes that could not be written or read back the same: a bug.",
);

/// A wrapper that lets nothing but JSON through.
pub(super) struct Serialising {
    inner: Direct,
    chance: Mutex<Chance>,
}

struct Chance {
    rng: Rng,
    /// Repeats that come late: after the next envelope rather than at once.
    late: Vec<Envelope>,
}

impl Serialising {
    pub(super) fn new(seed: u64) -> Self {
        let chance = Mutex::new(Chance { rng: Rng::from_u64(seed), late: Vec::new() });
        Self { inner: Direct::default(), chance }
    }

    /// The late repeats that are due, and whether this one is repeated at once.
    fn draw(&self, json: &[u8]) -> (Vec<Envelope>, bool) {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        let due = std::mem::take(&mut chance.late);
        let drawn = chance.rng.below(20);
        if drawn == 0 {
            chance.late.extend(read_back(json));
        }
        (due, drawn == 1)
    }
}

fn read_back(json: &[u8]) -> Option<Envelope> {
    match serde_json::from_slice(json) {
        Ok(envelope) => Some(envelope),
        Err(error) => {
            UNSERIALISABLE.inc();
            // Only where, never what: the text may hold digits.
            tracing::error!(
                line = error.line(),
                column = error.column(),
                "an envelope does not read as it was written"
            );
            None
        }
    }
}

impl Bus for Serialising {
    fn attach(&self, role: Role, sink: Sink) {
        self.inner.attach(role, sink);
    }

    fn send(&self, envelope: Envelope) {
        self.inner.show(&envelope);
        let kind = envelope.body.name();
        let Ok(json) = serde_json::to_vec(&envelope) else {
            UNSERIALISABLE.inc();
            tracing::error!(kind, "an envelope cannot be written");
            return;
        };
        drop(envelope);
        let Some(first) = read_back(&json) else { return };
        let (late, again) = self.draw(&json);
        self.inner.deliver(first);
        if again && let Some(repeat) = read_back(&json) {
            self.inner.deliver(repeat);
        }
        late.into_iter().for_each(|repeat| self.inner.deliver(repeat));
    }

    fn tap(&self, tap: Tap) {
        self.inner.tap(tap);
    }
}
