//! Why an offer is not taken.

use serde::{Deserialize, Serialize};

use crate::uri::AgentUri;

/// Why an agent does not take an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// Something else is to be done first.
    Busy,
    /// Somebody else knows more of it.
    WrongSkill,
    /// The agent's own equipment is at fault.
    Technical,
}

/// An offer that was declined with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// By whom.
    pub by: AgentUri,
    /// Why.
    pub reason: DeclineReason,
}
