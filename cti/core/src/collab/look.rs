//! Who looks on at what is shared: whoever is in the session beside its owner, and supervisors from the board. They see
//! what the owner sees and change nothing; customer and agent are shown who they are.

use ngcc_proto::collab::{Command, Kind, Ticket, Why};
use ngcc_proto::fact::What;
use ngcc_proto::seat::Told;
use ngcc_proto::supervise::{self, SharedRow};
use ngcc_proto::{AgentUri, CollabId, MessageId, SeatId, SessionId, collab};

use super::Collab;
use crate::Cti;
use crate::seat::command::Done;
use crate::session::Session;

/// The most who look on at one collaboration.
const MAX_VIEWERS: usize = 8;
/// The most comings and goings of viewers of one collaboration that become facts.
const MAX_LOOKS: u32 = 200;
/// The most supervisors who wait to be let in, everywhere.
const MAX_ASKING: usize = 1000;
/// The most collaborations that a board shows.
const MAX_ROWS: usize = 200;

/// Somebody who looks on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub(crate) agent: AgentUri,
    /// From the board, rather than from within the session.
    pub(crate) watches: bool,
    /// A page of theirs is connected.
    pub(crate) here: bool,
}

impl Collab {
    /// Somebody comes to look on, or looks on no longer.
    pub(super) fn fold_viewer(&mut self, agent: &AgentUri, watches: bool, on: bool) {
        let here = self.viewers.iter().any(|viewer| viewer.agent == *agent && viewer.here);
        self.viewers.retain(|viewer| viewer.agent != *agent);
        self.looks += 1;
        if on {
            self.viewers.push(Viewer { agent: agent.clone(), watches, here });
        }
    }

    pub(super) fn viewer_is(&mut self, agent: &AgentUri, here: bool) {
        if let Some(viewer) = self.viewers.iter_mut().find(|viewer| viewer.agent == *agent) {
            viewer.here = here;
        }
    }

    fn viewer(&self, agent: &AgentUri) -> Option<&Viewer> {
        self.viewers.iter().find(|viewer| viewer.agent == *agent)
    }

    /// Whether somebody looks on from within the session.
    fn is_beside(&self, agent: &AgentUri) -> bool {
        self.viewer(agent).is_some_and(|viewer| !viewer.watches)
    }
}

impl Cti {
    /// Whoever is in the session beside its owner looks on at what is shared, for as long as they are there.
    pub(crate) fn let_others_look(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let beside: Vec<AgentUri> = session
            .beside()
            .into_iter()
            .filter_map(|seat| Some(self.resources.seat(seat)?.agent.clone()))
            .collect();
        for shared in
            session.shared.iter().filter(|shared| is_looked_on(shared.kind)).cloned().collect::<Vec<_>>()
        {
            let owner = shared.agent().filter(|_| shared.is_established());
            let wanted: Vec<&AgentUri> =
                beside.iter().filter(|agent| owner.is_some_and(|owner| owner != *agent)).collect();
            for agent in &wanted {
                if !shared.is_beside(agent) {
                    self.record(id, looks(shared.id, agent, false, true));
                    self.tell_viewer(id, shared.id, agent, self.agent_display(agent), true);
                }
            }
            let gone = |viewer: &&Viewer| !viewer.watches && !wanted.contains(&&viewer.agent);
            for viewer in shared.viewers.iter().filter(gone) {
                self.looks_no_longer(id, shared.id, viewer);
            }
        }
    }

    /// A console has come: its agent is invited again to what they look on at.
    pub(super) fn invite_viewer(&mut self, id: SessionId, agent: &AgentUri) {
        let shared = self.sessions.get(&id).map(|session| session.shared.clone()).unwrap_or_default();
        for shared in shared.iter().filter(|shared| shared.is_beside(agent)) {
            self.tell_viewer(id, shared.id, agent, self.agent_display(agent), true);
        }
    }

