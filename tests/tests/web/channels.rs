//! Customers on messaging channels: the same conversation on each, whatever its provider speaks and however it fails.

use futures_util::future::join_all;
use ngcc_proto::config::{Catalogue, ChannelKind};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::{Fault, PICTURE, Provider};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::chat::{lines, stored};
use crate::customer::Customer;
use crate::house::{HELLO, MENU, QUEUE, one_agent};

pub(crate) const ANN: &str = "4711";
/// A provider of every kind, whose customers dial `entry`.
async fn every_kind(entry: &str) -> Vec<Provider> {
    let kinds = [
        (ChannelKind::Wechat, "wechat"),
        (ChannelKind::Yixin, "yixin"),
        (ChannelKind::Qq, "qq"),
        (ChannelKind::Alipay, "alipay"),
        (ChannelKind::Telegram, "telegram"),
        (ChannelKind::Wecom, "wecom"),
        (ChannelKind::Generic, "app"),
        (ChannelKind::Email, "mail"),
    ];
    let mut all = vec![Provider::start(ChannelKind::Telegram, "asked", entry).await.that_is_asked()];
    for (kind, name) in kinds {
        all.push(Provider::start(kind, name, entry).await);
    }
    all
}

/// The house with a channel of each of these providers.
pub(crate) fn house(providers: &[&Provider]) -> Catalogue {
    Catalogue { channels: providers.iter().map(|p| p.channel.clone()).collect(), ..one_agent() }
}

/// A stored transcript. What opens a session and the greeting begin at once: which of them is stored first is open.
pub(crate) fn said(row: &Value) -> Vec<String> {
    let mut all = lines(row);
    if all.first().is_some_and(|line| line.ends_with(HELLO)) {
        all.swap(0, 1);
    }
    all
}

/// The facts of a stored session by their names, in order.
pub(crate) fn trace(row: &Value) -> Vec<String> {
    let facts = row["facts"].as_array().expect("facts");
    let name = |fact: &Value| fact["what"]["type"].as_str().expect("a fact has a name").to_owned();
    facts.iter().map(name).collect()
}

/// The conversation that all the others are held against, by a page; as it is stored.
pub(crate) async fn by_web(centre: &Centre, alice: &mut Agent, sue: &Agent) -> Value {
    let mut ann = Customer::new(centre, MENU).await;
    ann.say("k1", "hello").await;
    ann.reads(HELLO).await;
    ann.say("k2", "1").await;
    let session = alice.accept().await;
    alice.say(&session, "a1", "Yes, please?").await;
    ann.reads("Yes, please?").await;
    ann.say("k3", "Thank you.").await;
    alice.reads(&session, "Thank you.").await;
    alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    ann.closed().await;
    stored(sue, &session).await
}

