//! Facts: what cti decided and what happened, readable for ever, without any secret or text. All else is a fold of them.

mod entry;
mod seat;
mod words;

use crate::bcsm::{BackBecause, Turn};
use crate::collab::{Act, Kind, Who, Why};
use crate::id::{CollabId, ConferenceId, LegId, MessageId, ReservationId, RunId, SeatId, SessionId};
use crate::{AgentUri, Mono, UserUri, access::Cause, flow::Vars, seat::DeclineReason};
use serde::{Deserialize, Serialize};

pub use entry::{Fact, VERSION};
pub use seat::SeatRecord;
pub use words::{By, ConsultEnd, Medium, Moved, OfferEnd, Suspended, WaitEnd};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// The session began.
    Opened {
        /// Who came.
        user: UserUri,
        /// The name they gave.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        display: Option<String>,
        /// What they dialled.
        dialled: String,
        /// What kind of contact.
        medium: Medium,
        /// Its conference.
        conference: ConferenceId,
    },
    /// A leg joined or is being called.
    LegAdded {
        /// The leg.
        leg: LegId,
        /// As what.
        part: crate::media::Part,
        /// Of which seat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<SeatId>,
    },
    /// A leg is up.
    LegAnswered {
        /// The leg.
        leg: LegId,
    },
    /// A leg's connection was lost; its grace runs.
    LegUnreachable {
        /// The leg.
        leg: LegId,
    },
    /// A leg is back.
    LegReattached {
        /// The leg.
        leg: LegId,
    },
    /// A leg ended.
    LegLeft {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// Self-service began: a flow runs, and a self-service slot is taken.
    FlowStarted {
        /// The run.
        run: RunId,
        /// The flow.
        flow: String,
    },
    /// A flow waits at a step that asked for something.
    FlowSuspended(Suspended),
    /// A flow goes on.
    FlowResumed {
        /// The run.
        run: RunId,
        /// By which exit.
        exit: String,
    },
    /// A flow is over; its slot is free.
    FlowEnded {
        /// The run.
        run: RunId,
        /// What went wrong, if anything did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed: Option<String>,
    },
    /// A place in a queue.
    Queued {
        /// The queue's name.
        queue: String,
        /// Its priority.
        priority: i32,
        /// Since when it counts (a place that is given back keeps its time).
        since: Mono,
    },
    /// The wait is over.
    Dequeued {
        /// The queue's name.
        queue: String,
        /// How it ended.
        end: WaitEnd,
        /// Milliseconds waited.
        wait_ms: u64,
    },
    /// A seat's slot is locked for the session.
    Reserved {
        /// The claim.
        reservation: ReservationId,
        /// The seat.
        seat: SeatId,
        /// Whose.
        agent: AgentUri,
        /// The agent's leg.
        leg: LegId,
        /// By which strategy, among how many, and the key that decided.
        why: String,
        /// When the lease ends.
        until: Mono,
    },
    /// The agent's device rings.
    Alerting {
        /// The claim.
        reservation: ReservationId,
    },
    /// The offer is over.
    OfferEnded {
        /// The claim.
        reservation: ReservationId,
        /// How.
        end: OfferEnd,
        /// Why it was declined, if the agent said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<DeclineReason>,
    },
    /// The session gained a medium: a chat's customer also calls.
    MediumAdded {
        /// Which.
        medium: Medium,
    },
    /// The customer has another contact at the same time, a call beside a chat; each session names the other.
    StandsBeside {
        /// The other one.
        session: SessionId,
    },
    /// A message of the session is on disk.
    Said {
        /// Its number.
        seq: u64,
        /// Its id: the text lies in the message store and nowhere else.
        message: MessageId,
        /// By whom.
        by: By,
    },
    /// Somebody asked to share something (S3-04, S3-06, S3-07, S3-08).
    CollabAsked {
        /// Which.
        collab: CollabId,
        /// What.
        kind: Kind,
        /// Who asked.
        by: By,
        /// Who takes part on the customer's side: on a phone call, whoever read out the code.
        user: UserUri,
        /// Whose page takes part in their place, where they have none: who writes by a channel has followed a link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<UserUri>,
        /// The form's name, where that is what is shared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<String>,
    },
    /// The user URI is mapped to an agent URI, and the application server is told.
    CollabMapped {
        /// Which.
        collab: CollabId,
        /// The user URI.
        user: UserUri,
        /// The agent URI; nobody while the session waits for its next owner.
        agent: Option<AgentUri>,
    },
    /// The application server has the collaboration server set it up.
    CollabEstablished {
        /// Which.
        collab: CollabId,
        /// Whether what is shared is recorded.
        #[serde(default)]
        recorded: bool,
    },
    /// The collaboration server invites an end.
    CollabInvited {
        /// Which.
        collab: CollabId,
        /// Whom.
        who: Who,
    },
    /// An end takes part, for the first time or again.
    CollabJoined {
        /// Which.
        collab: CollabId,
        /// Who.
        who: Who,
    },
    /// An end's connection is lost; it may come back.
    CollabAway {
        /// Which.
        collab: CollabId,
        /// Who.
        who: Who,
    },
    /// Somebody looks on, or no longer: one who is in the session beside its owner, or a supervisor.
    CollabViewer {
        /// At which.
        collab: CollabId,
        /// Who.
        agent: AgentUri,
        /// Whether they watch from the board rather than from within the session.
        watches: bool,
        /// Whether they look on from now on.
        on: bool,
    },
    /// The session ends and this goes on without it (S3-10).
    CollabGoesOn {
        /// Which.
        collab: CollabId,
        /// The seat that wraps up meanwhile.
        seat: SeatId,
        /// How long, at the most.
        until: Mono,
    },
    /// A consent, its end, an act of control.
    CollabNoted {
        /// Which.
        collab: CollabId,
        /// Who.
        by: By,
        /// What was done.
        act: Act,
        /// To what; never what was entered.
        what: String,
    },
    /// An end's browser carries the pictures of a shared screen from now on.
    CollabLegAdded {
        /// Of which.
        collab: CollabId,
        /// The leg.
        leg: LegId,
        /// Whose.
        who: Who,
        /// The conference of these pictures alone.
        conference: ConferenceId,
    },
    /// Or no longer.
    CollabLegLeft {
        /// Of which.
        collab: CollabId,
        /// The leg.
        leg: LegId,
        /// Why.
        cause: Cause,
    },
    /// It is handed over alone: it goes on in another session, or has come from one.
    CollabMoved {
        /// Which.
        collab: CollabId,
        /// Whither or whence.
        way: Moved,
    },
    /// It is over, or was refused.
    CollabEnded {
        /// Which.
        collab: CollabId,
        /// Who ended it.
        by: By,
        /// Why.
        why: Why,
    },
    /// Customer and agent (or called side) are together; `seat` owns the session.
    Joined {
        /// The leg that joined.
        leg: LegId,
        /// The seat; none for a plain call to a phone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<SeatId>,
    },
    /// The customer is on hold.
    Held {
        /// By whom.
        by: By,
    },
    /// And off hold again.
    Unheld {
        /// By whom.
        by: By,
    },
    /// The customer is with the automatic service, the agent in call state.
    ToAuto {
        /// The hand-over's number.
        turn: Turn,
        /// The run.
        run: RunId,
        /// A named flow; none where a run was resumed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
        /// The arguments.
        args: Vars,
    },
    /// The customer is with the agent again.
    ToHuman {
        /// The number of the hand-over that ended.
        turn: Turn,
        /// By whom.
        by: By,
        /// Why, if the automation gave back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<BackBecause>,
        /// What it found out.
        outcome: Vars,
    },
    /// A message of an old turn came and was not executed.
    Stale {
        /// Its turn.
        turn: Turn,
        /// The turn it is now.
        now: Turn,
    },
    /// A supervisor or the operator acts in the session; the facts behind it say what comes of it.
    Intervened {
        /// Who.
        by: String,
        /// What: `force`, `end`.
        act: String,
    },
    /// The owner consults somebody; the customer is on hold.
    ConsultStarted {
        /// The consulted side's leg.
        leg: LegId,
        /// The seat that is consulted, if it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<SeatId>,
        /// Whom, as asked for.
        to: String,
    },
    /// The consultation is over.
    ConsultEnded {
        /// The consulted side's leg.
        leg: LegId,
        /// How.
        end: ConsultEnd,
        /// Why the consulted agent declined, if they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<DeclineReason>,
    },
    /// The session goes elsewhere; another seat will own it, or none.
    Transferred {
        /// The seat that gave it away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<SeatId>,
        /// The queue's, agent's or flow's name, or the number.
        to: String,
    },
    /// What the contact was about, by its agent. May follow `Closed` while the seat wraps up.
    Disposed {
        /// The seat.
        seat: SeatId,
        /// The disposition's name.
        code: String,
    },
    /// The agent's part is over; the seat wraps up.
    AgentReleased {
        /// The seat.
        seat: SeatId,
        /// Why.
        cause: Cause,
        /// When the wrap-up ends by itself; none without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrap_up_until: Option<Mono>,
    },
    /// The seat's wrap-up is over. With `Disposed` the only fact that may follow `Closed`.
    WrapUpEnded {
        /// The seat.
        seat: SeatId,
        /// By whom.
        by: By,
    },
    /// The session is over.
    Closed {
        /// Who ended it.
        by: By,
        /// Why.
        cause: Cause,
    },
}
