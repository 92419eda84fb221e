//! A browser's connection on one leg's socket, without IO of its own: ICE-lite finds it, DTLS proves who it is, SRTP
//! carries its packets. It runs on the worker thread that has the socket: no task, lock or channel lies in a packet's way.
//! Nothing outside this module knows the WebRTC crate.

mod dtls;
mod ice;
mod opus;
mod srtp;

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::BytesMut;
use ngcc_ivr_core::media::Channel;
use ngcc_ivr_core::worker::{Connect, IceKeys};
use ngcc_proto::Mono;
use thiserror::Error;

use dtls::{Dtls, Shaken};
use ice::Ice;
use opus::Transcoder;
use srtp::Srtp;

pub(super) use dtls::Identity;

/// Why a connection cannot be made or goes wrong.
#[derive(Debug, Error)]
#[error("browser connection: {0}")]
pub struct PeerError(String);

impl From<rtc::shared::error::Error> for PeerError {
    fn from(error: rtc::shared::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<rtc::crypto::CryptoError> for PeerError {
    fn from(error: rtc::crypto::CryptoError) -> Self {
        Self(error.to_string())
    }
}

/// See the module.
pub(super) struct Peer {
    ice: Ice,
    dtls: Dtls,
    srtp: Option<Srtp>,
    /// Of a browser that speaks Opus alone.
    transcoder: Option<Transcoder>,
    stage: Stage,
    began: Mono,
    /// When something came last that only this browser can have sent.
    alive: Mono,
    out: VecDeque<(SocketAddr, BytesMut)>,
    news: VecDeque<News>,
}

/// What came in a datagram.
pub(super) enum Received {
    /// Nothing for the conference.
    Nothing,
    /// An RTP packet.
    Rtp(BytesMut),
    /// An RTCP packet.
    Rtcp(BytesMut),
}

/// What happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It stands.
    Up,
    /// It is gone; one that was silent may be `Up` again.
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not proved yet.
    Shaking,
    Up,
    /// Proved, but nothing has come for a while.
    Silent,
    /// Refused, left or failed: it does not come back.
    Over,
}

/// How long a browser may take to come and prove itself.
const SHAKING_US: u64 = 20_000_000;
/// After how much silence a browser is gone. It checks at least every 2.5 s (RFC 7675 section 5.1), so two checks and
/// everything else have to be lost for it.
const SILENCE_US: u64 = 6_000_000;
/// How often the handshake's timers are looked at, and a standing connection's silence.
const SHAKING_CARE_US: u64 = 100_000;
const CARE_US: u64 = 1_000_000;

impl Peer {
    /// A connection that waits for its browser.
    ///
    /// # Errors
    /// When the DTLS side cannot be made.
    pub(super) fn new(identity: &Identity, connect: Connect, now: Mono) -> Result<Self, PeerError> {
        let Connect { ours, theirs, fingerprints, active, opus } = connect;
        Ok(Self {
            ice: Ice::new(ours, theirs, identity.provider()),
            dtls: Dtls::new(identity, fingerprints, active)?,
            srtp: None,
            transcoder: opus.map(Transcoder::new).transpose()?,
            stage: Stage::Shaking,
            began: now,
            alive: now,
            out: VecDeque::new(),
            news: VecDeque::new(),
        })
    }

    /// The browser has restarted ICE.
    pub(super) fn restart(&mut self, ours: IceKeys, theirs: String) {
        self.ice.restart(ours, theirs);
    }

    /// Takes a datagram (RFC 7983). What is to be sent or told for it lies in [`Peer::next_datagram`] and [`Peer::news`].
    pub(super) fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Mono) -> Received {
        match datagram.first() {
            Some(0..=3) => {
                if let Some(reply) = self.ice.check(from, datagram) {
                    self.out.push_back((from, reply));
                    self.lives(now);
                    let sent = self.dtls.begin();
                    self.shake(sent, now);
                }
            }
            Some(20..=63) if self.ice.knows(from) && self.stage != Stage::Over => {
                let read = self.dtls.read(datagram);
                self.shake(read, now);
            }
            Some(128..=191) if self.ice.knows(from) => return self.packet(datagram, now),
            Some(_) | None => {}
        }
        Received::Nothing
    }

