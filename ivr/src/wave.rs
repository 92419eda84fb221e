//! WAV files: what `espeak-ng` writes to a pipe (a length it does not know yet), and the recorded prompts.

use std::io::Cursor;

/// Mono samples and their rate in Hz.
#[derive(Debug, PartialEq)]
pub(crate) struct Wave {
    pub(crate) rate: u32,
    pub(crate) samples: Vec<i16>,
}

/// Reads a WAV stream of 16-bit mono whose lengths may be wrong: its sound goes to the end.
pub(crate) fn from_pipe(bytes: &[u8]) -> Result<Wave, String> {
    let bad = || "it is no WAV of 16-bit mono".to_owned();
    let four = |at: usize| bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
    if four(0) != Some(*b"RIFF") || four(8) != Some(*b"WAVE") {
        return Err(bad());
    }
    let mut at = 12;
    let mut rate = None;
    while let (Some(kind), Some(len)) = (four(at), four(at + 4)) {
        let body = at + 8;
        match &kind {
            b"fmt " => {
                // PCM, one channel, 16 bits.
                let format = (bytes.get(body..body + 4), bytes.get(body + 14..body + 16));
                if format != (Some(&[1, 0, 1, 0]), Some(&[16, 0])) {
                    return Err(bad());
                }
                rate = four(body + 4).map(u32::from_le_bytes);
            }
            b"data" => {
                let rate = rate.filter(|rate| (4000..=192_000).contains(rate)).ok_or_else(bad)?;
                let sound = bytes.get(body..).unwrap_or_default();
                let samples =
                    sound.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
                return Ok(Wave { rate, samples });
            }
            _ => {}
        }
        let len = usize::try_from(u32::from_le_bytes(len)).map_err(|_| bad())?;
        at = body.checked_add(len).and_then(|end| end.checked_add(len % 2)).ok_or_else(bad)?;
    }
    Err(bad())
}

/// Reads a whole WAV file of 16-bit mono.
pub(crate) fn from_file(bytes: &[u8]) -> Result<Wave, String> {
    let reader = hound::WavReader::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let spec = reader.spec();
    if spec.channels != 1 || spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
        return Err("a prompt is 16-bit mono".to_owned());
    }
    let samples: Result<Vec<i16>, hound::Error> = reader.into_samples().collect();
    Ok(Wave { rate: spec.sample_rate, samples: samples.map_err(|error| error.to_string())? })
}

/// Writes samples at 8 kHz as a WAV file.
pub(crate) fn to_file(samples: &[i16]) -> Result<Vec<u8>, String> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let write = |file: &mut Cursor<Vec<u8>>| -> Result<(), hound::Error> {
        let mut writer = hound::WavWriter::new(file, spec)?;
        samples.iter().try_for_each(|sample| writer.write_sample(*sample))?;
        writer.finalize()
    };
    write(&mut file).map_err(|error| error.to_string())?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_as_it_was_written() {
        let samples: Vec<i16> = (0..1000).map(|n| (n * 31 % 20_000) as i16).collect();
        let file = to_file(&samples).unwrap();
        let wave = Wave { rate: 8000, samples };
        assert_eq!(from_file(&file).as_ref(), Ok(&wave));
        assert_eq!(from_pipe(&file), Ok(wave));
    }

    #[test]
    fn a_pipe_with_a_wrong_length_is_read_to_its_end_and_none_panics() {
        let mut file = to_file(&[1, 2, 3]).unwrap();
        file[40..44].copy_from_slice(&0x7FFF_F000u32.to_le_bytes());
        assert_eq!(from_pipe(&file).unwrap().samples, [1, 2, 3]);
        for end in 0..44 {
            assert!(from_pipe(&file[..end]).is_err() && from_file(&file[..end]).is_err(), "cut at {end}");
        }
        for at in 0..44 {
            for byte in [0, 1, 0x7F, 0xFF] {
                let mut damaged = file.clone();
                damaged[at] = byte;
                let _ = (from_pipe(&damaged), from_file(&damaged));
            }
        }
    }
}
