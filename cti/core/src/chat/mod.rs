//! Chats: what customers and agents write, and where each line goes. A line is acknowledged once the store has
//! it, then told to everybody who takes part; its text lies in the store and nowhere else.

pub(crate) mod agent;
pub(crate) mod customer;
pub(crate) mod idle;
pub(crate) mod kept;
pub(crate) mod notice;
pub(crate) mod replay;
pub(crate) mod status;

use ngcc_proto::chat::{Author, Content, MAX_KEY, Nack};
use ngcc_proto::{SessionId, data};

use crate::Cti;

/// Whose key a customer's message carries.
pub(crate) const CUSTOMER: &str = "customer";
/// Whose key a flow's message carries.
pub(crate) const AUTOMATION: &str = "automation";
/// Whose key a line of the centre's carries.
pub(crate) const CENTRE: &str = "centre";

/// A message on its way to the store.
pub(crate) struct Line {
    pub(crate) sender: String,
    pub(crate) key: String,
    pub(crate) by: Author,
    pub(crate) content: Content,
    pub(crate) private: bool,
}

impl Cti {
    /// Hands a message to the store; `Kept` comes back.
    pub(crate) fn keep(&mut self, session: SessionId, line: Line) {
        let Line { sender, key, by, content, private } = line;
        self.tell(Some(session), data::Command::Keep { session, sender, key, by, content, private });
    }
}

/// Whether a person may say this: choices are a flow's alone.
pub(crate) fn check(key: &str, content: &Content) -> Result<(), Nack> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Nack::Bad);
    }
    match content {
        Content::Text { choices, .. } if !choices.is_empty() => Err(Nack::Bad),
        Content::Text { .. } | Content::File { .. } | Content::Notice(_) | Content::Masked => content.check(),
    }
}
