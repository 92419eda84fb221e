//! `collect`: keys, or a chat's message, are collected into a variable.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Media, Need, Step, Texts, Then, named, reply};
use super::{five_seconds, hurry, is_key, prompt_problems, range_problem, shown_problems};
use super::{three_times, yes};
use crate::flow::desk::{Keys, Work};
use crate::flow::vars::{NAME_RULE, Value, is_secret, is_variable};

/// Collects keys into a variable; in a chat, the next message. A variable whose name ends in `_secret` never
/// leaves the flow, and nobody but the flow sees what is entered for it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collect {
    /// What is said first, by language tag.
    text: Option<Texts>,
    /// A recorded prompt instead of `text`.
    prompt: Option<String>,
    /// What a chat shows instead, by language tag; none shows `text`.
    chat_text: Option<Texts>,
    /// The variable.
    variable: String,
    /// Says in so many words that the entry is secret; the variable's name must then end in `_secret`.
    #[serde(default)]
    secret: bool,
    /// What may be entered.
    #[serde(default)]
    kind: Kind,
    /// The least number of keys, or of a message's characters.
    #[serde(default = "super::once")]
    min: u32,
    /// The most, up to 32 keys or 256 characters of a text. With so many keys it goes on at once; a message
    /// with more is refused.
    #[serde(default = "most")]
    max: u32,
    /// The key that ends the entry; an empty text is none.
    #[serde(default = "hash")]
    terminator: String,
    /// Seconds to wait for the first key after the prompt.
    #[serde(default = "five_seconds")]
    timeout_s: u32,
    /// Seconds to wait for a message in a chat; none takes `timeout_s`.
    chat_timeout_s: Option<u32>,
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
    /// Where to go when no key, or no message, came at the last attempt; none takes `on_invalid`.
    on_timeout: Option<String>,
    /// Where to go when too few or unfitting keys came, or no fitting message, at the last attempt; none takes `on_timeout`.
    on_invalid: Option<String>,
}

/// What may be entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Keys of a telephone. Between those of a message, spaces and hyphens are left out.
    #[default]
    Keys,
    /// The same, but 0–9 only.
    Digits,
    /// In a chat any text; on a call keys.
    Text,
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
        if self.secret && !is_secret(&self.variable) {
            let name = &self.variable;
            found.push(format!("`variable`: `{name}` is not secret: its name must end in `_secret`"));
        }
        if self.terminator.chars().count() > 1 || !self.terminator.chars().all(is_key) {
            found.push(format!("`terminator`: `{}` is no key", self.terminator));
        }
        let most = if self.kind == Kind::Text { 256 } else { 32 };
        found.extend(range_problem("max", self.max, 1, most));
        found.extend(range_problem("min", self.min, 0, self.max));
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 600));
        found.extend(self.chat_timeout_s.and_then(|s| range_problem("chat_timeout_s", s, 1, 86_400)));
        found.extend(range_problem("inter_digit_s", self.inter_digit_s, 1, 600));
        found.extend(range_problem("attempts", self.attempts, 1, 100));
        found
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        shown_problems(&self.text, &self.chat_text, media)
    }

    fn oddities(&self, media: Media) -> Vec<String> {
        hurry(self.chat_timeout_s.unwrap_or(self.timeout_s), media)
    }

    fn needs(&self) -> Need {
        Need::Media
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        if desk.chat.is_some() {
            return self.on_chat(&happened, desk);
        }
        match happened {
            Happened::Entered => {
                if self.clear_digits {
                    desk.forget_typed();
                }
                desk.listen(is_secret(&self.variable));
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
        if typed.len() >= self.min as usize && self.is_of_kind(typed.expose()) {
            return self.keep(typed.expose(), desk);
        }
        let why = if typed.is_empty() { "no key came" } else { "no fitting keys came" };
        self.missed(tries, typed.is_empty(), why, desk)
    }

    fn keep<'v>(&'v self, entered: &str, desk: &mut Desk) -> Then<'v> {
        match desk.vars.set(&self.variable, Value::Text(entered.to_owned())) {
            Ok(()) => Then::by(self.next.as_ref()),
            Err(full) => Then::Fail(full.to_string()),
        }
    }

    /// Another attempt, or the exit of the last.
    fn missed<'v>(&'v self, tries: u32, nothing: bool, why: &str, desk: &mut Desk) -> Then<'v> {
        if tries + 1 < self.attempts {
            if desk.chat.is_none() {
                return self.ask(tries + 1, desk);
            }
            self.show(desk);
            return self.await_message(tries + 1, desk);
        }
        let (timeout, invalid) = (self.on_timeout.as_ref(), self.on_invalid.as_ref());
        let exits = if nothing { [timeout, invalid] } else { [invalid, timeout] };
        Then::by_or_fail(exits, format!("{why} in {} attempts, and there is no exit for it", self.attempts))
    }

    fn on_chat<'v>(&'v self, happened: &Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                // What was written before it was asked for was seen by others: it is no secret.
                if self.clear_digits || is_secret(&self.variable) {
                    desk.forget_typed();
                }
                let tries = std::mem::take(&mut desk.tries_before);
                if !self.barge_in {
                    self.show(desk);
                }
                while let Some(ahead) = desk.read_ahead() {
                    if let Some(entered) = self.entry(ahead.expose()) {
                        return self.keep(&entered, desk);
                    }
                }
                if self.barge_in {
                    self.show(desk);
                }
                self.await_message(tries, desk)
            }
            Happened::Key => {
                let Some(text) = desk.read() else { return Then::Stay };
                match self.entry(text.expose()) {
                    Some(entered) => self.keep(&entered, desk),
                    None => self.missed(desk.work.tries(), false, "no fitting message came", desk),
                }
            }
            Happened::Late if self.min == 0 => self.keep("", desk),
            Happened::Late => self.missed(desk.work.tries(), true, "no message came", desk),
            Happened::Said(_) | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }

    fn show(&self, desk: &mut Desk) {
        desk.write(self.chat_text.as_ref().or(self.text.as_ref()), Vec::new());
    }

    fn await_message(&self, tries: u32, desk: &mut Desk) -> Then<'_> {
        desk.work = Work::Tries(tries);
        desk.listen(is_secret(&self.variable));
        desk.wake_in(self.chat_timeout_s.unwrap_or(self.timeout_s));
        Then::Stay
    }

    /// What a message enters, if it is what is asked for.
    fn entry(&self, text: &str) -> Option<String> {
        let entered = match self.kind {
            Kind::Keys | Kind::Digits => reply::keys(text, &self.terminator)?,
            Kind::Text => text.trim().to_owned(),
        };
        let length = entered.chars().count();
        let fits = (self.min as usize..=self.max as usize).contains(&length) && self.is_of_kind(&entered);
        fits.then_some(entered)
    }

    fn is_of_kind(&self, entered: &str) -> bool {
        match self.kind {
            Kind::Keys | Kind::Text => true,
            Kind::Digits => entered.bytes().all(|b| b.is_ascii_digit()),
        }
    }
}

fn typed(desk: &Desk) -> usize {
    match &desk.work {
        Work::Typing { typed, .. } => typed.len(),
        Work::Nothing | Work::Times(_) | Work::Tries(_) | Work::Echo | Work::Bot { .. } => 0,
    }
}

fn most() -> u32 {
    32
}

fn hash() -> String {
    "#".to_owned()
}
