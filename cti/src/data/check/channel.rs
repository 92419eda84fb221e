//! What may be wrong with a messaging channel, field by field.

use std::collections::BTreeMap;

use ngcc_proto::channel::{Fault, Wrong};
use ngcc_proto::config::{Channel, ChannelField, ChannelKind, Number, Object, ObjectKind};

use super::{Book, MAX_NAME, MAX_URI};

/// What a path of the REST interface is called already.
const KEPT: &str = "kinds";
/// The most bytes of a secret.
const MAX_TEXT: usize = 4096;

/// What is wrong with `channel` in the book as it would be, its secrets apart.
pub(in crate::data) fn settings(channel: &Channel, after: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut want = |fine: bool, field: &str, why: Wrong, what: &str| {
        if !fine {
            faults.push(Fault { field: field.to_owned(), why, what: what.to_owned() });
        }
    };
    let name = channel.name.as_str();
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
    let named = !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(fine);
    let form = "a name has 1 to 64 of a–z, 0–9, `-`, `_`: it stands in the callback's address";
    want(named, "name", Wrong::Form, form);
    let public = after.rows.get(&(ObjectKind::Number, channel.entry.clone()));
    let public = public.is_some_and(|row| matches!(&row.object, Object::Number(Number { public: true, .. })));
    want(public, "entry", Wrong::NotThere, "its entry is no public number: add one first");
    want(["zh", "en"].contains(&channel.lang.as_str()), "lang", Wrong::Form, "lang is zh or en");
    let url = channel.url.len() <= MAX_URI
        && (channel.url.is_empty() || ["https://", "http://"].iter().any(|s| channel.url.starts_with(s)))
        && !channel.url.contains(char::is_whitespace);
    want(url, "url", Wrong::Form, "url begins with https:// or http:// and has at most 256 characters");
    match channel.kind {
        ChannelKind::Generic => {
            let what = "url says where outgoing messages are posted";
            want(!channel.url.is_empty(), "url", Wrong::Missing, what);
        }
        // The bot's token names it.
        ChannelKind::Telegram => {}
        ChannelKind::Email => {
            let what = "it has no url: mail.imap and mail.smtp say where its letters are";
            want(channel.url.is_empty(), "url", Wrong::Unknown, what);
        }
        ChannelKind::Wechat
        | ChannelKind::Yixin
        | ChannelKind::Qq
        | ChannelKind::Alipay
        | ChannelKind::Wecom => {
            let count = channel.account.chars().count();
            let why = if count == 0 { Wrong::Missing } else { Wrong::Long };
            let what = "account is the app id that the provider gave";
            want((1..=MAX_NAME).contains(&count), "account", why, what);
        }
    }
    let own = channel.kind == ChannelKind::Email;
    let what = "imap, smtp and what belongs to them are for the kind email";
    want(own || channel.mail.is_none(), "mail", Wrong::Unknown, what);
    if own {
        faults.extend(channel.mail.clone().unwrap_or_default().faults(&channel.account));
    }
    faults
}

/// Whether a channel that is made now may have its name.
pub(in crate::data) fn name(channel: &Channel) -> Option<Fault> {
    let what = format!("`{KEPT}` is a part of the interface: choose another name");
    (channel.name == KEPT).then(|| Fault { field: "name".to_owned(), why: Wrong::Form, what })
}

/// What is wrong with the secrets that are given, all of them at once; `kept`: there are some already, which stay when none
/// are given. A channel without those it works with answers nobody.
pub(in crate::data) fn secrets(
    kind: ChannelKind,
    given: Option<&BTreeMap<String, String>>,
    kept: bool,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut say =
        |field: &str, why: Wrong, what: String| faults.push(Fault { field: field.to_owned(), why, what });
    let needed: Vec<&str> = kind.secrets().collect();
    let missing = needed.iter().filter(|name| match given {
        Some(given) => !given.contains_key(**name),
        None => !kept,
    });
    for name in missing {
        let needs = needed.join("`, `");
        let what = format!("the secret `{name}` is missing: it needs `{needs}`, all given at once");
        say(name, Wrong::Missing, what);
    }
    for (name, text) in given.into_iter().flatten() {
        let known: Vec<&ChannelField> = kind.fields().iter().filter(|field| field.secret).collect();
        if !known.iter().any(|field| field.key == name) {
            let known: Vec<&str> = known.iter().map(|field| field.key).collect();
            let what = format!("it has no secret `{name}`: there are `{}`", known.join("`, `"));
            say(name, Wrong::Unknown, what);
        } else if !(1..=MAX_TEXT).contains(&text.len()) {
            let what = format!("the secret `{name}` has 1 to {MAX_TEXT} bytes");
            say(name, if text.is_empty() { Wrong::Missing } else { Wrong::Long }, what);
        } else if let Some(form) = kind.ill_formed(name, text) {
            say(name, Wrong::Form, format!("the secret `{name}`: {form}"));
        }
    }
    faults
}
