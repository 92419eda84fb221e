//! Who looks on at what is shared: whoever is in the session beside its owner, and supervisors from the board. They see
//! what the owner sees and change nothing; customer and agent are shown who they are.

use std::collections::BTreeSet;

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
/// The most boards of one supervisor that look on at one collaboration.
const MAX_BOARDS: usize = 16;
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

/// A supervisor who looks on, or asks to: from which boards. It is not kept over a restart, as boards are not.
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    boards: BTreeSet<u64>,
    /// Questions that have no answer yet, and from which board.
    asking: Vec<(MessageId, u64)>,
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
        for shared in session.shared.clone() {
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
        self.viewer_sees_no_more(id, collab, &viewer.agent);
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
        let watcher = self.watchers.get_mut(&(collab, agent.clone()));
        let asked = watcher.map(|watcher| std::mem::take(&mut watcher.asking)).unwrap_or_default();
        match known {
            Some(Viewer { watches: false, .. }) if asked.is_empty() => {
                self.tell_invited(id, collab, agent, kind, ticket);
            }
            // It was let in, and has nobody who waits for it: a repeat.
            Some(_) if asked.is_empty() => {}
            // They asked before a restart; nobody waits for the answer.
            None if asked.is_empty() => self.tell_viewer(id, collab, agent, String::new(), false),
            known => {
                if known.is_none() {
                    self.record(id, looks(collab, agent, true, true));
                }
                for (message, _) in asked {
                    let (session, ticket) = (id, ticket.clone());
                    self.answer_watcher(
                        message,
                        supervise::Event::Watching { session, collab, kind, ticket },
                    );
                }
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
        self.refuse_watchers(&(collab, agent.clone()), why);
        let Some((id, shared)) = self.shared(collab) else { return };
        let viewer = shared.viewer(agent).cloned();
        self.viewer_sees_no_more(id, collab, agent);
        match viewer {
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
            self.refuse_watchers(&key, Why::Closed);
        }
    }

    /// A supervisor asks to look on; the collaboration server's word is the answer.
    ///
    /// # Errors
    /// Why not, in words.
    pub(crate) fn watch(&mut self, by: AgentUri, display: String, collab: CollabId, board: u64) -> Done {
        let (id, shared) = self.shared(collab).ok_or(OVER)?;
        if !shared.is_established() || !shared.here.user {
            return Err("nothing is shared yet");
        }
        if shared.agent() == Some(&by) || shared.is_beside(&by) {
            return Err("you take part in it already");
        }
        let most = shared.viewer(&by).is_none() && shared.viewers.len() >= MAX_VIEWERS;
        if most || shared.looks >= MAX_LOOKS || self.watchers.len() >= MAX_ASKING {
            return Err(CROWDED);
        }
        let Some(message) = self.step.cause else { return Err(OVER) };
        let watcher = self.watchers.entry((collab, by.clone())).or_default();
        if watcher.asking.len() >= MAX_BOARDS || watcher.boards.len() >= MAX_BOARDS {
            return Err(CROWDED);
        }
        watcher.boards.insert(board);
        watcher.asking.push((message, board));
        self.tell_viewer(id, collab, &by, display, true);
        Ok(())
    }

    /// One of a supervisor's boards looks on no longer; with the last one they do not. Whoever did not is not missed.
    pub(crate) fn unwatch(&mut self, by: &AgentUri, collab: CollabId, board: u64) {
        let key = (collab, by.clone());
        let mut asked = vec![];
        if let Some(watcher) = self.watchers.get_mut(&key) {
            watcher.boards.remove(&board);
            asked = watcher.asking.extract_if(.., |(_, of)| *of == board).collect();
            if !watcher.boards.is_empty() {
                return asked.into_iter().for_each(|(message, _)| self.refuse_watcher(message, Why::Closed));
            }
            self.watchers.remove(&key);
        }
        let waited = !asked.is_empty();
        asked.into_iter().for_each(|(message, _)| self.refuse_watcher(message, Why::Closed));
        let Some((id, shared)) = self.shared(collab) else { return };
        match shared.viewer(by).cloned() {
            Some(viewer) if viewer.watches => self.looks_no_longer(id, collab, &viewer),
            Some(_) => {}
            None if waited => self.tell_viewer(id, collab, by, String::new(), false),
            None => {}
        }
    }

    /// Nobody looks on from a board of theirs any more, and whoever waits to is refused.
    fn refuse_watchers(&mut self, key: &(CollabId, AgentUri), why: Why) {
        for (message, _) in self.watchers.remove(key).map(|watcher| watcher.asking).unwrap_or_default() {
            self.refuse_watcher(message, why);
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
                shows: shared.screen.is_shown(),
                viewers: shared.viewers.iter().filter(|viewer| viewer.here).count() as u64,
            })
        };
        self.exchange.collabs().into_iter().filter_map(row).take(MAX_ROWS).collect()
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
