//! `hangup`: the customer's leg is ended.

use ngcc_proto::access::Cause;
use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then};

/// Hangs up; a chat is closed.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hangup {}

impl Step for Hangup {
    fn exits(&self) -> Vec<Exit<'_>> {
        Vec::new()
    }

    fn on<'v>(&'v self, happened: Happened<'_>, _: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => Then::Ask(Ask::HangUp { cause: Cause::Normal }),
            Happened::Resumed(_) => Then::End,
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Fetched(_) => Then::Stay,
        }
    }
}
