//! Addresses that each end suggests: the other is asked, and what they have said stands.

use std::time::Duration;

use ngcc_collab_core::{Limits, Line};
use ngcc_proto::collab::{Act, Event, Kind};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::world::*;

const PAGE: &str = "https://shop.example:8443/pay?token=s3cret#x";

fn noted(by: By, act: Act, what: &str) -> Event {
    Event::Noted { collab: COLLAB, by, act, what: what.to_owned() }
}

fn link(n: u64, url: &str, by: &str, state: &str) -> Value {
    json!({ "n": n, "url": url, "by": by, "state": state })
}

/// Begun by the customer, so that the agent may see it.
fn joined() -> World {
    World::joined(Kind::Url, By::Customer)
}

#[test]
fn an_address_goes_to_the_other_end_and_their_answer_to_both_and_the_record_has_its_host_only() {
    let mut world = joined();
    world.say(AGENT, "push", json!({ "url": PAGE }));
    assert_eq!(world.told(), [noted(By::Agent, Act::Put, "shop.example:8443")]);
    let shown = link(1, PAGE, "agent", "shown");
    assert_eq!(world.only(AGENT, "pushed"), shown);
    assert_eq!(world.only(CUSTOMER, "pushed"), shown);
    world.say(AGENT, "answer", json!({ "n": 1, "taken": true }));
    world.refused(AGENT, "forbidden");
    world.say(CUSTOMER, "answer", json!({ "n": 1, "taken": false }));
    let refused = json!({ "n": 1, "taken": false, "by": "customer" });
    assert_eq!(world.only(AGENT, "answered"), refused);
    assert_eq!(world.only(CUSTOMER, "answered"), refused);
    assert!(world.told().is_empty(), "what is not opened did not happen");
    world.say(CUSTOMER, "answer", json!({ "n": 1, "taken": false }));
    world.refused(CUSTOMER, "bad");
    world.say(CUSTOMER, "answer", json!({ "n": 1, "taken": true }));
    assert_eq!(world.only(AGENT, "answered")["taken"], true);
    assert_eq!(world.told(), [noted(By::Customer, Act::Open, "shop.example:8443")]);
    world.clear();
    for taken in [true, false] {
        world.say(CUSTOMER, "answer", json!({ "n": 1, "taken": taken }));
        world.refused(CUSTOMER, "bad");
    }
    world.say(CUSTOMER, "answer", json!({ "n": 2, "taken": true }));
    world.refused(CUSTOMER, "bad");
    world.say(CUSTOMER, "push", json!({ "url": "http://a.example" }));
    assert_eq!(world.only(AGENT, "pushed"), link(2, "http://a.example", "customer", "shown"));
}

#[test]
fn a_card_number_in_a_host_is_not_in_the_record() {
    let mut world = joined();
    world.say(CUSTOMER, "push", json!({ "url": "https://4111111111111111.example/" }));
    assert_eq!(world.told(), [noted(By::Customer, Act::Put, "•••.example")]);
}

#[test]
fn nothing_passes_before_the_customer_agrees_and_then_the_agent_finds_what_lies_there() {
    let mut world = World::joined(Kind::Url, By::Agent);
    for (line, kind, data) in [
        (AGENT, "push", json!({ "url": PAGE })),
        (CUSTOMER, "push", json!({ "url": PAGE })),
        (CUSTOMER, "answer", json!({ "n": 1, "taken": true })),
    ] {
        world.say(line, kind, data);
        world.refused(line, "consent");
    }
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    world.say(CUSTOMER, "push", json!({ "url": PAGE }));
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": false }));
    world.clear();
    world.say(AGENT, "push", json!({ "url": PAGE }));
    world.refused(AGENT, "consent");
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    let heard = world.heard(AGENT);
    assert_eq!(heard[1], ("pushed".to_owned(), link(1, PAGE, "customer", "shown")));
    assert_eq!(heard.len(), 2);
}

#[test]
fn what_is_no_address_of_the_web_or_too_many_or_too_fast_is_refused() {
    let mut world =
        World::with(Limits { links: 25, ..Limits::default() }).join(Kind::Url, By::Customer, None);
    for bad in ["", "/cart", "javascript:1", "data:text/html,x", "https://a@b.example", "ftp://a.example"] {
        world.say(CUSTOMER, "push", json!({ "url": bad }));
        world.refused(CUSTOMER, "bad");
    }
    world.say(CUSTOMER, "push", json!({ "url": format!("https://a.example/{}", "x".repeat(2048)) }));
    world.refused(CUSTOMER, "bad");
    for _ in 0..20 {
        world.say(CUSTOMER, "push", json!({ "url": PAGE }));
        world.only(CUSTOMER, "pushed");
    }
    world.say(CUSTOMER, "push", json!({ "url": PAGE }));
    world.refused(CUSTOMER, "too_many");
    world.wait(Duration::from_secs(10));
    for _ in 0..5 {
        world.say(AGENT, "push", json!({ "url": PAGE }));
    }
    world.clear();
    world.say(AGENT, "push", json!({ "url": PAGE }));
    world.refused(AGENT, "full");
    assert!(world.heard(CUSTOMER).is_empty());
}

#[test]
fn what_was_suggested_and_answered_is_found_after_a_kill_and_gone_with_the_end() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Url, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.open(AGENT, &agents);
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    world.say(AGENT, "push", json!({ "url": PAGE }));
    world.say(AGENT, "push", json!({ "url": "https://b.example/" }));
    world.say(CUSTOMER, "answer", json!({ "n": 1, "taken": true }));
    world.restart();
    world.clear();
    let found = json!({ "links": [
        link(1, PAGE, "agent", "opened"), link(2, "https://b.example/", "agent", "shown"),
    ] });
    for (line, ticket) in [(Line(8), &customers), (Line(9), &agents)] {
        world.open(line, ticket);
        assert_eq!(world.only(line, "ready")["state"], found);
        world.clear();
    }
    world.say(Line(8), "consent", json!({ "what": "view", "on": false }));
    world.clear();
    world.open(Line(10), &agents);
    assert_eq!(world.only(Line(10), "ready")["state"], json!({ "links": [] }));
    world.say(Line(8), "leave", json!({}));
    assert!(world.records.is_empty());
}

#[test]
fn frames_of_another_kind_are_none_of_these() {
    let mut world = joined();
    for (kind, data) in [
        ("y", json!({ "update": "AAA=" })),
        ("remove", json!({ "file": ngcc_proto::FileId(1) })),
        ("confirm", json!({})),
        ("rr", json!({ "events": [] })),
    ] {
        world.say(CUSTOMER, kind, data);
        world.refused(CUSTOMER, "forbidden");
    }
    let mut board = World::joined(Kind::Whiteboard, By::Customer);
    board.say(CUSTOMER, "push", json!({ "url": PAGE }));
    board.refused(CUSTOMER, "forbidden");
}
