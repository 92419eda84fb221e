//! The chapter of messaging channels: whoever writes by one has a session like a visitor's, without a page.
//!
//! A message that comes in is answered to its provider when the message store has it on disk: a provider that
//! hears nothing sends it again, and its own id is the key by which the store knows it again. What goes out lies in
//! an outbox in this core's log until the provider has taken it: an outage there, a restart here and the end of
//! the session lose nothing of it. Where a provider counts what one may write, it waits until it may.

mod delivery;
mod io;
mod item;
mod rest;
mod rule;
mod talk;
mod words;
mod writes;

use std::collections::BTreeMap;

use ngcc_proto::access::{Cause, Stage};
use ngcc_proto::chat::{self, Content, Text};
use ngcc_proto::config::{Channel, ChannelAccount, MAX_ADDRESS};
use ngcc_proto::{Key, Kind, LegId, MessageId, RestoreError, SessionId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use io::{Act, Heard, Outcome, Piece, Post, Writing};
pub use words::{MAX_DATA, listed};

use crate::clean;
use crate::edge::Edge;
use crate::texting::Way;
use crate::web::{Owner, Pace};
use rule::Rule;
use talk::Talk;

/// The longest id of a person on a channel, in bytes: with a channel's name it fits into a user URI.
pub const MAX_PERSON: usize = MAX_ADDRESS;
/// The longest of what an answer names, in bytes.
pub const MAX_REPLY: usize = 2048;
/// What everybody writes by who sends a SIP MESSAGE; no channel that is configured has this name.
pub const SIP: &str = "sip";
/// The most people who are remembered at once.
const MOST: usize = 100_000;
/// The version of the records that this build writes.
const VERSION: u8 = 1;

/// Everything of channels.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    configured: BTreeMap<String, Channel>,
    talks: BTreeMap<u128, Talk>,
    legs: BTreeMap<LegId, u128>,
    pace: Pace,
}

/// Somebody has written by SIP MESSAGE.
#[derive(Debug)]
pub(crate) struct Texted {
    /// What `Edge::taken` answers.
    pub(crate) ticket: u64,
    /// What tells them from others.
    pub(crate) person: String,
    /// The name they give.
    pub(crate) name: Option<String>,
    /// A repeat carries the same.
    pub(crate) key: String,
    /// What they say.
    pub(crate) text: String,
    /// The way back.
    pub(crate) way: Way,
}

/// Something that somebody says.
#[derive(Debug)]
struct Said {
    ticket: u64,
    key: String,
    name: Option<String>,
    content: Content,
    /// Whether it counts as a message of theirs with their provider.
    wrote: bool,
    reply: Option<Text>,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    talk: &'a Talk,
}

#[derive(Deserialize)]
struct Read {
    v: u8,
    talk: Talk,
}

/// What tells a person's thread from others of the channel: [`Post::mark`].
pub fn mark_of(channel: &str, person: &str) -> u64 {
    // It is a digest: half of it will do.
    u64::try_from(number(channel, person) >> 64).unwrap_or_default()
}

