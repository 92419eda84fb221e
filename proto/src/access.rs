//! `access`: softacd ⇄ cti. Legs at the edge: SIP calls now, browsers and channels later.

use serde::{Deserialize, Serialize};

use crate::collab::Kind;
use crate::fact::Medium;
use crate::id::{CollabId, LegId};
use crate::sdp::Sdp;
use crate::secret::{Secret, hop};
use crate::uri::UserUri;

/// Why a leg was refused, was released or left. softacd maps it to SIP codes in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An ordinary hang-up.
    Normal,
    /// The callee is busy (486).
    Busy,
    /// The callee pressed decline (603), or asked not to be disturbed.
    Declined,
    /// It rang for its whole time.
    NoAnswer,
    /// The caller gave up before the answer (CANCEL).
    Cancelled,
    /// Nobody else is called by that name (404).
    NotFound,
    /// The phone exists and has no contact now (480).
    NotRegistered,
    /// Nothing came back on any transport, or a grace time has ended.
    Unreachable,
    /// No common codec or transport (488).
    NotAcceptable,
    /// The caller may not reach that number (403).
    Forbidden,
    /// Shed by admission (503).
    Overloaded,
    /// A limit of time was reached: session timer, longest wait, idle.
    TimedOut,
    /// Somebody else took it.
    AnsweredElsewhere,
    /// An error of ours.
    Failed,
    /// It did not outlive a restart.
    Lost,
}

/// By what right a caller comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// Without credentials: reaches only what is public.
    Anonymous,
    /// A phone that proved its secret.
    Phone(String),
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A phone of ours, by name: softacd knows its contacts.
    Phone(String),
    /// A SIP URI, called as it stands.
    Uri(String),
}

/// How far a leg had come when softacd was restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its INVITE has come in and has no final answer yet.
    Arrived,
    /// Our INVITE is out without a final answer.
    Calling,
    /// Up.
    Answered,
}

