//! Visitors of chats and the agents they are assigned to: at random, in turn, by priority; and never whoever does
//! not serve.

use ngcc_proto::UserUri;
use ngcc_proto::chat::Status;
use ngcc_proto::seat::Verb;

use crate::world::{World, desk, sales};

#[test]
fn s1_04_visitors_go_to_whoever_has_fewest_chats_when_the_longest_idle_is_asked() {
    let mut w = desk(&["alice", "bob"]);
    for n in 0..6 {
        w.chat_of("2000", UserUri::Web(format!("v{n}")));
    }
    assert_eq!((w.chats["alice"].len(), w.chats["bob"].len()), (3, 3));
}

#[test]
fn s1_04_visitors_are_assigned_in_turn_or_strictly_by_priority() {
    use ngcc_proto::config::Strategy;
    for (strategy, expected) in [(Strategy::RoundRobin, [2, 2, 2]), (Strategy::AgentPriority, [4, 2, 0])] {
        let mut config = sales(&["alice", "bob", "carol"]);
        let queue = &mut config.queues[0].1;
        queue.strategy = strategy;
        for (level, member) in (0..).zip(&mut queue.members) {
            member.level = level;
        }
        let mut w = World::new(config);
        for name in ["alice", "bob", "carol"] {
            w.sits_at_browser(name);
        }
        for n in 0..6 {
            w.chat_of("2000", UserUri::Web(format!("v{n}")));
        }
        assert_eq!(["alice", "bob", "carol"].map(|name| w.chats[name].len()), expected);
    }
}

#[test]
fn s2_04_visitors_go_at_random_to_agents_who_are_normal_and_to_nobody_else() {
    let names = ["alice", "bob", "carol", "dave", "erin", "frank"];
    let mut config = sales(&names);
    config.queues[0].1.strategy = ngcc_proto::config::Strategy::Random;
    config.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(config);
    for name in names {
        w.sits_at_browser(name);
    }
    w.asks("erin", Verb::NotReady { reason: "busy".into() });
    w.asks("frank", Verb::SignOut);
    let mut seen = [0u32; 6];
    for n in 0..800 {
        let leg = w.chat_of("2000", UserUri::Web(format!("v{n}")));
        let chosen = names.iter().position(|name| w.offer_to(name).is_some()).unwrap();
        seen[chosen] += 1;
        w.hang_up(leg);
    }
    assert_eq!((seen[4], seen[5]), (0, 0), "busy and exited ones are never chosen");
    let chi2: f64 = seen[..4].iter().map(|&n| (f64::from(n) - 200.0).powi(2) / 200.0).sum();
    assert!(chi2 < 16.3, "chi-square {chi2} of {seen:?}: p < 0.001 above 16.3 at 3 degrees");
}

#[test]
fn s1_03_who_does_not_start_customer_service_is_never_assigned_and_who_does_is() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    w.asks("alice", Verb::Look);
    let leg = w.chat("2000");
    assert!(w.offer_to("alice").is_none(), "the messenger alone");
    w.asks("alice", Verb::SignIn { device: ngcc_proto::seat::Device::Browser });
    w.accepts("alice");
    assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
}

#[test]
fn s2_01_two_visitors_and_two_agents_chat_at_once_and_each_reads_their_own() {
    let mut config = sales(&["alice", "bob"]);
    config.queues[0].1.strategy = ngcc_proto::config::Strategy::RoundRobin;
    let mut w = World::new(config);
    let mut chats = vec![];
    for name in ["alice", "bob"] {
        w.sits_at_browser(name);
    }
    for name in ["alice", "bob"] {
        let leg = w.chat_of("2000", UserUri::Web(name.into()));
        w.accepts(name);
        chats.push((name, leg, w.session_of(leg)));
    }
    for (name, leg, session) in &chats {
        w.writes(*leg, "k1", &format!("to {name}"));
        w.agent_writes(name, *session, "a1", &format!("from {name}"));
    }
    for (name, leg, _) in &chats {
        let lines = ["joined".to_owned(), format!("customer: to {name}"), format!("agent: from {name}")];
        assert_eq!(w.shown_to(*leg), lines);
        assert_eq!(w.read_by(name), lines);
    }
}

#[test]
fn s0_05_of_twenty_visitors_for_the_last_chat_slot_one_gets_it_and_the_head_the_next() {
    let mut config = sales(&["alice"]);
    config.seats[0].settings.chats = 1;
    config.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(config);
    w.sits_at_browser("alice");
    let legs: Vec<_> = (0..20).map(|n| w.chat_of("2000", UserUri::Web(format!("v{n}")))).collect();
    for leg in legs {
        assert_eq!(w.chats["alice"].len(), 1, "one at a time");
        w.accepts("alice");
        assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })), "in the order of the line");
        w.hang_up(leg);
    }
    w.assert_clean();
}
