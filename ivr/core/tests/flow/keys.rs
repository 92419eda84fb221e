//! Keys: menus, collections, barge-in, type-ahead, time-outs, and where a key goes.

use ngcc_ivr_core::worker::ToWorker;
use ngcc_proto::Secret;
use ngcc_proto::envelope::Body;
use ngcc_proto::media::{self, Part, Phase};

use crate::world::{AGENT_LEG, LEG, ROOM, World};

const MENU: &str = r##""m":{"verb":"menu","text":{"en":"choose"},"choices":{"1":"one","#":"hash"},
    "timeout_s":5,"attempts":2,"on_timeout":"late","on_invalid":"bad"},
    "one":{"verb":"set","vars":{"went":"one"}},"hash":{"verb":"set","vars":{"went":"hash"}},
    "late":{"verb":"set","vars":{"went":"late"}},"bad":{"verb":"set","vars":{"went":"bad"}}"##;

#[test]
fn a_key_chooses_after_the_prompt_or_into_it() {
    let mut world = World::with("m", MENU).in_flow();
    world.play_out();
    world.keys("1");
    assert_eq!(world.ended()["went"], "one");

    let mut world = World::with("m", MENU).in_flow();
    world.keys("#");
    assert_eq!(world.worker.last(), Some(&ToWorker::StopPlaying { conference: ROOM }), "the prompt is cut");
    assert_eq!(world.ended()["went"], "hash");
}

#[test]
fn a_menu_is_offered_as_often_as_it_says_and_then_takes_its_exit() {
    let mut world = World::with("m", MENU).in_flow();
    world.play_out();
    world.pass(5);
    assert_eq!(world.said.len(), 2, "it is offered again");
    world.play_out();
    world.pass(4);
    assert!(world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.ended()["went"], "late");

    let mut world = World::with("m", MENU).in_flow();
    world.keys("7");
    world.keys("8");
    assert_eq!(world.ended()["went"], "bad");
}

#[test]
fn the_time_for_a_key_begins_when_the_prompt_ends() {
    let mut world = World::with("m", MENU).in_flow();
    world.pass(60);
    assert!(world.take_told().is_empty());
    world.play_out();
    world.pass(4);
    world.keys("1");
    assert_eq!(world.ended()["went"], "one");
}

#[test]
fn a_menu_without_any_exit_for_silence_fails_with_the_reason() {
    let nodes = r#""m":{"verb":"menu","choices":{"1":"m"},"timeout_s":1,"attempts":1}"#;
    let mut world = World::with("m", nodes).in_flow();
    world.pass(1);
    let (node, why) = world.failed();
    assert_eq!(node, "m");
    assert_eq!(why, "no key came in 1 attempts, and there is no exit for it");
}

#[test]
fn a_prompt_without_barge_in_is_heard_to_its_end_and_the_key_counts_then() {
    let nodes = MENU.replace(r#""timeout_s":5"#, r#""barge_in":false,"timeout_s":5"#);
    let mut world = World::with("m", &nodes).in_flow();
    world.keys("1");
    assert!(world.take_told().is_empty());
    world.play_out();
    assert_eq!(world.ended()["went"], "one");
}

#[test]
fn keys_typed_ahead_choose_through_menus_and_fill_a_collection() {
    let nodes = r#""w":{"verb":"wait","seconds":3,"next":"m"},
        "m":{"verb":"menu","text":{"en":"choose"},"choices":{"2":"s"},"on_invalid":"m"},
        "s":{"verb":"say","text":{"en":"now the number"},"next":"c"},
        "c":{"verb":"collect","text":{"en":"number"},"variable":"number","max":3}"#;
    let mut world = World::with("w", nodes).in_flow();
    world.keys("2471");
    world.pass(3);
    assert!(world.said.is_empty(), "nothing needs saying: {:?}", world.said);
    assert_eq!(world.ended()["number"], "471");
}

#[test]
fn keys_typed_ahead_are_forgotten_where_the_verb_says_so() {
    let nodes = r#""w":{"verb":"wait","seconds":3,"next":"c"},
        "c":{"verb":"collect","text":{"en":"number"},"variable":"number","max":2,"clear_digits":true}"#;
    let mut world = World::with("w", nodes).in_flow();
    world.keys("99");
    world.pass(3);
    assert_eq!(world.last_said(), "en: number");
    world.keys("12");
    assert_eq!(world.ended()["number"], "12");
}

#[test]
fn no_more_than_thirty_two_keys_are_kept() {
    let nodes = r#""w":{"verb":"wait","seconds":3,"next":"c"},
        "c":{"verb":"collect","variable":"number","min":32,"max":32,"next":"d"},
        "d":{"verb":"collect","variable":"rest","min":1,"max":1,"timeout_s":1,"attempts":1,"on_timeout":"e"},
        "e":{"verb":"set","vars":{"went":"late"}}"#;
    let mut world = World::with("w", nodes).in_flow();
    world.keys(&"1".repeat(40));
    world.pass(10);
    let vars = world.ended();
    assert_eq!((vars["number"].len(), vars["went"].as_str()), (32, "late"));
}

const COLLECT: &str = r#""c":{"verb":"collect","text":{"en":"number"},"variable":"number","min":2,"max":4,
    "timeout_s":6,"inter_digit_s":2,"attempts":2,"next":"ok","on_timeout":"late","on_invalid":"bad"},
    "ok":{"verb":"set","vars":{"went":"ok"}},
    "late":{"verb":"set","vars":{"went":"late"}},"bad":{"verb":"set","vars":{"went":"bad"}}"#;