/// softacd to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A new leg: somebody calls in.
    Arrived {
        /// Minted by softacd.
        leg: LegId,
        /// Who calls.
        user: UserUri,
        /// The display name they gave, cleaned and cut at 128 characters.
        display: Option<String>,
        /// The language they asked for, as a tag (RFC 5646), cut at 35 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<String>,
        /// What was dialled: the request URI's user part, decoded.
        dialled: String,
        /// By what right.
        caller: Caller,
        /// What kind of contact it is: video where a browser offers it, chat where there is no sound.
        medium: Medium,
        /// The customer's other leg, whose session this one joins instead of beginning one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside: Option<LegId>,
        /// What the customer comes to share (S3-04); its id is minted by softacd, or by cti where an agent called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collab: Option<Box<(CollabId, Kind)>>,
        /// Their offer; none in an offerless INVITE, and in a chat.
        offer: Option<Sdp>,
    },
    /// A summoned browser rings and offers; `Answer` answers it and connects it, still unheard.
    Summoned {
        /// The leg.
        leg: LegId,
        /// Its offer.
        offer: Sdp,
    },
    /// An ICE candidate that came behind its offer (RFC 8838).
    Candidate {
        /// The leg.
        leg: LegId,
        /// The candidate attribute's value; empty says that no other follows.
        candidate: String,
    },
    /// The callee's phone rings.
    Ringing {
        /// The leg called.
        leg: LegId,
        /// An early answer, if one came.
        sdp: Option<Sdp>,
    },
    /// The leg is up: a called leg's 200 has come, or a caller's ACK for ours.
    Answered {
        /// The leg.
        leg: LegId,
        /// The remote answer, where our side made the offer.
        sdp: Option<Sdp>,
    },
    /// A called leg was refused; it is gone.
    Refused {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// An established leg sends a new offer (re-INVITE or UPDATE); `Update` answers it.
    Reoffered {
        /// The leg.
        leg: LegId,
        /// The offer; none asks us to offer.
        offer: Option<Sdp>,
    },
    /// The phone's hold key (`held`), or its release: told beside the `Reoffered` that carries it.
    HoldAsked {
        /// The leg.
        leg: LegId,
        /// On or off.
        held: bool,
    },
    /// The phone's transfer key (REFER).
    TransferAsked {
        /// The leg that asks.
        leg: LegId,
        /// The number or URI to transfer to.
        to: String,
        /// In an attended transfer, our leg of the other call.
        replaces: Option<LegId>,
    },
    /// A key by SIP INFO.
    Digit {
        /// The leg.
        leg: LegId,
        /// One of `0`–`9`, `*`, `#`, `A`–`D`.
        #[serde(with = "hop")]
        digit: Secret,
    },
    /// The leg's connection is lost; the leg is kept for its grace.
    Unreachable {
        /// The leg.
        leg: LegId,
    },
    /// The leg is back on a new connection.
    Reattached {
        /// The leg.
        leg: LegId,
    },
    /// The leg has ended.
    Left {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// After a start: every leg softacd still holds. Any other leg of its is gone.
    Restored {
        /// The legs and how far each had come.
        legs: Vec<(LegId, Stage)>,
    },
}

/// cti to softacd. A command for a leg that has ended is ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Call somebody.
    Call {
        /// Minted by cti.
        leg: LegId,
        /// Whom.
        to: Target,
        /// Whose number is shown.
        from: UserUri,
        /// Whose name is shown.
        display: Option<String>,
        /// Our offer.
        offer: Sdp,
        /// How long to let it ring, in seconds.
        ring_s: u32,
    },
    /// Ask an agent's browser to take part: `Summoned` answers with its offer, or `Refused`.
    Summon {
        /// Minted by cti.
        leg: LegId,
        /// The agent's user name.
        agent: String,
        /// Whether the customer offers video.
        video: bool,
        /// How long to wait for its offer, in seconds.
        ring_s: u32,
    },
    /// Tell the caller that it rings (180).
    Ring {
        /// The leg.
        leg: LegId,
    },
    /// Early media (183).
    Progress {
        /// The leg.
        leg: LegId,
        /// Our answer.
        sdp: Sdp,
    },
    /// Answer (200).
    Answer {
        /// The leg.
        leg: LegId,
        /// Our answer, or our offer where the INVITE had none.
        sdp: Sdp,
    },
    /// The answer to the leg's last `Reoffered`.
    Update {
        /// The leg.
        leg: LegId,
        /// Our answer (or offer, where `Reoffered` had none); none refuses the offer (488) and the leg stays as it was.
        sdp: Option<Sdp>,
    },
    /// How a transfer that the leg asked for goes (NOTIFY with `message/sipfrag`).
    TransferTold {
        /// The leg that asked.
        leg: LegId,
        /// None while it goes on; otherwise how it ended (`Normal` is success).
        ended: Option<Cause>,
    },
    /// End the leg: a final answer before it is up, CANCEL or BYE after.
    Release {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
}

impl Event {
    /// The leg it is about; none for `Restored`.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Arrived { leg, .. }
            | Self::Summoned { leg, .. }
            | Self::Candidate { leg, .. }
            | Self::Ringing { leg, .. }
            | Self::Answered { leg, .. }
            | Self::Refused { leg, .. }
            | Self::Reoffered { leg, .. }
            | Self::HoldAsked { leg, .. }
            | Self::TransferAsked { leg, .. }
            | Self::Digit { leg, .. }
            | Self::Unreachable { leg }
            | Self::Reattached { leg }
            | Self::Left { leg, .. } => Some(*leg),
            Self::Restored { .. } => None,
        }
    }
}

impl Command {
    /// The leg it is about.
    pub fn leg(&self) -> LegId {
        match self {
            Self::Call { leg, .. }
            | Self::Summon { leg, .. }
            | Self::Ring { leg }
            | Self::Progress { leg, .. }
            | Self::Answer { leg, .. }
            | Self::Update { leg, .. }
            | Self::TransferTold { leg, .. }
            | Self::Release { leg, .. } => *leg,
        }
    }
}
