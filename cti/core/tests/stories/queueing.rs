//! Resources, the lock on them, queues and offers (S0-04, S0-05, S1-04).

use ngcc_proto::access::{self, Caller, Cause};
use ngcc_proto::config::{Strategy, Wait};
use ngcc_proto::fact::What;
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{Availability, Slot, Told, Verb};
use ngcc_proto::{LegId, flow};

use crate::world::{World, config, number, queue, sales};

fn reserved_for(w: &World, leg: LegId) -> bool {
    w.phase_of(leg).is_some_and(|phase| matches!(phase, Phase::Queue { .. }))
        && w.agents().iter().any(|a| w.agent_leg(a).is_some_and(|l| w.media[&l].0 == w.media[&leg].0))
}

#[test]
fn s0_05_of_n_arrivals_for_the_last_seat_exactly_one_gets_it() {
    let mut w = World::new(sales(&["alice"]));
    let legs: Vec<LegId> = (0..50).map(|_| w.arrive("2000", Caller::Anonymous)).collect();
    w.run();
    let got: Vec<bool> = legs.iter().map(|leg| reserved_for(&w, *leg)).collect();
    assert_eq!(got.iter().filter(|g| **g).count(), 1);
    assert!(got[0], "and it is the first");
    assert_eq!(w.queues()["sales"].waiting, 49);
}

#[test]
fn s0_05_a_freed_seat_goes_to_the_head_of_the_queue() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(c);
    let legs: Vec<LegId> = (0..5).map(|_| w.call("2000")).collect();
    for leg in &legs[..4] {
        assert!(reserved_for(&w, *leg), "in the order of the queue");
        w.answer("alice");
        // A later applicant comes in the same microsecond in which the seat is freed.
        let latecomer = w.arrive("2000", Caller::Anonymous);
        w.agent_hangs_up("alice");
        assert!(!reserved_for(&w, latecomer), "a latecomer never seizes it");
        w.hang_up(latecomer);
    }
    assert!(reserved_for(&w, legs[4]));
    w.hang_up(legs[4]);
    w.assert_clean();
}

#[test]
fn one_ordered_list_over_all_queues_priority_first_then_time() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let old = w.call("2000");
    w.secs(100);
    let gold = w.call("2001");
    w.secs(1);
    let young = w.call("2000");
    w.asks("alice", Verb::Ready);
    for leg in [gold, old, young] {
        assert!(reserved_for(&w, leg));
        w.hang_up(leg);
    }
    w.assert_clean();
}

#[test]
fn a_refused_offer_gives_the_place_at_the_head_back_and_the_next_agent_is_asked_at_once() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let first = w.call("2000");
    assert!(w.rings("alice"));
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    let second = w.call("2000");
    w.secs(5);
    w.refuse("alice", Cause::NoAnswer);
    assert!(matches!(w.availability("alice"), Availability::NotReady { reason, .. } if reason == "missed"));
    w.asks("bob", Verb::Ready);
    assert!(reserved_for(&w, first), "the first has its place and its time");
    assert!(!reserved_for(&w, second));
    assert!(w.rings("bob"));
}

#[test]
fn a_busy_phone_is_left_in_peace_for_five_seconds_and_nothing_is_counted() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.refuse("alice", Cause::Busy);
    assert!(!w.rings("alice"));
    w.secs(4);
    assert!(!w.rings("alice"));
    w.secs(2);
    assert!(w.rings("alice") && reserved_for(&w, caller));
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
}

#[test]
fn as_many_misses_as_configured_make_a_seat_not_ready() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.max_missed = 2;
    let mut w = World::new(c);
    w.call("2000");
    w.refuse("alice", Cause::NotRegistered);
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
    w.secs(6);
    w.refuse("alice", Cause::Declined);
    assert!(matches!(w.availability("alice"), Availability::NotReady { .. }));
    w.asks("alice", Verb::Ready);
    assert!(w.rings("alice"), "back to work, and what was missed is forgiven");
    w.refuse("alice", Cause::NoAnswer);
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
}

#[test]
fn s0_05_a_lock_has_a_lease_that_frees_the_seat_of_a_dead_holder() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    let leg = w.agent_leg("alice").unwrap();
    w.secs(21);
    assert!(matches!(w.slot("alice"), Slot::Alerting { .. }), "nobody says that the ringing is over");
    w.secs(2);
    assert_eq!(w.released(leg), Some(Cause::NoAnswer));
    assert_eq!(w.slot("alice"), Slot::Free);
    assert_eq!(w.queues()["sales"].waiting, 1);
    w.hang_up(caller);
    w.assert_clean();
}

