//! Collaborations at a real centre, over its real sockets: who is invited to what, what passes between the two ends,
//! what the agent never gets, and that a page and a killed centre come back to it.

mod handed;
mod links;
mod looks;
mod put;

use std::net::SocketAddr;

use ngcc_proto::collab::{Act, Who};
use ngcc_proto::config::{Catalogue, Field, FieldBy, FieldKind, Form};
use ngcc_proto::fact::What;
use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{MENU, QUEUE, catalogue, one_agent};
use crate::page::Page;

mod filmed;
mod peer;
mod recorded;

/// A chat of Ann's with alice, who draw together; bob is free.
async fn drawing(centre: &Centre) -> (Agent, Agent, Customer, String, [End; 2], Value) {
    let mut alice = Agent::ready(centre, "alice").await;
    let mut ann = Customer::new(centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    let bob = Agent::ready(centre, "bob").await;
    ann.share(json!({ "kind": "whiteboard" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.both_here().await;
    (alice, bob, ann, session, [own, seen], to_alice["collab"].clone())
}

/// The centre is killed, and both pages come to it again.
async fn killed(centre: &mut Centre, ann: &mut Customer, alice: &mut Agent) {
    centre.crash().await;
    ann.cut();
    alice.cut();
    ann.connect().await;
    alice.connect().await;
    alice.tell(None, json!({ "type": "look" })).await;
}

/// One end of a collaboration.
struct End {
    page: Page,
    ready: Value,
}

impl End {
    async fn join(at: SocketAddr, invitation: &Value) -> Self {
        let collab = invitation["collab"].as_str().expect("an id");
        let origin = format!("http://{at}");
        let path = format!("/ws/collab/{collab}");
        let mut page = Page::open(at, &path, Some(&origin)).await.expect("it opens");
        page.send(&json!({ "type": "auth", "data": { "ticket": invitation["ticket"] } })).await;
        let ready = page.find("ready", |_| {}, |f| f["type"] == "ready").await["data"].clone();
        Self { page, ready }
    }

    async fn tell(&mut self, kind: &str, data: Value) {
        self.page.send(&json!({ "type": kind, "id": kind, "data": data })).await;
    }

    async fn find(&mut self, kind: &str) -> Value {
        self.page.find(kind, |_| {}, |f| f["type"] == kind).await["data"].clone()
    }

    async fn both_here(&mut self) {
        let here = |f: &Value| f["data"]["customer"]["here"] == true && f["data"]["agent"]["here"] == true;
        if !here(&json!({ "data": self.ready["people"] })) {
            self.page.find("both", |_| {}, |f| f["type"] == "people" && here(f)).await;
        }
    }
}

impl Customer {
    async fn share(&mut self, data: Value) {
        self.send(json!({ "type": "collab.ask", "id": "share", "data": data })).await;
    }

    async fn invited(&mut self) -> Value {
        self.find("collab.invited", |f| f["type"] == "collab.invited").await["data"].clone()
    }
}

impl Agent {
    async fn invited(&mut self) -> Value {
        self.seat("invited", |s| s["type"] == "invited").await
    }
}

/// A page with a card number that it does not mask, and a field that its author shows.
fn page(card: &str) -> Value {
    let input = |id: u64, attributes: Value| json!({ "type": 2, "tagName": "input", "attributes": attributes, "childNodes": [], "id": id });
    let body = json!({ "type": 2, "tagName": "body", "attributes": {}, "id": 4, "childNodes": [
        { "type": 2, "tagName": "h1", "attributes": {}, "id": 5,
          "childNodes": [{ "type": 3, "textContent": "Your cart", "id": 6 }] },
        input(7, json!({ "type": "text", "value": card })),
        input(8, json!({ "type": "text", "value": "2 beds", "data-ngcc-show": "" })),
    ]});
    let html = json!({ "type": 2, "tagName": "html", "attributes": {}, "id": 2, "childNodes": [
        { "type": 2, "tagName": "head", "attributes": {}, "childNodes": [], "id": 3 }, body,
    ]});
    json!([
        { "type": 4, "timestamp": 1,
          "data": { "href": format!("https://shop.example/cart?card={card}"), "width": 800, "height": 600 } },
        { "type": 2, "timestamp": 2, "data": {
            "node": { "type": 0, "childNodes": [html], "id": 1 }, "initialOffset": { "top": 0, "left": 0 } } },
    ])
}

fn is_shared(fact: &ngcc_proto::fact::Fact) -> Option<&'static str> {
    if let What::CollabInvited { who, .. } = &fact.what {
        return Some(match who {
            Who::User(_) => "customer invited",
            Who::Agent(_) => "agent invited",
            Who::Viewer(_) => "viewer invited",
        });
    }
    let words = [
        (matches!(fact.what, What::CollabAsked { .. }), "asked"),
        (matches!(fact.what, What::CollabMapped { .. }), "mapped"),
        (matches!(fact.what, What::CollabEstablished { .. }), "established"),
    ];
    words.into_iter().find(|(is, _)| *is).map(|(_, word)| word)
}

#[tokio::test]
async fn s3_04_a_customer_without_a_session_shares_the_page_and_the_agent_sees_it_masked() {
    const CARD: &str = "4111111111111111";
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, MENU).await;
    ann.share(json!({ "kind": "cobrowse", "entry": QUEUE })).await;
    assert_eq!(ann.find("share", |f| f["id"] == "share").await["type"], "collab.asked");
    let session = alice.accept().await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    assert_eq!(
        (to_ann["collab"].clone(), to_ann["by"].clone()),
        (to_alice["collab"].clone(), "customer".into())
    );
    let mut seen = End::join(centre.http(), &to_alice).await;
    let mut own = End::join(centre.http(), &to_ann).await;
    own.both_here().await;
    assert_eq!(own.ready["consents"]["view"], true, "whoever began it wants it");
    own.tell("rr", json!({ "events": page(CARD) })).await;
    let shown = seen.find("rr").await.to_string();
    assert!(shown.contains("Your cart") && shown.contains("2 beds"), "{shown}");
    assert!(!shown.contains(CARD), "{shown}");
    // What is not granted is not done.
    seen.tell("act", json!({ "act": { "is": "click", "node": 5 } })).await;
    assert_eq!(seen.find("error").await["code"], "consent");
    own.tell("consent", json!({ "what": "control", "on": true })).await;
    seen.page.find("control", |_| {}, |f| f["type"] == "consents" && f["data"]["control"] == true).await;
    seen.tell("act", json!({ "act": { "is": "click", "node": 5 } })).await;
    assert_eq!(own.find("act").await["act"], json!({ "is": "click", "node": 5 }));
    let facts = centre.facts(session.parse().expect("an id")).await;
    let order: Vec<&str> = facts.iter().filter_map(is_shared).collect();
    assert_eq!(order, ["asked", "mapped", "established", "customer invited", "agent invited"]);
    assert!(!serde_json::to_string(&facts).expect("facts are JSON").contains(CARD));
    let noted = facts.iter().any(|f| matches!(f.what, What::CollabNoted { act: Act::Consent, .. }));
    assert!(noted, "a consent stands in the record");
    own.tell("leave", json!({})).await;
    assert_eq!(seen.find("ended").await["why"], "left");
    let ended = alice.seat("collab_ended", |s| s["type"] == "collab_ended").await;
    assert_eq!(ended["why"], "left");
    ann.say("k1", "Thank you").await;
    alice.reads(&session, "Thank you").await;
}

#[tokio::test]
async fn s3_09_a_foreign_user_uri_and_what_cannot_be_shared_are_refused_and_begin_nothing() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    for (data, code) in [
        (json!({ "kind": "hologram" }), "unsupported"),
        (json!({ "kind": "form" }), "unsupported"),
        (json!({ "kind": "cobrowse", "user": "web:somebody-else" }), "identity"),
        (json!({ "kind": "cobrowse", "entry": "no where" }), "bad"),
    ] {
        ann.share(data.clone()).await;
        let answer = ann.find("share", |f| f["id"] == "share").await;
        assert_eq!(
            (answer["type"].clone(), answer["data"]["code"].clone()),
            ("error".into(), code.into()),
            "{data}"
        );
    }
    assert!(ann.session.is_none(), "no session has begun");
    let origin = format!("http://{}", centre.http());
    let path = "/ws/collab/col_00000000000000000000000001";
    let mut page = Page::open(centre.http(), path, Some(&origin)).await.expect("it opens");
    page.send(&json!({ "type": "auth", "data": { "ticket": "guessed" } })).await;
    let close = page.find("close", |_| {}, |f| f["type"] == "close").await;
    assert_eq!(close["data"]["code"], 4410, "there is none of that id");
    assert_eq!(Page::open(centre.http(), path, Some("https://evil.example")).await.err(), Some(403));
}

#[tokio::test]
async fn s3_11_both_ends_come_back_after_a_kill_to_what_they_shared() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    let what = json!({ "type": "collaborate", "kind": "document" });
    alice.ask(Some(&session), what).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.both_here().await;
    // An update that inserts `hi` into a text, as yjs writes it.
    let update = "AQEBAAQBBHRleHQCaGkA";
    own.tell("y", json!({ "update": update })).await;
    assert_eq!(seen.find("y").await["update"], update);
    // What changed last is on disk within two seconds; an end that leaves makes it so at once.
    drop(own);
    let away = |f: &Value| f["type"] == "people" && f["data"]["customer"]["here"] == false;
    seen.page.find("away", |_| {}, away).await;
    killed(&mut centre, &mut ann, &mut alice).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    End::join(centre.http(), &to_alice).await.both_here().await;
    own.both_here().await;
    assert!(own.ready["state"]["update"].as_str().is_some_and(|update| update.len() > 4), "{}", own.ready);
}

