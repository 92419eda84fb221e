//! `media`: cti ⇄ ivr. Legs' media and who hears whom.

use serde::{Deserialize, Serialize};

use crate::access::Cause;
use crate::id::{CollabId, ConferenceId, LegId, RunId};
use crate::recording::Loss;
use crate::sdp::Sdp;
use crate::secret::{Secret, hop};

/// A leg's part in its conference. The automation is a member of every conference and has no leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The customer (U).
    User,
    /// The owner seat's agent (G), or the called side of a plain two-leg call.
    Agent,
    /// A second agent (G2).
    Second,
    /// A supervisor (S).
    Supervisor,
}

/// Where a conference stands; it decides who hears whom (docs/acceptance.md has the table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Phase {
    /// U and the automation.
    SelfService,
    /// U hears the wait flow or music.
    Queue {
        /// Music, where no wait flow runs; otherwise nothing is sent.
        music: bool,
    },
    /// U and G.
    Talk,
    /// U hears music.
    Hold,
    /// U hears music, G and G2 speak.
    Consult,
    /// Everybody hears everybody.
    Conference,
    /// U and the automation, G in call state.
    InIvr {
        /// G hears A and U.
        listen: bool,
        /// Nobody hears the keys or U, not even R.
        secure: bool,
    },
    /// S speaks to G only.
    Whisper,
    /// S speaks to both.
    Barge,
}

/// cti to ivr. A command for a leg that is closed is ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Make a leg's media in a conference (which begins with its first leg); `Opened` or `Failed` answers.
    Open {
        /// The leg.
        leg: LegId,
        /// Its conference.
        conference: ConferenceId,
        /// Its part.
        part: Part,
        /// The remote offer; none makes an offer of ours.
        offer: Option<Sdp>,
    },
    /// The remote answer to our offer.
    Answered {
        /// The leg.
        leg: LegId,
        /// The answer.
        sdp: Sdp,
    },
    /// A new remote offer on an open leg (none: make one of ours); `Reanswered` answers.
    Reoffer {
        /// The leg.
        leg: LegId,
        /// The offer.
        offer: Option<Sdp>,
    },
    /// An ICE candidate of the remote side.
    Candidate {
        /// The leg.
        leg: LegId,
        /// The candidate attribute's value; empty says that no other follows.
        candidate: String,
    },
    /// Put a leg into another conference or part.
    Place {
        /// The leg.
        leg: LegId,
        /// Where to.
        conference: ConferenceId,
        /// As what.
        part: Part,
    },
    /// The conference's phase from now on.
    Phase {
        /// The conference.
        conference: ConferenceId,
        /// The phase.
        phase: Phase,
    },
    /// Record the pictures of the conference's `User` while they are shown to somebody, until `EndRecording`. It goes on
    /// over a restart and over times in which nobody is in the conference; a repeat changes nothing.
    Record {
        /// The conference.
        conference: ConferenceId,
        /// Whose recording it is.
        collab: CollabId,
    },
    /// A recording has come to its end. What is there is kept.
    EndRecording {
        /// Whose.
        collab: CollabId,
    },
    /// A key that came another way than RTP (SIP INFO).
    Digit {
        /// The leg that pressed it.
        leg: LegId,
        /// The key.
        #[serde(with = "hop")]
        digit: Secret,
    },
    /// Close a leg; its ports are free again after a quarantine. The conference ends with its last leg.
    Close {
        /// The leg.
        leg: LegId,
    },
}

/// ivr to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The leg's media is there.
    Opened {
        /// The leg.
        leg: LegId,
        /// Our answer to the offer that was given, or our offer.
        sdp: Sdp,
    },
    /// The answer (or offer) to a `Reoffer`; none if it cannot be accepted.
    Reanswered {
        /// The leg.
        leg: LegId,
        /// What to send.
        sdp: Option<Sdp>,
    },
    /// The leg has no media: no port, no common codec. It is closed.
    Failed {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// A key of a leg whose part is not `User`, or of a user whom no flow listens to.
    Digit {
        /// The leg.
        leg: LegId,
        /// The key.
        #[serde(with = "hop")]
        digit: Secret,
    },
    /// Nothing has come from the leg for the configured time, though something should have.
    Silent {
        /// The leg.
        leg: LegId,
    },
    /// A browser's connection stands: sound flows.
    PeerUp {
        /// The leg.
        leg: LegId,
    },
    /// A browser's connection is gone; the leg is kept, and a `Reoffer` brings it back.
    PeerLost {
        /// The leg.
        leg: LegId,
    },
    /// A recording cannot go on; what there is of it is kept.
    Unrecorded {
        /// Whose.
        collab: CollabId,
        /// Why.
        loss: Loss,
    },
    /// After a start: what ivr still holds.
    Restored {
        /// Open legs.
        legs: Vec<LegId>,
        /// Flow runs.
        runs: Vec<RunId>,
        /// Recordings that go on.
        #[serde(default)]
        recordings: Vec<CollabId>,
    },
}
