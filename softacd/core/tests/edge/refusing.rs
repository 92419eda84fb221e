//! What new requests are refused with, and that nothing is left of it.

use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::Caller;
use ngcc_proto::access::Event;
use ngcc_proto::config::ForAccess;
use ngcc_softacd_core::{Input, sip::Method};

use crate::world::*;

/// An INVITE with one thing changed.
fn changed(from: &str, to: &str) -> String {
    let text = Invite::new(peer(6001)).text();
    assert!(text.contains(from), "{from} in {text}");
    text.replace(from, to)
}

#[test]
fn every_refusal_has_its_code_and_leaves_nothing() {
    let other = |method: &str| changed("INVITE", method);
    for (text, code) in [
        (changed("Max-Forwards: 70", "Max-Forwards: 0"), 483),
        (changed("INVITE sip:1000@127.0.0.1:5060 ", "INVITE sip:1000@other.example "), 404),
        (changed("INVITE sip:1000@127.0.0.1:5060 ", "INVITE urn:x:y "), 416),
        (changed("INVITE sip:1000@127.0.0.1:5060 ", "INVITE sips:1000@127.0.0.1 "), 416),
        (changed(" SIP/2.0\r\nVia", " SIP/3.0\r\nVia"), 505),
        (changed("CSeq: 1 INVITE", "CSeq: 1 BYE"), 400),
        (changed("Contact: ", "X-Contact: "), 400),
        (changed("Contact: ", "Require: foo\r\nContact: "), 420),
        (changed("application/sdp", "text/plain"), 415),
        (changed("application/sdp", "application/sdp\r\nContent-Encoding: gzip"), 415),
        (changed("m=audio", "m audio"), 400),
        (other("SUBSCRIBE"), 405),
        (other("NOTIFY"), 405),
        (other("PUBLISH"), 405),
        (other("DANCE"), 501),
        (other("BYE"), 481),
        (other("REFER"), 481),
        (other("INFO"), 481),
        (other("UPDATE"), 481),
    ] {
        let mut w = World::new();
        w.hears(peer(6001), &text);
        let refusal = w.one();
        assert_eq!(status(&refusal), code, "{text}");
        assert_eq!(value(&refusal, "Call-ID"), "call-6001");
        if matches!(code, 405 | 501) {
            assert!(value(&refusal, "Allow").contains("INVITE"));
        }
        if code == 420 {
            assert_eq!(value(&refusal, "Unsupported"), "foo");
        }
        if code == 415 {
            assert!(value(&refusal, "Accept").contains("application/sdp"));
        }
        w.hears(peer(6001), &text);
        assert_eq!(w.one(), refusal, "a repeat is answered in the same words, To tag and all");
        assert!(w.told().is_empty() && w.records.is_empty());
        assert_eq!(w.access.census().served + w.access.census().timers, 0);
    }
}

#[test]
fn options_are_answered_with_what_we_can() {
    let mut w = World::new();
    let text = changed("INVITE", "OPTIONS");
    w.hears(peer(6001), &text);
    let ok = w.one();
    assert_eq!(status(&ok), 200);
    assert!(value(&ok, "Allow").contains("UPDATE") && value(&ok, "Accept").contains("sdp"));
    assert!(value(&ok, "Supported").contains("100rel") && value(&ok, "To").contains(";tag="));
}

#[test]
fn the_same_call_by_a_second_path_is_merged() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    w.sent();
    invite.branch = "z9hG4bK-elsewhere".to_owned();
    w.hears(peer(6001), &invite.text());
    assert_eq!(status(&w.one()), 482);
    assert_eq!(w.access.census().legs, 1);
}

#[test]
fn stray_acks_and_responses_are_dropped() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.same("ACK", ";tag=0123456789abcdef"));
    w.hears(peer(6001), &answer(&invite.text(), 200, "x", "", ""));
    w.hears(peer(6001), "\r\n\r\n");
    w.hears(peer(6001), "garbage");
    assert!(w.sent().is_empty() && w.told().is_empty());
}

