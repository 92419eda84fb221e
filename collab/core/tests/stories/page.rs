//! A shared page: when it is seen, how it is kept, and what an agent may do on it.

mod acts;

use std::time::Duration;

use ngcc_collab_core::{Input, Limits, Line};
use ngcc_proto::collab::{Act, Command, Event, Kind};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::rrweb::{add, change, element, event, meta, snapshot, text, typed};
use crate::world::*;

fn noted(by: By, act: Act, what: &str) -> Event {
    Event::Noted { collab: COLLAB, by, act, what: what.to_owned() }
}

fn paragraph() -> Vec<Value> {
    vec![element(4, "p", json!({ "id": "p" }), vec![text(5, "hello")])]
}

/// 10 a field that is shown, 11 one that is not, 12 a password, 13 a box, 14 a button, 15 a hidden one.
fn fields() -> Vec<Value> {
    let input = |id: u64, attributes: Value| element(id, "input", attributes, vec![]);
    let shown = element(
        20,
        "div",
        json!({ "data-ngcc-show": "" }),
        vec![
            input(10, json!({ "type": "text", "name": "street", "value": "Elm St" })),
            input(16, json!({ "type": "checkbox", "name": "terms", "checked": true })),
        ],
    );
    vec![
        shown,
        input(11, json!({ "type": "text", "name": "city", "value": "" })),
        input(12, json!({ "type": "password", "name": "pin" })),
        input(13, json!({ "type": "checkbox", "name": "smoker" })),
        element(14, "button", json!({}), vec![text(21, "Next")]),
        input(15, json!({ "type": "hidden", "name": "csrf", "value": "x" })),
    ]
}

fn shared(body: Vec<Value>) -> World {
    let mut world = World::joined(Kind::Cobrowse, By::Customer);
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(body)] }));
    world
}

fn granted() -> World {
    let mut world = shared(fields());
    for what in ["pointer", "control"] {
        world.say(CUSTOMER, "consent", json!({ "what": what, "on": true }));
    }
    world.clear();
    world
}

#[test]
fn a_customer_who_began_it_is_seen_at_once_and_events_are_passed_on() {
    let mut world = shared(paragraph());
    let shown = world.shown(AGENT);
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0]["data"], json!({ "href": "https://shop.example/pay", "width": 1280, "height": 720 }));
    assert_eq!(
        shown[1]["data"]["node"]["childNodes"][0]["childNodes"][0]["childNodes"][0]["childNodes"][0],
        text(5, "hello")
    );
    assert_eq!(world.fresh, [AGENT]);
    let added = change(json!({ "adds": [add(4, text(6, "world"))] }));
    world.say(CUSTOMER, "rr", json!({ "events": [&added] }));
    assert_eq!(world.shown(AGENT), [added]);
    assert!(world.heard(CUSTOMER).is_empty());
}

#[test]
fn a_customer_who_was_asked_is_seen_only_when_they_consent() {
    let mut world = World::joined(Kind::Cobrowse, By::Agent);
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(paragraph())] }));
    assert!(world.heard(AGENT).is_empty());
    world.say(AGENT, "ask", json!({ "what": "view" }));
    assert_eq!(world.only(CUSTOMER, "asked"), json!({ "what": "view", "by": "agent" }));
    world.say(AGENT, "ask", json!({ "what": "view" }));
    world.refused(AGENT, "too_many");
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    assert_eq!(world.told(), [noted(By::Customer, Act::Consent, "view")]);
    assert_eq!(world.types(CUSTOMER), ["snap", "consents"]);
    assert_eq!(world.only(AGENT, "consents")["view"], true, "what was sent before is not shown");
    world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
    assert_eq!(world.shown(AGENT).len(), 1);
}

