//! The one clockwork of this core: every timer in one ordered set, each with what it is for.

use std::collections::BTreeSet;

use ngcc_proto::{CollabId, Mono, Why};

use crate::ask::Side;
use crate::look::Looker;

/// What a timer is for; each is set at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// An end has been away long enough.
    Grace(CollabId, Side),
    /// One who looks on has been away long enough.
    Looker(CollabId, Looker),
    /// What has changed is to be written.
    Save(CollabId),
}

/// All timers, in the order in which they are due.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeSet<(Mono, Timer)>);

impl Timers {
    pub(crate) fn set(&mut self, at: Mono, timer: Timer) {
        self.0.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, at: Mono, timer: Timer) {
        self.0.remove(&(at, timer));
    }

    /// Takes the next timer that is due at `now`.
    pub(crate) fn due(&mut self, now: Mono) -> Option<Timer> {
        let first = *self.0.first()?;
        (first.0 <= now).then(|| {
            self.0.remove(&first);
            first.1
        })
    }

    pub(crate) fn next(&self) -> Option<(Mono, Why)> {
        let (at, timer) = self.0.first()?;
        let why = match timer {
            Timer::Grace(..) | Timer::Looker(..) => Why::Grace,
            Timer::Save(_) => Why::Housekeeping,
        };
        Some((*at, why))
    }
}
