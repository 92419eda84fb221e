//! Establishing what was mapped, what the collaboration server tells of it, and its end.

use std::collections::BTreeSet;
use std::time::Duration;

use ngcc_proto::chat::{Author, Content};
use ngcc_proto::collab::{Act, Answer, Command, Event, Kind, Place, Who, Why};
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::Told;
use ngcc_proto::{AgentUri, CollabId, SeatId, SessionId, UserUri, chat};

use super::ask::PATIENCE;
use super::{Collab, MAX_NOTED, Step};
use crate::Cti;
use crate::chat::{CUSTOMER, Line};
use crate::timer::Timer;

/// How long an end that is invited may take to come.
const TO_COME: Duration = Duration::from_secs(120);

/// A user is being called by an agent: a session is to begin for them.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) seat: SeatId,
    pub(crate) form: Option<String>,
}

impl Cti {
    /// The application server establishes what was mapped (S3-04). A repeat, or one that has been overtaken by another
    /// owner, does nothing.
    pub(super) fn establish(&mut self, collab: CollabId, kind: Kind, user: &UserUri, agent: &AgentUri) {
        let Some((id, shared)) = self.shared(collab) else { return };
        let as_mapped =
            shared.step == Step::Mapped(agent.clone()) && (shared.kind, shared.at()) == (kind, user);
        if as_mapped {
            // What both ends are told holds as long as it is shared, whatever the queue says later.
            let recorded = self.is_recorded(id);
            self.record(id, What::CollabEstablished { collab, recorded });
            self.tell_establish(id, collab);
        }
    }

    fn tell_establish(&mut self, id: SessionId, collab: CollabId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(shared) = session.shares(collab).cloned() else { return };
        let Some(agent) = shared.agent().cloned() else { return };
        let user_display = session.display.clone();
        let agent_display = self.agent_display(&agent);
        let form = shared.form.as_ref().and_then(|name| self.forms.get(name).cloned());
        let Collab { kind, user, by, recorded: record, .. } = shared;
        self.timers.set(Timer::Collab(collab), self.step.now.mono + PATIENCE);
        let command = Command::Establish {
            collab,
            session: id,
            kind,
            user,
            user_display,
            agent,
            agent_display,
            by,
            form,
            record,
        };
        self.tell(Some(id), command);
    }

    /// Whether what is shared in a session is recorded: as its queue says, or the centre where it came through none.
    fn is_recorded(&self, id: SessionId) -> bool {
        let via = self.owner(id).and_then(|(_, via)| via);
        let queue = via.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        queue.map_or(self.centre.record_sharing, |(_, queue)| queue.record_sharing)
    }

    /// The user has no page here.
    pub(super) fn absent(&mut self, collab: CollabId, user: &UserUri) {
        if self.fetch_failed(collab, Why::UnknownUser) {
            return;
        }
        if self.shared(collab).is_some_and(|(_, shared)| shared.at() == user && !shared.is_established()) {
            self.end_shared(collab, By::Centre, Why::UnknownUser);
        }
    }

    /// A page of the user's has come: it is invited again to what it takes part in.
    pub(super) fn user_here(&mut self, user: &UserUri) {
        for collab in self.exchange.collabs_of(user) {
            let Some((id, shared)) = self.shared(collab) else { continue };
            let at = shared.at().clone();
            let Collab { kind, user, by, step, .. } = shared.clone();
            match step {
                Step::Asked => {}
                Step::Mapped(agent) => self.tell_mapped(id, collab, kind, at, agent, by),
                Step::Established(_) => {
                    self.tell(Some(id), Command::Invite { collab, who: Who::User(user) });
                }
            }
        }
    }

    /// A console has come: its agent is invited again to what they take part in.
    pub(crate) fn agent_here(&mut self, id: SessionId, agent: &AgentUri) {
        let Some(session) = self.sessions.get(&id) else { return };
        let who = Who::Agent(agent.clone());
        let own = |shared: &&Collab| shared.is_established() && shared.has(&who);
        let own: Vec<CollabId> = session.shared.iter().filter(own).map(|shared| shared.id).collect();
        for collab in own {
            self.tell(Some(id), Command::Invite { collab, who: who.clone() });
        }
        self.invite_viewer(id, agent);
    }

    /// Nobody has answered in time, or an end that was invited has not come.
    pub(crate) fn collab_late(&mut self, collab: CollabId) {
        if self.fetch_failed(collab, Why::Unavailable) {
            return;
        }
        let invited = self.shared(collab).is_some_and(|(_, shared)| shared.invited.is_both());
        self.end_shared(collab, By::Centre, if invited { Why::Left } else { Why::Unavailable });
    }

