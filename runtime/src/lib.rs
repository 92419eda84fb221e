//! The only crate that loops: the driver around each core, its log, the bus between modules, the
//! clock, orderly shutdown, metrics and health. It decides nothing about calls.
#![forbid(unsafe_code)]

pub mod bus;
pub mod clock;
pub mod driver;
pub mod error;
pub mod health;
pub mod house;
pub mod https;
pub mod inbox;
mod key;
mod log;
pub mod metrics;
mod origin;
pub mod recordings;
pub mod seen;
pub mod stop;
pub mod telemetry;
pub mod token;
pub mod uploads;
mod vault;
mod webhook;

pub use bus::{Bus, Sink, Tap, direct, serialising};
pub use clock::Clock;
pub use driver::{Driver, Shell, drive};
pub use error::StartError;
pub use health::{health_router, metrics_router};
pub use house::{House, Settings, Wiring};
pub use https::Https;
pub use inbox::{Inbox, Outlet};
pub use metrics::{Counter, Gauge, Histogram};
pub use origin::Origins;
pub use recordings::{Recordings, Tail};
pub use seen::Seen;
pub use stop::Stop;
pub use token::{BadToken, Bearer, RtcClaims, Sealer};
pub use uploads::{Stored, UploadError, Uploads};
pub use vault::Vault;
pub use webhook::WebhookKey;
