//! G.711 µ-law and A-law (ITU-T G.711) by tables.

use crate::worker::Codec;

/// Encoded samples to linear ones, as many as both slices hold.
pub fn decode(codec: Codec, from: &[u8], to: &mut [i16]) {
    let table = match codec {
        Codec::Pcmu => &MU_TO_LINEAR,
        Codec::Pcma => &A_TO_LINEAR,
    };
    for (sample, &byte) in to.iter_mut().zip(from) {
        *sample = table[usize::from(byte)];
    }
}

/// Linear samples to encoded ones, as many as both slices hold.
pub fn encode(codec: Codec, from: &[i16], to: &mut [u8]) {
    match codec {
        Codec::Pcmu => {
            for (byte, &sample) in to.iter_mut().zip(from) {
                *byte = LINEAR_TO_MU[usize::from(sample.cast_unsigned() >> 2)];
            }
        }
        Codec::Pcma => {
            for (byte, &sample) in to.iter_mut().zip(from) {
                *byte = LINEAR_TO_A[usize::from(sample.cast_unsigned() >> 3)];
            }
        }
    }
}

// The recommendation takes 14 bits for µ-law and 13 for A-law: the tables are indexed by just those.
static MU_TO_LINEAR: [i16; 256] = linear_table(true);
static A_TO_LINEAR: [i16; 256] = linear_table(false);
static LINEAR_TO_MU: [u8; 1 << 14] = {
    let mut table = [0; 1 << 14];
    let mut i = 0;
    while i < table.len() {
        table[i] = mu_of(((i as u16) << 2).cast_signed());
        i += 1;
    }
    table
};
static LINEAR_TO_A: [u8; 1 << 13] = {
    let mut table = [0; 1 << 13];
    let mut i = 0;
    while i < table.len() {
        table[i] = a_of(((i as u16) << 3).cast_signed());
        i += 1;
    }
    table
};

const fn linear_table(mu: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = if mu { of_mu(i as u8) } else { of_a(i as u8) };
        i += 1;
    }
    table
}

const fn of_mu(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((((byte & 0x0F) as i32) << 3) + 0x84) << ((byte & 0x70) >> 4);
    let value = if byte & 0x80 != 0 { 0x84 - magnitude } else { magnitude - 0x84 };
    value as i16
}

const fn mu_of(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = (sample as i32).unsigned_abs();
    let magnitude = (if magnitude > 32_635 { 32_635 } else { magnitude }) + 0x84;
    let exponent = 24 - magnitude.leading_zeros();
    let mantissa = (magnitude >> (exponent + 3)) & 0x0F;
    !(sign | ((exponent << 4) | mantissa) as u8)
}

const fn of_a(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let step = ((byte & 0x0F) as i16) << 4;
    let magnitude = match (byte & 0x70) >> 4 {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn a_of(sample: i16) -> u8 {
    let scaled = sample >> 3;
    let (mask, magnitude) = if scaled >= 0 { (0xD5, scaled) } else { (0x55, -scaled - 1) };
    let magnitude = magnitude as u32;
    // Segment 0 and 1 share a step; each further one doubles it.
    let segment = if magnitude < 0x20 { 0 } else { 27 - magnitude.leading_zeros() };
    let shift = if segment < 2 { 1 } else { segment };
    ((segment << 4) | ((magnitude >> shift) & 0x0F)) as u8 ^ mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(codec: Codec, sample: i16) -> i16 {
        let (mut byte, mut back) = ([0], [0]);
        encode(codec, &[sample], &mut byte);
        decode(codec, &byte, &mut back);
        back[0]
    }

    #[test]
    fn the_recommendations_values_are_met() {
        for (codec, sample, byte) in [
            (Codec::Pcmu, 0, 0xFF),
            (Codec::Pcmu, 32_767, 0x80),
            (Codec::Pcmu, -32_768, 0x00),
            (Codec::Pcmu, 1000, 0xCE),
            (Codec::Pcma, 0, 0xD5),
            (Codec::Pcma, 32_767, 0xAA),
            (Codec::Pcma, -32_768, 0x2A),
            (Codec::Pcma, 1000, 0xFA),
        ] {
            let mut out = [0];
            encode(codec, &[sample], &mut out);
            assert_eq!(out[0], byte, "{codec:?} {sample}");
        }
    }

    #[test]
    fn every_byte_comes_back_as_itself() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for byte in 0..=255u8 {
                let (mut linear, mut back) = ([0], [0]);
                decode(codec, &[byte], &mut linear);
                encode(codec, &linear, &mut back);
                let negative_zero = codec == Codec::Pcmu && byte == 0x7F;
                assert!(
                    back[0] == byte || negative_zero,
                    "{codec:?} {byte:#x} → {} → {:#x}",
                    linear[0],
                    back[0]
                );
            }
        }
    }

    #[test]
    fn the_error_stays_below_a_step() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for sample in (i16::MIN..=i16::MAX).step_by(7) {
                let error = (i32::from(there_and_back(codec, sample)) - i32::from(sample)).abs();
                let step = 16 + i32::from(sample).abs() / 16;
                assert!(error <= step.max(132), "{codec:?} {sample}: {error} > {step}");
            }
        }
    }
}
