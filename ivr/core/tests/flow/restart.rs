//! A restart: ports first, streams jump ahead, flows go on where they stood.

use ngcc_ivr_core::flow::Fetched;
use ngcc_ivr_core::worker::ToWorker;
use ngcc_proto::bcsm::{AutoRun, BackBecause};
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{Ask, Command, Event};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::{Core, Key, Kind, RunId};

use crate::world::{AGENT_LEG, LEG, ROOM, RUN, World, flow_text, vars};

const FLOW: &str = r#""c":{"verb":"collect","text":{"en":"number"},"variable":"number","max":2,"next":"h"},
    "h":{"verb":"to-human","queue":"sales","on_returned":"c","on_no_agent":"n"},
    "n":{"verb":"set","vars":{"went":"none"}}"#;

fn restored(world: &mut World) -> (Vec<ngcc_proto::LegId>, Vec<RunId>) {
    let told = world.take_told().remove(0);
    let Body::MediaEvent(media::Event::Restored { legs, runs, .. }) = told else { panic!("{told:?}") };
    (legs, runs)
}

#[test]
fn a_start_with_nothing_says_so() {
    let mut world = World::with("c", FLOW);
    world.crash(1);
    assert_eq!(restored(&mut world), (vec![], vec![]));
}

#[test]
fn legs_are_bound_to_their_ports_again_and_their_streams_jump_ahead() {
    let mut world = World::with("c", FLOW).with_caller();
    world.open(AGENT_LEG, Part::Agent);
    world.phase(Phase::Talk);
    let before = opens(&world);
    world.crash(10);
    assert_eq!(world.rebound, [(LEG, 20_002), (AGENT_LEG, 20_004)]);
    assert_eq!(restored(&mut world).0, [LEG, AGENT_LEG]);
    let after = opens(&world);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.remote, before.ssrc), (after.remote, after.ssrc));
        assert_eq!(after.seq, before.seq.wrapping_add(500 + 1000));
        assert_eq!(after.timestamp, before.timestamp.wrapping_add((500 + 1000) * 160));
    }
    assert!(world.worker.contains(&ToWorker::Phase { conference: ROOM, phase: Phase::Talk }));
}

fn opens(world: &World) -> Vec<ngcc_ivr_core::worker::Stream> {
    let open = |command: &ToWorker| match command {
        ToWorker::Open { stream, .. } => stream.clone(),
        ToWorker::Stream { .. }
        | ToWorker::Place { .. }
        | ToWorker::Phase { .. }
        | ToWorker::Record { .. }
        | ToWorker::Play { .. }
        | ToWorker::StopPlaying { .. }
        | ToWorker::Echo { .. }
        | ToWorker::Connect { .. }
        | ToWorker::Restart { .. }
        | ToWorker::Close { .. } => None,
    };
    world.worker.iter().filter_map(open).collect()
}

#[test]
fn a_leg_whose_port_is_gone_is_lost_with_its_flow() {
    let mut world = World::with("c", FLOW).in_flow();
    world.ports_left = 0;
    world.crash(1);
    assert_eq!(restored(&mut world), (vec![], vec![]));
    assert!(world.records.is_empty(), "{:?}", world.records.keys());
    world.configure();
    assert!(world.take_told().is_empty());
}

#[test]
fn a_restart_amid_a_collection_asks_again_with_the_same_variables() {
    let mut world = World::with("c", FLOW).with_caller();
    world.start(RUN, "main", &[("caller", "tel:1")], true);
    world.keys("4");
    world.crash(2);
    assert_eq!(restored(&mut world).1, [RUN]);
    assert!(world.said.is_empty(), "the flow's text is not there yet");
    world.configure();
    assert_eq!(world.said, ["en: number"]);
    world.keys("17");
    let Ask::Human { .. } = world.asked() else { panic!() };
    world.resume("no_agent");
    let ended = world.ended();
    assert_eq!((ended["number"].as_str(), ended["caller"].as_str()), ("17", "tel:1"));
}

#[test]
fn a_restart_amid_a_queue_asks_nothing_twice_and_goes_on_from_there() {
    let mut world = World::with("c", FLOW).in_flow();
    world.keys("17");
    world.phase(Phase::Queue { music: true });
    world.take_told();
    world.crash(30);
    assert_eq!(restored(&mut world).1, [RUN]);
    world.configure();
    assert!(world.take_told().is_empty() && world.said.is_empty());
    world.hand_to_auto(1, AutoRun::Resume { run: RUN }, &[]);
    world.phase(Phase::InIvr { listen: false, secure: false });
    assert_eq!(world.last_said(), "en: number");

    world.crash(1);
    restored(&mut world);
    world.configure();
    world.keys("21");
    let back = world.given_back();
    assert_eq!((back.turn, back.because), (1, BackBecause::Asked), "the turn is remembered");
    assert_eq!(back.outcome["number"], "21");
}

