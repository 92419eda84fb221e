//! The REST interface.

use serde_json::json;

use crate::client::{Browser, http};
use crate::world::World;

const SESSION: &str = "/api/v1/sessions/ses_00000000000000000000000007";

#[tokio::test]
async fn s1_01_s1_02_who_signs_in_is_given_their_permissions_and_a_wrong_password_gives_none() {
    let world = World::open("sign-in").await;
    let sign_in = async |user: &str, password: &str| {
        let body = json!({ "user": user, "password": password }).to_string();
        http(world.at, "POST", "/api/v1/sign-in", &[], &body).await
    };
    let good = sign_in("alice", "right").await;
    assert_eq!(good.status, 200, "{good:?}");
    assert_eq!(good.json()["permissions"], json!(["serve", "message"]));
    let cookie = good.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "it did not come by TLS");
    assert_eq!(good.header("cache-control"), Some("no-store"));

    let (wrong, nobody) = (sign_in("alice", "wrong").await, sign_in("zoe", "right").await);
    for refused in [&wrong, &nobody] {
        assert_eq!((refused.status, refused.code().as_str()), (401, "wrong_credentials"));
        assert!(refused.header("set-cookie").is_none() && refused.json().get("permissions").is_none());
    }
    let told =
        |answer: &crate::client::Answer| (answer.json()["detail"].clone(), answer.json()["title"].clone());
    assert_eq!(told(&wrong), told(&nobody), "a wrong name and a wrong password are told alike");

    let locked = sign_in("locked", "right").await;
    assert_eq!((locked.status, locked.code().as_str()), (429, "locked"));
    assert!(locked.header("retry-after").is_some() && locked.json()["until"].is_number(), "{locked:?}");
}

#[tokio::test]
async fn an_address_may_sign_in_ten_times_a_minute() {
    let world = World::open("rate").await;
    let body = json!({ "user": "zoe", "password": "x" }).to_string();
    for _ in 0..10 {
        assert_eq!(http(world.at, "POST", "/api/v1/sign-in", &[], &body).await.status, 401);
    }
    let eleventh = http(world.at, "POST", "/api/v1/sign-in", &[], &body).await;
    assert_eq!((eleventh.status, eleventh.code().as_str()), (429, "too_many_requests"));
    assert!(eleventh.header("retry-after").unwrap().parse::<u64>().unwrap() <= 6, "{eleventh:?}");
}

