//! A customer's chat at the edge, and what its page is told of it.

use std::collections::VecDeque;

use ngcc_proto::access::{Cause, Event};
use ngcc_proto::chat::{self, Status};
use ngcc_proto::{SessionId, UserUri};
use serde::{Deserialize, Serialize};

use super::page::{Next, Page, Place};
use super::{Line, Shut, Tell, Wrong};
use crate::edge::Edge;
use crate::leg::Who;

/// So many messages of a chat are known again when they are sent again.
const MOST_PASSED: usize = 64;

/// A customer's chat.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Chat {
    pub(crate) who: Who,
    pub(super) user: UserUri,
    pub(super) entry: String,
    /// Whether a page is connected; after a restart none is.
    #[serde(skip)]
    pub(super) here: bool,
    #[serde(skip)]
    pub(super) last_seq: u64,
    #[serde(skip)]
    pub(super) status: Option<Status>,
    /// Keys of the latest messages that were passed on, oldest first.
    #[serde(skip)]
    pub(super) passed: VecDeque<String>,
}

impl Chat {
    pub(super) fn place(&self) -> Place {
        Place { user: self.user.clone(), entry: self.entry.clone() }
    }

    /// Whether a message of this key was passed on lately: one more is the same message sent again.
    pub(super) fn has_passed(&self, key: &str) -> bool {
        self.passed.iter().any(|passed| passed == key)
    }

    pub(super) fn passes(&mut self, key: &str) {
        if !self.has_passed(key) {
            self.passed.push_back(key.to_owned());
            let more = self.passed.len().saturating_sub(MOST_PASSED);
            self.passed.drain(..more);
        }
    }
}

impl Chat {
    /// Notes what cti says, and tells the page if there is one.
    pub(super) fn tell(
        &mut self,
        command: chat::Command,
        page: Option<(Line, &mut Page, SessionId)>,
        edge: &mut Edge,
    ) {
        match &command {
            chat::Command::Accepted { seq, .. } => self.last_seq = self.last_seq.max(*seq),
            chat::Command::Deliver { message, .. } => self.last_seq = self.last_seq.max(message.seq),
            chat::Command::Replay { messages, .. } => {
                let last = messages.iter().map(|m| m.seq).max().unwrap_or(0);
                self.last_seq = self.last_seq.max(last);
            }
            chat::Command::Status { status, .. } => self.status = Some(status.clone()),
            chat::Command::Begin { .. }
            | chat::Command::Opened { .. }
            | chat::Command::Refused { .. }
            | chat::Command::NotReplayed { .. }
            | chat::Command::Typing { .. }
            | chat::Command::Read { .. } => {}
        }
        let Some((line, page, session)) = page else { return };
        match command {
            chat::Command::Begin { .. } | chat::Command::Opened { .. } => {}
            chat::Command::Accepted { key, seq, at, .. } => edge.say(line, Some(key), Tell::Ack { seq, at }),
            chat::Command::Refused { key, why, .. } => edge.say(line, Some(key), Tell::Nack(why)),
            chat::Command::Deliver { message, .. } => match page.live(message.seq) {
                Next::Send => edge.say(line, None, Tell::Message { session, message }),
                Next::Drop => {}
                Next::Ask(after) => self.who.tell(edge, chat::Event::Resume { leg: self.who.id, after }),
            },
            chat::Command::Replay { messages, more, .. } => {
                let messages = page.replay(messages);
                if !messages.is_empty() {
                    edge.say(line, None, Tell::Replay { session, messages });
                }
                if !more && let Some((up_to, Some(id))) = page.replayed() {
                    edge.say(line, id, Tell::Replayed { session, up_to });
                }
            }
            // It has a gap that nothing else would fill: it comes again after a pause, and asks again.
            chat::Command::NotReplayed { .. } => {
                if let Some(answer) = page.not_replayed() {
                    edge.wrong(line, answer, Wrong::Unavailable, None);
                    edge.shut(line, Shut::Overrun);
                }
            }
            chat::Command::Typing { by, .. } => edge.say(line, None, Tell::Typing { session, by }),
            chat::Command::Read { seq, .. } => edge.say(line, None, Tell::Read { session, seq }),
            chat::Command::Status { status, .. } => edge.say(line, None, Tell::Status { session, status }),
        }
    }

    pub(super) fn leave(mut self, cause: Cause, edge: &mut Edge) {
        edge.forget(self.key());
        self.who.tell(edge, Event::Left { leg: self.who.id, cause });
    }

    /// Nobody is connected after a restart.
    pub(super) fn lost(&mut self, edge: &mut Edge) {
        self.who.tell(edge, Event::Unreachable { leg: self.who.id });
    }
}
