//! A provider of a messaging channel as it looks from outside: it checks our signatures and tokens, remembers what it
//! was sent, posts what its customers do to our callback, and fails as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::config::{Channel, ChannelKind};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What callbacks are signed with.
const TOKEN: &str = "ngcctoken";
/// What the interface's tokens are given for.
const SECRET: &str = "an-app-s3cret";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A picture (PNG) that customers send.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and what a picture is made of";

/// What goes wrong with the next request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429.
    Busy,
    /// 500.
    Broken,
    /// The token has expired, whatever it was given for.
    Expired,
    /// Nothing is taken for this person until they write.
    Shut,
}

struct Inner {
    kind: ChannelKind,
    sent: mpsc::UnboundedSender<Value>,
    faults: Mutex<VecDeque<Fault>>,
    /// How many tokens were given; only the last is good.
    tokens: Mutex<u32>,
}

/// See the module.
pub struct Provider {
    /// The channel as it is configured for this provider.
    pub channel: Channel,
    at: SocketAddr,
    inner: Arc<Inner>,
    sent: mpsc::UnboundedReceiver<Value>,
}

impl Provider {
    /// A provider on a free port, for a channel `name` whose customers dial `entry`.
    pub async fn start(kind: ChannelKind, name: &str, entry: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let (tell, sent) = mpsc::unbounded_channel();
        let inner = Inner { kind, sent: tell, faults: Mutex::default(), tokens: Mutex::new(0) };
        let inner = Arc::new(inner);
        let router = Router::new().fallback(asked).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (account, secrets) = match kind {
            ChannelKind::Generic => ("", vec![("key", SECRET)]),
            ChannelKind::Wechat | ChannelKind::Yixin => {
                ("wx1", vec![("token", TOKEN), ("app_secret", SECRET)])
            }
        };
        let secrets = secrets.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        let channel = Channel {
            name: name.to_owned(),
            kind,
            entry: entry.to_owned(),
            account: account.to_owned(),
            url: format!("http://{at}"),
            lang: "en".to_owned(),
            secrets: Some(secrets.collect()),
        };
        Self { channel, at, inner, sent }
    }

    /// What goes wrong with the next requests, one each.
    pub fn fails(&self, faults: &[Fault]) {
        self.inner.faults.lock().expect("no test has failed").extend(faults);
    }

    /// How many tokens were given.
    pub fn tokens(&self) -> u32 {
        *self.inner.tokens.lock().expect("no test has failed")
    }

    /// A customer writes; the status of the centre's answer.
    pub async fn writes(&self, centre: SocketAddr, person: &str, id: &str, text: &str) -> u16 {
        self.does(centre, person, id, &json!({ "type": "text", "text": text }), true).await
    }

    /// A customer sends a picture.
    pub async fn shows(&self, centre: SocketAddr, person: &str, id: &str) -> u16 {
        let file = json!({ "name": "cat.png", "data": BASE64.encode(PICTURE) });
        self.does(centre, person, id, &json!({ "type": "file", "file": file }), true).await
    }

    /// A customer writes, it seems; but the callback proves nothing.
    pub async fn forges(&self, centre: SocketAddr, person: &str, id: &str, text: &str) -> u16 {
        self.does(centre, person, id, &json!({ "type": "text", "text": text }), false).await
    }

    async fn does(&self, centre: SocketAddr, person: &str, id: &str, what: &Value, signed: bool) -> u16 {
        let path = format!("/hooks/{}", self.channel.name);
        if self.inner.kind == ChannelKind::Generic {
            let mut body = json!({ "id": id, "sender": { "id": person, "name": person } });
            body.as_object_mut().expect("an object").extend(what.as_object().expect("an object").clone());
            let body = body.to_string();
            let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
            let at = at.as_secs().to_string();
            let mut signature = webhook(id, &at, body.as_bytes());
            if !signed {
                signature.replace_range(3..4, if &signature[3..4] == "A" { "B" } else { "A" });
            }
            let headers = [("webhook-id", id), ("webhook-timestamp", &at), ("webhook-signature", &signature)];
            return post(centre, &path, &headers, &body).await;
        }
        let what = match what["text"].as_str() {
            Some(text) => format!("<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content>"),
            None => "<MsgType>image</MsgType><MediaId>picture</MediaId>".to_owned(),
        };
        let body = format!(
            "<xml><ToUserName>us</ToUserName><FromUserName>{person}</FromUserName><CreateTime>1</CreateTime>{what}<MsgId>{id}</MsgId></xml>"
        );
        let mut parts = [TOKEN, "1700000000", "n0nce"];
        parts.sort_unstable();
        let right = hex(&Sha1::digest(parts.concat()));
        let signature = if signed { right } else { "0".repeat(40) };
        let query = format!("?signature={signature}&timestamp=1700000000&nonce=n0nce");
        post(centre, &format!("{path}{query}"), &[], &body).await
    }

