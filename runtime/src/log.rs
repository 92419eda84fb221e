//! A core's keyed log: append-only segments of records, and an index of those that live. It survives
//! kill -9 after `write`, power loss after a [`SyncJob`]. What the bytes say only the core knows.

mod compact;
mod disk;
mod open;
mod record;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ngcc_proto::Key;

use crate::metrics::{Counter, CounterBy};
pub(crate) use disk::{Disk, HostDisk, SyncJob};
use record::{MAX_BYTES, Op};

static BYTES: CounterBy = CounterBy::new("ngcc_log_bytes_total", "Bytes appended to the log.", "core");
static REFUSED: Counter =
    Counter::new("ngcc_log_refused_total", "Records refused because they were larger than 8 MiB: a bug.");
static QUARANTINED: Counter = Counter::new(
    "ngcc_log_quarantined_total",
    "Records or stretches of a log that could not be read and were set aside.",
);

/// The size at which the next segment begins.
pub(crate) const SEGMENT: u64 = 16 << 20;
/// The most files kept in a quarantine; beyond it only the counter tells.
const QUARANTINE_FILES: usize = 1000;

/// An open log.
pub(crate) struct Log {
    name: &'static str,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    index: BTreeMap<Key, Place>,
    segments: BTreeMap<u64, Segment>,
    active: u64,
    /// What is appended and not written yet; it begins where the active segment ends.
    buffer: Vec<u8>,
    /// Counts the writes of keys; a copied record keeps its number, so the order survives copying.
    seq: u64,
    /// Segments with writes that no sync has covered.
    unsynced: Vec<u64>,
    unsynced_dir: bool,
    /// Segments whose live records have been copied: removed when the copies are synced.
    doomed: Vec<PathBuf>,
    compaction: Option<compact::Cursor>,
}

struct Segment {
    path: PathBuf,
    file: Arc<File>,
    /// Bytes written.
    len: u64,
    /// Bytes of records that are in the index.
    live: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    segment: u64,
    at: u64,
    len: u64,
    seq: u64,
}

impl Log {
    /// Opens or makes the log in `dir`.
    pub(crate) fn open(name: &'static str, dir: &Path) -> io::Result<Self> {
        Self::open_on(name, dir, Arc::new(HostDisk), SEGMENT)
    }

    /// The same on a given disk with a given segment size.
    pub(crate) fn open_on(
        name: &'static str,
        dir: &Path,
        disk: Arc<dyn Disk>,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        open::open(name, dir, disk, segment_bytes)
    }

    /// Appends a record in place of an earlier one of the same key. Nothing is written before [`Log::write`].
    pub(crate) fn append(&mut self, key: Key, bytes: &[u8]) {
        if bytes.len() > MAX_BYTES {
            REFUSED.inc();
            tracing::error!(log = self.name, kind = ?key.kind, len = bytes.len(), "record too large");
            return;
        }
        self.seq += 1;
        self.put(key, self.seq, bytes);
    }

    /// Forgets a key. One that is not there costs nothing.
    pub(crate) fn forget(&mut self, key: Key) {
        let Some(place) = self.index.remove(&key) else { return };
        self.retire(place);
        self.seq += 1;
        record::encode(&mut self.buffer, Op::Forget, key, self.seq, &[]);
    }

