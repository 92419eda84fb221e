//! One worker: a thread with its poller, its sockets and its conferences. It forwards in the thread that received, ticks
//! on time, and sleeps when there is nothing to do.

mod orders;
mod peers;

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token, Waker};
use ngcc_ivr_core::film::Frame;
use ngcc_ivr_core::media::{Channel, Conference, Desk, Limits, Member, Music};
use ngcc_ivr_core::worker::{FromWorker, ToWorker};
use ngcc_proto::media::Part;
use ngcc_proto::{CollabId, ConferenceId, LegId, Mono, Now};

use super::MediaError;
use super::lock;
use super::peer::{Identity, Peer};
use super::ports::{Pair, Ports};
use super::schedule::Schedule;
use super::slots::Slots;
use peers::Timers;

/// What every worker is lent.
#[derive(Clone)]
pub(super) struct Lent {
    pub(super) clock: Arc<dyn Fn() -> Now + Send + Sync>,
    pub(super) events: Arc<dyn Fn(FromWorker) + Send + Sync>,
    pub(super) films: Arc<dyn Fn(CollabId, Frame) + Send + Sync>,
    pub(super) ports: Arc<Mutex<Ports>>,
    pub(super) music: Arc<Music>,
    pub(super) limits: Limits,
    pub(super) identity: Arc<Identity>,
}

/// What a worker is told.
pub(super) enum Order {
    /// A leg begins, with its sockets.
    Open(ToWorker, Pair),
    /// A command for a leg or conference of this worker.
    Do(ToWorker),
    /// A leg will come from another worker: what is said of it until then is to wait.
    Expect(LegId, ConferenceId),
    /// Give a leg away.
    Give { leg: LegId, conference: ConferenceId, part: Part, to: Post },
    /// A leg that was given away.
    Take(Box<Moving>),
    /// A leg that was to be given away is not there.
    Gone(LegId, ConferenceId),
    /// The end.
    Stop,
}

/// A leg on its way between workers.
pub(super) struct Moving {
    leg: LegId,
    conference: ConferenceId,
    member: Member,
    pair: Pair,
    peer: Option<Box<Peer>>,
}

/// Where orders to a worker are left.
#[derive(Clone)]
pub(super) struct Post {
    orders: Sender<Order>,
    waker: Arc<Waker>,
}

impl Post {
    /// Leaves an order; a worker that has ended takes none.
    pub(super) fn send(&self, order: Order) {
        if self.orders.send(order).is_ok()
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a media worker cannot be woken");
        }
    }
}

/// Starts worker `index`.
pub(super) fn spawn(index: usize, lent: Lent) -> Result<(Post, JoinHandle<()>), MediaError> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
    let (sender, orders) = channel();
    let worker = Worker {
        poll,
        orders,
        desk: Desk::new(Arc::clone(&lent.music), lent.limits),
        lent,
        halls: Slots::default(),
        by_conference: HashMap::new(),
        lines: Slots::default(),
        by_leg: HashMap::new(),
        expected: HashMap::new(),
        schedule: Schedule::default(),
        peer_timers: Timers::default(),
        unread: vec![],
    };
    let thread = std::thread::Builder::new().name(format!("media-{index}")).spawn(move || worker.run())?;
    Ok((Post { orders: sender, waker }, thread))
}

const WAKE: Token = Token(usize::MAX);
/// Packets taken from one socket before the others have their turn.
const TURN: usize = 32;
/// Longer than any packet we take.
const DATAGRAM: usize = 2048;

struct Worker {
    poll: Poll,
    orders: Receiver<Order>,
    lent: Lent,
    desk: Desk,
    halls: Slots<Hall>,
    by_conference: HashMap<ConferenceId, usize>,
    /// Sockets by tag; a tag's RTP socket has the token `2 × tag`, its RTCP socket the one above.
    lines: Slots<Line>,
    by_leg: HashMap<LegId, usize>,
    /// Orders for legs that are on their way here.
    expected: HashMap<LegId, Vec<Order>>,
    schedule: Schedule,
    peer_timers: Timers,
    /// Sockets that had more packets than a turn takes.
    unread: Vec<Token>,
}

/// A conference and its place in the schedule.
struct Hall {
    conference: Conference,
    phase: u8,
    ticking: bool,
    care: Mono,
    /// Legs that are on their way here: it does not end before they came.
    coming: usize,
}

struct Line {
    leg: LegId,
    pair: Pair,
    /// The browser's connection on the RTP socket; a phone has none.
    peer: Option<Box<Peer>>,
    peer_care: Option<Mono>,
    hall: usize,
    slot: usize,
}

