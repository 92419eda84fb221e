//! Browsers as typed frames, with a stand-in for cti that answers by hand.

mod calls;
mod restarts;
mod screen;
mod sharing;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ngcc_proto::access::{Cause, Command, Event, Stage};
use ngcc_proto::chat::{self, Author, Content, Message, Nack, Status, Text};
use ngcc_proto::fact::Medium;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{
    Body, Core, Effect, Envelope, Ids, Key, LegId, MessageId, Mono, Now, Rng, Secret, SessionId, UserUri,
    Wall,
};

use super::*;
use crate::{Access, Input, Output, Settings};

const SOUND: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:a\r\n";

struct Bench {
    core: Access,
    now: Now,
    ids: Ids,
    records: BTreeMap<Key, Vec<u8>>,
    told: Vec<Body>,
    shared: Vec<ngcc_proto::collab::Call>,
    said: Vec<(Line, Option<String>, Tell)>,
    shut: Vec<(Line, Shut)>,
}

fn settings() -> Settings {
    Settings::on(SocketAddr::from(([127, 0, 0, 1], 5060)), "ngcc")
}

fn user(name: &str) -> UserUri {
    UserUri::Web(name.to_owned())
}

fn sdp() -> Sdp {
    SOUND.parse().unwrap()
}

fn text(text: &str) -> Content {
    Content::Text { text: Text(text.to_owned()), choices: vec![] }
}

fn message(seq: u64) -> Message {
    let (id, at) = (MessageId(u128::from(seq)), Wall(7));
    Message { seq, id, at, by: Author::Automation, content: text("hello"), private: false }
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            core: Access::new(settings(), Rng::from_u64(1)),
            now: Now { mono: Mono(1_000_000_000), wall: Wall(1_700_000_000_000) },
            ids: Ids::new(Rng::from_u64(2)),
            records: BTreeMap::new(),
            told: vec![],
            shared: vec![],
            said: vec![],
            shut: vec![],
        };
        bench.core.restored(bench.now);
        bench.drain();
        bench.told.clear();
        bench
    }

    fn drain(&mut self) {
        while let Some(effect) = self.core.poll() {
            match effect {
                Effect::Persist { key, bytes } => {
                    self.records.insert(key, bytes);
                }
                Effect::Forget { key } => {
                    self.records.remove(&key);
                }
                Effect::Emit { output, .. } => match output {
                    // Told of every page that comes: it is looked at by itself.
                    Output::Send(Envelope { body: Body::CollabCall(call), .. }) => self.shared.push(call),
                    Output::Send(envelope) => self.told.push(envelope.body),
                    Output::WebSend { line, id, tell } => self.said.push((line, id, tell)),
                    Output::WebClose { line, why } => self.shut.push((line, why)),
                    Output::Transmit { .. }
                    | Output::Connect { .. }
                    | Output::Close { .. }
                    | Output::Resolve { .. }
                    | Output::ChannelSend(_)
                    | Output::ChannelWriting(_)
                    | Output::ChannelAnswer { .. }
                    | Output::ChannelAsk { .. } => panic!("browsers need no SIP and no channel"),
                },
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.core.handle(input, self.now);
        self.drain();
    }

    /// kill -9, and a start from the records.
    fn restart(&mut self) {
        self.core = Access::new(settings(), Rng::from_u64(3));
        for (key, bytes) in &self.records {
            self.core.restore(*key, bytes, self.now).unwrap();
        }
        self.core.restored(self.now);
        self.drain();
    }

    fn wait(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        while self.core.deadline().is_some_and(|(at, _)| at <= self.now.mono) {
            self.core.wake(self.now);
            self.drain();
        }
    }

    fn page(&mut self, line: u64, name: &str) {
        let peer = Peer::Chat {
            user: user(name),
            entry: "shop".to_owned(),
            name: Some("Zoë".to_owned()),
            lang: None,
        };
        self.input(Input::WebOpened { line: Line(line), peer });
    }

    fn browser(&mut self, line: u64, owner: Owner) {
        self.input(Input::WebOpened { line: Line(line), peer: Peer::Calls(owner) });
    }

    fn chat(&mut self, line: u64, id: &str, ask: ChatAsk) {
        self.input(Input::WebFrame { line: Line(line), id: Some(id.to_owned()), ask: Ask::Chat(ask) });
    }

    fn call(&mut self, line: u64, ask: CallAsk) {
        self.input(Input::WebFrame { line: Line(line), id: Some("c".to_owned()), ask: Ask::Calls(ask) });
    }

    fn close(&mut self, line: u64) {
        self.input(Input::WebClosed { line: Line(line) });
    }

    fn cti(&mut self, session: Option<SessionId>, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids, Wall(0), session, None, body);
        self.input(envelope.into());
    }

    fn events(&mut self) -> Vec<Event> {
        let told = std::mem::take(&mut self.told);
        let event = |body: Body| {
            let Body::AccessEvent(event) = body else { panic!("{} is no access event", body.name()) };
            event
        };
        told.into_iter().map(event).collect()
    }

    fn said_to(&mut self, line: u64) -> Vec<Tell> {
        let all = std::mem::take(&mut self.said);
        all.into_iter().filter(|(l, ..)| *l == Line(line)).map(|(_, _, tell)| tell).collect()
    }

    /// A chat that is open, on line 1, with everything said so far taken.
    fn open_chat(&mut self) -> (LegId, SessionId) {
        self.page(1, "v1");
        self.chat(1, "s", ChatAsk::Start);
        let events = self.events();
        let [Event::Arrived { leg, medium: Medium::Chat, .. }] = events[..] else { panic!("{events:?}") };
        let session = self.ids.mint(Wall(1));
        self.cti(Some(session), chat::Command::Opened { leg, session, medium: Medium::Chat });
        assert!(self.said.contains(&(Line(1), Some("s".to_owned()), Tell::Opened { session })));
        self.said.clear();
        (leg, session)
    }

    /// A customer's call that is up, on line 2.
    fn call_up(&mut self) -> LegId {
        self.browser(2, Owner::User(user("v1")));
        let (entry, offer) = ("1000".to_owned(), sdp());
        self.call(2, CallAsk::Begin { entry, name: None, lang: None, beside: None, offer });
        let events = self.events();
        let [Event::Arrived { leg, .. }] = events[..] else { panic!("{events:?}") };
        self.cti(None, Command::Answer { leg, sdp: sdp() });
        assert_eq!(self.events(), [Event::Answered { leg, sdp: None }]);
        self.said.clear();
        leg
    }
}

