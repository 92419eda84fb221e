//! A form: who fills what, what is seen of it, and its confirmation.

use ngcc_proto::collab::{Act, Event, Kind, Why};
use ngcc_proto::config::{Field, FieldBy, FieldKind, Form, MAX_FIELDS, MAX_VALUE};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::world::*;

fn field(name: &str, kind: FieldKind, by: FieldBy, required: bool) -> Field {
    let options = if kind == FieldKind::Choice { vec!["red".to_owned(), "blue".to_owned()] } else { vec![] };
    Field { name: name.to_owned(), label: String::new(), kind, options, required, by }
}

fn form() -> Form {
    let both = FieldBy::Both;
    let mut fields = vec![
        field("name", FieldKind::Text, both, true),
        field("note", FieldKind::Lines, both, false),
        field("sum", FieldKind::Number, FieldBy::Agent, false),
        field("day", FieldKind::Date, FieldBy::Customer, false),
        field("colour", FieldKind::Choice, both, false),
        field("agreed", FieldKind::Tick, FieldBy::Customer, true),
        field("pin", FieldKind::Secret, both, true),
    ];
    fields[0].label = "Your name".to_owned();
    Form { name: "order".to_owned(), label: "An order".to_owned(), fields }
}

fn world() -> World {
    World::new().join(Kind::Form, By::Agent, Some(form()))
}

fn fill(field: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "value": value.into() })
}

#[test]
fn both_see_what_is_filled_and_the_last_who_fills_wins() {
    let mut world = world();
    world.say(CUSTOMER, "fill", fill("name", "Zoe"));
    world.say(AGENT, "fill", fill("name", "Zoë"));
    for line in [CUSTOMER, AGENT] {
        let heard: Vec<_> = world.heard(line).into_iter().map(|(_, data)| data).collect();
        assert_eq!(
            heard,
            [
                json!({ "field": "name", "value": "Zoe", "by": "customer" }),
                json!({ "field": "name", "value": "Zoë", "by": "agent" }),
            ]
        );
    }
    world.say(CUSTOMER, "focus", json!({ "field": "note" }));
    assert_eq!(world.only(AGENT, "focus"), json!({ "field": "note", "by": "customer" }));
    world.say(AGENT, "focus", json!({ "field": null }));
    assert_eq!(world.only(CUSTOMER, "focus"), json!({ "field": null, "by": "agent" }));
}

#[test]
fn a_field_takes_what_it_is_for_from_whom_it_is_for() {
    let mut world = world();
    let long = "x".repeat(MAX_VALUE);
    for (line, field, value, code) in [
        (CUSTOMER, "name", json!(long), ""),
        (CUSTOMER, "name", json!("a\nb"), "value"),
        (CUSTOMER, "name", json!(true), "value"),
        (CUSTOMER, "note", json!("a\nb"), ""),
        (CUSTOMER, "sum", json!("1"), "authority"),
        (AGENT, "sum", json!("12.50"), ""),
        (AGENT, "sum", json!(12.5), ""),
        (AGENT, "sum", json!("a lot"), "value"),
        (AGENT, "sum", json!(null), ""),
        (AGENT, "day", json!("2026-01-31"), "authority"),
        (CUSTOMER, "day", json!("2026-01-31"), ""),
        (CUSTOMER, "day", json!("2026-02-31"), "value"),
        (CUSTOMER, "colour", json!("red"), ""),
        (CUSTOMER, "colour", json!("green"), "value"),
        (CUSTOMER, "agreed", json!(true), ""),
        (CUSTOMER, "agreed", json!("yes"), "value"),
        (AGENT, "pin", json!("1"), "authority"),
        (CUSTOMER, "pin", json!("4711"), ""),
        (CUSTOMER, "other", json!("x"), "bad"),
        (CUSTOMER, "name", json!({}), "bad"),
        (CUSTOMER, "name", json!(format!("{long}x")), "bad"),
    ] {
        world.say(line, "fill", fill(field, value.clone()));
        if code.is_empty() {
            assert_eq!(world.heard(line)[0].0, "filled", "{field} {value}");
        } else {
            world.refused(line, code);
        }
        world.clear();
    }
    world.say(AGENT, "focus", json!({ "field": "other" }));
    world.refused(AGENT, "bad");
}

#[test]
fn of_a_secret_field_the_agent_sees_only_that_it_is_filled_and_no_record_has_it() {
    let mut world = World::new();
    world.keep_all = true;
    world.command(establish(COLLAB, Kind::Form, By::Agent, Some(form())));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.open(AGENT, &agents);
    world.clear();
    world.say(CUSTOMER, "fill", fill("pin", "s3cret"));
    assert_eq!(world.only(AGENT, "filled"), json!({ "field": "pin", "filled": true, "by": "customer" }));
    assert_eq!(world.only(CUSTOMER, "filled")["value"], "s3cret");
    assert!(world.records.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("s3cret")));
    world.open(AGENT, &agents);
    let ready = world.heard(AGENT).remove(0).1;
    assert_eq!(ready["state"]["values"], json!({}));
    assert_eq!(ready["state"]["filled"], json!(["pin"]));
    world.open(CUSTOMER, &customers);
    assert_eq!(
        world.heard(CUSTOMER).remove(0).1["state"]["values"]["pin"],
        "s3cret",
        "their own page is told"
    );
    world.say(CUSTOMER, "fill", fill("pin", ""));
    assert_eq!(
        world.heard(AGENT).pop().unwrap().1,
        json!({ "field": "pin", "filled": false, "by": "customer" })
    );
}

