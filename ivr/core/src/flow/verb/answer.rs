//! `answer`: the leg is answered here, before the first verb that would need it anyway.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Then, named};

/// Answers the call, or opens early media. A chat is answered already: the flow goes on.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// Early media (183) rather than an answer: the caller hears and does not pay yet.
    #[serde(default)]
    early: bool,
    /// The next node; none is the flow's end.
    next: Option<String>,
}

impl Step for Answer {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next)])
    }

    fn needs(&self) -> Need {
        if self.early { Need::EarlyMedia } else { Need::Answered }
    }

    fn on<'v>(&'v self, _: Happened<'_>, _: &mut Desk) -> Then<'v> {
        Then::by(self.next.as_ref())
    }
}
