//! What a page asks beside its connection, over plain requests that show its ticket: to put a file into the tray,
//! and to have one. The shell carries the bytes; each errand is answered once.

use ngcc_proto::collab::Ticket;
use ngcc_proto::{CollabId, FileId};
use serde::{Deserialize, Serialize};

use crate::tell::Wrong;

/// A request that waits for an answer. Its shell gives each a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call(pub u64);

/// A file whose bytes are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its id.
    pub file: FileId,
    /// Its name, without anything that is more than a name.
    pub name: String,
    /// Its media type, by its bytes.
    pub mime: String,
    /// Its bytes.
    pub size: u64,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Whether a file may be put into the tray, before its bytes are read.
    Put {
        /// Its bytes, where they are known.
        size: Option<u64>,
    },
    /// Whether this file may be had.
    Get(FileId),
    /// This file has come, and is to lie in the tray.
    Stored(Stored),
}

/// An errand, and who is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where the answer goes.
    pub call: Call,
    /// In which collaboration.
    pub collab: CollabId,
    /// What the page shows.
    pub ticket: Ticket,
    /// What it asks.
    pub errand: Errand,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It may, or it is done.
    Yes,
    /// It is not to be.
    No(No),
}

/// Why an errand is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// The ticket opens nothing, or no longer.
    Ticket,
    /// No such file lies in the tray.
    Unknown,
    /// What would be wrong with a frame that asks this.
    Wrong(Wrong),
}

impl From<Wrong> for No {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}
