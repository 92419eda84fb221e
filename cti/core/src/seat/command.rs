//! What agents ask for, whatever their device. What cannot be done is told in words.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::{By, ConsultEnd};
use ngcc_proto::seat::{self, Availability, Command, DeclineReason, Device, Slot, Told, Verb};
use ngcc_proto::{AgentUri, LegId, ReservationId, SeatId, SessionId};

use super::slot_session;
use crate::Cti;
use crate::collab::Wish;

/// The most characters of an agent's own reason that are kept.
const MAX_REASON: usize = 64;

/// Why nothing can be done about a contact that is not there.
const NOBODY: &str = "there is no customer";

/// What came of it.
pub(crate) type Done = Result<(), &'static str>;

impl Cti {
    /// An agent asks for something: `Done` answers, behind the seat's state, or a refusal.
    pub(crate) fn agent_asks(&mut self, command: Command) {
        let Command { agent, session, what } = command;
        // Whoever signs in to take calls in the browser does so at a page.
        let at_page = matches!(what, Verb::SignIn { device: Device::Browser });
        let waits = matches!(what, Verb::WriteTo { .. });
        let done = self.obey(&agent, session, what);
        let seat = self.resources.of_agent(agent.name()).map_or(SeatId(0), |seat| seat.id);
        match done {
            // It is answered when the application server has said what it knows.
            Ok(()) if waits => {}
            Ok(()) => {
                if at_page {
                    self.console_here(seat);
                }
                self.resources.tell_again(seat);
                self.step.answer(seat::Event { agent, seat, what: Told::Done });
            }
            Err(why) => {
                self.tell(None, seat::Event { agent, seat, what: Told::Refused { why: why.to_owned() } });
            }
        }
    }

    /// Does what an agent asks, about the contact in that session or else the one in the voice slot.
    pub(crate) fn obey(&mut self, agent: &AgentUri, session: Option<SessionId>, verb: Verb) -> Done {
        let seat = self.resources.of_agent(agent.name()).ok_or("there is no such agent")?;
        let id = seat.id;
        let slot = match session {
            Some(session) => seat.slot_of(session).cloned().unwrap_or(Slot::Free),
            None => seat.voice.clone(),
        };
        let about = session.or_else(|| slot_session(&slot)).ok_or(NOBODY);
        match verb {
            Verb::SignIn { device } => self.sign_in(id, device),
            Verb::SignOut => self.become_next(id, Availability::LoggedOut),
            Verb::Ready => self.become_next(id, Availability::Ready { since: self.step.now.wall }),
            Verb::NotReady { reason } => {
                let reason = reason.chars().take(MAX_REASON).collect();
                self.become_next(id, Availability::NotReady { reason, since: self.step.now.wall })
            }
            Verb::Accept { reservation } => self.accept(self.offered(id, reservation)?),
            Verb::Decline { reservation, reason } => self.decline(self.offered(id, reservation)?, reason),
            Verb::EndWrapUp => self.end_wrap_up(id, &slot),
            Verb::Look => {
                self.look(id);
                Ok(())
            }
            Verb::Back => {
                self.console_here(id);
                Ok(())
            }
            Verb::Away => {
                self.console_away(id);
                Ok(())
            }
            Verb::Hold { on } => {
                self.hold(contact(&slot)?.0, By::Agent, on);
                Ok(())
            }
            Verb::ToAuto { flow, args } => self.give_to_auto(contact(&slot)?.0, flow, args),
            Verb::TakeBack => self.take_back(contact(&slot)?.0),
            Verb::Listen { on } => {
                self.listen(contact(&slot)?.0, on);
                Ok(())
            }
            Verb::HangUp => self.hang_up(&slot),
            Verb::Dial { to } => self.dial_out(id, &to),
            Verb::Transfer { to } => self.transfer(contact(&slot)?.0, &to),
            Verb::Consult { to } => self.consult(contact(&slot)?.0, &to),
            Verb::CompleteTransfer => self.complete_transfer(owned(&slot)?),
            Verb::CancelConsult => self.cancel_consult(owned(&slot)?),
            Verb::Swap => self.swap(owned(&slot)?),
            Verb::Merge => self.merge(owned(&slot)?),
            Verb::Drop { leg } => self.drop_leg(contact(&slot)?.0, leg),
            Verb::Say { key, content, private } => self.agent_says(id, about?, key, content, private),
            Verb::Typing => self.agent_types(id, about?),
            Verb::Read { seq } => self.agent_reads(id, about?, seq),
            Verb::Resume { after } => self.agent_resumes(id, about?, after),
            Verb::Collaborate { kind, code, user, form } => {
                let with = session.or_else(|| slot_session(&slot).filter(|_| user.is_none()));
                self.agent_shares(id, with, Wish { kind, code, user, form })
            }
            Verb::MakeLink { kind, form } => self.agent_makes_link(id, about?, kind, form),
            Verb::WriteTo { user } => self.write_to(id, user),
            Verb::HandOverShare { collab, to } => self.hand_over_share(id, collab, &to),
            Verb::EndCollab { collab } => self.agent_ends_shared(id, collab),
            Verb::Dispose { code, note } => self.dispose(id, about?, code, note),
        }
    }

