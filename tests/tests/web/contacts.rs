//! One customer, whatever way they come by: what is proved joins them, and an agent sees what was said before.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::config::{Catalogue, ChannelKind};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::Provider;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::agent::Agent;
use crate::chat::stored;
use crate::customer::Customer;
use crate::house::{QUEUE, catalogue, one_agent};

const SECRET: &str = "a-secret-of-thirty-two-characters";
const SETTING: &str = "web.identity_secret=a-secret-of-thirty-two-characters";

/// A token of the company's own system, good for an hour.
fn token(id: &str, name: &str, attributes: Value) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    let claims = json!({ "sub": id, "name": name, "exp": now + 3600, "attributes": attributes });
    let text = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    json!({ "jwt": format!("{text}.{}", BASE64.encode(mac.finalize().into_bytes())) })
}

/// The contact of a session, as this person is shown it.
async fn contact(who: &Agent, session: &str) -> Value {
    let answer = who.get(&format!("/api/v1/sessions/{session}/contact")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn users(contact: &Value) -> Vec<&str> {
    let all = contact["identities"].as_array().expect("identities");
    let mut users: Vec<_> = all.iter().map(|one| one["user"].as_str().expect("a URI")).collect();
    users.sort_unstable();
    users
}

#[tokio::test]
async fn s0_10_a_customer_on_two_channels_is_one_contact_and_the_agent_reads_what_was_said_on_the_other() {
    let app = Provider::start(ChannelKind::Generic, "app", QUEUE).await;
    let house = Catalogue { channels: vec![app.channel.clone()], ..catalogue() };
    let mut centre = Centre::start_with(&house, &[SETTING]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let sue = Agent::person(&centre, "sue").await;

    // On the web, to Alice: who they are is proved, what the page says beside it is not.
    let mut ann = Customer::known(&centre, QUEUE, token("4711", "Ann Li", json!({ "tier": "gold" }))).await;
    let claims = json!({ "attributes": { "tier": "platinum", "cart": "3 items" } });
    ann.send(json!({ "type": "attributes.set", "id": "s1", "data": claims })).await;
    let kept = ann.find("the attributes", |f| f["id"] == "s1").await;
    assert_eq!(kept["type"], "attributes.kept", "{kept}");
    ann.say("k1", "Where is my parcel?").await;
    let offer = alice.offered().await;
    let chat = offer["session"].as_str().expect("a session").to_owned();
    assert_eq!(contact(&alice, &chat).await["name"], "Ann Li", "the offer tells it already");
    alice.accept_it(&offer).await;
    alice.ask(Some(&chat), json!({ "type": "hang_up" })).await;
    stored(&sue, &chat).await;
    alice.ask(None, json!({ "type": "sign_out" })).await;

    // By the app, to Bob: the same customer.
    let mut bob = Agent::ready(&centre, "bob").await;
    assert_eq!(app.says_of(centre.http(), "u1", "4711", "m1", "Still waiting").await, 202);
    let session = bob.accept().await;
    let seen = contact(&bob, &session).await;
    assert_eq!(users(&seen)[..2], ["channel:app/u1", "customer:4711"]);
    assert!(users(&seen).len() == 3 && users(&seen)[2].starts_with("web:vis_"), "{seen:#}");
    let attribute = |key: &str| {
        let all = seen["attributes"].as_array().expect("attributes");
        all.iter().find(|one| one["key"] == key).map(|one| (one["value"].clone(), one["by"]["is"].clone()))
    };
    assert_eq!(attribute("tier"), Some((json!("gold"), json!("proved"))));
    assert_eq!(attribute("cart"), Some((json!("3 items"), json!("claimed"))));
    let id = seen["id"].as_str().expect("an id").to_owned();
    let before = bob.get(&format!("/api/v1/contacts/{id}/sessions")).await.json();
    assert_eq!(
        (&before["data"][0]["session"]["id"], &before["data"][0]["readable"]),
        (&json!(chat), &json!(true))
    );
    let read = bob.get(&format!("/api/v1/sessions/{chat}")).await;
    assert!(read.status == 200 && read.text.contains("Where is my parcel?"), "{read:?}");

    // It outlives a kill, and so does what Bob writes down.
    let change =
        json!({ "version": seen["version"], "change": { "add_labels": ["#late"], "note": "asked twice" } });
    let changed = bob.change("PATCH", &format!("/api/v1/contacts/{id}"), &[], &change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let again = bob.change("PATCH", &format!("/api/v1/contacts/{id}"), &[], &change).await;
    assert_eq!((again.status, again.json()["code"].clone()), (409, json!("changed")));
    centre.crash().await;
    bob.cut();
    bob.connect().await;
    bob.seat("the contact", |s| s["type"] == "contact" && s["contact"]["session"] == session.as_str()).await;
    let after = contact(&bob, &session).await;
    assert_eq!(after, changed.json());
    assert_eq!(after["labels"], json!(["late"]));

    // Whoever has served neither is not told of them, and finds nobody.
    let carol = Agent::person(&centre, "carol").await;
    for path in [
        format!("contacts/{id}"),
        format!("contacts/{id}/sessions"),
        format!("sessions/{session}/contact"),
        format!("sessions/{chat}"),
    ] {
        assert_eq!(carol.get(&format!("/api/v1/{path}")).await.status, 404, "{path}");
    }
    assert_eq!(carol.get("/api/v1/contacts?q=Ann").await.json()["data"], json!([]));
    let found = sue.get("/api/v1/contacts?q=ann").await.json();
    assert_eq!(found["data"][0]["id"], id.as_str(), "{found}");
    let audit = "SELECT count(*) FROM audit WHERE user = 'bob' AND act = 'change_contact' AND object = ?";
    let mut business = crate::house::store(&centre, "business.db").await;
    let noted = sqlx::query_scalar(audit).bind(&id).fetch_one(&mut business).await;
    let noted: i64 = noted.expect("a count");
    assert_eq!(noted, 2, "what was tried is noted as well");
}

#[tokio::test]
async fn s0_10_a_browser_that_two_customers_use_mixes_neither_and_a_bad_token_lets_nobody_in() {
    let mut centre = Centre::start_with(&one_agent(), &[SETTING]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let sue = Agent::person(&centre, "sue").await;
    let mut browser = Customer::new(&centre, QUEUE).await;
    browser.say("k1", "I am nobody yet").await;
    let anonymous = alice.accept().await;
    alice.ask(Some(&anonymous), json!({ "type": "hang_up" })).await;
    stored(&sue, &anonymous).await;
    let mut sessions = Vec::new();
    for (n, name) in ["Ann", "Bo"].into_iter().enumerate() {
        browser.becomes(token(&n.to_string(), name, json!({}))).await;
        browser.say(&format!("k-{n}"), &format!("I am {name}")).await;
        let session = alice.accept().await;
        assert_eq!(contact(&alice, &session).await["name"], name);
        if n == 0 {
            assert_eq!(users(&contact(&alice, &session).await).len(), 2, "so far the browser is Ann's");
        }
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
        stored(&sue, &session).await;
        sessions.push(session);
    }
    centre.crash().await;
    for (n, session) in sessions.iter().enumerate() {
        let seen = contact(&sue, session).await;
        assert_eq!(users(&seen), [format!("customer:{n}")]);
        let id = seen["id"].as_str().expect("an id");
        let theirs = sue.get(&format!("/api/v1/contacts/{id}/sessions")).await.json();
        let ids: Vec<_> =
            theirs["data"].as_array().expect("rows").iter().map(|row| &row["session"]["id"]).collect();
        assert_eq!(ids, [session], "nothing of the other's, and nothing that may be either's");
    }
    let shared = contact(&sue, &anonymous).await;
    assert_eq!(
        (shared["identities"].as_array().map(Vec::len), &shared["identities"][0]["shared"]),
        (Some(1), &json!(true))
    );

    // By hand an agent may say whose it is, and take it back.
    let ann = contact(&sue, &sessions[0]).await;
    let path = |what: &str| format!("/api/v1/contacts/{}/{what}", ann["id"].as_str().expect("an id"));
    let merge = json!({ "version": ann["version"], "other": shared["id"] });
    let merged = sue.change("POST", &path("merge"), &[], &merge).await;
    assert_eq!(merged.status, 200, "{merged:?}");
    let merged = merged.json();
    assert_eq!(users(&merged).len(), 2);
    let split = json!({ "version": merged["version"], "identity": shared["identities"][0]["user"] });
    let split = sue.change("POST", &path("split"), &[], &split).await;
    assert_eq!(users(&split.json()), ["customer:0"]);

    let mut forged = token("0", "Ann", json!({}));
    forged["jwt"] = json!(
        forged["jwt"].as_str().expect("a token").replace("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJub25lIn0")
    );
    assert_eq!(browser.refused_as(forged).await, "identity");
}
