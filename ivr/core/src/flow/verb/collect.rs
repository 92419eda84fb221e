//! `collect`: keys are collected into a variable.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Need, Step, Texts, Then, named};
use super::{five_seconds, is_key, prompt_problems, range_problem, three_times, yes};
use crate::flow::desk::{Keys, Work};
use crate::flow::vars::{NAME_RULE, Value, is_variable};

/// Collects keys into a variable. A variable whose name ends in `_secret` never leaves the flow.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collect {
    /// What is said first, by language tag.
    text: Option<Texts>,
    /// A recorded prompt instead of `text`.
    prompt: Option<String>,
    /// The variable.
    variable: String,
    /// The least number of keys.
    #[serde(default = "super::once")]
    min: u32,
    /// The most; with so many it goes on at once.
    #[serde(default = "most")]
    max: u32,
    /// The key that ends the entry; an empty text is none.
    #[serde(default = "hash")]
    terminator: String,
    /// Seconds to wait for the first key after the prompt.
    #[serde(default = "five_seconds")]
    timeout_s: u32,
    /// Seconds to wait for each further key.
    #[serde(default = "three_times")]
    inter_digit_s: u32,
    /// How often it is asked for.
    #[serde(default = "three_times")]
    attempts: u32,
    /// Whether a key ends the prompt.
    #[serde(default = "yes")]
    barge_in: bool,
    /// Whether keys typed so far are forgotten first.
    #[serde(default)]
    clear_digits: bool,
    /// The next node; none is the flow's end.
    next: Option<String>,
    /// Where to go when no key came at the last attempt; none takes `on_invalid`.
    on_timeout: Option<String>,
    /// Where to go when too few keys came at the last attempt; none takes `on_timeout`.
    on_invalid: Option<String>,
}

impl Step for Collect {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_timeout", &self.on_timeout), ("on_invalid", &self.on_invalid)])
    }

    fn problems(&self) -> Vec<String> {
        let mut found = prompt_problems(&self.text, &self.prompt);
        if !is_variable(&self.variable) {
            found.push(format!("`variable`: `{}`: {NAME_RULE}", self.variable));
        }
        if self.terminator.chars().count() > 1 || !self.terminator.chars().all(is_key) {
            found.push(format!("`terminator`: `{}` is no key", self.terminator));
        }
        found.extend(range_problem("max", self.max, 1, 32));
        found.extend(range_problem("min", self.min, 0, self.max));
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 600));
        found.extend(range_problem("inter_digit_s", self.inter_digit_s, 1, 600));
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
                self.ask(0, desk)
            }
            Happened::Said(Ok(())) => self.take(desk).unwrap_or_else(|| {
                if typed(desk) == 0 {
                    desk.wake_in(self.timeout_s);
                }
                Then::Stay
            }),
            Happened::Said(Err(why)) => Then::Fail(why),
            Happened::Key if desk.speaking() && !self.barge_in => Then::Stay,
            Happened::Key => {
                desk.hush();
                self.take(desk).unwrap_or(Then::Stay)
            }
            Happened::Late => self.complete(desk),
            Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Collect {
    fn ask<'v>(&'v self, tries: u32, desk: &mut Desk) -> Then<'v> {
        desk.work = Work::Typing { tries, typed: Keys::default() };
        if self.barge_in && !desk.keys.is_empty() {
            return self.take(desk).unwrap_or(Then::Stay);
        }
        if !desk.utter(self.text.as_ref(), self.prompt.as_deref(), false) {
            return self.take(desk).unwrap_or_else(|| {
                desk.wake_in(self.timeout_s);
                Then::Stay
            });
        }
        Then::Stay
    }

    /// Takes keys from the desk; says what is next once the entry is complete, and waits for more otherwise.
    fn take<'v>(&'v self, desk: &mut Desk) -> Option<Then<'v>> {
        while let Some(key) = desk.keys.take_first() {
            let Work::Typing { typed, .. } = &mut desk.work else { return None };
            if self.terminator.starts_with(key) {
                return Some(self.complete(desk));
            }
            typed.push(key);
            if typed.len() >= self.max as usize {
                return Some(self.complete(desk));
            }
            desk.wake_in(self.inter_digit_s);
        }
        None
    }

    /// No more keys come: enough of them, or another attempt.
    fn complete<'v>(&'v self, desk: &mut Desk) -> Then<'v> {
        let Work::Typing { tries, typed } = std::mem::take(&mut desk.work) else { return Then::Stay };
        let too_few = typed.len() < self.min as usize;
        if !too_few {
            let value = Value::Text(typed.expose().to_owned());
            return match desk.vars.set(&self.variable, value) {
                Ok(()) => Then::by(self.next.as_ref()),
                Err(full) => Then::Fail(full.to_string()),
            };
        }
        if tries + 1 < self.attempts {
            return self.ask(tries + 1, desk);
        }
        let (timeout, invalid) = (self.on_timeout.as_ref(), self.on_invalid.as_ref());
        let (exits, why) = if typed.is_empty() {
            ([timeout, invalid], "no key came")
        } else {
            ([invalid, timeout], "too few keys came")
        };
        Then::by_or_fail(exits, format!("{why} in {} attempts, and there is no exit for it", self.attempts))
    }
}

fn typed(desk: &Desk) -> usize {
    match &desk.work {
        Work::Typing { typed, .. } => typed.len(),
        Work::Nothing | Work::Times(_) | Work::Tries(_) | Work::Echo => 0,
    }
}

fn most() -> u32 {
    32
}

fn hash() -> String {
    "#".to_owned()
}
