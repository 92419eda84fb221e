//! What browsers say and are told, parsed and checked for size by the shell (docs/websockets.md).

use ngcc_proto::access::Cause;
use ngcc_proto::chat::{Author, Content, Message, Nack, Status};
use ngcc_proto::collab::{Kind, LinkToken, Ticket, Why};
use ngcc_proto::fact::By;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{CollabId, LegId, Secret, SessionId, Wall};
use serde::Serialize;

use super::Share;

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// On a chat's line.
    Chat(ChatAsk),
    /// On a line for calls.
    Calls(CallAsk),
}

/// What a customer's page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatAsk {
    /// Begin without writing first.
    Start,
    /// A message; the frame's id is its key.
    Say(Content),
    /// They write.
    Typing,
    /// They have seen everything up to this number.
    Read(u64),
    /// Everything behind `after`.
    Resume {
        /// Of which session.
        session: SessionId,
        /// The last number the page has.
        after: u64,
    },
    /// Share something.
    Share(Share),
    /// No more of what is shared, or offered to be.
    Unshare {
        /// Which.
        collab: CollabId,
        /// The browser cannot share that.
        cannot: bool,
    },
    /// A code to be read out on the phone.
    Code,
    /// A link of an agent's has been opened; none where it is not even one.
    Join(Option<LinkToken>),
    /// Not to be closed for idleness.
    KeepOpen,
    /// The end.
    End,
}

/// What a browser says about calls.
#[derive(Clone, Debug, PartialEq)]
pub enum CallAsk {
    /// A new call.
    Begin {
        /// The number that is dialled.
        entry: String,
        /// The name they give.
        name: Option<String>,
        /// The language they ask for.
        lang: Option<String>,
        /// The session of their chat that the call joins.
        beside: Option<SessionId>,
        /// The offer.
        offer: Sdp,
    },
    /// The leg of a shared screen.
    Show {
        /// Of which collaboration.
        collab: CollabId,
        /// The offer.
        offer: Sdp,
    },
    /// The answer to a summons, or a new offer of a call that is up.
    Offer {
        /// The leg.
        leg: LegId,
        /// The offer.
        offer: Sdp,
    },
    /// The leg goes on over a new peer connection.
    Reattach {
        /// The leg.
        leg: LegId,
        /// The offer.
        offer: Sdp,
    },
    /// A candidate that came behind its offer.
    Candidate {
        /// The leg.
        leg: LegId,
        /// Its attribute's value; empty at the end.
        candidate: String,
    },
    /// A key.
    Key {
        /// The leg.
        leg: LegId,
        /// One of `0`–`9`, `*`, `#`, `A`–`D`.
        digit: Secret,
    },
    /// The hold key.
    Hold {
        /// The leg.
        leg: LegId,
        /// On or off.
        on: bool,
    },
    /// Hang up.
    Bye {
        /// The leg.
        leg: LegId,
    },
}

/// A session that a page finds open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// The session.
    pub id: SessionId,
    /// The last number that has passed since the start of the server.
    pub last_seq: u64,
}

/// A call that a browser finds, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The leg.
    pub leg: LegId,
    /// How far.
    pub state: State,
}

