//! Lines that the centre writes into a chat; every client words them in its own language.

use ngcc_proto::chat::{Author, Content, Notice};
use ngcc_proto::{SeatId, SessionId};

use super::{CENTRE, Line};
use crate::Cti;

impl Cti {
    /// Writes a line into a chat, for everybody.
    pub(crate) fn notice(&mut self, id: SessionId, notice: Notice) {
        self.notice_once(id, None, notice, false);
    }

    /// Writes a line that only agents see.
    pub(crate) fn notice_to_agents(&mut self, id: SessionId, notice: Notice) {
        self.notice_once(id, None, notice, true);
    }

    /// Writes a line under a key of its own: it stands there once, however often it is written.
    pub(crate) fn notice_once(&mut self, id: SessionId, key: Option<String>, notice: Notice, private: bool) {
        let Some(session) = self.sessions.get(&id).filter(|s| !s.is_call() && !s.is_closed()) else { return };
        // The fact that led to the line is the last one: its number is the key.
        let key = key.unwrap_or_else(|| format!("{}-{}", word(&notice), session.facts.len()));
        let (sender, by, content) = (CENTRE.to_owned(), Author::Centre, Content::Notice(notice));
        self.keep_surely(id, Line { sender, key, by, content, private });
    }

    /// The name by which customers know the seat's agent.
    pub(crate) fn display_of(&self, seat: SeatId) -> String {
        self.resources.seat(seat).map(crate::seat::Seat::display).unwrap_or_default()
    }
}

fn word(notice: &Notice) -> &'static str {
    match notice {
        Notice::Joined { .. } => "joined",
        Notice::Left { .. } => "left",
        Notice::ToAuto => "to-auto",
        Notice::ToHuman => "to-human",
        Notice::Transferred { .. } => "transferred",
        Notice::CustomerGone => "gone",
        Notice::CustomerBack => "back",
        Notice::ClosesSoon { .. } => "closes",
    }
}
