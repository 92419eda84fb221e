//! Each verb does what its chapter says, by every exit.

use ngcc_ivr_core::flow::Fetched;
use ngcc_ivr_core::worker::{Sound, ToWorker};
use ngcc_proto::Secret;
use ngcc_proto::access::Cause;
use ngcc_proto::flow::{Ask, Command, Event};

use crate::world::{LEG, ROOM, RUN, World};

#[test]
fn the_first_verb_that_needs_media_has_the_call_answered() {
    let mut world = World::with(
        "choose",
        r#""choose":{"verb":"if","expr":"caller == 'tel:1'","then":"hello","else":"no"},
           "hello":{"verb":"say","text":{"en":"Hello ${caller}"}},
           "no":{"verb":"reject","cause":"busy"}"#,
    )
    .with_caller();
    world.start(RUN, "main", &[("caller", "tel:1")], false);
    assert_eq!(world.told_one(), Event::AnswerNeeded { run: RUN, early: false }.into());
    assert!(world.said.is_empty(), "nothing is said before the answer");

    world.tell(Command::Answered { run: RUN });
    assert_eq!(world.said, ["en: Hello tel:1"]);
    world.play_out();
    assert_eq!(world.ended()["caller"], "tel:1");
}

#[test]
fn a_call_that_is_refused_is_never_answered() {
    let mut world = World::with("no", r#""no":{"verb":"reject","cause":"busy"}"#).with_caller();
    world.start(RUN, "main", &[], false);
    assert_eq!(world.asked(), Ask::HangUp { cause: Cause::Busy });
}

#[test]
fn early_media_comes_before_the_answer_and_is_followed_by_it() {
    let nodes = r#""ring":{"verb":"answer","early":true,"next":"hear"},
        "hear":{"verb":"say","text":{"en":"early"},"next":"up"},
        "up":{"verb":"answer","next":"bye"},"bye":{"verb":"hangup"}"#;
    let mut world = World::with("ring", nodes).with_caller();
    world.start(RUN, "main", &[], false);
    assert_eq!(world.told_one(), Event::AnswerNeeded { run: RUN, early: true }.into());
    world.tell(Command::Answered { run: RUN });
    world.play_out();
    assert_eq!(world.told_one(), Event::AnswerNeeded { run: RUN, early: false }.into());
    world.tell(Command::Answered { run: RUN });
    assert_eq!(world.asked(), Ask::HangUp { cause: Cause::Normal });
}

#[test]
fn a_wait_lasts_its_time_and_one_without_a_time_for_ever() {
    let mut world =
        World::with("w", r#""w":{"verb":"wait","seconds":7,"next":"x"},"x":{"verb":"wait"}"#).in_flow();
    world.pass(6);
    assert!(world.take_told().is_empty());
    world.pass(100_000);
    assert!(world.take_told().is_empty());
    assert!(
        world.worker.iter().all(|c| !matches!(c, ToWorker::Play { .. })),
        "nothing is sent while waiting"
    );
}

#[test]
fn a_text_is_said_in_the_callers_language_as_often_as_it_should() {
    let nodes = r#""s":{"verb":"say","text":{"en":"one","zh-CN":"一"},"times":2}"#;
    let mut world = World::with("s", nodes).with_caller();
    world.start(RUN, "main", &[("lang", "zh")], true);
    world.play_out();
    world.play_out();
    assert_eq!(world.said, ["zh-CN: 一", "zh-CN: 一"]);
    world.ended();
}

#[test]
fn what_is_said_for_ever_is_given_to_the_workers_once() {
    let mut world = World::with("s", r#""s":{"verb":"say","text":{"en":"x"},"times":0}"#).in_flow();
    assert!(matches!(world.worker.last(), Some(ToWorker::Play { repeat: true, .. })), "{:?}", world.worker);
    world.keys("1");
    assert_eq!(world.worker.last(), Some(&ToWorker::StopPlaying { conference: ROOM }));
    world.ended();
}

#[test]
fn a_text_that_cannot_be_spoken_takes_its_exit_or_fails_the_flow() {
    let with_exit = r#""s":{"verb":"say","text":{"en":"x"},"on_error":"w"},"w":{"verb":"wait"}"#;
    let mut world = World::with("s", with_exit).with_caller();
    world.speech_fails = true;
    world.start(RUN, "main", &[], true);
    assert!(world.take_told().is_empty());

    let mut world = World::with("s", r#""s":{"verb":"say","text":{"en":"x"}}"#).with_caller();
    world.speech_fails = true;
    world.start(RUN, "main", &[], true);
    assert_eq!(world.failed(), ("s".to_owned(), "no voice".to_owned()));
}

#[test]
fn a_recorded_prompt_is_played_and_a_lost_one_takes_its_exit() {
    let nodes = r#""p":{"verb":"play","prompt":"welcome","next":"q"},
        "q":{"verb":"play","prompt":"lost","on_error":"r"},"r":{"verb":"play","prompt":"lost"}"#;
    let mut world = World::with("p", nodes).in_flow();
    assert!(matches!(world.worker.last(), Some(ToWorker::Play { sound: Sound::Pcm(_), .. })));
    world.play_out();
    assert_eq!(world.said, ["prompt: welcome", "prompt: lost", "prompt: lost"]);
    assert_eq!(world.failed(), ("r".to_owned(), "there is no prompt `lost`".to_owned()));
}

#[test]
fn music_plays_for_its_time() {
    let mut world = World::with("m", r#""m":{"verb":"play","prompt":"music","seconds":30}"#).in_flow();
    assert_eq!(world.said, ["♪"]);
    world.pass(29);
    assert!(world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.worker.last(), Some(&ToWorker::StopPlaying { conference: ROOM }));
    world.ended();
}

#[test]
fn an_echo_begins_and_ends() {
    let mut world = World::with("e", r#""e":{"verb":"echo","seconds":3}"#).in_flow();
    assert_eq!(world.worker.last(), Some(&ToWorker::Echo { leg: LEG, on: true }));
    world.pass(3);
    assert_eq!(world.worker.last(), Some(&ToWorker::Echo { leg: LEG, on: false }));
    world.ended();
}

#[test]
fn variables_are_set_copied_and_compared() {
    let nodes = r#""s":{"verb":"set","vars":{"a":5,"b":"x${caller}","c":true,"d":"${n}"},"next":"i"},
        "i":{"verb":"if","expr":"a == 5 && b == 'xtel:1' && c && d == 3","then":"yes"},
        "yes":{"verb":"set","vars":{"won":"yes"}}"#;
    let mut world = World::with("s", nodes).with_caller();
    world.start(RUN, "main", &[("caller", "tel:1"), ("n", "3")], true);
    let vars = world.ended();
    assert_eq!((vars["won"].as_str(), vars["a"].as_str(), vars["c"].as_str()), ("yes", "5", "true"));
}

#[test]
fn a_flow_that_only_walks_fails_at_its_step_limit() {
    let mut world =
        World::with("a", r#""a":{"verb":"goto","next":"b"},"b":{"verb":"goto","next":"a"}"#).in_flow();
    let (_, why) = world.failed();
    assert_eq!(why, "it has taken more than 10000 steps");
    assert!(world.records.keys().all(|key| key.kind != ngcc_proto::Kind::FlowRun), "nothing of it is kept");
}

#[test]
fn a_flow_that_never_ends_its_pauses_fails_at_the_same_limit() {
    let mut world = World::with("w", r#""w":{"verb":"wait","seconds":1,"next":"w"}"#).in_flow();
    world.pass(9_999);
    assert!(world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.failed().1, "it has taken more than 10000 steps");
}

const WEB: &str = r#""h":{"verb":"http","url":"https://crm.example/c/${caller}","method":"POST","body":{"who":"${caller}"},
    "timeout_s":4,"vars":{"name":"customer.name","vip":"customer.vip","first":"orders.0.id"},
    "next":"ok","on_error":"bad","on_timeout":"late"},
    "ok":{"verb":"set","vars":{"went":"ok"}},"bad":{"verb":"set","vars":{"went":"bad"}},
    "late":{"verb":"set","vars":{"went":"late"}}"#;

fn web(fetched: Fetched) -> ngcc_proto::flow::Vars {
    let mut world = World::with("h", WEB).with_caller();
    world.start(RUN, "main", &[("caller", "a\"b")], false);
    let (_, fetch) = world.fetches.last().unwrap();
    assert_eq!(fetch.url, "https://crm.example/c/a\"b");
    assert_eq!(fetch.body.as_ref().map(Secret::expose), Some(r#"{"who":"a\"b"}"#));
    assert_eq!(fetch.timeout.as_secs(), 4);
    world.fetched(fetched);
    world.ended()
}

#[test]
fn fields_of_a_web_answer_become_variables() {
    let body = r#"{"customer":{"name":"Ada","vip":true},"orders":[{"id":42}]}"#.to_owned();
    let vars = web(Fetched::Answer { status: 200, body });
    assert_eq!(vars["went"], "ok");
    assert_eq!((vars["name"].as_str(), vars["vip"].as_str(), vars["first"].as_str()), ("Ada", "true", "42"));
    assert_eq!(vars["http_status"], "200");
}

#[test]
fn a_web_answer_that_is_late_refused_or_no_json_takes_its_exit() {
    assert_eq!(web(Fetched::TimedOut)["went"], "late");
    assert_eq!(web(Fetched::Failed("no route".to_owned()))["went"], "bad");
    assert_eq!(web(Fetched::Answer { status: 200, body: "<html>".to_owned() })["went"], "bad");
    let refused = web(Fetched::Answer { status: 404, body: "not here".to_owned() });
    assert_eq!((refused["went"].as_str(), refused["http_status"].as_str()), ("bad", "404"));
}

#[test]
fn a_queue_is_asked_for_and_gives_back_by_its_exits() {
    let nodes = r#""q":{"verb":"queue","queue":"${where}","priority":3,"prefer":"bob","max_wait_s":60,
        "on_no_agent":"none","on_full":"full"},
        "none":{"verb":"set","vars":{"went":"none"}},"full":{"verb":"set","vars":{"went":"full"}}"#;
    for (exit, went) in [("no_agent", "none"), ("full", "full"), ("timeout", "none")] {
        let mut world = World::with("q", nodes).with_caller();
        world.start(RUN, "main", &[("where", "sales")], true);
        let Ask::Human { queue, priority, prefer, max_wait_s, returns } = world.asked() else { panic!() };
        assert_eq!((queue.as_str(), priority, max_wait_s, returns), ("sales", 3, Some(60), false));
        assert_eq!(prefer.unwrap().name(), "bob");
        world.resume(exit);
        assert_eq!(world.ended()["went"], went);
    }
}

#[test]
fn a_transfer_takes_the_exit_of_what_became_of_it() {
    let nodes = r#""t":{"verb":"transfer","to":"7001","ring_s":15,"next":"done","on_busy":"busy","on_failed":"failed"},
        "done":{"verb":"set","vars":{"went":"done"}},"busy":{"verb":"set","vars":{"went":"busy"}},
        "failed":{"verb":"set","vars":{"went":"failed"}}"#;
    for (exit, went) in [("done", "done"), ("busy", "busy"), ("no_answer", "failed"), ("failed", "failed")] {
        let mut world = World::with("t", nodes).with_caller();
        world.start(RUN, "main", &[], false);
        assert_eq!(world.asked(), Ask::Transfer { to: "7001".to_owned(), ring_s: 15 });
        world.resume(exit);
        assert_eq!(world.ended()["went"], went);
    }
}

#[test]
fn a_conference_room_is_asked_for() {
    let mut world = World::with("c", r#""c":{"verb":"conference","room":"r${n}"}"#).with_caller();
    world.start(RUN, "main", &[("n", "12")], true);
    assert_eq!(world.asked(), Ask::Conference { room: "r12".to_owned() });
    world.resume("done");
    world.ended();
}

#[test]
fn a_pin_is_collected_and_goes_nowhere_but_to_the_sign_in() {
    let nodes = r#""c":{"verb":"collect","text":{"en":"your PIN"},"variable":"pin_secret","max":4,"next":"s"},
        "s":{"verb":"sign-in","next":"in","on_refused":"c"},"in":{"verb":"say","text":{"en":"welcome"}}"#;
    let mut world = World::with("c", nodes).in_flow();
    world.keys("8203");
    let Ask::SignIn { pin } = world.asked() else { panic!("no sign-in") };
    assert_eq!(pin.expose(), "8203");
    world.resume("refused");
    world.play_out();
    world.keys("8203");
    world.told.clear();
    world.resume("done");
    assert_eq!(world.last_said(), "en: welcome");
    world.play_out();
    assert!(!world.ended().contains_key("pin_secret"));
    assert!(!world.seen.contains("8203"), "the PIN is in no record and no debug output");
    assert!(!format!("{:?}", world.ivr).contains("8203"));
}

#[test]
fn a_flow_that_is_not_there_or_has_no_leg_fails_at_once() {
    let mut world = World::with("w", r#""w":{"verb":"wait"}"#).with_caller();
    world.start(RUN, "nowhere", &[], true);
    assert_eq!(world.failed(), (String::new(), "there is no flow `nowhere`".to_owned()));

    let mut world = World::with("w", r#""w":{"verb":"wait"}"#);
    world.start(RUN, "main", &[], true);
    assert_eq!(world.failed().1, "its leg is not open");
}
