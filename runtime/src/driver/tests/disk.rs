//! A disk that fails as a test tells it to.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::log::{Disk, HostDisk};

/// A disk whose writes can be refused and whose syncs wait for leave.
#[derive(Default)]
pub(super) struct Strict {
    pub(super) full: AtomicBool,
    pub(super) refused: AtomicU32,
    pub(super) syncs: Mutex<Syncs>,
    changed: Condvar,
}

#[derive(Default)]
pub(super) struct Syncs {
    gated: bool,
    allowed: u32,
    pub(super) failing: u32,
}

impl Strict {
    pub(super) fn gated() -> Arc<Self> {
        let disk = Self::default();
        disk.syncs.lock().unwrap().gated = true;
        Arc::new(disk)
    }

    pub(super) fn allow(&self, n: u32) {
        self.syncs.lock().unwrap().allowed += n;
        self.changed.notify_all();
    }
}

impl Disk for Strict {
    fn write(&self, file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        HostDisk.write(file, bytes, at)
    }

    fn sync(&self, _file: &File) -> io::Result<()> {
        let syncs = self.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        let leave = self.changed.wait_while(syncs, |s| s.gated && s.allowed == 0);
        let mut syncs = leave.unwrap_or_else(PoisonError::into_inner);
        syncs.allowed = syncs.allowed.saturating_sub(1);
        if syncs.failing > 0 {
            syncs.failing -= 1;
            return Err(io::ErrorKind::Other.into());
        }
        Ok(())
    }
}
