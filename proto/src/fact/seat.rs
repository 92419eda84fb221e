//! A seat as cti keeps it beside the sessions' facts.

use serde::{Deserialize, Serialize};

use crate::id::SeatId;
use crate::seat::{Availability, Device};
use crate::time::Mono;
use crate::uri::AgentUri;

/// What a seat was last: one record a seat, each replacing the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeatRecord {
    /// [`VERSION`](super::VERSION).
    pub v: u16,
    /// The seat.
    pub seat: SeatId,
    /// Whose.
    pub agent: AgentUri,
    /// Its device.
    pub device: Device,
    /// May it be offered work.
    pub availability: Availability,
    /// What it becomes after the present contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Availability>,
    /// Since when it is idle, for `longest-idle`.
    pub idle_since: Mono,
    /// Unanswered offers in a row.
    pub missed: u32,
    /// A page of the agent's was open.
    #[serde(default)]
    pub console: bool,
}
