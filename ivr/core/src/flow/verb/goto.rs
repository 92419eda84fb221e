//! `goto`: on to another node.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then};

/// Goes on elsewhere.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goto {
    /// The node.
    next: String,
}

impl Step for Goto {
    fn exits(&self) -> Vec<Exit<'_>> {
        vec![("next", &self.next)]
    }

    fn on<'v>(&'v self, _: Happened<'_>, _: &mut Desk) -> Then<'v> {
        Then::Go(&self.next)
    }
}
