//! `contact`: who a customer is. agent-gateway and softacd ⇄ data centre.
//!
//! A contact is one customer: the user URIs they come by, a name, attributes, labels and notes. What belongs to it is a
//! relation and rewrites nothing: sessions and facts keep the user URI they came with.

mod given;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::admin::ClosedSession;
use crate::chat::Text;
use crate::id::{ContactId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

pub use given::{BadGiven, Given, MAX_GIVEN, MAX_KEY, MAX_VALUE, fits_key, fits_value};

/// The most identities of a contact.
pub const MAX_IDENTITIES: usize = 32;
/// The most attributes of a contact.
pub const MAX_ATTRIBUTES: usize = 64;
/// The most labels of a contact.
pub const MAX_LABELS: usize = 32;
/// The longest label, in bytes.
pub const MAX_LABEL: usize = 64;
/// The longest name, in bytes.
pub const MAX_NAME: usize = 128;
/// The longest note, in bytes.
pub const MAX_NOTE: usize = 8 * 1024;
/// The longest text to search by, in bytes.
pub const MAX_SOUGHT: usize = 128;

/// softacd to data centre: what a customer's page or system says of them. `Noted` answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Evidence {
    /// It is proved that whoever comes by `on` is this customer of the company's.
    Proved {
        /// Who: a `customer:` URI.
        customer: UserUri,
        /// By what they come: a visitor or a person on a channel.
        on: UserUri,
        /// Their name, and whether that is proved too.
        #[serde(default)]
        name: Option<(String, bool)>,
        /// The proved attributes, in place of all that were proved before; none: nothing is said of them.
        #[serde(default)]
        attributes: Option<Given>,
    },
    /// Their page says this, and proves nothing.
    Claimed {
        /// Whose page.
        user: UserUri,
        /// What; an empty value takes one away.
        attributes: Given,
    },
}

/// Data centre to softacd; the envelope's cause names the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Noted {
    /// It is on disk.
    Kept,
    /// It is none that can be kept: there are too many attributes already.
    Refused,
    /// The database does not answer: it is tried again every second. A restart forgets it, so who said it says it again.
    Later,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// Who.
    pub agent: AgentUri,
    /// They may see everybody.
    pub all: bool,
    /// Otherwise those they serve at this moment, and those they have served.
    pub serving: Vec<UserUri>,
}

/// agent-gateway to data centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Who asks: nobody is told of a contact that they may not see.
    pub by: Asker,
    /// What.
    pub what: Ask,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ask {
    /// Whose URI this is; made if there is none yet. `Contact` answers.
    Of {
        /// The URI.
        user: UserUri,
        /// The name they gave with it.
        display: Option<String>,
    },
    /// Whose stored session this is; made if there is none yet. `Contact` answers.
    OfSession {
        /// The session.
        session: SessionId,
    },
    /// This one. `Contact` answers.
    Get {
        /// Which.
        contact: ContactId,
    },
    /// Those whose name, identities or labels have this in them, newest first. `Found` answers.
    Find {
        /// The text.
        text: String,
        /// Only those older than this (the next page).
        before: Option<ContactId>,
        /// How many, at most 50.
        limit: u32,
    },
    /// Their closed sessions by whatever way, newest first. `Sessions` answers.
    Sessions {
        /// Whose.
        contact: ContactId,
        /// Only those opened before this (the next page).
        before: Option<Wall>,
        /// How many, at most 200.
        limit: u32,
    },
    /// Whether this session is one of a customer whom the asker serves now. `Serves` answers.
    Serves {
        /// The session.
        session: SessionId,
    },
    /// Change it. `Contact` answers.
    Change {
        /// Which.
        contact: ContactId,
        /// The version that the asker has seen.
        version: u64,
        /// What.
        change: Change,
    },
    /// These two are one customer. `Contact` answers.
    Merge {
        /// The one that stays.
        contact: ContactId,
        /// The version that the asker has seen.
        version: u64,
        /// The one that joins it.
        other: ContactId,
    },
    /// A part of it is another customer. `Contact` answers with what remains.
    Split {
        /// Which.
        contact: ContactId,
        /// The version that the asker has seen.
        version: u64,
        /// Which.
        part: Part,
    },
    /// Labels in use that begin with this. `Labels` answers.
    Labels {
        /// The beginning.
        prefix: String,
    },
}

