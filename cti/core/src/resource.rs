//! The resource centre (S0-04, S0-05): self-service slots and seats, both finite, and the lock on them.
//! A freed seat goes to the head of the one ordered list before anybody new is looked at; who comes
//! later finds it locked, never free.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::config;
use ngcc_proto::{AgentUri, Mono, Now, QueueId, ReservationId, Rng, SeatId, SessionId};

use crate::lane::{Lane, PerLane};
use crate::queue::{Order, Place, Queue, QueueNo, Queues};
use crate::seat::Seat;

/// A claim on a seat's slot: made once, moved, and used up by `commit` or `release`. Its id is the
/// fencing token: whatever names another id has nothing to say about the slot.
#[derive(Debug)]
pub(crate) struct Reservation {
    id: ReservationId,
    seat: SeatId,
}

/// What a used-up claim has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) seat: SeatId,
}

impl Reservation {
    /// The claim that a `Reserved` fact tells of.
    pub(crate) fn of_fact(id: ReservationId, seat: SeatId) -> Self {
        Self { id, seat }
    }

    /// Its id.
    pub(crate) fn id(&self) -> ReservationId {
        self.id
    }

    /// The seat it claims.
    pub(crate) fn seat(&self) -> SeatId {
        self.seat
    }

    /// The agent has taken the offer: the seat now belongs to the session.
    pub(crate) fn commit(self) -> Claimed {
        Claimed { seat: self.seat }
    }

    /// The offer is over: the seat belongs to nobody.
    pub(crate) fn release(self) {}
}

/// Self-service slots (S0-04).
#[derive(Debug, Default)]
pub(crate) struct SelfService {
    used: u32,
    limit: u32,
}

impl SelfService {
    /// Whether one more dialogue may begin.
    pub(crate) fn is_free(&self) -> bool {
        self.used < self.limit
    }

    pub(crate) fn take(&mut self) {
        self.used += 1;
    }

    pub(crate) fn give_back(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    pub(crate) fn limit_to(&mut self, limit: u32) {
        self.limit = limit;
    }
}

/// What is to be done about somebody who waits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Lock the seat for the session.
    Grant { session: SessionId, seat: SeatId, why: String },
    /// The session's queue is not there any more.
    Gone { session: SessionId },
}

#[derive(Clone, Copy, Debug)]
struct Seeker {
    queue: QueueNo,
    lane: Lane,
    prefer: Option<SeatId>,
}

/// Everything that can be given to a customer.
#[derive(Debug, Default)]
pub(crate) struct ResourceCentre {
    pub(crate) queues: Queues,
    pub(crate) self_service: SelfService,
    seats: BTreeMap<SeatId, Seat>,
    by_agent: BTreeMap<String, SeatId>,
    by_phone: BTreeMap<String, SeatId>,
    /// Seats that changed and are neither standing nor known to be taken.
    loose: BTreeSet<SeatId>,
    /// Those who have just begun to wait, or wait again.
    seekers: BTreeMap<Order, Seeker>,
    changed: BTreeSet<SeatId>,
    last_since: Mono,
}

impl ResourceCentre {
    /// The seat.
    pub(crate) fn seat(&self, id: SeatId) -> Option<&Seat> {
        self.seats.get(&id)
    }

    /// The seat, made if nothing is known of it yet.
    pub(crate) fn seat_or_new(&mut self, id: SeatId, agent: &AgentUri) -> &mut Seat {
        self.seats.entry(id).or_insert_with(|| Seat::new(id, agent.clone()))
    }

    /// Changes a seat; it is then weighed anew for work, kept and told of.
    pub(crate) fn change<T>(&mut self, id: SeatId, with: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        let seat = self.seats.get_mut(&id)?;
        for lane in Lane::ALL {
            if std::mem::take(&mut seat.standing[lane]) {
                self.queues.withdraw(id, seat.stands_as(lane), &seat.queues);
            }
        }
        let result = with(seat);
        self.loose.insert(id);
        self.changed.insert(id);
        Some(result)
    }

    /// Locks a chat slot for a chat that the seat's agent wishes to begin: nobody else is given it meanwhile. The
    /// seat is not told of, and the lock not kept.
    pub(crate) fn lock(&mut self, id: SeatId) {
        let told = self.changed.contains(&id);
        self.change(id, |seat| seat.locked += 1);
        if !told {
            self.changed.remove(&id);
        }
    }

    /// The lock is over: a session has taken the slot, or it is free.
    pub(crate) fn unlock(&mut self, id: SeatId, now: Now) {
        self.change(id, |seat| seat.unlocked(now));
    }

    /// The agent's configured seat.
    pub(crate) fn of_agent(&self, name: &str) -> Option<&Seat> {
        self.seats.get(self.by_agent.get(name)?)
    }

    /// The seat whose configured device is this phone.
    pub(crate) fn of_phone(&self, name: &str) -> Option<&Seat> {
        self.seats.get(self.by_phone.get(name)?)
    }

