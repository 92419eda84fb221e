//! The vocabulary every part of ngcc speaks: ids, times, URIs, SDP, the envelope and the message
//! pairs of every module, facts, configured objects, and the contract of a core. It does no IO.
#![forbid(unsafe_code)]

pub mod access;
pub mod admin;
pub mod ask;
pub mod auth;
pub mod bcsm;
pub mod channel;
pub mod chat;
pub mod collab;
pub mod config;
pub mod contact;
pub mod core;
pub mod data;
pub mod envelope;
pub mod fact;
pub mod flow;
pub mod id;
pub mod im;
pub mod media;
pub mod operate;
pub mod recording;
pub mod rng;
pub mod sdp;
pub mod seat;
pub mod secret;
pub mod supervise;
pub mod time;
pub mod uri;

pub use crate::core::{Class, Core, Effect, Key, Kind, RestoreError, Why};
pub use envelope::{Body, End, Envelope, Role};
pub use id::{
    CollabId, ConferenceId, ContactId, FileId, FlowId, GroupId, Ids, LegId, MessageId, QueueId, RecordingId,
    ReservationId, RunId, SeatId, SessionId, UserId,
};
pub use rng::Rng;
pub use secret::Secret;
pub use time::{Mono, Now, Wall};
pub use uri::{AgentUri, UserUri};
