//! Pages as rrweb records them when nothing is masked in the browser.

use serde_json::{Value, json};

pub(crate) fn element(id: u64, tag: &str, attributes: Value, children: Vec<Value>) -> Value {
    json!({ "type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": children })
}

pub(crate) fn text(id: u64, text: &str) -> Value {
    json!({ "type": 3, "id": id, "textContent": text })
}

pub(crate) fn document(id: u64, children: Vec<Value>) -> Value {
    json!({ "type": 0, "id": id, "childNodes": children })
}

/// A snapshot of a page with these nodes in its body: 1 the document, 2 `html`, 3 `body`.
pub(crate) fn snapshot(body: Vec<Value>) -> Value {
    let html = element(2, "html", json!({}), vec![element(3, "body", json!({}), body)]);
    event(2, json!({ "node": document(1, vec![html]), "initialOffset": { "top": 0, "left": 0 } }))
}

pub(crate) fn meta() -> Value {
    event(4, json!({ "href": "https://shop.example/pay?basket=s3cret#top", "width": 1280, "height": 720 }))
}

pub(crate) fn event(kind: u64, data: Value) -> Value {
    json!({ "type": kind, "data": data, "timestamp": 1_700_000_000_000_u64 })
}

pub(crate) fn change(data: Value) -> Value {
    let mut all = json!({ "source": 0, "texts": [], "attributes": [], "removes": [], "adds": [] });
    for (name, value) in data.as_object().unwrap() {
        all[name] = value.clone();
    }
    event(3, all)
}

pub(crate) fn add(parent: u64, node: Value) -> Value {
    json!({ "parentId": parent, "nextId": null, "node": node })
}

pub(crate) fn typed(id: u64, text: &str) -> Value {
    event(3, json!({ "source": 5, "id": id, "text": text, "isChecked": false, "userTriggered": false }))
}
