//! `echo`: the caller hears itself, to test a line.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Media, Need, Step, Then, calls_only_problems, named, range_problem};
use crate::flow::desk::{Act, Work};

/// Sends the caller's own voice back. Keys are kept for later. It serves calls only.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Echo {
    /// For how long; none is until the caller hangs up.
    seconds: Option<u32>,
    /// The next node; none is the flow's end.
    next: Option<String>,
    /// Where to go in a chat; none fails the flow.
    on_error: Option<String>,
}

impl Step for Echo {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_error", &self.on_error)])
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        calls_only_problems("on_error", &self.on_error, media)
    }

    fn problems(&self) -> Vec<String> {
        self.seconds.and_then(|s| range_problem("seconds", s, 1, 86_400)).into_iter().collect()
    }

    fn needs(&self) -> Need {
        Need::Media
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered if desk.chat.is_some() => {
                Then::by_or_fail([self.on_error.as_ref()], "a chat has no echo")
            }
            Happened::Entered => {
                desk.work = Work::Echo;
                desk.act(Act::Echo(true));
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
