//! What legs and their media tell, and whose chapter it is.

use ngcc_proto::access::{self, Cause, Event};
use ngcc_proto::fact::{By, ConsultEnd, What};
use ngcc_proto::media;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{LegId, SessionId};

use super::{How, LegStage, Whose};
use crate::Cti;

impl Cti {
    /// Something happened to a leg of the session at the edge.
    pub(crate) fn leg_event(&mut self, id: SessionId, event: Event) {
        if let Some(shown) = event.leg().and_then(|leg| self.screen_of(id, leg)) {
            return self.screen_event(id, shown, event);
        }
        match event {
            // A repeat of what the session began with.
            Event::Arrived { .. } | Event::Restored { .. } => {}
            Event::Ringing { leg, sdp } => self.rings(id, leg, sdp),
            Event::Answered { leg, sdp } => self.answered(id, leg, sdp),
            Event::Refused { leg, cause } | Event::Left { leg, cause } => self.leg_left(id, leg, cause),
            Event::Reoffered { leg, offer } => {
                self.tell(Some(id), media::Command::Reoffer { leg, offer });
            }
            Event::HoldAsked { leg, held } => self.hold_asked(id, leg, held),
            Event::TransferAsked { leg, to, replaces } => self.transfer_asked(id, leg, &to, replaces),
            Event::Digit { leg, digit } => {
                self.tell(Some(id), media::Command::Digit { leg, digit });
            }
            Event::Unreachable { leg } => self.leg_lost(id, leg),
            Event::Reattached { leg } => self.leg_back(id, leg),
            Event::Candidate { leg, candidate } => {
                self.tell(Some(id), media::Command::Candidate { leg, candidate });
            }
            Event::Summoned { leg, offer } => self.summoned(id, leg, offer),
        }
    }

    /// Something happened to the media of a leg of the session.
    pub(crate) fn media_event(&mut self, session: Option<SessionId>, event: media::Event) {
        let Some(id) = session else { return };
        let Some(event) = self.screen_media(id, event) else { return };
        match event {
            media::Event::Opened { leg, sdp } => match self.whose(id, leg) {
                Whose::Customer => {
                    self.pictures_agreed(id, leg, &sdp);
                    self.customer_opened(id, leg, sdp);
                }
                Whose::Offered | Whose::Partner | Whose::Consulted if self.is_browser_leg(id, leg) => {
                    self.pictures_agreed(id, leg, &sdp);
                    self.browser_opened(id, leg, sdp);
                }
                Whose::Offered | Whose::Dialled | Whose::Consulted => self.callee_opened(id, leg, sdp),
                Whose::Partner | Whose::Member | Whose::Nobody => {}
            },
            media::Event::Reanswered { leg, sdp } => {
                if let Some(sdp) = &sdp {
                    self.pictures_agreed(id, leg, sdp);
                }
                self.tell(Some(id), access::Command::Update { leg, sdp });
            }
            media::Event::Failed { leg, cause } => {
                self.release(id, leg, cause);
                self.leg_left(id, leg, cause);
            }
            media::Event::Digit { leg, digit } => {
                if self.whose(id, leg) == Whose::Partner {
                    self.key(id, &digit);
                }
            }
            // softacd's session timer finds a dead peer; silence alone is no reason to end a call.
            media::Event::Silent { .. } | media::Event::Restored { .. } | media::Event::Unrecorded { .. } => {
            }
            media::Event::PeerUp { leg } => self.leg_back(id, leg),
            media::Event::PeerLost { leg } => self.leg_lost(id, leg),
        }
    }

    fn whose(&self, id: SessionId, leg: LegId) -> Whose {
        self.sessions.get(&id).map_or(Whose::Nobody, |session| session.whose(leg))
    }

    fn leg_is(&self, id: SessionId, leg: LegId, stage: LegStage) -> bool {
        self.sessions.get(&id).and_then(|session| session.leg(leg)).is_some_and(|leg| leg.stage == stage)
    }

    /// A leg's connection is lost, be it for words or for sound. Its grace runs, and the other side hears music.
    fn leg_lost(&mut self, id: SessionId, leg: LegId) {
        if !self.leg_is(id, leg, LegStage::Up) {
            return;
        }
        self.record(id, What::LegUnreachable { leg });
        if self.whose(id, leg) == Whose::Customer {
            self.customer_away(id);
        }
    }

    /// It is back: as if nothing had happened.
    fn leg_back(&mut self, id: SessionId, leg: LegId) {
        if !self.leg_is(id, leg, LegStage::Unreachable) {
            return;
        }
        self.record(id, What::LegReattached { leg });
        if self.whose(id, leg) == Whose::Customer {
            self.customer_back(id);
        }
    }

    fn rings(&mut self, id: SessionId, leg: LegId, sdp: Option<Sdp>) {
        match self.whose(id, leg) {
            Whose::Offered => {
                self.offer_rings(id);
                self.call_rings(id);
            }
            Whose::Dialled => self.call_rings(id),
            Whose::Consulted => {}
            Whose::Customer | Whose::Partner | Whose::Member | Whose::Nobody => return,
        }
        if let (Some(session), Some(sdp)) = (self.sessions.get_mut(&id), sdp) {
            session.live.early = Some(Box::new(sdp));
        }
    }

