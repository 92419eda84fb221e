//! What the phone sends: one packet each 20 ms of a tone, a recording or silence, and keys between.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::chance;
use crate::rtp::{Packet, event_of, event_payload};
use crate::sdp::Codec;
use crate::tone::{FRAME, sine_at};

/// What to say.
#[derive(Clone, Debug, Default)]
pub enum Sound {
    /// Packets of silence.
    #[default]
    Silence,
    /// A sine of so many hertz.
    Tone(f64),
    /// These samples at 8 kHz once, then silence.
    Pcm(Arc<Vec<i16>>),
    /// No packets at all.
    Nothing,
}

/// Where it goes and in which form; from the other side's description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toward {
    pub(crate) rtp: SocketAddr,
    pub(crate) codec: Codec,
    pub(crate) keys: Option<u8>,
}

pub(crate) struct Mouth {
    ssrc: u32,
    seq: u16,
    timestamp: u32,
    sound: Sound,
    position: u64,
    keys: VecDeque<u8>,
    step: u8,
    pub(crate) toward: Option<Toward>,
    pub(crate) may_send: bool,
}

/// A key is 4 growing packets, 3 ends, and 3 packets of pause.
const GROWING: u8 = 4;
const ENDS: u8 = 3;
const PAUSE: u8 = 3;

impl Mouth {
    pub(crate) fn new() -> Self {
        Self {
            ssrc: chance() as u32,
            seq: chance() as u16,
            timestamp: chance() as u32,
            sound: Sound::Silence,
            position: 0,
            keys: VecDeque::new(),
            step: 0,
            toward: None,
            may_send: true,
        }
    }

    pub(crate) fn say(&mut self, sound: Sound) {
        self.sound = sound;
        self.position = 0;
    }

    /// Queues keys; what is no key is left out.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.extend(keys.chars().filter_map(event_of));
    }

    /// Whether every key has been sent.
    pub(crate) fn keys_sent(&self) -> bool {
        self.keys.is_empty()
    }

    /// The packet of this 20 ms and where it goes.
    pub(crate) fn tick(&mut self) -> Option<(Vec<u8>, SocketAddr)> {
        let toward = self.toward?;
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        let key = if self.keys.is_empty() { None } else { self.key_packet(toward) };
        let packet = match key {
            Some(packet) => Some(packet),
            None if self.may_send => self.sound_packet(toward.codec),
            None => None,
        }?;
        self.seq = self.seq.wrapping_add(1);
        Some((packet.bytes(), toward.rtp))
    }

    fn key_packet(&mut self, toward: Toward) -> Option<Packet> {
        let event = *self.keys.front()?;
        let Some(payload_type) = toward.keys else {
            self.keys.clear();
            return None;
        };
        let step = self.step;
        self.step += 1;
        if step >= GROWING + ENDS {
            if self.step == GROWING + ENDS + PAUSE {
                self.step = 0;
                self.keys.pop_front();
            }
            return None;
        }
        let grown = step.min(GROWING);
        // Every packet of an event carries the timestamp of its beginning.
        let timestamp = self.timestamp.wrapping_sub(u32::from(step) * FRAME as u32);
        let duration = (u16::from(grown) + 1) * FRAME as u16;
        let payload = event_payload(event, step >= GROWING, duration);
        Some(Packet { payload_type, marker: step == 0, seq: self.seq, timestamp, ssrc: self.ssrc, payload })
    }

    fn sound_packet(&mut self, codec: Codec) -> Option<Packet> {
        let from = self.position;
        self.position += FRAME as u64;
        let samples: Vec<i16> = match &self.sound {
            Sound::Nothing => return None,
            Sound::Silence => vec![0; FRAME],
            Sound::Tone(hz) => (from..self.position).map(|n| sine_at(*hz, n)).collect(),
            Sound::Pcm(pcm) => {
                (from..self.position).map(|n| pcm.get(n as usize).copied().unwrap_or_default()).collect()
            }
        };
        Some(Packet {
            payload_type: codec.payload_type(),
            marker: false,
            seq: self.seq,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            payload: codec.encode(&samples),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::key_of;

    #[test]
    fn a_key_has_three_ends_and_one_timestamp() {
        let mut mouth = Mouth::new();
        let rtp = SocketAddr::from(([127, 0, 0, 1], 9));
        mouth.toward = Some(Toward { rtp, codec: Codec::Pcmu, keys: Some(101) });
        mouth.press("5#");
        let sent: Vec<Packet> = (0..20).filter_map(|_| Packet::read(&mouth.tick()?.0)).collect();
        let events: Vec<&Packet> = sent.iter().filter(|p| p.payload_type == 101).collect();
        assert_eq!(events.len(), 14);
        let first = &events[..7];
        assert!(first.iter().all(|p| p.timestamp == first[0].timestamp));
        let ends: Vec<_> = first.iter().filter_map(|p| key_of(&p.payload)).filter(|k| k.1).collect();
        assert_eq!(ends, [('5', true); 3]);
        assert!(mouth.keys_sent());
        assert!(sent.windows(2).all(|p| p[1].seq == p[0].seq.wrapping_add(1)));
    }

    #[test]
    fn a_recording_is_said_once() {
        let mut mouth = Mouth::new();
        let rtp = SocketAddr::from(([127, 0, 0, 1], 9));
        mouth.toward = Some(Toward { rtp, codec: Codec::Pcma, keys: None });
        mouth.say(Sound::Pcm(Arc::new(vec![4000; FRAME])));
        let mut said = || Codec::Pcma.decode(&Packet::read(&mouth.tick().unwrap().0).unwrap().payload);
        assert!(said().iter().all(|&s| s > 3800));
        assert!(said().iter().all(|&s| s.abs() <= 8));
    }
}
