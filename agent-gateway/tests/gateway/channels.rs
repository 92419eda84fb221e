//! Messaging channels by the REST interface, with a data centre and a softacd of a few lines.

use std::collections::BTreeMap;

use ngcc_proto::channel::{
    Change, Changed, Command, Event, Fault, Listed, Meets, Over, State, Token, Tried, Wrong,
};
use ngcc_proto::envelope::Body;
use ngcc_proto::{Wall, channel};
use serde_json::{Value, json};

use crate::client::{Answer, Browser, http};
use crate::world::World;

/// What is configured, and what was given in secret.
#[derive(Default)]
pub(crate) struct Configured {
    channels: BTreeMap<String, Listed>,
    pub(crate) given: Vec<String>,
    versions: u32,
}

impl Configured {
    /// The data centre.
    pub(crate) fn change(&mut self, change: Change) -> Changed {
        match change {
            Change::List => {
                let channels = self.channels.values().cloned().collect();
                Changed::Listed { channels, entries: vec!["800".to_owned()] }
            }
            Change::Put { channel, secrets, over } => {
                let now = self.channels.get(&channel.name);
                match (over, now) {
                    (Over::Nothing, Some(_)) => return Changed::Taken,
                    (Over::Version { version }, now) if now.is_none_or(|now| now.version != version) => {
                        return Changed::Stale;
                    }
                    _ => {}
                }
                if channel.entry != "800" {
                    let (field, what) = ("entry".to_owned(), "its entry is no public number".to_owned());
                    return Changed::Refused { faults: vec![Fault { field, why: Wrong::NotThere, what }] };
                }
                self.given.push(secrets.expose().to_owned());
                self.versions += 1;
                let names: BTreeMap<String, Value> = serde_json::from_str(secrets.expose()).unwrap();
                let secrets = names.into_keys().collect();
                let listed = Listed { settings: channel, secrets, version: format!("v{}", self.versions) };
                self.channels.insert(listed.settings.name.clone(), listed.clone());
                Changed::Put { channel: Box::new(listed) }
            }
            Change::Remove { name, version } => {
                if self.channels.get(&name).is_none_or(|now| now.version != version) {
                    return Changed::Stale;
                }
                self.channels.remove(&name);
                Changed::Removed
            }
        }
    }
}

/// softacd.
pub(crate) fn answered(command: Command) -> Event {
    let outcome = match command {
        Command::Look => return Event::States { states: vec![state()] },
        Command::Try { channel, .. } if channel != "shop" => Tried::Unknown,
        Command::Try { to, .. } if to == "late" => Tried::Later { words: "busy".to_owned() },
        Command::Try { to, .. } if to == "shut" => Tried::Shut,
        Command::Try { to, .. } if to == "never" => {
            Tried::Refused { words: "the provider's error 40003: invalid openid".to_owned() }
        }
        Command::Try { .. } => Tried::Sent,
    };
    Event::Tried { outcome }
}

fn state() -> State {
    State {
        channel: "shop".to_owned(),
        since: Wall(1),
        meets: Meets::Called,
        verified: Some(Wall(2)),
        last_in: Some(Wall(3)),
        last_out: None,
        trouble: Some(channel::Trouble {
            at: Wall(4),
            class: channel::Class::Account,
            words: "it refuses the account's secret".to_owned(),
        }),
        failures: 1,
        forged: None,
        token: Token::Held { until: Wall(5) },
    }
}

const SHOP: &str = "/api/v1/channels/shop";

async fn put(world: &World, who: &Browser, path: &str, over: &[(&str, &str)], body: &Value) -> Answer {
    let own = [("Cookie", who.cookie.as_str()), ("X-CSRF-Token", who.csrf.as_str())];
    http(world.at, "PUT", path, &[&own, over].concat(), &body.to_string()).await
}

fn shop() -> Value {
    json!({
        "kind": "wechat", "entry": "800", "lang": "en", "settings": { "account": "wx1" },
        "secrets": { "token": "t0ken-of-the-test", "app_secret": "s3cret-of-the-test" },
    })
}

