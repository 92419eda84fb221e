//! What agents ask for, whatever their device. What cannot be done is told in words.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::fact::By;
use ngcc_proto::seat::{self, Availability, Command, Device, Slot, Told, Verb};
use ngcc_proto::{AgentUri, LegId, ReservationId, SeatId, SessionId};

use crate::Cti;

/// The most characters of an agent's own reason that are kept.
const MAX_REASON: usize = 64;

type Done = Result<(), &'static str>;

impl Cti {
    /// An agent asks for something; the seat's state answers, or a refusal.
    pub(crate) fn agent_asks(&mut self, command: Command) {
        let Command { agent, what, .. } = command;
        let done = self.obey(&agent, what);
        let seat = self.resources.of_agent(agent.name()).map(|seat| seat.id);
        match (done, seat) {
            (Ok(()), Some(seat)) => self.resources.tell_again(seat),
            (Ok(()), None) => {}
            (Err(why), seat) => {
                let (seat, what) = (seat.unwrap_or(SeatId(0)), Told::Refused { why: why.to_owned() });
                self.tell(None, seat::Event { agent, seat, what });
            }
        }
    }

    /// Does what an agent asks.
    pub(crate) fn obey(&mut self, agent: &AgentUri, verb: Verb) -> Done {
        let seat = self.resources.of_agent(agent.name()).ok_or("there is no such agent")?;
        let (id, slot) = (seat.id, seat.slot.clone());
        match verb {
            Verb::SignIn { device } => self.sign_in(id, device),
            Verb::SignOut => self.become_next(id, Availability::LoggedOut),
            Verb::Ready => self.become_next(id, Availability::Ready { since: self.step.now.wall }),
            Verb::NotReady { reason } => {
                let reason = reason.chars().take(MAX_REASON).collect();
                self.become_next(id, Availability::NotReady { reason, since: self.step.now.wall })
            }
            Verb::Accept { .. } => Err("the phone rings: answer it there"),
            Verb::Decline { reservation } => self.decline(&slot, Some(reservation)),
            Verb::EndWrapUp => self.end_wrap_up(id, &slot),
            Verb::Hold { on } => {
                let (session, _) = contact(&slot)?;
                self.hold(session, By::Agent, on);
                Ok(())
            }
            Verb::ToAuto { flow, args } => {
                let (session, _) = contact(&slot)?;
                self.give_to_auto(session, flow, args)
            }
            Verb::TakeBack => {
                let (session, _) = contact(&slot)?;
                self.take_back(session)
            }
            Verb::Listen { on } => {
                let (session, _) = contact(&slot)?;
                self.listen(session, on);
                Ok(())
            }
            Verb::HangUp => self.hang_up(&slot),
            Verb::Look
            | Verb::Away
            | Verb::Back
            | Verb::Dial { .. }
            | Verb::Transfer { .. }
            | Verb::Consult { .. }
            | Verb::CompleteTransfer
            | Verb::CancelConsult
            | Verb::Swap
            | Verb::Merge
            | Verb::Drop { .. }
            | Verb::Say { .. }
            | Verb::Typing
            | Verb::Read { .. }
            | Verb::Resume { .. }
            | Verb::Dispose { .. } => Err("the centre cannot do that yet"),
        }
    }

    fn sign_in(&mut self, id: SeatId, device: Device) -> Done {
        let Device::Phone(phone) = &device else {
            return Err("calls need a phone: sign in with one");
        };
        if !self.phones.contains(phone) {
            return Err("there is no such phone");
        }
        let taken = |seat: &super::Seat| {
            seat.id != id && seat.device == device && seat.availability != Availability::LoggedOut
        };
        if self.resources.seats().any(taken) {
            return Err("another agent is signed in on that phone");
        }
        let now = self.step.now;
        let done = self.resources.change(id, |seat| {
            if seat.slot != Slot::Free && seat.device != device {
                return Err("a contact is live on the other device");
            }
            seat.device = device;
            if seat.availability == Availability::LoggedOut {
                seat.become_or_pend(Availability::Ready { since: now.wall }, now);
            } else if seat.pending == Some(Availability::LoggedOut) {
                seat.pending = None;
            }
            Ok(())
        });
        done.unwrap_or(Err("there is no such agent"))
    }

    /// Ready, not ready or signed out: now, or after the contact.
    fn become_next(&mut self, id: SeatId, next: Availability) -> Done {
        let now = self.step.now;
        let done = self.resources.change(id, |seat| {
            match (&seat.availability, &next) {
                (Availability::LoggedOut, Availability::LoggedOut) => return Ok(()),
                (Availability::LoggedOut, Availability::Ready { .. } | Availability::NotReady { .. }) => {
                    return Err("sign in first");
                }
                (Availability::Ready { .. }, Availability::Ready { .. }) => {
                    seat.pending = None;
                    return Ok(());
                }
                (Availability::Ready { .. } | Availability::NotReady { .. }, _) => {}
            }
            seat.become_or_pend(next, now);
            Ok(())
        });
        done.unwrap_or(Err("there is no such agent"))
    }

    fn decline(&mut self, slot: &Slot, asked: Option<ReservationId>) -> Done {
        let (Slot::Reserved { reservation, session } | Slot::Alerting { reservation, session, .. }) = slot
        else {
            return Err("nothing is offered");
        };
        if asked.is_some_and(|asked| asked != *reservation) {
            return Err("that offer is over");
        }
        let offer = self.sessions.get(session).and_then(|session| session.offer());
        let leg = offer.map(|offer| offer.leg).ok_or("that offer is over")?;
        self.tell(Some(*session), access::Command::Release { leg, cause: Cause::Declined });
        self.offer_refused(*session, Cause::Declined);
        Ok(())
    }

    fn end_wrap_up(&mut self, id: SeatId, slot: &Slot) -> Done {
        let Slot::WrapUp { .. } = slot else { return Err("there is no wrap-up") };
        self.wrap_up_over(id, By::Agent);
        Ok(())
    }

    fn hang_up(&mut self, slot: &Slot) -> Done {
        if let Slot::Reserved { .. } | Slot::Alerting { .. } = slot {
            return self.decline(slot, None);
        }
        let (session, leg) = contact(slot)?;
        self.tell(Some(session), access::Command::Release { leg, cause: Cause::Normal });
        self.leg_left(session, leg, Cause::Normal);
        Ok(())
    }
}

/// The contact in a slot.
fn contact(slot: &Slot) -> Result<(SessionId, LegId), &'static str> {
    match slot {
        Slot::Talking { session, leg }
        | Slot::Held { session, leg }
        | Slot::Consulting { session, leg }
        | Slot::InIvr { session, leg } => Ok((*session, *leg)),
        Slot::Free | Slot::Reserved { .. } | Slot::Alerting { .. } | Slot::WrapUp { .. } => {
            Err("there is no customer")
        }
    }
}
