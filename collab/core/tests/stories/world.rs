//! One core, a stand-in for cti, and pages that speak the wire's own JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ngcc_collab_core::wire::{self, Frame};
use ngcc_collab_core::{Call, Collab, Errand, Input, Limits, Line, Named, Output, Reply, Shut, Strip, Tell};
use ngcc_proto::collab::{Command, Event, Kind, Ticket, Who, Why};
use ngcc_proto::config::Form;
use ngcc_proto::fact::By;
use ngcc_proto::{
    AgentUri, Body, CollabId, Core, Effect, Envelope, FileId, Ids, Key, Mono, Now, Rng, SessionId, UserUri,
    Wall,
};
use serde_json::{Value, json};

pub(crate) const COLLAB: CollabId = CollabId(1);
pub(crate) const SESSION: SessionId = SessionId(7);
pub(crate) const CUSTOMER: Line = Line(1);
pub(crate) const AGENT: Line = Line(2);

pub(crate) struct World {
    pub(crate) core: Collab,
    pub(crate) now: Now,
    limits: Limits,
    ids: Ids,
    pub(crate) records: BTreeMap<Key, Vec<u8>>,
    pub(crate) told: Vec<Event>,
    pub(crate) said: Vec<(Line, Value)>,
    pub(crate) fresh: Vec<Line>,
    pub(crate) shut: Vec<(Line, u16)>,
    pub(crate) discarded: Vec<FileId>,
    pub(crate) needed: Vec<BTreeSet<FileId>>,
    replies: Vec<(Call, Reply)>,
    /// What was recorded, as lines of the file, and what else becomes of a recording as its word.
    pub(crate) tape: Vec<Value>,
    /// Whether collaborations are recorded.
    pub(crate) record: bool,
    /// Everything that has ever left it, as text: frames, envelopes and records.
    pub(crate) all: String,
    pub(crate) keep_all: bool,
    starts: u64,
}

pub(crate) fn user() -> UserUri {
    UserUri::Web("vis_1".to_owned())
}

pub(crate) fn agent(name: &str) -> AgentUri {
    AgentUri::new(name).unwrap()
}

