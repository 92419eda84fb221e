//! External bots that flows let talk to customers.

use serde::{Deserialize, Serialize};

use crate::secret::{Secret, hop};

/// The longest that a bot may take for an answer, in seconds.
pub const MAX_BOT_TIMEOUT_S: u32 = 30;

/// An external bot: a web server that is posted what a chat's customer writes, and answers what to write to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// Its name, by which flows call it.
    pub name: String,
    /// Where it is posted to, as `https://host/path`.
    pub url: String,
    /// Seconds it may take for an answer, tries and all: 1 to [`MAX_BOT_TIMEOUT_S`].
    #[serde(default = "ten_seconds")]
    pub timeout_s: u32,
    /// What its messages are signed with. Written, never read back: stored encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

fn ten_seconds() -> u32 {
    10
}

/// A bot as ivr is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotAccount {
    /// What is configured, without its secret.
    pub settings: Bot,
    /// The secret.
    #[serde(with = "hop")]
    pub secret: Secret,
}
