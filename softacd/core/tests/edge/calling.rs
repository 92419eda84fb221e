//! Calls we make: the client side of an INVITE, on the wire.

use std::time::Duration;

use ngcc_proto::access::{Cause, Command, Event, Target};
use ngcc_proto::config::PhoneAccount;
use ngcc_softacd_core::sip::Method;
use ngcc_softacd_core::{Flow, Input, Output};

use crate::world::*;

fn uri(port: u16) -> Target {
    Target::Uri(format!("sip:0001@127.0.0.1:{port}"))
}

fn registered(w: &mut World, user: &str, ports: &[u16]) {
    for (i, port) in ports.iter().enumerate() {
        let seq = 1 + 2 * u32::try_from(i).unwrap();
        w.hears(peer(*port), &register(peer(*port), user, seq, ""));
        let refusal = w.one();
        let auth = credentials(&refusal, 0, user, SECRET, Method::Register, "sip:127.0.0.1:5060", 1);
        let contact = format!("Contact: <sip:{user}@127.0.0.1:{port}>;expires=600\r\n");
        w.hears(peer(*port), &register(peer(*port), user, seq + 1, &(auth + &contact)));
        assert_eq!(status(&w.one()), 200);
    }
}

#[test]
fn a_phone_is_called_rings_answers_and_is_hung_up() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let sent = w.sent();
    assert_eq!(sent[0].to, Flow::Udp { local: 0, peer: peer(6000) });
    let invite = sent[0].text.clone();
    assert!(invite.starts_with("INVITE sip:0001@127.0.0.1:6000 SIP/2.0\r\n"));
    assert!(
        value(&invite, "From").starts_with(r#""Zhang \"Three\"" <sip:13800138000@127.0.0.1>;tag="#),
        "{invite}"
    );
    assert_eq!(body(&invite), sdp(1, "sendrecv").to_string());
    assert_eq!(w.records.len(), 1, "it is stored before it is sent");

    w.hears(peer(6000), &answer(&invite, 100, "", "", ""));
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    assert_eq!(w.told(), [Event::Ringing { leg, sdp: None }], "once");
    let ok =
        answer(&invite, 200, "c1", "Contact: <sip:0001@127.0.0.1:6000>\r\n", &sdp(5, "sendrecv").to_string());
    w.hears(peer(6000), &ok);
    let ack = w.one();
    assert!(ack.starts_with("ACK sip:0001@127.0.0.1:6000 SIP/2.0"));
    assert_eq!((value(&ack, "CSeq"), value(&ack, "To")), ("1 ACK".to_owned(), value(&ok, "To")));
    assert_ne!(value(&ack, "Via"), value(&invite, "Via"), "the ACK of a 2xx is a transaction of its own");
    assert_eq!(w.told(), [Event::Answered { leg, sdp: Some(sdp(5, "sendrecv")) }]);
    w.hears(peer(6000), &ok);
    assert_eq!(w.one(), ack, "a repeated 200 gets its ACK again");

    w.release(leg, Cause::Normal);
    let bye = w.one();
    assert_eq!(value(&bye, "CSeq"), "2 BYE");
    assert!(w.records.is_empty());
    w.pass(Duration::from_millis(600));
    assert_eq!(w.one(), bye, "without an answer it is sent again");
    w.hears(peer(6000), &answer(&bye, 200, "", "", ""));
    w.pass(Duration::from_secs(40));
    assert!(w.sent().is_empty());
    let census = w.access.census();
    assert_eq!((census.legs, census.invites, census.requests, census.timers), (0, 0, 0, 0));
}

#[test]
fn an_invite_is_repeated_until_something_comes_back_and_then_given_up() {
    let mut w = World::new();
    let leg = w.leg();
    w.put(Command::Call {
        leg,
        to: uri(6000),
        from: "tel:1".parse().unwrap(),
        display: None,
        offer: sdp(1, "sendrecv"),
        ring_s: 60,
    });
    w.pass(Duration::from_millis(31_900));
    assert_eq!(w.sent().len(), 7, "at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 seconds");
    assert!(w.told().is_empty());
    w.pass(Duration::from_millis(200));
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::Unreachable }]);
    assert!(w.records.is_empty());
}

