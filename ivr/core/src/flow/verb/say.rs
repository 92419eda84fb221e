//! `say`: a text is spoken.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Texts, Then, named, once, range_problem, yes};
use crate::flow::desk::Work;

/// Says a text in the customer's language: that of the variable `lang`, else the flow's, else the first there is.
/// In a chat it is written once and the flow goes on; with `times` 0 it goes on when the customer writes.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Say {
    /// The text by language tag.
    text: Texts,
    /// How often; 0 is again and again.
    #[serde(default = "once")]
    times: u32,
    /// Whether a key ends it. A key typed before it, if it is still there, leaves it out.
    #[serde(default = "yes")]
    barge_in: bool,
    /// Whether keys typed so far are forgotten first.
    #[serde(default)]
    clear_digits: bool,
    /// The next node; none is the flow's end.
    next: Option<String>,
    /// Where to go when it cannot be spoken; none fails the flow.
    on_error: Option<String>,
}

impl Step for Say {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_error", &self.on_error)])
    }

    fn problems(&self) -> Vec<String> {
        let mut found = self.text.problems("text");
        found.extend(range_problem("times", self.times, 0, 1000));
        found
    }

    fn needs(&self) -> Need {
        Need::Media
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                if self.clear_digits {
                    desk.forget_typed();
                }
                if desk.chat.is_some() {
                    return self.write(desk);
                }
                desk.work = Work::Times(self.times);
                self.say(desk)
            }
            Happened::Said(Ok(())) => {
                if let Work::Times(left) = &mut desk.work {
                    *left = left.saturating_sub(1);
                    if *left > 0 {
                        return self.say(desk);
                    }
                }
                Then::by(self.next.as_ref())
            }
            Happened::Said(Err(why)) => Then::by_or_fail([self.on_error.as_ref()], why),
            Happened::Key if self.barge_in => Then::by(self.next.as_ref()),
            Happened::Key | Happened::Late | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Say {
    fn write(&self, desk: &mut Desk) -> Then<'_> {
        desk.write(Some(&self.text), Vec::new());
        if self.times > 0 || (self.barge_in && desk.has_typed()) {
            return Then::by(self.next.as_ref());
        }
        desk.listen(false);
        Then::Stay
    }

    fn say(&self, desk: &mut Desk) -> Then<'_> {
        if self.barge_in && !desk.keys.is_empty() {
            return Then::by(self.next.as_ref());
        }
        desk.utter(Some(&self.text), None, self.times == 0);
        Then::Stay
    }
}
