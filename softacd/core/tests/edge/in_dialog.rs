//! What happens in a call that is up: keys, hold, refreshes, transfers, and strangers who try to join in.

use std::time::Duration;

use ngcc_proto::access::{Cause, Command, Event};

use crate::world::*;

#[test]
fn keys_by_info_are_told_in_both_forms() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    for (kind, text, key) in
        [("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"), ("application/dtmf", "#", "#")]
    {
        let info = talk.request("INFO", &format!("Content-Type: {kind}\r\n"), text);
        w.hears(peer(6001), &info);
        w.hears(peer(6001), &info);
        assert_eq!(w.lines(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
        let told = w.told();
        let [Event::Digit { leg, digit }] = &told[..] else { panic!("one key, not {told:?}") };
        assert_eq!((*leg, digit.expose()), (talk.leg, key));
    }
    let info = talk.request("INFO", "Content-Type: text/plain\r\n", "5");
    w.hears(peer(6001), &info);
    let refusal = w.one();
    assert_eq!(status(&refusal), 415);
    assert!(value(&refusal, "Accept").contains("application/dtmf-relay"));
}

#[test]
fn the_hold_key_is_asked_about_and_answered() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let leg = talk.leg;
    let hold = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &hold);
    assert_eq!(w.lines(), ["SIP/2.0 100 Trying"]);
    let offer = Some(sdp(2, "sendonly"));
    assert_eq!(w.told(), [Event::Reoffered { leg, offer }, Event::HoldAsked { leg, held: true }]);
    w.put(Command::Update { leg, sdp: Some(sdp(2, "recvonly")) });
    let ok = w.one();
    assert_eq!((status(&ok), body(&ok)), (200, sdp(2, "recvonly").to_string().as_str()));
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6001), &ack);
    assert!(w.told().is_empty(), "the leg was up before");

    let again = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &again);
    let refreshed = w.one();
    assert_eq!(
        (status(&refreshed), body(&refreshed)),
        (200, body(&ok)),
        "a refresh is answered with what stands"
    );
    assert!(w.told().is_empty(), "and nobody is asked");
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6001), &ack);

    let release = talk.request("INVITE", "", &sdp(3, "sendrecv").to_string());
    w.hears(peer(6001), &release);
    let offer = Some(sdp(3, "sendrecv"));
    assert_eq!(w.told(), [Event::Reoffered { leg, offer }, Event::HoldAsked { leg, held: false }]);
}

#[test]
fn an_offer_that_cti_refuses_is_488_and_the_call_stays() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let offer = talk.request("INVITE", "", &sdp(2, "inactive").to_string());
    w.hears(peer(6001), &offer);
    w.sent();
    w.told();
    w.put(Command::Update { leg: talk.leg, sdp: None });
    assert_eq!(status(&w.one()), 488);
    let same = talk.request("UPDATE", "", &sdp(1, "sendrecv").to_string());
    w.hears(peer(6001), &same);
    let ok = w.one();
    assert_eq!((status(&ok), body(&ok)), (200, sdp(1, "sendrecv").to_string().as_str()), "as it was before");
}

#[test]
fn an_update_with_an_offer_is_answered_in_its_200() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let update = talk.request("UPDATE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &update);
    assert!(w.sent().is_empty());
    assert_eq!(w.told().len(), 2);
    w.hears(peer(6001), &update);
    assert!(w.sent().is_empty() && w.told().is_empty(), "a repeat waits with it");
    w.put(Command::Update { leg: talk.leg, sdp: Some(sdp(2, "recvonly")) });
    let ok = w.one();
    assert_eq!((status(&ok), value(&ok, "CSeq")), (200, "2 UPDATE".to_owned()));
    w.hears(peer(6001), &update);
    assert_eq!(w.one(), ok);
}

#[test]
fn an_offerless_reinvite_gets_our_offer_and_its_ack_the_answer() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let leg = talk.leg;
    let asking = talk.request("INVITE", "", "");
    w.hears(peer(6001), &asking);
    assert_eq!(w.told(), [Event::Reoffered { leg, offer: None }]);
    w.sent();
    w.put(Command::Update { leg, sdp: Some(sdp(2, "sendrecv")) });
    assert_eq!(status(&w.one()), 200);
    let ack = talk.request("ACK", "", &sdp(8, "sendrecv").to_string());
    w.hears(peer(6001), &ack);
    assert_eq!(w.told(), [Event::Reoffered { leg, offer: Some(sdp(8, "sendrecv")) }]);
    w.put(Command::Update { leg, sdp: Some(sdp(3, "sendrecv")) });
    assert!(w.sent().is_empty(), "it was an answer: nobody waits for another");
}

#[test]
fn a_second_offer_before_the_first_is_answered_is_told_to_come_later() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let first = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &first);
    w.sent();
    let second = talk.request("INVITE", "", &sdp(3, "sendrecv").to_string());
    w.hears(peer(6001), &second);
    let refusal = w.one();
    assert_eq!(status(&refusal), 500);
    assert!(value(&refusal, "Retry-After").parse::<u32>().unwrap() <= 10);
    assert_eq!(w.access.census().legs, 1);
}

