//! A member's pictures: whom it sees, and our stream of them toward it. Pictures are forwarded packet by packet and never
//! decoded; whatever is shown is one SSRC whose numbers go on, and each change of what is shown begins with a key frame.

use ngcc_proto::Mono;

use super::reception::Reception;
use super::rtcp::Sent;
use super::rtp::{Packet, seq_ahead, time_ahead};
use crate::worker::{VideoCodec, VideoStream};

/// How often a browser is asked for a key frame while somebody waits for it, in microseconds.
const ASK_US: u64 = 400_000;
/// How often the slate is shown, in microseconds.
const SLATE_US: u64 = 1_000_000;
/// Ticks of the 90 kHz clock in a thirtieth of a second: the least step between two pictures of different sources.
const STEP: u32 = 3_000;
/// How many packets behind the newest one a packet may be and still be passed on, at the most.
const LATE: i16 = 2_000;
/// The longest payload that is taken.
pub(super) const MAX_PAYLOAD: usize = 1_500;

/// What a member is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    Nothing,
    /// The picture of nobody.
    Slate,
    /// The pictures of the member in this slot.
    Member(u16),
}

/// See the module.
pub(super) struct Pictures {
    pub(super) stream: VideoStream,
    pub(super) show: Show,
    /// The slots its pictures go to.
    pub(super) shown_to: Vec<u16>,
    pub(super) reception: Option<Reception>,
    pub(super) out: Sending,
    /// Somebody needs a key frame of it.
    pub(super) wanted: bool,
    asked: Option<Mono>,
    slate_at: Mono,
}

impl Pictures {
    pub(super) fn new(stream: VideoStream, now: Mono) -> Self {
        Self {
            out: Sending::new(stream.ssrc, now),
            stream,
            show: Show::Nothing,
            shown_to: vec![],
            reception: None,
            wanted: false,
            asked: None,
            slate_at: now,
        }
    }

    /// Shows something else, or the same to another browser: it begins with a key frame.
    pub(super) fn turn(&mut self, show: Show) {
        self.show = show;
        self.out.source = None;
        self.slate_at = Mono(0);
    }

    /// Whether it waits for a key frame of the member it is shown.
    pub(super) fn waits(&self) -> bool {
        matches!(self.show, Show::Member(_)) && self.out.source.is_none()
    }

    /// Counts a packet of the browser.
    pub(super) fn count(&mut self, packet: &Packet<'_>, now: Mono) {
        // Jitter is counted on the clock of sound.
        let timestamp = (u64::from(packet.timestamp) * 8 / 90) as u32;
        let packet = Packet { timestamp, ..*packet };
        match &mut self.reception {
            Some(reception) if reception.ssrc() == packet.ssrc => reception.count(&packet, now),
            Some(_) | None => self.reception = Some(Reception::new(&packet, now)),
        }
    }

    /// When the browser has to be asked for a key frame, if it has to.
    pub(super) fn ask_at(&self) -> Option<Mono> {
        self.reception.as_ref().filter(|_| self.wanted)?;
        Some(self.asked.map_or(Mono(0), |asked| Mono(asked.0 + ASK_US)))
    }

    /// It is asked now: its SSRC.
    pub(super) fn ask(&mut self, now: Mono) -> Option<u32> {
        self.ask_at().filter(|at| *at <= now)?;
        (self.asked, self.wanted) = (Some(now), false);
        self.reception.as_ref().map(Reception::ssrc)
    }

    /// When the slate is shown next, if it is.
    pub(super) fn slate_at(&self) -> Option<Mono> {
        (self.show == Show::Slate).then_some(self.slate_at)
    }

    /// Whether the slate is to be shown now.
    pub(super) fn slate_due(&mut self, now: Mono) -> bool {
        let due = self.slate_at().is_some_and(|at| at <= now);
        if due {
            self.slate_at = Mono(now.0 + SLATE_US);
        }
        due
    }

