//! A conference with phones of virtual time around it: they speak tones, press keys, and keep what they are sent.

use std::net::SocketAddr;
use std::sync::Arc;

use ngcc_ivr_core::media::keys::{Event, Keys};
use ngcc_ivr_core::media::rtp::Packet;
use ngcc_ivr_core::media::{Channel, Conference, Desk, FRAME, Limits, Member, Music, g711};
use ngcc_ivr_core::worker::{Codec, FromWorker, Sound, Stream};
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{ConferenceId, LegId, Mono, Now, Wall};

const EVENT: u8 = 96;
const PERIOD: u64 = 20_000;

/// What a phone was sent.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Mono,
    pub(crate) to: SocketAddr,
    pub(crate) payload_type: u8,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
}

/// A control packet a phone was sent.
pub(crate) struct Control {
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

struct Phone {
    address: SocketAddr,
    stream: Stream,
    seq: u16,
    timestamp: u32,
    spoken: usize,
    heard: Vec<Heard>,
    reports: Vec<Control>,
}

pub(crate) struct Room {
    pub(crate) conference: Conference,
    pub(crate) desk: Desk,
    phones: Vec<Phone>,
    at: u64,
    news: Vec<FromWorker>,
}

impl Room {
    pub(crate) const ID: ConferenceId = ConferenceId(7);

    pub(crate) fn new() -> Self {
        let desk = Desk::new(Arc::new(Music::compose()), Limits { silent_after_us: 60_000_000 });
        Self { conference: Conference::new(Self::ID), desk, phones: vec![], at: 1_000_000, news: vec![] }
    }

    pub(crate) fn leg(slot: usize) -> LegId {
        LegId(slot as u128)
    }

    pub(crate) fn ssrc(slot: usize) -> u32 {
        slot as u32 + 100
    }

    pub(crate) fn now(&self) -> Now {
        Now { mono: Mono(self.at), wall: Wall(1_700_000_000_000) }
    }

    /// Adds a phone at 192.0.2.(slot + 1):4000.
    pub(crate) fn join(&mut self, part: Part, codec: Codec) {
        let slot = self.phones.len();
        let address = SocketAddr::from(([192, 0, 2, slot as u8 + 1], 4000));
        let stream = Stream {
            remote: Some(address),
            codec,
            payload_type: if codec == Codec::Pcmu { 0 } else { 8 },
            telephone_event: Some(EVENT),
            send: true,
            receive: true,
            ssrc: Self::ssrc(slot),
            seq: 0xFFF0,
            timestamp: 0xFFFF_F000,
            web: false,
            video: None,
        };
        let mut member = Member::new(Self::leg(slot), part);
        member.set_tag(slot as u32);
        member.set_stream(stream.clone(), Mono(self.at));
        assert_eq!(self.conference.join(member, &self.desk), slot);
        let (heard, reports) = (vec![], vec![]);
        self.phones.push(Phone { address, stream, seq: 500, timestamp: 77, spoken: 0, heard, reports });
    }

    pub(crate) fn phase(&mut self, phase: Phase) {
        self.conference.set_phase(phase, &self.desk);
    }

    pub(crate) fn play(&mut self, play: u64, sound: Sound, repeat: bool) {
        self.conference.play(play, sound, repeat, &self.desk);
    }

    pub(crate) fn restream(&mut self, slot: usize, change: impl FnOnce(&mut Stream)) {
        change(&mut self.phones[slot].stream);
        let stream = self.phones[slot].stream.clone();
        self.conference.set_stream(slot, stream, Mono(self.at), &self.desk);
    }

    /// Lets `frames` × 20 ms pass, `each` at the beginning of every one.
    pub(crate) fn run(&mut self, frames: usize, mut each: impl FnMut(&mut Self)) {
        for _ in 0..frames {
            each(self);
            self.at += PERIOD / 4;
            if self.conference.needs_ticks() {
                self.conference.tick(Mono(self.at), &mut self.desk);
            }
            if self.conference.next_care() <= Mono(self.at) {
                self.conference.care(self.now(), &mut self.desk);
            }
            self.collect();
            self.at += PERIOD - PERIOD / 4;
            self.phones
                .iter_mut()
                .for_each(|phone| phone.timestamp = phone.timestamp.wrapping_add(FRAME as u32));
        }
    }

    /// One packet of a tone.
    pub(crate) fn speak(&mut self, slot: usize, hz: f64) {
        self.speak_at(self.phones[slot].address, slot, hz);
    }

    pub(crate) fn speak_from(&mut self, address: &str, slot: usize, hz: f64) {
        self.speak_at(address.parse().expect("an address"), slot, hz);
    }

    pub(crate) fn bytes_from(&mut self, address: &str, slot: usize, bytes: &[u8]) {
        self.conference.rtp(slot, address.parse().expect("an address"), bytes, Mono(self.at), &mut self.desk);
        self.collect();
    }

    /// A whole key: two packets down, the end three times.
    pub(crate) fn press(&mut self, slot: usize, code: u8) {
        for (duration, end) in [(160, false), (320, false), (480, true), (480, true), (480, true)] {
            self.key_packet(slot, code, duration, end);
        }
        self.phones[slot].timestamp += 800;
    }

