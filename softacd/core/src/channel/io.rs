//! What a channel's adapter tells the core and is asked for. Nothing of a provider's own format is in here.

use ngcc_proto::chat::{Choice, Content, Text};
use ngcc_proto::{FileId, SessionId};
use serde::{Deserialize, Serialize};

/// Somebody on a channel has done something. `ChannelAnswer` answers when it is on disk, or will not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What the answer names; the adapter numbers its waiting requests.
    pub ticket: u64,
    /// The channel's name.
    pub channel: String,
    /// The channel's own id of the person, at most [`super::MAX_PERSON`] bytes.
    pub from: String,
    /// The name they give.
    pub name: Option<String>,
    /// The provider's id of this message, at most [`ngcc_proto::chat::MAX_KEY`] bytes: a repeat carries the same.
    pub key: String,
    /// What the provider wants named in an answer to this, at most [`super::MAX_REPLY`] bytes; none where it asks for
    /// nothing.
    pub reply: Option<Text>,
    /// The mark ([`Post::mark`]) of the person whose thread this belongs to, where the adapter has proved it: it is theirs,
    /// whoever `from` is, as long as they are remembered.
    pub thread: Option<u64>,
    /// What they did.
    pub act: Act,
}

/// What somebody does on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// They say something.
    Says(Content),
    /// They press something in the channel's menu, which says this; a provider lets less through for that.
    Presses(Content),
    /// They have come, without saying anything: they follow the account.
    Comes,
    /// They have gone: they follow it no more.
    Goes,
    /// A message of ours, which the provider had taken, has come back: it was not delivered.
    Returned {
        /// The session it was of.
        session: SessionId,
        /// Its number there.
        seq: u64,
    },
    /// The provider says that what it took under this number has not come to them.
    Fails {
        /// The number of a [`Post`].
        n: u64,
    },
}

/// What is to be sent to a person, one at a time a person. `ChannelSent` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The channel's name.
    pub channel: String,
    /// The channel's own id of the person.
    pub to: String,
    /// Its number among what is sent to this person; the same again after a failure.
    pub n: u64,
    /// It was tried before, and may have been taken.
    pub again: bool,
    /// What this answers, as [`Heard`] gave it: of what has opened the window that is open.
    pub reply: Option<Text>,
    /// What tells this person's thread from others of the channel.
    pub mark: u64,
    /// The session it is of; none where that is not known any more.
    pub session: Option<SessionId>,
    /// The number of the message it is of in that session.
    pub seq: u64,
    /// Nobody has written it: it is automation's.
    pub automatic: bool,
    /// What.
    pub piece: Piece,
}

/// Whether somebody writes to a person, for who shows it. Nothing answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// The channel's name.
    pub channel: String,
    /// The channel's own id of the person.
    pub to: String,
    /// They write, or do so no longer.
    pub on: bool,
}

/// One thing that a provider takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// A text, no longer than the channel takes.
    Text(Text),
    /// A text with buttons, of a channel that has them.
    Asks {
        /// The text.
        text: Text,
        /// What may be chosen.
        choices: Vec<Choice>,
    },
    /// A file of ours.
    File {
        /// Which.
        file: FileId,
        /// Its name.
        name: String,
        /// Its media type.
        mime: String,
    },
}

/// What became of a [`Post`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has taken it.
    Sent,
    /// It may be taken later: too many at a time, an error of the provider's, no connection.
    Later,
    /// The provider takes nothing for this person until they write again.
    Shut,
    /// It will never be taken.
    Refused,
}
