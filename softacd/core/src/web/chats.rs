//! Chats of customers' pages: one open session a customer and entry, one page at a time.

use std::collections::{BTreeMap, VecDeque};

use ngcc_proto::access::{Caller, Cause, Event};
use ngcc_proto::chat::{self, Content, MAX_KEY, Nack};
use ngcc_proto::collab::Kind;
use ngcc_proto::fact::Medium;
use ngcc_proto::{CollabId, LegId, MessageId, SessionId, UserUri};

use super::pace::Pace;
use super::page::{Feed, Page, Place, Spoken};
use super::talk::Chat;
use super::{ChatAsk, Line, Open, Owner, Shut, Tell, Wrong};
use crate::edge::Edge;
use crate::leg::Who;

/// All chats and pages.
#[derive(Debug, Default)]
pub(crate) struct Chats {
    pub(super) pages: BTreeMap<Line, Page>,
    pub(super) lines: BTreeMap<Place, Line>,
    pub(super) legs: BTreeMap<LegId, Chat>,
    pub(super) of: BTreeMap<Place, LegId>,
}

/// A chat that is to begin.
pub(super) struct New {
    /// Its leg, where cti has named it.
    pub(super) leg: Option<LegId>,
    pub(super) dialled: String,
    pub(super) collab: Option<(CollabId, Kind)>,
    /// The message that leads to it.
    pub(super) cause: Option<MessageId>,
}

impl Chats {
    /// The leg of this customer's chat in `session`.
    pub(super) fn leg_in(&self, user: &UserUri, session: SessionId) -> Option<LegId> {
        let mut legs = self.legs.values().filter(|chat| chat.user == *user);
        legs.find(|chat| chat.who.session == Some(session)).map(|chat| chat.who.id)
    }

