//! Opening a log: reads every segment, cuts a torn tail, sets damaged stretches aside and goes on behind them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::record::{self, Bad, Op, Record};
use super::{Disk, Log, Place, Segment, quarantine};
use crate::metrics::Counter;

static TAILS: Counter =
    Counter::new("ngcc_log_tails_cut_total", "Torn ends of a log that were cut at start.");

/// What stands in a segment, one after the other.
pub(super) enum Found<'a> {
    /// A sound record.
    Record { at: usize, len: usize, record: Record<'a> },
    /// A damaged stretch with sound records behind it, or a whole record of another version.
    Hole { at: usize, len: usize },
    /// Nothing sound from here to the end.
    Tail { at: usize },
}

/// Walks over a segment's bytes.
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next sound record begins, behind `after`.
    fn next_sound(&self, after: usize) -> Option<usize> {
        (after..self.bytes.len()).find(|&at| {
            let rest = &self.bytes[at..];
            record::plausible(rest) && record::decode(rest).is_ok()
        })
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let at = self.at;
        if at >= self.bytes.len() {
            return None;
        }
        let (found, next) = match record::decode(&self.bytes[at..]) {
            Ok((record, len)) => (Found::Record { at, len, record }, at + len),
            Err(Bad::Unknown(len)) => (Found::Hole { at, len }, at + len),
            Err(Bad::Broken) => match self.next_sound(at + 1) {
                Some(next) => (Found::Hole { at, len: next - at }, next),
                None => (Found::Tail { at }, self.bytes.len()),
            },
        };
        self.at = next;
        Some(found)
    }
}

/// Opens or makes the log in `dir`.
pub(super) fn open(
    name: &'static str,
    dir: &Path,
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
) -> io::Result<Log> {
    fs::create_dir_all(dir)?;
    let mut log = Log {
        name,
        dir: dir.to_owned(),
        disk,
        segment_bytes,
        index: BTreeMap::new(),
        segments: BTreeMap::new(),
        active: 0,
        buffer: Vec::new(),
        seq: 0,
        unsynced: Vec::new(),
        unsynced_dir: true,
        doomed: Vec::new(),
        compaction: None,
    };
    let numbers = numbers(dir)?;
    let last = numbers.last().copied();
    for number in numbers {
        read_segment(&mut log, number, Some(number) == last)?;
    }
    match last {
        Some(last) => {
            log.active = last;
            // An earlier process may have died before it synced.
            log.unsynced.push(last);
        }
        None => {
            log.segments.insert(0, create(dir, 0)?);
        }
    }
    Ok(log)
}

/// Makes an empty segment.
pub(super) fn create(dir: &Path, number: u64) -> io::Result<Segment> {
    let path = dir.join(format!("{number:016x}.log"));
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    Ok(Segment { path, file: Arc::new(file), len: 0, live: 0 })
}

fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let hex = name.to_str().and_then(|name| name.strip_suffix(".log"));
        numbers.extend(hex.and_then(|hex| u64::from_str_radix(hex, 16).ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read_segment(log: &mut Log, number: u64, last: bool) -> io::Result<()> {
    let path = log.dir.join(format!("{number:016x}.log"));
    let bytes = fs::read(&path)?;
    let file = OpenOptions::new().read(true).write(true).open(&path)?;
    let segment = Segment { path, file: Arc::new(file), len: bytes.len() as u64, live: 0 };
    log.segments.insert(number, segment);
    for found in Scan::new(&bytes) {
        match found {
            Found::Record { at, len, record } => take(log, number, at as u64, len as u64, &record),
            Found::Tail { at } if last => cut(log, number, at as u64, bytes.len())?,
            Found::Tail { at } => set_aside(log, number, at, &bytes[at..]),
            Found::Hole { at, len } => set_aside(log, number, at, &bytes[at..at + len]),
        }
    }
    Ok(())
}

fn take(log: &mut Log, number: u64, at: u64, len: u64, record: &Record<'_>) {
    log.seq = log.seq.max(record.seq);
    if let Some(old) = log.index.remove(&record.key) {
        log.retire(old);
    }
    if record.op == Op::Forget {
        return;
    }
    log.index.insert(record.key, Place { segment: number, at, len, seq: record.seq });
    if let Some(segment) = log.segments.get_mut(&number) {
        segment.live += len;
    }
}

fn cut(log: &mut Log, number: u64, at: u64, len: usize) -> io::Result<()> {
    TAILS.inc();
    tracing::warn!(log = log.name, segment = number, at, cut = len as u64 - at, "torn end cut");
    let Some(segment) = log.segments.get_mut(&number) else { return Ok(()) };
    segment.file.set_len(at)?;
    segment.len = at;
    Ok(())
}

fn set_aside(log: &Log, number: u64, at: usize, bytes: &[u8]) {
    let name = format!("{number:016x}-{at:08x}.stretch");
    quarantine(log.name, &log.dir, &name, bytes, "damaged, or of another version");
}
