//! The log against torn, damaged, full and failing disks, and against kill -9.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ngcc_proto::{Key, Kind, Rng};

use super::record::HEAD;
use super::*;

/// A directory of its own that goes with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("ngcc-log-{}-{n}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key(id: u128, n: u32) -> Key {
    Key { kind: Kind::SessionFact, id, n }
}

fn open(dir: &Path) -> Log {
    Log::open("test", dir).unwrap()
}

fn contents(log: &Log) -> Vec<(Key, Vec<u8>)> {
    log.keys_in_order().into_iter().map(|key| (key, log.read(key).unwrap().unwrap())).collect()
}

fn quarantined(dir: &Path) -> usize {
    fs::read_dir(dir.join("quarantine")).map_or(0, Iterator::count)
}

#[test]
fn what_was_written_is_there_after_opening_again_in_the_order_of_the_last_write() {
    let dir = Scratch::new();
    let mut log = open(&dir.0);
    log.append(key(1, 0), b"a");
    log.append(key(2, 0), b"b");
    log.append(key(1, 1), b"c");
    log.append(key(2, 0), b"b again");
    log.append(key(3, 0), b"gone");
    log.forget(key(3, 0));
    assert_eq!(log.read(key(2, 0)).unwrap().unwrap(), b"b again", "read before it was written");
    log.write().unwrap();
    let wanted = [(key(1, 0), b"a".to_vec()), (key(1, 1), b"c".to_vec()), (key(2, 0), b"b again".to_vec())];
    assert_eq!(contents(&log), wanted);
    drop(log);
    assert_eq!(contents(&open(&dir.0)), wanted);
}

#[test]
fn a_log_torn_at_any_byte_holds_every_whole_record_and_goes_on() {
    let dir = Scratch::new();
    let mut log = open(&dir.0);
    let mut states = vec![(0, Vec::new())];
    for step in 0..12u32 {
        match step {
            5 => log.forget(key(1, 1)),
            8 => log.append(key(1, 0), b"replaced"),
            _ => log.append(key(1, step), &[b'x'; 7][..step as usize % 8]),
        }
        log.write().unwrap();
        states.push((log.segments[&0].len, contents(&log)));
    }
    drop(log);
    let whole = fs::read(dir.0.join("0000000000000000.log")).unwrap();
    for cut in 0..=whole.len() {
        let torn = Scratch::new();
        fs::write(torn.0.join("0000000000000000.log"), &whole[..cut]).unwrap();
        let mut log = open(&torn.0);
        let wanted = &states.iter().rev().find(|(len, _)| *len <= cut as u64).unwrap().1;
        assert_eq!(&contents(&log), wanted, "cut at {cut}");
        log.append(key(9, 9), b"next");
        log.write().unwrap();
        drop(log);
        let again = contents(&open(&torn.0));
        assert_eq!(again.last().unwrap().1, b"next", "cut at {cut}");
        assert_eq!(again.len(), wanted.len() + 1, "cut at {cut}");
        assert_eq!(quarantined(&torn.0), 0);
    }
}

#[test]
fn a_damaged_byte_costs_its_own_record_only() {
    let dir = Scratch::new();
    let mut log = open(&dir.0);
    for n in 0..5 {
        log.append(key(1, n), format!("record {n}").as_bytes());
    }
    log.write().unwrap();
    let size = log.segments[&0].len / 5;
    drop(log);
    let path = dir.0.join("0000000000000000.log");
    let whole = fs::read(&path).unwrap();
    for at in size..size * 4 {
        let mut damaged = whole.clone();
        damaged[usize::try_from(at).unwrap()] ^= 0x5A;
        fs::write(&path, &damaged).unwrap();
        let _ = fs::remove_dir_all(dir.0.join("quarantine"));
        let log = open(&dir.0);
        let lost = u32::try_from(at / size).unwrap();
        let there: Vec<u32> = contents(&log).iter().map(|(key, _)| key.n).collect();
        let wanted: Vec<u32> = (0..5).filter(|n| *n != lost).collect();
        assert_eq!(there, wanted, "byte {at}");
        assert_eq!(quarantined(&dir.0), 1);
    }
}

