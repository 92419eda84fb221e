//! What is shared is handed over alone (S3-03): it becomes a contact of its own, which waits, is offered and is wrapped
//! up like any other, while the conversation stays with whoever handed it over. The customer's part in that contact is
//! the sharing itself: it has no leg of theirs. Where nobody takes it, it goes back.

use ngcc_proto::access::Cause;
use ngcc_proto::collab::{self, Who, Why};
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, Medium, Moved, What};
use ngcc_proto::seat::{To, Told};
use ngcc_proto::{CollabId, ConferenceId, Role, SeatId, SessionId};

use super::{Collab, MAX_AT_ONCE};
use crate::Cti;
use crate::lane::Lane;
use crate::seat::command::Done;
use crate::session::{Session, Stage};

impl Cti {
    /// An agent gives what is shared to a colleague or a queue, and keeps the conversation.
    pub(crate) fn hand_over_share(&mut self, seat: SeatId, collab: CollabId, to: &To) -> Done {
        let (id, shared) = self.shared(collab).ok_or("that is over")?;
        let whole = self.own_contact(seat, id)?.is_whole(collab);
        if !shared.is_established() || !shared.invited.is_both() || shared.agent().is_none() {
            return Err("it is not shared yet");
        }
        let shared = shared.clone();
        let route = self.share_route(seat, to)?;
        if whole {
            // Nothing would be left of this contact.
            return self.transfer(id, to);
        }
        let apart = self.open_apart(id, &shared);
        self.move_shared(id, apart, &shared);
        let nobody = collab::Command::Agent { collab, session: apart, agent: None, display: String::new() };
        self.tell(Some(apart), nobody);
        let why = Why::HandedOver;
        self.tell_seat(id, seat, Told::CollabEnded { session: Some(id), collab, why });
        // Whoever has just given it away is not asked for it.
        self.rest(seat);
        self.go(apart, route);
        Ok(())
    }

    /// Where it leads, if somebody there can take it.
    fn share_route(&self, own: SeatId, to: &To) -> Result<Route, &'static str> {
        let route = match to {
            To::Queue(name) => Route::Queue(name.clone()),
            To::Agent(name) if self.resources.of_agent(name).is_some_and(|seat| seat.id == own) => {
                return Err("that is you");
            }
            To::Agent(name) => Route::Agent(name.clone()),
            To::Flow(_) | To::Number(_) => return Err(ONLY_PEOPLE),
        };
        self.takes(&route, Lane::Chat)?;
        Ok(route)
    }

    /// A contact of its own for something shared, as if its customer had just come.
    fn open_apart(&mut self, from: SessionId, shared: &Collab) -> SessionId {
        let at = self.step.now.wall;
        let (id, conference): (SessionId, ConferenceId) = (self.ids.mint(at), self.ids.mint(at));
        let Some(session) = self.sessions.get(&from) else { return id };
        let (display, dialled, aside) =
            (session.display.clone(), session.dialled.clone(), session.aside.clone());
        self.exchange.open(id, Role::Access.first());
        let (user, medium) = (shared.user.clone(), Medium::Chat);
        self.record(id, What::Opened { user, display, dialled, medium, conference });
        if let Some(session) = self.sessions.get_mut(&id) {
            (session.aside.path, session.aside.lang) = (aside.path, aside.lang);
        }
        id
    }

    /// Takes something shared from one session to another, which finds it an agent.
    fn move_shared(&mut self, from: SessionId, to: SessionId, shared: &Collab) {
        let collab = shared.id;
        for viewer in shared.viewers.iter().filter(|viewer| !viewer.watches) {
            self.looks_no_longer(from, collab, viewer);
        }
        self.agent_sees_no_more(from, collab);
        let left = self.shared(collab).map(|(_, shared)| shared.screen.legs()).unwrap_or_default();
        let Collab { kind, by, user, page, form, screen, recorded, .. } = shared.clone();
        let who = Who::User(user.clone());
        self.record(to, What::CollabAsked { collab, kind, by, user, page, form });
        let (granted, paused) = screen.leave();
        self.record(to, What::CollabMoved { collab, way: Moved::From { session: from, granted, paused } });
        self.record(to, What::CollabEstablished { collab, recorded });
        self.record(to, What::CollabInvited { collab, who: who.clone() });
        if shared.here.user {
            self.record(to, What::CollabJoined { collab, who });
        }
        for viewer in shared.viewers.iter().filter(|viewer| viewer.watches) {
            let agent = viewer.agent.clone();
            self.record(to, What::CollabViewer { collab, agent: agent.clone(), watches: true, on: true });
            if viewer.here {
                self.record(to, What::CollabJoined { collab, who: Who::Viewer(agent) });
            }
        }
        for (leg, who, conference) in left {
            self.record(to, What::CollabLegAdded { collab, leg, who, conference });
        }
        self.record(from, What::CollabMoved { collab, way: Moved::To(to) });
    }

    /// Nobody has taken what was handed over: whoever has the conversation gets it back. False where nobody has.
    pub(super) fn goes_back(&mut self, id: SessionId, collab: CollabId) -> bool {
        let Some(session) = self.sessions.get(&id) else { return false };
        let (Some(from), Some(shared)) = (session.apart_from, session.shares(collab).cloned()) else {
            return false;
        };
        let has_room = |session: &Session| !session.is_closed() && session.shared.len() < MAX_AT_ONCE;
        if self.owner(id).is_some()
            || self.owner(from).is_none()
            || !self.sessions.get(&from).is_some_and(has_room)
        {
            return false;
        }
        self.move_shared(id, from, &shared);
        self.share_on(from);
        true
    }

    /// What came alone has ended, and its contact with it.
    pub(super) fn ends_apart(&mut self, id: SessionId, by: By) {
        let empty = |session: &Session| session.is_apart() && session.shared.is_empty();
        if self.sessions.get(&id).is_some_and(empty) {
            self.end(id, by, Cause::Normal);
        }
    }
}

impl Session {
    /// Whether it is of what is shared alone: no word goes to its customer.
    pub(crate) fn is_apart(&self) -> bool {
        self.apart_from.is_some()
    }

    /// Whether it is there for that alone, so that handing this over is handing over the whole.
    fn is_whole(&self, collab: CollabId) -> bool {
        self.is_apart() && self.shared.iter().all(|shared| shared.id == collab)
    }

    /// Something shared has come from another session, or gone to one.
    pub(super) fn fold_moved(&mut self, collab: CollabId, way: &Moved) {
        match way {
            Moved::To(_) => self.shared.retain(|shared| shared.id != collab),
            Moved::From { session, granted, paused } => {
                // What comes back finds its customer there.
                if self.legs.is_empty() && matches!(self.stage, Stage::Arriving) {
                    self.apart_from.get_or_insert(*session);
                }
                if let Some(shared) = self.shared.iter_mut().find(|shared| shared.id == collab) {
                    shared.screen.came(*granted, *paused);
                }
            }
        }
    }
}

/// Why a flow or a number cannot take it.
pub(crate) const ONLY_PEOPLE: &str = "what is shared goes to a queue or an agent";
