//! The two kinds of slot a seat has: one for a call, whatever it shows, and several for chats. Who waits and
//! who is free is kept for each; the order in which contacts are served is one for both (S3-03).

use std::ops::{Index, IndexMut};

use ngcc_proto::fact::Medium;

/// Which kind of slot a contact takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// The voice slot: calls with and without pictures.
    Voice,
    /// A chat slot.
    Chat,
}

impl Lane {
    pub(crate) const ALL: [Self; 2] = [Self::Voice, Self::Chat];

    /// The kind that a medium takes.
    pub(crate) fn of(medium: Medium) -> Self {
        match medium {
            Medium::Voice | Medium::Video => Self::Voice,
            Medium::Chat => Self::Chat,
        }
    }
}

/// One of something for each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PerLane<T> {
    voice: T,
    chat: T,
}

impl<T> PerLane<T> {
    /// Each made by `with`.
    pub(crate) fn new(with: impl Fn() -> T) -> Self {
        Self { voice: with(), chat: with() }
    }

    /// Both.
    pub(crate) fn both(&self) -> [&T; 2] {
        [&self.voice, &self.chat]
    }
}

impl<T> Index<Lane> for PerLane<T> {
    type Output = T;
    fn index(&self, lane: Lane) -> &T {
        match lane {
            Lane::Voice => &self.voice,
            Lane::Chat => &self.chat,
        }
    }
}

impl<T> IndexMut<Lane> for PerLane<T> {
    fn index_mut(&mut self, lane: Lane) -> &mut T {
        match lane {
            Lane::Voice => &mut self.voice,
            Lane::Chat => &mut self.chat,
        }
    }
}
