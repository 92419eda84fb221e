//! A form that the automatic service has a customer fill in, by web and by a messaging channel.

use ngcc_proto::config::{Catalogue, ChannelKind, Field, FieldBy, FieldKind, Form, Route};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::Provider;
use ngcc_tests::house::{flow, number};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::one_agent;

/// The number of whoever is asked to fill in the form.
const FORM: &str = "400";

fn house() -> Catalogue {
    let field = |name: &str, kind: FieldKind, required: bool| Field {
        name: name.to_owned(),
        label: String::new(),
        kind,
        options: vec![],
        required,
        by: FieldBy::Both,
    };
    let size =
        Field { options: vec!["Small".into(), "Large".into()], ..field("size", FieldKind::Choice, true) };
    let fields = vec![
        field("name", FieldKind::Text, true),
        field("day", FieldKind::Date, true),
        size,
        field("note", FieldKind::Lines, false),
        field("pin", FieldKind::Secret, true),
    ];
    let mut house = one_agent();
    house.forms = vec![Form { name: "return".to_owned(), label: "Send it back".to_owned(), fields }];
    house.numbers.push(number(FORM, Route::Flow("filled".to_owned())));
    house.flows.push(flow(json!({
        "name": "filled", "version": 1, "media": ["chat"], "lang": "en", "start": "form", "human": "human", "nodes": {
            "form": {"verb": "form", "form": "return", "prefix": "return_", "next": "human", "on_cancel": "bye"},
            "human": {"verb": "to-human", "queue": "help", "on_returned": "bye", "on_left": "bye", "on_no_agent": "bye"},
            "bye": {"verb": "hangup"},
        }
    })));
    house
}

/// The next line of the automatic service.
async fn asked(ann: &mut Customer, beginning: &str) -> String {
    let automatic = |frame: &Value| {
        let message = &frame["data"]["message"];
        let text = message["content"]["text"].as_str().unwrap_or_default();
        frame["type"] == "message" && message["by"]["is"] == "automation" && text.starts_with(beginning)
    };
    let frame = ann.find(beginning, automatic).await;
    frame["data"]["message"]["content"]["text"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn s0_02_a_form_is_filled_in_over_a_kill_and_the_agent_has_what_was_entered_but_the_secret() {
    let mut centre = Centre::start_with(&house(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, FORM).await;
    let session = ann.begin().await;
    let first = asked(&mut ann, "Send it back").await;
    assert!(first.ends_with("\nname"), "{first}");
    ann.say("k1", "Ann Li").await;
    asked(&mut ann, "day").await;
    ann.say("k2", "30 February").await;
    asked(&mut ann, "That is not a day").await;
    ann.say("k3", "2026-02-28").await;
    asked(&mut ann, "size").await;

    // The centre dies as soon as the answer is acknowledged.
    ann.say("k4", "2").await;
    centre.crash().await;
    ann.cut();
    ann.connect().await;
    alice.cut();
    alice.connect().await;
    asked(&mut ann, "note").await;
    ann.say("k5", "-").await;
    asked(&mut ann, "pin").await;
    ann.say("k6", "4711-secret").await;
    let check = asked(&mut ann, "Please check").await;
    assert_eq!(
        check,
        "Please check what you entered:\nname: Ann Li\nday: 2026-02-28\nsize: Large\nnote: —\npin: ••••••"
    );
    ann.say("k7", "Send").await;
    let offer = alice.offered().await;
    assert_eq!(offer["session"], session.as_str());
    alice.ask(None, json!({ "type": "accept", "reservation": offer["reservation"] })).await;
    let contact = alice.contact(&session, "talk").await;
    let entered = json!({ "return_name": "Ann Li", "return_day": "2026-02-28", "return_size": "Large" });
    assert_eq!(contact["vars"], entered);
    assert!(!ann.transcript().iter().any(|line| line.contains("4711-secret")), "{:?}", ann.transcript());
    let asked_for = |what: &str| ann.transcript().iter().filter(|line| line.ends_with(what)).count();
    assert_eq!((asked_for(": size"), asked_for("\nname")), (1, 1), "{:?}", ann.transcript());
}

#[tokio::test]
async fn s0_02_by_a_messaging_channel_a_form_is_filled_in_with_numbers_and_cancelled() {
    let mut wechat = Provider::start(ChannelKind::Wechat, "wx", FORM).await;
    let house = Catalogue { channels: vec![wechat.channel.clone()], ..house() };
    let centre = Centre::start_with(&house, &[]).await;
    assert_eq!(wechat.writes(centre.http(), "ann", "1", "I want to send it back").await, 200);
    assert!(wechat.reads("ann").await.ends_with("\nname"));
    for (id, text, question) in [("2", "Ann", "day"), ("3", "2026-03-01", "size"), ("4", "1", "note")] {
        assert_eq!(wechat.writes(centre.http(), "ann", id, text).await, 200);
        let read = wechat.reads("ann").await;
        assert!(read.starts_with(question), "{read}");
    }
    assert_eq!(wechat.writes(centre.http(), "ann", "5", "back").await, 200);
    assert!(wechat.reads("ann").await.starts_with("size"));
    assert_eq!(wechat.writes(centre.http(), "ann", "6", "取消").await, 200);
    assert_eq!(centre.stored(1).await.len(), 1, "and the chat is closed");
}
