//! `sign-in`: an agent signs in by PIN; the flow behind the feature code uses it.

use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Media, Step, Then, calls_only_problems, named};
use crate::flow::vars::is_secret;

/// Signs the calling phone's agent in. It serves calls only.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The secret variable that holds the PIN.
    #[serde(default = "pin")]
    variable: String,
    /// The next node after signing in; none is the flow's end.
    next: Option<String>,
    /// Where to go when the PIN is refused, and in a chat; none fails the flow.
    on_refused: Option<String>,
}

impl Step for SignIn {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_refused", &self.on_refused)])
    }

    fn problems(&self) -> Vec<String> {
        if is_secret(&self.variable) {
            return Vec::new();
        }
        vec![format!("`variable`: `{}` is not secret: its name must end in `_secret`", self.variable)]
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        calls_only_problems("on_refused", &self.on_refused, media)
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered if desk.chat.is_some() => {
                Then::by_or_fail([self.on_refused.as_ref()], "nobody signs in by chat")
            }
            Happened::Entered => Then::Ask(Ask::SignIn { pin: desk.vars.secret(&self.variable) }),
            Happened::Resumed("done") => Then::by(self.next.as_ref()),
            Happened::Resumed(exit) => {
                Then::by_or_fail([self.on_refused.as_ref()], format!("no sign-in: {exit}"))
            }
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}

fn pin() -> String {
    "pin_secret".to_owned()
}
