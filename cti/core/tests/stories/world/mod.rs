//! A small world around the core: an edge, a media server and a data centre that keep their own state and
//! answer commands as the real ones do, a virtual clock, and a log from which a killed core is restored.

mod centre;
mod chats;
mod people;
mod sharing;

pub(crate) use centre::{agent, config, number, queue, sales, sdp, words};
use chats::Store;
pub(crate) use chats::{desk, heard, says, together, words_of};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ngcc_cti_core::{Cti, Input, Output};
use ngcc_proto::access::{self, Stage, Target};
use ngcc_proto::config::ForCti;
use ngcc_proto::fact::Fact;
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::seat::{Availability, Slot, Told};
use ngcc_proto::{
    Body, ConferenceId, Core, Effect, Envelope, Ids, Key, LegId, MessageId, Mono, Now, Rng, RunId, SessionId,
    Wall, bcsm, chat, flow, seat,
};

pub(crate) const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

/// A leg as the edge sees it.
#[derive(Clone, Debug)]
pub(crate) struct EdgeLeg {
    pub(crate) stage: Stage,
    /// The phone that was called; none for a caller.
    pub(crate) phone: Option<String>,
}

/// A run as ivr sees it.
#[derive(Clone, Debug)]
pub(crate) struct IvrRun {
    pub(crate) flow: String,
    pub(crate) leg: LegId,
    pub(crate) answered: bool,
    pub(crate) turn: Option<bcsm::Turn>,
}

pub(crate) struct World {
    pub(crate) cti: Cti,
    pub(crate) now: Now,
    pub(crate) ids: Ids,
    pub(crate) config: ForCti,
    pub(crate) log: BTreeMap<Key, (u64, Vec<u8>)>,
    writes: u64,
    pub(crate) inbox: VecDeque<Envelope>,
    /// Everything the core sent.
    pub(crate) sent: Vec<Envelope>,
    pub(crate) edge: BTreeMap<LegId, EdgeLeg>,
    pub(crate) media: BTreeMap<LegId, (ConferenceId, Part)>,
    pub(crate) runs: BTreeMap<RunId, IvrRun>,
    pub(crate) phases: BTreeMap<ConferenceId, Phase>,
    /// The recordings of screens that ivr has under way.
    pub(crate) recordings: BTreeMap<ngcc_proto::CollabId, ConferenceId>,
    pub(crate) stored: BTreeMap<SessionId, Vec<Fact>>,
    pub(crate) told: Vec<(String, Told)>,
    pub(crate) states: BTreeMap<String, (Availability, Slot)>,
    pub(crate) chats: BTreeMap<String, Vec<Slot>>,
    /// Whether the data centre answers.
    pub(crate) data_centre_works: bool,
    /// Whether ivr opens media at once.
    pub(crate) ivr_works: bool,
    pub(crate) keep_sent: bool,
    /// Whether a summoned browser offers at once.
    pub(crate) browsers_offer: bool,
    /// Agents with a page open: they look again after a start.
    pub(crate) consoles: BTreeSet<String>,
    pub(crate) store: Store,
    /// How many messages the store reads at a time.
    pub(crate) page: usize,
    /// What customers' clients were told.
    pub(crate) clients: BTreeMap<LegId, Vec<chat::Command>>,
    pub(crate) sharing: sharing::Sharing,
    seed: u64,
}

impl World {
    pub(crate) fn new(config: ForCti) -> Self {
        let mut world = Self::seeded(config, 1);
        world.start();
        world
    }

    pub(crate) fn seeded(config: ForCti, seed: u64) -> Self {
        Self {
            cti: Cti::new(Ids::new(Rng::from_u64(seed))),
            now: Now { mono: Mono(1_000_000), wall: Wall(1_700_000_000_000) },
            ids: Ids::new(Rng::from_u64(seed ^ 0xABCD)),
            config,
            log: BTreeMap::new(),
            writes: 0,
            inbox: VecDeque::new(),
            sent: vec![],
            edge: BTreeMap::new(),
            media: BTreeMap::new(),
            runs: BTreeMap::new(),
            phases: BTreeMap::new(),
            recordings: BTreeMap::new(),
            stored: BTreeMap::new(),
            told: vec![],
            states: BTreeMap::new(),
            chats: BTreeMap::new(),
            browsers_offer: true,
            consoles: BTreeSet::new(),
            store: Store::new(),
            page: 500,
            clients: BTreeMap::new(),
            sharing: sharing::Sharing::default(),
            data_centre_works: true,
            ivr_works: true,
            keep_sent: true,
            seed,
        }
    }

