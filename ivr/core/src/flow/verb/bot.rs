//! `bot`: an external bot holds the dialogue of a chat, over a signed webhook.

use std::collections::BTreeMap;

use ngcc_proto::chat::{Choice, MAX_CHOICES};
use schemars::JsonSchema;
use serde::Deserialize;

use super::reply::names_a_human;
use super::{Desk, Exit, Happened, Media, Step, Then, chats_only_problems, named, range_problem, yes};
use crate::flow::chat::Chat;
use crate::flow::desk::{Act, Asked, Work};
use crate::flow::fetch::{AskBot, Fetched};
use crate::flow::vars::{Value, is_variable};

/// The most texts of one answer.
const MAX_TEXTS: usize = 8;
/// The most bytes of one text.
const MAX_TEXT: usize = 4096;
/// The most characters of a reply's value and of its label.
const MAX_LABEL: usize = 64;
/// The most variables of one answer.
const MAX_VARS: usize = 32;
/// How long a customer is shown at once that somebody writes, in seconds.
const TYPING_S: u32 = 4;

/// Gives a chat to a configured external bot: what the customer writes is posted to it, signed, one message after the
/// other, and what it answers is written. A message is posted again with the same `webhook-id` when it is not sure
/// whether it has come, also after a restart; its answer is written once. Whoever asks for a human in words goes to
/// the flow's `human` node without the bot being asked.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bot {
    /// The name of the configured bot.
    bot: String,
    /// Whether the bot is told that it has the customer now, and may write first. Otherwise it waits for a message.
    #[serde(default = "yes")]
    greet: bool,
    /// Seconds to wait for the customer's next message.
    #[serde(default = "ten_minutes")]
    timeout_s: u32,
    /// How often the bot may answer.
    #[serde(default = "turns")]
    max_turns: u32,
    /// The next node when the bot says that it is done; none is the flow's end.
    next: Option<String>,
    /// Where to go when the bot gives the customer to a human; none takes the flow's `human` node.
    on_human: Option<String>,
    /// Where to go when the customer has not written in time; none takes `next`.
    on_timeout: Option<String>,
    /// Where to go when the bot does not answer, answers what it may not, or has answered too often; none takes
    /// `on_human`, and then the flow's `human` node.
    on_error: Option<String>,
    /// Where calls go.
    on_call: Option<String>,
}

/// What a bot answers.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Answer {
    messages: Vec<Message>,
    vars: BTreeMap<String, Value>,
    then: Next,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    text: String,
    #[serde(default)]
    choices: Vec<Choice>,
}

/// What comes after a bot's answer.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Next {
    /// The customer's next message.
    #[default]
    Wait,
    /// A human.
    Human,
    /// The next node.
    Done,
}