fn agent() -> Owner {
    Owner::Agent(ngcc_proto::AgentUri::new("alice").unwrap())
}

fn summon(leg: LegId) -> Command {
    Command::Summon { leg, agent: "alice".to_owned(), video: true, ring_s: 20 }
}

#[test]
fn a_first_message_makes_a_leg_and_is_acknowledged_when_it_is_stored() {
    let mut bench = Bench::new();
    bench.page(1, "v1");
    assert_eq!(bench.said_to(1), [Tell::ChatReady { session: None }]);
    bench.chat(1, "k1", ChatAsk::Say(text("hello")));
    let told = std::mem::take(&mut bench.told);
    let [Body::AccessEvent(Event::Arrived { leg, user, display, dialled, offer: None, .. }), said] =
        &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((user, display.as_deref(), dialled.as_str()), (&tests::user("v1"), Some("Zoë"), "shop"));
    let content = text("hello");
    assert_eq!(*said, Body::ChatEvent(chat::Event::Said { leg: *leg, key: "k1".to_owned(), content }));
    assert!(bench.said_to(1).is_empty(), "nothing is acknowledged before it is on disk");
    let (leg, session) = (*leg, bench.ids.mint(Wall(1)));
    bench.cti(Some(session), chat::Command::Opened { leg, session, medium: Medium::Chat });
    bench.cti(Some(session), chat::Command::Accepted { leg, key: "k1".to_owned(), seq: 1, at: Wall(9) });
    let said = std::mem::take(&mut bench.said);
    assert_eq!(said[0], (Line(1), None, Tell::Opened { session }));
    assert_eq!(said[1], (Line(1), Some("k1".to_owned()), Tell::Ack { seq: 1, at: Wall(9) }));
}

