//! The control socket: how the command line speaks to a running centre. One JSON line asks, one answers, in the
//! bodies of the house's own vocabulary. `server` answers in the running process by its `desk`, `door` asks.

pub(crate) mod desk;
pub(crate) mod door;
pub(crate) mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ngcc_proto::admin;
use ngcc_proto::envelope::Body;
use serde::{Deserialize, Serialize};

/// The longest line that is read from a client: the catalogue of a centre of 50 000 agents fits.
pub(crate) const MAX_LINE: u64 = 16 << 20;
/// How long an answer may take, beside what [`slow_part`] says.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long keeping one password or PIN may take: it is slow on purpose.
const KEPT_SECRET: Duration = Duration::from_millis(200);

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// A number that the answer repeats.
    #[serde(default)]
    pub(crate) id: u64,
    /// A message an operator may send.
    pub(crate) body: Body,
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Response {
    /// The request's number.
    pub(crate) id: u64,
    /// The answer, or why there is none.
    #[serde(flatten)]
    pub(crate) answer: Answer,
}

/// An answer, or why there is none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The centre's own message.
    Body(Box<Body>),
    /// Why there is none.
    Error(String),
}

/// What is to be added to an answer's time: each password of a catalogue that is imported takes its own.
pub(crate) fn slow_part(body: &Body) -> Duration {
    let Body::AdminCommand(admin::Command::Import { catalogue, .. }) = body else { return Duration::ZERO };
    let passwords = catalogue.users.iter().filter(|user| user.password.is_some()).count();
    let pins = catalogue.agents.iter().filter(|agent| agent.pin.is_some()).count();
    KEPT_SECRET * u32::try_from(passwords + pins).unwrap_or(u32::MAX)
}

/// Where the socket of a data directory is.
pub(crate) fn socket_path(data: &Path) -> PathBuf {
    data.join("control.sock")
}
