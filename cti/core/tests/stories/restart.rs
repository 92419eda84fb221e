//! Killed and restarted: nobody is lost, nobody is owned twice, a place keeps its time.

use ngcc_proto::access::{Caller, Cause, Stage};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::media::Phase;
use ngcc_proto::operate;
use ngcc_proto::seat::{Availability, Slot, Verb};
use ngcc_proto::{Core, Kind};

use crate::world::{World, sales};

#[test]
fn waiting_callers_keep_their_order_and_their_time() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let mut legs = vec![];
    for _ in 0..5 {
        legs.push(w.call("2000"));
        w.secs(2);
    }
    w.crash();
    assert_eq!(w.queues()["sales"].longest_ms, 10_000);
    assert_eq!(w.phase_of(legs[0]), Some(Phase::Queue { music: true }));
    assert!(matches!(w.availability("alice"), Availability::NotReady { reason, .. } if reason == "lunch"));
    w.asks("alice", Verb::Ready);
    for leg in legs {
        let agent = w.agent_leg("alice").unwrap();
        assert_eq!(w.media[&agent].0, w.media[&leg].0);
        w.crash();
        w.hang_up(leg);
    }
    w.assert_clean();
}

#[test]
fn an_offer_under_way_is_made_anew() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    let before = w.agent_leg("alice").unwrap();
    w.crash();
    let after = w.agent_leg("alice").unwrap();
    assert_ne!(before, after);
    assert!(!w.edge.contains_key(&before), "nobody rings twice");
    w.answer("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
}

#[test]
fn talk_goes_on_and_the_owner_stays() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let caller = w.call("2000");
    w.answer("alice");
    w.crash();
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
    w.crash();
    w.hang_up(caller);
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    w.crash();
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    w.secs(31);
    assert_eq!(w.slot("alice"), Slot::Free);
    w.assert_clean();
}

#[test]
fn a_hand_over_goes_on_with_its_turn() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.human(run, "sales");
    w.crash();
    w.human(run, "sales");
    w.answer("alice");
    let agent = w.agent_leg("alice").unwrap();
    w.keys(agent, "*8");
    w.crash();
    assert_eq!(w.phase_of(caller), Some(Phase::InIvr { listen: false, secure: false }));
    w.give_back(run, 1, BackBecause::Asked);
    w.crash();
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.keys(agent, "*8");
    assert_eq!(w.runs[&run].turn, Some(2));
}

#[test]
fn a_run_that_did_not_outlive_the_restart_gives_the_customer_back() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.human(run, "sales");
    w.answer("alice");
    let agent = w.agent_leg("alice").unwrap();
    w.keys(agent, "*8");
    w.runs.clear();
    w.crash();
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
}

#[test]
fn a_flow_that_ivr_lost_starts_again() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    w.runs.clear();
    w.crash();
    let run = w.run_of(caller);
    assert!(w.runs[&run].answered);
    w.human(run, "sales");
    assert!(w.rings("alice"));
}

#[test]
fn legs_that_did_not_outlive_the_restart_have_left() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let gone = w.call("2000");
    let silent = w.call("2001");
    w.answer("alice");
    w.answer("bob");
    w.edge.remove(&gone);
    w.media.remove(&silent);
    w.crash();
    assert_eq!(w.released(silent), Some(Cause::Lost));
    assert!(w.edge.is_empty(), "and whoever was with them is released");
    assert_eq!(w.live().len(), 0);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn legs_and_runs_that_nobody_knows_are_released() {
    let mut w = World::new(sales(&["alice"]));
    let leg = w.call("1000");
    w.log.clear();
    w.crash();
    assert_eq!(w.released(leg), Some(Cause::Lost));
    w.assert_clean();
}

#[test]
fn a_caller_who_was_not_answered_yet_is_answered_after_the_restart() {
    let mut w = World::new(sales(&["alice"]));
    w.ivr_works = false;
    let leg = w.call("2000");
    let flow = w.call("1000");
    w.ivr_works = true;
    w.crash();
    assert_eq!(w.edge[&leg].stage, Stage::Answered);
    assert!(w.rings("alice"));
    assert_eq!(w.edge[&flow].stage, Stage::Answered);
    assert!(w.runs[&w.run_of(flow)].answered);
    w.hang_up(leg);
    w.hang_up(flow);
    w.assert_clean();
}

