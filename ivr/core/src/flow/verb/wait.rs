//! `wait`: nothing happens for a while, or for ever.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then, named, range_problem};

/// Waits; nothing is sent. Keys and messages are kept for later.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// For how long; none is until the caller hangs up.
    seconds: Option<u32>,
    /// The next node; none is the flow's end.
    next: Option<String>,
}

impl Step for Wait {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next)])
    }

    fn problems(&self) -> Vec<String> {
        self.seconds.and_then(|s| range_problem("seconds", s, 1, 86_400)).into_iter().collect()
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                if let Some(seconds) = self.seconds {
                    desk.wake_in(seconds);
                }
                Then::Stay
            }
            Happened::Late => Then::by(self.next.as_ref()),
            Happened::Said(_) | Happened::Key | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}
