//! A shell and media workers for one core: ports bind at once, speech is ready at once, and a sound
//! lasts until the test ends it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ngcc_ivr_core::film::Strip;
use ngcc_ivr_core::flow::{Fetch, Fetched};
use ngcc_ivr_core::worker::{FromWorker, Sound, ToWorker};
use ngcc_ivr_core::{AskId, Input, Ivr, Output};
use ngcc_proto::bcsm::{AutoRun, ToAuto, ToHuman};
use ngcc_proto::config::{Flow, ForIvr};
use ngcc_proto::envelope::Body;
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::{Ask, Command, Event, Vars};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{
    CollabId, ConferenceId, Core, Effect, Envelope, Ids, Key, LegId, Mono, Now, Rng, RunId, Secret,
    SessionId, Wall,
};

pub(crate) const LEG: LegId = LegId(1);
pub(crate) const AGENT_LEG: LegId = LegId(2);
pub(crate) const RUN: RunId = RunId(100);
pub(crate) const ROOM: ConferenceId = ConferenceId(10);
pub(crate) const SESSION: SessionId = SessionId(7);

pub(crate) struct World {
    pub(crate) ivr: Ivr,
    pub(crate) now: Now,
    /// What cti was told, until a test takes it.
    pub(crate) told: Vec<Envelope>,
    /// What cti was told for people to see: steps, texts, and when a run listens; until a test takes it.
    pub(crate) shown: Vec<String>,
    /// What the workers were told, until a test takes it.
    pub(crate) worker: Vec<ToWorker>,
    /// Texts and prompts, in order.
    pub(crate) said: Vec<String>,
    /// What is being played now.
    pub(crate) playing: Option<u64>,
    pub(crate) fetches: Vec<(AskId, Fetch)>,
    /// What became of recordings, until a test takes it.
    pub(crate) taped: Vec<(CollabId, Strip)>,
    /// Which recordings went on after the last start.
    pub(crate) standing: Vec<CollabId>,
    pub(crate) records: BTreeMap<Key, (u64, Vec<u8>)>,
    /// Every output as debug text, and every record: where a secret must not be.
    pub(crate) seen: String,
    /// Rebind outputs, and whether a port is to be had.
    pub(crate) rebound: Vec<(LegId, u16)>,
    pub(crate) ports_left: u16,
    pub(crate) speech_fails: bool,
    /// What `configure` sends.
    pub(crate) config: ForIvr,
    writes: u64,
    ids: Ids,
    inbox: VecDeque<Input>,
}

pub(crate) fn flow_text(name: &str, start: &str, nodes: &str) -> String {
    flow_for("voice", name, start, nodes)
}

