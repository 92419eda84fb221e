//! `data`: cti ⇄ data centre. The log gates acknowledgements; the data centre stores behind it and may stall.

use serde::{Deserialize, Serialize};

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
    /// Whether a PIN was right.
    PinChecked {
        /// Whose.
        agent: AgentUri,
        /// Was it.
        right: bool,
    },
}
