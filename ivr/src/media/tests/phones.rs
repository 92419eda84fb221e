//! Phones for the socket tests: they speak a tone every 20 ms and keep what they hear.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use ngcc_ivr_core::media::keys::Event;
use ngcc_ivr_core::media::rtp::{Packet, seq_ahead};
use ngcc_ivr_core::media::{FRAME, g711};
use ngcc_ivr_core::worker::Codec;

const PERIOD: Duration = Duration::from_millis(20);

pub(super) struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
    pub(super) codec: Codec,
    hz: Option<f64>,
    spoken: usize,
    seq: u16,
    timestamp: u32,
    sound: Vec<i16>,
    /// SSRC and sequence number of everything heard.
    numbers: Vec<(u32, u16)>,
}

impl Phone {
    pub(super) fn new(server: SocketAddr) -> Self {
        Self::on(Ipv4Addr::LOCALHOST.into(), server)
    }

    pub(super) fn on(ip: IpAddr, server: SocketAddr) -> Self {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self {
            socket,
            server,
            codec: Codec::Pcmu,
            hz: None,
            spoken: 0,
            seq: 9,
            timestamp: 99,
            sound: vec![],
            numbers: vec![],
        }
    }

    pub(super) fn saying(self, hz: f64) -> Self {
        Self { hz: Some(hz), ..self }
    }

    pub(super) fn in_alaw(self) -> Self {
        Self { codec: Codec::Pcma, ..self }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub(super) fn server(&self) -> SocketAddr {
        self.server
    }

    pub(super) fn payload_type(&self) -> u8 {
        if self.codec == Codec::Pcmu { 0 } else { 8 }
    }

    pub(super) fn sound(&self) -> &[i16] {
        &self.sound
    }

    pub(super) fn take_sound(&mut self) -> Vec<i16> {
        self.hear();
        std::mem::take(&mut self.sound)
    }

    /// A key as phones send it.
    pub(super) fn press(&mut self, code: u8) {
        for (duration, end) in [(160, false), (320, false), (320, true), (320, true), (320, true)] {
            let payload = Event { code, end, duration }.bytes();
            self.send(101, &payload);
        }
        self.timestamp += 800;
    }

    pub(super) fn listen_until(&mut self, enough: impl Fn(&Self) -> bool) {
        let until = Instant::now() + super::PATIENCE;
        while !enough(self) {
            assert!(Instant::now() < until, "only {} samples were heard", self.sound.len());
            speak(&mut [self], 1);
        }
    }

    /// One SSRC, and every sequence number there, in order.
    pub(super) fn assert_unbroken(&self) {
        assert!(self.numbers.len() > 10, "{}", self.numbers.len());
        for pair in self.numbers.windows(2) {
            assert_eq!(pair[0].0, pair[1].0);
            assert_eq!(seq_ahead(pair[1].1, pair[0].1), 1);
        }
    }

    pub(super) fn first_number(&self) -> Option<u16> {
        self.numbers.first().map(|n| n.1)
    }

    pub(super) fn forget_numbers(&mut self) {
        self.numbers.clear();
    }

    fn speak(&mut self) {
        if let Some(hz) = self.hz {
            let samples: Vec<i16> = wave_from(hz, self.spoken, FRAME);
            let mut payload = [0; FRAME];
            g711::encode(self.codec, &samples, &mut payload);
            self.send(self.payload_type(), &payload);
        }
        self.spoken += FRAME;
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
    }

    fn send(&mut self, payload_type: u8, payload: &[u8]) {
        self.seq = self.seq.wrapping_add(1);
        let (seq, timestamp) = (self.seq, self.timestamp);
        let ssrc = u32::from(self.address().port());
        let mut bytes = vec![];
        Packet { marker: false, payload_type, seq, timestamp, ssrc, payload }.write(&mut bytes);
        self.socket.send_to(&bytes, self.server).unwrap();
    }

    fn hear(&mut self) {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            assert_eq!(from, self.server, "symmetric: from where we send to");
            let packet = Packet::parse(&buffer[..length]).unwrap();
            self.numbers.push((packet.ssrc, packet.seq));
            if packet.payload_type == self.payload_type() {
                let mut samples = vec![0; packet.payload.len()];
                g711::decode(self.codec, packet.payload, &mut samples);
                self.sound.extend(samples);
            }
        }
    }
}

/// Lets phones speak and listen for `frames` × 20 ms: a phone's own clock, which no event of the server replaces.
pub(super) fn speak(phones: &mut [&mut Phone], frames: usize) {
    let began = Instant::now();
    for frame in 0..frames {
        for phone in &mut *phones {
            phone.speak();
        }
        let due = began + PERIOD * (frame as u32 + 1);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        phones.iter_mut().for_each(|phone| phone.hear());
    }
}

pub(super) fn wave(hz: f64, samples: usize) -> Vec<i16> {
    wave_from(hz, 0, samples)
}

fn wave_from(hz: f64, start: usize, samples: usize) -> Vec<i16> {
    (start..start + samples)
        .map(|i| ((i as f64 * hz * std::f64::consts::TAU / 8000.0).sin() * 4000.0) as i16)
        .collect()
}

/// How much of the sound's power is a tone of `hz` (Goertzel): 1 is all of it. Taken frame by frame, so that a frame
/// that is missing does not turn the phase of the rest.
pub(super) fn tone(samples: &[i16], hz: f64) -> f64 {
    let frames: Vec<f64> = samples.chunks_exact(FRAME).map(|frame| tone_in_frame(frame, hz)).collect();
    if frames.is_empty() { 0.0 } else { frames.iter().sum::<f64>() / frames.len() as f64 }
}

fn tone_in_frame(samples: &[i16], hz: f64) -> f64 {
    let power: f64 = samples.iter().map(|&s| f64::from(s).powi(2)).sum();
    if power < 1.0 {
        return 0.0;
    }
    let coefficient = 2.0 * (std::f64::consts::TAU * hz / 8000.0).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for &sample in samples {
        (a, b) = (f64::from(sample) + coefficient * a - b, a);
    }
    (a * a + b * b - coefficient * a * b) * 2.0 / (power * samples.len() as f64)
}

/// The normalised cross-correlation of what was heard with what was said, at the best of the first 1600 lags.
pub(super) fn best_correlation(heard: &[i16], said: &[i16]) -> f64 {
    let norm = |s: &[i16]| s.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    (0..=heard.len().saturating_sub(said.len()).min(1600))
        .map(|lag| {
            let heard = &heard[lag..lag + said.len()];
            let dot: f64 = heard.iter().zip(said).map(|(&h, &s)| f64::from(h) * f64::from(s)).sum();
            dot / (norm(heard) * norm(said)).max(1.0)
        })
        .fold(0.0, f64::max)
}
