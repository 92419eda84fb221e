//! What is in a sound: how loud it is, how much of it is one tone, and how like another sound it is.

use std::f64::consts::TAU;

/// Samples a second everywhere in this crate.
pub(crate) const RATE: f64 = 8000.0;
/// Samples in a 20 ms packet.
pub(crate) const FRAME: usize = 160;

/// `samples` of a sine of `hz` at a level well inside the telephone range.
pub fn sine(hz: f64, samples: usize) -> Vec<i16> {
    (0..samples).map(|n| sine_at(hz, n as u64)).collect()
}

/// The `n`th sample of the sine of `hz`.
pub(crate) fn sine_at(hz: f64, n: u64) -> i16 {
    ((TAU * hz * (n as f64) / RATE).sin() * 8000.0) as i16
}

/// The root mean square.
pub fn loudness(samples: &[i16]) -> f64 {
    (energy(samples) / samples.len().max(1) as f64).sqrt()
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum()
}

/// How much of the energy is a tone of `hz`, from 0 to 1 (Goertzel).
pub fn share_of_tone(samples: &[i16], hz: f64) -> f64 {
    let total = energy(samples);
    if total == 0.0 {
        return 0.0;
    }
    let coefficient = 2.0 * (TAU * hz / RATE).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for &sample in samples {
        (one, two) = (f64::from(sample) + coefficient * one - two, one);
    }
    let power = one * one + two * two - coefficient * one * two;
    (2.0 * power / (total * samples.len() as f64)).min(1.0)
}

/// The strongest tones of a sound and their shares, for saying what was heard.
pub(crate) fn strongest(samples: &[i16]) -> Vec<(u32, f64)> {
    let mut found: Vec<(u32, f64)> =
        (10..180).map(|n| n * 20).map(|hz| (hz, share_of_tone(samples, f64::from(hz)))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(3);
    found
}

/// The best normalised correlation of `wanted` with any stretch of `heard`, from −1 to 1; 0 if `heard`
/// is shorter. Looks for candidates in both sounds thinned to 2 kHz, then compares them sample by sample.
pub fn correlation(heard: &[i16], wanted: &[i16]) -> f64 {
    if wanted.is_empty() || heard.len() < wanted.len() {
        return 0.0;
    }
    let (thin_heard, thin_wanted) = (thinned(heard), thinned(wanted));
    let mut candidates: Vec<(usize, f64)> = (0..=thin_heard.len().saturating_sub(thin_wanted.len()))
        .map(|lag| (lag, likeness(&thin_heard[lag..], &thin_wanted)))
        .collect();
    candidates.sort_by(|a, b| b.1.total_cmp(&a.1));
    candidates.truncate(5);
    let (heard, wanted) = (wide(heard), wide(wanted));
    let near = candidates.iter().flat_map(|&(lag, _)| (lag * THIN).saturating_sub(THIN)..=(lag + 1) * THIN);
    near.filter(|&lag| lag + wanted.len() <= heard.len())
        .map(|lag| likeness(&heard[lag..], &wanted))
        .fold(0.0, f64::max)
}

const THIN: usize = 4;

fn wide(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&s| f32::from(s)).collect()
}

fn thinned(samples: &[i16]) -> Vec<f32> {
    samples.chunks_exact(THIN).map(|c| c.iter().map(|&s| f32::from(s)).sum()).collect()
}

fn likeness(heard: &[f32], wanted: &[f32]) -> f64 {
    let (mut both, mut here, mut there) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (h, w) in heard.iter().zip(wanted) {
        both += h * w;
        here += h * h;
        there += w * w;
    }
    let scale = f64::from(here).sqrt() * f64::from(there).sqrt();
    if scale == 0.0 { 0.0 } else { f64::from(both) / scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(a: &[i16], b: &[i16]) -> Vec<i16> {
        a.iter().zip(b).map(|(a, b)| a / 2 + b / 2).collect()
    }

    #[test]
    fn a_tone_is_told_from_its_neighbours_and_from_silence() {
        let tone = sine(425.0, 1600);
        assert!(share_of_tone(&tone, 425.0) > 0.99);
        for other in [375.0, 475.0, 610.0, 850.0, 1275.0] {
            assert!(share_of_tone(&tone, other) < 0.01, "{other}");
        }
        assert_eq!(share_of_tone(&[0; 1600], 425.0), 0.0);
    }

    #[test]
    fn two_tones_share_the_energy() {
        let mixed = both(&sine(425.0, 1600), &sine(610.0, 1600));
        for hz in [425.0, 610.0] {
            assert!((share_of_tone(&mixed, hz) - 0.5).abs() < 0.02, "{hz}");
        }
    }

    #[test]
    fn a_sound_is_found_in_a_longer_one_at_any_lag_and_level() {
        let wanted: Vec<i16> =
            sine(300.0, 4000).iter().zip(sine(7.0, 4000)).map(|(a, b)| a / 8 * (b / 1000)).collect();
        for lag in [0, 1, 160, 777] {
            let mut heard = sine(523.0, lag);
            heard.extend(wanted.iter().map(|s| s / 3));
            heard.extend(sine(523.0, 500));
            assert!(correlation(&heard, &wanted) > 0.99, "{lag}");
        }
        assert!(correlation(&sine(440.0, 9000), &wanted) < 0.5);
        assert_eq!(correlation(&[0; 10], &wanted), 0.0);
    }
}
