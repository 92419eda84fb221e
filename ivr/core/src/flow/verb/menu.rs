//! `menu`: one key chooses the next node; in a chat a key, a label or a word does.

use std::collections::BTreeMap;

use ngcc_proto::chat::{Choice, MAX_CHOICES};
use schemars::JsonSchema;
use serde::Deserialize;

use super::reply::{asks_for_a_human, has_word, plain};
use super::{Desk, Exit, Happened, Media, Need, Step, Texts, Then};
use super::{five_seconds, hurry, is_key, prompt_problems, range_problem, shown_problems};
use super::{three_times, yes};
use crate::flow::desk::Work;

/// The most characters a label has.
const MAX_LABEL: usize = 64;

/// Offers a choice: one key leads to one node. In a chat the choices are shown as replies, and the next
/// message chooses: by a key, by a label in any language, or by a keyword. Case, spaces and full width do
/// not count. A message from before the menu that chooses nothing is left aside.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Menu {
    /// What is said first, by language tag.
    text: Option<Texts>,
    /// A recorded prompt instead of `text`.
    prompt: Option<String>,
    /// What a chat shows instead, by language tag; none shows `text`.
    chat_text: Option<Texts>,
    /// A node for each key: `0`–`9`, `*`, `#`, `A`–`D`. In a flow that serves chats at most twelve.
    choices: BTreeMap<String, String>,
    /// What each key is called, by language tag: a chat's replies, and the path an agent sees.
    #[serde(default)]
    labels: BTreeMap<String, Texts>,
    /// Words that choose a key in a chat when they stand in a message. One that speaks for two keys chooses none.
    #[serde(default)]
    keywords: BTreeMap<String, Vec<String>>,
    /// Seconds to wait for a key after the prompt.
    #[serde(default = "five_seconds")]
    timeout_s: u32,
    /// Seconds to wait for a message in a chat; none takes `timeout_s`.
    chat_timeout_s: Option<u32>,
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
        let labelled = self.labels.keys().map(|key| ("labels", key));
        for (field, key) in labelled.chain(self.keywords.keys().map(|key| ("keywords", key))) {
            if !self.choices.contains_key(key) {
                found.push(format!("`{field}`: `{key}` is no choice"));
            }
        }
        found.extend(self.labels.values().flat_map(|label| label.problems("labels")));
        // An agent sees what was chosen, and no fact may hold what was entered.
        if self.labels.values().any(|label| !label.is_plain(MAX_LABEL)) {
            found.push(format!("`labels`: a label has 1 to {MAX_LABEL} characters and no variable"));
        }
        if self.keywords.values().flatten().any(|word| plain(word).is_empty() || word.len() > 64) {
            found.push("`keywords`: a word has 1 to 64 bytes".to_owned());
        }
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 600));
        found.extend(self.chat_timeout_s.and_then(|s| range_problem("chat_timeout_s", s, 1, 86_400)));
        found.extend(range_problem("attempts", self.attempts, 1, 100));
        found
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        let mut found = shown_problems(&self.text, &self.chat_text, media);
        if media.chat && self.choices.len() > MAX_CHOICES {
            found.push(format!("`choices`: a chat shows at most {MAX_CHOICES}"));
        }
        found
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
        if desk.chat.is_some() {
            self.show(desk);
            return self.await_reply(desk);
        }
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
        if let Some((key, node)) = self.choices.get_key_value(key.encode_utf8(&mut [0; 4]) as &str) {
            return Some(self.chosen(key, node, desk));
        }
        desk.keys.clear();
        Some(self.missed(
            [self.on_invalid.as_ref(), self.on_timeout.as_ref()],
            "no choice has that key",
            desk,
        ))
    }

    fn chosen<'v>(&'v self, key: &str, node: &'v str, desk: &mut Desk) -> Then<'v> {
        desk.chose = Some(self.label(key, desk));
        Then::Go(node)
    }

    fn label(&self, key: &str, desk: &Desk) -> String {
        self.labels
            .get(key)
            .and_then(|label| desk.word(label))
            .map_or_else(|| key.to_owned(), |(_, text)| text)
    }

    fn on_chat<'v>(&'v self, happened: &Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                if self.clear_digits {
                    desk.forget_typed();
                }
                desk.work = Work::Tries(std::mem::take(&mut desk.tries_before));
                if !self.barge_in {
                    self.show(desk);
                }
                while let Some(ahead) = desk.read_ahead() {
                    if let Some(then) = self.reply(ahead.expose(), desk) {
                        return then;
                    }
                }
                if self.barge_in {
                    self.show(desk);
                }
                self.await_reply(desk)
            }
            Happened::Key => match desk.read() {
                Some(text) => self.reply(text.expose(), desk).unwrap_or_else(|| {
                    let exits = [self.on_invalid.as_ref(), self.on_timeout.as_ref()];
                    self.missed(exits, "no choice is called so", desk)
                }),
                None => Then::Stay,
            },
            Happened::Late => {
                self.missed([self.on_timeout.as_ref(), self.on_invalid.as_ref()], "no message came", desk)
            }
            Happened::Said(_) | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }

    /// Shows a chat the text and its replies.
    fn show(&self, desk: &mut Desk) {
        let choice = |key: &String| Choice { value: key.clone(), label: self.label(key, desk) };
        let choices = self.choices.keys().map(choice).collect();
        desk.write(self.chat_text.as_ref().or(self.text.as_ref()), choices);
    }

    fn await_reply(&self, desk: &mut Desk) -> Then<'_> {
        desk.listen(false);
        desk.wake_in(self.chat_timeout_s.unwrap_or(self.timeout_s));
        Then::Stay
    }

    /// What a chat's message chooses, if anything.
    fn reply<'v>(&'v self, text: &str, desk: &mut Desk) -> Option<Then<'v>> {
        let written = plain(text);
        let called = |key: &str| {
            plain(key) == written
                || self
                    .labels
                    .get(key)
                    .is_some_and(|label| label.all(&desk.vars).any(|l| plain(&l) == written))
        };
        let spoken_for =
            |key: &str| self.keywords.get(key).is_some_and(|words| words.iter().any(|w| has_word(text, w)));
        let by_name = self.choices.iter().find(|(key, _)| called(key));
        let by_word = || {
            let mut choices = self.choices.iter().filter(|(key, _)| spoken_for(key));
            choices.next().filter(|_| choices.next().is_none())
        };
        match by_name.or_else(by_word) {
            Some((key, node)) => Some(self.chosen(key, node, desk)),
            None => (desk.human && asks_for_a_human(text)).then_some(Then::Human),
        }
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