#[test]
fn nothing_is_seen_while_it_is_paused_or_the_view_is_taken_back() {
    let mut world = shared(paragraph());
    world.clear();
    for (frame, off, on, mark) in [
        ("pause", json!({ "on": true }), json!({ "on": false }), (Act::Pause, Act::Resume)),
        (
            "consent",
            json!({ "what": "view", "on": false }),
            json!({ "what": "view", "on": true }),
            (Act::Revoke, Act::Consent),
        ),
    ] {
        world.say(CUSTOMER, frame, off);
        world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
        world.say(AGENT, "act", json!({ "act": { "is": "open", "url": "https://shop.example/" } }));
        assert_eq!(world.told(), [noted(By::Customer, mark.0, "view")]);
        let heard = world.heard(AGENT);
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[1].1["code"], "consent");
        world.clear();
        world.say(CUSTOMER, frame, on);
        assert_eq!(world.told(), [noted(By::Customer, mark.1, "view")]);
        assert_eq!(world.types(CUSTOMER)[0], "snap");
        world.say(
            CUSTOMER,
            "rr",
            json!({ "events": [change(json!({ "texts": [{ "id": 5, "value": "x" }] }))] }),
        );
        assert!(world.shown(AGENT).is_empty(), "a change without the snapshot before it");
        world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
        assert_eq!(world.shown(AGENT).len(), 1);
        world.clear();
    }
}

#[test]
fn taking_the_view_back_takes_everything_back() {
    let mut world = granted();
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": false }));
    assert_eq!(world.only(AGENT, "consents"), json!({ "view": false, "pointer": false, "control": false }));
}

#[test]
fn only_the_customer_grants_and_only_the_agent_asks() {
    let mut world = World::joined(Kind::Cobrowse, By::Agent);
    for (line, kind, data) in [
        (AGENT, "consent", json!({ "what": "view", "on": true })),
        (AGENT, "pause", json!({ "on": false })),
        (CUSTOMER, "ask", json!({ "what": "view" })),
        (AGENT, "rr", json!({ "events": [] })),
        (CUSTOMER, "act", json!({ "act": { "is": "clear" } })),
        (AGENT, "answer", json!({ "act": 1, "taken": true })),
        (AGENT, "over", json!({ "node": 1 })),
        (AGENT, "fill", json!({ "field": "a", "value": "b" })),
        (CUSTOMER, "y", json!({ "update": "AAA=" })),
        (CUSTOMER, "aware", json!({ "state": {} })),
    ] {
        world.say(line, kind, data);
        world.refused(line, "forbidden");
        assert!(world.told().is_empty(), "{kind}");
    }
    world.say(AGENT, "shout", json!({}));
    world.refused(AGENT, "unknown_type");
}

#[test]
fn a_viewer_who_comes_later_gets_the_last_snapshot_and_what_came_behind_it() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Cobrowse, By::Customer, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    let changed = change(json!({ "texts": [{ "id": 5, "value": "second" }] }));
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(paragraph()), &changed] }));
    world.clear();
    world.open(AGENT, &agents);
    let shown = world.shown(AGENT);
    assert_eq!(
        shown.iter().map(|event| event["type"].as_u64()).collect::<Vec<_>>(),
        [Some(4), Some(2), Some(3)]
    );
    assert_eq!(shown[2], changed);
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(paragraph())] }));
    world.clear();
    world.open(Line(6), &agents);
    assert_eq!(world.shown(Line(6)).len(), 2, "what came before the last snapshot is not kept");
}

#[test]
fn what_is_kept_is_bounded_and_a_new_snapshot_is_asked_for() {
    let limits = Limits { page_events: 10, page_bytes: 10_000, ..Limits::default() };
    for large in [false, true] {
        let mut world = World::with(limits).join(Kind::Cobrowse, By::Customer, None);
        world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
        let value = if large { "x ".repeat(3000) } else { "x".to_owned() };
        let mut sent = 0;
        while world.types(CUSTOMER) != ["snap"] {
            sent += 1;
            assert!(sent < 11, "it is asked for in time");
            world.say(
                CUSTOMER,
                "rr",
                json!({ "events": [change(json!({ "texts": [{ "id": 5, "value": value }] }))] }),
            );
        }
        assert_eq!(sent, if large { 2 } else { 10 });
        assert_eq!(world.shown(AGENT).len(), sent + 1, "whoever sees it goes on seeing it");
        world.say(CUSTOMER, "rr", json!({ "events": [typed(5, "x")] }));
        assert!(world.heard(CUSTOMER).is_empty(), "it is not asked for again at once");
        world.wait(Duration::from_secs(5));
        world.say(CUSTOMER, "rr", json!({ "events": [change(json!({}))] }));
        assert_eq!(world.types(CUSTOMER), ["snap"], "but after a while");
    }
}

