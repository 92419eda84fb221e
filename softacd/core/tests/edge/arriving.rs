//! Calls that come in: the server side of an INVITE, on the wire.

use std::time::Duration;

use crate::world::*;
use ngcc_proto::access::{Caller, Cause, Command, Event};
use ngcc_softacd_core::Flow;

#[test]
fn a_call_is_taken_told_answered_and_hung_up() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001)).text();
    w.hears(peer(6001), &invite);

    let trying = w.one();
    assert!(trying.starts_with("SIP/2.0 100 Trying\r\n"));
    assert!(!value(&trying, "To").contains("tag"), "a 100 makes no dialog");
    let told = w.told();
    let [Event::Arrived { leg, user, display, dialled, caller, offer, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(user.to_string(), "sip:bob@127.0.0.1");
    assert_eq!((display.as_deref(), dialled.as_str(), caller), (Some("Bob"), "1000", &Caller::Anonymous));
    assert_eq!(offer.as_ref(), Some(&sdp(1, "sendrecv")));
    let leg = *leg;

    w.put(Command::Ring { leg });
    let ringing = w.one();
    assert_eq!(status(&ringing), 180);
    w.put(Command::Answer { leg, sdp: sdp(3, "sendrecv") });
    let ok = w.one();
    assert_eq!((status(&ok), body(&ok)), (200, sdp(3, "sendrecv").to_string().as_str()));
    assert_eq!(value(&ok, "To"), value(&ringing, "To"), "one dialog");
    assert!(value(&ok, "Contact").contains("127.0.0.1:5060"));
    assert!(value(&ok, "Via").contains("rport=6001") && value(&ok, "Via").contains("received=127.0.0.1"));

    let mut talk = Talk::of_caller(leg, peer(6001), &invite, &ok);
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6001), &ack);
    assert_eq!(w.told(), [Event::Answered { leg, sdp: None }]);
    let bye = talk.request("BYE", "", "");
    w.hears(peer(6001), &bye);
    assert_eq!(status(&w.one()), 200);
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::Normal }]);
    assert!(w.records.is_empty(), "nothing is kept of a call that has ended");

    w.hears(peer(6001), &bye);
    assert_eq!(status(&w.one()), 200, "a repeated BYE gets the same answer");
    assert!(w.told().is_empty());
    w.pass(Duration::from_secs(40));
    let census = w.access.census();
    assert_eq!((census.legs, census.served, census.timers), (0, 0, 0), "{census:?}");
}

#[test]
fn a_repeated_invite_is_one_call_and_gets_the_last_answer_again() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001)).text();
    w.hears(peer(6001), &invite);
    w.hears(peer(6001), &invite);
    assert_eq!(w.lines(), ["SIP/2.0 100 Trying", "SIP/2.0 100 Trying"]);
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.put(Command::Progress { leg, sdp: sdp(1, "sendrecv") });
    w.hears(peer(6001), &invite);
    assert_eq!(w.lines(), ["SIP/2.0 183 Session Progress", "SIP/2.0 183 Session Progress"]);
    assert!(w.told().is_empty());
}

#[test]
fn a_200_is_repeated_until_its_ack_and_then_given_up() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001)).text();
    w.hears(peer(6001), &invite);
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    w.hears(peer(6001), &invite);
    assert!(w.sent().is_empty(), "the repeats of a 200 have their own clock");
    w.pass(Duration::from_millis(3600));
    let again: Vec<String> = w.sent().into_iter().map(|s| s.text).collect();
    assert_eq!(again, [ok.clone(), ok.clone(), ok], "after 0.5, 1.5 and 3.5 seconds");
    w.pass(Duration::from_secs(29));
    let last = w.sent().pop().unwrap().text;
    assert!(last.starts_with("BYE sip:bob@127.0.0.1:6001 SIP/2.0"), "{last}");
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::Unreachable }]);
}

#[test]
fn a_refusal_is_repeated_until_its_ack() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.release(leg, Cause::Busy);
    let busy = w.one();
    assert_eq!(status(&busy), 486);
    assert!(w.records.is_empty());
    w.pass(Duration::from_millis(1600));
    assert_eq!(w.lines().len(), 2);
    w.hears(peer(6001), &invite.text());
    assert_eq!(w.lines(), ["SIP/2.0 486 Busy Here"]);
    w.hears(peer(6001), &invite.same("ACK", &tag(&value(&busy, "To"))));
    w.pass(Duration::from_secs(33));
    assert!(w.sent().is_empty() && w.told().is_empty());
    assert_eq!(w.access.census().served, 0);
}

#[test]
fn every_cause_has_its_code() {
    for (cause, code) in [
        (Cause::Busy, 486),
        (Cause::Declined, 603),
        (Cause::NotFound, 404),
        (Cause::NotRegistered, 480),
        (Cause::NoAnswer, 480),
        (Cause::NotAcceptable, 488),
        (Cause::Forbidden, 403),
        (Cause::Overloaded, 503),
        (Cause::Failed, 500),
    ] {
        let mut w = World::new();
        w.hears(peer(6001), &Invite::new(peer(6001)).text());
        let told = w.told();
        let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
        w.sent();
        w.release(leg, cause);
        assert_eq!(status(&w.one()), code, "{cause:?}");
        assert!(w.told().is_empty(), "who releases a leg is not told that it left");
    }
}

