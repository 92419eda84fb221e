//! The steps an agent is shown: each node as it is entered, with the choice that led there.

use ngcc_proto::flow::Command;

use crate::world::{RUN, World};

const FLOW: &str = r#""s":{"verb":"set","vars":{"a":1},"next":"m"},
    "m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"c","2":"g"},"labels":{"1":{"en":"Pay","zh-CN":"付款"}},
        "attempts":1,"on_invalid":"g"},
    "c":{"verb":"collect","variable":"n","max":3,"next":"g"},
    "g":{"verb":"goto","next":"w"},"w":{"verb":"wait"}"#;

#[test]
fn every_node_is_told_with_its_choice_and_never_with_what_was_collected() {
    let mut world = World::with("s", FLOW).with_caller();
    world.start(RUN, "main", &[("lang", "zh-CN")], true);
    assert_eq!(world.take_shown(), ["s (set)", "m (menu)"]);
    world.keys("1");
    assert_eq!(world.take_shown(), ["c (collect) by 付款"]);
    world.keys("555");
    assert_eq!(world.take_shown(), ["g (goto)", "w (wait)"]);
}

#[test]
fn a_choice_without_a_label_is_told_by_its_key_and_a_miss_by_nothing() {
    let mut world = World::with("s", FLOW).in_flow();
    world.keys("2");
    assert_eq!(world.take_shown(), ["s (set)", "m (menu)", "g (goto) by 2", "w (wait)"]);
    let mut world = World::with("s", FLOW).in_flow();
    world.keys("9");
    assert_eq!(world.take_shown(), ["s (set)", "m (menu)", "g (goto)", "w (wait)"]);
}

#[test]
fn a_secret_on_a_call_is_told_while_it_is_collected() {
    let nodes = r#""c":{"verb":"collect","text":{"en":"PIN"},"variable":"pin_secret","max":4,"min":4,"attempts":2,
        "timeout_s":5,"on_timeout":"w","next":"d"},"w":{"verb":"wait"},"d":{"verb":"collect","variable":"x"}"#;
    let mut world = World::with("c", nodes).in_flow();
    assert_eq!(world.take_shown(), ["c (collect)", "listens in secret"]);
    world.keys("1234");
    assert_eq!(world.take_shown(), ["listens", "d (collect)"]);

    let mut world = World::with("c", nodes).in_flow();
    world.take_shown();
    world.play_out();
    world.pass(5);
    assert!(world.take_shown().is_empty(), "another attempt is as secret as the first");
    world.tell(Command::Suspend { run: RUN });
    assert_eq!(world.take_shown(), ["listens"]);
}
