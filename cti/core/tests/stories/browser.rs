//! Agents who take calls in the browser: summoned, connected while it rings, joined by their word.

use ngcc_proto::access::{self, Cause, Stage};
use ngcc_proto::chat::Status;
use ngcc_proto::fact::What;
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{Availability, Slot, Told, Verb};
use ngcc_proto::{Core, media, seat};

use crate::world::{World, agent, sales, sdp};

fn at_browser(agents: &[&str]) -> World {
    let mut w = World::new(sales(agents));
    for name in agents {
        w.sits_at_browser(name);
    }
    w
}

fn reason(w: &World, name: &str) -> String {
    match w.availability(name) {
        Availability::NotReady { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_browser_connects_while_it_rings_and_is_heard_only_when_its_agent_accepts() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    let leg = w.agent_leg("alice").unwrap();
    assert_eq!(w.edge[&leg].stage, Stage::Answered, "it is connected");
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }), "and hears nothing");
    assert!(matches!(w.slot("alice"), Slot::Alerting { .. }));
    w.accepts("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
    w.hang_up(caller);
    assert!(!w.edge.contains_key(&leg));
    w.secs(31);
    w.assert_clean();
}

#[test]
fn an_offer_can_be_accepted_before_the_browser_is_connected() {
    let mut w = at_browser(&["alice"]);
    w.browsers_offer = false;
    let caller = w.call("2000");
    assert!(matches!(w.slot("alice"), Slot::Reserved { .. }));
    w.accepts("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    let leg = w.agent_leg("alice").unwrap();
    w.say(access::Event::Summoned { leg, offer: sdp() });
    assert_eq!(w.media[&leg].0, w.media[&caller].0);
    assert_eq!(w.edge[&leg].stage, Stage::Answered);
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
}

#[test]
fn a_browser_that_does_not_offer_or_is_not_accepted_lets_the_customer_wait_on() {
    for offers in [true, false] {
        let mut w = at_browser(&["alice"]);
        w.browsers_offer = offers;
        let caller = w.call("2000");
        w.secs(19);
        assert!(w.offer_to("alice").is_some());
        w.secs(2);
        assert_eq!(w.offer_to("alice"), None);
        assert_eq!(reason(&w, "alice"), "missed");
        assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
        assert!(w.agent_leg("alice").is_none(), "the browser is let go");
    }
}

#[test]
fn a_browser_that_cannot_be_reached_frees_its_lock() {
    let mut w = at_browser(&["alice", "bob"]);
    w.browsers_offer = false;
    w.call("2000");
    let first = if w.agent_leg("alice").is_some() { "alice" } else { "bob" };
    w.refuse(first, Cause::NotRegistered);
    let other = if first == "alice" { "bob" } else { "alice" };
    assert!(w.agent_leg(other).is_some(), "the next one is asked");
    assert_eq!(w.slot(first), Slot::Free);
}

#[test]
fn a_browser_that_fails_after_it_was_accepted_gives_the_customer_back_to_the_head() {
    let mut w = at_browser(&["alice"]);
    w.browsers_offer = false;
    let caller = w.call("2000");
    w.secs(3);
    w.accepts("alice");
    w.refuse("alice", Cause::Failed);
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    assert_eq!(w.released(caller), None);
    assert!(w.agent_leg("alice").is_some(), "she is free and asked again");
}

#[test]
fn a_phone_call_is_not_accepted_at_the_console() {
    let mut w = World::new(sales(&["alice"]));
    w.call("2000");
    w.accepts("alice");
    assert!(w.rings("alice"));
    assert!(matches!(w.told.last(), Some((_, Told::Refused { .. }))));
}

#[test]
fn s1_06_a_page_that_is_back_in_time_changes_nothing() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.accepts("alice");
    w.asks("alice", Verb::Away);
    w.secs(29);
    w.asks("alice", Verb::Back);
    w.secs(60);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
}