impl Step for Bot {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([
            ("next", &self.next),
            ("on_human", &self.on_human),
            ("on_timeout", &self.on_timeout),
            ("on_error", &self.on_error),
            ("on_call", &self.on_call),
        ])
    }

    fn problems(&self) -> Vec<String> {
        let named = (1..=64).contains(&self.bot.chars().count());
        let name = (!named).then(|| "`bot` is the name of a configured bot".to_owned());
        let mut found: Vec<String> = name.into_iter().collect();
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 86_400));
        found.extend(range_problem("max_turns", self.max_turns, 1, 1000));
        found
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        chats_only_problems(&self.on_call, media)
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        let Some(chat) = &mut desk.chat else {
            return Then::by_or_fail([self.on_call.as_ref()], "a bot serves chats only");
        };
        let asked = if let Work::Bot { asked, .. } = desk.work { asked } else { None };
        match happened {
            Happened::Entered => {
                chat.hold();
                let turns = std::mem::take(&mut desk.tries_before);
                desk.work = Work::Bot { turns, asked: None };
                if turns == 0 && self.greet { self.ask(Asked::Opening, desk) } else { self.go_on(desk) }
            }
            Happened::Key if asked.is_some() => Then::Stay,
            Happened::Key => {
                chat.certain();
                self.go_on(desk)
            }
            Happened::Fetched(fetched) => match asked {
                Some(asked) => self.answered(asked, fetched, desk),
                None => Then::Stay,
            },
            Happened::Late if asked.is_some() => {
                desk.act(Act::Typing);
                desk.wake_in(TYPING_S);
                Then::Stay
            }
            Happened::Late => Then::by([&self.on_timeout, &self.next].into_iter().find_map(Option::as_ref)),
            Happened::Said(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Bot {
    /// Asks about the oldest message, or waits for one.
    fn go_on(&self, desk: &mut Desk) -> Then<'_> {
        let Some((seq, text)) = desk.chat.as_ref().and_then(Chat::oldest) else {
            desk.listen(false);
            desk.wake_in(self.timeout_s);
            return Then::Stay;
        };
        if desk.human && names_a_human(text.expose()) {
            desk.chat.iter_mut().for_each(|chat| chat.answered(seq));
            return Then::Human;
        }
        self.ask(Asked::Message(seq), desk)
    }

    fn ask(&self, asked: Asked, desk: &mut Desk) -> Then<'_> {
        let Work::Bot { turns, .. } = desk.work else { return Then::Stay };
        if turns >= self.max_turns {
            return self.fails(format!("the bot has answered {turns} times"), desk);
        }
        desk.work = Work::Bot { turns, asked: Some(asked) };
        let message = match asked {
            Asked::Opening => None,
            Asked::Message(_) => desk.chat.as_ref().and_then(Chat::oldest),
        };
        desk.act(Act::Typing);
        desk.wake_in(TYPING_S);
        let (bot, lang, vars) = (self.bot.clone(), desk.lang(), desk.vars.outcome());
        desk.act(Act::AskBot(AskBot { bot, message, lang, vars }));
        Then::Stay
    }

    fn answered<'v>(&'v self, asked: Asked, fetched: &Fetched, desk: &mut Desk) -> Then<'v> {
        let answer = match read(fetched) {
            Ok(answer) => answer,
            Err(why) => return self.fails(why, desk),
        };
        for (name, value) in answer.vars {
            if let Err(full) = desk.vars.set(&name, value) {
                return self.fails(full.to_string(), desk);
            }
        }
        if let (Asked::Message(seq), Some(chat)) = (asked, &mut desk.chat) {
            chat.answered(seq);
        }
        for Message { text, choices } in answer.messages {
            desk.write_line(text, choices);
        }
        match answer.then {
            Next::Wait => {
                let turns = desk.work.tries() + 1;
                desk.work = Work::Bot { turns, asked: None };
                self.go_on(desk)
            }
            Next::Human if self.on_human.is_none() && desk.human => Then::Human,
            Next::Human => Then::by_or_fail(
                [self.on_human.as_ref()],
                "the bot asks for a human, and there is no exit for it",
            ),
            Next::Done => Then::by(self.next.as_ref()),
        }
    }

    fn fails<'v>(&'v self, why: String, desk: &Desk) -> Then<'v> {
        let exits = [self.on_error.as_ref(), self.on_human.as_ref()];
        if exits.iter().all(Option::is_none) && desk.human {
            return Then::Human;
        }
        Then::by_or_fail(exits, why)
    }
}

/// What a bot has answered, or why that is nothing. Its words stay out of the reason.
fn read(fetched: &Fetched) -> Result<Answer, String> {
    let (status, body) = match fetched {
        Fetched::Answer { status, body } => (*status, body.trim()),
        Fetched::TimedOut => return Err("the bot took too long".to_owned()),
        Fetched::Failed(why) => return Err(format!("the bot cannot be asked: {why}")),
    };
    if !(200..300).contains(&status) {
        return Err(format!("the bot answered {status}"));
    }
    if body.is_empty() {
        return Ok(Answer::default());
    }
    let answer: Answer = serde_json::from_str(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("the bot's answer is not {{messages, vars, then}}: line {line}, column {column}")
    })?;
    check(&answer)?;
    Ok(answer)
}

fn check(answer: &Answer) -> Result<(), String> {
    let short = |text: &str| (1..=MAX_LABEL).contains(&text.chars().count());
    if answer.messages.len() > MAX_TEXTS {
        return Err(format!("the bot's answer has more than {MAX_TEXTS} messages"));
    }
    for Message { text, choices } in &answer.messages {
        if text.trim().is_empty() || text.len() > MAX_TEXT {
            return Err(format!("a text of the bot's is empty or has more than {MAX_TEXT} bytes"));
        }
        if choices.len() > MAX_CHOICES || !choices.iter().all(|c| short(&c.value) && short(&c.label)) {
            return Err(format!(
                "a message of the bot's has more than {MAX_CHOICES} choices, or one without 1 to {MAX_LABEL} characters"
            ));
        }
    }
    if answer.vars.len() > MAX_VARS || !answer.vars.keys().all(|name| is_variable(name)) {
        return Err(format!("the bot's answer has more than {MAX_VARS} variables, or one of another name"));
    }
    Ok(())
}

fn ten_minutes() -> u32 {
    600
}

fn turns() -> u32 {
    200
}
