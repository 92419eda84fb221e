//! Alipay's gateway: forms in GBK out of it, signed forms into it.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

use super::keys::{APPLICATION, APPLICATION_PUBLIC, PROVIDER};
use super::{Act, Asked, Callback, Fault, Inner, PICTURE};

/// The account.
pub(super) const APP: &str = "2021000000000001";

pub(super) fn callback(person: &str, id: &str, act: &Act<'_>, signed: bool) -> Callback {
    let what = match act {
        Act::Writes(text) | Act::Presses(text) => {
            format!("<MsgType>text</MsgType><Text><Content><![CDATA[{text}]]></Content></Text>")
        }
        Act::Shows | Act::Overdoes => {
            "<MsgType>image</MsgType><Image><MediaId>picture</MediaId><Format>png</Format></Image>".to_owned()
        }
    };
    let xml = format!(
        "<XML><AppId>{APP}</AppId><FromUserId>{person}</FromUserId><CreateTime>1</CreateTime>{what}<MsgId>{id}</MsgId></XML>"
    );
    let mut callback = callback_of("alipay.mobile.public.message.notify", &xml);
    if !signed {
        // Somebody else's words under the signature.
        let body = String::from_utf8(callback.body).expect("ASCII").replace("let+me", "LET+ME");
        callback.body = body.into_bytes();
    }
    callback
}

/// The question whether this is the place.
pub(super) fn question() -> Callback {
    let xml = format!("<XML><AppId>{APP}</AppId><EventType>verifygw</EventType></XML>");
    callback_of("alipay.service.check", &xml)
}

/// Whether it is answered as by who has the application's key.
pub(super) fn is_answer(body: &str) -> bool {
    let between = |from: &str, to: &str| Some(body.split_once(from)?.1.split_once(to)?.0);
    let (Some(inner), Some(sign)) = (between("<response>", "</response>"), between("<sign>", "</sign>"))
    else {
        return false;
    };
    inner == format!("<success>true</success><biz_content>{APPLICATION_PUBLIC}</biz_content>")
        && is_by_application(inner, sign)
}

/// Texts of these tests are ASCII, which GBK is too: what is not is read in the adapter's own tests.
fn callback_of(service: &str, xml: &str) -> Callback {
    let params = [("biz_content", xml), ("charset", "GBK"), ("service", service), ("sign_type", "RSA2")];
    let plain = params.map(|(name, value)| format!("{name}={value}")).join("&");
    let sign = sign(PROVIDER, &plain);
    let coded = |(name, value): (&str, &str)| format!("{name}={}", code(value));
    let body = params.into_iter().chain([("sign", sign.as_str())]).map(coded).collect::<Vec<_>>().join("&");
    let form = "application/x-www-form-urlencoded;charset=GBK".to_owned();
    Callback { query: String::new(), headers: vec![("Content-Type", form)], body: body.into_bytes() }
}

pub(super) fn asked(inner: &Inner, asked: &Asked, fault: Option<Fault>) -> Response {
    let params = if asked.method == Method::GET { asked.query.clone() } else { read(&asked.body) };
    let given = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let node = format!("{}_response", given("method").replace('.', "_"));
    let plain = params.iter().filter(|(name, _)| *name != "sign");
    let plain = plain.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    if given("app_id") != APP || !is_by_application(&plain, given("sign")) {
        return answer("error_response", &refusal("40002", "isv.invalid-signature"));
    }
    if fault == Some(Fault::Shut) {
        return answer(&node, &refusal("40004", "MSG_SD_OVER_TIME"));
    }
    if fault == Some(Fault::Expired) {
        return answer(&node, &refusal("20000", "isp.unknow-error"));
    }
    match (asked.path.as_str(), given("method")) {
        ("/chat/multimedia.do", "alipay.mobile.public.multimedia.download") => {
            ([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response()
        }
        ("/gateway.do", "alipay.open.public.message.custom.send") => {
            let at: Vec<_> = given("timestamp").split([' ', '-', ':']).collect();
            assert!(at.len() == 6 && at.iter().all(|part| part.parse::<u32>().is_ok()), "{at:?}");
            let message = serde_json::from_str(given("biz_content")).expect("the centre sends JSON");
            inner.takes(message);
            answer(&node, &json!({ "code": "10000", "msg": "Success" }))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refusal(code: &str, sub: &str) -> Value {
    json!({ "code": code, "msg": "no", "sub_code": sub, "sub_msg": "a {brace} and a \"quote\"" })
}

fn answer(node: &str, told: &Value) -> Response {
    let (told, sign) = (told.to_string(), sign(PROVIDER, &told.to_string()));
    let body = format!("{{\"{node}\":{told},\"sign\":\"{sign}\"}}");
    ([(header::CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response()
}

fn pair(key: &str) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&BASE64.decode(key).expect("base64")).expect("a key")
}

fn sign(key: &str, text: &str) -> String {
    let pair = pair(key);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("it signs");
    BASE64.encode(signature)
}

fn is_by_application(text: &str, signature: &str) -> bool {
    let pair = pair(APPLICATION);
    let known = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    BASE64.decode(signature).is_ok_and(|signature| known.verify(text.as_bytes(), &signature).is_ok())
}

fn code(text: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    text.bytes().map(one).collect()
}

/// A form in UTF-8.
fn read(body: &[u8]) -> BTreeMap<String, String> {
    let uri = format!("/?{}", std::str::from_utf8(body).expect("ASCII")).parse().expect("a query");
    axum::extract::Query::try_from_uri(&uri).expect("a form").0
}
