//! Links that agents make, at a real centre: the first browser that opens one comes to the phone call, and nobody else.

use ngcc_phone::{Call, Phone};
use ngcc_proto::config::ChannelKind;
use ngcc_tests::fakes::Provider;
use ngcc_tests::house::caller;

use super::*;
use crate::browser::Browser;

/// Alice on the phone with somebody who has no page.
struct OnThePhone {
    alice: Agent,
    session: String,
    call: Call,
    /// Both are there for as long as the call.
    _devices: (Phone, Browser),
}

impl OnThePhone {
    async fn at(centre: &Centre) -> Self {
        let mut alice = Agent::ready(centre, "alice").await;
        let phone = caller(centre, "13800138000").await;
        let call = phone.call(QUEUE).await.expect("a call");
        call.answered().await.expect("the queue answers");
        let offer = alice.offered().await;
        let mut browser = Browser::of(centre, &mut alice).await;
        let leg = browser.summoned().await["leg"].clone();
        browser.connects(&leg).await;
        let session = alice.accept_it(&offer).await;
        Self { alice, session, call, _devices: (phone, browser) }
    }

    /// Makes a link; what stands behind `/join/`.
    async fn link(&mut self, kind: &str) -> String {
        self.alice.ask(Some(&self.session), json!({ "type": "make_link", "kind": kind })).await;
        let link = self.alice.seat("a link", |s| s["type"] == "link").await;
        assert_eq!((link["session"].as_str(), link["kind"].as_str()), (Some(&*self.session), Some(kind)));
        link["token"].as_str().expect("a token").to_owned()
    }
}

impl Customer {
    /// Opens a link; the word of the answer, and why not.
    async fn follows(&mut self, link: &str) -> (String, String) {
        self.send(json!({ "type": "collab.join", "id": "join", "data": { "link": link } })).await;
        let first = self.find("join", |f| f["id"] == "join").await;
        let last = if first["type"] == "collab.asked" {
            let is = |f: &Value| f["type"] == "collab.refused" || f["type"] == "collab.invited";
            self.find("an answer", is).await
        } else {
            first
        };
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let why = if last["type"] == "error" { &last["data"]["code"] } else { &last["data"]["why"] };
        (word(&last["type"]), word(why))
    }
}

#[tokio::test]
async fn s3_08_a_link_that_is_opened_brings_a_browser_to_the_phone_call_and_nobody_else() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut desk = OnThePhone::at(&centre).await;
    let link = desk.link("document").await;
    let mut ann = Customer::new(&centre, "join").await;
    // As somebody types it who was told it on the phone.
    let typed = link.replace('-', " ").to_lowercase();
    ann.send(json!({ "type": "collab.join", "id": "join", "data": { "link": typed } })).await;
    let (to_ann, to_alice) = (ann.invited().await, desk.alice.invited().await);
    assert_eq!((to_ann["by"].as_str(), to_ann["kind"].as_str()), (Some("agent"), Some("document")));
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    assert_eq!(own.ready["consents"]["view"], false, "the customer is asked first");
    own.tell("consent", json!({ "what": "view", "on": true })).await;
    own.find("consents").await;
    let update = "AQEBAAQBBHRleHQCaGkA";
    own.tell("y", json!({ "update": update })).await;
    assert_eq!(seen.find("y").await["update"], update);
    let mut eve = Customer::new(&centre, "join").await;
    assert_eq!(eve.follows(&link).await, ("collab.refused".to_owned(), "expired".to_owned()));
    assert!(eve.session.is_none() && ann.session.is_none(), "the only session is the call's");
    let facts = centre.facts(desk.session.parse().expect("an id")).await;
    let order: Vec<&str> = facts.iter().filter_map(is_shared).collect();
    assert_eq!(order, ["asked", "mapped", "established", "customer invited", "agent invited"]);
    assert!(centre.files_that_hold(&link).is_empty(), "the link is in no file");
    desk.call.hang_up().await.expect("the caller hangs up");
    assert_eq!(own.find("ended").await["why"], "closed");
    assert_eq!(ann.follows(&link).await, ("collab.refused".to_owned(), "expired".to_owned()));
}