#[tokio::test]
async fn only_who_may_configure_sees_or_changes_channels() {
    let world = World::open("channels-may").await;
    for user in ["alice", "sue"] {
        let browser = Browser::sign_in(world.at, user).await;
        let new = [("If-None-Match", "*")];
        let made = put(&world, &browser, SHOP, &new, &shop()).await;
        let tried = browser.post(&format!("{SHOP}/test"), json!({ "to": "o1", "text": "hi" })).await;
        let mut refused = vec![made, tried];
        for path in ["/api/v1/channels", "/api/v1/channels/kinds", SHOP] {
            refused.push(browser.get(path).await);
        }
        for answer in refused {
            assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{user}");
        }
    }
    let root = Browser::sign_in(world.at, "root").await;
    let headers = [("Cookie", root.cookie.as_str()), ("If-None-Match", "*")];
    let without = http(world.at, "PUT", SHOP, &headers, &shop().to_string()).await;
    assert_eq!((without.status, without.code().as_str()), (403, "csrf"));
    assert!(world.centre.channels.lock().unwrap().given.is_empty());
    assert!(world.centre.acts.lock().unwrap().is_empty(), "nothing was done, so nothing is noted");
}

#[tokio::test]
async fn a_channel_is_made_and_changed_over_what_was_seen_and_its_secrets_never_come_out() {
    let world = World::open("channels-put").await;
    let root = Browser::sign_in(world.at, "root").await;
    let kinds = root.get("/api/v1/channels/kinds").await.json();
    assert_eq!(kinds["entries"], json!(["800"]));
    assert_eq!(kinds["kinds"][0]["fields"][0]["key"], "account");

    let blind = put(&world, &root, SHOP, &[], &shop()).await;
    assert_eq!((blind.status, blind.code().as_str()), (428, "unconditional"));
    let new = [("If-None-Match", "*")];
    let made = put(&world, &root, SHOP, &new, &shop()).await;
    assert_eq!((made.status, made.header("etag")), (201, Some("\"v1\"")), "{made:?}");
    assert_eq!(made.json()["secrets"], json!(["app_secret", "token"]));
    assert_eq!(made.json()["settings"], json!({ "account": "wx1", "url": "" }));
    let taken = put(&world, &root, SHOP, &new, &shop()).await;
    assert_eq!((taken.status, taken.code().as_str()), (412, "taken"));

    let mut other = shop();
    other["secrets"] = json!({});
    other["lang"] = json!("zh");
    let changed = put(&world, &root, SHOP, &[("If-Match", "\"v1\"")], &other).await;
    assert_eq!((changed.status, changed.json()["lang"].as_str()), (200, Some("zh")), "{changed:?}");
    other["secrets"] = json!({ "app_secret": "an0ther-of-the-test", "aes_key": null });
    let stale = put(&world, &root, SHOP, &[("If-Match", "\"v1\"")], &other).await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "changed"));
    assert_eq!(put(&world, &root, SHOP, &[("If-Match", "\"v2\"")], &other).await.status, 200);

    let (one, all) = (root.get(SHOP).await, root.get("/api/v1/channels").await);
    assert_eq!(all.json()["data"][0], one.json());
    assert_eq!(one.json()["state"]["trouble"]["class"], "account");
    assert_eq!(one.header("etag"), Some("\"v3\""));
    for answer in [&made, &changed, &stale, &one, &all] {
        assert!(!answer.text.contains("-of-the-test"), "a secret came out: {answer:?}");
    }
    let given = world.centre.channels.lock().unwrap().given.clone();
    assert!(given[0].contains("t0ken-of-the-test") && given[1] == "{}", "{given:?}");
    assert_eq!(given[2], r#"{"aes_key":null,"app_secret":"an0ther-of-the-test"}"#);

    let own = [("Cookie", root.cookie.as_str()), ("X-CSRF-Token", root.csrf.as_str())];
    let gone = |tag: &'static str| [&own[..], &[("If-Match", tag)]].concat();
    assert_eq!(http(world.at, "DELETE", SHOP, &own, "").await.code(), "unconditional");
    assert_eq!(http(world.at, "DELETE", SHOP, &gone("\"v1\""), "").await.code(), "changed");
    assert_eq!(http(world.at, "DELETE", SHOP, &gone("\"v3\""), "").await.status, 204);
    assert_eq!(root.get(SHOP).await.status, 404);

    let acts = world.centre.acts.lock().unwrap().clone();
    let noted: Vec<&str> = acts.iter().map(|act| act.act.as_str()).collect();
    let (add, remove) = ("add_channel", "remove_channel");
    let secrets = "change_channel_secrets";
    assert_eq!(noted, [add, add, "change_channel", secrets, secrets, remove, remove]);
    assert!(acts.iter().all(|act| act.user == "root" && act.on == "shop" && act.from == "127.0.0.1"));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field() {
    let world = World::open("channels-wrong").await;
    let root = Browser::sign_in(world.at, "root").await;
    let wrong = async |key: &str, value: Value| {
        let mut body = shop();
        body[key] = value;
        let answer = put(&world, &root, SHOP, &[("If-None-Match", "*")], &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{answer:?}");
        let error = answer.json()["errors"][0].clone();
        (error["field"].as_str().unwrap().to_owned(), error["why"].as_str().unwrap().to_owned())
    };
    let told = |field: &str, why: &str| (field.to_owned(), why.to_owned());
    assert_eq!(wrong("entry", json!("7")).await, told("entry", "not_there"));
    assert_eq!(wrong("kind", json!("pigeon")).await, told("kind", "unknown"));
    assert_eq!(wrong("settings", json!({ "secrets": "x" })).await, told("secrets", "unknown"));
    assert_eq!(wrong("secrets", json!({ "pin": "1" })).await, told("pin", "unknown"));
    let mut odd = shop();
    odd["more"] = json!(1);
    let odd = put(&world, &root, SHOP, &[("If-None-Match", "*")], &odd).await;
    assert_eq!((odd.status, odd.code().as_str()), (400, "bad_request"));
}

#[tokio::test]
async fn a_test_message_says_what_became_of_it() {
    let mut world = World::open("channels-try").await;
    let root = Browser::sign_in(world.at, "root").await;
    let path = format!("{SHOP}/test");
    for (to, is) in [("o1", "sent"), ("late", "later"), ("shut", "shut"), ("never", "refused")] {
        let tried = root.post(&path, json!({ "to": to, "text": "Does it work?" })).await;
        assert_eq!((tried.status, tried.json()["is"].as_str()), (200, Some(is)), "{tried:?}");
        let given = world.came(|body| if let Body::ChannelCommand(c) = body { Some(c) } else { None }).await;
        let Command::Try { text, to: person, .. } = given else { panic!("{given:?}") };
        assert_eq!((text.0.as_str(), person.as_str()), ("Does it work?", to));
    }
    let never = root.post(&path, json!({ "to": "never", "text": "x" })).await.json();
    assert_eq!(never["words"], "the provider's error 40003: invalid openid");
    for to in ["", "a b", "../x", "..", &"x".repeat(129)] {
        let bad = root.post(&path, json!({ "to": to, "text": "x" })).await;
        assert_eq!((bad.status, bad.json()["errors"][0]["field"].as_str()), (422, Some("to")), "{to}");
    }
    let other = root.post("/api/v1/channels/other/test", json!({ "to": "o1", "text": "x" })).await;
    assert_eq!(other.status, 404);
    let acts = world.centre.acts.lock().unwrap();
    assert!(acts.iter().all(|act| act.act == "test_channel" && !act.on.contains("o1")), "{acts:?}");
    assert_eq!(acts.len(), 6);
}
