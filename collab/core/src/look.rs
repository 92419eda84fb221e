//! Those who look on: somebody in the session beside its owner, or a supervisor. They are shown what the agent is shown
//! and change nothing; customer and agent see who they are. Their going ends nothing.

use ngcc_proto::collab::{Event, Who, Why};
use ngcc_proto::{AgentUri, CollabId, MessageId};

use crate::ask::{Ask, Side};
use crate::collab::Collab;
use crate::desk::Desk;
use crate::io::{Line, Shut};
use crate::room::{Content, End, Presence, Room};
use crate::tell::{Person, Tell, Wrong};
use crate::timers::Timer;

/// One who looks on, by their number in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Looker(pub(crate) u8);

/// At which place of a collaboration a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One of the two ends.
    End(Side),
    /// Looking on.
    Looks(Looker),
}

impl Collab {
    /// Somebody is to look on; a repeat invites them again.
    pub(crate) fn let_look(&mut self, collab: CollabId, agent: &AgentUri, display: String, cause: MessageId) {
        let left = |why| Event::Left { collab, agent: agent.clone(), why };
        let Some(room) = self.rooms.get_mut(&collab) else {
            return self.desk.tell(None, Some(cause), left(Why::Unavailable));
        };
        if room.agent.who == Who::Agent(agent.clone()) {
            return room.tell(left(Why::Forbidden), &mut self.desk);
        }
        if let Some(known) = room.looker(agent) {
            return room.invite_looker(known, &mut self.desk);
        }
        let free = (0..self.desk.limits.viewers).map(Looker).find(|n| !room.viewers.contains_key(n));
        let Some(looker) = free else {
            return room.tell(left(Why::TooMany), &mut self.desk);
        };
        // Whoever is invited to look has as long to come as whoever is away has to come back.
        let until = self.desk.now.mono + self.desk.limits.grace;
        let end = End {
            who: Who::Viewer(agent.clone()),
            name: Some(display),
            ticket: self.desk.ticket(),
            presence: Presence::Away(until),
        };
        self.desk.timers.set(until, Timer::Looker(collab, looker));
        room.viewers.insert(looker, end);
        room.store(&mut self.desk);
        room.invite_looker(looker, &mut self.desk);
        room.show_people(&mut self.desk);
    }

    /// Somebody is to look no longer.
    pub(crate) fn shut_out(&mut self, collab: CollabId, agent: &AgentUri) {
        if let Some(room) = self.rooms.get_mut(&collab)
            && let Some(looker) = room.looker(agent)
        {
            room.unlook(looker, None, &mut self.desk);
        }
    }
}

impl Room {
    fn looker(&self, agent: &AgentUri) -> Option<Looker> {
        let who = Who::Viewer(agent.clone());
        self.viewers.iter().find(|(_, end)| end.who == who).map(|(looker, _)| *looker)
    }

    fn invite_looker(&self, looker: Looker, desk: &mut Desk) {
        if let Some(End { who, ticket, .. }) = self.viewers.get(&looker) {
            let event = Event::Invited { collab: self.id, who: who.clone(), ticket: ticket.clone() };
            self.tell(event, desk);
        }
    }

    /// Those who look on, as everybody sees them.
    pub(crate) fn persons(&self) -> Vec<Person> {
        self.viewers.values().map(End::person).collect()
    }

    /// The pages of those who look on.
    pub(crate) fn looking(&self) -> impl Iterator<Item = Line> {
        self.viewers.values().flat_map(End::lines).copied()
    }

    /// Every page that is shown what the agent is shown.
    pub(crate) fn readers(&self) -> Vec<Line> {
        self.agent.lines().iter().copied().chain(self.looking()).collect()
    }

    /// A page has come with a looker's ticket.
    pub(crate) fn looks(&mut self, line: Line, id: Option<String>, looker: Looker, desk: &mut Desk) {
        let (room, most) = (self.id, desk.limits.pages);
        let Some(end) = self.viewers.get_mut(&looker) else { return desk.shut(line, Shut::Unauthenticated) };
        let new = end.takes(line, most, Timer::Looker(room, looker), desk);
        let who = end.who.clone();
        desk.lines.insert(line, (room, Place::Looks(looker)));
        if new {
            self.tell(Event::Joined { collab: room, who }, desk);
        }
        let ready = self.ready(Place::Looks(looker), desk);
        desk.say(line, id, Tell::Ready(Box::new(ready)));
        if new {
            let others: Vec<Line> = self.lines().into_iter().filter(|other| *other != line).collect();
            desk.say_all(others, &Tell::People(self.people()));
        }
        let stage = self.stage();
        if let Content::Page(page) = &mut self.content {
            page.joined(line, &stage, desk);
        }
    }

