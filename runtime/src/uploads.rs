//! Files that people hand over: taken in bounded, looked at and not believed, kept beside the data and given out
//! so that no browser runs them. A file is on disk, whole, and has been scanned, before its id is told.
//!
//! What is the same lies there once (`heap`). What nobody sends goes after a day (`waiting`).

pub(crate) mod heap;
mod look;
mod part;
mod scan;
mod serve;
mod waiting;
pub mod web;

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use ngcc_proto::{FileId, Ids, Wall};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::clock::Clock;
use crate::house::House;
use crate::stop::Stop;
use heap::{Digest, Files, Heap};
use part::{Part, Room};
use scan::Scan;
use waiting::Waiting;

/// The most people that are noted as readers of one file.
const READERS: usize = 64;
/// So often it is looked whether files have waited for a message for too long.
const SWEEPS: Duration = Duration::from_secs(3600);

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
    /// What its bytes are; none of a file from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
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
    /// It was found to be harmful.
    #[error("the file is harmful")]
    Harmful,
    /// The program that scans files did not say whether it is harmful.
    #[error("the file could not be scanned")]
    Unscanned,
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
    heap: Arc<Heap>,
    /// Files that wait for a message; none where what they belong to says how long they stay.
    waiting: Option<Waiting>,
    /// One change of a file's readers at a time.
    readers: tokio::sync::Mutex<()>,
}

