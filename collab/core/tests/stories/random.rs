//! Whatever a page sends: nothing panics, and what was typed into it is in nothing that leaves.

use ngcc_proto::Rng;
use ngcc_proto::collab::Kind;
use ngcc_proto::fact::By;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::rrweb::{add, change, document, element, event, snapshot, text, typed};
use crate::world::*;

const SECRET: &str = "S3NTINEL";
const CARD: &str = "4111 1111 1111 1111";

fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[usize::try_from(rng.below(of.len() as u64)).unwrap()]
}

/// A field with something in it that is never to be seen: at most places may be shown, never a secret's.
fn field(rng: &mut Rng, id: u64) -> Value {
    let kind = pick(rng, &["text", "password", "hidden", "email", "checkbox", "submit", "", "tel"]);
    let tag = pick(rng, &["input", "textarea", "select", "x-field", "button"]);
    let mut attributes = Map::new();
    for name in ["value", "placeholder", "data-v", "title", "aria-valuetext"] {
        // What may stand in a field only, or also on something that is none.
        if rng.below(2) == 0 && (name == "value" || matches!(tag, "input" | "textarea" | "select" | "button"))
        {
            attributes.insert(name.to_owned(), SECRET.into());
        }
    }
    attributes.insert("type".to_owned(), kind.into());
    if rng.below(4) == 0 {
        attributes.insert("autocomplete".to_owned(), "cc-csc".into());
    }
    let inside = if tag == "textarea" { vec![text(id + 1, SECRET)] } else { vec![] };
    element(id, tag, Value::Object(attributes), inside)
}

fn node(rng: &mut Rng, id: &mut u64, depth: u32) -> Value {
    *id += 10;
    let own = *id;
    match rng.below(if depth > 4 { 4 } else { 8 }) {
        0 => field(rng, own),
        1 => text(own, pick(rng, &["hello", CARD, "see https://a.example/?t=S3NTINEL", " ", "4111"])),
        2 => json!({ "type": 5, "id": own, "textContent": SECRET }),
        3 => {
            let name = pick(rng, &["script", "a", "img", "meta"]);
            let mut attributes =
                json!({ "href": "/x?S3NTINEL", "src": "/y#S3NTINEL", "onclick": SECRET, "title": CARD });
            if name == "meta" {
                attributes["content"] = SECRET.into();
            }
            element(own, name, attributes, vec![])
        }
        4 => {
            let mut inside = vec![text(own + 1, SECRET)];
            for _ in 0..rng.below(4) {
                *id += 10;
                inside.push(field(rng, *id));
            }
            element(own, "div", json!({ "data-ngcc-mask": "" }), inside)
        }
        5 => element(
            own,
            "iframe",
            json!({ "srcdoc": SECRET }),
            vec![document(own + 1, vec![node(rng, id, depth + 1)])],
        ),
        _ => {
            let inside = (0..rng.below(5)).map(|_| node(rng, id, depth + 1)).collect();
            let mut out =
                element(own, pick(rng, &["div", "p", "span", "form"]), json!({ "class": "c" }), inside);
            if rng.below(6) == 0 {
                out["isShadow"] = true.into();
            }
            out
        }
    }
}

fn mutation(rng: &mut Rng, id: &mut u64) -> Value {
    let any = |rng: &mut Rng, id: u64| 10 * rng.below(id / 10 + 1) + rng.below(2);
    let top = *id;
    match rng.below(8) {
        0 => typed(any(rng, top), SECRET),
        1 => {
            let parent = any(rng, top);
            change(json!({ "adds": [add(parent, node(rng, id, 2))] }))
        }
        2 => change(json!({ "removes": [{ "parentId": any(rng, top), "id": any(rng, top) }] })),
        3 => change(
            json!({ "attributes": [{ "id": any(rng, top), "attributes": { "type": pick(rng, &["text", "password"]), "onload": SECRET, "href": "/a?S3NTINEL", "style": { "background": "url(/b?S3NTINEL)" } } }] }),
        ),
        4 => change(
            json!({ "attributes": [{ "id": any(rng, top), "attributes": { "data-ngcc-mask": "", "value": SECRET } }] }),
        ),
        5 => change(json!({ "texts": [{ "id": any(rng, top), "value": pick(rng, &[CARD, "1111", "x"]) }] })),
        6 => event(
            rng.below(9),
            json!({ "source": rng.below(20), "id": any(rng, top), "payload": SECRET, "positions": [], "args": [SECRET] }),
        ),
        _ => {
            // The same number again, somewhere else.
            let moved = any(rng, top);
            change(json!({ "adds": [add(any(rng, top), field(rng, moved))] }))
        }
    }
}