#[test]
fn a_page_that_comes_back_finds_its_session_and_hears_what_it_missed_in_order_and_once() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(1) });
    bench.cti(Some(session), chat::Command::Status { leg, status: Status::SelfService });
    bench.said.clear();
    bench.close(1);
    assert_eq!(bench.events(), [Event::Unreachable { leg }]);
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(2) });
    bench.page(3, "v1");
    assert_eq!(bench.events(), [Event::Reattached { leg }]);
    let open = Open { id: session, last_seq: 2 };
    let status = Tell::Status { session, status: Status::SelfService };
    assert_eq!(bench.said_to(3), [Tell::ChatReady { session: Some(open) }, status]);
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(3) });
    assert!(bench.said_to(3).is_empty(), "3 must not come before 2");
    bench.chat(3, "r", ChatAsk::Resume { session, after: 1 });
    assert_eq!(bench.told.pop(), Some(Body::ChatEvent(chat::Event::Resume { leg, after: 1 })));
    bench.cti(Some(session), chat::Command::Replay { leg, messages: vec![message(2)], more: true });
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(4) });
    bench.cti(
        Some(session),
        chat::Command::Replay { leg, messages: vec![message(3), message(4)], more: false },
    );
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(4) });
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(5) });
    let (stored, live) = (message, |seq| Tell::Message { session, message: message(seq) });
    let replayed = Tell::Replayed { session, up_to: 4 };
    let page = |seqs: &[u64]| Tell::Replay { session, messages: seqs.iter().map(|n| stored(*n)).collect() };
    assert_eq!(bench.said_to(3), [page(&[2]), page(&[3, 4]), replayed, live(5)]);
}

#[test]
fn a_number_that_is_missing_is_asked_for_before_the_next_is_shown() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(2) });
    assert_eq!(bench.told.pop(), Some(Body::ChatEvent(chat::Event::Resume { leg, after: 0 })));
    bench.cti(
        Some(session),
        chat::Command::Replay { leg, messages: vec![message(1), message(2)], more: false },
    );
    let replay = Tell::Replay { session, messages: vec![message(1), message(2)] };
    assert_eq!(bench.said_to(1), [replay], "nobody asked, so nothing says that it is over");
}

#[test]
fn a_page_whose_messages_cannot_be_read_is_told_and_comes_again_after_a_pause() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    bench.chat(1, "r", ChatAsk::Resume { session, after: 0 });
    bench.told.clear();
    bench.cti(Some(session), chat::Command::NotReplayed { leg });
    let wrong = Tell::Wrong { why: Wrong::Unavailable, leg: None };
    assert_eq!(bench.said, [(Line(1), Some("r".to_owned()), wrong)]);
    assert_eq!(bench.shut, [(Line(1), Shut::Overrun)]);
    bench.said.clear();
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(2) });
    assert!(bench.said_to(1).is_empty(), "2 must not come before 1");
    bench.cti(Some(session), chat::Command::NotReplayed { leg });
    assert_eq!(bench.shut.len(), 1, "it waits for nothing any more");
    bench.close(1);
    assert_eq!(bench.events(), [Event::Unreachable { leg }]);
    bench.page(3, "v1");
    bench.chat(3, "r", ChatAsk::Resume { session, after: 0 });
    assert_eq!(bench.told.pop(), Some(Body::ChatEvent(chat::Event::Resume { leg, after: 0 })));
}

#[test]
fn a_second_page_replaces_the_first_and_the_session_goes_on() {
    let mut bench = Bench::new();
    let (_, session) = bench.open_chat();
    bench.page(5, "v1");
    assert_eq!(bench.shut, [(Line(1), Shut::Replaced)]);
    bench.close(1);
    assert!(bench.told.is_empty(), "the customer was never gone");
    let open = Open { id: session, last_seq: 0 };
    assert_eq!(bench.said_to(5), [Tell::ChatReady { session: Some(open) }]);
    bench.chat(1, "x", ChatAsk::End);
    assert_eq!(bench.core.census().web_legs, 1, "the first page has no say any more");
}

