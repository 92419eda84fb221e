//! Who is connected, and what is told to whom. One console a person: the newest page has it. Boards are as many as
//! wish.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use ngcc_proto::config::ForGateway;
use ngcc_proto::seat::Told;
use ngcc_proto::supervise::Board;
use ngcc_proto::{AgentUri, MessageId, SessionId, Wall, im, seat};
use tokio::sync::{mpsc, watch};

use crate::frame;
use crate::presence::{Presence, Present};
use crate::serving::{Served, Serving};
use crate::token::Hash;
use crate::ws::Close;

/// How much may wait for a page. A page that does not take it is closed and asks anew when it is back.
const QUEUE: usize = 512;

/// What goes to a page.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    /// What its seat is told, and which message caused it.
    Seat(Option<MessageId>, Box<Told>),
    /// What the colleagues' exchange tells it.
    Im(Option<MessageId>, Box<im::Event>),
    /// Frames that are the same for everybody.
    Frames(Arc<[Utf8Bytes]>),
    /// One of them.
    Frame(Utf8Bytes),
}

/// What a console begins with: what stands in its `ready`, and the frames behind that.
pub(crate) struct First {
    pub(crate) config: frame::Config,
    pub(crate) presence: Vec<Present>,
    pub(crate) more: Vec<Utf8Bytes>,
}

/// A connected page's end at the hub.
#[derive(Debug)]
struct Page {
    number: u64,
    sign_in: Hash,
    queue: mpsc::Sender<Out>,
    close: watch::Sender<Option<Close>>,
}

/// A connected page's own end.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Which page it is.
    pub(crate) number: u64,
    /// What is told.
    pub(crate) queue: mpsc::Receiver<Out>,
    /// Whether it is to be closed, and why.
    pub(crate) close: watch::Receiver<Option<Close>>,
    /// Puts into its own queue: for what takes its time.
    pub(crate) own: mpsc::Sender<Out>,
}

/// Who is connected.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    consoles: HashMap<String, Page>,
    boards: BTreeMap<u64, Page>,
    numbers: u64,
    presence: Presence,
    serving: Serving,
    config: ForGateway,
    /// The people who do not stand in the configuration's own frame.
    others: Vec<Utf8Bytes>,
    board: Option<Board>,
}

impl Page {
    fn put(&self, out: Out) {
        if self.queue.try_send(out).is_err() {
            self.end(Close::Slow);
        }
    }

    /// The first reason stands.
    fn end(&self, why: Close) {
        self.close.send_if_modified(|close| {
            let first = close.is_none();
            close.get_or_insert(why);
            first
        });
    }
}

impl Hub {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A console comes; an older page of the same person is closed.
    pub(crate) fn console(&self, user: &str, sign_in: Hash) -> Seen {
        let mut inner = self.inner();
        let (page, seen) = inner.page(sign_in);
        if let Some(old) = inner.consoles.insert(user.to_owned(), page) {
            old.end(Close::Replaced);
        }
        seen
    }

    /// A console's page is gone; true when it was its person's last.
    pub(crate) fn console_gone(&self, user: &str, number: u64, at: Wall) -> bool {
        let mut inner = self.inner();
        let last = inner.consoles.get(user).is_some_and(|page| page.number == number);
        if last {
            inner.consoles.remove(user);
            inner.presence.went(user, at);
        }
        last
    }

    /// A board comes.
    pub(crate) fn board(&self, sign_in: Hash) -> Seen {
        let mut inner = self.inner();
        let (page, seen) = inner.page(sign_in);
        if let Some(board) = &inner.board {
            page.put(Out::Frame(frame::text("board", None, Some(board))));
        }
        inner.boards.insert(page.number, page);
        seen
    }

    /// A board is gone.
    pub(crate) fn board_gone(&self, number: u64) {
        let mut inner = self.inner();
        inner.boards.remove(&number);
        if inner.boards.is_empty() {
            // Whoever looks next gets one that is fresh.
            inner.board = None;
        }
    }

    /// Whether a console of this person is connected.
    pub(crate) fn connected(&self, user: &str) -> bool {
        self.inner().consoles.contains_key(user)
    }

    /// Whether any board is looked at.
    pub(crate) fn watched(&self) -> bool {
        !self.inner().boards.is_empty()
    }

