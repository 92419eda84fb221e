//! Deadlines by name: setting one again moves it, and an ended thing cancels its own.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::{CollabId, LegId, Mono, SeatId, SessionId, Why};

/// What is to be looked at when a deadline passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Session control is asked again for a kept first message (S0-06).
    AskAgain(LegId),
    /// The lease of a session's offer, or the ringing of its plain call, is over.
    Lease(SessionId),
    /// A consulted side has rung long enough.
    Side(SessionId),
    /// A session has waited in its queue as long as it may.
    QueueWait(SessionId),
    /// A PIN has not been checked in time.
    Pin(SessionId),
    /// A seat's wrap-up after a session ends.
    WrapUp(SeatId, SessionId),
    /// A seat that refused an offer may be asked again.
    Rest(SeatId),
    /// A lost connection's grace ends.
    Grace(LegId),
    /// A chat in which nobody writes is warned, then closed (S0-08).
    Idle(SessionId),
    /// A chat's customer has been away for long enough to say so.
    Gone(SessionId),
    /// A line of ours has not been stored yet.
    Line(SessionId),
    /// A place in a queue may be told again.
    Status(SessionId),
    /// The grace of an agent whose last page is gone ends.
    Console(SeatId),
    /// A closed session has not been stored yet.
    Store(SessionId),
    /// The application server, or the collaboration server, has not answered.
    Collab(CollabId),
    /// What is shared has gone on without its session for as long as it may.
    GoesOn(CollabId),
    /// Nobody has said whether the customer to whom an agent wishes to write has a page.
    Begins(LegId),
    /// The other modules have not told what they still hold.
    Reconcile,
}

impl Timer {
    fn why(self) -> Why {
        match self {
            Self::AskAgain(_) | Self::Pin(_) | Self::Line(_) | Self::Collab(_) | Self::Begins(_) => {
                Why::AskAgain
            }
            Self::Lease(_) | Self::Side(_) | Self::Rest(_) => Why::OfferUnanswered,
            Self::QueueWait(_) | Self::Status(_) => Why::QueueWait,
            Self::Idle(_) => Why::Idle,
            Self::WrapUp(_, _) | Self::GoesOn(_) => Why::WrapUp,
            Self::Grace(_) | Self::Console(_) | Self::Gone(_) => Why::Grace,
            Self::Store(_) | Self::Reconcile => Why::Housekeeping,
        }
    }
}

/// Every deadline of the core.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    order: BTreeSet<(Mono, Timer)>,
    at: BTreeMap<Timer, Mono>,
}

impl Timers {
    /// Sets `timer`, in place of an earlier one of the same name.
    pub(crate) fn set(&mut self, timer: Timer, at: Mono) {
        self.cancel(timer);
        self.at.insert(timer, at);
        self.order.insert((at, timer));
    }

    /// It is no longer wanted.
    pub(crate) fn cancel(&mut self, timer: Timer) {
        if let Some(at) = self.at.remove(&timer) {
            self.order.remove(&(at, timer));
        }
    }

    /// Whether it is set.
    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.at.contains_key(&timer)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<(Mono, Why)> {
        self.order.first().map(|(at, timer)| (*at, timer.why()))
    }

    /// Takes the earliest one that is due.
    pub(crate) fn take_due(&mut self, now: Mono) -> Option<Timer> {
        let &(at, timer) = self.order.first().filter(|(at, _)| *at <= now)?;
        self.order.remove(&(at, timer));
        self.at.remove(&timer);
        Some(timer)
    }
}