#[tokio::test]
async fn nothing_is_changed_without_the_pages_own_header_or_from_a_foreign_page() {
    let world = World::open("csrf").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let cookie = ("Cookie", alice.cookie.as_str());
    let none = http(world.at, "POST", "/api/v1/ws-tickets", &[cookie], "{}").await;
    assert_eq!((none.status, none.code().as_str()), (403, "csrf"));
    let other = Browser::sign_in(world.at, "alice").await.csrf;
    let headers = [cookie, ("X-CSRF-Token", other.as_str())];
    let of_another = http(world.at, "POST", "/api/v1/ws-tickets", &headers, "{}").await;
    assert_eq!(of_another.code(), "csrf", "another sign-in's");
    for origin in ["null", "https://evil.example"] {
        let headers = [cookie, ("X-CSRF-Token", alice.csrf.as_str()), ("Origin", origin)];
        let foreign = http(world.at, "POST", "/api/v1/ws-tickets", &headers, "{}").await;
        assert_eq!((foreign.status, foreign.code().as_str()), (403, "foreign_origin"));
    }
    assert_eq!(alice.post("/api/v1/ws-tickets", json!({})).await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_everywhere() {
    let world = World::open("sign-out").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let (mut page, _) = alice.page("/ws/agent").await;
    assert_eq!(alice.get("/api/v1/me").await.json()["csrf"], alice.csrf.as_str());
    assert_eq!(alice.post("/api/v1/sign-out", json!({})).await.status, 204);
    assert_eq!(page.closed().await, 4401);
    let gone = alice.get("/api/v1/me").await;
    assert_eq!((gone.status, gone.code().as_str()), (401, "not_signed_in"));
}

#[tokio::test]
async fn each_operation_is_for_who_may_and_for_nobody_else() {
    let world = World::open("permissions").await;
    let force = "/api/v1/agents/bob/force";
    let end = format!("{SESSION}/end");
    for path in ["/api/v1/me", "/api/v1/sessions", "/api/v1/board", "/api/v1/audit", SESSION] {
        assert_eq!(http(world.at, "GET", path, &[], "").await.code(), "not_signed_in", "{path}");
    }
    for path in [force, &end, "/api/v1/ws-tickets", "/api/v1/sign-out"] {
        assert_eq!(http(world.at, "POST", path, &[], "{}").await.code(), "not_signed_in", "{path}");
    }
    let to = json!({ "to": { "is": "not_ready" } });
    for (user, board, audit, forced) in
        [("alice", 403, 403, 403), ("sue", 200, 403, 204), ("root", 200, 200, 204)]
    {
        let browser = Browser::sign_in(world.at, user).await;
        assert_eq!(browser.get("/api/v1/board").await.status, board, "{user}");
        assert_eq!(browser.get("/api/v1/audit").await.status, audit, "{user}");
        assert_eq!(browser.post(force, to.clone()).await.status, forced, "{user}");
        let ended = browser.post(&end, json!({})).await;
        assert_eq!(ended.code(), if forced == 204 { "refused" } else { "forbidden" }, "{user}");
    }
}

#[tokio::test]
async fn privileged_acts_are_noted_before_they_are_answered_and_refused_ones_are_not_done() {
    let world = World::open("audit").await;
    let acts = || -> Vec<(String, String, String)> {
        let acts = world.centre.acts.lock().unwrap();
        acts.iter().map(|a| (a.user.clone(), a.act.clone(), a.on.clone())).collect()
    };
    let act = |user: &str, act: &str, on: &str| (user.to_owned(), act.to_owned(), on.to_owned());
    let alice = Browser::sign_in(world.at, "alice").await;
    alice.post("/api/v1/agents/bob/force", json!({ "to": { "is": "ready" } })).await;
    assert!(acts().is_empty());

    let sue = Browser::sign_in(world.at, "sue").await;
    let bad = sue.post("/api/v1/agents/bob/force", json!({ "to": { "is": "asleep" } })).await;
    assert_eq!((bad.status, bad.code().as_str()), (400, "bad_request"));
    assert!(acts().is_empty(), "bad input changes nothing");
    sue.post("/api/v1/agents/bob/force", json!({ "to": { "is": "ready" } })).await;
    assert_eq!(acts(), [act("sue", "force_state", "bob")]);
    assert_eq!(sue.get(SESSION).await.status, 200);
    let id = SESSION.rsplit('/').next().unwrap();
    assert_eq!(acts()[1..], [act("sue", "read_transcript", id)]);
    for (path, of) in [("/api/v1/sessions", "everybody"), ("/api/v1/sessions?agent=alice", "alice")] {
        assert_eq!(sue.get(path).await.status, 200);
        assert_eq!(acts().last(), Some(&act("sue", "list_history", of)));
    }
    let noted = acts().len();
    assert_eq!(alice.get("/api/v1/sessions").await.status, 200);
    assert_eq!(sue.get("/api/v1/sessions?agent=sue").await.status, 200);
    assert_eq!(acts().len(), noted, "one's own are one's own");
    let root = Browser::sign_in(world.at, "root").await;
    let audit = root.get("/api/v1/audit").await.json();
    assert_eq!(audit["data"][4]["act"], "read_audit", "who reads it is noted in it");
    assert_eq!(audit["data"][0]["from"], "127.0.0.1");
}

#[tokio::test]
async fn an_agent_sees_their_own_sessions_only() {
    let world = World::open("own").await;
    let alice = Browser::sign_in(world.at, "alice").await;
    let page = alice.get("/api/v1/sessions?limit=2").await.json();
    assert_eq!(
        (page["data"][1]["agent"].as_str(), page["next_cursor"].as_str()),
        (Some("alice"), Some("77"))
    );
    assert_eq!(alice.get("/api/v1/sessions?agent=bob").await.code(), "forbidden");
    assert_eq!(alice.get(SESSION).await.code(), "not_found", "it is bob's");
    assert_eq!(Browser::sign_in(world.at, "bob").await.get(SESSION).await.status, 200);
    let sue = Browser::sign_in(world.at, "sue").await;
    assert_eq!(sue.get("/api/v1/sessions?agent=bob&limit=1").await.json()["data"][0]["agent"], "bob");
}

#[tokio::test]
async fn what_is_no_request_is_told_so_as_a_problem() {
    let world = World::open("problems").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    for (path, status, code) in [
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/sessions/7", 400, "bad_request"),
        ("/api/v1/sessions?limit=0", 400, "bad_request"),
        ("/api/v1/sessions?limit=many", 400, "bad_request"),
        ("/api/v1/sessions?cursor=x", 400, "bad_request"),
        ("/api/v1/sign-out", 405, "method_not_allowed"),
        ("/api/v1/sessions/ses_00000000000000000000000009", 404, "not_found"),
    ] {
        let answer = sue.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}: {answer:?}");
        assert_eq!(answer.header("x-request-id"), answer.json()["request_id"].as_str(), "{path}");
        assert!(answer.header("x-request-id").unwrap().starts_with("req_"), "{path}");
    }
    let long = json!({ "user": "alice", "password": "x".repeat(70_000) }).to_string();
    let answer = http(world.at, "POST", "/api/v1/sign-in", &[], &long).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"));
    let answer =
        http(world.at, "POST", "/api/v1/sign-in", &[], "{\"user\":\"alice\",\"password\":77777}").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"));
    assert!(!answer.text.contains("77777"), "what was sent is not repeated: {}", answer.text);
    let document = http(world.at, "GET", "/api/v1/openapi.json", &[], "").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn an_agent_hands_a_file_over_and_any_agent_who_was_told_of_it_reads_it() {
    let world = World::open("files").await;
    let (alice, bob) = (Browser::sign_in(world.at, "alice").await, Browser::sign_in(world.at, "bob").await);
    let put = async |browser: &Browser, path: &str, bytes: &str| {
        let headers = [("Cookie", browser.cookie.as_str()), ("X-CSRF-Token", &browser.csrf)];
        http(world.at, "POST", path, &headers, bytes).await
    };
    let stored = put(&alice, "/api/v1/uploads?name=note.txt", "hello").await;
    assert_eq!(stored.status, 201, "{stored:?}");
    let (file, stored) = (stored.json()["file"].as_str().unwrap().to_owned(), stored.json());
    assert_eq!((stored["name"].as_str(), stored["size"].as_u64()), (Some("note.txt"), Some(5)));
    let read = bob.get(&format!("/api/v1/uploads/{file}")).await;
    assert_eq!((read.status, read.text.as_str()), (200, "hello"));
    assert!(read.header("content-security-policy").unwrap().contains("sandbox"), "{read:?}");
    assert!(read.header("content-disposition").unwrap().starts_with("attachment"), "{read:?}");
    let (at, path) = (world.at, format!("/api/v1/staff/uploads/{file}"));
    assert_eq!(http(at, "GET", &path, &[], "").await.code(), "not_signed_in");
    let long = put(&alice, "/api/v1/uploads?name=long.txt", &"x".repeat(1001)).await;
    assert_eq!((long.status, long.code().as_str()), (413, "too_large"));
    let sue = Browser::sign_in(world.at, "sue").await;
    assert_eq!(put(&sue, "/api/v1/uploads?name=x", "hello").await.code(), "forbidden");
}

#[tokio::test]
async fn a_colleagues_file_is_for_who_sent_it_and_who_may_read_its_message_and_for_nobody_else() {
    let world = World::open("team-files").await;
    let people = ["alice", "bob", "sue"].map(|name| Browser::sign_in(world.at, name));
    let [alice, bob, sue] = people;
    let (alice, bob, sue) = (alice.await, bob.await, sue.await);
    let headers = [("Cookie", sue.cookie.as_str()), ("X-CSRF-Token", &sue.csrf)];
    let stored = http(world.at, "POST", "/api/v1/colleagues/files?name=plan.txt", &headers, "the plan").await;
    assert_eq!(stored.status, 201, "{stored:?}");
    let file = stored.json()["file"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/colleagues/files/{file}");
    assert_eq!(sue.get(&path).await.text, "the plan", "who sent it");
    let read = bob.get(&path).await;
    assert_eq!((read.status, read.text.as_str()), (200, "the plan"), "the exchange says that he may");
    assert_eq!(read.header("cache-control"), Some("private, no-cache"));
    assert_eq!(alice.get(&path).await.code(), "not_found", "the exchange says that she may not");
    assert_eq!(http(world.at, "GET", &path, &[], "").await.code(), "not_signed_in");
    let customers = bob.get(&format!("/api/v1/staff/uploads/{file}")).await;
    assert_eq!(customers.code(), "not_found", "it does not lie among customers' files");
}
