//! What a run keeps for a chat: what it has written, and the messages nobody has read yet.

use std::collections::VecDeque;

use ngcc_proto::Secret;
use ngcc_proto::chat::{Choice, Text};
use serde::{Deserialize, Serialize};

/// The most messages that are kept for the next node that reads one.
const MAX_KEPT: usize = 8;
/// The same at a bot: what a customer may write while it thinks.
const MAX_HELD: usize = 32;
/// The most texts a run may write without waiting for anything.
pub(crate) const MAX_AT_ONCE: usize = 16;

/// A text that a run has written, by its number in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) n: u32,
    pub(crate) text: Text,
    pub(crate) choices: Vec<Choice>,
}

/// A message of the customer's.
#[derive(Debug, PartialEq)]
struct Heard {
    seq: u64,
    text: Secret,
    /// The last of the run's texts that it came behind, where that is known.
    behind: Option<u32>,
}

/// See the module.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Chat {
    /// The number of the last text.
    said: u32,
    /// What was written since anybody answered, and may not have got out.
    unsure: VecDeque<Written>,
    /// How much was written since the run last waited.
    at_once: usize,
    inbox: VecDeque<Heard>,
    /// The highest number that came.
    came: u64,
    /// The highest number that was read or left aside.
    read: u64,
    /// The text of the present node is written already: it was before the restart.
    quiet: bool,
    /// What was not read outlives a restart: it is for a bot, which takes its time, and no secret is asked for.
    holds: bool,
}

/// What of it outlives a restart. A message that was not read only at a bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatRecord {
    said: u32,
    unsure: VecDeque<Written>,
    read: u64,
    /// What a bot has not answered yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held: Vec<(u64, Text)>,
}

/// What changes when something of a chat is to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChatStamp {
    said: u32,
    read: u64,
    held: usize,
}

impl Chat {
    /// Writes; none if it is written already. The number is the record's before the text leaves.
    pub(crate) fn write(&mut self, text: String, choices: Vec<Choice>) -> Option<Written> {
        if std::mem::take(&mut self.quiet) {
            return None;
        }
        self.said += 1;
        self.at_once += 1;
        if self.unsure.len() == MAX_AT_ONCE {
            self.unsure.pop_front();
        }
        let written = Written { n: self.said, text: Text(text), choices };
        self.unsure.push_back(written.clone());
        Some(written)
    }

    /// The run has waited: it may write again.
    pub(crate) fn waited(&mut self) {
        self.at_once = 0;
    }

    /// Whether it writes and writes and waits for nothing.
    pub(crate) fn floods(&self) -> bool {
        self.at_once > MAX_AT_ONCE
    }

    /// Somebody has answered what was written last, so what was written has got out.
    pub(crate) fn certain(&mut self) {
        self.unsure.clear();
    }

    /// Keeps a message to be read; false if it came before. Of more than the most the oldest goes unread.
    pub(crate) fn take_in(&mut self, seq: u64, text: Secret, behind: Option<u32>) -> bool {
        if seq <= self.came {
            return false;
        }
        self.came = seq;
        let most = if self.holds { MAX_HELD } else { MAX_KEPT };
        if self.inbox.len() >= most
            && let Some(oldest) = self.inbox.pop_front()
        {
            self.read = oldest.seq;
        }
        self.inbox.push_back(Heard { seq, text, behind });
        true
    }

    /// Reads the oldest message.
    pub(crate) fn read(&mut self) -> Option<Secret> {
        let Heard { seq, text, .. } = self.inbox.pop_front()?;
        self.read = seq;
        Some(text)
    }

    /// The oldest message, which stays where it is: a bot is asked about it.
    pub(crate) fn oldest(&self) -> Option<(u64, Secret)> {
        self.inbox.front().map(|heard| (heard.seq, heard.text.clone()))
    }

    /// The message of this number has been answered.
    pub(crate) fn answered(&mut self, seq: u64) {
        if self.inbox.front().is_some_and(|oldest| oldest.seq == seq) {
            self.inbox.pop_front();
        }
        self.read = self.read.max(seq);
    }

    /// The present node is a bot: what lies there outlives a restart, and what is written is new.
    pub(crate) fn hold(&mut self) {
        (self.holds, self.quiet) = (true, false);
    }

    /// Whether the oldest message was on its way when the last text was written: it cannot be an answer to that.
    pub(crate) fn crosses(&self) -> bool {
        self.inbox.front().and_then(|oldest| oldest.behind).is_some_and(|behind| behind < self.said)
    }

    /// Whether a message lies there.
    pub(crate) fn has_unread(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Leaves aside what was not read.
    pub(crate) fn forget(&mut self) {
        self.inbox.clear();
        self.read = self.came;
    }

    /// The present node is left.
    pub(crate) fn leave(&mut self) {
        (self.quiet, self.holds) = (false, false);
    }

    /// What changes when something of it is to be written down.
    pub(crate) fn stamp(&self) -> ChatStamp {
        let held = if self.holds { self.inbox.len() } else { 0 };
        ChatStamp { said: self.said, read: self.read, held }
    }

    pub(crate) fn record(&self) -> ChatRecord {
        let held = self.inbox.iter().filter(|_| self.holds);
        let held = held.map(|heard| (heard.seq, Text(heard.text.expose().to_owned()))).collect();
        ChatRecord { said: self.said, unsure: self.unsure.clone(), read: self.read, held }
    }

    /// After a restart; `standing` in a node that has written what it had to.
    pub(crate) fn restored(record: ChatRecord, standing: bool) -> Self {
        let ChatRecord { said, unsure, read, held } = record;
        let came = held.last().map_or(read, |(seq, _)| *seq);
        let kept = |(seq, text): (u64, Text)| Heard { seq, text: Secret::new(text.0), behind: None };
        let inbox = held.into_iter().map(kept).collect();
        Self { said, unsure, read, came, inbox, quiet: standing, ..Self::default() }
    }

    /// What may not have got out before the restart, to be written again with the same numbers.
    pub(crate) fn unsure(&self) -> impl Iterator<Item = &Written> {
        self.unsure.iter()
    }
}
