//! The core: every collaboration, and whose frame is about which.

use std::collections::BTreeMap;
use std::fmt;

use ngcc_proto::collab::{Event, Ticket, Why as Reason};
use ngcc_proto::fact::By;
use ngcc_proto::recording::Event as Known;
use ngcc_proto::{Body, CollabId, Core, Effect, Ids, Key, Mono, Now, RestoreError, Rng, Why};

use crate::ask::{Ask, Side};
use crate::desk::Desk;
use crate::io::{Input, Line, Output, Shut, Strip};
use crate::look::Place;
use crate::record;
use crate::room::{After, Presence, Room, by};
use crate::settings::Limits;
use crate::tell::Tell;
use crate::timers::Timer;

/// The collaboration server.
pub struct Collab {
    pub(crate) desk: Desk,
    pub(crate) rooms: BTreeMap<CollabId, Room>,
    /// Contents that were read before what they belong to.
    pub(crate) loose: BTreeMap<CollabId, record::Kept>,
}

impl Collab {
    /// A server without collaborations; `rng` draws its tickets.
    pub fn new(limits: Limits, rng: Rng) -> Self {
        let desk = Desk::new(limits, Ids::new(rng));
        Self { desk, rooms: BTreeMap::new(), loose: BTreeMap::new() }
    }

    /// Which end's ticket it is; none if it opens nothing.
    fn side(&self, collab: CollabId, ticket: &Ticket) -> Option<Side> {
        let room = self.rooms.get(&collab)?;
        let customer = same(ticket, &room.customer.ticket);
        let agent = same(ticket, &room.agent.ticket);
        match (customer, agent) {
            (true, _) => Some(Side::Customer),
            (false, true) => Some(Side::Agent),
            (false, false) => None,
        }
    }

    /// Where a page with this ticket takes its place.
    pub(crate) fn place(&self, collab: CollabId, ticket: &Ticket) -> Option<Place> {
        let ends = self.side(collab, ticket).map(Place::End);
        let mut looks = None;
        for (looker, end) in &self.rooms.get(&collab)?.viewers {
            if same(ticket, &end.ticket) {
                looks = Some(Place::Looks(*looker));
            }
        }
        ends.or(looks)
    }

    fn opened(&mut self, line: Line, id: Option<String>, collab: CollabId, ticket: &Ticket) {
        let place = self.place(collab, ticket);
        let Some(room) = self.rooms.get_mut(&collab) else { return self.desk.shut(line, Shut::Over) };
        match place {
            Some(Place::End(side)) => room.opened(line, id, side, &mut self.desk),
            Some(Place::Looks(looker)) => room.looks(line, id, looker, &mut self.desk),
            None => self.desk.shut(line, Shut::Unauthenticated),
        }
    }

    fn frame(&mut self, line: Line, id: Option<String>, ask: Ask) {
        let Some((collab, place)) = self.desk.lines.get(&line).copied() else {
            // It was opened before this core was rebuilt, or is being closed: it comes again or not.
            return self.desk.shut(line, Shut::Stopping);
        };
        let Some(room) = self.rooms.get_mut(&collab) else { return self.desk.shut(line, Shut::Over) };
        let done = match place {
            Place::End(side) => room.frame(line, side, id.clone(), ask, &mut self.desk),
            Place::Looks(looker) => {
                room.looker_asks((line, id.clone()), looker, &ask, &mut self.desk).map(|()| After::Stays)
            }
        };
        match done {
            Ok(After::Stays) => {}
            Ok(After::Ends(side)) => {
                if let Some(room) = self.rooms.remove(&collab) {
                    self.over(room, by(side), Reason::Left, Some((line, id)));
                }
            }
            Err(wrong) => self.desk.say(line, id, Tell::Wrong(wrong)),
        }
    }

    fn closed(&mut self, line: Line) {
        let Some((collab, place)) = self.desk.lines.remove(&line) else { return };
        let Some(room) = self.rooms.get_mut(&collab) else { return };
        match place {
            Place::End(side) => room.closed(line, side, &mut self.desk),
            Place::Looks(looker) => room.looker_closed(line, looker, &mut self.desk),
        }
    }

