//! An administrator sets messaging channels up in the browser: of every kind, verified, tried out, mended and removed.

use std::time::Duration;

use ngcc_proto::config::{Catalogue, ChannelKind, User, UserRole};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::{Fault, Provider};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::house::{PASSWORD, QUEUE, one_agent};
use crate::page::{Answer, LONG};

const ANN: &str = "4711";

fn house() -> Catalogue {
    let mut house = one_agent();
    house.users.push(User {
        name: "root".to_owned(),
        display: "Root".to_owned(),
        roles: vec![UserRole::Admin],
        password: Some(PASSWORD.to_owned()),
    });
    house
}

/// What the page sends of a provider's channel.
fn wish(provider: &Provider) -> Value {
    let channel = &provider.channel;
    let mut settings = match &channel.mail {
        Some(mail) => {
            json!({ "mail.imap": mail.imap, "mail.smtp": mail.smtp, "mail.display": mail.display, "mail.mark": "" })
        }
        None => json!({ "url": channel.url }),
    };
    if !channel.account.is_empty() {
        settings["account"] = json!(channel.account);
    }
    let (kind, secrets) = (channel.kind, channel.secrets.as_ref());
    json!({ "kind": kind, "entry": channel.entry, "lang": "en", "settings": settings, "secrets": secrets })
}

fn path(provider: &Provider) -> String {
    format!("/api/v1/channels/{}", provider.channel.name)
}

async fn add(root: &Agent, provider: &Provider) -> Answer {
    root.change("PUT", &path(provider), &[("If-None-Match", "*")], &wish(provider)).await
}

