//! softacd's shell: the sockets around `ngcc_softacd_core`. It carries bytes and knows no SIP; what they mean is
//! the core's business.
#![forbid(unsafe_code)]

mod channels;
mod lines;
mod local;
mod settings;
mod shell;
mod start;
mod udp;
mod web;
mod witness;

pub use ngcc_softacd_core::{Limits, WebLimits};
pub use settings::{Settings, Web};
pub use start::{Access, StartError, start};

#[cfg(test)]
mod tests;