    /// Closes every page of a sign-in that is over.
    pub(crate) fn end(&self, sign_in: &Hash) {
        let inner = self.inner();
        #[expect(clippy::iter_over_hash_type, reason = "each is closed, in whatever order")]
        for page in inner.consoles.values() {
            if page.sign_in == *sign_in {
                page.end(Close::SignedOut);
            }
        }
        inner
            .boards
            .values()
            .filter(|page| page.sign_in == *sign_in)
            .for_each(|page| page.end(Close::SignedOut));
    }

    /// What a seat is told, to its person's console; true when presence has changed.
    pub(crate) fn seat(&self, cause: Option<MessageId>, event: seat::Event, at: Wall) -> bool {
        let seat::Event { agent, seat: _, what } = event;
        let mut inner = self.inner();
        inner.serving.told(&agent, &what);
        let changed = match &what {
            Told::State { availability, voice, chats, .. } => {
                let slots: Vec<_> = chats.iter().chain([voice]).collect();
                inner.presence.told(&agent, availability, &slots, at)
            }
            Told::Offered { .. }
            | Told::Rescinded { .. }
            | Told::Returned { .. }
            | Told::Contact { .. }
            | Told::Gone { .. }
            | Told::Message { .. }
            | Told::Accepted { .. }
            | Told::NotAccepted { .. }
            | Told::Replay { .. }
            | Told::Invited { .. }
            | Told::CollabEnded { .. }
            | Told::Link { .. }
            | Told::NotReplayed { .. }
            | Told::Typing { .. }
            | Told::Read { .. }
            | Told::Done
            | Told::Refused { .. } => false,
        };
        inner.tell(&agent, Out::Seat(cause, Box::new(what)));
        changed
    }

    /// The customers whom an agent serves now, or is offered.
    pub(crate) fn serving(&self, agent: &str) -> Vec<Served> {
        self.inner().serving.of(agent)
    }

    /// The customer of a session that an agent has.
    pub(crate) fn served(&self, session: SessionId) -> Option<Served> {
        self.inner().serving.session(session)
    }

    /// What the colleagues' exchange tells, to whom it is for.
    pub(crate) fn im(&self, cause: Option<MessageId>, event: im::Event) {
        let to = event.to().clone();
        self.inner().tell(&to, Out::Im(cause, Box::new(event)));
    }

    /// What is configured, to every console.
    pub(crate) fn configure(&self, config: ForGateway) {
        let mut inner = self.inner();
        if config.version < inner.config.version {
            return;
        }
        inner.presence.people(&config.people);
        inner.others = frame::Config::others(&config);
        inner.config = config;
        let mut frames = vec![frame::text("config", None, Some(&frame::Config::of(&inner.config)))];
        if !inner.others.is_empty() {
            frames.extend(inner.others.iter().cloned());
            // Who was not in the first frame was no colleague for a moment.
            frames.extend(frame::lists("presence", &inner.present()));
        }
        inner.everybody(frames);
    }

    /// The board as read once after a start; true when presence has changed.
    pub(crate) fn seed(&self, board: &Board) -> bool {
        self.inner().presence.board(board)
    }

    /// Who has come, gone or changed, to every console.
    pub(crate) fn tell_presence(&self) {
        let mut inner = self.inner();
        let Inner { presence, consoles, .. } = &mut *inner;
        let news = presence.news(|name| consoles.contains_key(name));
        if !news.is_empty() {
            inner.everybody(frame::lists("presence", &news));
        }
    }

    /// How many consoles there are.
    pub(crate) fn consoles(&self) -> usize {
        self.inner().consoles.len()
    }

    /// The board as it is now, to everybody who looks at it, if it differs from the last.
    pub(crate) fn tell_board(&self, board: Board) {
        let mut inner = self.inner();
        if inner.board.as_ref() == Some(&board) {
            return;
        }
        let frame = frame::text("board", None, Some(&board));
        inner.board = Some(board);
        inner.boards.values().for_each(|page| page.put(Out::Frame(frame.clone())));
    }

    /// What a console begins with.
    pub(crate) fn first(&self) -> First {
        let inner = self.inner();
        let mut presence = inner.present();
        let rest = presence.split_off(presence.len().min(frame::LISTED));
        let mut more = inner.others.clone();
        more.extend(frame::lists("presence", &rest));
        First { config: frame::Config::of(&inner.config), presence, more }
    }
}

impl Inner {
    fn page(&mut self, sign_in: Hash) -> (Page, Seen) {
        self.numbers += 1;
        let ((queue, out), (close, closed)) = (mpsc::channel(QUEUE), watch::channel(None));
        let number = self.numbers;
        let seen = Seen { number, queue: out, close: closed, own: queue.clone() };
        (Page { number, sign_in, queue, close }, seen)
    }

