//! What the core is told and what it asks its shell to do. Connections are numbers here.

use std::collections::BTreeSet;
use std::fmt;

use ngcc_proto::collab::Kind;
use ngcc_proto::collab::Ticket;
use ngcc_proto::recording::Loss;
use ngcc_proto::{CollabId, Envelope, FileId, SessionId, Wall};

use crate::ask::Ask;
use crate::errand::{Call, Named, Reply};
use crate::tell::Tell;

/// A page's connection. Its shell gives each a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub u64);

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It does not keep to the protocol.
    Protocol,
    /// Its ticket opens nothing, or no longer.
    Unauthenticated,
    /// Another page of the same person has come.
    Replaced,
    /// The collaboration is over.
    Over,
    /// It reads too slowly, or sends too much.
    Overrun,
    /// The server stops.
    Stopping,
}

impl Shut {
    /// The close code (docs/websockets.md).
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 4400,
            Self::Unauthenticated => 4401,
            Self::Replaced => 4409,
            Self::Over => 4410,
            Self::Overrun => 4429,
            Self::Stopping => 4503,
        }
    }
}

/// What becomes of the recording of a collaboration.
#[derive(Clone, Debug, PartialEq)]
pub enum Strip {
    /// It begins, or goes on after a restart: what is there already stays.
    Begin {
        /// Of which session.
        session: SessionId,
        /// Of what.
        kind: Kind,
        /// When it began: entries count from here.
        since: Wall,
    },
    /// One entry more: what the agent was told, or what they did where it can be seen.
    Entry {
        /// Milliseconds since its beginning.
        at: u64,
        /// What.
        tell: Tell,
    },
    /// It is whole.
    End,
    /// The data centre knows of it.
    Known,
}

/// What the core is told.
#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "an envelope is moved as it is through every inbox of the house"
)]
pub enum Input {
    /// A message from another module.
    Envelope(Envelope),
    /// A page is connected and shows its ticket.
    Opened {
        /// Its line.
        line: Line,
        /// The id of its first frame, at most 64 bytes.
        id: Option<String>,
        /// What it wants to take part in.
        collab: CollabId,
        /// What it shows.
        ticket: Ticket,
    },
    /// A frame of a page's.
    Frame {
        /// Its line.
        line: Line,
        /// The frame's own id, at most 64 bytes.
        id: Option<String>,
        /// What it asks.
        ask: Ask,
    },
    /// An agent's page reads too slowly: what was queued of the shared page is dropped, and nothing more of it is
    /// queued before a [`Tell::Rr`] that begins anew.
    Lagged {
        /// Its line.
        line: Line,
    },
    /// A recording cannot go on.
    Unrecorded {
        /// Of which collaboration.
        collab: CollabId,
        /// Why.
        loss: Loss,
    },
    /// A page's connection has ended.
    Closed {
        /// Its line.
        line: Line,
    },
    /// A page asks something beside its connection.
    Errand(Named),
}

impl From<Envelope> for Input {
    fn from(envelope: Envelope) -> Self {
        Self::Envelope(envelope)
    }
}

/// What the shell is asked to do.
#[derive(Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an envelope is moved as it is through every inbox of the house"
)]
pub enum Output {
    /// Give it to the bus.
    Send(Envelope),
    /// Tell a page.
    WebSend {
        /// Its line.
        line: Line,
        /// The id of the frame it answers.
        id: Option<String>,
        /// What.
        tell: Tell,
    },
    /// Record something.
    Record {
        /// Of which collaboration.
        collab: CollabId,
        /// What.
        strip: Strip,
    },
    /// After a start: recordings of any other collaboration than these have come to their end.
    Recorded {
        /// Those that stand.
        standing: Vec<CollabId>,
    },
    /// End a page's connection, behind what was sent. A `Closed` that follows changes nothing.
    WebClose {
        /// Its line.
        line: Line,
        /// Why.
        why: Shut,
    },
    /// Answer an errand.
    Reply {
        /// Which.
        call: Call,
        /// What.
        reply: Reply,
    },
    /// The bytes of this file are not needed any more.
    Discard(FileId),
    /// After a start: every file that is still needed. The bytes of any other are not.
    Needed(BTreeSet<FileId>),
}

/// What a log may show: never what is shared, and no ticket.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope(envelope) => write!(f, "Envelope({} {})", envelope.body.name(), envelope.id),
            Self::Opened { line, collab, .. } => write!(f, "Opened({} {collab})", line.0),
            Self::Frame { line, ask, .. } => write!(f, "Frame({} {})", line.0, ask.word()),
            Self::Lagged { line } => write!(f, "Lagged({})", line.0),
            Self::Unrecorded { collab, loss } => write!(f, "Unrecorded({collab}, {loss:?})"),
            Self::Closed { line } => write!(f, "Closed({})", line.0),
            Self::Errand(named) => write!(f, "Errand({} {})", named.call.0, named.collab),
        }
    }
}

/// As for [`Input`].
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(envelope) => write!(f, "Send({} {})", envelope.body.name(), envelope.id),
            Self::WebSend { line, tell, .. } => write!(f, "WebSend({} {})", line.0, tell.word()),
            Self::Record { collab, strip } => match strip {
                Strip::Begin { .. } => write!(f, "Record({collab}, begin)"),
                Strip::Entry { at, tell } => write!(f, "Record({collab}, {at}, {})", tell.word()),
                Strip::End => write!(f, "Record({collab}, end)"),
                Strip::Known => write!(f, "Record({collab}, known)"),
            },
            Self::Recorded { standing } => write!(f, "Recorded({} stand)", standing.len()),
            Self::WebClose { line, why } => write!(f, "WebClose({}, {why:?})", line.0),
            Self::Reply { call, reply } => write!(f, "Reply({}, {reply:?})", call.0),
            Self::Discard(file) => write!(f, "Discard({file})"),
            Self::Needed(files) => write!(f, "Needed({} files)", files.len()),
        }
    }
}
