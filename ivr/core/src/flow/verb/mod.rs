//! The verbs of the flow language, one file each, and what they have in common. A verb's documentation
//! and fields are its chapter of the generated schema.

mod answer;
mod bot;
mod collect;
mod conference;
mod echo;
mod form;
mod goto;
mod hangup;
mod http;
mod if_else;
mod menu;
mod play;
mod queue;
mod reject;
mod reply;
mod say;
mod set;
mod sign_in;
mod to_human;
mod transfer;
mod wait;

use ngcc_proto::flow::Ask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Media;
use super::desk::Desk;
use super::fetch::Fetched;
use super::text::Texts;

/// What has happened at a node.
#[derive(Clone, Debug)]
pub(crate) enum Happened<'a> {
    /// The run has come to it.
    Entered,
    /// What was being said has come to its end, or could not be said.
    Said(Result<(), String>),
    /// A key was typed, or a chat's message has come; it lies on the desk.
    Key,
    /// The timer went off.
    Late,
    /// The web has answered.
    Fetched(&'a Fetched),
    /// The house answers what the node asked.
    Resumed(&'a str),
}

/// What a verb wants next.
#[derive(Debug, PartialEq)]
pub(crate) enum Then<'v> {
    /// To stay in the node.
    Stay,
    /// On to a node.
    Go(&'v str),
    /// On to the flow's node for who asks for a human.
    Human,
    /// The flow's end.
    End,
    /// It cannot go on.
    Fail(String),
    /// To ask the house.
    Ask(Ask),
}

/// What a verb needs of the leg before it is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// Media, early or answered; an answer is asked for where there is none.
    Media,
    /// The same; early media is asked for.
    EarlyMedia,
    Answered,
}

/// An exit: its key in the flow file, and the node it leads to.
pub(crate) type Exit<'v> = (&'static str, &'v str);

/// What every verb is.
trait Step {
    /// The exits that are written down.
    fn exits(&self) -> Vec<Exit<'_>>;

    /// What is wrong with it besides its exits; each a sentence that names the key.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }

    /// What is wrong with it in a flow that serves these media.
    fn medium_problems(&self, _: Media) -> Vec<String> {
        Vec::new()
    }

    /// What is odd about it in a flow that serves these media.
    fn oddities(&self, _: Media) -> Vec<String> {
        Vec::new()
    }

    /// What it needs of the leg.
    fn needs(&self) -> Need {
        Need::Nothing
    }

    /// What it says when the agent it asked for is found.
    fn announce(&self) -> Option<&Texts> {
        None
    }

    /// One thing has happened at its node.
    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v>;
}

macro_rules! verbs {
    ($($name:ident $key:literal,)*) => {
        /// A node: a verb with its settings.
        #[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
        #[serde(tag = "verb", rename_all = "kebab-case")]
        pub(crate) enum Verb { $($name($name),)* }

        impl Verb {
            /// Every verb's name.
            pub(crate) const NAMES: &'static [&'static str] = &[$($key),*];

            pub(crate) fn exits(&self) -> Vec<Exit<'_>> {
                match self { $(Self::$name(verb) => verb.exits(),)* }
            }

            pub(crate) fn problems(&self) -> Vec<String> {
                match self { $(Self::$name(verb) => verb.problems(),)* }
            }

            pub(crate) fn medium_problems(&self, media: Media) -> Vec<String> {
                match self { $(Self::$name(verb) => verb.medium_problems(media),)* }
            }

            pub(crate) fn oddities(&self, media: Media) -> Vec<String> {
                match self { $(Self::$name(verb) => verb.oddities(media),)* }
            }

            /// Its name.
            pub(crate) fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $key,)* }
            }

            pub(crate) fn needs(&self) -> Need {
                match self { $(Self::$name(verb) => verb.needs(),)* }
            }

            pub(crate) fn announce(&self) -> Option<&Texts> {
                match self { $(Self::$name(verb) => verb.announce(),)* }
            }

            pub(crate) fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
                match self { $(Self::$name(verb) => verb.on(happened, desk),)* }
            }
        }
    };
}

use answer::Answer;
use bot::Bot;
use collect::Collect;
use conference::Conference;
use echo::Echo;
use form::Form;
use goto::Goto;
use hangup::Hangup;
use http::Http;
use if_else::If;
use menu::Menu;
use play::Play;
use queue::Queue;
use reject::Reject;
use say::Say;
use set::Set;
use sign_in::SignIn;
use to_human::ToHuman;
use transfer::Transfer;
use wait::Wait;

