//! WeChat official accounts, and Yixin public accounts, which speak the same family: XML in, JSON out.
//!
//! A callback is proved by the SHA-1 of a token, a time and a number; where an AES key is configured, only encrypted
//! callbacks are taken, whose text is proved too. Replies go as customer-service messages by the JSON interface.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::http::Method;
use ngcc_proto::config::Channel;
use ngcc_proto::{Secret, Wall, channel};
use ngcc_runtime::Clock;
use ngcc_softacd_core::channel::{Piece, Post, Writing};
use serde_json::{Value, json};

use super::adapter::{Answer, Brought, Denied, Request, Turn, What};
use super::provider::{Failed, Provider, Told, ask, client, json as read_json, multipart, whole};
use super::token::{Access, Fresh};
use super::{crypt, xml};

/// A token is renewed this long before its end.
const EARLY: Duration = Duration::from_secs(300);
/// The most bytes of a picture or voice that it takes.
const MAX_MEDIA: u64 = 10 << 20;

/// The provider's own numbers of errors.
mod code {
    pub(super) const TOKEN: [i64; 3] = [40_001, 40_014, 42_001];
    pub(super) const SHUT: [i64; 2] = [45_015, 45_047];
    pub(super) const BUSY: [i64; 3] = [-1, 45_009, 45_011];
}

/// See the module.
pub(super) struct Wechat {
    base: String,
    /// The path by which customers are written to.
    send: &'static str,
    app: String,
    token: Secret,
    app_secret: Secret,
    aes_key: Option<[u8; 32]>,
    access: Access,
}

impl fmt::Debug for Wechat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wechat({})", self.app)
    }
}

impl Wechat {
    pub(super) fn of_wechat(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        Self::new(settings, secrets, "https://api.weixin.qq.com", "/cgi-bin/message/custom/send")
    }

    pub(super) fn of_yixin(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        Self::new(settings, secrets, "https://api.yixin.im", "/cgi-bin/message/send")
    }

    fn new(settings: &Channel, secrets: &BTreeMap<String, String>, own: &str, send: &'static str) -> Self {
        let secret = |name: &str| Secret::new(secrets.get(name).cloned().unwrap_or_default());
        let base = if settings.url.is_empty() { own } else { settings.url.trim_end_matches('/') };
        Self {
            base: base.to_owned(),
            send,
            app: settings.account.clone(),
            token: secret("token"),
            app_secret: secret("app_secret"),
            aes_key: secrets.get("aes_key").and_then(|key| crypt::aes_key(key)),
            access: Access::new(EARLY),
        }
    }

    /// The token of the provider's interface.
    pub(super) fn token_state(&self, now: Wall) -> channel::Token {
        self.access.state(now)
    }

