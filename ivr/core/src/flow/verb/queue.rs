//! `queue`: the caller goes to a queue and does not come back.

use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::to_human::human_problems;
use super::{Desk, Exit, Happened, Need, Step, Texts, Then, named};
use crate::flow::text::Template;

/// Puts the customer into a queue. The flow goes on only if no agent takes the call or the chat.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Queue {
    /// The queue's name.
    queue: Template,
    /// Added to the queue's priority; higher is sooner.
    #[serde(default)]
    priority: i32,
    /// The user name of an agent to be preferred.
    prefer: Option<Template>,
    /// The longest wait in seconds; none takes the queue's.
    max_wait_s: Option<u32>,
    /// What is said when an agent is found, with `${agent}` and `${agent_number}`, by language tag.
    announce: Option<Texts>,
    /// Where to go when there is nobody who could answer; none fails the flow.
    on_no_agent: Option<String>,
    /// Where to go when the queue is full; none takes `on_no_agent`.
    on_full: Option<String>,
    /// Where to go after the longest wait; none takes `on_no_agent`.
    on_timeout: Option<String>,
}

impl Step for Queue {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([
            ("on_no_agent", &self.on_no_agent),
            ("on_full", &self.on_full),
            ("on_timeout", &self.on_timeout),
        ])
    }

    fn problems(&self) -> Vec<String> {
        human_problems(&self.queue, &self.prefer, self.max_wait_s, &self.announce)
    }

    fn needs(&self) -> Need {
        Need::Answered
    }

    fn announce(&self) -> Option<&Texts> {
        self.announce.as_ref()
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        let no_agent = self.on_no_agent.as_ref();
        match happened {
            Happened::Entered => Then::Ask(Ask::Human {
                queue: self.queue.fill(&desk.vars),
                priority: self.priority,
                prefer: super::to_human::agent(&self.prefer, desk),
                max_wait_s: self.max_wait_s,
                returns: false,
            }),
            Happened::Resumed("full") => {
                Then::by_or_fail([self.on_full.as_ref(), no_agent], "the queue is full")
            }
            Happened::Resumed("timeout") => {
                Then::by_or_fail([self.on_timeout.as_ref(), no_agent], "no agent answered in time")
            }
            Happened::Resumed(exit) => {
                Then::by_or_fail([no_agent], format!("the queue gave the caller back: {exit}"))
            }
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}
