//! `to-human` (S4-01, S4-04): the flow is suspended while an agent has the customer, and goes on when
//! the agent gives the customer back.

use ngcc_proto::AgentUri;
use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Texts, Then, named, range_problem};
use crate::flow::text::Template;

/// Gives the customer to an agent: through a queue, or back to the agent who has the session.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToHuman {
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
    /// Where to go when the agent gives the customer back; none is the flow's end.
    on_returned: Option<String>,
    /// Where to go when the agent is gone and the customer is not; none takes `on_no_agent`.
    on_left: Option<String>,
    /// Where to go when there is nobody who could answer; none fails the flow.
    on_no_agent: Option<String>,
    /// Where to go when the queue is full; none takes `on_no_agent`.
    on_full: Option<String>,
    /// Where to go after the longest wait; none takes `on_no_agent`.
    on_timeout: Option<String>,
}

impl Step for ToHuman {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([
            ("on_returned", &self.on_returned),
            ("on_left", &self.on_left),
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
                prefer: agent(&self.prefer, desk),
                max_wait_s: self.max_wait_s,
                returns: true,
            }),
            Happened::Resumed("returned") => Then::by(self.on_returned.as_ref()),
            Happened::Resumed("left") => {
                Then::by_or_fail([self.on_left.as_ref(), no_agent], "the agent has left")
            }
            Happened::Resumed("full") => {
                Then::by_or_fail([self.on_full.as_ref(), no_agent], "the queue is full")
            }
            Happened::Resumed("timeout") => {
                Then::by_or_fail([self.on_timeout.as_ref(), no_agent], "no agent answered in time")
            }
            Happened::Resumed(exit) => Then::by_or_fail([no_agent], format!("there is no agent: {exit}")),
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}

/// What is wrong with a request for a human.
pub(super) fn human_problems(
    queue: &Template,
    prefer: &Option<Template>,
    max_wait_s: Option<u32>,
    announce: &Option<Texts>,
) -> Vec<String> {
    let mut found: Vec<String> =
        max_wait_s.and_then(|s| range_problem("max_wait_s", s, 1, 86_400)).into_iter().collect();
    let texts = [("queue", Some(queue)), ("prefer", prefer.as_ref())];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        found.extend(text.secrets().map(|name| format!("`{key}`: `{name}` is secret and cannot be sent")));
    }
    found.extend(announce.iter().flat_map(|texts| texts.problems("announce")));
    found
}

/// The preferred agent; none if the name, once filled in, is no user name.
pub(super) fn agent(prefer: &Option<Template>, desk: &Desk) -> Option<AgentUri> {
    let name = prefer.as_ref()?.fill(&desk.vars);
    AgentUri::new(name.strip_prefix("agent:").unwrap_or(&name)).ok()
}
