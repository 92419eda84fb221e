//! Lines that the centre writes into a chat; every client words them in its own language.

use std::time::Duration;

use ngcc_proto::chat::{Author, Content, Notice};
use ngcc_proto::{SeatId, SessionId};

use super::{CENTRE, Line};
use crate::Cti;
use crate::session::LegStage;
use crate::timer::Timer;

/// How long a customer's page may be gone before a line says so.
pub(crate) const GONE: Duration = Duration::from_secs(5);

impl Cti {
    /// Writes a line into a chat, for everybody.
    pub(crate) fn notice(&mut self, id: SessionId, notice: Notice) {
        self.notice_once(id, None, notice, false);
    }

    /// The customer's page is gone. A console shows it at once; a line is written only if it is not one page
    /// giving way to the next.
    pub(crate) fn customer_away(&mut self, id: SessionId) {
        if self.sessions.get(&id).is_some_and(|session| !session.is_call()) {
            self.timers.set(Timer::Gone(id), self.step.now.mono + GONE);
        }
    }

    /// It has been gone for long enough to say so.
    pub(crate) fn customer_gone(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.customer().is_some_and(|leg| leg.stage == LegStage::Unreachable) {
            let key = format!("gone-{}", session.story.gone.0);
            self.notice_once(id, Some(key), Notice::CustomerGone, true);
        }
    }

    /// It is here again.
    pub(crate) fn customer_back(&mut self, id: SessionId) {
        self.timers.cancel(Timer::Gone(id));
        let Some(session) = self.sessions.get(&id) else { return };
        let away = self.step.now.wall.ms_since(session.story.gone);
        if away >= i64::try_from(GONE.as_millis()).unwrap_or(i64::MAX) {
            self.notice_once(id, None, Notice::CustomerBack, true);
        }
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
