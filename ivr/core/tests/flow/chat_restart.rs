//! A chat's run over a restart: it stands where it stood, and writes again only what may not have got out.

use ngcc_proto::Secret;
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{Ask, Command};
use ngcc_proto::media;

use crate::world::{RUN, World, flow_for};

const FLOW: &str = r#""hi":{"verb":"say","text":{"en":"Hello"},"next":"m"},
    "m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"c","2":"h"},"timeout_s":60,"attempts":3,"on_invalid":"odd"},
    "c":{"verb":"collect","kind":"text","text":{"en":"Name?"},"variable":"name","timeout_s":60,"next":"w"},
    "w":{"verb":"wait","seconds":5,"next":"m"},
    "h":{"verb":"to-human","queue":"q","on_returned":"m","on_no_agent":"m"},
    "odd":{"verb":"set","vars":{"went":"odd"}}"#;

fn in_chat() -> World {
    World::with_flows(vec![("main", flow_for("chat", "main", "hi", FLOW))]).in_chat()
}

/// Restarts; the runs that cti is told of.
fn restart(world: &mut World) -> usize {
    world.crash(1);
    let told = world.take_told().remove(0);
    let Body::MediaEvent(media::Event::Restored { runs, .. }) = told else { panic!("{told:?}") };
    assert!(world.shown.is_empty(), "the flow's text is not there yet");
    world.configure();
    runs.len()
}

#[test]
fn what_may_not_have_got_out_is_written_again_under_its_old_numbers() {
    let mut world = in_chat();
    world.take_shown();
    assert_eq!(restart(&mut world), 1);
    assert_eq!(world.take_shown(), ["1: Hello", "2: ? [1=1 2=2]", "m (menu)", "listens"]);
    assert_eq!(restart(&mut world), 1, "and again after another one");
    assert_eq!(world.take_shown(), ["1: Hello", "2: ? [1=1 2=2]", "m (menu)", "listens"]);

    world.write(1, "1");
    assert_eq!(world.take_shown(), ["c (collect) by 1", "3: Name?", "listens"]);
    restart(&mut world);
    assert_eq!(world.take_shown(), ["3: Name?", "c (collect)", "listens"], "an answered text is certain");
}

#[test]
fn a_number_is_in_the_record_before_its_text_leaves() {
    let mut world = in_chat();
    let said = world.seen.find("Say {").expect("it has written");
    let written = world.seen.rfind(r#""said":2"#).expect("it has written it down");
    assert!(written < said, "{}", world.seen);
    world.write(1, "x");
    let said = world.seen.rfind("n: 3").expect("it has written");
    assert!(world.seen.find(r#""said":3"#).is_some_and(|written| written < said));
}

#[test]
fn attempts_count_over_a_restart() {
    let mut world = in_chat();
    world.write(1, "x");
    restart(&mut world);
    assert_eq!(world.take_shown(), ["3: ? [1=1 2=2]", "m (menu)", "listens"]);
    world.write(2, "x");
    assert_eq!(world.take_shown(), ["4: ? [1=1 2=2]", "listens"]);
    restart(&mut world);
    world.write(3, "x");
    assert_eq!(world.ended()["went"], "odd");
}

#[test]
fn a_message_that_was_read_is_not_heard_twice_and_one_that_was_not_may_come_again() {
    let mut world = in_chat();
    world.write(1, "1");
    world.write(2, "Ada");
    world.write(3, "1");
    world.take_shown();
    restart(&mut world);
    assert_eq!(world.take_shown(), ["w (wait)"], "it waits out its pause");
    world.write(1, "1");
    world.write(2, "Ada");
    world.write(3, "1");
    world.pass(5);
    assert_eq!(world.take_shown(), ["m (menu)", "c (collect) by 1", "4: Name?", "listens"]);
    assert!(world.seen.contains("\"name\":\"Ada\""));
}

#[test]
fn a_chat_with_an_agent_stays_there_over_a_restart() {
    let mut world = in_chat();
    world.write(1, "2");
    world.asked();
    restart(&mut world);
    assert!(world.take_told().is_empty() && world.take_shown().is_empty());
    world.tell(Command::Heard { run: RUN, seq: 2, text: Secret::new("1"), behind: None });
    world.resume("no_agent");
    assert_eq!(world.take_shown(), ["m (menu)", "3: ? [1=1 2=2]", "listens"]);
    world.write(3, "2");
    assert!(matches!(world.asked(), Ask::Human { .. }));
}

#[test]
fn no_message_is_in_a_record_before_a_node_has_taken_it() {
    let mut world = in_chat();
    world.write(1, "1");
    world.write(2, "Ada");
    world.write(3, "words for later");
    assert!(!world.seen.contains("words for later"));
}