    /// Gives `send` an RTP or RTCP packet for the browser as it goes on the wire; nothing while there is no connection.
    pub(super) fn protect(
        &mut self,
        channel: Channel,
        packet: &[u8],
        mut send: impl FnMut(&[u8], SocketAddr),
    ) {
        let (Some(to), Some(srtp)) = (self.ice.chosen(), &mut self.srtp) else { return };
        if self.stage != Stage::Up {
            return;
        }
        let mut one = |packet: &[u8]| {
            if let Some(protected) = srtp.protect(channel, packet) {
                send(&protected, to);
            }
        };
        match &mut self.transcoder {
            Some(transcoder) => transcoder.said(channel, packet).iter().for_each(|packet| one(packet)),
            None => one(packet),
        }
    }

    /// Whether there is something to send or to tell.
    pub(super) fn wants_attention(&self) -> bool {
        !(self.out.is_empty() && self.news.is_empty())
    }

    /// The next datagram to send.
    pub(super) fn next_datagram(&mut self) -> Option<(SocketAddr, BytesMut)> {
        self.out.pop_front()
    }

    /// What happened.
    pub(super) fn news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// Does what is due; when to come again.
    pub(super) fn care(&mut self, now: Mono) -> Option<Mono> {
        match self.stage {
            Stage::Shaking if now.0.saturating_sub(self.began.0) >= SHAKING_US => self.end(),
            Stage::Shaking => {
                let timed = self.dtls.time();
                self.shake(timed, now);
            }
            Stage::Up if now.0.saturating_sub(self.alive.0) >= SILENCE_US => {
                self.stage = Stage::Silent;
                self.news.push_back(News::Lost);
            }
            Stage::Up | Stage::Silent | Stage::Over => {}
        }
        let pause = match self.stage {
            Stage::Shaking => SHAKING_CARE_US,
            Stage::Up => CARE_US,
            Stage::Silent | Stage::Over => return None,
        };
        Some(Mono(now.0 + pause))
    }

    /// Takes leave of the browser.
    pub(super) fn close(&mut self) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            let farewell = self.dtls.close();
            self.post(farewell);
        }
    }

    fn packet(&mut self, datagram: &[u8], now: Mono) -> Received {
        let Some(srtp) = self.srtp.as_mut().filter(|_| self.stage != Stage::Over) else {
            return Received::Nothing;
        };
        // RFC 5761 section 4: the packet types of RTCP are no payload types.
        let control = datagram.get(1).is_some_and(|kind| (192..=223).contains(kind));
        let channel = if control { Channel::Rtcp } else { Channel::Rtp };
        let Some(packet) = srtp.unprotect(channel, datagram) else { return Received::Nothing };
        self.lives(now);
        match &mut self.transcoder {
            _ if control => Received::Rtcp(packet),
            Some(transcoder) => transcoder.heard(packet).map_or(Received::Nothing, Received::Rtp),
            None => Received::Rtp(packet),
        }
    }

    fn lives(&mut self, now: Mono) {
        self.alive = now;
        if self.stage == Stage::Silent {
            self.stage = Stage::Up;
            self.news.push_back(News::Up);
        }
    }

    /// Goes on with what the handshake says.
    fn shake(&mut self, (sent, shaken): (Vec<BytesMut>, Shaken), now: Mono) {
        self.post(sent);
        match shaken {
            Shaken::Waits => {}
            Shaken::Done(srtp) => {
                self.srtp = Some(*srtp);
                if self.stage == Stage::Shaking {
                    (self.stage, self.alive) = (Stage::Up, now);
                    self.news.push_back(News::Up);
                }
            }
            Shaken::Refused(why) => {
                tracing::warn!(why, "a browser could not prove who it is");
                self.end();
            }
            Shaken::Left => self.end(),
        }
    }

    fn end(&mut self) {
        if self.stage != Stage::Over {
            let told = self.stage == Stage::Silent;
            (self.stage, self.srtp) = (Stage::Over, None);
            if !told {
                self.news.push_back(News::Lost);
            }
        }
    }

    fn post(&mut self, datagrams: Vec<BytesMut>) {
        // Before the first check nobody is there to send to: the handshake is repeated.
        let Some(to) = self.ice.chosen() else { return };
        self.out.extend(datagrams.into_iter().map(|datagram| (to, datagram)));
    }
}
