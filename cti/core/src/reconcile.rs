//! After a restart, what softacd and ivr still hold is laid beside what the facts say. A waiting caller keeps
//! place and time, an offer is made anew, talk goes on, and nobody is owned twice.

use std::collections::BTreeMap;
use std::time::Duration;

use ngcc_proto::access::{Cause, Stage as Edge};
use ngcc_proto::config::{Route, Wait};
use ngcc_proto::fact::{By, What};
use ngcc_proto::{LegId, SessionId, flow, media};

use crate::Cti;
use crate::restart::{Heard, Held, PATIENCE};
use crate::session::call::DEFAULT_RING_S;
use crate::session::{Answer, Asking, Destination, How, Leg, LegStage, RunStage, Session, Stage, Whose};
use crate::timer::Timer;

impl Cti {
    /// Reconciles as soon as everything has been told.
    pub(crate) fn reconcile_when_told(&mut self) {
        let told = self.restart.edge.is_some() && self.restart.ivr.is_some();
        if self.restart.is_open() && (told || self.restart.late) && self.version.is_some() {
            self.reconcile();
        }
    }

    /// Who has told nothing by now has not restarted: cti alone has, and the others hold what they held.
    pub(crate) fn reconcile_late(&mut self) {
        self.restart.late = true;
        self.restart.heard = Heard { edge: true, ivr: true };
        self.reconcile_when_told();
    }

    fn reconcile(&mut self) {
        self.timers.cancel(Timer::Reconcile);
        let edge = self.restart.edge.take();
        let held = self.restart.ivr.take();
        let sessions = std::mem::take(&mut self.restart.sessions);
        let mut again = vec![];
        for &id in &sessions {
            if self.rescind_offer(id) {
                again.push(id);
            }
            self.reconcile_legs(id, edge.as_ref(), held.as_ref());
            let up = |leg| {
                edge.as_ref().is_none_or(|edge| edge.get(&leg) == Some(&Edge::Answered))
                    && holds(held.as_ref(), leg)
            };
            self.lose_screens(id, up);
            if let Some(held) = &held {
                self.reconcile_runs(id, held);
            }
            self.refuse_lost_pin(id);
            self.reconcile_calls_out(id);
            self.send_on_its_way(id);
            self.tell_opened(id);
            self.catch_up(id);
            self.catch_up_shared(id);
            self.step.touch(id);
        }
        self.restart.offers.clear();
        self.resume_waits(&sessions);
        // Waiting callers come before a direct call that rings anew.
        self.settle();
        for id in again {
            self.ask_owner_again(id);
        }
    }

