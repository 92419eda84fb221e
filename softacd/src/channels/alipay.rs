//! Alipay life accounts: forms with XML in, signed forms with JSON out.
//!
//! A callback is proved by Alipay's key over its parameters, in the charset they came in, which is GBK as a rule. What
//! goes out is signed with the application's own key, and so is what Alipay answers with its.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use axum::http::Method;
use encoding_rs::{Encoding, GBK};
use ngcc_proto::Wall;
use ngcc_proto::config::Channel;
use ngcc_runtime::Clock;
use ngcc_softacd_core::channel::{Piece, Post};
use serde_json::{Value, json};

use super::adapter::{Answer, Brought, Denied, Request, Turn, What};
use super::form;
use super::provider::{Failed, Provider, Told, ask, client, whole};
use super::rsa::{Private, Public};
use super::xml;

/// Its clocks show China's time.
const EAST_MS: i64 = 8 * 3_600_000;
const SEND: &str = "alipay.open.public.message.custom.send";
const FETCH: &str = "alipay.mobile.public.multimedia.download";

/// The provider's own codes.
mod code {
    pub(super) const FINE: &str = "10000";
    /// Out of order, and too many at a time.
    pub(super) const BUSY: [&str; 2] = ["20000", "40005"];
    /// The person's time is over.
    pub(super) const SHUT: &str = "MSG_SD_OVER_TIME";
    /// The account is set up wrong, here or there: for the operator to mend, and nothing is lost meanwhile.
    pub(super) const ACCOUNT: [&str; 9] = [
        "isv.invalid-signature",
        "isv.invalid-signature-type",
        "isv.missing-signature-key",
        "isv.invalid-app-id",
        "isv.invalid-timestamp",
        "isv.invalid-encrypt",
        "isv.insufficient-isv-permissions",
        "isv.insufficient-user-permissions",
        "isv.app-unbind-partner",
    ];
}

/// See the module.
pub(super) struct Alipay {
    gateway: String,
    /// Where files lie that customers send.
    files: String,
    app: String,
    /// What Alipay's signatures are checked with; none if it is none, and then nothing is taken.
    theirs: Option<Public>,
    ours: Option<Private>,
}

impl fmt::Debug for Alipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alipay({})", self.app)
    }
}

