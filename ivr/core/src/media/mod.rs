//! Real-time media without sockets: codecs, packets, keys, play-out, mixing, and the conference that joins them.
//! Times are arguments, packets go into an [`Outbox`]; `ivr/src/media` owns the sockets and the clock.

pub mod conference;
pub mod g711;
pub mod guard;
pub mod jitter;
pub mod keys;
pub mod matrix;
pub mod member;
pub mod mix;
pub mod music;
pub mod outbox;
pub mod outgoing;
pub mod reception;
pub mod rtcp;
pub mod rtp;
mod slate;
mod unpack;
mod video;
pub mod voice;
mod vp8;

pub use conference::{Conference, Desk, Limits};
pub use guard::PEER;
pub use matrix::{Ear, Mouth, carries_keys, hears};
pub use member::Member;
pub use music::Music;
pub use outbox::{Channel, Outbox};

/// Samples in a frame: 20 ms at 8 kHz.
pub const FRAME: usize = 160;
/// Microseconds in a frame.
pub const FRAME_US: u64 = 20_000;

/// A frame of linear sound.
pub type Samples = [i16; FRAME];

/// The count of 8 kHz samples at a moment: the clock our timestamps follow.
pub(crate) fn sample_clock(at: ngcc_proto::Mono) -> u32 {
    // Wraps, as RTP timestamps do.
    (at.0 / 125) as u32
}
