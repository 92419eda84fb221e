//! `if`: a condition chooses the next node.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then, named};
use crate::flow::expr::Expr;

/// Goes one way if a condition holds, and another if not.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct If {
    /// The condition.
    expr: Expr,
    /// The node if it holds; none is the flow's end.
    then: Option<String>,
    /// The node if it does not; none is the flow's end.
    #[serde(rename = "else")]
    otherwise: Option<String>,
}

impl Step for If {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("then", &self.then), ("else", &self.otherwise)])
    }

    fn on<'v>(&'v self, _: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        let exit = if self.expr.holds(&desk.vars) { &self.then } else { &self.otherwise };
        Then::by(exit.as_ref())
    }
}
