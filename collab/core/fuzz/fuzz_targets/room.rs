//! A collaboration with both ends connected, for the targets.

use ngcc_collab_core::wire::{self, Frame};
use ngcc_collab_core::{Collab, Input, Limits, Line, Output};
use ngcc_proto::collab::{Command, Event, Kind, Ticket, Who};
use ngcc_proto::fact::By;
use ngcc_proto::{
    AgentUri, Body, CollabId, Core, Effect, Envelope, Ids, Mono, Now, Rng, SessionId, UserUri, Wall,
};
use serde_json::Value;

const COLLAB: CollabId = CollabId(1);
/// The customer's page.
pub const CUSTOMER: Line = Line(1);
/// The agent's.
pub const AGENT: Line = Line(2);

/// The core, and what its agent's page was sent.
pub struct Room {
    core: Collab,
    now: Now,
    tickets: Vec<Ticket>,
    /// Frames that the agent's page was sent, as JSON.
    pub seen: Vec<Value>,
}

impl Room {
    /// A collaboration that the customer began.
    pub fn joined(kind: Kind) -> Self {
        let now = Now { mono: Mono(1_000_000_000), wall: Wall(1_700_000_000_000) };
        let core = Collab::new(Limits::default(), Rng::from_u64(1));
        let mut room = Self { core, now, tickets: vec![], seen: vec![] };
        room.core.restored(now);
        let command = Command::Establish {
            collab: COLLAB,
            session: SessionId(7),
            kind,
            user: UserUri::Web("vis_1".to_owned()),
            user_display: None,
            agent: AgentUri::new("alice").expect("a name"),
            agent_display: "Alice".to_owned(),
            by: By::Customer,
            form: None,
        };
        let mut ids = Ids::new(Rng::from_u64(2));
        room.input(Envelope::new(&mut ids, now.wall, Some(SessionId(7)), None, command).into());
        let tickets = std::mem::take(&mut room.tickets);
        for (line, ticket) in [CUSTOMER, AGENT].into_iter().zip(tickets) {
            room.input(Input::Opened { line, id: None, collab: COLLAB, ticket });
        }
        room
    }

    /// A frame of a page's, read as the shell reads it.
    pub fn frame(&mut self, line: Line, text: &str) {
        if let Some(frame) = Frame::read(text) {
            let id = frame.id.clone();
            if let Ok(ask) = frame.ask() {
                self.input(Input::Frame { line, id, ask });
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.core.handle(input, self.now);
        while let Some(effect) = self.core.poll() {
            match effect {
                Effect::Emit { output: Output::Send(Envelope { body: Body::CollabEvent(event), .. }), .. } => {
                    if let Event::Invited { ticket, who, .. } = event {
                        let at = if matches!(who, Who::User(_)) { 0 } else { self.tickets.len() };
                        self.tickets.insert(at, ticket);
                    }
                }
                Effect::Emit { output: Output::WebSend { line: AGENT, id, tell }, .. } => {
                    let text = wire::write(id.as_deref(), &tell);
                    self.seen.push(serde_json::from_str(&text).expect("what is sent is JSON"));
                }
                _ => {}
            }
        }
    }
}