    /// The next text that the provider was sent for `person`.
    pub async fn reads(&mut self, person: &str) -> String {
        let message = self.next().await;
        let (to, text) = match self.inner.kind {
            ChannelKind::Generic => (&message["to"], &message["text"]),
            ChannelKind::Wechat | ChannelKind::Yixin => (&message["touser"], &message["text"]["content"]),
        };
        assert_eq!(to.as_str(), Some(person), "{message}");
        text.as_str().unwrap_or_else(|| panic!("no text: {message}")).to_owned()
    }

    /// The next message that the provider was sent, in its own format.
    pub async fn next(&mut self) -> Value {
        let next = timeout(PATIENCE, self.sent.recv()).await;
        next.unwrap_or_else(|_| panic!("{} was sent nothing", self.at)).expect("it serves")
    }

    /// Whether it has been sent anything that was not looked at.
    pub fn is_quiet(&mut self) -> bool {
        self.sent.try_recv().is_err()
    }
}

/// A request to the provider's interface.
async fn asked(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if uri.path() == "/cgi-bin/token" {
        let known = given("appid") == "wx1" && given("secret") == SECRET;
        if !known {
            return answer(&json!({ "errcode": 40_125, "errmsg": "invalid appsecret" }));
        }
        let mut tokens = inner.tokens.lock().expect("no test has failed");
        *tokens += 1;
        return answer(&json!({ "access_token": format!("T{tokens}"), "expires_in": 7200 }));
    }
    let fault = inner.faults.lock().expect("no test has failed").pop_front();
    match fault {
        Some(Fault::Busy) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::Broken) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::Expired) => return answer(&json!({ "errcode": 42_001, "errmsg": "token expired" })),
        Some(Fault::Shut) => return answer(&json!({ "errcode": 45_015, "errmsg": "out of time" })),
        None => {}
    }
    if inner.kind == ChannelKind::Generic {
        return taken_by_webhook(&inner, &headers, &body);
    }
    let token = format!("T{}", inner.tokens.lock().expect("no test has failed"));
    if given("access_token") != token {
        return answer(&json!({ "errcode": 40_001, "errmsg": "invalid credential" }));
    }
    let send = if inner.kind == ChannelKind::Wechat {
        "/cgi-bin/message/custom/send"
    } else {
        "/cgi-bin/message/send"
    };
    match (method, uri.path()) {
        (Method::GET, "/cgi-bin/media/get") => {
            ([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response()
        }
        (Method::POST, "/cgi-bin/media/upload") => {
            let whole = body.windows(PICTURE.len()).any(|part| part == PICTURE);
            answer(&json!({ "type": given("type"), "media_id": if whole { "whole" } else { "cut" } }))
        }
        (Method::POST, path) if path == send => {
            let message: Value = serde_json::from_slice(&body).expect("the centre sends JSON");
            inner.sent.send(message).expect("the test goes on");
            answer(&json!({ "errcode": 0, "errmsg": "ok" }))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn taken_by_webhook(inner: &Inner, headers: &HeaderMap, body: &[u8]) -> Response {
    let given = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if given("webhook-signature") != webhook(given("webhook-id"), given("webhook-timestamp"), body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inner.sent.send(serde_json::from_slice(body).expect("the centre sends JSON")).expect("the test goes on");
    StatusCode::NO_CONTENT.into_response()
}

fn answer(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn webhook(id: &str, at: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Posts to the centre; the status of its answer.
async fn post(at: SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    let exchange = async {
        let mut stream = TcpStream::connect(at).await?;
        let mut head = format!("POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = body.len();
        stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = timeout(PATIENCE, exchange).await.expect("an answer in time").expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}
