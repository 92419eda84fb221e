//! What a page proves and says of its user.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::contact::{Evidence, Noted};
use ngcc_proto::{Body, Envelope, Ids, Rng, Role, UserUri, Wall};
use sha2::Sha256;
use tokio::sync::mpsc::unbounded_channel;

use super::*;

/// A token that is good for `s` seconds.
fn jwt(sub: &str, s: i64) -> Value {
    let now =
        i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs());
    let claims =
        json!({ "sub": sub, "name": "Ann", "exp": now.unwrap() + s, "attributes": { "tier": "gold" } });
    let text = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
    mac.update(text.as_bytes());
    json!({ "jwt": format!("{text}.{}", BASE64.encode(mac.finalize().into_bytes())) })
}

#[tokio::test]
async fn a_token_of_the_pages_server_names_the_customer_and_a_bad_one_is_refused_with_its_reason() {
    let centre = Centre::open(|web| web.identity_secret = Some(ngcc_proto::Secret::new("Jefe"))).await;
    let (tell, mut told) = unbounded_channel();
    centre.house.bus.attach(Role::Data, Box::new(move |envelope: Envelope| drop(tell.send(envelope.body))));
    let token = token(centre.at).await;
    for (identity, word) in [
        (jwt("4711", -1), "expired"),
        (jwt("4711", 25 * 3600), "24 hours"),
        (jwt("no blanks", 60), "cannot be used"),
        (json!({ "jwt": "e30.e30.e30" }), "HS256"),
    ] {
        let mut page = Client::open(centre.at, "/ws/visitor", Some(&own(centre.at))).await.unwrap();
        page.say("auth", None, json!({ "token": token, "entry": "shop", "identity": identity })).await;
        let error = page.data("error").await;
        assert_eq!(error["code"], "identity", "{error}");
        assert!(error["detail"].as_str().unwrap().contains(word), "{error}");
        assert_eq!(page.code().await, 4401);
    }
    let mut page = Client::open(centre.at, "/ws/visitor", Some(&own(centre.at))).await.unwrap();
    let auth = json!({ "token": token, "entry": "shop", "identity": jwt("4711", 60) });
    page.say("auth", None, auth).await;
    let visitor = page.data("ready").await["visitor"].as_str().unwrap().to_owned();
    page.say("session.start", None, json!({})).await;
    page.data("session.opened").await;
    assert_eq!(centre.users(), ["customer:4711"]);
    let body = timeout(LIMIT, told.recv()).await.unwrap().unwrap();
    let Body::ContactEvidence(Evidence::Proved { customer, on, name, attributes }) = body else {
        panic!("{}", body.name())
    };
    assert_eq!((customer, on), (UserUri::Customer("4711".to_owned()), UserUri::Web(visitor)));
    assert_eq!(name, Some(("Ann".to_owned(), true)));
    assert!(!attributes.unwrap().is_empty());
    assert!(told.try_recv().is_err(), "nothing was proved by the others");
    centre.close().await;
}

#[tokio::test]
async fn what_a_page_says_of_its_user_is_answered_once_it_is_kept_and_is_bounded() {
    let centre = Centre::open(|_| {}).await;
    let bus = std::sync::Arc::clone(&centre.house.bus);
    let ids = std::sync::Mutex::new(Ids::new(Rng::from_u64(3)));
    // It keeps what it is told at first, then there is too much, and then it says nothing.
    let answers = std::sync::Mutex::new(vec![Noted::Refused, Noted::Kept]);
    let data = std::sync::Arc::clone(&bus);
    let take = move |envelope: Envelope| {
        let Some(noted) = answers.lock().unwrap().pop() else { return };
        data.send(Envelope::new(&mut ids.lock().unwrap(), Wall(0), None, Some(envelope.id), noted));
    };
    bus.attach(Role::Data, Box::new(take));
    let mut page = Client::page(centre.at, &token(centre.at).await, "shop").await;
    page.data("ready").await;
    let set = json!({ "attributes": { "cart": "3 items" } });
    page.say("attributes.set", Some("1"), set.clone()).await;
    assert_eq!(page.next().await, json!({ "type": "attributes.kept", "id": "1", "data": {} }));
    for (id, code) in [("2", "too_many"), ("3", "unavailable")] {
        page.say("attributes.set", Some(id), set.clone()).await;
        let error = page.next().await;
        assert_eq!((&error["id"], &error["data"]["code"]), (&json!(id), &json!(code)), "{error}");
    }
    for bad in [json!({}), json!({ "attributes": { "a": 1 } }), json!({ "attributes": { "a b": "c" } })] {
        page.say("attributes.set", None, bad).await;
        assert_eq!(page.data("error").await["code"], "bad");
    }
    let long = json!({ "attributes": { "a": "x".repeat(2000) } });
    page.say("attributes.set", None, long).await;
    assert_eq!(page.data("error").await["code"], "bad");
    centre.close().await;
}
