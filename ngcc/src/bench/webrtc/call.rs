//! A call of a browser to the echo: its socket for signalling (docs/websockets.md) and its peer connection.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::peer::{Heard, Peer};
use crate::bench::web::{self, Page};

/// The number that echoes.
const ECHO: &str = "1002";

/// A call that is up.
pub(super) struct Call {
    page: Page,
    leg: Value,
    peer: Peer,
    /// Since when it is heard.
    pub(super) up: Instant,
    /// From the offer until the peer connection stood.
    pub(super) connected: Duration,
    /// From the offer until the first packet came.
    pub(super) heard: Duration,
}

impl Call {
    /// Calls the echo as the `n`th customer, and returns when it is heard.
    ///
    /// # Errors
    /// The centre refuses something, or takes too long.
    pub(super) async fn open(n: usize, to: SocketAddr) -> io::Result<Self> {
        let mut chat = web::visitor(n, to, ECHO).await?;
        chat.send("rtc.token", None, json!({})).await?;
        let token = chat.expect("rtc.token").await?;
        let mut page = Page::open(web::home(n), to, "/ws/rtc", token.data).await?;
        let mut peer = Peer::open().await?;
        let began = Instant::now();
        page.send("leg.offer", None, json!({ "sdp": peer.offer()?, "entry": ECHO })).await?;
        let answer = page.expect("leg.answer").await?;
        peer.answered(answer.data["sdp"].as_str().unwrap_or_default())?;
        let leg = answer.data["leg"].clone();
        let none = Duration::ZERO;
        let mut call = Self { page, leg, peer, up: began, connected: none, heard: none };
        call.run(web::PATIENCE, |peer| peer.is_connected()).await?;
        call.connected = began.elapsed();
        call.run(web::PATIENCE, |peer| peer.count.came > 0).await?;
        call.heard = began.elapsed();
        call.up = Instant::now();
        Ok(call)
    }

    /// Talks until `enough`.
    async fn run(&mut self, most: Duration, enough: impl Fn(&Peer) -> bool) -> io::Result<()> {
        let until = Instant::now() + most;
        while !enough(&self.peer) {
            if Instant::now() >= until {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.step().await?;
        }
        Ok(())
    }

    /// Talks for that long.
    ///
    /// # Errors
    /// The call ends.
    pub(super) async fn talk(&mut self, load: Duration) -> io::Result<()> {
        self.until(tokio::time::sleep(load)).await
    }

    /// Talks until something has happened.
    ///
    /// # Errors
    /// The call ends.
    pub(super) async fn until(&mut self, over: impl Future<Output = ()>) -> io::Result<()> {
        let mut over = std::pin::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return Ok(()),
                stepped = self.step() => stepped?,
            }
        }
    }

    /// What comes next. Safe to drop half-way.
    async fn step(&mut self) -> io::Result<()> {
        tokio::select! {
            stepped = self.peer.step() => stepped,
            text = self.page.text() => {
                if text?.contains("\"leg.bye\"") {
                    return Err(io::Error::other("the centre hung up"));
                }
                Ok(())
            }
        }
    }

    /// What was said and heard since it was asked last.
    pub(super) fn take(&mut self) -> Heard {
        std::mem::take(&mut self.peer.count)
    }

    /// Hangs up, and waits until the centre says so.
    ///
    /// # Errors
    /// It does not.
    pub(super) async fn end(mut self) -> io::Result<()> {
        self.page.send("leg.bye", None, json!({ "leg": self.leg })).await?;
        self.page.until(|frame| frame.kind == "leg.bye").await?;
        self.peer.close()
    }
}
