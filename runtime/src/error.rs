//! What can keep a part of the house from starting.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A start that failed, in words for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error("data directory `{}` cannot be used: {source}", path.display())]
    DataDir {
        /// The directory or the file in it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process holds the data directory.
    #[error("data directory `{}` is in use by another process: stop it or choose another directory", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A core's log cannot be opened.
    #[error("log `{name}` cannot be opened: {source}")]
    Log {
        /// Which core's.
        name: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The operating system gives no random numbers.
    #[error("no random numbers from the operating system: {0}")]
    Randomness(io::Error),
}
