//! The message-exchange centre and its routing table (S0-06, S0-07). Every message passes here: one of a
//! known session goes on by the table; an unknown one waits until session control has opened a session.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use ngcc_proto::access::Caller;
use ngcc_proto::collab::Kind;
use ngcc_proto::envelope::VERSION;
use ngcc_proto::fact::Medium;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{
    Body, CollabId, End, Envelope, LegId, MessageId, Role, RunId, SessionId, UserUri, access, flow, media,
};

/// How many message ids are remembered for dropping repeats.
const SEEN: usize = 8192;
/// How many first messages may wait for session control.
pub(crate) const MAX_KEPT: usize = 10_000;

/// Which instances serve a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) access: End,
}

/// The first message of a session that does not exist yet.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) message: MessageId,
    pub(crate) from: End,
    pub(crate) leg: LegId,
    pub(crate) user: UserUri,
    pub(crate) display: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) dialled: String,
    pub(crate) caller: Caller,
    pub(crate) medium: Medium,
    /// The customer's chat from which they call.
    pub(crate) beside: Option<LegId>,
    /// What they come to share.
    pub(crate) collab: Option<(CollabId, Kind)>,
    pub(crate) offer: Option<Sdp>,
    /// How often session control has been asked.
    pub(crate) tries: u32,
}

/// The exchange of customers' sessions.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    seen: HashSet<MessageId>,
    ring: VecDeque<MessageId>,
    table: HashMap<SessionId, Ends>,
    legs: HashMap<LegId, SessionId>,
    runs: HashMap<RunId, SessionId>,
    collabs: BTreeMap<CollabId, (SessionId, UserUri)>,
    sharing: BTreeSet<(UserUri, CollabId)>,
    kept: BTreeMap<LegId, Arrival>,
    pub(crate) asked: u64,
    pub(crate) hops: u64,
}

impl Exchange {
    /// Lets a message in; false for a repeat, another wire version or one that is for somebody else.
    pub(crate) fn admit(&mut self, envelope: &Envelope) -> bool {
        if envelope.v != VERSION || envelope.to.role != Role::Cti || !self.seen.insert(envelope.id) {
            return false;
        }
        self.ring.push_back(envelope.id);
        if self.ring.len() > SEEN
            && let Some(oldest) = self.ring.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.hops += 1;
        true
    }

    /// Addresses a message that goes out to the instance that serves its session.
    pub(crate) fn address(&mut self, mut envelope: Envelope) -> Envelope {
        self.hops += 1;
        if envelope.to.role == Role::Access
            && let Some(ends) = envelope.session.and_then(|session| self.table.get(&session))
        {
            envelope.to = ends.access;
        }
        envelope
    }

    /// The session of a message, by the table alone.
    pub(crate) fn session_of(&self, body: &Body) -> Option<SessionId> {
        let leg = |leg: LegId| self.legs.get(&leg).copied();
        let run = |run: RunId| self.runs.get(&run).copied();
        match body {
            Body::AccessEvent(event) => leg(event.leg()?),
            Body::ChatEvent(event) => leg(event.leg()),
            Body::MediaEvent(
                media::Event::Opened { leg: id, .. }
                | media::Event::Reanswered { leg: id, .. }
                | media::Event::Failed { leg: id, .. }
                | media::Event::Digit { leg: id, .. }
                | media::Event::Silent { leg: id }
                | media::Event::PeerUp { leg: id }
                | media::Event::PeerLost { leg: id },
            ) => leg(*id),
            Body::FlowEvent(
                flow::Event::AnswerNeeded { run: id, .. }
                | flow::Event::Asked { run: id, .. }
                | flow::Event::Say { run: id, .. }
                | flow::Event::Listening { run: id, .. }
                | flow::Event::Typing { run: id }
                | flow::Event::Step { run: id, .. }
                | flow::Event::Ended { run: id, .. }
                | flow::Event::Failed { run: id, .. },
            ) => run(*id),
            Body::ToHuman(to_human) => run(to_human.run),
            Body::CollabEvent(event) => self.of_collab(event.collab()?),
            Body::MediaEvent(media::Event::Unrecorded { collab, .. }) => self.of_collab(*collab),
            Body::MediaEvent(media::Event::Restored { .. })
            | Body::CollabCall(_)
            | Body::CollabAnswer(_)
            | Body::CollabCommand(_)
            | Body::RecordingCommand(_)
            | Body::RecordingEvent(_)
            | Body::ScreenCommand(_)
            | Body::ScreenEvent(_)
            | Body::AccessCommand(_)
            | Body::MediaCommand(_)
            | Body::FlowCommand(_)
            | Body::ToAuto(_)
            | Body::SeatCommand(_)
            | Body::SeatEvent(_)
            | Body::ContactCommand(_)
            | Body::ContactEvidence(_)
            | Body::ContactNoted(_)
            | Body::ContactEvent(_)
            | Body::DataCommand(_)
            | Body::DataEvent(_)
            | Body::AdminCommand(_)
            | Body::AdminEvent(_)
            | Body::OperateCommand(_)
            | Body::OperateEvent(_)
            | Body::ConfigCti(_)
            | Body::ConfigAccess(_)
            | Body::ChatCommand(_)
            | Body::SuperviseCommand(_)
            | Body::SuperviseEvent(_)
            | Body::ImCommand(_)
            | Body::ImEvent(_)
            | Body::AuthCommand(_)
            | Body::AuthEvent(_)
            | Body::AskCommand(_)
            | Body::AskEvent(_)
            | Body::ChannelCommand(_)
            | Body::ChannelEvent(_)
            | Body::ChannelChange(_)
            | Body::ChannelChanged(_)
            | Body::ConfigGateway(_)
            | Body::ConfigIvr(_) => None,
        }
    }

