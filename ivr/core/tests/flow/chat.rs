//! A flow on a chat: it writes, offers replies, reads messages, and goes to a human and back.

mod human;

use ngcc_ivr_core::flow::{Fetched, check};
use ngcc_proto::access::Cause;
use ngcc_proto::bcsm::{AutoRun, BackBecause};
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::{Ask, Command};
use ngcc_proto::media::Part;
use ngcc_proto::{AgentUri, RunId, Secret};

use crate::world::{AGENT_LEG, RUN, World, flow_for, flow_text};

const BOTH: &str = r#"voice","chat"#;

const MENU: &str = r#""hi":{"verb":"say","text":{"en":"Hello","zh-CN":"您好"},"next":"m"},
    "m":{"verb":"menu","text":{"en":"What is it?","zh-CN":"请选择"},"choices":{"1":"sales","2":"name"},
        "labels":{"1":{"en":"Sales Team","zh-CN":"销售"}},"keywords":{"1":["buy","买"],"2":["name"]},
        "timeout_s":60,"attempts":2,"on_timeout":"late","on_invalid":"odd"},
    "name":{"verb":"collect","kind":"text","text":{"en":"Your name?"},"variable":"name","max":5,"timeout_s":60,
        "attempts":2,"on_invalid":"odd","on_timeout":"late","next":"thanks"},
    "thanks":{"verb":"say","text":{"en":"Thanks, ${name}"}},
    "sales":{"verb":"to-human","queue":"sales","announce":{"en":"It is ${agent_number}"},"on_returned":"m",
        "on_no_agent":"nobody"},
    "nobody":{"verb":"say","text":{"en":"Nobody"},"next":"end"},"end":{"verb":"hangup"},
    "late":{"verb":"set","vars":{"went":"late"}},"odd":{"verb":"set","vars":{"went":"odd"}}"#;

fn chat(start: &str, nodes: &str) -> World {
    World::with_flows(vec![("main", flow_for(BOTH, "main", start, nodes))])
}

impl World {
    /// The customer writes a message of which it is known which of the run's texts it came behind.
    pub(crate) fn write_behind(&mut self, seq: u64, text: &str, behind: u32) {
        let (text, behind) = (Secret::new(text), Some(behind));
        self.tell(Command::Heard { run: RUN, seq, text, behind });
    }
}

fn in_menu() -> World {
    let mut world = chat("hi", MENU).in_chat();
    world.take_shown();
    world
}

#[test]
fn s4_14_a_chat_is_greeted_offered_replies_and_asked_for_the_next_message() {
    let mut world = chat("hi", MENU).in_chat();
    assert_eq!(
        world.take_shown(),
        ["hi (say)", "1: Hello", "m (menu)", "2: What is it? [1=Sales Team 2=2]", "listens"]
    );
    assert!(world.take_told().is_empty() && world.worker.is_empty(), "no answer and no media are asked for");
    assert!(world.said.is_empty() && world.playing.is_none());
}

#[test]
fn s0_02_a_chat_finishes_a_dialogue_with_the_automation_alone() {
    let mut world = in_menu();
    world.write(1, "2");
    assert_eq!(world.take_shown(), ["name (collect) by 2", "3: Your name?", "listens"]);
    world.write(4, " Ada ");
    assert_eq!(world.take_shown(), ["thanks (say)", "4: Thanks, Ada"]);
    assert_eq!(world.ended()["name"], "Ada");
    assert!(world.records.is_empty(), "{:?}", world.records);
}

#[test]
fn a_customer_chooses_by_key_by_label_in_any_language_and_by_word() {
    for text in ["1", "１", " SALES  team", "ｓａｌｅｓ ｔｅａｍ", "销 售", "I want to BUY it.", "我想买"]
    {
        let mut world = in_menu();
        world.write(1, text);
        let Ask::Human { queue, .. } = world.asked() else { panic!("{text}") };
        assert_eq!(
            (queue.as_str(), world.take_shown()),
            ("sales", vec!["sales (to-human) by Sales Team".to_owned()])
        );
    }
}

#[test]
fn a_message_that_chooses_nothing_offers_again_and_then_takes_the_exit() {
    for text in ["3", "buyer", "sale", "buy a name"] {
        let mut world = in_menu();
        world.write(1, text);
        assert_eq!(world.take_shown(), ["3: What is it? [1=Sales Team 2=2]", "listens"], "{text}");
        world.write(2, text);
        assert_eq!(world.ended()["went"], "odd", "{text}");
    }
}

#[test]
fn a_menu_nobody_answers_offers_again_and_then_takes_the_exit() {
    let mut world = in_menu();
    world.pass(59);
    assert!(world.take_shown().is_empty());
    world.pass(1);
    assert_eq!(world.take_shown().len(), 2);
    world.pass(60);
    assert_eq!(world.ended()["went"], "late");
}

