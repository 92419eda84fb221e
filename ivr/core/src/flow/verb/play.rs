//! `play`: a recorded prompt, or hold music, is played.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Texts, Then, named, once, prompt_problem, range_problem, yes};
use crate::flow::desk::Work;

/// Plays a recorded prompt, or `music`. In a chat its `text` is written, if it has one, and the flow goes on.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Play {
    /// The prompt's name; `music` is hold music, which has no end of its own.
    prompt: String,
    /// What a chat's customer reads instead, by language tag.
    text: Option<Texts>,
    /// How often; 0 is again and again.
    #[serde(default = "once")]
    times: u32,
    /// For how long at the most; none is without limit.
    seconds: Option<u32>,
    /// Whether a key ends it. A key typed before it, if it is still there, leaves it out.
    #[serde(default = "yes")]
    barge_in: bool,
    /// Whether keys typed so far are forgotten first.
    #[serde(default)]
    clear_digits: bool,
    /// The next node; none is the flow's end.
    next: Option<String>,
    /// Where to go when there is no such prompt; none fails the flow.
    on_error: Option<String>,
}

impl Step for Play {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_error", &self.on_error)])
    }

    fn problems(&self) -> Vec<String> {
        let mut found: Vec<String> = prompt_problem(&self.prompt).into_iter().collect();
        found.extend(self.text.iter().flat_map(|texts| texts.problems("text")));
        found.extend(range_problem("times", self.times, 0, 1000));
        found.extend(self.seconds.and_then(|s| range_problem("seconds", s, 1, 86_400)));
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
                    desk.write(self.text.as_ref(), Vec::new());
                    return Then::by(self.next.as_ref());
                }
                if let Some(seconds) = self.seconds {
                    desk.wake_in(seconds);
                }
                desk.work = Work::Times(self.times);
                self.play(desk)
            }
            Happened::Said(Ok(())) => {
                if let Work::Times(left) = &mut desk.work {
                    *left = left.saturating_sub(1);
                    if *left > 0 {
                        return self.play(desk);
                    }
                }
                Then::by(self.next.as_ref())
            }
            Happened::Said(Err(why)) => Then::by_or_fail([self.on_error.as_ref()], why),
            Happened::Key if self.barge_in => Then::by(self.next.as_ref()),
            Happened::Late => Then::by(self.next.as_ref()),
            Happened::Key | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Play {
    fn play(&self, desk: &mut Desk) -> Then<'_> {
        if self.barge_in && !desk.keys.is_empty() {
            return Then::by(self.next.as_ref());
        }
        desk.utter(None, Some(&self.prompt), self.times == 0);
        Then::Stay
    }
}