/// The number of a person's talk on a channel.
fn number(channel: &str, person: &str) -> u128 {
    let hash = Sha256::new().chain_update(channel).chain_update([0]).chain_update(person).finalize();
    hash.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

impl Channels {
    /// Takes what is configured. Whoever wrote by a channel that is no more has left.
    pub(crate) fn configure(&mut self, accounts: Vec<ChannelAccount>, edge: &mut Edge) {
        let named = |account: ChannelAccount| (account.settings.name.clone(), account.settings);
        self.configured = accounts.into_iter().map(named).collect();
        let gone = self
            .talks
            .extract_if(.., |_, talk| talk.channel != SIP && !self.configured.contains_key(&talk.channel));
        for (number, mut talk) in gone {
            talk.leaves(edge);
            edge.forget(key(number));
            self.legs.retain(|_, of| *of != number);
        }
        self.talks.values_mut().for_each(|talk| talk.looks_again(edge));
    }

    /// Somebody has done something.
    pub(crate) fn heard(&mut self, heard: Heard, edge: &mut Edge) {
        let ticket = heard.ticket;
        if let Some(taken) = self.takes(heard, edge) {
            edge.taken(ticket, taken);
        }
    }

    /// Whether it is taken; none where that shows later.
    fn takes(&mut self, heard: Heard, edge: &mut Edge) -> Option<bool> {
        let Heard { ticket, channel, from, name, key, reply, thread, act } = heard;
        if !self.configured.contains_key(&channel) {
            return Some(false);
        }
        let of_thread = thread.and_then(|mark| self.marked(&channel, mark));
        let number = of_thread.unwrap_or_else(|| number(&channel, &from));
        if let Act::Fails { .. } | Act::Returned { .. } = act {
            // Of somebody who was forgotten there is nothing to be said.
            if let Some(talk) = self.talks.get_mut(&number) {
                talk.comes_back(&act);
                self.store(number, edge);
            }
            return Some(true);
        }
        if !self.has_room(number, edge) {
            return Some(false);
        }
        let settings = self.configured.get(&channel)?;
        let (rule, entry) = (Rule::of(settings.kind), settings.entry.clone());
        let talk = self.talks.entry(number).or_insert_with(|| {
            let mut talk = Talk::new(&channel, &from);
            // A number that stands for something is none of somebody who was forgotten and comes again.
            talk.last = rule.first(edge.now.wall);
            talk
        });
        if talk.has(&key) {
            return Some(true);
        }
        let name = name.as_deref().and_then(clean::name);
        let wrote = matches!(act, Act::Says(_));
        match act {
            Act::Says(content) | Act::Presses(content) => {
                let said = Said { ticket, key, name, content, wrote, reply };
                return self.said(number, said, &rule, &entry, edge);
            }
            Act::Comes => {
                talk.opens(&rule, false, reply, edge.now.wall);
                self.legs.insert(talk.session(&entry, name, edge).who.id, number);
            }
            Act::Goes => {
                let leg = talk.leg.as_ref().map(|leg| leg.who.id);
                talk.leaves(edge);
                leg.map(|leg| self.legs.remove(&leg));
                talk.settles(&rule, edge);
            }
            // They were looked at before.
            Act::Fails { .. } | Act::Returned { .. } => {}
        }
        talk.pump(&rule, edge);
        self.store(number, edge);
        Some(true)
    }

    /// Whether one more person can be remembered: whoever was heard of longest ago, and of whom nothing is left, makes room.
    fn has_room(&mut self, number: u128, edge: &mut Edge) -> bool {
        if self.talks.len() < MOST || self.talks.contains_key(&number) {
            return true;
        }
        let idle = self.talks.iter().filter(|(_, talk)| talk.is_idle());
        let Some(oldest) = idle.min_by_key(|(_, talk)| talk.heard).map(|(oldest, _)| *oldest) else {
            return false;
        };
        if let Some(alarm) = self.talks.remove(&oldest).and_then(|talk| talk.alarm) {
            edge.timers.cancel(alarm);
        }
        edge.forget(key(oldest));
        true
    }

    /// Somebody says something; whether it is taken, none where that shows later.
    fn said(&mut self, number: u128, said: Said, rule: &Rule, entry: &str, edge: &mut Edge) -> Option<bool> {
        let Said { ticket, key, name, content, wrote, reply } = said;
        if content.check().is_err() {
            // It would be refused whenever it came again.
            self.talks.get_mut(&number)?.settles(rule, edge);
            return Some(true);
        }
        let talk = self.talks.get_mut(&number)?;
        let who = Owner::User(talk.user());
        if !talk.awaits(&key) && !self.pace.may(&who, edge.now.mono, &edge.settings.web) {
            return Some(false);
        }
        talk.opens(rule, wrote, reply, edge.now.wall);
        self.legs.insert(talk.session(entry, name, edge).who.id, number);
        talk.says(key, content, ticket, edge);
        talk.pump(rule, edge);
        self.store(number, edge);
        None
    }

    /// Somebody has written by SIP MESSAGE.
    pub(crate) fn texted(&mut self, texted: Texted, edge: &mut Edge) {
        let Texted { ticket, person, name, key, text, mut way } = texted;
        let number = number(SIP, &person);
        if !self.has_room(number, edge) {
            return edge.taken(ticket, false);
        }
        let entry = way.dialled.clone();
        let talk = self.talks.entry(number).or_insert_with(|| {
            let mut talk = Talk::new(SIP, &person);
            // Whoever is forgotten and comes again gets no request a second time.
            talk.last = Rule::SIP.first(edge.now.wall);
            talk
        });
        // Who was shown it once is known to show it.
        way.composes |= talk.way.as_ref().is_some_and(|way| way.composes);
        talk.way = Some(way);
        let known = talk.has(&key);
        let content = Content::Text { text: Text(text), choices: vec![] };
        let said = Said { ticket, key, name, content, wrote: true, reply: None };
        let taken = if known { Some(true) } else { self.said(number, said, &Rule::SIP, &entry, edge) };
        if let Some(taken) = taken {
            edge.taken(ticket, taken);
        }
    }

    /// The talk on a channel that has this mark.
    fn marked(&self, channel: &str, mark: u64) -> Option<u128> {
        let first = u128::from(mark) << 64;
        let mut all = self.talks.range(first..=first | u128::from(u64::MAX));
        all.find(|(_, talk)| talk.channel == channel).map(|(number, _)| *number)
    }

    /// Whether somebody who writes by SIP MESSAGE is known.
    pub(crate) fn knows(&self, person: &str) -> bool {
        self.talks.contains_key(&number(SIP, person))
    }

    /// Somebody writes by SIP MESSAGE.
    pub(crate) fn typing(&mut self, person: &str, edge: &mut Edge) {
        let Some(talk) = self.talks.get_mut(&number(SIP, person)) else { return };
        talk.way.iter_mut().for_each(|way| way.composes = true);
        if let Some(leg) = talk.leg.as_mut() {
            leg.who.tell(edge, chat::Event::Typing { leg: leg.who.id });
        }
    }

    /// What became of something that was to be sent.
    pub(crate) fn sent(&mut self, channel: &str, to: &str, n: u64, outcome: &Outcome, edge: &mut Edge) {
        let number = number(channel, to);
        let Some(talk) = self.talks.get_mut(&number) else { return };
        // After a start something may be sent before the first configuration has come: nothing else wakes the talk.
        let rule = rule_of(&self.configured, channel).unwrap_or_else(Rule::unknown);
        talk.sent(n, outcome, &rule, edge);
        self.store(number, edge);
    }

    /// A talk's time has come.
    pub(crate) fn wake(&mut self, number: u128, edge: &mut Edge) {
        let Some(talk) = self.talks.get_mut(&number) else { return };
        let rule = rule_of(&self.configured, &talk.channel).unwrap_or_else(Rule::unknown);
        let tried = talk.tried;
        if talk.wake(&rule, edge) {
            if talk.tried != tried {
                self.store(number, edge);
            }
            return;
        }
        self.talks.remove(&number);
        edge.forget(key(number));
    }

    /// Whoever wrote to a person has not gone on.
    pub(crate) fn stopped(&mut self, number: u128, edge: &mut Edge) {
        if let Some(talk) = self.talks.get_mut(&number) {
            talk.stops(edge);
        }
    }

    /// Whether the leg is one of a channel's.
    pub(crate) fn has(&self, leg: LegId) -> bool {
        self.legs.contains_key(&leg)
    }

    /// cti says something to a leg.
    pub(crate) fn told(
        &mut self,
        command: chat::Command,
        session: Option<SessionId>,
        cause: MessageId,
        edge: &mut Edge,
    ) {
        let Some(number) = self.legs.get(&command.leg()).copied() else { return };
        let Some(talk) = self.talks.get_mut(&number) else { return };
        let settings = self.configured.get(&talk.channel);
        let rule = rule_of(&self.configured, &talk.channel).unwrap_or_else(Rule::unknown);
        if let chat::Command::Typing { .. } = command {
            return talk.writes(&rule, edge);
        }
        let zh = match &talk.way {
            Some(way) => way.zh,
            None => settings.is_none_or(|settings| settings.lang.starts_with("zh")),
        };
        if let Some(leg) = &mut talk.leg {
            leg.who.last = Some(cause);
        }
        talk.told(command, session, (&rule, zh), edge);
        self.store(number, edge);
    }

    /// cti has ended the session.
    pub(crate) fn release(&mut self, leg: LegId, _cause: Cause, edge: &mut Edge) {
        let Some(number) = self.legs.remove(&leg) else { return };
        if let Some(talk) = self.talks.get_mut(&number) {
            talk.released(edge);
            let rule = rule_of(&self.configured, &talk.channel).unwrap_or_else(Rule::unknown);
            talk.settles(&rule, edge);
        }
        self.store(number, edge);
    }

    /// Takes a record back.
    pub(crate) fn restore(&mut self, at: Key, bytes: &[u8]) -> Result<(), RestoreError> {
        let bad = |why: String| RestoreError { kind: at.kind, why };
        let Read { v, talk } = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        if v != VERSION {
            return Err(bad(format!("version {v} is not {VERSION}")));
        }
        if key(number(&talk.channel, &talk.person)) != at {
            return Err(bad("the record is another person's".to_owned()));
        }
        self.legs.extend(talk.leg.as_ref().map(|leg| (leg.who.id, at.id)));
        self.talks.insert(at.id, talk);
        Ok(())
    }

    /// Every leg: a chat is up as soon as it is there.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (LegId, Stage)> {
        self.legs.keys().map(|leg| (*leg, Stage::Answered))
    }

    /// After a start: outboxes are looked at.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        self.talks.values_mut().for_each(|talk| talk.looks_again(edge));
    }

    pub(crate) fn len(&self) -> usize {
        self.legs.len()
    }

    fn store(&mut self, number: u128, edge: &mut Edge) {
        let Some(talk) = self.talks.get_mut(&number) else { return };
        let rule = rule_of(&self.configured, &talk.channel).unwrap_or_else(Rule::unknown);
        talk.tells_delivery(&rule, edge);
        // Strings and numbers only: writing them to memory cannot fail.
        if let Ok(bytes) = serde_json::to_vec(&Written { v: VERSION, talk }) {
            edge.persist(key(number), bytes);
        }
    }
}

fn rule_of(configured: &BTreeMap<String, Channel>, channel: &str) -> Option<Rule> {
    if channel == SIP {
        return Some(Rule::SIP);
    }
    configured.get(channel).map(|settings| Rule::of(settings.kind))
}

fn key(number: u128) -> Key {
    Key { kind: Kind::Channel, id: number, n: 0 }
}
