//! The music of hold and queue: composed and rendered here, so that it is nobody's property, and encoded once.
//! Everybody hears it at the same place of its loop, which the centre's clock gives.

use std::f64::consts::TAU;

use ngcc_proto::Mono;

use super::{FRAME, FRAME_US, g711};
use crate::worker::Codec;

/// The loop in both codecs.
pub struct Music {
    pcmu: Box<[u8]>,
    pcma: Box<[u8]>,
}

impl Music {
    /// Samples in the loop: 32 s, eight bars of four.
    pub const SAMPLES: usize = 32 * 8000;
    const FRAMES: u64 = (Self::SAMPLES / FRAME) as u64;

    /// Renders the loop.
    pub fn compose() -> Self {
        let mut sum = vec![0.0; Self::SAMPLES];
        let beat = Self::SAMPLES / 64;
        for (bar, chord) in BARS.iter().enumerate() {
            let start = bar * beat * 8;
            pluck(&mut sum, start, chord[0] - 12, 0.30, 0.7);
            for (i, &step) in [0, 1, 2, 3, 2, 1, 2, 1].iter().enumerate() {
                pluck(&mut sum, start + i * beat, chord[step], 0.20, 2.2);
            }
        }
        let samples: Vec<i16> = sum.iter().map(|&s| (s.clamp(-1.0, 1.0) * 12_000.0) as i16).collect();
        let encoded = |codec| {
            let mut bytes = vec![0; samples.len()];
            g711::encode(codec, &samples, &mut bytes);
            bytes.into_boxed_slice()
        };
        Self { pcmu: encoded(Codec::Pcmu), pcma: encoded(Codec::Pcma) }
    }

    /// The encoded frame that is played at `at`.
    pub fn frame(&self, codec: Codec, at: Mono) -> &[u8] {
        let from = (at.0 / FRAME_US % Self::FRAMES) as usize * FRAME;
        let bytes = match codec {
            Codec::Pcmu => &self.pcmu,
            Codec::Pcma => &self.pcma,
        };
        &bytes[from..from + FRAME]
    }
}

/// Chords of four notes as MIDI numbers: C, a minor, F, G and back by d minor.
const BARS: [[i32; 4]; 8] = [
    [60, 64, 67, 72],
    [57, 64, 69, 72],
    [53, 60, 65, 69],
    [55, 62, 67, 71],
    [60, 64, 67, 76],
    [57, 60, 64, 69],
    [62, 65, 69, 74],
    [55, 59, 62, 67],
];

/// Adds a plucked string of MIDI number `note` at sample `start`; it fades by `decay` (1/s), over the loop's end
/// into its beginning.
fn pluck(sum: &mut [f64], start: usize, note: i32, loud: f64, decay: f64) {
    let frequency = 440.0 * (f64::from(note - 69) / 12.0).exp2();
    let length = sum.len();
    // A turning pointer and a shrinking factor: a sine and an exponential a sample would take a hundred times as long.
    let (turn_sin, turn_cos) = (TAU * frequency / 8000.0).sin_cos();
    let shrink = (-decay / 8000.0).exp();
    let (mut sin, mut cos, mut level) = (0.0, 1.0, loud);
    for i in 0..(8000.0 * 4.0 / decay) as usize {
        let attack = (i as f64 / 80.0).min(1.0);
        let tone = sin * (1.36 + 0.7 * cos - 0.48 * sin * sin);
        sum[(start + i) % length] += level * attack * tone;
        (sin, cos) = (sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin);
        level *= shrink;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loop_is_whole_never_silent_and_never_clipped() {
        let music = Music::compose();
        let mut quiet = 0;
        for n in 0..Music::FRAMES {
            let mut samples = [0i16; FRAME];
            g711::decode(Codec::Pcmu, music.frame(Codec::Pcmu, Mono(n * FRAME_US)), &mut samples);
            let power = samples.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / FRAME as f64;
            quiet += u32::from(power.sqrt() < 100.0);
            assert!(samples.iter().all(|s| s.abs() < 12_000));
        }
        assert_eq!(quiet, 0);
    }

    #[test]
    fn its_place_follows_the_clock_and_both_codecs_play_the_same() {
        let music = Music::compose();
        let at = |us| music.frame(Codec::Pcma, Mono(us));
        assert_eq!(at(FRAME_US), at(FRAME_US + FRAME_US * Music::FRAMES));
        assert_ne!(at(0), at(FRAME_US));
        let (mut mu, mut a) = ([0i16; FRAME], [0i16; FRAME]);
        g711::decode(Codec::Pcmu, music.frame(Codec::Pcmu, Mono(0)), &mut mu);
        g711::decode(Codec::Pcma, at(0), &mut a);
        assert!(mu.iter().zip(&a).all(|(m, a)| (m - a).abs() <= 8 + m.abs() / 16));
    }
}
