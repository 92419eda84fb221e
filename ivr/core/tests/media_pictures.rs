//! Pictures in a conference, in virtual time: who is shown whom, whose numbers they have, key frames and the slate.

use std::sync::Arc;

use ngcc_ivr_core::media::rtp::{Packet, seq_ahead};
use ngcc_ivr_core::media::{Channel, Conference, Desk, Limits, Member, Music, PEER};
use ngcc_ivr_core::worker::{Codec, Stream, VideoCodec, VideoStream};
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{ConferenceId, LegId, Mono, Now, Wall};

const U: usize = 0;
const G: usize = 1;
const VP8: u8 = 96;
/// A key frame's first packet, and a packet of any other picture.
const KEY: [u8; 6] = [0x90, 0x80, 0x80, 5, 0x10, 0];
const DELTA: [u8; 6] = [0x90, 0x80, 0x80, 6, 0x11, 0];

/// SSRC, sequence number, timestamp and payload of what a member was shown.
type Shown = (u32, u16, u32, Vec<u8>);

struct Stage {
    conference: Conference,
    desk: Desk,
    at: u64,
    seqs: Vec<u16>,
    seen: Vec<Vec<Shown>>,
    control: Vec<Vec<Vec<u8>>>,
}

impl Stage {
    /// Browsers with cameras, connected, in these parts.
    fn with(parts: &[(Part, VideoCodec)]) -> Self {
        let desk = Desk::new(Arc::new(Music::compose()), Limits { silent_after_us: u64::MAX });
        let conference = Conference::new(ConferenceId(1));
        let mut stage = Self { conference, desk, at: 1_000_000, seqs: vec![], seen: vec![], control: vec![] };
        parts.iter().for_each(|(part, codec)| stage.join(*part, *codec));
        stage
    }

    fn join(&mut self, part: Part, codec: VideoCodec) {
        let slot = self.seqs.len();
        let video = VideoStream {
            codec,
            payload_type: VP8,
            send: true,
            receive: true,
            ssrc: 0x0100_0000 + slot as u32,
        };
        let stream = Stream {
            remote: None,
            codec: Codec::Pcmu,
            payload_type: 0,
            telephone_event: None,
            send: true,
            receive: true,
            ssrc: 100 + slot as u32,
            seq: 1,
            timestamp: 1,
            web: true,
            video: Some(video),
        };
        let mut member = Member::new(LegId(slot as u128), part);
        member.set_tag(slot as u32);
        member.set_stream(stream, Mono(self.at));
        assert_eq!(self.conference.join(member, &self.desk), slot);
        self.conference.set_connected(slot, true, Mono(self.at), &self.desk);
        self.seqs.push(100 * slot as u16);
        self.seen.push(vec![]);
        self.control.push(vec![]);
    }

    fn phase(&mut self, phase: Phase) {
        self.conference.set_phase(phase, &self.desk);
        self.care();
    }

    /// The member in `slot` sends a packet.
    fn film(&mut self, slot: usize, payload: &[u8]) {
        let seq = self.seqs[slot];
        self.seqs[slot] += 1;
        let timestamp = u32::from(seq) * 3000;
        let ssrc = 9000 + slot as u32;
        let packet = Packet { marker: true, payload_type: VP8, seq, timestamp, ssrc, payload };
        let mut bytes = vec![];
        packet.write(&mut bytes);
        self.conference.rtp(slot, PEER, &bytes, Mono(self.at), &mut self.desk);
        self.care();
    }

    /// Does what is due now.
    fn care(&mut self) {
        let now = Now { mono: Mono(self.at), wall: Wall(1_700_000_000_000) };
        if self.conference.next_care() <= now.mono {
            self.conference.care(now, &mut self.desk);
            assert!(self.conference.next_care() > now.mono, "it comes to rest");
        }
        for (parcel, bytes) in self.desk.outbox.packets() {
            let slot = parcel.tag as usize;
            match parcel.channel {
                Channel::Rtcp => self.control[slot].push(bytes.to_vec()),
                Channel::Rtp => {
                    let packet = Packet::parse(bytes).expect("what is sent is RTP");
                    assert_eq!(packet.payload_type, VP8);
                    let Packet { ssrc, seq, timestamp, payload, .. } = packet;
                    self.seen[slot].push((ssrc, seq, timestamp, payload.to_vec()));
                }
            }
        }
        self.desk.outbox.clear_packets();
    }

    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            self.at += 20_000;
            self.care();
        }
    }

    fn seen(&mut self, slot: usize) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.seen[slot]).into_iter().map(|(.., payload)| payload).collect()
    }

    /// How often the member in `slot` was asked for a key frame of its pictures.
    fn asked(&mut self, slot: usize) -> usize {
        let theirs = (9000 + slot as u32).to_be_bytes();
        let asks = std::mem::take(&mut self.control[slot]);
        asks.iter().filter(|b| b.len() == 20 && b[8..10] == [0x81, 206] && b[16..] == theirs).count()
    }
}

