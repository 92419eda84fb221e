//! What is shared outlives its contact where the queue says so (S3-10): the customer's page and the agent's pane go on,
//! and the seat wraps up for as long as they do.

use std::time::Duration;

use ngcc_proto::collab::{Command, Why};
use ngcc_proto::fact::{By, What};
use ngcc_proto::{CollabId, Mono, SeatId, SessionId, Wall};

use super::Collab;
use crate::Cti;
use crate::session::Session;
use crate::timer::Timer;

/// How a collaboration stands whose session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GoesOn {
    /// The seat that wraps up meanwhile.
    pub(crate) seat: SeatId,
    pub(crate) until: Mono,
    /// The same for people.
    pub(crate) wall: Wall,
}

impl Cti {
    /// For how long what is shared goes on when the session ends now; none where it ends with it. Only a hang-up is
    /// outlived: what the centre ends is over.
    pub(super) fn outlives(&self, id: SessionId, by: By) -> Option<(SeatId, Duration)> {
        match by {
            By::Customer | By::Agent => {}
            By::Automation | By::Centre => return None,
        }
        // What is there for the sharing alone ends with it.
        if self.sessions.get(&id).is_some_and(Session::is_apart) {
            return None;
        }
        let (seat, via) = self.owner(id)?;
        let (_, settings) = self.resources.queues.get(via?).configured.as_ref()?;
        let seconds = settings.share_outlives_s;
        (seconds > 0).then(|| (seat, Duration::from_secs(seconds.into())))
    }

    /// It goes on without its session; both ends are told.
    pub(super) fn goes_on(&mut self, id: SessionId, collab: CollabId, seat: SeatId, time: Duration) {
        let until = self.step.now.plus(time);
        self.record(id, What::CollabGoesOn { collab, seat, until: until.mono });
        self.tell(Some(id), Command::GoesOn { collab, until: until.wall });
    }

    /// It has gone on for as long as it may.
    pub(crate) fn outlived(&mut self, collab: CollabId) {
        self.end_shared(collab, By::Centre, Why::Closed);
    }

    /// A seat's wrap-up has lasted as long as it should: it is over, unless something still goes on.
    pub(crate) fn wrap_up_late(&mut self, seat: SeatId, id: SessionId) {
        if self.sessions.get(&id).is_some_and(|session| session.held_for(seat).is_none()) {
            self.wrap_up_over(seat, id, By::Centre);
        }
    }

    /// Something that went on has ended: a wrap-up that only waited for it is over.
    pub(super) fn wrap_up_if_due(&mut self, id: SessionId, shared: &Collab) {
        let Some(GoesOn { seat, .. }) = shared.goes_on else { return };
        let now = self.step.now.mono;
        let due = |session: &Session| {
            session.wrap_ups.iter().any(|(wraps, until, _)| *wraps == seat && *until <= now)
        };
        if self.sessions.get(&id).is_some_and(due) {
            self.wrap_up_late(seat, id);
        }
    }

    /// The seat wraps up no longer: what goes on for it ends with that.
    pub(crate) fn end_what_goes_on(&mut self, seat: SeatId, id: SessionId, by: By) {
        let own = |shared: &&Collab| shared.goes_on.is_some_and(|goes_on| goes_on.seat == seat);
        let all: Vec<CollabId> = self
            .sessions
            .get(&id)
            .into_iter()
            .flat_map(|session| session.shared.iter().filter(own))
            .map(|shared| shared.id)
            .collect();
        for collab in all {
            self.tell(Some(id), Command::End { collab, why: Why::Closed });
            self.close_shared(collab, by, Why::Closed);
        }
    }

    /// After a start of the collaboration server: it may not have heard how long something goes on.
    pub(super) fn tell_goes_on(&mut self, collab: CollabId) {
        if let Some((id, shared)) = self.shared(collab)
            && let Some(GoesOn { wall, .. }) = shared.goes_on
        {
            self.tell(Some(id), Command::GoesOn { collab, until: wall });
        }
    }
}

impl Collab {
    /// The seat that wraps up while it goes on.
    pub(crate) fn held_seat(&self) -> Option<SeatId> {
        self.goes_on.map(|goes_on| goes_on.seat)
    }
}

impl Session {
    /// Until when, at the most, a seat's wrap-up waits for something that goes on.
    pub(crate) fn held_for(&self, seat: SeatId) -> Option<Wall> {
        let own =
            self.shared.iter().filter_map(|shared| shared.goes_on.filter(|goes_on| goes_on.seat == seat));
        own.map(|goes_on| goes_on.wall).max()
    }

    /// Whether anything goes on for a seat without the session.
    pub(crate) fn goes_on(&self) -> bool {
        self.shared.iter().any(|shared| shared.goes_on.is_some())
    }

    /// Sets the deadlines of what goes on, after a restart.
    pub(crate) fn deadlines_of_shared(&self) -> Vec<(Timer, Mono)> {
        let due = |shared: &Collab| Some((Timer::GoesOn(shared.id), shared.goes_on?.until));
        self.shared.iter().filter_map(due).collect()
    }
}