#[test]
fn s1_06_an_agent_who_goes_offline_gets_nobody_new_and_the_customer_goes_back_to_the_head() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.secs(10);
    w.accepts("alice");
    w.asks("alice", Verb::Away);
    let other = w.call("2000");
    w.secs(31);
    assert_eq!(reason(&w, "alice"), "unreachable");
    assert_eq!(w.slot("alice"), Slot::Free);
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    assert_eq!(w.queues()["sales"].longest_ms, 41_000, "with the time that counted all along");
    w.asks("alice", Verb::Back);
    w.asks("alice", Verb::Ready);
    w.accepts("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk), "the head is served first");
    assert_eq!(w.phase_of(other), Some(Phase::Queue { music: true }));
    w.hang_up(caller);
    w.hang_up(other);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s1_06_without_a_page_no_new_visitor_comes_even_before_the_grace_is_over() {
    let mut w = at_browser(&["alice"]);
    w.asks("alice", Verb::Away);
    w.call("2000");
    assert!(w.agent_leg("alice").is_none());
    w.asks("alice", Verb::Back);
    assert!(w.agent_leg("alice").is_some(), "and whoever waits is offered when it is back");
}

#[test]
fn a_call_in_the_browser_goes_on_over_a_restart_and_consoles_have_their_grace() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.accepts("alice");
    w.crash();
    w.secs(60);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
    w.consoles.clear();
    w.crash();
    w.secs(31);
    assert_eq!(reason(&w, "alice"), "unreachable");
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
}

#[test]
fn an_agent_who_was_away_when_the_centre_died_is_not_waited_for_without_end() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.accepts("alice");
    let chat = w.chat("2000");
    w.accepts("alice");
    w.consoles.clear();
    w.asks("alice", Verb::Away);
    w.secs(10);
    w.crash();
    w.secs(31);
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    assert!(w.chats["alice"].is_empty() && w.released(chat).is_none());
    assert_eq!(reason(&w, "alice"), "unreachable");
}

#[test]
fn a_core_that_is_rebuilt_does_not_ask_consoles_to_come_back() {
    let mut w = at_browser(&["alice"]);
    w.crash_only();
    w.cti.rebuilt(w.now);
    let config = w.config.clone();
    w.say(config);
    w.say(access::Event::Restored { legs: vec![] });
    w.say(media::Event::Restored { legs: vec![], runs: vec![], recordings: vec![] });
    w.secs(60);
    w.call("2000");
    assert!(w.agent_leg("alice").is_some());
}

#[test]
fn every_command_of_a_console_is_answered_once_behind_the_state_it_brings() {
    let mut w = at_browser(&["alice"]);
    w.sent.clear();
    let what = Verb::NotReady { reason: "lunch".into() };
    let id = w.put(None, None, seat::Command { agent: agent("alice"), session: None, what });
    w.run();
    let told: Vec<&Told> = w
        .sent
        .iter()
        .filter(|e| e.cause == Some(id))
        .filter_map(|e| match &e.body {
            ngcc_proto::Body::SeatEvent(event) => Some(&event.what),
            _ => None,
        })
        .collect();
    assert!(matches!(told[..], [Told::State { .. }, Told::Done]), "{told:?}");
}

#[test]
fn a_late_candidate_goes_to_the_media_of_its_leg() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.say(access::Event::Candidate {
        leg: caller,
        candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host".into(),
    });
    let passed = w.sent.iter().any(|e| {
        matches!(&e.body, ngcc_proto::Body::MediaCommand(media::Command::Candidate { leg, .. }) if *leg == caller)
    });
    assert!(passed);
}

#[test]
fn whose_other_side_is_unreachable_hears_music_until_it_is_back() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call("2000");
    w.accepts("alice");
    let leg = w.agent_leg("alice").unwrap();
    w.say(media::Event::PeerLost { leg });
    w.say(access::Event::Unreachable { leg });
    assert_eq!(w.phase_of(caller), Some(Phase::Hold));
    w.secs(29);
    w.say(access::Event::Reattached { leg });
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.say(access::Event::Reoffered { leg, offer: Some(sdp()) });
    w.say(media::Event::PeerUp { leg });
    w.secs(60);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.say(access::Event::Unreachable { leg: caller });
    assert_eq!(w.phase_of(caller), Some(Phase::Hold));
    w.crash();
    assert_eq!(w.phase_of(caller), Some(Phase::Hold), "also after a restart");
    w.secs(31);
    assert_eq!(w.released(caller), Some(Cause::Unreachable));
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
}

