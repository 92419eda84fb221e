//! `im`: agent-gateway ⇄ the colleagues' exchange, which has a store of its own and nothing to do with
//! customers' messages. What is sent is stored first, then forwarded.
//!
//! A conversation is of two colleagues or of a group. Its messages are stored once and numbered (`n`, from 1 without a
//! gap), in the same order for everybody. Beside that each colleague has a *box*: what has come for them, numbered by
//! itself (`seq`), which their client acknowledges; it says what a client has not had yet, and nothing about reading.

mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::chat::Text;
use crate::id::{FileId, GroupId, MessageId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, BadUri};

pub use words::{Command, Event};

/// The most members of a group.
pub const MAX_MEMBERS: usize = 100;
/// The most groups that somebody may be in.
pub const MAX_GROUPS: usize = 100;
/// The most bytes of a group's name.
pub const MAX_NAME: usize = 120;
/// The most colleagues that one message may name.
pub const MAX_NAMED: usize = 20;
/// The most messages of a conversation in one answer.
pub const MAX_LOOK: u32 = 200;
/// The most bytes that are searched for.
pub const MAX_WORDS: usize = 200;
/// The most hits in one answer.
pub const MAX_HITS: u32 = 50;

/// To whom it is written: a colleague, or a group of them. As text `agent:bob` or `grp_…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum To {
    /// One colleague.
    Person(AgentUri),
    /// A group.
    Group(GroupId),
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(agent) => agent.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

impl FromStr for To {
    type Err = BadUri;
    fn from_str(text: &str) -> Result<Self, BadUri> {
        if let Ok(group) = text.parse() {
            return Ok(Self::Group(group));
        }
        text.parse().map(Self::Person)
    }
}

impl TryFrom<String> for To {
    type Error = BadUri;
    fn try_from(text: String) -> Result<Self, BadUri> {
        text.parse()
    }
}

impl From<To> for String {
    fn from(to: To) -> Self {
        to.to_string()
    }
}

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

/// A file that a message carries; its bytes were handed over beside the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Which.
    pub file: FileId,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub size: u64,
}

/// What somebody says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The text; empty only where there is a file.
    #[serde(default)]
    pub text: Text,
    /// What it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// What it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Attached>,
    /// Whom the text names, at most [`MAX_NAMED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<AgentUri>,
}

/// What a member does to a group. It is a line in the group's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Change {
    /// It is made.
    Made {
        /// Its name.
        name: String,
        /// Its members; who makes it is one of them.
        members: Vec<AgentUri>,
    },
    /// It has another name.
    Renamed {
        /// The name.
        name: String,
    },
    /// These are members from here on.
    Added {
        /// Who.
        who: Vec<AgentUri>,
    },
    /// These are no members behind this line.
    Removed {
        /// Who.
        who: Vec<AgentUri>,
    },
    /// Whoever says so is no member behind this line.
    Left,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum What {
    /// Somebody says something.
    Said(Said),
    /// Something about the group changes.
    Changed {
        /// What.
        change: Change,
    },
}

/// A message between colleagues, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number in the conversation, from 1.
    pub n: u64,
    /// From whom.
    pub from: AgentUri,
    /// To whom.
    pub to: To,
    /// When it was stored.
    pub at: Wall,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// A member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub agent: AgentUri,
    /// The number up to which they have read.
    pub read: u64,
}

/// A conversation in somebody's list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// With whom.
    pub with: To,
    /// A group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether they may write in it: they are in the group still.
    pub member: bool,
    /// The number up to which they have read.
    pub read: u64,
    /// How many of the others' messages they have not read, counted up to 1000.
    pub unread: u64,
    /// Whether one of these names them.
    pub named: bool,
    /// The last message they may read, cut short.
    pub last: Message,
}

/// Which part of a conversation is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Part {
    /// Its end.
    #[default]
    Newest,
    /// What stands before a message.
    Before {
        /// The message's number.
        n: u64,
    },
    /// What stands behind one.
    After {
        /// The message's number.
        n: u64,
    },
    /// A message and what stands around it.
    Around {
        /// The message's number.
        n: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_it_is_for_reads_as_it_prints() {
        let group = To::Group(GroupId(7));
        for (to, text) in [
            (To::Person(AgentUri::new("bob").unwrap()), "agent:bob".to_owned()),
            (group, GroupId(7).to_string()),
        ] {
            assert_eq!((to.to_string(), text.parse::<To>().unwrap()), (text.clone(), to.clone()));
            assert_eq!(serde_json::from_str::<To>(&format!("\"{text}\"")).unwrap(), to);
        }
        for text in ["bob", "grp_7", "ses_00000000000000000000000007", "agent:Å", ""] {
            assert!(text.parse::<To>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_is_flat_and_reads_as_it_is_written() {
        let from = AgentUri::new("alice").unwrap();
        let said = Said { text: Text("hello".to_owned()), names: vec![from.clone()], ..Said::default() };
        let changed = What::Changed { change: Change::Renamed { name: "Night".to_owned() } };
        for (what, field) in [(What::Said(said), "text"), (changed, "change")] {
            let (id, to) = (MessageId(1), To::Group(GroupId(2)));
            let message = Message { id, n: 3, from: from.clone(), to, at: Wall(4), what };
            let written = serde_json::to_value(&message).unwrap();
            assert!(written.get(field).is_some(), "{written}");
            assert_eq!(serde_json::from_value::<Message>(written).unwrap(), message);
        }
    }
}
