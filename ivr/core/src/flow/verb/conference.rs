//! `conference`: the caller goes to a conference room.

use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Media, Need, Step, Then, calls_only_problems, named};
use crate::flow::text::Template;

/// Puts the caller into a conference room, where everybody hears everybody. It serves calls only.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conference {
    /// The room's name.
    room: Template,
    /// The next node when the caller is taken out of the room; none is the flow's end.
    next: Option<String>,
    /// Where to go without a place in the room, and in a chat; none fails the flow.
    on_error: Option<String>,
}

impl Step for Conference {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_error", &self.on_error)])
    }

    fn problems(&self) -> Vec<String> {
        self.room.secrets().map(|name| format!("`room`: `{name}` is secret and cannot be sent")).collect()
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        calls_only_problems("on_error", &self.on_error, media)
    }

    fn needs(&self) -> Need {
        Need::Answered
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered if desk.chat.is_some() => {
                Then::by_or_fail([self.on_error.as_ref()], "a chat goes to no conference room")
            }
            Happened::Entered => Then::Ask(Ask::Conference { room: self.room.fill(&desk.vars) }),
            Happened::Resumed("done") => Then::by(self.next.as_ref()),
            Happened::Resumed(exit) => {
                Then::by_or_fail([self.on_error.as_ref()], format!("there is no place in the room: {exit}"))
            }
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}