    /// The browser has lost the picture: whoever is shown is asked for a key frame by the caller, a slate comes at once.
    pub(super) fn lost(&mut self) {
        self.slate_at = Mono(0);
    }
}

/// Our stream of pictures.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    ssrc: u32,
    /// What was sent last: sequence number, timestamp, VP8 picture id and base layer index.
    seq: u16,
    timestamp: u32,
    picture: u16,
    layer: u8,
    base: u32,
    source: Option<Source>,
    packets: u32,
    octets: u32,
    told: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    leg: u32,
    ssrc: u32,
    /// The first sequence number that was taken.
    first: u16,
    seq: u16,
    timestamp: u32,
    picture: u16,
    layer: u8,
}

/// Where a packet stands in our stream, and how its VP8 numbers shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seq: u16,
    pub(super) timestamp: u32,
    pub(super) picture: u16,
    pub(super) layer: u8,
}

impl Sending {
    fn new(ssrc: u32, now: Mono) -> Self {
        let base = ssrc.rotate_left(7);
        let timestamp = base.wrapping_add(clock(now));
        // A first sequence number in the lower half keeps off its wrap.
        let seq = (ssrc >> 16) as u16 & 0x7FFF;
        let (picture, layer) = (ssrc as u16 & 0x7FFF, ssrc as u8);
        let source = None;
        Self { ssrc, seq, timestamp, picture, layer, base, source, packets: 0, octets: 0, told: 0 }
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Places a packet of the leg tagged `leg`; none until a key frame begins, and for what was sent before it.
    pub(super) fn place(
        &mut self,
        leg: u32,
        codec: VideoCodec,
        packet: &Packet<'_>,
        now: Mono,
    ) -> Option<Place> {
        let known = self.source.filter(|s| s.leg == leg && s.ssrc == packet.ssrc);
        let numbers = (codec == VideoCodec::Vp8).then(|| Vp8::parse(packet.payload)).flatten();
        let mut source = match known {
            Some(source) if seq_ahead(packet.seq, source.first) < 0 => return None,
            Some(source) => source,
            None if !begins_key_frame(codec, packet.payload) => {
                self.source = None;
                return None;
            }
            None => {
                let timestamp = self.next(now);
                let (picture, layer) = numbers.as_ref().map_or((0, 0), |n| (n.picture(), n.layer()));
                let source = Source {
                    leg,
                    ssrc: packet.ssrc,
                    first: packet.seq,
                    seq: self.seq.wrapping_add(1).wrapping_sub(packet.seq),
                    timestamp: timestamp.wrapping_sub(packet.timestamp),
                    picture: self.picture.wrapping_add(1).wrapping_sub(picture),
                    layer: self.layer.wrapping_add(1).wrapping_sub(layer),
                };
                self.source = Some(source);
                source
            }
        };
        let place = Place {
            seq: packet.seq.wrapping_add(source.seq),
            timestamp: packet.timestamp.wrapping_add(source.timestamp),
            picture: source.picture,
            layer: source.layer,
        };
        if seq_ahead(place.seq, self.seq) > 0 {
            (self.seq, self.timestamp) = (place.seq, place.timestamp);
            // What is far behind is of before the key frame no longer: sequence numbers come round.
            if seq_ahead(packet.seq, source.first) > LATE {
                source.first = packet.seq.wrapping_sub(LATE.cast_unsigned() / 2);
                self.source = Some(source);
            }
            if let Some(numbers) = numbers {
                self.picture = numbers.picture().wrapping_add(source.picture);
                self.layer = numbers.layer().wrapping_add(source.layer);
            }
        }
        self.sent(packet.payload.len());
        Some(place)
    }

    /// Places a packet of a picture of ours; `first` begins another.
    pub(super) fn own(&mut self, first: bool, payload: &mut [u8], codec: VideoCodec, now: Mono) -> Place {
        self.source = None;
        if first {
            self.timestamp = self.next(now);
            self.picture = self.picture.wrapping_add(1);
        }
        self.seq = self.seq.wrapping_add(1);
        if codec == VideoCodec::Vp8
            && let Some(numbers) = Vp8::parse(payload)
        {
            numbers.shift(payload, self.picture.wrapping_sub(numbers.picture()), 0);
        }
        self.sent(payload.len());
        Place { seq: self.seq, timestamp: self.timestamp, picture: 0, layer: 0 }
    }

    /// What a sender report tells; none if nothing was sent since the last one.
    pub(super) fn report(&mut self, ntp: u64, now: Mono) -> Option<Sent> {
        if self.packets == self.told {
            return None;
        }
        self.told = self.packets;
        let timestamp = self.base.wrapping_add(clock(now));
        Some(Sent { ntp, timestamp, packets: self.packets, octets: self.octets })
    }

    /// The timestamp of a picture that begins now, behind every other.
    fn next(&self, now: Mono) -> u32 {
        let (now, least) = (self.base.wrapping_add(clock(now)), self.timestamp.wrapping_add(STEP));
        if time_ahead(now, least) > 0 { now } else { least }
    }

    fn sent(&mut self, octets: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(octets as u32);
    }
}

/// The count of 90 kHz ticks at a moment; wraps, as RTP timestamps do.
fn clock(at: Mono) -> u32 {
    (at.0 * 9 / 100) as u32
}

/// Where the numbers of a VP8 payload descriptor lie (RFC 7741 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vp8 {
    key: bool,
    /// The picture id's place, whether it has 15 bits, and the id.
    picture: Option<(usize, bool, u16)>,
    layer: Option<(usize, u8)>,
}