impl Alipay {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let own = settings.url.trim_end_matches('/');
        let base = |theirs: &str| if own.is_empty() { theirs.to_owned() } else { own.to_owned() };
        Self {
            gateway: format!("{}/gateway.do", base("https://openapi.alipay.com")),
            files: format!("{}/chat/multimedia.do", base("https://openfile.alipay.com")),
            app: settings.account.clone(),
            theirs: secrets.get("alipay_public_key").and_then(|text| Public::new(text)),
            ours: secrets.get("app_private_key").and_then(|text| Private::new(text)),
        }
    }

    /// Reads a callback: the provider's question whether this is the place, or a message.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let form = form::read(request.body).ok_or(Denied::Unsigned)?;
        let given = |name: &str| form.get(name).and_then(|value| std::str::from_utf8(value).ok());
        // Everything but the signature itself, in the order of the names.
        let signed = form.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
        let signed: Vec<_> = signed.map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
        let theirs = self.theirs.as_ref().ok_or(Denied::Unsigned)?;
        if !theirs.knows(&signed.join(&b'&'), given("sign").unwrap_or_default()) {
            return Err(Denied::Unsigned);
        }
        if *request.method != Method::POST {
            return Err(Denied::Unreadable("messages are posted"));
        }
        let charset = given("charset").and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(GBK);
        let content = form.get("biz_content").map(Vec::as_slice).unwrap_or_default();
        let content = charset.decode_without_bom_handling_and_without_replacement(content);
        let fields = content.and_then(|text| xml::leaves(&text));
        let fields = fields.ok_or(Denied::Unreadable("biz_content is no XML of the protocol"))?;
        let field = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
        if ![self.app.as_str(), ""].contains(&field("AppId")) {
            return Err(Denied::Unreadable("AppId is another application's"));
        }
        if given("service") == Some("alipay.service.check") {
            return Ok(Turn::new(None, self.place()?));
        }
        Ok(Turn::new(brought(field)?, Answer::text("success")))
    }

    /// The answer to the question whether this is the place: the application's public key, signed.
    fn place(&self) -> Result<Answer, Denied> {
        let missing = Denied::Unreadable("app_private_key is no RSA key of 2048 to 4096 bits");
        let ours = self.ours.as_ref().ok_or(missing)?;
        let inner = format!("<success>true</success><biz_content>{}</biz_content>", ours.public());
        let sign = ours.sign(inner.as_bytes()).ok_or(missing)?;
        let body = format!(
            r#"<?xml version="1.0" encoding="GBK"?><alipay><response>{inner}</response><sign>{sign}</sign><sign_type>RSA2</sign_type></alipay>"#
        );
        Ok(Answer { content_type: "text/xml; charset=GBK", ..Answer::text(body) })
    }

    /// Fetches a picture.
    pub(super) async fn fetch(&self, media: &str, limit: u64, clock: &Clock) -> Result<Vec<u8>, Failed> {
        let query = self.signed(FETCH, &json!({ "mediaId": media }), clock.now().wall)?;
        let answer = ask(client()?.get(format!("{}?{query}", self.files))).await?;
        let kind = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.contains("json") || kind.starts_with("text/") || !answer.status().is_success() {
            self.outcome(FETCH, &super::provider::text(answer).await?)?;
            return Err(Failed::Never("the provider gave no file"));
        }
        whole(answer, limit).await
    }

    /// Sends a message.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let (Piece::Text(text) | Piece::Asks { text, .. }) = &post.piece else {
            return Err(Failed::Never("the channel takes texts only"));
        };
        let mut content = json!({ "to_user_id": post.to, "msg_type": "text", "text": { "content": text.0 } });
        match &post.reply {
            // What is not said to a message answers an event.
            Some(event) => content["event_type"] = json!(event.0),
            None => content["chat"] = json!("1"),
        }
        let request = client()?
            .post(&self.gateway)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(self.signed(SEND, &content, ours.clock.now().wall)?);
        self.outcome(SEND, &super::provider::text(ask(request).await?).await?)
    }

    /// A form that calls `method`, signed.
    fn signed(&self, method: &str, content: &Value, now: Wall) -> Result<String, Failed> {
        let at = Wall(now.0.saturating_add(EAST_MS)).to_string();
        let at = at.get(..19).unwrap_or_default().replace('T', " ");
        let content = content.to_string();
        let mut params = vec![
            ("app_id", self.app.as_str()),
            ("biz_content", &content),
            ("charset", "utf-8"),
            ("format", "JSON"),
            ("method", method),
            ("sign_type", "RSA2"),
            ("timestamp", &at),
            ("version", "1.0"),
        ];
        let plain: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ours = self.ours.as_ref();
        let sign = ours.and_then(|ours| ours.sign(plain.join("&").as_bytes()));
        let sign = sign.ok_or_else(|| Failed::Now("app_private_key is no RSA key that signs".to_owned()))?;
        params.push(("sign", &sign));
        Ok(form::write(&params))
    }

    /// What the answer says. That all is well is only believed with Alipay's signature.
    fn outcome(&self, method: &str, body: &str) -> Result<(), Failed> {
        let name = format!("{}_response", method.replace('.', "_"));
        let node = node(body, &name).or_else(|| node(body, "error_response"));
        let strange = || Failed::Now("the provider's answer is none of its own".to_owned());
        let told: Value = node.and_then(|node| serde_json::from_str(node).ok()).ok_or_else(strange)?;
        let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        let (code, sub) = (word("code"), word("sub_code"));
        if code == code::FINE {
            let all: Value = serde_json::from_str(body).unwrap_or_default();
            let sign = all.get("sign").and_then(Value::as_str).unwrap_or_default();
            let knows = self.theirs.as_ref().zip(node).is_some_and(|(key, n)| key.knows(n.as_bytes(), sign));
            return if knows { Ok(()) } else { Err(strange()) };
        }
        if sub == code::SHUT {
            return Err(Failed::Shut);
        }
        let later = code::BUSY.contains(&code)
            || ["isp.", "aop."].iter().any(|part| sub.starts_with(part))
            || sub.contains("SYSTEM_ERROR");
        let words = [sub, word("sub_msg")].join(" ");
        let told = Told::new(code.parse().unwrap_or_default(), Some(words.trim()));
        if code::ACCOUNT.contains(&sub) {
            Err(Failed::Token(told))
        } else if later {
            Err(Failed::Now(format!("the provider's error {told}")))
        } else {
            Err(Failed::Code(told))
        }
    }
}

/// The object under `name`, as it stands: it is signed as it stands.
fn node<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let at = body.find(&format!("\"{name}\":"))? + name.len() + 3;
    let rest = body.get(at..)?.trim_start();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (end, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return rest.get(..=end);
                }
            }
            _ => {}
        }
    }
    None
}

/// What a message brings; none for what nobody need know.
fn brought<'a>(field: impl Fn(&str) -> &'a str) -> Result<Option<Brought>, Denied> {
    let first = |names: [&str; 2]| if field(names[0]).is_empty() { field(names[1]) } else { field(names[0]) };
    let from = first(["FromUserId", "FromAlipayUserId"]);
    if from.is_empty() {
        return Err(Denied::Unreadable("FromUserId is missing"));
    }
    let (what, reply) = match (field("MsgType"), field("EventType")) {
        ("text", _) => (Some(What::Text(first(["Content", "Text"]).to_owned())), None),
        ("image", _) => {
            (Some(What::Media { id: field("MediaId").to_owned(), name: "image".to_owned() }), None)
        }
        ("event", event @ "follow") => (Some(What::Comes), Some(event)),
        ("event", "unfollow") => (Some(What::Goes), None),
        ("event", event @ "click") => (Some(What::Pressed(field("ActionParam").to_owned())), Some(event)),
        // They have opened the account, or been where it says.
        _ => (None, None),
    };
    let id = match field("MsgId") {
        // An event has none.
        "" => format!("{from} {} {}", field("CreateTime"), field("EventType")),
        id => id.to_owned(),
    };
    let reply = reply.map(str::to_owned);
    Ok(what.map(|what| Brought { from: from.to_owned(), name: None, id, reply, thread: None, what }))
}
