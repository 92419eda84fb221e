//! One person on one channel: their session, what is to be sent to them, and how much the provider lets through.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ngcc_proto::access::{Caller, Cause, Event};
use ngcc_proto::chat::{self, Author, Choice, Content, Delivery, Message, Text};
use ngcc_proto::fact::Medium;
use ngcc_proto::{SessionId, UserUri, Wall};
use serde::{Deserialize, Serialize};

use super::delivery::Refused;
use super::io::{Outcome, Post};
use super::item::{Item, next};
use super::rule::{Rule, Window};
use super::words;
use super::writes::Shown;
use crate::edge::Edge;
use crate::io::Output;
use crate::leg::Who;
use crate::texting::Way;
use crate::timers::Alarm;

/// So many messages of a person are known again when the provider sends them again.
const MOST_TAKEN: usize = 64;
/// So much waits to be sent; what comes behind it is asked for again when there is room.
pub(super) const MOST_WAITING: usize = 64;
/// The longest pause before something is sent again.
const LONGEST: Duration = Duration::from_secs(60);
/// The pause before messages that could not be read are asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// The session of a talk.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) who: Who,
    /// The last number that has gone into the outbox.
    pub(super) up_to: u64,
    /// Everything behind `up_to` has been, or is to be, asked for; what comes meanwhile comes again.
    #[serde(skip, default = "yes")]
    pub(super) behind: bool,
}

fn yes() -> bool {
    true
}

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Talk {
    pub(super) channel: String,
    pub(super) person: String,
    pub(super) leg: Option<Leg>,
    pub(super) outbox: VecDeque<Item>,
    pub(super) last: u64,
    /// The last number of what was tried and may have been taken: it goes again as it was, so that it is known.
    #[serde(default)]
    pub(super) tried: Option<u64>,
    pub(super) window: Option<Window>,
    /// What an answer names where no window says so.
    #[serde(default)]
    answers: Option<Text>,
    /// The way back to them, where they write by SIP MESSAGE.
    #[serde(default)]
    pub(super) way: Option<Way>,
    #[serde(default)]
    pub(super) refused: Refused,
    /// The latest messages that the provider took, by the number of the send and their own: it may yet say that one
    /// has not come to them.
    #[serde(default)]
    pub(super) gone: VecDeque<(u64, u64)>,
    /// What cti was told last of how far this is.
    #[serde(skip)]
    pub(super) told: Option<Delivery>,
    /// Keys of the latest messages that are on disk, oldest first.
    taken: VecDeque<String>,
    /// What was offered last.
    choices: Vec<Choice>,
    pub(super) heard: Wall,
    /// Who waits for the answer to a message, by its key.
    #[serde(skip)]
    pub(super) waiting: BTreeMap<String, Vec<u64>>,
    /// The last number of what is being sent.
    #[serde(skip)]
    pub(super) sending: Option<u64>,
    /// They have written since that was sent: what it says of the window is old.
    #[serde(skip)]
    wrote_since: bool,
    #[serde(skip)]
    pub(super) tries: u32,
    /// How often what is next was sent in vain.
    #[serde(skip)]
    attempt: u32,
    #[serde(skip)]
    pub(super) alarm: Option<Alarm>,
    #[serde(skip)]
    pub(super) shown: Option<Shown>,
}

