//! S4: mutual control of automatic and human service. The owner's customer is given to a flow and comes
//! back to the same seat, any number of times. Arrival order here decides what crosses; the customer's
//! hang-up beats all.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::bcsm::{self, AutoRun, BackBecause};
use ngcc_proto::chat::Notice;
use ngcc_proto::fact::{By, What};
use ngcc_proto::flow::{self, Vars, vars_fit};
use ngcc_proto::seat::{self, Told};
use ngcc_proto::{LegId, RunId, SeatId, Secret, SessionId};

use crate::Cti;
use crate::session::wait::Wish;
use crate::session::{Asking, How, LegStage, Session, Stage};

/// How long after its first key the second key of a code may come.
const CODE: Duration = Duration::from_secs(2);

impl Cti {
    /// A key from the owner's phone: `*8` to-auto, `*9` take-back. None is passed on.
    pub(crate) fn key(&mut self, id: SessionId, digit: &Secret) {
        let now = self.step.now.mono;
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let star = session.live.star.take().is_some_and(|at| now.since(at) <= CODE);
        match (star, digit.expose()) {
            (_, "*") => session.live.star = Some(now),
            (true, "8") => {
                let done = self.give_to_auto(id, None, Vars::new());
                self.refused_by_key(id, done);
            }
            (true, "9") => {
                let done = self.take_back(id);
                self.refused_by_key(id, done);
            }
            (_, _) => {}
        }
    }

    fn refused_by_key(&mut self, id: SessionId, done: Result<(), &'static str>) {
        let Err(why) = done else { return };
        let Some((seat, _)) = self.owner(id) else { return };
        self.tell_seat(id, seat, Told::Refused { why: why.to_owned() });
    }

    /// Tells a seat's agent something of the session.
    pub(crate) fn tell_seat(&mut self, id: SessionId, seat: SeatId, what: Told) {
        let Some(agent) = self.resources.seat(seat).map(|seat| seat.agent.clone()) else { return };
        self.tell(Some(id), seat::Event { agent, seat, what });
    }