    /// The collaboration server tells something.
    pub(crate) fn collab_event(&mut self, event: Event) {
        match event {
            Event::Restored { collabs } => self.collabs_restored(&collabs.into_iter().collect()),
            Event::Invited { collab, who, ticket } => self.invited(collab, who, ticket),
            Event::Left { collab, agent, why } => self.viewer_left(collab, &agent, why),
            Event::Refused { collab, why } => self.over(collab, By::Centre, why),
            Event::Joined { collab, who } => {
                self.end_is(collab, &who, |collab, who| What::CollabJoined { collab, who });
            }
            Event::Away { collab, who } => {
                self.end_is(collab, &who, |collab, who| What::CollabAway { collab, who });
                self.unseen_sees_nothing(collab, &who);
            }
            Event::Noted { collab, by, act, what } => self.noted(collab, by, act, what),
            Event::Confirmed { collab, text } => self.confirmed(collab, text),
            Event::Ended { collab, by, why } => self.over(collab, by, why),
        }
    }

    fn invited(&mut self, collab: CollabId, who: Who, ticket: ngcc_proto::collab::Ticket) {
        if let Who::Viewer(agent) = &who {
            return self.viewer_invited(collab, agent, ticket);
        }
        let Some((id, shared)) = self.shared(collab).filter(|(_, shared)| shared.has(&who)) else { return };
        let shared = shared.clone();
        let invited = match &who {
            Who::User(_) => shared.invited.user,
            Who::Agent(_) | Who::Viewer(_) => shared.invited.agent,
        };
        if !invited {
            self.record(id, What::CollabInvited { collab, who: who.clone() });
        }
        if self.shared(collab).is_some_and(|(_, s)| s.invited.is_both() && !s.here.is_both()) {
            self.timers.set(Timer::Collab(collab), self.step.now.mono + TO_COME);
        }
        match who {
            Who::User(_) => {
                let user = shared.at().clone();
                let display = shared.agent().map(|agent| self.agent_display(agent)).unwrap_or_default();
                let (kind, by) = (shared.kind, shared.by);
                self.tell(Some(id), Answer::Invited { user, collab, kind, ticket, by, display });
            }
            Who::Agent(agent) | Who::Viewer(agent) => {
                if let Some(seat) = self.resources.of_agent(agent.name()).map(|seat| seat.id) {
                    let what =
                        Told::Invited { session: id, collab, kind: shared.kind, ticket, me: Place::Agent };
                    self.tell_seat(id, seat, what);
                }
            }
        }
    }

    fn end_is(&mut self, collab: CollabId, who: &Who, what: fn(CollabId, Who) -> What) {
        if let Some((id, _)) = self.shared(collab).filter(|(_, shared)| shared.has(who)) {
            self.record(id, what(collab, who.clone()));
        }
        if self.shared(collab).is_some_and(|(_, shared)| shared.here.is_both()) {
            self.timers.cancel(Timer::Collab(collab));
        }
    }

    fn noted(&mut self, collab: CollabId, by: By, act: Act, what: String) {
        if let Some((id, _)) = self.shared(collab).filter(|(_, shared)| shared.noted < MAX_NOTED) {
            let what = what.chars().take(64).collect();
            self.record(id, What::CollabNoted { collab, by, act, what });
            self.tell_shown(id, collab);
        } else if self.shared(collab).is_some_and(|(_, shared)| shared.kind == Kind::Screen) {
            // What is shown follows what is noted: where nothing more can be, it is over.
            self.end_shared(collab, By::Centre, Why::TooMany);
        }
    }

    /// What the customer confirmed stands among the session's messages.
    fn confirmed(&mut self, collab: CollabId, text: chat::Text) {
        let Some((id, _)) = self.shared(collab) else { return };
        let content = Content::Text { text, choices: vec![] };
        let (sender, key) = (CUSTOMER.to_owned(), format!("form-{}", collab.to_string().to_lowercase()));
        self.keep_surely(id, Line { sender, key, by: Author::Customer, content, private: false });
    }

    /// Ends something shared, wherever it has come to.
    pub(crate) fn end_shared(&mut self, collab: CollabId, by: By, why: Why) {
        self.tell_end(collab, why);
        self.over(collab, by, why);
    }

