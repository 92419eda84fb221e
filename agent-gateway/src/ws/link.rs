//! One connection that is signed in: frames in and out, pings, idleness, limits.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use ngcc_proto::{Mono, Wall};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Close;
use crate::frame::{self, Raw};
use crate::gate::Gate;
use crate::hub::{Out, Seen};
use crate::problem::Problem;
use crate::rate::{Bucket, Rate};
use crate::ticket::Holder;

/// How often what is due is looked for.
const TICK: Duration = Duration::from_secs(1);
/// How often a ping is sent.
const PING: Duration = Duration::from_secs(20);
/// How long nothing may come.
const IDLE: Duration = Duration::from_secs(60);
/// How often the sign-in is asked for anew.
const RECHECK: Duration = Duration::from_secs(60);
/// How long the system may hold a frame back.
const WRITE: Duration = Duration::from_secs(15);
/// Frames of one page.
const FRAMES: Rate = Rate { burst: 200, per: Duration::from_secs(10) };

/// What speaks for one connection.
pub(super) trait Client {
    /// A frame of the page.
    fn frame(&mut self, raw: Raw) -> Option<Utf8Bytes>;
    /// Something for the page.
    fn told(&mut self, out: Out) -> Vec<Utf8Bytes>;
    /// Time has passed.
    fn tick(&mut self, now: Mono) -> Vec<Utf8Bytes>;
}

/// A connection.
pub(super) struct Link<'a> {
    /// What all share.
    pub(super) gate: &'a Arc<Gate>,
    /// The connection.
    pub(super) socket: &'a mut WebSocket,
    /// Its end at the hub.
    pub(super) seen: Seen,
    /// Who it is.
    pub(super) holder: Holder,
}

/// When what was last.
struct Times {
    heard: Mono,
    pinged: Mono,
    checked: Mono,
    frames: Bucket,
}

impl Link<'_> {
    /// Sends `first`, and then serves until the connection ends.
    pub(super) async fn run(&mut self, first: Vec<Utf8Bytes>, client: &mut impl Client) -> Close {
        match self.live(first, client).await {
            Ok(never) => match never {},
            Err(close) => close,
        }
    }

    async fn live(
        &mut self,
        first: Vec<Utf8Bytes>,
        client: &mut impl Client,
    ) -> Result<std::convert::Infallible, Close> {
        self.put_all(first).await?;
        let now = self.gate.desk.now().mono;
        let mut times = Times { heard: now, pinged: now, checked: now, frames: Bucket::default() };
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let answers = tokio::select! {
                biased;
                () = self.gate.stop.wait() => return Err(Close::Stopping),
                close = closed(&mut self.seen.close) => return Err(close),
                Some(out) = self.seen.queue.recv() => client.told(out),
                message = self.socket.recv() => {
                    self.heard(message, &mut times)?.and_then(|raw| client.frame(raw)).into_iter().collect()
                }
                _ = ticks.tick() => {
                    self.due(&mut times).await?;
                    client.tick(self.gate.desk.now().mono)
                }
            };
            self.put_all(answers).await?;
        }
    }

    /// A frame, if what came is one.
    fn heard(
        &self,
        message: Option<Result<Message, axum::Error>>,
        times: &mut Times,
    ) -> Result<Option<Raw>, Close> {
        let now = self.gate.desk.now().mono;
        times.heard = now;
        match message {
            None | Some(Ok(Message::Close(_))) => Err(Close::Gone),
            Some(Err(_) | Ok(Message::Binary(_))) => Err(Close::NotProtocol),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Text(text))) => {
                times.frames.take(FRAMES, now).map_err(|_| Close::Slow)?;
                frame::read(&text).map(Some).ok_or(Close::NotProtocol)
            }
        }
    }

    /// Pings, ends what is idle, and asks whether the sign-in still holds.
    async fn due(&mut self, times: &mut Times) -> Result<(), Close> {
        let now = self.gate.desk.now();
        if now.mono.since(times.heard) >= IDLE {
            return Err(Close::Gone);
        }
        if expired(self.holder.grant.until, now.wall) {
            return Err(Close::SignedOut);
        }
        if now.mono.since(times.checked) >= RECHECK {
            times.checked = now.mono;
            self.recheck();
        }
        if now.mono.since(times.pinged) >= PING {
            times.pinged = now.mono;
            self.put(Message::Ping(Bytes::new())).await?;
        }
        Ok(())
    }

    /// Beside the connection, so that a slow data centre holds nothing back.
    fn recheck(&self) {
        let (gate, sign_in) = (Arc::clone(self.gate), self.holder.sign_in);
        tokio::spawn(async move {
            if gate.resume(sign_in).await == Err(Problem::not_signed_in()) {
                gate.hub.end(&sign_in);
            }
        });
    }

    async fn put_all(&mut self, texts: Vec<Utf8Bytes>) -> Result<(), Close> {
        for text in texts {
            self.put(Message::Text(text)).await?;
        }
        Ok(())
    }

    /// Writes, unless the page is to be closed meanwhile or does not read.
    async fn put(&mut self, message: Message) -> Result<(), Close> {
        tokio::select! {
            biased;
            sent = timeout(WRITE, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Close::Gone),
                Err(_) => Err(Close::Slow),
            },
            close = closed(&mut self.seen.close) => Err(close),
        }
    }
}

fn expired(until: Wall, now: Wall) -> bool {
    now >= until
}

/// Returns when the hub wishes the connection closed.
async fn closed(close: &mut watch::Receiver<Option<Close>>) -> Close {
    match close.wait_for(Option::is_some).await {
        Ok(close) => close.unwrap_or(Close::Gone),
        // The hub has taken the page out: another one is there, or it is closed already.
        Err(_) => Close::Replaced,
    }
}
