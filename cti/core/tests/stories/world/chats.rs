//! Chats in the world: customers' clients, the message store, and what agents' consoles show.

use std::collections::BTreeMap;

use ngcc_proto::access::{self, Caller, Cause, Stage};
use ngcc_proto::chat::{self, Author, Choice, Content, Message, Notice, Status, Text};
use ngcc_proto::fact::Medium;
use ngcc_proto::seat::{self, Contact, Told, Verb};
use ngcc_proto::{Envelope, LegId, MessageId, RunId, SessionId, UserUri, data, flow};

use super::{EdgeLeg, World, agent, sales};

/// The customers' message store.
#[derive(Default)]
pub(crate) struct Store {
    sessions: BTreeMap<SessionId, Vec<(String, String, Message)>>,
    /// Whether it answers.
    pub(crate) works: bool,
    /// It stores, but its answer is lost.
    pub(crate) mute: bool,
    /// Questions that came while it did not answer.
    unread: Vec<(MessageId, SessionId)>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { works: true, ..Self::default() }
    }

    /// Every message of a session.
    pub(crate) fn of(&self, session: SessionId) -> Vec<Message> {
        self.sessions.get(&session).into_iter().flatten().map(|(_, _, message)| message.clone()).collect()
    }
}

impl World {
    pub(super) fn data_does(&mut self, envelope: Envelope, command: data::Command) {
        let (id, at) = (envelope.id, self.now.wall);
        let event = match command {
            data::Command::Store { session, facts } => {
                if !self.data_centre_works {
                    return;
                }
                self.stored.insert(session, facts);
                data::Event::Stored { sessions: vec![session] }
            }
            data::Command::CheckPin { agent, pin } => {
                data::Event::PinChecked { agent, right: pin.expose() == "1234" }
            }
            data::Command::Keep { session, sender, key, .. } if !self.store.works => {
                data::Event::NotKept { session, sender, key }
            }
            data::Command::Keep { session, sender, key, by, content, private } => {
                let kept = self.store.sessions.entry(session).or_default();
                let known = kept.iter().find(|(s, k, _)| *s == sender && *k == key);
                let repeat = known.is_some();
                let message = known.map(|(_, _, message)| message.clone()).unwrap_or_else(|| {
                    let seq = u64::try_from(kept.len()).unwrap() + 1;
                    let id: MessageId = self.ids.mint(at);
                    Message { seq, id, at, by, content, private }
                });
                if !repeat {
                    kept.push((sender.clone(), key.clone(), message.clone()));
                }
                if self.store.mute {
                    return;
                }
                data::Event::Kept { session, sender, key, message, repeat }
            }
            data::Command::ReadMessages { session, .. } if !self.store.works => {
                self.store.unread.push((id, session));
                return;
            }
            data::Command::ReadMessages { session, after, limit, private } => {
                let all = self.store.of(session).into_iter();
                let mut messages: Vec<Message> =
                    all.filter(|m| m.seq > after && (private || !m.private)).collect();
                let most = usize::try_from(limit).unwrap().min(self.page);
                let more = messages.len() > most;
                messages.truncate(most);
                data::Event::Messages { session, messages, more }
            }
        };
        self.put(None, Some(id), event);
    }

    /// The store has not been able to answer these questions for as long as it tries.
    pub(crate) fn store_gives_up(&mut self) {
        for (id, session) in std::mem::take(&mut self.store.unread) {
            self.put(None, Some(id), data::Event::NotRead { session });
        }
        self.run();
    }

    /// A customer opens a chat.
    pub(crate) fn chat(&mut self, dialled: &str) -> LegId {
        self.chat_of(dialled, UserUri::Web("vis_1".into()))
    }

    pub(crate) fn chat_of(&mut self, dialled: &str, user: UserUri) -> LegId {
        let leg: LegId = self.ids.mint(self.now.wall);
        let arrived = self.chat_arrives(leg, user, dialled.into());
        self.say(arrived);
        leg
    }

    fn chat_arrives(&mut self, leg: LegId, user: UserUri, dialled: String) -> access::Event {
        self.edge.insert(leg, EdgeLeg { stage: Stage::Answered, phone: None });
        access::Event::Arrived {
            lang: None,
            leg,
            user,
            display: Some("Ann".into()),
            dialled,
            caller: Caller::Anonymous,
            medium: Medium::Chat,
            beside: None,
            collab: None,
            offer: None,
        }
    }

    /// An agent wishes to write to a user: the page begins a chat, if there is one that has none.
    pub(super) fn edge_begins(&mut self, cause: MessageId, leg: LegId, user: UserUri, dialled: String) {
        if self.sharing.edge_down {
            return;
        }
        let has_chat = self.live().iter().any(|session| session.user == user);
        let event = match (self.sharing.pages.contains(&user), has_chat) {
            (true, false) => self.chat_arrives(leg, user, dialled),
            (true, true) => access::Event::Refused { leg, cause: Cause::Busy },
            (false, _) => access::Event::Refused { leg, cause: Cause::NotRegistered },
        };
        self.put(None, Some(cause), event);
    }

