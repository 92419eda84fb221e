//! An agent who cannot be reached any longer: the customer goes back to the head of the queue, with the time
//! that counted all along, or on with the automation that has them (S4-11).

use ngcc_proto::access::Cause;
use ngcc_proto::chat::Notice;
use ngcc_proto::fact::{By, What};
use ngcc_proto::media::Part;
use ngcc_proto::{SeatId, SessionId};

use super::{How, Whose};
use crate::Cti;

impl Cti {
    /// Takes whatever the session has of the seat away from it, and finds the customer another agent.
    pub(crate) fn agent_lost(&mut self, id: SessionId, seat: SeatId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.offer().is_some_and(|offer| offer.claim.seat() == seat) {
            let leg = session.offer().map(|offer| offer.leg);
            if let Some(leg) = leg {
                self.release(id, leg, Cause::Unreachable);
            }
            return self.offer_refused(id, Cause::Unreachable, None);
        }
        if let Some(leg) = session
            .legs
            .iter()
            .find(|leg| leg.part == Part::Second && leg.seat == Some(seat))
            .map(|leg| leg.id)
        {
            self.release(id, leg, Cause::Unreachable);
            return self.leg_left(id, leg, Cause::Unreachable);
        }
        let Some(with) = session.together().filter(|with| with.seat == Some(seat)) else { return };
        self.release(id, with.leg, Cause::Unreachable);
        if let How::Consulting | How::Conference = with.how {
            return self.leg_left(id, with.leg, Cause::Unreachable);
        }
        self.leg_gone(id, with.leg, Cause::Unreachable);
        match with.how {
            How::InIvr { .. } => self.unattended(id, seat, Cause::Unreachable),
            How::Talk | How::Held(_) | How::Consulting | How::Conference => {
                self.back_to_queue(id, seat, Cause::Unreachable);
            }
        }
    }

    /// The seat lets the customer go without a wrap-up; they wait again as if they had never been taken out.
    pub(crate) fn back_to_queue(&mut self, id: SessionId, seat: SeatId, cause: Cause) {
        self.record(id, What::AgentReleased { seat, cause, wrap_up_until: None });
        self.notice(id, Notice::Left { display: self.display_of(seat) });
        if !self.wait_again(id) {
            self.end(id, By::Centre, cause);
        }
    }

    /// Whether the leg is that of an agent who takes calls in a browser.
    pub(crate) fn is_browser_leg(&self, id: SessionId, leg: ngcc_proto::LegId) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let theirs =
            matches!(session.whose(leg), Whose::Offered | Whose::Partner | Whose::Consulted | Whose::Member);
        let seat = session.leg(leg).and_then(|leg| self.resources.seat(leg.seat?));
        theirs && seat.is_some_and(super::super::seat::Seat::in_browser)
    }
}
