//! What a verb works with: the run's variables, the keys typed ahead or the chat, one mouth, one timer,
//! and the list of what it wants done. It holds no id and no envelope.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ngcc_proto::chat::Choice;
use ngcc_proto::config::Form;
use ngcc_proto::flow::{Ask, Vars};
use ngcc_proto::{Mono, Now, Secret};

use super::Flow;
use super::chat::{Chat, Written};
use super::fetch::{AskBot, Fetch};
use super::filling::Filling;
use super::text::Texts;
use super::vars::Variables;

/// The most keys that are kept for the next menu or collection.
const MAX_KEYS: usize = 32;

/// What a flow wants done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// The leg must be answered before the flow goes on.
    AnswerNeeded { early: bool },
    /// Say a text; `said` answers.
    Speak { text: String, lang: String, repeat: bool },
    /// Play a recorded prompt; `said` answers.
    Load { prompt: String, repeat: bool },
    /// Play hold music until `Hush`.
    Music,
    /// Fall silent, and forget what was still to be said.
    Hush,
    /// The leg hears itself, or no longer.
    Echo(bool),
    /// Write to the customer of a chat.
    Say(Written),
    /// The customer is listened to from now on, or (not secret, on a call) as usual again.
    Listening { secret: bool },
    /// The run has come to a node.
    Step { node: String, verb: &'static str, chose: Option<String> },
    /// Ask a web server; `fetched` answers.
    Fetch(Fetch),
    /// Ask an external bot; `fetched` answers.
    AskBot(AskBot),
    /// The customer of a chat sees that somebody writes.
    Typing,
    /// The house is asked; the run waits for `resume`.
    Ask(Ask),
    /// The flow has come to its end.
    Ended(Vars),
    /// It cannot go on.
    Failed { node: String, why: String },
}

/// What a node's verb remembers while it is at work.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) enum Work {
    #[default]
    Nothing,
    /// How often it is still to be said.
    Times(u32),
    /// How often nothing useful was entered.
    Tries(u32),
    /// The same, with what has been typed so far.
    Typing { tries: u32, typed: Keys },
    /// The caller hears itself.
    Echo,
    /// A bot has answered so often, and is being asked now, or is not.
    Bot { turns: u32, asked: Option<Asked> },
}

/// What a bot is being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// How it begins.
    Opening,
    /// The message of this number.
    Message(u64),
}

impl Work {
    /// How often nothing useful was entered, or a bot has answered.
    pub(crate) fn tries(&self) -> u32 {
        match self {
            Self::Tries(tries) | Self::Typing { tries, .. } | Self::Bot { turns: tries, .. } => *tries,
            Self::Nothing | Self::Times(_) | Self::Echo => 0,
        }
    }
}

/// Keys a caller pressed; out of sight like a secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Keys(String);

/// See the module.
#[derive(Debug, PartialEq)]
pub(crate) struct Desk {
    pub(crate) vars: Variables,
    pub(crate) keys: Keys,
    pub(crate) work: Work,
    pub(crate) now: Now,
    /// The chat; none on a call.
    pub(crate) chat: Option<Chat>,
    /// What the customer chose, as the menu names it, until the next node is entered.
    pub(crate) chose: Option<String>,
    /// Whether the flow has a node for who asks for a human.
    pub(crate) human: bool,
    /// How often nothing useful was entered, or a bot has answered, before a restart: for the node that is entered again.
    pub(crate) tries_before: u32,
    /// How far the customer has come in the form of the present node; over a restart and a suspension too.
    pub(crate) filling: Option<Filling>,
    /// The forms there were when the run began.
    pub(crate) forms: Arc<BTreeMap<String, Form>>,
    /// The flow's own language.
    flow_lang: Option<Box<str>>,
    /// What is entered now must not be seen.
    secret: bool,
    speaking: bool,
    due: Option<Mono>,
    acts: Vec<Act>,
}

impl Desk {
    pub(crate) fn new(
        vars: Variables,
        flow: &Flow,
        forms: Arc<BTreeMap<String, Form>>,
        chat: Option<Chat>,
        now: Now,
    ) -> Self {
        Self {
            vars,
            keys: Keys::default(),
            work: Work::Nothing,
            now,
            chat,
            chose: None,
            human: flow.human().is_some(),
            tries_before: 0,
            filling: None,
            forms,
            flow_lang: flow.lang().map(Into::into),
            secret: false,
            speaking: false,
            due: None,
            acts: Vec::new(),
        }
    }

    /// Begins to play a prompt (`music` is hold music), or else to say a text. False if there is neither.
    /// In a chat the text is written, and nothing is begun.
    pub(crate) fn utter(&mut self, text: Option<&Texts>, prompt: Option<&str>, repeat: bool) -> bool {
        if self.chat.is_some() {
            self.write(text, Vec::new());
            return false;
        }
        let act = match (prompt, text.and_then(|texts| self.word(texts))) {
            (Some("music"), _) => Act::Music,
            (Some(prompt), _) => Act::Load { prompt: prompt.to_owned(), repeat },
            (None, Some((lang, text))) => Act::Speak { text, lang, repeat },
            (None, None) => return false,
        };
        self.hush();
        self.speaking = true;
        self.acts.push(act);
        true
    }