    /// Starts the core: restores nothing, tells it what is held, gives it its configuration.
    pub(crate) fn start(&mut self) {
        self.cti.restored(self.now);
        self.drain();
        self.tell_restored();
        let config = self.config.clone();
        self.put(None, None, config);
        for name in self.consoles.clone() {
            self.put(
                None,
                None,
                seat::Command { agent: agent(&name), session: None, what: seat::Verb::Look },
            );
        }
        self.run();
    }

    pub(crate) fn tell_restored(&mut self) {
        let legs = self.edge.iter().map(|(leg, l)| (*leg, l.stage)).collect();
        self.put(None, None, access::Event::Restored { legs });
        let (legs, runs) = (self.media.keys().copied().collect(), self.runs.keys().copied().collect());
        let recordings = self.recordings.keys().copied().collect();
        self.put(None, None, media::Event::Restored { legs, runs, recordings });
        let collabs = self.sharing.stands.keys().copied().collect();
        self.put(None, None, ngcc_proto::collab::Event::Restored { collabs });
    }

    /// Kills the core and starts another from the log; the others live on.
    pub(crate) fn crash(&mut self) {
        self.crash_only();
        self.start();
    }

    /// Kills the core and restores another, which has not been told anything yet.
    pub(crate) fn crash_only(&mut self) {
        self.seed = self.seed.wrapping_add(0x9E37);
        self.inbox.clear();
        self.cti = Cti::new(Ids::new(Rng::from_u64(self.seed)));
        let mut records: Vec<(u64, Key, Vec<u8>)> =
            self.log.iter().map(|(k, (n, b))| (*n, *k, b.clone())).collect();
        records.sort();
        for (_, key, bytes) in records {
            self.cti.restore(key, &bytes, self.now).unwrap();
        }
    }

