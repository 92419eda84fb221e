//! Those who look on: they see what the agent sees, change nothing, are seen by both, and are missed by nobody.

use std::time::Duration;

use ngcc_collab_core::Line;
use ngcc_proto::Wall;
use ngcc_proto::collab::{Command, Event, Kind, Ticket, Who, Why};
use ngcc_proto::config::{Field, FieldBy, FieldKind, Form};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::rrweb::{element, meta, snapshot, text, typed};
use crate::world::*;

const VIEWER: Line = Line(21);

fn viewer(name: &str, on: bool) -> Command {
    Command::Viewer { collab: COLLAB, agent: agent(name), display: name.to_owned(), on }
}

fn left(name: &str, why: Why) -> Event {
    Event::Left { collab: COLLAB, agent: agent(name), why }
}

/// Lets somebody look on; their ticket.
fn let_in(world: &mut World, name: &str) -> Ticket {
    world.command(viewer(name, true));
    let told = world.told();
    let [Event::Invited { collab: COLLAB, who: Who::Viewer(who), ticket }] = &told[..] else {
        panic!("one invitation: {told:?}")
    };
    assert_eq!(*who, agent(name));
    ticket.clone()
}

fn watched(kind: Kind, by: By) -> World {
    let mut world = World::joined(kind, by);
    let ticket = let_in(&mut world, "sue");
    world.open(VIEWER, &ticket);
    world.clear();
    world
}

fn viewers(people: &Value) -> Value {
    people["viewers"].clone()
}

#[test]
fn nobody_looks_on_unseen_and_the_going_of_one_who_does_ends_nothing() {
    let mut world = World::joined(Kind::Document, By::Agent);
    let ticket = let_in(&mut world, "sue");
    for line in [CUSTOMER, AGENT] {
        assert_eq!(viewers(&world.only(line, "people")), json!([{ "name": "sue", "here": false }]));
    }
    world.open(VIEWER, &ticket);
    let ready = world.only(VIEWER, "ready");
    assert_eq!(
        (&ready["me"], viewers(&ready["people"])),
        (&json!("viewer"), json!([{ "name": "sue", "here": true }]))
    );
    assert_eq!(world.told(), [Event::Joined { collab: COLLAB, who: Who::Viewer(agent("sue")) }]);
    for line in [CUSTOMER, AGENT] {
        assert_eq!(viewers(&world.only(line, "people"))[0]["here"], true);
    }
    world.say(VIEWER, "leave", json!({}));
    assert_eq!(world.told(), [left("sue", Why::Left)]);
    assert_eq!(world.only(VIEWER, "ended")["why"], "left");
    assert_eq!(world.shut, [over(VIEWER)]);
    for line in [CUSTOMER, AGENT] {
        assert_eq!(viewers(&world.only(line, "people")), json!([]));
    }
    world.shut.clear();
    world.open(VIEWER, &ticket);
    assert_eq!(world.shut, [(VIEWER, 4401)], "the ticket went with its bearer");
}

#[test]
fn who_looks_on_sees_the_page_masked_like_the_agent_and_may_do_nothing() {
    let mut world = watched(Kind::Cobrowse, By::Customer);
    let body = vec![
        element(5, "h1", json!({}), vec![text(6, "Basket")]),
        element(7, "input", json!({ "type": "text", "value": "typed" }), vec![]),
    ];
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(body)] }));
    let (agents, theirs) = (world.shown(AGENT), world.shown(VIEWER));
    assert!(!theirs.is_empty() && agents == theirs);
    let seen = json!(theirs).to_string();
    assert!(seen.contains("Basket") && !seen.contains("typed"), "{seen}");
    for (kind, data) in [
        ("consent", json!({ "what": "control", "on": true })),
        ("ask", json!({ "what": "pointer" })),
        ("pause", json!({ "on": true })),
        ("rr", json!({ "events": [] })),
        ("act", json!({ "act": { "is": "click", "node": 5 } })),
        ("answer", json!({ "act": 1, "taken": true })),
        ("over", json!({ "node": 5 })),
        ("fill", json!({ "field": "a", "value": "b" })),
        ("focus", json!({ "field": null })),
        ("confirm", json!({})),
        ("y", json!({ "update": "AAA=" })),
        ("aware", json!({ "state": {} })),
    ] {
        world.say(VIEWER, kind, data);
        world.refused(VIEWER, "forbidden");
        assert!(world.heard(CUSTOMER).is_empty() && world.heard(AGENT).is_empty(), "{kind}");
    }
    // One who reads too slowly is shown the page anew, like an agent.
    world.input(ngcc_collab_core::Input::Lagged { line: VIEWER });
    assert_eq!(world.types(CUSTOMER), ["snap"]);
    world.say(CUSTOMER, "rr", json!({ "events": [typed(7, "more")] }));
    assert!(world.heard(VIEWER).is_empty() && !world.heard(AGENT).is_empty());
    world.say(CUSTOMER, "rr", json!({ "events": [meta(), snapshot(vec![])] }));
    assert_eq!(world.fresh, [AGENT, VIEWER, AGENT, VIEWER]);
}

