//! The agent's side of a session's messages: lines to the customer, notes among agents, and the disposition.

use ngcc_proto::chat::{self, Author, Content, Nack, Text};
use ngcc_proto::fact::What;
use ngcc_proto::seat::Told;
use ngcc_proto::{SeatId, SessionId};

use super::replay::Reader;
use super::{Line, check};
use crate::Cti;
use crate::seat::command::Done;
use crate::session::How;

/// The most characters of a disposition's name.
const MAX_CODE: usize = 64;

impl Cti {
    /// The agent writes a line or a note.
    pub(crate) fn agent_says(
        &mut self,
        seat: SeatId,
        id: SessionId,
        key: String,
        content: Content,
        private: bool,
    ) -> Done {
        match self.may_say(seat, id, &key, &content, private) {
            Ok(()) => {
                if let Some(line) = self.line_of(seat, key, content, private) {
                    self.keep(id, line);
                }
                Ok(())
            }
            Err(why) => {
                self.tell_seat(id, seat, Told::NotAccepted { session: id, key, why });
                Err("that message cannot be taken")
            }
        }
    }

    fn may_say(
        &self,
        seat: SeatId,
        id: SessionId,
        key: &str,
        content: &Content,
        private: bool,
    ) -> Result<(), Nack> {
        check(key, content)?;
        let session = self.sessions.get(&id).filter(|s| s.is_open_to(seat)).ok_or(Nack::Unknown)?;
        if private {
            return Ok(());
        }
        if session.is_closed() {
            return Err(Nack::Closed);
        }
        // While the automatic service has the customer the agent is not heard (S4); nor in a call.
        match session.together().map(|with| with.how) {
            Some(How::Talk | How::Held(_)) if !session.is_call() && !session.is_apart() => Ok(()),
            Some(How::Talk | How::Held(_) | How::InIvr { .. } | How::Consulting | How::Conference) | None => {
                Err(Nack::Forbidden)
            }
        }
    }

    fn line_of(&self, seat: SeatId, key: String, content: Content, private: bool) -> Option<Line> {
        let by = self.author(seat)?;
        let sender = self.resources.seat(seat)?.agent.to_string();
        Some(Line { sender, key, by, content, private })
    }

    fn author(&self, seat: SeatId) -> Option<Author> {
        let seat = self.resources.seat(seat)?;
        Some(Author::Agent { agent: seat.agent.clone(), display: seat.display() })
    }

    /// The agent writes, but has not sent it.
    pub(crate) fn agent_types(&mut self, seat: SeatId, id: SessionId) -> Done {
        if let (Some(leg), Some(by)) = (self.reading_customer(seat, id), self.author(seat)) {
            self.tell(Some(id), chat::Command::Typing { leg, by });
        }
        Ok(())
    }

    /// The agent has seen everything up to a number.
    pub(crate) fn agent_reads(&mut self, seat: SeatId, id: SessionId, seq: u64) -> Done {
        if let Some(leg) = self.reading_customer(seat, id) {
            self.tell(Some(id), chat::Command::Read { leg, seq });
        }
        Ok(())
    }

    /// The leg of the customer with whom the seat's agent chats now.
    fn reading_customer(&self, seat: SeatId, id: SessionId) -> Option<ngcc_proto::LegId> {
        let session = self.sessions.get(&id).filter(|session| !session.is_call())?;
        let with = session.together().filter(|with| with.seat == Some(seat))?;
        let talks = matches!(with.how, How::Talk | How::Held(_));
        session.customer().map(|leg| leg.id).filter(|_| talks)
    }

    /// The agent's client asks for everything behind a number.
    pub(crate) fn agent_resumes(&mut self, seat: SeatId, id: SessionId, after: u64) -> Done {
        if !self.sessions.get(&id).is_some_and(|session| session.is_open_to(seat)) {
            return Err("that session is not yours");
        }
        self.read(id, Reader::Agent(seat), after);
        Ok(())
    }

    /// The agent says what the contact was about.
    pub(crate) fn dispose(&mut self, seat: SeatId, id: SessionId, code: String, note: Option<Text>) -> Done {
        let Some(session) = self.sessions.get(&id).filter(|session| session.is_open_to(seat)) else {
            return Err("that session is not yours");
        };
        if code.is_empty() || code.chars().count() > MAX_CODE {
            return Err("a disposition's name has 1 to 64 characters");
        }
        let key = format!("disposition-{}", session.facts.len());
        let note =
            note.filter(|note| !note.0.trim().is_empty()).map(|text| Content::Text { text, choices: vec![] });
        if note.as_ref().is_some_and(|note| note.check().is_err()) {
            return Err("the note is too long");
        }
        self.record(id, What::Disposed { seat, code });
        if let Some(line) = note.and_then(|note| self.line_of(seat, key, note, true)) {
            self.keep_surely(id, line);
        }
        Ok(())
    }
}
