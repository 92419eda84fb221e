//! Facts: a decision is recorded, and recording applies it. A restart applies the same facts again, and
//! what seats and queues are is read off the sessions, so that the order of records does not matter.

use std::time::Duration;

use ngcc_proto::fact::{Fact, VERSION, What};
use ngcc_proto::seat::{self, Slot, Told};
use ngcc_proto::{Key, Kind, SeatId, SessionId, data};
use serde::Serialize;

use crate::Cti;
use crate::collab::collab_of;
use crate::session::Session;
use crate::timer::Timer;

/// How long the data centre may take before it is asked again; doubled each time up to 64 s.
const STORE_AGAIN: Duration = Duration::from_secs(5);

impl Cti {
    /// Records a fact and applies it.
    pub(crate) fn record(&mut self, session: SessionId, what: What) {
        let n = self.sessions.get(&session).map_or(0, |s| s.facts.len());
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let (at, mono) = (self.step.now.wall, self.step.now.mono);
        let fact = Fact { v: VERSION, session, n, at, mono, cause: self.step.cause, what };
        self.step.persist(Key { kind: Kind::SessionFact, id: session.0, n }, json(&fact));
        self.apply(fact);
        self.step.touch(session);
    }

    fn apply(&mut self, fact: Fact) {
        if let Some(session) = Session::begun(&fact) {
            self.sessions.insert(fact.session, session);
        }
        let Some(session) = self.sessions.get_mut(&fact.session) else { return };
        let (place, seat) = (session.waiting(), session.seat());
        let beside = leg_of(&fact.what).and_then(|leg| session.leg(leg)?.seat);
        let held = collab_of(&fact.what).and_then(|id| session.shares(id)?.held_seat());
        session.fold(&fact, &mut self.resources.queues);
        let prefer = session.live.prefer;
        let seats = [seat, session.seat(), seat_of(&fact.what), beside, held];
        let slots = seats.map(|seat| seat.map(|id| (id, session.slot(id).unwrap_or(Slot::Free))));
        let waits = session.waiting();
        if place != waits {
            if let Some(place) = place {
                self.resources.leave(place);
            }
            if let Some(place) = waits {
                self.resources.enter(place, prefer);
            }
        }
        for (id, slot) in slots.into_iter().flatten() {
            self.set_slot(id, fact.session, slot);
        }
        self.index(&fact);
        self.arm(&fact);
        if let Some(session) = self.sessions.get_mut(&fact.session) {
            session.facts.push(fact);
        }
    }

    /// Makes a seat's slot what its session says, unless another session has it.
    fn set_slot(&mut self, id: SeatId, session: SessionId, slot: Slot) {
        let Some(lane) = self.sessions.get(&session).map(Session::lane) else { return };
        if self.resources.seat(id).is_none_or(|seat| seat.is_put(lane, session, &slot)) {
            return;
        }
        let now = self.step.now;
        self.resources.change(id, |seat| seat.put(lane, session, slot, now));
    }