impl Vp8 {
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let (mut at, mut picture, mut layer) = (1, None, None);
        if first & 0x80 != 0 {
            let extension = *payload.get(at)?;
            at += 1;
            if extension & 0x80 != 0 {
                let id = *payload.get(at)?;
                let long = id & 0x80 != 0;
                let low = if long { *payload.get(at + 1)? } else { 0 };
                let id = if long { u16::from_be_bytes([id & 0x7F, low]) } else { u16::from(id) };
                picture = Some((at, long, id));
                at += if long { 2 } else { 1 };
            }
            if extension & 0x40 != 0 {
                layer = Some((at, *payload.get(at)?));
                at += 1;
            }
            at += usize::from(extension & 0x30 != 0);
        }
        // The start of the first partition, whose header says in its lowest bit that it is no key frame (RFC 6386).
        let begins = first & 0x10 != 0 && first & 0x07 == 0;
        let key = begins && payload.get(at)? & 1 == 0;
        Some(Self { key, picture, layer })
    }

    fn picture(&self) -> u16 {
        self.picture.map_or(0, |(.., id)| id)
    }

    fn layer(&self) -> u8 {
        self.layer.map_or(0, |(_, index)| index)
    }

    /// Shifts the numbers in the payload they were read from.
    pub(super) fn shift(&self, payload: &mut [u8], picture: u16, layer: u8) {
        if let Some((at, long, id)) = self.picture {
            let id = id.wrapping_add(picture);
            if long {
                let [high, low] = (id & 0x7FFF | 0x8000).to_be_bytes();
                payload[at..at + 2].copy_from_slice(&[high, low]);
            } else {
                payload[at] = id as u8 & 0x7F;
            }
        }
        if let Some((at, index)) = self.layer {
            payload[at] = index.wrapping_add(layer);
        }
    }
}

