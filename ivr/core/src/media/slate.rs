//! The picture that is shown where there is nothing else to show, on hold and with the automation: a key frame, so that
//! a browser can begin with it. How it was made says `slate/README.md`.

use crate::worker::VideoCodec;

const VP8: &[u8] = include_bytes!("slate/slate.vp8");
const SPS: &[u8] = include_bytes!("slate/sps.h264");
const PPS: &[u8] = include_bytes!("slate/pps.h264");
const IDR: &[u8] = include_bytes!("slate/idr.h264");

/// NAL unit type of an aggregation (RFC 6184 section 5.7.1), with the importance of what is in it.
const STAP_A: u8 = 24 | 0x60;

/// The payloads of the slate's packets, in order.
pub(super) fn payloads(codec: VideoCodec) -> Vec<Vec<u8>> {
    match codec {
        VideoCodec::Vp8 => {
            // RFC 7741 section 4.2: extension, start of the first partition; a picture id of 15 bits, filled in later.
            let mut payload = vec![0x90, 0x80, 0x80, 0];
            payload.extend_from_slice(VP8);
            vec![payload]
        }
        VideoCodec::H264 => {
            let mut parameters = vec![STAP_A];
            for unit in [SPS, PPS] {
                parameters.extend_from_slice(&(unit.len() as u16).to_be_bytes());
                parameters.extend_from_slice(unit);
            }
            vec![parameters, IDR.to_vec()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::video::begins_key_frame;

    #[test]
    fn the_slate_begins_with_a_key_frame_in_either_codec() {
        for codec in [VideoCodec::Vp8, VideoCodec::H264] {
            let payloads = payloads(codec);
            assert!(begins_key_frame(codec, &payloads[0]), "{codec:?}");
            assert!(payloads.iter().all(|payload| payload.len() < 1200));
        }
    }
}
