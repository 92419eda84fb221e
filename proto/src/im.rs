//! `im`: agent-gateway ⇄ the colleagues' exchange, which has a store of its own and nothing to do with
//! customers' messages. What is sent is stored first, then forwarded.

use serde::{Deserialize, Serialize};

use crate::chat::Text;
use crate::id::{MessageId, SessionId};
use crate::time::Wall;
use crate::uri::AgentUri;

/// What is quoted from a customer's session when a colleague is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The session.
    pub session: SessionId,
    /// Its customer, as shown.
    pub customer: String,
    /// The last lines, at most five: who, and what.
    pub lines: Vec<(String, Text)>,
}

/// A message between colleagues, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number in the receiver's box, from 1.
    pub seq: u64,
    /// From whom.
    pub from: AgentUri,
    /// To whom.
    pub to: AgentUri,
    /// When it was stored.
    pub at: Wall,
    /// What.
    pub text: Text,
    /// What it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

/// agent-gateway to the colleagues' exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Send. `Stored` answers the sender, `Message` reaches the receiver.
    Send {
        /// From whom.
        from: AgentUri,
        /// To whom.
        to: AgentUri,
        /// The sender's own key: a repeat is stored once.
        key: String,
        /// What.
        text: Text,
        /// What it quotes.
        #[serde(default)]
        quote: Option<Quote>,
    },
    /// A colleague's client is here: everything that it has not acknowledged comes as `Message`.
    Here {
        /// Who.
        agent: AgentUri,
    },
    /// A colleague's client has everything up to this number of its box.
    Got {
        /// Who.
        agent: AgentUri,
        /// The number.
        seq: u64,
    },
    /// The conversation of two, the newest first; `Conversation` answers.
    Look {
        /// Who asks.
        agent: AgentUri,
        /// With whom.
        with: AgentUri,
        /// Only what was stored before this; none for the newest.
        before: Option<Wall>,
        /// How many, at most 200.
        limit: u32,
    },
}

/// The colleagues' exchange to agent-gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// On disk.
    Stored {
        /// The sender.
        from: AgentUri,
        /// The sender's key.
        key: String,
        /// The message as stored.
        message: Message,
    },
    /// Not taken; nothing is stored.
    Refused {
        /// The sender.
        from: AgentUri,
        /// The sender's key.
        key: String,
        /// Why, in words.
        why: String,
    },
    /// For its receiver. It comes again after a restart or a new sign-in until it is acknowledged.
    Message {
        /// The message.
        message: Message,
    },
    /// The answer to `Look`, newest first.
    Conversation {
        /// Who asked.
        agent: AgentUri,
        /// With whom.
        with: AgentUri,
        /// The messages.
        messages: Vec<Message>,
    },
}
