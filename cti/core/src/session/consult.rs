//! Consultation and conference: the owner holds the customer and speaks to a third first; then the customer goes
//! to the third, all three are together, or everything is as before. The third is locked like any offer.

use std::time::Duration;

use ngcc_proto::access::{self, Cause, Target};
use ngcc_proto::chat::Notice;
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, ConsultEnd, What};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::seat::{DeclineReason, Device, To, Told};
use ngcc_proto::{ConferenceId, LegId, ReservationId, SeatId, SessionId};

use super::call::DEFAULT_RING_S;
use super::{How, LegStage, Session, Side, Summon};
use crate::Cti;
use crate::lane::Lane;
use crate::seat::command::Done;
use crate::timer::Timer;

/// How long after the ringing a consulted side may still be silent.
const BEYOND_RING: Duration = Duration::from_secs(2);

/// Why nothing can be done about a consultation that is not there.
const NO_CONSULT: &str = "nobody is consulted";

/// Whom a call goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Callee {
    /// A seat that is ready and free.
    Seat(SeatId),
    /// A phone or a SIP URI.
    Target(Target),
}

/// The claim by which a consulted agent takes or declines: it is the leg's own, as there is one a leg.
pub(crate) fn claim_of(leg: LegId) -> ReservationId {
    ReservationId(leg.0)
}

/// Where the consulted side waits with music while the owner is back with the customer.
fn waiting_room(leg: LegId) -> ConferenceId {
    ConferenceId(leg.0)
}

impl Cti {
    /// Calls somebody to speak to first; the customer hears music from now on.
    pub(crate) fn consult(&mut self, id: SessionId, to: &To) -> Done {
        let session = self.sessions.get(&id).ok_or("there is no customer")?;
        let with = session.together().filter(|with| with.seat.is_some()).ok_or("there is no customer")?;
        if !session.is_call() {
            return Err("nobody is called into a chat: ask a colleague by message");
        }
        if session.side.is_some() {
            return Err("somebody is consulted already");
        }
        if let How::InIvr { .. } = with.how {
            return Err("the customer is with the automatic service: take them back first");
        }
        let callee = self.callee(to, with.seat)?;
        if let How::Held(by) = with.how {
            self.record(id, What::Unheld { by });
        }
        self.start_side(id, callee, name_of(to));
        Ok(())
    }

