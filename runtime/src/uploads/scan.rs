//! A program of the operator's that looks at every file before anybody can have it: it is run with the file's path behind
//! its own arguments, and says by its exit whether the file may pass. No shell is between.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::UploadError;
use crate::metrics::Counter;

static REFUSED: Counter =
    Counter::new("ngcc_uploads_refused_total", "Files that the program for it found to be harmful.");
static UNSCANNED: Counter =
    Counter::new("ngcc_uploads_unscanned_total", "Files that could not be scanned, and were not taken.");

/// How long it may take to scan one file, the wait for a turn included.
const LIMIT: Duration = Duration::from_secs(30);
/// So many are scanned at once.
const AT_ONCE: usize = 4;
/// By which exits it says that a file may pass, and that it may not.
const CLEAN: i32 = 0;
const HARMFUL: i32 = 1;

/// See the module.
#[derive(Debug)]
pub(super) struct Scan {
    program: String,
    args: Vec<String>,
    turns: Semaphore,
    pub(super) limit: Duration,
}

impl Scan {
    /// By `command`, the program and its arguments; none where that is empty.
    pub(super) fn new(command: &[String]) -> Option<Self> {
        let (program, args) = command.split_first()?;
        Some(Self {
            program: program.clone(),
            args: args.to_vec(),
            turns: Semaphore::new(AT_ONCE),
            limit: LIMIT,
        })
    }

    /// Whether the file at `path` may pass.
    pub(super) async fn passes(&self, path: &Path) -> Result<(), UploadError> {
        match timeout(self.limit, self.run(path)).await {
            Ok(Ok(Some(CLEAN))) => Ok(()),
            Ok(Ok(Some(HARMFUL))) => {
                REFUSED.inc();
                tracing::warn!("a file was found to be harmful, and is not taken");
                Err(UploadError::Harmful)
            }
            other => {
                UNSCANNED.inc();
                match other {
                    Ok(Ok(code)) => tracing::error!(?code, "the program that scans files failed"),
                    Ok(Err(error)) => tracing::error!(%error, "the program that scans files cannot be run"),
                    Err(_) => tracing::error!("the program that scans files takes too long"),
                }
                Err(UploadError::Unscanned)
            }
        }
    }

    async fn run(&self, path: &Path) -> io::Result<Option<i32>> {
        // Nobody closes it.
        let _turn = self.turns.acquire().await.map_err(io::Error::other)?;
        let mut command = Command::new(&self.program);
        // It is told nothing but where to find things, and ends with whoever waits for it.
        command.args(&self.args).arg(path).env_clear().kill_on_drop(true);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?.wait().await?.code())
    }
}
