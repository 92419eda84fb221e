//! What a flow asks of the house and tells it (S0-02, S0-03).

use ngcc_proto::access::{self, Cause, Target};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::chat::Content;
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, Suspended, What};
use ngcc_proto::flow::{self, Ask, Event, Vars, vars_fit};
use ngcc_proto::{RunId, SessionId};

use super::arrive::route_takes_chats;
use super::wait::Wish;
use super::{Answer, Asking, How, LegStage, RunStage, Session, Stage};
use crate::Cti;

/// The most characters of a flow's failure that are kept.
const MAX_WHY: usize = 256;
/// The most bytes of a transfer's target.
const MAX_TARGET: usize = 512;

impl Cti {
    /// Something happened in a run of the session.
    pub(crate) fn flow_event(&mut self, session: Option<SessionId>, event: Event) {
        let Some(id) = session else { return };
        match event {
            Event::AnswerNeeded { run, early } => self.answer_needed(id, run, early),
            Event::Step { run, node, verb, chose } => {
                if let Some(session) = self.sessions.get_mut(&id).filter(|s| s.run(run).is_some()) {
                    session.stepped(run, &node, &verb, chose.as_deref());
                    self.step.touch(id);
                }
            }
            Event::Say { run, n, text, choices } => {
                self.run_says(id, run, n, Content::Text { text, choices });
            }
            Event::Listening { run, secret } => self.run_listens(id, run, secret),
            Event::Typing { run } => self.run_types(id, run),
            Event::Asked { run, ask, vars } => self.asked(id, run, ask, vars),
            Event::Ended { run, .. } => self.run_over(id, run, None),
            Event::Failed { run, node, why } => {
                let failed = format!("{node}: {why}").chars().take(MAX_WHY).collect();
                self.run_over(id, run, Some(failed));
            }
        }
    }

