//! cti's shell: drives the deciding core, and is the data centre, the only holder of the business database
//! and of customers' messages, and the colleagues' exchange, which shares nothing with either.
#![forbid(unsafe_code)]

mod data;
mod deciding;
mod error;
mod im;
mod messages;
mod sqlite;
mod voice;

use std::net::IpAddr;
use std::time::Duration;

use ngcc_cti_core::Input;
use ngcc_proto::config::Centre;
use ngcc_runtime::{Driver, House};

pub use data::DataCentre;
pub use error::StartError;

/// Whether a flow's text may be stored: its name and text in, every problem as a line out.
pub type FlowCheck = fn(name: &str, text: &str) -> Result<(), Vec<String>>;

/// What cti and the data centre are told at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The digest realm of phones. Their stored secrets belong to it: with another one they have to be set again.
    pub realm: String,
    /// Limits and times of the whole centre.
    pub centre: Centre,
    /// Addresses from which softacd refuses anything at once.
    pub banned: Vec<IpAddr>,
    /// Passwords that everybody knows: they are good for a sign-in from this machine only.
    pub loopback_passwords: Vec<String>,
    /// How long what was recorded of collaborations is kept.
    pub keep_recordings: Duration,
    /// Judges flows.
    pub flow_check: FlowCheck,
}

/// The running cti.
#[derive(Debug)]
pub struct CtiHandle {
    /// The core.
    pub core: Driver<Input>,
    /// The data centre.
    pub data: DataCentre,
}

/// Opens the data centre, which pushes the configuration to every role, and the colleagues' exchange, and then
/// drives the core.
///
/// # Errors
/// A database or the core's log cannot be opened.
pub async fn start(settings: Settings, house: &House) -> Result<CtiHandle, StartError> {
    let data = start_data_centre(settings, house).await?;
    im::start(house, data.colleagues()).await?;
    let core = deciding::start(house)?;
    Ok(CtiHandle { core, data })
}

/// Opens the data centre alone: enough for changing and reading what is configured.
///
/// # Errors
/// The business database cannot be opened, is of a newer build, or holds what cannot be read.
pub async fn start_data_centre(settings: Settings, house: &House) -> Result<DataCentre, StartError> {
    data::start(settings, house).await
}
