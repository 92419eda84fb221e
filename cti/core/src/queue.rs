//! The queue server (S0-05): who waits, in what order, and which members are free. It knows places
//! and seats only; sessions and legs are others' business.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use ngcc_proto::config::{self, Strategy};
use ngcc_proto::{Mono, QueueId, Rng, SeatId, SessionId};
use serde::{Deserialize, Serialize};

use crate::assign::{Candidate, Free, Pick};
use crate::lane::{Lane, PerLane};

/// A queue, by its number in [`Queues`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueueNo(u32);

/// The order in which waiting sessions are served, over all queues: higher priority first, then who
/// has waited longest. `since` is unique, so the order is total and survives a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) priority: Reverse<i32>,
    pub(crate) since: Mono,
    pub(crate) session: SessionId,
}

/// A session's place; it is kept, with its time, while an offer rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) queue: QueueNo,
    /// For which kind of slot.
    pub(crate) lane: Lane,
    pub(crate) order: Order,
}

/// As what a seat stands among the free members of its queues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) lane: Lane,
    pub(crate) idle_since: Mono,
    /// How many chats it has, where it may have several.
    pub(crate) load: u32,
}

/// One queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    /// None: it is not configured (any more), and nobody serves it.
    pub(crate) configured: Option<(QueueId, config::Queue)>,
    waiting: PerLane<BTreeSet<Order>>,
    members: BTreeMap<SeatId, (u16, u32)>,
    free: PerLane<Free>,
    last: Option<u32>,
    /// The latest waits that an agent ended, in milliseconds.
    waits: VecDeque<u64>,
}

/// How many waits an estimate is made of.
const WAITS: usize = 20;

impl Queue {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            configured: None,
            waiting: PerLane::default(),
            members: BTreeMap::new(),
            free: PerLane::new(|| Free::new(Strategy::default())),
            last: None,
            waits: VecDeque::new(),
        }
    }

    /// How many wait; a session whose offer rings is not among them.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.both().iter().map(|waiting| waiting.len()).sum()
    }

    /// How many members have such a slot free.
    pub(crate) fn free(&self, lane: Lane) -> usize {
        self.free[lane].len()
    }

    /// Its members.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = SeatId> {
        self.members.keys().copied()
    }

    /// Since when the longest waiting one waits.
    pub(crate) fn oldest(&self) -> Option<Mono> {
        self.waiting.both().into_iter().filter_map(oldest).min()
    }

    /// The first `most` of either kind who wait.
    pub(crate) fn first(&self, most: usize) -> impl Iterator<Item = Order> {
        self.waiting.both().into_iter().flat_map(move |waiting| waiting.iter().take(most)).copied()
    }

    /// Which number in the line `order` has, from 1.
    pub(crate) fn position(&self, order: Order) -> u64 {
        // Who has just come stands last: no count is needed.
        if self.waiting.both().iter().all(|waiting| waiting.last().is_none_or(|last| *last <= order)) {
            return self.waiting() as u64;
        }
        let ahead = self.waiting.both().map(|waiting| waiting.range(..order).count());
        ahead.iter().sum::<usize>() as u64 + 1
    }

    /// How long the latest waits were on average, in seconds, rounded up; none without any.
    pub(crate) fn estimate_s(&self) -> Option<u64> {
        let sum: u64 = self.waits.iter().sum();
        sum.checked_div(self.waits.len() as u64).map(|ms| ms.div_ceil(1000))
    }

    fn candidate(&self, seat: SeatId, as_what: Standing) -> Option<Candidate> {
        let &(level, position) = self.members.get(&seat)?;
        let Standing { idle_since, load, .. } = as_what;
        Some(Candidate { seat, level, position, idle_since, load })
    }
}

/// Since when the longest waiting one waits.
fn oldest(waiting: &BTreeSet<Order>) -> Option<Mono> {
    // Within a priority the set is in order of time, and priorities are few.
    let mut oldest: Option<Mono> = None;
    let mut from = waiting.first().copied();
    while let Some(head) = from {
        oldest = Some(oldest.map_or(head.since, |at| at.min(head.since)));
        let behind = Order { priority: head.priority, since: Mono(u64::MAX), session: SessionId(u128::MAX) };
        from = waiting.range((Bound::Excluded(behind), Bound::Unbounded)).next().copied();
    }
    oldest
}

/// The record of who was asked last, so that turns go on over a restart.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Cursor {
    v: u16,
    queue: String,
    position: u32,
}

/// Every queue.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    list: Vec<Queue>,
    by_name: BTreeMap<String, QueueNo>,
}

impl Queues {
    /// The queue of that name; an unknown one is remembered, for a place that outlived a restart is
    /// known before the configuration is.
    pub(crate) fn number(&mut self, name: &str) -> QueueNo {
        if let Some(&no) = self.by_name.get(name) {
            return no;
        }
        // A u32 of queues is out of reach: each has a distinct configured name.
        let no = QueueNo(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Queue::new(name));
        self.by_name.insert(name.to_owned(), no);
        no
    }

    /// The configured queue of that name.
    pub(crate) fn find(&self, name: &str) -> Option<QueueNo> {
        self.by_name.get(name).copied().filter(|no| self.get(*no).configured.is_some())
    }

