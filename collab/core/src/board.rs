//! A drawing or a text that both ends change at once: Yjs updates that are checked, merged and passed on. What it
//! means is the pages' business; here it is one update that grows.

mod check;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::{CollabId, Mono};

use crate::desk::Desk;
use crate::io::Line;
use crate::record::{self, Kept};
use crate::tell::{Tell, Wrong};
use crate::timers::Timer;

/// The update of an empty document: no client has written, nothing is deleted.
const EMPTY: [u8; 2] = [0, 0];
/// The part of the limit that must be gained for it to be worth merging once more.
const WORTH: usize = 64;

/// What both have drawn or written.
#[derive(Debug)]
pub(crate) struct Board {
    /// Everything up to the last merging.
    merged: Vec<u8>,
    /// What has come since.
    pending: Vec<Vec<u8>>,
    /// When it is to be written, if it has changed.
    due: Option<Mono>,
}

impl Default for Board {
    fn default() -> Self {
        Self { merged: EMPTY.to_vec(), pending: vec![], due: None }
    }
}

impl Board {
    /// Takes an update and passes it on to `others`: what they are told.
    ///
    /// # Errors
    /// It is none, or the whole would be larger than the limit.
    pub(crate) fn update(
        &mut self,
        collab: CollabId,
        update: Vec<u8>,
        others: Vec<Line>,
        desk: &mut Desk,
    ) -> Result<Tell, Wrong> {
        if !check::is_sound(&update) || merge(&[&update]).is_none() {
            return Err(Wrong::Bad);
        }
        let most = desk.limits.board_bytes;
        let waiting = |board: &Self| board.pending.iter().map(Vec::len).sum::<usize>();
        if self.merged.len() + waiting(self) + update.len() > most && waiting(self) > most / WORTH {
            self.compact();
        }
        if self.merged.len() + waiting(self) + update.len() > most {
            return Err(Wrong::Full);
        }
        let shown: Arc<str> = BASE64.encode(&update).into();
        self.pending.push(update);
        if self.due.is_none() {
            let due = desk.now.mono + desk.limits.save;
            self.due = Some(due);
            desk.timers.set(due, Timer::Save(collab));
        }
        let told = Tell::Y { update: shown };
        desk.say_all(others, &told);
        Ok(told)
    }

    /// All of it as one update in base64, for a page that has come.
    pub(crate) fn all(&mut self, collab: CollabId, desk: &mut Desk) -> Arc<str> {
        self.save(collab, desk);
        BASE64.encode(&self.merged).into()
    }

    /// Writes it, if it has changed since it was last written.
    pub(crate) fn save(&mut self, collab: CollabId, desk: &mut Desk) {
        if self.due.is_some() {
            self.rest(collab, desk);
            self.compact();
            record::write(collab, &Kept::Board(BASE64.encode(&self.merged)), desk);
        }
    }

    /// Nothing more is to be written.
    pub(crate) fn rest(&mut self, collab: CollabId, desk: &mut Desk) {
        if let Some(due) = self.due.take() {
            desk.timers.cancel(due, Timer::Save(collab));
        }
    }

    pub(crate) fn take_back(&mut self, update: Vec<u8>) {
        if check::is_sound(&update) {
            self.merged = update;
        }
    }

    fn compact(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let all: Vec<&[u8]> = std::iter::once(&self.merged).chain(&pending).map(Vec::as_slice).collect();
        if let Some(merged) = merge(&all) {
            self.merged = merged;
            return;
        }
        // Each of them could be read when it came. What cannot be merged with the rest is left out: one update
        // must not take the board with it.
        for update in pending {
            if let Some(merged) = merge(&[&self.merged, &update]) {
                self.merged = merged;
            }
        }
    }
}

/// One update that says what all say; none if one of them is none. The reader is a library: a panic of its over
/// bytes from outside is to cost these bytes and not everybody's collaborations.
fn merge(updates: &[&[u8]]) -> Option<Vec<u8>> {
    std::panic::catch_unwind(|| yrs::merge_updates_v1(updates)).ok()?.ok()
}
