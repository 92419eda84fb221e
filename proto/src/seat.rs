//! `seat`: what agents ask for and are told, whatever their device. Feature codes become these too.

mod contact;

use serde::{Deserialize, Serialize};

use crate::access::Cause;
use crate::chat::{Author, Content, Message, Nack, Text};
use crate::fact::Medium;
use crate::flow::Vars;
use crate::id::{LegId, ReservationId, SeatId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

pub use contact::{Contact, Party, Presence, Standing};

/// Where an agent's voice leg is; chosen at sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A phone of ours, by name.
    Phone(String),
    /// The console in the agent's browser.
    Browser,
}

/// Whether a seat may be offered work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Availability {
    /// Signed out (S2: exited).
    LoggedOut,
    /// Ready (S2: normal, while a slot is free).
    Ready {
        /// Since when.
        since: Wall,
    },
    /// Not ready (S2: busy).
    NotReady {
        /// `break`, `missed`, `unreachable`, or the agent's own.
        reason: String,
        /// Since when.
        since: Wall,
    },
}

/// One slot of a seat: at most one contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Slot {
    /// Nothing.
    Free,
    /// Claimed; nobody has been told yet.
    Reserved {
        /// The claim.
        reservation: ReservationId,
        /// For which session.
        session: SessionId,
    },
    /// Ringing.
    Alerting {
        /// The claim.
        reservation: ReservationId,
        /// For which session.
        session: SessionId,
        /// The agent's leg.
        leg: LegId,
    },
    /// With the customer.
    Talking {
        /// The session.
        session: SessionId,
        /// The agent's leg.
        leg: LegId,
    },
    /// The customer is on hold.
    Held {
        /// The session.
        session: SessionId,
        /// The agent's leg.
        leg: LegId,
    },
    /// The customer is on hold, the agent speaks to a colleague.
    Consulting {
        /// The session.
        session: SessionId,
        /// The agent's leg.
        leg: LegId,
    },
    /// The customer is with the automatic service and comes back (S4).
    InIvr {
        /// The session.
        session: SessionId,
        /// The agent's leg.
        leg: LegId,
    },
    /// After the contact.
    WrapUp {
        /// The session that ended.
        session: SessionId,
        /// When it ends by itself.
        until: Wall,
    },
}

/// What an agent asks; `agent` names whose seat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Whose seat.
    pub agent: AgentUri,
    /// Which of its contacts; none is the one in the voice slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// What.
    pub what: Verb,
}

/// What an agent asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Verb {
    /// Take the seat.
    SignIn {
        /// On which device.
        device: Device,
    },
    /// Leave it. While a contact is live it takes effect after it.
    SignOut,
    /// Take work. While a call is live it is the pending next state.
    Ready,
    /// Take no more work.
    NotReady {
        /// Why.
        reason: String,
    },
    /// Take an offer.
    Accept {
        /// Which.
        reservation: ReservationId,
    },
    /// Refuse an offer.
    Decline {
        /// Which.
        reservation: ReservationId,
    },
    /// End the wrap-up now.
    EndWrapUp,
    /// Hold or take off hold.
    Hold {
        /// On or off.
        on: bool,
    },
    /// Give the customer to the automatic service (S4-03).
    ToAuto {
        /// A named flow; none resumes the suspended one.
        flow: Option<String>,
        /// What to pass along.
        args: Vars,
    },
    /// Take the customer back (S4-09).
    TakeBack,
    /// Hear automation and customer while they are together.
    Listen {
        /// On or off.
        on: bool,
    },
    /// Hang up; in a chat, end the session.
    HangUp,
    /// Tell everything anew: the client has just come. `State` and a `Contact` for each contact answer.
    Look,
    /// The client is gone: no page of the agent's is open any longer. The seat is *unreachable* for
    /// its grace, then not ready; its contacts are kept as long.
    Away,
    /// The client is here again.
    Back,
    /// Call a number, an extension or `agent:name` as a session of the agent's own.
    Dial {
        /// Whom.
        to: String,
    },
    /// Give the customer away.
    Transfer {
        /// Where to.
        to: To,
    },
    /// Hold the customer and call somebody to speak to first; `CompleteTransfer`, `Merge` or `CancelConsult` follows.
    Consult {
        /// Whom.
        to: To,
    },
    /// The consulted side takes the customer; the agent leaves.
    CompleteTransfer,
    /// Back to the customer; the consulted side is released.
    CancelConsult,
    /// Speak with the other one of customer and consulted side.
    Swap,
    /// Customer, agent and consulted side are in one conference from now on.
    Merge,
    /// Take one participant out of the conference.
    Drop {
        /// Whose leg.
        leg: LegId,
    },
    /// Write to the customer, or a note among agents. `Accepted` answers once it is on disk, or `NotAccepted`.
    Say {
        /// The client's own key: the same message sent again carries the same key.
        key: String,
        /// What.
        content: Content,
        /// A note among agents.
        #[serde(default)]
        private: bool,
    },
    /// The agent writes.
    Typing,
    /// The agent has seen everything up to this number.
    Read {
        /// The number.
        seq: u64,
    },
    /// Everything of the session behind this number; `Replay` answers, or `NotReplayed`.
    Resume {
        /// The last number the client has.
        after: u64,
    },
    /// Say what the contact was about; `note` is kept as a private message.
    Dispose {
        /// The disposition's name.
        code: String,
        /// A note.
        #[serde(default)]
        note: Option<Text>,
    },
}

