//! `chat`: softacd ⇄ cti. The one internal message: no channel's own format goes past softacd.
//!
//! A message is acknowledged once the customers' message store has it on disk. The store numbers the
//! messages of a session (`seq`, from 1 without a gap) and knows a repeat by the sender's own key, so
//! whoever is not sure sends again, and whoever reads takes each number once.

mod delivery;

use std::fmt;

use crate::uri::UserUri;
use serde::{Deserialize, Serialize};

use crate::fact::Medium;
use crate::id::{FileId, LegId, MessageId, SessionId};
use crate::time::Wall;
use crate::uri::AgentUri;

pub use delivery::{Delivery, MAX_REFUSED, Window};

/// The most bytes of one text.
pub const MAX_TEXT: usize = 8 * 1024;
/// The most quick replies of one text.
pub const MAX_CHOICES: usize = 12;
/// The most bytes of a sender's key.
pub const MAX_KEY: usize = 64;

/// What a person wrote. `Debug` shows its length only, so that no log holds it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} characters)", self.0.chars().count())
    }
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// An agent.
    Agent {
        /// Who.
        agent: AgentUri,
        /// The name shown.
        display: String,
    },
    /// A flow.
    Automation,
    /// The centre itself.
    Centre,
}

/// A quick reply that a flow offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent when it is chosen.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A line the centre writes; every client words it in its own language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum Notice {
    /// An agent has joined.
    Joined {
        /// The name shown.
        display: String,
    },
    /// The agent has left, and the session goes on.
    Left {
        /// The name shown.
        display: String,
    },
    /// The customer is with the automatic service; the agent stays (S4).
    ToAuto,
    /// The customer is with the agent again.
    ToHuman,
    /// The session goes on elsewhere.
    Transferred {
        /// The queue's, agent's or flow's name.
        to: String,
    },
    /// The customer's page is gone.
    CustomerGone,
    /// And here again.
    CustomerBack,
    /// Both sides have been idle: it closes at this time unless somebody writes (S0-08).
    ClosesSoon {
        /// When.
        at: Wall,
    },
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A text, with the replies a flow offers.
    Text {
        /// The text, at most [`MAX_TEXT`] bytes.
        text: Text,
        /// At most [`MAX_CHOICES`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<Choice>,
    },
    /// A file, whose bytes were handed over beside the exchange.
    File {
        /// Which.
        file: FileId,
        /// Its name, cleaned.
        name: String,
        /// Its media type, as looked at by the centre and not as claimed.
        mime: String,
        /// Its bytes.
        size: u64,
    },
    /// A line of the centre's.
    Notice(Notice),
    /// Something a flow asked for that must not be shown: what was entered is nowhere stored.
    Masked,
}

/// A message as stored and as every reader gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number in the session, from 1 without a gap.
    pub seq: u64,
    /// Its id.
    pub id: MessageId,
    /// When it was taken.
    pub at: Wall,
    /// Who said it.
    pub by: Author,
    /// What.
    pub content: Content,
    /// A note among agents: it is never sent to the customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// Where a session stands, as its customer may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Status {
    /// With a flow, and no agent.
    SelfService,
    /// Waiting.
    Queue {
        /// From 1.
        position: u64,
        /// Estimated from the latest waits, in seconds; none without any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate_s: Option<u64>,
    },
    /// An agent's device rings.
    Ringing,
    /// With an agent (or the called side of a plain call).
    Talk {
        /// The name shown.
        display: String,
        /// The agent's connection is lost and may come back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unreachable: bool,
        /// The other side of a call shows a picture.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pictures: bool,
    },
    /// On hold.
    Hold,
    /// With a flow while an agent stays (S4).
    InIvr {
        /// The agent's name shown.
        display: String,
    },
    /// In a conference room, or with several.
    Conference {
        /// Another of them shows a picture.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pictures: bool,
    },
    /// Over.
    Closed,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nack {
    /// The session is over.
    Closed,
    /// There is no such session or leg.
    Unknown,
    /// Too long, empty, or not a file of ours.
    Bad,
    /// More than the limit in the present time.
    TooMany,
    /// It may not be said by this one.
    Forbidden,
}

