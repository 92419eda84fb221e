//! What can keep cti from starting.

use std::path::PathBuf;

use thiserror::Error;

/// A start that failed, in words for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// The house could not start the core.
    #[error(transparent)]
    Runtime(#[from] ngcc_runtime::StartError),
    /// A database cannot be opened.
    #[error("database `{}` cannot be opened: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// Its tables are not of this build.
    #[error("database `{}` does not fit this build of ngcc: {source}", path.display())]
    Tables {
        /// The file.
        path: PathBuf,
        /// Which step failed.
        source: sqlx::migrate::MigrateError,
    },
    /// A configured object in it cannot be read.
    #[error("{kind} `{name}` in the business database cannot be read: {why}")]
    Object {
        /// The kind of object.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}