#[test]
fn a_caller_who_gives_up_takes_the_offer_back() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    let leg = w.agent_leg("alice").unwrap();
    w.hang_up(caller);
    assert_eq!(w.released(leg), Some(Cause::Cancelled));
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::Rescinded { cause: Cause::Cancelled, .. })));
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }), "she has missed nothing");
    w.assert_clean();
}

#[test]
fn the_longest_wait_lets_the_flow_go_on_and_releases_who_has_none() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.max_wait_s = Some(60);
    let mut w = World::new(c);
    w.asks("alice", Verb::SignOut);
    let direct = w.call("2000");
    let by_flow = w.call("1000");
    let run = w.run_of(by_flow);
    w.human(run, "sales");
    w.secs(59);
    assert_eq!((w.released(direct), w.resumed(run)), (None, None));
    w.secs(2);
    assert_eq!((w.released(direct), w.resumed(run)), (Some(Cause::TimedOut), Some("timeout".into())));
    assert_eq!(w.phase_of(by_flow), Some(Phase::SelfService));
    w.human(run, "sales");
    assert_eq!(w.phase_of(by_flow), Some(Phase::Queue { music: true }), "and may ask again");
}

#[test]
fn a_full_queue_and_a_queue_without_members_admit_nobody() {
    let mut c = config(
        &["alice"],
        vec![queue("sales", &["alice"]), queue("empty", &[])],
        vec![number("1000", ngcc_proto::config::Route::Flow("main".into()))],
    );
    c.queues[0].1.max_len = Some(1);
    let mut w = World::new(c);
    let mut runs = vec![];
    for _ in 0..4 {
        let leg = w.call("1000");
        runs.push(w.run_of(leg));
    }
    for run in &runs[..3] {
        w.human(*run, "sales");
    }
    assert_eq!(w.resumed(runs[1]), None, "the first rings, the second waits");
    assert_eq!(w.resumed(runs[2]), Some("full".into()));
    w.human(runs[3], "empty");
    assert_eq!(w.resumed(runs[3]), Some("no_agent".into()));
    w.human(runs[3], "nowhere");
    assert_eq!(w.resumed(runs[3]), Some("no_agent".into()));
}

#[test]
fn s0_04_humans_full_self_service_is_given_first_and_the_wish_is_kept() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.wait = Wait::Flow("wait".into());
    c.centre.self_service_slots = 1;
    let mut w = World::new(c);
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let first = w.call("2000");
    let wait = w.run_named("wait").unwrap();
    assert_eq!(w.phase_of(first), Some(Phase::Queue { music: false }), "the wait flow is heard");
    let second = w.call("2000");
    assert_eq!(w.phase_of(second), Some(Phase::Queue { music: true }), "both are short: queue server only");

    w.asks("alice", Verb::Ready);
    assert!(reserved_for(&w, first), "the place was kept");
    w.answer("alice");
    assert!(w.sent_flow().contains(&flow::Command::Stop { run: wait }));
    assert_eq!(w.phase_of(first), Some(Phase::Talk));
    let third = w.call("2000");
    assert_eq!(w.phase_of(third), Some(Phase::Queue { music: false }), "the slot is free again");
}

#[test]
fn a_wait_flow_that_ends_leaves_music_behind() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.wait = Wait::Flow("wait".into());
    let mut w = World::new(c);
    let caller = w.call("2000");
    let run = w.run_named("wait").unwrap();
    w.runs.remove(&run);
    w.say(flow::Event::Ended { run, vars: flow::Vars::new() });
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    assert!(w.rings("alice"));
}

#[test]
fn a_silent_queue_sends_nothing() {
    let mut c = sales(&["alice"]);
    c.queues[0].1.wait = Wait::Silence;
    let mut w = World::new(c);
    let caller = w.call("2000");
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: false }));
}