#[test]
fn refusals_are_told_by_their_causes_and_acknowledged() {
    for (code, cause) in [
        (486, Cause::Busy),
        (600, Cause::Busy),
        (603, Cause::Declined),
        (480, Cause::NoAnswer),
        (404, Cause::NotFound),
        (488, Cause::NotAcceptable),
        (302, Cause::Unreachable),
        (500, Cause::Failed),
    ] {
        let mut w = World::new();
        let leg = w.leg();
        w.call(leg, uri(6000));
        let invite = w.one();
        let refusal = answer(&invite, code, "c1", "", "");
        w.hears(peer(6000), &refusal);
        let ack = w.one();
        assert!(ack.starts_with("ACK "));
        assert_eq!((value(&ack, "Via"), value(&ack, "To")), (value(&invite, "Via"), value(&refusal, "To")));
        assert_eq!(w.told(), [Event::Refused { leg, cause }], "{code}");
        w.hears(peer(6000), &refusal);
        assert_eq!(w.one(), ack, "a repeated refusal gets its ACK again");
    }
}

#[test]
fn a_challenge_is_never_answered_with_credentials() {
    for code in [401, 407] {
        let mut w = World::new();
        let leg = w.leg();
        w.call(leg, uri(6000));
        let invite = w.one();
        let more = "WWW-Authenticate: Digest realm=\"ngcc\",nonce=\"x\",algorithm=MD5,qop=\"auth\"\r\n";
        w.hears(peer(6000), &answer(&invite, code, "c1", more, ""));
        let ack = w.one();
        assert!(ack.starts_with("ACK ") && !ack.contains("uthorization"));
        assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::Forbidden }]);
    }
}

#[test]
fn a_call_rings_for_its_time_and_is_taken_back() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    w.told();
    w.pass(Duration::from_secs(21));
    let cancel = w.sent().remove(0).text;
    assert!(cancel.starts_with("CANCEL sip:0001@127.0.0.1:6000"));
    assert_eq!(
        (value(&cancel, "Via"), value(&cancel, "CSeq")),
        (value(&invite, "Via"), "1 CANCEL".to_owned())
    );
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::NoAnswer }]);
    w.hears(peer(6000), &answer(&cancel, 200, "c1", "", ""));
    w.sent();
    w.hears(peer(6000), &answer(&invite, 487, "c1", "", ""));
    assert!(w.one().starts_with("ACK "));
    assert!(w.told().is_empty(), "cti was told before");
}

#[test]
fn a_release_before_anything_came_back_cancels_at_the_first_response() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    w.release(leg, Cause::Cancelled);
    assert!(w.sent().is_empty() && w.records.is_empty());
    w.hears(peer(6000), &answer(&invite, 100, "", "", ""));
    assert!(w.one().starts_with("CANCEL "));
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    w.told();
    w.release(leg, Cause::Cancelled);
    assert!(w.one().starts_with("CANCEL "));
    let ok =
        answer(&invite, 200, "c1", "Contact: <sip:0001@127.0.0.1:6000>\r\n", &sdp(5, "sendrecv").to_string());
    w.hears(peer(6000), &ok);
    let lines = w.lines();
    assert!(lines[0].starts_with("ACK ") && lines[1].starts_with("BYE "), "{lines:?}");
    w.hears(peer(6000), &ok);
    let lines = w.lines();
    assert!(lines.len() == 1 && lines[0].starts_with("ACK "), "no second BYE: {lines:?}");
    assert!(w.told().is_empty());
}

#[test]
fn a_phone_with_two_contacts_rings_on_both_and_the_first_answer_wins() {
    let mut w = World::new();
    registered(&mut w, "7001", &[6100, 6200]);
    let leg = w.leg();
    w.call(leg, Target::Phone("7001".to_owned()));
    let sent = w.sent();
    assert_eq!(sent.len(), 2);
    let of =
        |port| sent.iter().find(|s| s.to == Flow::Udp { local: 0, peer: peer(port) }).unwrap().text.clone();
    let (a, b) = (of(6100), of(6200));
    assert_eq!(value(&a, "Call-ID"), value(&b, "Call-ID"));
    assert_ne!(value(&a, "Via"), value(&b, "Via"));
    w.hears(peer(6100), &answer(&a, 180, "a1", "", ""));
    w.hears(peer(6200), &answer(&b, 180, "b1", "", ""));
    assert_eq!(w.told(), [Event::Ringing { leg, sdp: None }]);
    w.hears(
        peer(6200),
        &answer(&b, 200, "b1", "Contact: <sip:7001@127.0.0.1:6200>\r\n", &sdp(5, "sendrecv").to_string()),
    );
    let sent = w.sent();
    assert!(
        sent[0].text.starts_with("CANCEL ") && sent[0].text.contains("Reason: SIP;cause=200"),
        "{sent:?}"
    );
    assert_eq!(sent[0].to, Flow::Udp { local: 0, peer: peer(6100) });
    assert!(sent[1].text.starts_with("ACK "));
    assert!(matches!(w.told()[..], [Event::Answered { .. }]));
    w.hears(
        peer(6100),
        &answer(&a, 200, "a1", "Contact: <sip:7001@127.0.0.1:6100>\r\n", &sdp(5, "sendrecv").to_string()),
    );
    let lines = w.lines();
    assert!(lines[0].starts_with("ACK ") && lines[1].starts_with("BYE sip:7001@127.0.0.1:6100"), "{lines:?}");
    assert_eq!(w.access.census().legs, 1);
}