#[test]
fn a_browser_that_does_not_come_back_gives_the_customer_back_to_the_head() {
    let mut w = at_browser(&["alice", "bob"]);
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    let caller = w.call("2000");
    w.accepts("alice");
    w.asks("bob", Verb::Ready);
    let leg = w.agent_leg("alice").unwrap();
    w.say(media::Event::PeerLost { leg });
    w.secs(31);
    assert_eq!(w.released(caller), None);
    assert!(w.released(leg).is_some());
    let taken = if w.offer_to("bob").is_some() { "bob" } else { "alice" };
    w.accepts(taken);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
}

#[test]
fn who_was_given_back_waits_no_longer_than_the_queue_allows_and_a_restart_counts_the_same() {
    let mut config = sales(&["alice"]);
    config.queues[0].1.max_wait_s = Some(60);
    let mut w = World::new(config);
    w.sits_at_browser("alice");
    let caller = w.call("2000");
    w.accepts("alice");
    w.secs(600);
    w.consoles.clear();
    w.asks("alice", Verb::Away);
    w.secs(31);
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    w.secs(20);
    w.crash();
    w.secs(35);
    assert_eq!(w.released(caller), None);
    w.secs(6);
    assert_eq!(w.released(caller), Some(Cause::TimedOut));
}

#[test]
fn a_command_of_the_operator_opens_no_console() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    let what = Verb::SignIn { device: seat::Device::Browser };
    let command = seat::Command { agent: agent("alice"), session: None, what };
    w.operate(ngcc_proto::operate::Command::Seat(command));
    w.call("2000");
    assert!(w.agent_leg("alice").is_none(), "nobody is at a page");
    w.asks("alice", Verb::Look);
    assert!(w.agent_leg("alice").is_some());
}

#[test]
fn each_side_is_shown_when_the_other_adds_and_drops_pictures() {
    let mut w = at_browser(&["alice"]);
    let caller = w.call_by_web("v1", "2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    let shown = |w: &World| w.contact("alice", session).map(|contact| contact.pictures);
    let answered = |w: &mut World, section: &str| {
        let sdp = format!("{}{section}", sdp()).parse().unwrap();
        w.say(media::Event::Reanswered { leg: caller, sdp: Some(sdp) });
    };
    assert_eq!(shown(&w), Some(false));
    answered(&mut w, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendrecv\r\n");
    assert_eq!(shown(&w), Some(true));
    w.say(media::Event::Reanswered { leg: caller, sdp: None });
    assert_eq!(shown(&w), Some(true), "an offer that is refused changes nothing");
    answered(&mut w, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n");
    assert_eq!(shown(&w), Some(false));
    answered(&mut w, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n");
    assert_eq!(shown(&w), Some(true));
    answered(&mut w, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n");
    assert_eq!(shown(&w), Some(false));
    // The other way round it is the customer who is told.
    let status = |w: &World| w.status_of(caller);
    let talk = |pictures| Some(Status::Talk { display: "alice".into(), unreachable: false, pictures });
    assert_eq!(status(&w), talk(false));
    let leg = w.agent_leg("alice").unwrap();
    let of_alice = |w: &mut World, direction: &str| {
        let section = format!("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na={direction}\r\n");
        let sdp = format!("{}{section}", sdp()).parse().unwrap();
        w.say(media::Event::Reanswered { leg, sdp: Some(sdp) });
    };
    of_alice(&mut w, "sendrecv");
    assert_eq!((status(&w), shown(&w)), (talk(true), Some(false)));
    of_alice(&mut w, "sendonly");
    assert_eq!(status(&w), talk(false));
    let added = w.facts(session).iter().filter(|f| matches!(f.what, What::MediumAdded { .. })).count();
    assert_eq!(added, 1, "once gained, it is a call with pictures");
}
