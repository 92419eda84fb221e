//! Collaborations from their setting-up to their end, as cti and two pages see them.

// clippy takes the fixture's functions for no tests; and a story looks for one kind of message among all.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod board;
mod ends;
mod form;
mod leak;
mod links;
mod look;
mod page;
mod random;
mod recording;
mod rrweb;
mod screen;
mod tray;
mod world;
