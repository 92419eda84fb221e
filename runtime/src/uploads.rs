//! Files that people hand over: taken in bounded, looked at and not believed, kept beside the data and given out
//! so that no browser runs them. A file is on disk, whole, before its id is told.

mod look;
mod serve;
pub mod web;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use futures_util::StreamExt as _;
use ngcc_proto::{FileId, Ids};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::clock::Clock;
use crate::house::House;

/// The most people that are noted as readers of one file.
const READERS: usize = 64;
/// The most bytes that all files may have together, unless it is set otherwise.
const MOST: u64 = 20 * 1024 * 1024 * 1024;

/// A file as it was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its id.
    pub file: FileId,
    /// Its name, cleaned.
    pub name: String,
    /// Its media type, by its bytes.
    pub mime: String,
    /// Its bytes.
    pub size: u64,
}

/// A stored file and who may have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The file.
    #[serde(flatten)]
    pub stored: Stored,
    /// Who handed it over.
    pub by: String,
    /// To whom it was sent.
    #[serde(default)]
    pub readers: Vec<String>,
}

/// Why a file was not taken or is not given out.
#[derive(Debug, Error)]
pub enum UploadError {
    /// It has more bytes than are taken.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The sender stopped half-way.
    #[error("the file did not come to its end")]
    Cut,
    /// There is no room for more files.
    #[error("there is no room for more files")]
    Full,
    /// There is no such file.
    #[error("there is no such file")]
    Unknown,
    /// The disk failed.
    #[error("the file cannot be stored or read: {0}")]
    Disk(#[from] io::Error),
}

/// The store of files. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Uploads(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    clock: Clock,
    ids: Mutex<Ids>,
    held: AtomicU64,
    most: u64,
    /// One change of a file's readers at a time.
    readers: tokio::sync::Mutex<()>,
}

