//! From any rate to 8 kHz: a windowed-sinc low-pass, one set of taps a phase.

use std::f32::consts::PI;

/// The rate everything is played at, in Hz.
pub(crate) const RATE: u32 = 8000;
/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 16;
/// Passed up to this part of half the lower rate.
const PASS: f32 = 0.92;

/// The same sound at 8 kHz.
pub(crate) fn to_8k(samples: &[i16], rate: u32) -> Vec<i16> {
    if rate == RATE || rate == 0 || samples.is_empty() {
        return samples.to_vec();
    }
    let common = gcd(rate, RATE);
    let (up, down) = ((RATE / common) as usize, (rate / common) as usize);
    // The cut-off in parts of the input rate; going up it is the input's own.
    let cut_off = PASS * (RATE as f32 / rate as f32).min(1.0);
    let half = (CROSSINGS as f32 / cut_off).ceil() as usize;
    let phases: Vec<Vec<f32>> = (0..up).map(|phase| taps(phase as f32 / up as f32, cut_off, half)).collect();
    let length = samples.len() * up / down;
    let at = |index: usize| {
        let position = index * down;
        let (whole, taps) = (position / up, &phases[position % up]);
        let sum: f32 = taps
            .iter()
            .enumerate()
            .filter_map(|(tap, weight)| {
                // The taps stand around `whole`, the first one `half` before it.
                let sample = samples.get((whole + tap + 1).checked_sub(half)?)?;
                Some(weight * f32::from(*sample))
            })
            .sum();
        sum.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
    };
    (0..length).map(at).collect()
}

/// The weights for a point `fraction` of an input sample behind a whole one; they add up to one.
fn taps(fraction: f32, cut_off: f32, half: usize) -> Vec<f32> {
    let weight = |tap: usize| {
        let distance = tap as f32 + 1.0 - half as f32 - fraction;
        let x = PI * distance * cut_off;
        let sinc = if x.abs() < 1e-6 { 1.0 } else { x.sin() / x };
        let window = 0.5 + 0.5 * (PI * distance / (half as f32 + 1.0)).cos();
        sinc * window
    };
    let raw: Vec<f32> = (0..2 * half).map(weight).collect();
    let sum: f32 = raw.iter().sum();
    raw.into_iter().map(|w| w / sum).collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, rate: u32, seconds: f32) -> Vec<i16> {
        let count = (rate as f32 * seconds) as usize;
        (0..count).map(|n| (10_000.0 * (2.0 * PI * hz * n as f32 / rate as f32).sin()) as i16).collect()
    }

    /// The largest difference from the same tone made at 8 kHz, away from the ends.
    fn difference(hz: f32, rate: u32) -> i32 {
        let ours = to_8k(&tone(hz, rate, 0.5), rate);
        let pure = tone(hz, RATE, 0.5);
        assert!(ours.len().abs_diff(pure.len()) <= 1);
        let inner = 200..ours.len() - 200;
        inner.map(|i| (i32::from(ours[i]) - i32::from(pure[i])).abs()).max().unwrap()
    }

    #[test]
    fn a_tone_keeps_its_pitch_strength_and_place_from_any_rate() {
        for rate in [11_025, 16_000, 22_050, 44_100, 48_000] {
            for hz in [300.0, 1000.0, 2500.0] {
                assert!(difference(hz, rate) < 150, "{hz} Hz from {rate}: {}", difference(hz, rate));
            }
        }
    }

    #[test]
    fn what_eight_kilohertz_cannot_hold_is_taken_out() {
        let ours = to_8k(&tone(6000.0, 22_050, 0.5), 22_050);
        let loudest = ours[200..ours.len() - 200].iter().map(|s| i32::from(*s).abs()).max().unwrap();
        assert!(loudest < 100, "{loudest}");
    }
}
