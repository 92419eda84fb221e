//! Who sits where, and whether they are there: signing in and out, ready and not ready, and the console whose
//! last page has gone.

use std::time::Duration;

use ngcc_proto::SeatId;
use ngcc_proto::seat::{Availability, Device, Slot};

use super::command::Done;
use super::{Seat, slot_session};
use crate::Cti;
use crate::timer::Timer;

/// The reason given to a seat whose agent cannot be reached any longer.
const UNREACHABLE: &str = "unreachable";

impl Cti {
    pub(crate) fn sign_in(&mut self, id: SeatId, device: Device) -> Done {
        if let Device::Phone(phone) = &device
            && !self.phones.contains(phone)
        {
            return Err("there is no such phone");
        }
        let taken = |seat: &Seat| {
            seat.id != id
                && seat.device == device
                && !seat.in_browser()
                && seat.availability != Availability::LoggedOut
        };
        if self.resources.seats().any(taken) {
            return Err("another agent is signed in on that phone");
        }
        let now = self.step.now;
        let done = self.resources.change(id, |seat| {
            if seat.voice != Slot::Free && seat.device != device {
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

    /// Ready, not ready or signed out: now, or after the contacts.
    pub(crate) fn become_next(&mut self, id: SeatId, next: Availability) -> Done {
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

    /// A page of the agent's is open.
    pub(crate) fn console_here(&mut self, id: SeatId) {
        self.timers.cancel(Timer::Console(id));
        if self.resources.seat(id).is_some_and(|seat| !seat.console) {
            self.resources.change(id, |seat| seat.console = true);
            self.touch_contacts(id);
        }
    }

    /// The agent's last page is gone. No new contact is given; those there are kept for the grace (S1-06).
    pub(crate) fn console_away(&mut self, id: SeatId) {
        if !self.resources.seat(id).is_some_and(|seat| seat.console) {
            return;
        }
        self.resources.change(id, |seat| seat.console = false);
        self.touch_contacts(id);
        let grace = Duration::from_secs(self.centre.grace_s.into());
        self.timers.set(Timer::Console(id), self.step.now.mono + grace);
    }

    fn touch_contacts(&mut self, id: SeatId) {
        for session in self.contacts_of(id) {
            self.step.touch(session);
        }
    }

    /// No page has come back in time: whatever needs one goes back to the head of its queue, or on with the
    /// automation (S4-11), and a seat without a phone is not ready.
    pub(crate) fn console_gone(&mut self, id: SeatId) {
        let Some(seat) = self.resources.seat(id) else { return };
        let in_browser = seat.in_browser();
        let voice = Some(&seat.voice).filter(|_| in_browser).and_then(slot_session);
        for session in seat.chats.keys().copied().chain(voice).collect::<Vec<_>>() {
            self.agent_lost(session, id);
        }
        let now = self.step.now;
        self.resources.change(id, |seat| {
            if in_browser && matches!(seat.availability, Availability::Ready { .. }) {
                seat.become_now(
                    Availability::NotReady { reason: UNREACHABLE.to_owned(), since: now.wall },
                    now,
                );
            }
        });
    }
}
