//! One run of a flow, as a machine: it walks from node to node, and stands where a verb waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::config::Form;
use ngcc_proto::flow::Vars;
use ngcc_proto::{Mono, Now, Secret};
use serde::{Deserialize, Serialize};

use super::Flow;
use super::chat::{Chat, ChatStamp, MAX_AT_ONCE};
use super::desk::{Act, Desk};
use super::fetch::Fetched;
use super::vars::Variables;
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

/// See the module. After each call the caller takes the acts and reads `due`.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) flow: Arc<Flow>,
    pub(super) node: Arc<str>,
    pub(super) stage: Stage,
    pub(super) line: Line,
    pub(super) steps: u32,
    pub(super) desk: Desk,
}

/// What changes whenever a run must be written down: its nodes and stage, and what a chat wrote and read.
pub(crate) type Stamp = (u32, Stage, Option<ChatStamp>);

impl Machine {
    /// A run at the start of `flow`; `start` sets it going. A chat's line is up from the start.
    pub(crate) fn new(
        flow: Arc<Flow>,
        forms: Arc<BTreeMap<String, Form>>,
        vars: Variables,
        line: Line,
        chat: Option<Chat>,
        now: Now,
    ) -> Self {
        let node = Arc::clone(flow.start());
        let desk = Desk::new(vars, &flow, forms, chat, now);
        Self { flow, node, stage: Stage::Working, line, steps: 1, desk }
    }

    pub(crate) fn start(&mut self, now: Now) -> Vec<Act> {
        self.tell_step(None);
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
            Stage::Asked => {
                self.desk.clear();
                Happened::Resumed(exit)
            }
            Stage::Suspended => {
                // A bot must not take it for the time before.
                self.steps += 1;
                self.tell_step(None);
                self.desk.pause();
                Happened::Entered
            }
            Stage::Answering { .. } | Stage::Working | Stage::Over => return Vec::new(),
        };
        if let Some(chat) = &mut self.desk.chat {
            chat.certain();
        }
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
            self.desk.pause();
            self.desk.forget_typed();
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

    /// A message of a chat's customer; kept for later where nobody waits for one. One that was heard
    /// already, and one for an agent or a queue, changes nothing.
    pub(crate) fn heard(&mut self, seq: u64, text: Secret, behind: Option<u32>, now: Now) -> Vec<Act> {
        let Some(chat) = &mut self.desk.chat else { return Vec::new() };
        if !chat.take_in(seq, text, behind) {
            return Vec::new();
        }
        if self.stage != Stage::Working {
            chat.forget();
            return Vec::new();
        }
        self.on(Happened::Key, now)
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

    /// What it was when it was written down last, or is now.
    pub(crate) fn stamp(&self) -> Stamp {
        (self.steps, self.stage, self.desk.chat.as_ref().map(Chat::stamp))
    }

    /// How many nodes it has entered: no two times a node is entered have the same number.
    pub(crate) fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether it says something aloud when an agent is found now.
    pub(crate) fn announces(&self) -> bool {
        self.desk.chat.is_none()
            && self.stage == Stage::Asked
            && self.flow.node(&self.node).is_some_and(|verb| verb.announce().is_some())
    }

    /// Whether a key goes to it.
    pub(crate) fn listens(&self) -> bool {
        matches!(self.stage, Stage::Working | Stage::Answering { .. })
    }

    pub(crate) fn outcome(&self) -> Vars {
        self.desk.vars.outcome()
    }

    pub(super) fn on(&mut self, mut happened: Happened<'_>, now: Now) -> Vec<Act> {
        self.desk.now = now;
        if let Some(chat) = &mut self.desk.chat {
            chat.waited();
        }
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
                Then::Human => match flow.human() {
                    Some(target) => self.enter(target),
                    None => self.fail("the flow has no node for who asks for a human".to_owned()),
                },
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
                    self.desk.forget_typed();
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
        let chose = self.desk.chose.take();
        self.desk.clear();
        self.steps += 1;
        if self.desk.chat.as_ref().is_some_and(Chat::floods) {
            self.fail(format!("it writes more than {MAX_AT_ONCE} texts and waits for nothing"));
            return;
        }
        if self.steps > MAX_STEPS {
            self.fail(format!("it has taken more than {MAX_STEPS} steps"));
            return;
        }
        match self.flow.name_of(target) {
            Some(node) => {
                self.node = node;
                self.tell_step(chose);
            }
            None => self.fail(format!("there is no node `{target}`")),
        }
    }

    pub(super) fn tell_step(&mut self, chose: Option<String>) {
        let Some(verb) = self.flow.node(&self.node) else { return };
        self.desk.act(Act::Step { node: self.node.to_string(), verb: verb.name(), chose });
    }

    fn fail(&mut self, why: String) {
        self.desk.clear();
        self.stage = Stage::Over;
        self.desk.act(Act::Failed { node: self.node.to_string(), why });
    }
}
