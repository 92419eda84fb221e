//! S4 seen from the automatic service: to-human, to-auto, turns, the announcement of the agent, and
//! what becomes of a flow whose customer is taken back.

use ngcc_proto::bcsm::{AutoRun, BackBecause};
use ngcc_proto::flow::{Ask, Command, Event, Vars};
use ngcc_proto::media::Phase;
use ngcc_proto::{AgentUri, RunId};

use crate::world::{LEG, ROOM, RUN, SESSION, World, flow_text, vars};

const MAIN: &str = r#""hello":{"verb":"say","text":{"en":"hello"},"next":"human"},
    "human":{"verb":"to-human","queue":"sales","announce":{"en":"you get ${agent_number}"},
        "on_returned":"ask","on_left":"sorry","on_no_agent":"none"},
    "ask":{"verb":"collect","text":{"en":"your number"},"variable":"number","max":2,"next":"result"},
    "result":{"verb":"set","vars":{"result":"got ${number}, ${topic}"},"next":"again"},
    "again":{"verb":"to-human","queue":"sales","on_returned":"ask"},
    "sorry":{"verb":"set","vars":{"went":"left"}},"none":{"verb":"set","vars":{"went":"none"}}"#;

/// The customer is with an agent, the flow suspended behind its first step.
fn talking() -> World {
    let mut world = World::with("hello", MAIN).in_flow();
    world.play_out();
    world.take_told();
    world.phase(Phase::Talk);
    world
}

fn alice() -> AgentUri {
    AgentUri::new("alice").unwrap()
}

fn resume(world: &mut World, turn: u32, args: &[(&str, &str)]) {
    world.phase(Phase::InIvr { listen: false, secure: false });
    world.hand_to_auto(turn, AutoRun::Resume { run: RUN }, args);
}

#[test]
fn s4_01_the_flow_asks_for_a_human_and_announces_whom_it_got() {
    let mut world = World::with("hello", MAIN).in_flow();
    world.play_out();
    assert!(matches!(world.asked(), Ask::Human { returns: true, .. }));
    world.phase(Phase::Queue { music: true });
    world.tell(Command::AgentFound { run: RUN, agent: alice(), public: "4001".to_owned() });
    assert_eq!(world.last_said(), "en: you get 4001");
    world.play_out();
    assert!(world.take_told().is_empty(), "an announcement decides nothing");
}

#[test]
fn an_announcement_breaks_off_when_the_agent_is_there() {
    let mut world = World::with("hello", MAIN).in_flow();
    world.play_out();
    world.tell(Command::AgentFound { run: RUN, agent: alice(), public: "4001".to_owned() });
    assert!(world.playing.is_some());
    world.phase(Phase::Talk);
    assert!(world.playing.is_none());
}

#[test]
fn s4_04_s4_05_a_resumed_flow_gives_back_with_its_turn_any_number_of_times() {
    let mut world = talking();
    for turn in 1..=50 {
        resume(&mut world, turn, &[("topic", "loan")]);
        assert_eq!(world.last_said(), "en: your number");
        world.keys("42");
        let back = world.given_back();
        assert_eq!((back.turn, back.run, back.because), (turn, RUN, BackBecause::Asked));
        assert_eq!(back.outcome["result"], "got 42, loan", "S4-10: data both ways");
        world.phase(Phase::Talk);
    }
}

#[test]
fn a_suspended_flow_that_is_not_resumed_by_an_agent_tells_cti() {
    let mut world = talking();
    world.resume("no_agent");
    assert_eq!(world.ended()["went"], "none");

    let mut world = talking();
    world.resume("left");
    assert_eq!(world.ended()["went"], "left");
}

#[test]
fn s4_09_a_flow_taken_back_is_silent_and_begins_its_node_again_when_resumed() {
    let mut world = talking();
    resume(&mut world, 1, &[]);
    world.keys("4");
    world.tell(Command::Suspend { run: RUN });
    assert!(world.playing.is_none());
    world.phase(Phase::Talk);
    world.pass(1000);
    assert!(world.take_told().is_empty(), "its timers are off and no to-human follows");

    resume(&mut world, 2, &[]);
    assert_eq!(world.said.iter().filter(|s| *s == "en: your number").count(), 2);
    world.keys("17");
    let back = world.given_back();
    assert_eq!((back.turn, back.outcome["number"].as_str()), (2, "17"), "the key of before is gone");
}

