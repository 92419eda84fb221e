//! The words of facts: of which kind a contact is, by whom, and how things end.

use serde::{Deserialize, Serialize};

use crate::flow::Vars;
use crate::id::{RunId, SessionId};

/// What kind of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A call.
    Voice,
    /// A call with pictures.
    Video,
    /// A chat.
    Chat,
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// The agent answered.
    Accepted,
    /// The agent declined.
    Declined,
    /// The agent's phone was busy.
    Busy,
    /// It rang for its whole time.
    NoAnswer,
    /// The phone had no contact, or nothing came back.
    Unreachable,
    /// The customer left, or the centre took it back.
    Rescinded,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitEnd {
    /// An agent answered.
    Answered,
    /// The customer gave up.
    Abandoned,
    /// The longest wait was reached.
    TimedOut,
    /// The queue was full, or nobody is there who could ever answer.
    NotAdmitted,
    /// The flow or an operator took it out.
    Withdrawn,
}

/// How a consultation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultEnd {
    /// The customer went to the consulted side.
    Completed,
    /// The owner went back to the customer; the consulted side was released.
    Cancelled,
    /// All three are together.
    Merged,
    /// The consulted side was not reached, or left.
    Left,
}

/// Who brought about a hand-over or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
    /// The automatic service.
    Automation,
    /// The centre: a timer, a restart, an operator.
    Centre,
}

/// How something shared that is handed over alone changes its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// It has gone to this session.
    To(SessionId),
    /// It has come from that session, with what the customer had granted there of a screen.
    From {
        /// The session that had it.
        session: SessionId,
        /// The view is granted.
        granted: bool,
        /// And paused.
        paused: bool,
    },
}

/// A flow that waits at a step that asked for something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspended {
    /// The run.
    pub run: RunId,
    /// For what: `human`, `transfer`, `conference`, `sign_in`.
    pub ask: String,
    /// What it has found out so far, for who serves the customer next.
    #[serde(default, skip_serializing_if = "Vars::is_empty")]
    pub found: Vars,
}