    /// The queue.
    pub(crate) fn get(&self, no: QueueNo) -> &Queue {
        &self.list[no.0 as usize]
    }

    fn get_mut(&mut self, no: QueueNo) -> &mut Queue {
        &mut self.list[no.0 as usize]
    }

    /// Every configured queue, by name.
    pub(crate) fn by_name(&self) -> impl Iterator<Item = &Queue> {
        self.by_name.values().map(|no| self.get(*no)).filter(|queue| queue.configured.is_some())
    }

    /// Takes the configured queues in place of the earlier ones. Places are kept; nobody is free
    /// until [`Queues::stand`] says so again. Returns the queues of each seat, and who waits in a
    /// queue that is gone.
    pub(crate) fn configure(
        &mut self,
        queues: Vec<(QueueId, config::Queue)>,
        seats: &BTreeMap<String, SeatId>,
    ) -> (BTreeMap<SeatId, Vec<QueueNo>>, Vec<Place>) {
        let mut of_seat: BTreeMap<SeatId, Vec<QueueNo>> = BTreeMap::new();
        for queue in &mut self.list {
            queue.configured = None;
        }
        for (id, settings) in queues {
            let no = self.number(&settings.name);
            let queue = self.get_mut(no);
            queue.free = PerLane::new(|| Free::new(settings.strategy));
            queue.members.clear();
            for (position, member) in (0u32..).zip(&settings.members) {
                let Some(&seat) = seats.get(&member.agent) else { continue };
                if queue.members.insert(seat, (member.level, position)).is_none() {
                    of_seat.entry(seat).or_default().push(no);
                }
            }
            queue.configured = Some((id, settings));
        }
        let mut stranded = vec![];
        for (no, queue) in (0u32..).zip(&mut self.list).filter(|(_, queue)| queue.configured.is_none()) {
            queue.members.clear();
            queue.free = PerLane::new(|| Free::new(Strategy::default()));
            for lane in Lane::ALL {
                let place = |&order| Place { queue: QueueNo(no), lane, order };
                stranded.extend(queue.waiting[lane].iter().map(place));
            }
        }
        (of_seat, stranded)
    }

    /// A session takes its place, or has it back.
    pub(crate) fn enter(&mut self, place: Place) {
        self.get_mut(place.queue).waiting[place.lane].insert(place.order);
    }

    /// A session waits no longer.
    pub(crate) fn leave(&mut self, place: Place) {
        self.get_mut(place.queue).waiting[place.lane].remove(&place.order);
    }

    /// A seat has such a slot free, in each of its queues.
    pub(crate) fn stand(&mut self, seat: SeatId, as_what: Standing, queues: &[QueueNo]) {
        for &no in queues {
            let queue = self.get_mut(no);
            if let Some(candidate) = queue.candidate(seat, as_what) {
                queue.free[as_what.lane].insert(candidate);
            }
        }
    }

    /// A seat has such a slot free no longer.
    pub(crate) fn withdraw(&mut self, seat: SeatId, as_what: Standing, queues: &[QueueNo]) {
        for &no in queues {
            let queue = self.get_mut(no);
            if let Some(candidate) = queue.candidate(seat, as_what) {
                queue.free[as_what.lane].remove(candidate);
            }
        }
    }

    /// The name of the queue's strategy.
    pub(crate) fn strategy(&self, no: QueueNo) -> &'static str {
        self.get(no).free[Lane::Voice].name()
    }

    /// The free member the queue's strategy asks next.
    pub(crate) fn pick(&self, no: QueueNo, lane: Lane, rng: &mut Rng) -> Option<Pick> {
        let queue = self.get(no);
        queue.free[lane].pick(queue.last, rng)
    }

    /// Who is served first among everybody waiting in these queues for one of these kinds of slot: one
    /// ordered list, whatever the medium (S3-03).
    pub(crate) fn head(&self, queues: &[QueueNo], lanes: &[Lane]) -> Option<Place> {
        let heads = queues.iter().flat_map(|&queue| {
            lanes.iter().filter_map(move |&lane| {
                let order = *self.get(queue).waiting[lane].first()?;
                Some(Place { queue, lane, order })
            })
        });
        heads.min_by_key(|place| place.order)
    }

    /// An agent has ended a wait of that many milliseconds.
    pub(crate) fn waited(&mut self, no: QueueNo, wait_ms: u64) {
        let waits = &mut self.get_mut(no).waits;
        waits.truncate(WAITS - 1);
        waits.push_front(wait_ms);
    }

    /// Remembers that the member was asked; the record to keep, where the strategy goes by turns.
    pub(crate) fn asked(&mut self, no: QueueNo, seat: SeatId) -> Option<(QueueId, Cursor)> {
        let queue = self.get_mut(no);
        let &(_, position) = queue.members.get(&seat)?;
        queue.last = Some(position);
        let (id, settings) = queue.configured.as_ref()?;
        (settings.strategy == Strategy::RoundRobin)
            .then(|| (*id, Cursor { v: 1, queue: queue.name.clone(), position }))
    }

    /// Takes a cursor back at start.
    pub(crate) fn restore(&mut self, cursor: &Cursor) {
        let no = self.number(&cursor.queue);
        self.get_mut(no).last = Some(cursor.position);
    }
}
