//! Giving space back: the oldest segment is removed once what lives in it has been copied to the end.
//!
//! Only ever the oldest: a `Forget` is needed for as long as an earlier segment may hold a record of its
//! key, and nothing is earlier than the oldest. Copies go on in small steps, so no batch waits long.

use std::ops::Bound;

use ngcc_proto::Key;

use super::{Log, Place};

/// The most keys one step looks at.
const STEP_KEYS: usize = 2000;
/// The bytes after which a step ends.
const STEP_BYTES: u64 = 256 << 10;

/// How far the oldest segment has been copied: one walk over the index. Keys written meanwhile lie at
/// the end, so it does not matter whether the walk meets them.
pub(super) struct Cursor {
    segment: u64,
    after: Option<Key>,
    done: bool,
}

impl Log {
    /// After each write, while nothing is pending: begins the next segment when this one is full, and
    /// moves the compaction on. Copies wait in the buffer for the next write.
    pub(super) fn tidy(&mut self) {
        let full = self.segments.get(&self.active).is_some_and(|s| s.len >= self.segment_bytes);
        if full && let Err(error) = self.rotate() {
            tracing::error!(log = self.name, %error, "no new segment; the old one grows on");
        }
        match self.compaction.take() {
            Some(cursor) if cursor.done => self.doom(cursor.segment),
            Some(cursor) => self.copy_step(cursor),
            None => {
                if let Some(segment) = self.worth_copying() {
                    self.copy_step(Cursor { segment, after: None, done: false });
                }
            }
        }
    }

    /// Strikes a segment whose copies are written from the books. Its file goes with the next sync.
    fn doom(&mut self, segment: u64) {
        self.doomed.extend(self.segments.remove(&segment).map(|segment| segment.path));
    }

    /// The oldest segment if less than a quarter of it lives, or if the whole log has grown to more than
    /// four times what lives in it (then a well-filled oldest segment blocks dead ones behind it).
    fn worth_copying(&self) -> Option<u64> {
        let (number, oldest) = self.segments.first_key_value()?;
        if *number == self.active {
            return None;
        }
        let total: u64 = self.segments.values().map(|s| s.len).sum();
        let live: u64 = self.segments.values().map(|s| s.live).sum();
        let sparse = oldest.live * 4 < oldest.len || total > live * 4 + self.segment_bytes * 4;
        sparse.then_some(*number)
    }

    fn copy_step(&mut self, mut cursor: Cursor) {
        let empty = self.segments.get(&cursor.segment).is_none_or(|s| s.live == 0);
        let mut copies: Vec<(Key, Place)> = Vec::new();
        let (mut seen, mut bytes) = (0, 0);
        if !empty {
            let from = cursor.after.map_or(Bound::Unbounded, Bound::Excluded);
            for (key, place) in self.index.range((from, Bound::Unbounded)) {
                if seen == STEP_KEYS || bytes >= STEP_BYTES {
                    break;
                }
                seen += 1;
                cursor.after = Some(*key);
                if place.segment == cursor.segment {
                    bytes += place.len;
                    copies.push((*key, *place));
                }
            }
        }
        cursor.done = seen < STEP_KEYS && bytes < STEP_BYTES;
        copies.into_iter().for_each(|(key, place)| self.copy(key, place));
        self.compaction = Some(cursor);
    }

    /// Writes a live record again at the end, with its own number.
    pub(super) fn copy(&mut self, key: Key, place: Place) {
        match self.read(key) {
            Ok(Some(bytes)) => self.put(key, place.seq, &bytes),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(log = self.name, kind = ?key.kind, %error, "a record cannot be copied");
                self.set_aside(key, "it could not be read back");
            }
        }
    }
}
