//! Who is connected, and for what.

use ngcc_proto::collab::Who;
use ngcc_proto::{AgentUri, CollabId, UserUri};
use serde::{Deserialize, Serialize};

/// A WebSocket that has said who it is; the shell numbers them and never uses a number twice in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub u64);

/// Whose calls a browser carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A customer.
    User(UserUri),
    /// An agent.
    Agent(AgentUri),
    /// What of a shared screen goes to or from one of its ends, beside whatever calls that person has.
    Screen {
        /// Which collaboration.
        collab: CollabId,
        /// Which end.
        who: Who,
    },
}

/// Who is at the other end of a line, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A customer's page: their chat with `entry`.
    Chat {
        /// Who.
        user: UserUri,
        /// The number that is dialled.
        entry: String,
        /// The name they give.
        name: Option<String>,
        /// The language they ask for.
        lang: Option<String>,
    },
    /// The calls of one person.
    Calls(Owner),
}