/// Waits until the channel is as `wanted`: softacd is told of a change behind its answer.
async fn becomes(root: &Agent, provider: &Provider, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = tokio::time::Instant::now();
    loop {
        let channel = root.get(&path(provider)).await.json();
        if wanted(&channel) {
            return channel;
        }
        assert!(begun.elapsed() < LONG, "{channel}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn s0_01_a_channel_of_every_kind_is_set_up_verified_tried_and_removed_in_the_browser() {
    let mut centre = Centre::start_with(&house(), &[]).await;
    let root = Agent::person(&centre, "root").await;
    let kinds = root.get("/api/v1/channels/kinds").await.json();
    let offered = kinds["kinds"].as_array().expect("kinds");
    assert!(kinds["entries"].as_array().expect("entries").contains(&json!(QUEUE)));
    let mut all = Vec::new();
    for kind in ChannelKind::ALL {
        assert!(offered.iter().any(|one| one["kind"] == json!(kind)), "{kind:?}");
        all.push(Provider::start(kind, &format!("by-{}", all.len()), QUEUE).await);
    }
    let mut answers = Vec::new();
    for provider in &mut all {
        let made = add(&root, provider).await;
        assert_eq!(made.status, 201, "{made:?}");
        // Nobody calls for letters: the first look into the mailbox verifies it, and what is forged says nothing of that.
        if provider.channel.kind != ChannelKind::Email {
            becomes(&root, provider, |channel| {
                channel["state"]["verified"].is_null() && !channel["state"].is_null()
            })
            .await;
            assert_eq!(provider.forges(centre.http(), ANN, "m0", "let me in").await, 403);
            becomes(&root, provider, |channel| channel["state"]["forged"]["count"] == 1).await;
        }
        // Those that ask nothing prove themselves by the first message.
        assert!(provider.finds(centre.http()).await);
        assert_eq!(provider.writes(centre.http(), ANN, "m1", "hello").await / 100, 2);
        let verified = becomes(&root, provider, |channel| !channel["state"]["verified"].is_null()).await;
        assert_eq!(verified["state"]["forged"], Value::Null);
        if let Some(mail) = &provider.channel.mail {
            let shown = &verified["settings"];
            assert_eq!(shown["mail.imap"], mail.imap);
            assert_eq!((&shown["mail.display"], &shown["mail.mark"]), (&json!("The Shop"), &json!("")));
        }
        answers.push(made.text);
        answers.push(verified.to_string());
    }
    let wechat = all.iter_mut().find(|one| one.channel.kind == ChannelKind::Wechat).expect("WeChat");
    let (test, words) = (format!("{}/test", path(wechat)), json!({ "to": "bob", "text": "Is it on?" }));
    let tried = root.change("POST", &test, &[], &words).await;
    assert_eq!(tried.json()["is"], "sent");
    // Whoever waits in the queue may be told so before.
    while wechat.next().await["text"]["content"] != "Is it on?" {}
    let sent = becomes(&root, wechat, |channel| !channel["state"]["last_out"].is_null()).await;
    assert_eq!(sent["state"]["token"]["is"], "held");

    // What is set up survives a crash, and how it fares is found out anew.
    centre.crash().await;
    let root = Agent::person(&centre, "root").await;
    for provider in &all {
        let meets = if provider.channel.kind == ChannelKind::Email { "asks" } else { "called" };
        becomes(&root, provider, |channel| channel["state"]["meets"] == meets).await;
        assert_eq!(provider.writes(centre.http(), ANN, "m2", "again").await / 100, 2);
        let found = becomes(&root, provider, |channel| !channel["state"]["verified"].is_null()).await;
        let tag = format!("\"{}\"", found["version"].as_str().expect("a version"));
        let removed = root.change("DELETE", &path(provider), &[("If-Match", &tag)], &json!({})).await;
        assert_eq!(removed.status, 204, "{removed:?}");
    }
    let audit = root.get("/api/v1/audit").await;
    let acts = audit.json()["data"].to_string();
    for act in ["add_channel", "test_channel", "remove_channel"] {
        assert!(acts.contains(act), "{acts}");
    }
    answers.push(audit.text);
    for secret in all.iter().filter_map(|one| one.channel.secrets.as_ref()).flat_map(|all| all.values()) {
        assert!(answers.iter().all(|answer| !answer.contains(secret.as_str())), "a secret came out");
    }
}

#[tokio::test]
async fn s0_01_what_a_provider_refuses_is_told_in_its_words_and_a_secret_is_changed_by_itself() {
    let centre = Centre::start_with(&house(), &[]).await;
    let root = Agent::person(&centre, "root").await;
    let mut wechat = Provider::start(ChannelKind::Wechat, "wx", QUEUE).await;
    let mut wrong = wish(&wechat);
    let right = std::mem::replace(&mut wrong["secrets"]["app_secret"], json!("a-wrong-one"));
    let made = root.change("PUT", &path(&wechat), &[("If-None-Match", "*")], &wrong).await;
    assert_eq!(made.status, 201, "{made:?}");
    becomes(&root, &wechat, |channel| !channel["state"].is_null()).await;
    let test = async |text: &str| {
        let body = json!({ "to": ANN, "text": text });
        root.change("POST", "/api/v1/channels/wx/test", &[], &body).await.json()
    };
    let later = test("one").await;
    assert_eq!(later["is"], "later");
    assert!(later["words"].as_str().expect("words").contains("40125: invalid appsecret"), "{later}");
    let failing = becomes(&root, &wechat, |channel| channel["state"]["failures"] == 1).await;
    assert_eq!(failing["state"]["trouble"]["class"], "account");

    let tag = format!("\"{}\"", failing["version"].as_str().expect("a version"));
    let body = json!({ "kind": "wechat", "entry": QUEUE, "lang": "en",
        "settings": wrong["settings"], "secrets": { "app_secret": right } });
    let changed = root.change("PUT", &path(&wechat), &[("If-Match", &tag)], &body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    becomes(&root, &wechat, |channel| channel["state"]["failures"] == 0).await;
    assert_eq!(test("two").await["is"], "sent");
    assert_eq!(wechat.reads(ANN).await, "two");
    assert!(wechat.finds(centre.http()).await, "the token has stayed as it was");
    wechat.fails(&[Fault::Shut]);
    assert_eq!(test("three").await["is"], "shut");
    let stale = root.change("PUT", &path(&wechat), &[("If-Match", &tag)], &body).await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (412, Some("changed")));
}

#[tokio::test]
async fn s0_01_a_mailbox_is_set_up_field_by_field_and_a_refused_login_is_told_in_the_servers_words() {
    let centre = Centre::start_with(&house(), &[]).await;
    let root = Agent::person(&centre, "root").await;
    let mut mail = Provider::start(ChannelKind::Email, "mail", QUEUE).await;
    let mut wrong = wish(&mail);
    let put = async |body: &Value| root.change("PUT", &path(&mail), &[("If-None-Match", "*")], body).await;
    wrong["settings"]["mail.mark"] = json!("everywhere");
    let refused = put(&wrong).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["field"], "mail.mark");
    wrong["settings"]["mail.mark"] = json!("subject");
    let smtp = wrong["settings"]["mail.smtp"].take();
    wrong["settings"]["mail.smtp"] = json!("smtp://mail.example");
    let refused = put(&wrong).await.json();
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["errors"][0]["why"]),
        (&json!("mail.smtp"), &json!("form"))
    );
    wrong["settings"]["mail.smtp"] = smtp;
    let right = std::mem::replace(&mut wrong["secrets"]["password"], json!("a-wrong-one"));
    assert_eq!(put(&wrong).await.status, 201);
    let failing = becomes(&root, &mail, |channel| channel["state"]["trouble"]["class"] == "account").await;
    let state = &failing["state"];
    assert_eq!((&state["meets"], &state["token"]["is"]), (&json!("asks"), &json!("needless")));
    let words = state["trouble"]["words"].as_str().expect("words");
    assert!(words.contains("AUTHENTICATIONFAILED") && !words.contains("a-wrong-one"), "{words}");
    assert_eq!(failing["settings"]["mail.mark"], "subject");

    let tag = format!("\"{}\"", failing["version"].as_str().expect("a version"));
    wrong["secrets"]["password"] = right;
    let changed = root.change("PUT", &path(&mail), &[("If-Match", &tag)], &wrong).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    becomes(&root, &mail, |channel| !channel["state"]["verified"].is_null()).await;
    let body = json!({ "to": "4711@customers.example", "text": "Is it on?" });
    let tried = root.change("POST", "/api/v1/channels/mail/test", &[], &body).await.json();
    assert_eq!(tried["is"], "sent", "{tried}");
    assert_eq!(mail.reads(ANN).await, "Is it on?");
}