    /// The session of a leg.
    pub(crate) fn of_leg(&self, leg: LegId) -> Option<SessionId> {
        self.legs.get(&leg).copied()
    }

    /// The session of something shared.
    pub(crate) fn of_collab(&self, collab: CollabId) -> Option<SessionId> {
        self.collabs.get(&collab).map(|(session, _)| *session)
    }

    /// What a user takes part in.
    pub(crate) fn collabs_of(&self, user: &UserUri) -> Vec<CollabId> {
        let from = (user.clone(), CollabId(0));
        self.sharing.range(from..).take_while(|(of, _)| of == user).map(|(_, collab)| *collab).collect()
    }

    /// Everything that is shared.
    pub(crate) fn collabs(&self) -> Vec<CollabId> {
        self.collabs.keys().copied().collect()
    }

    pub(crate) fn add_collab(&mut self, collab: CollabId, session: SessionId, user: &UserUri) {
        self.collabs.insert(collab, (session, user.clone()));
        self.sharing.insert((user.clone(), collab));
    }

    pub(crate) fn remove_collab(&mut self, collab: CollabId) {
        if let Some((_, user)) = self.collabs.remove(&collab) {
            self.sharing.remove(&(user, collab));
        }
    }

    /// A session's row.
    pub(crate) fn open(&mut self, session: SessionId, access: End) {
        self.table.insert(session, Ends { access });
    }

    /// A session's row is gone; its legs and runs have been taken out one by one.
    pub(crate) fn close(&mut self, session: SessionId) {
        self.table.remove(&session);
    }

    pub(crate) fn add_leg(&mut self, leg: LegId, session: SessionId) {
        self.legs.insert(leg, session);
    }

    pub(crate) fn remove_leg(&mut self, leg: LegId, session: SessionId) {
        if self.legs.get(&leg) == Some(&session) {
            self.legs.remove(&leg);
        }
    }

    pub(crate) fn add_run(&mut self, run: RunId, session: SessionId) {
        self.runs.insert(run, session);
    }

    pub(crate) fn has_run(&self, run: RunId) -> bool {
        self.runs.contains_key(&run)
    }

    pub(crate) fn remove_run(&mut self, run: RunId) {
        self.runs.remove(&run);
    }

    /// How many rows, legs and runs there are: all zero when nothing lives.
    pub(crate) fn sizes(&self) -> (usize, usize, usize) {
        (self.table.len(), self.legs.len(), self.runs.len())
    }

    /// Keeps a first message until session control is asked again; false if too many are kept already.
    pub(crate) fn keep(&mut self, arrival: Arrival) -> bool {
        let room = self.kept.len() < MAX_KEPT;
        if room {
            self.kept.insert(arrival.leg, arrival);
        }
        room
    }

    /// Takes a kept first message.
    pub(crate) fn take_kept(&mut self, leg: LegId) -> Option<Arrival> {
        self.kept.remove(&leg)
    }

    /// Whether the leg's first message is kept.
    pub(crate) fn keeps(&self, leg: LegId) -> bool {
        self.kept.contains_key(&leg)
    }
}

/// What an access event says of a leg of which nothing is known: only its end matters, for a kept arrival.
pub(crate) fn ends_leg(event: &access::Event) -> Option<LegId> {
    if let access::Event::Left { leg, .. } | access::Event::Refused { leg, .. } = event {
        Some(*leg)
    } else {
        None
    }
}