#[test]
fn s1_04_the_reservation_says_by_which_strategy_among_how_many_and_why() {
    for (strategy, name) in [
        (Strategy::LongestIdle, "longest-idle of 3: idle since"),
        (Strategy::RoundRobin, "round-robin of 3: the first"),
        (Strategy::Random, "random of 3: draw"),
        (Strategy::AgentPriority, "agent-priority of 3: level 0, place 0"),
    ] {
        let mut c = sales(&["alice", "bob", "carol"]);
        c.queues[0].1.strategy = strategy;
        let mut w = World::new(c);
        w.call("2000");
        let session = w.live()[0].id;
        let ngcc_proto::operate::Event::Chain { facts } =
            w.operate(ngcc_proto::operate::Command::Chain { session })
        else {
            panic!("a chain is asked for");
        };
        let why = facts
            .iter()
            .find_map(|f| if let What::Reserved { why, .. } = &f.what { Some(why) } else { None });
        assert!(why.unwrap().starts_with(name), "{why:?}");
    }
}

#[test]
fn s1_04_round_robin_goes_on_after_a_restart() {
    let mut c = sales(&["alice", "bob", "carol"]);
    c.queues[0].1.strategy = Strategy::RoundRobin;
    c.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(c);
    for expected in ["alice", "bob", "carol", "alice", "bob"] {
        let caller = w.call("2000");
        assert!(w.rings(expected), "{expected}");
        w.hang_up(caller);
        w.crash();
    }
}

#[test]
fn a_preferred_agent_who_is_free_is_asked_first() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let leg = w.call("1000");
    let run = w.run_of(leg);
    let prefer = Some(crate::world::agent("bob"));
    let queue = "sales".to_owned();
    w.ask(run, flow::Ask::Human { queue, priority: 0, prefer, max_wait_s: None, returns: true });
    assert!(w.rings("bob"));
}

#[test]
fn a_queue_step_for_good_ends_its_flow_when_the_agent_answers() {
    let mut w = World::new(sales(&["alice"]));
    let leg = w.call("1000");
    let run = w.run_of(leg);
    let queue = "sales".to_owned();
    w.ask(run, flow::Ask::Human { queue, priority: 0, prefer: None, max_wait_s: None, returns: false });
    w.answer("alice");
    assert!(!w.runs.contains_key(&run));
    assert_eq!(w.phase_of(leg), Some(Phase::Talk));
}

#[test]
fn a_queue_that_is_removed_lets_its_callers_go_and_a_changed_one_keeps_them() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    let gold = w.call("2001");
    let sales = w.call("2000");
    let mut c = w.config.clone();
    c.version = 2;
    c.queues.remove(1);
    c.queues[0].1.strategy = Strategy::Random;
    w.say(c);
    assert_eq!(w.released(gold), Some(Cause::Unreachable));
    assert_eq!(w.released(sales), None);
    w.asks("alice", Verb::SignIn { device: ngcc_proto::seat::Device::Phone("p-alice".into()) });
    assert!(reserved_for(&w, sales));
}

#[test]
fn a_direct_call_to_an_agent_rings_the_seat_or_is_busy() {
    let mut w = World::new(sales(&["alice"]));
    let first = w.call("8001");
    assert!(w.rings("alice"));
    let second = w.call("8001");
    assert_eq!(w.released(second), Some(Cause::Busy));
    w.answer("alice");
    assert_eq!(w.phase_of(first), Some(Phase::Talk));
    w.agent_hangs_up("alice");
    assert_eq!(w.released(first), Some(Cause::Normal));
    w.assert_clean();
    let third = w.call("8001");
    w.refuse("alice", Cause::Declined);
    assert_eq!(w.released(third), Some(Cause::Declined));
    w.assert_clean();
}

#[test]
fn a_flow_transfers_to_a_phone_and_goes_on_when_the_other_side_hangs_up() {
    let mut w = World::new(sales(&["alice"]));
    let leg = w.call("1000");
    let run = w.run_of(leg);
    w.ask(run, flow::Ask::Transfer { to: "7001".into(), ring_s: 10 });
    w.answer_phone("7001");
    assert_eq!(w.phase_of(leg), Some(Phase::Talk));
    let callee = w.phone_leg("7001").unwrap();
    w.hang_up(callee);
    assert_eq!(w.resumed(run), Some("done".into()));
    assert_eq!(w.phase_of(leg), Some(Phase::SelfService));

    w.ask(run, flow::Ask::Transfer { to: "7001".into(), ring_s: 10 });
    let callee = w.phone_leg("7001").unwrap();
    w.edge.remove(&callee);
    w.say(access::Event::Refused { leg: callee, cause: Cause::Busy });
    assert_eq!(w.resumed(run), Some("busy".into()));
    w.ask(run, flow::Ask::Transfer { to: "4711".into(), ring_s: 10 });
    assert_eq!(w.resumed(run), Some("failed".into()));
    w.hang_up(leg);
    w.assert_clean();
}
