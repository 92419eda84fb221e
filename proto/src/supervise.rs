//! `supervise`: agent-gateway ⇄ cti. The board, and what a supervisor does about it.

use serde::{Deserialize, Serialize};

use crate::collab::{Kind, Ticket};
use crate::fact::Medium;
use crate::id::{CollabId, SeatId, SessionId};
use crate::seat::{Availability, Declined, Device, Slot};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

/// agent-gateway to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// The board as it is now.
    Board,
    /// Make a seat be this, and free of everything: its contacts are taken from it and go back to the
    /// head of their queues, or end where they came from none.
    Force {
        /// Who asks.
        by: String,
        /// Whose seat.
        agent: AgentUri,
        /// What it becomes.
        to: Availability,
    },
    /// End a session.
    End {
        /// Who asks.
        by: String,
        /// Which.
        session: SessionId,
    },
    /// Look on at what a customer and an agent share. `Watching` answers.
    Watch {
        /// Who.
        by: AgentUri,
        /// The name that customer and agent see.
        display: String,
        /// At which.
        collab: CollabId,
        /// From which of their boards: they look on until the last one no longer does.
        #[serde(default)]
        board: u64,
    },
    /// Look on no longer.
    Unwatch {
        /// Who.
        by: AgentUri,
        /// At which.
        collab: CollabId,
        /// From which of their boards.
        #[serde(default)]
        board: u64,
    },
}

/// cti to agent-gateway; the envelope's cause names the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The board.
    Board(Board),
    /// Done.
    Done,
    /// The supervisor may look on.
    Watching {
        /// The session.
        session: SessionId,
        /// At which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// Opens it for them.
        ticket: Ticket,
    },
    /// It cannot be done.
    Refused {
        /// Why, in words.
        why: String,
    },
}

/// Who waits, who is in which state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Every queue, by name.
    pub queues: Vec<QueueRow>,
    /// Every seat, by agent.
    pub seats: Vec<SeatRow>,
    /// Who waits, in the order in which they are served; at most 200.
    pub waiting: Vec<WaitingRow>,
    /// Live sessions.
    pub sessions: u64,
    /// What customers and agents share at this moment, the oldest first; at most 200.
    #[serde(default)]
    pub shared: Vec<SharedRow>,
}

/// Something that is shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedRow {
    /// The session.
    pub session: SessionId,
    /// Which.
    pub collab: CollabId,
    /// What.
    pub kind: Kind,
    /// By whom.
    pub user: UserUri,
    /// The name they gave.
    pub display: Option<String>,
    /// With whom.
    pub agent: AgentUri,
    /// Of a screen: whether the customer's browser carries its pictures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shows: bool,
    /// How many look on.
    pub viewers: u64,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueRow {
    /// Its name.
    pub name: String,
    /// How many wait.
    pub waiting: u64,
    /// The longest present wait in milliseconds.
    pub longest_ms: u64,
    /// Members ready with a free slot.
    pub free: u64,
    /// Members signed in.
    pub signed_in: u64,
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeatRow {
    /// The seat.
    pub seat: SeatId,
    /// Whose.
    pub agent: AgentUri,
    /// The name shown.
    pub display: String,
    /// Its device.
    pub device: Device,
    /// May it be offered work.
    pub availability: Availability,
    /// Its voice slot.
    pub voice: Slot,
    /// Its chat slots that are not free.
    pub chats: Vec<Slot>,
    /// How many chats it takes at once.
    pub chat_capacity: u32,
    /// Since when its voice slot (or, if free, its availability) is what it is.
    pub since: Wall,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingRow {
    /// The session.
    pub session: SessionId,
    /// Who.
    pub user: UserUri,
    /// The name they gave.
    pub display: Option<String>,
    /// By which medium.
    pub medium: Medium,
    /// In which queue.
    pub queue: String,
    /// Since when.
    pub since: Wall,
    /// Who declined it last, and why, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined: Option<Declined>,
}
