//! How far a messaging channel has taken what is written to a customer, and how much more it takes.

use serde::{Deserialize, Serialize};

use crate::time::Wall;

/// The most numbers of refused messages that are kept.
pub const MAX_REFUSED: usize = 32;

/// How a customer is reached by a messaging channel. Each one replaces the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Every message up to this number is with the channel's provider, or was refused by it; those behind it wait.
    pub up_to: u64,
    /// The numbers of messages that the provider will never take, at most [`MAX_REFUSED`] of the latest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<u64>,
    /// What the provider lets through at present; none: it counts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The provider takes nothing at present, for reasons of its own; it is tried again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stuck: bool,
}

/// What a provider lets one send to a customer who has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// So many messages more, texts that wait counting as one; 0: none before the customer writes again, none: as many
    /// as one likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends: Option<u32>,
    /// Until then.
    pub until: Wall,
}
