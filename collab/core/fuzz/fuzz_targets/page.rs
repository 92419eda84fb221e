//! Any events of a customer's page, one a line: nothing panics, and whatever the agent is sent of it has nothing that
//! runs, no value of a secret field, no comment and no query of an address. The rules are looked up here anew, on what comes out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ngcc_collab_core_fuzz::{CUSTOMER, Room};
use ngcc_proto::collab::Kind;
use serde_json::{Map, Value};

fn text<'a>(attributes: &'a Map<String, Value>, name: &str) -> &'a str {
    attributes.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn attributes(tag: &str, attributes: &Map<String, Value>) {
    for (name, value) in attributes {
        let lower = name.to_ascii_lowercase();
        assert!(!lower.starts_with("on"), "{name} runs");
        assert!(lower != "srcdoc" && lower != "nonce", "{name}");
        if let ("href" | "src" | "action" | "formaction", Some(address)) = (lower.as_str(), value.as_str()) {
            let scheme: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
            assert!(!scheme.to_ascii_lowercase().starts_with("javascript:"), "{address}");
            let data = scheme.to_ascii_lowercase().starts_with("data:");
            assert!(data || !address.contains('?'), "{address} has a query");
        }
    }
    if tag.eq_ignore_ascii_case("input") {
        let kind = text(attributes, "type").to_ascii_lowercase();
        let value = text(attributes, "value");
        if kind == "password" {
            assert!(value.is_empty() || value == "•••", "{value} of a password");
        }
        if kind == "hidden" {
            assert!(value.is_empty(), "{value} of a hidden field");
        }
    }
}

fn node(of: &Value) {
    let Some(fields) = of.as_object() else { return };
    let tag = text(fields, "tagName");
    if let Some(Value::Object(own)) = fields.get("attributes") {
        attributes(tag, own);
    }
    let inside = fields.get("childNodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if tag.eq_ignore_ascii_case("script") {
        assert!(inside.iter().all(|child| child["textContent"].as_str().unwrap_or_default().is_empty()), "a script");
    }
    if fields.get("type").and_then(Value::as_u64) == Some(5) {
        assert!(text(fields, "textContent").is_empty(), "a comment");
    }
    inside.iter().for_each(node);
}

fuzz_target!(|input: &str| {
    let mut room = Room::joined(Kind::Cobrowse);
    for line in input.lines().take(64) {
        room.frame(CUSTOMER, &format!(r#"{{"type":"rr","data":{{"events":[{line}]}}}}"#));
    }
    for frame in &room.seen {
        for event in frame["data"]["events"].as_array().into_iter().flatten() {
            node(&event["data"]["node"]);
            event["data"]["adds"].as_array().into_iter().flatten().for_each(|add| node(&add["node"]));
            for change in event["data"]["attributes"].as_array().into_iter().flatten() {
                if let Value::Object(changed) = &change["attributes"] {
                    attributes("", changed);
                }
            }
        }
    }
});
