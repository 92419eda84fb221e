//! A plain two-leg call: a phone of ours or a SIP URI is called, and the answer is passed on.

use std::time::Duration;

use ngcc_proto::access::{self, Cause, Target};
use ngcc_proto::fact::What;
use ngcc_proto::media::{self, Part};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{LegId, SessionId};

use super::Answer;
use crate::Cti;
use crate::timer::Timer;

/// How long a phone rings where nothing else is said, in seconds.
pub(crate) const DEFAULT_RING_S: u32 = 20;
/// How long after the ringing the called side may still be silent.
const BEYOND_RING: Duration = Duration::from_secs(2);

impl Cti {
    /// Calls the other side.
    pub(crate) fn dial(&mut self, id: SessionId, to: Target, ring_s: u32) {
        let leg: LegId = self.ids.mint(self.step.now.wall);
        self.record(id, What::LegAdded { leg, part: Part::Agent, seat: None });
        let until = self.step.now.mono + Duration::from_secs(ring_s.into()) + BEYOND_RING;
        self.timers.set(Timer::Lease(id), until);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.live.call = Some((to, ring_s));
        session.live.early = None;
        let conference = session.conference_now();
        self.tell(Some(id), media::Command::Open { leg, conference, part: Part::Agent, offer: None });
    }

    /// The media of the leg that is to be called is open.
    pub(crate) fn callee_opened(&mut self, id: SessionId, leg: LegId, offer: Sdp) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some((to, ring_s)) = session.live.call.take() else { return };
        let (from, display) = (session.user.clone(), session.display.clone());
        self.tell(Some(id), access::Command::Call { leg, to, from, display, offer, ring_s });
    }

    /// The called side rings: so does the caller's own phone.
    pub(crate) fn call_rings(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if matches!(session.live.answer, Answer::Ready(_))
            && let Some(leg) = session.customer().map(|leg| leg.id)
        {
            self.tell(Some(id), access::Command::Ring { leg });
        }
    }

    /// The called side has answered.
    pub(crate) fn call_taken(&mut self, id: SessionId, leg: LegId, sdp: Option<Sdp>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let early = session.live.early.take().map(|sdp| *sdp);
        self.record(id, What::LegAnswered { leg });
        self.record(id, What::Joined { leg, seat: None });
        self.answer_customer(id);
        if let Some(sdp) = sdp.or(early) {
            self.tell(Some(id), media::Command::Answered { leg, sdp });
        }
    }

    /// The called side did not take it: the leg is gone already.
    pub(crate) fn call_refused(&mut self, id: SessionId, leg: LegId, cause: Cause) {
        self.timers.cancel(Timer::Lease(id));
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.call = None;
        }
        self.leg_gone(id, leg, cause);
        self.partner_refused(id, cause);
    }
}
