//! `ask`: agent-gateway ⇄ data centre: what the REST interface reads and notes. Nobody else holds a
//! database handle.

use serde::{Deserialize, Serialize};

use crate::admin::ClosedSession;
use crate::chat::Message;
use crate::fact::Fact;
use crate::id::{CollabId, SessionId};
use crate::recording::Recording;
use crate::time::Wall;

/// One privileged act, as noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: Wall,
    /// Who.
    pub user: String,
    /// What: `sign_in`, `sign_in_refused`, `force_state`, `end_session`, `read_transcript`, `list_history`, …
    pub act: String,
    /// On what: an agent, a session.
    pub on: String,
    /// From where the request came.
    pub from: String,
}

/// Which closed sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Only those whose last owner was this agent.
    pub agent: Option<String>,
    /// Only those of this customer's URI.
    pub user: Option<String>,
    /// Only those of this queue.
    pub queue: Option<String>,
    /// Only those opened before this (the next page).
    pub before: Option<Wall>,
    /// How many, at most 200.
    pub limit: u32,
}

/// agent-gateway to data centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Closed sessions, newest first.
    History {
        /// Which.
        filter: Filter,
    },
    /// A session's facts and messages; of a live session only what is stored.
    Transcript {
        /// The session.
        session: SessionId,
    },
    /// What is known of a recording; `Recording` answers.
    Recording {
        /// Of which collaboration.
        collab: CollabId,
    },
    /// Note a privileged act.
    Note {
        /// The act.
        act: Act,
    },
    /// The latest acts, newest first.
    Audit {
        /// Only those before this.
        before: Option<Wall>,
        /// How many, at most 200.
        limit: u32,
    },
}

/// Data centre to agent-gateway; the envelope's cause names the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Closed sessions.
    History {
        /// Newest first.
        sessions: Vec<ClosedSession>,
    },
    /// What is stored of a session.
    Transcript {
        /// As closed; none while it lives or if nothing is known of it.
        closed: Option<Box<ClosedSession>>,
        /// Its facts.
        facts: Vec<Fact>,
        /// Its messages, private ones among them.
        messages: Vec<Message>,
        /// What was recorded of what it shared, in the order in which it began.
        recordings: Vec<Recording>,
    },
    /// What is known of a recording.
    Recording {
        /// As it was stored; none if nothing was recorded, or if its time is over.
        recording: Option<Recording>,
        /// The last owner of its session; none while that lives.
        agent: Option<String>,
    },
    /// Noted, on disk.
    Noted,
    /// The audit.
    Audit {
        /// Newest first.
        acts: Vec<Act>,
    },
    /// It cannot be done.
    Failed {
        /// Why, in words.
        why: String,
    },
}
