//! One run of a flow, as a machine: it walks from node to node, and stands where a verb waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::Mono;
use ngcc_proto::Now;
use ngcc_proto::flow::Vars;
use serde::{Deserialize, Serialize};

use super::Flow;
use super::desk::{Act, Desk, Fetched};
use super::vars::{Value, Variables};
use super::verb::{Happened, Need, Then};

/// The most nodes a run may enter.
pub(crate) const MAX_STEPS: u32 = 10_000;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Before its node: the leg must be answered first.
    Answering {
        /// With early media only.
        early: bool,
    },
    /// In its node.
    Working,
    /// Its node has asked the house.
    Asked,
    /// The agent took the customer back; the node is entered again.
    Suspended,
    /// At its end.
    Over,
}

/// How far the leg is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// Not at all.
    Unanswered,
    /// It has early media.
    Early,
    /// It is up.
    Answered,
}

/// What of a run outlives a restart.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) flow: String,
    pub(crate) version: u32,
    node: String,
    stage: Stage,
    line: Line,
    vars: BTreeMap<Box<str>, Value>,
    steps: u32,
}

/// See the module. After each call the caller takes the acts and reads `due`.
#[derive(Debug)]
pub(crate) struct Machine {
    flow: Arc<Flow>,
    node: Arc<str>,
    stage: Stage,
    line: Line,
    steps: u32,
    desk: Desk,
}

impl Machine {
    /// A run at the start of `flow`; `start` sets it going.
    pub(crate) fn new(flow: Arc<Flow>, vars: Variables, line: Line, now: Now) -> Self {
        let node = Arc::clone(flow.start());
        let desk = Desk::new(vars, flow.lang(), now);
        Self { flow, node, stage: Stage::Working, line, steps: 1, desk }
    }

    pub(crate) fn start(&mut self, now: Now) -> Vec<Act> {
        self.on(Happened::Entered, now)
    }

    /// The leg is answered, or has early media if that was asked for.
    pub(crate) fn answered(&mut self, now: Now) -> Vec<Act> {
        let Stage::Answering { early } = self.stage else {
            self.line = Line::Answered;
            return Vec::new();
        };
        self.line = if early { Line::Early } else { Line::Answered };
        self.stage = Stage::Working;
        self.on(Happened::Entered, now)
    }

    /// Goes on by an exit of the step that asked, or with the step it was taken away from.
    pub(crate) fn resume(&mut self, exit: &str, vars: Vars, now: Now) -> Vec<Act> {
        let happened = match self.stage {
            Stage::Asked => Happened::Resumed(exit),
            Stage::Suspended => Happened::Entered,
            Stage::Answering { .. } | Stage::Working | Stage::Over => return Vec::new(),
        };
        self.desk.clear();
        self.stage = Stage::Working;
        if let Err(full) = self.desk.vars.take(vars) {
            self.fail(full.to_string());
            return self.desk.take_acts();
        }
        self.on(happened, now)
    }

    /// Stops where it is.
    pub(crate) fn suspend(&mut self) -> Vec<Act> {
        if matches!(self.stage, Stage::Working | Stage::Answering { .. }) {
            self.desk.clear();
            self.desk.keys.clear();
            self.stage = Stage::Suspended;
        }
        self.desk.take_acts()
    }

    /// An agent has been found for the step that asked for one.
    pub(crate) fn agent_found(&mut self, agent: &str, public: &str, now: Now) -> Vec<Act> {
        self.desk.now = now;
        if self.stage != Stage::Asked {
            return Vec::new();
        }
        for (name, value) in [("agent", agent), ("agent_number", public)] {
            if let Err(full) = self.desk.vars.set(name, value.into()) {
                self.fail(full.to_string());
                return self.desk.take_acts();
            }
        }
        let announce = self.flow.node(&self.node).and_then(|verb| verb.announce());
        self.desk.utter(announce, None, false);
        self.desk.take_acts()
    }

    /// A key; kept for later where nobody waits for one.
    pub(crate) fn key(&mut self, key: char, now: Now) -> Vec<Act> {
        self.desk.keys.push(key);
        if self.stage == Stage::Working { self.on(Happened::Key, now) } else { Vec::new() }
    }

    /// What was being said has come to its end, or could not be said.
    pub(crate) fn said(&mut self, said: Result<(), String>, now: Now) -> Vec<Act> {
        self.desk.said();
        if self.stage == Stage::Working { self.on(Happened::Said(said), now) } else { Vec::new() }
    }

    pub(crate) fn fetched(&mut self, fetched: &Fetched, now: Now) -> Vec<Act> {
        if self.stage == Stage::Working { self.on(Happened::Fetched(fetched), now) } else { Vec::new() }
    }