#[test]
fn a_caller_who_gives_up_gets_200_and_487() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.hears(peer(6001), &invite.same("CANCEL", ""));
    assert_eq!(w.lines(), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::Cancelled }]);
    w.hears(peer(6001), &invite.same("CANCEL", ""));
    assert_eq!(w.lines(), ["SIP/2.0 200 OK"], "a repeat is answered and does nothing");
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    assert!(w.sent().is_empty(), "an answer that crosses the CANCEL comes too late");
}

#[test]
fn a_cancel_that_crosses_the_answer_changes_nothing() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    w.sent();
    w.hears(peer(6001), &invite.same("CANCEL", ""));
    assert_eq!(w.lines(), ["SIP/2.0 200 OK"]);
    assert!(w.told().is_empty());
    assert_eq!(w.access.census().legs, 1);
}

#[test]
fn a_cancel_of_nothing_is_481() {
    let mut w = World::new();
    w.hears(peer(6001), &Invite::new(peer(6001)).same("CANCEL", ""));
    assert_eq!(status(&w.one()), 481);
}

#[test]
fn an_invite_without_an_offer_gets_ours_and_answers_in_its_ack() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.body = None;
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, offer: None, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    let mut talk = Talk::of_caller(leg, peer(6001), &invite.text(), &ok);
    let ack = talk.request("ACK", "", &sdp(9, "sendrecv").to_string());
    w.hears(peer(6001), &ack);
    assert_eq!(w.told(), [Event::Answered { leg, sdp: Some(sdp(9, "sendrecv")) }]);
}

#[test]
fn an_offer_of_ours_that_is_never_answered_ends_the_call() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.body = None;
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    let ack = Talk::of_caller(leg, peer(6001), &invite.text(), &ok).request("ACK", "", "");
    w.hears(peer(6001), &ack);
    assert!(w.one().starts_with("BYE "));
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::NotAcceptable }]);
}

#[test]
fn a_release_before_the_ack_waits_for_it_with_its_bye() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001)).text();
    w.hears(peer(6001), &invite);
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    w.release(leg, Cause::Normal);
    assert!(w.sent().is_empty() && w.records.is_empty());
    let mut talk = Talk::of_caller(leg, peer(6001), &invite, &ok);
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6001), &ack);
    let bye = w.one();
    assert!(bye.starts_with("BYE "), "{bye}");
    w.hears(peer(6001), &answer(&bye, 200, "", "", ""));
    w.pass(Duration::from_secs(40));
    assert!(w.told().is_empty() && w.sent().is_empty());
    assert_eq!(w.access.census().legs, 0);
}

#[test]
fn provisional_responses_are_reliable_where_the_caller_requires_it() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Require: 100rel\r\n".to_owned();
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Ring { leg });
    let ringing = w.one();
    let rseq = value(&ringing, "RSeq");
    assert_eq!(value(&ringing, "Require"), "100rel");
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    assert!(w.sent().is_empty(), "the answer waits for the PRACK");
    w.pass(Duration::from_millis(600));
    assert_eq!(w.one(), ringing, "and the 180 is repeated until then");
    let mut talk = Talk::of_caller(leg, peer(6001), &invite.text(), &ringing);
    let wrong = talk.request("PRACK", "RAck: 1 1 INVITE\r\n", "");
    w.hears(peer(6001), &wrong);
    assert_eq!(w.lines(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    let prack = talk.request("PRACK", &format!("RAck: {rseq} 1 INVITE\r\n"), "");
    w.hears(peer(6001), &prack);
    assert_eq!(w.lines(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"], "of the PRACK and of the INVITE");
}

#[test]
fn a_caller_who_never_sends_prack_is_refused() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Require: 100rel\r\n".to_owned();
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.put(Command::Ring { leg });
    w.sent();
    w.pass(Duration::from_secs(33));
    assert!(w.lines().iter().any(|l| l == "SIP/2.0 500 Server Internal Error"));
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::Unreachable }]);
}

#[test]
fn the_answer_goes_back_through_the_proxies_and_so_does_our_bye() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Record-Route: <sip:127.0.0.1:7001;lr>, <sip:127.0.0.1:7002;lr>\r\n".to_owned();
    w.hears(peer(7001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    assert!(value(&ok, "Record-Route").contains("7001"));
    let mut talk = Talk::of_caller(leg, peer(6001), &invite.text(), &ok);
    let ack = talk.request("ACK", "", "");
    w.hears(peer(7001), &ack);
    w.release(leg, Cause::Normal);
    let bye = w.sent().pop().unwrap();
    assert_eq!(bye.to, Flow::Udp { local: 0, peer: peer(7001) });
    assert!(bye.text.starts_with("BYE sip:bob@127.0.0.1:6001 SIP/2.0"));
    assert_eq!(bye.text.matches("\r\nRoute: ").count(), 2);
}

#[test]
fn a_phone_behind_a_translator_is_reached_the_way_it_came() {
    let mut w = World::new();
    let public = "203.0.113.9:40123".parse().unwrap();
    let mut invite = Invite::new("192.168.1.7:5060".parse().unwrap());
    invite.user = "bob".to_owned();
    w.hears(public, &invite.text());
    let trying = w.sent().pop().unwrap();
    assert_eq!(trying.to, Flow::Udp { local: 0, peer: public });
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    let ack = Talk::of_caller(leg, public, &invite.text(), &ok).request("ACK", "", "");
    w.hears(public, &ack);
    w.release(leg, Cause::Normal);
    let bye = w.sent().pop().unwrap();
    assert_eq!(bye.to, Flow::Udp { local: 0, peer: public });
    assert!(bye.text.starts_with("BYE sip:bob@192.168.1.7:5060 SIP/2.0"));
}
