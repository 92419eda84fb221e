//! Input from people who mean harm: nothing of it makes the edge panic, and nothing of it stays.

use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::Rng;
use ngcc_proto::access::{Cause, Command, Event};
use ngcc_softacd_core::{Conn, Input};

use crate::world::*;

/// Changes a few bytes of a message: flips, cuts, doubles, and pieces that parsers stumble over.
fn mutate(text: &str, rng: &mut Rng) -> Vec<u8> {
    const PIECES: [&[u8]; 10] =
        [b"\r\n", b"\r\n ", b";tag=", b"\"", b"<", b"%00", b"4294967296", b"-1", b",", b"\xff\xfe"];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=rng.below(3) {
        let at = usize::try_from(rng.below(bytes.len() as u64)).unwrap();
        let len = usize::try_from(rng.below(20)).unwrap().min(bytes.len() - at);
        match rng.below(4) {
            0 => bytes[at] = u8::try_from(rng.below(256)).unwrap(),
            1 => drop(bytes.drain(at..at + len)),
            2 => {
                let copy = bytes[at..at + len].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                let piece = PIECES[usize::try_from(rng.below(10)).unwrap()];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
    }
    bytes
}

/// What a centre does about it.
fn react(w: &mut World, rng: &mut Rng, event: Event) {
    match event {
        Event::Arrived { leg, .. } => match rng.below(4) {
            0 => w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") }),
            1 => w.put(Command::Ring { leg }),
            2 => w.put(Command::Progress { leg, sdp: sdp(1, "sendrecv") }),
            _ => w.release(leg, Cause::Busy),
        },
        Event::Reoffered { leg, .. } => w.put(Command::Update { leg, sdp: Some(sdp(1, "sendrecv")) }),
        Event::TransferAsked { leg, .. } => w.put(Command::TransferTold { leg, ended: Some(Cause::Normal) }),
        Event::Ringing { .. }
        | Event::Answered { .. }
        | Event::Refused { .. }
        | Event::HoldAsked { .. }
        | Event::Digit { .. }
        | Event::Unreachable { .. }
        | Event::Reattached { .. }
        | Event::Left { .. }
        | Event::Summoned { .. }
        | Event::Candidate { .. }
        | Event::Restored { .. } => {}
    }
}

#[test]
fn mutated_requests_and_responses_neither_panic_nor_stay() {
    let mut w = World::new();
    let mut rng = Rng::from_u64(4711);
    let mut caller = w.caller_up(peer(6001));
    let mut callee = w.callee_up(peer(6000));
    let leg = w.leg();
    w.call(leg, ngcc_proto::access::Target::Uri("sip:x@127.0.0.1:6007".to_owned()));
    let ours = w.one();
    let mut reliable = Invite::new(peer(6003));
    reliable.more =
        "Require: 100rel\r\nSession-Expires: 200\r\nRecord-Route: <sip:127.0.0.1:7;lr>\r\n".to_owned();
    let seeds = [
        Invite::new(peer(6002)).text(),
        reliable.text(),
        register(
            peer(6100),
            "7001",
            1,
            "Contact: <sip:7001@127.0.0.1:6100>;expires=600\r\nAuthorization: Digest x=y\r\n",
        ),
        caller.request("INVITE", "", &sdp(2, "sendonly").to_string()),
        caller.request("REFER", "Refer-To: <sip:x@127.0.0.1?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n", ""),
        callee.request("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n"),
        callee.request("UPDATE", "", &sdp(7, "inactive").to_string()),
        answer(&ours, 183, "t", "", &sdp(7, "sendrecv").to_string()),
        answer(&ours, 200, "t", "Contact: <sip:x@127.0.0.1:6007>\r\n", &sdp(7, "sendrecv").to_string()),
        answer(&ours, 486, "t", "", ""),
    ];
    for n in 0..20_000u32 {
        let seed = &seeds[usize::try_from(rng.below(seeds.len() as u64)).unwrap()];
        let bytes = Bytes::from(mutate(seed, &mut rng));
        let from = peer(6000 + u16::try_from(rng.below(9)).unwrap());
        let at = w.now.mono;
        if n % 10 == 0 {
            w.handle(Input::Opened { conn: Conn(u64::from(n)), peer: from });
            w.handle(Input::Received { conn: Conn(u64::from(n)), at, bytes });
        } else {
            w.handle(Input::Datagram { peer: from, local: 0, at, bytes });
        }
        for event in w.told() {
            react(&mut w, &mut rng, event);
        }
        w.outputs.clear();
        if n % 100 == 0 {
            w.pass(Duration::from_millis(300));
            w.outputs.clear();
        }
        if n % 5000 == 4999 {
            w.restart(Duration::from_millis(10));
        }
    }
    for id in w.order.clone() {
        w.release(ngcc_proto::LegId(id.id), Cause::Normal);
    }
    w.pass(Duration::from_secs(4000));
    w.outputs.clear();
    let census = w.access.census();
    assert_eq!((census.legs, census.served, census.requests, census.invites), (0, 0, 0, 0), "{census:?}");
    assert_eq!(census.timers, 0);
}

#[test]
fn a_flood_of_unanswered_calls_is_bounded_and_goes_away() {
    let mut w = World::with(|s| s.limits.legs = 500);
    for n in 0..5000u32 {
        let mut invite = Invite::new(peer(6001));
        invite.call_id = format!("flood-{n}");
        invite.branch = format!("z9hG4bK-flood-{n}");
        w.hears(peer(6001), &invite.text());
        w.outputs.retain(|o| matches!(o, ngcc_softacd_core::Output::Send(_)));
    }
    assert_eq!(w.access.census().legs, 500);
    for event in w.told() {
        if let Event::Arrived { leg, .. } = event {
            w.release(leg, Cause::Overloaded);
        }
    }
    w.pass(Duration::from_secs(70));
    let census = w.access.census();
    assert_eq!((census.legs, census.served, census.timers), (0, 0, 0));
}

#[test]
fn what_a_log_shows_of_an_input_holds_no_key() {
    let text = "INFO sip:x SIP/2.0\r\n\r\nSignal=4711";
    let mut w = World::new();
    let at = w.now.mono;
    let input = Input::Datagram { peer: peer(1), local: 0, at, bytes: Bytes::from(text) };
    assert!(!format!("{input:?}").contains("4711"));
    w.handle(input);
    assert!(!format!("{:?}", w.access).contains(&account("7001").ha1_md5.unwrap()));
}
