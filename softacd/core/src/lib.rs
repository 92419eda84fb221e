//! softacd's core: SIP transactions, dialogs, legs and registrations at the edge of the centre. It decides and
//! does no IO: bytes and messages come in as [`Input`], what is to be sent leaves as [`Output`]. It knows no
//! queue, no agent and no media: a leg is told to cti, and cti says what becomes of it.
#![forbid(unsafe_code)]

mod access;
mod admission;
mod arrival;
mod body;
pub mod channel;
mod clean;
mod deny;
mod dialog;
mod edge;
mod hop;
mod incoming;
mod io;
mod leg;
mod links;
mod registrar;
mod reject;
mod request;
mod settings;
pub mod sip;
mod texting;
mod timers;
mod transaction;
pub mod web;

pub use access::{Access, Census};
pub use io::{Conn, Flow, Input, Output};
pub use settings::{Limits, Settings, WebLimits};