    pub(crate) fn key_packet(&mut self, slot: usize, code: u8, duration: u16, end: bool) {
        let payload = Event { code, end, duration }.bytes();
        self.packet(slot, EVENT, &payload);
    }

    pub(crate) fn heard(&self, slot: usize) -> &[Heard] {
        &self.phones[slot].heard
    }

    pub(crate) fn reports(&self, slot: usize) -> &[Control] {
        &self.phones[slot].reports
    }

    /// Everything a phone heard, decoded.
    pub(crate) fn sound(&self, slot: usize) -> Vec<i16> {
        let phone = &self.phones[slot];
        let mut samples = vec![];
        for heard in phone.heard.iter().filter(|h| h.payload_type != EVENT) {
            assert_eq!(heard.payload_type, phone.stream.payload_type);
            let mut frame = vec![0; heard.payload.len()];
            g711::decode(phone.stream.codec, &heard.payload, &mut frame);
            samples.extend(frame);
        }
        samples
    }

    /// The keys a phone makes of the events it was sent.
    pub(crate) fn heard_keys(&self, slot: usize) -> Vec<u8> {
        let mut keys = Keys::default();
        let events = self.phones[slot].heard.iter().filter(|h| h.payload_type == EVENT);
        events
            .flat_map(|h| keys.event(h.timestamp, Event::parse(&h.payload).expect("a key"), h.at))
            .flatten()
            .collect()
    }

    pub(crate) fn news(&mut self) -> Vec<FromWorker> {
        std::mem::take(&mut self.news)
    }

    /// The digits among the news, which are emptied.
    pub(crate) fn digits(&mut self) -> Vec<(usize, String)> {
        let digits = self.news().into_iter().filter_map(|news| match news {
            FromWorker::Digit { leg, digit } => Some((leg.0 as usize, digit.expose().to_owned())),
            FromWorker::Played { .. }
            | FromWorker::Silent { .. }
            | FromWorker::PeerUp { .. }
            | FromWorker::PeerLost { .. } => None,
        });
        digits.collect()
    }

    pub(crate) fn sent_only_to_members(&self) -> bool {
        self.phones.iter().all(|phone| phone.heard.iter().all(|h| h.to == phone.address))
    }

    /// Delivers what lies on the desk.
    pub(crate) fn collect(&mut self) {
        for (parcel, bytes) in self.desk.outbox.packets() {
            let phone = &mut self.phones[parcel.tag as usize];
            if parcel.channel == Channel::Rtcp {
                phone.reports.push(Control { to: parcel.to, bytes: bytes.to_vec() });
                continue;
            }
            let Packet { payload_type, seq, timestamp, ssrc, payload, .. } =
                Packet::parse(bytes).expect("a packet");
            let (at, to, payload) = (Mono(self.at), parcel.to, payload.to_vec());
            phone.heard.push(Heard { at, to, payload_type, seq, timestamp, ssrc, payload });
        }
        self.desk.outbox.clear_packets();
        self.news.append(&mut self.desk.outbox.news);
    }

    fn speak_at(&mut self, from: SocketAddr, slot: usize, hz: f64) {
        let phone = &mut self.phones[slot];
        let samples: Vec<i16> = (phone.spoken..phone.spoken + FRAME).map(|i| wave(hz, i)).collect();
        phone.spoken += FRAME;
        let mut payload = [0; FRAME];
        g711::encode(phone.stream.codec, &samples, &mut payload);
        let payload_type = phone.stream.payload_type;
        self.packet_from(from, slot, payload_type, &payload);
    }

    pub(crate) fn packet(&mut self, slot: usize, payload_type: u8, payload: &[u8]) {
        self.packet_from(self.phones[slot].address, slot, payload_type, payload);
    }

    fn packet_from(&mut self, from: SocketAddr, slot: usize, payload_type: u8, payload: &[u8]) {
        let phone = &mut self.phones[slot];
        phone.seq = phone.seq.wrapping_add(1);
        let packet = Packet {
            marker: false,
            payload_type,
            seq: phone.seq,
            timestamp: phone.timestamp,
            ssrc: 9000 + slot as u32,
            payload,
        };
        let mut bytes = vec![];
        packet.write(&mut bytes);
        self.conference.rtp(slot, from, &bytes, Mono(self.at), &mut self.desk);
        self.collect();
    }
}

/// A tone as samples.
pub(crate) fn say(hz: f64, samples: usize) -> Arc<[i16]> {
    (0..samples).map(|i| wave(hz, i)).collect()
}

fn wave(hz: f64, i: usize) -> i16 {
    ((i as f64 * hz * std::f64::consts::TAU / 8000.0).sin() * 4000.0) as i16
}

/// How much of the sound's power is a tone of `hz` (Goertzel): 1 is all of it.
pub(crate) fn tone(samples: &[i16], hz: f64) -> f64 {
    let power: f64 = samples.iter().map(|&s| f64::from(s).powi(2)).sum();
    if power == 0.0 {
        return 0.0;
    }
    let coefficient = 2.0 * (std::f64::consts::TAU * hz / 8000.0).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for &sample in samples {
        (a, b) = (f64::from(sample) + coefficient * a - b, a);
    }
    (a * a + b * b - coefficient * a * b) * 2.0 / (power * samples.len() as f64)
}
