//! A page that masks nothing, and not one byte of what must not be seen in anything that leaves the core: frames,
//! messages to other modules, records, and what a log would show.

use ngcc_proto::collab::Kind;
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::rrweb::{add, change, document, element, event, snapshot, text, typed};
use crate::world::*;

/// What must not be seen, in whatever way it stands on the page.
const SENTINELS: [&str; 26] = [
    "S3NT-field",
    "S3NT-password",
    "S3NT-hidden",
    "S3NT-placeholder",
    "S3NT-button",
    "S3NT-area",
    "S3NT-query",
    "S3NT-fragment",
    "S3NT-masked",
    "S3NT-comment",
    "S3NT-script",
    "S3NT-srcdoc",
    "S3NT-handler",
    "S3NT-later",
    "S3NT-autofill",
    "S3NT-shadow",
    "S3NT-frame",
    "S3NT-style",
    "S3NT-typed",
    "S3NT-meta",
    "S3NT-custom",
    "S3NT-canvas",
    "S3NT-choice",
    "S3NT-data",
    "4111111111111111",
    "5500005555555559",
];

fn field(id: u64, attributes: Value) -> Value {
    element(id, "input", attributes, vec![])
}

fn fields() -> Vec<Value> {
    vec![
        field(
            10,
            json!({ "type": "text", "value": "S3NT-field", "placeholder": "S3NT-placeholder", "data-value": "S3NT-data", "title": "S3NT-data", "aria-valuetext": "S3NT-data" }),
        ),
        field(11, json!({ "type": "password", "value": "S3NT-password" })),
        field(12, json!({ "type": "hidden", "name": "csrf", "value": "S3NT-hidden" })),
        field(13, json!({ "type": "submit", "value": "S3NT-button" })),
        element(14, "textarea", json!({ "value": "S3NT-area" }), vec![]),
        element(15, "textarea", json!({}), vec![text(16, "S3NT-area")]),
        element(17, "button", json!({ "value": "S3NT-button" }), vec![]),
        element(
            18,
            "select",
            json!({ "value": "S3NT-choice" }),
            vec![element(19, "option", json!({ "selected": true, "value": "a" }), vec![text(20, "A")])],
        ),
        element(
            21,
            "p",
            json!({ "contenteditable": "true" }),
            vec![element(22, "b", json!({}), vec![text(23, "S3NT-typed")])],
        ),
        element(24, "x-input", json!({ "value": "S3NT-field" }), vec![]),
        element(
            25,
            "div",
            json!({ "data-ngcc-show": "" }),
            vec![
                field(26, json!({ "type": "password", "value": "S3NT-password" })),
                field(
                    27,
                    json!({ "type": "text", "autocomplete": "section-a cc-number", "value": "5500005555555559" }),
                ),
                field(28, json!({ "type": "text", "value": "5500 0055 5555 5559" })),
                element(
                    29,
                    "div",
                    json!({ "data-ngcc-mask": "" }),
                    vec![field(30, json!({ "value": "S3NT-masked" }))],
                ),
            ],
        ),
    ]
}

fn texts() -> Vec<Value> {
    vec![
        element(
            40,
            "p",
            json!({ "data-ngcc-mask": "", "title": "S3NT-masked", "data-x": "S3NT-masked" }),
            vec![
                text(41, "S3NT-masked"),
                element(42, "i", json!({ "alt": "S3NT-masked" }), vec![text(43, "S3NT-masked")]),
            ],
        ),
        element(
            44,
            "p",
            json!({ "title": "4111 1111 1111 1111" }),
            vec![
                text(45, "paid with 4111-1111-1111-1111"),
                json!({ "type": 5, "id": 46, "textContent": "S3NT-comment" }),
            ],
        ),
        element(
            47,
            "a",
            json!({ "href": "https://a.example/x?token=S3NT-query#S3NT-fragment", "onclick": "S3NT-handler()" }),
            vec![text(48, "see https://a.example/?t=S3NT-query")],
        ),
        element(
            49,
            "img",
            json!({ "src": "/a.png?S3NT-query", "srcset": "/a.png?S3NT-query 1x, /b.png#S3NT-fragment 2x", "style": "background:url(/c?S3NT-query)" }),
            vec![],
        ),
        element(50, "form", json!({ "action": "/pay?S3NT-query" }), vec![]),
        element(51, "script", json!({ "src": "/x?S3NT-query" }), vec![text(52, "S3NT-script")]),
        element(
            53,
            "iframe",
            json!({ "srcdoc": "S3NT-srcdoc", "src": "/f?S3NT-query", "rr_src": "/f?S3NT-query" }),
            vec![document(
                54,
                vec![element(
                    55,
                    "html",
                    json!({}),
                    vec![field(56, json!({ "value": "S3NT-frame" })), text(57, "4111 1111 1111 1111")],
                )],
            )],
        ),
        element(
            58,
            "style",
            json!({ "_cssText": "a{b:url('/x?S3NT-query')} /* S3NT-style */ c{content:'4111 1111 1111 1111'}" }),
            vec![text(59, "/* S3NT-style */ @import '/y?S3NT-query';")],
        ),
        element(60, "meta", json!({ "name": "csrf", "content": "S3NT-meta" }), vec![]),
        element(61, "canvas", json!({ "rr_dataURL": "data:image/png;base64,S3NT-canvas" }), vec![]),
        element(
            62,
            "p",
            json!({}),
            ["4111", "1111", "1111", "1111"]
                .into_iter()
                .enumerate()
                .map(|(n, part)| {
                    element(70 + 2 * n as u64, "span", json!({}), vec![text(71 + 2 * n as u64, part)])
                })
                .collect(),
        ),
    ]
}

