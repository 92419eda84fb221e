//! The few words a browser says beside its media: plain requests, and WebSockets of JSON frames
//! (docs/websockets.md). Browsers come from addresses of their own in 127.0.0.0/8, as customers do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Visitors of one address: fewer than are taken of one in a minute.
const OF_ONE_ADDRESS: usize = 25;
/// The longest answer to a plain request that is read.
const LONGEST: u64 = 256 * 1024;
/// How long the centre may take for one answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The address of the `n`th customer: 127.1.1.1 and on, past what else uses loopback.
pub(super) fn home(n: usize) -> Ipv4Addr {
    let address = n / OF_ONE_ADDRESS % (100 * 254 * 254);
    let part = |by: usize, of: usize| u8::try_from(address / by % of).unwrap_or(0).saturating_add(1);
    Ipv4Addr::new(127, part(254 * 254, 100), part(254, 254), part(1, 254))
}

/// An answer to a plain request.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status line and the headers.
    head: String,
    body: Value,
}

impl Answer {
    /// A text of the body.
    pub(super) fn text(&self, key: &str) -> io::Result<String> {
        let text = self.body[key].as_str().map(str::to_owned);
        text.ok_or_else(|| io::Error::other(format!("an answer without `{key}`")))
    }

    /// The cookie that is set.
    pub(super) fn cookie(&self) -> Option<&str> {
        let name = "set-cookie:";
        let line =
            self.head.lines().find(|l| l.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
        line[name.len()..].trim().split(';').next()
    }
}

/// A POST on a connection of its own.
///
/// # Errors
/// It is not answered in time, or not by a success.
pub(super) async fn post(
    from: Ipv4Addr,
    to: SocketAddr,
    path: &str,
    headers: &str,
    body: &str,
) -> io::Result<Answer> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {to}\r\nOrigin: http://{to}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    let asked = async {
        let mut stream = connect(from, to).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        stream.take(LONGEST).read_to_string(&mut text).await?;
        io::Result::Ok(text)
    };
    let text = timeout(PATIENCE, asked).await??;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.lines().next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 2") {
        return Err(io::Error::other(format!("{path}: {status}")));
    }
    let body = serde_json::from_str(body).map_err(io::Error::other)?;
    Ok(Answer { head: head.to_owned(), body })
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A frame of the server's.
#[derive(Debug, Deserialize)]
pub(super) struct Frame {
    /// What it is.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// What it says.
    #[serde(default)]
    pub(super) data: Value,
}

/// A WebSocket.
#[derive(Debug)]
pub(super) struct Page(WebSocketStream<TcpStream>);

impl Page {
    /// Opens one and says who it is; `ready` is awaited.
    ///
    /// # Errors
    /// The server does not let it in.
    pub(super) async fn open(from: Ipv4Addr, to: SocketAddr, path: &str, auth: Value) -> io::Result<Self> {
        let mut request = format!("ws://{to}{path}").into_client_request().map_err(other)?;
        let origin = HeaderValue::from_str(&format!("http://{to}")).map_err(io::Error::other)?;
        request.headers_mut().insert("origin", origin);
        // Thousands are held: none may keep much.
        let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
        let opened = async {
            let stream = connect(from, to).await?;
            let (socket, _) = client_async_with_config(request, stream, Some(config)).await.map_err(other)?;
            let mut page = Self(socket);
            page.send("auth", None, auth).await?;
            page.expect("ready").await?;
            io::Result::Ok(page)
        };
        timeout(PATIENCE, opened).await?
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The connection has ended.
    pub(super) async fn send(&mut self, kind: &str, id: Option<&str>, data: Value) -> io::Result<()> {
        let text = json!({ "type": kind, "id": id, "data": data }).to_string();
        self.0.send(Message::Text(text.into())).await.map_err(other)
    }

    /// The next text frame. Safe to drop half-way.
    ///
    /// # Errors
    /// The connection has ended.
    pub(super) async fn text(&mut self) -> io::Result<Utf8Bytes> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| u16::from(frame.code));
                    return Err(io::Error::other(format!("the server closed with {code}")));
                }
                // Pings are answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Err(other(error)),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    /// The next frame of that type; others are passed over.
    ///
    /// # Errors
    /// An `error` comes instead, the connection ends, or it takes too long.
    pub(super) async fn expect(&mut self, kind: &str) -> io::Result<Frame> {
        self.until(|frame| frame.kind == kind).await
    }

    /// The next frame that is `awaited`; others are passed over.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub(super) async fn until(&mut self, awaited: impl Fn(&Frame) -> bool) -> io::Result<Frame> {
        let next = async {
            loop {
                let text = self.text().await?;
                let frame: Frame = serde_json::from_str(&text).map_err(io::Error::other)?;
                if awaited(&frame) {
                    return Ok(frame);
                }
                if matches!(frame.kind.as_str(), "error" | "refused" | "nack" | "leg.bye") {
                    return Err(io::Error::other(format!("{}: {}", frame.kind, frame.data)));
                }
            }
        };
        timeout(PATIENCE, next).await?
    }
}

fn other(error: Error) -> io::Error {
    if let Error::Io(error) = error { error } else { io::Error::other(error) }
}

/// A customer's page, as `/ws/visitor` lets it in.
///
/// # Errors
/// The server refuses it.
pub(super) async fn visitor(n: usize, to: SocketAddr, entry: &str) -> io::Result<Page> {
    let from = home(n);
    let token = post(from, to, "/api/v1/visitors", "", "{}").await?.text("token")?;
    Page::open(from, to, "/ws/visitor", json!({ "token": token, "entry": entry })).await
}

/// A console: signed in by REST, with its socket open.
///
/// # Errors
/// The server refuses it.
pub(super) async fn console(n: usize, to: SocketAddr, user: &str, password: &str) -> io::Result<Page> {
    let from = home(n);
    let body = json!({ "user": user, "password": password }).to_string();
    let signed = post(from, to, "/api/v1/sign-in", "", &body).await?;
    let cookie = signed.cookie().ok_or_else(|| io::Error::other("a sign-in without a cookie"))?;
    let headers = format!("Cookie: {cookie}\r\nX-CSRF-Token: {}\r\n", signed.text("csrf")?);
    let ticket = post(from, to, "/api/v1/ws-tickets", &headers, "{}").await?.text("ticket")?;
    Page::open(from, to, "/ws/agent", json!({ "ticket": ticket })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_live_at_addresses_of_loopback_and_few_share_one() {
        assert_eq!(home(0), Ipv4Addr::new(127, 1, 1, 1));
        assert_eq!(home(0), home(OF_ONE_ADDRESS - 1));
        assert_ne!(home(0), home(OF_ONE_ADDRESS));
        let homes: Vec<Ipv4Addr> = (0..1000).map(|n| home(n * OF_ONE_ADDRESS)).collect();
        let all: std::collections::BTreeSet<&Ipv4Addr> = homes.iter().collect();
        assert!(all.len() == homes.len() && homes.iter().all(Ipv4Addr::is_loopback));
    }

    #[test]
    fn a_cookie_is_read_without_its_attributes() {
        let head = "HTTP/1.1 200 OK\r\nSet-Cookie: ngcc=abc; Path=/; HttpOnly".to_owned();
        assert_eq!(Answer { head, body: Value::Null }.cookie(), Some("ngcc=abc"));
    }
}
