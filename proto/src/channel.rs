//! `channel`: agent-gateway asks how messaging channels fare and tries them out (softacd answers), and changes what is
//! configured of them (the data centre answers). An answer's cause names the question.

use serde::{Deserialize, Serialize};

use crate::chat::Text;
use crate::config::Channel;
use crate::secret::{Secret, hop};
use crate::time::Wall;

/// The most characters that are kept of a provider's words.
pub const MAX_WORDS: usize = 300;

/// agent-gateway to softacd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// How every channel fares; `States` answers.
    Look,
    /// Send a text to a person, past the person's outbox; `Tried` answers, after half a minute at the latest.
    Try {
        /// By which channel.
        channel: String,
        /// The channel's own id of the person.
        to: String,
        /// What.
        text: Text,
    },
}

/// softacd to agent-gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// How every channel fares, by name.
    States {
        /// One a channel.
        states: Vec<State>,
    },
    /// What became of a text.
    Tried {
        /// Of this.
        outcome: Tried,
    },
}

/// What became of a text that was to try a channel out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Tried {
    /// The provider has taken it.
    Sent,
    /// The provider does not take it now.
    Later {
        /// Why, at most [`MAX_WORDS`] characters.
        words: String,
    },
    /// The provider takes nothing for this person until they write.
    Shut,
    /// The provider never takes it.
    Refused {
        /// Why, at most [`MAX_WORDS`] characters.
        words: String,
    },
    /// Others are being tried out.
    Busy,
    /// There is no such channel.
    Unknown,
}

/// How a channel fares. It is known for as long as softacd's process lives and the channel stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its name.
    pub channel: String,
    /// Since when this is known.
    pub since: Wall,
    /// Who begins.
    pub meets: Meets,
    /// When its provider proved itself first: by a callback, or by an answer where it is asked.
    pub verified: Option<Wall>,
    /// When its provider last proved itself.
    pub last_in: Option<Wall>,
    /// When its provider last took a message.
    pub last_out: Option<Wall>,
    /// What went wrong last; it stays when all is well again.
    pub trouble: Option<Trouble>,
    /// How often in a row something went wrong that is the channel's own; 0 when all is well.
    pub failures: u32,
    /// Callbacks that proved nothing.
    pub forged: Option<Forged>,
    /// The token of the provider's interface.
    pub token: Token,
}

/// Who begins to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meets {
    /// The provider calls.
    Called,
    /// The provider is asked.
    Asks,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When.
    pub at: Wall,
    /// Of which kind.
    pub class: Class,
    /// In words, without secrets, at most [`MAX_WORDS`] characters.
    pub words: String,
}

/// Of which kind something is that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The provider is not reached, too busy or broken: it is tried again.
    Later,
    /// The provider does not know the account, its secret or its token: it is tried again.
    Account,
    /// The provider will never take one message.
    Refused,
    /// A callback was proved and not understood.
    Unreadable,
}

/// Callbacks that proved nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forged {
    /// How many.
    pub count: u64,
    /// The last of them.
    pub last: Wall,
}

/// The token of a provider's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Token {
    /// The channel works without.
    Needless,
    /// There is none that is good: the next message asks for one.
    Missing,
    /// There is one.
    Held {
        /// When it is renewed.
        until: Wall,
    },
}

/// agent-gateway to data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "an administrator sends a few a day")]
pub enum Change {
    /// Every channel; `Listed` answers.
    List,
    /// Make a channel, or change it; `Put` answers.
    Put {
        /// What is configured, without its secrets.
        channel: Channel,
        /// Secrets: a JSON object of names and texts, or null for one that is to go. Those it does not name stay.
        #[serde(with = "hop")]
        secrets: Secret,
        /// What is there now.
        over: Over,
    },
    /// Remove a channel; `Removed` answers.
    Remove {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    },
}

/// What a change is made over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Over {
    /// Nothing: there is none of that name.
    Nothing,
    /// The channel as it was in this version.
    Version {
        /// Which.
        version: String,
    },
}

/// Data centre to agent-gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Changed {
    /// Every channel, by name.
    Listed {
        /// The channels.
        channels: Vec<Listed>,
        /// The public numbers that there are: what an entry may be.
        entries: Vec<String>,
    },
    /// It is so now.
    Put {
        /// The channel.
        channel: Box<Listed>,
    },
    /// It is gone.
    Removed,
    /// There is one of that name already.
    Taken,
    /// It is not there any more, or another version is: nothing was changed.
    Stale,
    /// Nothing was changed.
    Refused {
        /// What is wrong.
        faults: Vec<Fault>,
    },
    /// The business database does not answer: nothing was changed.
    Silent,
}

/// A channel as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What is configured, without its secrets.
    pub settings: Channel,
    /// The names of the secrets that are set.
    pub secrets: Vec<String>,
    /// It changes with every change.
    pub version: String,
}

/// Something that is wrong with a channel that is to be configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which field: the name of a setting or of a secret; empty if none.
    pub field: String,
    /// What is wrong.
    pub why: Wrong,
    /// The same in words, with what to do.
    pub what: String,
}

/// What may be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// It is missing.
    Missing,
    /// It does not have the form that it must have.
    Form,
    /// It is too long, or there are too many.
    Long,
    /// There is no such field.
    Unknown,
    /// It names something that is not there.
    NotThere,
    /// It cannot be changed any more.
    Fixed,
    /// Something else stands in the way.
    Other,
}