fn shadow() -> Value {
    let mut inner = element(
        91,
        "div",
        json!({}),
        vec![field(92, json!({ "value": "S3NT-shadow" })), text(93, "4111 1111 1111 1111")],
    );
    inner["isShadow"] = true.into();
    let mut host = element(90, "x-host", json!({ "data-ngcc-show": "" }), vec![inner]);
    host["isShadowHost"] = true.into();
    host
}

fn later() -> Vec<Value> {
    let attributes = |id: u64, attributes: Value| json!({ "id": id, "attributes": attributes });
    vec![
        typed(10, "S3NT-typed"),
        typed(11, "S3NT-password"),
        typed(12, "S3NT-hidden"),
        typed(14, "S3NT-area"),
        typed(18, "S3NT-choice"),
        typed(10, "S3NT-autofill"),
        typed(27, "5500005555555559"),
        typed(28, "5500 0055 5555 5559"),
        typed(56, "S3NT-frame"),
        typed(92, "S3NT-shadow"),
        change(json!({ "attributes": [
            attributes(10, json!({ "value": "S3NT-later", "placeholder": "S3NT-later", "data-react": "S3NT-later" })),
            attributes(26, json!({ "type": "text", "value": "S3NT-later" })),
            attributes(47, json!({ "href": "/y?S3NT-query", "onmouseover": "S3NT-handler()", "title": "4111 1111 1111 1111" })),
            attributes(44, json!({ "style": { "background": ["url(/z?S3NT-query)", ""] } })),
        ]})),
        change(json!({ "texts": [
            { "id": 41, "value": "S3NT-later" }, { "id": 16, "value": "S3NT-later" }, { "id": 52, "value": "S3NT-script" },
            { "id": 46, "value": "S3NT-comment" }, { "id": 45, "value": "now 4111 1111 1111 1111" }, { "id": 23, "value": "S3NT-later" },
            { "id": 59, "value": "/* S3NT-style */" },
        ]})),
        change(json!({ "adds": [
            add(40, text(100, "S3NT-later")),
            add(51, text(101, "S3NT-script")),
            add(3, field(102, json!({ "value": "S3NT-later", "placeholder": "S3NT-placeholder" }))),
            add(3, field(103, json!({ "type": "hidden", "value": "S3NT-later" }))),
            add(53, document(104, vec![element(105, "html", json!({}), vec![field(106, json!({ "value": "S3NT-frame" }))])])),
            add(22, text(107, "S3NT-later")),
            add(91, field(108, json!({ "value": "S3NT-shadow" }))),
        ], "isAttachIframe": true })),
        // A field is moved to where values are shown, with what was typed before; it shows nothing of a password.
        change(
            json!({ "removes": [{ "parentId": 3, "id": 11 }], "adds": [add(25, field(11, json!({ "type": "text", "value": "S3NT-password" })))] }),
        ),
        event(
            3,
            json!({ "source": 8, "id": 58, "adds": [{ "rule": "d{e:url(/f?S3NT-query)}" }], "replace": "/* S3NT-style */" }),
        ),
        event(
            3,
            json!({ "source": 13, "id": 58, "index": [0], "set": { "property": "background", "value": "url(/g?S3NT-query)" } }),
        ),
        event(
            3,
            json!({ "source": 15, "id": 1, "styleIds": [1], "styles": [{ "styleId": 1, "rules": [{ "rule": "h{i:url(/j?S3NT-query)}" }] }] }),
        ),
        event(
            3,
            json!({ "source": 9, "id": 61, "type": 0, "property": "fillText", "args": ["S3NT-canvas"] }),
        ),
        event(3, json!({ "source": 10, "family": "f", "fontSource": "S3NT-custom", "buffer": false })),
        event(3, json!({ "source": 11, "payload": ["S3NT-custom"] })),
        event(5, json!({ "tag": "S3NT-custom", "payload": "S3NT-custom" })),
        event(6, json!({ "plugin": "p", "payload": "S3NT-custom" })),
        event(7, json!({ "url": "/x?S3NT-query", "payload": "S3NT-custom" })),
        event(
            4,
            json!({ "href": "https://shop.example/pay?S3NT-query#S3NT-fragment", "width": 1, "height": 1 }),
        ),
        event(0, json!({ "x": "S3NT-custom" })),
        event(3, json!({ "source": 2, "type": 2, "id": 10, "x": 1, "y": 1, "text": "S3NT-custom" })),
    ]
}