#[test]
fn a_whole_record_of_another_version_is_set_aside() {
    let dir = Scratch::new();
    let mut log = open(&dir.0);
    log.append(key(1, 0), b"old");
    log.append(key(1, 1), b"new");
    log.write().unwrap();
    drop(log);
    let path = dir.0.join("0000000000000000.log");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len() / 2;
    bytes[HEAD] = 99;
    let crc = crc32c::crc32c(&bytes[HEAD..end]);
    bytes[4..8].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(contents(&open(&dir.0)), [(key(1, 1), b"new".to_vec())]);
    assert_eq!(quarantined(&dir.0), 1);
}

/// A disk that never waits, for tests of what is written rather than when.
struct Quick;

impl Disk for Quick {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        HostDisk.write(file, bytes, at)
    }

    fn sync(&self, _file: &File) -> io::Result<()> {
        Ok(())
    }
}

/// Every step against a map; opened again now and then, with and without the removals a sync does.
#[test]
fn compaction_keeps_what_lives_in_order_and_gives_back_the_rest() {
    let dir = Scratch::new();
    let mut rng = Rng::from_u64(4);
    let mut wanted: BTreeMap<Key, (u64, Vec<u8>)> = BTreeMap::new();
    let mut log = Log::open_on("test", &dir.0, Arc::new(Quick), 4096).unwrap();
    for step in 0..30_000u64 {
        let key = key(u128::from(rng.below(40)), u32::try_from(rng.below(3)).unwrap());
        if rng.below(3) == 0 {
            log.forget(key);
            wanted.remove(&key);
        } else {
            let bytes = vec![b'x'; usize::try_from(rng.below(60)).unwrap()];
            log.append(key, &bytes);
            wanted.insert(key, (step, bytes));
        }
        if rng.below(4) == 0 {
            log.write().unwrap();
        }
        if rng.below(50) == 0 {
            log.sync_job().run().unwrap();
        }
        if rng.below(500) == 0 {
            log.write().unwrap();
            drop(log);
            log = Log::open_on("test", &dir.0, Arc::new(Quick), 4096).unwrap();
            let mut in_order: Vec<_> = wanted.iter().map(|(k, (at, b))| (*at, *k, b.clone())).collect();
            in_order.sort();
            let in_order: Vec<_> = in_order.into_iter().map(|(_, k, b)| (k, b)).collect();
            assert_eq!(contents(&log), in_order, "step {step}");
        }
    }
    log.write().unwrap();
    let files =
        fs::read_dir(&dir.0).unwrap().filter(|f| f.as_ref().unwrap().path().extension().is_some()).count();
    assert!(files < 16, "{files} segments of 4 KiB for 120 keys of 60 bytes");
}

#[test]
fn a_long_lived_record_in_the_oldest_segment_does_not_keep_dead_ones_behind_it() {
    let dir = Scratch::new();
    let mut log = Log::open_on("test", &dir.0, Arc::new(Quick), 4096).unwrap();
    log.append(key(1, 0), &[b'l'; 3000]);
    for n in 0..5000 {
        log.append(key(2, n), &[b's'; 50]);
        log.write().unwrap();
        log.forget(key(2, n));
        log.sync_job().run().unwrap();
    }
    assert!(log.segments.len() < 10, "{} segments", log.segments.len());
    assert_eq!(log.read(key(1, 0)).unwrap().unwrap().len(), 3000);
}

/// Writes half of the bytes and fails while `full`; fails syncs while `sick`.
#[derive(Default)]
struct Failing {
    full: AtomicBool,
    sick: AtomicBool,
}

