//! A browser of a few lines: HTTP by hand, WebSockets by a library.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long anything awaited may take on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

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
}

/// One request on a connection of its own.
pub(crate) async fn http(
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    http_from(Ipv4Addr::LOCALHOST, at, method, path, headers, body).await
}

/// One request from another address: an address may only do so much in a minute.
pub(crate) async fn http_from(
    from: Ipv4Addr,
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let exchange = try_http(from, at, method, path, headers, body);
    timeout_at(Instant::now() + LONG, exchange).await.expect("an answer in time").expect("a whole answer")
}

/// One request, to a centre that may be killed meanwhile: none if it does not answer whole.
pub(crate) async fn try_http(
    from: Ipv4Addr,
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((from, 0).into()).ok()?;
    let mut stream = socket.connect(at).await.ok()?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, text) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok())?;
    Some(Answer { status, head: head.to_owned(), text: text.to_owned() })
}

/// A WebSocket of a page. What was passed over while something else was awaited is found later.
pub(crate) struct Page {
    socket: WebSocketStream<TcpStream>,
    passed: VecDeque<Value>,
}

impl Page {
    /// From a page of any origin; the status where it is refused.
    pub(crate) async fn open(at: SocketAddr, path: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = format!("ws://{at}{path}").into_client_request().expect("an address");
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().expect("a header"));
        }
        // Nobody listens there between a kill and the start after it.
        let stream = TcpStream::connect(at).await.map_err(|_| 0_u16)?;
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket, passed: VecDeque::new() }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Breaks the connection off by a reset: what is under way in either direction is lost.
    pub(crate) fn reset(self) {
        self.socket.get_ref().set_zero_linger().expect("a socket");
    }

    /// Sends a frame; a connection that is gone shows at the next read.
    pub(crate) async fn send(&mut self, frame: &Value) {
        let _ = self.socket.send(Message::text(frame.to_string())).await;
    }

    /// The next frame; none: the connection is gone. Cancelling it loses nothing.
    pub(crate) async fn read(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).expect("a frame is JSON"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(0, |frame| u16::from(frame.code));
                    return Some(serde_json::json!({ "type": "close", "data": { "code": code } }));
                }
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The first frame, passed over or to come, that `wanted` takes. `note` is shown each new one.
    pub(crate) async fn find(
        &mut self,
        what: &str,
        mut note: impl FnMut(&Value),
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        if let Some(at) = self.passed.iter().position(&wanted) {
            return self.passed.remove(at).expect("it was there");
        }
        let until = Instant::now() + LONG;
        loop {
            let read = timeout_at(until, self.read()).await;
            let Ok(Some(frame)) = read else {
                let gone = if read.is_ok() { "the connection is gone" } else { "nothing comes" };
                panic!("waited for {what}: {gone}; passed over: {:#?}", self.passed);
            };
            note(&frame);
            if wanted(&frame) {
                return frame;
            }
            self.passed.push_back(frame);
        }
    }

    /// Everything that has come so far, without waiting for more than `quiet` of silence.
    pub(crate) async fn drain(&mut self, quiet: Duration, mut note: impl FnMut(&Value)) -> Vec<Value> {
        while let Ok(Some(frame)) = timeout_at(Instant::now() + quiet, self.read()).await {
            note(&frame);
            self.passed.push_back(frame);
        }
        self.passed.drain(..).collect()
    }
}