    pub(crate) fn writes(&mut self, leg: LegId, key: &str, text: &str) {
        self.say(chat::Event::Said { leg, key: key.into(), content: words_of(text) });
    }

    pub(crate) fn agent_writes(&mut self, name: &str, session: SessionId, key: &str, text: &str) {
        let what = Verb::Say { key: key.into(), content: words_of(text), private: false };
        self.asks_about(name, session, what);
    }

    pub(crate) fn asks_about(&mut self, name: &str, session: SessionId, what: Verb) {
        self.say(seat::Command { agent: agent(name), session: Some(session), what });
    }

    /// The session of a chat, as its client was told.
    pub(crate) fn session_of(&self, leg: LegId) -> SessionId {
        let opened = self.clients[&leg].iter().find_map(|c| match c {
            chat::Command::Opened { session, .. } => Some(*session),
            _ => None,
        });
        opened.expect("the client was told its session")
    }

    /// What the client was shown, in order, as texts; notices by a word.
    pub(crate) fn shown_to(&self, leg: LegId) -> Vec<String> {
        let delivered = |c: &chat::Command| match c {
            chat::Command::Deliver { message, .. } => Some(brief(message)),
            _ => None,
        };
        self.clients.get(&leg).into_iter().flatten().filter_map(delivered).collect()
    }

    pub(crate) fn acked(&self, leg: LegId) -> Vec<(String, u64)> {
        let acked = |c: &chat::Command| match c {
            chat::Command::Accepted { key, seq, .. } => Some((key.clone(), *seq)),
            _ => None,
        };
        self.clients.get(&leg).into_iter().flatten().filter_map(acked).collect()
    }

    pub(crate) fn status_of(&self, leg: LegId) -> Option<Status> {
        self.clients.get(&leg)?.iter().rev().find_map(|c| match c {
            chat::Command::Status { status, .. } => Some(status.clone()),
            _ => None,
        })
    }

    /// What the agent's console was shown as messages, in order.
    pub(crate) fn read_by(&self, name: &str) -> Vec<String> {
        let message = |(to, told): &(String, Told)| match told {
            Told::Message { message, .. } if to == name => Some(brief(message)),
            _ => None,
        };
        self.told.iter().filter_map(message).collect()
    }

    /// The contact as the agent was told it last; none if it is gone.
    pub(crate) fn contact(&self, name: &str, session: SessionId) -> Option<Contact> {
        self.told.iter().filter(|(to, _)| to == name).rev().find_map(|(_, told)| match told {
            Told::Contact { contact } if contact.session == session => Some(Some((**contact).clone())),
            Told::Gone { session: gone } if *gone == session => Some(None),
            _ => None,
        })?
    }
}

pub(crate) fn words_of(text: &str) -> Content {
    Content::Text { text: Text(text.into()), choices: vec![] }
}

/// Agents with a console each.
pub(crate) fn desk(agents: &[&str]) -> World {
    let mut w = World::new(sales(agents));
    for name in agents {
        w.sits_at_browser(name);
    }
    w
}

/// A chat with alice, who has taken it.
pub(crate) fn together(w: &mut World, dialled: &str) -> (LegId, SessionId) {
    let leg = w.chat(dialled);
    w.accepts("alice");
    (leg, w.session_of(leg))
}

/// What a run was told that the customer wrote.
pub(crate) fn heard(w: &World, run: RunId) -> Vec<(u64, String)> {
    let heard = |c: flow::Command| match c {
        flow::Command::Heard { run: r, seq, text, .. } if r == run => Some((seq, text.expose().to_owned())),
        _ => None,
    };
    w.sent_flow().into_iter().filter_map(heard).collect()
}

/// A run writes to the customer.
pub(crate) fn says(w: &mut World, run: RunId, n: u32, text: &str) {
    let choices = vec![Choice { value: "1".into(), label: "Sales".into() }];
    w.say(flow::Event::Say { run, n, text: Text(text.into()), choices });
}

fn brief(message: &Message) -> String {
    let by = match &message.by {
        Author::Customer => "customer",
        Author::Agent { .. } => "agent",
        Author::Automation => "automation",
        Author::Centre => "centre",
    };
    match &message.content {
        Content::Text { text, .. } => format!("{by}: {}", text.0),
        Content::File { name, .. } => format!("{by}: file {name}"),
        Content::Masked => format!("{by}: masked"),
        Content::Notice(notice) => match notice {
            Notice::Joined { .. } => "joined",
            Notice::Left { .. } => "left",
            Notice::ToAuto => "to-auto",
            Notice::ToHuman => "to-human",
            Notice::Transferred { .. } => "transferred",
            Notice::CustomerGone => "gone",
            Notice::CustomerBack => "back",
            Notice::ClosesSoon { .. } => "closes soon",
        }
        .to_owned(),
    }
}