/// Breaks something somewhere in an event; `nodes`: also what a node is, so that what was a field may be none.
fn broken(rng: &mut Rng, event: &mut Value, nodes: bool) {
    let odd = [json!(null), json!(-1), json!("x"), json!([]), json!({}), json!(1e300), json!(true)];
    let odd = odd[usize::try_from(rng.below(7)).unwrap()].clone();
    let count = event.as_object().map(Map::len).or_else(|| event.as_array().map(Vec::len)).unwrap_or(0);
    let node = event.get("tagName").is_some() || event.get("textContent").is_some();
    if node && !nodes {
        return;
    }
    if count == 0 || rng.below(6) == 0 {
        *event = odd;
        return;
    }
    let n = usize::try_from(rng.below(count as u64)).unwrap();
    if let Value::Object(map) = event {
        broken(rng, map.values_mut().nth(n).unwrap(), nodes);
    } else {
        broken(rng, &mut event[n], nodes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_pages_and_changes_leak_nothing_and_break_nothing(seed in any::<u64>()) {
        let mut rng = Rng::from_u64(seed);
        let mut world = World::joined(Kind::Cobrowse, By::Customer);
        world.keep_all = true;
        let mut id = 10;
        let mut seen = 0;
        for _ in 0..4 {
            let body = (0..6).map(|_| node(&mut rng, &mut id, 0)).collect();
            world.say(CUSTOMER, "rr", json!({ "events": [snapshot(body)] }));
            for _ in 0..30 {
                let mut event = mutation(&mut rng, &mut id);
                if rng.below(10) == 0 {
                    broken(&mut rng, &mut event, false);
                }
                world.say(CUSTOMER, "rr", json!({ "events": [event] }));
            }
            seen += world.shown(AGENT).len();
        }
        prop_assert!(seen >= 4);
        for secret in [SECRET, CARD] {
            let line = world.all.lines().find(|line| line.contains(secret));
            prop_assert_eq!(line, None, "{} has leaked", secret);
        }
    }

    #[test]
    fn pages_that_are_broken_anywhere_are_taken_without_a_panic(seed in any::<u64>()) {
        let mut rng = Rng::from_u64(seed);
        let mut world = World::joined(Kind::Cobrowse, By::Customer);
        let mut id = 10;
        let body = (0..4).map(|_| node(&mut rng, &mut id, 0)).collect();
        let whole = snapshot(body);
        for _ in 0..10 {
            let mut event = if rng.below(2) == 0 { whole.clone() } else { mutation(&mut rng, &mut id) };
            broken(&mut rng, &mut event, true);
            world.say(CUSTOMER, "rr", json!({ "events": [whole.clone(), event] }));
        }
        prop_assert_eq!(world.fresh.len(), 10, "a whole snapshot is always taken");
    }

    #[test]
    fn any_json_at_all_is_taken_without_a_panic(text in "[\\[\\]{}:,\"a-z0-9 \\\\]{0,80}", kind in 0_u64..9) {
        let mut world = World::joined(Kind::Cobrowse, By::Customer);
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            world.say(CUSTOMER, "rr", json!({ "events": [value.clone(), event(kind, value)] }));
        }
        if let Some(frame) = ngcc_collab_core::wire::Frame::read(&text) {
            let _ = frame.ask();
        }
    }
}
