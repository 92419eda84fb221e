//! A system that speaks the signed channel.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Act, Asked, Callback, Inner, PICTURE, SECRET};

pub(super) fn callback(person: &str, id: &str, act: &Act<'_>, signed: bool) -> Callback {
    let sender = json!({ "id": person, "name": person });
    let body = match act {
        Act::Writes(text) | Act::Presses(text) => {
            json!({ "type": "text", "id": id, "sender": sender, "text": text })
        }
        Act::Shows | Act::Overdoes => {
            let file = json!({ "name": "cat.png", "data": BASE64.encode(PICTURE) });
            json!({ "type": "file", "id": id, "sender": sender, "file": file })
        }
    };
    posted(id, &body, signed)
}

/// A text of somebody whom the company knows as `customer`.
pub(super) fn of_customer(person: &str, customer: &str, id: &str, text: &str) -> Callback {
    let sender = json!({ "id": person, "customer": customer });
    posted(id, &json!({ "type": "text", "id": id, "sender": sender, "text": text }), true)
}

fn posted(id: &str, body: &Value, signed: bool) -> Callback {
    let body = body.to_string();
    let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    let at = at.as_secs().to_string();
    let mut signature = signature(SECRET, id, &at, body.as_bytes());
    if !signed {
        signature.replace_range(3..4, if &signature[3..4] == "A" { "B" } else { "A" });
    }
    let headers =
        vec![("webhook-id", id.to_owned()), ("webhook-timestamp", at), ("webhook-signature", signature)];
    Callback { query: String::new(), headers, body: body.into_bytes() }
}

pub(super) fn asked(inner: &Inner, asked: &Asked) -> Response {
    let (id, at) = (asked.header("webhook-id"), asked.header("webhook-timestamp"));
    if asked.header("webhook-signature") != signature(SECRET, id, at, &asked.body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inner.takes(asked.json());
    StatusCode::NO_CONTENT.into_response()
}

pub(super) fn picture(message: &Value) -> Option<bool> {
    let data = message["file"]["data"].as_str()?;
    Some(BASE64.decode(data).expect("base64") == PICTURE)
}

pub(super) fn signature(secret: &str, id: &str, at: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}
