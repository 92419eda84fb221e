//! The application server's part of collaborations (S3): a customer's call is passed to cti, what cti has mapped is
//! recognised as a collaboration and established, and the customer's pages are invited.

use ngcc_proto::access::{Cause, Event};
use ngcc_proto::collab::{Answer, Call, Kind, LinkToken, Why};
use ngcc_proto::{Body, CollabId, Envelope, LegId, MessageId, SessionId, UserUri};

use super::chats::{Chats, New};
use super::page::Place;
use super::{Line, Owner, Tell, Web, Wrong};
use crate::edge::Edge;
use crate::leg::Who;

/// What a page asks to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What; none where the page named something that we do not know.
    pub kind: Option<Kind>,
    /// The user URI that the page gave.
    pub user: Option<String>,
    /// The number to be dialled where there is no session.
    pub entry: Option<String>,
}

/// A message about a collaboration: of the session, behind the message `last`.
fn call(call: Call, session: Option<SessionId>, last: Option<MessageId>, edge: &mut Edge) {
    let envelope = Envelope::new(&mut edge.ids, edge.now.wall, session, last, Body::CollabCall(call));
    edge.tell(envelope);
}

/// A page of the user's has come: whatever they take part in is asked for.
pub(super) fn here(user: &UserUri, edge: &mut Edge) {
    call(Call::Here { user: user.clone() }, None, None, edge);
}

impl Web {
    /// A page asks to share something: in the session that the customer has, or in one that begins for it.
    pub(super) fn share(&mut self, line: Line, id: Option<String>, share: Share, edge: &mut Edge) {
        let Some(place) = self.chats.place(line) else { return };
        if let Err(why) = self.try_share(line, &place, share, edge) {
            return edge.wrong(line, id, why, None);
        }
        edge.say(line, id, Tell::Shared);
    }

    fn try_share(&mut self, line: Line, place: &Place, share: Share, edge: &mut Edge) -> Result<(), Wrong> {
        let Share { kind, user, entry } = share;
        // A form is chosen by the agent.
        let kind = kind.filter(|kind| *kind != Kind::Form).ok_or(Wrong::Unsupported)?;
        if user.is_some_and(|user| user != place.user.to_string()) {
            return Err(Wrong::Identity);
        }
        if !self.pace.may(&Owner::User(place.user.clone()), edge.now.mono, &edge.settings.web) {
            return Err(Wrong::TooMany);
        }
        let own = Owner::User(place.user.clone());
        let calls = || self.calls.legs.values().find(|call| call.owner == own).map(|call| call.who);
        match self.chats.who(place).or_else(calls) {
            Some(who) => {
                let asked = Call::Asked { user: place.user.clone(), leg: who.id, kind };
                call(asked, who.session, who.last, edge);
                Ok(())
            }
            None => self.chats.begin_shared(line, place, entry, kind, edge),
        }
    }

    /// A page no longer wants what it takes part in.
    pub(super) fn declines(&self, line: Line, collab: CollabId, cannot: bool, edge: &mut Edge) {
        if let Some(Place { user, .. }) = self.chats.place(line) {
            call(Call::Declined { user, collab, cannot }, None, None, edge);
        }
    }

    /// A page has been opened by a link of an agent's.
    pub(super) fn follows(
        &mut self,
        line: Line,
        id: Option<String>,
        link: Option<LinkToken>,
        edge: &mut Edge,
    ) {
        let Some(Place { user, .. }) = self.chats.place(line) else { return };
        if !self.pace.may(&Owner::User(user.clone()), edge.now.mono, &edge.settings.web) {
            return edge.wrong(line, id, Wrong::TooMany, None);
        }
        edge.say(line, id, Tell::Shared);
        match link {
            Some(link) => call(Call::Followed { user, link }, None, None, edge),
            None => edge.say(line, None, Tell::NotShared { collab: None, why: Why::Expired }),
        }
    }

    /// A page asks for a code to be read out.
    pub(super) fn asks_for_code(&mut self, line: Line, id: Option<String>, edge: &mut Edge) {
        let Some(Place { user, .. }) = self.chats.place(line) else { return };
        if !self.pace.may(&Owner::User(user.clone()), edge.now.mono, &edge.settings.web) {
            return edge.wrong(line, id, Wrong::TooMany, None);
        }
        self.chats.awaits_code(line, id);
        call(Call::CodeAsked { user }, None, None, edge);
    }