    fn answer_needed(&mut self, id: SessionId, run: RunId, early: bool) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(customer) = session.customer().copied() else { return };
        if customer.stage != LegStage::New {
            self.tell(Some(id), flow::Command::Answered { run });
            return;
        }
        match (&session.live.answer, early) {
            (Answer::Ready(sdp), true) => {
                let progress = access::Command::Progress { leg: customer.id, sdp: (**sdp).clone() };
                self.tell(Some(id), progress);
                self.tell(Some(id), flow::Command::Answered { run });
            }
            (Answer::Opening | Answer::Wanted | Answer::Ready(_) | Answer::Sent, _) => {
                session.live.answer_for = Some(run);
                self.answer_customer(id);
            }
        }
    }

    fn asked(&mut self, id: SessionId, run: RunId, ask: Ask, vars: Vars) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(stage) = session.run(run).filter(|run| !run.while_waiting).map(|run| run.stage) else {
            return;
        };
        // A run that was given back after a restart asks again what is under way already.
        if stage != RunStage::Running {
            return;
        }
        if let How::InIvr { run: owned, .. } = how(session) {
            if owned == run {
                self.asked_under_owner(id, run, ask);
            }
            return;
        }
        if !matches!(session.stage, Stage::SelfService | Stage::Unattended { .. }) {
            return;
        }
        self.asked_alone(id, run, ask, vars);
    }

    fn asked_alone(&mut self, id: SessionId, run: RunId, ask: Ask, vars: Vars) {
        match ask {
            Ask::Human { queue, priority, prefer, max_wait_s, returns } => {
                let asking = if returns { Asking::Human } else { Asking::Queue };
                self.suspend(id, run, asking, vars);
                self.leave_unattended(id);
                self.answer_customer(id);
                let prefer =
                    prefer.and_then(|agent| self.resources.of_agent(agent.name()).map(|seat| seat.id));
                self.enqueue(id, Wish { queue, priority, prefer, max_wait_s });
            }
            Ask::Transfer { to, ring_s } => {
                self.suspend(id, run, Asking::Transfer, vars);
                self.leave_unattended(id);
                self.transfer_out(id, run, &to, ring_s);
            }
            Ask::Conference { .. } if self.sessions.get(&id).is_some_and(|session| !session.is_call()) => {
                self.suspend(id, run, Asking::Conference, vars);
                self.resume(id, run, "failed");
            }
            Ask::Conference { room } => {
                self.suspend(id, run, Asking::Conference, vars);
                self.leave_unattended(id);
                self.enter_room(id, &room);
            }
            Ask::SignIn { pin } => {
                self.suspend(id, run, Asking::SignIn, vars);
                self.check_pin(id, run, pin);
            }
            Ask::HangUp { cause } => self.automation_ends(id, cause),
        }
    }

    /// A flow that runs for the owner's customer gives back, or hangs up; it cannot send them elsewhere.
    fn asked_under_owner(&mut self, id: SessionId, run: RunId, ask: Ask) {
        match ask {
            Ask::Human { .. } => {
                self.back_to_human(id, By::Automation, Some(BackBecause::Asked), Vars::new())
            }
            Ask::HangUp { cause } => self.automation_ends(id, cause),
            Ask::Transfer { .. } | Ask::Conference { .. } => {
                self.tell(
                    Some(id),
                    flow::Command::Resume { run, exit: "failed".to_owned(), vars: Vars::new() },
                );
            }
            Ask::SignIn { .. } => {
                self.tell(
                    Some(id),
                    flow::Command::Resume { run, exit: "refused".to_owned(), vars: Vars::new() },
                );
            }
        }
    }

    /// The automatic service goes its own way: the agent who was lost is not waited for any longer.
    fn leave_unattended(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if let Stage::Unattended { .. } = session.stage {
            let turn = session.turn;
            let because = Some(BackBecause::Asked);
            self.record(id, What::ToHuman { turn, by: By::Automation, because, outcome: Vars::new() });
        }
    }

    /// Records that a run waits for what it asked, and what it has found out beside what it began with.
    pub(crate) fn suspend(&mut self, id: SessionId, run: RunId, asking: Asking, mut found: Vars) {
        if !vars_fit(&found) {
            found.clear();
        }
        if let Some(session) = self.sessions.get(&id) {
            let given = session.given_vars();
            found.retain(|name, value| given.get(name) != Some(value));
        }
        self.record(id, What::FlowSuspended(Suspended { run, ask: asking.word().to_owned(), found }));
    }

    fn transfer_out(&mut self, id: SessionId, run: RunId, to: &str, ring_s: u32) {
        let ring_s = ring_s.clamp(1, 120);
        let call = self.sessions.get(&id).is_some_and(Session::is_call);
        match self.destination(to).filter(|route| call || route_takes_chats(route)) {
            None => self.resume(id, run, "failed"),
            Some(Route::Phone(name)) => self.dial(id, Target::Phone(name), ring_s),
            Some(Route::Uri(uri)) => self.dial(id, Target::Uri(uri), ring_s),
            Some(Route::Agent(name)) => self.ask_agent(id, &name),
            Some(route @ (Route::Flow(_) | Route::Queue(_) | Route::Conference(_))) => {
                self.stop_run(id, run);
                self.go(id, route);
            }
        }
    }

    /// Where a transfer to `to` leads: a number of ours, or a SIP URI as it stands.
    pub(crate) fn destination(&self, to: &str) -> Option<Route> {
        if to.len() > MAX_TARGET {
            return None;
        }
        if to.starts_with("sip:") || to.starts_with("sips:") {
            return Some(Route::Uri(to.to_owned()));
        }
        let (route, _) = self.plan.resolve(to)?;
        self.leads_somewhere(&route).then_some(route)
    }

    /// A run has come to its end or failed.
    pub(crate) fn run_over(&mut self, id: SessionId, run: RunId, failed: Option<String>) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(over) = session.run(run) else { return };
        let (while_waiting, unattended) =
            (over.while_waiting, matches!(session.stage, Stage::Unattended { .. }));
        let in_ivr = matches!(how(session), How::InIvr { run: owned, .. } if owned == run);
        let cause = if failed.is_some() { Cause::Failed } else { Cause::Normal };
        let because = if failed.is_some() { BackBecause::Failed } else { BackBecause::Ended };
        self.record(id, What::FlowEnded { run, failed });
        if while_waiting {
            return;
        }
        if in_ivr {
            self.back_to_human(id, By::Automation, Some(because), Vars::new());
        } else if unattended {
            self.queue_after_loss(id, because, Vars::new());
        } else if self.sessions.get(&id).is_some_and(|s| matches!(s.stage, Stage::SelfService)) {
            self.automation_ends(id, cause);
        }
    }

    /// The automatic service ends the session; a chat's once its customer has been told the last words.
    fn automation_ends(&mut self, id: SessionId, cause: Cause) {
        match self.sessions.get_mut(&id).filter(|session| !session.live.lines.is_empty()) {
            Some(session) => session.live.parting = Some(cause),
            None => self.end(id, By::Automation, cause),
        }
    }
}

/// How customer and partner are together; plain talk where they are not.
fn how(session: &Session) -> How {
    session.together().map_or(How::Talk, |with| with.how)
}