#[tokio::test]
async fn s3_12_agent_and_customer_fill_a_form_and_what_is_confirmed_stands_in_the_transcript() {
    let field = |name: &str, kind, required, by| Field {
        name: name.to_owned(),
        label: String::new(),
        kind,
        options: vec![],
        required,
        by,
    };
    let fields = vec![
        field("order", FieldKind::Text, true, FieldBy::Both),
        field("refund", FieldKind::Number, false, FieldBy::Agent),
        field("account", FieldKind::Secret, false, FieldBy::Customer),
    ];
    let form = Form { name: "return".to_owned(), label: "Return".to_owned(), fields };
    let centre = Centre::start_with(&Catalogue { forms: vec![form], ..one_agent() }, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "It is broken").await;
    let session = alice.accept().await;
    alice.ask(Some(&session), json!({ "type": "collaborate", "kind": "form", "form": "return" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.tell("fill", json!({ "field": "order", "value": "4711" })).await;
    assert_eq!(own.find("filled").await["value"], "4711");
    own.tell("fill", json!({ "field": "refund", "value": "99" })).await;
    assert_eq!(own.find("error").await["code"], "authority");
    own.tell("fill", json!({ "field": "account", "value": "DE02120300000000202051" })).await;
    let secret = seen.page.find("account", |_| {}, |f| f["data"]["field"] == "account").await;
    assert!(secret["data"]["filled"] == true && !secret.to_string().contains("DE0212"), "{secret}");
    own.tell("confirm", json!({})).await;
    seen.find("confirmed").await;
    let line = ann
        .find("the form", |f| {
            f["type"] == "message"
                && f["data"]["message"]["content"]["text"].as_str().is_some_and(|text| text.contains("4711"))
        })
        .await;
    assert!(!line.to_string().contains("DE0212"), "{line}");
}

#[tokio::test]
async fn s3_10_a_transfer_takes_the_shared_board_to_the_next_agent_and_shuts_the_first_one_out() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let (mut alice, mut bob, _ann, session, [mut own, mut seen], _) = drawing(&centre).await;
    alice.ask(Some(&session), json!({ "type": "transfer", "to": { "is": "agent", "name": "bob" } })).await;
    let close = seen.page.find("close", |_| {}, |f| f["type"] == "close").await;
    assert_eq!(close["data"]["code"], 4410);
    assert_eq!(bob.accept().await, session);
    let mut next = End::join(centre.http(), &bob.invited().await).await;
    next.both_here().await;
    let bob_is_shown = |f: &Value| f["type"] == "people" && f["data"]["agent"]["name"] == "bob";
    own.page.find("bob", |_| {}, bob_is_shown).await;
}
