//! WeChat and Yixin.

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::config::ChannelKind;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::keys::hex;
use super::{Act, Asked, Callback, Fault, Inner, PICTURE, SECRET};

/// The account.
pub(super) const APP: &str = "wx1";
/// What callbacks are signed with.
pub(super) const TOKEN: &str = "ngcctoken";

pub(super) fn callback(person: &str, id: &str, act: &Act<'_>, signed: bool) -> Callback {
    let what = match act {
        Act::Writes(text) | Act::Presses(text) => {
            format!("<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content>")
        }
        Act::Shows | Act::Overdoes => "<MsgType>image</MsgType><MediaId>picture</MediaId>".to_owned(),
    };
    let body = format!(
        "<xml><ToUserName>us</ToUserName><FromUserName>{person}</FromUserName><CreateTime>1</CreateTime>{what}<MsgId>{id}</MsgId></xml>"
    );
    Callback { query: query(signed), headers: vec![], body: body.into_bytes() }
}

/// What stands in a callback's address.
pub(super) fn query(signed: bool) -> String {
    let mut parts = [TOKEN, "1700000000", "n0nce"];
    parts.sort_unstable();
    let right = hex(&Sha1::digest(parts.concat()));
    let signature = if signed { right } else { "0".repeat(40) };
    format!("?signature={signature}&timestamp=1700000000&nonce=n0nce")
}

/// The answer to who asks for a token.
pub(super) fn token(inner: &Inner, asked: &Asked) -> Option<Response> {
    if asked.path != "/cgi-bin/token" {
        return None;
    }
    let known = asked.given("appid") == APP && asked.given("secret") == SECRET;
    Some(if known {
        answer(&json!({ "access_token": inner.gives_token(), "expires_in": 7200 }))
    } else {
        answer(&json!({ "errcode": 40_125, "errmsg": "invalid appsecret" }))
    })
}

pub(super) fn asked(inner: &Inner, asked: &Asked, fault: Option<Fault>) -> Response {
    if fault == Some(Fault::Expired) {
        return answer(&json!({ "errcode": 42_001, "errmsg": "token expired" }));
    }
    if fault == Some(Fault::Shut) {
        return answer(&json!({ "errcode": 45_015, "errmsg": "out of time" }));
    }
    if asked.given("access_token") != inner.token() {
        return answer(&json!({ "errcode": 40_001, "errmsg": "invalid credential" }));
    }
    let send = if inner.kind == ChannelKind::Wechat {
        "/cgi-bin/message/custom/send"
    } else {
        "/cgi-bin/message/send"
    };
    match (&asked.method, asked.path.as_str()) {
        (&Method::GET, "/cgi-bin/media/get") => {
            ([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response()
        }
        (&Method::POST, "/cgi-bin/media/upload") => {
            let whole = asked.body.windows(PICTURE.len()).any(|part| part == PICTURE);
            answer(&json!({ "type": asked.given("type"), "media_id": if whole { "whole" } else { "cut" } }))
        }
        (&Method::POST, path) if path == send || path == "/cgi-bin/message/custom/typing" => {
            inner.takes(asked.json());
            answer(&json!({ "errcode": 0, "errmsg": "ok" }))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) fn picture(message: &Value) -> Option<bool> {
    (message["msgtype"] == "image").then(|| message["image"]["media_id"] == "whole")
}

/// It answers with 200, whatever has happened.
fn answer(value: &Value) -> Response {
    super::answer(StatusCode::OK, value)
}
