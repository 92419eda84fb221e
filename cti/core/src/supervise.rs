//! The board, and what a supervisor does about it: a stuck seat is freed, a session is ended. Who asked is a
//! fact of every session that is touched.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::{By, OfferEnd, What};
use ngcc_proto::media::Part;
use ngcc_proto::seat::Availability;
use ngcc_proto::supervise::{Board, Command, Event, QueueRow, SeatRow, WaitingRow};
use ngcc_proto::{AgentUri, SeatId, SessionId};

use crate::Cti;
use crate::queue::Queue;
use crate::seat::Seat;
use crate::session::{How, Session};

/// The most waiting sessions that are shown.
const MAX_WAITING: usize = 200;
/// The most characters of a supervisor's name that are kept.
const MAX_BY: usize = 64;

impl Cti {
    /// A supervisor asks; every command has one answer.
    pub(crate) fn supervise(&mut self, command: Command) {
        let done = match command {
            Command::Board => {
                let board = self.board();
                self.tell(None, Event::Board(board));
                return;
            }
            Command::Force { by, agent, to } => self.force(&by, &agent, to),
            Command::End { by, session } => self.end_for(&by, session),
            Command::Watch { by, display, collab, board } => {
                match self.watch(by, cut(&display), collab, board) {
                    // Answered by what the collaboration server says.
                    Ok(()) => return,
                    Err(why) => Err(why),
                }
            }
            Command::Unwatch { by, collab, board } => {
                self.unwatch(&by, collab, board);
                Ok(())
            }
        };
        let event = match done {
            Ok(()) => Event::Done,
            Err(why) => Event::Refused { why: why.to_owned() },
        };
        self.tell(None, event);
    }

    fn board(&self) -> Board {
        let now = self.step.now.mono;
        let signed_in = |queue: &Queue| {
            let seats = queue.members().filter_map(|id| self.resources.seat(id));
            seats.filter(|seat| seat.availability != Availability::LoggedOut).count() as u64
        };
        let row = |queue: &Queue| QueueRow {
            name: queue.name.clone(),
            waiting: queue.waiting() as u64,
            longest_ms: queue.oldest().map_or(0, |since| now.ms_since(since)),
            free: self.resources.free_members(queue),
            signed_in: signed_in(queue),
        };
        Board {
            queues: self.resources.queues.by_name().map(row).collect(),
            seats: self.resources.seats().map(seat_row).collect(),
            waiting: self.waiting_rows(),
            shared: self.shared_rows(),
            sessions: self.sessions.values().filter(|session| !session.is_closed()).count() as u64,
        }
    }

    fn waiting_rows(&self) -> Vec<WaitingRow> {
        let queues = self.resources.queues.by_name();
        let mut first: Vec<_> = queues
            .flat_map(|queue| queue.first(MAX_WAITING).map(|order| (order, queue.name.clone())))
            .collect();
        first.sort();
        first.truncate(MAX_WAITING);
        let now = self.step.now;
        let row = |(order, queue): (crate::queue::Order, String)| {
            let session = self.sessions.get(&order.session)?;
            let waited = i64::try_from(now.mono.ms_since(order.since)).unwrap_or(i64::MAX);
            Some(WaitingRow {
                session: session.id,
                user: session.user.clone(),
                display: session.display.clone(),
                medium: session.medium,
                queue,
                since: ngcc_proto::Wall(now.wall.0.saturating_sub(waited)),
                declined: session.story.declined.clone(),
            })
        };
        first.into_iter().filter_map(row).collect()
    }

    /// Frees a seat of everything at once and makes it `to`.
    fn force(&mut self, by: &str, agent: &AgentUri, to: Availability) -> Result<(), &'static str> {
        let id = self.resources.of_agent(agent.name()).map(|seat| seat.id).ok_or("there is no such agent")?;
        let since = self.step.now.wall;
        let to = match to {
            Availability::LoggedOut => Availability::LoggedOut,
            Availability::Ready { .. } => Availability::Ready { since },
            Availability::NotReady { reason, .. } => {
                Availability::NotReady { reason: reason.chars().take(MAX_BY).collect(), since }
            }
        };
        for session in self.contacts_of(id) {
            self.intervened(session, by, "force");
            self.take_away(session, id);
        }
        let now = self.step.now;
        self.resources.change(id, |seat| {
            seat.pending = None;
            seat.resting = false;
            seat.become_now(to, now);
        });
        Ok(())
    }

    /// Takes a session from a seat: an offer goes on to the next, a customer to the head of the queue.
    fn take_away(&mut self, id: SessionId, seat: SeatId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.wrap_ups.iter().any(|(wraps, _, _)| *wraps == seat) {
            return self.wrap_up_over(seat, id, By::Centre);
        }
        if session.offer().is_some_and(|offer| offer.claim.seat() == seat) {
            return self.offer_forced(id);
        }
        let beside = session.legs.iter().find(|leg| leg.part == Part::Second && leg.seat == Some(seat));
        if let Some(leg) = beside.map(|leg| leg.id) {
            self.release(id, leg, Cause::Normal);
            return self.leg_left(id, leg, Cause::Normal);
        }
        let Some(with) = session.together().filter(|with| with.seat == Some(seat)) else { return };
        if let How::Consulting | How::Conference = with.how {
            self.release(id, with.leg, Cause::Normal);
            return self.leg_left(id, with.leg, Cause::Normal);
        }
        self.release(id, with.leg, Cause::Normal);
        self.leg_gone(id, with.leg, Cause::Normal);
        match with.how {
            How::InIvr { .. } => self.unattended(id, seat, Cause::Normal),
            How::Talk | How::Held(_) | How::Consulting | How::Conference => {
                self.back_to_queue(id, seat, Cause::Normal);
            }
        }
    }

    fn offer_forced(&mut self, id: SessionId) {
        let direct = self.sessions.get(&id).is_some_and(|session| session.place().is_none());
        let leg = self.sessions.get(&id).and_then(|session| session.offer()).map(|offer| offer.leg);
        if let Some(leg) = leg {
            self.release(id, leg, Cause::Cancelled);
        }
        self.withdraw_offer(id, OfferEnd::Rescinded, None, Cause::Cancelled);
        if direct {
            self.partner_refused(id, Cause::Cancelled);
        }
    }

    /// Ends a live session for whoever asks.
    pub(crate) fn end_for(&mut self, by: &str, id: SessionId) -> Result<(), &'static str> {
        if self.sessions.get(&id).is_none_or(Session::is_closed) {
            return Err("no such session is live");
        }
        self.intervened(id, by, "end");
        self.end(id, By::Centre, Cause::Normal);
        Ok(())
    }

    fn intervened(&mut self, id: SessionId, by: &str, act: &str) {
        // A seat that wraps up after a closed session has nothing more to say in it.
        if self.sessions.get(&id).is_some_and(|session| !session.is_closed()) {
            self.record(id, What::Intervened { by: cut(by), act: act.to_owned() });
        }
    }
}

fn cut(name: &str) -> String {
    name.chars().take(MAX_BY).collect()
}

fn seat_row(seat: &Seat) -> SeatRow {
    SeatRow {
        seat: seat.id,
        agent: seat.agent.clone(),
        display: seat.display(),
        device: seat.device.clone(),
        availability: seat.availability.clone(),
        voice: seat.voice.clone(),
        chats: seat.chats(),
        chat_capacity: seat.chat_capacity(),
        since: seat.since(),
    }
}
