//! What of a run outlives a restart, and how it goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::Now;
use ngcc_proto::config::Form;
use serde::{Deserialize, Serialize};

use super::Flow;
use super::chat::{Chat, ChatRecord};
use super::desk::{Act, Desk};
use super::filling::Filling;
use super::machine::{Line, Machine, Stage};
use super::vars::{Value, Variables};
use super::verb::Happened;

/// Where a run stands, without its secrets and without what was typed ahead.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) flow: String,
    pub(crate) version: u32,
    node: String,
    stage: Stage,
    line: Line,
    vars: BTreeMap<Box<str>, Value>,
    steps: u32,
    /// Only of a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat: Option<ChatPosition>,
}

/// What a chat's run knows besides.
#[derive(Debug, Serialize, Deserialize)]
struct ChatPosition {
    /// How often nothing useful was written at the node.
    tries: u32,
    /// How far the customer has come in the form that the node has filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<Filling>,
    #[serde(flatten)]
    record: ChatRecord,
}

impl Position {
    /// Whether it is a chat's, which needs no leg here.
    pub(crate) fn chats(&self) -> bool {
        self.chat.is_some()
    }
}

impl Machine {
    pub(crate) fn position(&self) -> Position {
        let tries = self.desk.work.tries();
        let of_chat =
            |chat: &Chat| ChatPosition { tries, form: self.desk.filling.clone(), record: chat.record() };
        Position {
            flow: self.flow.name().to_owned(),
            version: self.flow.version(),
            node: self.node.to_string(),
            stage: self.stage,
            line: self.line,
            vars: self.desk.vars.plain().clone(),
            steps: self.steps,
            chat: self.desk.chat.as_ref().map(of_chat),
        }
    }

    /// A run at a stored position of a flow, which may be of another version by now; `go_on` follows.
    ///
    /// # Errors
    /// The flow has no such node any more.
    pub(crate) fn restored(
        position: Position,
        flow: Arc<Flow>,
        forms: Arc<BTreeMap<String, Form>>,
        now: Now,
    ) -> Result<Self, String> {
        let Some(node) = flow.name_of(&position.node) else {
            return Err(format!("version {} of the flow has no node `{}`", flow.version(), position.node));
        };
        let (stage, line, steps) = (position.stage, position.line, position.steps);
        let mut desk = Desk::new(Variables::restored(position.vars), &flow, forms, None, now);
        if let Some(ChatPosition { tries, form, record }) = position.chat {
            desk.chat = Some(Chat::restored(record, stage == Stage::Working));
            (desk.tries_before, desk.filling) = (tries, form);
        }
        Ok(Self { flow, node, stage, line, steps, desk })
    }

    /// After a restart. On a call a node that was at work is entered again (its prompt begins again, keys
    /// are asked for again); a request for an answer is made again, since it may not have got out. In a
    /// chat what may not have got out is written again under its old numbers, and nothing else is.
    pub(crate) fn go_on(&mut self, now: Now) -> Vec<Act> {
        let again: Vec<Act> = self.desk.chat.iter().flat_map(Chat::unsure).cloned().map(Act::Say).collect();
        again.into_iter().for_each(|act| self.desk.act(act));
        match self.stage {
            Stage::Working => {
                self.tell_step(None);
                return self.on(Happened::Entered, now);
            }
            Stage::Answering { early } => self.desk.act(Act::AnswerNeeded { early }),
            Stage::Asked | Stage::Suspended | Stage::Over => {}
        }
        self.desk.take_acts()
    }
}
