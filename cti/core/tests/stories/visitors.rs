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