#[test]
fn a_viewer_who_reads_too_slowly_goes_on_with_the_next_snapshot() {
    let mut world = shared(paragraph());
    world.clear();
    world.input(Input::Lagged { line: AGENT });
    assert_eq!(world.types(CUSTOMER), ["snap"]);
    let changed = change(json!({ "texts": [{ "id": 5, "value": "x" }] }));
    world.say(CUSTOMER, "rr", json!({ "events": [changed] }));
    assert!(world.heard(AGENT).is_empty());
    world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
    assert_eq!(world.fresh, [AGENT]);
    assert_eq!(world.shown(AGENT).len(), 2, "with the address and size that were told last");
}

#[test]
fn what_cannot_be_understood_is_dropped_with_all_that_follows_until_a_snapshot() {
    for odd in [
        json!(7),
        json!({ "type": 3 }),
        json!({ "type": 99, "data": {}, "timestamp": 1 }),
        event(3, json!({ "source": 99 })),
        change(json!({ "adds": [add(77, text(78, "x"))] })),
        change(json!({ "adds": [add(5, text(78, "x"))] })),
        change(json!({ "texts": [{ "id": 77, "value": "x" }] })),
        change(json!({ "attributes": [{ "id": 77, "attributes": {} }] })),
        change(json!({ "adds": [add(4, json!({ "type": 9, "id": 6 }))] })),
        change(json!({ "adds": {} })),
        typed(77, "x"),
        event(2, json!({ "node": text(1, "x") })),
        event(2, json!({})),
    ] {
        let mut world = shared(paragraph());
        world.clear();
        world.say(CUSTOMER, "rr", json!({ "events": [odd.clone()] }));
        assert_eq!(world.types(CUSTOMER), ["snap"], "{odd}");
        let fine = change(json!({ "texts": [{ "id": 5, "value": "x" }] }));
        world.say(CUSTOMER, "rr", json!({ "events": [fine] }));
        assert!(world.shown(AGENT).is_empty(), "{odd}");
        world.say(CUSTOMER, "rr", json!({ "events": [snapshot(paragraph())] }));
        assert_eq!(world.shown(AGENT).len(), 2, "{odd}");
    }
}

#[test]
fn what_moves_and_scrolls_is_passed_on_and_what_cannot_be_looked_into_is_not() {
    let mut world = shared(fields());
    world.clear();
    let of = |data: Value| event(3, data);
    let passed = [
        of(json!({ "source": 1, "positions": [{ "x": 1, "y": 2.5, "id": 14, "timeOffset": -50 }] })),
        of(json!({ "source": 2, "type": 2, "id": 14, "x": 3, "y": 4 })),
        of(json!({ "source": 3, "id": 1, "x": 0, "y": 400 })),
        of(json!({ "source": 4, "width": 800, "height": 600 })),
        of(json!({ "source": 14, "ranges": [{ "start": 21, "startOffset": 0, "end": 21, "endOffset": 2 }] })),
        of(
            json!({ "source": 8, "id": 3, "adds": [{ "rule": "a{color:red}", "index": 0 }], "removes": [{ "index": [1, 2] }] }),
        ),
        of(json!({ "source": 13, "id": 3, "index": [0], "set": { "property": "color", "value": "red" } })),
        of(
            json!({ "source": 15, "id": 1, "styleIds": [1], "styles": [{ "styleId": 1, "rules": [{ "rule": "b{}" }] }] }),
        ),
    ];
    world.say(CUSTOMER, "rr", json!({ "events": passed }));
    assert_eq!(world.shown(AGENT), passed);
    let dropped: Vec<Value> = [7, 9, 10, 11, 16]
        .map(|source| of(json!({ "source": source, "id": 14, "args": ["s3cret"] })))
        .into_iter()
        .chain([
            event(5, json!({ "tag": "t", "payload": "s3cret" })),
            event(6, json!({ "plugin": "p", "payload": "s3cret" })),
        ])
        .collect();
    world.say(CUSTOMER, "rr", json!({ "events": dropped }));
    assert!(world.heard(AGENT).is_empty());
    assert!(world.heard(CUSTOMER).is_empty(), "no snapshot is needed for that");
}
