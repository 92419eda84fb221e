//! Where a session stands, as its customer may see it: told to every web client when it changes. A place in a
//! queue moves often; it is told at most once in five seconds.

use std::time::Duration;

use ngcc_proto::SessionId;
use ngcc_proto::chat::{self, Status};

use crate::Cti;
use crate::session::{How, LegStage, Session, Stage, Together};
use crate::timer::Timer;

/// How often a place in a queue is told at the most.
const PLACE: Duration = Duration::from_secs(5);
/// Finding a place costs its number: every so many who wait make it be told half as often, then a third, …
const CROWD: usize = 2_000;

impl Cti {
    /// Tells the customer's client where the session stands, if that has changed.
    pub(crate) fn tell_status(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id).filter(|session| session.is_web()) else { return };
        let Some(leg) = session.customer().map(|leg| leg.id) else { return };
        let moved = matches!(session.live.status, Some(Status::Queue { .. })) && session.waiting().is_some();
        if moved && self.timers.is_set(Timer::Status(id)) {
            return;
        }
        let status = self.status(session);
        match &status {
            Some(Status::Queue { .. }) => {
                let waiting =
                    session.waiting().map_or(0, |place| self.resources.queues.get(place.queue).waiting());
                let crowds = u32::try_from(waiting / CROWD).unwrap_or(u32::MAX);
                self.timers.set(Timer::Status(id), self.step.now.mono + PLACE * crowds.saturating_add(1));
            }
            Some(_) | None => self.timers.cancel(Timer::Status(id)),
        }
        let Some(session) = self.sessions.get_mut(&id).filter(|session| session.live.status != status) else {
            return;
        };
        session.live.status.clone_from(&status);
        if let Some(status) = status {
            self.tell(Some(id), chat::Command::Status { leg, status });
        }
    }

    fn status(&self, session: &Session) -> Option<Status> {
        let status = match &session.stage {
            Stage::Arriving => return None,
            Stage::SelfService | Stage::Unattended { .. } => Status::SelfService,
            Stage::Waiting(place) => {
                let queue = self.resources.queues.get(place.queue);
                Status::Queue { position: queue.position(place.order), estimate_s: queue.estimate_s() }
            }
            Stage::Offered { .. } | Stage::Dialling { .. } => Status::Ringing,
            Stage::With(with) => self.status_with(session, *with),
            Stage::InRoom => Status::Conference { pictures: false },
            Stage::Closed => Status::Closed,
        };
        Some(status)
    }

    fn status_with(&self, session: &Session, with: Together) -> Status {
        let seat = with.seat.and_then(|seat| self.resources.seat(seat));
        let display = seat.map_or_else(|| session.dialled.clone(), crate::seat::Seat::display);
        match with.how {
            How::Held(_) => Status::Hold,
            How::Consulting if !session.live.swapped => Status::Hold,
            How::Conference => Status::Conference { pictures: session.shows_to_customer() },
            How::InIvr { .. } => Status::InIvr { display },
            How::Talk | How::Consulting => {
                let lost = session.leg(with.leg).is_some_and(|leg| leg.stage == LegStage::Unreachable);
                let away = !session.is_call() && seat.is_some_and(|seat| seat.away);
                Status::Talk { display, unreachable: lost || away, pictures: session.shows_to_customer() }
            }
        }
    }

    /// The session is about to end: its client learns so before its leg goes.
    pub(crate) fn tell_closed(&mut self, id: SessionId) {
        self.timers.cancel(Timer::Status(id));
        let Some(session) = self.sessions.get(&id).filter(|session| session.is_web()) else { return };
        if let Some(leg) = session.customer().map(|leg| leg.id) {
            self.tell(Some(id), chat::Command::Status { leg, status: Status::Closed });
        }
    }
}
