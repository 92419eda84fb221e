//! What a run asks of web servers and external bots, and what they answer.

use std::time::Duration;

use ngcc_proto::Secret;
use ngcc_proto::flow::Vars;

/// A request to a web server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Where, with the variables filled in.
    pub url: String,
    /// The JSON body; none makes it a GET. A customer's words may stand in it.
    pub body: Option<Secret>,
    /// How long to wait for the whole answer.
    pub timeout: Duration,
    /// For an external bot only: what its message is known by.
    pub signed: Option<Signed>,
}

/// What a message to an external bot is known by (Standard Webhooks). It is tried again with the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `webhook-id`: the same message has the same one, also after a restart.
    pub id: String,
    /// The secret that both have.
    pub secret: Secret,
}

/// A message to an external bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskBot {
    /// The bot's name.
    pub(crate) bot: String,
    /// What the customer wrote, behind its number; none when the bot has just been given the customer.
    pub(crate) message: Option<(u64, Secret)>,
    /// The customer's language, if it is known.
    pub(crate) lang: Option<String>,
    /// The run's variables, without secret ones.
    pub(crate) vars: Vars,
}

/// What a web server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A whole answer of at most 64 KiB.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// None in time.
    TimedOut,
    /// Not asked, or broken off.
    Failed(String),
}