    /// cti says something about a collaboration.
    pub(crate) fn shared(
        &mut self,
        answer: Answer,
        session: Option<SessionId>,
        cause: MessageId,
        edge: &mut Edge,
    ) {
        let pages = |user: &UserUri| self.chats.lines_of(user);
        let mut tell = |user: &UserUri, tell: &Tell| {
            pages(user).into_iter().for_each(|line| edge.say(line, None, tell.clone()));
        };
        match answer {
            Answer::Invited { user, collab, kind, ticket, by, display } => {
                tell(&user, &Tell::Invited { collab, kind, ticket, by, display });
            }
            Answer::Refused { user, collab, why } => tell(&user, &Tell::NotShared { collab, why }),
            Answer::Ended { user, collab, why } => tell(&user, &Tell::Unshared { collab, why }),
            Answer::Code { user, code, until } => {
                for line in self.chats.lines_of(&user) {
                    if let Some(id) = self.chats.takes_code(line) {
                        edge.say(line, id, Tell::Code { code: code.clone(), until });
                    }
                }
            }
            Answer::Mapped { collab, kind, user, agent, by_agent: _ } => {
                let answer = if self.chats.lines_of(&user).is_empty() && !self.has_leg(&user) {
                    Call::Absent { collab, user }
                } else {
                    Call::Establish { collab, kind, user, agent }
                };
                call(answer, session, Some(cause), edge);
            }
            Answer::Fetch { collab, kind, user, dialled } => {
                if !self.chats.fetch(&user, dialled, (collab, kind), cause, edge) {
                    call(Call::Absent { collab, user }, None, Some(cause), edge);
                }
            }
        }
    }

    /// Whether the user has a chat or a call here: their page may be away for a moment.
    fn has_leg(&self, user: &UserUri) -> bool {
        let own = Owner::User(user.clone());
        self.chats.has_leg(user) || self.calls.legs.values().any(|call| call.owner == own)
    }
}

impl Chats {
    /// Begins a session for a customer who comes to share (S3-04); the call carries what, and the user URI.
    fn begin_shared(
        &mut self,
        line: Line,
        place: &Place,
        entry: Option<String>,
        kind: Kind,
        edge: &mut Edge,
    ) -> Result<(), Wrong> {
        let collab: CollabId = edge.ids.mint(edge.now.wall);
        let dialled = entry.unwrap_or_else(|| place.entry.clone());
        let new = New { leg: None, dialled, collab: Some((collab, kind)), cause: None };
        self.begin(line, place, new, edge).map(|_| ()).ok_or(Wrong::TooMany)
    }

    /// Begins a session for a user whom an agent calls (S3-07), on the first of their pages that has none; false if
    /// there is no such page.
    fn fetch(
        &mut self,
        user: &UserUri,
        dialled: String,
        collab: (CollabId, Kind),
        cause: MessageId,
        edge: &mut Edge,
    ) -> bool {
        let Some((line, place)) = self.free_page(user) else { return false };
        let new = New { leg: None, dialled, collab: Some(collab), cause: Some(cause) };
        self.begin(line, &place, new, edge).is_some()
    }

    /// Begins a chat that an agent wishes for (S2-06), on the first of the user's pages that has none.
    pub(super) fn called(
        &mut self,
        leg: LegId,
        user: &UserUri,
        dialled: String,
        cause: MessageId,
        edge: &mut Edge,
    ) {
        if self.legs.contains_key(&leg) {
            return;
        }
        let why = match self.free_page(user) {
            Some((line, place)) => {
                let new = New { leg: Some(leg), dialled, collab: None, cause: Some(cause) };
                if self.begin(line, &place, new, edge).is_some() {
                    return;
                }
                Cause::Overloaded
            }
            None if self.lines_of(user).is_empty() => Cause::NotRegistered,
            None => Cause::Busy,
        };
        let mut who = Who { last: Some(cause), ..Who::new(leg) };
        who.tell(edge, Event::Refused { leg, cause: why });
    }

    /// The first of the user's pages on which no chat is open.
    fn free_page(&self, user: &UserUri) -> Option<(Line, Place)> {
        self.lines_of(user).into_iter().find_map(|line| {
            let place = self.place(line)?;
            self.who(&place).is_none().then_some((line, place))
        })
    }

    /// Whose page it is.
    pub(super) fn place(&self, line: Line) -> Option<Place> {
        self.pages.get(&line).map(|page| page.place.clone())
    }

    /// The user's pages.
    fn lines_of(&self, user: &UserUri) -> Vec<Line> {
        let from = Place { user: user.clone(), entry: String::new() };
        self.lines.range(from..).take_while(|(place, _)| place.user == *user).map(|(_, line)| *line).collect()
    }

    /// The chat that is open there.
    fn who(&self, place: &Place) -> Option<Who> {
        let leg: &LegId = self.of.get(place)?;
        self.legs.get(leg).map(|chat| chat.who)
    }

    fn has_leg(&self, user: &UserUri) -> bool {
        let from = Place { user: user.clone(), entry: String::new() };
        self.of.range(from..).next().is_some_and(|(place, _)| place.user == *user)
    }

    fn awaits_code(&mut self, line: Line, id: Option<String>) {
        if let Some(page) = self.pages.get_mut(&line) {
            page.coding = Some(id);
        }
    }

    fn takes_code(&mut self, line: Line) -> Option<Option<String>> {
        self.pages.get_mut(&line)?.coding.take()
    }
}