/// A flow that serves only `media`, or several: `voice\",\"chat`.
pub(crate) fn flow_for(media: &str, name: &str, start: &str, nodes: &str) -> String {
    format!(r#"{{"name":"{name}","version":1,"media":["{media}"],"start":"{start}","nodes":{{{nodes}}}}}"#)
}

pub(crate) fn offer(port: u16) -> Sdp {
    format!(
        "v=0\r\no=- 5 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
    .parse()
    .unwrap()
}

impl World {
    /// A centre with one flow, `main`, and nobody in it.
    pub(crate) fn with(start: &str, nodes: &str) -> Self {
        Self::with_flows(vec![("main", flow_text("main", start, nodes))])
    }

    pub(crate) fn with_flows(flows: Vec<(&str, String)>) -> Self {
        let now = Now { mono: Mono(1_000_000), wall: Wall(1_700_000_000_000) };
        let flows = flows.into_iter().map(|(name, text)| Flow { name: name.to_owned(), text }).collect();
        let mut world = Self {
            ivr: Ivr::new(Ids::new(Rng::from_u64(1))),
            now,
            told: Vec::new(),
            shown: Vec::new(),
            worker: Vec::new(),
            said: Vec::new(),
            playing: None,
            fetches: Vec::new(),
            taped: Vec::new(),
            standing: Vec::new(),
            records: BTreeMap::new(),
            seen: String::new(),
            rebound: Vec::new(),
            ports_left: 100,
            speech_fails: false,
            config: ForIvr { version: 1, flows, ..ForIvr::default() },
            writes: 0,
            ids: Ids::new(Rng::from_u64(2)),
            inbox: VecDeque::new(),
        };
        world.ivr.restored(now);
        world.drain();
        world.configure();
        world.told.clear();
        world
    }

    /// A customer's leg is open; nothing runs yet.
    pub(crate) fn with_caller(mut self) -> Self {
        self.open(LEG, Part::User);
        self.told.clear();
        self
    }

    /// The customer of a chat is in the flow `main`; there is no leg here.
    pub(crate) fn in_chat(mut self) -> Self {
        self.start_on(Medium::Chat, RUN, "main", &[], false);
        self
    }

    /// The customer is answered and in the flow `main`.
    pub(crate) fn in_flow(self) -> Self {
        let mut world = self.with_caller();
        world.start(RUN, "main", &[], true);
        world
    }

    pub(crate) fn configure(&mut self) {
        self.send(None, self.config.clone());
    }

    pub(crate) fn open(&mut self, leg: LegId, part: Part) {
        let offer = Some(offer(4000));
        self.send(Some(SESSION), media::Command::Open { leg, conference: ROOM, part, offer });
    }

    pub(crate) fn start(&mut self, run: RunId, flow: &str, vars: &[(&str, &str)], answered: bool) {
        self.start_on(Medium::Voice, run, flow, vars, answered);
    }

    pub(crate) fn start_on(
        &mut self,
        medium: Medium,
        run: RunId,
        flow: &str,
        vars: &[(&str, &str)],
        answered: bool,
    ) {
        let (vars, flow) = (self::vars(vars), flow.to_owned());
        let start = Command::Start { run, conference: ROOM, leg: LEG, flow, vars, answered, medium };
        self.send(Some(SESSION), start);
    }

    pub(crate) fn tell(&mut self, command: Command) {
        self.send(Some(SESSION), command);
    }

    pub(crate) fn resume(&mut self, exit: &str) {
        self.tell(Command::Resume { run: RUN, exit: exit.to_owned(), vars: Vars::new() });
    }

    pub(crate) fn phase(&mut self, phase: Phase) {
        self.send(Some(SESSION), media::Command::Phase { conference: ROOM, phase });
    }

    pub(crate) fn hand_to_auto(&mut self, turn: u32, run: AutoRun, args: &[(&str, &str)]) {
        let args = vars(args);
        self.send(Some(SESSION), ToAuto { turn, conference: ROOM, leg: LEG, run, args });
    }

    pub(crate) fn send(&mut self, session: Option<SessionId>, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, session, None, body);
        self.give(Input::Envelope(envelope));
    }

    pub(crate) fn give(&mut self, input: Input) {
        self.ivr.handle(input, self.now);
        self.drain();
    }

    /// The customer presses these keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key_of(LEG, key);
        }
    }

    pub(crate) fn key_of(&mut self, leg: LegId, key: char) {
        self.give(Input::Worker(FromWorker::Digit { leg, digit: Secret::new(key) }));
    }

    /// What is being played comes to its end.
    pub(crate) fn play_out(&mut self) {
        let play = self.playing.take().expect("something is being played");
        self.give(Input::Worker(FromWorker::Played { conference: ROOM, play }));
    }

    pub(crate) fn fetched(&mut self, fetched: Fetched) {
        let (ask, _) = self.fetches.pop().expect("something was asked of the web");
        self.give(Input::Fetched { ask, fetched });
    }

    /// Time passes; deadlines are met on the way.
    pub(crate) fn pass(&mut self, seconds: u64) {
        let end = self.now.plus(Duration::from_secs(seconds));
        while let Some((at, _)) = self.ivr.deadline().filter(|(at, _)| *at <= end.mono) {
            self.now = self.now.plus(at.since(self.now.mono));
            self.ivr.wake(self.now);
            self.drain();
            assert!(self.ivr.deadline().is_none_or(|(next, _)| next > at), "a wake does everything due");
        }
        self.now = end;
    }

    /// The process dies and comes back after `seconds` with what was written down.
    pub(crate) fn crash(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.ivr = Ivr::new(Ids::new(Rng::from_u64(3)));
        (self.playing, self.fetches) = (None, Vec::new());
        self.told.clear();
        self.shown.clear();
        self.worker.clear();
        self.said.clear();
        let mut records: Vec<(u64, Key, Vec<u8>)> =
            self.records.iter().map(|(key, (n, bytes))| (*n, *key, bytes.clone())).collect();
        records.sort();
        for (_, key, bytes) in records {
            self.ivr.restore(key, &bytes, self.now).expect("what was written reads back");
        }
        self.ivr.restored(self.now);
        self.drain();
    }

    /// What cti was told since it was last asked, without envelopes.
    pub(crate) fn take_told(&mut self) -> Vec<Body> {
        std::mem::take(&mut self.told).into_iter().map(|envelope| envelope.body).collect()
    }

    /// What was shown since it was last asked.
    pub(crate) fn take_shown(&mut self) -> Vec<String> {
        std::mem::take(&mut self.shown)
    }

    /// The customer of a chat writes message number `seq`.
    pub(crate) fn write(&mut self, seq: u64, text: &str) {
        self.tell(Command::Heard { run: RUN, seq, text: Secret::new(text), behind: None });
    }

    /// The one thing cti was told.
    pub(crate) fn told_one(&mut self) -> Body {
        let mut told = self.take_told();
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    }

    pub(crate) fn asked(&mut self) -> Ask {
        let told = self.told_one();
        let Body::FlowEvent(Event::Asked { ask, .. }) = told else { panic!("asked nothing: {told:?}") };
        ask
    }

    pub(crate) fn given_back(&mut self) -> ToHuman {
        let told = self.told_one();
        let Body::ToHuman(to_human) = told else { panic!("no to-human: {told:?}") };
        to_human
    }

    /// The variables the flow ended with.
    pub(crate) fn ended(&mut self) -> Vars {
        let told = self.told_one();
        let Body::FlowEvent(Event::Ended { vars, .. }) = told else { panic!("not ended: {told:?}") };
        vars
    }

    /// At which node the flow failed, and why.
    pub(crate) fn failed(&mut self) -> (String, String) {
        let told = self.told_one();
        let Body::FlowEvent(Event::Failed { node, why, .. }) = told else { panic!("not failed: {told:?}") };
        (node, why)
    }

    pub(crate) fn last_said(&self) -> &str {
        self.said.last().map_or("", String::as_str)
    }

    fn drain(&mut self) {
        loop {
            while let Some(effect) = self.ivr.poll() {
                self.seen.push_str(&format!("{effect:?}\n"));
                match effect {
                    Effect::Persist { key, bytes } => {
                        self.seen.push_str(&String::from_utf8_lossy(&bytes));
                        self.writes += 1;
                        self.records.insert(key, (self.writes, bytes));
                    }
                    Effect::Forget { key } => drop(self.records.remove(&key)),
                    Effect::Emit { output, .. } => self.perform(output),
                }
            }
            let Some(input) = self.inbox.pop_front() else { return };
            self.ivr.handle(input, self.now);
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Send(Envelope { body: Body::FlowEvent(event), .. }) if shown(&event).is_some() => {
                self.shown.extend(shown(&event));
            }
            Output::Send(envelope) => self.told.push(envelope),
            Output::Bind { leg } => self.bind(leg, 20_000 + u16::try_from(leg.0).unwrap() * 2),
            Output::Rebind { leg, port } => {
                self.rebound.push((leg, port));
                self.bind(leg, port);
            }
            Output::Worker(command) => {
                match &command {
                    ToWorker::Play { play, sound, .. } => {
                        self.playing = Some(*play);
                        if *sound == Sound::Music {
                            self.said.push("♪".to_owned());
                        }
                    }
                    ToWorker::StopPlaying { .. } => self.playing = None,
                    ToWorker::Open { .. }
                    | ToWorker::Stream { .. }
                    | ToWorker::Place { .. }
                    | ToWorker::Phase { .. }
                    | ToWorker::Record { .. }
                    | ToWorker::Echo { .. }
                    | ToWorker::Connect { .. }
                    | ToWorker::Restart { .. }
                    | ToWorker::Close { .. } => {}
                }
                self.worker.push(command);
            }
            Output::Speak { ask, text, lang } => {
                self.said.push(format!("{lang}: {text}"));
                let sound = if self.speech_fails { Err("no voice".to_owned()) } else { Ok(sound()) };
                self.inbox.push_back(Input::Spoken { ask, sound });
            }
            Output::Load { ask, prompt } => {
                let sound =
                    if prompt == "lost" { Err("there is no prompt `lost`".to_owned()) } else { Ok(sound()) };
                self.said.push(format!("prompt: {prompt}"));
                self.inbox.push_back(Input::Spoken { ask, sound });
            }
            Output::Record { collab, strip } => self.taped.push((collab, strip)),
            Output::Recorded { standing } => self.standing = standing,
            Output::Fetch { ask, fetch } => self.fetches.push((ask, fetch)),
        }
    }

    fn bind(&mut self, leg: LegId, port: u16) {
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let left = self.ports_left.checked_sub(1);
        self.ports_left = left.unwrap_or_default();
        let address = left.map(|_| address).ok_or_else(|| "no port".to_owned());
        self.inbox.push_back(Input::Bound { leg, address });
    }
}

pub(crate) fn vars(pairs: &[(&str, &str)]) -> Vars {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An event for people to see: `node (verb) by choice`, `n: text [value=label …]`, `listens`, `listens in secret`.
fn shown(event: &Event) -> Option<String> {
    match event {
        Event::Step { node, verb, chose: Some(chose), .. } => Some(format!("{node} ({verb}) by {chose}")),
        Event::Step { node, verb, chose: None, .. } => Some(format!("{node} ({verb})")),
        Event::Listening { secret, .. } => {
            Some(if *secret { "listens in secret".to_owned() } else { "listens".to_owned() })
        }
        Event::Say { n, text, choices, .. } => {
            let choices: Vec<String> = choices.iter().map(|c| format!("{}={}", c.value, c.label)).collect();
            let choices =
                if choices.is_empty() { String::new() } else { format!(" [{}]", choices.join(" ")) };
            Some(format!("{n}: {}{choices}", text.0))
        }
        Event::Typing { .. } => Some("writes …".to_owned()),
        Event::AnswerNeeded { .. } | Event::Asked { .. } | Event::Ended { .. } | Event::Failed { .. } => None,
    }
}

fn sound() -> Arc<[i16]> {
    vec![100; 800].into()
}
