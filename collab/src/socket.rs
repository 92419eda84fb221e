//! One WebSocket, from its first frame to its close code.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ngcc_collab_core::wire::{self, Frame};
use ngcc_collab_core::{Input, Shut, Tell};
use ngcc_proto::CollabId;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use crate::doors::Doors;
use crate::lines::{Next, Outlet, Seat};
use crate::pace::Pace;

/// The largest frame.
const LARGEST: usize = 2 * 1024 * 1024;
/// What is read at all before the connection is broken off.
pub(crate) const CEILING: usize = 2 * LARGEST;
/// The largest first frame: nobody who has not shown a ticket sends more.
const LARGEST_FIRST: usize = 4 * 1024;
/// How long the first frame may take.
const FIRST: Duration = Duration::from_secs(5);
/// How often a ping is sent.
const PING: Duration = Duration::from_secs(20);
/// How long a page may say nothing at all.
const IDLE: Duration = Duration::from_secs(60);
/// How long a page may take to read one frame: a snapshot over a slow line takes a while.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the other side may take to close too.
const PARTING: Duration = Duration::from_secs(2);

/// How a connection ends.
enum End {
    /// The page is gone.
    Gone,
    /// We end it.
    Shut(Shut),
}

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// Serves one connection until its end.
pub(crate) async fn serve(doors: Doors, socket: WebSocket, collab: CollabId, _seat: Seat) {
    let (mut sink, mut stream) = socket.split();
    let first = tokio::select! {
        first = timeout(FIRST, next(&mut stream)) => first.unwrap_or(Err(End::Shut(Shut::Unauthenticated))),
        () = doors.stop.wait() => Err(End::Shut(Shut::Stopping)),
    };
    let end = match first.and_then(|text| admit(&text)) {
        Ok((id, ticket)) => {
            let outlet = doors.lines.open();
            let line = outlet.line;
            doors.inbox.put(Input::Opened { line, id, collab, ticket });
            let mut talk = Talk { doors: &doors, outlet, pace: Pace::new(Instant::now()) };
            let end = talk.run(&mut sink, &mut stream).await;
            doors.lines.remove(line);
            doors.inbox.put(Input::Closed { line });
            end
        }
        Err(end) => end,
    };
    if let End::Shut(why) = end {
        let frame = CloseFrame { code: why.code(), reason: Utf8Bytes::from_static("") };
        // One who reads slowly still learns why, if they read on in time.
        let said = timeout(PARTING, sink.send(Message::Close(Some(frame)))).await;
        if matches!(said, Ok(Ok(()))) {
            // What still comes is read: a socket closed over unread bytes takes the close frame with it.
            let _ = timeout(PARTING, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
    }
}

/// The first frame: its id and the ticket.
fn admit(text: &str) -> Result<(Option<String>, ngcc_proto::collab::Ticket), End> {
    if text.len() > LARGEST_FIRST {
        return Err(End::Shut(Shut::Protocol));
    }
    let frame = Frame::read(text).ok_or(End::Shut(Shut::Protocol))?;
    let ticket = frame.ticket().ok_or(End::Shut(Shut::Unauthenticated))?;
    Ok((frame.id, ticket))
}

/// The next text frame.
async fn next(stream: &mut Stream) -> Result<String, End> {
    loop {
        if let Came::Text(text) = came(stream.next().await)? {
            return Ok(text.as_str().to_owned());
        }
    }
}

/// What came.
enum Came {
    /// A frame.
    Text(Utf8Bytes),
    /// A sign of life.
    Life,
}

fn came(message: Option<Result<Message, axum::Error>>) -> Result<Came, End> {
    match message {
        Some(Ok(Message::Text(text))) if text.len() <= LARGEST => Ok(Came::Text(text)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Came::Life),
        Some(Ok(Message::Text(_) | Message::Binary(_))) => Err(End::Shut(Shut::Protocol)),
        Some(Ok(Message::Close(_))) | None => Err(End::Gone),
        // Either it broke the protocol or it is gone: then nobody reads the code.
        Some(Err(_)) => Err(End::Shut(Shut::Protocol)),
    }
}

/// A connection that has shown a ticket.
struct Talk<'a> {
    doors: &'a Doors,
    outlet: Outlet,
    pace: Pace,
}

impl Talk<'_> {
    async fn run(&mut self, sink: &mut Sink, stream: &mut Stream) -> End {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let step = tokio::select! {
                why = self.outlet.forced() => Err(End::Shut(why)),
                () = self.doors.stop.wait() => Err(End::Shut(Shut::Stopping)),
                next = self.outlet.next() => match next {
                    Next::Frame(text) => self.send(sink, Message::Text(text.into())).await,
                    Next::Close(why) => Err(End::Shut(why)),
                },
                message = stream.next() => {
                    heard = Instant::now();
                    match came(message) {
                        Ok(came) => self.heard(sink, came, heard).await,
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

    async fn send(&self, sink: &mut Sink, message: Message) -> Result<(), End> {
        tokio::select! {
            sent = timeout(PATIENCE, sink.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Shut(Shut::Overrun)),
            },
            why = self.outlet.forced() => Err(End::Shut(why)),
        }
    }

    async fn heard(&mut self, sink: &mut Sink, came: Came, now: Instant) -> Result<(), End> {
        let text = match came {
            Came::Text(text) => text,
            Came::Life => {
                return if self.pace.may(0, now) { Ok(()) } else { Err(End::Shut(Shut::Overrun)) };
            }
        };
        if !self.pace.may(text.len(), now) {
            return Err(End::Shut(Shut::Overrun));
        }
        let frame = Frame::read(&text).ok_or(End::Shut(Shut::Protocol))?;
        let id = frame.id.clone();
        match frame.ask() {
            Ok(ask) => {
                self.doors.inbox.put(Input::Frame { line: self.outlet.line, id, ask });
                Ok(())
            }
            Err(wrong) => {
                let text = wire::write(id.as_deref(), &Tell::Wrong(wrong));
                self.send(sink, Message::Text(text.into())).await
            }
        }
    }
}
