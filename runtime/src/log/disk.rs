//! The few file operations a log needs, behind a trait so that tests can make a disk fail or wait.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where bytes go.
pub(crate) trait Disk: Send + Sync {
    /// Writes all of `bytes` at `at`; after an error any part of them may be there.
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()>;
    /// Makes what was written survive power loss.
    fn sync(&self, file: &File) -> io::Result<()>;
}

/// The machine's own.
pub(crate) struct HostDisk;

impl Disk for HostDisk {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// Makes everything written before it survive power loss. Runs on a blocking thread.
pub(crate) struct SyncJob {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) segments: Vec<u64>,
    pub(super) files: Vec<Arc<File>>,
    /// Set when a segment was made: its name has to survive too.
    pub(super) dir: Option<PathBuf>,
    pub(super) doomed: Vec<PathBuf>,
}

impl SyncJob {
    /// Syncs, then removes what the synced copies have replaced.
    pub(crate) fn run(&self) -> io::Result<()> {
        for file in &self.files {
            self.disk.sync(file)?;
        }
        if let Some(dir) = &self.dir {
            File::open(dir)?.sync_all()?;
        }
        for path in &self.doomed {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Reads exactly `len` bytes at `at`.
pub(super) fn read(file: &File, at: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}
