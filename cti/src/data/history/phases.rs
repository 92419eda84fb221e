//! How long a session was in which phase. The phases partition the time from `Opened` to `Closed`.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::fact::{Fact, What};
use ngcc_proto::media::Part;
use ngcc_proto::{LegId, Mono, ReservationId, RunId, SeatId};

use super::Start;

/// Milliseconds in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) self_service: u64,
    pub(super) queue: u64,
    pub(super) ring: u64,
    pub(super) talk: u64,
    pub(super) hold: u64,
    pub(super) in_ivr: u64,
    pub(super) other: u64,
}

/// What is going on; the phase follows from it.
#[derive(Debug, Default)]
struct Scene {
    /// Flows that run, suspended ones excluded.
    runs: BTreeSet<RunId>,
    queued: bool,
    /// Offers whose device rings.
    alerting: BTreeSet<ReservationId>,
    /// Legs of a plain call that ring.
    called: BTreeSet<LegId>,
    /// Which leg of a reservation has been answered is told by the leg.
    reserved: BTreeMap<LegId, ReservationId>,
    with: Option<With>,
    closed: bool,
}

/// The other side.
#[derive(Debug)]
struct With {
    leg: LegId,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Talk,
    Hold,
    InIvr,
}

/// Adds the time between facts to the phase that held between them.
pub(super) fn spent(facts: &[Fact], start: Start) -> Spent {
    let (mut scene, mut spent, mut since) = (Scene::default(), Spent::default(), 0);
    for fact in facts {
        let now = start.ms(fact.mono).max(since);
        *scene.phase(&mut spent) += now - since;
        since = now;
        scene.apply(&fact.what);
        if scene.closed {
            break;
        }
    }
    spent
}

/// The last owner's wrap-up.
pub(super) fn wrap_up_ms(facts: &[Fact]) -> u64 {
    let mut released: Option<(SeatId, Mono)> = None;
    let mut wrap_up = 0;
    for fact in facts {
        if let What::AgentReleased { seat, wrap_up_until, .. } = &fact.what {
            wrap_up = 0;
            released = wrap_up_until.is_some().then_some((*seat, fact.mono));
        }
        if let What::WrapUpEnded { seat, .. } = &fact.what
            && let Some((owner, since)) = released
            && owner == *seat
        {
            wrap_up = fact.mono.ms_since(since);
        }
    }
    wrap_up
}

impl Scene {
    fn phase<'a>(&self, spent: &'a mut Spent) -> &'a mut u64 {
        match &self.with {
            Some(With { how: How::Talk, .. }) => return &mut spent.talk,
            Some(With { how: How::Hold, .. }) => return &mut spent.hold,
            Some(With { how: How::InIvr, .. }) => return &mut spent.in_ivr,
            None => {}
        }
        if !self.alerting.is_empty() || !self.called.is_empty() {
            &mut spent.ring
        } else if self.queued {
            &mut spent.queue
        } else if !self.runs.is_empty() {
            &mut spent.self_service
        } else {
            &mut spent.other
        }
    }

    fn apply(&mut self, what: &What) {
        match what {
            What::LegAdded { leg, part: Part::Agent, seat: None } => {
                self.called.insert(*leg);
            }
            What::LegAnswered { leg } => self.stops_ringing(*leg),
            What::LegLeft { leg, .. } => {
                self.stops_ringing(*leg);
                // A seat's leg may go while the automatic service has the customer; the seat is released by its own fact.
                if self.with.as_ref().is_some_and(|with| with.leg == *leg && with.how != How::InIvr) {
                    self.with = None;
                }
            }
            What::FlowStarted { run, .. } | What::FlowResumed { run, .. } => {
                self.runs.insert(*run);
            }
            What::FlowSuspended { run, .. } | What::FlowEnded { run, .. } => {
                self.runs.remove(run);
            }
            What::Queued { .. } => self.queued = true,
            What::Dequeued { .. } => self.queued = false,
            What::Reserved { reservation, leg, .. } => {
                self.reserved.insert(*leg, *reservation);
            }
            What::Alerting { reservation } => {
                self.alerting.insert(*reservation);
            }
            What::OfferEnded { reservation, .. } => {
                self.alerting.remove(reservation);
            }
            What::Joined { leg, .. } => {
                self.called.clear();
                self.alerting.clear();
                self.with = Some(With { leg: *leg, how: How::Talk });
            }
            What::Held { .. } => self.how(How::Hold),
            What::Unheld { .. } => self.how(How::Talk),
            What::ToAuto { run, .. } => {
                self.runs.insert(*run);
                self.how(How::InIvr);
            }
            // Without an agent it only says that nobody is waited for; the flow's own facts follow.
            What::ToHuman { .. } if self.with.is_none() => {}
            What::ToHuman { .. } => {
                self.runs.clear();
                self.how(How::Talk);
            }
            What::AgentReleased { .. } => self.with = None,
            What::Closed { .. } => self.closed = true,
            What::Opened { .. }
            | What::LegAdded { .. }
            | What::LegUnreachable { .. }
            | What::LegReattached { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::MediumAdded { .. }
            | What::Said { .. }
            | What::ConsultStarted { .. }
            | What::ConsultEnded { .. }
            | What::Transferred { .. }
            | What::Disposed { .. }
            | What::WrapUpEnded { .. } => {}
        }
    }

    fn stops_ringing(&mut self, leg: LegId) {
        self.called.remove(&leg);
        if let Some(reservation) = self.reserved.remove(&leg) {
            self.alerting.remove(&reservation);
        }
    }

    fn how(&mut self, how: How) {
        if let Some(with) = &mut self.with {
            with.how = how;
        }
    }
}
