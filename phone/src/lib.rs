//! A test phone: SIP signalling and RTP sound over UDP or TCP, written apart from the product's own
//! SIP and media code because it is the other side. It calls, is called, holds, refers, presses keys
//! and says what it hears; the demo's simulated callers use it too. It is no phone for people and takes
//! shortcuts only a test may take.

#![forbid(unsafe_code)]

mod call;
mod dialog;
mod digest;
mod ear;
mod g711;
mod inbound;
mod incoming;
mod line;
mod media;
mod message;
mod mouth;
mod outbound;
mod phone;
mod report;
mod rtp;
mod sdp;
mod tone;
mod wire;

pub use call::{Call, Ended, Transfer};
pub use ear::{Ear, NotHeard};
pub use incoming::Incoming;
pub use line::{Direction, Traced};
pub use message::{Malformed, Message, Start};
pub use mouth::Sound;
pub use phone::{Algorithm, Phone, PhoneError, PhoneSettings, Transport};
pub use report::StreamReport;
pub use sdp::Codec;
pub use tone::{correlation, loudness, share_of_tone, sine};

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock whose holder panicked still holds what it held: a failing test must not hide behind it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 64 random bits from the seed the standard library draws for its hash maps.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}
