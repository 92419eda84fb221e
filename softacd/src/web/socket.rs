//! One WebSocket, from its first frame to its close code.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ngcc_proto::UserUri;
use ngcc_proto::chat::{Content, Nack};
use ngcc_proto::contact::Given;
use ngcc_runtime::UploadError;
use ngcc_softacd_core::Input;
use ngcc_softacd_core::web::{Ask, ChatAsk, Line, Owner, Peer, Shut};
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::Doors;
use super::lines::{Item, Outlet, Seat};
use super::people::Denied;
use super::wire::{self, Frame, Greeting, Visitor};

/// The largest frame.
const LARGEST: usize = 64 * 1024;
/// What is read at all before the connection is broken off.
pub(super) const CEILING: usize = 4 * LARGEST;
/// What is read at once, and what is gathered before it is written. The one is filled with zeros before each reading,
/// and both are kept for as long as the connection stands: it is what frames usually are and not what they may be.
pub(super) const BUFFER: usize = 2 * 1024;
/// How long the first frame may take.
const FIRST: Duration = Duration::from_secs(5);
/// How often a ping is sent.
const PING: Duration = Duration::from_secs(20);
/// How long a browser may say nothing at all.
const IDLE: Duration = Duration::from_secs(60);
/// How long a browser may take to read one frame.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the other side may take to close too.
const PARTING: Duration = Duration::from_secs(2);
/// Frames taken a second, sustained.
const RATE: f64 = 50.0;
/// The second of them.
const BURST: f64 = 400.0;

/// Which socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// `/ws/visitor`
    Visitor,
    /// `/ws/rtc`
    Rtc,
}

/// How somebody came.
pub(super) struct Came {
    pub(super) door: Door,
    /// The origin of their page.
    pub(super) origin: String,
    /// Their address, as it is counted.
    pub(super) from: IpAddr,
}

/// How a connection ends.
enum End {
    /// The browser is gone.
    Gone,
    /// We end it.
    Shut(Shut),
}

/// Who is connected, as far as the shell needs to know.
enum Guest {
    Page { user: UserUri, reader: String },
    Calls,
}

type Sink = SplitSink<WebSocket, Message>;

/// Serves one connection until its end.
pub(super) async fn serve(doors: Doors, socket: WebSocket, came: Came, _seat: Seat) {
    let Came { door, origin, from } = came;
    let (mut sink, mut stream) = socket.split();
    let first = tokio::select! {
        first = timeout(FIRST, next(&mut stream)) => first.unwrap_or(Err(End::Shut(Shut::Unauthenticated))),
        () = doors.stop.wait() => Err(End::Shut(Shut::Stopping)),
    };
    let end = match first {
        Ok(text) => match admit(&doors, door, &text, &origin) {
            Ok((guest, peer, greeting)) => {
                let outlet = doors.lines.open(greeting);
                let line = outlet.line;
                doors.inbox.put(Input::WebOpened { line, peer });
                let mut talk =
                    Talk { doors: &doors, guest, from, outlet, tokens: BURST, filled: Instant::now() };
                let end = talk.run(&mut sink, &mut stream).await;
                doors.lines.remove(line);
                doors.inbox.put(Input::WebClosed { line });
                end
            }
            Err((text, why)) => {
                if let Some(text) = text {
                    // Whoever does not read the reason is closed all the same.
                    let _ = timeout(PARTING, sink.send(Message::Text(text.into()))).await;
                }
                End::Shut(why)
            }
        },
        Err(end) => end,
    };
    if let End::Shut(why) = end {
        let frame = CloseFrame { code: why.code(), reason: Utf8Bytes::from_static("") };
        // One who reads slowly still learns why, if they read on in time.
        let said = timeout(PATIENCE, sink.send(Message::Close(Some(frame)))).await;
        if matches!(said, Ok(Ok(()))) {
            // What still comes is read: a socket closed over unread bytes takes the close frame with it.
            let _ = timeout(PARTING, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
    }
}

/// The next text frame.
async fn next(stream: &mut SplitStream<WebSocket>) -> Result<String, End> {
    loop {
        if let Some(text) = text(stream.next().await)? {
            return Ok(text);
        }
    }
}

/// What came, if it is a text.
fn text(came: Option<Result<Message, axum::Error>>) -> Result<Option<String>, End> {
    match came {
        Some(Ok(Message::Text(text))) if text.len() <= LARGEST => Ok(Some(text.as_str().to_owned())),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Text(_) | Message::Binary(_))) => Err(End::Shut(Shut::Protocol)),
        Some(Ok(Message::Close(_))) | None => Err(End::Gone),
        // Either it broke the protocol or it is gone: then nobody reads the code.
        Some(Err(_)) => Err(End::Shut(Shut::Protocol)),
    }
}