/// softacd to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The customer says something. `Accepted` answers once it is on disk, or `Refused`.
    Said {
        /// The customer's leg.
        leg: LegId,
        /// The sender's own key: the same message sent again carries the same key.
        key: String,
        /// What.
        content: Content,
    },
    /// The customer writes.
    Typing {
        /// The customer's leg.
        leg: LegId,
    },
    /// The customer has seen everything up to this number.
    Read {
        /// The customer's leg.
        leg: LegId,
        /// The number.
        seq: u64,
    },
    /// The customer's client asks for everything behind this number; `Replay` answers, or `NotReplayed`.
    Resume {
        /// The customer's leg.
        leg: LegId,
        /// The last number it has.
        after: u64,
    },
    /// How far what is written to a customer on a messaging channel has come, when that changes.
    Delivered {
        /// The customer's leg.
        leg: LegId,
        /// How far.
        delivery: Delivery,
    },
    /// The customer was warned of idleness and wishes to stay.
    KeepOpen {
        /// The customer's leg.
        leg: LegId,
    },
}

/// cti to softacd.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// An agent begins a chat with a user (S2-06): on a page of theirs a leg is to arrive, as if it had dialled
    /// `dialled`. `access::Event::Refused` answers if there is no such page.
    Begin {
        /// The customer's leg that is to be.
        leg: LegId,
        /// Whom.
        user: UserUri,
        /// What to dial for them.
        dialled: String,
    },
    /// The leg's session: told once it is open, and again after a restart of either side.
    Opened {
        /// The customer's leg.
        leg: LegId,
        /// Its session.
        session: SessionId,
        /// Its medium.
        medium: Medium,
    },
    /// On disk.
    Accepted {
        /// The customer's leg.
        leg: LegId,
        /// The sender's key.
        key: String,
        /// Its number.
        seq: u64,
        /// When it was taken.
        at: Wall,
    },
    /// Not taken; nothing is stored.
    Refused {
        /// The customer's leg.
        leg: LegId,
        /// The sender's key.
        key: String,
        /// Why.
        why: Nack,
    },
    /// A message for the customer, their own among them (a second tab shows it).
    Deliver {
        /// The customer's leg.
        leg: LegId,
        /// The message; never a private one.
        message: Message,
    },
    /// The answer to `Resume`, in order; `more` says that another one follows.
    Replay {
        /// The customer's leg.
        leg: LegId,
        /// The messages.
        messages: Vec<Message>,
        /// Whether another `Replay` follows.
        more: bool,
    },
    /// The store could not be read: what was asked for comes only when it is asked for again.
    NotReplayed {
        /// The customer's leg.
        leg: LegId,
    },
    /// Somebody on the other side writes.
    Typing {
        /// The customer's leg.
        leg: LegId,
        /// Who.
        by: Author,
    },
    /// The other side has seen everything up to this number.
    Read {
        /// The customer's leg.
        leg: LegId,
        /// The number.
        seq: u64,
    },
    /// Where the session stands. Told of web legs of any medium.
    Status {
        /// The customer's leg.
        leg: LegId,
        /// Where.
        status: Status,
    },
}

impl Event {
    /// The leg it is about.
    pub fn leg(&self) -> LegId {
        match self {
            Self::Said { leg, .. }
            | Self::Typing { leg }
            | Self::Read { leg, .. }
            | Self::Resume { leg, .. }
            | Self::Delivered { leg, .. }
            | Self::KeepOpen { leg } => *leg,
        }
    }
}

impl Command {
    /// The leg it is about.
    pub fn leg(&self) -> LegId {
        match self {
            Self::Begin { leg, .. }
            | Self::Opened { leg, .. }
            | Self::Accepted { leg, .. }
            | Self::Refused { leg, .. }
            | Self::Deliver { leg, .. }
            | Self::Replay { leg, .. }
            | Self::NotReplayed { leg }
            | Self::Typing { leg, .. }
            | Self::Read { leg, .. }
            | Self::Status { leg, .. } => *leg,
        }
    }
}

impl Content {
    /// What a person may say: a text that is not empty and not too long, or a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), Nack> {
        match self {
            Self::Text { text, choices } => {
                let ok =
                    !text.0.trim().is_empty() && text.0.len() <= MAX_TEXT && choices.len() <= MAX_CHOICES;
                if ok { Ok(()) } else { Err(Nack::Bad) }
            }
            Self::File { name, mime, .. } if name.len() <= 255 && mime.len() <= 128 => Ok(()),
            Self::File { .. } => Err(Nack::Bad),
            Self::Notice(_) | Self::Masked => Err(Nack::Forbidden),
        }
    }
}
