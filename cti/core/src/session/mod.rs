//! A session: one customer's contact. What is kept here is a fold of its facts (`fold.rs`); what an
//! answer is still awaited for stands apart in [`Live`] and is asked for again after a restart.

pub(crate) mod arrive;
pub(crate) mod aside;
pub(crate) mod call;
pub(crate) mod consult;
pub(crate) mod customer;
pub(crate) mod dial;
pub(crate) mod end;
pub(crate) mod flow;
pub(crate) mod fold;
pub(crate) mod hold;
pub(crate) mod leg;
pub(crate) mod lost;
pub(crate) mod offer;
mod pictures;
mod refusal;
pub(crate) mod ring;
pub(crate) mod story;
pub(crate) mod transfer;
mod view;
pub(crate) mod wait;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ngcc_proto::access::{Cause, Target};
use ngcc_proto::bcsm::Turn;
use ngcc_proto::chat::{Delivery, Status};
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, Fact, Medium};
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{
    AgentUri, ConferenceId, LegId, MessageId, Mono, Now, RunId, SeatId, Secret, SessionId, UserUri, Wall,
};

use aside::Aside;
use story::Story;

use crate::chat::Line;
use crate::chat::told::ToldRun;
use crate::collab::Collab;
use crate::feature::Code;
use crate::queue::{Place, QueueNo};
use crate::resource::Reservation;

/// One customer's contact.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user: UserUri,
    pub(crate) display: Option<String>,
    pub(crate) dialled: String,
    pub(crate) medium: Medium,
    pub(crate) conference: ConferenceId,
    pub(crate) since: Wall,
    pub(crate) legs: Vec<Leg>,
    pub(crate) runs: Vec<Run>,
    pub(crate) stage: Stage,
    /// Whom the owner consults.
    pub(crate) side: Option<Side>,
    /// Counts the hand-overs (S4).
    pub(crate) turn: Turn,
    /// What customer and agent share, or are about to.
    pub(crate) shared: Vec<Collab>,
    /// The session out of which something shared was handed over: this one is there for that alone.
    pub(crate) apart_from: Option<SessionId>,
    /// Seats that wrap up after it, until when.
    pub(crate) wrap_ups: Vec<(SeatId, Mono, Wall)>,
    pub(crate) aside: Aside,
    pub(crate) story: Story,
    /// What the run that has the customer was told of.
    pub(crate) told: ToldRun,
    /// Its chain, complete.
    pub(crate) facts: Vec<Fact>,
    pub(crate) live: Live,
}

/// Where a session stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Its media opens; or it is being called (`operate::Place`).
    Arriving,
    /// A flow runs for the customer.
    SelfService,
    /// It waits for an agent.
    Waiting(Place),
    /// A seat is locked for it and rings; the place, if it came from a queue, is kept.
    Offered { place: Option<Place>, offer: Offer },
    /// A plain call: the called side has not answered.
    Dialling { leg: LegId },
    /// With an agent or a called side.
    With(Together),
    /// The automatic service goes on though the agent's leg is lost (S4-11).
    Unattended { run: RunId, seat: SeatId, via: Option<QueueNo> },
    /// In a conference room.
    InRoom,
    /// Over.
    Closed,
}

/// A lock on a seat, under way to its agent.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) claim: Reservation,
    pub(crate) leg: LegId,
    pub(crate) alerting: bool,
}

/// Customer and partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Together {
    /// The partner's leg.
    pub(crate) leg: LegId,
    /// The owner seat; none in a plain call.
    pub(crate) seat: Option<SeatId>,
    /// The queue it came through.
    pub(crate) via: Option<QueueNo>,
    pub(crate) how: How,
}

/// Somebody whom the owner consults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) leg: LegId,
    /// The seat that is locked for it; none for a number.
    pub(crate) seat: Option<SeatId>,
    /// As asked for.
    pub(crate) to: String,
    /// The queue the customer came through.
    pub(crate) via: Option<QueueNo>,
}

/// How customer and partner are together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Talk,
    Held(By),
    /// The customer is with the automatic service, the agent in call state (S4-06).
    InIvr {
        run: RunId,
        /// A flow that the agent named, rather than the suspended one.
        named: bool,
    },
    /// The customer waits while the owner speaks with [`Session::side`].
    Consulting,
    /// With others besides.
    Conference,
}

/// A participant's part in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) part: Part,
    pub(crate) seat: Option<SeatId>,
    pub(crate) stage: LegStage,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegStage {
    New,
    Up,
    Unreachable,
}

