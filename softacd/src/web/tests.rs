//! Browsers on real sockets, with a small stand-in for cti and the store that numbers messages as they do.

mod centre;
mod cuts;
mod known;

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use ngcc_proto::{AgentUri, Wall};
use ngcc_runtime::{Bearer, RtcClaims, Sealer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use centre::Centre;

const LIMIT: Duration = Duration::from_secs(20);
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A browser on a WebSocket.
struct Client(Socket);

impl Client {
    async fn open(at: SocketAddr, path: &str, origin: Option<&str>) -> Result<Self, Error> {
        let mut request = format!("ws://{at}{path}").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = timeout(LIMIT, connect_async(request)).await.expect("an answer in time")?;
        Ok(Self(socket))
    }

    async fn page(at: SocketAddr, token: &str, entry: &str) -> Self {
        let mut client = Self::open(at, "/ws/visitor", Some(&own(at))).await.unwrap();
        client.say("auth", None, json!({ "token": token, "entry": entry })).await;
        client
    }

    async fn say(&mut self, kind: &str, id: Option<&str>, data: Value) {
        let frame = json!({ "type": kind, "id": id, "data": data }).to_string();
        self.0.send(Message::Text(frame.into())).await.unwrap();
    }

    /// The next frame of the server's.
    async fn next(&mut self) -> Value {
        loop {
            let message = timeout(LIMIT, self.0.next()).await.expect("a frame in time").unwrap().unwrap();
            match message {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// The data of the next frame of this type; others are passed over.
    async fn data(&mut self, kind: &str) -> Value {
        loop {
            let mut frame = self.next().await;
            if frame["type"] == kind {
                return frame["data"].take();
            }
        }
    }

    /// The close code; frames before it are passed over.
    async fn code(&mut self) -> u16 {
        loop {
            let message = timeout(LIMIT, self.0.next()).await.expect("a close in time").unwrap().unwrap();
            if let Message::Close(frame) = message {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
    }
}

/// The origin of pages on our own host.
fn own(at: SocketAddr) -> String {
    format!("http://{at}")
}

/// A request over plain HTTP: its status, headers and body.
async fn http(at: SocketAddr, request: &str, body: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let head =
        format!("{request}\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that has refused already may not read the rest.
    let _ = stream.write_all(body).await;
    let mut answer = vec![];
    let _ = timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("an answer in time");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer[9..12].parse().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

async fn token(at: SocketAddr) -> String {
    let (status, _, body) =
        http(at, &format!("POST /api/v1/visitors HTTP/1.1\r\nOrigin: {}", own(at)), b"").await;
    assert_eq!(status, 201, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["visitor"].as_str().unwrap().starts_with("vis_") && body["until"].is_i64());
    body["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_foreign_null_or_look_alike_page_comes_in() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    for path in ["/ws/visitor", "/ws/rtc"] {
        for origin in [
            None,
            Some("null".to_owned()),
            Some("https://evil.example".to_owned()),
            Some(format!("http://{at}.evil.example")),
            Some("https://shop.example.evil.com".to_owned()),
            Some("http://shop.example".to_owned()),
        ] {
            match Client::open(at, path, origin.as_deref()).await {
                Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{path} {origin:?}"),
                other => panic!("{path} {origin:?}: {:?}", other.err()),
            }
        }
        Client::open(at, path, Some(&own(at))).await.unwrap();
        Client::open(at, path, Some("https://shop.example")).await.unwrap();
    }
    for origin in ["", "\r\nOrigin: null", "\r\nOrigin: https://shop.example.evil.com"] {
        for path in ["visitors", "uploads"] {
            let (status, ..) = http(at, &format!("POST /api/v1/{path} HTTP/1.1{origin}"), b"").await;
            assert_eq!(status, 403, "{path} {origin:?}");
        }
    }
    let asks = "OPTIONS /api/v1/visitors HTTP/1.1\r\nOrigin: https://shop.example";
    let (status, head, _) = http(at, asks, b"").await;
    assert_eq!(status, 204);
    assert!(head.contains("access-control-allow-origin: https://shop.example"), "{head}");
    centre.close().await;
}

#[tokio::test]
async fn the_first_frame_says_who_it_is_or_the_connection_ends() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let token = token(at).await;
    let auth = |data: Value| json!({ "type": "auth", "data": data }).to_string();
    for (frame, code) in [
        ("no json".to_owned(), 4400),
        (json!({ "type": "typing" }).to_string(), 4401),
        (auth(json!({ "token": "x.y", "entry": "shop" })), 4401),
        (auth(json!({ "token": token, "entry": "" })), 4401),
        (auth(json!({ "token": token, "entry": "shop", "identity": { "id": "1", "hash": "00" } })), 4401),
    ] {
        let mut client = Client::open(at, "/ws/visitor", Some(&own(at))).await.unwrap();
        client.0.send(Message::Text(frame.clone().into())).await.unwrap();
        assert_eq!(client.code().await, code, "{frame}");
    }
    let mut other = Client::open(at, "/ws/visitor", Some("https://shop.example")).await.unwrap();
    other.say("auth", None, json!({ "token": token, "entry": "shop" })).await;
    assert_eq!(other.code().await, 4401, "a token is good on pages of its own origin only");
    let mut silent = Client::open(at, "/ws/visitor", Some(&own(at))).await.unwrap();
    assert_eq!(silent.code().await, 4401, "and five seconds are enough");
    let mut good = Client::page(at, &token, "shop").await;
    let ready = good.data("ready").await;
    assert_eq!(ready["session"], Value::Null);
    assert_eq!(ready["max_upload"], 1000);
    centre.close().await;
    assert_eq!(good.code().await, 4503, "a stop is told");
}

#[tokio::test]
async fn a_page_that_knows_its_user_proves_it_by_a_hash() {
    let centre = Centre::open(|web| {
        web.identity_secret = Some(ngcc_proto::Secret::new("Jefe"));
    })
    .await;
    let at = centre.at;
    let token = token(at).await;
    // RFC 4231 gives this hash for an id with blanks, which is no customer's.
    let hash = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let mut client = Client::open(at, "/ws/visitor", Some(&own(at))).await.unwrap();
    let identity = json!({ "id": "what do ya want for nothing?", "hash": hash });
    client.say("auth", Some("a"), json!({ "token": token, "entry": "shop", "identity": identity })).await;
    let error = client.next().await;
    assert_eq!((error["data"]["code"].as_str(), error["id"].as_str()), (Some("identity"), Some("a")));
    assert_eq!(client.code().await, 4401);
    let mut client = Client::open(at, "/ws/visitor", Some(&own(at))).await.unwrap();
    let identity = json!({ "id": "4711", "hash": centre::hash("Jefe", "4711") });
    client.say("auth", None, json!({ "token": token, "entry": "shop", "identity": identity })).await;
    client.data("ready").await;
    client.say("session.start", Some("s"), json!({})).await;
    client.data("session.opened").await;
    assert_eq!(centre.users(), ["customer:4711"]);
    centre.close().await;
}

#[tokio::test]
async fn odd_frames_are_told_apart_and_too_much_ends_the_connection() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let token = token(at).await;
    let mut page = Client::page(at, &token, "shop").await;
    page.data("ready").await;
    page.say("leg.bye", Some("x"), json!({})).await;
    let error = page.next().await;
    assert_eq!((error["id"].as_str(), error["data"]["code"].as_str()), (Some("x"), Some("unknown_type")));
    page.say("message.send", Some("k"), json!({ "text": "x".repeat(9000) })).await;
    assert_eq!(page.next().await, json!({ "type": "nack", "id": "k", "data": { "code": "bad" } }));
    page.0.send(Message::Text(" ".repeat(65 * 1024).into())).await.unwrap();
    assert_eq!(page.code().await, 4400, "larger than 64 KiB");
    let mut page = Client::page(at, &token, "shop").await;
    page.data("ready").await;
    page.0.send(Message::Binary(vec![1].into())).await.unwrap();
    assert_eq!(page.code().await, 4400);
    let mut page = Client::page(at, &token, "shop").await;
    page.data("ready").await;
    for _ in 0..600 {
        let frame = json!({ "type": "typing" }).to_string();
        if page.0.send(Message::Text(frame.into())).await.is_err() {
            break;
        }
    }
    assert_eq!(page.code().await, 4429);
    centre.close().await;
}

#[tokio::test]
async fn one_who_does_not_read_is_cut_off_and_another_is_served() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let mut slow = Client::page(at, &token(at).await, "shop").await;
    slow.data("ready").await;
    slow.say("session.start", None, json!({})).await;
    slow.data("session.opened").await;
    let leg = centre.legs()[0];
    // More than the system's buffers and ours hold together.
    for _ in 0..3000 {
        centre.push(leg, &"x".repeat(8000));
    }
    let mut other = Client::page(at, &token(at).await, "shop").await;
    other.data("ready").await;
    other.say("message.send", Some("k"), json!({ "text": "hello" })).await;
    assert_eq!(other.data("ack").await["seq"], 1);
    assert_eq!(slow.code().await, 4429);
    centre.close().await;
}

#[tokio::test]
async fn a_second_page_replaces_the_first() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let token = token(at).await;
    let mut first = Client::page(at, &token, "shop").await;
    first.data("ready").await;
    let mut second = Client::page(at, &token, "shop").await;
    second.data("ready").await;
    assert_eq!(first.code().await, 4409);
    let mut elsewhere = Client::page(at, &token, "support").await;
    elsewhere.data("ready").await;
    second.say("session.start", None, json!({})).await;
    second.data("session.opened").await;
    centre.close().await;
}

#[tokio::test]
async fn a_call_is_made_with_a_token_that_is_good_once() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let mut page = Client::page(at, &token(at).await, "shop").await;
    page.data("ready").await;
    page.say("rtc.token", Some("t"), json!({})).await;
    let rtc = page.data("rtc.token").await["token"].as_str().unwrap().to_owned();
    let mut browser = Client::open(at, "/ws/rtc", Some(&own(at))).await.unwrap();
    browser.say("auth", None, json!({ "token": rtc })).await;
    assert_eq!(browser.data("ready").await["legs"], json!([]));
    let mut again = Client::open(at, "/ws/rtc", Some(&own(at))).await.unwrap();
    again.say("auth", None, json!({ "token": rtc })).await;
    assert_eq!(again.code().await, 4401);
    browser.say("leg.offer", Some("o"), json!({ "sdp": SDP, "entry": "1000" })).await;
    let created = browser.next().await;
    assert_eq!((created["type"].as_str(), created["id"].as_str()), (Some("leg.created"), Some("o")));
    let leg = created["data"]["leg"].clone();
    assert_eq!(browser.data("leg.answer").await["leg"], leg);
    assert_eq!(browser.data("leg.up").await["leg"], leg);
    browser.say("leg.bye", None, json!({ "leg": leg })).await;
    assert_eq!(browser.data("leg.bye").await, json!({ "leg": leg, "cause": "normal" }));
    centre.close().await;
}

#[tokio::test]
async fn an_agents_browser_comes_in_with_a_token_that_another_part_has_sealed() {
    let centre = Centre::open(|_| {}).await;
    let now = centre.house.clock.now().wall;
    let who = Bearer::Agent(AgentUri::new("alice").unwrap());
    let claims = RtcClaims { who, once: centre.house.ids().mint(now) };
    let sealer = Sealer::of(&centre.house, RtcClaims::PURPOSE).unwrap();
    let token = sealer.seal(&claims, Wall(now.0 + RtcClaims::GOOD_MS));
    let mut browser = Client::open(centre.at, "/ws/rtc", Some(&own(centre.at))).await.unwrap();
    browser.say("auth", None, json!({ "token": token })).await;
    browser.data("ready").await;
    let leg = centre.summon("alice");
    let asked = browser.data("leg.summon").await;
    assert_eq!(asked, json!({ "leg": leg, "video": false, "ring_s": 20 }));
    browser.say("leg.offer", None, json!({ "leg": leg, "sdp": SDP })).await;
    assert_eq!(browser.data("leg.answer").await["leg"], json!(leg));
    centre.close().await;
}

#[tokio::test]
async fn a_file_goes_to_who_sent_it_and_who_was_sent_it_and_nobody_else() {
    let centre = Centre::open(|_| {}).await;
    let at = centre.at;
    let (one, two) = (token(at).await, token(at).await);
    let put = |token: &str| {
        format!(
            "POST /api/v1/uploads?name=a%3Cb%3E.png HTTP/1.1\r\nOrigin: {}\r\nAuthorization: Bearer {token}",
            own(at)
        )
    };
    let (status, _, body) = http(at, &put(&one), b"\x89PNG\r\n\x1a\n").await;
    assert_eq!(status, 201, "{body}");
    let stored: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((stored["mime"].as_str(), stored["name"].as_str()), (Some("image/png"), Some("a<b>.png")));
    assert_eq!(http(at, &put("x.y"), b"a").await.0, 401);
    assert_eq!(http(at, &put(&one), &[b'x'; 1001]).await.0, 413);
    let file = stored["file"].as_str().unwrap();
    let get = |token: &str| format!("GET /api/v1/uploads/{file} HTTP/1.1\r\nAuthorization: Bearer {token}");
    let (status, head, _) = http(at, &get(&one), b"").await;
    assert_eq!(status, 200);
    assert!(head.contains("nosniff") && head.contains("sandbox"), "{head}");
    assert_eq!(http(at, &get(&two), b"").await.0, 404, "not even whether it is there");
    let mut thief = Client::page(at, &two, "shop").await;
    thief.data("ready").await;
    thief.say("message.send", Some("k"), json!({ "file": file })).await;
    assert_eq!(thief.data("nack").await["code"], "forbidden");
    thief.say("session.start", None, json!({})).await;
    thief.data("session.opened").await;
    let theirs = centre.legs()[0];
    let mut page = Client::page(at, &one, "shop").await;
    page.data("ready").await;
    page.say("message.send", Some("k"), json!({ "file": file })).await;
    let content = page.data("message").await["message"]["content"].clone();
    assert_eq!((content["kind"].as_str(), content["file"].as_str()), (Some("file"), Some(file)));
    centre.push_file(theirs, file.parse().unwrap());
    thief.data("message").await;
    assert_eq!(http(at, &get(&two), b"").await.0, 200, "who was sent it may have it");
    centre.close().await;
}

#[tokio::test]
async fn visitors_of_one_address_are_counted() {
    let centre = Centre::open(|web| web.visitors_per_minute = 2).await;
    let at = centre.at;
    token(at).await;
    token(at).await;
    let (status, head, _) =
        http(at, &format!("POST /api/v1/visitors HTTP/1.1\r\nOrigin: {}", own(at)), b"").await;
    assert_eq!(status, 429);
    assert!(head.contains("retry-after: 60"), "{head}");
    centre.close().await;
}