impl Uploads {
    /// Opens the store in the house's data directory, and clears away what a crash left half-written.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub fn open(house: &House) -> io::Result<Self> {
        Self::open_in(house, "uploads")
    }

    /// The same in a directory of its own, for files that end with what they belong to.
    ///
    /// # Errors
    /// As for [`Uploads::open`].
    pub fn open_in(house: &House, name: &str) -> io::Result<Self> {
        let dir = house.data_dir.join(name);
        std::fs::create_dir_all(&dir)?;
        let mut held = 0;
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|e| e == "part") {
                std::fs::remove_file(entry.path())?;
            } else {
                held += entry.metadata()?.len();
            }
        }
        let ids = Mutex::new(house.ids());
        let held = AtomicU64::new(held);
        let readers = tokio::sync::Mutex::new(());
        Ok(Self(Arc::new(Inner { dir, clock: house.clock.clone(), ids, held, most: MOST, readers })))
    }

    /// Stores a file of `by` under the name `name`, at most `limit` bytes of it. A future that is dropped, and
    /// whatever fails, leaves nothing behind.
    ///
    /// # Errors
    /// [`UploadError`]: too large, empty, cut off, no room, or the disk.
    pub async fn put(&self, by: &str, name: &str, body: Body, limit: u64) -> Result<Stored, UploadError> {
        let file: FileId = {
            let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
            ids.mint(self.0.clock.now().wall)
        };
        let part = Part(self.path(file, ".part"));
        let (size, mime) = self.write(&part.0, body, limit).await?;
        let stored = Stored { file, name: look::name(name), mime: mime.to_owned(), size };
        let kept = Kept { stored, by: by.to_owned(), readers: vec![] };
        self.write_kept(&kept).await?;
        fs::rename(&part.0, self.path(file, "")).await?;
        fs::File::open(&self.0.dir).await?.sync_all().await?;
        Ok(kept.stored)
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// There is no such file, or the disk.
    pub async fn get(&self, file: FileId) -> Result<Kept, UploadError> {
        let bytes = fs::read(self.path(file, ".json")).await.map_err(missing)?;
        serde_json::from_slice(&bytes).map_err(|e| UploadError::Disk(e.into()))
    }

    /// All bytes of a file; `get` says how many there are.
    ///
    /// # Errors
    /// There is no such file, or the disk.
    pub async fn read(&self, file: FileId) -> Result<Vec<u8>, UploadError> {
        fs::read(self.path(file, "")).await.map_err(missing)
    }

    /// Notes that `who` was sent the file and may have it.
    ///
    /// # Errors
    /// There is no such file, or the disk.
    pub async fn grant(&self, file: FileId, who: &str) -> Result<(), UploadError> {
        let _one = self.0.readers.lock().await;
        let mut kept = self.get(file).await?;
        if kept.may_read(who) || kept.readers.len() >= READERS {
            return Ok(());
        }
        kept.readers.push(who.to_owned());
        Ok(self.write_kept(&kept).await?)
    }

    /// Takes a file away. One that is not there is gone already.
    ///
    /// # Errors
    /// The disk.
    pub async fn remove(&self, file: FileId) -> io::Result<()> {
        let size = match fs::metadata(self.path(file, "")).await {
            Ok(data) => data.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::remove_file(self.path(file, "")).await?;
        self.0.held.fetch_sub(size, Ordering::Relaxed);
        fs::remove_file(self.path(file, ".json")).await
    }

    /// Takes every file away but these: for a start, before any file is put here.
    ///
    /// # Errors
    /// The disk.
    pub fn keep_only(&self, files: &BTreeSet<FileId>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.0.dir)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let file: Option<FileId> = name.and_then(|name| name.parse().ok());
            if file.is_some_and(|file| !files.contains(&file)) {
                let size = entry.metadata()?.len();
                std::fs::remove_file(&path)?;
                self.0.held.fetch_sub(size, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    async fn write(&self, path: &Path, body: Body, limit: u64) -> Result<(u64, &'static str), UploadError> {
        let mut out = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).await?;
        let mut look = look::Look::default();
        let mut room = Room { inner: &self.0, taken: 0, kept: false };
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| UploadError::Cut)?;
            let more = chunk.len() as u64;
            if room.taken + more > limit {
                return Err(UploadError::TooLarge { limit });
            }
            if !room.take(more) {
                return Err(UploadError::Full);
            }
            look.at(&chunk);
            out.write_all(&chunk).await?;
        }
        if room.taken == 0 {
            return Err(UploadError::Empty);
        }
        out.flush().await?;
        out.sync_all().await?;
        room.kept = true;
        Ok((room.taken, look.mime()))
    }

    async fn write_kept(&self, kept: &Kept) -> io::Result<()> {
        let part = Part(self.path(kept.stored.file, ".json.part"));
        let bytes = serde_json::to_vec(kept)?;
        let mut out = fs::File::create(&part.0).await?;
        out.write_all(&bytes).await?;
        out.flush().await?;
        out.sync_all().await?;
        fs::rename(&part.0, self.path(kept.stored.file, ".json")).await
    }

    fn path(&self, file: FileId, ending: &str) -> PathBuf {
        self.0.dir.join(format!("{file}{ending}"))
    }
}

impl Kept {
    /// Whether `who` handed it over or was sent it.
    pub fn may_read(&self, who: &str) -> bool {
        self.by == who || self.readers.iter().any(|reader| reader == who)
    }
}

fn missing(error: io::Error) -> UploadError {
    if error.kind() == io::ErrorKind::NotFound { UploadError::Unknown } else { UploadError::Disk(error) }
}

/// A file that is being written; what is not renamed by the end goes.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The room that a file takes; given back unless the file stays.
struct Room<'a> {
    inner: &'a Inner,
    taken: u64,
    kept: bool,
}

impl Room<'_> {
    fn take(&mut self, more: u64) -> bool {
        let held = self.inner.held.fetch_add(more, Ordering::Relaxed) + more;
        self.taken += more;
        held <= self.inner.most
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.inner.held.fetch_sub(self.taken, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests;
