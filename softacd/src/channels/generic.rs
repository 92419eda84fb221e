//! Our own channel, for any system that speaks HTTP: JSON both ways, signed as Standard Webhooks.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::config::Channel;
use ngcc_proto::{UserUri, Wall};
use ngcc_runtime::{Clock, WebhookKey};
use ngcc_softacd_core::channel::{Piece, Post, Writing};
use serde::Deserialize;
use serde_json::json;

use super::adapter::{Answer, Brought, Denied, Request, Turn, What};
use super::crypt::same;
use super::provider::{Failed, Provider, ask, client};

/// How far a signature's time may be from ours, in milliseconds.
const SKEW_MS: u64 = 300_000;
/// The most bytes of one file.
const MAX_FILE: u64 = 4 << 20;
/// The longest id of a customer, in bytes.
const LONGEST_ID: usize = 128;

/// See the module.
pub(super) struct Generic {
    name: String,
    url: String,
    key: WebhookKey,
}

impl fmt::Debug for Generic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Generic({})", self.name)
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Said {
    Text { id: String, sender: Sender, text: String },
    File { id: String, sender: Sender, file: Bytes },
    Come { id: String, sender: Sender },
    Leave { id: String, sender: Sender },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sender {
    id: String,
    #[serde(default)]
    name: Option<String>,
    /// Which customer of the company's they are, by its own id.
    #[serde(default)]
    customer: Option<String>,
}

impl Sender {
    fn customer(&self) -> Result<Option<UserUri>, Denied> {
        let Some(id) = &self.customer else { return Ok(None) };
        let customer = format!("customer:{id}").parse().ok().filter(|_| id.len() <= LONGEST_ID);
        customer
            .map(Some)
            .ok_or(Denied::Unreadable("sender.customer is no id: 1 to 128 bytes without blanks"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bytes {
    name: String,
    data: String,
}

impl Generic {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let text = secrets.get("key").map(String::as_str).unwrap_or_default();
        Self { name: settings.name.clone(), url: settings.url.clone(), key: WebhookKey::new(text) }
    }

    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        self.proves(request.headers, request.body, request.now)?;
        if *request.method != Method::POST {
            return Err(Denied::Unreadable("messages are posted"));
        }
        let said: Said = serde_json::from_slice(request.body).map_err(|_| {
            Denied::Unreadable(
                "the body is no message: {type: text|file|come|leave, id, sender: {id, name}, …}",
            )
        })?;
        let (id, sender, what) = match said {
            Said::Text { id, sender, text } => (id, sender, What::Text(text)),
            Said::Come { id, sender } => (id, sender, What::Comes),
            Said::Leave { id, sender } => (id, sender, What::Goes),
            Said::File { id, sender, file } => {
                let bytes = BASE64.decode(&file.data);
                let bytes = bytes.map_err(|_| Denied::Unreadable("file.data is no base64"))?;
                (id, sender, What::File { name: file.name, bytes })
            }
        };
        let customer = sender.customer()?;
        let Sender { id: from, name, .. } = sender;
        let brought = |what| Brought {
            from: from.clone(),
            name: name.clone(),
            id: id.clone(),
            reply: None,
            thread: None,
            what,
        };
        // Who they are is noted before what they say is taken.
        let both = customer.map(|customer| brought(What::Is { customer })).into_iter().chain([brought(what)]);
        let answer = Answer {
            status: StatusCode::ACCEPTED,
            body: r#"{"taken":true}"#.to_owned(),
            content_type: "application/json",
        };
        Ok(Turn::new(both, answer))
    }

    fn proves(&self, headers: &HeaderMap, body: &[u8], now: Wall) -> Result<(), Denied> {
        let given = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).ok_or(Denied::Unsigned);
        let (id, at) = (given("webhook-id")?, given("webhook-timestamp")?);
        let seconds: i64 = at.parse().map_err(|_| Denied::Unsigned)?;
        if now.0.abs_diff(seconds.saturating_mul(1000)) > SKEW_MS {
            return Err(Denied::Unsigned);
        }
        let right = self.key.sign(id, at, body);
        // Several stand there while a key is being changed.
        let proved = given("webhook-signature")?.split(' ').any(|one| same(one, &right));
        if proved { Ok(()) } else { Err(Denied::Unsigned) }
    }

    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let mut message =
            json!({ "type": "message.created", "channel": self.name, "to": post.to, "n": post.n });
        match &post.piece {
            Piece::Text(text) | Piece::Asks { text, .. } => message["text"] = json!(text.0),
            Piece::File { file, name, mime } => {
                let bytes = ours.bytes(*file, MAX_FILE).await?;
                message["file"] = json!({ "name": name, "mime": mime, "data": BASE64.encode(bytes) });
            }
        }
        // The same again after a failure carries the same id, by which it is known.
        let id = format!("{}-{}-{}", self.name, super::adapter::key(&post.to), post.n);
        self.posts(&id, &message.to_string(), ours.clock).await
    }

    /// Says whether somebody writes.
    pub(super) async fn shows(&self, writing: &Writing, clock: &Clock) -> Result<(), Failed> {
        let (to, on) = (&writing.to, writing.on);
        let message = json!({ "type": "typing", "channel": self.name, "to": to, "on": on });
        let id = format!("{}-{}-typing-{}", self.name, super::adapter::key(to), clock.now().wall.0);
        self.posts(&id, &message.to_string(), clock).await
    }

    async fn posts(&self, id: &str, body: &str, clock: &Clock) -> Result<(), Failed> {
        let at = (clock.now().wall.0 / 1000).to_string();
        let request = client()?
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-signature", self.key.sign(id, &at, body.as_bytes()))
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .body(body.to_owned());
        let status = ask(request).await?.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            408 | 425 | 429 | 500.. => Err(Failed::Now(format!("it answered {status}"))),
            number => Err(Failed::Code(i64::from(number).into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::config::ChannelKind;

    use super::*;

    fn generic(key: &str) -> Generic {
        let settings = Channel {
            name: "app".into(),
            kind: ChannelKind::Generic,
            entry: "shop".into(),
            account: String::new(),
            url: "http://127.0.0.1:9/".into(),
            lang: "en".into(),
            mail: None,
            secrets: None,
        };
        Generic::new(&settings, &BTreeMap::from([("key".to_owned(), key.to_owned())]))
    }

    fn read(generic: &Generic, signature: &str, at: &str, body: &str, now: i64) -> Result<Turn, Denied> {
        let value = |text| axum::http::HeaderValue::from_str(text).expect("plain text");
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", value("msg_1"));
        headers.insert("webhook-timestamp", value(at));
        headers.insert("webhook-signature", value(signature));
        let (method, query) = (Method::POST, BTreeMap::new());
        let body = body.as_bytes();
        generic.read(&Request { method: &method, query: &query, headers: &headers, body, now: Wall(now) })
    }

    #[test]
    fn a_message_is_taken_by_its_signature_and_within_its_time() {
        let generic = generic("s3cret");
        let body = r#"{"type":"text","id":"m1","sender":{"id":"u1","name":"Ann"},"text":"hello"}"#;
        let signed = generic.key.sign("msg_1", "1000", body.as_bytes());
        let mut turn = read(&generic, &format!("v1,other {signed}"), "1000", body, 1_000_000).unwrap();
        let brought = turn.brought.pop().unwrap();
        assert_eq!((brought.from.as_str(), brought.id.as_str()), ("u1", "m1"));
        assert_eq!(brought.what, What::Text("hello".into()));
        assert_eq!(read(&generic, &signed, "1000", body, 1_300_001), Err(Denied::Unsigned));
        assert_eq!(read(&generic, &signed, "1001", body, 1_000_000), Err(Denied::Unsigned));
        assert_eq!(
            read(&generic, &signed, "1000", &body.replace("hello", "h"), 1_000_000),
            Err(Denied::Unsigned)
        );
        let odd = generic.key.sign("msg_1", "1000", b"{}");
        assert!(matches!(read(&generic, &odd, "1000", "{}", 1_000_000), Err(Denied::Unreadable(_))));
    }

    #[test]
    fn a_sender_whom_the_company_knows_is_named_before_what_they_say() {
        let generic = generic("s3cret");
        let said = |customer: &str| {
            let body = json!({"type": "text", "id": "m1", "text": "hello",
                "sender": {"id": "u1", "name": "Ann", "customer": customer}});
            let body = body.to_string();
            let signed = generic.key.sign("msg_1", "1000", body.as_bytes());
            read(&generic, &signed, "1000", &body, 1_000_000)
        };
        let turn = said("4711").unwrap();
        let whats: Vec<What> = turn.brought.into_iter().map(|brought| brought.what).collect();
        let customer = UserUri::Customer("4711".to_owned());
        assert_eq!(whats, [What::Is { customer }, What::Text("hello".into())]);
        for bad in ["", "a b", &"x".repeat(129)] {
            assert!(matches!(said(bad), Err(Denied::Unreadable(_))), "{bad}");
        }
    }
}
