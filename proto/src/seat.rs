//! `seat`: what agents ask for and are told, whatever their device. Feature codes become these too.

use serde::{Deserialize, Serialize};

use crate::access::Cause;
use crate::flow::Vars;
use crate::id::{LegId, ReservationId, SeatId, SessionId};
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

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
    /// Take work. While a contact is live it is the pending next state.
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
    /// Hang up.
    HangUp,
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
        /// Its voice slot.
        voice: Slot,
    },
    /// Work is offered.
    Offered {
        /// The claim.
        reservation: ReservationId,
        /// Who waits.
        user: UserUri,
        /// From which queue; none for a direct call.
        queue: Option<String>,
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
    /// Something asked for cannot be done.
    Refused {
        /// Why, in words.
        why: String,
    },
}