#[test]
fn another_customer_finds_nothing_of_it() {
    let mut bench = Bench::new();
    let (_, session) = bench.open_chat();
    bench.page(5, "v2");
    assert_eq!(bench.said_to(5), [Tell::ChatReady { session: None }]);
    bench.chat(5, "r", ChatAsk::Resume { session, after: 0 });
    bench.chat(5, "e", ChatAsk::End);
    let wrong = Tell::Wrong { why: Wrong::Unknown, leg: None };
    assert_eq!(bench.said_to(5), [wrong.clone(), wrong]);
    assert!(bench.told.is_empty());
}

#[test]
fn too_much_too_long_and_too_often_is_refused_and_changes_nothing() {
    let mut bench = Bench::new();
    bench.page(1, "v1");
    let long = "x".repeat(chat::MAX_TEXT + 1);
    for (id, content) in
        [("", text("a")), ("k", text(" ")), ("k", text(&long)), (&*"k".repeat(65), text("a"))]
    {
        bench.chat(1, id, ChatAsk::Say(content));
        assert_eq!(bench.said_to(1).pop(), Some(Tell::Nack(Nack::Bad)));
    }
    bench.chat(1, "k", ChatAsk::Say(Content::Masked));
    assert_eq!(bench.said_to(1), [Tell::Nack(Nack::Forbidden)]);
    assert!(bench.told.is_empty() && bench.records.is_empty());
    for n in 0..21 {
        bench.chat(1, &format!("k{n}"), ChatAsk::Say(text("hello")));
    }
    assert_eq!(bench.said, [(Line(1), Some("k20".to_owned()), Tell::Nack(Nack::TooMany))]);
    bench.told.clear();
    for _ in 0..3 {
        bench.chat(1, "t", ChatAsk::Typing);
    }
    assert_eq!(bench.told.len(), 1, "typing is passed on once in three seconds");
    bench.wait(Duration::from_secs(10));
    bench.chat(1, "k21", ChatAsk::Say(text("hello")));
    bench.chat(1, "t", ChatAsk::Typing);
    assert_eq!(bench.told.len(), 3);
}

#[test]
fn a_message_that_is_sent_again_does_not_count_and_a_new_chat_forgets_its_key() {
    let mut bench = Bench::new();
    bench.page(1, "v1");
    for _ in 0..2 {
        for n in 0..20 {
            bench.chat(1, &format!("k{n}"), ChatAsk::Say(text("hello")));
        }
        assert!(
            bench.said_to(1).iter().all(|tell| *tell == Tell::ChatReady { session: None }),
            "nobody was refused"
        );
    }
    assert_eq!(bench.told.len(), 1 + 40, "the store is asked about each, and knows a repeat");
    bench.chat(1, "k20", ChatAsk::Say(text("hello")));
    assert_eq!(bench.said_to(1), [Tell::Nack(Nack::TooMany)]);
    bench.chat(1, "e", ChatAsk::End);
    bench.said.clear();
    bench.chat(1, "k0", ChatAsk::Say(text("hello")));
    assert_eq!(bench.said_to(1), [Tell::Nack(Nack::TooMany)], "in another chat it is another message");
    assert_eq!(bench.core.census().web_legs, 0);
}

#[test]
fn a_chat_ends_from_either_side_and_the_next_message_begins_another() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    bench.chat(1, "e", ChatAsk::End);
    assert_eq!(bench.events(), [Event::Left { leg, cause: Cause::Normal }]);
    assert_eq!(bench.said_to(1), [Tell::Closed { session: Some(session), cause: Cause::Normal }]);
    bench.chat(1, "k", ChatAsk::Say(text("again")));
    let Some(Body::AccessEvent(Event::Arrived { leg: next, .. })) = bench.told.first().cloned() else {
        panic!()
    };
    assert_ne!(next, leg);
    bench.cti(None, Command::Release { leg: next, cause: Cause::TimedOut });
    assert_eq!(bench.said_to(1), [Tell::Closed { session: None, cause: Cause::TimedOut }]);
    assert!(bench.records.is_empty() && bench.core.census().web_legs == 0);
}
