//! The end of a session, whoever brings it about: everything it holds is given back in one step.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::fact::{By, WaitEnd, What};
use ngcc_proto::{LegId, RunId, SeatId, SessionId};

use crate::Cti;
use crate::queue::QueueNo;
use crate::session::Session;

impl Cti {
    /// Ends the session: offers, places, runs, legs and locks go with it; one wrap-up, one `Closed`.
    pub(crate) fn end(&mut self, id: SessionId, by: By, cause: Cause) {
        if self.sessions.get(&id).is_none_or(|session| session.is_closed()) {
            return;
        }
        self.end_all_shared(id, by);
        self.tell_closed(id);
        self.end_side(id, cause);
        self.rescind(id, Cause::Cancelled);
        self.dequeue(id, if by == By::Customer { WaitEnd::Abandoned } else { WaitEnd::Withdrawn });
        if let Some((seat, via)) = self.owner(id) {
            self.release_agent(id, seat, via, cause);
        }
        self.drop_pin(id);
        let Some(session) = self.sessions.get(&id) else { return };
        let runs: Vec<RunId> = session.runs.iter().map(|run| run.id).collect();
        let legs: Vec<LegId> = session.legs.iter().map(|leg| leg.id).collect();
        for run in runs {
            self.stop_run(id, run);
        }
        for leg in legs {
            self.release(id, leg, cause);
            self.leg_gone(id, leg, cause);
        }
        self.forget_offer(id);
        self.record(id, What::Closed { by, cause });
        self.call_beside_over(id);
    }

    /// The owner seat, and the queue through which it got the session.
    pub(crate) fn owner(&self, id: SessionId) -> Option<(SeatId, Option<QueueNo>)> {
        let with = self.sessions.get(&id)?.together()?;
        Some((with.seat?, with.via))
    }

    /// The agent's part is over; the seat wraps up for as long as it, or the queue, says.
    pub(crate) fn release_agent(&mut self, id: SessionId, seat: SeatId, via: Option<QueueNo>, cause: Cause) {
        let own = self.resources.seat(seat).and_then(|seat| seat.settings.as_ref()?.wrap_up_s);
        let queue = via.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        let seconds = own.or_else(|| queue.map(|(_, settings)| settings.wrap_up_s)).unwrap_or(0);
        let until = self.step.now.mono + Duration::from_secs(seconds.into());
        // What goes on has a seat that wraps up, if only for that.
        let goes_on = self.sessions.get(&id).is_some_and(Session::goes_on);
        let wrap_up_until = (seconds > 0 || goes_on).then_some(until);
        self.record(id, What::AgentReleased { seat, cause, wrap_up_until });
    }

    /// A seat's wrap-up is over, and with it what went on for it after the session.
    pub(crate) fn wrap_up_over(&mut self, seat: SeatId, session: SessionId, by: By) {
        let wraps_up = |s: &Session| s.wrap_ups.iter().any(|(id, _, _)| *id == seat);
        if self.sessions.get(&session).is_some_and(wraps_up) {
            self.end_what_goes_on(seat, session, by);
            self.record(session, What::WrapUpEnded { seat, by });
        }
    }
}
