//! A browser that speaks Opus alone (RFC 7587): its packets are turned into µ-law at 8 kHz where they come in, and ours
//! into Opus where they leave, so that nothing behind this knows of it.

use std::collections::VecDeque;

use bytes::BytesMut;
use ngcc_ivr_core::media::rtp::Packet;
use ngcc_ivr_core::media::{Channel, FRAME, g711};
use ngcc_ivr_core::worker::Codec;
use opus::{Application, Channels, Decoder, Encoder};

use super::PeerError;

/// Samples a second inside.
const RATE: u32 = 8_000;
/// Ticks of Opus's clock, which is always 48 kHz, in one of ours.
const TICKS: u32 = 6;
/// The longest sound in one packet: 120 ms (RFC 7587 section 4.2).
const LONGEST: usize = 960;
/// More than a frame at our bit rate takes.
const MAX_BYTES: usize = 400;
/// Bits a second toward the browser: what narrow-band speech needs.
const BITS: i32 = 24_000;
/// RTCP's sender report.
const SENDER_REPORT: u8 = 200;

/// See the module.
pub(super) struct Transcoder {
    payload_type: u8,
    decoder: Decoder,
    encoder: Encoder,
    /// The last timestamp that came, and what it was made.
    heard: Option<(u32, u32)>,
    /// Samples that do not fill a frame yet, and the timestamp of the first.
    rest: VecDeque<i16>,
    rest_at: u32,
    /// How far our sequence numbers are ahead of those we are given: a packet need not hold one frame.
    ahead: u16,
}

impl From<opus::Error> for PeerError {
    fn from(error: opus::Error) -> Self {
        Self(error.to_string())
    }
}

impl Transcoder {
    /// For Opus under this payload type.
    ///
    /// # Errors
    /// When the codec cannot be made.
    pub(super) fn new(payload_type: u8) -> Result<Self, PeerError> {
        let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip)?;
        encoder.set_bitrate(opus::Bitrate::Bits(BITS))?;
        let decoder = Decoder::new(RATE, Channels::Mono)?;
        let (rest, rest_at) = (VecDeque::new(), 0);
        Ok(Self { payload_type, decoder, encoder, heard: None, rest, rest_at, ahead: 0 })
    }

    /// A packet of the browser in µ-law; none if it is no Opus. Others are as they came.
    pub(super) fn heard(&mut self, packet: BytesMut) -> Option<BytesMut> {
        let parsed = Packet::parse(&packet)?;
        if parsed.payload_type != self.payload_type {
            return Some(packet);
        }
        let mut samples = [0; LONGEST];
        let count = self.decoder.decode(parsed.payload, &mut samples, false).ok()?;
        let mut payload = [0; LONGEST];
        g711::encode(Codec::Pcmu, &samples[..count], &mut payload[..count]);
        // Told from the last one, for six times as many ticks come round six times as often.
        let timestamp = match self.heard {
            Some((theirs, ours)) => {
                let passed = parsed.timestamp.wrapping_sub(theirs).cast_signed() / TICKS.cast_signed();
                ours.wrapping_add_signed(passed)
            }
            None => parsed.timestamp / TICKS,
        };
        self.heard = Some((parsed.timestamp, timestamp));
        let mut bytes = Vec::with_capacity(packet.len() + count);
        Packet { timestamp, payload: &payload[..count], ..parsed }.write(&mut bytes);
        Some(BytesMut::from(&bytes[..]))
    }

    /// What goes out for a packet of ours: for sound as many packets of 20 ms as it fills.
    pub(super) fn said(&mut self, channel: Channel, packet: &[u8]) -> Vec<Vec<u8>> {
        match (channel, Packet::parse(packet)) {
            (Channel::Rtp, Some(parsed)) if parsed.payload_type == self.payload_type => self.encode(&parsed),
            (Channel::Rtp, _) => vec![packet.to_vec()],
            (Channel::Rtcp, _) => vec![reported(packet)],
        }
    }

    fn encode(&mut self, packet: &Packet<'_>) -> Vec<Vec<u8>> {
        let expected = self.rest_at.wrapping_add(self.rest.len() as u32);
        if packet.timestamp != expected {
            // What does not join is not sewn together.
            self.rest.clear();
            self.rest_at = packet.timestamp;
        }
        let mut samples = vec![0; packet.payload.len()];
        g711::decode(Codec::Pcmu, packet.payload, &mut samples);
        self.rest.extend(samples);
        let mut out = vec![];
        while self.rest.len() >= FRAME {
            let frame: Vec<i16> = self.rest.drain(..FRAME).collect();
            let timestamp = self.rest_at.wrapping_mul(TICKS);
            self.rest_at = self.rest_at.wrapping_add(FRAME as u32);
            let mut payload = [0; MAX_BYTES];
            let Ok(length) = self.encoder.encode(&frame, &mut payload) else { continue };
            if !out.is_empty() {
                self.ahead = self.ahead.wrapping_add(1);
            }
            let seq = packet.seq.wrapping_add(self.ahead);
            let mut bytes = vec![];
            Packet { seq, timestamp, payload: &payload[..length], ..*packet }.write(&mut bytes);
            out.push(bytes);
        }
        if out.is_empty() {
            self.ahead = self.ahead.wrapping_sub(1);
        }
        out
    }
}