impl Disk for Failing {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            HostDisk.write(file, &bytes[..bytes.len() / 2], at)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        HostDisk.write(file, bytes, at)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        if self.sick.load(Ordering::Relaxed) { Err(io::ErrorKind::Other.into()) } else { HostDisk.sync(file) }
    }
}

#[test]
fn a_full_disk_loses_nothing_when_it_has_room_again() {
    let (dir, disk) = (Scratch::new(), Arc::new(Failing::default()));
    let mut log = Log::open_on("test", &dir.0, Arc::clone(&disk) as Arc<dyn Disk>, SEGMENT).unwrap();
    log.append(key(1, 0), b"before");
    log.write().unwrap();
    disk.full.store(true, Ordering::Relaxed);
    log.append(key(1, 1), b"during");
    assert!(log.write().is_err());
    assert_eq!(contents(&open(&dir.0)).len(), 1, "half a record is no record");
    log.append(key(1, 2), b"during too");
    assert!(log.write().is_err());
    disk.full.store(false, Ordering::Relaxed);
    log.write().unwrap();
    assert_eq!(contents(&log).len(), 3);
    assert_eq!(contents(&open(&dir.0)), contents(&log));
}

#[test]
fn after_a_failed_sync_what_it_was_to_cover_is_written_to_another_segment() {
    let (dir, disk) = (Scratch::new(), Arc::new(Failing::default()));
    let mut log = Log::open_on("test", &dir.0, Arc::clone(&disk) as Arc<dyn Disk>, SEGMENT).unwrap();
    log.append(key(1, 0), b"a");
    log.append(key(1, 1), b"b");
    log.write().unwrap();
    disk.sick.store(true, Ordering::Relaxed);
    let job = log.sync_job();
    assert!(job.run().is_err());
    log.sync_failed(job);
    log.write().unwrap();
    disk.sick.store(false, Ordering::Relaxed);
    log.sync_job().run().unwrap();
    fs::write(dir.0.join("0000000000000000.log"), b"").unwrap();
    let there: Vec<u32> = contents(&open(&dir.0)).iter().map(|(key, _)| key.n).collect();
    assert_eq!(there, [0, 1], "the second segment alone holds both");
}

#[test]
fn a_killed_process_loses_nothing_it_had_told_of() {
    const DIR: &str = "NGCC_TEST_LOG_CHILD";
    if let Ok(dir) = std::env::var(DIR) {
        let mut log = open(Path::new(&dir));
        for n in u32::try_from(log.len()).unwrap().. {
            log.append(key(1, n), format!("record {n}").as_bytes());
            log.write().unwrap();
            println!("told {n}");
        }
    }
    let dir = Scratch::new();
    for round in 1..=4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "log::tests::a_killed_process_loses_nothing_it_had_told_of", "--nocapture"])
            .env(DIR, &dir.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = |line: io::Result<String>| line.unwrap().strip_prefix("told ")?.parse::<u32>().ok();
        let last = lines.filter_map(told).take(500 + round * 37).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let log = open(&dir.0);
        let there = contents(&log);
        assert!(there.len() > last as usize, "told of {last}, found {}", there.len());
        assert!(
            there
                .iter()
                .zip(0..)
                .all(|((key, bytes), n)| { key.n == n && bytes == format!("record {n}").as_bytes() })
        );
    }
}

#[test]
fn appending_is_cheap() {
    let dir = Scratch::new();
    let mut log = open(&dir.0);
    let began = std::time::Instant::now();
    let n = 200_000;
    for i in 0..n {
        log.append(key(u128::from(i % 5000), i / 5000), &[b'x'; 200]);
        if i % 64 == 0 {
            log.write().unwrap();
        }
    }
    log.write().unwrap();
    let each = began.elapsed() / n;
    println!("append and write of 200 bytes: {each:?} a record");
    assert!(each < std::time::Duration::from_micros(20), "{each:?}");
}