#[test]
fn numbers_are_read_decoded_and_names_compare_without_case() {
    let mut w = World::new();
    let text = changed("sip:1000@127.0.0.1:5060 ", "sip:%2A11@PBX.example ");
    w.hears(peer(6001), &text);
    let told = w.told();
    let [Event::Arrived { dialled, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(dialled, "*11");
}

#[test]
fn who_claims_to_be_a_phone_must_prove_it() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.user = "7001".to_owned();
    w.hears(peer(6001), &invite.text());
    let challenge = w.one();
    assert_eq!(status(&challenge), 407);
    w.hears(peer(6001), &invite.same("ACK", &tag(&value(&challenge, "To"))));
    assert!(w.sent().is_empty());
    for (secret, expected) in [("wrong", 407), (SECRET, 100)] {
        invite.seq += 1;
        invite.branch += "x";
        invite.more = credentials(&challenge, 0, "7001", secret, Method::Invite, &invite.to, invite.seq);
        w.hears(peer(6001), &invite.text());
        assert_eq!(status(&w.one()), expected);
    }
    let told = w.told();
    let [Event::Arrived { caller, user, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(caller, &Caller::Phone("7001".to_owned()));
    assert_eq!(user.to_string(), "tel:7001");
}

#[test]
fn the_name_of_a_phone_elsewhere_claims_nothing_here() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.user = "7001".to_owned();
    w.hears(peer(6001), &invite.text().replace("sip:7001@127.0.0.1>", "sip:7001@other.example>"));
    let told = w.told();
    assert!(matches!(&told[..], [Event::Arrived { caller: Caller::Anonymous, .. }]), "{told:?}");
}

#[test]
fn a_phone_cannot_call_as_another() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.user = "7001".to_owned();
    w.hears(peer(6001), &invite.text());
    let challenge = w.one();
    invite.seq += 1;
    invite.branch += "x";
    invite.more = credentials(&challenge, 0, "7002", SECRET, Method::Invite, &invite.to, 1);
    w.hears(peer(6001), &invite.text());
    assert_eq!(status(&w.one()), 403);
}

#[test]
fn without_anonymous_callers_everybody_is_challenged() {
    let mut w = World::with(|s| s.anonymous = false);
    w.hears(peer(6001), &Invite::new(peer(6001)).text());
    assert_eq!(status(&w.one()), 407);
}

#[test]
fn over_the_ceiling_new_calls_are_shed_and_running_ones_go_on() {
    let mut w = World::with(|s| s.limits.legs = 1);
    let mut talk = w.caller_up(peer(6001));
    w.hears(peer(6002), &Invite::new(peer(6002)).text());
    let shed = w.one();
    assert_eq!(status(&shed), 503);
    assert!((2..=10).contains(&value(&shed, "Retry-After").parse::<u32>().unwrap()));
    assert_eq!(w.access.census().legs, 1);
    let bye = talk.request("BYE", "", "");
    w.hears(peer(6001), &bye);
    assert_eq!(status(&w.one()), 200);
    w.hears(peer(6003), &Invite::new(peer(6003)).text());
    assert_eq!(status(&w.one()), 100);
}

#[test]
fn a_call_that_has_waited_too_long_is_shed() {
    let mut w = World::new();
    let at = w.now.mono;
    w.now = w.now.plus(Duration::from_millis(1100));
    let bytes = Bytes::from(Invite::new(peer(6001)).text());
    w.handle(Input::Datagram { peer: peer(6001), local: 0, at, bytes });
    assert_eq!(status(&w.one()), 503);
}

#[test]
fn an_address_that_the_operator_has_banned_hears_nothing() {
    let mut w = World::new();
    w.put(ForAccess { version: 2, phones: vec![], banned: vec![peer(1).ip()], channels: vec![] });
    w.hears(peer(6001), &Invite::new(peer(6001)).text());
    assert!(w.sent().is_empty() && w.told().is_empty());
}