#[test]
fn a_ringing_plain_call_rings_on() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("7001");
    let callee = w.phone_leg("7001").unwrap();
    w.crash();
    assert_eq!(w.phone_leg("7001"), Some(callee));
    w.answer_phone("7001");
    assert_eq!(w.edge[&caller].stage, Stage::Answered);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.hang_up(caller);
    w.assert_clean();
}

#[test]
fn a_direct_call_to_an_agent_rings_anew() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("8001");
    w.crash();
    assert!(w.rings("alice"));
    w.answer("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
}

#[test]
fn a_room_goes_on() {
    let mut w = World::new(sales(&["alice"]));
    let first = w.call("9");
    w.crash();
    let second = w.call("9");
    assert_eq!(w.media[&first].0, w.media[&second].0);
    w.hang_up(first);
    w.hang_up(second);
    w.assert_clean();
}

#[test]
fn whoever_tells_nothing_in_time_has_not_restarted_and_holds_what_it_held() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let talking = w.call("2000");
    w.answer("alice");
    let ringing = w.call("2000");
    let by_flow = w.call("1000");
    w.crash_only();
    w.cti.restored(w.now);
    let config = w.config.clone();
    w.say(config);
    assert!(!w.rings("alice"), "it is waited for");
    w.secs(3);
    for leg in [talking, ringing, by_flow] {
        assert_eq!(w.released(leg), None);
    }
    assert!(w.rings("bob"), "the offer was made anew");
    assert_eq!(w.phase_of(talking), Some(Phase::Talk));
    let run = w.run_of(by_flow);
    w.human(run, "sales");
    for leg in [talking, ringing, by_flow] {
        w.hang_up(leg);
    }
    w.secs(31);
    w.assert_clean();
}

#[test]
fn softacd_restarts_alone_and_what_it_lost_has_left() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let kept = w.call("2000");
    w.answer("alice");
    let lost = w.call("2000");
    w.answer("bob");
    w.edge.remove(&lost);
    w.tell_restored();
    w.run();
    assert_eq!(w.phase_of(kept), Some(Phase::Talk));
    assert!(w.agent_leg("bob").is_none());
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }));
    assert_eq!(w.live().len(), 1);
}

#[test]
fn ivr_restarts_alone_and_lost_media_ends_the_call_and_lost_flows_start_again() {
    let mut w = World::new(sales(&["alice"]));
    let kept = w.call("1000");
    let lost = w.call("1000");
    w.runs.clear();
    w.media.remove(&lost);
    w.phases.clear();
    w.tell_restored();
    w.run();
    assert_eq!(w.released(lost), Some(Cause::Lost));
    assert!(w.runs[&w.run_of(kept)].answered);
    assert_eq!(w.phase_of(kept), Some(Phase::SelfService));
}

#[test]
fn a_new_caller_between_the_two_reports_is_not_taken_for_lost() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let old = w.call("2000");
    w.crash_only();
    w.cti.restored(w.now);
    w.tell_restored();
    let config = w.config.clone();
    // The edge's report comes first, then a new caller, then ivr's report.
    let ivr = w.inbox.pop_back().unwrap();
    let new = w.arrive("2000", Caller::Anonymous);
    w.put(None, None, config);
    w.inbox.push_back(ivr);
    w.run();
    w.secs(1);
    assert_eq!((w.released(old), w.released(new)), (None, None));
    assert!(w.rings("alice") && w.rings("bob"));
}

#[test]
fn closed_sessions_are_stored_once_more_and_forgotten() {
    let mut w = World::new(sales(&["alice"]));
    w.data_centre_works = false;
    let caller = w.call("1000");
    w.hang_up(caller);
    w.data_centre_works = true;
    w.crash();
    assert_eq!(w.stored.len(), 1);
    w.assert_clean();

    // Killed while it forgot: what is left of the chain is forgotten too.
    w.data_centre_works = false;
    let caller = w.call("1000");
    w.hang_up(caller);
    let first = *w.log.keys().find(|k| k.kind == Kind::SessionFact).unwrap();
    w.log.remove(&first);
    w.data_centre_works = true;
    w.crash();
    w.assert_clean();
    assert!(matches!(
        w.operate(operate::Command::Sessions { limit: 9 }),
        operate::Event::Sessions { total: 0, .. }
    ));
}

