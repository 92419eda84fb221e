//! The gateway over real sockets, with a house of a few lines behind it.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a double answers what its tests ask and no more")]

mod apps;
mod channels;
mod client;
mod contacts;
mod recordings;
mod rest;
mod sockets;
mod supervisors;
mod world;