    /// How many of a queue's members have a slot of either kind free.
    pub(crate) fn free_members(&self, queue: &Queue) -> u64 {
        let stands = |id: &SeatId| self.seats.get(id).is_some_and(|seat| seat.standing != PerLane::default());
        queue.members().filter(stands).count() as u64
    }

    /// Every configured seat, by agent.
    pub(crate) fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.by_agent.values().filter_map(|id| self.seats.get(id))
    }

    /// Every seat of which anything is known, configured or not.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Seat> {
        self.seats.values()
    }

    /// Takes the seats that changed since the last call.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<SeatId> {
        std::mem::take(&mut self.changed)
    }

    /// Has a seat told of though nothing changed.
    pub(crate) fn tell_again(&mut self, id: SeatId) {
        self.changed.insert(id);
    }

    /// A moment to wait from that nobody else has: the order stays total.
    pub(crate) fn since(&mut self, now: Mono) -> Mono {
        self.last_since = now.max(Mono(self.last_since.0 + 1));
        self.last_since
    }

    /// Takes or takes back a place in a queue.
    pub(crate) fn enter(&mut self, place: Place, prefer: Option<SeatId>) {
        self.last_since = self.last_since.max(place.order.since);
        self.queues.enter(place);
        self.seekers.insert(place.order, Seeker { queue: place.queue, lane: place.lane, prefer });
    }

    /// Gives a place up.
    pub(crate) fn leave(&mut self, place: Place) {
        self.queues.leave(place);
        self.seekers.remove(&place.order);
    }

    /// The next grant that is due, if any: freed seats to the head of their queues, then those who
    /// have just come, in order, to whoever is left standing.
    pub(crate) fn next(&mut self, rng: &mut Rng) -> Option<Next> {
        while let Some(id) = self.loose.pop_first() {
            let Some(seat) = self.seats.get_mut(&id) else { continue };
            let lanes = seat.open_lanes();
            if let Some(place) = self.queues.head(&seat.queues, &lanes) {
                let queue = self.queues.get(place.queue);
                let why =
                    format!("head of {} waiting in {}; the seat was freed", queue.waiting(), queue.name);
                return Some(Next::Grant { session: place.order.session, seat: id, why });
            }
            for lane in lanes {
                seat.standing[lane] = true;
                self.queues.stand(id, seat.stands_as(lane), &seat.queues);
            }
        }
        while let Some((order, Seeker { queue, lane, prefer })) = self.seekers.pop_first() {
            if self.queues.get(queue).configured.is_none() {
                return Some(Next::Gone { session: order.session });
            }
            let stands = |id: &SeatId| self.seats.get(id).is_some_and(|seat| seat.standing[lane]);
            if let Some(seat) = prefer.filter(stands) {
                return Some(Next::Grant {
                    session: order.session,
                    seat,
                    why: "preferred, and free".to_owned(),
                });
            }
            let free = self.queues.get(queue).free(lane);
            let Some(pick) = self.queues.pick(queue, lane, rng) else { continue };
            let why = format!("{} of {free}: {}", self.queues.strategy(queue), pick.key);
            return Some(Next::Grant { session: order.session, seat: pick.seat, why });
        }
        None
    }

    /// Takes the configured seats and queues. A seat that is gone serves its contact to the end.
    pub(crate) fn configure(&mut self, seats: Vec<config::Seat>, queues: Vec<(QueueId, config::Queue)>) {
        for seat in self.seats.values_mut() {
            seat.settings = None;
            seat.standing = PerLane::default();
            seat.queues.clear();
        }
        self.by_agent.clear();
        self.by_phone.clear();
        for config::Seat { id, agent, settings } in seats {
            self.by_agent.insert(agent.name().to_owned(), id);
            if let ngcc_proto::seat::Device::Phone(phone) = &settings.device {
                self.by_phone.insert(phone.clone(), id);
            }
            let seat = self.seat_or_new(id, &agent);
            seat.agent = agent;
            seat.settings = Some(settings);
        }
        let (mut of_seat, stranded) = self.queues.configure(queues, &self.by_agent);
        for (id, seat) in &mut self.seats {
            seat.queues = of_seat.remove(id).unwrap_or_default();
            self.loose.insert(*id);
            if seat.settings.is_none() {
                self.changed.insert(*id);
            }
        }
        for place in stranded {
            self.seekers.insert(place.order, Seeker { queue: place.queue, lane: place.lane, prefer: None });
        }
    }

    /// The seats that are to be ready by themselves and were not before.
    pub(crate) fn newly_auto_ready(&mut self) -> Vec<SeatId> {
        let mut fresh = vec![];
        for seat in self.seats.values_mut() {
            let auto = seat.settings.as_ref().is_some_and(|settings| settings.auto_ready);
            if auto && !seat.auto_ready {
                fresh.push(seat.id);
            }
            seat.auto_ready = auto;
        }
        fresh
    }

    /// Takes the seat out if it is configured no longer and has nothing left to do.
    pub(crate) fn take_vanished(&mut self, id: SeatId) -> Option<Seat> {
        self.seats.get(&id).filter(|seat| seat.settings.is_none() && seat.is_idle())?;
        self.seats.remove(&id)
    }
}
