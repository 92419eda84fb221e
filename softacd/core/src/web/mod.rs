//! The chapter of browsers: who is connected, whose legs they carry, and what is passed between them and cti.
//! A leg belongs to a person and not to a connection: a page that is reloaded finds it again.

mod call;
mod calls;
mod chats;
mod frame;
mod pace;
mod page;
mod peer;
mod record;
mod screen;
mod sharing;
mod talk;

use ngcc_proto::access::{Command, Event, Stage};
use ngcc_proto::{Key, LegId, MessageId, RestoreError, SessionId, chat};

pub use frame::{Ask, CallAsk, ChatAsk, Found, Open, Shut, State, Tell, Wrong};
pub use peer::{Line, Owner, Peer};

pub(crate) use pace::Pace;
pub use sharing::Share;

use calls::{Beginning, Calls};
use chats::Chats;
use page::{Place, Spoken};
use record::Leg;

use crate::clean;
use crate::edge::Edge;
use crate::io::Output;
use crate::leg::Who;

/// Everything of browsers.
#[derive(Debug, Default)]
pub(crate) struct Web {
    chats: Chats,
    calls: Calls,
    pace: Pace,
}

impl Web {
    /// Somebody has come and said who they are.
    pub(crate) fn opened(&mut self, line: Line, peer: Peer, edge: &mut Edge) {
        match peer {
            Peer::Chat { user, entry, name, lang } => {
                let name = name.as_deref().and_then(clean::name);
                let lang = lang.as_deref().and_then(clean::lang);
                sharing::here(&user, edge);
                self.chats.opened(line, Place { user, entry }, Spoken { name, lang }, edge);
            }
            Peer::Calls(owner) => self.calls.opened(line, owner, edge),
        }
    }

    /// A frame of somebody's; `id` is repeated in the answer.
    pub(crate) fn frame(&mut self, line: Line, id: Option<String>, ask: Ask, edge: &mut Edge) {
        match ask {
            Ask::Chat(ask) if self.chats.has_line(line) => self.chat(line, id, ask, edge),
            Ask::Calls(ask) if self.calls.owner(line).is_some() => self.call(line, id, ask, edge),
            // It was opened before this core was rebuilt: it comes again.
            Ask::Chat(_) | Ask::Calls(_) => edge.shut(line, Shut::Stopping),
        }
    }

    fn chat(&mut self, line: Line, id: Option<String>, ask: ChatAsk, edge: &mut Edge) {
        match ask {
            ChatAsk::Share(share) => self.share(line, id, share, edge),
            ChatAsk::Unshare { collab, cannot } => self.declines(line, collab, cannot, edge),
            ChatAsk::Code => self.asks_for_code(line, id, edge),
            ChatAsk::Join(link) => self.follows(line, id, link, edge),
            ask @ (ChatAsk::Start
            | ChatAsk::Say(_)
            | ChatAsk::Typing
            | ChatAsk::Read(_)
            | ChatAsk::Resume { .. }
            | ChatAsk::KeepOpen
            | ChatAsk::End) => self.chats.frame(line, id, ask, &mut self.pace, edge),
        }
    }

    fn call(&mut self, line: Line, id: Option<String>, ask: CallAsk, edge: &mut Edge) {
        let leg = match &ask {
            CallAsk::Begin { .. } | CallAsk::Show { .. } => None,
            CallAsk::Offer { leg, .. }
            | CallAsk::Reattach { leg, .. }
            | CallAsk::Candidate { leg, .. }
            | CallAsk::Key { leg, .. }
            | CallAsk::Hold { leg, .. }
            | CallAsk::Bye { leg } => Some(*leg),
        };
        let done = match ask {
            CallAsk::Begin { entry, name, lang, beside, offer } => self
                .beginning(line, entry, Spoken { name, lang }, beside, offer, edge)
                .and_then(|new| self.calls.begin(line, id.clone(), new, edge)),
            CallAsk::Show { collab, offer } => self.show(line, id.clone(), collab, offer, edge),
            CallAsk::Offer { .. }
            | CallAsk::Reattach { .. }
            | CallAsk::Candidate { .. }
            | CallAsk::Key { .. }
            | CallAsk::Hold { .. }
            | CallAsk::Bye { .. } => self.calls.frame(line, id.clone(), ask, edge),
        };
        if let Err(why) = done {
            edge.wrong(line, id, why, leg);
        }
    }

    fn beginning(
        &mut self,
        line: Line,
        entry: String,
        spoken: Spoken,
        beside: Option<SessionId>,
        offer: ngcc_proto::sdp::Sdp,
        edge: &Edge,
    ) -> Result<Beginning, Wrong> {
        let Some(Owner::User(user)) = self.calls.owner(line).cloned() else {
            // An agent dials by their seat.
            return Err(Wrong::Forbidden);
        };
        let beside = match beside {
            Some(session) => Some(self.chats.leg_in(&user, session).ok_or(Wrong::Unknown)?),
            None => None,
        };
        if !self.pace.may(&Owner::User(user.clone()), edge.now.mono, &edge.settings.web) {
            return Err(Wrong::TooMany);
        }
        Ok(Beginning { user, entry, spoken, beside, offer })
    }

