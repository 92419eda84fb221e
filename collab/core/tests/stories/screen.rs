//! A shared screen: who takes part and by what leave; its pictures go another way.

use ngcc_collab_core::Line;
use ngcc_proto::collab::{Act, Event, Kind};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::world::*;

fn noted(world: &World) -> Vec<Act> {
    let acts = world.told.iter().filter_map(|event| match event {
        Event::Noted { act, .. } => Some(*act),
        _ => None,
    });
    acts.collect()
}

#[test]
fn a_screen_has_people_and_consents_and_nothing_else() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Screen, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.open(AGENT, &agents);
    let ready = world.heard(AGENT).into_iter().find(|(kind, _)| kind == "ready").unwrap().1;
    assert_eq!((&ready["kind"], &ready["state"]), (&json!("screen"), &Value::Null));
    assert_eq!(ready["consents"]["view"], json!(false));
    world.clear();
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    world.say(CUSTOMER, "pause", json!({ "on": true }));
    world.say(CUSTOMER, "pause", json!({ "on": false }));
    assert_eq!(noted(&world), [Act::Consent, Act::Pause, Act::Resume], "cti shows it by that");
    assert_eq!(world.types(AGENT), ["consents", "paused", "paused"]);
    world.clear();
    for (kind, data) in [
        ("rr", json!({ "events": [] })),
        ("act", json!({ "act": { "is": "clear" } })),
        ("fill", json!({ "field": "name", "value": "x" })),
        ("y", json!({ "update": "AAA=" })),
        ("consent", json!({ "what": "control", "on": true })),
    ] {
        world.say(CUSTOMER, kind, data);
        assert_eq!(world.types(CUSTOMER), ["error"], "{kind}");
        world.clear();
    }
    world.say(AGENT, "pause", json!({ "on": true }));
    assert_eq!(world.types(AGENT), ["error"], "the customer's alone");
}

#[test]
fn s3_11_a_screen_is_found_again_after_a_kill() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Screen, By::Customer, None));
    let (customers, _) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.say(CUSTOMER, "pause", json!({ "on": true }));
    world.restart();
    world.open(Line(11), &customers);
    let ready = world.heard(Line(11)).into_iter().find(|(kind, _)| kind == "ready").unwrap().1;
    assert_eq!((&ready["paused"], &ready["consents"]["view"]), (&json!(true), &json!(true)));
}