    /// The time may have come.
    pub(crate) fn wake(&mut self, now: Now) -> Vec<Act> {
        self.desk.now = now;
        if self.desk.take_due() && self.stage == Stage::Working {
            return self.on(Happened::Late, now);
        }
        Vec::new()
    }

    /// Falls silent: nobody may hear the automation now. An announcement is lost; a node goes on without it.
    pub(crate) fn unheard(&mut self) -> Vec<Act> {
        if self.stage == Stage::Asked {
            self.desk.hush();
        }
        self.desk.take_acts()
    }

    /// Ends it without a word.
    pub(crate) fn stop(&mut self) -> Vec<Act> {
        self.desk.clear();
        self.stage = Stage::Over;
        self.desk.take_acts()
    }

    pub(crate) fn due(&self) -> Option<Mono> {
        self.desk.due()
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage
    }

    /// How many nodes it has entered: with the stage, where it stands.
    pub(crate) fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether it says something when an agent is found now.
    pub(crate) fn announces(&self) -> bool {
        self.stage == Stage::Asked && self.flow.node(&self.node).is_some_and(|verb| verb.announce().is_some())
    }

    /// Whether a key goes to it.
    pub(crate) fn listens(&self) -> bool {
        matches!(self.stage, Stage::Working | Stage::Answering { .. })
    }

    pub(crate) fn outcome(&self) -> Vars {
        self.desk.vars.outcome()
    }

    pub(crate) fn position(&self) -> Position {
        Position {
            flow: self.flow.name().to_owned(),
            version: self.flow.version(),
            node: self.node.to_string(),
            stage: self.stage,
            line: self.line,
            vars: self.desk.vars.plain().clone(),
            steps: self.steps,
        }
    }

    /// A run at a stored position of a flow, which may be of another version by now; `go_on` follows.
    ///
    /// # Errors
    /// The flow has no such node any more.
    pub(crate) fn restored(position: Position, flow: Arc<Flow>, now: Now) -> Result<Self, String> {
        let Some(node) = flow.name_of(&position.node) else {
            return Err(format!("version {} of the flow has no node `{}`", flow.version(), position.node));
        };
        let desk = Desk::new(Variables::restored(position.vars), flow.lang(), now);
        let (stage, line, steps) = (position.stage, position.line, position.steps);
        Ok(Self { node, flow, stage, line, steps, desk })
    }

    /// After a restart: a node that was at work is entered again (its prompt begins again, keys are
    /// asked for again); a request for an answer is made again, since it may not have got out.
    pub(crate) fn go_on(&mut self, now: Now) -> Vec<Act> {
        match self.stage {
            Stage::Working => self.on(Happened::Entered, now),
            Stage::Answering { early } => vec![Act::AnswerNeeded { early }],
            Stage::Asked | Stage::Suspended | Stage::Over => Vec::new(),
        }
    }

    fn on(&mut self, mut happened: Happened<'_>, now: Now) -> Vec<Act> {
        self.desk.now = now;
        let flow = Arc::clone(&self.flow);
        while self.stage == Stage::Working {
            let Some(verb) = flow.node(&self.node) else {
                self.fail("there is no such node".to_owned());
                break;
            };
            if matches!(happened, Happened::Entered) && !self.line_is_good_for(verb.needs()) {
                let early = verb.needs() == Need::EarlyMedia;
                self.stage = Stage::Answering { early };
                self.desk.act(Act::AnswerNeeded { early });
                break;
            }
            match verb.on(happened, &mut self.desk) {
                Then::Stay => break,
                Then::Go(target) => self.enter(target),
                Then::End => {
                    self.desk.clear();
                    self.stage = Stage::Over;
                    let outcome = self.outcome();
                    self.desk.act(Act::Ended(outcome));
                }
                Then::Fail(why) => self.fail(why),
                Then::Ask(ask) => {
                    self.desk.clear();
                    // What was typed before a hand-over must not choose anything after it.
                    self.desk.keys.clear();
                    self.stage = Stage::Asked;
                    self.desk.act(Act::Ask(ask));
                }
            }
            happened = Happened::Entered;
        }
        self.desk.take_acts()
    }

    fn line_is_good_for(&self, need: Need) -> bool {
        match need {
            Need::Nothing => true,
            Need::Media | Need::EarlyMedia => self.line != Line::Unanswered,
            Need::Answered => self.line == Line::Answered,
        }
    }

    fn enter(&mut self, target: &str) {
        self.desk.clear();
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.fail(format!("it has taken more than {MAX_STEPS} steps"));
            return;
        }
        match self.flow.name_of(target) {
            Some(node) => self.node = node,
            None => self.fail(format!("there is no node `{target}`")),
        }
    }

    fn fail(&mut self, why: String) {
        self.desk.clear();
        self.stage = Stage::Over;
        self.desk.act(Act::Failed { node: self.node.to_string(), why });
    }
}
