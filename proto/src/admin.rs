//! `admin`: the operator changes configured objects, through the data centre and nowhere else.

use serde::{Deserialize, Serialize};

use crate::access::Cause;
use crate::config::{Catalogue, Object, ObjectKind};
use crate::fact::{By, Fact, Medium};
use crate::id::SessionId;
use crate::time::Wall;

/// Operator to data centre. A change is whole or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Make it, or change it.
    Put {
        /// The object.
        object: Object,
    },
    /// Remove it.
    Delete {
        /// Its kind.
        kind: ObjectKind,
        /// Its name.
        name: String,
    },
    /// Put everything in the catalogue; with `replace`, what is not in it is removed.
    Import {
        /// The objects.
        catalogue: Catalogue,
        /// Remove the rest.
        replace: bool,
    },
    /// Read everything back (secrets are not among it).
    Export,
    /// The last closed sessions, newest first.
    History {
        /// The most to list.
        limit: u32,
    },
    /// A closed session's facts.
    Chain {
        /// The session.
        session: SessionId,
    },
}

/// Data centre to operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Done; the configuration's version is now this.
    Done {
        /// The version.
        version: u64,
    },
    /// Nothing was changed.
    Refused {
        /// One line each: which object, what is wrong, what to do.
        problems: Vec<String>,
    },
    /// What is configured.
    Exported {
        /// Everything.
        catalogue: Box<Catalogue>,
    },
    /// Closed sessions.
    History {
        /// Newest first.
        sessions: Vec<ClosedSession>,
    },
    /// A closed session's facts.
    Chain {
        /// The facts, in order; empty if there is no such session.
        facts: Vec<Fact>,
    },
}

/// A closed session as stored: its phases in milliseconds add up to `total_ms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosedSession {
    /// Its id.
    pub id: SessionId,
    /// Who came.
    pub user: String,
    /// What was dialled.
    pub dialled: String,
    /// When it began.
    pub opened: Wall,
    /// From the first fact to `Closed`.
    pub total_ms: u64,
    /// With a flow, no agent.
    pub self_service_ms: u64,
    /// Waiting for an agent, ringing excluded.
    pub queue_ms: u64,
    /// While an agent's device (or the called phone) rang.
    pub ring_ms: u64,
    /// With the agent or the called side.
    pub talk_ms: u64,
    /// On hold.
    pub hold_ms: u64,
    /// With the automatic service while an agent owned it (S4).
    pub in_ivr_ms: u64,
    /// Everything else: before the first of these.
    pub other_ms: u64,
    /// The owner's wrap-up, after `Closed`.
    pub wrap_up_ms: u64,
    /// The last owner.
    pub agent: Option<String>,
    /// The first queue.
    pub queue: Option<String>,
    /// How it ended.
    pub cause: Cause,
    /// Who ended it.
    pub by: By,
    /// What it was, in the order in which it gained it.
    #[serde(default)]
    pub media: Vec<Medium>,
    /// The name the customer gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What it was about, as its last agent said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// How many messages it has.
    #[serde(default)]
    pub messages: u64,
    /// The customer's other sessions at the same time: the calls out of this chat, or the chat of this call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<SessionId>,
}
