//! Drawings and texts: passed on, merged, bounded, stored, and the same for everybody in the end.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_collab_core::{Limits, Line};
use ngcc_proto::collab::{Kind, Ticket};
use ngcc_proto::fact::By;
use ngcc_proto::{Core as _, Rng};
use proptest::prelude::*;
use serde_json::{Value, json};
use yrs::updates::decoder::Decode as _;
use yrs::{
    Array as _, Doc, GetString as _, Map as _, ReadTxn as _, StateVector, Text as _, Transact as _, Update,
};

use crate::world::*;

fn text_update(client: u64, text: &str) -> Vec<u8> {
    let doc = Doc::with_client_id(client);
    let body = doc.get_or_insert_text("body");
    body.insert(&mut doc.transact_mut(), 0, text);
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}

fn y(update: &[u8]) -> Value {
    json!({ "update": BASE64.encode(update) })
}

fn read(data: &Value) -> String {
    let doc = Doc::new();
    let body = doc.get_or_insert_text("body");
    apply(&doc, data);
    body.get_string(&doc.transact())
}

fn apply(doc: &Doc, data: &Value) {
    let bytes = BASE64.decode(data["update"].as_str().unwrap()).unwrap();
    doc.transact_mut().apply_update(Update::decode_v1(&bytes).unwrap()).unwrap();
}

fn found(world: &mut World, line: Line, ticket: &Ticket) -> String {
    world.open(line, ticket);
    let ready = world.heard(line).into_iter().find(|(kind, _)| kind == "ready").unwrap().1;
    read(&ready["state"])
}

#[test]
fn an_update_goes_to_the_others_and_whoever_comes_later_finds_all() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Document, By::Customer, None));
    let (customers, agents) = world.tickets();
    assert_eq!(found(&mut world, CUSTOMER, &customers), "");
    world.open(AGENT, &agents);
    world.open(Line(3), &agents);
    world.clear();
    world.say(CUSTOMER, "y", y(&text_update(1, "one")));
    world.say(AGENT, "y", y(&text_update(2, "two")));
    assert_eq!(world.types(Line(3)), ["y", "y"]);
    assert_eq!(read(&world.only(AGENT, "y")), "one");
    assert_eq!(read(&world.only(CUSTOMER, "y")), "two");
    let all = found(&mut world, Line(4), &agents);
    assert!(all == "onetwo" || all == "twoone", "{all}");
    world.clear();
    world.say(CUSTOMER, "aware", json!({ "state": { "x": 1, "name": "Zoë" } }));
    assert_eq!(world.only(AGENT, "aware"), json!({ "state": { "x": 1, "name": "Zoë" }, "by": "customer" }));
    assert!(world.heard(CUSTOMER).is_empty());
}

#[test]
fn what_is_no_update_is_refused_and_passed_to_nobody() {
    let mut world = World::joined(Kind::Whiteboard, By::Agent);
    let good = text_update(1, "x");
    for bad in [&b""[..], b"\x00", b"hello", &good[..good.len() - 1], &[&good[..], b"\x00"].concat()] {
        world.say(CUSTOMER, "y", y(bad));
        world.refused(CUSTOMER, "bad");
    }
    world.say(CUSTOMER, "y", json!({ "update": "???" }));
    world.refused(CUSTOMER, "bad");
    world.say(CUSTOMER, "aware", json!({ "state": "x".repeat(2100) }));
    world.refused(CUSTOMER, "bad");
    assert!(world.heard(AGENT).is_empty());
}

#[test]
fn a_board_is_bounded_and_merging_makes_room() {
    let limits = Limits { board_bytes: 4000, ..Limits::default() };
    let mut world = World::with(limits).join(Kind::Document, By::Agent, None);
    // The same update again and again is one when it is merged.
    let same = text_update(1, &"x".repeat(1000));
    for _ in 0..20 {
        world.say(CUSTOMER, "y", y(&same));
    }
    assert!(world.heard(CUSTOMER).is_empty());
    world.say(CUSTOMER, "y", y(&text_update(2, &"x".repeat(2500))));
    assert!(world.heard(CUSTOMER).is_empty());
    world.say(CUSTOMER, "y", y(&text_update(3, &"x".repeat(1000))));
    world.refused(CUSTOMER, "full");
    assert_eq!(world.types(AGENT).len(), 21);
}

#[test]
fn it_is_written_soon_and_at_the_latest_when_somebody_leaves_and_found_after_a_kill() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.open(AGENT, &agents);
    let before = world.records.clone();
    world.say(CUSTOMER, "y", y(&text_update(1, "a")));
    world.say(CUSTOMER, "y", y(&text_update(2, "b")));
    assert_eq!(world.records, before, "not with every update");
    world.wait(Duration::from_secs(2));
    assert_eq!(world.records.len(), before.len() + 1);
    world.say(CUSTOMER, "y", y(&text_update(3, "c")));
    world.close(CUSTOMER);
    world.restart();
    let all = found(&mut world, Line(9), &customers);
    assert_eq!(all.len(), 3, "{all}");
    world.say(Line(9), "leave", json!({}));
    assert!(world.records.is_empty());
    assert_eq!(world.core.deadline(), None);
}