    /// Reads a callback: the provider's question whether this is the place, or a message.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let given = |name: &str| request.query.get(name).map(String::as_str).unwrap_or_default();
        let signed = |signature: &str, more: &[&str]| {
            let parts = [&[self.token.expose(), given("timestamp"), given("nonce")], more].concat();
            !self.token.is_empty() && crypt::same(given(signature), &crypt::signature(&parts))
        };
        if *request.method == Method::GET {
            return if signed("signature", &[]) {
                Ok(Turn::new(None, Answer::text(given("echostr"))))
            } else {
                Err(Denied::Unsigned)
            };
        }
        let read =
            |bytes: &[u8]| xml::fields(bytes).ok_or(Denied::Unreadable("the body is no XML of the protocol"));
        let fields = match &self.aes_key {
            None if signed("signature", &[]) => read(request.body)?,
            None => return Err(Denied::Unsigned),
            Some(key) => {
                // Nothing is known of who sends it: it proves nothing.
                let outer = read(request.body).map_err(|_| Denied::Unsigned)?;
                let encrypted = outer.get("Encrypt").ok_or(Denied::Unsigned)?;
                if !signed("msg_signature", &[encrypted]) {
                    return Err(Denied::Unsigned);
                }
                read(&crypt::decrypt(encrypted, key, &self.app).ok_or(Denied::Unsigned)?)?
            }
        };
        Ok(Turn::new(brought(&fields)?, Answer::text("success")))
    }

    /// Fetches a picture or the like.
    pub(super) async fn fetch(&self, media: &str, limit: u64, clock: &Clock) -> Result<Vec<u8>, Failed> {
        let token = self.token(clock).await?;
        let query = [("access_token", token.expose()), ("media_id", media)];
        let request = client()?.get(format!("{}/cgi-bin/media/get", self.base)).query(&query);
        let answer = ask(request).await?;
        let kind = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        // An error comes as JSON, whatever the status.
        if kind.contains("json") || kind.contains("text/plain") || !answer.status().is_success() {
            let told = outcome(&read_json(answer).await?);
            if let Err(Failed::Token(_)) = told {
                self.access.ends(&token).await;
            }
            return told.and(Err(Failed::Never("the provider gave no file")));
        }
        whole(answer, limit).await
    }

    /// Sends a message; a token that the provider does not know any more is renewed once.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let token = self.token(ours.clock).await?;
        match self.send_by(&token, post, ours).await {
            Err(Failed::Token(_)) => {
                self.access.ends(&token).await;
                let token = self.token(ours.clock).await?;
                self.send_by(&token, post, ours).await
            }
            done => done,
        }
    }

    /// Shows somebody whether one writes to them.
    pub(super) async fn shows(&self, writing: &Writing, clock: &Clock) -> Result<(), Failed> {
        let token = self.token(clock).await?;
        let command = if writing.on { "Typing" } else { "CancelTyping" };
        let request = client()?
            .post(format!("{}/cgi-bin/message/custom/typing", self.base))
            .query(&[("access_token", token.expose())])
            .header("content-type", "application/json; charset=utf-8")
            .body(json!({ "touser": writing.to, "command": command }).to_string());
        outcome(&read_json(ask(request).await?).await?)
    }

    async fn send_by(&self, token: &Secret, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let message = match &post.piece {
            Piece::Text(text) | Piece::Asks { text, .. } => json!({
                "touser": post.to, "msgtype": "text", "text": { "content": text.0 },
            }),
            Piece::File { file, name, mime } => {
                let kind = match mime.split_once('/') {
                    Some(("image", _)) => "image",
                    Some(("audio", _)) => "voice",
                    Some(_) | None => return Err(Failed::Never("the channel takes pictures and voice only")),
                };
                let bytes = ours.bytes(*file, MAX_MEDIA).await?;
                let media = self.upload(token, kind, name, mime, &bytes).await?;
                json!({ "touser": post.to, "msgtype": kind, kind: { "media_id": media } })
            }
        };
        let request = client()?
            .post(format!("{}{}", self.base, self.send))
            .query(&[("access_token", token.expose())])
            .header("content-type", "application/json; charset=utf-8")
            .body(message.to_string());
        outcome(&read_json(ask(request).await?).await?)
    }

    /// Hands a file over; the provider's id of it.
    async fn upload(
        &self,
        token: &Secret,
        kind: &str,
        name: &str,
        mime: &str,
        bytes: &[u8],
    ) -> Result<String, Failed> {
        let (form, body) = multipart(&[], ("media", name, mime), bytes);
        let request = client()?
            .post(format!("{}/cgi-bin/media/upload", self.base))
            .query(&[("access_token", token.expose()), ("type", kind)])
            .header("content-type", form)
            .body(body);
        let answer = read_json(ask(request).await?).await?;
        outcome(&answer)?;
        let media = answer.get("media_id").and_then(Value::as_str);
        media.map(str::to_owned).ok_or_else(|| Failed::Now("the provider named no media_id".to_owned()))
    }

    async fn token(&self, clock: &Clock) -> Result<Secret, Failed> {
        self.access.token(clock, self.ask_token()).await
    }

    async fn ask_token(&self) -> Result<Fresh, Failed> {
        let query =
            [("grant_type", "client_credential"), ("appid", &self.app), ("secret", self.app_secret.expose())];
        let answer = ask(client()?.get(format!("{}/cgi-bin/token", self.base)).query(&query)).await?;
        let answer = read_json(answer).await?;
        let Some(token) = answer.get("access_token").and_then(Value::as_str) else {
            // A wrong secret is for the operator to mend: nothing is lost meanwhile.
            return match outcome(&answer) {
                Err(Failed::Now(why)) => Err(Failed::Now(why)),
                Err(Failed::Token(_) | Failed::Code(_) | Failed::Never(_) | Failed::Shut) | Ok(()) => {
                    Err(Failed::Token(told(&answer)))
                }
            };
        };
        let lasts = answer.get("expires_in").and_then(Value::as_u64).unwrap_or(7200);
        Ok((Secret::new(token), Duration::from_secs(lasts)))
    }
}

/// What the provider's answer says.
fn outcome(answer: &Value) -> Result<(), Failed> {
    let told = told(answer);
    match told.number {
        0 => Ok(()),
        number if code::TOKEN.contains(&number) => Err(Failed::Token(told)),
        number if code::SHUT.contains(&number) => Err(Failed::Shut),
        number if code::BUSY.contains(&number) => Err(Failed::Now(format!("the provider's error {told}"))),
        _ => Err(Failed::Code(told)),
    }
}

fn told(answer: &Value) -> Told {
    let number = answer.get("errcode").and_then(Value::as_i64).unwrap_or_default();
    Told::new(number, answer.get("errmsg").and_then(Value::as_str))
}

