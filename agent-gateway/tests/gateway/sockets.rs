//! `/ws/agent`.

use std::time::Duration;

use ngcc_proto::envelope::Body;
use ngcc_proto::seat::{Availability, Told, Verb};
use ngcc_proto::{Wall, im};
use ngcc_runtime::token::Bearer;
use ngcc_runtime::{RtcClaims, Sealer};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Browser, Page};
use crate::world::{World, agent, state};

#[tokio::test]
async fn foreign_null_missing_and_look_alike_origins_are_refused_on_every_socket() {
    let world = World::open("origin").await;
    let at = world.at;
    for path in ["/ws/agent", "/ws/supervisor"] {
        let tricks = [format!("http://{at}.evil.example"), format!("http://{at}@evil.example")];
        let origins = [Some("null"), Some("https://evil.example"), None];
        for origin in origins.into_iter().chain(tricks.iter().map(|t| Some(t.as_str()))) {
            assert_eq!(Page::from(at, path, origin).await.err(), Some(403), "{path} {origin:?}");
        }
        assert!(Page::from(at, path, Some(&format!("http://{at}"))).await.is_ok(), "{path}");
    }
}

#[tokio::test]
async fn the_first_frame_is_a_ticket_that_is_good_once() {
    let world = World::open("ticket").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let ticket = alice.ticket().await;
    let auth = json!({ "type": "auth", "data": { "ticket": ticket } });
    let mut page = Page::open(world.at, "/ws/agent").await;
    page.send(auth.clone()).await;
    let ready = page.next("ready").await;
    assert_eq!(
        (&ready["data"]["user"], &ready["data"]["permissions"]),
        (&json!("alice"), &json!(["serve", "message"]))
    );

    for first in [auth, json!({ "type": "auth", "data": {} }), json!({ "type": "seat" })] {
        let mut page = Page::open(world.at, "/ws/agent").await;
        page.send(first).await;
        assert_eq!(page.closed().await, 4401);
    }
    let mut silent = Page::open(world.at, "/ws/agent").await;
    let began = std::time::Instant::now();
    assert_eq!(silent.closed().await, 4401);
    assert!(began.elapsed() >= Duration::from_millis(4900), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_no_frame_closes_the_connection() {
    let world = World::open("protocol").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    for message in [
        Message::text("no json"),
        Message::binary(b"{}".to_vec()),
        Message::text(json!({ "type": "seat", "data": "x".repeat(70_000) }).to_string()),
    ] {
        let (mut page, _) = alice.page("/ws/agent").await;
        page.send_raw(message).await;
        assert_eq!(page.closed().await, 4400);
    }
    let (mut page, _) = alice.page("/ws/agent").await;
    page.send(json!({ "type": "fly", "id": "1" })).await;
    assert_eq!(page.answer("1").await["data"]["code"], "unknown", "an unknown frame only is not taken");
    for n in 0..300 {
        page.send_raw(Message::text(format!("{{\"type\":\"fly\",\"id\":\"{n}\"}}"))).await;
    }
    assert_eq!(page.closed().await, 4429, "a page that sends too much");
}

#[tokio::test]
async fn a_console_that_comes_looks_and_the_last_one_that_goes_is_away() {
    let mut world = World::open("presence").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut first, ready) = alice.page("/ws/agent").await;
    assert_eq!(ready["data"]["config"]["queues"], json!(["sales"]));
    assert_eq!(world.verb().await, (agent("alice"), Verb::Back));
    assert_eq!(world.verb().await, (agent("alice"), Verb::Look));
    let here = world.came(|body| if let Body::ImCommand(c) = body { Some(c) } else { None }).await;
    assert_eq!(here, im::Command::Here { agent: agent("alice") });
    assert_eq!(first.next("seat").await["data"]["type"], "state");

    let (second, _) = alice.page("/ws/agent").await;
    assert_eq!(first.closed().await, 4409);
    assert_eq!(world.verb().await.1, Verb::Back);
    assert_eq!(world.verb().await.1, Verb::Look);
    drop(second);
    assert_eq!(world.verb().await, (agent("alice"), Verb::Away), "only the last page that goes is away");
}

#[tokio::test]
async fn a_verb_is_answered_by_what_it_caused() {
    let mut world = World::open("verbs").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut page, _) = alice.page("/ws/agent").await;
    let verb =
        |id: &str, what: serde_json::Value| json!({ "type": "seat", "id": id, "data": { "what": what } });
    page.send(verb("1", json!({ "type": "ready" }))).await;
    assert_eq!(page.answer("1").await["type"], "ok");
    page.send(verb("2", json!({ "type": "not_ready", "reason": "break" }))).await;
    let refused = page.answer("2").await;
    assert_eq!((&refused["type"], &refused["data"]["why"]), (&json!("refused"), &json!("sign in first")));
    let content = json!({ "kind": "text", "text": "hello" });
    page.send(verb("3", json!({ "type": "say", "key": "k9", "content": content, "private": false }))).await;
    let accepted = page.next("seat").await;
    assert_eq!((&accepted["data"]["type"], &accepted["data"]["key"]), (&json!("accepted"), &json!("k9")));
    assert_eq!(page.answer("3").await["type"], "ok");
    page.send(verb("4", json!({ "type": "typing" }))).await;
    assert_eq!(page.answer("4").await["type"], "ok");
    page.send(verb("5", json!({ "type": "hold", "on": true }))).await;
    let late = page.answer("5").await;
    assert_eq!((&late["type"], &late["data"]["why"]), (&json!("refused"), &json!("no answer")));
    let verbs = [world.verb().await, world.verb().await, world.verb().await];
    assert!(verbs.iter().all(|(who, _)| *who == agent("alice")), "{verbs:?}");
}

