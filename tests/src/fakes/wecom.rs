//! WeCom's customer service: encrypted callbacks that only hint at what is then asked for, in small pages.

use std::net::SocketAddr;

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockEncryptMut, KeyIvInit};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::keys::hex;
use super::{Act, Asked, Callback, Fault, Inner, PICTURE, Provider, SECRET, locked};

/// The corporation.
pub(super) const CORPORATION: &str = "ww1";
/// What callbacks are signed with, and encrypted.
pub(super) const TOKEN: &str = "ngcctoken";
pub(super) const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE";
/// The account by which customers write.
const ACCOUNT: &str = "wkAAA";
/// So much is told at once.
const PAGE: usize = 2;

impl Provider {
    /// A customer of WeCom writes, and the hint of it is lost.
    pub fn keeps(&self, person: &str, id: &str, text: &str) {
        keeps(&self.inner, entry(person, id, &Act::Writes(text)));
    }

    /// Something happens at WeCom: a word for it, and what else is told of it.
    pub async fn happens(&self, centre: SocketAddr, person: &str, id: &str, what: &str, more: (&str, &str)) {
        keeps(&self.inner, event(id, what, person, more));
        assert_eq!(self.posts(centre, hint(&self.inner, true)).await.0, 200);
    }

    /// WeCom tells nothing to the next that asks; then it tells the next everything again.
    pub fn breaks_and_forgets(&self) {
        *locked(&self.inner.breaks) = true;
        *locked(&self.inner.forgets) = true;
    }
}

/// What has happened, as it is told to who asks.
pub(super) fn entry(person: &str, id: &str, act: &Act<'_>) -> Value {
    let (kind, part) = match act {
        Act::Writes(text) => ("text", json!({ "content": text })),
        Act::Presses(value) => ("text", json!({ "content": "what stands there", "menu_id": value })),
        Act::Shows => ("image", json!({ "media_id": "picture" })),
        Act::Overdoes => ("video", json!({ "media_id": "huge" })),
    };
    json!({
        "msgid": id, "open_kfid": ACCOUNT, "external_userid": person, "send_time": now(), "origin": 3,
        "msgtype": kind, kind: part,
    })
}

/// What happens by itself.
fn event(id: &str, what: &str, person: &str, more: (&str, &str)) -> Value {
    let event =
        json!({ "event_type": what, "open_kfid": ACCOUNT, "external_userid": person, more.0: more.1 });
    json!({ "msgid": id, "send_time": now(), "origin": 4, "msgtype": "event", "event": event })
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("a time after 1970").as_secs()
}

/// Keeps what has happened for who asks for it.
pub(super) fn keeps(inner: &Inner, entry: Value) {
    inner.updates.send_modify(|(_, all)| all.push(entry));
}

/// A hint that there is something.
pub(super) fn hint(inner: &Inner, signed: bool) -> Callback {
    let mut token = 0;
    inner.updates.send_modify(|(given, _)| {
        *given += 1;
        token = *given;
    });
    let xml = format!(
        "<xml><ToUserName>{CORPORATION}</ToUserName><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>H{token}</Token><OpenKfId>{ACCOUNT}</OpenKfId></xml>"
    );
    let encrypted = encrypt(&xml);
    let body = format!("<xml><ToUserName>{CORPORATION}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>");
    Callback { query: query(&encrypted, signed), headers: vec![], body: body.into_bytes() }
}

/// The query of the question whether this is the place.
pub(super) fn question() -> String {
    let encrypted = encrypt("4711");
    let coded: String = encrypted
        .chars()
        .map(|c| match c {
            '+' => "%2B".to_owned(),
            '/' => "%2F".to_owned(),
            '=' => "%3D".to_owned(),
            c => c.to_string(),
        })
        .collect();
    format!("{}&echostr={coded}", query(&encrypted, true))
}

fn query(encrypted: &str, signed: bool) -> String {
    let mut parts = [TOKEN, "1700000000", "n0nce", encrypted];
    parts.sort_unstable();
    let right = hex(&Sha1::digest(parts.concat()));
    let signature = if signed { right } else { "0".repeat(40) };
    format!("?msg_signature={signature}&timestamp=1700000000&nonce=n0nce")
}

fn encrypt(text: &str) -> String {
    let key = BASE64.decode(format!("{AES_KEY}=")).expect("a key");
    let length = u32::try_from(text.len()).expect("a short text").to_be_bytes();
    let mut plain = [&b"0123456789abcdef"[..], &length, text.as_bytes(), CORPORATION.as_bytes()].concat();
    let pad = 32 - plain.len() % 32;
    plain.extend(std::iter::repeat_n(u8::try_from(pad).expect("at most 32"), pad));
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &key[..16]).expect("32 and 16 bytes");
    let size = plain.len();
    BASE64.encode(cipher.encrypt_padded_mut::<NoPadding>(&mut plain, size).expect("whole blocks"))
}

