//! The one clockwork of this core: every timer in one ordered map, each with what it is for.

use std::collections::BTreeMap;

use ngcc_proto::{LegId, Mono, Why};

use crate::io::Conn;
use crate::transaction::TxKey;

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// One of a leg's own.
    Leg(LegId, LegTimer),
    /// A request of ours that is no INVITE: send it again, or give up (E, F).
    Request(u64),
    /// An INVITE of ours (A, B, D, M).
    Invite(u64),
    /// A refusal of an INVITE that is not acknowledged yet (G, H).
    Refusal(TxKey),
    /// The oldest finished transaction is forgotten (I, J, L).
    Finished,
    /// The next of a phone's bindings lapses.
    Bindings(String),
    /// A connection has been without a whole message for too long.
    Link(Conn),
    /// A browser was asked for an offer long enough ago.
    Summons(LegId),
    /// Something is to be sent again to a person on a channel, or they are forgotten.
    Channel(u128),
    /// Whoever writes to a person on a channel has not gone on.
    Writing(u128),
}

/// A leg's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LegTimer {
    /// It has rung long enough.
    Ring,
    /// Our 200, or a reliable provisional response, is not acknowledged yet.
    Unacknowledged,
    /// The session timer: refresh it, or end it (RFC 4028).
    Session,
    /// A refresh that met another is tried again (491).
    Again,
}

/// A timer that is set; to be cancelled by whoever set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alarm(Mono, u64);

/// All timers, in the order in which they are due.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    set: BTreeMap<(Mono, u64), Timer>,
    n: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Mono, timer: Timer) -> Alarm {
        self.n += 1;
        self.set.insert((at, self.n), timer);
        Alarm(at, self.n)
    }

    pub(crate) fn cancel(&mut self, alarm: Alarm) {
        self.set.remove(&(alarm.0, alarm.1));
    }

    /// Takes the next timer that is due at `now`.
    pub(crate) fn due(&mut self, now: Mono) -> Option<Timer> {
        let first = self.set.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    pub(crate) fn next(&self) -> Option<(Mono, Why)> {
        let (&(at, _), timer) = self.set.first_key_value()?;
        let why = match timer {
            Timer::Leg(..) | Timer::Request(_) | Timer::Invite(_) | Timer::Refusal(_) => Why::SipTimer,
            Timer::Bindings(_) => Why::BindingExpires,
            Timer::Finished | Timer::Link(_) | Timer::Channel(_) | Timer::Writing(_) => Why::Housekeeping,
            Timer::Summons(_) => Why::OfferUnanswered,
        };
        Some((at, why))
    }

    /// How many are set; for tests and gauges.
    pub(crate) fn len(&self) -> usize {
        self.set.len()
    }
}