    /// Keeps the routing table and the count of self-service slots in step with a fact.
    fn index(&mut self, fact: &Fact) {
        let session = fact.session;
        match &fact.what {
            What::LegAdded { leg, .. } | What::CollabLegAdded { leg, .. } => {
                self.exchange.add_leg(*leg, session);
            }
            What::LegLeft { leg, .. } | What::CollabLegLeft { leg, .. } => {
                self.exchange.remove_leg(*leg, session);
            }
            What::FlowStarted { run, .. } => {
                self.exchange.add_run(*run, session);
                self.resources.self_service.take();
            }
            What::FlowEnded { run, .. } => {
                self.exchange.remove_run(*run);
                self.resources.self_service.give_back();
            }
            What::CollabAsked { collab, user, page, .. } => {
                self.exchange.add_collab(*collab, session, page.as_ref().unwrap_or(user));
            }
            What::CollabEnded { collab, .. } => self.exchange.remove_collab(*collab),
            What::Closed { .. } => self.exchange.close(session),
            What::Opened { .. }
            | What::CollabMapped { .. }
            | What::CollabEstablished { .. }
            | What::CollabInvited { .. }
            | What::CollabJoined { .. }
            | What::CollabAway { .. }
            | What::CollabViewer { .. }
            | What::CollabGoesOn { .. }
            | What::CollabNoted { .. }
            | What::CollabMoved { .. }
            | What::LegAnswered { .. }
            | What::LegUnreachable { .. }
            | What::LegReattached { .. }
            | What::FlowSuspended { .. }
            | What::FlowResumed { .. }
            | What::Queued { .. }
            | What::Dequeued { .. }
            | What::Reserved { .. }
            | What::Alerting { .. }
            | What::OfferEnded { .. }
            | What::Joined { .. }
            | What::Held { .. }
            | What::Unheld { .. }
            | What::ToAuto { .. }
            | What::ToHuman { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::MediumAdded { .. }
            | What::StandsBeside { .. }
            | What::Said { .. }
            | What::ConsultStarted { .. }
            | What::ConsultEnded { .. }
            | What::Transferred { .. }
            | What::Disposed { .. }
            | What::AgentReleased { .. }
            | What::WrapUpEnded { .. } => {}
        }
    }

    /// Sets and cancels the deadlines that a fact brings.
    fn arm(&mut self, fact: &Fact) {
        let session = fact.session;
        match &fact.what {
            What::Reserved { until, .. } => self.timers.set(Timer::Lease(session), *until),
            What::CollabGoesOn { collab, until, .. } => self.timers.set(Timer::GoesOn(*collab), *until),
            What::CollabEnded { collab, .. } => self.timers.cancel(Timer::GoesOn(*collab)),
            What::OfferEnded { .. } | What::Joined { .. } => self.timers.cancel(Timer::Lease(session)),
            What::Dequeued { .. } => self.timers.cancel(Timer::QueueWait(session)),
            What::AgentReleased { seat, wrap_up_until: Some(until), .. } => {
                self.timers.set(Timer::WrapUp(*seat, session), *until);
            }
            What::WrapUpEnded { seat, .. } => self.timers.cancel(Timer::WrapUp(*seat, session)),
            // A chat's customer may be away for as long as the idle timer lets them.
            What::LegUnreachable { leg } if self.sessions.get(&session).is_some_and(Session::is_call) => {
                let grace = Duration::from_secs(self.centre.grace_s.into());
                self.timers.set(Timer::Grace(*leg), fact.mono + grace);
            }
            What::LegReattached { leg } | What::LegLeft { leg, .. } | What::CollabLegLeft { leg, .. } => {
                self.timers.cancel(Timer::Grace(*leg));
            }
            What::Closed { .. } => {
                let named =
                    [Timer::Lease, Timer::QueueWait, Timer::Pin, Timer::Idle, Timer::Status, Timer::Gone];
                for timer in named {
                    self.timers.cancel(timer(session));
                }
            }
            What::Opened { .. }
            | What::CollabAsked { .. }
            | What::CollabMapped { .. }
            | What::CollabEstablished { .. }
            | What::CollabInvited { .. }
            | What::CollabJoined { .. }
            | What::CollabAway { .. }
            | What::CollabViewer { .. }
            | What::CollabNoted { .. }
            | What::CollabMoved { .. }
            | What::CollabLegAdded { .. }
            | What::LegAdded { .. }
            | What::LegAnswered { .. }
            | What::LegUnreachable { .. }
            | What::FlowStarted { .. }
            | What::FlowSuspended { .. }
            | What::FlowResumed { .. }
            | What::FlowEnded { .. }
            | What::Queued { .. }
            | What::Alerting { .. }
            | What::Held { .. }
            | What::Unheld { .. }
            | What::ToAuto { .. }
            | What::ToHuman { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::MediumAdded { .. }
            | What::StandsBeside { .. }
            | What::Said { .. }
            | What::ConsultStarted { .. }
            | What::ConsultEnded { .. }
            | What::Transferred { .. }
            | What::Disposed { .. }
            | What::AgentReleased { wrap_up_until: None, .. } => {}
        }
    }

    /// Keeps the seats that changed and tells their agents.
    pub(crate) fn tell_seats(&mut self) {
        for id in self.resources.take_changed() {
            if self.version.is_some() && self.resources.take_vanished(id).is_some() {
                self.step.forget(Key { kind: Kind::Seat, id: id.0, n: 0 });
                continue;
            }
            let Some(seat) = self.resources.seat(id) else { continue };
            let what = Told::State {
                availability: seat.availability.clone(),
                pending: seat.pending.clone(),
                device: seat.device.clone(),
                voice: seat.voice.clone(),
                chats: seat.chats(),
                chat_capacity: seat.chat_capacity(),
            };
            let event = seat::Event { agent: seat.agent.clone(), seat: id, what };
            let record = json(&seat.record());
            self.step.persist(Key { kind: Kind::Seat, id: id.0, n: 0 }, record);
            self.tell(None, event);
        }
    }

    /// Has a session stored whose last fact and last line are there (S0-10).
    pub(crate) fn store(&mut self, id: SessionId) {
        let all_said = |session: &&mut Session| session.is_over() && session.live.lines.is_empty();
        let Some(session) = self.sessions.get_mut(&id).filter(all_said) else { return };
        let again = STORE_AGAIN * 2u32.pow(session.live.stores.min(4));
        session.live.stores += 1;
        let facts = session.facts.clone();
        self.timers.set(Timer::Store(id), self.step.now.mono + again);
        self.tell(Some(id), data::Command::Store { session: id, facts });
    }

    /// A session is in the business database: nothing of it is kept here any longer.
    pub(crate) fn stored(&mut self, id: SessionId) {
        if !self.sessions.get(&id).is_some_and(Session::is_over) {
            return;
        }
        let Some(session) = self.sessions.remove(&id) else { return };
        self.timers.cancel(Timer::Store(id));
        self.timers.cancel(Timer::Line(id));
        for fact in session.facts {
            self.step.forget(Key { kind: Kind::SessionFact, id: id.0, n: fact.n });
        }
    }
}

/// Bytes of a record.
pub(crate) fn json(record: &impl Serialize) -> Vec<u8> {
    // Every record is a struct of strings, numbers and maps with string keys: serde_json takes all of them.
    serde_json::to_vec(record).expect("a record is plain data")
}

/// The seat that a fact itself names.
fn seat_of(what: &What) -> Option<SeatId> {
    match what {
        What::Joined { seat, .. } | What::LegAdded { seat, .. } | What::ConsultStarted { seat, .. } => *seat,
        What::Reserved { seat, .. }
        | What::AgentReleased { seat, .. }
        | What::WrapUpEnded { seat, .. }
        | What::CollabGoesOn { seat, .. } => Some(*seat),
        What::Opened { .. }
        | What::CollabAsked { .. }
        | What::CollabEnded { .. }
        | What::CollabMapped { .. }
        | What::CollabEstablished { .. }
        | What::CollabInvited { .. }
        | What::CollabJoined { .. }
        | What::CollabAway { .. }
        | What::CollabViewer { .. }
        | What::CollabNoted { .. }
        | What::CollabMoved { .. }
        | What::CollabLegAdded { .. }
        | What::CollabLegLeft { .. }
        | What::LegAnswered { .. }
        | What::LegUnreachable { .. }
        | What::LegReattached { .. }
        | What::LegLeft { .. }
        | What::FlowStarted { .. }
        | What::FlowSuspended { .. }
        | What::FlowResumed { .. }
        | What::FlowEnded { .. }
        | What::Queued { .. }
        | What::Dequeued { .. }
        | What::Alerting { .. }
        | What::OfferEnded { .. }
        | What::Held { .. }
        | What::Unheld { .. }
        | What::ToAuto { .. }
        | What::ToHuman { .. }
        | What::Stale { .. }
        | What::Intervened { .. }
        | What::MediumAdded { .. }
        | What::StandsBeside { .. }
        | What::Said { .. }
        | What::ConsultEnded { .. }
        | What::Transferred { .. }
        | What::Disposed { .. }
        | What::Closed { .. } => None,
    }
}

/// The leg whose seat a fact may change though it names only the leg.
fn leg_of(what: &What) -> Option<ngcc_proto::LegId> {
    if let What::LegAnswered { leg } | What::LegLeft { leg, .. } | What::ConsultEnded { leg, .. } = what {
        Some(*leg)
    } else {
        None
    }
}
