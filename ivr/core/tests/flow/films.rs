//! Recordings of screens: which conference they are of, what becomes of them over a restart, and what cannot be recorded.

use ngcc_ivr_core::Input;
use ngcc_ivr_core::film::Strip;
use ngcc_ivr_core::worker::ToWorker;
use ngcc_proto::envelope::Body;
use ngcc_proto::media::{Command, Event, Part};
use ngcc_proto::recording::{Loss, MediaEvent};
use ngcc_proto::{CollabId, Kind};

use crate::web::{H264_ONLY, VP8_AND_H264, offer, open, world};
use crate::world::{AGENT_LEG, LEG, ROOM, SESSION, World};

const ONE: CollabId = CollabId(77);
/// A browser that would rather have H.264.
const H264_FIRST: &str = "m=video 9 UDP/TLS/RTP/SAVPF 102 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:102 H264/90000\r\n\
    a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:96 VP8/90000\r\n";

fn record(world: &mut World) {
    world.send(Some(SESSION), Command::Record { conference: ROOM, collab: ONE });
}

/// What the workers were told of recordings.
fn told(world: &World) -> Vec<Option<CollabId>> {
    let all = world.worker.iter();
    let record = |command: &ToWorker| {
        let ToWorker::Record { conference, collab } = command else { return None };
        assert_eq!(*conference, ROOM);
        Some(*collab)
    };
    all.filter_map(record).collect()
}

fn formats(sdp: &ngcc_proto::sdp::Sdp) -> Vec<String> {
    sdp.first("video").unwrap().formats.clone()
}

#[test]
fn a_recording_begins_before_its_first_leg_and_ends_once_with_whoever_is_there() {
    let mut world = world();
    record(&mut world);
    assert_eq!(world.taped, [(ONE, Strip::Begin { session: SESSION })]);
    assert!(told(&world).is_empty(), "nobody is there yet");
    open(&mut world, LEG, Part::User, offer(1, "them", 0x11, VP8_AND_H264));
    assert_eq!(told(&world), [Some(ONE)]);
    record(&mut world);
    assert_eq!(world.taped.len(), 1, "a repeat changes nothing");
    world.worker.clear();
    for _ in 0..2 {
        world.send(Some(SESSION), Command::EndRecording { collab: ONE });
    }
    assert_eq!((told(&world), world.taped[1..].to_vec()), (vec![None], vec![(ONE, Strip::End)]));
    assert!(world.records.keys().all(|key| key.kind != Kind::Recording));
    world.send(None, MediaEvent::Kept { collab: ONE });
    assert_eq!(world.taped[2..], [(ONE, Strip::Known)]);
}

#[test]
fn what_is_recorded_is_in_vp8_where_a_browser_offers_it() {
    let mut world = world();
    let plain = open(&mut world, LEG, Part::User, offer(1, "them", 0x11, H264_FIRST));
    assert_eq!(formats(&plain), ["102"], "as the browser has it");
    world.send(Some(SESSION), Command::Close { leg: LEG });
    record(&mut world);
    let recorded = open(&mut world, LEG, Part::User, offer(2, "them", 0x11, H264_FIRST));
    assert_eq!(formats(&recorded), ["96"]);
    let agents = open(&mut world, AGENT_LEG, Part::Agent, offer(3, "they", 0x22, H264_FIRST));
    assert_eq!(formats(&agents), ["96"]);
}

#[test]
fn a_browser_without_vp8_is_shown_and_cti_is_told_once_that_it_is_not_recorded() {
    let mut world = world();
    record(&mut world);
    let offer = offer(1, "them", 0x11, H264_ONLY);
    world.send(
        Some(SESSION),
        Command::Open { leg: LEG, conference: ROOM, part: Part::User, offer: Some(offer) },
    );
    let told_cti = world.take_told();
    let unrecorded = Event::Unrecorded { collab: ONE, loss: Loss::Codec };
    let [Body::MediaEvent(lost), Body::MediaEvent(Event::Opened { sdp, .. })] = &told_cti[..] else {
        panic!("{told_cti:?}")
    };
    assert_eq!((lost, formats(sdp)), (&unrecorded, vec!["102".to_owned()]));
    assert_eq!(told(&world).last(), Some(&None), "the workers take nothing");
    world.give(Input::Unrecorded { collab: ONE, loss: Loss::Disk });
    assert!(world.take_told().is_empty(), "it is lost already");
}

#[test]
fn after_a_kill_a_recording_goes_on_with_or_without_legs_and_a_lost_one_does_not() {
    let mut world = world();
    record(&mut world);
    open(&mut world, LEG, Part::User, offer(1, "them", 0x11, VP8_AND_H264));
    world.taped.clear();
    world.crash(5);
    let restored = world.take_told();
    let Body::MediaEvent(Event::Restored { recordings, .. }) = &restored[0] else { panic!("{restored:?}") };
    assert_eq!((recordings, &world.standing), (&vec![ONE], &vec![ONE]));
    assert_eq!(world.taped, [(ONE, Strip::Begin { session: SESSION })]);
    assert_eq!(told(&world).last(), Some(&Some(ONE)), "the leg's pictures are recorded again");
    world.send(Some(SESSION), Command::Close { leg: LEG });
    world.give(Input::Unrecorded { collab: ONE, loss: Loss::Full });
    assert_eq!(world.take_told(), [Event::Unrecorded { collab: ONE, loss: Loss::Full }.into()]);
    world.taped.clear();
    world.crash(5);
    assert_eq!((&world.standing, world.taped.len()), (&vec![ONE], 0), "its end is still to come");
    world.send(None, Command::EndRecording { collab: ONE });
    assert_eq!(world.taped, [(ONE, Strip::End)]);
}