/// Whether a packet is the first of a picture that needs no other.
pub(super) fn begins_key_frame(codec: VideoCodec, payload: &[u8]) -> bool {
    match codec {
        VideoCodec::Vp8 => Vp8::parse(payload).is_some_and(|descriptor| descriptor.key),
        VideoCodec::H264 => {
            // NAL unit types (RFC 6184 section 5.2): 5 a key picture, 7 the parameters in front of it, 24 an
            // aggregation, 28 a fragment, whose second byte says which it is and whether it begins.
            let unit = |at: usize| payload.get(at).map(|byte| byte & 0x1F);
            match unit(0) {
                Some(5 | 7) => true,
                Some(24) => matches!(unit(3), Some(5 | 7)),
                Some(28) => payload.get(1).is_some_and(|b| b & 0x80 != 0) && matches!(unit(1), Some(5 | 7)),
                Some(_) | None => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 6] = [0x90, 0x80, 0x80, 5, 0x10, 0];
    const DELTA: [u8; 6] = [0x90, 0x80, 0x80, 6, 0x11, 0];

    fn packet(seq: u16, payload: &[u8]) -> Packet<'_> {
        Packet { marker: true, payload_type: 96, seq, timestamp: u32::from(seq) * 3000, ssrc: 9, payload }
    }

    #[test]
    fn a_key_frame_is_known_in_either_codec() {
        assert!(begins_key_frame(VideoCodec::Vp8, &KEY) && !begins_key_frame(VideoCodec::Vp8, &DELTA));
        assert!(!begins_key_frame(VideoCodec::Vp8, &[0x80, 0x80, 0x80, 5, 0x10]), "not its beginning");
        assert!(
            begins_key_frame(VideoCodec::H264, &[0x67, 1]) && !begins_key_frame(VideoCodec::H264, &[0x41])
        );
        assert!(
            begins_key_frame(VideoCodec::H264, &[0x7C, 0x85])
                && !begins_key_frame(VideoCodec::H264, &[0x7C, 0x05])
        );
        for length in 0..6 {
            begins_key_frame(VideoCodec::Vp8, &[0xFF; 6][..length]);
            begins_key_frame(VideoCodec::H264, &[24; 6][..length]);
        }
    }

    #[test]
    fn numbers_go_on_over_a_change_of_source_which_begins_with_a_key_frame() {
        let mut out = Sending::new(0x0007_1234, Mono(0));
        let place = |out: &mut Sending, leg, seq, payload, at| {
            out.place(leg, VideoCodec::Vp8, &packet(seq, payload), Mono(at))
        };
        assert_eq!(place(&mut out, 1, 100, &DELTA, 0), None, "it waits");
        let first = place(&mut out, 1, 101, &KEY, 40_000).unwrap();
        let second = place(&mut out, 1, 102, &DELTA, 80_000).unwrap();
        assert_eq!((second.seq, second.timestamp), (first.seq + 1, first.timestamp.wrapping_add(3000)));
        assert_eq!(place(&mut out, 1, 99, &DELTA, 90_000), None, "of before the key frame");
        assert_eq!(place(&mut out, 2, 7000, &DELTA, 100_000), None);
        let third = place(&mut out, 2, 7001, &KEY, 120_000).unwrap();
        assert_eq!(third.seq, second.seq + 1);
        assert!(time_ahead(third.timestamp, second.timestamp) >= STEP.cast_signed());
        let picture = |place: Place, payload: &[u8]| {
            let mut payload = payload.to_vec();
            Vp8::parse(&payload).unwrap().shift(&mut payload, place.picture, place.layer);
            Vp8::parse(&payload).unwrap().picture()
        };
        assert_eq!(picture(third, &KEY), picture(second, &DELTA) + 1, "picture ids go on too");
    }

    #[test]
    fn a_long_show_goes_over_the_wrap_around_of_its_sequence_numbers() {
        let mut out = Sending::new(0x0007_1234, Mono(0));
        let first = out.place(1, VideoCodec::Vp8, &packet(60_000, &KEY), Mono(0)).unwrap();
        for n in 1..200_000u32 {
            let seq = 60_000u16.wrapping_add(n as u16);
            let place = out.place(1, VideoCodec::Vp8, &packet(seq, &DELTA), Mono(0)).expect("each goes on");
            assert_eq!(place.seq, first.seq.wrapping_add(n as u16));
        }
    }
}
