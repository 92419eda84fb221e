//! What is recorded of a conference: its customer's pictures, while somebody is shown them, and nothing besides.

use std::sync::Arc;

use ngcc_ivr_core::media::rtp::Packet;
use ngcc_ivr_core::media::{Channel, Conference, Desk, Limits, Member, Music, PEER};
use ngcc_ivr_core::worker::{Codec, Stream, VideoCodec, VideoStream};
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{CollabId, ConferenceId, LegId, Mono, Now, Wall};

const U: usize = 0;
const G: usize = 1;
const VP8: u8 = 96;
const ONE: CollabId = CollabId(1);
const MS: u64 = 1000;

/// A customer's browser and an agent's, at a screen that is recorded.
struct Stage {
    conference: Conference,
    desk: Desk,
    at: u64,
    seq: u16,
    /// How often the customer's browser was asked for a key frame.
    asked: usize,
}

impl Stage {
    fn new(codec: VideoCodec) -> Self {
        let desk = Desk::new(Arc::new(Music::compose()), Limits { silent_after_us: u64::MAX });
        let conference = Conference::new(ConferenceId(1));
        let mut stage = Self { conference, desk, at: 1000 * MS, seq: 65_530, asked: 0 };
        stage.join(Part::User, codec);
        stage.join(Part::Agent, codec);
        stage.conference.record(Some(ONE), &stage.desk);
        stage
    }

