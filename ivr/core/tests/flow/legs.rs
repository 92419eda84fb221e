//! Legs: offer and answer, ports, phases, and what goes to the workers in which order.

use ngcc_ivr_core::worker::{Codec, ToWorker};
use ngcc_proto::Kind;
use ngcc_proto::access::Cause;
use ngcc_proto::envelope::Body;
use ngcc_proto::media::{Command, Event, Part, Phase};

use crate::world::{AGENT_LEG, LEG, ROOM, SESSION, World, offer};

fn world() -> World {
    World::with("w", r#""w":{"verb":"wait"}"#)
}

#[test]
fn an_offer_is_answered_with_our_port_and_the_workers_get_the_stream() {
    let mut world = world();
    world.open(LEG, Part::User);
    let Body::MediaEvent(Event::Opened { leg: LEG, sdp }) = world.told_one() else { panic!() };
    assert_eq!(sdp.first("audio").unwrap().port, 20_002);
    let [ToWorker::Open { leg: LEG, conference: ROOM, part: Part::User, stream: Some(stream) }, phase] =
        &world.worker[..]
    else {
        panic!("{:?}", world.worker)
    };
    assert_eq!(stream.remote, Some("127.0.0.1:4000".parse().unwrap()));
    assert_eq!((stream.codec, stream.payload_type, stream.telephone_event), (Codec::Pcmu, 0, Some(101)));
    assert_eq!(*phase, ToWorker::Phase { conference: ROOM, phase: Phase::SelfService });
}

#[test]
fn a_leg_called_by_us_has_its_stream_with_the_remote_answer() {
    let mut world = world();
    world.send(Some(SESSION), Command::Open { leg: LEG, conference: ROOM, part: Part::Agent, offer: None });
    assert!(matches!(world.told_one(), Body::MediaEvent(Event::Opened { .. })));
    assert!(matches!(world.worker[0], ToWorker::Open { stream: None, .. }));
    world.worker.clear();
    world.send(Some(SESSION), Command::Answered { leg: LEG, sdp: offer(5000) });
    let [ToWorker::Stream { leg: LEG, stream }] = &world.worker[..] else { panic!("{:?}", world.worker) };
    assert_eq!(stream.remote, Some("127.0.0.1:5000".parse().unwrap()));
}

#[test]
fn an_offer_nobody_can_speak_and_a_port_nobody_has_fail_and_leave_nothing() {
    let bad = "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 9\r\n";
    let mut world = world();
    let offer = Some(bad.parse().unwrap());
    world.send(Some(SESSION), Command::Open { leg: LEG, conference: ROOM, part: Part::User, offer });
    assert_eq!(world.told_one(), Event::Failed { leg: LEG, cause: Cause::NotAcceptable }.into());
    assert_eq!(world.worker, [ToWorker::Close { leg: LEG }], "its ports are given back");
    assert!(world.records.is_empty());

    world.ports_left = 0;
    world.open(LEG, Part::User);
    assert_eq!(world.told_one(), Event::Failed { leg: LEG, cause: Cause::Overloaded }.into());
    assert!(world.records.is_empty());
}

#[test]
fn a_new_offer_changes_the_stream_and_keeps_its_counting() {
    let mut world = world().with_caller();
    let before = stream_of(&world);
    world.send(Some(SESSION), Command::Reoffer { leg: LEG, offer: Some(offer(4444)) });
    let Body::MediaEvent(Event::Reanswered { sdp: Some(_), .. }) = world.told_one() else { panic!() };
    let after = stream_of(&world);
    assert_eq!(after.remote.unwrap().port(), 4444);
    assert_eq!((after.ssrc, after.seq, after.timestamp), (before.ssrc, before.seq, before.timestamp));
}

fn stream_of(world: &World) -> ngcc_ivr_core::worker::Stream {
    let streams = world.worker.iter().rev().find_map(|command| match command {
        ToWorker::Open { stream, .. } => stream.clone(),
        ToWorker::Stream { stream, .. } => Some(stream.clone()),
        ToWorker::Place { .. }
        | ToWorker::Phase { .. }
        | ToWorker::Record { .. }
        | ToWorker::Play { .. }
        | ToWorker::StopPlaying { .. }
        | ToWorker::Echo { .. }
        | ToWorker::Connect { .. }
        | ToWorker::Restart { .. }
        | ToWorker::Close { .. } => None,
    });
    streams.unwrap()
}

#[test]
fn an_offer_that_cannot_be_accepted_leaves_the_leg_as_it_was() {
    let mut world = world().with_caller();
    let bad = "v=0\r\no=- 1 2 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP4 1.1.1.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 9\r\n";
    world.worker.clear();
    world.send(Some(SESSION), Command::Reoffer { leg: LEG, offer: Some(bad.parse().unwrap()) });
    assert_eq!(world.told_one(), Event::Reanswered { leg: LEG, sdp: None }.into());
    assert!(world.worker.is_empty());
}

#[test]
fn the_phase_is_told_once_and_written_down() {
    let mut world = world().with_caller();
    world.worker.clear();
    world.phase(Phase::Talk);
    world.phase(Phase::Talk);
    assert_eq!(world.worker, [ToWorker::Phase { conference: ROOM, phase: Phase::Talk }]);
    let record = world.records.iter().find(|(key, _)| key.kind == Kind::Conference).unwrap();
    assert!(String::from_utf8_lossy(&record.1.1).contains("talk"));
}

#[test]
fn a_conference_ends_with_its_last_leg() {
    let mut world = world().with_caller();
    world.open(AGENT_LEG, Part::Agent);
    world.send(Some(SESSION), Command::Close { leg: LEG });
    assert!(world.records.keys().any(|key| key.kind == Kind::Conference));
    world.send(Some(SESSION), Command::Close { leg: AGENT_LEG });
    assert!(world.records.is_empty(), "{:?}", world.records.keys());
    assert_eq!(world.worker.last(), Some(&ToWorker::Close { leg: AGENT_LEG }));
}

#[test]
fn a_leg_that_closes_takes_its_flow_along() {
    let mut world = world().in_flow();
    world.take_told();
    world.send(Some(SESSION), Command::Close { leg: LEG });
    assert!(world.records.is_empty() && world.take_told().is_empty());
}

#[test]
fn a_leg_placed_elsewhere_brings_its_new_conferences_phase() {
    let mut world = world().with_caller();
    let room = ngcc_proto::ConferenceId(11);
    world.worker.clear();
    world.send(Some(SESSION), Command::Place { leg: LEG, conference: room, part: Part::User });
    world.send(Some(SESSION), Command::Phase { conference: room, phase: Phase::Conference });
    assert_eq!(
        world.worker,
        [
            ToWorker::Place { leg: LEG, conference: room, part: Part::User },
            ToWorker::Phase { conference: room, phase: Phase::SelfService },
            ToWorker::Phase { conference: room, phase: Phase::Conference },
        ]
    );
}
