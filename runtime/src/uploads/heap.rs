//! The bytes of files, each once, under what they are: `files/<two digits>/<SHA-256>`. A file that somebody handed over is
//! one more link to them, so the file system counts who needs them, and what nobody needs is seen by itself.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::Uploads;
use super::scan::Scan;

/// The most bytes that all files may have together.
const MOST: u64 = 20 * 1024 * 1024 * 1024;

/// What bytes are: their SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest(pub(super) [u8; 32]);

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom("a digest has 64 hexadecimal digits");
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?))
            .collect();
        Ok(Self(bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(bad)?))
    }
}

impl Digest {
    fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Everything of files that a house has, whoever opens it.
#[derive(Debug)]
pub(crate) struct Files {
    pub(super) heap: Arc<Heap>,
    /// Folders that are open, by name.
    pub(super) open: BTreeMap<String, Uploads>,
}

impl Files {
    pub(super) fn open(data: &Path, scan: Option<Scan>) -> io::Result<Self> {
        Ok(Self { heap: Arc::new(Heap::open(data, scan)?), open: BTreeMap::new() })
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Heap {
    dir: PathBuf,
    held: AtomicU64,
    most: u64,
    pub(super) scan: Option<Scan>,
    /// One link is made or taken away at a time: what loses its last one goes.
    links: Mutex<()>,
}

impl Heap {
    fn open(data: &Path, scan: Option<Scan>) -> io::Result<Self> {
        // A program that looks at a file may run elsewhere.
        let dir = std::path::absolute(data.join("files"))?;
        let heap = Self { dir, held: AtomicU64::new(0), most: MOST, scan, links: Mutex::new(()) };
        fs::create_dir_all(heap.dir.join("parts"))?;
        for part in fs::read_dir(heap.dir.join("parts"))? {
            fs::remove_file(part?.path())?;
        }
        for shard in fs::read_dir(&heap.dir)? {
            let shard = shard?;
            if shard.file_name().len() != 2 {
                continue;
            }
            for entry in fs::read_dir(shard.path())? {
                let entry = entry?;
                let found = entry.metadata()?;
                // A crash came before the first link, or after the last.
                if found.nlink() < 2 {
                    fs::remove_file(entry.path())?;
                } else {
                    heap.held.fetch_add(found.len(), Ordering::Relaxed);
                }
            }
        }
        Ok(heap)
    }

    /// Where something is written before it is known what it is.
    pub(super) fn part(&self, name: &str) -> PathBuf {
        self.dir.join("parts").join(name)
    }

    fn place(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.dir.join(&hex[..2]).join(hex)
    }

    /// Makes the bytes in `part`, which are `digest`, the file `at`. Whether they took room: others may have handed over
    /// the same.
    pub(super) fn put(&self, part: &Path, digest: &Digest, at: &Path) -> io::Result<bool> {
        let _one = self.one();
        let place = self.place(digest);
        let new = !place.exists();
        if new {
            let shard = place.parent().unwrap_or(&self.dir);
            if !shard.exists() {
                fs::create_dir_all(shard)?;
                sync(&self.dir)?;
            }
            fs::rename(part, &place)?;
            sync(shard)?;
        } else {
            fs::remove_file(part)?;
        }
        match fs::hard_link(&place, at) {
            Ok(()) => Ok(new),
            // Where there are no links, or there are too many to the same bytes, a file has its own.
            Err(_) if new => fs::rename(&place, at).map(|()| true),
            Err(_) => fs::copy(&place, at).and_then(|_| File::open(at)?.sync_all()).map(|()| true),
        }
    }

    /// Takes the file `at` away, and its bytes if nobody else needs them; `digest`: what they are, if that was noted.
    pub(super) fn remove(&self, at: &Path, digest: Option<&Digest>) -> io::Result<()> {
        let _one = self.one();
        let found = match fs::metadata(at) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::remove_file(at)?;
        let last = match digest {
            _ if found.nlink() < 2 => true,
            Some(digest) => self.drops(&self.place(digest))?,
            // The next start sees that nobody needs them.
            None => false,
        };
        if last {
            self.gives_back(found.len());
        }
        Ok(())
    }

    /// Whether bytes that nobody needs any more are gone by this.
    fn drops(&self, place: &Path) -> io::Result<bool> {
        let last = fs::metadata(place)?.nlink() < 2;
        if last {
            fs::remove_file(place)?;
        }
        Ok(last)
    }

    /// Counts what lies in a folder from before files were kept so.
    pub(super) fn counts(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether there is room for so much more; it is taken in either case.
    pub(super) fn takes(&self, more: u64) -> bool {
        self.held.fetch_add(more, Ordering::Relaxed) + more <= self.most
    }

    pub(super) fn gives_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The bytes that all files have together.
    #[cfg(test)]
    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    fn one(&self) -> MutexGuard<'_, ()> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a directory names is on disk when this returns.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
