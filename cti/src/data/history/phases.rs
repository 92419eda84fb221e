//! How long a session was in which phase. The phases partition the time from `Opened` to `Closed`.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::fact::{Fact, Suspended, What};
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
    /// The other side's legs with their seats; nobody is with the customer while it is empty.
    with: BTreeMap<LegId, Option<SeatId>>,
    how: How,
    closed: bool,
}

/// How they are with the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum How {
    #[default]
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
        if !self.with.is_empty() {
            return match self.how {
                How::Talk => &mut spent.talk,
                How::Hold => &mut spent.hold,
                How::InIvr => &mut spent.in_ivr,
            };
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
                if self.how != How::InIvr {
                    self.with.remove(leg);
                }
            }
            What::FlowStarted { run, .. } | What::FlowResumed { run, .. } => {
                self.runs.insert(*run);
            }
            What::FlowSuspended(Suspended { run, .. }) | What::FlowEnded { run, .. } => {
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
            What::Joined { leg, seat } => {
                self.called.clear();
                self.alerting.clear();
                self.with.insert(*leg, *seat);
                self.how = How::Talk;
            }
            // Who is consulted talks to the agent; to the customer it is being on hold.
            What::Held { .. } | What::ConsultStarted { .. } => self.how(How::Hold),
            What::Unheld { .. } | What::ConsultEnded { .. } => self.how(How::Talk),
            What::ToAuto { run, .. } => {
                self.runs.insert(*run);
                self.how(How::InIvr);
            }
            // Without an agent it only says that nobody is waited for; the flow's own facts follow.
            What::ToHuman { .. } if self.with.is_empty() => {}
            What::ToHuman { .. } => {
                self.runs.clear();
                self.how(How::Talk);
            }
            What::AgentReleased { seat, .. } => self.with.retain(|_, with| *with != Some(*seat)),
            // Without a seat that gave it away nobody owned it: a plain call's other side goes.
            What::Transferred { from, .. } => self.with.retain(|_, with| *with != *from),
            What::Closed { .. } => self.closed = true,
            What::Opened { .. }
            | What::CollabAsked { .. }
            | What::CollabMapped { .. }
            | What::CollabEstablished { .. }
            | What::CollabInvited { .. }
            | What::CollabJoined { .. }
            | What::CollabAway { .. }
            | What::CollabViewer { .. }
            | What::CollabGoesOn { .. }
            | What::CollabNoted { .. }
            | What::CollabLegAdded { .. }
            | What::CollabLegLeft { .. }
            | What::CollabMoved { .. }
            | What::CollabEnded { .. }
            | What::LegAdded { .. }
            | What::LegUnreachable { .. }
            | What::LegReattached { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::MediumAdded { .. }
            | What::StandsBeside { .. }
            | What::Said { .. }
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
        if !self.with.is_empty() {
            self.how = how;
        }
    }
}
