//! Outputs that wait for the disk. No commit timer: the next sync starts when the last one returns, and
//! takes along everything that came meanwhile.

use std::io;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::log::{Log, SyncJob};

/// Outputs of the host class, in order.
pub(super) struct Held<O> {
    /// Came after the sync under way had begun.
    waiting: Vec<O>,
    /// Covered by the sync under way.
    covered: Vec<O>,
    sync: Option<JoinHandle<(SyncJob, io::Result<()>)>>,
}

impl<O> Held<O> {
    pub(super) fn new() -> Self {
        Self { waiting: Vec::new(), covered: Vec::new(), sync: None }
    }

    /// Holds an output back.
    pub(super) fn wait(&mut self, output: O) {
        self.waiting.push(output);
    }

    /// Whether anything is held back.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.covered.is_empty()
    }

    /// Begins a sync if one is wanted and none is under way. Everything held has been written by now.
    pub(super) fn start(&mut self, log: &mut Log, after: Duration) {
        if self.sync.is_none() && (!self.waiting.is_empty() || log.wants_sync()) {
            self.spawn(log, after);
        }
    }

    /// Begins a sync even if nobody waits for it.
    pub(super) fn start_last(&mut self, log: &mut Log) {
        if self.sync.is_none() {
            self.spawn(log, Duration::ZERO);
        }
    }

    fn spawn(&mut self, log: &mut Log, after: Duration) {
        self.covered.append(&mut self.waiting);
        let job = log.sync_job();
        self.sync = Some(tokio::task::spawn_blocking(move || {
            std::thread::sleep(after);
            let result = job.run();
            (job, result)
        }));
    }

    /// The sync under way, when it returns; never, when there is none. Safe to drop half-way.
    pub(super) async fn synced(&mut self) -> (SyncJob, io::Result<()>) {
        if let Some(sync) = &mut self.sync {
            let returned = sync.await;
            self.sync = None;
            if let Ok(done) = returned {
                return done;
            }
            // The runtime is being torn down: nothing can be promised any more.
        }
        std::future::pending().await
    }

    /// After a success: what may be performed now, in order.
    pub(super) fn done(&mut self) -> Vec<O> {
        std::mem::take(&mut self.covered)
    }

    /// Drops what was never written: it must not be performed.
    pub(super) fn abandon(&mut self) {
        self.waiting.clear();
    }

    /// After a failure: everything is held still, in order.
    pub(super) fn failed(&mut self) {
        self.covered.append(&mut self.waiting);
        std::mem::swap(&mut self.covered, &mut self.waiting);
    }
}