#[track_caller]
fn nothing_leaks(all: &str) {
    for sentinel in SENTINELS {
        assert!(!all.contains(sentinel), "{sentinel} has leaked: {}", around(all, sentinel));
    }
    let digits: String = all.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    for card in ["4111111111111111", "5500005555555559"] {
        assert!(!digits.contains(card), "{card} has leaked: {}", around(&digits, card));
    }
}

fn around<'a>(all: &'a str, sentinel: &str) -> &'a str {
    let at = all.find(sentinel).unwrap_or_default();
    let (from, to) =
        (all.floor_char_boundary(at.saturating_sub(200)), all.ceil_char_boundary((at + 200).min(all.len())));
    &all[from..to]
}

fn page() -> Value {
    let mut body = fields();
    body.extend(texts());
    body.push(shadow());
    snapshot(body)
}

#[test]
fn no_byte_of_what_must_not_be_seen_leaves_the_core() {
    let mut world = World::recording().join(Kind::Cobrowse, By::Customer, None);
    world.keep_all = true;
    world.say(CUSTOMER, "rr", json!({ "events": [page()] }));
    assert_eq!(world.shown(AGENT).len(), 1);
    assert_eq!(world.taped(), ["rr"], "it is recorded, and what is recorded is among what is looked at");
    nothing_leaks(&world.all);
    let events = later();
    let passed = events.len() - 8;
    for (n, event) in events.into_iter().enumerate() {
        world.say(CUSTOMER, "rr", json!({ "events": [event] }));
        nothing_leaks(&world.all);
        assert!(world.heard(CUSTOMER).is_empty(), "event {n} was not understood");
    }
    // A hidden field's input, the address (it goes before the next snapshot), and what cannot be looked into.
    assert_eq!(world.shown(AGENT).len(), passed, "the others were shown, masked");
    assert_eq!(world.taped().len(), passed, "as recorded");
    assert!(world.all.contains("•••"));
    world.say(AGENT, "act", json!({ "act": { "is": "propose", "node": 10, "value": "x" } }));
    world.restart();
    nothing_leaks(&world.all);
}

#[test]
fn what_is_harmless_stays_as_it_is() {
    let body = vec![
        element(
            10,
            "h1",
            json!({ "class": "big", "style": "color: red", "title": "Order 66" }),
            vec![text(11, "Total: 1 234,50 €")],
        ),
        element(
            12,
            "div",
            json!({ "data-ngcc-show": "" }),
            vec![
                field(13, json!({ "type": "text", "value": "Elm St", "placeholder": "Street" })),
                field(14, json!({ "type": "checkbox", "checked": true })),
            ],
        ),
        element(
            15,
            "svg",
            json!({ "viewBox": "0 0 10 10" }),
            vec![element(16, "path", json!({ "d": "M0 0 L1234 5678 9012 3456" }), vec![])],
        ),
    ];
    let mut page = snapshot(body);
    for svg in [0, 1] {
        let body = &mut page["data"]["node"]["childNodes"][0]["childNodes"][0]["childNodes"];
        let node = if svg == 0 { &mut body[2] } else { &mut body[2]["childNodes"][0] };
        node["isSVG"] = true.into();
    }
    let mut world = World::joined(Kind::Cobrowse, By::Customer);
    world.say(CUSTOMER, "rr", json!({ "events": [page.clone(), typed(13, "Oak St 5")] }));
    assert_eq!(world.shown(AGENT), [page, typed(13, "Oak St 5")]);
}

#[test]
fn a_card_number_that_comes_in_pieces_is_masked_where_it_stands_when_it_is_whole() {
    let span = |id: u64, part: &str| element(id, "span", json!({}), vec![text(id + 1, part)]);
    let mut world = World::joined(Kind::Cobrowse, By::Customer);
    let body = vec![element(10, "p", json!({}), vec![span(20, "4111"), span(22, "1111"), span(24, "1111")])];
    world.say(CUSTOMER, "rr", json!({ "events": [snapshot(body)] }));
    world.clear();
    world.say(CUSTOMER, "rr", json!({ "events": [change(json!({ "adds": [add(10, span(26, "")) ] }))] }));
    world.say(
        CUSTOMER,
        "rr",
        json!({ "events": [change(json!({ "texts": [{ "id": 27, "value": "1111" }] }))] }),
    );
    let shown = world.shown(AGENT).pop().unwrap();
    let mut last = std::collections::BTreeMap::new();
    for change in shown["data"]["texts"].as_array().unwrap() {
        last.insert(change["id"].as_u64().unwrap(), change["value"].clone());
    }
    assert_eq!(
        last.into_iter().collect::<Vec<_>>(),
        [21, 23, 25, 27].map(|id| (id, json!("•••"))),
        "also what was seen before"
    );
}