/// The first frame: who is it?
fn admit(
    doors: &Doors,
    door: Door,
    text: &str,
    origin: &str,
) -> Result<(Guest, Peer, Greeting), (Option<String>, Shut)> {
    let frame = Frame::read(text).ok_or((None, Shut::Protocol))?;
    let id = frame.id.as_deref();
    let denied = |d: Denied| (Some(wire::error(id, d.code, d.detail)), d.why);
    let Some(auth) = frame.auth() else {
        let text = wire::error(id, "auth", "the first frame is `auth`");
        return Err((Some(text), Shut::Unauthenticated));
    };
    let mut greeting =
        Greeting { epoch: doors.epoch.clone(), max_upload: doors.web.max_upload, visitor: String::new() };
    match door {
        Door::Visitor => {
            let (claims, peer) = doors.admit_page(auth, origin).map_err(denied)?;
            let user = match &peer {
                Peer::Chat { user, .. } | Peer::Calls(Owner::User(user)) => user.clone(),
                Peer::Calls(Owner::Agent(_) | Owner::Screen { .. }) => {
                    return Err((None, Shut::Unauthenticated));
                }
            };
            greeting.visitor.clone_from(&claims.visitor);
            Ok((Guest::Page { user, reader: claims.reader() }, peer, greeting))
        }
        Door::Rtc => {
            let owner = doors.admit_calls(&auth.token, auth.collab).map_err(denied)?;
            Ok((Guest::Calls, Peer::Calls(owner), greeting))
        }
    }
}

/// A connection that has been let in.
struct Talk<'a> {
    doors: &'a Doors,
    guest: Guest,
    from: IpAddr,
    outlet: Outlet,
    tokens: f64,
    filled: Instant,
}