    /// Whom `to` is, if they can be called now.
    pub(crate) fn callee(&self, to: &To, own: Option<SeatId>) -> Result<Callee, &'static str> {
        let route = match to {
            To::Agent(name) => Route::Agent(name.clone()),
            To::Number(number) => self.destination(number).ok_or("that number leads nowhere")?,
            To::Queue(_) | To::Flow(_) => {
                return Err("only a person can be called: choose an agent or a number");
            }
        };
        match route {
            Route::Agent(name) => {
                let seat = self.resources.of_agent(&name).ok_or("there is no such agent")?;
                if Some(seat.id) == own {
                    return Err("that is you");
                }
                if seat.standing[Lane::Voice] {
                    Ok(Callee::Seat(seat.id))
                } else {
                    Err("that agent is not free")
                }
            }
            Route::Phone(name) => Ok(Callee::Target(Target::Phone(name))),
            Route::Uri(uri) => Ok(Callee::Target(Target::Uri(uri))),
            Route::Flow(_) | Route::Queue(_) | Route::Conference(_) => {
                Err("that number leads to no person: transfer to it instead")
            }
        }
    }

    pub(crate) fn start_side(&mut self, id: SessionId, callee: Callee, to: String) {
        let leg: LegId = self.ids.mint(self.step.now.wall);
        let seat = if let Callee::Seat(seat) = callee { Some(seat) } else { None };
        self.record(id, What::ConsultStarted { leg, seat, to });
        self.record(id, What::LegAdded { leg, part: Part::Second, seat });
        let ring = Duration::from_secs(DEFAULT_RING_S.into());
        self.timers.set(Timer::Side(id), self.step.now.mono + ring + BEYOND_RING);
        match callee {
            Callee::Seat(seat) => self.ring_side(id, leg, seat, ring),
            Callee::Target(target) => self.call_side(id, leg, target),
        }
    }

    fn ring_side(&mut self, id: SessionId, leg: LegId, seat: SeatId, ring: Duration) {
        let Some(asked) = self.resources.seat(seat) else { return };
        let (agent, device) = (asked.agent.name().to_owned(), asked.device.clone());
        let now = self.step.now;
        self.tell_offered(id, seat, claim_of(leg), now, now.plus(ring).wall);
        match device {
            Device::Phone(phone) => self.call_side(id, leg, Target::Phone(phone)),
            Device::Browser => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.live.summon = Some((leg, Summon::Asked));
                }
                let command = access::Command::Summon { leg, agent, video: false, ring_s: DEFAULT_RING_S };
                self.tell(Some(id), command);
            }
        }
    }

    fn call_side(&mut self, id: SessionId, leg: LegId, target: Target) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.live.call = Some((target, DEFAULT_RING_S));
        session.live.early = None;
        let conference = session.conference_now();
        self.tell(Some(id), media::Command::Open { leg, conference, part: Part::Second, offer: None });
    }

    /// The consulted side has answered, by phone or by the console's word.
    pub(crate) fn side_taken(&mut self, id: SessionId, sdp: Option<Sdp>) -> Done {
        let session = self.sessions.get_mut(&id).ok_or("that offer is over")?;
        let leg = session.side.as_ref().map(|side| side.leg).ok_or("that offer is over")?;
        if session.leg(leg).is_none_or(|leg| leg.stage != LegStage::New) {
            return Err("that offer is over");
        }
        let early = session.live.early.take().map(|sdp| *sdp);
        self.timers.cancel(Timer::Side(id));
        self.record(id, What::LegAnswered { leg });
        if let Some(sdp) = sdp.or(early) {
            self.tell(Some(id), media::Command::Answered { leg, sdp });
        }
        Ok(())
    }

    /// The consulted side was not reached, refused or left: the owner is back with the customer.
    pub(crate) fn side_over(&mut self, id: SessionId, end: ConsultEnd, cause: Cause) {
        self.side_over_because(id, end, None, cause);
    }

    /// The same, with why the consulted agent declined.
    pub(crate) fn side_over_because(
        &mut self,
        id: SessionId,
        end: ConsultEnd,
        reason: Option<DeclineReason>,
        cause: Cause,
    ) {
        let Some(side) = self.sessions.get_mut(&id).and_then(|session| {
            session.live.call = None;
            session.live.summon = None;
            session.live.swapped = false;
            session.side.clone()
        }) else {
            return;
        };
        self.timers.cancel(Timer::Side(id));
        let fresh =
            self.sessions.get(&id).and_then(|s| s.leg(side.leg)).is_some_and(|l| l.stage == LegStage::New);
        self.record(id, What::ConsultEnded { leg: side.leg, end, reason });
        self.leg_gone(id, side.leg, cause);
        if let (Some(seat), true) = (side.seat, fresh) {
            let reservation = claim_of(side.leg);
            self.tell_seat(id, seat, Told::Rescinded { reservation, cause });
        }
        if self.sessions.get(&id).is_some_and(|session| session.customer().is_none()) {
            self.end(id, By::Agent, cause);
        }
    }

    /// The session ends: nobody is consulted any longer. The leg goes with all others.
    pub(crate) fn end_side(&mut self, id: SessionId, cause: Cause) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(side) = session.side.clone() else { return };
        let fresh = !session.side_answered();
        self.timers.cancel(Timer::Side(id));
        self.record(id, What::ConsultEnded { leg: side.leg, end: ConsultEnd::Left, reason: None });
        if let (Some(seat), true) = (side.seat, fresh) {
            let reservation = claim_of(side.leg);
            self.tell_seat(id, seat, Told::Rescinded { reservation, cause });
        }
    }

    /// It has rung long enough and nobody has said so.
    pub(crate) fn side_late(&mut self, id: SessionId) {
        if let Some(leg) =
            self.sessions.get(&id).and_then(|session| session.side.as_ref()).map(|side| side.leg)
        {
            self.release(id, leg, Cause::NoAnswer);
            self.side_over(id, ConsultEnd::Left, Cause::NoAnswer);
        }
    }

    /// Back to the customer; the consulted side is released.
    pub(crate) fn cancel_consult(&mut self, id: SessionId) -> Done {
        let leg = self.side_leg(id).ok_or(NO_CONSULT)?;
        self.release(id, leg, Cause::Cancelled);
        self.side_over(id, ConsultEnd::Cancelled, Cause::Cancelled);
        Ok(())
    }

    /// The other one of customer and consulted side; who is left hears music.
    pub(crate) fn swap(&mut self, id: SessionId) -> Done {
        let leg = self.answered_side(id)?;
        let Some(session) = self.sessions.get_mut(&id) else { return Err(NO_CONSULT) };
        if session.customer().is_none() {
            return Err("there is no customer to speak with");
        }
        session.live.swapped = !session.live.swapped;
        let swapped = session.live.swapped;
        self.place_side(id, leg, swapped);
        self.step.touch(id);
        Ok(())
    }

    fn place_side(&mut self, id: SessionId, leg: LegId, aside: bool) {
        let Some(own) = self.sessions.get(&id).map(Session::conference_now) else { return };
        if aside {
            let conference = waiting_room(leg);
            self.tell(Some(id), media::Command::Place { leg, conference, part: Part::User });
            self.tell(Some(id), media::Command::Phase { conference, phase: Phase::Queue { music: true } });
        } else {
            self.tell(Some(id), media::Command::Place { leg, conference: own, part: Part::Second });
        }
    }

    /// Customer, owner and consulted side are together from now on.
    pub(crate) fn merge(&mut self, id: SessionId) -> Done {
        let leg = self.answered_side(id)?;
        self.bring_back(id, leg);
        self.record(id, What::ConsultEnded { leg, end: ConsultEnd::Merged, reason: None });
        Ok(())
    }

    fn bring_back(&mut self, id: SessionId, leg: LegId) {
        let swapped = self.sessions.get_mut(&id).is_some_and(|s| std::mem::take(&mut s.live.swapped));
        if swapped {
            self.place_side(id, leg, false);
        }
    }

    /// The customer goes to the consulted side; the owner leaves and wraps up.
    pub(crate) fn complete_transfer(&mut self, id: SessionId) -> Done {
        let leg = self.answered_side(id)?;
        let session = self.sessions.get(&id).ok_or(NO_CONSULT)?;
        if session.customer().is_none() {
            return Err("there is no customer to hand over");
        }
        let with = session.together().ok_or("there is no customer")?;
        let side = session.side.clone().ok_or(NO_CONSULT)?;
        self.bring_back(id, leg);
        self.record(id, What::Transferred { from: with.seat, to: side.to.clone() });
        self.notice(id, Notice::Transferred { to: side.to });
        if let Some(seat) = with.seat {
            self.release_agent(id, seat, with.via, Cause::Normal);
        }
        self.record(id, What::ConsultEnded { leg, end: ConsultEnd::Completed, reason: None });
        self.release(id, with.leg, Cause::Normal);
        self.leg_gone(id, with.leg, Cause::Normal);
        self.take_part(id, leg, Part::Agent);
        Ok(())
    }

    fn take_part(&mut self, id: SessionId, leg: LegId, part: Part) {
        if let Some(conference) = self.sessions.get(&id).map(Session::conference_now) {
            self.tell(Some(id), media::Command::Place { leg, conference, part });
        }
    }

    /// Takes one participant out of the conference.
    pub(crate) fn drop_leg(&mut self, id: SessionId, leg: LegId) -> Done {
        let session = self.sessions.get(&id).ok_or("there is no customer")?;
        if session.side.as_ref().is_some_and(|side| side.leg == leg) {
            return self.cancel_consult(id);
        }
        let member = session.leg(leg).ok_or("nobody takes part by that leg")?;
        match member.part {
            Part::User | Part::Second => {}
            Part::Agent | Part::Supervisor => return Err("that is you: hang up instead"),
        }
        self.release(id, leg, Cause::Normal);
        self.leg_left(id, leg, Cause::Normal);
        Ok(())
    }

    /// The owner has left while others stay: a consulted side that has answered, or one of a conference, takes
    /// the customer. False if there is nobody to take them.
    pub(crate) fn owner_succeeded(&mut self, id: SessionId, seat: SeatId, cause: Cause) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let Some(with) = session.together().filter(|_| session.customer().is_some()) else { return false };
        if self.answered_side(id).is_ok() {
            return self.complete_transfer(id).is_ok();
        }
        let Some(next) = session.members().first().copied() else { return false };
        self.release_agent(id, seat, with.via, cause);
        self.record(id, What::Joined { leg: next.id, seat: next.seat });
        self.take_part(id, next.id, Part::Agent);
        true
    }

    /// After a restart: a consultation that had not been answered is over, one that had stands as it was.
    pub(crate) fn reconcile_side(&mut self, id: SessionId) {
        match self.answered_side(id) {
            Ok(leg) => self.place_side(id, leg, false),
            Err(_) => self.side_late(id),
        }
    }

    fn side_leg(&self, id: SessionId) -> Option<LegId> {
        self.sessions.get(&id)?.side.as_ref().map(|side| side.leg)
    }

    fn answered_side(&self, id: SessionId) -> Result<LegId, &'static str> {
        let session = self.sessions.get(&id).ok_or(NO_CONSULT)?;
        let side = session.side.as_ref().ok_or(NO_CONSULT)?;
        if session.side_answered() { Ok(side.leg) } else { Err("they have not answered yet") }
    }
}