    pub(super) fn lines(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn has_line(&self, line: Line) -> bool {
        self.pages.contains_key(&line)
    }

    pub(super) fn insert(&mut self, chat: Chat) {
        self.of.insert(chat.place(), chat.who.id);
        self.legs.insert(chat.who.id, chat);
    }

    /// A page has come; one that was there is replaced.
    pub(super) fn opened(&mut self, line: Line, place: Place, spoken: Spoken, edge: &mut Edge) {
        if let Some(old) = self.lines.insert(place.clone(), line) {
            self.pages.remove(&old);
            edge.shut(old, Shut::Replaced);
        }
        let mut page = Page::new(place, spoken);
        let mut session = None;
        let mut status = None;
        if let Some(chat) = self.of.get(&page.place).and_then(|leg| self.legs.get_mut(leg)) {
            if !std::mem::replace(&mut chat.here, true) {
                chat.who.tell(edge, Event::Reattached { leg: chat.who.id });
            }
            page.feed = Feed::Held;
            page.told = chat.who.session;
            session = chat.who.session.map(|id| Open { id, last_seq: chat.last_seq });
            status = chat.who.session.zip(chat.status.clone());
        }
        edge.say(line, None, Tell::ChatReady { session });
        if let Some((session, status)) = status {
            edge.say(line, None, Tell::Status { session, status });
        }
        self.pages.insert(line, page);
    }

    /// A page is gone.
    pub(super) fn closed(&mut self, line: Line, edge: &mut Edge) {
        let Some(page) = self.pages.remove(&line) else { return };
        self.lines.remove(&page.place);
        if let Some(chat) = self.of.get(&page.place).and_then(|leg| self.legs.get_mut(leg)) {
            chat.here = false;
            chat.who.tell(edge, Event::Unreachable { leg: chat.who.id });
        }
    }

    /// A page says something.
    pub(super) fn frame(
        &mut self,
        line: Line,
        id: Option<String>,
        ask: ChatAsk,
        pace: &mut Pace,
        edge: &mut Edge,
    ) {
        let Some(place) = self.pages.get(&line).map(|page| page.place.clone()) else { return };
        match ask {
            ChatAsk::Say(content) => {
                if let Err((key, why)) = self.say(line, &place, id, content, pace, edge) {
                    edge.say(line, key, Tell::Nack(why));
                }
            }
            ChatAsk::Start => self.start(line, &place, id, pace, edge),
            ChatAsk::End => self.end(line, &place, id, edge),
            ChatAsk::Typing | ChatAsk::Read(_) | ChatAsk::Resume { .. } | ChatAsk::KeepOpen => {
                self.pass(line, &place, id, ask, edge);
            }
            // `Web` takes them: they concern the customer's calls as well.
            ChatAsk::Share(_) | ChatAsk::Unshare { .. } | ChatAsk::Code | ChatAsk::Join(_) => {}
        }
    }

    fn say(
        &mut self,
        line: Line,
        place: &Place,
        key: Option<String>,
        content: Content,
        pace: &mut Pace,
        edge: &mut Edge,
    ) -> Result<(), (Option<String>, Nack)> {
        let Some(key) = key.filter(|key| !key.is_empty() && key.len() <= MAX_KEY) else {
            return Err((None, Nack::Bad));
        };
        if let Err(why) = content.check() {
            return Err((Some(key), why));
        }
        // Whoever is not sure sends again: that costs nothing, or an outage would become a refusal. How many
        // frames come at all is for the shell to bound.
        let open = self.of.get(place).and_then(|leg| self.legs.get(leg));
        let again = open.is_some_and(|chat| chat.has_passed(&key));
        if !again && !pace.may(&Owner::User(place.user.clone()), edge.now.mono, &edge.settings.web) {
            return Err((Some(key), Nack::TooMany));
        }
        let Some(chat) = self.chat_or_new(line, place, edge) else { return Err((Some(key), Nack::TooMany)) };
        chat.passes(&key);
        let leg = chat.who.id;
        chat.who.tell(edge, chat::Event::Said { leg, key, content });
        Ok(())
    }

    fn start(&mut self, line: Line, place: &Place, id: Option<String>, pace: &mut Pace, edge: &mut Edge) {
        if !pace.may(&Owner::User(place.user.clone()), edge.now.mono, &edge.settings.web) {
            return edge.wrong(line, id, Wrong::TooMany, None);
        }
        let Some(session) = self.chat_or_new(line, place, edge).map(|chat| chat.who.session) else {
            return edge.wrong(line, id, Wrong::TooMany, None);
        };
        match session {
            Some(session) => edge.say(line, id, Tell::Opened { session }),
            // It is told with the same id when cti has opened it.
            None => {
                if let Some(page) = self.pages.get_mut(&line) {
                    page.starting = id;
                }
            }
        }
    }

    /// The open chat of this place, or a new one; none over the limit.
    fn chat_or_new(&mut self, line: Line, place: &Place, edge: &mut Edge) -> Option<&mut Chat> {
        if let Some(leg) = self.of.get(place) {
            return self.legs.get_mut(leg);
        }
        let new = New { leg: None, dialled: place.entry.clone(), collab: None, cause: None };
        self.begin(line, place, new, edge)
    }

    /// A new chat of the page; none over the limit.
    pub(super) fn begin(
        &mut self,
        line: Line,
        place: &Place,
        new: New,
        edge: &mut Edge,
    ) -> Option<&mut Chat> {
        if self.legs.len() >= edge.settings.web.legs {
            return None;
        }
        let page = self.pages.get_mut(&line)?;
        page.feed = Feed::Live(0);
        let New { leg, dialled, collab, cause } = new;
        let leg: LegId = leg.unwrap_or_else(|| edge.ids.mint(edge.now.wall));
        let mut chat = Chat {
            who: Who { last: cause, ..Who::new(leg) },
            user: place.user.clone(),
            entry: place.entry.clone(),
            here: true,
            last_seq: 0,
            status: None,
            passed: VecDeque::new(),
        };
        chat.store(edge);
        let arrived = Event::Arrived {
            leg,
            user: place.user.clone(),
            display: page.spoken.name.clone(),
            lang: page.spoken.lang.clone(),
            dialled,
            caller: Caller::Anonymous,
            medium: Medium::Chat,
            beside: None,
            collab: collab.map(Box::new),
            offer: None,
        };
        chat.who.tell(edge, arrived);
        self.of.insert(place.clone(), leg);
        Some(self.legs.entry(leg).or_insert(chat))
    }

    fn end(&mut self, line: Line, place: &Place, id: Option<String>, edge: &mut Edge) {
        let Some(chat) = self.take(place) else { return edge.wrong(line, id, Wrong::Unknown, None) };
        let session = chat.who.session;
        chat.leave(Cause::Normal, edge);
        self.fresh(line);
        edge.say(line, id, Tell::Closed { session, cause: Cause::Normal });
    }

    /// What only passes through to a session that is open.
    fn pass(&mut self, line: Line, place: &Place, id: Option<String>, ask: ChatAsk, edge: &mut Edge) {
        let Some(chat) = self.of.get(place).and_then(|leg| self.legs.get_mut(leg)) else {
            return edge.wrong(line, id, Wrong::Unknown, None);
        };
        let Some(page) = self.pages.get_mut(&line) else { return };
        let leg = chat.who.id;
        let event = match ask {
            ChatAsk::Typing if page.types(edge.now.mono, edge.settings.web.typing) => {
                chat::Event::Typing { leg }
            }
            ChatAsk::Read(seq) => chat::Event::Read { leg, seq },
            ChatAsk::KeepOpen => chat::Event::KeepOpen { leg },
            ChatAsk::Resume { session, .. } if chat.who.session != Some(session) => {
                return edge.wrong(line, id, Wrong::Unknown, None);
            }
            ChatAsk::Resume { after, .. } => {
                page.feed = Feed::Behind { sent: after, answer: Some(id) };
                chat::Event::Resume { leg, after }
            }
            ChatAsk::Typing
            | ChatAsk::Start
            | ChatAsk::Say(_)
            | ChatAsk::End
            | ChatAsk::Share(_)
            | ChatAsk::Unshare { .. }
            | ChatAsk::Code
            | ChatAsk::Join(_) => return,
        };
        chat.who.tell(edge, event);
    }

    /// cti has ended the chat.
    pub(super) fn release(&mut self, leg: LegId, cause: Cause, edge: &mut Edge) {
        let Some(place) = self.legs.get(&leg).map(Chat::place) else { return };
        let Some(chat) = self.take(&place) else { return };
        edge.forget(chat.key());
        if let Some(line) = self.lines.get(&place).copied() {
            self.fresh(line);
            edge.say(line, None, Tell::Closed { session: chat.who.session, cause });
        }
    }

    fn take(&mut self, place: &Place) -> Option<Chat> {
        self.of.remove(place).and_then(|leg| self.legs.remove(&leg))
    }

    /// The page's next session begins at 1.
    fn fresh(&mut self, line: Line) {
        if let Some(page) = self.pages.get_mut(&line) {
            (page.told, page.starting, page.feed) = (None, None, Feed::Live(0));
        }
    }

    /// What cti says to a chat; `session` is the one its envelope names.
    pub(super) fn told(&mut self, command: chat::Command, session: Option<SessionId>, edge: &mut Edge) {
        let Some(chat) = self.legs.get_mut(&command.leg()) else { return };
        let again = matches!(command, chat::Command::Opened { .. });
        let session = match command {
            chat::Command::Opened { session, .. } => Some(session),
            chat::Command::Begin { .. }
            | chat::Command::Accepted { .. }
            | chat::Command::Refused { .. }
            | chat::Command::Deliver { .. }
            | chat::Command::Replay { .. }
            | chat::Command::NotReplayed { .. }
            | chat::Command::Typing { .. }
            | chat::Command::Read { .. }
            | chat::Command::Status { .. } => session,
        };
        if session.is_some_and(|session| chat.who.session != Some(session)) {
            chat.who.session = session;
            chat.store(edge);
        }
        let line = self.lines.get(&chat.place()).copied();
        let page = line.and_then(|line| Some((line, self.pages.get_mut(&line)?)));
        if let (Some((line, page)), Some(session)) = (page, chat.who.session) {
            let first = page.told != Some(session);
            if first {
                page.told = Some(session);
                edge.say(line, page.starting.take(), Tell::Opened { session });
            }
            let behind = match page.feed {
                // It came while the session was being opened: it has nothing of it.
                Feed::Held if first => Some(0),
                // cti has been restarted, and what was on its way may be lost.
                Feed::Live(sent) if again && !first => Some(sent),
                Feed::Behind { sent, .. } if again => Some(sent),
                Feed::Held | Feed::Live(_) | Feed::Behind { .. } => None,
            };
            if let Some(after) = behind {
                if !matches!(page.feed, Feed::Behind { .. }) {
                    page.feed = Feed::Behind { sent: after, answer: None };
                }
                chat.who.tell(edge, chat::Event::Resume { leg: chat.who.id, after });
            }
            chat.tell(command, Some((line, page, session)), edge);
        } else {
            chat.tell(command, None, edge);
        }
    }
}