    /// A frame of a looker's: they may go, and nothing else.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn looker_asks(
        &mut self,
        (line, id): (Line, Option<String>),
        looker: Looker,
        ask: &Ask,
        desk: &mut Desk,
    ) -> Result<(), Wrong> {
        match ask {
            Ask::Leave => {
                let Some(end) = self.viewers.get(&looker) else { return Ok(()) };
                if let Who::Viewer(agent) = &end.who {
                    let left = Event::Left { collab: self.id, agent: agent.clone(), why: Why::Left };
                    self.tell(left, desk);
                }
                self.unlook(looker, Some((line, id)), desk);
                Ok(())
            }
            Ask::Consent { .. }
            | Ask::Request { .. }
            | Ask::Pause { .. }
            | Ask::Events(_)
            | Ask::Act(_)
            | Ask::Answer { .. }
            | Ask::Over { .. }
            | Ask::Fill { .. }
            | Ask::Focus { .. }
            | Ask::Confirm
            | Ask::Update(_)
            | Ask::Aware(_)
            | Ask::Push { .. }
            | Ask::Opened { .. }
            | Ask::Remove { .. } => Err(Wrong::Forbidden),
        }
    }

    /// A looker's page is gone.
    pub(crate) fn looker_closed(&mut self, line: Line, looker: Looker, desk: &mut Desk) {
        if let Content::Page(page) = &mut self.content {
            page.left(line);
        }
        let Some(Presence::Here(lines)) = self.viewers.get_mut(&looker).map(|end| &mut end.presence) else {
            return;
        };
        lines.retain(|other| *other != line);
        if lines.is_empty() {
            self.looker_away(looker, desk);
            self.show_people(desk);
        }
    }

    fn looker_away(&mut self, looker: Looker, desk: &mut Desk) {
        let until = desk.now.mono + desk.limits.grace;
        let Some(end) = self.viewers.get_mut(&looker) else { return };
        desk.timers.set(until, Timer::Looker(self.id, looker));
        end.presence = Presence::Away(until);
        let who = end.who.clone();
        self.tell(Event::Away { collab: self.id, who }, desk);
    }

    /// After a start no looker is connected.
    pub(crate) fn lookers_away(&mut self, desk: &mut Desk) {
        for looker in self.viewers.keys().copied().collect::<Vec<_>>() {
            self.looker_away(looker, desk);
        }
    }

    /// A looker has been away, or has not come, long enough.
    pub(crate) fn looker_late(&mut self, looker: Looker, desk: &mut Desk) {
        let Some(End { who: Who::Viewer(agent), presence: Presence::Away(_), .. }) =
            self.viewers.get(&looker)
        else {
            return;
        };
        self.tell(Event::Left { collab: self.id, agent: agent.clone(), why: Why::Left }, desk);
        self.unlook(looker, None, desk);
    }

    /// A looker is out; `asker`: whose frame it was.
    fn unlook(&mut self, looker: Looker, asker: Option<(Line, Option<String>)>, desk: &mut Desk) {
        let Some(end) = self.viewers.remove(&looker) else { return };
        if let Presence::Away(until) = end.presence {
            desk.timers.cancel(until, Timer::Looker(self.id, looker));
        }
        let why = if asker.is_some() { Why::Left } else { Why::Closed };
        let (asker, mut answer) = asker.unzip();
        for line in end.lines() {
            let id = if Some(*line) == asker { answer.take().flatten() } else { None };
            desk.say(*line, id, Tell::Ended { why });
            desk.shut(*line, Shut::Over);
            if let Content::Page(page) = &mut self.content {
                page.left(*line);
            }
        }
        self.store(desk);
        self.show_people(desk);
    }

    /// Whoever is the agent's end from now on looks on no longer.
    pub(crate) fn takes_part(&mut self, agent: &AgentUri, desk: &mut Desk) {
        if let Some(looker) = self.looker(agent) {
            self.unlook(looker, None, desk);
        }
    }

    /// It is over: no looker is waited for.
    pub(crate) fn forget_lookers(&self, desk: &mut Desk) {
        for (looker, end) in &self.viewers {
            if let Presence::Away(until) = end.presence {
                desk.timers.cancel(until, Timer::Looker(self.id, *looker));
            }
        }
    }
}
