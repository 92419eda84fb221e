//! `recording`: who records ⇄ data centre. The collaboration server records what passes between its ends, the media server
//! the pictures of screens. A recording's bytes lie in a file of the data directory; the business database knows of which
//! session it is, how long it is kept, and what its bytes must be.

use serde::{Deserialize, Serialize};

use crate::collab::Kind;
use crate::id::{CollabId, SessionId};
use crate::time::Wall;

/// What was recorded of one collaboration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Of which; it has one recording at the most.
    pub collab: CollabId,
    /// The session it belonged to.
    pub session: SessionId,
    /// Of what.
    pub kind: Kind,
    /// When it began.
    pub started: Wall,
    /// When its last entry was made.
    pub ended: Wall,
    /// The bytes of its file.
    pub bytes: u64,
    /// Their SHA-256, in lower-case hex.
    pub sha256: String,
}

/// Why a recording does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// It is as large as one may be.
    Full,
    /// It could not be written, or not in time.
    Disk,
    /// The pictures come in a codec that is not recorded.
    Codec,
}

impl Loss {
    /// The word that stands in the session's record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Disk => "disk",
            Self::Codec => "codec",
        }
    }
}

/// The collaboration server to the data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// A recording is whole. `Kept` answers once it is on disk that it is; a repeat changes nothing.
    Keep {
        /// What was recorded.
        recording: Recording,
    },
}

/// The data centre to the collaboration server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// It is known from now on: nobody need tell of it again.
    Kept {
        /// Of which collaboration.
        collab: CollabId,
    },
}

/// The media server to the data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MediaCommand {
    /// As [`Command::Keep`], of a screen.
    Keep {
        /// What was recorded.
        recording: Recording,
    },
}

/// The data centre to the media server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MediaEvent {
    /// As [`Event::Kept`], of a screen.
    Kept {
        /// Of which collaboration.
        collab: CollabId,
    },
}