#[tokio::test]
async fn s3_09_links_that_are_none_are_refused_and_an_address_that_tries_many_is_heard_no_more() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut desk = OnThePhone::at(&centre).await;
    let link = desk.link("file").await;
    let mut eve = Customer::new(&centre, "join").await;
    for n in 0..10 {
        let guess = if n == 0 { "nonsense".to_owned() } else { format!("0000-0000-0000-000{n}") };
        let refused = ("collab.refused".to_owned(), "expired".to_owned());
        assert_eq!(eve.follows(&guess).await, refused, "{guess}");
    }
    let too_many = ("error".to_owned(), "too_many".to_owned());
    assert_eq!(eve.follows(&link).await, too_many);
    let mut another = Customer::new(&centre, "join").await;
    assert_eq!(another.follows(&link).await, too_many, "it is the address that is counted");
    assert!(eve.session.is_none() && another.session.is_none());
    let facts = centre.facts(desk.session.parse().expect("an id")).await;
    assert!(facts.iter().all(|fact| is_shared(fact).is_none()), "nothing has come of it");
}

#[tokio::test]
async fn s3_08_who_writes_by_a_channel_opens_the_agents_link_and_takes_part_under_that_uri() {
    let mut app = Provider::start(ChannelKind::Generic, "app", QUEUE).await;
    let house = Catalogue { channels: vec![app.channel.clone()], ..one_agent() };
    let mut centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    assert_eq!(app.writes(centre.http(), "ann-1", "m1", "It does not work").await / 100, 2);
    let session = alice.accept().await;
    let document = json!({ "type": "collaborate", "kind": "document" });
    let id = alice.tell(Some(&session), document.clone()).await;
    let refused = alice.find("a refusal", |f| f["id"] == id.as_str()).await;
    assert_eq!(refused["data"]["why"], "the customer has no page here: send them a link");
    alice.ask(Some(&session), json!({ "type": "make_link", "kind": "document" })).await;
    let token = alice.seat("a link", |s| s["type"] == "link").await["token"].clone();
    let token = token.as_str().expect("a token");
    alice.say(&session, "a1", &format!("Please open this link: https://shop.example/join/{token}")).await;
    let link = loop {
        let text = app.reads("ann-1").await;
        if let Some((_, link)) = text.split_once("/join/") {
            break link.to_owned();
        }
    };
    let mut ann = Customer::new(&centre, "join").await;
    ann.send(json!({ "type": "collab.join", "id": "join", "data": { "link": link } })).await;
    let mut own = End::join(centre.http(), &ann.invited().await).await;
    let mut seen = End::join(centre.http(), &alice.invited().await).await;
    own.both_here().await;
    own.tell("consent", json!({ "what": "view", "on": true })).await;
    own.find("consents").await;
    own.tell("y", json!({ "update": "AQEBAAQBBHRleHQCaGkA" })).await;
    seen.find("y").await;
    let facts = centre.facts(session.parse().expect("an id")).await;
    let by_channel = facts.iter().any(
        |f| matches!(&f.what, What::CollabMapped { user, .. } if user.to_string() == "channel:app/ann-1"),
    );
    assert!(by_channel, "{facts:?}");
    drop((own, seen));
    killed(&mut centre, &mut ann, &mut alice).await;
    let own = End::join(centre.http(), &ann.invited().await).await;
    assert_eq!(own.ready["people"]["customer"]["name"], "ann-1", "as the channel names them");
    // What is shared besides comes to the same browser.
    alice.ask(Some(&session), json!({ "type": "collaborate", "kind": "file" })).await;
    let file = |f: &Value| f["type"] == "collab.invited" && f["data"]["kind"] == "file";
    ann.find("files", file).await;
    assert!(ann.session.is_none(), "the only session is that of the channel");
}

#[tokio::test]
async fn s3_09_a_channels_user_uri_is_taken_and_refused_as_any_other() {
    let app = Provider::start(ChannelKind::Generic, "app", QUEUE).await;
    let house = Catalogue { channels: vec![app.channel.clone()], ..one_agent() };
    let centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut eve = Customer::new(&centre, QUEUE).await;
    for user in ["channel:app/ann-1", "channel:nowhere/ann-1"] {
        eve.share(json!({ "kind": "document", "user": user })).await;
        let answer = eve.find("share", |f| f["id"] == "share").await;
        assert_eq!(answer["data"]["code"], "identity", "{user} is not whose page this is");
        alice.ask(None, json!({ "type": "collaborate", "kind": "document", "user": user })).await;
        let ended = alice.seat("collab_ended", |s| s["type"] == "collab_ended").await;
        assert_eq!(ended["why"], "unknown_user", "{user} has no page");
    }
    assert!(eve.session.is_none() && centre.live().await.is_empty());
}