#[test]
fn one_contact_that_refuses_leaves_the_other_ringing() {
    let mut w = World::new();
    registered(&mut w, "7001", &[6100, 6200]);
    let leg = w.leg();
    w.call(leg, Target::Phone("7001".to_owned()));
    let sent = w.sent();
    w.hears(peer(6100), &answer(&sent[0].text, 480, "a1", "", ""));
    assert!(w.told().is_empty());
    w.hears(peer(6200), &answer(&sent[1].text, 486, "b1", "", ""));
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::Busy }], "the more telling of both");
}

#[test]
fn a_phone_without_a_contact_is_not_called() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Phone("7001".to_owned()));
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::NotRegistered }]);
    assert!(w.sent().is_empty() && w.records.is_empty());
}

#[test]
fn a_fixed_contact_is_called_also_by_name() {
    let mut w = World::new();
    let fixed = |contact: &str| PhoneAccount { contact: Some(contact.to_owned()), ..account("0001") };
    w.configure(vec![fixed("sip:0001@127.0.0.1:6000")]);
    let leg = w.leg();
    w.call(leg, Target::Phone("0001".to_owned()));
    assert_eq!(w.sent()[0].to, Flow::Udp { local: 0, peer: peer(6000) });

    w.configure(vec![fixed("sip:0001@agents.example:6000")]);
    let named = w.leg();
    w.call(named, Target::Phone("0001".to_owned()));
    let Some(Output::Resolve { query, host, port }) = w.outputs.pop() else { panic!("{:?}", w.outputs) };
    assert_eq!((host.as_str(), port), ("agents.example", 6000));
    w.handle(Input::Resolved { query, address: Some(peer(6002)) });
    let sent = w.sent();
    assert_eq!(sent[0].to, Flow::Udp { local: 0, peer: peer(6002) });
    assert!(sent[0].text.starts_with("INVITE sip:0001@agents.example:6000 "));
}

#[test]
fn a_name_that_cannot_be_looked_up_is_unreachable() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Uri("sip:a@nowhere.example".to_owned()));
    let Some(Output::Resolve { query, .. }) = w.outputs.pop() else { panic!("{:?}", w.outputs) };
    w.handle(Input::Resolved { query, address: None });
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::Unreachable }]);
}

#[test]
fn an_answer_without_a_description_is_hung_up() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    w.hears(peer(6000), &answer(&invite, 200, "c1", "Contact: <sip:0001@127.0.0.1:6000>\r\n", ""));
    let lines = w.lines();
    assert!(lines[0].starts_with("ACK ") && lines[1].starts_with("BYE "));
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::NotAcceptable }]);
}

#[test]
fn early_media_is_told_and_serves_an_answer_that_repeats_nothing() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    w.hears(peer(6000), &answer(&invite, 183, "c1", "", &sdp(5, "sendrecv").to_string()));
    assert_eq!(w.told(), [Event::Ringing { leg, sdp: Some(sdp(5, "sendrecv")) }]);
    w.hears(peer(6000), &answer(&invite, 200, "c1", "Contact: <sip:0001@127.0.0.1:6000>\r\n", ""));
    assert_eq!(w.told(), [Event::Answered { leg, sdp: Some(sdp(5, "sendrecv")) }]);
}

#[test]
fn our_own_call_that_comes_back_to_us_is_a_loop() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Uri(format!("sip:1000@{EDGE}")));
    let invite = w.one();
    w.hears(EDGE.parse().unwrap(), &invite);
    assert_eq!(status(&w.one()), 482);
    assert!(w.told().is_empty());
}

#[test]
fn nobody_can_answer_for_somebody_else() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, uri(6000));
    let invite = w.one();
    let guessed = answer(&invite, 200, "c1", "", "")
        .replace(&between(&invite, "branch=", "\r\n"), "z9hG4bK0000000000000000");
    w.hears(peer(6000), &guessed);
    assert!(w.sent().is_empty() && w.told().is_empty());
}
