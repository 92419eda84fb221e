//! `data`: cti ⇄ data centre. The log gates acknowledgements; the data centre stores behind it and may stall.

use serde::{Deserialize, Serialize};

use crate::chat::{Author, Content, Message};
use crate::fact::Fact;
use crate::id::SessionId;
use crate::secret::{Secret, hop};
use crate::uri::AgentUri;

/// cti to data centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Store a closed session: its whole chain of facts. `Stored` answers; a repeat changes nothing.
    Store {
        /// The session.
        session: SessionId,
        /// Every fact, in order.
        facts: Vec<Fact>,
    },
    /// Put a message into the customers' message store. `Kept` answers once it is on disk; a repeat of
    /// sender and key is answered with the message that is there.
    Keep {
        /// The session.
        session: SessionId,
        /// Whose key it is: `customer`, `automation`, `centre`, or the agent's URI.
        sender: String,
        /// The sender's own key.
        key: String,
        /// Who says it.
        by: Author,
        /// What.
        content: Content,
        /// A note among agents.
        private: bool,
    },
    /// Read a session's messages; `Messages` answers, or `NotRead` in bounded time, with this message as its
    /// cause.
    ReadMessages {
        /// The session.
        session: SessionId,
        /// Only those behind this number.
        after: u64,
        /// How many at the most, up to 500.
        limit: u32,
        /// Private ones among them.
        private: bool,
    },
    /// Is this the agent's PIN? `PinChecked` answers, with this message as its cause.
    CheckPin {
        /// Whose.
        agent: AgentUri,
        /// The PIN.
        #[serde(with = "hop")]
        pin: Secret,
    },
}

/// Data centre to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// These sessions are in the business database; the log may forget them.
    Stored {
        /// The sessions.
        sessions: Vec<SessionId>,
    },
    /// A message is on disk.
    Kept {
        /// The session.
        session: SessionId,
        /// Whose key.
        sender: String,
        /// The sender's key.
        key: String,
        /// The message as stored.
        message: Message,
        /// It was there already.
        repeat: bool,
    },
    /// A message could not be stored; the sender may send it again.
    NotKept {
        /// The session.
        session: SessionId,
        /// Whose key.
        sender: String,
        /// The sender's key.
        key: String,
    },
    /// A session's messages, in order.
    Messages {
        /// The session.
        session: SessionId,
        /// The messages.
        messages: Vec<Message>,
        /// Whether there are more behind them.
        more: bool,
    },
    /// A session's messages could not be read in time: whoever wants them asks again. Its cause is the question.
    NotRead {
        /// The session.
        session: SessionId,
    },
    /// Whether a PIN was right.
    PinChecked {
        /// Whose.
        agent: AgentUri,
        /// Was it.
        right: bool,
    },
}