#[test]
fn a_collection_ends_with_its_terminator_its_length_or_a_pause() {
    for (keys, wait, number) in [("12#", 0, "12"), ("1234", 0, "1234"), ("123", 2, "123")] {
        let mut world = World::with("c", COLLECT).in_flow();
        world.play_out();
        world.keys(keys);
        world.pass(wait);
        let vars = world.ended();
        assert_eq!((vars["number"].as_str(), vars["went"].as_str()), (number, "ok"), "{keys}");
    }
}

#[test]
fn a_collection_of_too_few_keys_is_asked_for_again_and_then_invalid() {
    let mut world = World::with("c", COLLECT).in_flow();
    world.keys("1#");
    assert_eq!(world.said.len(), 2);
    world.keys("1");
    world.pass(1);
    assert!(world.take_told().is_empty());
    world.pass(1);
    let vars = world.ended();
    assert_eq!(vars["went"], "bad");
    assert!(!vars.contains_key("number"));
}

#[test]
fn a_collection_without_a_key_times_out() {
    let mut world = World::with("c", COLLECT).in_flow();
    world.play_out();
    world.pass(6);
    world.play_out();
    world.pass(6);
    assert_eq!(world.ended()["went"], "late");
}

#[test]
fn a_key_that_came_by_info_counts_like_one_in_rtp() {
    let mut world = World::with("m", MENU).in_flow();
    world.send(None, media::Command::Digit { leg: LEG, digit: Secret::new("1") });
    assert_eq!(world.ended()["went"], "one");
    // What is no key is no key.
    let mut world = World::with("m", MENU).in_flow();
    for bad in ["", "11", "x"] {
        world.send(None, media::Command::Digit { leg: LEG, digit: Secret::new(bad) });
    }
    assert!(world.take_told().is_empty());
}

fn digit_of(body: Body) -> (ngcc_proto::LegId, String) {
    let Body::MediaEvent(media::Event::Digit { leg, digit }) = body else { panic!("{body:?}") };
    (leg, digit.expose().to_owned())
}

#[test]
fn keys_of_the_agent_and_of_a_customer_whom_nobody_listens_to_go_to_cti() {
    let nodes = r#""h":{"verb":"to-human","queue":"sales","on_returned":"h"}"#;
    let mut world = World::with("h", nodes).in_flow();
    world.take_told();
    world.keys("5");
    assert_eq!(digit_of(world.told_one()), (LEG, "5".to_owned()), "a suspended flow does not listen");

    let mut world = World::with("m", MENU).in_flow();
    world.open(AGENT_LEG, Part::Agent);
    world.take_told();
    world.key_of(AGENT_LEG, '1');
    assert_eq!(digit_of(world.told_one()), (AGENT_LEG, "1".to_owned()));
    world.phase(Phase::Talk);
    world.keys("1");
    assert_eq!(digit_of(world.told_one()), (LEG, "1".to_owned()), "in talk the automation is deaf");
    world.phase(Phase::InIvr { listen: false, secure: true });
    world.keys("1");
    assert_eq!(world.ended()["went"], "one", "in a secure phase the flow hears");
}