/// An editor who is connected or not, and catches up when they come again, as a page does.
struct Editor {
    doc: Doc,
    line: Line,
    ticket: Ticket,
    /// What the server has of it.
    sent: StateVector,
    here: bool,
}

impl Editor {
    fn connect(&mut self, world: &mut World, fresh: u64) {
        self.line = Line(fresh);
        world.open(self.line, &self.ticket);
        self.here = true;
        self.hear(world);
        // Everything, as an update that was sent just before the connection broke may not have come.
        self.sent = StateVector::default();
        self.send(world);
    }

    fn hear(&mut self, world: &mut World) {
        for (kind, data) in world.heard(self.line) {
            match kind.as_str() {
                "ready" => apply(&self.doc, &data["state"]),
                "y" => apply(&self.doc, &data),
                "people" => {}
                other => panic!("{other} is not expected: {data}"),
            }
        }
    }

    fn send(&mut self, world: &mut World) {
        if self.here {
            let update = self.doc.transact().encode_diff_v1(&self.sent);
            self.sent = self.doc.transact().state_vector();
            world.say(self.line, "y", y(&update));
        }
    }

    fn edit(&mut self, rng: &mut Rng) {
        let body = self.doc.get_or_insert_text("body");
        let shapes = self.doc.get_or_insert_map("shapes");
        let order = self.doc.get_or_insert_array("order");
        let mut t = self.doc.transact_mut();
        let len = body.len(&t);
        match rng.below(5) {
            0 | 1 => body.insert(&mut t, u32::try_from(rng.below(u64::from(len) + 1)).unwrap(), "word "),
            2 if len > 3 => {
                body.remove_range(&mut t, u32::try_from(rng.below(u64::from(len) - 2)).unwrap(), 2)
            }
            3 => {
                shapes.insert(&mut t, format!("s{}", rng.below(6)), i64::try_from(rng.below(1000)).unwrap());
            }
            _ => {
                order.push_back(&mut t, i64::try_from(rng.below(1000)).unwrap());
            }
        }
    }

    fn picture(&self) -> String {
        let (body, shapes) = (self.doc.get_or_insert_text("body"), self.doc.get_or_insert_map("shapes"));
        let order = self.doc.get_or_insert_array("order");
        let t = self.doc.transact();
        let mut all: Vec<String> =
            shapes.iter(&t).map(|(key, value)| format!("{key}={}", value.to_string(&t))).collect();
        all.sort();
        format!(
            "{} | {} | {:?}",
            body.get_string(&t),
            all.join(","),
            order.iter(&t).map(|v| v.to_string(&t)).collect::<Vec<_>>()
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn three_editors_with_broken_connections_and_kills_have_the_same_in_the_end(seed in any::<u64>()) {
        let mut rng = Rng::from_u64(seed);
        let mut world = World::new();
        world.command(establish(COLLAB, Kind::Whiteboard, By::Agent, None));
        let (customers, agents) = world.tickets();
        let mut fresh = 10;
        let mut editors: Vec<Editor> = [(1, customers), (2, agents.clone()), (3, agents)]
            .map(|(client, ticket)| Editor {
                doc: Doc::with_client_id(client),
                line: Line(0),
                ticket,
                sent: StateVector::default(),
                here: false,
            })
            .into();
        for _ in 0..120 {
            let n = usize::try_from(rng.below(3)).unwrap();
            fresh += 1;
            let editor = &mut editors[n];
            match rng.below(12) {
                0 if editor.here => {
                    world.close(editor.line);
                    editor.here = false;
                }
                0 | 1 if !editor.here => editor.connect(&mut world, fresh),
                2 => world.wait(Duration::from_millis(700)),
                3 if rng.below(4) == 0 => {
                    world.restart();
                    editors.iter_mut().for_each(|editor| editor.here = false);
                    world.clear();
                }
                4 | 5 if editor.here => editor.hear(&mut world),
                _ => {
                    editor.edit(&mut rng);
                    editor.send(&mut world);
                }
            }
        }
        for editor in editors.iter_mut().filter(|editor| !editor.here) {
            fresh += 1;
            editor.connect(&mut world, fresh);
        }
        editors.iter_mut().for_each(|editor| editor.hear(&mut world));
        let pictures: Vec<String> = editors.iter().map(Editor::picture).collect();
        prop_assert!(!pictures[0].is_empty());
        prop_assert_eq!(&pictures[0], &pictures[1]);
        prop_assert_eq!(&pictures[0], &pictures[2]);
    }
}