impl Talk<'_> {
    async fn run(&mut self, sink: &mut Sink, stream: &mut SplitStream<WebSocket>) -> End {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let force = Arc::clone(&self.outlet.force);
        loop {
            let step = tokio::select! {
                why = force.wait() => Err(End::Shut(why)),
                () = self.doors.stop.wait() => Err(End::Shut(Shut::Stopping)),
                item = self.outlet.next() => match item {
                    Some(item) => self.write(sink, item).await,
                    None => Err(End::Shut(Shut::Stopping)),
                },
                came = stream.next() => {
                    heard = Instant::now();
                    match text(came) {
                        Ok(Some(text)) => self.heard(sink, &text).await,
                        Ok(None) => self.spend(),
                        Err(end) => Err(end),
                    }
                },
                _ = ping.tick() => self.send(sink, Message::Ping(axum::body::Bytes::new())).await,
                () = sleep_until(heard + IDLE) => Err(End::Gone),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Writes what the core tells, and what it has told meanwhile, at once: a message's acknowledgement and the message
    /// itself are one packet.
    async fn write(&mut self, sink: &mut Sink, first: Item) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(item) = next {
            match item {
                Item::Frames(texts, files) => {
                    self.grant(files).await;
                    for text in texts {
                        self.out(sink.feed(Message::Text(text.into()))).await?;
                    }
                }
                Item::Close(why) => {
                    self.out(sink.flush()).await?;
                    return Err(End::Shut(why));
                }
            }
            next = self.outlet.more();
        }
        self.out(sink.flush()).await
    }

    /// Whoever is shown a file may have it: that is noted first.
    async fn grant(&self, files: Vec<ngcc_proto::FileId>) {
        let Guest::Page { reader, .. } = &self.guest else { return };
        for file in files {
            if let Err(error) = self.doors.uploads.grant(file, reader).await {
                tracing::warn!(%file, %error, "a file that was sent cannot be given out");
            }
        }
    }

    async fn send(&mut self, sink: &mut Sink, message: Message) -> Result<(), End> {
        self.out(sink.send(message)).await
    }

    /// Writes for a bounded time, unless the connection is to be cut off.
    async fn out(&self, writing: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
        tokio::select! {
            written = timeout(PATIENCE, writing) => match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Shut(Shut::Overrun)),
            },
            why = self.outlet.force.wait() => Err(End::Shut(why)),
        }
    }

    /// One frame more: not too many of them.
    fn spend(&mut self) -> Result<(), End> {
        let now = Instant::now();
        self.tokens = (self.tokens + (now - self.filled).as_secs_f64() * RATE).min(BURST);
        self.filled = now;
        if self.tokens < 1.0 {
            return Err(End::Shut(Shut::Overrun));
        }
        self.tokens -= 1.0;
        Ok(())
    }

    async fn heard(&mut self, sink: &mut Sink, text: &str) -> Result<(), End> {
        self.spend()?;
        let frame = Frame::read(text).ok_or(End::Shut(Shut::Protocol))?;
        let line = self.outlet.line;
        let asked = match &self.guest {
            Guest::Calls => frame.call().map(Ask::Calls),
            Guest::Page { user, reader } => match frame.visitor() {
                Ok(Visitor::Ask(ChatAsk::Join(_))) if !self.may_follow() => {
                    let text = wire::error(
                        frame.id.as_deref(),
                        "too_many",
                        "too many links have been opened from this address: wait a minute",
                    );
                    return self.send(sink, Message::Text(text.into())).await;
                }
                Ok(Visitor::Ask(ask)) => Ok(Ask::Chat(ask)),
                Ok(Visitor::Token) => {
                    let data = json!({ "token": self.doors.rtc_token(user) });
                    let text = wire::write("rtc.token", frame.id.as_deref(), &data);
                    return self.send(sink, Message::Text(text.into())).await;
                }
                Ok(Visitor::Attributes(given)) => {
                    let text = self.claim(frame.id.as_deref(), given).await;
                    return self.send(sink, Message::Text(text.into())).await;
                }
                Ok(Visitor::File(file)) => match self.doors.file(file, reader).await {
                    Ok(content) => Ok(Ask::Chat(ChatAsk::Say(content))),
                    Err(why) => {
                        let text = wire::write("nack", frame.id.as_deref(), &json!({ "code": why }));
                        return self.send(sink, Message::Text(text.into())).await;
                    }
                },
                Err(fault) => Err(fault),
            },
        };
        match asked {
            Ok(ask) => {
                self.put(line, frame.id, ask);
                Ok(())
            }
            Err(fault) => {
                // An id that is too long is not repeated.
                let id = frame.id.as_deref().filter(|id| id.len() <= ngcc_proto::chat::MAX_KEY);
                self.send(sink, Message::Text(fault.write(id).into())).await
            }
        }
    }

    /// What the page says of its user is noted; the frame that answers.
    async fn claim(&self, id: Option<&str>, given: Given) -> String {
        let Guest::Page { user, reader } = &self.guest else {
            return wire::error(id, "forbidden", "no page");
        };
        match self.doors.claimed(user, reader, given).await {
            Ok(()) => wire::write("attributes.kept", id, &json!({})),
            Err(why) => {
                let (code, detail) = why.words();
                wire::error(id, code, detail)
            }
        }
    }

    /// Whether one link more may be opened from this address: nobody finds one by trying.
    fn may_follow(&self) -> bool {
        self.doors.followers().may(self.from, self.doors.clock.now().mono)
    }

    fn put(&self, line: Line, id: Option<String>, ask: Ask) {
        self.doors.inbox.put(Input::WebFrame { line, id, ask });
    }
}

impl Doors {
    /// The message that is a file of `reader`'s.
    async fn file(&self, file: ngcc_proto::FileId, reader: &str) -> Result<Content, Nack> {
        let kept = match self.uploads.get(file).await {
            Ok(kept) => kept,
            Err(UploadError::Unknown) => return Err(Nack::Bad),
            Err(error) => {
                tracing::warn!(%file, %error, "a file cannot be looked up");
                return Err(Nack::Bad);
            }
        };
        if kept.by != reader {
            return Err(Nack::Forbidden);
        }
        if let Err(error) = self.uploads.named(file) {
            tracing::warn!(%file, %error, "a file that is sent cannot be kept");
            return Err(Nack::Bad);
        }
        let ngcc_runtime::Stored { file, name, mime, size } = kept.stored;
        Ok(Content::File { file, name, mime, size })
    }
}
