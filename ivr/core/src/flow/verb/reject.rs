//! `reject`: a call that has not been answered is refused.

use ngcc_proto::access::Cause;
use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then};

/// Refuses the call; one that is answered already is hung up, and a chat is closed.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// Why.
    #[serde(default)]
    cause: Reason,
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    #[default]
    Declined,
    Busy,
    NotFound,
    Forbidden,
    Overloaded,
}

impl Step for Reject {
    fn exits(&self) -> Vec<Exit<'_>> {
        Vec::new()
    }

    fn on<'v>(&'v self, happened: Happened<'_>, _: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => Then::Ask(Ask::HangUp { cause: self.cause.into() }),
            Happened::Resumed(_) => Then::End,
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}

impl From<Reason> for Cause {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Declined => Self::Declined,
            Reason::Busy => Self::Busy,
            Reason::NotFound => Self::NotFound,
            Reason::Forbidden => Self::Forbidden,
            Reason::Overloaded => Self::Overloaded,
        }
    }
}
