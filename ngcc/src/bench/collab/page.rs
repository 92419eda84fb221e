//! A shop's page as rrweb records it: its snapshot, and changes as typing, scrolling and pointing make them.

use serde_json::{Value, json};

/// Rows of goods on the page; each is eight elements and seven texts.
const ROWS: u64 = 150;
/// The node whose text says which change it was.
const TOLD: u64 = 5;
/// The first node of the rows.
const FIRST: u64 = 100;
/// Nodes of a row.
const OF_ROW: u64 = 20;

fn element(id: u64, tag: &str, attributes: Value, inside: Vec<Value>) -> Value {
    json!({ "type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": inside })
}

fn text(id: u64, text: &str) -> Value {
    json!({ "type": 3, "id": id, "textContent": text })
}

fn row(n: u64) -> Value {
    let id = |k: u64| FIRST + n * OF_ROW + k;
    let cell = |k: u64, class: &str, words: &str| {
        element(id(k), "td", json!({ "class": class }), vec![text(id(k + 1), words)])
    };
    let field = element(
        id(9),
        "input",
        json!({ "type": "number", "name": "amount", "value": "1", "min": "0" }),
        vec![],
    );
    let link = element(
        id(11),
        "a",
        json!({ "class": "more quiet", "href": format!("https://shop.example/goods/{n}?from=list") }),
        vec![text(id(12), "See what others have said of it")],
    );
    element(
        id(0),
        "tr",
        json!({ "class": "row", "data-n": n.to_string() }),
        vec![
            cell(1, "name", "Tea from the hills, picked in spring"),
            cell(3, "origin", "Hangzhou, Zhejiang"),
            cell(5, "price", "¥ 128.00"),
            element(id(7), "td", json!({ "class": "amount" }), vec![field, text(id(10), " packs")]),
            element(id(8), "td", json!({}), vec![link]),
        ],
    )
}

/// The page; `mark` stands in it, to be recognised at the other end.
pub(super) fn snapshot(mark: &str) -> Value {
    let sheet = ".row td{padding:4px 8px;border-bottom:1px solid #ddd}.more{color:#0645ad}".repeat(40);
    let style = element(4, "style", json!({ "_cssText": sheet }), vec![]);
    let told = element(6, "h1", json!({}), vec![text(TOLD, mark)]);
    let rows = (0..ROWS).map(row).collect();
    let table = element(8, "table", json!({ "class": "goods" }), vec![element(9, "tbody", json!({}), rows)]);
    let body = element(7, "body", json!({ "class": "shop" }), vec![told, table]);
    let head = element(3, "head", json!({}), vec![style]);
    let html = element(2, "html", json!({ "lang": "en" }), vec![head, body]);
    let document = json!({ "type": 0, "id": 1, "childNodes": [html] });
    json!([
        { "type": 4, "timestamp": 1, "data": { "href": "https://shop.example/goods", "width": 1280, "height": 800 } },
        { "type": 2, "timestamp": 2, "data": { "node": document, "initialOffset": { "top": 0, "left": 0 } } },
    ])
}

/// How long its snapshot is.
pub(super) fn snapshot_bytes() -> usize {
    snapshot("").to_string().len()
}

/// The `n`th change: a text, a class, something entered in a masked field, and where the pointer has been.
pub(super) fn change(n: u64, mark: &str) -> Value {
    let at = |k: u64| FIRST + n % ROWS * OF_ROW + k;
    let mutation = json!({
        "source": 0,
        "texts": [{ "id": TOLD, "value": mark }],
        "attributes": [{ "id": at(0), "attributes": { "class": if n.is_multiple_of(2) { "row" } else { "row chosen" } } }],
        "removes": [],
        "adds": [],
    });
    let entered = json!({ "source": 5, "id": at(9), "text": (n % 100).to_string(), "isChecked": false });
    let moved: Vec<Value> =
        (0..5_u64).map(|k| json!({ "x": n % 1200 + k, "y": n % 700 + k, "id": at(1), "timeOffset": -40 * (5 - k as i64) })).collect();
    let event = |data: Value| json!({ "type": 3, "timestamp": 100 + n, "data": data });
    json!([event(mutation), event(entered), event(json!({ "source": 1, "positions": moved }))])
}
