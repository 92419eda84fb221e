//! A simulated visitor of the shop's page: what the widget says on `/ws/visitor`, without a browser. They ask for a
//! person, write a few lines, answer each answer, and say goodbye.

use std::collections::VecDeque;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

/// What the shop's page dials.
const ENTRY: &str = "shop";
/// How long a visitor takes to write a line.
const WRITES: Duration = Duration::from_millis(1500);
/// What they enter where the automatic service asks for a number.
const ENTERS: &str = "4711";

/// Who comes, and what they write.
const VISITORS: [(&str, [&str; 4]); 4] = [
    (
        "Mei",
        [
            "Hello, which of your teas has the least caffeine?",
            "And how long does it keep?",
            "Do you also ship to Hamburg?",
            "Lovely, thank you. Bye!",
        ],
    ),
    (
        "Jonas",
        [
            "Hi! My order has not come yet, it is a week now.",
            "The number is 2024-118.",
            "I see. Could you send it to my office instead?",
            "Great, thanks for your help!",
        ],
    ),
    (
        "Lin",
        [
            "Good day, is the blue teapot in stock?",
            "How much is it with two cups?",
            "Can I pay on delivery?",
            "Then I will order it. Goodbye!",
        ],
    ),
    (
        "Ada",
        [
            "Hello, I would like to return a tin that I have not opened.",
            "Yes, I still have the bill.",
            "Where do I send it?",
            "Thank you very much, bye!",
        ],
    ),
];

/// Somebody on a page.
struct Visitor {
    socket: WebSocketStream<TcpStream>,
    lines: VecDeque<&'static str>,
    /// What is being written, and when it is sent.
    writing: Option<(Instant, String)>,
    sent: usize,
    talking: bool,
}

/// Comes, chats and leaves.
///
/// # Errors
/// What went wrong, in words.
pub(super) async fn chat(at: SocketAddr, n: usize) -> Result<(), String> {
    let (name, lines) = VISITORS[n % VISITORS.len()];
    let token = token(at).await?;
    let mut request = format!("ws://{at}/ws/visitor").into_client_request().map_err(told)?;
    request.headers_mut().insert("Origin", format!("http://{at}").parse().map_err(told)?);
    let stream = TcpStream::connect(at).await.map_err(told)?;
    let (socket, _) = client_async(request, stream).await.map_err(told)?;
    let (lines, writing) = (lines.into_iter().collect(), None);
    let mut visitor = Visitor { socket, lines, writing, sent: 0, talking: false };
    let auth = json!({ "token": token, "entry": ENTRY, "lang": "en", "name": name });
    visitor.send(json!({ "type": "auth", "data": auth })).await?;
    visitor.send(json!({ "type": "session.start", "data": {} })).await?;
    visitor.stay().await
}

impl Visitor {
    /// Reads and writes until the chat is over.
    async fn stay(&mut self) -> Result<(), String> {
        loop {
            let due = self.writing.as_ref().map(|(due, _)| *due);
            let written = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                frame = self.socket.next() => match frame {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(&text).map_err(told)?;
                        if frame["type"] == "session.closed" {
                            return Ok(());
                        }
                        self.read(&frame);
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return Err(told(error)),
                },
                () = written => self.write().await?,
            }
        }
    }

    fn read(&mut self, frame: &Value) {
        match frame["type"].as_str() {
            Some("status") => {
                let talks = frame["data"]["status"]["is"] == "talk";
                // The first word is the customer's; after that they answer.
                if talks && self.sent <= 1 && !self.talking {
                    self.begin_next();
                }
                self.talking = talks;
            }
            Some("message") => self.answer(&frame["data"]["message"]),
            _ => {}
        }
    }

    fn answer(&mut self, message: &Value) {
        if message["content"]["kind"] != "text" {
            return;
        }
        let by = message["by"]["is"].as_str();
        let choice = message["content"]["choices"][0]["value"].as_str();
        match (by, choice) {
            (Some("agent"), _) => self.begin_next(),
            (Some("automation"), Some(choice)) => self.begin(choice.to_owned()),
            // It was asked to do something with this customer, and asks them.
            (Some("automation"), None) if self.sent > 1 => self.begin(ENTERS.to_owned()),
            _ => {}
        }
    }

    fn begin_next(&mut self) {
        if self.writing.is_none()
            && let Some(line) = self.lines.pop_front()
        {
            self.begin(line.to_owned());
        }
    }

    fn begin(&mut self, text: String) {
        self.writing = Some((Instant::now() + WRITES, text));
    }

    /// What was being written is sent; after the last line they leave.
    async fn write(&mut self) -> Result<(), String> {
        let Some((_, text)) = self.writing.take() else { return Ok(()) };
        self.sent += 1;
        let key = format!("line-{}", self.sent);
        self.send(json!({ "type": "message.send", "id": key, "data": { "text": text } })).await?;
        if self.lines.is_empty() {
            self.send(json!({ "type": "session.end", "data": {} })).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frame: Value) -> Result<(), String> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(told)
    }
}

/// A visitor's token, as every page asks for one.
async fn token(at: SocketAddr) -> Result<String, String> {
    let mut stream = TcpStream::connect(at).await.map_err(told)?;
    let request = format!(
        "POST /api/v1/visitors HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nConnection: close\r\nContent-Type: \
         application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.map_err(told)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(told)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no whole answer")?;
    let told: Value = serde_json::from_str(body).unwrap_or_default();
    let token = told["token"].as_str().map(str::to_owned);
    token.ok_or_else(|| format!("no visitor's token: {}", head.lines().next().unwrap_or_default()))
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