verbs! {
    Answer "answer",
    Wait "wait",
    Say "say",
    Play "play",
    Echo "echo",
    Menu "menu",
    Collect "collect",
    Form "form",
    Set "set",
    If "if",
    Goto "goto",
    Http "http",
    Bot "bot",
    Queue "queue",
    ToHuman "to-human",
    Transfer "transfer",
    Conference "conference",
    SignIn "sign-in",
    Hangup "hangup",
    Reject "reject",
}

impl<'v> Then<'v> {
    /// By an ordinary exit: to the node, or to the flow's end where none is named.
    fn by(exit: Option<&'v String>) -> Self {
        exit.map_or(Self::End, |node| Self::Go(node))
    }

    /// By the first of these exits that is named; without any the flow fails for the reason `why`.
    fn by_or_fail<const N: usize>(exits: [Option<&'v String>; N], why: impl Into<String>) -> Self {
        match exits.into_iter().flatten().next() {
            Some(node) => Self::Go(node),
            None => Self::Fail(why.into()),
        }
    }
}

/// The exits that are named among `all`.
fn named<'v, const N: usize>(all: [(&'static str, &'v Option<String>); N]) -> Vec<Exit<'v>> {
    all.into_iter().filter_map(|(key, node)| Some((key, node.as_deref()?))).collect()
}

/// What is wrong with a prompt that is given as a text or as a recording.
fn prompt_problems(text: &Option<Texts>, prompt: &Option<String>) -> Vec<String> {
    let mut found = text.as_ref().map_or_else(Vec::new, |texts| texts.problems("text"));
    if text.is_some() && prompt.is_some() {
        found.push("give `text` or `prompt`, not both".to_owned());
    }
    found.extend(prompt.as_deref().and_then(prompt_problem));
    found
}

/// What is wrong with what a chat shows, in a flow that serves these media.
fn shown_problems(text: &Option<Texts>, chat_text: &Option<Texts>, media: Media) -> Vec<String> {
    let mut found = chat_text.as_ref().map_or_else(Vec::new, |texts| texts.problems("chat_text"));
    if media.chat && text.is_none() && chat_text.is_none() {
        found.push("a chat needs a `text` or `chat_text` to show".to_owned());
    }
    found
}

/// What is wrong with a verb that serves calls only, if a chat can come to it and it has no such exit.
fn calls_only_problems(key: &str, exit: &Option<String>, media: Media) -> Vec<String> {
    let missing = media.chat && exit.is_none();
    missing.then(|| format!("it serves calls only: name the exit `{key}` for chats")).into_iter().collect()
}

/// What is wrong with a verb that serves chats only, if a call can come to it and it has no exit for one.
fn chats_only_problems(on_call: &Option<String>, media: Media) -> Vec<String> {
    let missing = media.voice && on_call.is_none();
    let told = || "it serves chats only: name the exit `on_call` for calls".to_owned();
    missing.then(told).into_iter().collect()
}

/// What is odd about a wait of a telephone's length for somebody who reads and types.
fn hurry(seconds: u32, media: Media) -> Vec<String> {
    let short = media.chat && seconds < UNHURRIED;
    let odd = || format!("a chat's customer has {seconds} seconds to write: give `chat_timeout_s`");
    short.then(odd).into_iter().collect()
}

/// The least seconds in which somebody reads a text and writes an answer.
const UNHURRIED: u32 = 30;

/// What is wrong with a recording's name.
fn prompt_problem(name: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let good = !name.is_empty() && name.len() <= 64 && name.bytes().all(fits);
    (!good).then(|| format!("`prompt`: `{name}` is no prompt's name: 1 to 64 of a–z, 0–9, `_`, `-`"))
}

/// What is wrong with a number that must lie within limits.
fn range_problem(key: &str, value: u32, least: u32, most: u32) -> Option<String> {
    (!(least..=most).contains(&value))
        .then(|| format!("`{key}` is {value}; it lies between {least} and {most}"))
}

/// Whether `key` is one of a telephone's.
pub(crate) fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D')
}

fn yes() -> bool {
    true
}

fn once() -> u32 {
    1
}

fn three_times() -> u32 {
    3
}

fn five_seconds() -> u32 {
    5
}
