//! `collab`: softacd, cti and the collaboration server. A collaboration is a shared page, form or board of a
//! customer and an agent, set up from {user URI, agent URI, kind}; it is part of a session like a call or a chat.
//!
//! The order of a setting-up (S3-04): the customer's call ([`Call::Asked`], or `collab` in `access::Arrived` where
//! there is no session yet) → cti maps user URI to agent URI ([`Answer::Mapped`]) → the application server sees that
//! it is a collaboration ([`Call::Establish`]) → [`Command::Establish`] → [`Event::Invited`], once an end. What the
//! two then exchange goes beside the exchange, over the collaboration server's own sockets.

mod words;

use serde::{Deserialize, Serialize};

use crate::chat::Text;
use crate::config::Form;
use crate::fact::By;
use crate::id::{CollabId, LegId, SessionId};
use crate::sdp::Sdp;
use crate::time::Wall;
use crate::uri::{AgentUri, UserUri};

pub use words::{Act, BadKind, Kind, LinkToken, Place, Ticket, Who, Why};

/// softacd to cti.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Call {
    /// A customer asks inside their session: the ids come from it (S3-06).
    Asked {
        /// Who asks, as proven.
        user: UserUri,
        /// The customer's leg.
        leg: LegId,
        /// What.
        kind: Kind,
    },
    /// The application server has seen that what was mapped is a collaboration, and that the user is here.
    Establish {
        /// Which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// The customer's end.
        user: UserUri,
        /// The agent's end.
        agent: AgentUri,
    },
    /// The user has no page here: it cannot be established.
    Absent {
        /// Which.
        collab: CollabId,
        /// Whose.
        user: UserUri,
    },
    /// A page of the user's has come: whatever they take part in is to be offered to it again.
    Here {
        /// Whose.
        user: UserUri,
    },
    /// The user does not want it, or no longer.
    Declined {
        /// Who.
        user: UserUri,
        /// Which.
        collab: CollabId,
        /// It is not that they do not want it: their browser cannot.
        #[serde(default)]
        cannot: bool,
    },
    /// An end's browser offers the leg over which the pictures of a shared screen go, beside whatever calls that
    /// person has. `access::Answer` answers it, or `access::Release`; from then on it is a leg like any other.
    Screen {
        /// Of which.
        collab: CollabId,
        /// Which end, as proven.
        who: Who,
        /// Minted by softacd.
        leg: LegId,
        /// Its offer: pictures one way, no sound.
        offer: Sdp,
    },
    /// The user has opened a link that an agent has made: they take part in what it is for, as if the agent had typed in
    /// a code of theirs. `Refused` answers if it is not good.
    Followed {
        /// Whose page.
        user: UserUri,
        /// What the link carries.
        link: LinkToken,
    },
    /// The user's page asks for a code that they read out on the phone.
    CodeAsked {
        /// Whose page.
        user: UserUri,
    },
}

/// cti to softacd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
    /// The customer's call is mapped to an agent (S3-04), or an agent calls (S3-07). `Establish` or `Absent` answers.
    Mapped {
        /// Which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// The customer's end.
        user: UserUri,
        /// The agent's end.
        agent: AgentUri,
        /// The notice that an agent began it.
        by_agent: bool,
    },
    /// An agent calls a user with whom there is no session: a session is to be begun for them, as if they had dialled
    /// `dialled` and asked for this. `Absent` answers if they have no page.
    Fetch {
        /// The id that `Arrived` is to carry.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// Whom.
        user: UserUri,
        /// What to dial for them.
        dialled: String,
    },
    /// The user is invited.
    Invited {
        /// Whom.
        user: UserUri,
        /// To which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// Opens it for them.
        ticket: Ticket,
        /// Who began it.
        by: By,
        /// The agent's name shown.
        display: String,
    },
    /// What the user asked for is not to be.
    Refused {
        /// Whom.
        user: UserUri,
        /// Which, if it had come so far.
        collab: Option<CollabId>,
        /// Why.
        why: Why,
    },
    /// It is over.
    Ended {
        /// Whom.
        user: UserUri,
        /// Which.
        collab: CollabId,
        /// Why.
        why: Why,
    },
    /// The code to be read out.
    Code {
        /// Whom.
        user: UserUri,
        /// Six digits.
        code: String,
        /// How long it is good.
        until: Wall,
    },
}

