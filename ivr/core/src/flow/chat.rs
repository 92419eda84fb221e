//! What a run keeps for a chat: what it has written, and the messages nobody has read yet.

use std::collections::VecDeque;

use ngcc_proto::Secret;
use ngcc_proto::chat::{Choice, Text};
use serde::{Deserialize, Serialize};

/// The most messages that are kept for the next node that reads one.
const MAX_KEPT: usize = 8;
/// The most texts a run may write without waiting for anything.
pub(crate) const MAX_AT_ONCE: usize = 16;

/// A text that a run has written, by its number in the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) n: u32,
    pub(crate) text: Text,
    pub(crate) choices: Vec<Choice>,
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
    inbox: VecDeque<(u64, Secret)>,
    /// The highest number that came.
    came: u64,
    /// The highest number that was read or left aside.
    read: u64,
    /// The text of the present node is written already: it was before the restart.
    quiet: bool,
}

/// What of it outlives a restart. No message that was not read: whoever is not sure sends it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatRecord {
    said: u32,
    unsure: VecDeque<Written>,
    read: u64,
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

    /// Keeps a message to be read; false if it came before. Of more than eight the oldest goes unread.
    pub(crate) fn take_in(&mut self, seq: u64, text: Secret) -> bool {
        if seq <= self.came {
            return false;
        }
        self.came = seq;
        if self.inbox.len() == MAX_KEPT
            && let Some((oldest, _)) = self.inbox.pop_front()
        {
            self.read = oldest;
        }
        self.inbox.push_back((seq, text));
        true
    }

    /// Reads the oldest message.
    pub(crate) fn read(&mut self) -> Option<Secret> {
        let (seq, text) = self.inbox.pop_front()?;
        self.read = seq;
        Some(text)
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
        self.quiet = false;
    }

    /// What changes when something of it is to be written down.
    pub(crate) fn stamp(&self) -> (u32, u64) {
        (self.said, self.read)
    }

    pub(crate) fn record(&self) -> ChatRecord {
        ChatRecord { said: self.said, unsure: self.unsure.clone(), read: self.read }
    }

    /// After a restart; `standing` in a node that has written what it had to.
    pub(crate) fn restored(record: ChatRecord, standing: bool) -> Self {
        let ChatRecord { said, unsure, read } = record;
        Self { said, unsure, read, came: read, quiet: standing, ..Self::default() }
    }

    /// What may not have got out before the restart, to be written again with the same numbers.
    pub(crate) fn unsure(&self) -> impl Iterator<Item = &Written> {
        self.unsure.iter()
    }
}