#[tokio::test]
async fn s1_10_one_sign_in_serves_messenger_and_customer_service() {
    let world = World::open("im").await;
    let (alice, bob) = (Browser::sign_in(world.at, "alice").await, Browser::sign_in(world.at, "bob").await);
    let ((mut ours, _), (mut theirs, _)) = (alice.page("/ws/agent").await, bob.page("/ws/agent").await);
    let send =
        json!({ "type": "send", "to": "agent:bob", "key": "k1", "text": "can you help?", "quote": null });
    ours.send(json!({ "type": "im", "id": "1", "data": send })).await;
    assert_eq!(ours.next("im").await["data"]["type"], "stored");
    assert_eq!(ours.answer("1").await["type"], "ok");
    let told = theirs.next("im").await["data"].clone();
    let message = &told["message"];
    assert_eq!((&message["from"], &message["text"]), (&json!("agent:alice"), &json!("can you help?")));
    assert_eq!((&told["seq"], &message["n"], &message["is"]), (&json!(1), &json!(1), &json!("said")));
    ours.send(json!({ "type": "im", "id": "2", "data": { "type": "look", "with": "agent:bob" } })).await;
    assert_eq!(ours.answer("2").await["data"]["type"], "conversation");
    ours.send(json!({ "type": "seat", "id": "3", "data": { "what": { "type": "ready" } } })).await;
    assert_eq!(ours.answer("3").await["type"], "ok", "the same page serves customers");
}

#[tokio::test]
async fn colleagues_questions_are_answered_by_their_ids_and_typing_is_told_once_a_second() {
    let world = World::open("team").await;
    let (alice, bob) = (Browser::sign_in(world.at, "alice").await, Browser::sign_in(world.at, "bob").await);
    let ((mut ours, _), (mut theirs, _)) = (alice.page("/ws/agent").await, bob.page("/ws/agent").await);
    let im = |id: &str, data: serde_json::Value| json!({ "type": "im", "id": id, "data": data });
    ours.send(im("1", json!({ "type": "list" }))).await;
    assert_eq!(ours.answer("1").await["data"]["type"], "conversations");
    ours.send(im("2", json!({ "type": "search", "words": "anything" }))).await;
    let unanswered = ours.answer("2").await;
    assert_eq!((&unanswered["type"], &unanswered["data"]["why"]), (&json!("refused"), &json!("no answer")));
    for id in ["3", "4"] {
        ours.send(im(id, json!({ "type": "typing", "with": "agent:bob" }))).await;
        assert_eq!(ours.answer(id).await["type"], "ok");
    }
    let send = json!({ "type": "send", "to": "agent:bob", "key": "k1", "text": "done" });
    ours.send(im("5", send)).await;
    assert_eq!(theirs.next("im").await["data"]["type"], "typing");
    assert_eq!(theirs.next("im").await["data"]["type"], "message", "the second sign of writing was too soon");
}

