//! The recordings the test centre plays: a voice-like one that only itself resembles, and plain tones
//! that tell the automation from the phones.

use std::f64::consts::TAU;

use ngcc_phone::sine;

/// The tone the automation plays while it collects.
pub const AUTOMATION: f64 = 350.0;
/// The tone of a wait flow.
pub const WAITING: f64 = 1450.0;
/// The customer's tone.
pub const CUSTOMER: f64 = 425.0;
/// The first agent's tone.
pub const AGENT: f64 = 610.0;
/// The second agent's tone.
pub const OTHER: f64 = 900.0;

/// Every prompt by name.
pub fn prompts() -> Vec<(&'static str, Vec<i16>)> {
    vec![
        ("welcome", voice(1, 1500)),
        ("choose", voice(2, 1500)),
        ("enter", sine(AUTOMATION, 8000 * 30)),
        ("patience", sine(WAITING, 8000 * 30)),
        ("goodbye", voice(3, 800)),
    ]
}

/// The prompt `name` as it is played.
///
/// # Panics
/// Where there is no such prompt.
pub fn prompt(name: &str) -> Vec<i16> {
    let found = prompts().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("a prompt {name}")).1
}

/// So many milliseconds of a gliding tone in syllables; each `which` glides and beats in its own way.
pub fn voice(which: u32, ms: u32) -> Vec<i16> {
    let which = f64::from(which);
    let mut turn = 0.0_f64;
    let sample = |n: u32| {
        let t = f64::from(n) / 8000.0;
        let hz = 260.0 + 90.0 * which + 140.0 * (TAU * (0.7 + 0.3 * which) * t).sin();
        turn += hz / 8000.0;
        let syllable = (TAU * (2.0 + which / 2.0) * t).sin().abs();
        let overtone = 0.4 * (TAU * 2.0 * turn).sin();
        (((TAU * turn).sin() + overtone) * syllable * 7000.0) as i16
    };
    (0..ms * 8).map(sample).collect()
}

/// A WAV file (s16, mono, 8 kHz).
pub fn wav(samples: &[i16]) -> Vec<u8> {
    let size = (samples.len() * 2) as u32;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + size).to_le_bytes());
    out.extend(b"WAVEfmt ");
    for word in [16_u32, 0x0001_0001, 8000, 16_000, 0x0010_0002] {
        out.extend(word.to_le_bytes());
    }
    out.extend(b"data");
    out.extend(size.to_le_bytes());
    out.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    out
}

/// The samples of a WAV file (s16, mono); none where it is not whole.
pub fn read_wav(bytes: &[u8]) -> Option<Vec<i16>> {
    let data = bytes.windows(4).position(|w| w == b"data")?;
    let size = u32::from_le_bytes(bytes.get(data + 4..data + 8)?.try_into().ok()?) as usize;
    let samples = bytes.get(data + 8..data + 8 + size)?;
    Some(samples.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ngcc_phone::correlation;

    #[test]
    fn no_prompt_is_like_another() {
        let all: Vec<Vec<i16>> = (1..=3).map(|n| voice(n, 1500)).collect();
        for (n, one) in all.iter().enumerate() {
            for (m, other) in all.iter().enumerate() {
                let like = correlation(one, other);
                assert_eq!(like > 0.9, n == m, "{n} and {m}: {like}");
            }
        }
    }

    #[test]
    fn a_wav_file_has_its_sizes_right() {
        let file = wav(&[1, 2, 3]);
        assert_eq!(file.len(), 50);
        assert_eq!(file[4..8], 42_u32.to_le_bytes());
        assert_eq!(file[40..44], 6_u32.to_le_bytes());
        assert_eq!(read_wav(&file), Some(vec![1, 2, 3]));
        assert_eq!(read_wav(&file[..49]), None);
    }
}