    fn tell_viewer(&mut self, id: SessionId, collab: CollabId, agent: &AgentUri, display: String, on: bool) {
        self.tell(Some(id), Command::Viewer { collab, agent: agent.clone(), display, on });
    }

    pub(super) fn looks_no_longer(&mut self, id: SessionId, collab: CollabId, viewer: &Viewer) {
        self.record(id, looks(collab, &viewer.agent, viewer.watches, false));
        self.tell_viewer(id, collab, &viewer.agent, String::new(), false);
        if !viewer.watches {
            self.tell_viewer_ended(id, collab, &viewer.agent, Why::Closed);
        }
    }

    fn tell_viewer_ended(&mut self, id: SessionId, collab: CollabId, agent: &AgentUri, why: Why) {
        if let Some(seat) = self.resources.of_agent(agent.name()).map(|seat| seat.id) {
            self.tell_seat(id, seat, Told::CollabEnded { session: Some(id), collab, why });
        }
    }

    /// The collaboration server lets somebody look on.
    pub(super) fn viewer_invited(&mut self, collab: CollabId, agent: &AgentUri, ticket: Ticket) {
        let Some((id, shared)) = self.shared(collab) else { return };
        let (kind, known) = (shared.kind, shared.viewer(agent).cloned());
        let asked = self.watchers.remove(&(collab, agent.clone()));
        match (known, asked) {
            (Some(Viewer { watches: false, .. }), None) => self.tell_invited(id, collab, agent, kind, ticket),
            // It was let in, and has nobody who waits for it: a repeat.
            (Some(_), None) => {}
            // They asked before a restart; nobody waits for the answer.
            (None, None) => self.tell_viewer(id, collab, agent, String::new(), false),
            (known, Some(message)) => {
                if known.is_none() {
                    self.record(id, looks(collab, agent, true, true));
                }
                let watching = supervise::Event::Watching { session: id, collab, kind, ticket };
                self.answer_watcher(message, watching);
            }
        }
    }

    fn tell_invited(
        &mut self,
        id: SessionId,
        collab: CollabId,
        agent: &AgentUri,
        kind: Kind,
        ticket: Ticket,
    ) {
        if let Some(seat) = self.resources.of_agent(agent.name()).map(|seat| seat.id) {
            let me = collab::Place::Viewer;
            self.tell_seat(id, seat, Told::Invited { session: id, collab, kind, ticket, me });
        }
    }

    /// A viewer is gone, or cannot be one.
    pub(super) fn viewer_left(&mut self, collab: CollabId, agent: &AgentUri, why: Why) {
        if let Some(message) = self.watchers.remove(&(collab, agent.clone())) {
            self.refuse_watcher(message, why);
        }
        let Some((id, shared)) = self.shared(collab) else { return };
        match shared.viewer(agent).cloned() {
            Some(Viewer { watches: true, .. }) => self.record(id, looks(collab, agent, true, false)),
            // They are in the session still: their console invites them again when it comes.
            Some(Viewer { here: true, .. }) => {
                let who = collab::Who::Viewer(agent.clone());
                self.record(id, What::CollabAway { collab, who });
            }
            Some(Viewer { here: false, .. }) | None => {}
        }
    }

    /// It is over: whoever looked on is told, and whoever waits to look on is refused.
    pub(super) fn viewers_out(&mut self, id: SessionId, shared: &Collab, why: Why) {
        for viewer in shared.viewers.iter().filter(|viewer| !viewer.watches) {
            self.tell_viewer_ended(id, shared.id, &viewer.agent, why);
        }
        let asked: Vec<(CollabId, AgentUri)> =
            self.watchers.keys().filter(|(collab, _)| *collab == shared.id).cloned().collect();
        for key in asked {
            if let Some(message) = self.watchers.remove(&key) {
                self.refuse_watcher(message, Why::Closed);
            }
        }
    }