    /// Takes back the offer that was under way; true if it was a direct call to an agent.
    fn rescind_offer(&mut self, id: SessionId) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let direct = session.offer().is_some() && session.place().is_none();
        self.rescind(id, Cause::Lost);
        direct
    }

    /// A consultation stands if it was answered; a call out that had not come to anybody is over.
    fn reconcile_calls_out(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id).filter(|session| !session.is_closed()) else { return };
        if session.side.is_some() {
            self.reconcile_side(id);
        } else if session.customer().is_none() && !session.is_apart() {
            self.end(id, By::Centre, Cause::Lost);
        }
    }

    fn ask_owner_again(&mut self, id: SessionId) {
        // One whose media is made anew goes there by itself.
        let idle = |session: &&Session| !session.is_closed() && session.live.next.is_none();
        let Some(session) = self.sessions.get(&id).filter(idle) else { return };
        let reserved = session.facts.iter().rev().find_map(|fact| {
            let What::Reserved { agent, .. } = &fact.what else { return None };
            Some(agent.name().to_owned())
        });
        if let Some(name) = reserved {
            self.ask_agent(id, &name);
        }
    }

    fn reconcile_legs(&mut self, id: SessionId, edge: Option<&BTreeMap<LegId, Edge>>, held: Option<&Held>) {
        self.reconcile_callee(id, edge, held);
        let legs = self.sessions.get(&id).map(|session| session.legs.clone()).unwrap_or_default();
        for leg in legs {
            let Some(session) = self.sessions.get(&id).filter(|session| !session.is_closed()) else { return };
            let whose = session.whose(leg.id);
            if !session.is_at_edge(leg.id) {
                continue;
            }
            let media = !session.is_call() || holds(held, leg.id);
            let (fresh, browser) = (leg.stage == LegStage::New, self.is_browser_leg(id, leg.id));
            match (whose, stage_at_edge(edge, &leg, whose), media) {
                (Whose::Customer, Some(Edge::Arrived), _) if fresh => self.open_again(id, leg),
                (Whose::Customer, Some(Edge::Answered), true) if fresh => {
                    self.answer_was_awaited(id);
                    self.customer_answered(id, leg.id, None);
                }
                (Whose::Customer, Some(_), true) | (Whose::Partner, Some(Edge::Answered), true) => {}
                // A browser may still be connecting: it was taken before its media was up.
                (Whose::Partner, Some(_), true) if browser => {}
                (Whose::Dialled, _, _) => {}
                (Whose::Consulted | Whose::Member, Some(Edge::Answered), true) => {}
                (Whose::Consulted | Whose::Member, Some(_), true) if browser => {}
                (
                    Whose::Customer
                    | Whose::Partner
                    | Whose::Offered
                    | Whose::Consulted
                    | Whose::Member
                    | Whose::Nobody,
                    _,
                    _,
                ) => {
                    self.release(id, leg.id, Cause::Lost);
                    self.leg_left(id, leg.id, Cause::Lost);
                }
            }
        }
    }

    /// The flow that may have asked for the answer is told of it.
    fn answer_was_awaited(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.live.answer_for =
            session.main_run().filter(|run| run.stage == RunStage::Running).map(|run| run.id);
    }

    /// A customer who had not been sent anywhere yet goes where the number leads.
    fn send_on_its_way(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        // What was handed over alone goes to whom it was offered.
        if !matches!(session.stage, Stage::Arriving) || session.live.next.is_some() || session.is_apart() {
            return;
        }
        let up = session.customer().is_some_and(|leg| leg.stage == LegStage::Up);
        match self.plan.resolve(&session.dialled) {
            Some((route, _)) if up => self.go(id, route),
            Some((route, _)) => session.live.next = Some(Destination::Route(route)),
            None => self.end(id, By::Centre, Cause::Lost),
        }
    }

    /// The called side of a plain call rings on if it did; otherwise it is let go, and called again with a
    /// caller who has not been answered.
    fn reconcile_callee(&mut self, id: SessionId, edge: Option<&BTreeMap<LegId, Edge>>, held: Option<&Held>) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Stage::Dialling { leg } = session.stage else { return };
        let calling = edge.is_none_or(|edge| edge.get(&leg) == Some(&Edge::Calling));
        if calling && holds(held, leg) {
            let until = self.step.now.mono + Duration::from_secs(DEFAULT_RING_S.into()) + PATIENCE;
            return self.timers.set(Timer::Lease(id), until);
        }
        let asking = session.asking(|asking| asking == Asking::Transfer);
        let fresh = session.customer().is_some_and(|leg| leg.stage == LegStage::New);
        self.release(id, leg, Cause::Lost);
        self.leg_gone(id, leg, Cause::Lost);
        match asking {
            Some(run) => self.resume(id, run, "failed"),
            None if fresh => {}
            None => self.end(id, By::Centre, Cause::Lost),
        }
    }

    /// A caller who has not been answered: the media is made anew of the kept offer, and the call goes on.
    fn open_again(&mut self, id: SessionId, leg: Leg) {
        let offer = self.restart.offers.remove(&id).map(|kept| kept.offer);
        let Some(session) = self.sessions.get(&id) else { return };
        let next = match &session.stage {
            Stage::Arriving => self.plan.resolve(&session.dialled).map(|(route, _)| route),
            Stage::SelfService => session.main_run().map(|run| Route::Flow(run.flow.clone())),
            Stage::Waiting(_)
            | Stage::Offered { .. }
            | Stage::Dialling { .. }
            | Stage::With(_)
            | Stage::Unattended { .. }
            | Stage::InRoom
            | Stage::Closed => None,
        };
        let waits = matches!(session.stage, Stage::Dialling { .. } | Stage::SelfService | Stage::Arriving);
        if let (Stage::Arriving, None) = (&session.stage, &next) {
            return self.end(id, By::Centre, Cause::Lost);
        }
        let conference = session.conference_now();
        let restarted = session.main_run().filter(|_| next.is_some()).map(|run| run.id);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.next = next.map(Destination::Route);
            session.live.answer = if waits { Answer::Opening } else { Answer::Wanted };
        }
        if let Some(run) = restarted {
            self.tell(Some(id), flow::Command::Stop { run });
        }
        self.tell(Some(id), media::Command::Close { leg: leg.id });
        self.tell(Some(id), media::Command::Open { leg: leg.id, conference, part: leg.part, offer });
    }

    pub(crate) fn reconcile_runs(&mut self, id: SessionId, held: &Held) {
        let runs = self.sessions.get(&id).map(|session| session.runs.clone()).unwrap_or_default();
        for run in runs {
            let Some(session) = self.sessions.get(&id).filter(|session| !session.is_closed()) else { return };
            let opening = session.live.next.is_some();
            let owned = session
                .together()
                .is_some_and(|with| matches!(with.how, How::InIvr { run: r, .. } if r == run.id))
                || matches!(session.stage, Stage::Unattended { run: r, .. } if r == run.id);
            let lost = || Some("it did not outlive a restart".to_owned());
            match (run.stage, held.runs.contains(&run.id)) {
                (RunStage::Running | RunStage::Asked(_), true) => {}
                (RunStage::Running, false) if owned => self.run_over(id, run.id, lost()),
                (RunStage::Running, false) if opening => {}
                (RunStage::Running, false) => self.start_run(id, run.id),
                (RunStage::Asked(_), false) => self.run_over(id, run.id, lost()),
            }
        }
    }

    /// A PIN that was being checked is not known any more.
    fn refuse_lost_pin(&mut self, id: SessionId) {
        let asking = self.sessions.get(&id).and_then(|s| s.asking(|asking| asking == Asking::SignIn));
        if let Some(run) = asking {
            self.resume(id, run, "refused");
        }
    }

    /// What a wait needs beside its place: its longest time, and what is heard.
    fn resume_waits(&mut self, sessions: &[SessionId]) {
        for id in sessions {
            let Some(session) = self.sessions.get_mut(id) else { continue };
            let Some(place) = session.place() else { continue };
            let Some((_, settings)) = &self.resources.queues.get(place.queue).configured else { continue };
            session.live.silent = settings.wait == Wait::Silence;
            if let Some(longest) = settings.max_wait_s {
                let until = session.story.waits_from + Duration::from_secs(longest.into());
                self.timers.set(Timer::QueueWait(*id), until.max(self.step.now.mono));
            }
        }
    }
}

/// How far softacd says that a leg has come; what cti knows, if it has said nothing.
fn stage_at_edge(edge: Option<&BTreeMap<LegId, Edge>>, leg: &Leg, whose: Whose) -> Option<Edge> {
    let Some(edge) = edge else {
        return Some(match (leg.stage, whose) {
            (LegStage::New, Whose::Customer) => Edge::Arrived,
            (LegStage::New, _) => Edge::Calling,
            (LegStage::Up | LegStage::Unreachable, _) => Edge::Answered,
        });
    };
    edge.get(&leg.id).copied()
}

/// Whether ivr holds a leg; it does if it has said nothing.
fn holds(held: Option<&Held>, leg: LegId) -> bool {
    held.is_none_or(|held| held.legs.contains(&leg))
}
