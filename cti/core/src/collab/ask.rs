//! Who asks for something to be shared: the customer inside a session, or the agent inside one or without.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::collab::{Answer, Call, Kind, Who, Why};
use ngcc_proto::fact::{By, Fact, What};
use ngcc_proto::{AgentUri, CollabId, LegId, SeatId, SessionId, UserUri, Wall, collab};

use super::code::BadCode;
use super::serve::Fetch;
use super::{Collab, MAX_AT_ONCE, Step};
use crate::Cti;
use crate::lane::Lane;
use crate::seat::command::Done;
use crate::session::Session;
use crate::timer::Timer;

/// How long the application server may take to bring a user into a session, and to establish.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// The most users that are being called at once.
const MAX_FETCHES: usize = 1000;

/// What an agent wishes to share.
pub(crate) struct Wish {
    pub(crate) kind: Kind,
    pub(crate) code: Option<String>,
    pub(crate) user: Option<UserUri>,
    pub(crate) form: Option<String>,
}

impl Cti {
    /// softacd says something of a collaboration.
    pub(crate) fn collab_call(&mut self, call: Call) {
        match call {
            Call::Asked { user, leg, kind } => self.customer_asks(&user, leg, kind),
            Call::Establish { collab, kind, user, agent } => self.establish(collab, kind, &user, &agent),
            Call::Absent { collab, user } => self.absent(collab, &user),
            Call::Here { user } => self.user_here(&user),
            Call::Declined { user, collab, cannot } => {
                let own = self.shared(collab).filter(|(_, shared)| *shared.at() == user);
                let here = own.is_some_and(|(_, shared)| shared.here.user);
                if cannot && here {
                    // Another page of theirs takes part, on a device that can.
                } else if own.is_some() {
                    let why = if cannot { Why::Unsupported } else { Why::Declined };
                    self.end_shared(collab, By::Customer, why);
                } else {
                    // A page that was away when it ended.
                    self.tell(None, Answer::Ended { user, collab, why: Why::Closed });
                }
            }
            Call::CodeAsked { user } => self.code_asked(user),
            Call::Followed { user, link } => self.followed(&user, &link),
            Call::Screen { collab, who, leg, offer } => self.shows(collab, who, leg, offer),
        }
    }

    /// The customer asks inside a session: its ids come from there (S3-06).
    fn customer_asks(&mut self, user: &UserUri, leg: LegId, kind: Kind) {
        let session = self.exchange.of_leg(leg).and_then(|id| self.sessions.get(&id));
        let own = session.filter(|s| s.customer().is_some_and(|customer| customer.id == leg));
        let asked = match own {
            None => Err(Why::Closed),
            Some(session) if session.user != *user => Err(Why::Identity),
            // What is filled together is chosen by the agent.
            Some(_) if kind == Kind::Form => Err(Why::Unsupported),
            Some(session) => {
                let id = session.id;
                let collab: CollabId = self.ids.mint(self.step.now.wall);
                let (by, user) = (By::Customer, user.clone());
                self.ask_to_share(id, What::CollabAsked { collab, kind, by, user, page: None, form: None })
            }
        };
        if let Err(why) = asked {
            self.tell(None, Answer::Refused { user: user.clone(), collab: None, why });
        }
    }

    /// Takes a wish to share into the session; one that stands already is offered again.
    pub(crate) fn ask_to_share(&mut self, id: SessionId, asked: What) -> Result<(), Why> {
        let What::CollabAsked { kind, user, page, form, .. } = &asked else { return Ok(()) };
        let session = self.sessions.get(&id).filter(|session| !session.is_closed()).ok_or(Why::Closed)?;
        let same = |shared: &&Collab| {
            (shared.kind, shared.at(), &shared.form) == (*kind, page.as_ref().unwrap_or(user), form)
        };
        if let Some(stands) = session.shared.iter().find(same) {
            let (collab, who) = (stands.id, Who::User(stands.user.clone()));
            if stands.is_established() {
                self.tell(Some(id), collab::Command::Invite { collab, who });
            }
            return Ok(());
        }
        if session.shared.len() >= MAX_AT_ONCE {
            return Err(Why::TooMany);
        }
        self.record(id, asked);
        Ok(())
    }

    /// The agent asks: inside the session in `slot_session`, or for a user with whom there is none.
    pub(crate) fn agent_shares(&mut self, seat: SeatId, id: Option<SessionId>, wish: Wish) -> Done {
        let Wish { kind, code, user, form } = wish;
        self.can_share(kind, form.as_deref())?;
        let Some(id) = id else {
            let user = user.ok_or("there is no customer")?;
            return self.fetch(seat, user, kind, form);
        };
        let session = self.own_contact(seat, id)?;
        let page = match code {
            Some(code) => self.codes.take(&code, seat, self.step.now.mono).map_err(|bad| match bad {
                BadCode::Unknown => "no page shows that code: ask the customer to read it out again",
                BadCode::TooMany => "too many wrong codes: wait a minute",
            })?,
            None => session.own_page()?,
        };
        let collab: CollabId = self.ids.mint(self.step.now.wall);
        self.ask_to_share(id, self.asked_by_agent(id, collab, kind, page, form)).map_err(words)
    }