/// Where a customer is given to, or who is consulted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "name", rename_all = "snake_case")]
pub enum To {
    /// A queue.
    Queue(String),
    /// An agent, by user name.
    Agent(String),
    /// A flow.
    Flow(String),
    /// A number of ours, or outside.
    Number(String),
}

/// What an agent is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Whose seat.
    pub agent: AgentUri,
    /// The seat.
    pub seat: SeatId,
    /// What.
    pub what: Told,
}

/// What an agent is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    /// The seat as it is now.
    State {
        /// May it be offered work.
        availability: Availability,
        /// What it becomes after the present contact.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pending: Option<Availability>,
        /// Its device.
        device: Device,
        /// Its voice slot.
        voice: Slot,
        /// Its chat slots that are not free.
        chats: Vec<Slot>,
        /// How many chats it takes at once.
        chat_capacity: u32,
    },
    /// Work is offered.
    Offered {
        /// The claim.
        reservation: ReservationId,
        /// For which session.
        session: SessionId,
        /// By which medium.
        medium: Medium,
        /// Who waits.
        user: UserUri,
        /// The name they gave.
        display: Option<String>,
        /// From which queue; none for a direct call.
        queue: Option<String>,
        /// How long they have waited, in milliseconds.
        waited_ms: u64,
        /// The choices made in self-service, in order.
        path: Vec<String>,
        /// When the offer was made.
        at: Wall,
        /// When the offer lapses.
        until: Wall,
    },
    /// The offer is gone.
    Rescinded {
        /// The claim.
        reservation: ReservationId,
        /// Why.
        cause: Cause,
    },
    /// The customer comes back from the automatic service (S4-08).
    Returned {
        /// The session.
        session: SessionId,
        /// What the automation found out (S4-10).
        outcome: Vars,
    },
    /// A contact as it is now.
    Contact {
        /// The contact.
        contact: Box<Contact>,
    },
    /// A contact is the seat's no longer.
    Gone {
        /// The session.
        session: SessionId,
    },
    /// A message of a contact.
    Message {
        /// The session.
        session: SessionId,
        /// The message.
        message: Message,
    },
    /// What the agent said is on disk.
    Accepted {
        /// The session.
        session: SessionId,
        /// The client's key.
        key: String,
        /// The message's number.
        seq: u64,
        /// When it was taken.
        at: Wall,
    },
    /// What the agent said was not taken.
    NotAccepted {
        /// The session.
        session: SessionId,
        /// The client's key.
        key: String,
        /// Why.
        why: Nack,
    },
    /// The answer to `Resume`, in order; `more` says that another one follows.
    Replay {
        /// The session.
        session: SessionId,
        /// The messages.
        messages: Vec<Message>,
        /// Whether another `Replay` follows.
        more: bool,
    },
    /// The store could not be read: the client asks again after a while.
    NotReplayed {
        /// The session.
        session: SessionId,
    },
    /// Somebody writes.
    Typing {
        /// The session.
        session: SessionId,
        /// Who.
        by: Author,
    },
    /// The customer has seen everything up to this number.
    Read {
        /// The session.
        session: SessionId,
        /// The number.
        seq: u64,
    },
    /// What was asked is done; the envelope's cause names it.
    Done,
    /// Something asked for cannot be done; the envelope's cause names it.
    Refused {
        /// Why, in words.
        why: String,
    },
}
