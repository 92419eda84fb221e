//! The process dies and comes back: calls in every stage go on under the same tags with higher numbers.

use std::time::Duration;

use ngcc_proto::access::{Cause, Command, Event, Stage, Target};
use ngcc_softacd_core::sip::Method;

use crate::world::*;

const AWAY: Duration = Duration::from_millis(700);

fn restored(w: &mut World) -> Vec<(ngcc_proto::LegId, Stage)> {
    let told = w.told();
    let [Event::Restored { legs }] = &told[..] else { panic!("{told:?}") };
    legs.clone()
}

#[test]
fn d2_a_call_that_has_arrived_is_answered_after_a_restart_under_the_same_tag() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.put(Command::Ring { leg });
    let ringing = w.sent().pop().unwrap().text;
    w.restart(AWAY);
    assert_eq!(restored(&mut w), [(leg, Stage::Arrived)]);
    w.hears(peer(6001), &invite.text());
    assert_eq!(w.lines(), ["SIP/2.0 100 Trying"], "a repeat is not a second call");
    assert!(w.told().is_empty());
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    assert_eq!((status(&ok), value(&ok, "To")), (200, value(&ringing, "To")));
    assert_eq!(value(&ok, "Via"), value(&ringing, "Via"));
    let ack = Talk::of_caller(leg, peer(6001), &invite.text(), &ok).request("ACK", "", "");
    w.hears(peer(6001), &ack);
    assert_eq!(w.told(), [Event::Answered { leg, sdp: None }]);
}

#[test]
fn d2_a_caller_may_give_up_after_a_restart() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.restart(AWAY);
    w.told();
    w.sent();
    w.hears(peer(6001), &invite.same("CANCEL", ""));
    assert_eq!(w.lines(), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::Cancelled }]);
}

#[test]
fn d2_a_200_without_its_ack_is_sent_again_after_a_restart() {
    let mut w = World::new();
    let invite = Invite::new(peer(6001));
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    w.restart(AWAY);
    assert_eq!(restored(&mut w), [(leg, Stage::Answered)]);
    w.pass(Duration::from_millis(600));
    assert_eq!(w.one(), ok);
    let ack = Talk::of_caller(leg, peer(6001), &invite.text(), &ok).request("ACK", "", "");
    w.hears(peer(6001), &ack);
    assert_eq!(w.told(), [Event::Answered { leg, sdp: None }]);
}

#[test]
fn d2_a_call_that_is_up_goes_on_after_a_restart_with_higher_numbers() {
    let mut w = World::new();
    let mut talk = w.callee_up(peer(6000));
    let leg = talk.leg;
    w.restart(AWAY);
    assert_eq!(restored(&mut w), [(leg, Stage::Answered)]);
    assert!(w.sent().is_empty(), "nobody notices");
    let info = talk.request("INFO", "Content-Type: application/dtmf\r\n", "1");
    w.hears(peer(6000), &info);
    assert_eq!(status(&w.one()), 200);
    w.told();
    let same = talk.request("INVITE", "", &sdp(5, "sendrecv").to_string());
    w.hears(peer(6000), &same);
    let ok = w.one();
    assert_eq!(
        (status(&ok), body(&ok)),
        (200, sdp(1, "sendrecv").to_string().as_str()),
        "what was agreed on stands"
    );
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6000), &ack);
    w.release(leg, Cause::Normal);
    let bye = w.one();
    assert!(value(&bye, "CSeq").trim_end_matches(" BYE").parse::<u32>().unwrap() > 1000, "{bye}");
    assert_eq!(value(&bye, "From"), talk.ours);
    assert_eq!(value(&bye, "To"), talk.theirs);
}

#[test]
fn d2_the_other_side_hangs_up_after_a_restart() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    w.restart(AWAY);
    w.told();
    let bye = talk.request("BYE", "", "");
    w.hears(peer(6001), &bye);
    assert_eq!(status(&w.one()), 200);
    assert_eq!(w.told(), [Event::Left { leg: talk.leg, cause: Cause::Normal }]);
    assert!(w.records.is_empty());
}