/// cti to the collaboration server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Set it up with both ends; `Invited` twice, or `Refused`. A repeat of one that stands is answered the same.
    Establish {
        /// Which.
        collab: CollabId,
        /// The session it belongs to.
        session: SessionId,
        /// What.
        kind: Kind,
        /// The customer's end.
        user: UserUri,
        /// The customer's name shown.
        user_display: Option<String>,
        /// The agent's end.
        agent: AgentUri,
        /// The agent's name shown.
        agent_display: String,
        /// Who began it: whoever did has consented to the view.
        by: By,
        /// The form, where that is what is shared.
        form: Option<Form>,
        /// Whether what the agent is shown is recorded.
        #[serde(default)]
        record: bool,
    },
    /// Invite an end again: its page has come anew.
    Invite {
        /// Which.
        collab: CollabId,
        /// Whom.
        who: Who,
    },
    /// The session has another owner: they join as a viewer, whoever was there before is out, and every consent but
    /// the view is void. `Invited` answers, if there is anybody.
    Agent {
        /// Which.
        collab: CollabId,
        /// The session it belongs to: another one than before where it was handed over alone.
        session: SessionId,
        /// Who now; nobody while the session waits for its next owner.
        agent: Option<AgentUri>,
        /// The name shown.
        display: String,
    },
    /// Somebody looks on beside the owner, or no longer. They see what the agent sees and change nothing; the customer
    /// is shown who they are. `Invited` answers `on`, or `Left` with why not. A repeat is answered the same.
    Viewer {
        /// At which.
        collab: CollabId,
        /// Who: the owner is none.
        agent: AgentUri,
        /// The name shown.
        display: String,
        /// Whether they look on from now on.
        on: bool,
    },
    /// The session is over and it goes on without it; both ends are told.
    GoesOn {
        /// Which.
        collab: CollabId,
        /// How long, at the most.
        until: Wall,
    },
    /// End it for both.
    End {
        /// Which.
        collab: CollabId,
        /// Why.
        why: Why,
    },
}

/// The collaboration server to cti.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// An end is invited.
    Invited {
        /// To which.
        collab: CollabId,
        /// Whom.
        who: Who,
        /// Opens it for them.
        ticket: Ticket,
    },
    /// It cannot be set up, or there is none of that id.
    Refused {
        /// Which.
        collab: CollabId,
        /// Why.
        why: Why,
    },
    /// An end is connected, for the first time or again.
    Joined {
        /// Which.
        collab: CollabId,
        /// Who.
        who: Who,
    },
    /// An end's connection is gone; it may come back within the grace.
    Away {
        /// Which.
        collab: CollabId,
        /// Who.
        who: Who,
    },
    /// A viewer looks on no longer: they left, did not come in time, or cannot be one. It goes on without them.
    Left {
        /// At which.
        collab: CollabId,
        /// Who.
        agent: AgentUri,
        /// Why.
        why: Why,
    },
    /// Something that stands in the record: a consent, its end, a page opened.
    Noted {
        /// Which.
        collab: CollabId,
        /// Who did it.
        by: By,
        /// What they did.
        act: Act,
        /// Of which capability, which field, or which host; never what was entered.
        what: String,
    },
    /// The customer has confirmed the form: what is in it goes to the session's messages, without what is secret.
    Confirmed {
        /// Which.
        collab: CollabId,
        /// One line a field.
        text: Text,
    },
    /// It is over, by an end that left or a grace that ended; or as cti wished.
    Ended {
        /// Which.
        collab: CollabId,
        /// Who ended it.
        by: By,
        /// Why.
        why: Why,
    },
    /// After a start: every collaboration that still stands. Any other is gone.
    Restored {
        /// Which.
        collabs: Vec<CollabId>,
    },
}

impl Event {
    /// Which collaboration it is about; none for `Restored`.
    pub fn collab(&self) -> Option<CollabId> {
        match self {
            Self::Invited { collab, .. }
            | Self::Refused { collab, .. }
            | Self::Joined { collab, .. }
            | Self::Away { collab, .. }
            | Self::Left { collab, .. }
            | Self::Noted { collab, .. }
            | Self::Confirmed { collab, .. }
            | Self::Ended { collab, .. } => Some(*collab),
            Self::Restored { .. } => None,
        }
    }
}

impl Command {
    /// Which collaboration it is about.
    pub fn collab(&self) -> CollabId {
        match self {
            Self::Establish { collab, .. }
            | Self::Invite { collab, .. }
            | Self::Agent { collab, .. }
            | Self::Viewer { collab, .. }
            | Self::GoesOn { collab, .. }
            | Self::End { collab, .. } => *collab,
        }
    }
}