/// A control packet of ours with the timestamp of its sender report on Opus's clock.
fn reported(packet: &[u8]) -> Vec<u8> {
    let mut packet = packet.to_vec();
    if packet.get(1) == Some(&SENDER_REPORT)
        && let Some(field) = packet.get_mut(16..20)
    {
        let ours = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
        field.copy_from_slice(&ours.wrapping_mul(TICKS).to_be_bytes());
    }
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![];
        Packet { marker: false, payload_type: 111, seq, timestamp, ssrc: 1, payload }.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_said_in_mu_law_is_heard_again_over_opus() {
        let (mut ours, mut theirs) = (Transcoder::new(111).unwrap(), Transcoder::new(111).unwrap());
        let (mut heard, mut last) = (vec![], None);
        for n in 0..50u16 {
            let tone: Vec<i16> = (0..FRAME)
                .map(|i| ((usize::from(n) * FRAME + i) as f64 * 0.4).sin() * 6000.0)
                .map(|sample| sample as i16)
                .collect();
            let mut payload = [0; FRAME];
            g711::encode(Codec::Pcmu, &tone, &mut payload);
            let timestamp = (u32::MAX - 800).wrapping_add(u32::from(n) * FRAME as u32);
            let sent = ours.said(Channel::Rtp, &packet(n, timestamp, &payload));
            assert_eq!(sent.len(), 1);
            assert!(sent[0].len() < 120, "{} bytes", sent[0].len());
            let back = theirs.heard(BytesMut::from(&sent[0][..])).unwrap();
            let parsed = Packet::parse(&back).unwrap();
            if let Some(last) = last.replace(parsed.timestamp) {
                assert_eq!(parsed.timestamp.wrapping_sub(last), FRAME as u32, "over the wrap-around");
            }
            let mut samples = vec![0; parsed.payload.len()];
            g711::decode(Codec::Pcmu, parsed.payload, &mut samples);
            heard.extend(samples);
        }
        let loud = heard[4000..].iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 4000.0;
        assert!(loud.sqrt() > 3000.0, "{}", loud.sqrt());
    }

    #[test]
    fn packets_of_another_length_become_frames_of_20_ms_without_a_gap() {
        let mut transcoder = Transcoder::new(111).unwrap();
        let mut sent = vec![];
        for n in 0..20u16 {
            sent.extend(transcoder.said(Channel::Rtp, &packet(n, u32::from(n) * 240, &[0xFF; 240])));
        }
        let numbers: Vec<(u16, u32)> =
            sent.iter().map(|bytes| Packet::parse(bytes).unwrap()).map(|p| (p.seq, p.timestamp)).collect();
        assert_eq!(numbers.len(), 30);
        for pair in numbers.windows(2) {
            assert_eq!((pair[1].0, pair[1].1), (pair[0].0.wrapping_add(1), pair[0].1 + 960));
        }
    }

    #[test]
    fn noise_for_opus_is_heard_by_nobody_and_nothing_panics() {
        let mut transcoder = Transcoder::new(111).unwrap();
        for length in 0..300usize {
            let noise: Vec<u8> = (0..length).map(|i| (i * 37 + length) as u8).collect();
            if let Some(heard) = transcoder.heard(BytesMut::from(&packet(1, 1, &noise)[..])) {
                assert!(Packet::parse(&heard).unwrap().payload.len() <= LONGEST);
            }
        }
    }
}