/// A run of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) flow: String,
    pub(crate) stage: RunStage,
    /// It is heard while the customer waits, and ends with the wait.
    pub(crate) while_waiting: bool,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunStage {
    Running,
    /// Suspended at a step that asked.
    Asked(Asking),
}

/// What a suspended run has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// An agent, who may hand the customer back to the step.
    Human,
    /// An agent, for good.
    Queue,
    Transfer,
    Conference,
    SignIn,
}

/// What is known of a session beside its facts.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Where it goes once its media is open.
    pub(crate) next: Option<Destination>,
    pub(crate) answer: Answer,
    /// The run that waits for the answer.
    pub(crate) answer_for: Option<RunId>,
    /// The phase ivr was told last, and of which conference.
    pub(crate) phase: Option<(ConferenceId, Phase)>,
    /// The room in which the customer's leg is, where it is not the session's own conference.
    pub(crate) room: Option<ConferenceId>,
    /// When the agent pressed the first key of a code.
    pub(crate) star: Option<Mono>,
    /// Whom an agent who calls out is to be connected with, once their own device is there.
    pub(crate) dials: Option<(consult::Callee, String)>,
    /// The owner is back with the customer while the consulted side waits.
    pub(crate) swapped: bool,
    /// How far what is written has come on a messaging channel.
    pub(crate) delivery: Option<Delivery>,
    /// The legs that bring pictures.
    pub(crate) pictures: BTreeSet<LegId>,
    /// The queue's callers hear nothing.
    pub(crate) silent: bool,
    /// The seat that is asked first when it waits.
    pub(crate) prefer: Option<SeatId>,
    /// The PIN that is being checked.
    pub(crate) pin: Option<MessageId>,
    /// Whom to call, and how long it may ring in seconds, once that leg's media is open.
    pub(crate) call: Option<(Target, u32)>,
    /// The agent's browser that is asked for its offer, or whose media opens.
    pub(crate) summon: Option<(LegId, Summon)>,
    /// The called side's early answer.
    pub(crate) early: Option<Box<Sdp>>,
    /// The caller's offer is kept for a restart.
    pub(crate) offer_kept: bool,
    /// What the customer's client was told last of where the session stands.
    pub(crate) status: Option<Status>,
    /// After a restart its messages are being read: a run is told of nothing before they are.
    pub(crate) catching_up: bool,
    /// The silence of which both sides have been warned, by its beginning.
    pub(crate) warned: Option<Mono>,
    /// Texts that only a run may see, by their key, until the store has the masked message.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// Lines of ours that the store does not have yet, in order.
    pub(crate) lines: VecDeque<Line>,
    /// The automatic service ends the session once the store has them.
    pub(crate) parting: Option<Cause>,
    /// What is kept of [`Session::aside`].
    pub(crate) aside_kept: Option<Aside>,
    /// The data centre has been asked to store it so many times.
    pub(crate) stores: u32,
}

/// How far connecting an agent's browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Summon {
    /// Its offer is awaited.
    Asked,
    /// Its media opens; then it is answered.
    Opening,
}

/// Where a customer is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Route(Route),
    Feature {
        code: Code,
        agent: AgentUri,
    },
    /// Nowhere: it is released once it is answered.
    HangUp,
}

/// How far answering the customer's leg has come.
#[derive(Debug, Default)]
pub(crate) enum Answer {
    /// Its media opens.
    #[default]
    Opening,
    /// Its media opens, and it is to be answered at once.
    Wanted,
    /// Its media is open; this is what the answer will say.
    Ready(Box<Sdp>),
    /// The answer is on its way, or the leg is up.
    Sent,
}

/// Whose leg it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Customer,
    /// The agent to whom the session is offered.
    Offered,
    /// The called side of a plain call that has not answered.
    Dialled,
    /// The owner's, or the other side's of a plain call.
    Partner,
    /// Somebody who is consulted.
    Consulted,
    /// One of a conference besides customer and owner.
    Member,
    Nobody,
}

impl Session {
    /// A fresh session: what its `Opened` fact says.
    pub(crate) fn opened(
        id: SessionId,
        user: UserUri,
        dialled: String,
        medium: Medium,
        conference: ConferenceId,
        now: Now,
    ) -> Self {
        Self {
            id,
            user,
            display: None,
            dialled,
            medium,
            conference,
            since: now.wall,
            legs: Vec::new(),
            runs: Vec::new(),
            stage: Stage::Arriving,
            side: None,
            turn: 0,
            shared: Vec::new(),
            apart_from: None,
            wrap_ups: Vec::new(),
            aside: Aside::default(),
            story: Story::default(),
            told: ToldRun::default(),
            facts: Vec::new(),
            live: Live::default(),
        }
    }
}