/// The answer to what never fails: questions for tokens, and for what has happened.
pub(super) fn without_fault(inner: &Inner, asked: &Asked) -> Option<Response> {
    match asked.path.as_str() {
        "/cgi-bin/gettoken" => {
            let known = asked.given("corpid") == CORPORATION && asked.given("corpsecret") == SECRET;
            Some(if known {
                answer(&json!({ "errcode": 0, "access_token": inner.gives_token(), "expires_in": 7200 }))
            } else {
                answer(&json!({ "errcode": 40_001, "errmsg": "invalid credential" }))
            })
        }
        "/cgi-bin/kf/sync_msg" if asked.given("access_token") == inner.token() => Some(page(inner, asked)),
        _ => None,
    }
}

/// What has happened behind a cursor; the first page is late and broken, where that is to be.
fn page(inner: &Inner, asked: &Asked) -> Response {
    let wanted = asked.json();
    let (given, all) = inner.updates.borrow().clone();
    let known = wanted["token"].as_str().is_none_or(|token| {
        token.strip_prefix('H').and_then(|n| n.parse().ok()).is_some_and(|n: i64| (1..=given).contains(&n))
    });
    if wanted["open_kfid"] != ACCOUNT || !known || wanted["limit"].as_u64().is_none_or(|limit| limit > 1000) {
        return answer(&json!({ "errcode": 95_007, "errmsg": "invalid msgtoken" }));
    }
    if std::mem::take(&mut *locked(&inner.breaks)) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let cursor = wanted["cursor"].as_str().and_then(|cursor| cursor.strip_prefix('c'));
    let mut from = cursor.and_then(|n| n.parse().ok()).unwrap_or(0);
    if std::mem::take(&mut *locked(&inner.forgets)) {
        from = 0;
    }
    let to = all.len().min(from + PAGE);
    answer(&json!({
        "errcode": 0, "errmsg": "ok", "next_cursor": format!("c{to}"),
        "has_more": u8::from(to < all.len()), "msg_list": all[from.min(to)..to],
    }))
}

pub(super) fn asked(inner: &Inner, asked: &Asked, fault: Option<Fault>) -> Response {
    if fault == Some(Fault::Expired) {
        return answer(&json!({ "errcode": 42_001, "errmsg": "access_token expired" }));
    }
    if fault == Some(Fault::Shut) {
        return answer(&json!({ "errcode": 95_001, "errmsg": "send msg count limit" }));
    }
    if asked.given("access_token") != inner.token() {
        return answer(&json!({ "errcode": 40_014, "errmsg": "invalid access_token" }));
    }
    match (&asked.method, asked.path.as_str()) {
        (&Method::GET, "/cgi-bin/media/get") if asked.given("media_id") == "picture" => {
            let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"cat.png\"");
            ([(header::CONTENT_TYPE, "image/png"), name], PICTURE).into_response()
        }
        (&Method::GET, "/cgi-bin/media/get") => answer(&json!({ "errcode": 40_007, "errmsg": "no" })),
        (&Method::POST, "/cgi-bin/media/upload") => {
            let whole = asked.body.windows(PICTURE.len()).any(|part| part == PICTURE);
            answer(&json!({ "errcode": 0, "media_id": if whole { "whole" } else { "cut" } }))
        }
        (&Method::POST, "/cgi-bin/kf/send_msg") if asked.json()["open_kfid"] == ACCOUNT => {
            takes(inner, asked.json())
        }
        (&Method::POST, "/cgi-bin/kf/send_msg_on_event") => {
            let mut message = asked.json();
            // The code says whom it is for.
            let code = message["code"].as_str().and_then(|code| code.strip_prefix("code-of-"));
            message["touser"] = json!(code.expect("the code of somebody who has come"));
            takes(inner, message)
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Takes a message, unless its id is known.
fn takes(inner: &Inner, mut message: Value) -> Response {
    let id = message["msgid"].as_str().expect("an id").to_owned();
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    assert!(id.len() <= 32 && id.bytes().all(fine), "{id}");
    if !locked(&inner.answers).entry(id).or_default().insert(0) {
        return answer(&json!({ "errcode": 95_999, "errmsg": "msgid exists" }));
    }
    if message["msgtype"] == "msgmenu" {
        // What their screen shows: what there is to choose below the text.
        let mut text = message["msgmenu"]["head_content"].as_str().expect("a text").to_owned();
        for item in message["msgmenu"]["list"].as_array().expect("a list") {
            let word = |name: &str| item["click"][name].as_str().expect("of the item").to_owned();
            text.push_str(&format!("\n{}  {}", word("id"), word("content")));
        }
        message["text"]["content"] = json!(text);
    }
    inner.takes(message);
    answer(&json!({ "errcode": 0, "errmsg": "ok" }))
}

pub(super) fn picture(message: &Value) -> Option<bool> {
    (message["msgtype"] == "image").then(|| message["image"]["media_id"] == "whole")
}

/// It answers with 200, whatever has happened.
fn answer(value: &Value) -> Response {
    super::answer(StatusCode::OK, value)
}
