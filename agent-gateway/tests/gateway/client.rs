//! A browser of a few lines: HTTP by hand, WebSockets by a library the product does not use on this side.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

const LONG: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// One request on a connection of its own.
pub(crate) async fn http(
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    exchange(at, &at.to_string(), method, path, headers, body).await
}

/// A request to the same place by another name.
pub(crate) async fn http_as(at: SocketAddr, host: &str, path: &str) -> Answer {
    exchange(at, host, "GET", path, &[], "").await
}

async fn exchange(
    at: SocketAddr,
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, text) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), text: text.to_owned() }
}

/// A signed-in browser.
pub(crate) struct Browser {
    at: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser {
    pub(crate) async fn sign_in(at: SocketAddr, user: &str) -> Self {
        let body = json!({ "user": user, "password": "right" }).to_string();
        let answer = http(at, "POST", "/api/v1/sign-in", &[], &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
        Self { at, cookie, csrf }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        http(self.at, "GET", path, &[("Cookie", &self.cookie)], "").await
    }

    /// Asks for a range of bytes.
    pub(crate) async fn get_range(&self, path: &str, range: &str) -> Answer {
        http(self.at, "GET", path, &[("Cookie", &self.cookie), ("Range", range)], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf)];
        http(self.at, "POST", path, &headers, &body.to_string()).await
    }

    pub(crate) async fn ticket(&self) -> String {
        let answer = self.post("/api/v1/ws-tickets", json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["ticket"].as_str().unwrap().to_owned()
    }

    /// A page that is signed in, and its `ready`.
    pub(crate) async fn page(&self, path: &str) -> (Page, Value) {
        let mut page = Page::open(self.at, path).await;
        page.send(json!({ "type": "auth", "data": { "ticket": self.ticket().await } })).await;
        let ready = page.next("ready").await;
        (page, ready)
    }
}

/// A WebSocket of a page of ours.
pub(crate) struct Page(WebSocketStream<TcpStream>);

impl Page {
    pub(crate) async fn open(at: SocketAddr, path: &str) -> Self {
        Self::from(at, path, Some(&format!("http://{at}"))).await.unwrap()
    }

    /// From a page of any origin; the status where it is refused.
    pub(crate) async fn from(at: SocketAddr, path: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = format!("ws://{at}{path}").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(at).await.unwrap();
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        // The server may have closed already.
        let _ = self.0.send(message).await;
    }

    /// The next frame of this type; others are passed over.
    pub(crate) async fn next(&mut self, kind: &str) -> Value {
        self.find(|frame| frame["type"] == kind).await
    }

    /// The answer to the frame `id`.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        self.find(|frame| frame["id"] == id).await
    }

    /// The next frame that `wanted` takes.
    pub(crate) async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            match timeout(LONG, self.0.next()).await.expect("nothing comes") {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if wanted(&frame) {
                        return frame;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code with which the server closes.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match timeout(LONG, self.0.next()).await.expect("it is not closed") {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
