//! VP8 pictures out of packets (RFC 7741): put in order within a small window, whole or not at all. Whatever is missing
//! costs the pictures up to the next key frame, as they are made of those before them.

use ngcc_proto::Mono;

use super::rtp::{Packet, seq_ahead};
use super::vp8::{Vp8, size};
use crate::film::Size;

/// The most packets that wait for one before them.
const WINDOW: usize = 64;
/// How long they wait, in microseconds.
const PATIENCE_US: u64 = 200_000;
/// A packet further away than this belongs to another count: the sender has begun anew.
const JUMP: i16 = 2_000;
/// The largest picture that is taken.
const MAX_PICTURE: usize = 4 * 1024 * 1024;

/// A whole picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) timestamp: u32,
    /// When its first packet came.
    pub(super) at: Mono,
    /// Of one that needs no other.
    pub(super) key: Option<Size>,
    pub(super) bytes: Vec<u8>,
}

/// A packet that waits for one before it.
struct Held {
    seq: u16,
    marker: bool,
    timestamp: u32,
    at: Mono,
    payload: Vec<u8>,
}

/// One sender's pictures.
pub(super) struct Unpacker {
    /// The packet that is due.
    next: Option<u16>,
    /// In their order.
    held: Vec<Held>,
    /// What has come of a picture.
    partial: Option<Picture>,
    /// Whether it needs a key frame.
    waits: bool,
    whole: Vec<Picture>,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self { next: None, held: vec![], partial: None, waits: true, whole: vec![] }
    }

    /// Whether it needs a key frame to go on.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// Whether a key frame has begun and is not whole yet.
    pub(super) fn has_key_in_part(&self) -> bool {
        self.partial.as_ref().is_some_and(|picture| picture.key.is_some())
    }

    /// Takes a packet.
    pub(super) fn put(&mut self, packet: &Packet<'_>, now: Mono) {
        let ahead = seq_ahead(packet.seq, self.next.unwrap_or(packet.seq));
        if !(-JUMP..=JUMP).contains(&ahead) {
            *self = Self { whole: std::mem::take(&mut self.whole), ..Self::new() };
        } else if ahead < 0 {
            return;
        } else if ahead > 0 {
            self.hold(packet, now);
            if self.held.len() > WINDOW {
                self.give_up();
            }
            return;
        }
        self.take(packet, now);
        self.go_on();
    }

    /// What is missing has had its time: it is lost.
    pub(super) fn late(&mut self, now: Mono) {
        while self.due().is_some_and(|due| due <= now) {
            self.give_up();
        }
    }

    /// When what is missing has had its time.
    pub(super) fn due(&self) -> Option<Mono> {
        let oldest = self.held.iter().map(|held| held.at).min()?;
        Some(Mono(oldest.0.saturating_add(PATIENCE_US)))
    }

    /// The next whole picture.
    pub(super) fn next(&mut self) -> Option<Picture> {
        (!self.whole.is_empty()).then(|| self.whole.remove(0))
    }

    fn hold(&mut self, packet: &Packet<'_>, now: Mono) {
        let at = self.held.partition_point(|held| seq_ahead(held.seq, packet.seq) < 0);
        if self.held.get(at).is_some_and(|held| held.seq == packet.seq) {
            return;
        }
        let Packet { marker, seq, timestamp, payload, .. } = *packet;
        self.held.insert(at, Held { seq, marker, timestamp, at: now, payload: payload.to_vec() });
    }

    /// What is due does not come any more.
    fn give_up(&mut self) {
        self.broken();
        self.next = self.held.first().map(|held| held.seq);
        self.go_on();
    }

    /// Takes what was only waiting for the packet before it.
    fn go_on(&mut self) {
        while self.held.first().is_some_and(|held| Some(held.seq) == self.next) {
            let Held { seq, marker, timestamp, at, payload } = self.held.remove(0);
            self.take(&Packet { marker, payload_type: 0, seq, timestamp, ssrc: 0, payload: &payload }, at);
        }
    }

    /// Takes the packet that is due.
    fn take(&mut self, packet: &Packet<'_>, at: Mono) {
        self.next = Some(packet.seq.wrapping_add(1));
        // Padding alone: it counts, and holds nothing.
        if packet.payload.is_empty() {
            return;
        }
        let read = Vp8::parse(packet.payload);
        let Some((numbers, body)) = read.and_then(|n| Some((n, packet.payload.get(n.body..)?))) else {
            return self.broken();
        };
        if numbers.begins {
            if self.partial.take().is_some() {
                // The last packet of the one before would have said so.
                self.broken();
            }
            if self.waits && !numbers.key {
                return;
            }
            let key = if numbers.key { size(body) } else { None };
            if numbers.key && key.is_none() {
                return self.broken();
            }
            let bytes = Vec::with_capacity(body.len());
            self.partial = Some(Picture { timestamp: packet.timestamp, at, key, bytes });
        }
        let Some(picture) = &mut self.partial else { return self.waits = true };
        if picture.timestamp != packet.timestamp || picture.bytes.len() + body.len() > MAX_PICTURE {
            return self.broken();
        }
        picture.bytes.extend_from_slice(body);
        if packet.marker
            && let Some(picture) = self.partial.take()
        {
            self.waits = false;
            self.whole.push(picture);
        }
    }

    /// Something is missing.
    fn broken(&mut self) {
        self.partial = None;
        self.waits = true;
    }
}

#[cfg(test)]
mod tests;