#[test]
fn a_restart_before_the_answer_asks_for_it_again() {
    let mut world = World::with("c", FLOW).with_caller();
    world.start(RUN, "main", &[], false);
    world.crash(1);
    restored(&mut world);
    world.configure();
    assert_eq!(world.told_one(), Event::AnswerNeeded { run: RUN, early: false }.into());
    world.tell(Command::Answered { run: RUN });
    assert_eq!(world.last_said(), "en: number");
}

#[test]
fn a_flow_taken_back_stays_so_over_a_restart() {
    let mut world = World::with("c", FLOW).in_flow();
    world.tell(Command::Suspend { run: RUN });
    world.crash(1);
    restored(&mut world);
    world.configure();
    assert!(world.said.is_empty());
    world.hand_to_auto(4, AutoRun::Resume { run: RUN }, &[]);
    assert_eq!(world.said, ["en: number"]);
}

#[test]
fn commands_that_come_before_the_flows_wait_for_them() {
    let mut world = World::with("c", FLOW).with_caller();
    world.crash(1);
    restored(&mut world);
    world.start(RUN, "main", &[], true);
    assert!(world.take_told().is_empty());
    world.configure();
    assert_eq!(world.said, ["en: number"]);
}

#[test]
fn what_waits_for_flows_that_never_come_fails_in_time() {
    let mut world = World::with("c", FLOW).in_flow();
    world.crash(1);
    restored(&mut world);
    world.pass(5);
    assert_eq!(world.failed().1, "there is no flow `main`");
    assert!(world.records.keys().all(|key| key.kind != Kind::FlowRun));
}

#[test]
fn a_run_keeps_the_version_it_began_with_until_a_restart() {
    let mut world =
        World::with("a", r#""a":{"verb":"wait","seconds":9,"next":"b"},"b":{"verb":"set","vars":{"v":1}}"#)
            .in_flow();
    let text = flow_text("main", "z", r#""z":{"verb":"wait"}"#);
    let flows = vec![ngcc_proto::config::Flow { name: "main".to_owned(), text }];
    let config = ngcc_proto::config::ForIvr { version: 2, flows, ..Default::default() };
    world.send(None, config);
    world.pass(9);
    assert_eq!(world.ended()["v"], "1");

    world.start(RunId(102), "main", &[], true);
    world.crash(1);
    restored(&mut world);
    world.configure();
    let (_, why) = world.failed();
    assert_eq!(why, "version 1 of the flow has no node `z`");
}

#[test]
fn no_secret_is_in_a_record_and_none_is_there_after_a_restart() {
    let nodes = r#""c":{"verb":"collect","variable":"pin_secret","max":4,"next":"w"},
        "w":{"verb":"wait","seconds":5,"next":"i"},
        "i":{"verb":"if","expr":"pin_secret == ''","then":"gone"},"gone":{"verb":"set","vars":{"went":"gone"}}"#;
    let mut world = World::with("c", nodes).in_flow();
    world.keys("5930");
    let written: String =
        world.records.values().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(written.contains("\"w\"") && !written.contains("5930"), "{written}");
    world.crash(1);
    restored(&mut world);
    world.configure();
    world.pass(5);
    assert_eq!(world.ended(), vars(&[("went", "gone")]));
}

#[test]
fn an_answer_of_the_life_before_is_ignored() {
    let nodes = r#""h":{"verb":"http","url":"http://x/","next":"e"},"e":{"verb":"set","vars":{"went":"on"}}"#;
    let mut world = World::with("h", nodes).in_flow();
    let (old, _) = world.fetches.pop().unwrap();
    world.crash(1);
    restored(&mut world);
    world.configure();
    let answer = || Fetched::Answer { status: 200, body: String::new() };
    world.give(ngcc_ivr_core::Input::Fetched { ask: old, fetched: answer() });
    assert!(world.take_told().is_empty());
    world.fetched(answer());
    assert_eq!(world.ended()["went"], "on");
}

#[test]
fn a_record_that_cannot_be_read_is_refused_with_its_reason() {
    let mut world = World::with("c", FLOW);
    for kind in [Kind::FlowRun, Kind::MediaLeg, Kind::Conference, Kind::SessionFact] {
        let key = Key { kind, id: 1, n: 0 };
        let now = world.now;
        for bytes in [&b"{"[..], b"{}", b"\xff\xff", b"{\"v\":99}"] {
            assert!(world.ivr.restore(key, bytes, now).is_err());
        }
    }
}
