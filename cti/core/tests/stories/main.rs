//! Stories about cti's core, in virtual time: one file a chapter, named by acceptance clauses.

// clippy takes the fixture's functions for no tests; and a story looks for one kind of message among all.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod basic_call;
mod begins;
mod board;
mod browser;
mod chat_hand_over;
mod chats;
mod console;
mod hand_over;
mod idle;
mod messages;
mod model;
mod queueing;
mod restart;
mod scale;
mod seats;
mod sharing;
mod together;
mod visitors;
mod world;
mod wrap_ups;
