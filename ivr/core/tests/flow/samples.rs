//! The flows that come with the centre, as a customer walks through them.

use ngcc_ivr_core::flow::check;
use ngcc_proto::bcsm::{AutoRun, BackBecause};
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::{Ask, Command, Vars};
use ngcc_proto::media::Phase;
use ngcc_proto::{RunId, Secret};

use crate::world::{RUN, World};

const MAIN: &str = include_str!("../../../flows/main.json");
const PIN: &str = include_str!("../../../flows/pin-check.json");
const SURVEY: &str = include_str!("../../../flows/survey.json");

fn centre() -> World {
    World::with_flows(vec![
        ("main", MAIN.to_owned()),
        ("pin-check", PIN.to_owned()),
        ("survey", SURVEY.to_owned()),
    ])
}

#[test]
fn agents_may_call_the_pin_check_and_the_survey_and_not_the_menu() {
    for (name, text, callable) in [("main", MAIN, false), ("pin-check", PIN, true), ("survey", SURVEY, true)]
    {
        let flow = check(name, text).unwrap();
        assert_eq!(flow.callable_by_agent(), callable, "{name}");
        assert_eq!(flow.media(), [Medium::Voice, Medium::Video, Medium::Chat], "{name}");
    }
}

#[test]
fn s0_02_s4_14_the_main_flow_serves_a_chat_with_replies() {
    let mut world = centre().in_chat();
    let shown = world.take_shown();
    assert!(shown[3].contains("1=Sales 2=Echo test 3=Support 4=Send something back 9=中文"), "{shown:?}");
    world.write(1, "echo test");
    let shown = world.take_shown();
    assert!(
        shown.iter().any(|line| line.contains("for calls")) && shown.last().unwrap() == "listens",
        "{shown:?}"
    );
    world.write(2, "中文");
    assert!(
        world.take_shown().iter().any(|line| line.contains("1=销售 2=回声测试 3=技术支持 4=退货")),
        "the language has changed"
    );
    world.write(3, "转人工");
    let Ask::Human { queue, returns, .. } = world.asked() else { panic!() };
    assert_eq!((queue.as_str(), returns), ("sales", true));
}

/// Hands a call or a chat to a flow, lets `enter` do its part, and gives what came back.
fn handed(chat: bool, flow: &str, enter: impl FnOnce(&mut World)) -> (BackBecause, Vars) {
    let mut world = if chat { centre() } else { centre().with_caller() };
    if !chat {
        world.phase(Phase::InIvr { listen: false, secure: false });
    }
    world.hand_to_auto(1, AutoRun::Flow { run: RUN, flow: flow.to_owned() }, &[]);
    enter(&mut world);
    if world.playing.is_some() {
        world.play_out();
    }
    let back = world.given_back();
    assert!(!world.seen.contains("4711"), "the PIN is seen nowhere");
    (back.because, back.outcome)
}

#[test]
fn a_pin_check_says_whether_four_digits_came_and_never_which() {
    let result = |chat: bool, enter: fn(&mut World)| {
        let (because, outcome) = handed(chat, "pin-check", enter);
        assert_eq!(because, BackBecause::Ended);
        assert!(!outcome.contains_key("pin_secret"));
        outcome["result"].clone()
    };
    assert_eq!(result(false, |world| world.keys("4711")), "verified");
    assert_eq!(result(true, |world| world.write(1, "4711")), "verified");
    assert_eq!(result(true, |world| world.write(1, "0012")), "verified");
    assert_eq!(result(true, |world| (1..=3).for_each(|seq| world.write(seq, "471"))), "refused");
    assert_eq!(result(true, |world| (1..=3).for_each(|seq| world.write(seq, "47*1"))), "refused");
    assert_eq!(result(false, |world| (1..=3).for_each(|_| world.keys("47*1"))), "refused");
    assert_eq!(result(true, |world| world.pass(3_600)), "refused");
    assert_eq!(result(false, |world| world.keys("47#4#4711#1#")), "verified");
}

#[test]
fn a_survey_takes_one_to_five_by_key_and_by_reply() {
    for (chat, answer, score) in
        [(false, "4", "4"), (true, "5", "5"), (true, "非常满意", "5"), (true, "１", "1")]
    {
        let (because, outcome) =
            handed(chat, "survey", |world| if chat { world.write(1, answer) } else { world.keys(answer) });
        assert_eq!((because, outcome["score"].as_str()), (BackBecause::Ended, score));
    }
    let (_, outcome) = handed(true, "survey", |world| world.pass(10_000));
    assert!(!outcome.contains_key("score"));
}

#[test]
fn a_pin_check_is_done_beside_the_suspended_flow_of_the_same_chat() {
    let mut world = centre().in_chat();
    world.write(1, "1");
    world.asked();
    let run = RunId(500);
    world.hand_to_auto(1, AutoRun::Flow { run, flow: "pin-check".to_owned() }, &[]);
    world.tell(Command::Heard { run, seq: 2, text: Secret::new("4711"), behind: None });
    let back = world.given_back();
    assert_eq!((back.run, back.outcome["result"].as_str()), (run, "verified"));
    world.resume("returned");
    assert_eq!(world.shown.last().unwrap(), "listens", "the first flow goes on where it stood");
}