    /// The session that is offered to the seat by that claim.
    fn offered(&self, id: SeatId, claim: ReservationId) -> Result<SessionId, &'static str> {
        let seat = self.resources.seat(id).ok_or("there is no such agent")?;
        let mut slots = seat.chats.values().chain([&seat.voice]);
        let offered = slots.find_map(|slot| match slot {
            Slot::Reserved { reservation, session } | Slot::Alerting { reservation, session, .. } => {
                Some(*session).filter(|_| *reservation == claim)
            }
            Slot::Free
            | Slot::Talking { .. }
            | Slot::Held { .. }
            | Slot::Consulting { .. }
            | Slot::InIvr { .. }
            | Slot::WrapUp { .. } => None,
        });
        offered.ok_or("that offer is over")
    }

    fn decline(&mut self, session: SessionId, reason: Option<DeclineReason>) -> Done {
        if let Some(side) = self.sessions.get(&session).and_then(|session| session.side.clone()) {
            self.release(session, side.leg, Cause::Declined);
            self.side_over_because(session, ConsultEnd::Left, reason, Cause::Declined);
            return Ok(());
        }
        let offer = self.sessions.get(&session).and_then(|session| session.offer());
        let leg = offer.map(|offer| offer.leg).ok_or("that offer is over")?;
        self.release(session, leg, Cause::Declined);
        self.offer_refused(session, Cause::Declined, reason);
        Ok(())
    }

    fn end_wrap_up(&mut self, id: SeatId, slot: &Slot) -> Done {
        let Slot::WrapUp { session, .. } = slot else { return Err("there is no wrap-up") };
        self.wrap_up_over(id, *session, By::Agent);
        Ok(())
    }

    fn hang_up(&mut self, slot: &Slot) -> Done {
        if let Slot::Reserved { session, .. } | Slot::Alerting { session, .. } = slot {
            return self.decline(*session, None);
        }
        let (session, leg) = contact(slot)?;
        self.release(session, leg, Cause::Normal);
        self.leg_left(session, leg, Cause::Normal);
        Ok(())
    }
}

/// The contact of an owner who consults somebody.
fn owned(slot: &Slot) -> Result<SessionId, &'static str> {
    if let Slot::Consulting { session, .. } = slot { Ok(*session) } else { Err("nobody is consulted") }
}

/// The contact in a slot.
fn contact(slot: &Slot) -> Result<(SessionId, LegId), &'static str> {
    match slot {
        Slot::Talking { session, leg }
        | Slot::Held { session, leg }
        | Slot::Consulting { session, leg }
        | Slot::InIvr { session, leg } => Ok((*session, *leg)),
        Slot::Free | Slot::Reserved { .. } | Slot::Alerting { .. } | Slot::WrapUp { .. } => Err(NOBODY),
    }
}
