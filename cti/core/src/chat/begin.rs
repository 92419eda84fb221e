//! An agent begins a chat with a customer who has a page open (S2-06). The seat's slot is locked until softacd has
//! said whether there is such a page; a session begins only then, and is the agent's from its first second.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::chat;
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::{self, Told};
use ngcc_proto::{LegId, MessageId, SeatId, SessionId, UserUri};

use crate::Cti;
use crate::lane::Lane;
use crate::seat::command::Done;
use crate::session::Answer;
use crate::timer::Timer;

/// How long the application server may take: less than a console waits for its answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A chat that an agent wishes to begin. Nothing of it is kept over a restart: there is no session yet.
#[derive(Debug)]
pub(crate) struct Beginning {
    seat: SeatId,
    /// The agent's question, which has no answer yet.
    question: Option<MessageId>,
}

impl Cti {
    /// The agent wishes to write to a user: a slot is locked for it, and the user's page is asked for.
    pub(crate) fn write_to(&mut self, seat: SeatId, user: UserUri) -> Done {
        match user {
            UserUri::Web(_) | UserUri::Customer(_) => {}
            UserUri::Phone(_) | UserUri::Sip(_) | UserUri::Channel { .. } => {
                return Err("only who has a page can be written to");
            }
        }
        let own = self.resources.seat(seat).ok_or("there is no such agent")?;
        if !own.standing[Lane::Chat] {
            return Err("be ready, with a free slot for chats, first");
        }
        let dialled = format!("agent-{}", own.agent.name());
        // The seat is as it was to whoever looks at it: its state is no answer to the question.
        self.resources.lock(seat);
        let leg: LegId = self.ids.mint(self.step.now.wall);
        self.beginnings.insert(leg, Beginning { seat, question: self.step.cause });
        self.timers.set(Timer::Begins(leg), self.step.now.mono + PATIENCE);
        self.tell(None, chat::Command::Begin { leg, user, dialled });
        Ok(())
    }

    /// Whether the arrival is one that an agent wished for, whose own number it may reach then.
    pub(crate) fn is_wished_for(&self, leg: LegId, dialled: &str) -> bool {
        let seat = self.beginnings.get(&leg).and_then(|begins| self.resources.seat(begins.seat));
        seat.is_some_and(|seat| dialled.strip_prefix("agent-") == Some(seat.agent.name()))
    }

    /// The customer's page is there: the lock becomes the claim of the session, which is taken already.
    pub(crate) fn chat_begins(&mut self, id: SessionId, leg: LegId) -> bool {
        let Some(Beginning { seat, question }) = self.beginnings.remove(&leg) else { return false };
        self.timers.cancel(Timer::Begins(leg));
        if self.begun_by(id, leg, seat) {
            self.answer_question(seat, question, Told::Done);
        }
        true
    }

    /// A session that an agent began: the lock of a slot becomes its claim, which is taken already. False where the seat
    /// is configured no longer, and the session over.
    pub(crate) fn begun_by(&mut self, id: SessionId, leg: LegId, seat: SeatId) -> bool {
        self.record(id, What::LegAnswered { leg });
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.answer = Answer::Sent;
        }
        self.offer(id, seat, "the agent began it".to_owned());
        let claimed = self.sessions.get(&id).is_some_and(|session| session.offer().is_some());
        if claimed {
            self.offer_taken(id, None);
        } else {
            self.end(id, By::Centre, Cause::NotRegistered);
        }
        self.resources.unlock(seat, self.step.now);
        claimed
    }

    /// There is no such page, or nobody says anything of it: the slot is free again and the agent is told why.
    pub(crate) fn begins_not(&mut self, leg: LegId, cause: Cause) {
        let Some(Beginning { seat, question }) = self.beginnings.remove(&leg) else { return };
        self.timers.cancel(Timer::Begins(leg));
        self.resources.unlock(seat, self.step.now);
        let why = match cause {
            Cause::NotRegistered => "the customer is not on the page now",
            Cause::Busy => "the customer is in a chat already",
            Cause::Normal
            | Cause::Declined
            | Cause::NoAnswer
            | Cause::Cancelled
            | Cause::NotFound
            | Cause::Unreachable
            | Cause::NotAcceptable
            | Cause::Forbidden
            | Cause::Overloaded
            | Cause::TimedOut
            | Cause::AnsweredElsewhere
            | Cause::Failed
            | Cause::Lost => "the customer cannot be written to now: try again",
        };
        self.answer_question(seat, question, Told::Refused { why: why.to_owned() });
    }

    fn answer_question(&mut self, seat: SeatId, question: Option<MessageId>, what: Told) {
        let Some(agent) = self.resources.seat(seat).map(|seat| seat.agent.clone()) else { return };
        let cause = std::mem::replace(&mut self.step.cause, question);
        self.tell(None, seat::Event { agent, seat, what });
        self.step.cause = cause;
    }
}