#[tokio::test]
async fn s1_03_who_may_not_serve_is_the_plain_messenger() {
    let mut world = World::open("messenger").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    let (mut page, _) = sue.page("/ws/agent").await;
    page.send(json!({ "type": "seat", "id": "1", "data": { "what": { "type": "ready" } } })).await;
    assert_eq!(page.answer("1").await["data"]["code"], "forbidden");
    page.send(json!({ "type": "rtc.token", "id": "2" })).await;
    assert_eq!(page.answer("2").await["data"]["code"], "forbidden");
    let send = json!({ "type": "send", "to": "agent:bob", "key": "k1", "text": "hello" });
    page.send(json!({ "type": "im", "id": "3", "data": send })).await;
    assert_eq!(page.answer("3").await["type"], "ok");
    drop(page);
    // What came into the house up to here holds no verb of hers.
    let (alice, mut verbs) = (Browser::sign_in(world.at, "alice").await, Vec::new());
    let _page = alice.page("/ws/agent").await;
    verbs.push(world.verb().await.0);
    assert_eq!(verbs, [agent("alice")]);
}

#[tokio::test]
async fn presence_is_told_to_everybody_when_it_changes() {
    let world = World::open("colleagues").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut page, ready) = alice.page("/ws/agent").await;
    let among = |list: &serde_json::Value, name: &str| {
        let list = list.as_array().unwrap().clone();
        list.into_iter().find(|p| p["agent"] == format!("agent:{name}")).unwrap_or_default()
    };
    let of = |frame: &serde_json::Value, name: &str| among(&frame["data"], name);
    // As it was before the gateway came: told at first, or as soon as the gateway has asked.
    if among(&ready["data"]["presence"], "bob")["availability"]["is"] != "ready" {
        page.find(|f| f["type"] == "presence" && of(f, "bob")["availability"]["is"] == "ready").await;
    }
    page.find(|f| f["type"] == "presence" && of(f, "alice")["here"] == true).await;
    world.centre.tell(
        "bob",
        None,
        state(Availability::NotReady { reason: "break".to_owned(), since: Wall(9) }),
    );
    let next =
        page.find(|f| f["type"] == "presence" && of(f, "bob")["availability"]["is"] == "not_ready").await;
    assert_eq!(of(&next, "bob")["availability"]["reason"], "break");
    assert_eq!(next["data"].as_array().unwrap().len(), 1, "only who has changed is told");
}

#[tokio::test]
async fn a_token_for_calls_says_whose_they_are_and_for_how_long() {
    let world = World::open("rtc").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut page, _) = alice.page("/ws/agent").await;
    page.send(json!({ "type": "rtc.token", "id": "1" })).await;
    let answer = page.answer("1").await;
    let token = answer["data"]["token"].as_str().unwrap();
    let sealer = Sealer::of(&world.house, RtcClaims::PURPOSE).unwrap();
    let now = world.house.clock.now().wall;
    let claims: RtcClaims = sealer.open(token, now).unwrap();
    assert_eq!(claims.who, Bearer::Agent(agent("alice")));
    assert!(sealer.open::<RtcClaims>(token, Wall(now.0 + RtcClaims::GOOD_MS)).is_err());
}

#[tokio::test]
async fn a_server_that_stops_says_so_to_every_page_and_takes_nobody_away() {
    let mut world = World::open("stop").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut page, _) = alice.page("/ws/agent").await;
    let mut stranger = Page::open(world.at, "/ws/agent").await;
    world.verb().await;
    world.verb().await;
    world.house.stop.begin();
    assert_eq!(page.closed().await, 4503);
    assert_eq!(stranger.closed().await, 4503);
    drop((page, stranger));
    world.house.closed().await;
    world.centre.tell("alice", None, Told::Done);
    let more = tokio::time::timeout(Duration::from_millis(50), world.verb()).await;
    assert!(more.is_err(), "{more:?}");
}