#[test]
fn who_looks_on_at_a_form_or_a_board_sees_what_the_agent_sees() {
    let field = |name: &str, kind| Field {
        name: name.to_owned(),
        label: String::new(),
        kind,
        options: vec![],
        required: false,
        by: FieldBy::Both,
    };
    let fields = vec![field("name", FieldKind::Text), field("pin", FieldKind::Secret)];
    let form = Form { name: "f".to_owned(), label: String::new(), fields };
    let mut world = World::new().join(Kind::Form, By::Agent, Some(form));
    world.say(CUSTOMER, "fill", json!({ "field": "pin", "value": "1234" }));
    let ticket = let_in(&mut world, "sue");
    world.open(VIEWER, &ticket);
    let ready = world.heard(VIEWER).remove(0).1;
    assert_eq!(ready["state"]["filled"], json!(["pin"]));
    assert!(!ready.to_string().contains("1234"));
    world.clear();
    world.say(CUSTOMER, "fill", json!({ "field": "pin", "value": "5678" }));
    world.say(AGENT, "fill", json!({ "field": "name", "value": "Zoë" }));
    world.say(AGENT, "focus", json!({ "field": "name" }));
    let heard = world.heard(VIEWER);
    assert_eq!(
        heard.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["filled", "filled", "focus"]
    );
    assert!(
        heard[0].1["filled"] == true
            && heard[1].1["value"] == "Zoë"
            && !json!(heard).to_string().contains("5678")
    );

    let mut world = watched(Kind::Document, By::Customer);
    world.say(CUSTOMER, "aware", json!({ "state": { "at": 1 } }));
    assert_eq!(world.types(VIEWER), ["aware"]);
}

#[test]
fn at_most_eight_look_on_and_a_repeat_is_answered_the_same() {
    let mut world = World::joined(Kind::Document, By::Agent);
    let first = let_in(&mut world, "v0");
    assert_eq!(let_in(&mut world, "v0"), first);
    for n in 1..8 {
        let_in(&mut world, &format!("v{n}"));
    }
    world.command(viewer("v8", true));
    assert_eq!(world.told(), [left("v8", Why::TooMany)]);
    world.command(viewer("alice", true));
    assert_eq!(world.told(), [left("alice", Why::Forbidden)], "the owner is there already");
    world.command(viewer("v3", false));
    assert_eq!(world.told(), []);
    let_in(&mut world, "v8");
    // Whoever does not come in time is not waited for.
    world.clear();
    world.wait(Duration::from_secs(30));
    assert_eq!(world.told().len(), 8);
    assert_eq!(viewers(&world.heard(CUSTOMER).pop().unwrap().1), json!([]));
    world.command(Command::Viewer {
        collab: ngcc_proto::CollabId(9),
        agent: agent("v1"),
        display: String::new(),
        on: true,
    });
    let gone = Event::Left { collab: ngcc_proto::CollabId(9), agent: agent("v1"), why: Why::Unavailable };
    assert_eq!(world.told(), [gone]);
}

#[test]
fn one_who_looks_on_and_becomes_the_owner_looks_on_no_longer() {
    let mut world = World::joined(Kind::Document, By::Agent);
    let ticket = let_in(&mut world, "bob");
    world.open(VIEWER, &ticket);
    world.clear();
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    assert_eq!(world.shut, [over(VIEWER), over(AGENT)]);
    let people = world.heard(CUSTOMER).into_iter().rfind(|(kind, _)| kind == "people").unwrap().1;
    assert_eq!((&people["agent"]["name"], viewers(&people)), (&json!("Bob"), json!([])));
    assert!(matches!(&world.told()[..], [Event::Invited { who: Who::Agent(_), .. }]));
}

#[test]
fn after_a_kill_who_looked_on_comes_back_with_the_same_ticket_or_is_out() {
    let mut world = World::joined(Kind::Document, By::Agent);
    let (sue, bob) = (let_in(&mut world, "sue"), let_in(&mut world, "bob"));
    world.open(VIEWER, &sue);
    world.restart();
    world.clear();
    world.open(VIEWER, &sue);
    assert_eq!(world.told(), [Event::Joined { collab: COLLAB, who: Who::Viewer(agent("sue")) }]);
    assert_eq!(world.only(VIEWER, "ready")["people"]["viewers"].as_array().unwrap().len(), 2);
    world.wait(Duration::from_secs(20));
    world.open(Line(22), &bob);
    world.close(VIEWER);
    world.close(Line(22));
    world.told();
    world.restart();
    world.told();
    world.wait(Duration::from_secs(30));
    let told = world.told();
    assert!(told.contains(&ended(By::Customer, Why::Left)), "both ends are away too: {told:?}");
    assert!(world.records.is_empty());
    assert!(ngcc_proto::Core::deadline(&world.core).is_none(), "nobody is waited for");
}

#[test]
fn s3_10_that_it_goes_on_without_its_session_is_told_to_all_and_outlives_a_kill() {
    let mut world = watched(Kind::Cobrowse, By::Customer);
    world.command(Command::GoesOn { collab: COLLAB, until: Wall(1_700_000_600_000) });
    for line in [CUSTOMER, AGENT, VIEWER] {
        assert_eq!(world.only(line, "goes_on"), json!({ "until": 1_700_000_600_000_i64 }));
    }
    assert_eq!(world.told(), []);
    world.command(Command::Invite { collab: COLLAB, who: Who::User(user()) });
    let Some(Event::Invited { ticket: customers, .. }) = world.told().pop() else { panic!("invited") };
    world.restart();
    world.clear();
    world.open(CUSTOMER, &customers);
    assert_eq!(world.heard(CUSTOMER)[0].1["until"], 1_700_000_600_000_i64);
}
