//! Recordings of screens without a disk: what the shell is asked to do with one, and the form of its file.

pub mod webm;

use ngcc_proto::{Mono, SessionId};

/// What becomes of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    /// It begins, or goes on after a restart: what is there already stays.
    Begin {
        /// Of which session.
        session: SessionId,
    },
    /// It is whole.
    End,
    /// The data centre knows of it.
    Known,
}

/// Width and height of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

/// A whole picture in VP8, as its sender encoded it.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// When it is to be shown.
    pub at: Mono,
    /// Its size, of one that needs no other.
    pub key: Option<Size>,
    /// What there is of it.
    pub bytes: Vec<u8>,
}

/// What a log may show: how much, never what.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} bytes, key {})", self.bytes.len(), self.key.is_some())
    }
}