    /// A collaboration is over; `asker`: whose frame ended it.
    pub(crate) fn over(&mut self, room: Room, by: By, why: Reason, asker: Option<(Line, Option<String>)>) {
        let (collab, session, cause) = (room.id, room.session, room.cause);
        room.end_all(why, asker, &mut self.desk);
        self.desk.tell(Some(session), cause, Event::Ended { collab, by, why });
    }

    fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::Grace(collab, side) => {
                let away = |room: &Room| matches!(room.end(side).presence, Presence::Away(_));
                if self.rooms.get(&collab).is_some_and(away)
                    && let Some(room) = self.rooms.remove(&collab)
                {
                    self.over(room, by(side), Reason::Left, None);
                }
            }
            Timer::Looker(collab, looker) => {
                if let Some(room) = self.rooms.get_mut(&collab) {
                    room.looker_late(looker, &mut self.desk);
                }
            }
            Timer::Save(collab) => {
                if let Some(room) = self.rooms.get_mut(&collab) {
                    room.save(&mut self.desk);
                }
            }
        }
    }
}

/// Compares in a time that does not tell where the first difference is.
fn same(a: &Ticket, b: &Ticket) -> bool {
    let (a, b) = (a.0.as_bytes(), b.0.as_bytes());
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// What a log may show: how much there is, never what.
impl fmt::Debug for Collab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Collab({} collaborations, {} pages)", self.rooms.len(), self.desk.lines.len())
    }
}

impl Core for Collab {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        self.desk.now = now;
        match input {
            Input::Envelope(envelope) => {
                if let Body::CollabCommand(command) = envelope.body {
                    self.command(command, envelope.id);
                } else if let Body::RecordingEvent(Known::Kept { collab }) = envelope.body {
                    self.desk.record(collab, Strip::Known);
                }
            }
            Input::Opened { line, id, collab, ticket } => self.opened(line, id, collab, &ticket),
            Input::Frame { line, id, ask } => self.frame(line, id, ask),
            Input::Lagged { line } => {
                if let Some((collab, _)) = self.desk.lines.get(&line)
                    && let Some(room) = self.rooms.get_mut(collab)
                {
                    room.lagged(line, &mut self.desk);
                }
            }
            Input::Unrecorded { collab, loss } => {
                if let Some(room) = self.rooms.get_mut(&collab) {
                    room.unrecorded(loss, &mut self.desk);
                }
            }
            Input::Closed { line } => self.closed(line),
            Input::Errand(named) => self.errand(named),
        }
    }

    fn wake(&mut self, now: Now) {
        self.desk.now = now;
        while let Some(timer) = self.desk.timers.due(now.mono) {
            self.ring(timer);
        }
    }

    fn poll(&mut self) -> Option<Effect<Output>> {
        self.desk.poll()
    }

    fn deadline(&self) -> Option<(Mono, Why)> {
        self.desk.timers.next()
    }

    fn restore(&mut self, key: Key, bytes: &[u8], now: Now) -> Result<(), RestoreError> {
        self.desk.now = now;
        match record::read(key, bytes)? {
            record::Read::Room(room) => {
                self.rooms.insert(room.id, *room);
            }
            record::Read::Content(collab, kept) => {
                self.loose.insert(collab, kept);
            }
        }
        Ok(())
    }

    fn restored(&mut self, now: Now) {
        self.desk.now = now;
        for (collab, kept) in std::mem::take(&mut self.loose) {
            if let Some(room) = self.rooms.get_mut(&collab) {
                room.take_content(kept);
            }
        }
        let needed = self.rooms.values().flat_map(Room::files).collect();
        self.desk.needs(needed);
        let collabs: Vec<CollabId> = self.rooms.keys().copied().collect();
        self.desk.recorded(collabs.clone());
        self.desk.tell(None, None, Event::Restored { collabs });
        // After a start nobody is connected: whoever was has as long as ever to come back.
        for room in self.rooms.values_mut() {
            for side in [Side::Customer, Side::Agent] {
                if let Presence::Away(_) = room.end(side).presence {
                    room.away(side, &mut self.desk);
                }
            }
            room.lookers_away(&mut self.desk);
        }
    }
}