#[test]
fn the_customer_confirms_what_is_whole_and_then_it_stays() {
    let mut world = world();
    world.say(CUSTOMER, "fill", fill("name", "Zoë"));
    world.say(CUSTOMER, "fill", fill("note", "first\nsecond"));
    world.say(CUSTOMER, "fill", fill("agreed", false));
    world.say(CUSTOMER, "fill", fill("pin", "4711"));
    world.clear();
    world.say(AGENT, "confirm", json!({}));
    world.refused(AGENT, "forbidden");
    world.say(CUSTOMER, "confirm", json!({}));
    world.refused(CUSTOMER, "missing");
    world.say(CUSTOMER, "fill", fill("agreed", true));
    world.clear();
    world.say(CUSTOMER, "confirm", json!({}));
    assert_eq!(world.only(CUSTOMER, "confirmed"), json!({}));
    assert_eq!(world.only(AGENT, "confirmed"), json!({}));
    let told = world.told();
    let noted = Event::Noted { collab: COLLAB, by: By::Customer, act: Act::Confirm, what: "form".to_owned() };
    assert_eq!(told[0], noted);
    let Event::Confirmed { text, .. } = &told[1] else { panic!("{told:?}") };
    assert_eq!(text.0, "Your name: Zoë\nnote: first second\nagreed: ✓");
    for (line, kind, data) in [
        (CUSTOMER, "fill", fill("name", "x")),
        (AGENT, "fill", fill("sum", "1")),
        (CUSTOMER, "confirm", json!({})),
    ] {
        world.say(line, kind, data);
        world.refused(line, "confirmed");
    }
}

#[test]
fn a_message_of_a_large_form_has_a_line_of_every_field() {
    let fields =
        (0..MAX_FIELDS).map(|n| field(&format!("f{n}"), FieldKind::Text, FieldBy::Both, false)).collect();
    let form = Form { name: "large".to_owned(), label: String::new(), fields };
    let mut world = World::new().join(Kind::Form, By::Agent, Some(form));
    for n in 0..MAX_FIELDS {
        world.say(AGENT, "fill", fill(&format!("f{n}"), "é".repeat(MAX_VALUE / 2)));
    }
    world.told();
    world.say(CUSTOMER, "confirm", json!({}));
    let Some(Event::Confirmed { text, .. }) = world.told().pop() else { panic!("confirmed") };
    assert_eq!(text.0.lines().count(), MAX_FIELDS);
    assert!(text.0.len() <= ngcc_proto::chat::MAX_TEXT, "{}", text.0.len());
    assert!(text.0.lines().all(|line| line.ends_with("é…")));
}

#[test]
fn after_a_kill_what_was_filled_is_there_but_for_secrets() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Form, By::Agent, Some(form())));
    let (customers, _) = world.tickets();
    world.open(CUSTOMER, &customers);
    for n in 0..20 {
        world.say(CUSTOMER, "fill", fill("name", format!("Zoë {n}")));
        world.say(CUSTOMER, "fill", fill("pin", "4711"));
    }
    world.wait(std::time::Duration::from_millis(200));
    world.restart();
    world.open(CUSTOMER, &customers);
    let ready = world.heard(CUSTOMER).pop().unwrap().1;
    assert_eq!(ready["state"]["values"], json!({ "name": "Zoë 19" }));
    assert_eq!(ready["state"]["filled"], json!([]));
    assert_eq!(ready["state"]["form"]["name"], "order");
    world.say(CUSTOMER, "fill", fill("agreed", true));
    world.say(CUSTOMER, "fill", fill("pin", "4711"));
    world.say(CUSTOMER, "confirm", json!({}));
    world.restart();
    world.open(CUSTOMER, &customers);
    assert_eq!(world.heard(CUSTOMER).pop().unwrap().1["state"]["confirmed"], true);
}

#[test]
fn a_form_that_is_none_is_refused() {
    let twice = Form { fields: vec![form().fields[0].clone(), form().fields[0].clone()], ..form() };
    let empty = Form { fields: vec![], ..form() };
    let large = Form {
        fields: (0..=MAX_FIELDS)
            .map(|n| field(&n.to_string(), FieldKind::Text, FieldBy::Both, false))
            .collect(),
        ..form()
    };
    let mut choiceless = form();
    choiceless.fields[4].options.clear();
    for bad in [twice, empty, large, choiceless] {
        let mut world = World::new();
        world.command(establish(COLLAB, Kind::Form, By::Agent, Some(bad)));
        assert_eq!(world.told(), [Event::Refused { collab: COLLAB, why: Why::Unsupported }]);
    }
}

#[test]
fn the_customer_grants_that_the_agent_takes_part_and_nothing_else_can_be_granted_of_a_form() {
    let mut world = World::joined(Kind::Document, By::Agent);
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    assert_eq!(world.only(AGENT, "consents")["view"], true);
    world.clear();
    world.say(CUSTOMER, "consent", json!({ "what": "control", "on": true }));
    world.refused(CUSTOMER, "forbidden");
}
