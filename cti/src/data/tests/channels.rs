//! An administrator changes messaging channels.

use ngcc_proto::channel::{Change, Changed, Fault, Listed, Over, Wrong};
use ngcc_proto::config::{Channel, ChannelKind};

use super::*;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn wechat() -> Channel {
    Channel {
        name: "shop".into(),
        kind: ChannelKind::Wechat,
        entry: "800".into(),
        account: "wx1".into(),
        url: String::new(),
        lang: "en".into(),
        mail: None,
        secrets: None,
    }
}

async fn house(place: &Place) -> Running {
    let mut running = Running::start(place).await;
    let number = |name: &str, public| Number {
        number: name.to_owned(),
        prefix: false,
        to: Route::Conference("room".to_owned()),
        public,
    };
    let numbers = vec![number("800", true), number("801", false)];
    let done = running.import(Catalogue { numbers, ..Catalogue::default() }, true).await;
    assert!(matches!(done, Event::Done { .. }), "{done:?}");
    running
}

impl Running {
    async fn changed(&mut self, change: Change) -> Changed {
        let answer = self.ask(change).await;
        let Body::ChannelChanged(changed) = answer else { panic!("{} is no answer", answer.name()) };
        changed
    }

    async fn put(&mut self, channel: Channel, secrets: &str, over: Over) -> Changed {
        self.changed(Change::Put { channel, secrets: Secret::new(secrets), over }).await
    }

    async fn add(&mut self) -> Listed {
        let put = self.put(wechat(), r#"{"token":"t0ken","app_secret":"s3cret"}"#, Over::Nothing).await;
        let Changed::Put { channel } = put else { panic!("{put:?}") };
        *channel
    }

    /// The secrets as softacd is told of them.
    async fn told_secrets(&mut self) -> String {
        loop {
            if let Body::ConfigAccess(config) = self.next().await.body
                && let Some(account) = config.channels.first()
            {
                return account.secrets.expose().to_owned();
            }
        }
    }
}

fn over(listed: &Listed) -> Over {
    Over::Version { version: listed.version.clone() }
}

fn faults(changed: Changed) -> Vec<(String, Wrong)> {
    let Changed::Refused { faults } = changed else { panic!("{changed:?}") };
    faults.into_iter().map(|Fault { field, why, .. }| (field, why)).collect()
}

#[tokio::test]
async fn a_channel_is_made_changed_secret_by_secret_and_removed_over_what_was_seen_only() {
    let place = Place::new();
    let mut running = house(&place).await;
    let first = running.add().await;
    assert_eq!(first.secrets, ["app_secret", "token"], "which are set, and none of them");
    assert_eq!(first.settings, wechat());
    let again = running.put(wechat(), r#"{"token":"x","app_secret":"y"}"#, Over::Nothing).await;
    assert_eq!(again, Changed::Taken);

    // Nothing but the language, and the secrets stay.
    let english = Channel { lang: "zh".into(), ..wechat() };
    let put = running.put(english.clone(), "{}", over(&first)).await;
    let Changed::Put { channel: second } = put else { panic!("{put:?}") };
    assert_ne!(second.version, first.version);
    assert_eq!(second.secrets, first.secrets);
    assert_eq!(running.put(wechat(), "{}", over(&first)).await, Changed::Stale, "somebody was faster");

    // One secret is another now, one comes to them and goes again.
    let more = format!(r#"{{"token":"another","aes_key":"{KEY}"}}"#);
    running.send(Change::Put { channel: english.clone(), secrets: Secret::new(more), over: over(&second) });
    let told = running.told_secrets().await;
    assert_eq!(told, format!(r#"{{"aes_key":"{KEY}","app_secret":"s3cret","token":"another"}}"#));
    let Changed::Listed { channels, entries } = running.changed(Change::List).await else {
        panic!("no list")
    };
    assert_eq!(entries, ["800"], "only public numbers");
    let third = &channels[0];
    assert_eq!(third.secrets, ["aes_key", "app_secret", "token"]);
    let put = running.put(english, r#"{"aes_key":null}"#, over(third)).await;
    let Changed::Put { channel: last } = put else { panic!("{put:?}") };
    assert_eq!(last.secrets, ["app_secret", "token"]);

    let remove = |version: &str| Change::Remove { name: "shop".into(), version: version.to_owned() };
    assert_eq!(running.changed(remove(&third.version)).await, Changed::Stale);
    assert_eq!(running.changed(remove(&last.version)).await, Changed::Removed);
    assert_eq!(running.changed(remove(&last.version)).await, Changed::Stale, "it is gone");
    assert_eq!(running.export().await.channels, []);
}

#[tokio::test]
async fn what_is_wrong_with_a_channel_is_told_field_by_field_and_changes_nothing() {
    let place = Place::new();
    let mut running = house(&place).await;
    let bad = Channel {
        name: "Shop 1".into(),
        entry: "801".into(),
        account: String::new(),
        url: "ftp://x".into(),
        lang: "fr".into(),
        ..wechat()
    };
    let put = running.put(bad, r#"{"aes_key":"short","pin":"1"}"#, Over::Nothing).await;
    let form = |field: &str| (field.to_owned(), Wrong::Form);
    assert_eq!(
        faults(put),
        [
            form("name"),
            ("entry".to_owned(), Wrong::NotThere),
            form("lang"),
            form("url"),
            ("account".to_owned(), Wrong::Missing),
            ("app_secret".to_owned(), Wrong::Missing),
            ("token".to_owned(), Wrong::Missing),
            form("aes_key"),
            ("pin".to_owned(), Wrong::Unknown),
        ]
    );
    let both = r#"{"token":"t","app_secret":"s"}"#;
    let kinds = Channel { name: "kinds".into(), ..wechat() };
    assert_eq!(faults(running.put(kinds, both, Over::Nothing).await), [form("name")]);
    assert_eq!(running.export().await.channels, []);

    let first = running.add().await;
    let other = Channel { kind: ChannelKind::Yixin, ..wechat() };
    assert_eq!(faults(running.put(other, "{}", over(&first)).await), [("kind".to_owned(), Wrong::Fixed)]);
    let without = running.put(wechat(), r#"{"token":null}"#, over(&first)).await;
    assert_eq!(faults(without), [("token".to_owned(), Wrong::Missing)]);
    assert_eq!(faults(running.put(wechat(), "[]", over(&first)).await), [form("")]);
    assert_eq!(running.export().await.channels, [wechat()]);
}