    /// Gives the owner's customer to a named flow, or to the suspended one (S4-03).
    pub(crate) fn give_to_auto(
        &mut self,
        id: SessionId,
        flow: Option<String>,
        args: Vars,
    ) -> Result<(), &'static str> {
        let session = self.sessions.get(&id).ok_or("there is no customer")?;
        let with = session.together().filter(|with| with.seat.is_some()).ok_or("there is no customer")?;
        let customer = session.customer().map(|leg| leg.id).ok_or("there is no customer")?;
        if !vars_fit(&args) {
            return Err("the arguments are more than 32 keys or 4 KiB");
        }
        if matches!(with.how, How::InIvr { .. }) {
            return Err("the customer is with the automatic service already");
        }
        if let How::Consulting | How::Conference = with.how {
            return Err("somebody else takes part: end that first");
        }
        let suspended = session.asking(|asking| asking == Asking::Human);
        let turn = session.turn.saturating_add(1);
        if let How::Held(by) = with.how {
            self.record(id, What::Unheld { by });
        }
        let (run, auto) = self.run_for(id, flow.as_deref(), suspended)?;
        self.record(id, What::ToAuto { turn, run, flow, args: args.clone() });
        self.notice(id, Notice::ToAuto);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.aside.listen = false;
        }
        self.hand_over(id, turn, customer, auto, args);
        Ok(())
    }

    fn run_for(
        &mut self,
        id: SessionId,
        flow: Option<&str>,
        suspended: Option<RunId>,
    ) -> Result<(RunId, AutoRun), &'static str> {
        let Some(flow) = flow else {
            let run = suspended.ok_or("there is no suspended flow")?;
            self.record(id, What::FlowResumed { run, exit: "returned".to_owned() });
            return Ok((run, AutoRun::Resume { run }));
        };
        if !self.flows.contains(flow) {
            return Err("there is no flow of that name");
        }
        if !self.resources.self_service.is_free() {
            return Err("no self-service is free");
        }
        let run: RunId = self.ids.mint(self.step.now.wall);
        self.record(id, What::FlowStarted { run, flow: flow.to_owned() });
        if let Some(session) = self.sessions.get_mut(&id) {
            session.told.has_said(run, 0);
        }
        Ok((run, AutoRun::Flow { run, flow: flow.to_owned() }))
    }

    fn hand_over(&mut self, id: SessionId, turn: bcsm::Turn, leg: LegId, run: AutoRun, args: Vars) {
        self.tell_phase(id);
        let Some(conference) = self.sessions.get(&id).map(Session::conference_now) else { return };
        self.tell(Some(id), bcsm::ToAuto { turn, conference, leg, run, args });
    }

    /// The owner takes the customer back (S4-09).
    pub(crate) fn take_back(&mut self, id: SessionId) -> Result<(), &'static str> {
        let with = self.sessions.get(&id).and_then(Session::together);
        if !with.is_some_and(|with| matches!(with.how, How::InIvr { .. })) {
            return Err("the customer is not with the automatic service");
        }
        self.back_to_human(id, By::Agent, None, Vars::new());
        Ok(())
    }

    /// Whether the owner hears automation and customer.
    pub(crate) fn listen(&mut self, id: SessionId, on: bool) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.aside.listen = on;
        self.step.touch(id);
        if let Some((seat, _)) = self.owner(id).filter(|_| on) {
            self.show_what_was_said(id, seat);
        }
    }

    /// The automatic service gives the customer back (S4-04).
    pub(crate) fn given_back(&mut self, session: Option<SessionId>, message: bcsm::ToHuman) {
        let bcsm::ToHuman { turn, run, because, outcome } = message;
        let Some(id) = session else { return };
        let Some(session) = self.sessions.get(&id) else { return };
        let now = session.turn;
        match &session.stage {
            Stage::Unattended { run: owned, .. } if turn == now && *owned == run => {
                self.queue_after_loss(id, because, outcome);
            }
            Stage::With(with) if turn == now && in_ivr(with.how) == Some(run) => {
                self.back_to_human(id, By::Automation, Some(because), outcome);
            }
            Stage::Arriving
            | Stage::SelfService
            | Stage::Waiting(_)
            | Stage::Offered { .. }
            | Stage::Dialling { .. }
            | Stage::With(_)
            | Stage::Unattended { .. }
            | Stage::InRoom
            | Stage::Closed => self.record(id, What::Stale { turn, now }),
        }
    }

    /// The customer is with the owner again: the same seat, no queue (S4-05).
    pub(crate) fn back_to_human(
        &mut self,
        id: SessionId,
        by: By,
        because: Option<BackBecause>,
        outcome: Vars,
    ) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(with) = session.together() else { return };
        let (How::InIvr { run, named }, Some(seat)) = (with.how, with.seat) else { return };
        let gone = session.leg(with.leg).is_none_or(|leg| leg.stage == LegStage::Unreachable);
        if gone && by == By::Automation {
            self.release(id, with.leg, Cause::Unreachable);
            self.leg_gone(id, with.leg, Cause::Unreachable);
            self.unattended(id, seat, Cause::Unreachable);
            return self.queue_after_loss(id, because.unwrap_or(BackBecause::Asked), outcome);
        }
        let turn = session.turn;
        let outcome = if vars_fit(&outcome) { outcome } else { Vars::new() };
        let told = (by == By::Automation).then(|| outcome.clone());
        self.record(id, What::ToHuman { turn, by, because, outcome });
        self.notice(id, Notice::ToHuman);
        self.put_away(id, run, named, because);
        self.show_what_was_said(id, seat);
        if let Some(outcome) = told {
            self.tell_seat(id, seat, Told::Returned { session: id, outcome });
        }
    }

    /// What becomes of the run whose turn is over: it waits for the next one, or it ends.
    fn put_away(&mut self, id: SessionId, run: RunId, named: bool, because: Option<BackBecause>) {
        if self.sessions.get(&id).is_none_or(|session| session.run(run).is_none()) {
            return;
        }
        match because {
            Some(BackBecause::Asked) => self.suspend(id, run, Asking::Human, Vars::new()),
            Some(BackBecause::Ended) => self.record(id, What::FlowEnded { run, failed: None }),
            Some(BackBecause::Failed) => {
                self.record(
                    id,
                    What::FlowEnded { run, failed: Some("it gave the customer back".to_owned()) },
                );
            }
            None if named => self.stop_run(id, run),
            None => {
                self.tell(Some(id), flow::Command::Suspend { run });
                self.suspend(id, run, Asking::Human, Vars::new());
            }
        }
    }

    /// The owner's leg is lost while the automatic service has the customer: it goes on (S4-11).
    pub(crate) fn unattended(&mut self, id: SessionId, seat: SeatId, cause: Cause) {
        self.record(id, What::AgentReleased { seat, cause, wrap_up_until: None });
        self.notice(id, Notice::Left { display: self.display_of(seat) });
    }

    /// Afterwards the customer waits for an agent, for that one rather than another (S4-11).
    pub(crate) fn queue_after_loss(&mut self, id: SessionId, because: BackBecause, outcome: Vars) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Stage::Unattended { run, seat, via } = session.stage else { return };
        let lane = session.lane();
        let turn = session.turn;
        let outcome = if vars_fit(&outcome) { outcome } else { Vars::new() };
        self.record(id, What::ToHuman { turn, by: By::Automation, because: Some(because), outcome });
        self.put_away(id, run, false, Some(because));
        match via.map(|no| self.resources.queues.get(no).name.clone()) {
            Some(queue) => {
                self.enqueue(id, Wish { queue, priority: 0, prefer: Some(seat), max_wait_s: None })
            }
            None if self.resources.seat(seat).is_some_and(|seat| seat.standing[lane]) => {
                self.offer(id, seat, "the owner, back again".to_owned());
            }
            None => self.end(id, By::Centre, Cause::Unreachable),
        }
    }
}

fn in_ivr(how: How) -> Option<RunId> {
    if let How::InIvr { run, .. } = how { Some(run) } else { None }
}
