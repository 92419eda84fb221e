//! What cti wants: collaborations set up, invited to again, handed over and ended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ngcc_proto::collab::{Command, Event, Kind, Who, Why};
use ngcc_proto::config::Form;
use ngcc_proto::fact::By;
use ngcc_proto::{AgentUri, CollabId, MessageId, SessionId, UserUri};

use crate::ask::Side;
use crate::collab::Collab;
use crate::room::{End, Presence, Room};
use crate::tape::Tape;
use crate::tell::Consents;

/// What a setting-up says.
struct New {
    collab: CollabId,
    session: SessionId,
    kind: Kind,
    user: (UserUri, Option<String>),
    agent: (AgentUri, String),
    by: By,
    form: Option<Form>,
    record: bool,
}

impl Collab {
    /// A command of cti, in the envelope `cause`.
    pub(crate) fn command(&mut self, command: Command, cause: MessageId) {
        let collab = command.collab();
        let known = self.rooms.get_mut(&collab);
        if let Some(room) = known {
            room.cause = Some(cause);
        }
        match command {
            Command::Establish {
                collab,
                session,
                kind,
                user,
                user_display,
                agent,
                agent_display,
                by,
                form,
                record,
            } => {
                let (user, agent) = ((user, user_display), (agent, agent_display));
                self.establish(New { collab, session, kind, user, agent, by, form, record }, cause);
            }
            Command::Invite { who, .. } => {
                let Some(room) = self.rooms.get(&collab) else { return self.unknown(collab, cause) };
                let side = [Side::Customer, Side::Agent].into_iter().find(|side| room.end(*side).who == who);
                match side {
                    Some(side) => room.invite(side, &mut self.desk),
                    None => room.tell(Event::Refused { collab, why: Why::Forbidden }, &mut self.desk),
                }
            }
            Command::Agent { session, agent, display, .. } => {
                if let Some(room) = self.rooms.get_mut(&collab) {
                    room.session = session;
                }
                self.agent(collab, agent, display, cause);
            }
            Command::Viewer { agent, display, on: true, .. } => {
                self.let_look(collab, &agent, display, cause);
            }
            Command::Viewer { agent, on: false, .. } => self.shut_out(collab, &agent),
            Command::GoesOn { until, .. } => match self.rooms.get_mut(&collab) {
                Some(room) => room.goes_on(until, &mut self.desk),
                None => self.unknown(collab, cause),
            },
            Command::End { why, .. } => match self.rooms.remove(&collab) {
                Some(room) => self.over(room, By::Centre, why, None),
                // It is gone already, which is what was wanted.
                None => {
                    let ended = Event::Ended { collab, by: By::Centre, why };
                    self.desk.tell(None, Some(cause), ended);
                }
            },
        }
    }

    fn unknown(&mut self, collab: CollabId, cause: MessageId) {
        self.desk.tell(None, Some(cause), Event::Refused { collab, why: Why::Unavailable });
    }

    fn establish(&mut self, new: New, cause: MessageId) {
        let New { collab, session, .. } = new;
        let refused = |why| Event::Refused { collab, why };
        if let Some(room) = self.rooms.get(&collab) {
            let same = room.kind == new.kind
                && room.session == session
                && room.customer.who == Who::User(new.user.0)
                && room.agent.who == Who::Agent(new.agent.0);
            if same {
                room.invite(Side::Customer, &mut self.desk);
                room.invite(Side::Agent, &mut self.desk);
            } else {
                room.tell(refused(Why::Forbidden), &mut self.desk);
            }
            return;
        }
        if self.rooms.len() >= self.desk.limits.collabs {
            return self.desk.tell(Some(session), Some(cause), refused(Why::TooMany));
        }
        let Some(content) = Room::empty(new.kind, new.form.map(Arc::new)) else {
            return self.desk.tell(Some(session), Some(cause), refused(Why::Unsupported));
        };
        let by = match new.by {
            By::Customer => Side::Customer,
            By::Agent | By::Automation | By::Centre => Side::Agent,
        };
        let (user, user_display) = new.user;
        let (agent, agent_display) = new.agent;
        let room = Room {
            id: collab,
            session,
            kind: new.kind,
            by,
            customer: self.expected(Who::User(user), user_display),
            agent: self.expected(Who::Agent(agent), Some(agent_display)),
            viewers: BTreeMap::new(),
            until: None,
            // Whoever begins it wants it.
            consents: Consents { view: by == Side::Customer, ..Consents::default() },
            paused: false,
            content,
            tape: match (new.record, new.kind) {
                (false, _) => Tape::Off,
                (true, Kind::Screen) => Tape::Elsewhere,
                (true, _) => Tape::Waiting,
            },
            cause: Some(cause),
            asked: None,
            lately: VecDeque::new(),
        };
        room.store(&mut self.desk);
        room.invite(Side::Customer, &mut self.desk);
        room.invite(Side::Agent, &mut self.desk);
        self.rooms.insert(collab, room);
    }

    fn expected(&mut self, who: Who, name: Option<String>) -> End {
        End { who, name, ticket: self.desk.ticket(), presence: Presence::Expected }
    }

    fn agent(&mut self, collab: CollabId, agent: Option<AgentUri>, display: String, cause: MessageId) {
        let Some(agent) = agent else { return self.nobody(collab, cause) };
        let who = Who::Agent(agent);
        let end = self.expected(who.clone(), Some(display));
        let Some(room) = self.rooms.get_mut(&collab) else { return self.unknown(collab, cause) };
        // Whoever had it before nobody did comes back by name, and with a ticket of their own.
        if room.agent.who == who && room.agent.name.is_some() {
            room.invite(Side::Agent, &mut self.desk);
        } else {
            room.hand_over(end, &mut self.desk);
            room.invite(Side::Agent, &mut self.desk);
        }
    }

    /// The session waits for its next owner: whoever was there is out, and nobody has the ticket that is good now.
    fn nobody(&mut self, collab: CollabId, cause: MessageId) {
        let Some(room) = self.rooms.get(&collab) else { return self.unknown(collab, cause) };
        let end = self.expected(room.agent.who.clone(), None);
        if let Some(room) = self.rooms.get_mut(&collab) {
            room.hand_over(end, &mut self.desk);
        }
    }
}
