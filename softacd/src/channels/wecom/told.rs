//! What WeCom tells of a service account: what customers have sent, and what has happened.

use axum::http::HeaderValue;
use ngcc_proto::Wall;
use ngcc_softacd_core::channel::{MAX_PERSON, MAX_REPLY};
use serde_json::Value;

use super::super::adapter::{Brought, What};

/// The most bytes of a cursor.
const MAX_CURSOR: usize = 256;
/// The code of somebody who has come greets them for this long, in milliseconds.
const GREETS_MS: i64 = 20_000;

/// Who has sent something, in the provider's numbers.
mod origin {
    pub(super) const CUSTOMER: u64 = 3;
    pub(super) const SYSTEM: u64 = 4;
}

/// What was told at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// In order.
    pub(super) told: Vec<Told>,
    /// Behind which it goes on.
    pub(super) cursor: String,
    /// There is more.
    pub(super) more: bool,
}

/// One thing that concerns us, and when it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) at: Wall,
    pub(super) brought: Brought,
}

/// Whether an id of the provider's is one: no longer than `most` bytes, and of letters only.
pub(super) fn is_plain(id: &str, most: usize) -> bool {
    (1..=most).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

/// Reads a page of `account`.
pub(super) fn page(answer: Value, account: &str, now: Wall) -> Page {
    let cursor = answer.get("next_cursor").and_then(Value::as_str);
    let cursor = cursor.filter(|cursor| cursor.len() <= MAX_CURSOR).unwrap_or_default().to_owned();
    let more = answer.get("has_more").and_then(Value::as_u64) == Some(1);
    let told = answer.get("msg_list").and_then(Value::as_array);
    let told = told.into_iter().flatten().filter_map(|one| read(one, account, now)).collect();
    Page { told, cursor, more }
}

/// What one entry says; none for what nobody need know, and for what is none of the protocol.
fn read(entry: &Value, account: &str, now: Wall) -> Option<Told> {
    let word = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    let at = Wall(entry.get("send_time").and_then(Value::as_i64)?.saturating_mul(1000));
    let event = entry.get("event").unwrap_or(&Value::Null);
    let of_event = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let (from, what, reply) = match entry.get("origin").and_then(Value::as_u64)? {
        origin::CUSTOMER => {
            (word("external_userid"), said(entry, word("msgtype")), Some(format!("kf:{account}")))
        }
        origin::SYSTEM => {
            let from = of_event("external_userid");
            match of_event("event_type") {
                // Who may not be greeted any more has not come for us before they write.
                "enter_session" if now.0.saturating_sub(at.0) < GREETS_MS => {
                    let code = Some(of_event("welcome_code")).filter(|code| !code.is_empty())?;
                    (from, What::Comes, Some(format!("code:{code}")))
                }
                "msg_send_fail" => {
                    let n = super::number(from, of_event("fail_msgid"))?;
                    (from, What::Unsent(n), None)
                }
                _ => return None,
            }
        }
        // Members of the corporation, who answer beside us.
        _ => return None,
    };
    let fits = is_plain(from, MAX_PERSON) && reply.as_ref().is_none_or(|reply| reply.len() <= MAX_REPLY);
    let id = word("msgid").to_owned();
    let brought = Brought { from: from.to_owned(), name: None, id, reply, thread: None, what };
    (fits && !brought.id.is_empty()).then_some(Told { at, brought })
}

/// What a customer has sent.
fn said(entry: &Value, kind: &str) -> What {
    let part = entry.get(kind).unwrap_or(&Value::Null);
    let word = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| part.get(name).and_then(Value::as_f64).unwrap_or_default();
    let media = |name: &str| What::Media { id: word("media_id").to_owned(), name: name.to_owned() };
    let lines = |all: [&str; 2]| {
        What::Text(all.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
    };
    match kind {
        // What was chosen from a menu comes as its label, with what the menu has for it.
        "text" => match word("menu_id") {
            "" => What::Text(word("content").to_owned()),
            id => What::Text(id.to_owned()),
        },
        "image" => media("image"),
        "voice" => media("voice.amr"),
        "video" => media("video.mp4"),
        "file" => media("file"),
        "location" => {
            let at = format!("({}, {})", number("latitude"), number("longitude"));
            What::Text([word("name"), word("address"), &at].join(" ").trim().to_owned())
        }
        "link" => lines([word("title"), word("url")]),
        "miniprogram" => lines([word("title"), word("pagepath")]),
        "business_card" => lines(["[business_card]", word("userid")]),
        // Whatever else there is: the agent knows that something has come.
        other => What::Text(format!("[{}]", other.chars().take(32).collect::<String>())),
    }
}

/// The name of an attachment.
pub(super) fn file_name(header: &HeaderValue) -> Option<String> {
    let text = String::from_utf8_lossy(header.as_bytes());
    let name = text.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
    let name = name.trim().trim_matches('"');
    (!name.is_empty()).then(|| name.to_owned())
}
