//! Why a command ends without success, and with which exit code: the only map from errors to codes.

use std::path::PathBuf;

use thiserror::Error;

use crate::settings::SettingsError;

/// Why a command ends without success. Each prints as one clear line, or one line a problem.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A catalogue or flow file cannot be used.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A part of the house cannot start; the text names the setting and says what to do.
    #[error("{0}")]
    Start(String),
    /// The data directory is in use by another process that does not answer.
    #[error("{0}")]
    Busy(String),
    /// The command needs a running server.
    #[error("no server runs on the data directory {}: start one with `ngcc serve`, or name another with --data", .0.display())]
    NoServer(PathBuf),
    /// The centre says no: one line a problem.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The server's answer did not come or cannot be read.
    #[error("the server did not answer: {0}")]
    NoAnswer(String),
    /// Something about this machine.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What went wrong.
        source: std::io::Error,
    },
}

impl Failure {
    /// An input or output error while doing `what`.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The process's exit code: 2 where the call or the settings are to be changed first, 1 otherwise.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::File { .. } | Self::Start(_) | Self::Busy(_) => 2,
            Self::NoServer(_) => 3,
            Self::Refused(_) | Self::NotFound(_) | Self::NoAnswer(_) | Self::Io { .. } => 1,
        }
    }

    /// A word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::File { .. } => "file",
            Self::Start(_) => "start",
            Self::Busy(_) => "busy",
            Self::NoServer(_) => "no_server",
            Self::Refused(_) => "refused",
            Self::NotFound(_) => "not_found",
            Self::NoAnswer(_) => "no_answer",
            Self::Io { .. } => "io",
        }
    }
}
