//! `menu`: one key chooses the next node.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Texts, Then};
use super::{five_seconds, is_key, prompt_problems, range_problem, three_times, yes};
use crate::flow::desk::Work;

/// Offers a choice: one key leads to one node.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Menu {
    /// What is said first, by language tag.
    text: Option<Texts>,
    /// A recorded prompt instead of `text`.
    prompt: Option<String>,
    /// A node for each key: `0`–`9`, `*`, `#`, `A`–`D`.
    choices: BTreeMap<String, String>,
    /// Seconds to wait for a key after the prompt.
    #[serde(default = "five_seconds")]
    timeout_s: u32,
    /// How often it is offered.
    #[serde(default = "three_times")]
    attempts: u32,
    /// Whether a key ends the prompt.
    #[serde(default = "yes")]
    barge_in: bool,
    /// Whether keys typed so far are forgotten first.
    #[serde(default)]
    clear_digits: bool,
    /// Where to go when no key came at the last attempt; none takes `on_invalid`.
    on_timeout: Option<String>,
    /// Where to go when a key without a choice came at the last attempt; none takes `on_timeout`.
    on_invalid: Option<String>,
}

impl Step for Menu {
    fn exits(&self) -> Vec<Exit<'_>> {
        let mut exits: Vec<Exit<'_>> = self.choices.values().map(|node| ("choices", node.as_str())).collect();
        exits.extend(super::named([("on_timeout", &self.on_timeout), ("on_invalid", &self.on_invalid)]));
        exits
    }

    fn problems(&self) -> Vec<String> {
        let mut found = prompt_problems(&self.text, &self.prompt);
        if self.choices.is_empty() {
            found.push("`choices` is empty".to_owned());
        }
        for key in self.choices.keys() {
            if key.chars().count() != 1 || !key.chars().all(is_key) {
                found.push(format!("`choices`: `{key}` is no key: one of 0–9, `*`, `#`, A–D"));
            }
        }
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 600));
        found.extend(range_problem("attempts", self.attempts, 1, 100));
        found
    }

    fn needs(&self) -> Need {
        Need::Media
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                if self.clear_digits {
                    desk.keys.clear();
                }
                desk.work = Work::Tries(0);
                self.offer(desk)
            }
            Happened::Said(Ok(())) => self.choose(desk).unwrap_or_else(|| {
                desk.wake_in(self.timeout_s);
                Then::Stay
            }),
            Happened::Said(Err(why)) => Then::Fail(why),
            Happened::Key if desk.speaking() && !self.barge_in => Then::Stay,
            Happened::Key => self.choose(desk).unwrap_or(Then::Stay),
            Happened::Late => {
                self.missed([self.on_timeout.as_ref(), self.on_invalid.as_ref()], "no key came", desk)
            }
            Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Menu {
    fn offer<'v>(&'v self, desk: &mut Desk) -> Then<'v> {
        if self.barge_in
            && let Some(then) = self.choose(desk)
        {
            return then;
        }
        if !desk.utter(self.text.as_ref(), self.prompt.as_deref(), false) {
            desk.wake_in(self.timeout_s);
        }
        Then::Stay
    }

    /// What the first key leads to; `None` if none has been typed.
    fn choose<'v>(&'v self, desk: &mut Desk) -> Option<Then<'v>> {
        let key = desk.keys.take_first()?;
        if let Some(node) = self.choices.get(key.encode_utf8(&mut [0; 4]) as &str) {
            return Some(Then::Go(node));
        }
        desk.keys.clear();
        Some(self.missed(
            [self.on_invalid.as_ref(), self.on_timeout.as_ref()],
            "no choice has that key",
            desk,
        ))
    }

    fn missed<'v>(&'v self, exits: [Option<&'v String>; 2], why: &str, desk: &mut Desk) -> Then<'v> {
        let Work::Tries(tries) = &mut desk.work else { return Then::Stay };
        *tries += 1;
        if *tries >= self.attempts {
            return Then::by_or_fail(
                exits,
                format!("{why} in {} attempts, and there is no exit for it", self.attempts),
            );
        }
        self.offer(desk)
    }
}
