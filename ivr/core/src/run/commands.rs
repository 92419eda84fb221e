//! What cti tells a run, and S4's to-auto.

use ngcc_proto::bcsm::{AutoRun, BackBecause, ToAuto, ToHuman, Turn};
use ngcc_proto::envelope::Body;
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::{Command, Event, Vars};
use ngcc_proto::{ConferenceId, LegId, MessageId, Now, RunId, SessionId};

use super::shelf::Deferred;
use super::{Run, Runs, WaitsFor};
use crate::flow::chat::Chat;
use crate::flow::machine::{Line, Machine, Stage};
use crate::flow::vars::Variables;
use crate::legs::Legs;
use crate::out::Out;

/// What it takes to begin a run.
struct Beginning {
    run: RunId,
    conference: ConferenceId,
    leg: LegId,
    flow: String,
    vars: Vars,
    line: Line,
    medium: Medium,
    turn: Option<Turn>,
    session: Option<SessionId>,
    cause: MessageId,
}

impl Runs {
    /// A command of cti's; one for a run that is over is ignored.
    pub(crate) fn command(
        &mut self,
        command: Command,
        session: Option<SessionId>,
        cause: MessageId,
        legs: &Legs,
        now: Now,
        out: &mut Out,
    ) {
        if self.shelf.waits() {
            let deferred = Deferred::Command { command, session, cause };
            return self.defer(deferred, now, out);
        }
        match command {
            Command::Start { run, conference, leg, flow, vars, answered, medium } => {
                let up = answered || medium == Medium::Chat;
                let line = if up { Line::Answered } else { Line::Unanswered };
                let turn = None;
                self.begin(
                    Beginning { run, conference, leg, flow, vars, line, medium, turn, session, cause },
                    legs,
                    now,
                    out,
                );
            }
            Command::Answered { run } => {
                self.caused(run, cause);
                self.step(run, now, out, |machine| machine.answered(now));
            }
            Command::AgentFound { run, agent, public } => {
                self.caused(run, cause);
                self.push_aside_for(run, now, out);
                self.step(run, now, out, |machine| machine.agent_found(agent.name(), &public, now));
            }
            Command::Resume { run, exit, vars } => {
                if let Some(resumed) = self.caused(run, cause) {
                    resumed.turn = None;
                }
                self.step(run, now, out, |machine| machine.resume(&exit, vars, now));
            }
            Command::Suspend { run } => {
                if let Some(suspended) = self.caused(run, cause) {
                    suspended.turn = None;
                }
                self.step(run, now, out, Machine::suspend);
            }
            Command::Heard { run, seq, text, behind } => {
                self.caused(run, cause);
                self.step(run, now, out, |machine| machine.heard(seq, text, behind, now));
            }
            Command::Stop { run } => self.remove(run, out),
        }
    }

    /// The agent gives the customer to the automatic service (S4-03).
    pub(crate) fn hand_over(
        &mut self,
        to_auto: ToAuto,
        session: Option<SessionId>,
        cause: MessageId,
        legs: &Legs,
        now: Now,
        out: &mut Out,
    ) {
        if self.shelf.waits() {
            let deferred = Deferred::ToAuto { to_auto, session, cause };
            return self.defer(deferred, now, out);
        }
        let ToAuto { turn, conference, leg, run, args } = to_auto;
        match run {
            AutoRun::Resume { run } => {
                let Some(resumed) = self.caused(run, cause) else {
                    // S4-12: what cannot run gives the customer back at once.
                    let because = BackBecause::Failed;
                    let back = ToHuman { turn, run, because, outcome: Vars::new() };
                    return out.send(now, session, Some(cause), back);
                };
                resumed.turn = Some(turn);
                resumed.conference = conference;
                self.step(run, now, out, |machine| machine.resume("returned", args, now));
            }
            AutoRun::Flow { run, flow } => {
                let (vars, line, turn) = (args, Line::Answered, Some(turn));
                // The agent is in a call's conference; nobody is in a chat's, which has no media.
                let chats = !legs.has(leg) && legs.in_conference(conference).next().is_none();
                let medium = if chats { Medium::Chat } else { Medium::Voice };
                self.begin(
                    Beginning { run, conference, leg, flow, vars, line, medium, turn, session, cause },
                    legs,
                    now,
                    out,
                );
            }
        }
    }

