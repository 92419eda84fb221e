//! QQ's bot platform: it takes answers only, five to a message, and each number once.

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::keys::hex;
use super::{Act, Asked, Callback, Fault, Inner, PICTURE, SECRET, answer, locked};

/// The account.
pub(super) const APP: &str = "102000001";
/// When everything happens.
const AT: &str = "1725442341";
/// What is to be signed by whoever is the place.
const QUESTION: &str = "Arq0D5A61EgUu4OxUvOp";

pub(super) fn callback(inner: &Inner, person: &str, id: &str, act: &Act<'_>, signed: bool) -> Callback {
    let author = json!({ "user_openid": person });
    let d = match act {
        Act::Writes(text) | Act::Presses(text) => json!({ "id": id, "author": author, "content": text }),
        Act::Shows | Act::Overdoes => {
            let url = format!("http://{}/picture", inner.at);
            let picture = json!({ "content_type": "image/png", "filename": "cat.png", "url": url });
            json!({ "id": id, "author": author, "content": "", "attachments": [picture] })
        }
    };
    if signed {
        locked(&inner.answers).entry(id.to_owned()).or_default();
    }
    callback_of(
        &json!({ "op": 0, "id": format!("C2C:{id}"), "t": "C2C_MESSAGE_CREATE", "s": 1, "d": d }),
        signed,
    )
}

/// The question whether this is the place.
pub(super) fn question() -> Callback {
    callback_of(&json!({ "op": 13, "d": { "plain_token": QUESTION, "event_ts": AT } }), true)
}

/// Whether it is answered as by who knows the secret.
pub(super) fn is_answer(body: &str) -> bool {
    let right = hex(key().sign(format!("{AT}{QUESTION}").as_bytes()).as_ref());
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    answer == json!({ "plain_token": QUESTION, "signature": right })
}

fn callback_of(payload: &Value, signed: bool) -> Callback {
    let body = payload.to_string();
    let mut signature = hex(key().sign(format!("{AT}{body}").as_bytes()).as_ref());
    if !signed {
        signature.replace_range(0..1, if &signature[0..1] == "a" { "b" } else { "a" });
    }
    let headers = vec![("X-Signature-Ed25519", signature), ("X-Signature-Timestamp", AT.to_owned())];
    Callback { query: String::new(), headers, body: body.into_bytes() }
}

fn key() -> Ed25519KeyPair {
    let seed: Vec<u8> = SECRET.bytes().cycle().take(32).collect();
    let key = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed of 32 bytes");
    assert_eq!(key.public_key().as_ref().len(), 32);
    key
}

/// The answer to what needs no token: the token itself, and files that customers have sent.
pub(super) fn without_token(inner: &Inner, asked: &Asked) -> Option<Response> {
    match (&asked.method, asked.path.as_str()) {
        (&Method::POST, "/app/getAppAccessToken") => {
            let known = asked.json() == json!({ "appId": APP, "clientSecret": SECRET });
            Some(if known {
                let token = json!({ "access_token": inner.gives_token(), "expires_in": "7200" });
                answer(StatusCode::OK, &token)
            } else {
                answer(StatusCode::OK, &json!({ "code": 100_007, "message": "appid invalid" }))
            })
        }
        (&Method::GET, "/picture") => Some(([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response()),
        _ => None,
    }
}

pub(super) fn asked(inner: &Inner, asked: &Asked, fault: Option<Fault>) -> Response {
    let token = asked.header("authorization").strip_prefix("QQBot ");
    if fault == Some(Fault::Expired) || token != Some(&inner.token()) {
        return refusal(StatusCode::UNAUTHORIZED, 11_244);
    }
    if fault == Some(Fault::Shut) {
        return refusal(StatusCode::BAD_REQUEST, 304_027);
    }
    let path: Vec<&str> = asked.path.split('/').collect();
    match path.as_slice() {
        ["", "v2", "users", _, "files"] => {
            let file = asked.json();
            let data = file["file_data"].as_str().and_then(|data| BASE64.decode(data).ok());
            let whole = data.is_some_and(|data| data == PICTURE) && file["file_type"] == 1;
            let info = if whole { "whole" } else { "cut" };
            answer(StatusCode::OK, &json!({ "file_uuid": "u1", "file_info": info, "ttl": 3600 }))
        }
        ["", "v2", "users", to, "messages"] => {
            let mut message = asked.json();
            let number = message["msg_seq"].as_u64().expect("its number");
            let mut all = locked(&inner.answers);
            let Some(answers) = message["msg_id"].as_str().and_then(|id| all.get_mut(id)) else {
                return refusal(StatusCode::BAD_REQUEST, 40_034_024);
            };
            if answers.contains(&number) {
                return refusal(StatusCode::BAD_REQUEST, 40_054_005);
            }
            if answers.len() == 5 {
                return refusal(StatusCode::BAD_REQUEST, 22_009);
            }
            answers.insert(number);
            message["to"] = json!(to);
            inner.takes(message);
            answer(StatusCode::OK, &json!({ "id": "ROBOT1.0_x", "timestamp": 1_725_442_341 }))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refusal(status: StatusCode, code: i64) -> Response {
    answer(status, &json!({ "code": code, "err_code": code, "message": "no" }))
}

pub(super) fn picture(message: &Value) -> Option<bool> {
    (message["msg_type"] == 7).then(|| message["media"]["file_info"] == "whole" && message["content"] == " ")
}