    /// Has the collaboration server end it, if it has it.
    fn tell_end(&mut self, collab: CollabId, why: Why) {
        if let Some((id, _)) = self.shared(collab).filter(|(_, shared)| shared.is_established()) {
            self.tell(Some(id), Command::End { collab, why });
        }
    }

    /// It is over: everybody is told, and a wrap-up that only waited for it is over too.
    fn over(&mut self, collab: CollabId, by: By, why: Why) {
        let Some((id, shared)) = self.shared(collab).map(|(id, shared)| (id, shared.clone())) else { return };
        self.close_shared(collab, by, why);
        self.wrap_up_if_due(id, &shared);
        self.ends_apart(id, by);
    }

    /// It is over: everybody is told.
    pub(super) fn close_shared(&mut self, collab: CollabId, by: By, why: Why) {
        let Some((id, shared)) = self.shared(collab) else { return };
        let shared = shared.clone();
        self.timers.cancel(Timer::Collab(collab));
        self.nobody_sees(id, collab);
        self.screen_recorded(id, &shared);
        let lost = why == Why::Unavailable && shared.goes_on.is_none();
        let ends = lost.then(|| self.ends_with_what_was_shared(id, collab)).flatten();
        self.record(id, What::CollabEnded { collab, by, why });
        let user = shared.at().clone();
        if shared.is_established() {
            self.tell(Some(id), Answer::Ended { user, collab, why });
        } else {
            self.tell(Some(id), Answer::Refused { user, collab: Some(collab), why });
        }
        let agent = shared.agent().cloned().or_else(|| self.owner_agent(id));
        if let Some(seat) = agent.and_then(|agent| Some(self.resources.of_agent(agent.name())?.id)) {
            self.tell_seat(id, seat, Told::CollabEnded { session: Some(id), collab, why });
        }
        self.viewers_out(id, &shared, why);
        if let Some(cause) = ends {
            // It came for this alone: the agent is free at once, with nothing to wrap up.
            self.end(id, By::Centre, cause);
            let wraps: Vec<SeatId> =
                self.sessions.get(&id).iter().flat_map(|s| s.wrap_ups.iter().map(|w| w.0)).collect();
            for seat in wraps {
                self.wrap_up_over(seat, id, By::Centre);
            }
        }
    }

    /// The session ends, and with it what is shared in it; but for what both ends are at work on, where the queue says
    /// that it outlives a hang-up.
    pub(crate) fn end_all_shared(&mut self, id: SessionId, by: By) {
        let outlives = self.outlives(id, by);
        let all: Vec<(CollabId, bool, bool)> = self
            .sessions
            .get(&id)
            .into_iter()
            .flat_map(|session| &session.shared)
            .map(|shared| {
                let live = shared.is_established() && shared.here.is_both();
                (shared.id, shared.agent().is_none(), live)
            })
            .collect();
        for (collab, waited, live) in all {
            if let Some((seat, time)) = outlives.filter(|_| live) {
                self.goes_on(id, collab, seat, time);
                continue;
            }
            if self.goes_back(id, collab) {
                continue;
            }
            let why = if waited && by != By::Customer { Why::NoAgent } else { Why::Closed };
            self.tell_end(collab, why);
            self.close_shared(collab, by, why);
        }
    }

    /// The collaboration server has started and says what it holds.
    fn collabs_restored(&mut self, held: &BTreeSet<CollabId>) {
        for &collab in held {
            match self.shared(collab) {
                Some(_) => self.tell_goes_on(collab),
                None => {
                    self.tell(None, Command::End { collab, why: Why::Closed });
                }
            }
        }
        for collab in self.exchange.collabs() {
            let established = self.shared(collab).is_some_and(|(_, shared)| shared.is_established());
            if established && !held.contains(&collab) {
                self.over(collab, By::Centre, Why::Unavailable);
            }
        }
    }

    /// After a start of cti: what was under way between the modules is asked for again.
    pub(crate) fn catch_up_shared(&mut self, id: SessionId) {
        let shared = self.sessions.get(&id).map(|session| session.shared.clone()).unwrap_or_default();
        for shared in shared {
            let at = shared.at().clone();
            let Collab { id: collab, kind, by, step, invited, .. } = shared;
            match step {
                Step::Asked => {}
                Step::Mapped(agent) => self.tell_mapped(id, collab, kind, at, agent, by),
                Step::Established(Some(_)) if !invited.is_both() => {
                    self.tell_establish(id, collab);
                }
                Step::Established(_) => {}
            }
        }
    }
}
