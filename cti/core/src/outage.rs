//! softacd or ivr has started: with cti, or alone while cti ran on. It tells what it still holds. What nobody
//! here knows is let go, and after a start of its own what it has lost is gone.

use ngcc_proto::access::{self, Cause, Stage as Edge};
use ngcc_proto::{LegId, RunId, SessionId, flow, media};

use crate::Cti;
use crate::restart::Held;
use crate::session::{Session, Summon, Whose};

impl Cti {
    /// softacd tells which legs it holds.
    pub(crate) fn access_restored(&mut self, legs: Vec<(LegId, Edge)>) {
        for (leg, _) in &legs {
            if self.exchange.of_leg(*leg).is_none() && !self.exchange.keeps(*leg) {
                self.tell(None, access::Command::Release { leg: *leg, cause: Cause::Lost });
            }
        }
        let first = !std::mem::replace(&mut self.restart.heard.edge, true);
        if self.restart.is_open() {
            self.restart.edge = Some(legs.into_iter().collect());
            self.reconcile_when_told();
        } else if !first {
            let held = legs.into_iter().map(|(leg, _)| leg).collect();
            self.lose_legs(at_edge, &held);
            for id in self.live_ids() {
                self.tell_opened(id);
            }
        }
    }

    /// ivr tells which legs and runs it holds.
    pub(crate) fn ivr_restored(&mut self, legs: Vec<LegId>, runs: Vec<RunId>) {
        for &leg in &legs {
            if self.exchange.of_leg(leg).is_none() {
                self.tell(None, media::Command::Close { leg });
            }
        }
        for &run in &runs {
            if !self.exchange.has_run(run) {
                self.tell(None, flow::Command::Stop { run });
            }
        }
        let held = Held { legs: legs.into_iter().collect(), runs: runs.into_iter().collect() };
        let first = !std::mem::replace(&mut self.restart.heard.ivr, true);
        if self.restart.is_open() {
            self.restart.ivr = Some(held);
            self.reconcile_when_told();
        } else if !first {
            self.lose_legs(at_ivr, &held.legs);
            for id in self.live_ids() {
                self.reconcile_runs(id, &held);
                self.catch_up(id);
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.live.phase = None;
                }
                self.step.touch(id);
            }
        }
    }

    fn live_ids(&self) -> Vec<SessionId> {
        self.sessions.values().filter(|session| !session.is_closed()).map(|session| session.id).collect()
    }

    /// Every leg that should be held and is not has left.
    fn lose_legs(
        &mut self,
        should: impl Fn(&Session, LegId) -> bool,
        held: &std::collections::BTreeSet<LegId>,
    ) {
        for id in self.live_ids() {
            let Some(session) = self.sessions.get(&id) else { continue };
            let legs = session.legs.iter().map(|leg| leg.id);
            let lost: Vec<LegId> = legs.filter(|leg| should(session, *leg) && !held.contains(leg)).collect();
            for leg in lost {
                self.release(id, leg, Cause::Lost);
                self.leg_left(id, leg, Cause::Lost);
            }
            self.lose_screens(id, |leg| held.contains(&leg));
        }
    }
}

/// Whether ivr has been told of a leg: a browser that has not offered yet it does not know, nor any chat.
fn at_ivr(session: &Session, leg: LegId) -> bool {
    session.is_call() && session.live.summon != Some((leg, Summon::Asked))
}

/// Whether softacd has been told of a leg: one that is yet to be called it does not know.
fn at_edge(session: &Session, leg: LegId) -> bool {
    if !session.is_at_edge(leg) {
        return false;
    }
    match session.whose(leg) {
        Whose::Offered | Whose::Dialled | Whose::Customer | Whose::Consulted => session.live.call.is_none(),
        Whose::Partner | Whose::Member | Whose::Nobody => true,
    }
}