    fn join(&mut self, part: Part, codec: VideoCodec) {
        let slot = part as usize;
        let (send, receive) = (part == Part::Agent, part == Part::User);
        let video = VideoStream { codec, payload_type: VP8, send, receive, ssrc: 500 + slot as u32 };
        let stream = Stream {
            remote: None,
            codec: Codec::Pcmu,
            payload_type: 0,
            telephone_event: None,
            send: false,
            receive: false,
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
    }

    fn phase(&mut self, phase: Phase) {
        self.conference.set_phase(phase, &self.desk);
        self.care();
    }

    /// The customer's browser sends a picture in one packet, told from others by its last byte.
    fn film(&mut self, is_key: bool, mark: u8) {
        let mut payload = vec![0x90, 0x80, 0x80, mark, u8::from(!is_key), 0, 0];
        payload.extend([0x9D, 0x01, 0x2A, 64, 1, 240, 0, mark]);
        self.send(true, &payload);
    }

    fn send(&mut self, marker: bool, payload: &[u8]) {
        let (seq, timestamp) = (self.seq, (self.at * 9 / 100) as u32);
        self.seq = seq.wrapping_add(1);
        let packet = Packet { marker, payload_type: VP8, seq, timestamp, ssrc: 9, payload };
        let mut bytes = vec![];
        packet.write(&mut bytes);
        self.conference.rtp(U, PEER, &bytes, Mono(self.at), &mut self.desk);
        self.pass(40);
    }

    fn pass(&mut self, ms: u64) {
        self.at += ms * MS;
        self.care();
    }

    fn care(&mut self) {
        let now = Now { mono: Mono(self.at), wall: Wall(1_700_000_000_000) };
        if self.conference.next_care() <= now.mono {
            self.conference.care(now, &mut self.desk);
            assert!(self.conference.next_care() > now.mono, "it comes to rest");
        }
        let asks = self.desk.outbox.packets().filter(|(parcel, bytes)| {
            let is_lost_picture = bytes.get(8..10) == Some(&[0x81, 206]);
            parcel.tag as usize == U && parcel.channel == Channel::Rtcp && is_lost_picture
        });
        self.asked += asks.count();
        self.desk.outbox.clear_packets();
    }

    /// The last byte of each picture that was recorded since.
    fn recorded(&mut self) -> Vec<u8> {
        let frames = self.desk.outbox.frames.drain(..);
        frames
            .map(|(collab, frame)| {
                assert_eq!(collab, ONE);
                *frame.bytes.last().expect("a byte")
            })
            .collect()
    }
}

#[test]
fn what_the_agent_is_shown_is_recorded_from_a_key_frame_on_and_nothing_while_it_is_not_permitted() {
    let mut stage = Stage::new(VideoCodec::Vp8);
    stage.film(true, 1);
    assert!(stage.recorded().is_empty(), "nothing is granted yet");
    stage.phase(Phase::Talk);
    stage.film(false, 2);
    stage.film(true, 3);
    stage.film(false, 4);
    assert_eq!(stage.recorded(), [3, 4]);
    stage.phase(Phase::Hold);
    stage.film(true, 5);
    stage.film(false, 6);
    assert!(stage.recorded().is_empty(), "whatever the page still sends");
    stage.phase(Phase::Talk);
    stage.film(false, 7);
    assert!(stage.recorded().is_empty(), "it is made of what was shown while it was paused");
    stage.film(true, 8);
    assert_eq!(stage.recorded(), [8]);
}

#[test]
fn a_picture_that_was_under_way_at_a_pause_is_in_no_part_recorded() {
    let mut stage = Stage::new(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(true, 1);
    let key = [0x90, 0x80, 0x80, 2, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 240, 0];
    for resumed in [false, true] {
        stage.recorded();
        stage.send(false, &key);
        stage.phase(Phase::Hold);
        if resumed {
            stage.phase(Phase::Talk);
        }
        stage.send(true, &[0x80, 0x80, 0x80, 2, 99]);
        assert!(stage.recorded().is_empty());
        stage.phase(Phase::Talk);
        stage.film(true, 3);
        assert_eq!(stage.recorded(), [3]);
    }
}

#[test]
fn while_nobody_looks_nothing_is_recorded_and_whoever_comes_is_recorded_from_what_they_are_shown() {
    let mut stage = Stage::new(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(true, 1);
    stage.conference.set_connected(G, false, Mono(stage.at), &stage.desk);
    stage.film(false, 2);
    stage.film(true, 3);
    assert_eq!(stage.recorded(), [1]);
    stage.conference.set_connected(G, true, Mono(stage.at), &stage.desk);
    stage.film(false, 4);
    stage.film(true, 5);
    assert_eq!(stage.recorded(), [5]);
    stage.conference.record(None, &stage.desk);
    stage.film(true, 6);
    assert!(stage.recorded().is_empty(), "its recording is over");
}

#[test]
fn a_key_frame_is_asked_for_at_the_beginning_after_a_gap_and_now_and_then_and_no_oftener_than_need_be() {
    let mut stage = Stage::new(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    stage.film(true, 0);
    let after = |stage: &mut Stage, what: &dyn Fn(&mut Stage)| {
        let before = stage.asked;
        what(stage);
        stage.asked - before
    };
    stage.pass(1000);
    assert_eq!(after(&mut stage, &|s| (0..50).for_each(|n| s.film(false, n))), 0, "nothing is missing");
    stage.recorded();
    let lost = after(&mut stage, &|s| {
        s.seq = s.seq.wrapping_add(1);
        (0..10).for_each(|n| s.film(false, n));
    });
    assert_eq!((lost, stage.recorded()), (1, vec![]), "the agent's browser has said nothing");
    stage.film(true, 7);
    stage.film(false, 8);
    assert_eq!(stage.recorded(), [7, 8]);
    let later = after(&mut stage, &|s| {
        s.pass(18_500);
        s.film(false, 9);
        s.pass(1500);
        s.film(false, 10);
        s.film(true, 11);
        (0..30).for_each(|n| s.film(false, n));
    });
    assert_eq!(later, 1, "a player finds a place to go on from");
    assert_eq!(stage.recorded().len(), 33);
}

#[test]
fn pictures_are_shown_at_the_pace_at_which_they_were_taken_and_after_a_pause_when_they_came() {
    let mut stage = Stage::new(VideoCodec::Vp8);
    stage.phase(Phase::Talk);
    let began = stage.at;
    stage.film(true, 1);
    // The network holds two pictures up, and the next comes in time.
    let timestamp = (stage.at * 9 / 100) as u32;
    stage.pass(90);
    let payload = [0x90, 0x80, 0x80, 2, 1, 0, 0, 2];
    let packet =
        Packet { marker: true, payload_type: VP8, seq: stage.seq, timestamp, ssrc: 9, payload: &payload };
    let mut bytes = vec![];
    packet.write(&mut bytes);
    stage.conference.rtp(U, PEER, &bytes, Mono(stage.at), &mut stage.desk);
    stage.seq = stage.seq.wrapping_add(1);
    let times: Vec<u64> = stage.desk.outbox.frames.iter().map(|(_, frame)| frame.at.0 - began).collect();
    assert!(times[0] == 0 && times[1].abs_diff(40 * MS) <= 100, "{times:?}");
    stage.phase(Phase::Hold);
    stage.pass(60_000);
    stage.phase(Phase::Talk);
    let again = stage.at;
    stage.film(true, 3);
    assert_eq!(stage.desk.outbox.frames[2].1.at.0, again);
}

#[test]
fn pictures_that_are_not_vp8_are_not_recorded() {
    let mut stage = Stage::new(VideoCodec::H264);
    stage.phase(Phase::Talk);
    stage.send(true, &[0x65, 1, 2, 3]);
    stage.film(true, 1);
    assert!(stage.recorded().is_empty());
}