pub(crate) fn establish(collab: CollabId, kind: Kind, by: By, form: Option<Form>) -> Command {
    Command::Establish {
        collab,
        session: SESSION,
        kind,
        user: user(),
        user_display: Some("Zoë".to_owned()),
        agent: agent("alice"),
        agent_display: "Alice W.".to_owned(),
        by,
        form,
        record: false,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let mut world = Self {
            core: Collab::new(limits, Rng::from_u64(1)),
            now: Now { mono: Mono(1_000_000_000), wall: Wall(1_700_000_000_000) },
            limits,
            ids: Ids::new(Rng::from_u64(2)),
            records: BTreeMap::new(),
            told: vec![],
            said: vec![],
            fresh: vec![],
            shut: vec![],
            discarded: vec![],
            needed: vec![],
            replies: vec![],
            tape: vec![],
            record: false,
            all: String::new(),
            keep_all: false,
            starts: 1,
        };
        world.core.restored(world.now);
        world.drain();
        assert_eq!(world.told(), [Event::Restored { collabs: vec![] }]);
        world
    }

    /// A collaboration of this kind that `by` began, with both ends connected; what was told is taken away.
    pub(crate) fn joined(kind: Kind, by: By) -> Self {
        Self::new().join(kind, by, None)
    }

    pub(crate) fn join(mut self, kind: Kind, by: By, form: Option<Form>) -> Self {
        let mut command = establish(COLLAB, kind, by, form);
        if let Command::Establish { record, .. } = &mut command {
            *record = self.record;
        }
        self.command(command);
        let (customer, agent) = self.tickets();
        self.open(CUSTOMER, &customer);
        self.open(AGENT, &agent);
        self.clear();
        self
    }

    pub(crate) fn clear(&mut self) {
        self.told.clear();
        self.said.clear();
        self.fresh.clear();
        self.shut.clear();
        self.tape.clear();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.core.poll() {
            match effect {
                Effect::Persist { key, bytes } => {
                    self.note(&String::from_utf8_lossy(&bytes));
                    self.records.insert(key, bytes);
                }
                Effect::Forget { key } => {
                    self.records.remove(&key);
                }
                Effect::Emit { output: Output::Send(envelope), .. } => {
                    self.note(&serde_json::to_string(&envelope).unwrap());
                    let Body::CollabEvent(event) = envelope.body else { panic!("collab speaks to cti only") };
                    self.told.push(event);
                }
                Effect::Emit { output: Output::WebSend { line, id, tell }, .. } => {
                    let text = wire::write(id.as_deref(), &tell);
                    self.note(&text);
                    if let Tell::Rr { fresh: true, .. } = tell {
                        self.fresh.push(line);
                    }
                    self.said.push((line, serde_json::from_str(&text).unwrap()));
                }
                Effect::Emit { output: Output::Record { strip, .. }, .. } => {
                    let line = match strip {
                        Strip::Begin { since, .. } => json!({ "begin": since }),
                        Strip::Entry { at, tell } => {
                            let frame: Value = serde_json::from_str(&wire::write(None, &tell)).unwrap();
                            json!({ "at": at, "frame": frame })
                        }
                        Strip::End => json!("end"),
                        Strip::Known => json!("known"),
                    };
                    self.note(&line.to_string());
                    self.tape.push(line);
                }
                Effect::Emit { output: Output::Recorded { .. }, .. } => {}
                Effect::Emit { output: Output::WebClose { line, why }, .. } => {
                    self.shut.push((line, why.code()));
                }
                Effect::Emit { output: Output::Reply { call, reply }, .. } => {
                    self.replies.push((call, reply));
                }
                Effect::Emit { output: Output::Discard(file), .. } => self.discarded.push(file),
                Effect::Emit { output: Output::Needed(files), .. } => self.needed.push(files),
            }
        }
    }

    fn note(&mut self, text: &str) {
        if self.keep_all {
            self.all.push_str(text);
            self.all.push('\n');
        }
    }

    pub(crate) fn input(&mut self, input: Input) {
        let debug = format!("{input:?} {:?}", self.core);
        self.note(&debug);
        self.core.handle(input, self.now);
        self.drain();
    }

    pub(crate) fn command(&mut self, command: Command) {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, Some(SESSION), None, command);
        self.input(envelope.into());
    }

    /// The tickets that were last told, the customer's and the agent's.
    pub(crate) fn tickets(&self) -> (Ticket, Ticket) {
        let last = |customer: bool| {
            let mut invited = self.told.iter().rev().filter_map(|event| match event {
                Event::Invited { who, ticket, .. } => Some((matches!(who, Who::User(_)), ticket.clone())),
                _ => None,
            });
            invited.find(|(is, _)| *is == customer).expect("invited").1
        };
        (last(true), last(false))
    }

    pub(crate) fn open(&mut self, line: Line, ticket: &Ticket) {
        self.open_in(COLLAB, line, ticket);
    }

    pub(crate) fn open_in(&mut self, collab: CollabId, line: Line, ticket: &Ticket) {
        self.input(Input::Opened { line, id: Some("auth".to_owned()), collab, ticket: ticket.clone() });
    }

    pub(crate) fn close(&mut self, line: Line) {
        self.input(Input::Closed { line });
    }

    /// A page's frame, read as the shell reads it.
    pub(crate) fn say(&mut self, line: Line, kind: &str, data: Value) {
        let text = json!({ "type": kind, "id": "f", "data": data }).to_string();
        let frame = Frame::read(&text).expect("a frame");
        let id = frame.id.clone();
        match frame.ask() {
            Ok(ask) => self.input(Input::Frame { line, id, ask }),
            Err(wrong) => {
                let text = wire::write(id.as_deref(), &Tell::Wrong(wrong));
                self.said.push((line, serde_json::from_str(&text).unwrap()));
            }
        }
    }

    /// What a page asks beside its connection, and the one answer.
    pub(crate) fn errand(&mut self, ticket: &Ticket, errand: Errand) -> Reply {
        let (call, ticket) = (Call(7), ticket.clone());
        self.input(Input::Errand(Named { call, collab: COLLAB, ticket, errand }));
        let replies = std::mem::take(&mut self.replies);
        let [(Call(7), reply)] = replies[..] else { panic!("one answer: {replies:?}") };
        reply
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        while self.core.deadline().is_some_and(|(at, _)| at <= self.now.mono) {
            self.core.wake(self.now);
            self.drain();
        }
    }

    /// kill -9, and a start from the records.
    pub(crate) fn restart(&mut self) {
        self.starts += 1;
        self.core = Collab::new(self.limits, Rng::from_u64(self.starts));
        for (key, bytes) in &self.records {
            self.core.restore(*key, bytes, self.now).unwrap();
        }
        self.core.restored(self.now);
        self.drain();
    }

    /// What cti was told since the last time.
    pub(crate) fn told(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.told)
    }

    /// What a page was told since the last time, as `type` and `data`.
    pub(crate) fn heard(&mut self, line: Line) -> Vec<(String, Value)> {
        let (own, others) = std::mem::take(&mut self.said).into_iter().partition(|(to, _)| *to == line);
        self.said = others;
        let split = |(_, mut frame): (Line, Value)| {
            (frame["type"].as_str().unwrap().to_owned(), frame["data"].take())
        };
        Vec::from_iter::<Vec<_>>(own).into_iter().map(split).collect()
    }

    /// What was recorded since the last time: the type of each frame, and words.
    pub(crate) fn taped(&mut self) -> Vec<String> {
        let word = |line: Value| match &line["frame"]["type"] {
            Value::String(kind) => kind.clone(),
            _ => line.as_str().unwrap_or("begin").to_owned(),
        };
        std::mem::take(&mut self.tape).into_iter().map(word).collect()
    }

    /// The types of what a page was told since the last time.
    pub(crate) fn types(&mut self, line: Line) -> Vec<String> {
        self.heard(line).into_iter().map(|(kind, _)| kind).collect()
    }

    /// The one frame that a page was told since the last time.
    #[track_caller]
    pub(crate) fn only(&mut self, line: Line, kind: &str) -> Value {
        let mut heard = self.heard(line);
        assert_eq!(heard.len(), 1, "{heard:?}");
        let (of, data) = heard.remove(0);
        assert_eq!(of, kind, "{data}");
        data
    }

    /// Asserts that a page was refused with this code, and told nothing else.
    #[track_caller]
    pub(crate) fn refused(&mut self, line: Line, code: &str) {
        assert_eq!(self.only(line, "error")["code"], code);
    }

    /// The events of the page that a line was shown since the last time.
    pub(crate) fn shown(&mut self, line: Line) -> Vec<Value> {
        let heard = self.heard(line).into_iter().filter(|(kind, _)| kind == "rr");
        heard.flat_map(|(_, mut data)| data["events"].as_array_mut().map(std::mem::take).unwrap()).collect()
    }
}

pub(crate) fn ended(by: By, why: Why) -> Event {
    Event::Ended { collab: COLLAB, by, why }
}

pub(crate) fn over(line: Line) -> (Line, u16) {
    (line, Shut::Over.code())
}
