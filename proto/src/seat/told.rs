//! What an agent is told.

use serde::{Deserialize, Serialize};

use super::{Availability, Contact, Declined, Device, Slot};
use crate::access::Cause;
use crate::chat::{Author, Message, Nack};
use crate::collab;
use crate::fact::Medium;
use crate::flow::Vars;
use crate::id::{CollabId, ReservationId, SeatId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

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
        /// What they come to share, or share already.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shared: Vec<collab::Kind>,
        /// Who declined it last, and why, if they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declined: Option<Declined>,
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
    /// The agent is invited to what is shared; told again after `Look`.
    Invited {
        /// The session.
        session: SessionId,
        /// To which.
        collab: CollabId,
        /// What.
        kind: collab::Kind,
        /// Opens it for them.
        ticket: collab::Ticket,
        /// As what.
        #[serde(default)]
        me: collab::Place,
    },
    /// The link that was asked for.
    Link {
        /// The session.
        session: SessionId,
        /// What it is for.
        kind: collab::Kind,
        /// What stands behind `/join/`.
        token: collab::LinkToken,
        /// How long it is good.
        until: Wall,
    },
    /// What was shared is over, or is not to be.
    CollabEnded {
        /// The session; none where one could not be begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<SessionId>,
        /// Which.
        collab: CollabId,
        /// Why.
        why: collab::Why,
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