    /// That an agent wishes to share something with whoever has this page. Who writes by a channel keeps that user URI,
    /// whatever browser they take part with.
    pub(super) fn asked_by_agent(
        &self,
        id: SessionId,
        collab: CollabId,
        kind: Kind,
        page: UserUri,
        form: Option<String>,
    ) -> What {
        let by_channel = self.sessions.get(&id).and_then(Session::channel).cloned();
        let (user, page) = match by_channel {
            Some(user) => (user, Some(page)),
            None => (page, None),
        };
        What::CollabAsked { collab, kind, by: By::Agent, user, page, form }
    }

    /// Whether that is something, and a form one of ours.
    pub(super) fn can_share(&self, kind: Kind, form: Option<&str>) -> Done {
        match (kind, form) {
            (Kind::Form, None) => Err("which form?"),
            (Kind::Form, Some(name)) if !self.forms.contains_key(name) => {
                Err("there is no form of that name")
            }
            (
                Kind::Form
                | Kind::Cobrowse
                | Kind::Whiteboard
                | Kind::Document
                | Kind::File
                | Kind::Url
                | Kind::Screen,
                _,
            ) => Ok(()),
        }
    }

    /// The session in which the seat is with the customer.
    pub(super) fn own_contact(&self, seat: SeatId, id: SessionId) -> Result<&Session, &'static str> {
        let session = self.sessions.get(&id).ok_or("there is no customer")?;
        let own = session.together().and_then(|with| with.seat) == Some(seat);
        own.then_some(session).ok_or("the contact is not yours")
    }

    /// The agent ends what is shared in a session of theirs.
    pub(crate) fn agent_ends_shared(&mut self, seat: SeatId, collab: CollabId) -> Done {
        let (id, shared) = self.shared(collab).ok_or("that is over")?;
        let goes_on = shared.goes_on.map(|goes_on| goes_on.seat);
        if goes_on.or_else(|| self.owner(id).map(|(owner, _)| owner)) != Some(seat) {
            return Err("the contact is not yours");
        }
        self.end_shared(collab, By::Agent, Why::Left);
        Ok(())
    }

    /// An agent calls a user with whom there is no session (S3-07): the application server begins one for them.
    fn fetch(&mut self, seat: SeatId, user: UserUri, kind: Kind, form: Option<String>) -> Done {
        let own = self.resources.seat(seat).ok_or("there is no such agent")?;
        if !own.standing[Lane::Chat] {
            return Err("be ready, with a free slot for chats, first");
        }
        if self.fetches.len() >= MAX_FETCHES {
            return Err("too many customers are being called: try again");
        }
        let dialled = format!("agent-{}", own.agent.name());
        self.resources.lock(seat);
        let collab: CollabId = self.ids.mint(self.step.now.wall);
        self.fetches.insert(collab, Fetch { seat, form });
        self.timers.set(Timer::Collab(collab), self.step.now.mono + PATIENCE);
        self.tell(None, Answer::Fetch { collab, kind, user, dialled });
        Ok(())
    }

    /// Somebody came to share: of their own, or because an agent called (then `by` is the agent and the seat is
    /// theirs).
    pub(crate) fn came_to_share(&mut self, id: SessionId, collab: CollabId, kind: Kind) -> Option<SeatId> {
        let fetch = self.fetches.remove(&collab);
        let user = self.sessions.get(&id)?.user.clone();
        let (by, seat, form) = match fetch {
            Some(Fetch { seat, form }) => {
                self.timers.cancel(Timer::Collab(collab));
                (By::Agent, Some(seat), form)
            }
            None => (By::Customer, None, None),
        };
        if self.exchange.of_collab(collab).is_none() {
            self.record(id, What::CollabAsked { collab, kind, by, user, page: None, form });
        }
        seat
    }

    /// Whether the arrival was called by an agent, whose own number it may reach then.
    pub(crate) fn is_fetched(&self, collab: Option<(CollabId, Kind)>, dialled: &str) -> bool {
        let fetch = collab.and_then(|(id, _)| self.fetches.get(&id));
        let seat = fetch.and_then(|fetch| self.resources.seat(fetch.seat));
        seat.is_some_and(|seat| dialled.strip_prefix("agent-") == Some(seat.agent.name()))
    }

    fn code_asked(&mut self, user: UserUri) {
        let now = self.step.now;
        let answer = match self.codes.give(&user, self.ids.rng(), now.mono) {
            Some((code, until)) => {
                let left = i64::try_from(until.ms_since(now.mono)).unwrap_or(0);
                Answer::Code { user, code, until: Wall(now.wall.0.saturating_add(left)) }
            }
            None => Answer::Refused { user, collab: None, why: Why::TooMany },
        };
        self.tell(None, answer);
    }

    /// A session with an owner: what waits for one is mapped, and what another owner had goes to this one.
    pub(crate) fn share_on(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id).filter(|s| !s.is_closed() && !s.shared.is_empty()) else {
            return;
        };
        let shared = session.shared.clone();
        let owner = self.owner_agent(id);
        for shared in shared {
            let at = shared.at().clone();
            let Collab { id: collab, kind, by, user, step, .. } = shared;
            let before = match &step {
                Step::Asked => None,
                Step::Mapped(agent) => Some(agent),
                Step::Established(agent) => agent.as_ref(),
            };
            if before == owner.as_ref() {
                continue;
            }
            self.agent_sees_no_more(id, collab);
            if let Some(owner) = &owner {
                self.viewer_sees_no_more(id, collab, owner);
            }
            self.record(id, What::CollabMapped { collab, user, agent: owner.clone() });
            match (step, &owner) {
                (Step::Asked | Step::Mapped(_), Some(agent)) => {
                    self.tell_mapped(id, collab, kind, at, agent.clone(), by);
                }
                (Step::Asked | Step::Mapped(_), None) => self.timers.cancel(Timer::Collab(collab)),
                (Step::Established(_), agent) => {
                    let display = agent.as_ref().map(|agent| self.agent_display(agent)).unwrap_or_default();
                    let agent = agent.clone();
                    self.tell(Some(id), collab::Command::Agent { collab, session: id, agent, display });
                }
            }
        }
    }

    pub(super) fn tell_mapped(
        &mut self,
        id: SessionId,
        collab: CollabId,
        kind: Kind,
        user: UserUri,
        agent: AgentUri,
        by: By,
    ) {
        self.timers.set(Timer::Collab(collab), self.step.now.mono + PATIENCE);
        let by_agent = by == By::Agent;
        self.tell(Some(id), Answer::Mapped { collab, kind, user, agent, by_agent });
    }

    pub(super) fn agent_display(&self, agent: &AgentUri) -> String {
        self.resources.of_agent(agent.name()).map(crate::seat::Seat::display).unwrap_or_default()
    }

    /// A user whom an agent called is not here, or nobody says anything of them.
    pub(super) fn fetch_failed(&mut self, collab: CollabId, why: Why) -> bool {
        let Some(Fetch { seat, .. }) = self.fetches.remove(&collab) else { return false };
        self.timers.cancel(Timer::Collab(collab));
        self.resources.unlock(seat, self.step.now);
        if let Some(agent) = self.resources.seat(seat).map(|seat| seat.agent.clone()) {
            let what = ngcc_proto::seat::Told::CollabEnded { session: None, collab, why };
            self.tell(None, ngcc_proto::seat::Event { agent, seat, what });
        }
        true
    }

    /// A session that came for this alone, and in which nobody has written, ends with it.
    pub(super) fn ends_with_what_was_shared(&self, id: SessionId, collab: CollabId) -> Option<Cause> {
        let session = self.sessions.get(&id)?;
        let came_for =
            session.facts.iter().take(3).any(
                |fact| matches!(&fact.what, What::CollabAsked { collab: first, .. } if *first == collab),
            );
        let spoken = |fact: &Fact| matches!(fact.what, What::Said { by: By::Customer | By::Agent, .. });
        (came_for && !session.facts.iter().any(spoken)).then_some(Cause::Failed)
    }
}

impl Session {
    /// The user URI of whoever writes by a channel.
    fn channel(&self) -> Option<&UserUri> {
        match &self.user {
            channel @ UserUri::Channel { .. } => Some(channel),
            UserUri::Phone(_) | UserUri::Sip(_) | UserUri::Web(_) | UserUri::Customer(_) => None,
        }
    }

    /// The page by which the session's customer takes part: their own, or the one with which they have followed a link.
    fn own_page(&self) -> Result<UserUri, &'static str> {
        if self.channel().is_some() {
            let page = self.shared.iter().rev().find_map(|shared| shared.page.clone());
            return page.ok_or("the customer has no page here: send them a link");
        }
        let own = self.is_web().then(|| self.user.clone());
        own.ok_or("the customer has no page here: type in the code that one shows")
    }
}

/// Why not, in words.
fn words(why: Why) -> &'static str {
    match why {
        Why::TooMany => "as much as can be is shared with this customer already",
        Why::Closed | Why::Left | Why::NoAgent => "the session is over",
        Why::Declined
        | Why::HandedOver
        | Why::UnknownUser
        | Why::Expired
        | Why::Identity
        | Why::Unsupported
        | Why::Forbidden
        | Why::Unavailable => "that cannot be shared",
    }
}
