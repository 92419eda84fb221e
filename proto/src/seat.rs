//! `seat`: what agents ask for and are told, whatever their device. Feature codes become these too.

mod contact;
mod decline;
mod told;

use serde::{Deserialize, Serialize};

use crate::chat::{Content, Text};
use crate::collab;
use crate::flow::Vars;
use crate::id::{CollabId, LegId, ReservationId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

pub use contact::{Contact, Party, Presence, Shared, Standing};
pub use decline::{DeclineReason, Declined};
pub use told::{Event, Told};

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
        /// Why, if the agent says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<DeclineReason>,
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
    /// Share something with the customer. Inside a session its customer takes part (S3-08), or on a phone call whoever
    /// read out `code`; without a session `user` is called (S3-07).
    Collaborate {
        /// What.
        kind: collab::Kind,
        /// The code that the customer's page shows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Whom, where there is no session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserUri>,
        /// The form's name, where that is what is shared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<String>,
    },
    /// Make a link that brings whoever opens it first into the session, to share this; `Told::Link` answers.
    MakeLink {
        /// What: anything but their page, since the link's own has nothing on it.
        kind: collab::Kind,
        /// The form's name, where that is what is shared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<String>,
    },
    /// Begin a chat with a customer who has a page open (S2-06). `Done` or `Refused` answers once that is known.
    WriteTo {
        /// Whom.
        user: UserUri,
    },
    /// Give what is shared to a colleague or a queue, and keep the conversation. It becomes a contact of its own; where
    /// nobody takes it, it comes back.
    HandOverShare {
        /// Which.
        collab: CollabId,
        /// Where to: a queue or an agent.
        to: To,
    },
    /// End what is shared, for both.
    EndCollab {
        /// Which.
        collab: CollabId,
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