    /// Writes to a chat's customer, with replies to choose from. On a call, and without a text, it does nothing.
    pub(crate) fn write(&mut self, text: Option<&Texts>, choices: Vec<Choice>) {
        let text = text.and_then(|texts| self.word(texts)).map_or_else(String::new, |(_, text)| text);
        self.write_line(text, choices);
    }

    /// The same with a text that is worded already.
    pub(crate) fn write_line(&mut self, text: String, choices: Vec<Choice>) {
        let Some(chat) = &mut self.chat else { return };
        if !text.trim().is_empty() {
            self.acts.extend(chat.write(text, choices).map(Act::Say));
        }
    }

    /// A text in the customer's language, filled in, behind its language tag.
    pub(crate) fn word(&self, texts: &Texts) -> Option<(String, String)> {
        let lang = self.vars.text("lang");
        let wanted = [&*lang, self.flow_lang.as_deref().unwrap_or_default()];
        texts.pick(&wanted).map(|(lang, text)| (lang.to_owned(), text.fill(&self.vars)))
    }

    /// The customer's language tag, else the flow's own.
    pub(crate) fn lang(&self) -> Option<String> {
        let said = self.vars.text("lang");
        if said.is_empty() { self.flow_lang.as_deref().map(str::to_owned) } else { Some(said.into_owned()) }
    }

    /// Whether a line that no flow words is to be Chinese and not English: as `word` would pick between these two.
    pub(crate) fn chinese(&self) -> bool {
        let lang = self.vars.text("lang");
        let wanted = [&*lang, self.flow_lang.as_deref().unwrap_or_default()];
        let mut primary = wanted.iter().map(|tag| tag.split('-').next().unwrap_or_default());
        primary
            .find(|tag| ["zh", "en"].iter().any(|known| tag.eq_ignore_ascii_case(known)))
            .is_some_and(|tag| tag.eq_ignore_ascii_case("zh"))
    }

    /// What the present node writes next is new, even right after a restart.
    pub(crate) fn speak_up(&mut self) {
        if let Some(chat) = &mut self.chat {
            chat.leave();
        }
    }

    /// Begins to listen to the customer. On a call this is told only of what must not be seen.
    pub(crate) fn listen(&mut self, secret: bool) {
        if self.chat.is_some() || secret != self.secret {
            self.acts.push(Act::Listening { secret });
        }
        self.secret = secret;
    }

    /// Reads a chat's answer to what was written last.
    pub(crate) fn read(&mut self) -> Option<Secret> {
        let chat = self.chat.as_mut()?;
        chat.certain();
        chat.read()
    }

    /// Reads the oldest message that a chat's customer wrote before being asked.
    pub(crate) fn read_ahead(&mut self) -> Option<Secret> {
        self.chat.as_mut()?.read()
    }

    /// Whether the customer has typed or written something that no node has taken.
    pub(crate) fn has_typed(&self) -> bool {
        !self.keys.is_empty() || self.chat.as_ref().is_some_and(Chat::has_unread)
    }

    /// Forgets what was typed or written ahead.
    pub(crate) fn forget_typed(&mut self) {
        self.keys.clear();
        if let Some(chat) = &mut self.chat {
            chat.forget();
        }
    }

    /// Falls silent.
    pub(crate) fn hush(&mut self) {
        if self.speaking {
            self.speaking = false;
            self.acts.push(Act::Hush);
        }
    }

    /// Whether something is being said, or is being got ready for it.
    pub(crate) fn speaking(&self) -> bool {
        self.speaking
    }

    /// What was being said has come to its end.
    pub(crate) fn said(&mut self) {
        self.speaking = false;
    }

    /// Sets the one timer.
    pub(crate) fn wake_in(&mut self, seconds: u32) {
        self.due = Some(self.now.mono + Duration::from_secs(u64::from(seconds)));
    }

    /// When the timer goes off.
    pub(crate) fn due(&self) -> Option<Mono> {
        self.due
    }

    /// Whether the timer has gone off; it does so once.
    pub(crate) fn take_due(&mut self) -> bool {
        self.due.take_if(|due| *due <= self.now.mono).is_some()
    }

    /// Wants something done.
    pub(crate) fn act(&mut self, act: Act) {
        self.acts.push(act);
    }

    /// Takes what is wanted so far.
    pub(crate) fn take_acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    /// The same node is entered again later: as when it is left, but what of its form is filled in is kept.
    pub(crate) fn pause(&mut self) {
        let filling = self.filling.take();
        self.clear();
        self.filling = filling;
    }

    /// A node is left: silence, no timer, nothing remembered but what was typed ahead.
    pub(crate) fn clear(&mut self) {
        self.hush();
        self.due = None;
        (self.chose, self.tries_before, self.filling) = (None, 0, None);
        if std::mem::take(&mut self.secret) {
            self.acts.push(Act::Listening { secret: false });
        }
        if let Some(chat) = &mut self.chat {
            chat.leave();
        }
        if std::mem::take(&mut self.work) == Work::Echo {
            self.acts.push(Act::Echo(false));
        }
    }
}

impl Keys {
    /// Adds a key; more than 32 are not kept.
    pub(crate) fn push(&mut self, key: char) {
        if self.0.len() < MAX_KEYS {
            self.0.push(key);
        }
    }

    /// Takes the first.
    pub(crate) fn take_first(&mut self) -> Option<char> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys, for the variable they go to.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}
