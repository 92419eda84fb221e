//! What an agent does on the customer's page, and what the customer answers.

use ngcc_proto::collab::Act as Mark;

use super::element::Takes;
use super::{Cobrowse, Stage};
use crate::ask::{Act, Grant};
use crate::desk::Desk;
use crate::io::Line;
use crate::tell::{Tell, Wrong};

/// The most proposals that wait for an answer; the oldest gives way.
const PROPOSALS: usize = 32;

impl Cobrowse {
    /// Passes an act on: what is to be noted of it.
    ///
    /// # Errors
    /// It is not granted, its element is not there or masked, or nobody is there to see it.
    pub(crate) fn act(
        &mut self,
        line: Line,
        id: Option<String>,
        act: Act,
        stage: &Stage,
        desk: &mut Desk,
    ) -> Result<Option<(Mark, String)>, Wrong> {
        let needs = act.needs();
        if !stage.open || !stage.consents.has(needs) {
            return Err(Wrong::Consent);
        }
        let customer = stage.customer.ok_or(Wrong::Forbidden)?;
        let about = self.about(&act)?;
        self.acts += 1;
        let n = self.acts;
        let note = match needs {
            Grant::Pointer => None,
            Grant::Control => {
                let just = self.noted.is_some_and(|last| desk.now.mono.since(last) < desk.limits.ask);
                if !just {
                    self.noted = Some(desk.now.mono);
                }
                (!just).then_some((Mark::Control, about))
            }
            Grant::View => {
                self.proposed.insert(n, about.clone());
                if self.proposed.len() > PROPOSALS {
                    self.proposed.pop_first();
                }
                Some((Mark::Propose, about))
            }
        };
        let tell = Tell::Act { n, act };
        // What is pointed at is seen; what is entered is not the recording's.
        if let Some(tape) = stage.tape.filter(|_| needs == Grant::Pointer) {
            tape.entry(tell.clone(), desk);
        }
        desk.say(customer, None, tell);
        if id.is_some() {
            desk.say(line, id, Tell::Acted { n });
        }
        Ok(note)
    }

    /// What an act is about, for the record: never what was entered.
    fn about(&self, act: &Act) -> Result<String, Wrong> {
        let word = match act {
            Act::Pointer { .. } | Act::Stroke { .. } | Act::Clear => "pointer",
            Act::Scroll { .. } => "scroll",
            Act::Open { .. } => "open",
            Act::Click { node } => {
                self.may_click(*node)?;
                "click"
            }
            Act::Input { node, .. } => return self.may_fill(*node, Takes::Value, false),
            Act::Check { node, .. } => return self.may_fill(*node, Takes::Tick, false),
            Act::Propose { node, .. } => return self.may_fill(*node, Takes::Value, true),
        };
        Ok(word.to_owned())
    }

    fn may_click(&self, node: u64) -> Result<(), Wrong> {
        let element = self.page.mirror.element(node).ok_or(Wrong::UnknownNode)?;
        let Some(field) = &element.field else { return Ok(()) };
        // A click on a box is a tick.
        let ticks = field.takes == Takes::Tick && !self.page.mirror.scope(node).value_is_shown(field);
        if field.secret || ticks { Err(Wrong::Masked) } else { Ok(()) }
    }

    /// Whether a field takes something of the agent's; `asked`: the customer sees and confirms it first, so that
    /// it need not be shown to the agent.
    fn may_fill(&self, node: u64, takes: Takes, asked: bool) -> Result<String, Wrong> {
        let element = self.page.mirror.element(node).ok_or(Wrong::UnknownNode)?;
        let field = element.field.as_ref().ok_or(Wrong::Bad)?;
        if field.secret || !(asked || self.page.mirror.scope(node).value_is_shown(field)) {
            return Err(Wrong::Masked);
        }
        if field.takes == takes { Ok(field.name.clone()) } else { Err(Wrong::Bad) }
    }

    /// The customer answers a proposal: what it was about.
    ///
    /// # Errors
    /// None of that number waits.
    pub(crate) fn answer(&mut self, act: u64) -> Result<String, Wrong> {
        self.proposed.remove(&act).ok_or(Wrong::Bad)
    }

    /// Whoever proposed something is gone.
    pub(crate) fn nothing_pending(&mut self) {
        self.proposed.clear();
        self.noted = None;
    }
}
