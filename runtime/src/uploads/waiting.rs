//! Files that were handed over and stand in no message yet. Whoever hands one over may go before they send it: a day later
//! it is taken away. Each has a mark; a file from before there were marks has none, and stays.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ngcc_proto::{FileId, Wall};

use super::heap::sync;

/// How long a file waits for a message, in milliseconds.
pub(super) const WAITS_MS: i64 = 24 * 3_600_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Waiting {
    dir: PathBuf,
    /// A file is either named or taken away.
    one: Mutex<()>,
}

impl Waiting {
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, one: Mutex::default() })
    }

    /// Marks a file that is about to be there.
    pub(super) fn mark(&self, file: FileId, now: Wall) -> io::Result<()> {
        fs::write(self.dir.join(file.to_string()), now.0.to_string())?;
        sync(&self.dir)
    }

    /// A message names the file: whether it was marked.
    pub(super) fn named(&self, file: FileId) -> io::Result<bool> {
        let _one = self.one();
        match fs::remove_file(self.dir.join(file.to_string())) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes away by `remove` what has waited for long enough at `now`.
    pub(super) fn sweep(&self, now: Wall, remove: impl Fn(FileId) -> io::Result<()>) -> io::Result<usize> {
        let mut gone = 0;
        for mark in fs::read_dir(&self.dir)? {
            let mark = mark?.path();
            let file = mark.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            let _one = self.one();
            // It may have been named by now; one that a crash cut short says no time, and waits from now on.
            let Ok(since) = fs::read_to_string(&mark) else { continue };
            match (file, since.parse::<i64>()) {
                (Some(file), Ok(since)) if now.0.saturating_sub(since) >= WAITS_MS => {
                    remove(file)?;
                    fs::remove_file(&mark)?;
                    gone += 1;
                }
                (Some(_), Ok(_)) | (None, _) => {}
                (Some(_), Err(_)) => fs::write(&mark, now.0.to_string())?,
            }
        }
        Ok(gone)
    }

    /// Makes what has been named durable against a loss of power.
    pub(super) fn settle(&self) -> io::Result<()> {
        sync(&self.dir)
    }

    fn one(&self) -> MutexGuard<'_, ()> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
