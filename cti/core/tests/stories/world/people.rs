//! What people do in the world, and what is seen of it.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::access::{self, Caller, Cause, Stage};
use ngcc_proto::media::{self, Phase};
use ngcc_proto::seat::{self, Availability, Slot, Verb};
use ngcc_proto::{Body, Envelope, Key, LegId, RunId, Secret, UserUri, bcsm, flow, operate};

use super::centre::words;
use super::{EdgeLeg, World, agent, sdp};

impl World {
    // What people do.

    pub(crate) fn arrive(&mut self, dialled: &str, caller: Caller) -> LegId {
        self.arrive_as(UserUri::Phone("100".into()), dialled, caller)
    }

    fn arrive_as(&mut self, user: UserUri, dialled: &str, caller: Caller) -> LegId {
        let leg: LegId = self.ids.mint(self.now.wall);
        self.edge.insert(leg, EdgeLeg { stage: Stage::Arrived, phone: None });
        let offer = Some(sdp());
        self.put(
            None,
            None,
            access::Event::Arrived {
                lang: None,
                leg,
                user,
                display: None,
                dialled: dialled.into(),
                caller,
                medium: ngcc_proto::fact::Medium::Voice,
                beside: None,
                collab: None,
                offer,
            },
        );
        leg
    }

    /// A caller dials, and everything that follows at once has happened.
    pub(crate) fn call(&mut self, dialled: &str) -> LegId {
        let leg = self.arrive(dialled, Caller::Anonymous);
        self.run();
        leg
    }

    /// A visitor of a page dials.
    pub(crate) fn call_by_web(&mut self, visitor: &str, dialled: &str) -> LegId {
        let leg = self.arrive_as(UserUri::Web(visitor.into()), dialled, Caller::Anonymous);
        self.run();
        leg
    }

    pub(crate) fn call_from(&mut self, phone: &str, dialled: &str) -> LegId {
        let leg = self.arrive(dialled, Caller::Phone(phone.into()));
        self.run();
        leg
    }

    pub(crate) fn hang_up(&mut self, leg: LegId) {
        self.edge.remove(&leg);
        self.say(access::Event::Left { leg, cause: Cause::Normal });
    }

    /// The leg by which an agent's phone is called or connected.
    pub(crate) fn agent_leg(&self, name: &str) -> Option<LegId> {
        self.phone_leg(&format!("p-{name}")).or_else(|| self.phone_leg(&format!("browser:{name}")))
    }

    pub(crate) fn phone_leg(&self, phone: &str) -> Option<LegId> {
        self.edge.iter().find(|(_, l)| l.phone.as_deref() == Some(phone)).map(|(leg, _)| *leg)
    }

    pub(crate) fn rings(&self, name: &str) -> bool {
        self.agent_leg(name).is_some_and(|leg| self.edge[&leg].stage == Stage::Calling)
    }

    pub(crate) fn answer_phone(&mut self, phone: &str) {
        let leg = self.phone_leg(phone).expect("the phone rings");
        self.edge.get_mut(&leg).unwrap().stage = Stage::Answered;
        self.say(access::Event::Answered { leg, sdp: Some(sdp()) });
    }

    pub(crate) fn answer(&mut self, name: &str) {
        self.answer_phone(&format!("p-{name}"));
    }

    pub(crate) fn refuse(&mut self, name: &str, cause: Cause) {
        let leg = self.agent_leg(name).expect("the phone rings");
        self.edge.remove(&leg);
        self.say(access::Event::Refused { leg, cause });
    }

    pub(crate) fn agent_hangs_up(&mut self, name: &str) {
        let leg = self.agent_leg(name).expect("the agent has a call");
        self.hang_up(leg);
    }

    pub(crate) fn keys(&mut self, leg: LegId, keys: &str) {
        for key in keys.chars() {
            self.say(media::Event::Digit { leg, digit: Secret::new(key) });
        }
    }

    pub(crate) fn asks(&mut self, name: &str, what: Verb) {
        self.say(seat::Command { agent: agent(name), session: None, what });
    }

    /// Opens a console and takes calls in it.
    pub(crate) fn sits_at_browser(&mut self, name: &str) {
        self.consoles.insert(name.to_owned());
        self.asks(name, Verb::SignOut);
        self.asks(name, Verb::SignIn { device: seat::Device::Browser });
        self.asks(name, Verb::Look);
    }

    /// What is offered to the agent and not gone yet.
    pub(crate) fn offer_to(&self, name: &str) -> Option<ngcc_proto::ReservationId> {
        let chats = self.chats.get(name).into_iter().flatten();
        let slots = chats.chain(self.states.get(name).map(|(_, slot)| slot));
        slots.into_iter().find_map(|slot| match slot {
            Slot::Reserved { reservation, .. } | Slot::Alerting { reservation, .. } => Some(*reservation),
            _ => None,
        })
    }