    fn tell(&self, agent: &AgentUri, out: Out) {
        if let Some(page) = self.consoles.get(agent.name()) {
            page.put(out);
        }
    }

    #[expect(clippy::iter_over_hash_type, reason = "each is told the same, in whatever order")]
    fn everybody(&self, frames: Vec<Utf8Bytes>) {
        let frames: Arc<[Utf8Bytes]> = frames.into();
        for page in self.consoles.values() {
            page.put(Out::Frames(Arc::clone(&frames)));
        }
    }

    fn present(&self) -> Vec<Present> {
        self.presence.list(|name| self.consoles.contains_key(name))
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::SeatId;
    use ngcc_proto::config::Colleague;
    use ngcc_proto::seat::Device;

    use super::*;
    use crate::token::hash;

    fn event(name: &str) -> seat::Event {
        seat::Event { agent: AgentUri::new(name).unwrap(), seat: SeatId(1), what: Told::Done }
    }

    #[test]
    fn the_newest_page_of_a_person_replaces_the_older_one() {
        let hub = Hub::default();
        let (mut old, mut new) = (hub.console("alice", hash("1")), hub.console("alice", hash("2")));
        assert_eq!(*old.close.borrow(), Some(Close::Replaced));
        hub.seat(None, event("alice"), Wall(1));
        hub.seat(None, event("bob"), Wall(1));
        assert!(new.queue.try_recv().is_ok() && new.queue.try_recv().is_err());
        assert!(old.queue.try_recv().is_err());
        assert!(!hub.console_gone("alice", old.number, Wall(1)), "the seat has a page still");
        assert!(hub.console_gone("alice", new.number, Wall(1)));
    }

    #[test]
    fn a_page_that_takes_nothing_is_closed_and_holds_back_nobody() {
        let hub = Hub::default();
        let (slow, mut quick) = (hub.console("alice", hash("1")), hub.console("bob", hash("2")));
        for _ in 0..=QUEUE {
            hub.seat(None, event("alice"), Wall(1));
            hub.seat(None, event("bob"), Wall(1));
            assert!(quick.queue.try_recv().is_ok());
        }
        assert_eq!(*slow.close.borrow(), Some(Close::Slow));
        assert_eq!(*quick.close.borrow(), None);
        assert_eq!(slow.queue.len(), QUEUE);
    }

    #[test]
    fn signing_out_closes_the_pages_of_that_sign_in_only() {
        let hub = Hub::default();
        let (one, other) = (hub.console("alice", hash("1")), hub.board(hash("2")));
        hub.end(&hash("1"));
        assert_eq!((*one.close.borrow(), *other.close.borrow()), (Some(Close::SignedOut), None));
    }

    #[test]
    fn however_many_there_are_no_frame_lists_more_than_a_few_and_everybody_is_listed() {
        let colleague = |n: usize| Colleague {
            agent: AgentUri::new(&format!("agent{n:03}")).unwrap(),
            display: format!("Agent {n}"),
            device: Device::Browser,
        };
        let hub = Hub::default();
        let mut page = hub.console("alice", hash("1"));
        let people = (0..60).map(colleague).collect();
        hub.configure(ForGateway { version: 1, people, ..ForGateway::default() });
        let listed = |frames: &[Utf8Bytes]| {
            let all: Vec<(String, usize)> = frames
                .iter()
                .map(|frame| {
                    let read: serde_json::Value = serde_json::from_str(frame).unwrap();
                    let list = if read["type"] == "config" { &read["data"]["people"] } else { &read["data"] };
                    (read["type"].as_str().unwrap().to_owned(), list.as_array().unwrap().len())
                })
                .collect();
            all
        };
        let Out::Frames(told) = page.queue.try_recv().unwrap() else { panic!() };
        let of = |kind: &str, n| (kind.to_owned(), n);
        let others = [of("people", 25), of("people", 10)];
        let present = [of("presence", 25), of("presence", 25), of("presence", 10)];
        let all: Vec<_> =
            [of("config", 25)].into_iter().chain(others.clone()).chain(present.clone()).collect();
        assert_eq!(listed(&told), all);
        assert!(told.iter().all(|frame| frame.len() < 8 * 1024));

        let First { presence, more, .. } = hub.first();
        assert_eq!(presence.len(), 25);
        assert_eq!(
            listed(&more),
            [&others[..], &present[1..]].concat(),
            "the first twenty-five stand in `ready`"
        );
    }
}
