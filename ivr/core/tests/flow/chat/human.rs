//! A chat that goes to a human, to a named flow, and ends.

use super::*;

#[test]
fn s4_14_a_chat_goes_to_a_human_and_back_and_forgets_what_was_written_in_between() {
    let mut world = in_menu();
    world.write(1, "buy");
    world.asked();
    world.take_shown();
    world.write(2, "2");
    let agent = AgentUri::new("al").unwrap();
    world.tell(Command::AgentFound { run: RUN, agent, public: "7001".to_owned() });
    assert_eq!(world.take_shown(), ["3: It is 7001"]);
    for turn in 1..=5 {
        world.hand_to_auto(turn, AutoRun::Resume { run: RUN }, &[]);
        let n = turn + 3;
        assert_eq!(
            world.take_shown(),
            ["m (menu)".to_owned(), format!("{n}: What is it? [1=Sales Team 2=2]"), "listens".to_owned()]
        );
        world.write(u64::from(turn) + 10, "1");
        let back = world.given_back();
        assert_eq!((back.turn, back.because, back.run), (turn, BackBecause::Asked, RUN));
        assert_eq!(world.take_shown(), ["sales (to-human) by Sales Team"]);
    }
}

#[test]
fn s4_14_an_agent_hands_a_chat_to_a_named_flow_and_has_the_customer_back_with_its_outcome() {
    let pin = r#""c":{"verb":"collect","text":{"en":"PIN?"},"variable":"pin_secret","max":4,"next":"s"},
        "s":{"verb":"set","vars":{"result":"verified"}}"#;
    let mut world = World::with_flows(vec![("pin", flow_for(BOTH, "pin", "c", pin))]);
    let run = RunId(300);
    world.hand_to_auto(1, AutoRun::Flow { run, flow: "pin".to_owned() }, &[("lang", "en")]);
    assert_eq!(world.take_shown(), ["c (collect)", "1: PIN?", "listens in secret"]);
    world.tell(Command::Heard { run, seq: 8, text: Secret::new("4488"), behind: None });
    let back = world.given_back();
    assert_eq!((back.because, back.outcome["result"].as_str()), (BackBecause::Ended, "verified"));
    assert!(!back.outcome.contains_key("pin_secret") && !world.seen.contains("4488"));

    // Where there is a call, a leg that is gone is no chat.
    let mut world = World::with_flows(vec![("pin", flow_for(BOTH, "pin", "c", pin))]);
    world.open(AGENT_LEG, Part::Agent);
    world.told.clear();
    world.hand_to_auto(1, AutoRun::Flow { run, flow: "pin".to_owned() }, &[]);
    assert_eq!(world.given_back().because, BackBecause::Failed);
}

#[test]
fn a_chat_that_is_stopped_leaves_nothing_behind() {
    let mut world = in_menu();
    world.tell(Command::Stop { run: RUN });
    assert!(world.records.is_empty());
    world.write(1, "1");
    world.pass(10_000);
    assert!(world.take_told().is_empty() && world.take_shown().is_empty());
}