    /// A connection is gone.
    pub(crate) fn closed(&mut self, line: Line, edge: &mut Edge) {
        self.chats.closed(line, edge);
        self.calls.closed(line, edge);
    }

    /// Whether cti's command is for this chapter.
    pub(crate) fn takes(&self, command: &Command) -> bool {
        matches!(command, Command::Summon { .. }) || self.who(command.leg()).is_some()
    }

    fn who(&self, leg: LegId) -> Option<&Who> {
        let chat = self.chats.legs.get(&leg).map(|chat| &chat.who);
        chat.or_else(|| self.calls.legs.get(&leg).map(|call| &call.who))
    }

    /// A message of cti about `leg` has come: it is the cause of the next.
    fn heard(&mut self, leg: LegId, session: Option<SessionId>, cause: MessageId) {
        if let Some(chat) = self.chats.legs.get_mut(&leg) {
            chat.who.last = Some(cause);
        }
        if let Some(call) = self.calls.legs.get_mut(&leg) {
            call.who.last = Some(cause);
            call.who.session = call.who.session.or(session);
        }
    }

    /// A command of cti, in the envelope `cause` of the session `session`.
    pub(crate) fn command(
        &mut self,
        command: Command,
        session: Option<SessionId>,
        cause: MessageId,
        edge: &mut Edge,
    ) {
        if let Command::Summon { leg, agent, video, ring_s } = command {
            let mut who = Who { id: leg, session, last: Some(cause) };
            if self.who(leg).is_some() {
                return;
            }
            match ngcc_proto::AgentUri::new(&agent) {
                Ok(agent) => self.calls.summon(who, Owner::Agent(agent), video, ring_s, edge),
                Err(_) => {
                    let cause = ngcc_proto::access::Cause::NotFound;
                    who.tell(edge, Event::Refused { leg, cause });
                }
            }
            return;
        }
        self.heard(command.leg(), session, cause);
        match command {
            Command::Release { leg, cause } if self.chats.legs.contains_key(&leg) => {
                self.chats.release(leg, cause, edge);
            }
            Command::Call { .. }
            | Command::Summon { .. }
            | Command::Ring { .. }
            | Command::Progress { .. }
            | Command::Answer { .. }
            | Command::Update { .. }
            | Command::TransferTold { .. }
            | Command::Release { .. } => self.calls.command(command, edge),
        }
    }

    /// What cti says to a leg of this chapter.
    pub(crate) fn told(
        &mut self,
        command: chat::Command,
        session: Option<SessionId>,
        cause: MessageId,
        edge: &mut Edge,
    ) {
        if let chat::Command::Begin { leg, user, dialled } = command {
            return self.chats.called(leg, &user, dialled, cause, edge);
        }
        let leg = command.leg();
        if let Some(chat) = self.chats.legs.get_mut(&leg) {
            chat.who.last = Some(cause);
            self.chats.told(command, session, edge);
        } else if let Some(call) = self.calls.legs.get_mut(&leg) {
            call.who.last = Some(cause);
            self.calls.told(command, session, edge);
        }
    }

    /// A browser was asked for an offer long enough ago.
    pub(crate) fn summoned_in_vain(&mut self, leg: LegId, edge: &mut Edge) {
        self.calls.summoned_in_vain(leg, edge);
    }

    /// Takes a record back.
    pub(crate) fn restore(&mut self, key: Key, bytes: &[u8]) -> Result<(), RestoreError> {
        match record::read(key, bytes)? {
            Leg::Chat(chat) => self.chats.insert(chat),
            Leg::Call(call) => self.calls.insert(call),
        }
        Ok(())
    }

    /// Every leg and how far it has come. A chat is up as soon as it is there.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (LegId, Stage)> {
        let chats = self.chats.legs.keys().map(|leg| (*leg, Stage::Answered));
        chats.chain(self.calls.legs.iter().map(|(leg, call)| (*leg, call.stage())))
    }

    /// After a start nobody is connected: cti has been told what there is, and is told that now.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        self.chats.legs.values_mut().for_each(|chat| chat.lost(edge));
        for call in self.calls.legs.values_mut() {
            call.resume(edge);
            call.lost(edge);
        }
    }

    pub(crate) fn legs(&self) -> usize {
        self.chats.legs.len() + self.calls.legs.len()
    }

    pub(crate) fn lines(&self) -> usize {
        self.chats.lines() + self.calls.lines()
    }
}

impl Edge {
    /// Tells a client; `id` is that of the frame it answers.
    fn say(&mut self, line: Line, id: Option<String>, tell: Tell) {
        self.emit(Output::WebSend { line, id, tell });
    }

    fn wrong(&mut self, line: Line, id: Option<String>, why: Wrong, leg: Option<LegId>) {
        self.say(line, id, Tell::Wrong { why, leg });
    }

    fn shut(&mut self, line: Line, why: Shut) {
        self.emit(Output::WebClose { line, why });
    }
}

#[cfg(test)]
mod tests;