    pub(crate) fn put(
        &mut self,
        session: Option<SessionId>,
        cause: Option<MessageId>,
        body: impl Into<Body>,
    ) -> MessageId {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, session, cause, body);
        let id = envelope.id;
        self.inbox.push_back(envelope);
        id
    }

    /// Delivers everything until nothing is under way.
    pub(crate) fn run(&mut self) {
        while self.deliver_one() {}
    }

    pub(crate) fn deliver_one(&mut self) -> bool {
        let Some(envelope) = self.inbox.pop_front() else { return false };
        self.cti.handle(Input::Envelope(envelope), self.now);
        self.drain();
        true
    }

    pub(crate) fn say(&mut self, body: impl Into<Body>) {
        self.put(None, None, body);
        self.run();
    }

    /// Moves the clock on, waking the core whenever it wants to be woken.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some((at, _)) = self.cti.deadline().filter(|(at, _)| *at <= end.mono) {
            self.now = self.now.plus(at.since(self.now.mono));
            // A plus in whole microseconds keeps both scales together.
            self.now.mono = self.now.mono.max(at);
            self.cti.wake(self.now);
            self.drain();
            self.run();
            if let Some((next, why)) = self.cti.deadline() {
                assert!(next > self.now.mono, "a deadline ({why:?}) lies behind the last wake");
            }
        }
        self.now = self.now.plus(end.mono.since(self.now.mono));
    }

    pub(crate) fn secs(&mut self, s: u64) {
        self.pass(Duration::from_secs(s));
    }

    fn drain(&mut self) {
        while let Some(effect) = self.cti.poll() {
            match effect {
                Effect::Persist { key, bytes } => {
                    self.writes += 1;
                    self.log.insert(key, (self.writes, bytes));
                }
                Effect::Forget { key } => {
                    self.log.remove(&key);
                }
                Effect::Emit { output: Output::Send(envelope), .. } => self.perform(envelope),
            }
        }
    }

    fn perform(&mut self, envelope: Envelope) {
        let session = envelope.session;
        if self.keep_sent {
            self.sent.push(envelope.clone());
        }
        match envelope.body {
            Body::AccessCommand(command) => self.edge_does(session, command),
            Body::MediaCommand(command) => self.ivr_does(session, command),
            Body::FlowCommand(command) => self.flow_does(session, command),
            Body::ToAuto(bcsm::ToAuto { turn, leg, run, .. }) => {
                let (run, flow) = match run {
                    bcsm::AutoRun::Resume { run } => (run, None),
                    bcsm::AutoRun::Flow { run, flow } => (run, Some(flow)),
                };
                let known = self.runs.get(&run).map(|r| r.flow.clone());
                let flow = flow.or(known).expect("a run that is resumed is there");
                self.runs.insert(run, IvrRun { flow, leg, answered: true, turn: Some(turn) });
            }
            Body::SeatEvent(event) => self.agent_told(event),
            Body::DataCommand(ref command) => {
                let command = command.clone();
                self.data_does(envelope, command);
            }
            Body::CollabAnswer(answer) => self.edge_shares(session, envelope.id, answer),
            Body::CollabCommand(command) => self.collab_does(session, envelope.id, command),
            Body::ChatCommand(chat::Command::Begin { leg, user, dialled }) => {
                self.edge_begins(envelope.id, leg, user, dialled);
            }
            Body::ChatCommand(command) => self.clients.entry(command.leg()).or_default().push(command),
            Body::OperateEvent(_) | Body::SuperviseEvent(_) => {}
            other => panic!("cti does not send {other:?}"),
        }
    }

    fn edge_does(&mut self, session: Option<SessionId>, command: access::Command) {
        match command {
            access::Command::Call { leg, to, .. } => {
                assert!(self.media.contains_key(&leg), "a leg is called with its media open");
                let phone = match to {
                    Target::Phone(name) => name,
                    Target::Uri(uri) => uri,
                };
                let busy = self.edge.values().any(|l| l.phone.as_deref() == Some(&phone));
                assert!(!busy || phone == "7001", "double offer: {phone} is called while a call of it lives");
                self.edge.insert(leg, EdgeLeg { stage: Stage::Calling, phone: Some(phone) });
                self.put(session, None, access::Event::Ringing { leg, sdp: None });
            }
            access::Command::Answer { leg, .. } => {
                if let Some(l) = self.edge.get_mut(&leg) {
                    l.stage = Stage::Answered;
                    self.put(session, None, access::Event::Answered { leg, sdp: None });
                }
            }
            access::Command::Release { leg, .. } => {
                self.edge.remove(&leg);
            }
            access::Command::Ring { .. }
            | access::Command::Progress { .. }
            | access::Command::Update { .. }
            | access::Command::TransferTold { .. } => {}
            access::Command::Summon { leg, agent, .. } => {
                let phone = Some(format!("browser:{agent}"));
                assert!(self.edge.values().all(|l| l.phone != phone), "double offer to {agent}'s browser");
                self.edge.insert(leg, EdgeLeg { stage: Stage::Calling, phone });
                if self.browsers_offer {
                    self.put(session, None, access::Event::Summoned { leg, offer: sdp() });
                }
            }
        }
    }

    fn ivr_does(&mut self, session: Option<SessionId>, command: media::Command) {
        match command {
            media::Command::Open { leg, conference, part, .. } => {
                if self.ivr_works {
                    self.media.insert(leg, (conference, part));
                    self.put(session, None, media::Event::Opened { leg, sdp: sdp() });
                }
            }
            media::Command::Place { leg, conference, part } => {
                if let Some(place) = self.media.get_mut(&leg) {
                    *place = (conference, part);
                }
            }
            media::Command::Phase { conference, phase } => {
                self.phases.insert(conference, phase);
            }
            media::Command::Close { leg } => {
                if let Some((conference, _)) = self.media.remove(&leg)
                    && !self.media.values().any(|(c, _)| *c == conference)
                {
                    self.phases.remove(&conference);
                }
            }
            media::Command::Reoffer { leg, .. } => {
                self.put(session, None, media::Event::Reanswered { leg, sdp: Some(sdp()) });
            }
            media::Command::Record { conference, collab } => {
                self.recordings.insert(collab, conference);
            }
            media::Command::EndRecording { collab } => {
                self.recordings.remove(&collab);
            }
            media::Command::Answered { .. }
            | media::Command::Digit { .. }
            | media::Command::Candidate { .. } => {}
        }
    }

    fn flow_does(&mut self, session: Option<SessionId>, command: flow::Command) {
        match command {
            flow::Command::Start { run, leg, flow, answered, .. } => {
                self.runs.insert(run, IvrRun { flow, leg, answered, turn: None });
                if !answered {
                    self.put(session, None, flow::Event::AnswerNeeded { run, early: false });
                }
            }
            flow::Command::Answered { run } => {
                if let Some(run) = self.runs.get_mut(&run) {
                    run.answered = true;
                }
            }
            flow::Command::Stop { run } => {
                self.runs.remove(&run);
            }
            flow::Command::AgentFound { .. }
            | flow::Command::Resume { .. }
            | flow::Command::Suspend { .. }
            | flow::Command::Heard { .. } => {}
        }
    }

    fn agent_told(&mut self, event: seat::Event) {
        let name = event.agent.name().to_owned();
        if let Told::State { availability, voice, chats, .. } = &event.what {
            self.states.insert(name.clone(), (availability.clone(), voice.clone()));
            self.chats.insert(name.clone(), chats.clone());
        }
        if self.keep_sent {
            self.told.push((name, event.what));
        }
    }
}