#[test]
fn a_named_flow_runs_for_its_turn_while_the_first_stays_suspended() {
    let survey = flow_text("survey", "s", r#""s":{"verb":"collect","variable":"mark","max":1}"#);
    let mut world =
        World::with_flows(vec![("main", flow_text("main", "hello", MAIN)), ("survey", survey)]).in_flow();
    world.play_out();
    world.take_told();
    let named = RunId(101);
    world.phase(Phase::InIvr { listen: false, secure: false });
    world.hand_to_auto(1, AutoRun::Flow { run: named, flow: "survey".to_owned() }, &[("who", "alice")]);
    world.keys("5");
    let back = world.given_back();
    assert_eq!((back.turn, back.run, back.because), (1, named, BackBecause::Ended));
    assert_eq!(back.outcome, vars(&[("mark", "5"), ("who", "alice")]));

    resume(&mut world, 2, &[]);
    world.keys("11");
    assert_eq!(world.given_back().turn, 2, "the first flow is still there");
}

#[test]
fn s4_12_what_fails_gives_the_customer_back() {
    let mut world = talking();
    world.speech_fails = true;
    resume(&mut world, 1, &[]);
    let back = world.given_back();
    assert_eq!((back.turn, back.because), (1, BackBecause::Failed));

    world.hand_to_auto(2, AutoRun::Flow { run: RunId(101), flow: "gone".to_owned() }, &[]);
    assert_eq!(world.given_back().because, BackBecause::Failed, "an unknown flow");
    world.hand_to_auto(3, AutoRun::Resume { run: RUN }, &[]);
    assert_eq!(world.given_back().because, BackBecause::Failed, "a run that is over");
}

#[test]
fn a_flow_that_is_stopped_says_nothing_more_and_leaves_nothing_behind() {
    let mut world = talking();
    resume(&mut world, 1, &[]);
    world.tell(Command::Stop { run: RUN });
    assert!(world.playing.is_none() && world.take_told().is_empty());
    assert!(world.records.keys().all(|key| key.kind != ngcc_proto::Kind::FlowRun));
    world.pass(1000);
    world.tell(Command::Resume { run: RUN, exit: "returned".to_owned(), vars: Vars::new() });
    assert!(world.take_told().is_empty());
}

#[test]
fn a_wait_flow_makes_room_for_the_announcement_and_goes_on_after_it() {
    let wait = flow_text("wait", "m", r#""m":{"verb":"play","prompt":"music","next":"m"}"#);
    let mut world =
        World::with_flows(vec![("main", flow_text("main", "hello", MAIN)), ("wait", wait)]).in_flow();
    world.play_out();
    world.take_told();
    world.phase(Phase::Queue { music: false });
    let waiting = RunId(101);
    let vars = Vars::new();
    let flow = "wait".to_owned();
    let start = Command::Start {
        run: waiting,
        conference: ROOM,
        leg: LEG,
        flow,
        vars,
        answered: true,
        medium: ngcc_proto::fact::Medium::Voice,
    };
    world.send(Some(SESSION), start);
    assert_eq!(world.last_said(), "♪");

    world.tell(Command::AgentFound { run: RUN, agent: alice(), public: "4001".to_owned() });
    assert_eq!(world.last_said(), "en: you get 4001");
    world.play_out();
    assert_eq!(world.last_said(), "♪");
}

#[test]
fn an_outcome_holds_no_secret() {
    let nodes = r#""h":{"verb":"to-human","queue":"q","on_returned":"c"},
        "c":{"verb":"collect","variable":"card_secret","max":4,"next":"i"},
        "i":{"verb":"if","expr":"card_secret == '9461'","then":"y"},
        "y":{"verb":"set","vars":{"good":true},"next":"h"}"#;
    let mut world = World::with("h", nodes).in_flow();
    world.take_told();
    resume(&mut world, 1, &[]);
    world.keys("9461");
    assert_eq!(world.given_back().outcome, vars(&[("good", "true")]));
    assert!(!world.seen.contains("9461"));
}

#[test]
fn keys_typed_before_a_hand_over_choose_nothing_after_it() {
    let mut world = World::with("hello", MAIN).with_caller();
    world.start(RUN, "main", &[], false);
    world.keys("77");
    world.tell(Command::Answered { run: RUN });
    assert!(world.said.is_empty(), "the greeting is left out for the keys typed ahead");
    world.take_told();
    resume(&mut world, 1, &[]);
    assert_eq!(world.last_said(), "en: your number");
    assert!(world.take_told().is_empty());
}

#[test]
fn messages_name_what_led_to_them() {
    let mut world = World::with("hello", MAIN).with_caller();
    world.start(RUN, "main", &[], false);
    let envelope = world.told.last().unwrap();
    assert_eq!(envelope.session, Some(SESSION));
    assert!(envelope.cause.is_some());
    assert_eq!(envelope.body, Event::AnswerNeeded { run: RUN, early: false }.into());
}