#[test]
fn a_reinvite_can_be_taken_back() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    let hold = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &hold);
    w.sent();
    let cancel = hold
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .replace("INVITE", "CANCEL")
        .replace("Content-Length: ", "X-Length: ")
        + "\r\nContent-Length: 0\r\n\r\n";
    w.hears(peer(6001), &cancel);
    assert_eq!(w.lines(), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    w.put(Command::Update { leg: talk.leg, sdp: Some(sdp(2, "recvonly")) });
    assert!(w.sent().is_empty());
}

#[test]
fn a_session_that_we_refresh_is_refreshed_at_half_time_and_ended_when_nothing_comes_back() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more =
        "Supported: timer\r\nAllow: INVITE, UPDATE\r\nSession-Expires: 200;refresher=uas\r\n".to_owned();
    let mut talk = up(&mut w, &invite, "200;refresher=uas");
    w.pass(Duration::from_secs(101));
    let update = w.sent().remove(0).text;
    assert!(update.starts_with("UPDATE sip:bob@127.0.0.1:6001"));
    assert_eq!(value(&update, "Session-Expires"), "200;refresher=uac");
    assert!(body(&update).is_empty());
    w.hears(peer(6001), &answer(&update, 200, "", "", ""));
    w.pass(Duration::from_secs(101));
    assert!(w.sent()[0].text.starts_with("UPDATE "), "and again");
    w.pass(Duration::from_secs(33));
    assert!(w.sent().pop().unwrap().text.starts_with("BYE "));
    assert_eq!(w.told(), [Event::Left { leg: talk.leg, cause: Cause::TimedOut }]);
    let late = talk.request("INFO", "", "");
    w.hears(peer(6001), &late);
    assert_eq!(w.lines(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
}

#[test]
fn a_session_that_the_other_side_does_not_refresh_ends() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Supported: timer\r\nSession-Expires: 120\r\n".to_owned();
    let mut talk = up(&mut w, &invite, "120;refresher=uac");
    w.pass(Duration::from_secs(80));
    let refresh = talk.request("UPDATE", "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n", "");
    w.hears(peer(6001), &refresh);
    assert_eq!(value(&w.one(), "Session-Expires"), "120;refresher=uac");
    w.pass(Duration::from_secs(87));
    assert!(w.sent().is_empty() && w.told().is_empty());
    w.pass(Duration::from_secs(2));
    assert!(w.sent()[0].text.starts_with("BYE "));
    assert_eq!(w.told(), [Event::Left { leg: talk.leg, cause: Cause::TimedOut }]);
}

#[test]
fn a_session_interval_that_is_too_short_is_422() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Supported: timer\r\nSession-Expires: 60\r\n".to_owned();
    w.hears(peer(6001), &invite.text());
    let refusal = w.one();
    assert_eq!((status(&refusal), value(&refusal, "Min-SE")), (422, "90".to_owned()));
}

#[test]
fn two_reinvites_that_meet_both_give_way_and_ours_comes_again() {
    let mut w = World::new();
    let mut invite = Invite::new(peer(6001));
    invite.more = "Supported: timer\r\nSession-Expires: 200;refresher=uas\r\n".to_owned();
    let mut talk = up(&mut w, &invite, "200;refresher=uas");
    w.pass(Duration::from_millis(100_100));
    let ours = w.one();
    assert!(ours.starts_with("INVITE "), "this side has no UPDATE: {ours}");
    assert_eq!(body(&ours), sdp(1, "sendrecv").to_string(), "the same description as before");
    let theirs = talk.request("INVITE", "", &sdp(2, "sendonly").to_string());
    w.hears(peer(6001), &theirs);
    assert_eq!(status(&w.one()), 491);
    w.hears(peer(6001), &answer(&ours, 491, "", "", ""));
    assert!(w.one().starts_with("ACK "));
    w.pass(Duration::from_millis(2000));
    let again = w.sent().into_iter().find(|s| s.text.starts_with("INVITE ")).unwrap().text;
    assert!(value(&again, "CSeq") > value(&ours, "CSeq"));
    let ok =
        answer(&again, 200, "", "Contact: <sip:bob@127.0.0.1:6001>\r\n", &sdp(1, "sendrecv").to_string());
    w.hears(peer(6001), &ok);
    assert!(w.sent().iter().any(|s| s.text.starts_with("ACK ")));
    assert_eq!(w.access.census().legs, 1);
}

/// A caller's call with a session timer, up.
fn up(w: &mut World, invite: &Invite, agreed: &str) -> Talk {
    w.hears(peer(6001), &invite.text());
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    assert_eq!(value(&ok, "Session-Expires"), agreed);
    let mut talk = Talk::of_caller(leg, peer(6001), &invite.text(), &ok);
    let ack = talk.request("ACK", "", "");
    w.hears(peer(6001), &ack);
    w.told();
    talk
}