#[test]
fn a_chat_may_have_more_time_than_a_call() {
    let nodes = r#""m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"m"},"timeout_s":5,"chat_timeout_s":900,
        "attempts":1,"on_timeout":"c"},
        "c":{"verb":"collect","text":{"en":"?"},"variable":"x","chat_timeout_s":700,"attempts":1,"on_timeout":"t"},
        "t":{"verb":"set","vars":{"went":"t"}}"#;
    let mut world = chat("m", nodes).in_chat();
    world.pass(899);
    assert!(world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.shown.last().unwrap(), "listens");
    world.pass(699);
    assert!(world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.ended()["went"], "t");
}

#[test]
fn who_asks_for_a_human_at_a_menu_gets_one() {
    let text = flow_for(BOTH, "main", "hi", MENU).replace(r#""start""#, r#""human":"sales","start""#);
    for word in ["0", "０", "人工", "转人工", "Human", "AGENT"] {
        let mut world = World::with_flows(vec![("main", text.clone())]).in_chat();
        world.write(1, word);
        assert!(matches!(world.asked(), Ask::Human { .. }), "{word}");
        // A flow without such a node knows no such word.
        let mut world = in_menu();
        world.write(1, word);
        assert!(world.take_told().is_empty(), "{word}");
    }
    // A choice of that name comes first.
    let taken = text.replace(r#""2":"name""#, r#""0":"name""#).replace(r#""2":["name"]"#, r#""0":["name"]"#);
    let mut world = World::with_flows(vec![("main", taken)]).in_chat();
    world.write(1, "0");
    assert!(world.take_shown().contains(&"name (collect) by 0".to_owned()));
}

#[test]
fn digits_are_read_as_people_write_them_and_anything_else_is_asked_for_again() {
    let nodes = r#""c":{"verb":"collect","text":{"en":"Number?"},"variable":"n","min":3,"max":6,"attempts":2,
        "on_invalid":"odd","next":"e"},"e":{"verb":"set","vars":{"went":"on"}},"odd":{"verb":"set","vars":{"went":"odd"}}"#;
    for (text, number) in [("123", "123"), ("１２３ ４５-６#", "123456"), ("12 34", "1234")] {
        let mut world = chat("c", nodes).in_chat();
        world.write(1, text);
        assert_eq!(world.ended()["n"], number);
    }
    for text in ["12", "1234567", "my number is 123", "hello"] {
        let mut world = chat("c", nodes).in_chat();
        world.take_shown();
        world.write(1, text);
        assert_eq!(world.take_shown(), ["2: Number?", "listens"], "{text}");
        world.write(2, text);
        let ended = world.ended();
        assert_eq!((ended["went"].as_str(), ended.get("n")), ("odd", None), "{text}");
    }
}

#[test]
fn a_secret_is_listened_to_as_one_and_is_seen_nowhere() {
    let nodes = r#""c":{"verb":"collect","secret":true,"text":{"en":"PIN?"},"variable":"pin_secret","min":4,"max":4,"next":"i"},
        "i":{"verb":"if","expr":"pin_secret == '7351'","then":"m"},
        "m":{"verb":"menu","text":{"en":"ok"},"choices":{"1":"m"}}"#;
    let mut world = chat("c", nodes).in_chat();
    assert_eq!(world.take_shown(), ["c (collect)", "1: PIN?", "listens in secret"]);
    world.write(1, "735");
    assert_eq!(world.take_shown(), ["2: PIN?", "listens in secret"]);
    world.write(2, "7351");
    assert_eq!(world.take_shown(), ["listens", "i (if)", "m (menu)", "3: ok [1=1]", "listens"]);
    for secret in ["735", "7351"] {
        assert!(!world.seen.contains(secret), "it is in a record or in debug output");
    }
}

#[test]
fn a_message_from_before_a_secret_was_asked_for_is_not_taken_for_it() {
    let nodes = r#""w":{"verb":"wait","seconds":5,"next":"c"},
        "c":{"verb":"collect","text":{"en":"PIN?"},"variable":"pin_secret","max":4,"next":"e"},"e":{"verb":"wait"}"#;
    let mut world = chat("w", nodes).in_chat();
    world.write(1, "1234");
    world.pass(5);
    assert_eq!(world.shown.last().unwrap(), "listens in secret");
}

#[test]
fn a_secret_that_is_taken_away_is_listened_to_no_longer() {
    let nodes = r#""c":{"verb":"collect","text":{"en":"PIN?"},"variable":"pin_secret","max":4}"#;
    let mut world = chat("c", nodes).in_chat();
    world.take_shown();
    world.tell(Command::Suspend { run: RUN });
    assert_eq!(world.take_shown(), ["listens"]);
}

#[test]
fn a_message_that_was_heard_already_is_dropped() {
    let mut world = in_menu();
    world.write(7, "2");
    world.take_shown();
    world.write(7, "2");
    world.write(6, "late");
    assert!(world.take_shown().is_empty());
    world.write(9, "Bob");
    assert_eq!(world.ended()["name"], "Bob");
}

#[test]
fn messages_that_come_while_it_does_not_wait_are_kept_for_the_next_nodes() {
    let nodes = r#""h":{"verb":"http","url":"http://x/","next":"a"},
        "a":{"verb":"collect","kind":"text","text":{"en":"a?"},"variable":"a","next":"b"},
        "b":{"verb":"collect","kind":"text","text":{"en":"b?"},"variable":"b","next":"m"},
        "m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"e"}},"e":{"verb":"set","vars":{"went":"on"}}"#;
    let mut world = chat("h", nodes).in_chat();
    for seq in 1..=10 {
        world.write(seq, &format!("m{seq}"));
    }
    assert!(!world.seen.contains("m10"), "no record and no debug output holds a message");
    world.take_shown();
    world.fetched(Fetched::Answer { status: 200, body: String::new() });
    // Eight are kept; what chooses nothing at a menu that had not been shown is left aside.
    let shown = world.take_shown();
    assert_eq!(shown, ["a (collect)", "b (collect)", "m (menu)", "1: ? [1=1]", "listens"]);
    world.write(11, "1");
    let ended = world.ended();
    assert_eq!((ended["a"].as_str(), ended["b"].as_str(), ended["went"].as_str()), ("m3", "m4", "on"));
}

#[test]
fn a_menu_without_barge_in_is_shown_before_a_message_from_before_it_chooses() {
    let nodes = r#""w":{"verb":"wait","seconds":1,"next":"m"},
        "m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"c"},"barge_in":false},
        "c":{"verb":"collect","text":{"en":"n?"},"variable":"n","barge_in":false,"next":"e"},"e":{"verb":"hangup"}"#;
    let mut world = chat("w", nodes).in_chat();
    for (seq, text) in [(1, "hello"), (2, "1"), (3, "77")] {
        world.write(seq, text);
    }
    world.pass(1);
    world.asked();
    assert_eq!(
        world.take_shown(),
        ["w (wait)", "m (menu)", "1: ? [1=1]", "c (collect) by 1", "2: n?", "e (hangup)"]
    );
}

#[test]
fn a_play_shows_its_text_or_is_left_out_and_a_text_for_ever_waits_for_a_message() {
    let nodes = r#""p":{"verb":"play","prompt":"welcome","text":{"en":"Welcome"},"times":3,"next":"q"},
        "q":{"verb":"play","prompt":"music","next":"r"},
        "r":{"verb":"say","text":{"en":"Write when you are ready"},"times":0,"next":"c"},
        "c":{"verb":"collect","kind":"text","text":{"en":"?"},"variable":"x"}"#;
    let mut world = chat("p", nodes).in_chat();
    let shown = world.take_shown();
    assert_eq!(
        shown,
        ["p (play)", "1: Welcome", "q (play)", "r (say)", "2: Write when you are ready", "listens"]
    );
    world.write(1, "go");
    assert_eq!(world.ended()["x"], "go", "the message is for the node that reads");
}

#[test]
fn what_serves_calls_only_takes_its_exit_in_a_chat() {
    let nodes = r#""e":{"verb":"echo","on_error":"c","next":"x"},"c":{"verb":"conference","room":"r","on_error":"t"},
        "t":{"verb":"transfer","to":"1","on_failed":"s"},"s":{"verb":"sign-in","on_refused":"x"},
        "x":{"verb":"set","vars":{"went":"x"},"next":"a"},"a":{"verb":"answer","next":"end"},"end":{"verb":"hangup"}"#;
    let mut world = chat("e", nodes).in_chat();
    assert_eq!(world.asked(), Ask::HangUp { cause: Cause::Normal });
    assert!(world.worker.is_empty());
    world.resume("done");
    assert_eq!(world.ended()["went"], "x");
}

#[test]
fn a_flow_for_chats_names_what_it_lacks_for_them() {
    for (nodes, told) in [
        (r#""a":{"verb":"echo"}"#, "node `a`: it serves calls only: name the exit `on_error` for chats"),
        (r#""a":{"verb":"conference","room":"r"}"#, "name the exit `on_error` for chats"),
        (r#""a":{"verb":"transfer","to":"1","on_busy":"a"}"#, "name the exit `on_failed` for chats"),
        (r#""a":{"verb":"sign-in"}"#, "name the exit `on_refused` for chats"),
        (
            r#""a":{"verb":"menu","prompt":"x","choices":{"1":"a"}}"#,
            "node `a`: a chat needs a `text` or `chat_text` to show",
        ),
        (
            r#""a":{"verb":"collect","variable":"x"}"#,
            "node `a`: a chat needs a `text` or `chat_text` to show",
        ),
        (
            r#""a":{"verb":"menu","text":{"en":"?"},"choices":{"1":"a"},"labels":{"2":{"en":"b"}}}"#,
            "`labels`: `2` is no choice",
        ),
        (
            r#""a":{"verb":"menu","text":{"en":"?"},"choices":{"1":"a"},"labels":{"1":{"en":"No ${n}"}}}"#,
            "`labels`: a label has 1 to 64 characters and no variable",
        ),
        (
            r#""a":{"verb":"menu","text":{"en":"?"},"choices":{"1":"a"},"keywords":{"1":[" "]}}"#,
            "`keywords`: a word has 1 to 64 bytes",
        ),
        (
            r#""a":{"verb":"menu","text":{"en":"?"},"choices":{"0":"a","1":"a","2":"a","3":"a","4":"a","5":"a","6":"a",
                "7":"a","8":"a","9":"a","*":"a","A":"a","B":"a"}}"#,
            "`choices`: a chat shows at most 12",
        ),
        (
            r#""a":{"verb":"collect","text":{"en":"?"},"variable":"x","secret":true}"#,
            "`variable`: `x` is not secret",
        ),
        (
            r#""a":{"verb":"collect","text":{"en":"?"},"variable":"x","max":40}"#,
            "`max` is 40; it lies between 1 and 32",
        ),
    ] {
        let found = check("main", &flow_for("chat", "main", "a", nodes)).unwrap_err();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|p| p.contains(told)), "{nodes}\n  told: {found:?}\n  not:  {told}");
    }
    let human = flow_for("chat", "main", "a", r#""a":{"verb":"wait"}"#)
        .replace(r#""start""#, r#""human":"h","start""#);
    assert_eq!(check("main", &human).unwrap_err()[0].why, "`human`: there is no node `h`");
}

#[test]
fn a_hurried_menu_is_odd_in_a_chat() {
    let nodes = r#""m":{"verb":"menu","text":{"en":"?"},"choices":{"1":"m"}}"#;
    let flow = check("main", &flow_for(BOTH, "main", "m", nodes)).unwrap();
    assert!(flow.warnings()[0].why.contains("give `chat_timeout_s`"), "{:?}", flow.warnings());
    let flow = check("main", &flow_text("main", "m", nodes)).unwrap();
    assert!(flow.warnings().is_empty());
}

#[test]
fn a_flow_that_does_not_serve_the_medium_is_not_begun() {
    let mut world = World::with("w", r#""w":{"verb":"wait"}"#).in_chat();
    assert_eq!(world.failed().1, "the flow `main` does not serve this medium");
    let text = flow_for("chat", "main", "w", r#""w":{"verb":"wait"}"#);
    let mut world = World::with_flows(vec![("main", text)]).in_flow();
    assert_eq!(world.failed().1, "the flow `main` does not serve this medium");
}

#[test]
fn a_flow_that_writes_and_never_waits_is_stopped() {
    let nodes = r#""a":{"verb":"say","text":{"en":"spam"},"next":"a"}"#;
    let mut world = chat("a", nodes).in_chat();
    assert_eq!(world.failed().1, "it writes more than 16 texts and waits for nothing");
    let texts = world.take_shown().iter().filter(|line| line.ends_with("spam")).count();
    assert_eq!(texts, 17);
}

#[test]
fn the_same_file_serves_a_call_with_its_recordings_and_a_chat_with_words_of_its_own() {
    let nodes = r#""m":{"verb":"menu","prompt":"menu","chat_text":{"en":"Choose"},"choices":{"1":"c"},
        "labels":{"1":{"en":"Out"}}},
        "c":{"verb":"collect","text":{"en":"Press it"},"chat_text":{"en":"Write it"},"variable":"x"}"#;
    let centre = || World::with_flows(vec![("main", flow_for(BOTH, "main", "m", nodes))]);
    let mut world = centre().in_flow();
    world.keys("1");
    assert_eq!(world.said, ["prompt: menu", "en: Press it"]);
    assert_eq!(world.take_shown(), ["m (menu)", "c (collect) by Out"]);
    let mut world = centre().in_chat();
    world.write(1, "out");
    assert!(world.said.is_empty());
    let shown = world.take_shown();
    assert_eq!(
        shown,
        ["m (menu)", "1: Choose [1=Out]", "listens", "c (collect) by Out", "2: Write it", "listens"]
    );
}

#[test]
fn a_call_with_pictures_is_a_call() {
    let text = flow_text("main", "s", r#""s":{"verb":"say","text":{"en":"Hello"}}"#);
    let mut world = World::with_flows(vec![("main", text)]).with_caller();
    world.start_on(Medium::Video, RUN, "main", &[], true);
    assert_eq!(world.said, ["en: Hello"]);
}