impl Talk {
    pub(super) fn new(channel: &str, person: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            person: person.to_owned(),
            leg: None,
            outbox: VecDeque::new(),
            last: 0,
            tried: None,
            window: None,
            answers: None,
            way: None,
            refused: Refused::default(),
            gone: VecDeque::new(),
            told: None,
            taken: VecDeque::new(),
            choices: vec![],
            heard: Wall::default(),
            waiting: BTreeMap::new(),
            sending: None,
            wrote_since: false,
            tries: 0,
            attempt: 0,
            alarm: None,
            shown: None,
        }
    }

    pub(super) fn user(&self) -> UserUri {
        if let Some(way) = &self.way {
            return way.user.clone();
        }
        UserUri::Channel { channel: self.channel.clone(), id: self.person.clone() }
    }

    /// Whether the message of this key is on disk already.
    pub(super) fn has(&self, key: &str) -> bool {
        self.taken.iter().any(|taken| taken == key)
    }

    /// Whether the message of this key is on its way to the disk.
    pub(super) fn awaits(&self, key: &str) -> bool {
        self.waiting.contains_key(key)
    }

    /// They have written, or done something: the provider lets through what that opens.
    pub(super) fn opens(&mut self, rule: &Rule, message: bool, reply: Option<Text>, now: Wall) {
        self.heard = now;
        if rule.message.is_none() && reply.is_some() {
            self.answers.clone_from(&reply);
        }
        let shut = self.window.as_ref().is_none_or(|window| window.left(now) == 0);
        let opened = if message { rule.message } else { rule.act.filter(|_| shut) };
        if let Some(allowance) = opened {
            self.window = Some(Window::new(allowance, reply, now));
            self.wrote_since = true;
        }
        self.tries = 0;
    }

    /// The session, which begins if there is none.
    pub(super) fn session(&mut self, entry: &str, name: Option<String>, edge: &mut Edge) -> &mut Leg {
        let user = self.user();
        if self.leg.is_none() {
            self.refused.clear();
            self.gone.clear();
            self.told = None;
        }
        self.leg.get_or_insert_with(|| {
            let mut who = Who::new(edge.ids.mint(edge.now.wall));
            let arrived = Event::Arrived {
                leg: who.id,
                user,
                display: name,
                lang: None,
                dialled: entry.to_owned(),
                caller: Caller::Anonymous,
                medium: Medium::Chat,
                beside: None,
                collab: None,
                offer: None,
            };
            who.tell(edge, arrived);
            Leg { who, up_to: 0, behind: false }
        })
    }

    /// Passes a message on; `ticket` is answered when it is on disk.
    pub(super) fn says(&mut self, key: String, content: Content, ticket: u64, edge: &mut Edge) {
        let content = match content {
            Content::Text { text, .. } => {
                let meant = words::meant(&text.0, &self.choices).map_or(text, Text);
                Content::Text { text: meant, choices: vec![] }
            }
            other @ (Content::File { .. } | Content::Notice(_) | Content::Masked) => other,
        };
        self.waiting.entry(key.clone()).or_default().push(ticket);
        if let Some(Leg { who, .. }) = &mut self.leg {
            who.tell(edge, chat::Event::Said { leg: who.id, key, content });
        }
    }

    /// cti says something to the session.
    pub(super) fn told(
        &mut self,
        command: chat::Command,
        session: Option<SessionId>,
        manner: (&Rule, bool),
        edge: &mut Edge,
    ) {
        let Some(leg) = &mut self.leg else { return };
        leg.who.session = session.or(leg.who.session);
        match command {
            chat::Command::Opened { session, .. } => {
                leg.who.session = Some(session);
                self.told = None;
                leg.behind |= leg.up_to > 0;
                if leg.behind {
                    self.asks(edge);
                }
            }
            chat::Command::Accepted { key, .. } => {
                self.answer(&key, true, edge);
                self.taken.push_back(key);
                let more = self.taken.len().saturating_sub(MOST_TAKEN);
                self.taken.drain(..more);
            }
            chat::Command::Refused { key, why, .. } => {
                let never = matches!(why, chat::Nack::Bad | chat::Nack::Forbidden);
                self.answer(&key, never, edge);
            }
            chat::Command::Deliver { message, .. } if !leg.behind => {
                let next = message.seq.checked_sub(1) == Some(leg.up_to);
                if next && self.outbox.len() < MOST_WAITING {
                    self.takes(&message, manner);
                } else if message.seq > leg.up_to {
                    leg.behind = true;
                    if self.outbox.len() < MOST_WAITING {
                        self.asks(edge);
                    }
                }
            }
            chat::Command::Replay { messages, more, .. } => {
                for message in &messages {
                    let up_to = self.leg.as_ref().map_or(0, |leg| leg.up_to);
                    if message.seq == up_to + 1 && self.outbox.len() < MOST_WAITING {
                        self.takes(message, manner);
                    }
                }
                let full = self.outbox.len() >= MOST_WAITING;
                if let Some(leg) = &mut self.leg {
                    leg.behind = more || full;
                }
            }
            chat::Command::NotReplayed { .. } => self.wakes_in(ASK_AGAIN, edge),
            chat::Command::Begin { .. }
            | chat::Command::Deliver { .. }
            | chat::Command::Typing { .. }
            | chat::Command::Read { .. }
            | chat::Command::Status { .. } => return,
        }
        self.pump(manner.0, edge);
    }

    /// Asks for everything behind what is in the outbox.
    pub(super) fn asks(&mut self, edge: &mut Edge) {
        if let Some(Leg { who, up_to, .. }) = &mut self.leg {
            who.tell(edge, chat::Event::Resume { leg: who.id, after: *up_to });
        }
    }

    /// Puts a message into the outbox.
    fn takes(&mut self, message: &Message, (rule, zh): (&Rule, bool)) {
        let session = self.leg.as_mut().and_then(|leg| {
            leg.up_to = message.seq;
            leg.who.session
        });
        // What they have said themselves stands on their own screen.
        if message.by == Author::Customer || message.private {
            return;
        }
        if rule.letters && matches!(message.content, Content::Notice(_)) {
            return;
        }
        let automatic = !matches!(message.by, Author::Agent { .. });
        if let Content::Text { choices, .. } = &message.content {
            self.choices.clone_from(choices);
        }
        for piece in words::pieces(&message.content, zh, (rule.text, rule.buttons)) {
            self.last += 1;
            self.outbox.push_back(Item { n: self.last, seq: message.seq, session, automatic, piece });
        }
    }

    /// Sends what is next, if the provider lets it through.
    pub(super) fn pump(&mut self, rule: &Rule, edge: &mut Edge) {
        if self.sending.is_some() || self.tries > 0 {
            return;
        }
        let left = self.window.as_ref().map(|window| window.left(edge.now.wall));
        if rule.message.is_some() && left.unwrap_or(0) == 0 {
            return;
        }
        let Some((n, piece)) = next(&self.outbox, self.tried, rule) else { return };
        self.wrote(edge);
        let again = self.tried == Some(n);
        (self.sending, self.tried, self.wrote_since) = (Some(n), Some(n), false);
        let (channel, to) = (self.channel.clone(), self.person.clone());
        let of_window = self.window.as_ref().and_then(|window| window.reply.clone());
        let reply = of_window.or_else(|| self.answers.clone());
        let mark = super::mark_of(&channel, &to);
        let about = self.outbox.front().map(|item| (item.session, item.seq, item.automatic));
        let (session, seq, automatic) = about.unwrap_or_default();
        let post = Post { channel, to, n, again, reply, mark, session, seq, automatic, piece };
        match &self.way {
            None => edge.emit(Output::ChannelSend(post)),
            Some(way) => edge.text_to(post, way.clone(), self.attempt),
        }
    }

    /// What became of what was sent.
    pub(super) fn sent(&mut self, n: u64, outcome: &Outcome, rule: &Rule, edge: &mut Edge) {
        if self.sending != Some(n) {
            return;
        }
        (self.sending, self.tried) = (None, self.tried.filter(|_| *outcome == Outcome::Later));
        let given_up = *outcome == Outcome::Later && rule.tries.is_some_and(|most| self.attempt >= most);
        let outcome = if given_up { &Outcome::Refused } else { outcome };
        self.attempt = if *outcome == Outcome::Later { self.attempt + 1 } else { 0 };
        match outcome {
            Outcome::Sent | Outcome::Refused => {
                let these = self.outbox.iter().filter(|item| item.n <= n);
                if *outcome == Outcome::Refused {
                    self.refused.note(these.map(|item| item.seq));
                } else {
                    self.gone.extend(these.map(|item| (n, item.seq)));
                    let more = self.gone.len().saturating_sub(MOST_TAKEN);
                    self.gone.drain(..more);
                }
                self.outbox.retain(|item| item.n > n);
                self.tries = 0;
                if let Some(window) = self.window.as_mut().filter(|_| *outcome == Outcome::Sent) {
                    window.spend();
                }
            }
            Outcome::Shut if self.wrote_since => {}
            Outcome::Shut => {
                let shut = rule.message.map(|allowance| Window::new(allowance, None, edge.now.wall));
                self.window = self.window.take().or(shut);
                self.window.iter_mut().for_each(Window::shut);
                // A channel that counts nothing is asked again, as it may open by itself.
                if rule.message.is_none() {
                    self.tries += 1;
                    self.wakes_in(LONGEST, edge);
                }
            }
            Outcome::Later => {
                let pause = Duration::from_secs(1 << self.tries.min(6)).min(LONGEST);
                self.tries += 1;
                self.wakes_in(pause, edge);
            }
        }
        let room = self.outbox.len() < MOST_WAITING;
        if room && self.leg.as_ref().is_some_and(|leg| leg.behind) {
            self.asks(edge);
        }
        self.pump(rule, edge);
        self.settles(rule, edge);
    }

    /// cti has ended the session: what is in the outbox still goes.
    pub(super) fn released(&mut self, edge: &mut Edge) {
        self.wrote(edge);
        self.leg = None;
        self.choices.clear();
        for key in std::mem::take(&mut self.waiting).into_values().flatten() {
            edge.taken(key, false);
        }
    }

    /// They are gone, or their channel is.
    pub(super) fn leaves(&mut self, edge: &mut Edge) {
        if let Some(Leg { mut who, .. }) = self.leg.take() {
            who.tell(edge, Event::Left { leg: who.id, cause: Cause::Normal });
        }
        self.outbox.clear();
        self.released(edge);
    }

    fn answer(&mut self, key: &str, taken: bool, edge: &mut Edge) {
        for ticket in self.waiting.remove(key).unwrap_or_default() {
            edge.taken(ticket, taken);
        }
    }
}
