//! Messages are read again: by a client that was away, or by the centre itself after a restart.

use ngcc_proto::chat::{self, Author, Message};
use ngcc_proto::seat::Told;
use ngcc_proto::{LegId, MessageId, SeatId, SessionId, data};

use crate::Cti;
use crate::session::{How, Session};

/// How many messages are read at a time.
const PAGE: u32 = 100;
/// How many reads may be under way; beyond it the oldest is given up, and its client asks again.
const MAX_READS: usize = 10_000;

/// For whom messages are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Customer(LegId),
    Agent(SeatId),
    /// Messages that were stored when nobody could be told of them, and those that a run may have lost.
    CatchUp(SessionId),
}

impl Cti {
    /// The customer's client asks for everything behind a number.
    pub(crate) fn replay_to_customer(&mut self, id: SessionId, leg: LegId, after: u64) {
        self.read(id, Reader::Customer(leg), after);
    }

    /// Reads a page for somebody; [`Cti::messages_read`] goes on.
    pub(crate) fn read(&mut self, session: SessionId, reader: Reader, after: u64) {
        let private = !matches!(reader, Reader::Customer(_));
        let ask = data::Command::ReadMessages { session, after, limit: PAGE, private };
        let asked = self.tell(Some(session), ask);
        self.reads.insert(asked, reader);
        if self.reads.len() > MAX_READS
            && let Some((_, Reader::CatchUp(given_up))) = self.reads.pop_first()
            && let Some(session) = self.sessions.get_mut(&given_up)
        {
            session.live.catching_up = false;
        }
    }

    /// The owner of a chat reads what customer and automation wrote while they were together.
    pub(crate) fn show_what_was_said(&mut self, id: SessionId, seat: SeatId) {
        let Some(session) = self.sessions.get(&id).filter(|session| !session.is_call()) else { return };
        if session.story.last_seq > session.story.before_auto {
            self.read(id, Reader::Agent(seat), session.story.before_auto);
        }
    }

    /// A page has been read.
    pub(crate) fn messages_read(
        &mut self,
        asked: Option<MessageId>,
        id: SessionId,
        mut messages: Vec<Message>,
        more: bool,
    ) {
        let Some(reader) = asked.and_then(|asked| self.reads.remove(&asked)) else { return };
        let last = messages.last().map(|message| message.seq);
        match reader {
            Reader::Customer(leg) => {
                messages.retain(|message| !message.private);
                self.tell(Some(id), chat::Command::Replay { leg, messages, more });
            }
            Reader::Agent(seat) => {
                let Some(session) = self.sessions.get(&id).filter(|s| s.is_open_to(seat)) else { return };
                messages.retain(|message| session.shows(message));
                self.tell_seat(id, seat, Told::Replay { session: id, messages, more });
            }
            Reader::CatchUp(_) => {
                for message in &messages {
                    self.caught_up(id, message);
                }
                if !more {
                    self.is_caught_up(id, last);
                }
            }
        }
        if let Some(last) = last.filter(|_| more) {
            self.read(id, reader, last);
        }
    }

    /// The store does not answer: clients ask again when they like, and what nobody else asks for is asked for
    /// again at once, since the store took its time to refuse.
    pub(crate) fn messages_not_read(&mut self, asked: Option<MessageId>, id: SessionId) {
        let Some(reader) = asked.and_then(|asked| self.reads.remove(&asked)) else { return };
        match reader {
            Reader::Customer(leg) => {
                self.tell(Some(id), chat::Command::NotReplayed { leg });
            }
            Reader::Agent(seat) => self.tell_seat(id, seat, Told::NotReplayed { session: id }),
            Reader::CatchUp(_) => self.catch_up(id),
        }
    }
}

impl Session {
    /// Whether the seat's agent may read it: the owner, and who wraps up after it.
    pub(crate) fn is_open_to(&self, seat: SeatId) -> bool {
        self.together().is_some_and(|with| with.seat == Some(seat))
            || self.wrap_ups.iter().any(|(id, _, _)| *id == seat)
    }

    /// Whether its owner is shown a message: not what customer and automation write while they are together
    /// and the owner does not listen.
    fn shows(&self, message: &Message) -> bool {
        let away =
            matches!(self.together().map(|with| with.how), Some(How::InIvr { .. })) && !self.aside.listen;
        let among_them = matches!(message.by, Author::Customer | Author::Automation);
        !(away && among_them && message.seq > self.story.before_auto)
    }
}
