//! Browsers' legs: what their offers become.

use ngcc_ivr_core::worker::{Codec, Connect, FromWorker, ToWorker, VideoCodec};
use ngcc_ivr_core::{Input, Ivr};
use ngcc_proto::access::Cause;
use ngcc_proto::envelope::Body;
use ngcc_proto::media::{Command, Event, Part};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Ids, Kind, LegId, Rng};

use crate::world::{AGENT_LEG, LEG, ROOM, SESSION, World};

const OURS: &str = "AA:BB";

pub(crate) fn world() -> World {
    let mut world = World::with("w", r#""w":{"verb":"wait"}"#);
    let bare = std::mem::replace(&mut world.ivr, Ivr::new(Ids::new(Rng::from_u64(9))));
    world.ivr = bare.presenting(OURS.to_owned());
    world
}

/// An offer as Chromium makes it, of a peer connection with this session id, user fragment and certificate.
pub(crate) fn offer(session: u64, ufrag: &str, certificate: u8, video: &str) -> Sdp {
    let fingerprint = vec![format!("{certificate:02X}"); 32].join(":");
    let transport = format!(
        "a=ice-ufrag:{ufrag}\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 {fingerprint}\r\n\
         a=setup:actpass\r\na=rtcp-mux\r\n"
    );
    let video = if video.is_empty() { String::new() } else { format!("{video}{transport}a=mid:1\r\n") };
    let text = format!(
        "v=0\r\no=- {session} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\n{transport}a=mid:0\r\n\
         a=rtpmap:111 opus/48000/2\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\n{video}"
    );
    text.parse().unwrap()
}

pub(crate) const VP8_AND_H264: &str = "m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 102\r\nc=IN IP4 0.0.0.0\r\n\
    a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:103 H264/90000\r\n\
    a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n\
    a=rtpmap:102 H264/90000\r\n\
    a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";
pub(crate) const H264_ONLY: &str = "m=video 9 UDP/TLS/RTP/SAVPF 102\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:102 H264/90000\r\n\
    a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";

pub(crate) fn open(world: &mut World, leg: LegId, part: Part, offer: Sdp) -> Sdp {
    world.send(Some(SESSION), Command::Open { leg, conference: ROOM, part, offer: Some(offer) });
    let Body::MediaEvent(Event::Opened { sdp, .. }) = world.told_one() else { panic!("it is not answered") };
    sdp
}

fn reoffer(world: &mut World, offer: Sdp) -> Option<Sdp> {
    world.worker.clear();
    world.send(Some(SESSION), Command::Reoffer { leg: LEG, offer: Some(offer) });
    let Body::MediaEvent(Event::Reanswered { sdp, .. }) = world.told_one() else { panic!("no answer") };
    sdp
}

fn connects(world: &World) -> Vec<Connect> {
    let all = world.worker.iter();
    let connect = |command: &ToWorker| {
        let ToWorker::Connect { connect, .. } = command else { return None };
        Some(Connect::clone(connect))
    };
    all.filter_map(connect).collect()
}

#[test]
fn a_browsers_offer_is_answered_in_g711_and_its_connection_is_made() {
    let mut world = world();
    let sdp = open(&mut world, LEG, Part::User, offer(1, "them", 0x11, ""));
    let audio = sdp.first("audio").unwrap();
    assert_eq!(
        (audio.port, audio.formats.as_slice()),
        (20_002, ["0".to_owned(), "126".to_owned()].as_slice())
    );
    for (name, value) in [("setup", "passive"), ("fingerprint", "sha-256 AA:BB"), ("mid", "0")] {
        assert_eq!(audio.values(name).collect::<Vec<_>>(), [value], "{name}");
    }
    assert!(audio.has("rtcp-mux") && sdp.attributes.iter().any(|a| a.name == "ice-lite"));
    let [connect] = &connects(&world)[..] else { panic!("{:?}", world.worker) };
    assert_eq!((connect.theirs.as_str(), &connect.fingerprints[..]), ("them", &[[0x11; 32]][..]));
    assert_eq!(audio.values("ice-ufrag").next(), Some(connect.ours.ufrag.as_str()));
    assert_eq!(audio.values("ice-pwd").next(), Some(connect.ours.password.expose()));
    let stream = world.worker.iter().find_map(|command| {
        let ToWorker::Open { stream, .. } = command else { return None };
        stream.clone()
    });
    let stream = stream.unwrap();
    assert_eq!((stream.web, stream.remote, stream.codec), (true, None, Codec::Pcmu));
    let kept = world.records.iter().filter(|(key, _)| key.kind == Kind::MediaLeg);
    let secret = connect.ours.password.expose().as_bytes();
    assert!(kept.clone().count() == 1);
    assert!(kept.into_iter().all(|(_, (_, bytes))| !bytes.windows(secret.len()).any(|part| part == secret)));
}

#[test]
fn without_a_certificate_of_ours_or_theirs_a_browser_is_refused() {
    let mut bare = World::with("w", r#""w":{"verb":"wait"}"#);
    let mut nobody = offer(1, "them", 0x11, "");
    nobody.media[0].attributes.retain(|a| a.name != "fingerprint");
    let mut unmuxed = offer(1, "them", 0x11, "");
    unmuxed.media[0].attributes.retain(|a| a.name != "rtcp-mux");
    let mut serving = world();
    for (world, offer) in [(&mut bare, offer(1, "them", 0x11, "")), (&mut serving, nobody)] {
        world.send(
            Some(SESSION),
            Command::Open { leg: LEG, conference: ROOM, part: Part::User, offer: Some(offer) },
        );
        assert_eq!(world.told_one(), Event::Failed { leg: LEG, cause: Cause::NotAcceptable }.into());
        assert!(world.records.is_empty());
    }
    serving.send(
        Some(SESSION),
        Command::Open { leg: LEG, conference: ROOM, part: Part::User, offer: Some(unmuxed) },
    );
    assert_eq!(serving.told_one(), Event::Failed { leg: LEG, cause: Cause::NotAcceptable }.into());
}

#[test]
fn the_same_page_keeps_its_connection_a_restart_of_ice_renews_it_and_another_page_takes_over() {
    let mut world = world();
    let first = open(&mut world, LEG, Part::User, offer(1, "them", 0x11, ""));
    let keys = |sdp: &Sdp| sdp.media[0].values("ice-ufrag").next().unwrap().to_owned();

    let same = reoffer(&mut world, offer(1, "them", 0x11, "")).unwrap();
    assert!(connects(&world).is_empty() && keys(&same) == keys(&first));
    assert_eq!(same.version, first.version, "nothing is said that was not said before");

    let restarted = reoffer(&mut world, offer(1, "anew", 0x11, "")).unwrap();
    let [ToWorker::Stream { .. }, ToWorker::Restart { theirs, ours, .. }] = &world.worker[..] else {
        panic!("{:?}", world.worker)
    };
    assert_eq!((theirs.as_str(), &ours.ufrag), ("anew", &keys(&restarted)));

    let other = reoffer(&mut world, offer(2, "other", 0x22, "")).unwrap();
    let [connect] = &connects(&world)[..] else { panic!("{:?}", world.worker) };
    assert_eq!((&connect.ours.ufrag, &connect.fingerprints[..]), (&keys(&other), &[[0x22; 32]][..]));
    assert_ne!(keys(&other), keys(&restarted));
}

#[test]
fn a_browsers_coming_and_going_is_told() {
    let mut world = world();
    open(&mut world, LEG, Part::User, offer(1, "them", 0x11, ""));
    world.give(Input::Worker(FromWorker::PeerUp { leg: LEG }));
    assert_eq!(world.told_one(), Event::PeerUp { leg: LEG }.into());
    world.give(Input::Worker(FromWorker::PeerLost { leg: LEG }));
    assert_eq!(world.told_one(), Event::PeerLost { leg: LEG }.into());
    world.give(Input::Worker(FromWorker::PeerUp { leg: AGENT_LEG }));
    assert!(world.told.is_empty(), "of a leg that is not there nothing is told");
}

#[test]
fn pictures_are_agreed_in_one_codec_a_conference_or_not_at_all() {
    let mut world = world();
    let sdp = open(&mut world, LEG, Part::User, offer(1, "them", 0x11, VP8_AND_H264));
    let video = sdp.first("video").unwrap();
    assert_eq!((video.port, video.formats.as_slice()), (20_002, ["96".to_owned()].as_slice()));
    assert!(video.values("rtcp-fb").any(|v| v == "96 nack pli") && video.values("mid").any(|v| v == "1"));
    assert!(sdp.attributes.iter().any(|a| a.name == "group" && a.value.as_deref() == Some("BUNDLE 0 1")));

    let sdp = open(&mut world, AGENT_LEG, Part::Agent, offer(2, "they", 0x22, H264_ONLY));
    assert_eq!(sdp.first("video").unwrap().port, 0, "no codec in common: by voice");
    assert!(sdp.attributes.iter().any(|a| a.name == "group" && a.value.as_deref() == Some("BUNDLE 0")));
    world.send(Some(SESSION), Command::Close { leg: LEG });
    world.told.clear();
    let sdp = open(&mut world, LegId(3), Part::Second, offer(3, "else", 0x33, H264_ONLY));
    assert_eq!(sdp.first("video").unwrap().formats, ["102"], "nobody shows any other");
    let stream = world.worker.iter().rev().find_map(|command| {
        let ToWorker::Open { stream, .. } = command else { return None };
        stream.clone()
    });
    assert_eq!(stream.unwrap().video.unwrap().codec, VideoCodec::H264);
}

#[test]
fn a_new_offer_adds_pictures_and_drops_them() {
    let mut world = world();
    open(&mut world, LEG, Part::User, offer(1, "them", 0x11, ""));
    let shown = |world: &World| {
        let [ToWorker::Stream { stream, .. }] = &world.worker[..] else { panic!("{:?}", world.worker) };
        stream.video.clone()
    };
    reoffer(&mut world, offer(1, "them", 0x11, VP8_AND_H264)).unwrap();
    assert_eq!(shown(&world).unwrap().codec, VideoCodec::Vp8);
    let mut dropped = offer(1, "them", 0x11, VP8_AND_H264);
    dropped.media[1].port = 0;
    assert_eq!(reoffer(&mut world, dropped).unwrap().media[1].port, 0);
    assert_eq!(shown(&world), None);
}