fn two(codec: VideoCodec) -> Stage {
    Stage::with(&[(Part::User, VideoCodec::Vp8), (Part::Agent, codec)])
}

#[test]
fn s4_14_who_is_heard_is_seen_under_our_numbers() {
    let mut stage = two(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.seen.iter_mut().for_each(Vec::clear);
    stage.film(U, &KEY);
    stage.film(U, &DELTA);
    stage.film(G, &KEY);
    let seen = stage.seen[G].clone();
    assert_eq!((seen.len(), stage.seen[U].len()), (2, 1), "each sees the other, nobody himself");
    assert!(seen.iter().all(|(ssrc, ..)| *ssrc == 0x0100_0001), "our SSRC, not the customer's");
    assert_eq!((seq_ahead(seen[1].1, seen[0].1), seen[1].2.wrapping_sub(seen[0].2)), (1, 3000));
}

#[test]
fn a_picture_begins_with_a_key_frame_which_is_asked_for() {
    let mut stage = two(VideoCodec::Vp8);
    stage.film(U, &KEY);
    stage.phase(Phase::Talk);
    stage.pass(500);
    stage.seen(G);
    assert!(stage.asked(U) >= 1, "the agent came to it in the middle");
    stage.film(U, &DELTA);
    assert!(stage.seen(G).is_empty(), "not without the picture it builds on");
    stage.pass(2000);
    let asked = stage.asked(U);
    assert!((3..=7).contains(&asked), "again and again, but not all the time: {asked}");
    stage.film(U, &KEY);
    assert_eq!(stage.seen(G).len(), 1);
    stage.asked(U);
    stage.pass(2000);
    assert_eq!(stage.asked(U), 0, "nobody waits");
}

#[test]
fn a_browser_that_lost_the_picture_has_it_asked_for() {
    let mut stage = two(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(U, &KEY);
    stage.pass(1000);
    stage.asked(U);
    // An empty receiver report, then picture loss (RFC 4585) about our pictures toward the agent.
    let mut lost = vec![0x80, 201, 0, 1, 0, 0, 0, 5, 0x81, 206, 0, 2, 0, 0, 0, 5];
    lost.extend(0x0100_0001u32.to_be_bytes());
    stage.conference.rtcp(G, PEER, &lost, Mono(stage.at));
    stage.care();
    assert_eq!(stage.asked(U), 1);
    let other = lost.len() - 1;
    lost[other] ^= 1;
    stage.pass(1000);
    stage.conference.rtcp(G, PEER, &lost, Mono(stage.at));
    stage.care();
    assert_eq!(stage.asked(U), 0, "about another's pictures");
}

#[test]
fn on_hold_and_with_the_automation_the_slate_is_shown_and_numbers_go_on() {
    let mut stage = two(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(G, &KEY);
    let frame = stage.seen[U].last().cloned().unwrap();
    for phase in [Phase::Hold, Phase::InIvr { listen: false, secure: false }] {
        stage.phase(Phase::Talk);
        stage.film(G, &KEY);
        stage.seen[U].clear();
        stage.phase(phase);
        stage.film(G, &DELTA);
        stage.pass(3000);
        let slates = stage.seen(U);
        assert!((3..=4).contains(&slates.len()), "once a second: {}", slates.len());
        assert!(slates.iter().all(|slate| slate.len() > 100 && slate[0] == 0x90 && slate[4] & 1 == 0));
    }
    stage.phase(Phase::Talk);
    stage.film(G, &KEY);
    let last = stage.seen[U].last().cloned().unwrap();
    assert_eq!(last.0, frame.0);
    assert!(seq_ahead(last.1, frame.1) > 0 && last.2.wrapping_sub(frame.2).cast_signed() > 0);
}

#[test]
fn who_speaks_another_codec_is_shown_the_slate() {
    let mut stage = two(VideoCodec::H264);
    stage.phase(Phase::Talk);
    stage.film(U, &KEY);
    stage.pass(1000);
    let seen = stage.seen(G);
    assert!(!seen.is_empty() && seen.iter().all(|payload| !payload.starts_with(&KEY[..4])));
    assert_eq!(seen[0][0] & 0x1F, 24, "H.264 parameters first");
}

#[test]
fn a_browser_is_told_how_much_it_may_send() {
    let mut stage = two(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(U, &KEY);
    stage.pass(8000);
    let capped = stage.control[U].iter().find_map(|bytes| {
        let at = bytes.windows(4).position(|word| word == b"REMB")?;
        let word = u32::from_be_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        Some((word & 0x3_FFFF) << (word >> 18 & 0x3F))
    });
    let bits = capped.expect("a report says so");
    assert!((1_400_000..=1_500_000).contains(&bits), "{bits}");
}
