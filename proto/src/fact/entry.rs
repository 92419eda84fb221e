//! A fact as it is kept: what happened, with its place in its session's chain.

use serde::{Deserialize, Serialize};

use super::What;
use crate::id::{MessageId, SessionId};
use crate::time::{Mono, Wall};

/// The version this build writes.
pub const VERSION: u16 = 1;

/// One thing that happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// [`VERSION`].
    pub v: u16,
    /// The session.
    pub session: SessionId,
    /// Its number in the session, from 0 without a gap.
    pub n: u32,
    /// When, for people.
    pub at: Wall,
    /// When, for durations.
    pub mono: Mono,
    /// The message that led here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<MessageId>,
    /// What.
    pub what: What,
}