    /// The agent takes what is offered at the console.
    pub(crate) fn accepts(&mut self, name: &str) {
        let reservation = self.offer_to(name).expect("something is offered");
        self.asks(name, Verb::Accept { reservation });
    }

    pub(crate) fn ask(&mut self, run: RunId, ask: flow::Ask) {
        self.say(flow::Event::Asked { run, ask, vars: flow::Vars::new() });
    }

    pub(crate) fn human(&mut self, run: RunId, queue: &str) {
        let queue = queue.to_owned();
        self.ask(run, flow::Ask::Human { queue, priority: 0, prefer: None, max_wait_s: None, returns: true });
    }

    pub(crate) fn give_back(&mut self, run: RunId, turn: bcsm::Turn, because: bcsm::BackBecause) {
        let outcome = flow::Vars::from([("result".to_owned(), "42".to_owned())]);
        self.say(bcsm::ToHuman { turn, run, because, outcome });
    }

    // What is seen.

    pub(crate) fn run_of(&self, leg: LegId) -> RunId {
        *self.runs.iter().find(|(_, run)| run.leg == leg).expect("a flow runs for the leg").0
    }

    pub(crate) fn run_named(&self, flow: &str) -> Option<RunId> {
        self.runs.iter().find(|(_, run)| run.flow == flow).map(|(id, _)| *id)
    }

    pub(crate) fn phase_of(&self, leg: LegId) -> Option<Phase> {
        self.phases.get(&self.media.get(&leg)?.0).copied()
    }

    pub(crate) fn slot(&self, name: &str) -> Slot {
        self.states.get(name).map_or(Slot::Free, |(_, slot)| slot.clone())
    }

    pub(crate) fn availability(&self, name: &str) -> Availability {
        self.states.get(name).map_or(Availability::LoggedOut, |(availability, _)| availability.clone())
    }

    pub(crate) fn sent_to_access(&self) -> Vec<access::Command> {
        let access = |e: &Envelope| if let Body::AccessCommand(c) = &e.body { Some(c.clone()) } else { None };
        self.sent.iter().filter_map(access).collect()
    }

    pub(crate) fn released(&self, leg: LegId) -> Option<Cause> {
        self.sent_to_access().into_iter().find_map(|c| match c {
            access::Command::Release { leg: l, cause } if l == leg => Some(cause),
            _ => None,
        })
    }

    pub(crate) fn sent_flow(&self) -> Vec<flow::Command> {
        let flow = |e: &Envelope| if let Body::FlowCommand(c) = &e.body { Some(c.clone()) } else { None };
        self.sent.iter().filter_map(flow).collect()
    }

    pub(crate) fn resumed(&self, run: RunId) -> Option<String> {
        self.sent_flow().into_iter().rev().find_map(|c| match c {
            flow::Command::Resume { run: r, exit, .. } if r == run => Some(exit),
            _ => None,
        })
    }

    pub(crate) fn operate(&mut self, command: operate::Command) -> operate::Event {
        let id = self.put(None, None, command);
        let from = self.sent.len();
        self.run();
        let answer = self.sent[from..].iter().find_map(|e| match &e.body {
            Body::OperateEvent(event) if e.cause == Some(id) => Some(event.clone()),
            _ => None,
        });
        answer.expect("the operator is answered")
    }

    pub(crate) fn live(&mut self) -> Vec<operate::LiveSession> {
        match self.operate(operate::Command::Sessions { limit: 1000 }) {
            operate::Event::Sessions { sessions, .. } => sessions,
            other => panic!("{other:?}"),
        }
    }

    /// The facts of a live session.
    pub(crate) fn facts(&mut self, session: ngcc_proto::SessionId) -> Vec<ngcc_proto::fact::Fact> {
        match self.operate(operate::Command::Chain { session }) {
            operate::Event::Chain { facts } => facts,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn queues(&mut self) -> BTreeMap<String, operate::LiveQueue> {
        match self.operate(operate::Command::Queues) {
            operate::Event::Queues { queues } => queues.into_iter().map(|q| (q.name.clone(), q)).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The words of the only stored session's facts.
    pub(crate) fn story(&self) -> Vec<&'static str> {
        assert_eq!(self.stored.len(), 1, "one session is stored");
        words(self.stored.values().next().unwrap())
    }

    /// Nothing is left: no leg, run, media, record of a session.
    pub(crate) fn assert_clean(&self) {
        assert_eq!((self.edge.len(), self.media.len(), self.runs.len()), (0, 0, 0), "nothing lives outside");
        assert_eq!(self.cti.sessions(), 0, "no session is kept");
        assert_eq!(self.cti.routes(), (0, 0, 0), "the routing table is empty");
        let facts: Vec<&Key> = self.log.keys().filter(|k| k.kind == ngcc_proto::Kind::SessionFact).collect();
        assert!(facts.is_empty(), "no fact is kept: {facts:?}");
    }

    pub(crate) fn agents(&self) -> BTreeSet<String> {
        self.config.seats.iter().map(|s| s.agent.name().to_owned()).collect()
    }
}