/// What a message brings; none for what nobody need know.
fn brought(fields: &BTreeMap<String, String>) -> Result<Option<Brought>, Denied> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let from = field("FromUserName");
    if from.is_empty() {
        return Err(Denied::Unreadable("FromUserName is missing"));
    }
    let media = |name: &str| Some(What::Media { id: field("MediaId").to_owned(), name: name.to_owned() });
    let what = match field("MsgType") {
        "text" => Some(What::Text(field("Content").to_owned())),
        "image" => media("image"),
        "voice" => media("voice"),
        "video" | "shortvideo" => media("video"),
        "location" => {
            let (x, y) = (field("Location_X"), field("Location_Y"));
            Some(What::Text(format!("{} ({x}, {y})", field("Label"))))
        }
        "link" => Some(What::Text(format!("{}\n{}", field("Title"), field("Url")))),
        "event" => match field("Event") {
            "subscribe" | "SCAN" => Some(What::Comes),
            "unsubscribe" => Some(What::Goes),
            "CLICK" => Some(What::Pressed(field("EventKey").to_owned())),
            // Where they are and which page they have opened.
            _ => None,
        },
        _ => None,
    };
    let id = match field("MsgId") {
        // An event has none: the provider says how a repeat is known.
        "" => format!("{from} {} {}", field("CreateTime"), field("Event")),
        id => id.to_owned(),
    };
    Ok(what.map(|what| Brought { from: from.to_owned(), name: None, id, reply: None, thread: None, what }))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use ngcc_proto::config::ChannelKind;

    use super::*;

    fn adapter(aes: bool) -> Wechat {
        let settings = Channel {
            name: "wechat".into(),
            kind: ChannelKind::Wechat,
            entry: "shop".into(),
            account: "wx0123456789abcdef".into(),
            url: String::new(),
            lang: "zh".into(),
            mail: None,
            secrets: None,
        };
        let mut secrets = BTreeMap::from([("token".to_owned(), "ngcctoken".to_owned())]);
        if aes {
            let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".to_owned();
            secrets.insert("aes_key".to_owned(), key);
        }
        Wechat::of_wechat(&settings, &secrets)
    }

    fn read(wechat: &Wechat, method: Method, query: &[(&str, &str)], body: &str) -> Result<Turn, Denied> {
        let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let (method, query, headers): (_, BTreeMap<_, _>, _) = (method, query, HeaderMap::new());
        let request = Request {
            method: &method,
            query: &query,
            headers: &headers,
            body: body.as_bytes(),
            now: Wall(0),
        };
        wechat.read(&request)
    }

    const SIGNED: [(&str, &str); 3] = [
        ("signature", "2f52cf972aad732f8c0ab87957bb14344d74f34b"),
        ("timestamp", "1700000000"),
        ("nonce", "abcdef"),
    ];

    #[test]
    fn the_question_whether_this_is_the_place_is_answered_to_who_knows_the_token() {
        let wechat = adapter(false);
        let asked = [&SIGNED[..], &[("echostr", "42")]].concat();
        assert_eq!(read(&wechat, Method::GET, &asked, "").unwrap().answer, Answer::text("42"));
        assert_eq!(read(&wechat, Method::GET, &asked[1..], ""), Err(Denied::Unsigned));
    }

    #[test]
    fn messages_and_events_are_read_and_unsigned_ones_are_not() {
        let wechat = adapter(false);
        let say = |more: &str| {
            let xml = format!("<xml><FromUserName>o1</FromUserName><CreateTime>7</CreateTime>{more}</xml>");
            read(&wechat, Method::POST, &SIGNED, &xml).unwrap().brought.pop()
        };
        let text = say("<MsgType>text</MsgType><Content>你好</Content><MsgId>9</MsgId>").unwrap();
        assert_eq!((text.id.as_str(), text.what), ("9", What::Text("你好".into())));
        let came = say("<MsgType>event</MsgType><Event>subscribe</Event>").unwrap();
        assert_eq!((came.id.as_str(), came.what), ("o1 7 subscribe", What::Comes));
        let image = say("<MsgType>image</MsgType><MediaId>m1</MediaId><MsgId>10</MsgId>").unwrap();
        assert_eq!(image.what, What::Media { id: "m1".into(), name: "image".into() });
        assert_eq!(say("<MsgType>event</MsgType><Event>VIEW</Event>"), None);
        let forged = [("signature", "00"), SIGNED[1], SIGNED[2]];
        assert_eq!(read(&wechat, Method::POST, &forged, "<xml><A>1</A></xml>"), Err(Denied::Unsigned));
    }

    #[test]
    fn with_a_key_only_encrypted_callbacks_are_taken() {
        let wechat = adapter(true);
        let plain = "<xml><FromUserName>o1</FromUserName><MsgType>text</MsgType><Content>x</Content></xml>";
        assert_eq!(read(&wechat, Method::POST, &SIGNED, plain), Err(Denied::Unsigned));
        let xml = format!("<xml><Encrypt>{}</Encrypt></xml>", crypt::tests::ENCRYPTED);
        let query = [("msg_signature", "c1e5e96f7f206ff6ff552b1ae919f2c2180080f7"), SIGNED[1], SIGNED[2]];
        let brought = read(&wechat, Method::POST, &query, &xml).unwrap().brought.pop().unwrap();
        assert_eq!((brought.from.as_str(), brought.what), ("oUser1", What::Text("你好".into())));
    }
}
