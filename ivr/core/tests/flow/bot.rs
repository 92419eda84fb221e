//! An external bot that holds the dialogue of a chat: asked once about each message, written once, silent when somebody
//! else has the customer.

use ngcc_ivr_core::flow::{Fetched, check};
use ngcc_proto::Secret;
use ngcc_proto::config::{Bot, BotAccount};
use ngcc_proto::flow::{Ask, Command};
use serde_json::{Value, json};

use crate::world::{RUN, World, flow_for};

const NODES: &str = r#""b":{"verb":"bot","bot":"helper","timeout_s":60,"max_turns":4,"next":"bye","on_timeout":"late",
        "on_human":"h","on_error":"odd"},
    "h":{"verb":"to-human","queue":"sales","on_returned":"b"},
    "bye":{"verb":"set","vars":{"went":"bye"}},"late":{"verb":"set","vars":{"went":"late"}},
    "odd":{"verb":"set","vars":{"went":"odd"}}"#;

fn world(nodes: &str, human: bool) -> World {
    let text = flow_for("chat", "main", "b", nodes);
    let text = if human { text.replace(r#""start""#, r#""human":"h","start""#) } else { text };
    let mut world = World::with_flows(vec![("main", text)]);
    let settings = Bot {
        name: "helper".to_owned(),
        url: "https://bot.example/ngcc".to_owned(),
        timeout_s: 7,
        secret: None,
    };
    world.config.bots = vec![BotAccount { settings, secret: Secret::new("0123456789abcdef") }];
    world.configure();
    world.in_chat()
}

/// A bot that has greeted already.
fn greeted() -> World {
    let mut world = world(NODES, false);
    world.answers(json!({ "messages": [{ "text": "Hello" }] }));
    world.take_shown();
    world
}

impl World {
    /// What the bot is asked now: the id, and the body.
    fn question(&self) -> (String, Value) {
        let [(_, fetch)] = &self.fetches[..] else { panic!("{} questions", self.fetches.len()) };
        let id = fetch.signed.as_ref().expect("it is signed").id.clone();
        let body = fetch.body.as_ref().expect("it is posted");
        (id, serde_json::from_str(body.expose()).expect("JSON"))
    }

    fn answers(&mut self, answer: Value) {
        self.fetched(Fetched::Answer { status: 200, body: answer.to_string() });
    }

    fn says(&mut self, text: &str) {
        self.answers(json!({ "messages": [{ "text": text }] }));
    }
}

#[test]
fn a_bot_greets_is_asked_about_each_message_and_says_when_it_is_done() {
    let mut world = world(NODES, false);
    let (opening, body) = world.question();
    assert_eq!((&body["type"], &body["bot"]), (&json!("bot.opened"), &json!("helper")));
    assert!(
        body["session"].is_string() && body["run"].is_string() && body.get("message").is_none(),
        "{body}"
    );
    assert_eq!(world.fetches[0].1.url, "https://bot.example/ngcc");
    assert_eq!(world.fetches[0].1.timeout.as_secs(), 7);
    world.says("Hello");
    assert_eq!(world.take_shown(), ["b (bot)", "writes …", "1: Hello", "listens"]);

    world.write(1, "Where is my parcel?");
    let (first, body) = world.question();
    assert_ne!(first, opening);
    assert_eq!(body["type"], "bot.message");
    assert_eq!(body["message"], json!({ "seq": 1, "text": "Where is my parcel?" }));
    world.answers(json!({
        "messages": [
            { "text": "Which one?" },
            { "text": "Choose", "choices": [{ "value": "a", "label": "Shoes" }, { "value": "b", "label": "Hat" }] },
        ],
        "vars": { "parcels": 2 },
    }));
    assert_eq!(world.take_shown(), ["writes …", "2: Which one?", "3: Choose [a=Shoes b=Hat]", "listens"]);

    world.write(4, "a");
    assert_eq!(world.question().1["vars"], json!({ "parcels": "2" }));
    world.answers(
        json!({ "messages": [{ "text": "It is here" }], "vars": { "parcel": "shoes" }, "then": "done" }),
    );
    assert_eq!(world.take_shown(), ["writes …", "4: It is here", "bye (set)"]);
    let vars = world.ended();
    assert_eq!((vars["parcel"].as_str(), vars["went"].as_str()), ("shoes", "bye"));
}

#[test]
fn messages_that_come_while_it_thinks_are_asked_about_in_their_order_one_by_one() {
    let mut world = greeted();
    for (seq, text) in [(1, "one"), (2, "two"), (3, "three")] {
        world.write(seq, text);
    }
    for text in ["one", "two", "three"] {
        assert_eq!(world.question().1["message"]["text"], text);
        world.says(&text.to_uppercase());
    }
    assert!(world.fetches.is_empty());
    let written: Vec<String> = world.take_shown().into_iter().filter(|line| line.contains(": ")).collect();
    assert_eq!(written, ["2: ONE", "3: TWO", "4: THREE"]);
}

#[test]
fn somebody_is_seen_to_write_for_as_long_as_it_thinks() {
    let mut world = greeted();
    world.write(1, "hm?");
    world.pass(9);
    assert_eq!(world.take_shown(), ["writes …", "writes …", "writes …"]);
    world.says("Hm.");
    assert_eq!(world.take_shown(), ["2: Hm.", "listens"]);
    world.pass(59);
    assert!(world.take_shown().is_empty() && world.take_told().is_empty());
    world.pass(1);
    assert_eq!(world.ended()["went"], "late");
}

#[test]
fn a_crash_while_it_thinks_asks_the_same_again_and_its_answer_is_written_once() {
    let mut world = world(NODES, false);
    let (opening, _) = world.question();
    world.crash(2);
    world.configure();
    assert_eq!(world.question().0, opening, "the same question has the same id");
    world.says("Hello");
    world.write(1, "one");
    world.write(2, "two");
    let (one, body) = world.question();

    world.crash(2);
    world.configure();
    assert_eq!(world.question(), (one, body));
    // Whoever is not sure sends it again.
    world.write(2, "two");
    world.says("ONE");
    assert_eq!(world.question().1["message"]["text"], "two");
    world.says("TWO");
    let shown = world.take_shown();
    assert_eq!(
        shown.iter().filter(|line| line.ends_with("ONE") || line.ends_with("TWO")).count(),
        2,
        "{shown:?}"
    );

    // What it has written is written again under its number, which is how it is known; nothing is asked again.
    world.crash(2);
    world.configure();
    assert!(world.fetches.is_empty());
    assert!(world.take_shown().contains(&"3: TWO".to_owned()));
    world.write(3, "three");
    assert_eq!(world.question().1["message"]["text"], "three");
}

#[test]
fn it_gives_the_customer_to_a_human_and_gets_them_back_with_an_opening_of_its_own() {
    let mut world = world(NODES, false);
    let (opening, _) = world.question();
    world.says("Hello");
    world.write(1, "a person, please");
    world.answers(
        json!({ "messages": [{ "text": "One moment" }], "vars": { "why": "asked" }, "then": "human" }),
    );
    let Ask::Human { queue, .. } = world.asked() else { panic!("no human is asked for") };
    assert_eq!(queue, "sales");
    world.take_shown();

    world.resume("returned");
    let (again, body) = world.question();
    assert_ne!(again, opening, "it must not take it for the first time");
    assert_eq!((&body["type"], &body["vars"]["why"]), (&json!("bot.opened"), &json!("asked")));
    world.says("Here I am again");
    assert_eq!(world.take_shown(), ["b (bot)", "writes …", "3: Here I am again", "listens"]);
}

#[test]
fn what_it_answers_after_the_agent_has_taken_the_customer_back_is_not_written() {
    let mut world = greeted();
    world.write(1, "slow?");
    let (ask, _) = world.fetches[0].clone();
    world.tell(Command::Suspend { run: RUN });
    world.says("Too late");
    assert!(world.take_shown().iter().all(|line| !line.contains("Too late")));
    assert_eq!(world.records.len(), 1);

    // And when it has them again, it is not asked about what the agent has answered since.
    world.resume("returned");
    let (_, body) = world.question();
    assert_eq!(body["type"], "bot.opened");
    assert_ne!(world.fetches[0].0, ask);
    world.says("Again");
    assert!(world.fetches.is_empty());
}

#[test]
fn who_asks_for_a_human_in_words_gets_one_without_the_bot_and_a_number_is_an_answer() {
    let mut world = world(NODES, true);
    world.says("How many?");
    world.write(1, "0");
    assert_eq!(world.question().1["message"]["text"], "0");
    world.says("None, then");
    world.write(2, "转人工");
    assert!(matches!(world.asked(), Ask::Human { .. }));
    assert!(world.fetches.is_empty());
}

#[test]
fn a_bot_that_fails_gives_the_customer_on() {
    let failures = [
        Fetched::TimedOut,
        Fetched::Failed("no route".to_owned()),
        Fetched::Answer { status: 500, body: String::new() },
        Fetched::Answer { status: 200, body: "no JSON".to_owned() },
        Fetched::Answer { status: 200, body: r#"{"text":"?"}"#.to_owned() },
        Fetched::Answer { status: 200, body: r#"{"messages":[{"text":" "}]}"#.to_owned() },
        Fetched::Answer { status: 200, body: r#"{"vars":{"No":"1"}}"#.to_owned() },
        Fetched::Answer {
            status: 200,
            body: json!({ "messages": vec![json!({"text": "x"}); 9] }).to_string(),
        },
    ];
    for failure in failures {
        let mut world = greeted();
        world.write(1, "hi");
        world.fetched(failure.clone());
        assert_eq!(world.ended()["went"], "odd", "{failure:?}");
    }
    // Without an exit of its own to the human, and with nobody there it says why.
    let bare = r#""b":{"verb":"bot","bot":"helper"},"h":{"verb":"to-human","queue":"sales"}"#;
    let mut human = world(bare, true);
    human.fetched(Fetched::TimedOut);
    assert!(matches!(human.asked(), Ask::Human { .. }));
    let mut nobody = world(bare, false);
    nobody.fetched(Fetched::Answer { status: 200, body: r#"{"text":"4711"}"#.to_owned() });
    let (node, why) = nobody.failed();
    assert_eq!(node, "b");
    assert!(
        why.starts_with("the bot's answer is not {messages, vars, then}: line 1") && !why.contains("4711"),
        "{why}"
    );
}

#[test]
fn an_empty_answer_is_silence_and_too_many_answers_are_a_failure() {
    let mut world = greeted();
    for seq in 1..4 {
        world.write(seq, "and?");
        world.fetched(Fetched::Answer { status: 204, body: String::new() });
        assert_eq!(world.take_shown(), ["writes …", "listens"]);
    }
    world.write(4, "and?");
    assert_eq!(world.ended()["went"], "odd");
}

#[test]
fn an_unknown_bot_is_named() {
    let nodes = r#""b":{"verb":"bot","bot":"nobody"}"#;
    let mut world = world(nodes, false);
    let (node, why) = world.failed();
    assert_eq!((node.as_str(), why.as_str()), ("b", "the bot cannot be asked: there is no bot `nobody`"));
    assert!(world.fetches.is_empty());
}

#[test]
fn without_a_greeting_it_waits_for_the_customer() {
    let nodes = r#""b":{"verb":"bot","bot":"helper","greet":false}"#;
    let mut world = world(nodes, false);
    assert_eq!(world.take_shown(), ["b (bot)", "listens"]);
    world.write(1, "hello?");
    assert_eq!(world.question().1["message"]["text"], "hello?");
}

#[test]
fn what_a_bot_may_not_be_is_refused_with_its_reason() {
    let of = |nodes: &str, media: &str| check("main", &flow_for(media, "main", "b", nodes));
    let problem = |nodes: &str, media: &str| {
        let problems = of(nodes, media).expect_err(nodes);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(of(r#""b":{"verb":"bot","bot":"x"}"#, "chat").is_ok());
    let call = problem(r#""b":{"verb":"bot","bot":"x"}"#, r#"voice","chat"#);
    assert!(call.contains("node `b`: it serves chats only: name the exit `on_call` for calls"), "{call}");
    let range = problem(r#""b":{"verb":"bot","bot":"","timeout_s":0,"max_turns":2000}"#, "chat");
    for part in ["`bot` is the name", "`timeout_s` is 0", "`max_turns` is 2000"] {
        assert!(range.contains(part), "{range}");
    }
}