#[test]
fn d2_a_ringing_phone_is_taken_back_after_a_restart() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Uri("sip:0001@127.0.0.1:6000".to_owned()));
    let invite = w.one();
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    w.restart(AWAY);
    assert_eq!(restored(&mut w), [(leg, Stage::Calling)]);
    assert_eq!(w.one(), invite, "the same INVITE again, which its receiver takes for a repeat");
    w.release(leg, Cause::Lost);
    w.hears(peer(6000), &answer(&invite, 180, "c1", "", ""));
    assert!(w.one().starts_with("CANCEL "));
}

#[test]
fn d2_a_ringing_phone_is_answered_after_a_restart() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Uri("sip:0001@127.0.0.1:6000".to_owned()));
    let invite = w.one();
    w.restart(AWAY);
    w.told();
    w.sent();
    let ok =
        answer(&invite, 200, "c1", "Contact: <sip:0001@127.0.0.1:6000>\r\n", &sdp(5, "sendrecv").to_string());
    w.hears(peer(6000), &ok);
    assert!(w.one().starts_with("ACK "));
    assert_eq!(w.told(), [Event::Answered { leg, sdp: Some(sdp(5, "sendrecv")) }]);
}

#[test]
fn d2_an_offer_nobody_remembers_is_made_again() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let hold = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &hold);
    w.sent();
    w.restart(AWAY);
    w.told();
    let refusal = w.one();
    assert_eq!((status(&refusal), value(&refusal, "Retry-After")), (500, "1".to_owned()));
    let hold = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &hold);
    assert_eq!(w.told().len(), 2, "Reoffered and HoldAsked");
}

#[test]
fn d2_a_session_timer_runs_on_over_a_restart() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Supported: timer\r\nSession-Expires: 120\r\n".to_owned();
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    let ack = Talk::of_caller(leg, peer(6001), &invite.text(), &ok).request("ACK", "", "");
    w.hears(peer(6001), &ack);
    w.pass(Duration::from_secs(60));
    w.restart(AWAY);
    w.told();
    w.pass(Duration::from_secs(26));
    assert!(w.sent().is_empty());
    w.pass(Duration::from_secs(4));
    assert!(w.sent()[0].text.starts_with("BYE "));
    assert_eq!(w.told(), [Event::Left { leg, cause: Cause::TimedOut }]);
}

#[test]
fn d2_registrations_outlive_a_restart_and_lapse_when_they_would_have() {
    let mut w = World::new();
    w.hears(peer(6100), &register(peer(6100), "7001", 1, ""));
    let refusal = w.one();
    let auth = credentials(&refusal, 0, "7001", SECRET, Method::Register, "sip:127.0.0.1:5060", 1);
    let contact = "Contact: <sip:7001@127.0.0.1:6100>;expires=60\r\n";
    w.hears(peer(6100), &register(peer(6100), "7001", 2, &(auth + contact)));
    w.sent();
    w.restart(Duration::from_secs(30));
    w.told();
    let leg = w.leg();
    w.call(leg, Target::Phone("7001".to_owned()));
    assert!(w.one().starts_with("INVITE sip:7001@127.0.0.1:6100"));
    w.release(leg, Cause::Normal);
    w.pass(Duration::from_secs(31));
    let leg = w.leg();
    w.call(leg, Target::Phone("7001".to_owned()));
    assert!(w.told().contains(&Event::Refused { leg, cause: Cause::NotRegistered }));
}

#[test]
fn a_call_writes_few_and_small_records() {
    let mut w = World::new();
    let before = w.persists;
    let mut talk = w.caller_up(peer(6001));
    assert_eq!(w.persists - before, 3, "arrived, answered, acknowledged");
    let largest = w.records.values().map(Vec::len).max().unwrap();
    assert!(largest < 1024, "{largest} bytes while it is up");
    let bye = talk.request("BYE", "", "");
    w.hears(peer(6001), &bye);
    assert_eq!(w.persists - before, 3);
}

#[test]
fn a_record_that_cannot_be_read_is_refused_with_its_reason() {
    use ngcc_proto::{Core, Key, Kind, Now, Rng};
    let mut access = ngcc_softacd_core::Access::new(
        ngcc_softacd_core::Settings::on(EDGE.parse().unwrap(), REALM),
        Rng::from_u64(1),
    );
    for kind in [Kind::Dialog, Kind::Binding, Kind::Seat] {
        for bytes in [&b""[..], b"{}", b"{\"v\":9,\"leg\":{}}"] {
            assert!(access.restore(Key { kind, id: 1, n: 0 }, bytes, Now::default()).is_err());
        }
    }
}
