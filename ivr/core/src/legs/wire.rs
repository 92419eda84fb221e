//! One leg's side of offer and answer, and the stream that came of it.

use std::net::SocketAddr;

use ngcc_proto::Mono;
use ngcc_proto::access::Cause;
use ngcc_proto::sdp::{Direction, Sdp};
use ngcc_proto::{Now, Secret};

use crate::out::Out;
use crate::sdp::web::{self, Browser, Ours};
use crate::sdp::{self, Agreed, Local};
use crate::worker::{Connect, IceKeys, Stream, VideoCodec, VideoStream};

/// Packets a stream jumps ahead after a restart: more than can have left since the last record (20 s).
const JUMP: u64 = 1000;
/// Microseconds and samples in a packet.
const PACKET_US: u64 = 20_000;
const PACKET_SAMPLES: u64 = 160;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// The advertised address of the RTP port.
    pub(super) address: SocketAddr,
    /// The session id of our descriptions.
    pub(super) id: u64,
    /// What we last described.
    pub(super) ours: Sdp,
    /// None before the remote answer to our offer.
    pub(super) stream: Option<Stream>,
    /// When sequence numbers and timestamps were what the stream says.
    pub(super) since: Mono,
    /// The browser's connection; none on a phone's leg, and after a restart until the browser is back.
    pub(super) web: Option<Web>,
}

/// A browser's connection.
#[derive(Clone, Debug)]
pub(super) struct Web {
    browser: Browser,
    keys: IceKeys,
}

/// What an answer to a browser needs beside its offer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Means<'a> {
    /// SHA-256 of our certificate; none where browsers are not served.
    pub(super) fingerprint: Option<&'a str>,
    /// The picture codecs that its conference can use.
    pub(super) codecs: &'a [VideoCodec],
}

/// What the workers have to do for a browser's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing: the connection stays, or there is none.
    Same,
    /// The connection goes on under other credentials.
    Restarted { ours: IceKeys, theirs: String },
    /// Another connection takes the leg over.
    New(Box<Connect>),
}

impl Wire {
    /// Answers the remote offer, or makes one of ours.
    pub(super) fn begin(
        address: SocketAddr,
        offer: Option<&Sdp>,
        means: Means<'_>,
        now: Now,
        out: &mut Out,
    ) -> Result<(Self, Link), Cause> {
        if let Some(offer) = offer.filter(|offer| web::is_web(offer)) {
            let id = out.random() >> 33;
            let local = Local { ip: address.ip(), port: address.port(), id, version: 1 };
            let ours = sdp::offer(&local);
            let mut wire = Self { address, id, ours, stream: None, since: now.mono, web: None };
            let link = wire.answer_browser(offer, means, now, out)?;
            wire.ours.version = 1;
            return Ok((wire, link));
        }
        // Some phones read these numbers into 32 bits.
        let id = out.random() >> 33;
        let local = Local { ip: address.ip(), port: address.port(), id, version: 1 };
        let (ours, agreed) = match offer {
            Some(offer) => sdp::answer(offer, &local).map(|(ours, agreed)| (ours, Some(agreed)))?,
            None => (sdp::offer(&local), None),
        };
        let mut wire = Self { address, id, ours, stream: None, since: now.mono, web: None };
        if let Some(agreed) = agreed {
            wire.agree(&agreed, now, out);
        }
        Ok((wire, Link::Same))
    }

    /// The stream is now what was agreed. Its SSRC and counting stay.
    pub(super) fn agree(&mut self, agreed: &Agreed, now: Now, out: &mut Out) {
        let (ssrc, seq, timestamp) = self.counting(now, out);
        self.stream = Some(agreed.stream(ssrc, seq, timestamp));
    }

    /// The answer to a new remote offer, and what it means for the connection; the cause if there is none.
    pub(super) fn reanswer(
        &mut self,
        offer: &Sdp,
        means: Means<'_>,
        now: Now,
        out: &mut Out,
    ) -> Result<(Sdp, Link), Cause> {
        if self.is_web() != web::is_web(offer) {
            return Err(Cause::NotAcceptable);
        }
        if self.is_web() {
            let link = self.answer_browser(offer, means, now, out)?;
            return Ok((self.ours.clone(), link));
        }
        let (ours, agreed) = sdp::reanswer(offer, &self.local(), &self.ours)?;
        self.ours = ours.clone();
        self.agree(&agreed, now, out);
        Ok((ours, Link::Same))
    }