    /// A supervisor asks to look on; the collaboration server's word is the answer.
    ///
    /// # Errors
    /// Why not, in words.
    pub(crate) fn watch(&mut self, by: AgentUri, display: String, collab: CollabId) -> Done {
        let (id, shared) = self.shared(collab).ok_or(OVER)?;
        if !shared.is_established() || !shared.here.user {
            return Err("nothing is shared yet");
        }
        if !is_looked_on(shared.kind) {
            return Err("a screen is seen by its agent alone");
        }
        if shared.agent() == Some(&by) || shared.is_beside(&by) {
            return Err("you take part in it already");
        }
        let most = shared.viewer(&by).is_none() && shared.viewers.len() >= MAX_VIEWERS;
        if most || shared.looks >= MAX_LOOKS || self.watchers.len() >= MAX_ASKING {
            return Err(CROWDED);
        }
        let Some(message) = self.step.cause else { return Err(OVER) };
        self.watchers.insert((collab, by.clone()), message);
        self.tell_viewer(id, collab, &by, display, true);
        Ok(())
    }

    /// A supervisor looks on no longer; whoever did not is not missed.
    pub(crate) fn unwatch(&mut self, by: &AgentUri, collab: CollabId) {
        let asked = self.watchers.remove(&(collab, by.clone())).is_some();
        let Some((id, shared)) = self.shared(collab) else { return };
        match shared.viewer(by).cloned() {
            Some(viewer) if viewer.watches => self.looks_no_longer(id, collab, &viewer),
            Some(_) => {}
            None if asked => self.tell_viewer(id, collab, by, String::new(), false),
            None => {}
        }
    }

    fn refuse_watcher(&mut self, message: MessageId, why: Why) {
        let why = if why == Why::TooMany { CROWDED } else { OVER }.to_owned();
        self.answer_watcher(message, supervise::Event::Refused { why });
    }

    /// Answers the question in `message`, which came in an earlier step.
    fn answer_watcher(&mut self, message: MessageId, event: supervise::Event) {
        let cause = self.step.cause.replace(message);
        self.tell(None, event);
        self.step.cause = cause;
    }

    /// What is shared at this moment, as the board shows it.
    pub(crate) fn shared_rows(&self) -> Vec<SharedRow> {
        let row = |collab: CollabId| {
            let (id, shared) = self.shared(collab).filter(|(_, shared)| shared.here.user)?;
            let session = self.sessions.get(&id)?;
            Some(SharedRow {
                session: id,
                collab,
                kind: shared.kind,
                user: shared.user.clone(),
                display: session.display.clone(),
                agent: shared.agent().filter(|_| shared.is_established())?.clone(),
                viewers: shared.viewers.iter().filter(|viewer| viewer.here).count() as u64,
            })
        };
        self.exchange.collabs().into_iter().filter_map(row).take(MAX_ROWS).collect()
    }
}

/// Whether others than the agent may see it: a screen's pictures go to the agent's leg alone.
fn is_looked_on(kind: Kind) -> bool {
    match kind {
        Kind::Cobrowse | Kind::Form | Kind::Whiteboard | Kind::Document | Kind::File | Kind::Url => true,
        Kind::Screen => false,
    }
}

/// Why nobody can look on at what is not there.
const OVER: &str = "that is over";
/// Why no more can look on.
const CROWDED: &str = "as many as can be look on already: try again later";

fn looks(collab: CollabId, agent: &AgentUri, watches: bool, on: bool) -> What {
    What::CollabViewer { collab, agent: agent.clone(), watches, on }
}

impl Session {
    /// The seats of those who are with the customer beside the owner: consulted and answered, or in conference.
    fn beside(&self) -> Vec<SeatId> {
        let consulted = self.side.as_ref().filter(|_| self.side_answered()).and_then(|side| side.seat);
        self.members().into_iter().filter_map(|leg| leg.seat).chain(consulted).collect()
    }
}
