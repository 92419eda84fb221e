//! `transfer`: the caller is connected with a number or URI.

use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Media, Step, Then, calls_only_problems, named, range_problem};
use crate::flow::text::Template;

/// Connects the caller with a number of the dial plan or a SIP URI. It serves calls only.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transfer {
    /// Where to.
    to: Template,
    /// Seconds it may ring.
    #[serde(default = "ring")]
    ring_s: u32,
    /// The next node when the other side hung up first; none is the flow's end.
    next: Option<String>,
    /// Where to go when it is busy or declines; none takes `on_failed`.
    on_busy: Option<String>,
    /// Where to go when nobody answers; none takes `on_failed`.
    on_no_answer: Option<String>,
    /// Where to go when it cannot be reached, and in a chat; none fails the flow.
    on_failed: Option<String>,
}

impl Step for Transfer {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([
            ("next", &self.next),
            ("on_busy", &self.on_busy),
            ("on_no_answer", &self.on_no_answer),
            ("on_failed", &self.on_failed),
        ])
    }

    fn problems(&self) -> Vec<String> {
        let mut found: Vec<String> =
            self.to.secrets().map(|name| format!("`to`: `{name}` is secret and cannot be sent")).collect();
        found.extend(range_problem("ring_s", self.ring_s, 1, 600));
        found
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        calls_only_problems("on_failed", &self.on_failed, media)
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        let failed = self.on_failed.as_ref();
        match happened {
            Happened::Entered if desk.chat.is_some() => {
                Then::by_or_fail([failed], "a chat is transferred to no number")
            }
            Happened::Entered => {
                Then::Ask(Ask::Transfer { to: self.to.fill(&desk.vars), ring_s: self.ring_s })
            }
            Happened::Resumed("done") => Then::by(self.next.as_ref()),
            Happened::Resumed("busy") => {
                Then::by_or_fail([self.on_busy.as_ref(), failed], "the other side is busy")
            }
            Happened::Resumed("no_answer") => {
                Then::by_or_fail([self.on_no_answer.as_ref(), failed], "the other side does not answer")
            }
            Happened::Resumed(exit) => Then::by_or_fail([failed], format!("the transfer ended: {exit}")),
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}

fn ring() -> u32 {
    30
}