/// What is taken off a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// An identity, with whatever was joined to the contact by it.
    Identity(UserUri),
    /// A contact that was merged into it, as it was.
    Contact(ContactId),
}

/// A change by an agent; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// The name; empty takes it away.
    pub name: Option<String>,
    /// The note; empty takes it away.
    pub note: Option<Text>,
    /// Attributes; none takes one away.
    pub attributes: BTreeMap<String, Option<Text>>,
    /// Labels to put on.
    pub add_labels: Vec<String>,
    /// Labels to take off.
    pub remove_labels: Vec<String>,
}

/// Who has said something of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Source {
    /// The company's own system, proved.
    Proved,
    /// The customer or their page, unproved.
    Claimed,
    /// An agent.
    Agent {
        /// Who.
        agent: AgentUri,
    },
}

/// A way in which a customer comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The URI.
    pub user: UserUri,
    /// Since when it is known.
    pub since: Wall,
    /// Whether the company's own system has proved whose it is.
    pub proved: bool,
    /// Several customers have been proved on it, so that it is nobody's alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// What is known of a customer under one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Text,
    /// Who says so.
    pub by: Source,
    /// Since when.
    pub at: Wall,
}

/// What an agent has written down about a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// The text.
    pub text: Text,
    /// Who wrote it last.
    pub by: Option<AgentUri>,
    /// When.
    pub at: Wall,
    /// It is the contact's own, which can be changed; others came with what was merged into it.
    pub own: bool,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Which.
    pub id: ContactId,
    /// Counts its changes.
    pub version: u64,
    /// Their name, if anybody has said one.
    pub name: Option<String>,
    /// Who said it.
    pub name_by: Option<Source>,
    /// How they come, the oldest first.
    pub identities: Vec<Identity>,
    /// What is known of them, by key.
    pub attributes: Vec<Attribute>,
    /// Their labels.
    pub labels: Vec<String>,
    /// What agents have written down.
    pub notes: Vec<Note>,
}

/// Data centre to agent-gateway; the envelope's cause names the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The contact.
    Contact {
        /// As it is now.
        contact: Box<Contact>,
    },
    /// Those that were found.
    Found {
        /// Newest first.
        contacts: Vec<Contact>,
        /// Where the next page begins; none on the last one.
        next: Option<ContactId>,
    },
    /// Their sessions.
    Sessions {
        /// Newest first.
        sessions: Vec<ClosedSession>,
        /// Whether the asker serves this customer now.
        serves: bool,
    },
    /// Whether they are served now.
    Serves {
        /// Are they.
        yes: bool,
    },
    /// Labels.
    Labels {
        /// By letter, at most 20.
        labels: Vec<String>,
    },
    /// There is no such contact, or it is none that the asker may see.
    Unknown,
    /// Somebody has changed it meanwhile.
    Conflict,
    /// It cannot be done.
    Refused {
        /// Why, in words.
        why: String,
    },
    /// The database does not answer.
    Failed,
}

/// A label as it is kept: without blanks around it and `#` before it; none if it cannot be one.
pub fn label(text: &str) -> Option<&str> {
    let label = text.trim().trim_start_matches('#').trim();
    let fits = !label.is_empty() && label.len() <= MAX_LABEL && !label.chars().any(char::is_control);
    fits.then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_kept_without_its_mark_and_is_one_line() {
        assert_eq!(label(" #vip "), Some("vip"));
        assert_eq!(label("老客户"), Some("老客户"));
        for bad in ["", "#", "  ", "a\nb", &"x".repeat(MAX_LABEL + 1)] {
            assert_eq!(label(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_known_of_a_customer_is_counted_in_logs_and_not_shown() {
        let given = Given::new(BTreeMap::from([("tier".to_owned(), Text("platinum".to_owned()))])).unwrap();
        let said = Evidence::Claimed { user: UserUri::Web("v".to_owned()), attributes: given };
        assert!(!format!("{said:?}").contains("platinum"));
    }
}