#[test]
fn a_record_that_cannot_be_read_is_refused_and_the_rest_is_taken() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.crash_only();
    let key = ngcc_proto::Key { kind: Kind::SessionFact, id: 7, n: 0 };
    assert!(w.cti.restore(key, b"{", w.now).is_err());
    let alien = ngcc_proto::Key { kind: Kind::Dialog, id: 7, n: 0 };
    assert!(w.cti.restore(alien, b"{}", w.now).is_err());
    w.start();
    assert!(w.rings("alice"));
    w.hang_up(caller);
    w.assert_clean();
}

/// A whole contact, told step by step; each step does what it can in the state it finds.
fn contact(w: &mut World, caller: ngcc_proto::LegId, step: u32) {
    let run = w.runs.iter().find(|(_, run)| run.leg == caller).map(|(run, _)| *run);
    let alice = w.agent_leg("alice");
    match (step, run, alice) {
        (1, Some(run), None) => {
            let (queue, max_wait_s) = ("sales".to_owned(), None);
            let ask =
                ngcc_proto::flow::Ask::Human { queue, priority: 0, prefer: None, max_wait_s, returns: true };
            w.put(None, None, ngcc_proto::flow::Event::Asked { run, ask, vars: Default::default() });
        }
        (2 | 5, _, Some(leg)) if w.edge[&leg].stage == Stage::Calling => {
            w.edge.get_mut(&leg).unwrap().stage = Stage::Answered;
            let sdp = Some(crate::world::sdp());
            w.put(None, None, ngcc_proto::access::Event::Answered { leg, sdp });
        }
        (3, _, Some(leg)) if w.edge[&leg].stage == Stage::Answered => {
            for key in ["*", "8"] {
                let digit = ngcc_proto::Secret::new(key);
                w.put(None, None, ngcc_proto::media::Event::Digit { leg, digit });
            }
        }
        (4, Some(run), _) if w.runs[&run].turn.is_some() => {
            let (because, outcome) = (BackBecause::Asked, ngcc_proto::flow::Vars::new());
            w.put(None, None, ngcc_proto::bcsm::ToHuman { turn: 1, run, because, outcome });
        }
        _ => {}
    }
}

#[test]
fn killed_after_any_message_nobody_is_lost_and_nobody_is_owned_twice() {
    for number in ["1000", "2000", "8001", "7001"] {
        let messages = a_contact_killed_after(number, u32::MAX);
        assert!(messages > 3, "{number}: {messages} messages");
        for n in 1..=messages {
            a_contact_killed_after(number, n);
        }
    }
}

/// Plays a contact, kills the core after so many messages, and looks whether everything still belongs together.
/// Returns how many messages there were.
fn a_contact_killed_after(number: &str, messages: u32) -> u32 {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.arrive(number, Caller::Anonymous);
    let mut delivered = 0;
    for step in 0..6 {
        contact(&mut w, caller, step);
        while w.deliver_one() {
            delivered += 1;
            if delivered == messages {
                w.crash();
            }
        }
    }
    let at = format!("{number}, killed after message {messages}");
    // Whoever is on the line belongs to one session, and the other way round.
    assert_eq!(w.live().len(), 1, "{at}");
    assert!(w.edge.contains_key(&caller) && w.media.contains_key(&caller), "{at}");
    let owned = w.live()[0].owner.is_some();
    assert_eq!(owned, matches!(w.slot("alice"), Slot::Talking { .. } | Slot::InIvr { .. }), "{at}");
    let queues = w.queues();
    assert!(queues.values().all(|q| q.waiting == 0 || q.free == 0), "{at}");
    for leg in w.edge.keys() {
        assert!(w.media.contains_key(leg), "{at}: a leg without media");
    }
    w.hang_up(caller);
    w.secs(40);
    w.assert_clean();
    assert_eq!(w.slot("alice"), Slot::Free, "{at}");
    delivered
}