#[tokio::test]
async fn s0_01_the_same_conversation_by_web_and_by_every_channel_leaves_the_same_trace() {
    let mut providers = every_kind(MENU).await;
    let centre = Centre::start_with(&house(&providers.iter().collect::<Vec<_>>()), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let sue = Agent::person(&centre, "sue").await;

    let by_web = by_web(&centre, &mut alice, &sue).await;

    for provider in &mut providers {
        let name = provider.channel.name.clone();
        assert!(provider.finds(centre.http()).await, "{name}");
        assert_eq!(provider.writes(centre.http(), ANN, "m1", "hello").await / 100, 2, "{name}");
        let menu = format!("{HELLO}\n1  A person\n2  My card\n3  Nothing");
        let mut read = vec![provider.reads(ANN).await];
        while !read.concat().contains(&menu) {
            read.push(provider.reads(ANN).await);
        }
        assert_eq!(provider.chooses(centre.http(), ANN, "m2", "1").await / 100, 2);
        let offer = alice.offered().await;
        assert_eq!(offer["user"], provider.user(ANN));
        let session = alice.accept_it(&offer).await;
        let words = format!("a-{name}");
        alice.say(&session, &words, "Yes, please?").await;
        while !read.last().is_some_and(|text| text.ends_with("Yes, please?")) {
            read.push(provider.reads(ANN).await);
        }
        // Nobody is sent a letter of that.
        let told = provider.channel.kind != ChannelKind::Email;
        assert_eq!(read.concat().contains("alice joined"), told, "{name}: {read:?}");
        assert_eq!(provider.writes(centre.http(), ANN, "m3", "Thank you.").await / 100, 2);
        alice.reads(&session, "Thank you.").await;
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
        let row = stored(&sue, &session).await;
        assert_eq!(said(&row), said(&by_web), "{name}");
        assert_eq!(trace(&row), trace(&by_web), "{name}");
    }
}

#[tokio::test]
async fn s0_01_a_provider_that_repeats_forges_and_fails_loses_doubles_and_reorders_nothing() {
    // The signed channel has neither tokens nor windows, and Yixin speaks as WeChat does.
    let untroubled = |kind: ChannelKind| [ChannelKind::Generic, ChannelKind::Yixin].contains(&kind);
    let providers = every_kind(QUEUE).await.into_iter().filter(|p| !untroubled(p.channel.kind));
    // Most of it is pauses.
    join_all(providers.map(|mut provider| async move { troubled(&mut provider).await })).await;
}

/// A conversation by a provider that does what a provider may.
async fn troubled(provider: &mut Provider) {
    let mut centre = Centre::start_with(&house(&[provider]), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;

    assert_eq!(provider.forges(centre.http(), ANN, "m0", "let me in").await, 403);
    assert_eq!(provider.writes(centre.http(), ANN, "m1", "one").await, 200);
    assert_eq!(provider.writes(centre.http(), ANN, "m1", "one").await, 200, "it comes again");
    let session = alice.accept().await;
    assert_eq!(provider.writes(centre.http(), ANN, "m2", "two").await, 200);
    // What was written before she took it comes by a replay, which may come behind what is written now.
    alice.reads(&session, "one").await;
    alice.reads(&session, "two").await;
    let of_ann = |alice: &Agent| {
        let texts = alice.texts(&session);
        texts
            .into_iter()
            .filter(|text| ["one", "two", "let me in"].contains(&text.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_ann(&alice), ["one", "two"], "neither the forged one nor the repeat");
    if provider.channel.kind != ChannelKind::Email {
        assert!(provider.reads(ANN).await.contains("alice joined"));
    }

    // Too busy, broken, and a token that is good no more: it is taken once, after all of them.
    provider.fails(&[Fault::Busy, Fault::Broken, Fault::Expired]);
    alice.say(&session, "a1", "three").await;
    assert_eq!(provider.reads(ANN).await, "three");
    if [ChannelKind::Wechat, ChannelKind::Qq, ChannelKind::Wecom].contains(&provider.channel.kind) {
        assert_eq!(provider.tokens(), 2, "one owner renews it once");
    }

    // The provider takes nothing more until the customer writes.
    provider.fails(&[Fault::Shut]);
    alice.say(&session, "a2", "four").await;
    alice.say(&session, "a3", "five").await;
    assert_eq!(provider.writes(centre.http(), ANN, "m3", "six").await, 200);
    let mut read = String::new();
    while !read.ends_with("five\n") {
        read.push_str(&provider.reads(ANN).await);
        read.push('\n');
    }
    assert_eq!(read, "four\nfive\n");

    // What lies in the outbox when the centre is killed goes out when it is there again.
    provider.fails(&[Fault::Broken; 2]);
    alice.say(&session, "a4", "seven").await;
    centre.crash().await;
    assert_eq!(provider.reads(ANN).await, "seven");
    assert!(provider.is_quiet());
}

#[tokio::test]
async fn s0_01_an_answer_whose_receipt_is_lost_is_known_again_by_who_numbers_answers() {
    let qq = Provider::start(ChannelKind::Qq, "qq", QUEUE).await;
    let wecom = Provider::start(ChannelKind::Wecom, "wecom", QUEUE).await;
    let centre = Centre::start_with(&house(&[&qq, &wecom]), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    for mut provider in [qq, wecom] {
        assert_eq!(provider.writes(centre.http(), ANN, "m1", "one").await, 200);
        let session = alice.accept().await;
        assert!(provider.reads(ANN).await.contains("alice joined"));
        provider.fails(&[Fault::Swallowed]);
        let name = &provider.channel.name;
        alice.say(&session, &format!("a1-{name}"), "two").await;
        // It goes again as it was, though more waits behind it by then.
        alice.say(&session, &format!("a2-{name}"), "three").await;
        assert_eq!(provider.reads(ANN).await, "two");
        assert_eq!(provider.reads(ANN).await, "three");
        assert!(provider.is_quiet());
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    }
}

#[tokio::test]
async fn s0_01_pictures_come_from_and_go_to_a_channel_whole() {
    let mut providers = every_kind(QUEUE).await;
    let centre = Centre::start_with(&house(&providers.iter().collect::<Vec<_>>()), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    for provider in &mut providers {
        assert_eq!(provider.shows(centre.http(), ANN, "m1").await / 100, 2);
        let session = alice.accept().await;
        let file = loop {
            let found =
                alice.lines.iter().find(|((of, _), m)| *of == session && m["content"]["kind"] == "file");
            if let Some((_, message)) = found {
                break message["content"].clone();
            }
            alice.find("a file", |f| f["type"] == "seat").await;
        };
        assert_eq!(
            (file["mime"].as_str(), file["size"].as_u64()),
            (Some("image/png"), Some(PICTURE.len() as u64))
        );
        // The agent sends it back.
        let content = json!({ "kind": "file", "file": file["file"], "name": "cat.png", "mime": "image/png", "size": file["size"] });
        alice.tell(Some(&session), json!({ "type": "say", "key": "back", "content": content })).await;
        alice.seat("back", |s| s["type"] == "accepted" && s["key"] == "back").await;
        if provider.channel.kind == ChannelKind::Alipay {
            // It takes no pictures, and is not asked to.
            alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
            continue;
        }
        assert!(provider.sees().await, "{}", provider.channel.name);
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    }
}

#[tokio::test]
async fn s0_01_that_an_agent_writes_is_shown_where_a_channel_shows_it_and_holds_nothing_up() {
    let shown = |kind| match kind {
        ChannelKind::Wechat => Some(json!({ "touser": ANN, "command": "Typing" })),
        ChannelKind::Telegram => Some(json!({ "chat_id": ANN, "action": "typing" })),
        ChannelKind::Generic => Some(json!({ "type": "typing", "channel": "app", "to": ANN, "on": true })),
        ChannelKind::Qq
        | ChannelKind::Alipay
        | ChannelKind::Yixin
        | ChannelKind::Wecom
        | ChannelKind::Email => None,
    };
    let mut providers = every_kind(QUEUE).await;
    let centre = Centre::start_with(&house(&providers.iter().collect::<Vec<_>>()), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    for provider in &mut providers {
        let name = provider.channel.name.clone();
        assert_eq!(provider.writes(centre.http(), ANN, "m1", "hello").await / 100, 2, "{name}");
        let session = alice.accept().await;
        if provider.channel.kind != ChannelKind::Email {
            assert!(provider.reads(ANN).await.contains("alice joined"), "{name}");
        }
        alice.tell(Some(&session), json!({ "type": "typing" })).await;
        if let Some(shown) = shown(provider.channel.kind) {
            assert_eq!(provider.next().await, shown);
        }
        // She goes on: that is not said again so soon.
        alice.tell(Some(&session), json!({ "type": "typing" })).await;
        alice.say(&session, &format!("a1-{name}"), "Yes?").await;
        assert_eq!(provider.reads(ANN).await, "Yes?", "{name}");
        if shown(provider.channel.kind).is_some() {
            // Nobody tries again to show what could not be shown, and what is written does not wait for it.
            provider.fails(&[Fault::Broken]);
            alice.tell(Some(&session), json!({ "type": "typing" })).await;
            provider.failed().await;
            alice.say(&session, &format!("a2-{name}"), "Still there?").await;
            assert_eq!(provider.reads(ANN).await, "Still there?", "{name}");
        }
        assert!(provider.is_quiet(), "{name}");
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    }
}

#[tokio::test]
async fn s0_01_a_file_that_can_never_be_had_holds_nothing_up_and_the_agent_knows_of_it() {
    let called = Provider::start(ChannelKind::Telegram, "called", QUEUE).await;
    let asked = Provider::start(ChannelKind::Telegram, "asked", QUEUE).await.that_is_asked();
    let mail = Provider::start(ChannelKind::Email, "mail", QUEUE).await;
    let centre = Centre::start_with(&house(&[&called, &asked, &mail]), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    for provider in [called, asked, mail] {
        assert_eq!(provider.overdoes(centre.http(), ANN, "m1").await, 200);
        assert_eq!(provider.writes(centre.http(), ANN, "m2", "did you see it?").await, 200);
        let session = alice.accept().await;
        alice.reads(&session, "[holidays.mp4: the file cannot be received]").await;
        alice.reads(&session, "did you see it?").await;
        alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    }
}

#[tokio::test]
async fn a_channels_secrets_are_stored_encrypted_and_are_never_shown_again() {
    let app = Provider::start(ChannelKind::Generic, "app", QUEUE).await;
    let centre = Centre::start_with(&house(&[&app]), &[]).await;
    let secret = app.channel.secrets.as_ref().expect("secrets")["key"].clone();
    let (shown, text) = centre.command(&["channel", "show", "app"]).await;
    assert!(shown && !text.contains(&secret) && text.contains("generic"), "{text}");
    let (exported, text) = centre.command(&["export"]).await;
    assert!(exported && !text.contains(&secret), "{text}");
    for file in ["business.db", "business.db-wal"] {
        let bytes = std::fs::read(centre.data().join(file)).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{file}");
    }
    let (refused, why) = centre.command(&["channel", "add", "x", "--kind", "wechat", "--entry", "9"]).await;
    assert!(!refused && why.contains("app_secret") && why.contains("no public number"), "{why}");
    let keys = ["--secret", "alipay_public_key=MIIB", "--secret", "app_private_key=none"];
    let alipay = ["channel", "add", "x", "--kind", "alipay", "--entry", QUEUE, "--account", "2021"];
    let (refused, why) = centre.command(&[&alipay[..], &keys].concat()).await;
    assert!(!refused && why.matches("it is an RSA key").count() == 2, "{why}");
    let telegram = ["channel", "add", "x", "--kind", "telegram", "--entry", QUEUE, "--secret", "token=../x"];
    let (refused, why) = centre.command(&telegram).await;
    assert!(!refused && why.contains("BotFather"), "{why}");
    let email = [
        "channel",
        "add",
        "x",
        "--kind",
        "email",
        "--entry",
        QUEUE,
        "--account",
        "Shop",
        "--secret",
        "password=x",
    ];
    let hosts = ["--imap", "imaps://mail.example", "--smtp", "smtp://mail.example"];
    let (refused, why) = centre.command(&[&email[..], &hosts].concat()).await;
    assert!(
        !refused && why.contains("smtp+starttls") && why.contains("account is the e-mail address"),
        "{why}"
    );
    let email = [
        "channel",
        "add",
        "x",
        "--kind",
        "email",
        "--entry",
        QUEUE,
        "--account",
        "a@shop.example",
        "--secret",
        "password=s3cret-of-it",
    ];
    let hosts = ["--imap", "imap://127.0.0.1:9", "--smtp", "smtps://mail.example", "--display", "The Shop"];
    let (added, why) = centre.command(&[&email[..], &hosts].concat()).await;
    assert!(added, "{why}");
    let (_, shown) = centre.command(&["channel", "show", "x"]).await;
    assert!(
        shown.contains("imap://127.0.0.1:9") && shown.contains("The Shop") && !shown.contains("s3cret"),
        "{shown}"
    );
}