/// How far a browser's call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not answered.
    Calling,
    /// Answered.
    Up,
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// A chat's line is taken.
    ChatReady {
        /// The session that is open.
        session: Option<Open>,
    },
    /// A line for calls is taken.
    CallsReady {
        /// The person's calls.
        legs: Vec<Found>,
    },
    /// The session is open.
    Opened {
        /// Which.
        session: SessionId,
    },
    /// The session is over; none if it never opened.
    Closed {
        /// Which.
        session: Option<SessionId>,
        /// Why.
        cause: Cause,
    },
    /// The message is on disk.
    Ack {
        /// Its number.
        seq: u64,
        /// When it was taken.
        at: Wall,
    },
    /// The message was not taken.
    Nack(Nack),
    /// A message.
    Message {
        /// Of which session.
        session: SessionId,
        /// The message.
        message: Message,
    },
    /// What the store has, in order: it waits to be written as one, however many there are.
    Replay {
        /// Of which session.
        session: SessionId,
        /// The messages.
        messages: Vec<Message>,
    },
    /// A `resume` is answered.
    Replayed {
        /// Of which session.
        session: SessionId,
        /// The last number that was sent.
        up_to: u64,
    },
    /// The other side writes.
    Typing {
        /// In which session.
        session: SessionId,
        /// Who.
        by: Author,
    },
    /// The other side has seen everything up to this number.
    Read {
        /// In which session.
        session: SessionId,
        /// The number.
        seq: u64,
    },
    /// Where a chat's session stands.
    Status {
        /// Which.
        session: SessionId,
        /// Where.
        status: Status,
    },
    /// The wish to share is passed on.
    Shared,
    /// The page is invited to what is shared.
    Invited {
        /// Which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// Opens it.
        ticket: Ticket,
        /// Who began it.
        by: By,
        /// The agent's name shown.
        display: String,
    },
    /// It is not to be.
    NotShared {
        /// Which, if it had come so far.
        collab: Option<CollabId>,
        /// Why.
        why: Why,
    },
    /// It is over.
    Unshared {
        /// Which.
        collab: CollabId,
        /// Why.
        why: Why,
    },
    /// The code to be read out.
    Code {
        /// Six digits.
        code: String,
        /// How long it is good.
        until: Wall,
    },
    /// An offer is asked for.
    Summon {
        /// The leg.
        leg: LegId,
        /// Whether the customer offers video.
        video: bool,
        /// How long it is waited for, in seconds.
        ring_s: u32,
    },
    /// A new call has its leg.
    Created {
        /// The leg.
        leg: LegId,
    },
    /// It rings at the other side.
    Ringing {
        /// The leg.
        leg: LegId,
    },
    /// The answer to the leg's last offer.
    Answer {
        /// The leg.
        leg: LegId,
        /// The answer.
        sdp: Sdp,
    },
    /// The leg is up.
    Up {
        /// The leg.
        leg: LegId,
    },
    /// Where a call's session stands.
    CallStatus {
        /// The leg.
        leg: LegId,
        /// Its session.
        session: SessionId,
        /// Where.
        status: Status,
    },
    /// The leg has ended.
    Bye {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// A frame was not carried out, and has changed nothing.
    Wrong {
        /// What is wrong.
        why: Wrong,
        /// With which leg.
        leg: Option<LegId>,
    },
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such session or leg of this person.
    Unknown,
    /// More than the limit.
    TooMany,
    /// This person may not.
    Forbidden,
    /// The offer was not taken; the call stays as it was.
    NotAcceptable,
    /// Nothing of that kind can be shared.
    Unsupported,
    /// The user URI is not this one's.
    Identity,
    /// What was asked for cannot be read now.
    Unavailable,
}

impl Wrong {
    /// Its code on the wire, and the words for whoever writes a client.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("unknown", "there is no such session or leg of yours"),
            Self::TooMany => ("too_many", "that is more than the limit: try again later"),
            Self::Forbidden => ("forbidden", "that may not be done by this one"),
            Self::Unavailable => ("unavailable", "that cannot be read now: ask again later"),
            Self::NotAcceptable => ("not_acceptable", "the offer was not taken; the call stays as it was"),
            Self::Unsupported => {
                ("unsupported", "that cannot be shared: cobrowse, whiteboard, document or screen")
            }
            Self::Identity => ("identity", "the user URI is not the one that this page proved"),
        }
    }
}

/// Why the server closes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It does not speak the protocol.
    Protocol,
    /// It has not said who it is, or not truly.
    Unauthenticated,
    /// Another page of the same person is there.
    Replaced,
    /// It reads too slowly, or sends too much.
    Overrun,
    /// The server stops, or has lost what it knew of the line.
    Stopping,
}

impl Shut {
    /// The close code (docs/websockets.md).
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 4400,
            Self::Unauthenticated => 4401,
            Self::Replaced => 4409,
            Self::Overrun => 4429,
            Self::Stopping => 4503,
        }
    }
}