    fn begin(&mut self, beginning: Beginning, legs: &Legs, now: Now, out: &mut Out) {
        let Beginning { run: id, conference, leg, flow, vars, line, medium, turn, session, cause } =
            beginning;
        if self.runs.contains_key(&id) {
            return;
        }
        let refuse = |why: String, out: &mut Out| {
            let node = String::new();
            let body: Body = match turn {
                None => Event::Failed { run: id, node, why }.into(),
                Some(turn) => {
                    ToHuman { turn, run: id, because: BackBecause::Failed, outcome: Vars::new() }.into()
                }
            };
            out.send(now, session, Some(cause), body);
        };
        let chat = (medium == Medium::Chat).then(Chat::default);
        if chat.is_none() && !legs.has(leg) {
            return refuse("its leg is not open".to_owned(), out);
        }
        let flow = match self.shelf.flow(&flow) {
            Ok(flow) if flow.serves(medium) => flow,
            Ok(flow) => return refuse(format!("the flow `{}` does not serve this medium", flow.name()), out),
            Err(why) => return refuse(why, out),
        };
        let mut variables = Variables::default();
        if let Err(full) = variables.take(vars) {
            return refuse(full.to_string(), out);
        }
        let machine = Machine::new(flow, self.shelf.forms(), variables, line, chat, now);
        let cause = Some(cause);
        let run = Run { turn, cause, ..Run::new(machine, conference, leg, session) };
        self.insert(id, run);
        self.step(id, now, out, |machine| machine.start(now));
    }

    pub(super) fn insert(&mut self, id: RunId, run: Run) {
        self.by_leg.insert((run.leg, id));
        self.runs.insert(id, run);
    }

    /// Keeps a command until the flows' texts are there.
    fn defer(&mut self, deferred: Deferred, now: Now, out: &mut Out) {
        let Some(refused) = self.shelf.defer(deferred) else { return };
        let (why, node) = ("the flows are not there yet".to_owned(), String::new());
        match refused {
            Deferred::Command { command: Command::Start { run, .. }, session, cause } => {
                out.send(now, session, Some(cause), Event::Failed { run, node, why });
            }
            // The others are for runs that cti will hear of, or not, with `Restored`.
            Deferred::Command { .. } | Deferred::ToAuto { .. } => {}
        }
    }

    /// What was kept, in its order.
    pub(super) fn take_up_deferred(&mut self, legs: &Legs, now: Now, out: &mut Out) {
        for deferred in self.shelf.take_deferred() {
            match deferred {
                Deferred::Command { command, session, cause } => {
                    self.command(command, session, cause, legs, now, out);
                }
                Deferred::ToAuto { to_auto, session, cause } => {
                    self.hand_over(to_auto, session, cause, legs, now, out);
                }
            }
        }
    }

    fn caused(&mut self, id: RunId, cause: MessageId) -> Option<&mut Run> {
        let run = self.runs.get_mut(&id)?;
        run.cause = Some(cause);
        Some(run)
    }

    /// An announcement is heard alone: a wait flow of the same leg makes room for it.
    fn push_aside_for(&mut self, id: RunId, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get(&id).filter(|run| run.machine.announces()) else { return };
        let others: Vec<RunId> = self.of_leg(run.leg).filter(|other| *other != id).collect();
        for other in others {
            let Some(run) = self.runs.get_mut(&other) else { continue };
            if run.machine.stage() == Stage::Working {
                run.pushed_aside = true;
                self.step(other, now, out, Machine::suspend);
            }
        }
    }
}

impl Run {
    pub(super) fn new(
        machine: Machine,
        conference: ConferenceId,
        leg: LegId,
        session: Option<SessionId>,
    ) -> Self {
        Self {
            machine,
            conference,
            leg,
            session,
            cause: None,
            turn: None,
            waits_for: WaitsFor::Nothing,
            due: None,
            saved: None,
            pushed_aside: false,
        }
    }
}
