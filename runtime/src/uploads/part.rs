//! What is being written: gone at the end, with the room that it took, unless it stays.

use std::path::PathBuf;
use std::sync::Arc;

use super::heap::Heap;

/// A file that is being written; what is not renamed by the end goes.
pub(super) struct Part(pub(super) PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The room that a file takes; given back unless its bytes stay.
pub(super) struct Room {
    heap: Arc<Heap>,
    taken: u64,
}

impl Room {
    pub(super) fn of(heap: &Arc<Heap>) -> Self {
        Self { heap: Arc::clone(heap), taken: 0 }
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes so much more; whether there is room for it.
    pub(super) fn take(&mut self, more: u64) -> bool {
        self.taken += more;
        self.heap.takes(more)
    }

    pub(super) fn stays(mut self) {
        self.taken = 0;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.heap.gives_back(self.taken);
    }
}