    /// How many keys live.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// The live keys in the order of their last write.
    pub(crate) fn keys_in_order(&self) -> Vec<Key> {
        let mut keys: Vec<(u64, Key)> = self.index.iter().map(|(key, place)| (place.seq, *key)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The record of a key, read back and checked.
    pub(crate) fn read(&self, key: Key) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.index.get(&key) else { return Ok(None) };
        let raw = self.raw(*place)?;
        match record::decode(&raw) {
            Ok((record, _)) => Ok(Some(record.bytes.to_vec())),
            Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "the record has changed on disk")),
        }
    }

    /// Writes what was appended. After an error nothing is lost: the next call writes it again, at the same place.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.flush()?;
            self.tidy();
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(segment) = self.segments.get_mut(&self.active) else { return Ok(()) };
        self.disk.write(&segment.file, &self.buffer, segment.len)?;
        segment.len += self.buffer.len() as u64;
        BYTES.with(self.name).add(self.buffer.len() as u64);
        self.buffer.clear();
        self.buffer.shrink_to(1 << 20);
        if self.unsynced.last() != Some(&self.active) {
            self.unsynced.push(self.active);
        }
        Ok(())
    }

    /// Whether a sync is due though nobody waits for one: a segment is full, or one can be removed.
    pub(crate) fn wants_sync(&self) -> bool {
        self.unsynced.len() > 1 || !self.doomed.is_empty()
    }

    /// What is to be done on a blocking thread so that everything written so far survives power loss.
    pub(crate) fn sync_job(&mut self) -> SyncJob {
        let segments = std::mem::take(&mut self.unsynced);
        let files =
            segments.iter().filter_map(|n| self.segments.get(n)).map(|s| Arc::clone(&s.file)).collect();
        let dir = std::mem::take(&mut self.unsynced_dir).then(|| self.dir.clone());
        SyncJob {
            disk: Arc::clone(&self.disk),
            segments,
            files,
            dir,
            doomed: std::mem::take(&mut self.doomed),
        }
    }

    /// After a sync that failed. The system may have dropped the pages it could not write and report the
    /// next sync as a success, so every live record it was to cover is written again, to a new segment.
    pub(crate) fn sync_failed(&mut self, job: SyncJob) {
        self.unsynced_dir |= job.dir.is_some();
        self.doomed.extend(job.doomed);
        let failed = |place: &Place| job.segments.contains(&place.segment);
        let keys: Vec<(Key, Place)> =
            self.index.iter().filter(|(_, place)| failed(place)).map(|(k, p)| (*k, *p)).collect();
        if self.flush().and_then(|()| self.rotate()).is_ok() {
            for (key, place) in keys {
                self.copy(key, place);
            }
        }
        let mut segments = job.segments;
        segments.append(&mut self.unsynced);
        segments.dedup();
        self.unsynced = segments;
    }

    /// Puts a record that the core cannot take back into the quarantine and forgets it.
    pub(crate) fn set_aside(&mut self, key: Key, why: &str) {
        let bytes = self.read(key).ok().flatten().unwrap_or_default();
        let name = format!("{}-{:032x}-{}.record", key.kind.code(), key.id, key.n);
        quarantine(self.name, &self.dir, &name, &bytes, why);
        self.forget(key);
    }

    fn put(&mut self, key: Key, seq: u64, bytes: &[u8]) {
        let at = self.segments.get(&self.active).map_or(0, |s| s.len) + self.buffer.len() as u64;
        let len = record::encode(&mut self.buffer, Op::Persist, key, seq, bytes) as u64;
        let place = Place { segment: self.active, at, len, seq };
        if let Some(segment) = self.segments.get_mut(&self.active) {
            segment.live += len;
        }
        if let Some(old) = self.index.insert(key, place) {
            self.retire(old);
        }
    }

    fn retire(&mut self, place: Place) {
        if let Some(segment) = self.segments.get_mut(&place.segment) {
            segment.live = segment.live.saturating_sub(place.len);
        }
    }

    fn raw(&self, place: Place) -> io::Result<Vec<u8>> {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "the record's segment is gone");
        let segment = self.segments.get(&place.segment).ok_or_else(gone)?;
        let size = usize::try_from(place.len).unwrap_or(usize::MAX);
        if place.segment == self.active && place.at >= segment.len {
            let from = usize::try_from(place.at - segment.len).unwrap_or(usize::MAX);
            let pending = self.buffer.get(from..from.saturating_add(size)).ok_or_else(gone)?;
            return Ok(pending.to_vec());
        }
        disk::read(&segment.file, place.at, size)
    }

    fn rotate(&mut self) -> io::Result<()> {
        debug_assert!(
            self.buffer.is_empty(),
            "records in the buffer belong to the segment they were counted in"
        );
        let number = self.active + 1;
        let segment = open::create(&self.dir, number)?;
        self.segments.insert(number, segment);
        self.active = number;
        self.unsynced_dir = true;
        Ok(())
    }
}

/// Sets bytes aside for a person to look at, with an alarm.
fn quarantine(log: &'static str, dir: &Path, name: &str, bytes: &[u8], why: &str) {
    QUARANTINED.inc();
    tracing::error!(log, file = name, len = bytes.len(), why, "set aside");
    let dir = dir.join("quarantine");
    let full = std::fs::read_dir(&dir).is_ok_and(|files| files.count() >= QUARANTINE_FILES);
    if full {
        return;
    }
    if let Err(error) = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(dir.join(name), bytes)) {
        tracing::error!(log, %error, "the quarantine cannot be written");
    }
}

#[cfg(test)]
mod tests;