    fn answered(&mut self, id: SessionId, leg: LegId, sdp: Option<Sdp>) {
        match self.whose(id, leg) {
            Whose::Customer => self.customer_answered(id, leg, sdp),
            // A browser connects while it rings; its agent takes the offer by `Accept`.
            Whose::Offered | Whose::Consulted if self.is_browser_leg(id, leg) => {}
            Whose::Offered => self.offer_taken(id, sdp),
            Whose::Dialled => self.call_taken(id, leg, sdp),
            Whose::Consulted => {
                // Whoever has answered already changes nothing.
                let _ = self.side_taken(id, sdp);
            }
            Whose::Partner | Whose::Member | Whose::Nobody => {}
        }
    }

    /// A leg has ended; softacd holds it no longer.
    pub(crate) fn leg_left(&mut self, id: SessionId, leg: LegId, cause: Cause) {
        match self.whose(id, leg) {
            Whose::Customer => {
                self.leg_gone(id, leg, cause);
                self.end(id, By::Customer, cause);
            }
            Whose::Offered => self.offer_refused(id, cause, None),
            Whose::Dialled => self.call_refused(id, leg, cause),
            Whose::Partner => self.partner_left(id, leg, cause),
            Whose::Consulted => self.side_over(id, ConsultEnd::Left, cause),
            Whose::Member => self.leg_gone(id, leg, cause),
            Whose::Nobody => self.leg_gone(id, leg, cause),
        }
    }

    /// Has softacd end a leg. An agent's part in a chat is no leg of its.
    pub(crate) fn release(&mut self, id: SessionId, leg: LegId, cause: Cause) {
        if self.sessions.get(&id).is_some_and(|session| session.is_at_edge(leg)) {
            self.tell(Some(id), access::Command::Release { leg, cause });
        }
    }

    /// Records the end of a leg and closes its media.
    pub(crate) fn leg_gone(&mut self, id: SessionId, leg: LegId, cause: Cause) {
        let Some(session) = self.sessions.get(&id).filter(|session| session.leg(leg).is_some()) else {
            return;
        };
        let call = session.is_call();
        self.record(id, What::LegLeft { leg, cause });
        if call {
            self.tell(Some(id), media::Command::Close { leg });
        }
    }

    /// The agent, or the other side of a plain call, has left.
    fn partner_left(&mut self, id: SessionId, leg: LegId, cause: Cause) {
        let Some(with) = self.sessions.get(&id).and_then(|session| session.together()) else { return };
        let lost = is_loss(cause) && self.is_browser_leg(id, leg);
        if let (Some(seat), How::Consulting | How::Conference) = (with.seat, with.how) {
            if !self.owner_succeeded(id, seat, cause) {
                self.end(id, By::Agent, cause);
            }
            return self.leg_gone(id, leg, cause);
        }
        self.leg_gone(id, leg, cause);
        match (with.seat, with.how) {
            (Some(seat), How::InIvr { .. }) => self.unattended(id, seat, cause),
            (Some(seat), How::Talk | How::Held(_)) if lost => self.back_to_queue(id, seat, cause),
            (Some(_), How::Talk | How::Held(_) | How::Consulting | How::Conference) => {
                self.end(id, By::Agent, cause);
            }
            (None, _) => self.other_side_left(id, cause),
        }
    }

    fn other_side_left(&mut self, id: SessionId, cause: Cause) {
        let transfer = |session: &super::Session| session.asking(|asking| asking == super::Asking::Transfer);
        match self.sessions.get(&id).and_then(transfer) {
            Some(run) => self.resume(id, run, "done"),
            None => self.end(id, By::Agent, cause),
        }
    }

    /// A lost connection's grace is over.
    pub(crate) fn grace_over(&mut self, leg: LegId) {
        let Some(id) = self.exchange.of_leg(leg) else { return };
        if let Some(shown) = self.screen_of(id, leg) {
            return self.screen_leg_over(id, shown, Cause::Unreachable);
        }
        if self.leg_is(id, leg, LegStage::Unreachable) {
            self.release(id, leg, Cause::Unreachable);
            self.leg_left(id, leg, Cause::Unreachable);
        }
    }
}

/// Whether a leg ended though nobody wished it to.
fn is_loss(cause: Cause) -> bool {
    match cause {
        Cause::NotFound
        | Cause::NotRegistered
        | Cause::Unreachable
        | Cause::NotAcceptable
        | Cause::Overloaded
        | Cause::TimedOut
        | Cause::NoAnswer
        | Cause::Failed
        | Cause::Lost => true,
        Cause::Normal
        | Cause::Busy
        | Cause::Declined
        | Cause::Cancelled
        | Cause::Forbidden
        | Cause::AnsweredElsewhere => false,
    }
}
