//! G.711 by its definition (ITU-T G.711), one sample at a time: slow and plainly right.

use crate::sdp::Codec;

impl Codec {
    pub(crate) fn encode(self, samples: &[i16]) -> Vec<u8> {
        match self {
            Self::Pcmu => samples.iter().map(|&s| ulaw(s)).collect(),
            Self::Pcma => samples.iter().map(|&s| alaw(s)).collect(),
        }
    }

    pub(crate) fn decode(self, bytes: &[u8]) -> Vec<i16> {
        match self {
            Self::Pcmu => bytes.iter().map(|&b| from_ulaw(b)).collect(),
            Self::Pcma => bytes.iter().map(|&b| from_alaw(b)).collect(),
        }
    }
}

fn ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = (i32::from(sample).abs() + 132).min(32_767);
    // 132 is 2^7 + 4, so the highest bit is one of 7 to 14.
    let exponent = 31 - magnitude.leading_zeros() - 7;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0F;
    let code = sign | u8::try_from(exponent << 4).unwrap_or(0x70) | u8::try_from(mantissa).unwrap_or(0x0F);
    !code
}

fn from_ulaw(byte: u8) -> i16 {
    let code = !byte;
    let magnitude = ((i32::from(code & 0x0F) << 3) + 132) << ((code >> 4) & 7);
    let sample = magnitude - 132;
    let sample = if code & 0x80 != 0 { -sample } else { sample };
    i16::try_from(sample).unwrap_or(i16::MAX)
}

fn alaw(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0x80, i32::from(sample)) } else { (0, -1 - i32::from(sample)) };
    let step = magnitude >> 4;
    let code = if step < 16 {
        step
    } else {
        let exponent = 31 - step.leading_zeros() - 3;
        (i32::try_from(exponent).unwrap_or(7) << 4) | ((step >> (exponent - 1)) & 0x0F)
    };
    (sign | u8::try_from(code).unwrap_or(0x7F)) ^ 0x55
}

fn from_alaw(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let (exponent, mantissa) = ((code >> 4) & 7, i32::from(code & 0x0F));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        e => ((mantissa << 4) + 0x108) << (e - 1),
    };
    let sample = if code & 0x80 != 0 { magnitude } else { -magnitude };
    i16::try_from(sample).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_those_of_the_standard() {
        let ulaw_known = [(0, 0xFF), (-8, 0x7E), (32_124, 0x80), (-32_124, 0x00), (1000, 0xCE)];
        for (sample, code) in ulaw_known {
            assert_eq!(Codec::Pcmu.encode(&[sample]), [code], "{sample}");
        }
        for (sample, code) in [(8, 0xD5), (-8, 0x55), (32_256, 0xAA), (-32_256, 0x2A)] {
            assert_eq!(Codec::Pcma.encode(&[sample]), [code], "{sample}");
        }
    }

    #[test]
    fn every_code_decodes_to_a_sample_that_encodes_to_it() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for code in 0..=255_u8 {
                // µ-law has two zeros; the negative one encodes as the positive.
                if codec == Codec::Pcmu && code == 0x7F {
                    continue;
                }
                assert_eq!(codec.encode(&codec.decode(&[code])), [code], "{codec:?} {code:#x}");
            }
        }
    }

    #[test]
    fn a_sample_comes_back_within_its_step() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for sample in (-32_000..32_000_i32).step_by(37) {
                let came = i32::from(codec.decode(&codec.encode(&[i16::try_from(sample).unwrap()]))[0]);
                assert!((came - sample).abs() <= sample.abs() / 16 + 16, "{codec:?} {sample} {came}");
            }
        }
    }
}
