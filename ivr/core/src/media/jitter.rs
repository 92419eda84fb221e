//! Play-out of one stream on the 20 ms grid: a ring of encoded samples indexed by their timestamps, so that loss,
//! reordering and any packet time are the same case. Its delay follows what the path needs.

use super::rtp::{Packet, seq_ahead, time_ahead};
use super::{FRAME, Samples, g711};
use crate::worker::Codec;

/// The most delay the buffer takes on, in samples: 200 ms.
pub const MOST: i32 = 1600;
const STEP: i32 = FRAME as i32;
/// Samples in the ring: a power of two, so that its slots go on where timestamps wrap around.
const RING: usize = 4096;
const WORDS: usize = RING / 64;
/// Packets after which the delay may shrink by a frame: 5 s of a clean path.
const WINDOW: u16 = 250;
/// A path whose latest packet was this early has a frame of delay to spare.
const SPARE: i32 = 2 * STEP;
/// How loud the first, second, … missing frame repeats the last whole one, in 8ths.
const FADE: [i32; 4] = [7, 5, 3, 1];

/// The buffer of one stream.
#[derive(Clone)]
pub struct Jitter {
    codec: Codec,
    source: Option<Source>,
    /// The timestamp that is played next.
    play: u32,
    /// How early the latest packet of this window was, in samples.
    least_early: i32,
    counted: u16,
    ring: [u8; RING],
    /// One bit a sample: whether the ring holds it.
    held: [u64; WORDS],
    last: Samples,
    /// Frames since the last one that held anything, for the fade.
    missing: u8,
}

/// The stream that is played, and which of its last 64 packets have come.
#[derive(Clone, Copy)]
struct Source {
    ssrc: u32,
    newest: u16,
    seen: u64,
}

impl Jitter {
    /// An empty buffer.
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            source: None,
            play: 0,
            least_early: i32::MAX,
            counted: 0,
            ring: [0; RING],
            held: [0; WORDS],
            last: [0; FRAME],
            missing: u8::MAX,
        }
    }

    /// Which codec it holds.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// A packet came.
    pub fn put(&mut self, packet: &Packet<'_>) {
        let length = packet.payload.len();
        if length == 0 || length > RING - 2 * MOST as usize {
            return;
        }
        let early = time_ahead(packet.timestamp, self.play);
        match &mut self.source {
            Some(source) if source.ssrc == packet.ssrc && early.abs() <= MOST => {
                if !source.is_new(packet.seq) {
                    return;
                }
                self.follow(early);
            }
            Some(_) | None => self.begin(packet),
        }
        let skip = time_ahead(self.play, packet.timestamp).clamp(0, length as i32) as usize;
        let start = slot(packet.timestamp) + skip;
        let fresh = &packet.payload[skip..];
        for (i, &byte) in fresh.iter().enumerate() {
            self.ring[(start + i) % RING] = byte;
        }
        words(start, fresh.len()).for_each(|(word, mask)| self.held[word] |= mask);
    }

    /// The next frame; false when there is nothing to hear, not even a fading repetition.
    pub fn take(&mut self, out: &mut Samples) -> bool {
        let start = slot(self.play);
        self.play = self.play.wrapping_add(FRAME as u32);
        let (whole, any) = words(start, FRAME).fold((true, false), |(whole, any), (word, mask)| {
            let here = self.held[word] & mask;
            (whole && here == mask, any || here != 0)
        });
        if !any {
            self.fade(out);
            self.missing = self.missing.saturating_add(1);
            return usize::from(self.missing) <= FADE.len();
        }
        if whole {
            let first = FRAME.min(RING - start);
            g711::decode(self.codec, &self.ring[start..start + first], &mut out[..first]);
            g711::decode(self.codec, &self.ring, &mut out[first..]);
        } else {
            self.fade(out);
            for (i, sample) in out.iter_mut().enumerate() {
                let at = (start + i) % RING;
                if self.held[at / 64] & (1 << (at % 64)) != 0 {
                    g711::decode(self.codec, &self.ring[at..=at], std::slice::from_mut(sample));
                }
            }
        }
        words(start, FRAME).for_each(|(word, mask)| self.held[word] &= !mask);
        self.last = *out;
        self.missing = 0;
        true
    }

    /// The delay now, in samples: how far behind the play-out the newest sample is.
    pub fn depth(&self) -> usize {
        let start = slot(self.play);
        (0..RING)
            .rev()
            .find(|i| {
                let at = (start + i) % RING;
                self.held[at / 64] & (1 << (at % 64)) != 0
            })
            .map_or(0, |i| i + 1)
    }

    /// One frame of silence first: any later packet may then be a frame late without being missed.
    fn begin(&mut self, packet: &Packet<'_>) {
        self.source = Some(Source { ssrc: packet.ssrc, newest: packet.seq, seen: 1 });
        self.play = packet.timestamp.wrapping_sub(FRAME as u32);
        self.held = [0; WORDS];
        self.begin_window();
    }

    /// Lets the delay grow at once when a packet comes late, and shrink slowly when all come early.
    fn follow(&mut self, early: i32) {
        if early < 0 {
            let frames = (-early + STEP - 1) / STEP;
            let room = (MOST - self.depth() as i32).max(0) / STEP;
            self.play = self.play.wrapping_sub((frames.min(room) * STEP).cast_unsigned());
            return self.begin_window();
        }
        self.least_early = self.least_early.min(early);
        self.counted += 1;
        if self.counted == WINDOW {
            if self.least_early >= SPARE {
                words(slot(self.play), FRAME).for_each(|(word, mask)| self.held[word] &= !mask);
                self.play = self.play.wrapping_add(FRAME as u32);
            }
            self.begin_window();
        }
    }

    fn begin_window(&mut self) {
        (self.least_early, self.counted) = (i32::MAX, 0);
    }

    fn fade(&self, out: &mut Samples) {
        let parts = FADE.get(usize::from(self.missing)).copied().unwrap_or(0);
        for (sample, &last) in out.iter_mut().zip(&self.last) {
            *sample = (i32::from(last) * parts / 8) as i16;
        }
    }
}

impl Source {
    fn is_new(&mut self, seq: u16) -> bool {
        match seq_ahead(seq, self.newest) {
            ahead @ 1.. => {
                self.seen = self.seen.checked_shl(u32::from(ahead.cast_unsigned())).unwrap_or(0) | 1;
                self.newest = seq;
                true
            }
            behind => {
                let bit = 1u64.checked_shl(u32::from(behind.unsigned_abs())).unwrap_or(0);
                let new = bit != 0 && self.seen & bit == 0;
                self.seen |= bit;
                new
            }
        }
    }
}

fn slot(timestamp: u32) -> usize {
    timestamp as usize % RING
}

/// The words of the bit map, and the bits in each, that `length` samples from `start` take.
fn words(start: usize, length: usize) -> impl Iterator<Item = (usize, u64)> {
    let (mut at, end) = (start, start + length);
    std::iter::from_fn(move || {
        let (word, from) = (at / 64 % WORDS, at % 64);
        let count = (64 - from).min(end - at);
        if count == 0 {
            return None;
        }
        at += count;
        Some((word, (u64::MAX >> (64 - count)) << from))
    })
}

#[cfg(test)]
#[path = "jitter_tests.rs"]
mod tests;
