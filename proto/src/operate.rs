//! `operate`: the operator looks at the running centre and acts in it, through cti.

use serde::{Deserialize, Serialize};

use crate::access::Target;
use crate::fact::Fact;
use crate::id::SessionId;
use crate::seat::{self, Availability, Slot};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

/// Operator to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Live sessions, at most so many.
    Sessions {
        /// The most to list.
        limit: u32,
    },
    /// Every seat.
    Seats,
    /// Every queue.
    Queues,
    /// A live session's facts so far.
    Chain {
        /// The session.
        session: SessionId,
    },
    /// Call `first`; when it answers, connect it to what `number` leads to, as if it had dialled that.
    Place {
        /// Whom to call first.
        first: Target,
        /// The number.
        number: String,
    },
    /// End a session.
    End {
        /// The session.
        session: SessionId,
    },
    /// An agent's own command, given for the agent; `Done` or `Refused` answers.
    Seat(seat::Command),
}

/// cti to operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Live sessions, oldest first.
    Sessions {
        /// How many there are in all.
        total: u64,
        /// The first of them.
        sessions: Vec<LiveSession>,
    },
    /// Every seat, by name.
    Seats {
        /// The seats.
        seats: Vec<LiveSeat>,
    },
    /// Every queue, by name.
    Queues {
        /// The queues.
        queues: Vec<LiveQueue>,
    },
    /// A live session's facts.
    Chain {
        /// The facts, in order; empty if no such session is live.
        facts: Vec<Fact>,
    },
    /// The call is under way.
    Placed {
        /// Its session.
        session: SessionId,
    },
    /// Done.
    Done,
    /// It cannot be done.
    Refused {
        /// Why, in words.
        why: String,
    },
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// Who.
    pub user: UserUri,
    /// What was dialled.
    pub dialled: String,
    /// Where it stands, in a word.
    pub phase: String,
    /// The owner seat's agent.
    pub owner: Option<AgentUri>,
    /// Since when.
    pub since: Wall,
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSeat {
    /// Whose.
    pub agent: AgentUri,
    /// May it be offered work.
    pub availability: Availability,
    /// Its voice slot.
    pub voice: Slot,
    /// Its chat slots that are not free.
    #[serde(default)]
    pub chats: Vec<Slot>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveQueue {
    /// Its name.
    pub name: String,
    /// How many wait.
    pub waiting: u64,
    /// The longest present wait in milliseconds.
    pub longest_ms: u64,
    /// Members that are ready with a free slot.
    pub free: u64,
}