    /// A new offer of ours: what we can do, not what was last agreed. None to a browser, which always offers itself.
    pub(super) fn reoffer(&mut self) -> Option<Sdp> {
        if self.is_web() {
            return None;
        }
        self.ours = sdp::reoffer(&self.local(), &self.ours);
        Some(self.ours.clone())
    }

    /// The picture codec that was agreed.
    pub(super) fn video(&self) -> Option<VideoCodec> {
        Some(self.stream.as_ref()?.video.as_ref()?.codec)
    }

    /// Answers a browser. The same peer connection goes on, under new credentials if it says so; any other takes over.
    fn answer_browser(
        &mut self,
        offer: &Sdp,
        means: Means<'_>,
        now: Now,
        out: &mut Out,
    ) -> Result<Link, Cause> {
        let fingerprint = means.fingerprint.ok_or(Cause::NotAcceptable)?;
        let browser = web::browser(offer)?;
        let known = self.web.as_ref().filter(|web| {
            let Browser { session, fingerprints, passive, .. } = &web.browser;
            (*session, fingerprints, *passive) == (browser.session, &browser.fingerprints, browser.passive)
        });
        let (known, same) = (known.is_some(), known.is_some_and(|web| web.browser.ufrag == browser.ufrag));
        let keys = match &self.web {
            Some(web) if same => web.keys.clone(),
            Some(_) | None => draw_keys(out),
        };
        let (ssrc, seq, timestamp) = self.counting(now, out);
        let before = self.stream.as_ref().and_then(|stream| stream.video.as_ref());
        let video = before.map_or_else(|| out.random() as u32, |video| video.ssrc);
        let ours = Ours { keys: &keys, fingerprint, ssrc, video: Some((video, means.codecs)) };
        let answer = web::answer(offer, &browser, &self.local(), &ours)?;
        let mut stream = answer.agreed.stream(ssrc, seq, timestamp);
        stream.web = true;
        stream.video = answer.pictures.map(|pictures| VideoStream {
            codec: pictures.codec,
            payload_type: pictures.payload_type,
            send: matches!(pictures.direction, Direction::SendRecv | Direction::SendOnly),
            receive: matches!(pictures.direction, Direction::SendRecv | Direction::RecvOnly),
            ssrc: video,
        });
        self.ours = sdp::revised(&self.ours, answer.sdp);
        self.stream = Some(stream);
        let (ours, theirs) = (keys.clone(), browser.ufrag.clone());
        let link = match (same, known) {
            (true, _) => Link::Same,
            (false, true) => Link::Restarted { ours, theirs },
            (false, false) => {
                let (fingerprints, active) = (browser.fingerprints.clone(), browser.passive);
                let opus = answer.opus.then_some(answer.agreed.payload_type);
                Link::New(Box::new(Connect { ours, theirs, fingerprints, active, opus }))
            }
        };
        self.web = Some(Web { browser, keys });
        Ok(link)
    }

    /// Our SSRC, first sequence number and timestamp: drawn once.
    fn counting(&mut self, now: Now, out: &mut Out) -> (u32, u16, u32) {
        if let Some(stream) = &self.stream {
            return (stream.ssrc, stream.seq, stream.timestamp);
        }
        self.since = now.mono;
        let random = out.random();
        // The three parts of one draw. A first sequence number in the lower half keeps off its wrap.
        (random as u32, (random >> 32) as u16 & 0x7FFF, (random >> 24) as u32)
    }

    fn is_web(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.web)
    }

    /// Goes on after a restart: the same ports and SSRC, numbers that were not used before.
    pub(super) fn go_on(&mut self, now: Now) {
        let Some(stream) = &mut self.stream else { return };
        let packets =
            u64::try_from(now.mono.since(self.since).as_micros()).unwrap_or(u64::MAX) / PACKET_US + JUMP;
        // Both wrap, as RFC 3550 has it.
        stream.seq = stream.seq.wrapping_add(packets as u16);
        stream.timestamp = stream.timestamp.wrapping_add((packets.wrapping_mul(PACKET_SAMPLES)) as u32);
        self.since = now.mono;
    }

    fn local(&self) -> Local {
        Local { ip: self.address.ip(), port: self.address.port(), id: self.id, version: self.ours.version }
    }
}

/// Fresh credentials: 32 bits of user fragment, 128 of password (RFC 8445 section 5.3 asks for 24 and 128).
fn draw_keys(out: &mut Out) -> IceKeys {
    let ufrag = format!("{:08x}", out.random() as u32);
    let password = Secret::new(format!("{:016x}{:016x}", out.random(), out.random()));
    IceKeys { ufrag, password }
}
