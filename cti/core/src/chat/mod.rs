//! Chats: what customers and agents write, and where each line goes. A line is acknowledged once the store has
//! it, then told to everybody who takes part; its text lies in the store and nowhere else.

pub(crate) mod agent;
pub(crate) mod begin;
pub(crate) mod customer;
pub(crate) mod idle;
pub(crate) mod kept;
pub(crate) mod notice;
pub(crate) mod replay;
pub(crate) mod status;
pub(crate) mod told;

use std::time::Duration;

use ngcc_proto::chat::{Author, Content, MAX_KEY, Nack};
use ngcc_proto::fact::By;
use ngcc_proto::{SessionId, data};

use crate::Cti;
use crate::timer::Timer;

/// Whose key a customer's message carries.
pub(crate) const CUSTOMER: &str = "customer";
/// Whose key a flow's message carries.
pub(crate) const AUTOMATION: &str = "automation";
/// Whose key a line of the centre's carries.
pub(crate) const CENTRE: &str = "centre";

/// How long a line of ours may be under way before it is handed over again.
const UNANSWERED: Duration = Duration::from_secs(5);
/// How long after a failure of the store a line of ours is handed over again.
const NOT_KEPT: Duration = Duration::from_secs(1);
/// How many lines of ours may wait for the store; beyond it a session's flow has run wild.
const MAX_LINES: usize = 256;

/// A message on its way to the store.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) sender: String,
    pub(crate) key: String,
    pub(crate) by: Author,
    pub(crate) content: Content,
    pub(crate) private: bool,
}

impl Cti {
    /// Hands a message to the store; `Kept` comes back.
    pub(crate) fn keep(&mut self, session: SessionId, line: Line) {
        let Line { sender, key, by, content, private } = line;
        self.tell(Some(session), data::Command::Keep { session, sender, key, by, content, private });
    }
}

impl Cti {
    /// Hands over a line that nobody would send again. One after the other, so that they stand in the order
    /// in which they were said; again, until the store has it.
    pub(crate) fn keep_surely(&mut self, id: SessionId, line: Line) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.live.lines.len() < MAX_LINES {
            session.live.lines.push_back(line);
            if session.live.lines.len() == 1 {
                self.keep_next(id);
            }
        }
    }

    /// Hands the first line that waits over, again if need be.
    pub(crate) fn keep_next(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(line) = session.live.lines.front().cloned() else {
            return self.timers.cancel(Timer::Line(id));
        };
        self.timers.set(Timer::Line(id), self.step.now.mono + UNANSWERED);
        self.keep(id, line);
    }

    /// The store has a line of ours: the next one follows.
    fn line_kept(&mut self, id: SessionId, sender: &str, key: &str) {
        if self.is_first_line(id, sender, key)
            && let Some(session) = self.sessions.get_mut(&id)
        {
            session.live.lines.pop_front();
            let (last, parting) = (session.live.lines.is_empty(), session.live.parting);
            self.keep_next(id);
            match parting {
                Some(cause) if last => self.end(id, By::Automation, cause),
                Some(_) | None => self.store(id),
            }
        }
    }

    fn line_not_kept(&mut self, id: SessionId, sender: &str, key: &str) {
        if self.is_first_line(id, sender, key) {
            self.timers.set(Timer::Line(id), self.step.now.mono + NOT_KEPT);
        }
    }

    fn is_first_line(&self, id: SessionId, sender: &str, key: &str) -> bool {
        let first = self.sessions.get(&id).and_then(|session| session.live.lines.front());
        first.is_some_and(|line| line.sender == sender && line.key == key)
    }
}

/// Whether a person may say this: choices are a flow's alone.
pub(crate) fn check(key: &str, content: &Content) -> Result<(), Nack> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Nack::Bad);
    }
    match content {
        Content::Text { choices, .. } if !choices.is_empty() => Err(Nack::Bad),
        Content::Text { .. } | Content::File { .. } | Content::Notice(_) | Content::Masked => content.check(),
    }
}
