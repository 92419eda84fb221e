//! What a core is. One mutation, then drain [`Core::poll`] to `None`, then read [`Core::deadline`].

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::time::{Mono, Now};

/// A machine that decides and does no IO. The one loop around it is `runtime`'s driver.
///
/// Contract: after every `handle`, `wake`, `restored` or `rebuilt` the caller drains `poll` until `None` before
/// it calls again, and then reads `deadline`. A `Persist` or `Forget` is written before the outputs
/// that follow it leave. A business outcome is an output; a core never panics on what came from outside.
pub trait Core {
    /// What it is told.
    type Input;
    /// What it asks its shell to do.
    type Output;

    /// Takes one input.
    fn handle(&mut self, input: Self::Input, now: Now);

    /// A deadline has passed: everything due at `now` is done.
    fn wake(&mut self, now: Now);

    /// The next thing to do; `None` when there is nothing until the next call.
    fn poll(&mut self) -> Option<Effect<Self::Output>>;

    /// When to call `wake`, and for what. Must lie after the `now` of the last `wake`.
    fn deadline(&self) -> Option<(Mono, Why)>;

    /// Takes back one live record at start, in the order in which they were written.
    ///
    /// # Errors
    /// The record cannot be read; the driver sets it aside with an alarm and goes on.
    fn restore(&mut self, key: Key, bytes: &[u8], now: Now) -> Result<(), RestoreError>;

    /// Every record has been given back (there may have been none); inputs come next.
    fn restored(&mut self, now: Now);

    /// Like [`Core::restored`], but after a panic in a process that goes on: the shell and the other
    /// modules still hold what they held, and will not tell of it anew.
    fn rebuilt(&mut self, now: Now) {
        self.restored(now);
    }
}

/// What a core wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<O> {
    /// Write this record, in place of an earlier one of the same key.
    Persist {
        /// Which thing it is about.
        key: Key,
        /// Versioned bytes that only this core reads.
        bytes: Vec<u8>,
    },
    /// The thing has ended: its record is not given back at the next start.
    Forget {
        /// Which thing it was about.
        key: Key,
    },
    /// Perform this, after everything persisted before it has reached `after`.
    Emit {
        /// The durability that must be met first.
        after: Class,
        /// What to do.
        output: O,
    },
}

/// Durability classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// `write(2)` done: survives the death of the process. Call control, offers, reservations.
    Process,
    /// `fdatasync` done: survives power loss. Acknowledged messages, closed sessions, audit.
    Host,
}

/// The key of a record: what kind of thing, which one, and which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind of thing.
    pub kind: Kind,
    /// The thing's id; for things without one, a hash of their name.
    pub id: u128,
    /// A part of it, such as a fact's number in its session.
    pub n: u32,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What a record is about. The numbers stand in log files for ever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $name = $code,)* }

        impl Kind {
            /// The number in the log.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// The kind of a number in the log.
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// One fact of a session (cti).
    SessionFact = 1,
    /// What a seat was last (cti).
    Seat = 2,
    /// A cursor or counter of an assignment strategy (cti).
    Cursor = 3,
    /// A SIP dialog, with its legs and open transactions (softacd).
    Dialog = 10,
    /// A registration (softacd).
    Binding = 11,
    /// A browser's leg: a chat or a call (softacd).
    WebLeg = 12,
    /// A person on a messaging channel, with what is to be sent to them (softacd).
    Channel = 13,
    /// A media leg (ivr).
    MediaLeg = 20,
    /// A flow run (ivr).
    FlowRun = 21,
    /// A conference's phase and members (ivr).
    Conference = 22,
    /// A recording under way (ivr).
    Recording = 23,
    /// A collaboration with its ends, consents and content (collab).
    Collab = 30,
}

/// Why a core wants to be woken; it stands in traces and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A SIP timer (RFC 3261 section 17, RFC 4028).
    SipTimer,
    /// A registration lapses.
    BindingExpires,
    /// An offer has rung long enough, or a reservation's lease ends.
    OfferUnanswered,
    /// A wrap-up ends.
    WrapUp,
    /// A queue's longest wait, or its periodic announcement.
    QueueWait,
    /// Both sides have been idle too long (S0-08).
    Idle,
    /// A lost connection's grace ends.
    Grace,
    /// A request between modules has had no answer and is asked again (S0-06).
    AskAgain,
    /// A flow waits for a person, a prompt or a web answer.
    FlowTimer,
    /// A leg has sent nothing for too long.
    Silence,
    /// Housekeeping.
    Housekeeping,
}

/// A record that cannot be read back.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("record {kind:?} cannot be read: {why}")]
pub struct RestoreError {
    /// What it was about.
    pub kind: Kind,
    /// What is wrong with it.
    pub why: String,
}
