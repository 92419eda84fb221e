//! What a verb works with: the run's variables, the keys typed ahead, one mouth, one timer, and the
//! list of what it wants done. It holds no id and no envelope.

use std::fmt;
use std::time::Duration;

use ngcc_proto::flow::{Ask, Vars};
use ngcc_proto::{Mono, Now};

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
    /// Ask a web server; `fetched` answers.
    Fetch(Fetch),
    /// The house is asked; the run waits for `resume`.
    Ask(Ask),
    /// The flow has come to its end.
    Ended(Vars),
    /// It cannot go on.
    Failed { node: String, why: String },
}

/// A request to a web server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Where, with the variables filled in.
    pub url: String,
    /// The JSON body; none makes it a GET.
    pub body: Option<String>,
    /// How long to wait for the whole answer.
    pub timeout: Duration,
}

/// What a web server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A whole answer of at most 64 KiB.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// None in time.
    TimedOut,
    /// Not asked, or broken off.
    Failed(String),
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
    /// The flow's own language.
    flow_lang: Option<Box<str>>,
    speaking: bool,
    due: Option<Mono>,
    acts: Vec<Act>,
}

impl Desk {
    pub(crate) fn new(vars: Variables, flow_lang: Option<&str>, now: Now) -> Self {
        Self {
            vars,
            keys: Keys::default(),
            work: Work::Nothing,
            now,
            flow_lang: flow_lang.map(Into::into),
            speaking: false,
            due: None,
            acts: Vec::new(),
        }
    }

    /// Begins to say a text, or else to play a prompt (`music` is hold music). False if there is neither.
    pub(crate) fn utter(&mut self, text: Option<&Texts>, prompt: Option<&str>, repeat: bool) -> bool {
        let lang = self.vars.text("lang").into_owned();
        let wanted = [lang.as_str(), self.flow_lang.as_deref().unwrap_or_default()];
        let act = match (text.and_then(|texts| texts.pick(&wanted)), prompt) {
            (Some((lang, text)), _) => {
                Act::Speak { text: text.fill(&self.vars), lang: lang.to_owned(), repeat }
            }
            (None, Some("music")) => Act::Music,
            (None, Some(prompt)) => Act::Load { prompt: prompt.to_owned(), repeat },
            (None, None) => return false,
        };
        self.hush();
        self.speaking = true;
        self.acts.push(act);
        true
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

    /// A node is left: silence, no timer, nothing remembered but the keys typed ahead.
    pub(crate) fn clear(&mut self) {
        self.hush();
        self.due = None;
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
