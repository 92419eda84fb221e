//! An offer: a seat is locked for a session and its agent is called. It is taken, or the seat is freed and
//! the session goes back to the head of its queue with its own time.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::chat::Notice;
use ngcc_proto::fact::{By, OfferEnd, WaitEnd, What};
use ngcc_proto::media::{self, Part};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::seat::{Availability, DeclineReason, Slot, Told};
use ngcc_proto::{Key, Kind, LegId, Now, ReservationId, SeatId, SessionId, Wall, flow};

use super::call::DEFAULT_RING_S;
use super::consult::claim_of;
use super::refusal::{end_of, is_missed};
use super::ring::{ByWhat, by_what};
use super::{Asking, RunStage, Stage};
use crate::Cti;
use crate::facts::json;
use crate::timer::Timer;

/// How long after the ringing the lock is kept, if nobody says that it is over.
const LEASE_BEYOND_RING: Duration = Duration::from_secs(2);
/// How long a seat that refused an offer, and is still ready, is left in peace.
const REST: Duration = Duration::from_secs(5);

impl Cti {
    /// Locks the seat for the session and asks its agent.
    pub(crate) fn offer(&mut self, id: SessionId, seat: SeatId, why: String) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some((agent, public, by)) = self.resources.seat(seat).and_then(|seat| {
            let settings = seat.settings.as_ref()?;
            Some((seat.agent.clone(), settings.public_number.clone(), by_what(session, seat)))
        }) else {
            return;
        };
        let asking = session.asking_human();
        let queue = session.waiting().map(|place| place.queue);
        let settings = queue.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        let ring_s = settings.map_or(DEFAULT_RING_S, |(_, settings)| settings.ring_s);
        if let Some((queue, cursor)) = queue.and_then(|no| self.resources.queues.asked(no, seat)) {
            self.step.persist(Key { kind: Kind::Cursor, id: queue.0, n: 0 }, json(&cursor));
        }
        let now = self.step.now;
        let ring = Duration::from_secs(ring_s.into());
        // softacd says when a phone has rung long enough; of a console nobody says it but the lease.
        let lease = if let ByWhat::Phone(_) = by { ring + LEASE_BEYOND_RING } else { ring };
        let reservation: ReservationId = self.ids.mint(now.wall);
        let leg: LegId = self.ids.mint(now.wall);
        let until = now.mono + lease;
        self.record(id, What::Reserved { reservation, seat, agent: agent.clone(), leg, why, until });
        self.record(id, What::LegAdded { leg, part: Part::Agent, seat: Some(seat) });
        let until = Wall(now.wall.0.saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)));
        self.tell_offered(id, seat, reservation, now, until);
        if let Some(run) = asking {
            self.tell(Some(id), flow::Command::AgentFound { run, agent: agent.clone(), public });
        }
        self.ring_agent(id, leg, agent.name(), by, ring_s);
    }

    /// Tells the seat's agent of an offer that was made `at` that time.
    pub(crate) fn tell_offered(
        &mut self,
        id: SessionId,
        seat: SeatId,
        reservation: ReservationId,
        at: Now,
        until: Wall,
    ) {
        let Some(session) = self.sessions.get(&id) else { return };
        let place = session.place();
        let what = Told::Offered {
            reservation,
            session: id,
            medium: session.medium,
            user: session.user.clone(),
            display: session.display.clone(),
            queue: place.map(|place| self.resources.queues.get(place.queue).name.clone()),
            waited_ms: place.map_or(0, |place| at.mono.ms_since(place.order.since)),
            path: session.path(),
            shared: session.shared.iter().map(|shared| shared.kind).collect(),
            declined: session.story.declined.clone(),
            at: at.wall,
            until,
        };
        self.tell_seat(id, seat, what);
    }

    /// Tells a console that has just come of the offer that rings, as it was told when it was made: what is
    /// left of its time is no more because the page is new.
    pub(crate) fn tell_offer_again(&mut self, id: SessionId, seat: SeatId) {
        // Whoever calls out holds the slot in the same way and is offered nothing.
        let Some(session) = self.sessions.get(&id).filter(|session| session.live.dials.is_none()) else {
            return;
        };
        let Some(Slot::Reserved { reservation, .. } | Slot::Alerting { reservation, .. }) =
            session.slot(seat)
        else {
            return;
        };
        let made = session.facts.iter().rev().find_map(|fact| {
            let rings = if let What::Reserved { reservation: claim, until, .. } = &fact.what {
                Some(until.since(fact.mono)).filter(|_| *claim == reservation)
            } else if let What::ConsultStarted { leg, .. } = &fact.what {
                Some(Duration::from_secs(DEFAULT_RING_S.into())).filter(|_| claim_of(*leg) == reservation)
            } else {
                None
            };
            rings.map(|rings| (Now { wall: fact.at, mono: fact.mono }, rings))
        });
        if let Some((at, rings)) = made {
            self.tell_offered(id, seat, reservation, at, at.plus(rings).wall);
        }
    }

    /// The agent's phone rings.
    pub(crate) fn offer_rings(&mut self, id: SessionId) {
        let Some(offer) = self.sessions.get(&id).and_then(|session| session.offer()) else { return };
        if !offer.alerting {
            let reservation = offer.claim.id();
            self.record(id, What::Alerting { reservation });
        }
    }

    /// The agent has answered: customer and agent are together.
    pub(crate) fn offer_taken(&mut self, id: SessionId, sdp: Option<Sdp>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let early = session.live.early.take().map(|sdp| *sdp);
        let Some(offer) = session.offer() else { return };
        let (leg, seat, reservation) = (offer.leg, offer.claim.seat(), offer.claim.id());
        let for_good =
            session.runs.iter().find(|run| run.stage == RunStage::Asked(Asking::Queue)).map(|run| run.id);
        self.record(id, What::LegAnswered { leg });
        self.dequeue(id, WaitEnd::Answered);
        self.record(id, What::OfferEnded { reservation, end: OfferEnd::Accepted, reason: None });
        if let Some(run) = for_good {
            self.stop_run(id, run);
        }
        self.record(id, What::Joined { leg, seat: Some(seat) });
        self.notice(id, Notice::Joined { display: self.display_of(seat) });
        self.resources.change(seat, |seat| seat.missed = 0);
        self.answer_customer(id);
        if let Some(sdp) = sdp.or(early) {
            self.tell(Some(id), media::Command::Answered { leg, sdp });
        }
        self.dial_on(id);
    }

    /// The agent did not take it: the leg is gone already.
    pub(crate) fn offer_refused(&mut self, id: SessionId, cause: Cause, reason: Option<DeclineReason>) {
        let end = end_of(cause);
        let Some((seat, queue)) = self.withdraw_offer(id, end, reason, cause) else { return };
        let most = queue.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        let most = most.map_or(0, |(_, settings)| settings.max_missed);
        let now = self.step.now;
        let rests = self.resources.change(seat, |seat| {
            if is_missed(cause) {
                seat.miss(most, now);
            }
            seat.resting = matches!(seat.availability, Availability::Ready { .. });
            seat.resting
        });
        if rests == Some(true) {
            self.timers.set(Timer::Rest(seat), now.mono + REST);
        }
        if queue.is_none() {
            self.partner_refused(id, cause);
        }
    }

    /// The lease is over and nobody has said what became of the offer, or the plain call.
    pub(crate) fn lease_over(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let (leg, cause) = match &session.stage {
            Stage::Offered { offer, .. } if offer.alerting => (offer.leg, Cause::NoAnswer),
            Stage::Offered { offer, .. } => (offer.leg, Cause::Unreachable),
            Stage::Dialling { leg } => (*leg, Cause::NoAnswer),
            Stage::Arriving
            | Stage::SelfService
            | Stage::Waiting(_)
            | Stage::With(_)
            | Stage::Unattended { .. }
            | Stage::InRoom
            | Stage::Closed => return,
        };
        let offered = session.offer().is_some();
        self.release(id, leg, cause);
        if offered {
            self.offer_refused(id, cause, None);
        } else {
            self.call_refused(id, leg, cause);
        }
    }

    /// Takes an offer back while it is under way.
    pub(crate) fn rescind(&mut self, id: SessionId, cause: Cause) {
        let Some(leg) = self.sessions.get(&id).and_then(|session| session.offer()).map(|offer| offer.leg)
        else {
            return;
        };
        self.release(id, leg, cause);
        self.withdraw_offer(id, OfferEnd::Rescinded, None, cause);
    }

    /// Takes the offer away from its seat: the claim is released, the leg is gone.
    pub(crate) fn withdraw_offer(
        &mut self,
        id: SessionId,
        end: OfferEnd,
        reason: Option<DeclineReason>,
        cause: Cause,
    ) -> Option<(SeatId, Option<crate::queue::QueueNo>)> {
        let session = self.sessions.get_mut(&id)?;
        session.live.call = None;
        session.live.summon = None;
        let offer = session.offer()?;
        let (leg, seat, reservation) = (offer.leg, offer.claim.seat(), offer.claim.id());
        let queue = session.place().map(|place| place.queue);
        self.record(id, What::OfferEnded { reservation, end, reason });
        self.leg_gone(id, leg, cause);
        self.tell_seat(id, seat, Told::Rescinded { reservation, cause });
        Some((seat, queue))
    }

    /// Leaves a seat in peace for a moment: whoever has just given a customer away is not asked for the same one.
    pub(crate) fn rest(&mut self, seat: SeatId) {
        self.resources.change(seat, |seat| seat.resting = true);
        self.timers.set(Timer::Rest(seat), self.step.now.mono + REST);
    }

    /// A seat has been left in peace long enough.
    pub(crate) fn rested(&mut self, seat: SeatId) {
        self.resources.change(seat, |seat| seat.resting = false);
    }

    /// Rings one agent's seat, without a queue.
    pub(crate) fn ask_agent(&mut self, id: SessionId, name: &str) {
        let Some(lane) = self.sessions.get(&id).map(|session| session.lane()) else { return };
        let Some(seat) = self.resources.of_agent(name) else {
            return self.partner_refused(id, Cause::NotFound);
        };
        if seat.standing[lane] {
            let seat = seat.id;
            return self.offer(id, seat, "called directly".to_owned());
        }
        let cause = match seat.availability {
            Availability::LoggedOut => Cause::NotRegistered,
            Availability::Ready { .. } | Availability::NotReady { .. } => Cause::Busy,
        };
        self.partner_refused(id, cause);
    }

    /// Nobody took a plain or direct call: the flow that asked goes on, or the customer is told why.
    pub(crate) fn partner_refused(&mut self, id: SessionId, cause: Cause) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(run) = session.asking(|asking| asking != Asking::SignIn && asking != Asking::Conference)
        else {
            return self.end(id, By::Centre, cause);
        };
        let exit = match cause {
            Cause::Busy | Cause::Declined => "busy",
            Cause::NoAnswer | Cause::Cancelled => "no_answer",
            Cause::Normal
            | Cause::NotFound
            | Cause::NotRegistered
            | Cause::Unreachable
            | Cause::NotAcceptable
            | Cause::Forbidden
            | Cause::Overloaded
            | Cause::TimedOut
            | Cause::AnsweredElsewhere
            | Cause::Failed
            | Cause::Lost => "failed",
        };
        self.resume(id, run, exit);
    }
}
