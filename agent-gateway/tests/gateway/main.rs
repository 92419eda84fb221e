//! The gateway over real sockets, with a house of a few lines behind it.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]

mod apps;
mod client;
mod rest;
mod sockets;
mod supervisors;
mod world;