#[test]
fn a_transfer_is_accepted_asked_about_and_reported() {
    let mut w = World::new();
    let mut talk = w.callee_up(peer(6000));
    let leg = talk.leg;
    let refer = talk.request("REFER", &format!("Refer-To: <sip:7002@{EDGE}>\r\n"), "");
    w.hears(peer(6000), &refer);
    let sent = w.sent();
    assert_eq!(status(&sent[0].text), 202);
    let notify = &sent[1].text;
    assert!(notify.starts_with("NOTIFY "));
    assert_eq!((value(notify, "Event"), body(notify)), ("refer;id=101".to_owned(), "SIP/2.0 100 Trying\r\n"));
    assert!(value(notify, "Subscription-State").starts_with("active"));
    assert_eq!(w.told(), [Event::TransferAsked { leg, to: "7002".to_owned(), replaces: None }]);
    w.hears(peer(6000), &answer(notify, 200, "", "", ""));
    w.put(Command::TransferTold { leg, ended: Some(Cause::Normal) });
    let last = w.one();
    assert_eq!(body(&last), "SIP/2.0 200 OK\r\n");
    assert!(value(&last, "Subscription-State").starts_with("terminated"));
    w.put(Command::TransferTold { leg, ended: Some(Cause::Normal) });
    assert!(w.sent().is_empty(), "it is over");
}

#[test]
fn an_attended_transfer_names_the_other_leg() {
    let mut w = World::new();
    let mut talk = w.callee_up(peer(6000));
    let other = w.callee_up(peer(6005));
    let (ours, theirs) = (between(&other.ours, ";tag=", ";"), between(&other.theirs, ";tag=", ";"));
    let replaces = format!("{}%3Bto-tag%3D{ours}%3Bfrom-tag%3D{theirs}", other.call_id);
    let refer = talk.request("REFER", &format!("Refer-To: <sip:x@{EDGE}?Replaces={replaces}>\r\n"), "");
    w.hears(peer(6000), &refer);
    w.sent();
    let asked = Event::TransferAsked { leg: talk.leg, to: "x".to_owned(), replaces: Some(other.leg) };
    assert_eq!(w.told(), [asked]);
    let mut third = w.callee_up(peer(6006));
    let refer = third.request(
        "REFER",
        &format!("Refer-To: <sip:x@{EDGE}?Replaces=none%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n"),
        "",
    );
    w.hears(peer(6006), &refer);
    assert_eq!(status(&w.one()), 481);
}

#[test]
fn strangers_with_wrong_tags_or_numbers_get_nowhere() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    for wrong in [
        {
            let mut t = talk.clone();
            t.ours = t.ours.replace(";tag=", ";tag=0");
            t
        },
        {
            let mut t = talk.clone();
            t.ours = format!("{};tag=0123456789abcdef", t.ours.split(";tag").next().unwrap());
            t
        },
        {
            let mut t = talk.clone();
            t.theirs = t.theirs.replace("tag=b1", "tag=b2");
            t
        },
        {
            let mut t = talk.clone();
            t.call_id = "other".to_owned();
            t
        },
    ] {
        for method in ["BYE", "INVITE", "INFO", "REFER", "UPDATE"] {
            let mut wrong = wrong.clone();
            wrong.n += 50;
            let text = wrong.request(method, "", "");
            w.hears(peer(6001), &text);
            assert_eq!(status(&w.one()), 481, "{text}");
        }
    }
    talk.seq = 0;
    let old = talk.request("BYE", "", "");
    w.hears(peer(6001), &old);
    assert_eq!(status(&w.one()), 500, "a number that was used");
    assert!(w.told().is_empty());
    assert_eq!(w.access.census().legs, 1);
}

#[test]
fn what_we_do_not_do_in_a_dialog_is_refused() {
    let mut w = World::new();
    let mut talk = w.caller_up(peer(6001));
    for (method, more, code) in [
        ("MESSAGE", "", 405),
        ("SUBSCRIBE", "Event: x\r\n", 405),
        ("PRACK", "RAck: 1 1 INVITE\r\n", 481),
        ("REFER", "", 400),
        ("INVITE", "Require: foo\r\n", 420),
        ("OPTIONS", "", 200),
    ] {
        let text = talk.request(method, more, "");
        w.hears(peer(6001), &text);
        assert_eq!(status(&w.sent()[0].text), code, "{method}");
    }
}

#[test]
fn a_peer_that_is_gone_is_found_out_even_where_no_session_timer_was_agreed_on() {
    let mut w = World::new();
    let talk = w.callee_up(peer(6000));
    w.pass(Duration::from_secs(901));
    assert!(w.sent()[0].text.starts_with("UPDATE "));
    w.pass(Duration::from_secs(33));
    assert!(w.sent().pop().unwrap().text.starts_with("BYE "));
    assert_eq!(w.told(), [Event::Left { leg: talk.leg, cause: Cause::TimedOut }]);
}