impl Uploads {
    /// Opens the store in the house's data directory, and clears away what a crash left half-written. What is handed over
    /// there stays when [`Uploads::named`] says that a message names it, and else for a day.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub fn open(house: &House) -> io::Result<Self> {
        Self::open_as(house, "uploads", true)
    }

    /// The same in a directory of its own, for files that end with what they belong to.
    ///
    /// # Errors
    /// As for [`Uploads::open`].
    pub fn open_in(house: &House, name: &str) -> io::Result<Self> {
        Self::open_as(house, name, false)
    }

    fn open_as(house: &House, name: &str, waits: bool) -> io::Result<Self> {
        let mut files = house.files().lock().unwrap_or_else(PoisonError::into_inner);
        let files = match &mut *files {
            Some(files) => files,
            none => none.insert(Files::open(&house.data_dir, Scan::new(house.scan()))?),
        };
        if let Some(open) = files.open.get(name) {
            return Ok(open.clone());
        }
        let (dir, heap) = (house.data_dir.join(name), Arc::clone(&files.heap));
        std::fs::create_dir_all(&dir)?;
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            let found = entry.metadata()?;
            if entry.path().extension().is_some_and(|e| e == "part") {
                std::fs::remove_file(entry.path())?;
            } else if found.nlink() < 2 && entry.path().extension().is_none() {
                // The bytes of the others are counted where they lie.
                heap.counts(found.len());
            }
        }
        let waiting =
            if waits { Some(Waiting::open(house.data_dir.join("files").join("waiting"))?) } else { None };
        let (ids, readers) = (Mutex::new(house.ids()), tokio::sync::Mutex::new(()));
        let uploads = Self(Arc::new(Inner { dir, clock: house.clock.clone(), ids, heap, waiting, readers }));
        if waits {
            tokio::spawn(sweeps(uploads.clone(), house.stop.clone()));
        }
        files.open.insert(name.to_owned(), uploads.clone());
        Ok(uploads)
    }

    /// Stores a file of `by` under the name `name`, at most `limit` bytes of it. A future that is dropped, and
    /// whatever fails, leaves nothing behind.
    ///
    /// # Errors
    /// [`UploadError`]: too large, empty, cut off, harmful or not scanned, no room, or the disk.
    pub async fn put(&self, by: &str, name: &str, body: Body, limit: u64) -> Result<Stored, UploadError> {
        let file: FileId = {
            let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
            ids.mint(self.0.clock.now().wall)
        };
        let part = Part(self.0.heap.part(&file.to_string()));
        let mut room = Room::of(&self.0.heap);
        let (mime, digest) = self.write(&part.0, body, limit, &mut room).await?;
        if let Some(scan) = &self.0.heap.scan {
            scan.passes(&part.0).await?;
        }
        let stored = Stored { file, name: look::name(name), mime: mime.to_owned(), size: room.taken() };
        let kept = Kept { stored, by: by.to_owned(), readers: vec![], digest: Some(digest) };
        let (own, now) = (self.clone(), self.0.clock.now().wall);
        self.blocking(move || own.0.waiting.as_ref().map_or(Ok(()), |waiting| waiting.mark(file, now)))
            .await?;
        self.write_kept(&kept).await?;
        let (own, at) = (self.clone(), self.path(file, ""));
        let takes = move || {
            // Whoever waited for this may have gone: it is done all the same.
            if own.0.heap.put(&part.0, &digest, &at)? {
                room.stays();
            }
            heap::sync(&own.0.dir)
        };
        if let Err(error) = self.blocking(takes).await {
            self.remove(file).await?;
            return Err(error.into());
        }
        Ok(kept.stored)
    }

    /// Somebody sends the file: a message names it, and it stays. It is so when this returns; a moment later a loss of
    /// power does not change it either.
    ///
    /// # Errors
    /// There is no such file, or the disk.
    pub fn named(&self, file: FileId) -> Result<(), UploadError> {
        let marked = self.0.waiting.as_ref().map_or(Ok(false), |waiting| waiting.named(file))?;
        if marked {
            let own = self.clone();
            tokio::task::spawn_blocking(move || own.0.waiting.as_ref().map(Waiting::settle));
        }
        // It may have waited for too long, just now.
        if self.path(file, ".json").exists() { Ok(()) } else { Err(UploadError::Unknown) }
    }

    /// Takes away what no message has named within a day; how many that were.
    ///
    /// # Errors
    /// The disk.
    async fn sweep(&self, now: Wall) -> io::Result<usize> {
        let own = self.clone();
        let sweeps = move || {
            let Some(waiting) = &own.0.waiting else { return Ok(0) };
            waiting.sweep(now, |file| own.remove_now(file))
        };
        self.blocking(sweeps).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        does: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        tokio::task::spawn_blocking(does).await.map_err(io::Error::other)?
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
        let own = self.clone();
        self.blocking(move || own.remove_now(file)).await
    }

    fn remove_now(&self, file: FileId) -> io::Result<()> {
        let about = self.path(file, ".json");
        let kept = match std::fs::read(&about) {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let digest = kept.and_then(|kept| kept.digest);
        self.0.heap.remove(&self.path(file, ""), digest.as_ref())?;
        std::fs::remove_file(about)
    }

    /// Takes every file away but these: for a start, before any file is put here.
    ///
    /// # Errors
    /// The disk.
    pub fn keep_only(&self, files: &BTreeSet<FileId>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.0.dir)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            let file: Option<FileId> = name.and_then(|name| name.parse().ok());
            if let Some(file) = file.filter(|file| !files.contains(file)) {
                self.remove_now(file)?;
                // A crash may have left one without the other.
                self.0.heap.remove(&self.path(file, ""), None)?;
            }
        }
        Ok(())
    }

    /// Writes the bytes to `path`: what they look like, and what they are.
    async fn write(
        &self,
        path: &Path,
        body: Body,
        limit: u64,
        room: &mut Room,
    ) -> Result<(&'static str, Digest), UploadError> {
        let mut out = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).await?;
        let (mut look, mut digest) = (look::Look::default(), Sha256::new());
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| UploadError::Cut)?;
            let more = chunk.len() as u64;
            if room.taken() + more > limit {
                return Err(UploadError::TooLarge { limit });
            }
            if !room.take(more) {
                return Err(UploadError::Full);
            }
            look.at(&chunk);
            digest.update(&chunk);
            out.write_all(&chunk).await?;
        }
        if room.taken() == 0 {
            return Err(UploadError::Empty);
        }
        out.flush().await?;
        out.sync_all().await?;
        Ok((look.mime(), Digest(digest.finalize().into())))
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

/// Looks now and then what has waited for a message for too long, until the stop.
async fn sweeps(uploads: Uploads, stop: Stop) {
    let mut tick = tokio::time::interval(SWEEPS);
    loop {
        tokio::select! {
            () = stop.wait() => return,
            _ = tick.tick() => match uploads.sweep(uploads.0.clock.now().wall).await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "files that no message named are taken away"),
                Err(error) => tracing::error!(%error, "files that no message names cannot be taken away"),
            },
        }
    }
}

#[cfg(test)]
mod tests;