impl Session {
    /// Whether the consulted side is there.
    pub(crate) fn side_answered(&self) -> bool {
        let leg = self.side.as_ref().and_then(|side| self.leg(side.leg));
        leg.is_some_and(|leg| leg.stage != LegStage::New)
    }

    /// Those of a conference who are neither customer nor owner.
    pub(crate) fn members(&self) -> Vec<super::Leg> {
        let aside = self.side.as_ref().map(|side| side.leg);
        let second = |leg: &&super::Leg| leg.part == Part::Second && Some(leg.id) != aside;
        self.legs.iter().filter(second).copied().collect()
    }

    /// What a consultation or conference makes of a seat that is not the owner's.
    pub(crate) fn side_slot(&self, seat: SeatId) -> Option<ngcc_proto::seat::Slot> {
        use ngcc_proto::seat::Slot;
        let session = self.id;
        if let Some(Side { leg, .. }) = self.side.as_ref().filter(|side| side.seat == Some(seat)) {
            let leg = *leg;
            return Some(match self.side_answered() {
                true => Slot::Talking { session, leg },
                false => Slot::Alerting { reservation: claim_of(leg), session, leg },
            });
        }
        let member = self.members().into_iter().find(|leg| leg.seat == Some(seat))?;
        Some(Slot::Talking { session, leg: member.id })
    }
}

/// The name shown of where a call goes.
pub(crate) fn name_of(to: &To) -> String {
    let (To::Queue(name) | To::Agent(name) | To::Flow(name) | To::Number(name)) = to;
    name.chars().take(128).collect()
}
