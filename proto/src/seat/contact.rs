//! A contact as its agent sees it: whole, each one in place of the one before.

use serde::{Deserialize, Serialize};

use crate::chat::Delivery;
use crate::collab::Kind;
use crate::fact::{By, Medium};
use crate::flow::Vars;
use crate::id::{CollabId, LegId, SessionId};
use crate::media::Part;
use crate::time::Wall;
use crate::uri::UserUri;

/// How a contact stands, as its agent sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Standing {
    /// It is offered.
    Alerting,
    /// The agent has called out and nobody has answered yet.
    Dialling,
    /// With the customer.
    Talk,
    /// The customer is on hold.
    Hold,
    /// The customer is on hold, the agent with the consulted side (or the other way round).
    Consult {
        /// Whom, as asked for.
        with: String,
        /// Whether they have answered.
        answered: bool,
        /// The agent speaks with the customer for now, the consulted side waits.
        swapped: bool,
    },
    /// With customer and others.
    Conference,
    /// The customer is with the automatic service and comes back (S4).
    InIvr {
        /// The flow.
        flow: String,
        /// The node it is at, and that node's verb.
        step: Option<(String, String)>,
        /// Whether the agent hears (reads) them.
        listen: bool,
    },
    /// After the contact.
    WrapUp {
        /// When it ends by itself.
        until: Wall,
    },
}

/// Whether the customer is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Presence {
    /// There.
    Here,
    /// The connection is lost; it may come back.
    Gone {
        /// Since when.
        since: Wall,
    },
    /// The customer has left for good.
    Left,
}

/// One participant of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its leg.
    pub leg: LegId,
    /// Its part.
    pub part: Part,
    /// The name or number shown.
    pub name: String,
    /// Whether it is connected.
    pub up: bool,
}

/// Something that customer and agent share, as its agent sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Which.
    pub collab: CollabId,
    /// What.
    pub kind: Kind,
    /// Who began it.
    pub by: By,
    /// Whether the customer takes part at present.
    pub customer: bool,
    /// Whether the agent does.
    pub agent: bool,
    /// Where the contact is over and this goes on without it: how long, at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Wall>,
    /// Of a screen: whether the customer's browser carries its pictures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shows: bool,
}

/// A contact as its agent sees it, whole: each one replaces the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The session.
    pub session: SessionId,
    /// What it came by.
    pub medium: Medium,
    /// Who.
    pub user: UserUri,
    /// The name they gave.
    pub display: Option<String>,
    /// What they dialled.
    pub dialled: String,
    /// Through which queue.
    pub queue: Option<String>,
    /// When the session began.
    pub since: Wall,
    /// When agent and customer came together; none before.
    pub joined: Option<Wall>,
    /// How it stands.
    pub standing: Standing,
    /// Whether the customer is there.
    pub customer: Presence,
    /// Whether the customer shows themselves.
    #[serde(default)]
    pub pictures: bool,
    /// The choices made in self-service, in order.
    pub path: Vec<String>,
    /// What automation found out, from every hand-over.
    pub vars: Vars,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// The agent's own leg, where it is a call.
    pub leg: Option<LegId>,
    /// The number of the last message.
    pub last_seq: u64,
    /// The disposition, if one was given.
    pub disposition: Option<String>,
    /// What is shared, or asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<Shared>,
    /// It is of what is shared alone: the conversation stayed with whoever handed this over, and no word of its agent's
    /// comes to the customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// The customer's other contact at the same time: the call out of this chat, or the chat of this call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<SessionId>,
    /// On a messaging channel: how far what is written has come, and how much more the channel takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
}