impl Worker {
    fn run(mut self) {
        let mut events = Events::with_capacity(256);
        let mut buffer = [0; DATAGRAM];
        let mut halls = vec![];
        loop {
            let wait = self.wait();
            match self.poll.poll(&mut events, wait) {
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a media worker cannot poll and ends");
                    return;
                }
            }
            let mut woken = false;
            for token in std::mem::take(&mut self.unread) {
                self.shielded(self.hall_of_token(token), |worker| worker.read(token, &mut buffer));
            }
            for event in &events {
                if event.token() == WAKE {
                    woken = true;
                } else {
                    let token = event.token();
                    self.shielded(self.hall_of_token(token), |worker| worker.read(token, &mut buffer));
                }
            }
            if woken && self.obey() {
                return;
            }
            self.keep_time(&mut halls);
        }
    }

    fn wait(&self) -> Option<Duration> {
        if !self.unread.is_empty() {
            return Some(Duration::ZERO);
        }
        let next = [self.schedule.next(), self.peer_timers.next()].into_iter().flatten().min()?;
        Some(next.since((self.lent.clock)().mono))
    }

    /// Reads what a socket has and lets its conference pass it on.
    fn read(&mut self, token: Token, buffer: &mut [u8; DATAGRAM]) {
        let now = (self.lent.clock)().mono;
        for _ in 0..TURN {
            let Some(line) = self.lines.at(token.0 / 2) else { return };
            let is_rtp = token.0.is_multiple_of(2);
            let socket = if is_rtp { &line.pair.rtp } else { &line.pair.rtcp };
            let (length, from) = match socket.recv_from(buffer) {
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                // Would block, or an error that the next packet's event clears.
                Err(_) => return,
            };
            let (hall, slot) = (line.hall, line.slot);
            if is_rtp && line.peer.is_some() {
                self.receive_from_peer(token.0 / 2, from, &buffer[..length], now);
                continue;
            }
            let Some(conference) = self.halls.at_mut(hall).map(|h| &mut h.conference) else { return };
            if is_rtp {
                conference.rtp(slot, from, &buffer[..length], now, &mut self.desk);
            } else {
                conference.rtcp(slot, from, &buffer[..length], now);
            }
            self.flush();
            self.reschedule(hall, now);
        }
        if !self.unread.contains(&token) {
            self.unread.push(token);
        }
    }

    /// Obeys every order that waits; true at the end.
    fn obey(&mut self) -> bool {
        while let Ok(order) = self.orders.try_recv() {
            if matches!(order, Order::Stop) {
                return true;
            }
            let hall = self.hall_of(&order);
            self.shielded(hall, |worker| {
                worker.order(order, (worker.lent.clock)());
                worker.flush();
            });
        }
        false
    }

    fn keep_time(&mut self, halls: &mut Vec<usize>) {
        let now = (self.lent.clock)();
        while let Some(due) = self.schedule.due(now.mono, halls) {
            for &index in &*halls {
                self.shielded(Some(index), |worker| {
                    if let Some(hall) = worker.halls.at_mut(index) {
                        hall.conference.tick(due, &mut worker.desk);
                    }
                    worker.flush();
                    worker.reschedule(index, now.mono);
                });
            }
        }
        self.care_for_peers(now.mono);
        while let Some(index) = self.schedule.care_due(now.mono) {
            self.shielded(Some(index), |worker| {
                if let Some(hall) = worker.halls.at_mut(index) {
                    hall.conference.care(now, &mut worker.desk);
                }
                worker.flush();
                worker.reschedule(index, now.mono);
            });
        }
    }

    fn hall_of_token(&self, token: Token) -> Option<usize> {
        self.lines.at(token.0 / 2).map(|line| line.hall)
    }

    /// Does something for a hall. A panic costs that hall alone: its legs are closed and told silent.
    fn shielded(&mut self, hall: Option<usize>, what: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| what(self))).is_ok() {
            return;
        }
        tracing::error!("a media worker panicked; the conference it worked for is given up");
        self.desk = Desk::new(Arc::clone(&self.lent.music), self.lent.limits);
        if let Some(hall) = hall {
            self.give_up(hall);
        }
    }

    /// Sends what lies on the desk.
    fn flush(&mut self) {
        let Self { desk, lines, lent, .. } = self;
        for (parcel, bytes) in desk.outbox.packets() {
            let Some(line) = lines.at_mut(parcel.tag as usize) else { continue };
            // A packet that cannot be sent now is lost like one the network drops: the next one is 20 ms away.
            if let Some(peer) = &mut line.peer {
                peer.protect(parcel.channel, bytes, |packet, to| {
                    let _ = line.pair.rtp.send_to(packet, to);
                });
                continue;
            }
            let socket = match parcel.channel {
                Channel::Rtp => &line.pair.rtp,
                Channel::Rtcp => &line.pair.rtcp,
            };
            let _ = socket.send_to(bytes, parcel.to);
        }
        desk.outbox.clear_packets();
        desk.outbox.news.drain(..).for_each(|news| (lent.events)(news));
        desk.outbox.frames.drain(..).for_each(|(collab, frame)| (lent.films)(collab, frame));
    }

    /// Brings the schedule up to date with what a hall needs.
    fn reschedule(&mut self, index: usize, now: Mono) {
        let Some(hall) = self.halls.at_mut(index) else { return };
        let needs = hall.conference.needs_ticks();
        if needs != hall.ticking {
            hall.ticking = needs;
            if needs {
                self.schedule.start(index, hall.phase, now);
            } else {
                self.schedule.stop(index, hall.phase);
            }
        }
        let care = hall.conference.next_care();
        if care != hall.care {
            self.schedule.care(index, hall.care, care);
            hall.care = care;
        }
    }
}
